package observe

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	corev1 "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/kubelab/kubelab/checks"
)

const (
	// maxLogStreams bounds the logs that are followed at once; of more containers the youngest's are. An API server
	// serves 100 requests on one connection, and the watch of pods is on it, too.
	maxLogStreams = 64
	// logPause is the least pause between two states: a container that writes line by line is not evaluated line by
	// line.
	logPause = 100 * time.Millisecond
	// logPatience is how long the first look at the logs waits for one that does not come.
	logPatience = 2 * time.Second
)

// logSource is the logs of the containers of the pods in one namespace. The pods are kept by an informer; each container
// that runs or has ended has a stream.
type logSource struct {
	key, namespace string
	cluster        *cluster
	log            *slog.Logger
	col            *collection // by logRef.id
	identity       string      // of the cluster that col is about
	ready          bool        // of the present connection: the pods are listed and their logs were looked at
}

func newLogSource(key, namespace string, c *cluster, log *slog.Logger) *logSource {
	return &logSource{key: key, namespace: cmp.Or(namespace, "default"), cluster: c, log: log, col: newCollection()}
}

func (s *logSource) run(ctx context.Context, out emitter, poked <-chan struct{}) {
	s.cluster.keep(ctx, "pods", s.log, poked,
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

// follow keeps to the logs until the connection fails or is out of date.
func (s *logSource) follow(ctx context.Context, conn *connection, out emitter) error {
	s.ready = false
	if s.identity != conn.identity {
		s.col.forgetAll()
		s.identity = conn.identity
	}
	pods := schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	return s.cluster.inform(ctx, conn, pods, s.namespace, s.log, func(ctx context.Context, told informed) error {
		// The streams end before the connection does.
		var streams sync.WaitGroup
		defer streams.Wait()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		f := &logFollower{
			logSource: s, out: out, api: conn.pods.Pods(s.namespace), running: &streams,
			pods: map[string]checks.Object{}, streams: map[string]*logStream{}, news: newQueue[*logStream](),
			pending: map[*logStream]bool{}, first: map[*logStream]bool{}, broken: make(chan error, 1),
		}
		return f.run(ctx, told)
	})
}

// logFollower follows logs on one connection. It belongs to one goroutine, which alone touches the source's collection;
// each stream has another and tells of news.
type logFollower struct {
	*logSource
	out     emitter
	api     corev1.PodInterface
	running *sync.WaitGroup
	pods    map[string]checks.Object // by uid
	listed  bool
	streams map[string]*logStream // by logRef.id
	news    *queue[*logStream]
	// pending are the streams that told of news which is not in the collection yet, since accepted. first are those
	// that the first look waits for.
	pending, first map[*logStream]bool
	accepted       time.Time
	shown          time.Time // when a state was sent last
	broken         chan error
}

func (f *logFollower) run(ctx context.Context, told informed) error {
	var patience, soon <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-f.broken:
			return err
		case <-told.listed:
			told.listed, patience = nil, time.After(logPatience)
			told.events.put(kubeEvent{listed: true, received: time.Now()})
		case <-told.events.ready:
			f.learn(ctx, told.events.take())
		case <-patience:
			clear(f.first)
			f.show(ctx, time.Now(), false)
		case <-f.news.ready:
			f.note(f.news.take())
			if soon == nil {
				soon = time.After(logPause - time.Since(f.shown))
			}
		case <-soon:
			soon = nil
			f.flush(ctx)
		}
	}
}

// note takes in which streams have news.
func (f *logFollower) note(batch []*logStream) {
	if len(f.pending) == 0 {
		f.accepted = time.Now()
	}
	for _, stream := range batch {
		f.pending[stream] = true
	}
}

// flush puts what the streams have read into the collection.
func (f *logFollower) flush(ctx context.Context) {
	changed := false
	for stream := range f.pending {
		delete(f.first, stream)
		if f.streams[stream.id] == stream {
			changed = f.put(stream) || changed
		}
	}
	clear(f.pending)
	f.show(ctx, f.accepted, changed)
}

