// Package loadbalancer gives Services of type LoadBalancer an address of this machine that answers, as a cloud would:
// it listens on the address at the Service's ports and forwards each connection into the cluster. Addresses are taken
// back when the Service goes, and found again after a restart, because they stand in the Service's status.
package loadbalancer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
)

// Config says what a controller works on.
type Config struct {
	// Client reaches the cluster.
	Client kubernetes.Interface
	// Dialer makes connections to a Service. It is asked for once, with what the controller watches anyway.
	Dialer func(Listers) Dialer
	// Pool is the addresses to give out.
	Pool *Pool
	// Ready is called once, when every Service that had an address has it again. May be nil.
	Ready func()
	// Log may be nil.
	Log *slog.Logger
}

// retryMin and retryMax bound the pauses between tries for a port that somebody else has open, or an update that
// was refused.
const (
	retryMin = 20 * time.Millisecond
	retryMax = 5 * time.Second
)

// Run gives out addresses until ctx ends, and then closes them. The Services keep them in their status.
func Run(ctx context.Context, cfg Config) error {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	factory := informers.NewSharedInformerFactory(cfg.Client, 0)
	services := factory.Core().V1().Services()
	listers := Listers{
		Nodes:  factory.Core().V1().Nodes().Lister(),
		Slices: factory.Discovery().V1().EndpointSlices().Lister(),
	}
	c := &controller{
		client:   cfg.Client,
		services: services.Lister(),
		pool:     cfg.Pool,
		log:      cfg.Log,
		dialer:   cfg.Dialer(listers),
		queue: workqueue.NewTypedRateLimitingQueue(
			workqueue.NewTypedItemExponentialFailureRateLimiter[string](retryMin, retryMax)),
		open:   map[string]*holding{},
		events: events{client: cfg.Client, said: map[string]string{}},
	}
	if err := c.watch(services.Informer()); err != nil {
		return err
	}
	factory.Start(ctx.Done())
	defer factory.Shutdown()
	for kind, synced := range factory.WaitForCacheSync(ctx.Done()) {
		if !synced {
			return fmt.Errorf("watch %v: %w", kind, context.Cause(ctx))
		}
	}
	return c.work(ctx, cfg.Ready)
}

// controller brings what is open on this machine in line with what the Services say, one Service at a time.
type controller struct {
	client   kubernetes.Interface
	services corelisters.ServiceLister
	pool     *Pool
	dialer   Dialer
	queue    workqueue.TypedRateLimitingInterface[string]
	open     map[string]*holding
	events   events
	log      *slog.Logger
}

func (c *controller) watch(informer cache.SharedIndexInformer) error {
	add := func(obj any) {
		if key, err := cache.DeletionHandlingMetaNamespaceKeyFunc(obj); err == nil {
			c.queue.Add(key)
		}
	}
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: add, UpdateFunc: func(_, now any) { add(now) }, DeleteFunc: add,
	})
	if err != nil {
		return fmt.Errorf("watch services: %w", err)
	}
	return nil
}

// work handles Services until ctx ends. Those that have an address come first, so that no other is given theirs.
func (c *controller) work(ctx context.Context, ready func()) error {
	all, err := c.services.List(labels.Everything())
	if err != nil {
		return fmt.Errorf("list services: %w", err)
	}
	for _, s := range all {
		if ip := givenAddress(s); ours(s) && ip != "" {
			c.pool.Reserve(keyOf(s), ip)
		}
	}
	for _, s := range all {
		c.handle(ctx, keyOf(s))
	}
	if ready != nil {
		ready()
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			key, stop := c.queue.Get()
			if stop {
				return
			}
			c.handle(ctx, key)
			c.queue.Done(key)
		}
	})
	<-ctx.Done()
	c.queue.ShutDown()
	wg.Wait()
	for key := range c.open {
		c.close(key)
	}
	return nil
}

// handle brings one Service in line, and comes back to it later where that failed.
func (c *controller) handle(ctx context.Context, key string) {
	err := c.sync(ctx, key)
	switch {
	case err == nil:
		c.queue.Forget(key)
	case ctx.Err() == nil:
		if !apierrors.IsConflict(err) {
			c.log.Warn("service waits", "service", key, "error", err)
		}
		c.queue.AddRateLimited(key)
	}
}

func (c *controller) sync(ctx context.Context, key string) error {
	namespace, name, err := cache.SplitMetaNamespaceKey(key)
	if err != nil {
		return nil // no name can ever be made of it
	}
	service, err := c.services.Services(namespace).Get(name)
	if apierrors.IsNotFound(err) {
		c.release(key)
		c.events.forget(key)
		return nil
	}
	if err != nil {
		return fmt.Errorf("look up service %s: %w", key, err)
	}
	if !ours(service) {
		c.release(key)
		c.events.forget(key)
		return c.takeBack(ctx, service)
	}
	ports := tcpPorts(service)
	if len(ports) < len(service.Spec.Ports) {
		c.events.warn(ctx, service, "ProtocolNotSupported", "UDP와 SCTP 포트는 밖으로 열 수 없습니다. TCP 포트만 엽니다.")
	}
	if len(ports) == 0 {
		c.release(key)
		return nil
	}
	ip, err := c.hold(service, ports)
	if err != nil {
		c.events.warn(ctx, service, "AddressNotOpened", explain(err))
		return err
	}
	return c.publish(ctx, service, ip)
}

// hold opens the Service's ports on its address, on the one it had where it had one.
func (c *controller) hold(service *corev1.Service, ports []corev1.ServicePort) (string, error) {
	key := keyOf(service)
	if h := c.open[key]; h != nil {
		return h.ip, h.setPorts(ports)
	}
	if ip := givenAddress(service); ip != "" && c.pool.Reserve(key, ip) {
		return c.openAt(key, ip, ports)
	}
	// An address that nobody was given may still be in use by another program: then another one is as good.
	var errs []error
	for _, ip := range c.pool.Free() {
		if !c.pool.Reserve(key, ip) {
			continue
		}
		got, err := c.openAt(key, ip, ports)
		if err == nil {
			return got, nil
		}
		c.pool.Release(key)
		errs = append(errs, err)
	}
	if len(errs) == 0 {
		return "", errNoAddress
	}
	return "", errors.Join(errs...)
}

func (c *controller) openAt(key, ip string, ports []corev1.ServicePort) (string, error) {
	h := newHolding(ip, func(ctx context.Context, port int32) (Conn, error) { return c.connect(ctx, key, port) }, c.log.With("service", key))
	if err := h.setPorts(ports); err != nil {
		h.close()
		return "", err
	}
	c.open[key] = h
	return ip, nil
}

// connect makes a connection to a port of a Service as it is now.
func (c *controller) connect(ctx context.Context, key string, port int32) (Conn, error) {
	namespace, name, err := cache.SplitMetaNamespaceKey(key)
	if err != nil {
		return nil, err
	}
	service, err := c.services.Services(namespace).Get(name)
	if err != nil {
		return nil, fmt.Errorf("look up service: %w", err)
	}
	for _, p := range tcpPorts(service) {
		if p.Port == port {
			return c.dialer.Dial(ctx, service, p)
		}
	}
	return nil, fmt.Errorf("service %s has no port %d any more", key, port)
}

// close stops listening for a Service; release also gives its address to the next one.
func (c *controller) close(key string) {
	if h := c.open[key]; h != nil {
		h.close()
		delete(c.open, key)
	}
}

func (c *controller) release(key string) {
	c.close(key)
	c.pool.Release(key)
}
