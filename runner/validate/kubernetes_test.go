package validate

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	fakediscovery "k8s.io/client-go/discovery/fake"
	fakedynamic "k8s.io/client-go/dynamic/fake"
	clienttesting "k8s.io/client-go/testing"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubelab/kubelab/runner/engine"
)

// api is an API server in which some time after a namespace is made its default objects come, and which removes it
// some time after it was asked to.
type api struct {
	*Kubernetes
	client *fakedynamic.FakeDynamicClient
	env    *engine.Environment
	// furnished says whether namespaces get their default objects; stuck, whether they never go.
	furnished, stuck bool
}

// kindsOf answers what the fake does not.
type kindsOf struct{ *fakediscovery.FakeDiscovery }

func (k kindsOf) ServerPreferredResources() ([]*metav1.APIResourceList, error) {
	return k.Resources, nil
}

// lag is how long the API's controllers take.
const lag = 3 * time.Second

const kubeconfig = `apiVersion: v1
kind: Config
current-context: other
clusters: [{name: one, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: me, user: {}}]
contexts:
- {name: other, context: {cluster: one, user: me}}
- {name: kind-one, context: {cluster: one, user: me, namespace: mine}}
`

func newAPI(t *testing.T, objects ...runtime.Object) *api {
	t.Helper()
	kinds := map[schema.GroupVersionResource]string{
		{Version: "v1", Resource: "namespaces"}: "NamespaceList", {Version: "v1", Resource: "nodes"}: "NodeList",
		{Version: "v1", Resource: "pods"}: "PodList", {Version: "v1", Resource: "configmaps"}: "ConfigMapList",
		{Version: "v1", Resource: "events"}:                        "EventList",
		{Group: "example.com", Version: "v1", Resource: "widgets"}: "WidgetList",
		{Group: "apps", Version: "v1", Resource: "deployments"}:    "DeploymentList",
	}
	a := &api{client: fakedynamic.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), kinds, objects...), furnished: true}
	discovery := kindsOf{&fakediscovery.FakeDiscovery{Fake: &clienttesting.Fake{}}}
	all := metav1.Verbs{"list", "delete"}
	discovery.Resources = []*metav1.APIResourceList{
		{GroupVersion: "v1", APIResources: []metav1.APIResource{
			{Name: "pods", Namespaced: true, Verbs: all}, {Name: "pods/log", Namespaced: true, Verbs: metav1.Verbs{"get"}},
			{Name: "configmaps", Namespaced: true, Verbs: all}, {Name: "nodes", Verbs: all}, {Name: "namespaces", Verbs: all},
			{Name: "events", Namespaced: true, Verbs: all}, {Name: "componentstatuses", Verbs: metav1.Verbs{"list"}},
		}},
		{GroupVersion: "example.com/v1", APIResources: []metav1.APIResource{{Name: "widgets", Namespaced: true, Verbs: all}}},
		{GroupVersion: "apps/v1", APIResources: []metav1.APIResource{{Name: "deployments", Namespaced: true, Verbs: all}}},
	}
	dir := t.TempDir()
	a.env = &engine.Environment{Kubeconfig: filepath.Join(dir, "config"), Context: "kind-one", Namespace: "mine"}
	if err := os.WriteFile(a.env.Kubeconfig, []byte(kubeconfig), 0o600); err != nil {
		t.Fatal(err)
	}
	a.Kubernetes = newKubernetes(a.client, discovery, filepath.Join(dir, "labs"))
	a.client.PrependReactor("create", "namespaces", a.made)
	a.client.PrependReactor("delete", "namespaces", a.asked)
	return a
}

func (a *api) made(action clienttesting.Action) (bool, runtime.Object, error) {
	name := action.(clienttesting.CreateAction).GetObject().(*unstructured.Unstructured).GetName()
	time.AfterFunc(lag, func() {
		if a.furnished {
			tracker := a.client.Tracker()
			_ = tracker.Create(serviceAccounts, object("v1", "ServiceAccount", name, "default"), name)
			_ = tracker.Create(configMaps, object("v1", "ConfigMap", name, "kube-root-ca.crt"), name)
		}
	})
	return false, nil, nil
}

func (a *api) asked(action clienttesting.Action) (bool, runtime.Object, error) {
	name := action.(clienttesting.DeleteAction).GetName()
	left, err := a.client.Tracker().Get(namespaces, "", name)
	if err != nil {
		return true, nil, err
	}
	going := left.DeepCopyObject().(*unstructured.Unstructured)
	_ = unstructured.SetNestedSlice(going.Object, []any{
		map[string]any{"type": "NamespaceDeletionDiscoveryFailure", "status": "False", "message": "fine"},
		map[string]any{"type": "NamespaceContentRemaining", "status": "True", "message": "pods has 1 resource instances"},
	}, "status", "conditions")
	if err := a.client.Tracker().Update(namespaces, going, ""); err != nil {
		return true, nil, err
	}
	if !a.stuck {
		time.AfterFunc(lag, func() { _ = a.client.Tracker().Delete(namespaces, "", name) })
	}
	return true, nil, nil
}

// names are the namespaces that there are.
func (a *api) names(t *testing.T) (out []string) {
	t.Helper()
	list, err := a.client.Resource(namespaces).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range list.Items {
		out = append(out, o.GetName())
	}
	return out
}

func object(version, kind, namespace, name string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{Object: map[string]any{"apiVersion": version, "kind": kind}}
	o.SetNamespace(namespace)
	o.SetName(name)
	return o
}

