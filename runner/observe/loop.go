package observe

import (
	"context"
	"time"

	"github.com/kubelab/kubelab/checks"
)

// A source observes one or several keys until ctx ends. It sends every new state to out and looks again when poked
// receives.
type source interface {
	run(ctx context.Context, out emitter, poked <-chan struct{})
}

// change is a new state of one source. Version is set by the loop.
type change struct {
	from     *running
	key      string
	state    checks.State
	accepted time.Time
}

// emitter carries a source's states to the loop.
type emitter struct {
	changes chan<- change
	from    *running
}

// emit sends a new state; accepted is when the change was received from where it happened. It gives up when ctx ends.
func (e emitter) emit(ctx context.Context, key string, state checks.State, accepted time.Time) {
	select {
	case e.changes <- change{from: e.from, key: key, state: state, accepted: accepted}:
	case <-ctx.Done():
	}
}

// request is something that the loop is asked to do.
type request struct {
	run  func(*loop)
	done chan struct{}
}

// running is a source at work.
type running struct {
	source string
	pokes  chan struct{}
	cancel context.CancelFunc
}

func (r *running) poke() {
	select {
	case r.pokes <- struct{}{}:
	default: // it has been poked and has not looked yet
	}
}

// loop is what one goroutine owns: nothing in it is touched by any other.
type loop struct {
	o           *Observer
	running     map[string]*running // by key, except for Docker's
	docker      *running            // the one that serves all keys of Docker; nil while none is wanted
	hub         *dockerHub
	wanted      map[string]checks.Watch
	commands    *collection
	subscribers map[*subscriber]bool
	moved       map[string]bool
	accepted    time.Time // the earliest of the changes in moved
	version     uint64
}

func newLoop(o *Observer) *loop {
	commands := newCollection()
	commands.synced = true
	return &loop{
		o:           o,
		running:     map[string]*running{},
		wanted:      map[string]checks.Watch{},
		commands:    commands,
		subscribers: map[*subscriber]bool{},
		moved:       map[string]bool{},
	}
}

// maxDrain bounds how many waiting changes go into one snapshot, so that a source that never rests delays nobody.
const maxDrain = 64

func (l *loop) run() {
	defer close(l.o.done)
	defer l.end()
	for {
		select {
		case <-l.o.ctx.Done():
			return
		case r := <-l.o.requests:
			r.run(l)
			l.publish()
			close(r.done)
			continue
		case c := <-l.o.changes:
			l.apply(c)
			l.drain()
		}
		l.publish()
	}
}

func (l *loop) drain() {
	for range maxDrain {
		select {
		case c := <-l.o.changes:
			l.apply(c)
		default:
			return
		}
	}
}

// end lets the subscribers go. The sources end with the observer's context.
func (l *loop) end() {
	for s := range l.subscribers {
		s.close()
	}
}

// apply puts a source's new state into the snapshot.
func (l *loop) apply(c change) {
	if _, wanted := l.wanted[c.key]; !wanted || (c.from != l.running[c.key] && c.from != l.docker) {
		return // sent before the source was stopped
	}
	l.set(c.key, c.state, c.accepted)
	switch l.wanted[c.key].Source {
	case checks.HTTP, checks.Registry:
	case checks.Logs: // a server logs that it was asked: asking again would never end
	default:
		l.pokeAskers()
	}
}

// pokeAskers makes the sources that nobody tells of changes look: what just changed may be the reason for theirs.
func (l *loop) pokeAskers() {
	for _, r := range l.running {
		if r.source == checks.HTTP || r.source == checks.Registry {
			r.poke()
		}
	}
}

func (l *loop) set(key string, state checks.State, accepted time.Time) {
	l.version++
	state.Version = l.version
	l.touch(key, accepted)
	next := l.o.Snapshot().With(time.Now(), key, state)
	l.o.latest.Store(&next)
}

func (l *loop) touch(key string, accepted time.Time) {
	l.moved[key] = true
	if l.accepted.IsZero() || accepted.Before(l.accepted) {
		l.accepted = accepted
	}
}

