package loadbalancer

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes/fake"
)

// echo is a dialer whose Services answer each line with their own name and port in front.
type echo struct{ dials atomic.Int32 }

func (e *echo) Dial(ctx context.Context, s *corev1.Service, p corev1.ServicePort) (Conn, error) {
	e.dials.Add(1)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer l.Close()
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", l.Addr().String())
	if err != nil {
		return nil, err
	}
	server, err := l.Accept()
	if err != nil {
		return nil, err
	}
	go func() {
		defer server.Close()
		// Everything is read before the first answer: only a half-closed connection gets through.
		b, err := io.ReadAll(server)
		if err == nil {
			fmt.Fprintf(server, "%s:%d %s", s.Name, p.Port, b)
		}
	}()
	return c.(*net.TCPConn), nil
}

// world is a controller on a fake API server.
type world struct {
	*testing.T
	client *fake.Clientset
	dialer Dialer
	stop   func()
}

func newWorld(t *testing.T, pool *Pool, dialer Dialer, objects ...runtime.Object) *world {
	w := &world{T: t, client: fake.NewClientset(objects...), dialer: dialer}
	w.start(pool)
	return w
}

// start runs a controller until stop is called or the test ends.
func (w *world) start(pool *Pool) {
	ctx, cancel := context.WithCancel(context.Background())
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() {
		done <- Run(ctx, Config{Client: w.client, Pool: pool, Dialer: func(Listers) Dialer { return w.dialer }, Ready: func() { close(ready) }})
	}()
	stopped := false
	w.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			w.Errorf("Run() = %v", err)
		}
	}
	w.Cleanup(w.stop)
	select {
	case <-ready:
	case <-time.After(10 * time.Second):
		w.Fatal("the controller did not get ready")
	}
}

// until waits for a condition of a Service.
func (w *world) until(name, what string, ok func(*corev1.Service) bool) *corev1.Service {
	w.Helper()
	var last *corev1.Service
	err := wait.PollUntilContextTimeout(w.Context(), time.Millisecond, 10*time.Second, true, func(ctx context.Context) (bool, error) {
		got, err := w.client.CoreV1().Services("default").Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		last = got
		return ok(got), nil
	})
	if err != nil {
		w.Fatalf("wait for %s of %s: %v; last seen: %+v", what, name, err, last.Status)
	}
	return last
}

// address waits until a Service has an address.
func (w *world) address(name string) string {
	w.Helper()
	return givenAddress(w.until(name, "address", func(s *corev1.Service) bool { return givenAddress(s) != "" }))
}

// warning waits for an event about a Service.
func (w *world) warning(name, text string) {
	w.Helper()
	var last []string
	err := wait.PollUntilContextTimeout(w.Context(), time.Millisecond, 10*time.Second, true, func(ctx context.Context) (bool, error) {
		got, err := w.client.CoreV1().Events("default").List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, err
		}
		last = nil
		for _, e := range got.Items {
			last = append(last, e.InvolvedObject.Name+": "+e.Message)
			if e.InvolvedObject.Name == name && e.Type == corev1.EventTypeWarning && strings.Contains(e.Message, text) {
				return true, nil
			}
		}
		return false, nil
	})
	if err != nil {
		w.Fatalf("wait for a warning with %q about %s: %v; last seen: %q", text, name, err, last)
	}
}

func (w *world) update(s *corev1.Service) {
	w.Helper()
	if _, err := w.client.CoreV1().Services("default").Update(w.Context(), s, metav1.UpdateOptions{}); err != nil {
		w.Fatal(err)
	}
}

func (w *world) create(s *corev1.Service) {
	w.Helper()
	if _, err := w.client.CoreV1().Services("default").Create(w.Context(), s, metav1.CreateOptions{}); err != nil {
		w.Fatal(err)
	}
}

func (w *world) delete(name string) {
	w.Helper()
	if err := w.client.CoreV1().Services("default").Delete(w.Context(), name, metav1.DeleteOptions{}); err != nil {
		w.Fatal(err)
	}
}

func service(name string, ports ...int32) *corev1.Service {
	s := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "default"},
		Spec:       corev1.ServiceSpec{Type: corev1.ServiceTypeLoadBalancer},
	}
	for _, p := range ports {
		s.Spec.Ports = append(s.Spec.Ports, corev1.ServicePort{Name: "p" + strconv.Itoa(int(p)), Port: p, Protocol: corev1.ProtocolTCP})
	}
	return s
}

