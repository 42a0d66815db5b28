package observe

import (
	"context"
	"log/slog"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubelab/kubelab/checks"
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

func newKubeSource(w checks.Watch, c *cluster, log *slog.Logger) *kubeSource {
	return &kubeSource{key: w.Key(), resource: w.Source, cluster: c, log: log, col: newCollection()}
}

func (s *kubeSource) run(ctx context.Context, out emitter, poked <-chan struct{}) {
	s.cluster.keep(ctx, s.resource, s.log, poked,
		func(ctx context.Context, conn *connection) (bool, error) {
			err := s.follow(ctx, conn, out)
			return s.ready, err
		},
		func(trouble string) {
			if s.col.settle(trouble) {
				out.emit(ctx, s.key, s.col.state(), time.Now())
			}
		})
}

// follow keeps to a resource until the connection fails or is out of date.
func (s *kubeSource) follow(ctx context.Context, conn *connection, out emitter) error {
	s.ready, s.present = false, map[string]bool{}
	gvr, err := conn.find(s.resource)
	if err != nil {
		return err
	}
	if s.identity != conn.identity {
		s.col.forgetAll()
		s.identity = conn.identity
	}
	return s.cluster.inform(ctx, conn, gvr, metav1.NamespaceAll, s.log, func(ctx context.Context, told informed) error {
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-told.listed:
				told.listed = nil
				told.events.put(kubeEvent{listed: true, received: time.Now()})
			case <-told.events.ready:
				s.learn(ctx, told.events.take(), out)
			}
		}
	})
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
