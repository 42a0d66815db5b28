package kind

import (
	"slices"
	"strings"
	"testing"

	"github.com/kubelab/kubelab/runner/engine"
)

// TestNeeds: what a lab needs brings up what that is built on, and nothing else.
func TestNeeds(t *testing.T) {
	for need, want := range map[engine.Capability]string{
		engine.Docker:       "docker files busybox-image",
		engine.NodeJS:       "docker files node-image",
		engine.Compose:      "docker files compose",
		engine.Registry:     "docker files registry-image registry",
		engine.Storage:      "docker files network cluster-image cluster storage",
		engine.Cluster:      "docker files busybox-image node-image registry-image registry network node-registry seed cluster-image cluster nodes",
		engine.TwoNodes:     "docker files busybox-image node-image registry-image registry network node-registry seed cluster-image cluster nodes",
		engine.ControlPlane: "docker files busybox-image node-image registry-image registry network node-registry seed cluster-image cluster nodes",
		engine.LoadBalancer: "docker files busybox-image node-image registry-image registry network node-registry seed cluster-image cluster nodes loadbalancer",
	} {
		e := engineOf(t, need)
		var got []string
		for _, s := range e.steps() {
			if e.does(s.Name) {
				got = append(got, s.Name)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", need, got, want)
		}
	}
	if _, err := New(Config{StateDir: t.TempDir(), Images: localImages{}, Needs: []engine.Capability{"nothing"}}); err == nil {
		t.Error("New() = nil although nothing gives what is needed")
	}
}

// TestStepsKnowOneAnother: a step that is behind one of a name that no step has would not wait.
func TestStepsKnowOneAnother(t *testing.T) {
	steps := newEngine(t).steps()
	var seen []string
	for _, s := range steps {
		for _, name := range slices.Concat(s.After, s.Behind) {
			if !slices.Contains(seen, name) {
				t.Errorf("%s waits for %s, which is not above it", s.Name, name)
			}
		}
		seen = append(seen, s.Name)
	}
	for _, name := range []string{registryStep, nodeRegistryStep, clusterStep, loadBalancerStep} {
		if !slices.Contains(seen, name) {
			t.Errorf("no step is named %s", name)
		}
	}
}

func TestWhatIsLacking(t *testing.T) {
	steps := newEngine(t).steps()
	news := upNews{gained: map[engine.Capability]bool{}, said: map[string]string{}}
	news.add(engine.Progress{Step: "nodes", Detail: "워커 노드 1개"})
	news.add(engine.Progress{Step: "nodes", Status: engine.Done, Gained: []engine.Capability{engine.Cluster}})
	if err := news.lacking(steps, nil); err != nil {
		t.Errorf("lacking() = %v although nothing was asked for", err)
	}
	if err := news.lacking(steps, []engine.Capability{engine.Cluster}); err != nil {
		t.Errorf("lacking() = %v although it was gained", err)
	}
	err := news.lacking(steps, []engine.Capability{engine.Cluster, engine.TwoNodes})
	if err == nil || !strings.Contains(err.Error(), "nodes>=2") || !strings.Contains(err.Error(), "워커 노드 1개") {
		t.Errorf("lacking() = %v, want what is lacking and why", err)
	}
}
