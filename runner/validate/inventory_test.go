package validate

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// described is an object of a resource, written in YAML.
func described(t *testing.T, resource, text string) Object {
	t.Helper()
	o := map[string]any{}
	if err := yaml.Unmarshal([]byte(text), &o); err != nil {
		t.Fatal(err)
	}
	return Object{schema.GroupVersionResource{Resource: resource}, &unstructured.Unstructured{Object: o}}
}

// TestEssence says what of an object must be as it was.
func TestEssence(t *testing.T) {
	for name, tt := range map[string]struct {
		resource, was, now string
		changed            string // the field, "-" for none
	}{
		"made again": {
			"storageclasses", "{metadata: {name: a, uid: u1, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z'}, provisioner: p}",
			"{metadata: {name: a, uid: u2, resourceVersion: '9', creationTimestamp: '2026-01-02T00:00:00Z'}, provisioner: p}", "-",
		},
		"another spec":         {"deployments", "{metadata: {name: a}, spec: {replicas: 1}}", "{metadata: {name: a}, spec: {replicas: 2}}", "spec.replicas"},
		"another status":       {"deployments", "{metadata: {name: a}, status: {replicas: 1}}", "{metadata: {name: a}, status: {replicas: 2}}", "-"},
		"another label":        {"namespaces", "{metadata: {name: a}}", "{metadata: {name: a, labels: {x: one}}}", "labels"},
		"another annotation":   {"namespaces", "{metadata: {name: a, annotations: {x: one}}}", "{metadata: {name: a, annotations: {x: two}}}", "annotations"},
		"a manifest read anew": {"pods", "{metadata: {name: a, annotations: {kubernetes.io/config.seen: x}}}", "{metadata: {name: a, annotations: {kubernetes.io/config.seen: y}}}", "-"},
		"data":                 {"configmaps", "{metadata: {name: a}, data: {x: one}}", "{metadata: {name: a}, data: {x: two}}", "data.x"},
		"a node's taint":       {"nodes", "{metadata: {name: a}, spec: {podCIDR: x}}", "{metadata: {name: a}, spec: {podCIDR: x, taints: [{key: k}]}}", "spec.taints"},
		"a node's label":       {"nodes", "{metadata: {name: a, labels: {x: one}}}", "{metadata: {name: a, labels: {x: two}}}", "labels"},
		"what is the node's":   {"nodes", "{metadata: {name: a}, spec: {podCIDR: x}}", "{metadata: {name: a, annotations: {x: one}}, spec: {podCIDR: y}}", "-"},
		"a stopped scheduler": {
			"pods", "{metadata: {namespace: kube-system, name: a}, status: {conditions: [{type: Ready, status: 'True'}]}}",
			"{metadata: {namespace: kube-system, name: a}, status: {conditions: [{type: Ready, status: 'False'}]}}", "ready",
		},
		"a pod that is not the system's": {
			"pods", "{metadata: {namespace: default, name: a}, status: {conditions: [{type: Ready, status: 'True'}]}}",
			"{metadata: {namespace: default, name: a}, status: {}}", "-",
		},
	} {
		t.Run(name, func(t *testing.T) {
			was, now := described(t, tt.resource, tt.was), described(t, tt.resource, tt.now)
			field, changed := difference(essence(was), essence(now))
			if !changed {
				field = "-"
			}
			if field != tt.changed {
				t.Errorf("changed %q, want %q", field, tt.changed)
			}
		})
	}
}

