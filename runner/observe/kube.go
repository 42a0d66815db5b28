package observe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/go-logr/logr"
	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"

	"github.com/kubelab/kubelab/checks"
)

const (
	// kubeRetry is the first pause before a lost API server is asked again; it doubles up to kubeRetryMax.
	kubeRetry    = 250 * time.Millisecond
	kubeRetryMax = time.Second
)

// kubeSource is one Kubernetes resource in all namespaces, kept by an informer. The informer lasts as long as the
// connection; the objects outlive it, unless the next connection is to another cluster.
type kubeSource struct {
	key, resource string
	cluster       *cluster
	log           *slog.Logger
	col           *collection
	identity      string // of the cluster that col is about
	// Of the present connection: whether its informer has listed, and what it has told of until then.
	ready   bool
	present map[string]bool
}

// kubeEvent is what an informer's handler was told; of which one is set.
type kubeEvent struct {
	old, now *unstructured.Unstructured // added: old is nil; deleted: now is nil
	listed   bool                       // everything that existed has been told
	received time.Time
}

func newKubeSource(w checks.Watch, c *cluster, log *slog.Logger) *kubeSource {
	return &kubeSource{key: w.Key(), resource: w.Source, cluster: c, log: log, col: newCollection()}
}

func (s *kubeSource) run(ctx context.Context, out emitter, poked <-chan struct{}) {
	pause := kubeRetry
	for ctx.Err() == nil {
		began := time.Now()
		s.ready = false
		conn, err := s.cluster.connect()
		server := s.cluster.kubeconfig
		if err == nil {
			server = conn.server
			err = s.follow(ctx, conn, out)
			conn.close()
		}
		if ctx.Err() != nil || errors.Is(err, errKubeconfigChanged) {
			continue
		}
		s.log.Info("kubernetes was lost", "resource", s.resource, "server", server, "err", err)
		if s.ready && time.Since(began) > steady {
			pause = kubeRetry
			continue // a connection that broke, and most often can be made again at once
		}
		if s.ready {
			pause = kubeRetry
		}
		if s.col.settle(kubeTrouble(s.resource, server, err)) {
			out.emit(ctx, s.key, s.col.state(), time.Now())
		}
		select {
		case <-ctx.Done():
		case <-poked:
		case <-time.After(pause):
		}
		pause = min(2*pause, kubeRetryMax)
	}
}

// follow keeps to a resource until the connection fails or is out of date.
func (s *kubeSource) follow(ctx context.Context, conn *connection, out emitter) error {
	s.present = map[string]bool{}
	gvr, err := conn.find(s.resource)
	if err != nil {
		return err
	}
	if s.identity != conn.identity {
		s.col.forgetAll()
		s.identity = conn.identity
	}
	events := newQueue[kubeEvent]()
	broken := make(chan error, 1)
	ctx, cancel := context.WithCancel(klog.NewContext(ctx, logr.FromSlogHandler(s.log.Handler())))
	defer cancel()
	g, ctx := errgroup.WithContext(ctx)
	listed, err := s.inform(ctx, g, conn.dynamic, gvr, events, broken)
	if err != nil {
		return err
	}
	g.Go(func() error { return s.cluster.changed(ctx, conn.content) })
	g.Go(func() error {
		select {
		case <-ctx.Done():
			return nil
		case err := <-broken:
			return err
		case err := <-conn.failed:
			return err
		}
	})
	g.Go(func() error {
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-listed:
				listed = nil
				events.put(kubeEvent{listed: true, received: time.Now()})
			case <-events.ready:
				s.learn(ctx, events.take(), out)
			}
		}
	})
	return g.Wait()
}