// put shows a stream's log as it is now and reports whether that changed anything. A log that could not be read is not
// shown: an empty one would say that the container wrote nothing.
func (f *logFollower) put(stream *logStream) bool {
	contents, opened := stream.contents()
	ref := stream.ref()
	if !opened {
		old := f.col.get(stream.id)
		if old == nil {
			return false
		}
		contents = checks.Text(old, "text")
	}
	object, err := encode(checks.Log{
		Pod: ref.pod, Namespace: f.namespace, Container: ref.container, Previous: ref.previous, Text: contents,
		Restart: ref.restart, UID: ref.uid, Labels: ref.labels,
	})
	if err != nil {
		f.log.Error("a log was lost", "pod", ref.pod, "err", err)
		return false
	}
	return f.col.put(stream.id, ref.started, object)
}

// show sends the state where it changed, or where the first look has come to its end.
func (f *logFollower) show(ctx context.Context, accepted time.Time, changed bool) {
	if f.listed && !f.ready && len(f.first) == 0 {
		f.ready, changed = true, true
	}
	if changed && f.ready {
		f.col.settle("")
		f.shown = time.Now()
		f.out.emit(ctx, f.key, f.col.state(), accepted)
	}
}

// learn takes in what the informer told of pods.
func (f *logFollower) learn(ctx context.Context, batch []kubeEvent) {
	if len(batch) == 0 {
		return
	}
	listed := false
	for _, e := range batch {
		if e.old != nil {
			delete(f.pods, string(e.old.GetUID()))
		}
		if e.now != nil {
			f.pods[string(e.now.GetUID())] = e.now.Object
		}
		listed = listed || e.listed
	}
	if f.listed = f.listed || listed; !f.listed {
		return // which pods are the youngest is known when all are
	}
	changed := f.reconcile(ctx)
	if listed {
		for _, stream := range f.streams {
			f.first[stream] = true
		}
	}
	f.show(ctx, batch[0].received, changed)
}

// reconcile starts and ends streams as the pods are now and reports whether the collection changed.
func (f *logFollower) reconcile(ctx context.Context) bool {
	var refs []logRef
	for _, pod := range f.pods {
		refs = append(refs, logsOf(pod)...)
	}
	slices.SortFunc(refs, func(a, b logRef) int { return cmp.Or(b.started.Compare(a.started), cmp.Compare(a.id(), b.id())) })
	changed := f.end(refs)
	open := 0
	for _, stream := range f.streams {
		if !stream.finished() {
			open++
		}
	}
	for _, ref := range refs {
		if stream := f.streams[ref.id()]; stream != nil {
			if stream.update(ref) && f.col.get(stream.id) != nil {
				changed = f.put(stream) || changed
			}
			continue
		}
		if open < maxLogStreams {
			open++
			f.start(ctx, ref)
		} else {
			f.log.Debug("a log is not followed: there are too many", "log", ref.id(), "limit", maxLogStreams)
		}
	}
	return changed
}

func (f *logFollower) start(ctx context.Context, ref logRef) {
	ctx, cancel := context.WithCancel(ctx)
	stream := newLogStream(ref, f.api, f.news, cancel)
	f.streams[stream.id] = stream
	f.running.Go(func() {
		if err := stream.run(ctx, f.log); err != nil {
			select {
			case f.broken <- err:
			default:
			}
		}
	})
}

// end stops the streams that none of refs names. The logs of a pod that is gone go to the removed ones; those of
// containers that were followed by two others are forgotten.
func (f *logFollower) end(refs []logRef) bool {
	wanted := make(map[string]bool, len(refs))
	for _, ref := range refs {
		wanted[ref.id()] = true
	}
	changed := false
	for id, stream := range f.streams {
		if !wanted[id] {
			changed = f.put(stream) || changed
			stream.cancel()
			delete(f.streams, id)
			delete(f.first, stream)
		}
	}
	for _, id := range sortedKeys(f.col.entries) {
		switch {
		case wanted[id]:
		case f.pods[checks.Text(f.col.get(id), "uid")] == nil:
			changed = f.col.drop(id, nil) || changed
		default:
			changed = f.col.forget(id) || changed
		}
	}
	return changed
}
