package observe

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	corev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubelab/kubelab/checks"
)

// cluster is where the Kubernetes API is, by a kubeconfig that comes, changes and goes with the cluster.
type cluster struct {
	kubeconfig, context string
	log                 *slog.Logger
}

func newCluster(kubeconfig, context string, log *slog.Logger) *cluster {
	return &cluster{kubeconfig: kubeconfig, context: context, log: log}
}

// connection is one use of a kubeconfig.
type connection struct {
	server string
	// identity tells clusters apart: another cluster at the same address has another authority.
	identity  string
	content   []byte // the kubeconfig's
	config    *rest.Config
	client    *http.Client
	transport *http.Transport
	dialed    dialed
	dynamic   dynamic.Interface
	// pods is for logs. A log that breaks off, as when its node goes, is no failure of the connection.
	pods corev1.PodsGetter
	// failed receives when a request got no answer, or not all of it. It holds the first failure.
	failed chan error
}

// errNoKubeconfig says that the cluster is not there yet, or not any more.
var errNoKubeconfig = errors.New("no kubeconfig")

// connect reads the kubeconfig. It asks the server nothing.
func (c *cluster) connect() (*connection, error) {
	content, err := os.ReadFile(c.kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoKubeconfig, err)
	}
	file, err := clientcmd.Load(content)
	if err != nil {
		return nil, fmt.Errorf("read kubeconfig: %w", err)
	}
	if len(file.Clusters) == 0 {
		return nil, fmt.Errorf("%w: %s names no cluster", errNoKubeconfig, c.kubeconfig)
	}
	config, err := clientcmd.NewNonInteractiveClientConfig(*file, c.context, &clientcmd.ConfigOverrides{}, nil).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("read kubeconfig: %w", err)
	}
	config.WarningHandler = rest.NoWarnings{}
	config.QPS = -1 // a handful of lists and watches needs no brake
	conn := &connection{server: config.Host, content: content, config: config, failed: make(chan error, 1)}
	conn.identity = identityOf(config)
	if err := conn.dial(); err != nil {
		return nil, err
	}
	return conn, nil
}

// identityOf names the cluster's certificate authority, or the server where there is none.
func identityOf(config *rest.Config) string {
	authority := config.CAData
	if len(authority) == 0 && config.CAFile != "" {
		authority, _ = os.ReadFile(config.CAFile) // where it cannot be read, the connection says so
	}
	if len(authority) == 0 {
		return config.Host
	}
	sum := sha256.Sum256(authority)
	return hex.EncodeToString(sum[:])
}

// dial makes the clients. client-go's own transports are shared by the process and live as long: these are ours, so
// that they end with the connection, and tell of requests that fail.
func (c *connection) dial() error {
	tlsConfig, err := rest.TLSConfigFor(c.config)
	if err != nil {
		return fmt.Errorf("read kubeconfig: %w", err)
	}
	c.transport = &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         c.dialed.dial,
		TLSClientConfig:     tlsConfig,
		TLSHandshakeTimeout: 5 * time.Second,
		ForceAttemptHTTP2:   true,
		// A watch is silent for minutes: ping, or a server that vanished without a word goes unnoticed.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 10 * time.Second, PingTimeout: 5 * time.Second},
	}
	wrapped, err := rest.HTTPWrappersForConfig(c.config, teller{c.transport, c.failed})
	if err != nil {
		return fmt.Errorf("read kubeconfig: %w", err)
	}
	c.client = &http.Client{Transport: wrapped}
	c.dynamic, err = dynamic.NewForConfigAndClient(c.config, c.client)
	if err != nil {
		return fmt.Errorf("create kubernetes client: %w", err)
	}
	quiet, err := rest.HTTPWrappersForConfig(c.config, c.transport)
	if err != nil {
		return fmt.Errorf("read kubeconfig: %w", err)
	}
	c.pods, err = corev1.NewForConfigAndClient(c.config, &http.Client{Transport: quiet})
	if err != nil {
		return fmt.Errorf("create kubernetes client: %w", err)
	}
	return nil
}

func (c *connection) close() {
	c.transport.CloseIdleConnections()
	c.dialed.close()
}

// dialed closes what it opened: a connection whose watch was just given up is not idle yet.
type dialed struct {
	mu   sync.Mutex
	open []net.Conn
}

func (d *dialed) dial(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 15 * time.Second}
	conn, err := dialer.DialContext(ctx, network, address)
	if err == nil {
		d.mu.Lock()
		d.open = append(d.open, conn)
		d.mu.Unlock()
	}
	return conn, err
}

func (d *dialed) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, conn := range d.open {
		_ = conn.Close() // most are closed already
	}
	d.open = nil
}

// teller tells of requests that got no answer, and of answers that broke off. A reflector tries again in silence, and
// after pauses of up to half a minute.
type teller struct {
	next   http.RoundTripper
	failed chan<- error
}

func (t teller) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		t.tell(req.Context(), err)
		return resp, err
	}
	resp.Body = tellingBody{resp.Body, req.Context(), t}
	return resp, nil
}

func (t teller) tell(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return // it was we who ended it
	}
	select {
	case t.failed <- err:
	default:
	}
}

// tellingBody is a response's body that tells when it breaks off.
type tellingBody struct {
	io.ReadCloser
	ctx context.Context
	t   teller
}

func (b tellingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		b.t.tell(b.ctx, err)
	}
	return n, err
}

// find tells where the API has a resource by its canonical name. Custom resources are asked for.
func (c *connection) find(source string) (schema.GroupVersionResource, error) {
	if gvr, _, ok := checks.Resource(source); ok {
		return gvr, nil
	}
	client, err := discovery.NewDiscoveryClientForConfigAndClient(c.config, c.client)
	if err != nil {
		return schema.GroupVersionResource{}, fmt.Errorf("create discovery client: %w", err)
	}
	groups, err := restmapper.GetAPIGroupResources(client)
	if err != nil {
		return schema.GroupVersionResource{}, fmt.Errorf("ask for api groups: %w", err)
	}
	mapper := restmapper.NewDiscoveryRESTMapper(groups)
	gvr, err := mapper.ResourceFor(schema.ParseGroupResource(source).WithVersion(""))
	if err != nil {
		return schema.GroupVersionResource{}, fmt.Errorf("find resource: %w", err)
	}
	return gvr, nil
}

// kubeconfigEvery is how often the kubeconfig is looked at.
const kubeconfigEvery = 250 * time.Millisecond

// errKubeconfigChanged ends a connection because its kubeconfig is not the one it was made of.
var errKubeconfigChanged = errors.New("the kubeconfig changed")

// changed waits until the kubeconfig is another one, and has been so for two looks: it is not always written at once.
func (c *cluster) changed(ctx context.Context, used []byte) error {
	every := time.NewTicker(kubeconfigEvery)
	defer every.Stop()
	last := used
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-every.C:
		}
		content, err := os.ReadFile(c.kubeconfig)
		if err != nil {
			content = nil
		}
		if !bytes.Equal(content, used) && bytes.Equal(content, last) {
			return errKubeconfigChanged
		}
		last = content
	}
}
