package observe

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/runner/engine"
)

func kubeConfig(path string) Config { return Config{Env: &engine.Environment{Kubeconfig: path}} }

// pod returns the object with a name in its metadata.
func pod(objects []checks.Object, name string) checks.Object {
	return find(objects, name, "metadata", "name")
}

func TestKubeFollowsObjects(t *testing.T) {
	api := newFakeAPI(t)
	path := filepath.Join(t.TempDir(), "kubeconfig")
	api.kubeconfig(t, path)
	api.set("pods", "old", "uid-old", checks.Object{"spec": checks.Object{"priority": 7, "ratio": 0.5, "nothing": nil}})
	o := observing(t, kubeConfig(path), watchesOf("pods")...)
	old := pod(o.Snapshot().State("pods").Items, "old")
	if checks.Field(old, "spec", "priority") != int64(7) || checks.Field(old, "spec", "ratio") != 0.5 {
		t.Errorf("numbers are %v", checks.Field(old, "spec"))
	}
	if _, there := checks.Field(old, "spec").(checks.Object)["nothing"]; there {
		t.Error("a null was kept")
	}
	api.set("pods", "new", "uid-new", checks.Object{"status": checks.Object{"phase": "Pending"}})
	until(t, o, "pods", "added", func(s checks.State) bool { return pod(s.Items, "new") != nil })
	api.set("pods", "new", "uid-new", checks.Object{"status": checks.Object{"phase": "Running"}})
	state := until(t, o, "pods", "changed", func(s checks.State) bool {
		return checks.Text(pod(s.Items, "new"), "status", "phase") == "Running"
	})
	if len(state.Items) != 2 || checks.Text(state.Items[0], "metadata", "name") != "old" {
		t.Errorf("the oldest is not first: %v", state.Items)
	}
	api.delete("pods", "new")
	gone := until(t, o, "pods", "deleted", func(s checks.State) bool { return pod(s.Items, "new") == nil })
	if last := pod(gone.Removed, "new"); checks.Text(last, "status", "phase") != "Running" {
		t.Errorf("removed as %v", last)
	}
}

func TestKubeWaitsForTheCluster(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kubeconfig")
	o := New(kubeConfig(path))
	defer o.Close()
	o.Observe(t.Context(), watchesOf("pods"))
	until(t, o, "pods", "said that there is none", func(s checks.State) bool { return strings.Contains(s.Err, "클러스터가 아직 없습니다") })

	api := newFakeAPI(t)
	api.stop()
	api.kubeconfig(t, path)
	until(t, o, "pods", "said that it is down", func(s checks.State) bool { return strings.Contains(s.Err, "연결할 수 없습니다") })

	api.denied = true
	api.start(t)
	until(t, o, "pods", "said that it refuses", func(s checks.State) bool { return strings.Contains(s.Err, "거부") })

	api.mu.Lock()
	api.denied = false
	api.mu.Unlock()
	api.set("pods", "p", "uid-p", nil)
	until(t, o, "pods", "came up", func(s checks.State) bool { return s.Synced && s.Err == "" && pod(s.Items, "p") != nil })
}

func TestKubeResumesAfterTheServerWasAway(t *testing.T) {
	for _, compacted := range []bool{false, true} {
		t.Run(map[bool]string{false: "with its history", true: "without its history"}[compacted], func(t *testing.T) {
			api := newFakeAPI(t)
			path := filepath.Join(t.TempDir(), "kubeconfig")
			api.kubeconfig(t, path)
			api.set("pods", "kept", "uid-kept", nil)
			api.set("pods", "deleted", "uid-deleted", nil)
			api.set("pods", "replaced", "uid-replaced-1", nil)
			o := observing(t, kubeConfig(path), watchesOf("pods")...)
			api.stop()
			away := until(t, o, "pods", "said that it is down", func(s checks.State) bool { return s.Err != "" })
			if !away.Synced || len(away.Items) != 3 {
				t.Errorf("what was seen last was forgotten: %+v", away)
			}
			api.delete("pods", "deleted")
			api.delete("pods", "replaced")
			api.set("pods", "replaced", "uid-replaced-2", nil)
			api.set("pods", "made", "uid-made", nil)
			if compacted {
				api.compact()
			}
			api.start(t)
			back := until(t, o, "pods", "came back", func(s checks.State) bool { return s.Err == "" && pod(s.Items, "made") != nil })
			if len(back.Items) != 3 || checks.Text(pod(back.Items, "kept"), "metadata", "uid") != "uid-kept" ||
				checks.Text(pod(back.Items, "replaced"), "metadata", "uid") != "uid-replaced-2" {
				t.Errorf("items are %v", back.Items)
			}
			if len(back.Removed) != 2 || pod(back.Removed, "deleted") == nil ||
				checks.Text(pod(back.Removed, "replaced"), "metadata", "uid") != "uid-replaced-1" {
				t.Errorf("removed are %v", back.Removed)
			}
		})
	}
}