// publish tells the subscribers what moved.
func (l *loop) publish() {
	if len(l.moved) == 0 {
		return
	}
	update := Update{Snapshot: l.o.Snapshot(), Moved: sortedKeys(l.moved), Accepted: l.accepted}
	for s := range l.subscribers {
		s.send(update)
	}
	clear(l.moved)
	l.accepted = time.Time{}
}

// observe makes wanted the set of observed sources.
func (l *loop) observe(watches []checks.Watch) {
	wanted := keysOf(watches)
	l.forget(wanted)
	for key, w := range wanted {
		if _, known := l.wanted[key]; known {
			continue
		}
		l.wanted[key] = w
		switch {
		case isDocker(w.Source):
		case w.Source == checks.Commands:
			l.set(key, l.commands.state(), time.Now())
		default:
			l.running[key] = l.start(w.Source, l.newSource(w))
		}
	}
	l.observeDocker()
}

// forget stops what is no longer wanted and takes it out of the snapshot.
func (l *loop) forget(wanted map[string]checks.Watch) {
	states := map[string]checks.State{}
	var gone bool
	for key := range l.wanted {
		if _, keep := wanted[key]; keep {
			states[key] = l.o.Snapshot().State(key)
			continue
		}
		gone = true
		delete(l.wanted, key)
		if r := l.running[key]; r != nil {
			// All of Docker's kinds share one source, which observeDocker ends with the last of them.
			if r != l.docker {
				r.cancel()
			}
			delete(l.running, key)
		}
		l.touch(key, time.Now())
	}
	if gone {
		next := checks.NewSnapshot(time.Now(), states)
		l.o.latest.Store(&next)
	}
}

// observeDocker tells the one source that serves all of Docker which kinds are wanted. A registry needs it as well: a
// push is an event of Docker's.
func (l *loop) observeDocker() {
	kinds := map[string]bool{}
	needed := false
	for key, w := range l.wanted {
		if isDocker(w.Source) {
			kinds[key], needed = true, true
		}
		needed = needed || w.Source == checks.Registry
	}
	switch {
	case !needed && l.docker != nil:
		l.docker.cancel()
		l.docker, l.hub = nil, nil
	case needed && l.docker == nil:
		l.hub = newDockerHub(l.o.cfg.Env.DockerHost, l.pushed, l.o.cfg.Logger)
		l.hub.want(kinds)
		l.docker = l.start("docker", l.hub)
	case needed:
		l.hub.want(kinds)
	}
	for key := range kinds {
		l.running[key] = l.docker
	}
}

// pushed is called by the Docker source when an image was pushed.
func (l *loop) pushed(ctx context.Context) {
	l.o.request(ctx, (*loop).pokeAskers)
}

func (l *loop) start(name string, s source) *running {
	ctx, cancel := context.WithCancel(l.o.ctx)
	r := &running{source: name, pokes: make(chan struct{}, 1), cancel: cancel}
	out := emitter{changes: l.o.changes, from: r}
	l.o.sources.Go(func() { s.run(ctx, out, r.pokes) })
	return r
}

func (l *loop) newSource(w checks.Watch) source {
	cfg := l.o.cfg
	switch w.Source {
	case checks.HTTP:
		return newHTTPSource(w, cfg.Vars)
	case checks.Registry:
		return newRegistrySource(w, cfg.Env.Registry)
	case checks.Files:
		return newFilesSource(w.Key(), cfg.WorkDir, cfg.Logger)
	case checks.Logs:
		return newLogSource(w.Key(), cfg.Env.Namespace, l.o.cluster, cfg.Logger)
	}
	return newKubeSource(w, l.o.cluster, cfg.Logger)
}

func (l *loop) record(c checks.Command, received time.Time) {
	if err := putCommand(l.commands, c); err != nil {
		l.o.cfg.Logger.Error("a command was lost", "err", err)
		return
	}
	key := checks.Watch{Source: checks.Commands}.Key()
	if _, wanted := l.wanted[key]; wanted {
		l.set(key, l.commands.state(), received)
		l.pokeAskers()
	}
}