// inform starts an informer that puts what it is told into events. It returns a channel that is closed when all that
// existed has been put.
func (s *kubeSource) inform(ctx context.Context, g *errgroup.Group, client dynamic.Interface,
	gvr schema.GroupVersionResource, events *queue[kubeEvent], broken chan<- error) (<-chan struct{}, error) {
	informer := dynamicinformer.NewFilteredDynamicInformer(client, gvr, metav1.NamespaceAll, 0, cache.Indexers{}, nil).Informer()
	if err := informer.SetTransform(withoutNulls); err != nil {
		return nil, fmt.Errorf("set up informer: %w", err)
	}
	err := informer.SetWatchErrorHandlerWithContext(func(_ context.Context, _ *cache.Reflector, err error) {
		if isRoutine(err) {
			return
		}
		select {
		case broken <- err:
		default:
		}
	})
	if err != nil {
		return nil, fmt.Errorf("set up informer: %w", err)
	}
	put := func(old, now any) {
		events.put(kubeEvent{old: unstructuredOf(old), now: unstructuredOf(now), received: time.Now()})
	}
	registration, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(now any) { put(nil, now) },
		UpdateFunc: func(old, now any) { put(old, now) },
		DeleteFunc: func(old any) { put(old, nil) },
	})
	if err != nil {
		return nil, fmt.Errorf("set up informer: %w", err)
	}
	g.Go(func() error {
		informer.RunWithContext(ctx)
		return nil
	})
	return registration.HasSyncedChecker().Done(), nil
}

// learn takes in what the informer was told.
func (s *kubeSource) learn(ctx context.Context, batch []kubeEvent, out emitter) {
	changed := false
	var accepted time.Time
	for _, e := range batch {
		news := s.take(e)
		if e.listed {
			s.ready, news = true, true
			s.col.keep(s.present) // what was deleted while nobody looked
		}
		if news && !changed {
			changed, accepted = true, e.received
		}
	}
	if changed && s.ready {
		s.col.settle("")
		out.emit(ctx, s.key, s.col.state(), accepted)
	}
}

// take applies one event and reports whether it changed anything. Two objects of one name with different UIDs are
// two objects.
func (s *kubeSource) take(e kubeEvent) bool {
	changed := false
	if !s.ready {
		s.notePresent(e)
	}
	if e.old != nil && (e.now == nil || e.now.GetUID() != e.old.GetUID()) {
		changed = s.col.drop(string(e.old.GetUID()), e.old.Object)
	}
	if e.now != nil {
		changed = s.col.put(string(e.now.GetUID()), e.now.GetCreationTimestamp().Time, e.now.Object) || changed
	}
	return changed
}

// notePresent keeps, until the informer has listed, what it has told of.
func (s *kubeSource) notePresent(e kubeEvent) {
	if e.old != nil {
		delete(s.present, string(e.old.GetUID()))
	}
	if e.now != nil {
		s.present[string(e.now.GetUID())] = true
	}
}

// unstructuredOf is the object that a handler was told of, nil where there is none.
func unstructuredOf(v any) *unstructured.Unstructured {
	if last, ok := v.(cache.DeletedFinalStateUnknown); ok {
		v = last.Obj
	}
	u, _ := v.(*unstructured.Unstructured)
	return u
}

// withoutNulls drops the nulls of an object before anybody has it.
func withoutNulls(v any) (any, error) {
	if u, ok := v.(*unstructured.Unstructured); ok {
		dropNulls(u.Object)
	}
	return v, nil
}

// isRoutine reports whether a watch ended in a way that the informer mends by itself, at once.
func isRoutine(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		apierrors.IsResourceExpired(err) || apierrors.IsGone(err) || errors.Is(err, context.Canceled)
}

// kubeTrouble says for a learner why a resource cannot be seen.
func kubeTrouble(resource, server string, err error) string {
	switch {
	case errors.Is(err, errNoKubeconfig):
		return "쿠버네티스 클러스터가 아직 없습니다. 클러스터가 준비되어야 합니다. 준비되면 저절로 이어집니다. `kubelab status`로 진행 상황을 확인하세요."
	case apierrors.IsUnauthorized(err) || apierrors.IsForbidden(err):
		return fmt.Sprintf("쿠버네티스 API 서버(%s)가 %s 조회를 거부했습니다. 조회할 권한이 있어야 합니다. `kubectl auth can-i list %s`로 확인하세요.", server, resource, resource)
	case apierrors.IsNotFound(err) || meta.IsNoMatchError(err):
		return fmt.Sprintf("쿠버네티스에 %s 리소스가 없습니다. 있어야 합니다. `kubectl api-resources`로 확인하세요.", resource)
	}
	return fmt.Sprintf("쿠버네티스 API 서버(%s)에 연결할 수 없습니다. 서버가 실행 중이어야 합니다. `kubelab up`을 실행하세요. 돌아오면 저절로 이어집니다.", server)
}
