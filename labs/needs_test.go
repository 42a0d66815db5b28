package labs

import (
	"slices"
	"testing"

	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/picture"
)

// TestCapabilities compares what a lab may ask for with what engines know. The program's packages may not import in
// this direction; the test may.
func TestCapabilities(t *testing.T) {
	offered := []engine.Capability{
		engine.Docker, engine.NodeJS, engine.Registry, engine.Cluster, engine.LoadBalancer, engine.TwoNodes,
		engine.Compose, engine.Storage, engine.ControlPlane,
	}
	for _, c := range offered {
		if !slices.Contains(capabilities(), string(c)) {
			t.Errorf("no lab can need %q", c)
		}
	}
	if got := len(capabilities()); got != len(offered) {
		t.Errorf("labs can need %d things, engines offer %d", got, len(offered))
	}
}

// TestPictures compares the pictures that a step may ask for with those that there are.
func TestPictures(t *testing.T) {
	var drawn []string
	for _, kind := range picture.Kinds() {
		drawn = append(drawn, string(kind))
	}
	if !slices.Equal(drawn, pictures()) {
		t.Errorf("steps can ask for %v, there are %v", pictures(), drawn)
	}
}