// TestGoing takes what was going before for gone, and what a lab leaves for left behind until it is.
func TestGoing(t *testing.T) {
	there := described(t, "namespaces", "{metadata: {name: a}, spec: {finalizers: [kubernetes]}}")
	leaving := described(t, "namespaces", "{metadata: {name: a, deletionTimestamp: '2026-01-01T00:00:00Z'}, spec: {finalizers: [kubernetes]}}")
	for name, tt := range map[string]struct {
		was, now inventory
		want     string
	}{
		"going, gone":    {inventory{"namespaces a": essenceOf(leaving)}, inventory{}, ""},
		"going, going":   {inventory{"namespaces a": essenceOf(leaving)}, inventory{"namespaces a": essenceOf(leaving)}, ""},
		"there, going":   {inventory{"namespaces a": essenceOf(there)}, inventory{"namespaces a": essenceOf(leaving)}, "changed: namespaces a"},
		"nothing, going": {inventory{}, inventory{"namespaces a": essenceOf(leaving)}, "left behind: namespaces a"},
	} {
		if got := strings.Join(tt.was.differences(tt.now), ", "); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// TestReadyNow lets a system pod become ready meanwhile, and nothing else.
func TestReadyNow(t *testing.T) {
	pod := func(ready, image string) inventory {
		return inventory{"pods p": essenceOf(described(t, "pods", "{metadata: {namespace: kube-system, name: p}, spec: {image: "+image+
			"}, status: {conditions: [{type: Ready, status: '"+ready+"'}]}}"))}
	}
	for name, tt := range map[string]struct {
		was, now inventory
		want     string
	}{
		"ready now":              {pod("False", "a"), pod("True", "a"), ""},
		"ready no more":          {pod("True", "a"), pod("False", "a"), "changed: pods p ready"},
		"ready now, and another": {pod("False", "a"), pod("True", "b"), "changed: pods p ready"},
		"not ready, as it was":   {pod("False", "a"), pod("False", "a"), ""},
		"not ready, and is gone": {pod("False", "a"), inventory{}, "gone: pods p"},
	} {
		if got := strings.Join(tt.was.differences(tt.now), ", "); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestDifferences(t *testing.T) {
	was := inventory{"pods a/b": map[string]any{"spec": map[string]any{"x": 1}}, "images web": "sha256:1", "containers gone": "c1", "nodes n": true}
	now := inventory{"pods a/b": map[string]any{"spec": map[string]any{"x": 2}}, "images web": "sha256:2", "containers new": "c2", "nodes n": true}
	want := []string{"changed: images web", "changed: pods a/b spec.x", "gone: containers gone", "left behind: containers new"}
	if got := was.differences(now); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := was.differences(was); len(got) > 0 {
		t.Errorf("an inventory differs from itself: %q", got)
	}
}

// TestLogins compares what docker login writes.
func TestLogins(t *testing.T) {
	dir := t.TempDir()
	taken := func(text string) inventory {
		inv := inventory{}
		if text != "" {
			if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := inv.addLogins(dir); err != nil {
			t.Fatal(err)
		}
		return inv
	}
	none := taken("")
	out := taken(`{"psFormat": "x"}`)
	in := taken(`{"psFormat": "x", "auths": {"localhost:5001": {"auth": "c2VjcmV0"}}}`)
	again := taken(`{"auths": {}, "psFormat": "x"}`)
	if len(none) != 0 || len(out.differences(again)) != 0 {
		t.Errorf("logged out: %q, %q", none, out.differences(again))
	}
	if got := out.differences(in); !slices.Equal(got, []string{"changed: file config.json auths"}) {
		t.Errorf("logged in: %q", got)
	}
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (inventory{}).addLogins(dir); err == nil {
		t.Error("a file that cannot be read is no matter")
	}
}

// TestKubeconfigChanges compares what kubectl config writes.
func TestKubeconfigChanges(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config")
	taken := func(text string) inventory {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		inv := inventory{}
		if err := inv.addKubeconfig(path); err != nil {
			t.Fatal(err)
		}
		return inv
	}
	const head = "apiVersion: v1\nkind: Config\ncurrent-context: one\ncontexts: [{name: one, context: {cluster: c, user: u, namespace: "
	was, again := taken(head+"mine}}]\n"), taken("# 다시\n"+head+"mine}}]\n")
	if got := was.differences(again); len(got) > 0 {
		t.Errorf("written anew: %q", got)
	}
	if got := was.differences(taken(head + "other}}]\n")); !slices.Equal(got, []string{"changed: file config contexts"}) {
		t.Errorf("another namespace: %q", got)
	}
	if err := (inventory{}).addKubeconfig(path + ".gone"); err == nil {
		t.Error("a kubeconfig that is gone is no matter")
	}
}
