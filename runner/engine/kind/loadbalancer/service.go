package loadbalancer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// component is who the events of this controller come from.
const component = "kubelab-loadbalancer"

func keyOf(s *corev1.Service) string { return s.Namespace + "/" + s.Name }

// ours tells whether the Service is to have an address from this controller.
func ours(s *corev1.Service) bool {
	return s.Spec.Type == corev1.ServiceTypeLoadBalancer && s.Spec.LoadBalancerClass == nil && s.DeletionTimestamp == nil
}

// givenAddress is the address in the Service's status.
func givenAddress(s *corev1.Service) string {
	if in := s.Status.LoadBalancer.Ingress; len(in) > 0 {
		return in[0].IP
	}
	return ""
}

func tcpPorts(s *corev1.Service) []corev1.ServicePort {
	var ports []corev1.ServicePort
	for _, p := range s.Spec.Ports {
		if p.Protocol == corev1.ProtocolTCP || p.Protocol == "" {
			ports = append(ports, p)
		}
	}
	return ports
}

// publish writes the address into the status. The mode is Proxy: with VIP, kube-proxy would catch the address inside the
// nodes, where a loopback address means the node itself. The API server demands a mode with each address.
func (c *controller) publish(ctx context.Context, s *corev1.Service, ip string) error {
	if in := s.Status.LoadBalancer.Ingress; len(in) == 1 && in[0].IP == ip {
		return nil
	}
	mode := corev1.LoadBalancerIPModeProxy
	if err := c.setIngress(ctx, s, []corev1.LoadBalancerIngress{{IP: ip, IPMode: &mode}}); err != nil {
		return err
	}
	c.log.Info("address given", "service", keyOf(s), "address", ip)
	c.events.say(ctx, s, corev1.EventTypeNormal, "EnsuredLoadBalancer", "주소 "+ip+"을(를) 열었습니다.")
	return nil
}

// takeBack clears the address of a Service that is no longer of type LoadBalancer.
func (c *controller) takeBack(ctx context.Context, s *corev1.Service) error {
	ip := givenAddress(s)
	if s.Spec.LoadBalancerClass != nil || s.DeletionTimestamp != nil || ip == "" || !c.pool.Contains(ip) {
		return nil
	}
	return c.setIngress(ctx, s, nil)
}

func (c *controller) setIngress(ctx context.Context, s *corev1.Service, ingress []corev1.LoadBalancerIngress) error {
	s = s.DeepCopy()
	s.Status.LoadBalancer.Ingress = ingress
	_, err := c.client.CoreV1().Services(s.Namespace).UpdateStatus(ctx, s, metav1.UpdateOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("set address of service %s: %w", keyOf(s), err)
	}
	return nil
}

// errNoAddress means that the pool is empty.
var errNoAddress = errors.New("no free address")

// portError says which port could not be opened.
type portError struct {
	ip   string
	port int32
	err  error
}

func (e *portError) Error() string { return fmt.Sprintf("open %s:%d: %v", e.ip, e.port, e.err) }
func (e *portError) Unwrap() error { return e.err }

// explain says to the learner why a Service has no address yet: what was seen, and what to try.
func explain(err error) string {
	var p *portError
	switch {
	case errors.Is(err, errNoAddress):
		return "남은 주소가 없습니다. 쓰지 않는 LoadBalancer 서비스를 지우세요: kubectl get svc -A"
	case !errors.As(err, &p):
		return err.Error()
	case errors.Is(err, syscall.EACCES):
		return fmt.Sprintf("포트 %d을(를) 열 권한이 없습니다. 1024보다 작은 포트는 root만 엽니다. --port를 8080처럼 1024 이상으로 하세요.", p.port)
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Sprintf("포트 %d을(를) 이 컴퓨터의 다른 프로그램이 이미 쓰고 있습니다. 찾아서 멈추세요: docker ps --filter publish=%d (또는 ss -ltnp 'sport = :%d')", p.port, p.port, p.port)
	default:
		return fmt.Sprintf("포트 %d을(를) 열지 못했습니다: %v", p.port, p.err)
	}
}

// events writes Kubernetes events on Services, each message once until something else was said.
type events struct {
	client kubernetes.Interface
	mu     sync.Mutex
	said   map[string]string
}

func (e *events) warn(ctx context.Context, s *corev1.Service, reason, message string) {
	e.say(ctx, s, corev1.EventTypeWarning, reason, message)
}

// say writes one event. That it could not is no reason to do anything differently.
func (e *events) say(ctx context.Context, s *corev1.Service, eventType, reason, message string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.said[keyOf(s)] == message {
		return
	}
	now := metav1.Now()
	_, err := e.client.CoreV1().Events(s.Namespace).Create(ctx, &corev1.Event{
		// As client-go's recorder names them.
		ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("%s.%x", s.Name, now.UnixNano()), Namespace: s.Namespace},
		InvolvedObject: corev1.ObjectReference{
			Kind: "Service", APIVersion: "v1", Namespace: s.Namespace, Name: s.Name, UID: s.UID, ResourceVersion: s.ResourceVersion,
		},
		Type: eventType, Reason: reason, Message: message, Count: 1,
		FirstTimestamp: now, LastTimestamp: now,
		Source: corev1.EventSource{Component: component}, ReportingController: component,
	}, metav1.CreateOptions{})
	if err == nil {
		e.said[keyOf(s)] = message
	}
}

func (e *events) forget(key string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.said, key)
}
