package session_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/observe"
	"github.com/kubelab/kubelab/runner/session"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is an observer of objects that a test puts there.
type world struct {
	mu       sync.Mutex
	objects  map[string][]checks.Object
	removed  map[string][]checks.Object
	unlisted map[string][]checks.Object // exist, and are seen when their source is listed anew
	wanted   map[string]bool
	hidden   map[string]bool // sources that cannot be seen
	moved    chan struct{}   // closed and replaced when hidden changes
	readers  []chan observe.Update
	commands []checks.Command
	closed   int
}

func newWorld() *world {
	return &world{
		objects: map[string][]checks.Object{}, removed: map[string][]checks.Object{}, unlisted: map[string][]checks.Object{},
		wanted: map[string]bool{}, hidden: map[string]bool{}, moved: make(chan struct{}),
	}
}

func (w *world) Observe(_ context.Context, watches []checks.Watch) {
	w.mu.Lock()
	defer w.mu.Unlock()
	wanted := map[string]bool{}
	for _, watch := range watches {
		key := watch.Key()
		wanted[key] = true
		if !w.wanted[key] {
			w.objects[key] = append(w.objects[key], w.unlisted[key]...)
			delete(w.unlisted, key)
			delete(w.removed, key)
		}
	}
	w.wanted = wanted
}

func (w *world) Synced(ctx context.Context, watches []checks.Watch) error {
	for {
		w.mu.Lock()
		var missing []string
		for _, watch := range watches {
			if w.hidden[watch.Key()] {
				missing = append(missing, watch.Key())
			}
		}
		moved, closed := w.moved, w.closed > 0
		w.mu.Unlock()
		switch {
		case closed:
			return errors.New("the observer was closed")
		case len(missing) == 0:
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w", strings.Join(missing, "; "), context.Cause(ctx))
		}
	}
}

func (w *world) Snapshot() checks.Snapshot {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.snapshot()
}

func (w *world) snapshot() checks.Snapshot {
	states := map[string]checks.State{}
	for key := range w.wanted {
		states[key] = checks.State{
			Items: slices.Clone(w.objects[key]), Removed: slices.Clone(w.removed[key]), Synced: !w.hidden[key],
		}
	}
	return checks.NewSnapshot(time.Now(), states)
}

func (w *world) Subscribe() (<-chan observe.Update, func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	reader := make(chan observe.Update, 64)
	w.readers = append(w.readers, reader)
	return reader, func() {}
}

func (w *world) Record(c checks.Command) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.commands = append(w.commands, c)
}

func (w *world) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed++; w.closed == 1 {
		for _, r := range w.readers {
			close(r)
		}
		close(w.moved)
	}
}

// put makes objects exist and tells that their source moved.
func (w *world) put(source string, objects ...checks.Object) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.objects[source] = append(w.objects[source], objects...)
	w.tell(source)
}

// quietly makes objects exist and tells nobody.
func (w *world) quietly(source string, objects ...checks.Object) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.objects[source] = append(w.objects[source], objects...)
}

// late tells of what was not listed before, as a source that lags behind does.
func (w *world) late(source string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.objects[source] = append(w.objects[source], w.unlisted[source]...)
	delete(w.unlisted, source)
	w.tell(source)
}

// remove removes a container.
func (w *world) remove(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.objects[checks.Containers] = slices.DeleteFunc(w.objects[checks.Containers], func(o checks.Object) bool {
		if o["Name"] == name {
			w.removed[checks.Containers] = append(w.removed[checks.Containers], o)
		}
		return o["Name"] == name
	})
	w.tell(checks.Containers)
}

// clear makes nothing exist and tells nobody, as what was not observed.
func (w *world) clear() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.objects)
}

func (w *world) tell(moved ...string) {
	for _, r := range w.readers {
		r <- observe.Update{Snapshot: w.snapshot(), Moved: moved, Accepted: time.Now()}
	}
}

// hide makes a source unseen, or seen.
func (w *world) hide(key string, hidden bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hidden[key] = hidden
	close(w.moved)
	w.moved = make(chan struct{})
}

func container(id, name string) checks.Object {
	return checks.Object{
		"Id": id, "Name": name, "ImageName": "busybox",
		"Config": map[string]any{"Image": "busybox", "Hostname": "host-" + id}, "State": map[string]any{"Status": "running"},
	}
}

func image(id, tag string) checks.Object {
	return checks.Object{"Id": id, "RepoTags": []any{tag}}
}

// typist is a learner's shell that remembers what was typed.
type typist struct {
	mu     sync.Mutex
	typed  []string
	run    func(ctx context.Context, statement string) error
	starts int
}

func (s *typist) Run(ctx context.Context, statement string) (checks.Command, error) {
	s.mu.Lock()
	s.typed = append(s.typed, statement)
	s.mu.Unlock()
	if s.run == nil {
		return checks.Command{Text: statement}, nil
	}
	return checks.Command{Text: statement}, s.run(ctx, statement)
}