func TestKubeWatchThatExpires(t *testing.T) {
	api := newFakeAPI(t)
	path := filepath.Join(t.TempDir(), "kubeconfig")
	api.kubeconfig(t, path)
	api.set("pods", "before", "uid-1", nil)
	o := observing(t, kubeConfig(path), watchesOf("pods")...)
	updates, cancel := o.Subscribe()
	defer cancel()
	api.delete("pods", "before")
	api.compact()
	api.server.CloseClientConnections()
	api.set("pods", "after", "uid-2", nil)
	state := until(t, o, "pods", "listed again", func(s checks.State) bool { return pod(s.Items, "after") != nil && pod(s.Items, "before") == nil })
	if pod(state.Removed, "before") == nil {
		t.Error("what was deleted is not among the removed")
	}
	<-updates
}

func TestKubeAnotherClusterDropsWhatIsStale(t *testing.T) {
	first := newFakeAPI(t)
	path := filepath.Join(t.TempDir(), "kubeconfig")
	first.kubeconfig(t, path)
	first.set("pods", "stale", "uid-stale", nil)
	first.set("pods", "gone", "uid-gone", nil)
	o := observing(t, kubeConfig(path), watchesOf("pods")...)
	first.delete("pods", "gone")
	until(t, o, "pods", "deleted", func(s checks.State) bool { return pod(s.Removed, "gone") != nil })

	first.stop()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	until(t, o, "pods", "said that there is no cluster", func(s checks.State) bool { return strings.Contains(s.Err, "아직 없습니다") })
	second := newFakeAPI(t)
	second.set("pods", "fresh", "uid-fresh", nil)
	second.kubeconfig(t, path)
	state := until(t, o, "pods", "listed the other cluster", func(s checks.State) bool { return pod(s.Items, "fresh") != nil })
	if len(state.Items) != 1 || len(state.Removed) != 0 || state.Err != "" {
		t.Errorf("of the old cluster there is left: %+v", state)
	}
	first.start(t) // so that its cleanup can stop it
}

func TestKubeconfigThatChangesKeepsTheObjectsOfTheCluster(t *testing.T) {
	api := newFakeAPI(t)
	path := filepath.Join(t.TempDir(), "kubeconfig")
	api.kubeconfig(t, path)
	api.set("pods", "gone", "uid-gone", nil)
	o := observing(t, kubeConfig(path), watchesOf("pods")...)
	api.delete("pods", "gone")
	before := until(t, o, "pods", "deleted", func(s checks.State) bool { return pod(s.Removed, "gone") != nil })
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	replaceFile(t, path, append(content, "# kubectl config set-context --current --namespace=lab\n"...))
	after := until(t, o, "pods", "connected anew", func(s checks.State) bool { return s.Version != before.Version })
	if after.Err != "" || pod(after.Removed, "gone") == nil {
		t.Errorf("it forgot: %+v", after)
	}
}

func TestKubeCustomResourceThatComesLater(t *testing.T) {
	api := newFakeAPI(t)
	path := filepath.Join(t.TempDir(), "kubeconfig")
	api.kubeconfig(t, path)
	o := New(kubeConfig(path))
	defer o.Close()
	o.Observe(t.Context(), watchesOf("widgets.example.com"))
	until(t, o, "widgets.example.com", "said that there is none", func(s checks.State) bool {
		return strings.Contains(s.Err, "widgets.example.com 리소스가 없습니다")
	})
	api.mu.Lock()
	api.widgets = true
	api.mu.Unlock()
	api.set("widgets", "w", "uid-w", nil)
	until(t, o, "widgets.example.com", "was listed", func(s checks.State) bool { return pod(s.Items, "w") != nil && s.Err == "" })
}
