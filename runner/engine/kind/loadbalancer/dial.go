package loadbalancer

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/labels"
	corelisters "k8s.io/client-go/listers/core/v1"
	discoverylisters "k8s.io/client-go/listers/discovery/v1"
)

// Dialer makes connections to a port of a Service.
type Dialer interface {
	Dial(ctx context.Context, s *corev1.Service, p corev1.ServicePort) (Conn, error)
}

// Listers is what the controller sees of the cluster.
type Listers struct {
	Nodes  corelisters.NodeLister
	Slices discoverylisters.EndpointSliceLister
}

// endpoint is a pod that serves a port.
type endpoint struct {
	node, namespace, pod string
	port                 int32
}

// endpoints lists the ready pods behind a port of a Service.
func (l Listers) endpoints(s *corev1.Service, p corev1.ServicePort) ([]endpoint, error) {
	slices, err := l.Slices.EndpointSlices(s.Namespace).List(labels.SelectorFromSet(labels.Set{discoveryv1.LabelServiceName: s.Name}))
	if err != nil {
		return nil, fmt.Errorf("list endpoints: %w", err)
	}
	var found []endpoint
	for _, slice := range slices {
		for _, port := range slice.Ports {
			if port.Port == nil || deref(port.Name) != p.Name {
				continue
			}
			for _, e := range slice.Endpoints {
				ready := e.Conditions.Ready == nil || *e.Conditions.Ready
				if ready && e.TargetRef != nil && e.TargetRef.Kind == "Pod" {
					found = append(found, endpoint{deref(e.NodeName), s.Namespace, e.TargetRef.Name, *port.Port})
				}
			}
		}
	}
	return found, nil
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// dialWait is how long one node may take to answer. Nodes are containers of the same machine.
const dialWait = 2 * time.Second

// NodePorts connects to the Service's port on a node, where kube-proxy chooses a pod at random.
type NodePorts struct{ Listers }

// Dial tries the nodes in random order.
func (d NodePorts) Dial(ctx context.Context, s *corev1.Service, p corev1.ServicePort) (Conn, error) {
	if p.NodePort == 0 {
		return nil, errors.New("service has no node port")
	}
	addresses, err := d.addresses(s, p)
	if err != nil {
		return nil, err
	}
	if len(addresses) == 0 {
		return nil, errors.New("no ready node")
	}
	rand.Shuffle(len(addresses), func(i, j int) { addresses[i], addresses[j] = addresses[j], addresses[i] })
	var errs []error
	for _, a := range addresses {
		dialer := net.Dialer{Timeout: dialWait}
		c, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(a, strconv.Itoa(int(p.NodePort))))
		if err == nil {
			return c.(*net.TCPConn), nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

// addresses lists the nodes that answer for the Service: all that are ready, or with externalTrafficPolicy Local
// those alone that run one of its pods.
func (d NodePorts) addresses(s *corev1.Service, p corev1.ServicePort) ([]string, error) {
	nodes, err := d.Nodes.List(labels.Everything())
	if err != nil {
		return nil, fmt.Errorf("list nodes: %w", err)
	}
	local := map[string]bool{}
	if s.Spec.ExternalTrafficPolicy == corev1.ServiceExternalTrafficPolicyLocal {
		pods, err := d.endpoints(s, p)
		if err != nil {
			return nil, err
		}
		for _, e := range pods {
			local[e.node] = true
		}
	}
	var found []string
	for _, n := range nodes {
		if !ready(n) || s.Spec.ExternalTrafficPolicy == corev1.ServiceExternalTrafficPolicyLocal && !local[n.Name] {
			continue
		}
		for _, a := range n.Status.Addresses {
			if a.Type == corev1.NodeInternalIP {
				found = append(found, a.Address)
				break // the first is of the cluster's main address family
			}
		}
	}
	return found, nil
}

func ready(n *corev1.Node) bool {
	for _, c := range n.Status.Conditions {
		if c.Type == corev1.NodeReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

// FirstOf tries one dialer after the other.
type FirstOf []Dialer

// Dial returns the first connection that can be made.
func (f FirstOf) Dial(ctx context.Context, s *corev1.Service, p corev1.ServicePort) (Conn, error) {
	var errs []error
	for _, d := range f {
		c, err := d.Dial(ctx, s, p)
		if err == nil {
			return c, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}
