package validate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/runner/session"
)

// inventory is what a lab could leave behind: what each thing is like, by a name for people.
type inventory map[string]any

// stock is where inventories are taken.
type stock struct {
	// docker sees Docker's objects; nil where they are nobody's concern.
	docker Observer
	// cluster is nil where the cluster is nobody's concern; namespace is the lab's own.
	cluster   Cluster
	namespace string
	// shared leaves out what is not in the namespace: somebody else may have done it.
	shared bool
	// stage has the registry and the files of the environment.
	stage *session.Stage
}

// dockerLeaks are the sources whose objects are Docker's inventory.
func dockerLeaks() []checks.Watch {
	var out []checks.Watch
	for _, source := range []string{checks.Containers, checks.Images, checks.Networks, checks.Volumes} {
		out = append(out, checks.Watch{Source: source})
	}
	return out
}

// close ends what looks at Docker.
func (s *stock) close() {
	if s.docker != nil {
		s.docker.Close()
	}
}

// take takes an inventory.
func (s *stock) take(ctx context.Context) (inventory, error) {
	inv := inventory{}
	if s.docker != nil {
		inv.addDocker(s.docker.Snapshot())
		if err := inv.addLogins(s.stage.Env.DockerConfig); err != nil {
			return nil, err
		}
	}
	if s.cluster != nil {
		if err := s.addObjects(ctx, inv); err != nil {
			return nil, fmt.Errorf("look at the cluster: %w", err)
		}
	}
	tags, err := s.stage.RegistryTags(ctx)
	if err != nil {
		return nil, err
	}
	for tag := range tags {
		inv["registry "+tag] = true
	}
	return inv, nil
}

// addObjects adds the objects of the lab's namespace, and of the cluster where those are of concern.
func (s *stock) addObjects(ctx context.Context, inv inventory) error {
	var objects []Object
	if s.namespace != "" {
		own, err := s.cluster.Objects(ctx, s.namespace)
		if err != nil {
			return err
		}
		objects = own
	}
	if !s.shared {
		others, err := s.cluster.Others(ctx)
		if err != nil {
			return err
		}
		objects = append(objects, others...)
	}
	for _, o := range objects {
		inv[o.Resource+" "+fullName(o)] = essenceOf(o)
	}
	return inv.addKubeconfig(s.stage.Env.Kubeconfig)
}

// returned waits until there is again what there was before, and says what is different where that does not come.
func (s *stock) returned(ctx context.Context, was inventory) (different []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, stateLimit)
	defer cancel()
	err = until(ctx, func() (bool, error) {
		now, err := s.take(ctx)
		if err != nil {
			return false, err
		}
		different = was.differences(now)
		return len(different) == 0, nil
	})
	if len(different) > 0 && errors.Is(err, context.DeadlineExceeded) {
		err = nil
	}
	return different, err
}

func (inv inventory) addDocker(snap checks.Snapshot) {
	for _, w := range dockerLeaks() {
		for _, o := range snap.State(w.Key()).Items {
			if id := checks.Identity(w.Source, o); id != "" {
				inv[w.Source+" "+dockerName(o)] = id
			}
		}
	}
}

// addLogins adds what docker login writes.
func (inv inventory) addLogins(dir string) error {
	path := filepath.Join(dir, "config.json")
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || dir == "" {
		return nil
	}
	config := map[string]any{}
	if err == nil {
		err = json.Unmarshal(data, &config)
	}
	if err != nil {
		return fmt.Errorf("read docker's configuration: %w", err)
	}
	if auths, _ := config["auths"].(map[string]any); len(auths) == 0 {
		delete(config, "auths") // docker logout leaves an empty one
	}
	inv["file "+filepath.Base(path)] = config
	return nil
}

// addKubeconfig adds the learner's kubeconfig, in which kubectl config may have chosen another namespace.
func (inv inventory) addKubeconfig(path string) error {
	if path == "" {
		return nil
	}
	config, err := clientcmd.LoadFromFile(path)
	if err != nil {
		return fmt.Errorf("read kubeconfig: %w", err)
	}
	inv["file "+filepath.Base(path)] = map[string]any{"current-context": config.CurrentContext, "contexts": config.Contexts}
	return nil
}

