package labs

import (
	"slices"
	"testing"

	"github.com/kubelab/kubelab/runner/engine"
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