// withAddress is a Service that has an address from an earlier run.
func withAddress(s *corev1.Service, ip string) *corev1.Service {
	s.Status.LoadBalancer.Ingress = []corev1.LoadBalancerIngress{{IP: ip}}
	return s
}

// testPool is far from the addresses that a running kubelab gives out.
func testPool() *Pool { return RangePool(netip.MustParseAddr("127.0.77.1"), 20) }

// ask sends a line to an address and returns what comes back until the end.
func ask(t *testing.T, ip string, port int) (string, error) {
	t.Helper()
	c, err := net.DialTimeout("tcp", net.JoinHostPort(ip, strconv.Itoa(port)), 5*time.Second)
	if err != nil {
		return "", err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return "", err
	}
	if _, err := io.WriteString(c, "hello"); err != nil {
		return "", err
	}
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		return "", err
	}
	b, err := io.ReadAll(c)
	return string(b), err
}

func (w *world) answers(ip string, port int, want string) {
	w.Helper()
	if got, err := ask(w.T, ip, port); err != nil || got != want {
		w.Errorf("%s:%d answers %q, %v; want %q", ip, port, got, err, want)
	}
}

// refuses waits until nobody listens at an address any more.
func (w *world) refuses(ip string, port int) {
	w.Helper()
	err := wait.PollUntilContextTimeout(w.Context(), time.Millisecond, 10*time.Second, true, func(context.Context) (bool, error) {
		c, err := net.Dial("tcp", net.JoinHostPort(ip, strconv.Itoa(port)))
		if err == nil {
			c.Close()
		}
		return err != nil, nil
	})
	if err != nil {
		w.Errorf("%s:%d still answers", ip, port)
	}
}

func TestAddressesAreGivenAndTakenBack(t *testing.T) {
	w := newWorld(t, testPool(), &echo{})
	w.create(service("a", 18080, 18081))
	w.create(service("b", 18080))
	a, b := w.address("a"), w.address("b")
	if a == b {
		t.Errorf("both have %s", a)
	}
	w.answers(a, 18080, "a:18080 hello")
	w.answers(a, 18081, "a:18081 hello")
	w.answers(b, 18080, "b:18080 hello")
	s := w.until("a", "mode", func(*corev1.Service) bool { return true })
	if mode := s.Status.LoadBalancer.Ingress[0].IPMode; mode == nil || *mode != corev1.LoadBalancerIPModeProxy {
		t.Errorf("ipMode = %v, want Proxy", mode)
	}

	w.delete("a")
	w.refuses(a, 18080)
	w.create(service("c", 18080))
	if c := w.address("c"); c != a {
		t.Errorf("c has %s, want %s, which a has given back", c, a)
	}
	w.answers(a, 18080, "c:18080 hello")
	w.answers(b, 18080, "b:18080 hello")
}

func TestTypeChanges(t *testing.T) {
	w := newWorld(t, testPool(), &echo{}, service("a", 18080))
	ip := w.address("a")
	s := w.until("a", "address", func(*corev1.Service) bool { return true })
	s.Spec.Type = corev1.ServiceTypeClusterIP
	w.update(s)
	s = w.until("a", "empty status", func(s *corev1.Service) bool { return givenAddress(s) == "" })
	w.refuses(ip, 18080)
	s.Spec.Type = corev1.ServiceTypeLoadBalancer
	w.update(s)
	w.answers(w.address("a"), 18080, "a:18080 hello")
}

func TestPortsChange(t *testing.T) {
	w := newWorld(t, testPool(), &echo{}, service("a", 18080, 18081))
	ip := w.address("a")
	s := w.until("a", "address", func(*corev1.Service) bool { return true })
	s.Spec.Ports = service("a", 18081, 18082).Spec.Ports
	w.update(s)
	w.refuses(ip, 18080)
	w.answers(ip, 18081, "a:18081 hello")
	w.answers(ip, 18082, "a:18082 hello")
}

