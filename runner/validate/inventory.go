package validate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
)

// inventory is every object that a lab could leave behind: a name for people, by source and identity.
type inventory map[string]map[string]string

var (
	dockerLeaks = []string{checks.Containers, checks.Images, checks.Networks, checks.Volumes}
	// Objects that others are made from; what they own goes with them.
	kubernetesLeaks = []string{
		"pods", "services", "replicationcontrollers", "configmaps", "secrets", "serviceaccounts", "namespaces",
		"persistentvolumeclaims", "persistentvolumes", "deployments.apps", "replicasets.apps", "daemonsets.apps",
		"statefulsets.apps", "jobs.batch", "cronjobs.batch", "ingresses.networking.k8s.io", "networkpolicies.networking.k8s.io",
	}
)

// leakWatches are the sources that must be after a lab as they were before it.
func leakWatches(lab *labs.Lab) []checks.Watch {
	var out []checks.Watch
	for _, s := range dockerLeaks {
		out = append(out, checks.Watch{Source: s})
	}
	if slices.Contains(lab.Needs, string(engine.Cluster)) {
		for _, s := range kubernetesLeaks {
			out = append(out, checks.Watch{Source: s})
		}
	}
	return out
}

func takeInventory(snap checks.Snapshot, watches []checks.Watch) inventory {
	inv := inventory{}
	for _, w := range watches {
		if !slices.Contains(dockerLeaks, w.Source) && !slices.Contains(kubernetesLeaks, w.Source) {
			continue
		}
		objects := map[string]string{}
		for _, o := range snap.State(w.Key()).Items {
			if id := checks.Identity(w.Source, o); id != "" && !ofTheSystem(o) {
				objects[id] = w.Source + " " + nameOf(o)
			}
		}
		inv[w.Key()] = objects
	}
	return inv
}

// ofTheSystem tells objects that the cluster itself makes and replaces.
func ofTheSystem(o checks.Object) bool {
	meta, _ := o["metadata"].(map[string]any)
	ns, _ := meta["namespace"].(string)
	return strings.HasPrefix(ns, "kube-") || ns == "local-path-storage"
}

func nameOf(o checks.Object) string {
	if meta, ok := o["metadata"].(map[string]any); ok {
		if ns, ok := meta["namespace"].(string); ok {
			return fmt.Sprintf("%s/%v", ns, meta["name"])
		}
		return fmt.Sprint(meta["name"])
	}
	if tags, ok := o["RepoTags"].([]any); ok && len(tags) > 0 {
		return strings.TrimSpace(fmt.Sprintln(tags...))
	}
	for _, field := range []string{"Name", "Id"} {
		if name, ok := o[field].(string); ok && name != "" {
			return name
		}
	}
	return "?"
}

// differences names what the later inventory has too much or too little.
func (before inventory) differences(after inventory) []string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(before)) {
		for id, name := range after[key] {
			if _, ok := before[key][id]; !ok {
				out = append(out, "left behind: "+name)
			}
		}
		for id, name := range before[key] {
			if _, ok := after[key][id]; !ok {
				out = append(out, "gone: "+name)
			}
		}
	}
	slices.Sort(out)
	return out
}
