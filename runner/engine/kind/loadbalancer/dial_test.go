package loadbalancer

import (
	"context"
	"errors"
	"net"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corelisters "k8s.io/client-go/listers/core/v1"
	discoverylisters "k8s.io/client-go/listers/discovery/v1"
	"k8s.io/client-go/tools/cache"
)

func listers(t *testing.T, nodes []*corev1.Node, slices []*discoveryv1.EndpointSlice) Listers {
	t.Helper()
	n := cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{})
	s := cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc})
	for _, o := range nodes {
		if err := n.Add(o); err != nil {
			t.Fatal(err)
		}
	}
	for _, o := range slices {
		if err := s.Add(o); err != nil {
			t.Fatal(err)
		}
	}
	return Listers{Nodes: corelisters.NewNodeLister(n), Slices: discoverylisters.NewEndpointSliceLister(s)}
}

func node(name, ip string, ready corev1.ConditionStatus) *corev1.Node {
	return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}, Status: corev1.NodeStatus{
		Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: ready}},
		Addresses: []corev1.NodeAddress{
			{Type: corev1.NodeHostName, Address: name}, {Type: corev1.NodeInternalIP, Address: ip}, {Type: corev1.NodeInternalIP, Address: "fd00::1"},
		},
	}}
}

func slice(service, portName string, port int32, endpoints ...discoveryv1.Endpoint) *discoveryv1.EndpointSlice {
	return &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{Name: service + "-x", Namespace: "default", Labels: map[string]string{discoveryv1.LabelServiceName: service}},
		Ports:      []discoveryv1.EndpointPort{{Name: &portName, Port: &port}},
		Endpoints:  endpoints,
	}
}

func pod(name, node string, ready bool) discoveryv1.Endpoint {
	return discoveryv1.Endpoint{
		NodeName: &node, Conditions: discoveryv1.EndpointConditions{Ready: &ready},
		TargetRef: &corev1.ObjectReference{Kind: "Pod", Name: name},
	}
}

func TestNodePortAddresses(t *testing.T) {
	l := listers(t,
		[]*corev1.Node{node("one", "10.0.0.1", corev1.ConditionTrue), node("two", "10.0.0.2", corev1.ConditionTrue), node("lost", "10.0.0.3", corev1.ConditionUnknown)},
		[]*discoveryv1.EndpointSlice{slice("web", "p80", 8080, pod("a", "two", true), pod("b", "one", false))})
	web := service("web", 80)
	for _, c := range []struct {
		policy corev1.ServiceExternalTrafficPolicy
		want   []string
	}{
		{corev1.ServiceExternalTrafficPolicyCluster, []string{"10.0.0.1", "10.0.0.2"}},
		{corev1.ServiceExternalTrafficPolicyLocal, []string{"10.0.0.2"}},
	} {
		web.Spec.ExternalTrafficPolicy = c.policy
		got, err := NodePorts{l}.addresses(web, web.Spec.Ports[0])
		slices.Sort(got)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v; want %v", c.policy, got, err, c.want)
		}
	}
}

func TestNodePortsTriesTheNextNode(t *testing.T) {
	server, err := net.Listen("tcp", "127.0.77.201:0")
	if err != nil {
		t.Skipf("no other loopback addresses here: %v", err)
	}
	defer server.Close()
	// Nobody listens on the first address; the order is random, so that it is tried often enough.
	l := listers(t, []*corev1.Node{node("dead", "127.0.77.200", corev1.ConditionTrue), node("alive", "127.0.77.201", corev1.ConditionTrue)}, nil)
	web := service("web", 80)
	web.Spec.Ports[0].NodePort = int32(server.Addr().(*net.TCPAddr).Port)
	for range 20 {
		c, err := NodePorts{l}.Dial(t.Context(), web, web.Spec.Ports[0])
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
	}
	server.Close()
	if c, err := (NodePorts{l}).Dial(t.Context(), web, web.Spec.Ports[0]); err == nil {
		c.Close()
		t.Error("Dial() succeeded although nobody listens")
	}
}

func TestEndpoints(t *testing.T) {
	l := listers(t, nil, []*discoveryv1.EndpointSlice{
		slice("web", "p80", 8080, pod("a", "one", true), pod("b", "two", false)),
		slice("other", "p80", 9090, pod("c", "one", true)),
	})
	web := service("web", 80)
	got, err := l.endpoints(web, web.Spec.Ports[0])
	if want := []endpoint{{"one", "default", "a", 8080}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("endpoints() = %v, %v; want %v", got, err, want)
	}
	if got, err := l.endpoints(web, corev1.ServicePort{Name: "metrics", Port: 9}); err != nil || len(got) > 0 {
		t.Errorf("endpoints of a port that the pods do not have: %v, %v", got, err)
	}
}

type dialFunc func() (Conn, error)

func (f dialFunc) Dial(context.Context, *corev1.Service, corev1.ServicePort) (Conn, error) {
	return f()
}

func TestFirstOf(t *testing.T) {
	one, two := errors.New("one"), errors.New("two")
	fail := func(err error) dialFunc { return func() (Conn, error) { return nil, err } }
	good := dialFunc(func() (Conn, error) { return &net.TCPConn{}, nil })
	if c, err := (FirstOf{fail(one), good}).Dial(t.Context(), nil, corev1.ServicePort{}); err != nil || c == nil {
		t.Errorf("Dial() = %v, %v; want the second dialer's connection", c, err)
	}
	if _, err := (FirstOf{fail(one), fail(two)}).Dial(t.Context(), nil, corev1.ServicePort{}); !errors.Is(err, one) || !errors.Is(err, two) {
		t.Errorf("Dial() = %v, want both errors", err)
	}
}

func TestExplain(t *testing.T) {
	if got := explain(errors.New("x")); got != "x" {
		t.Errorf("explain() = %q, want the error itself", got)
	}
}