func (s *typist) start(context.Context) (session.Shell, error) {
	s.starts++
	return s, nil
}

// diary is a log in memory.
type diary struct {
	mu    sync.Mutex
	facts []labs.Fact
	err   error
	told  func(labs.Fact) // may be nil
}

func (d *diary) Append(f labs.Fact) error {
	if d.told != nil {
		d.told(f)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err != nil {
		return d.err
	}
	d.facts = append(d.facts, f)
	return nil
}

func (d *diary) Read() ([]labs.Fact, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.facts), d.err
}

// kinds are the kinds of all facts, with the step where there is one.
func (d *diary) kinds() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []string
	for _, f := range d.facts {
		out = append(out, strings.TrimSuffix(string(f.Kind)+":"+f.Step, ":"))
	}
	return strings.Join(out, " ")
}

// means is what the environment can do.
type means struct {
	mu      sync.Mutex
	have    map[engine.Capability]bool
	changed chan struct{}
}

func newMeans(have ...engine.Capability) *means {
	m := &means{have: map[engine.Capability]bool{}, changed: make(chan struct{})}
	m.set(true, have...)
	return m
}

func (m *means) set(has bool, caps ...engine.Capability) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.have = maps.Clone(m.have)
	for _, c := range caps {
		m.have[c] = has
	}
	close(m.changed)
	m.changed = make(chan struct{})
}

func (m *means) Capabilities() map[engine.Capability]bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.have
}

func (m *means) CapabilitiesChanged() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.changed
}

// rig is a session between fakes.
type rig struct {
	*session.Session
	t     *testing.T
	cfg   session.Config
	world *world
	shell *typist
	log   *diary
	means *means
	vars  map[string]string
}

// flow runs a test of a lab in a bubble: its time stands still while anything happens.
func flow(t *testing.T, text string, test func(t *testing.T, r *rig)) {
	t.Helper()
	flowIn(t, parse(t, text), test)
}

// flowIn is flow for a lab that has been parsed.
func flowIn(t *testing.T, lab *labs.Lab, test func(t *testing.T, r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{
			t: t, world: newWorld(), shell: &typist{}, log: &diary{}, means: newMeans(engine.Docker),
			vars: map[string]string{"NOTES": t.TempDir()},
		}
		r.cfg = session.Config{
			Stage:    &session.Stage{Lab: lab, Env: &engine.Environment{Vars: r.vars}, WorkDir: filepath.Join(t.TempDir(), lab.ID)},
			Observer: r.world, Capabilities: r.means, Log: r.log, Shell: r.shell.start,
		}
		test(t, r)
	})
}

// start begins the session and waits until it rests.
func (r *rig) start() session.View {
	r.Session = session.New(r.t.Context(), r.cfg)
	r.t.Cleanup(r.Close)
	return r.rest()
}

// resume closes the session and begins another one with the progress that was logged.
func (r *rig) resume() session.View {
	r.Close()
	facts, err := r.log.Read()
	if err != nil {
		r.t.Fatal(err)
	}
	r.cfg.Progress = labs.Replay(facts).Labs[r.cfg.Stage.Lab.ID]
	r.world = newWorldLike(r.world)
	r.cfg.Observer = r.world
	return r.start()
}

// newWorldLike is a new observer of the same objects.
func newWorldLike(w *world) *world {
	n := newWorld()
	n.objects = w.objects
	return n
}

// rest waits until nothing happens any more.
func (r *rig) rest() session.View {
	synctest.Wait()
	return r.View()
}

// parse reads a lab out of its Markdown, in which ~ stands for three back quotes.
func parse(t *testing.T, text string) *labs.Lab {
	t.Helper()
	course := parseCourse(t, map[string]string{"demo": text})
	return course.Labs[0]
}

func parseCourse(t *testing.T, texts map[string]string) *labs.Course {
	t.Helper()
	ids := slices.Sorted(maps.Keys(texts))
	fsys := fstest.MapFS{"course.yaml": {Data: []byte("title: 시험\nlabs: [" + strings.Join(ids, ", ") + "]\n")}}
	for id, text := range texts {
		head, body, ok := strings.Cut(strings.TrimSpace(text), "\n\n")
		if !ok {
			t.Fatalf("lab %s has no body", id)
		}
		text = fmt.Sprintf("---\nid: %s\ntitle: 시험\nminutes: 1\n%s\n---\n%s\n", id, head, body)
		fsys[id+"/lab.md"] = &fstest.MapFile{Data: []byte(text)}
		fsys[id+"/files/app/Dockerfile"] = &fstest.MapFile{Data: []byte("FROM busybox\n")}
		fsys[id+"/files/run.sh"] = &fstest.MapFile{Data: []byte("#!/bin/sh\n")}
	}
	course, err := labs.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return course
}

var t0 = time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)
