// Package observe keeps the live state of Docker, Kubernetes and the other sources in view and hands it out as one
// stream of immutable snapshots (checks.Snapshot). All I/O of checks happens here; what the state means is decided
// elsewhere.
//
// Every source runs in goroutines of its own and sends whole states to one loop, which owns everything else: which
// sources are wanted, the snapshot, and who is told of it. A source never gives up: where it cannot see, its state says
// so in Err, keeps what was seen last, and the source tries again.
//
// client-go logs through the logger in Config. Its few uses of the process-wide klog are the program's to silence
// (klog.SetLogger or klog.SetOutput in main).
package observe

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/runner/engine"
)

// Config says what an Observer looks at.
type Config struct {
	// Env says where Docker, the cluster and the registry are. They need not be up yet.
	Env *engine.Environment
	// WorkDir is the folder of the files source. It need not exist yet.
	WorkDir string
	// Vars are the variables that an http source's URL may contain ($REGISTRY, ${REGISTRY}).
	Vars map[string]string
	// Logger gets what is of no use to a learner; nil discards it.
	Logger *slog.Logger
}

// Observer observes the sources that are wanted. Its methods may be called from any goroutine.
type Observer struct {
	cfg      Config
	cluster  *cluster
	requests chan request
	changes  chan change
	latest   atomic.Pointer[checks.Snapshot]
	ctx      context.Context
	cancel   context.CancelFunc
	sources  sync.WaitGroup
	done     chan struct{}
}

// Update is what a subscriber is told.
type Update struct {
	// Snapshot is the newest one.
	Snapshot checks.Snapshot
	// Moved are the keys of the sources that changed since the subscriber's last update, sorted.
	Moved []string
	// Accepted is when the first of these changes was received from where it happened.
	Accepted time.Time
}

// New returns an Observer that observes nothing yet. Close ends it.
func New(cfg Config) *Observer {
	if cfg.Env == nil {
		cfg.Env = &engine.Environment{}
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(context.Background())
	o := &Observer{
		cfg:      cfg,
		cluster:  newCluster(cfg.Env.Kubeconfig, cfg.Env.Context, cfg.Logger),
		requests: make(chan request),
		changes:  make(chan change),
		ctx:      ctx,
		cancel:   cancel,
		done:     make(chan struct{}),
	}
	o.latest.Store(&checks.Snapshot{})
	go newLoop(o).run()
	return o
}

// Observe sets the sources that are wanted: those not observed yet are started, those no longer named are stopped and
// leave the snapshot. It does not wait for them (see Synced). Sources live until they are no longer wanted or Close,
// not until ctx ends.
func (o *Observer) Observe(ctx context.Context, watches []checks.Watch) {
	wanted := slices.Clone(watches)
	o.request(ctx, func(l *loop) { l.observe(wanted) })
}

// Snapshot returns the newest snapshot.
func (o *Observer) Snapshot() checks.Snapshot { return *o.latest.Load() }

// Subscribe returns a channel of updates, beginning with the next change, and a function that ends the subscription.
// The channel never holds the observer up: a reader who comes late gets the newest snapshot and the keys of all that
// moved meanwhile. It is closed when the subscription or the observer ends; a last update can still be read then.
func (o *Observer) Subscribe() (<-chan Update, func()) {
	s := newSubscriber()
	if !o.request(context.Background(), func(l *loop) { l.subscribers[s] = true }) {
		s.close()
		return s.updates, func() {}
	}
	var once sync.Once
	return s.updates, func() {
		once.Do(func() {
			o.request(context.Background(), func(l *loop) {
				if l.subscribers[s] {
					delete(l.subscribers, s)
					s.close()
				}
			})
		})
	}
}

// Synced waits until each of the sources, which must be observed, has been listed once. Where ctx ends first, the
// error says for each missing source why it could not be seen.
func (o *Observer) Synced(ctx context.Context, watches []checks.Watch) error {
	updates, cancel := o.Subscribe()
	defer cancel()
	for {
		missing := unsynced(o.Snapshot(), watches)
		if len(missing) == 0 {
			return nil
		}
		select {
		case _, open := <-updates:
			if !open {
				return fmt.Errorf("wait for %s: the observer was closed", strings.Join(missing, "; "))
			}
		case <-ctx.Done():
			missing = unsynced(o.Snapshot(), watches)
			return fmt.Errorf("wait for %s: %w", strings.Join(missing, "; "), context.Cause(ctx))
		}
	}
}

// unsynced describes those of the sources that have not been listed, each with what was seen of it last.
func unsynced(s checks.Snapshot, watches []checks.Watch) []string {
	var missing []string
	for _, w := range watches {
		st := s.State(w.Key())
		switch {
		case st.Synced:
		case st.Err != "":
			missing = append(missing, w.Key()+" ("+st.Err+")")
		default:
			missing = append(missing, w.Key())
		}
	}
	return missing
}

// Record adds what the shell reported to the commands source, observed or not. A command that was recorded before (with
// the same text and the same start) is replaced, as it goes from running to finished.
func (o *Observer) Record(c checks.Command) {
	received := time.Now()
	o.request(context.Background(), func(l *loop) { l.record(c, received) })
}

// Poke makes sources look again at once: those whose name (checks.HTTP) or key is given. It does nothing to sources
// that are told of every change.
func (o *Observer) Poke(source string) {
	o.request(context.Background(), func(l *loop) {
		for key, r := range l.running {
			if r.source == source || key == source {
				r.poke()
			}
		}
	})
}

// Close stops every source, waits until they have ended, and closes the channels of all subscribers.
func (o *Observer) Close() {
	o.cancel()
	<-o.done
	o.sources.Wait()
}

// request has f run by the loop, and waits until it has and subscribers were told what moved by it. It reports whether
// f was run.
func (o *Observer) request(ctx context.Context, f func(*loop)) bool {
	r := request{run: f, done: make(chan struct{})}
	select {
	case o.requests <- r:
		<-r.done
		return true
	case <-ctx.Done():
	case <-o.done:
	}
	return false
}

// keysOf returns the keys of watches, without duplicates.
func keysOf(watches []checks.Watch) map[string]checks.Watch {
	keys := make(map[string]checks.Watch, len(watches))
	for _, w := range watches {
		keys[w.Key()] = w
	}
	return keys
}

// sortedKeys returns the keys of m in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
