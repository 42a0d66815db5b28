package checks

import (
	"reflect"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
)

func TestCanonical(t *testing.T) {
	for name, want := range map[string]string{
		"containers": "containers", "docker-events": "docker-events", "http": "http",
		"pods": "pods", "pod": "pods", "po": "pods", "Pod": "pods", "pods.v1": "pods",
		"rc": "replicationcontrollers", "svc": "services", "no": "nodes", "ev": "events", "events": "events",
		"deploy": "deployments.apps", "deployment": "deployments.apps", "deployments.apps": "deployments.apps",
		"deployments.v1.apps": "deployments.apps", "rs": "replicasets.apps",
		"endpointslices": "endpointslices.discovery.k8s.io", "ingress": "ingresses.networking.k8s.io",
		"events.events.k8s.io": "events.events.k8s.io", "hpa": "horizontalpodautoscalers.autoscaling",
		"gateways.gateway.networking.k8s.io": "gateways.gateway.networking.k8s.io",
		"widgets.example.com":                "widgets.example.com",
	} {
		if got, err := Canonical(name); err != nil || got != want {
			t.Errorf("Canonical(%q) = %q, %v; want %q", name, got, err, want)
		}
	}
	for name, hint := range map[string]string{
		"": "no source", "pots": `did you mean "pods"`, "contaners": `did you mean "containers"`,
		"zebras": "no source", "deploymnts.apps": `did you mean "deployments"`, "pods/log": "no source",
		"a b.example.com": "not the name of a resource", ".apps": "not the name", "x.": "not the name",
	} {
		got, err := Canonical(name)
		if err == nil || !strings.Contains(err.Error(), hint) {
			t.Errorf("Canonical(%q) = %q, %v; want an error with %q", name, got, err, hint)
		}
	}
}

func TestResource(t *testing.T) {
	gvr, namespaced, ok := Resource("deployments.apps")
	if want := (schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"}); gvr != want || !namespaced || !ok {
		t.Errorf("Resource(deployments.apps) = %v, %v, %v", gvr, namespaced, ok)
	}
	if gvr, namespaced, ok := Resource("nodes"); gvr.Resource != "nodes" || gvr.Version != "v1" || namespaced || !ok {
		t.Errorf("Resource(nodes) = %v, %v, %v", gvr, namespaced, ok)
	}
	for _, source := range []string{"containers", "widgets.example.com", "po", ""} {
		if _, _, ok := Resource(source); ok {
			t.Errorf("Resource(%q) is ok", source)
		}
	}
}

// TestKindsMatchClientGo holds the table against client-go: every kind is in the scheme, and the typed client has a
// resource of that name, with or without a namespace. It also finds resources that the table lacks.
func TestKindsMatchClientGo(t *testing.T) {
	clients := reflect.TypeFor[kubernetes.Interface]()
	// The names of kubernetes.Interface's methods, by API group and version.
	methods := map[string]string{}
	for i := range clients.NumMethod() {
		methods[strings.ToLower(clients.Method(i).Name)] = clients.Method(i).Name
	}
	listed := map[string]bool{}
	for i := range kinds {
		k := &kinds[i]
		if !scheme.Scheme.Recognizes(schema.GroupVersionKind{Group: k.group, Version: k.version, Kind: k.name}) {
			t.Errorf("%s: the scheme has no %s/%s %s", k.source(), k.group, k.version, k.name)
			continue
		}
		client := clientOf(t, clients, methods, k.group, k.version)
		var getter reflect.Method
		for j := range client.NumMethod() {
			if m := client.Method(j); strings.EqualFold(m.Name, k.plural) {
				getter = m
			}
		}
		if getter.Name == "" {
			t.Errorf("%s: client-go has no such resource", k.source())
			continue
		}
		if namespaced := getter.Type.NumIn() == 1; namespaced == k.cluster {
			t.Errorf("%s: client-go says that namespaced is %v", k.source(), namespaced)
		}
		listed[client.PkgPath()+client.Name()+getter.Name] = true
	}
	for i := range kinds {
		client := clientOf(t, clients, methods, kinds[i].group, kinds[i].version)
		for j := range client.NumMethod() {
			m := client.Method(j)
			if m.Name == "RESTClient" || listed[client.PkgPath()+client.Name()+m.Name] || !canList(m.Type.Out(0)) {
				continue
			}
			t.Errorf("the table lacks %s of %s/%s", m.Name, kinds[i].group, kinds[i].version)
		}
	}
}

// clientOf is the typed client's interface of a group and version.
func clientOf(t *testing.T, clients reflect.Type, methods map[string]string, group, version string) reflect.Type {
	t.Helper()
	short, _, _ := strings.Cut(group, ".")
	switch group {
	case "":
		short = "core"
	case "rbac.authorization.k8s.io":
		short = "rbac"
	case "flowcontrol.apiserver.k8s.io":
		short = "flowcontrol"
	}
	m, ok := clients.MethodByName(methods[short+version])
	if !ok {
		t.Fatalf("client-go has no group %q version %q", group, version)
	}
	return m.Type.Out(0)
}

func canList(client reflect.Type) bool {
	_, ok := client.MethodByName("List")
	return ok
}

func TestEveryKindIsTyped(t *testing.T) {
	for i := range kinds {
		if _, ok := sharedCatalog().objects[kinds[i].source()]; !ok {
			t.Errorf("%s has no type", kinds[i].source())
		}
	}
}