func TestAddressesSurviveARestart(t *testing.T) {
	// a is first in the list and has no address: it must not be given b's.
	w := newWorld(t, testPool(), &echo{}, service("a", 18080), withAddress(service("b", 18080), "127.0.77.1"))
	if b := w.address("b"); b != "127.0.77.1" {
		t.Errorf("b has %s, want the address that it had", b)
	}
	a := w.address("a")
	if a == "127.0.77.1" {
		t.Error("a was given b's address")
	}
	w.stop()
	w.refuses(a, 18080)
	if got := w.address("a"); got != a {
		t.Errorf("a has %s after the end, want %s still", got, a)
	}
	w.start(testPool())
	w.answers(a, 18080, "a:18080 hello")
	w.answers("127.0.77.1", 18080, "b:18080 hello")
}

func TestForeignServicesAreLeftAlone(t *testing.T) {
	class := "example.com/other"
	other := withAddress(service("other", 18080), "192.0.2.1")
	other.Spec.LoadBalancerClass = &class
	cluster := service("cluster", 18080)
	cluster.Spec.Type = corev1.ServiceTypeClusterIP
	w := newWorld(t, testPool(), &echo{}, other, cluster, service("z", 18080))
	w.address("z") // by now the others have been handled as well
	if s := w.until("other", "status", func(*corev1.Service) bool { return true }); givenAddress(s) != "192.0.2.1" {
		t.Errorf("other has %q, want what it had", givenAddress(s))
	}
	if s := w.until("cluster", "status", func(*corev1.Service) bool { return true }); givenAddress(s) != "" {
		t.Errorf("cluster has %q, want nothing", givenAddress(s))
	}
}

func TestPortInUse(t *testing.T) {
	l, err := net.Listen("tcp4", "0.0.0.0:18088") // as docker run -p does: it takes the port on every address
	if err != nil {
		t.Skipf("port 18088 is taken: %v", err)
	}
	defer l.Close()
	w := newWorld(t, testPool(), &echo{}, service("a", 18088))
	w.warning("a", "다른 프로그램이 이미 쓰고 있습니다")
	if s := w.until("a", "status", func(*corev1.Service) bool { return true }); givenAddress(s) != "" {
		t.Errorf("a has %q although its port is taken", givenAddress(s))
	}
	l.Close()
	w.answers(w.address("a"), 18088, "a:18088 hello")
}

func TestAddressInUseElsewhere(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.77.1:18089")
	if err != nil {
		t.Skipf("port is taken: %v", err)
	}
	defer l.Close()
	w := newWorld(t, testPool(), &echo{}, service("a", 18089))
	if ip := w.address("a"); ip != "127.0.77.2" {
		t.Errorf("a has %s, want the next address", ip)
	}
}

func TestUDP(t *testing.T) {
	s := service("a", 18080)
	s.Spec.Ports = append(s.Spec.Ports, corev1.ServicePort{Name: "dns", Port: 18053, Protocol: corev1.ProtocolUDP})
	only := service("udp", 18054)
	only.Spec.Ports[0].Protocol = corev1.ProtocolUDP
	w := newWorld(t, testPool(), &echo{}, s, only)
	w.answers(w.address("a"), 18080, "a:18080 hello")
	w.warning("a", "UDP")
	w.warning("udp", "UDP")
}

func TestPoolRunsOut(t *testing.T) {
	w := newWorld(t, RangePool(netip.MustParseAddr("127.0.77.1"), 1), &echo{}, service("a", 18080))
	w.address("a")
	w.create(service("b", 18080))
	w.warning("b", "남은 주소가 없습니다")
	w.delete("a")
	w.answers(w.address("b"), 18080, "b:18080 hello")
}

func TestSharedPool(t *testing.T) {
	w := newWorld(t, SharedPool("127.0.77.99"), &echo{}, service("a", 18080), service("b", 18081))
	if a, b := w.address("a"), w.address("b"); a != "127.0.77.99" || b != a {
		t.Errorf("addresses %s and %s, want the shared one", a, b)
	}
	w.create(service("c", 18080))
	w.warning("c", "18080")
	w.answers("127.0.77.99", 18080, "a:18080 hello")
	w.answers("127.0.77.99", 18081, "b:18081 hello")
}

// closed is a dialer for Services that nobody answers for.
type closed struct{}

func (closed) Dial(context.Context, *corev1.Service, corev1.ServicePort) (Conn, error) {
	return nil, fmt.Errorf("no endpoints")
}

func TestNobodyAnswers(t *testing.T) {
	w := newWorld(t, testPool(), closed{}, service("a", 18080))
	if got, err := ask(t, w.address("a"), 18080); err == nil {
		t.Errorf("got %q without an error, want a reset", got)
	}
}
