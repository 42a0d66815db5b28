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
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
)

const (
	// kubeRetry is the first pause before a lost API server is asked again; it doubles up to kubeRetryMax.
	kubeRetry    = 250 * time.Millisecond
	kubeRetryMax = time.Second
)

// kubeEvent is what an informer's handler was told; of which one is set.
type kubeEvent struct {
	old, now *unstructured.Unstructured // added: old is nil; deleted: now is nil
	listed   bool                       // everything that existed has been told
	received time.Time
}

// informed is what an informer tells.
type informed struct {
	events *queue[kubeEvent]
	// listed is closed when all that existed has been put into events.
	listed <-chan struct{}
}

// keep runs follow with one connection after the other until ctx ends. follow reports whether it had listed; where it
// cannot, lost is told why, in the learner's words.
func (c *cluster) keep(ctx context.Context, resource string, log *slog.Logger, poked <-chan struct{},
	follow func(context.Context, *connection) (listed bool, err error), lost func(trouble string)) {
	pause := kubeRetry
	for ctx.Err() == nil {
		began, listed := time.Now(), false
		conn, err := c.connect()
		server := c.kubeconfig
		if err == nil {
			server = conn.server
			listed, err = follow(ctx, conn)
			conn.close()
		}
		if ctx.Err() != nil || errors.Is(err, errKubeconfigChanged) {
			continue
		}
		log.Info("kubernetes was lost", "resource", resource, "server", server, "err", err)
		if listed {
			pause = kubeRetry
		}
		if listed && time.Since(began) > steady {
			continue // a connection that broke, and most often can be made again at once
		}
		lost(kubeTrouble(resource, server, err))
		select {
		case <-ctx.Done():
		case <-poked:
		case <-time.After(pause):
		}
		pause = min(2*pause, kubeRetryMax)
	}
}

// inform runs an informer of a resource, and learn with what it tells, until learn returns or the connection fails or is
// out of date.
func (c *cluster) inform(ctx context.Context, conn *connection, gvr schema.GroupVersionResource, namespace string,
	log *slog.Logger, learn func(context.Context, informed) error) error {
	broken := make(chan error, 1)
	ctx, cancel := context.WithCancel(klog.NewContext(ctx, logr.FromSlogHandler(log.Handler())))
	defer cancel()
	g, ctx := errgroup.WithContext(ctx)
	told, err := startInformer(ctx, g, conn.dynamic, gvr, namespace, broken)
	if err != nil {
		return err
	}
	g.Go(func() error { return c.changed(ctx, conn.content) })
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
	g.Go(func() error { return learn(ctx, told) })
	return g.Wait()
}

// startInformer starts an informer in g. broken receives its first failure that it cannot mend at once.
func startInformer(ctx context.Context, g *errgroup.Group, client dynamic.Interface, gvr schema.GroupVersionResource,
	namespace string, broken chan<- error) (informed, error) {
	events := newQueue[kubeEvent]()
	informer := dynamicinformer.NewFilteredDynamicInformer(client, gvr, namespace, 0, cache.Indexers{}, nil).Informer()
	if err := informer.SetTransform(withoutNulls); err != nil {
		return informed{}, fmt.Errorf("set up informer: %w", err)
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
		return informed{}, fmt.Errorf("set up informer: %w", err)
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
		return informed{}, fmt.Errorf("set up informer: %w", err)
	}
	g.Go(func() error {
		informer.RunWithContext(ctx)
		return nil
	})
	return informed{events: events, listed: registration.HasSyncedChecker().Done()}, nil
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