func TestEnter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAPI(t)
		began := time.Now()
		env, err := a.Enter(t.Context(), a.env, "first-pod")
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < lag {
			t.Errorf("a namespace was ready after %v, without its default objects", took)
		}
		if names := a.names(t); !slices.Equal(names, []string{env.Namespace}) || !strings.HasPrefix(env.Namespace, "lab-first-pod-") {
			t.Errorf("namespaces %q, the lab's is %q", names, env.Namespace)
		}
		if a.env.Namespace != "mine" {
			t.Error("the environment itself was changed")
		}
		file, err := clientcmd.LoadFromFile(env.Kubeconfig)
		if err != nil {
			t.Fatal(err)
		}
		if at := file.Contexts[file.CurrentContext]; file.CurrentContext != "kind-one" || at.Namespace != env.Namespace || at.AuthInfo != "me" {
			t.Errorf("the kubeconfig says %q, %+v", file.CurrentContext, at)
		}
		again, err := a.Enter(t.Context(), a.env, "first-pod")
		if err != nil || again.Namespace == env.Namespace || again.Kubeconfig == env.Kubeconfig {
			t.Errorf("the same lab at the same time got %+v, %v", again, err)
		}
		began = time.Now()
		if err := a.Leave(t.Context(), env.Namespace); err != nil {
			t.Fatal(err)
		}
		if names := a.names(t); !slices.Equal(names, []string{again.Namespace}) || time.Since(began) < lag {
			t.Errorf("left %q after %v", names, time.Since(began))
		}
		if err := a.Leave(t.Context(), env.Namespace); err != nil {
			t.Errorf("leave a namespace that is gone: %v", err)
		}
	})
}

func TestEnterTrouble(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*api)
		want   string
	}{
		"no service account":  {func(a *api) { a.furnished = false }, "wait for serviceaccounts default: context deadline exceeded"},
		"no kubeconfig":       {func(a *api) { a.env.Kubeconfig += ".gone" }, "read kubeconfig"},
		"no such context":     {func(a *api) { a.env.Context = "gone" }, `has no context "gone"`},
		"the folder is taken": {func(a *api) { a.dir = a.env.Kubeconfig }, "write kubeconfig"},
		"the API refuses": {func(a *api) {
			a.client.PrependReactor("create", "namespaces", func(clienttesting.Action) (bool, runtime.Object, error) {
				return true, nil, apierrors.NewForbidden(namespaces.GroupResource(), "", errors.New("not you"))
			})
		}, "not you"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newAPI(t)
				tt.change(a)
				_, err := a.Enter(t.Context(), a.env, "one")
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("%v, want %s", err, tt.want)
				}
				if names := a.names(t); len(names) > 0 {
					t.Errorf("left %q", names)
				}
			})
		})
	}
}

func TestLeaveSaysWhatRemains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAPI(t, object("v1", "Namespace", "", "lab-one"))
		a.stuck = true
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		err := a.Leave(ctx, "lab-one")
		const want = "wait until namespace lab-one is gone (pods has 1 resource instances): context deadline exceeded"
		if err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	})
}

func TestObjects(t *testing.T) {
	a := newAPI(t,
		object("v1", "Namespace", "", "mine"), object("v1", "Node", "", "worker"),
		object("v1", "Pod", "mine", "web"), object("v1", "Pod", "other", "web"), object("v1", "Pod", "kube-system", "dns"),
		object("v1", "Event", "mine", "web.1"), object("v1", "ConfigMap", "default", "left"),
		object("example.com/v1", "Widget", "mine", "wheel"), object("apps/v1", "Deployment", "mine", "web"),
	)
	names := func(objects []Object, err error) (out []string) {
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range objects {
			out = append(out, o.Resource+" "+fullName(o))
		}
		slices.Sort(out)
		return out
	}
	if got, want := names(a.Objects(t.Context(), "mine")), []string{"deployments mine/web", "pods mine/web", "widgets mine/wheel"}; !slices.Equal(got, want) {
		t.Errorf("in the namespace %q, want %q", got, want)
	}
	if got, want := names(a.Others(t.Context())), []string{"configmaps default/left", "namespaces mine", "nodes worker", "pods kube-system/dns"}; !slices.Equal(got, want) {
		t.Errorf("elsewhere %q, want %q", got, want)
	}
}

func TestObjectsTrouble(t *testing.T) {
	a := newAPI(t, object("v1", "Pod", "mine", "web"))
	gone := true
	a.client.PrependReactor("list", "widgets", func(clienttesting.Action) (bool, runtime.Object, error) {
		if gone {
			return true, nil, apierrors.NewNotFound(schema.GroupResource{Resource: "widgets"}, "")
		}
		return true, nil, errors.New("the server is down")
	})
	if objects, err := a.Objects(t.Context(), "mine"); err != nil || len(objects) != 1 {
		t.Errorf("without a kind that was removed: %d objects, %v", len(objects), err)
	}
	gone = false
	if _, err := a.Objects(t.Context(), "mine"); err == nil || !strings.Contains(err.Error(), "list widgets: the server is down") {
		t.Errorf("a kind that cannot be listed: %v", err)
	}
}

func TestNewKubernetes(t *testing.T) {
	a := newAPI(t)
	k, err := NewKubernetes(a.env, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	if _, err := k.Objects(t.Context(), "mine"); err == nil || !strings.Contains(err.Error(), "ask for api groups") {
		t.Errorf("a server that is not there: %v", err)
	}
	a.env.Kubeconfig += ".gone"
	if _, err := NewKubernetes(a.env, t.TempDir()); err == nil || !strings.Contains(err.Error(), "read kubeconfig") {
		t.Errorf("without a kubeconfig: %v", err)
	}
}