// dockerName is the name by which people know one of Docker's objects. No other of its kind has it.
func dockerName(o checks.Object) string {
	if tags := checks.Texts(o, "RepoTags"); len(tags) > 0 {
		return strings.Join(tags, " ")
	}
	if name := checks.Text(o, "Name"); name != "" {
		return strings.TrimPrefix(name, "/")
	}
	return checks.Text(o, "Id")
}

func fullName(o Object) string {
	if ns := o.GetNamespace(); ns != "" {
		return ns + "/" + o.GetName()
	}
	return o.GetName()
}

// going is what there is of an object that is being removed. One that was going before is nobody's leak when it is gone.
type going struct{}

// essenceOf is essence, or going.
func essenceOf(o Object) any {
	if o.GetDeletionTimestamp() != nil {
		return going{}
	}
	return essence(o)
}

// essence is what must be the same before and after a lab: what somebody asked for, and neither the status nor what
// tells one making of an object from the next. A node's annotations and the rest of its spec are the system's.
func essence(o Object) map[string]any {
	out := map[string]any{}
	for name, value := range o.Object {
		if name != "metadata" && name != "status" {
			out[name] = value
		}
	}
	annotations := maps.Clone(o.GetAnnotations())
	delete(annotations, "kubernetes.io/config.seen") // of a static pod: when its manifest was read
	switch {
	case o.Resource == "nodes":
		annotations = nil
		out["spec"] = map[string]any{
			"taints": checks.Field(o.Object, "spec", "taints"), "unschedulable": checks.Field(o.Object, "spec", "unschedulable"),
		}
	case o.Resource == "pods" && o.GetNamespace() == metav1.NamespaceSystem:
		out["ready"] = isReady(o) // a control plane that was stopped must run again
	}
	if labels := o.GetLabels(); len(labels) > 0 {
		out["labels"] = labels
	}
	if len(annotations) > 0 {
		out["annotations"] = annotations
	}
	return out
}

func isReady(pod Object) bool {
	return slices.ContainsFunc(checks.List(pod.Object, "status", "conditions"), func(c any) bool {
		return checks.Text(c, "type") == "Ready" && checks.Text(c, "status") == "True"
	})
}

// gone begins a difference that is a thing which is there no more.
const gone = "gone: "

// differences names what the later inventory has too much or too little, and what is not as it was.
func (was inventory) differences(now inventory) []string {
	var out []string
	for name := range now {
		if _, ok := was[name]; !ok {
			out = append(out, "left behind: "+name)
		}
	}
	for name, before := range was {
		if before == (going{}) {
			continue
		}
		after, ok := now[name]
		if readyNow(before, after) {
			continue
		}
		if !ok {
			out = append(out, gone+name)
		} else if field, changed := difference(before, after); changed {
			out = append(out, strings.TrimSpace("changed: "+name+" "+field))
		}
	}
	slices.Sort(out)
	return out
}

// readyNow reports whether nothing is different but that a part of the system is ready by now: a cluster that has just come
// up is still becoming what it is.
func readyNow(before, after any) bool {
	was, isMap := before.(map[string]any)
	now, areMaps := after.(map[string]any)
	if !isMap || !areMaps || was["ready"] != false || now["ready"] != true {
		return false
	}
	now = maps.Clone(now)
	now["ready"] = false
	return reflect.DeepEqual(was, now)
}

// difference finds the first field in which two values differ; its name is empty where the values themselves do.
func difference(a, b any) (field string, differ bool) {
	if reflect.DeepEqual(a, b) {
		return "", false
	}
	x, isMap := a.(map[string]any)
	y, areMaps := b.(map[string]any)
	if !isMap || !areMaps {
		return "", true
	}
	names := slices.Concat(slices.Collect(maps.Keys(x)), slices.Collect(maps.Keys(y)))
	slices.Sort(names)
	for _, name := range names {
		if inner, differ := difference(x[name], y[name]); differ {
			return strings.TrimSuffix(name+"."+inner, "."), true
		}
	}
	return "", true
}
