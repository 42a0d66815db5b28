package validate_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/observe"
	"github.com/kubelab/kubelab/runner/session"
	"github.com/kubelab/kubelab/runner/validate"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a Docker engine whose containers are files: a lab's scripts, which bash runs, reach them through the docker
// command in bin, and the shell, which is a fake, directly.
type world struct {
	t    *testing.T
	dir  string // a file for each container: its ID and its image
	bin  string
	work string
	log  string // what was run by bash

	mu        sync.Mutex
	made      int
	observers []*observer
	shells    []*shell
	// typing, where it is set, is called with each statement before it runs.
	typing func(statement string) error
	// watching, where it is set, is called with the number of each new observer, counted from 1.
	watching func(n int)
	registry session.RegistryCleaner
	blind    bool // no source can be seen
}

const dockerCommand = `#!/bin/bash
echo "docker $*" >> "$WORLD_LOG"
verb=$1; shift
case $verb in
run)
	while [ $# -gt 1 ]; do
		if [ "$1" = --name ]; then name=$2; fi
		shift
	done
	echo "bash-$$-$RANDOM $1" > "$WORLD/$name" ;;
rm)
	for name; do rm -f "$WORLD/$name"; done ;;
esac
`

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), bin: t.TempDir(), work: t.TempDir(), log: filepath.Join(t.TempDir(), "log")}
	if err := os.WriteFile(filepath.Join(w.bin, "docker"), []byte(dockerCommand), 0o755); err != nil {
		t.Fatal(err)
	}
	return w
}

// config is what a validation of labs in this world needs.
func (w *world) config(all ...*labs.Lab) validate.Config {
	env := &engine.Environment{BinDir: w.bin, Vars: map[string]string{"WORLD": w.dir, "WORLD_LOG": w.log}}
	return validate.Config{
		Labs: all,
		Stage: func(lab *labs.Lab) *session.Stage {
			return &session.Stage{Lab: lab, Env: env, WorkDir: filepath.Join(w.work, lab.ID), Registry: w.registry}
		},
		Observer: func(*session.Stage) validate.Observer {
			w.mu.Lock()
			o := &observer{world: w}
			w.observers = append(w.observers, o)
			n := len(w.observers)
			w.mu.Unlock()
			if w.watching != nil {
				w.watching(n)
			}
			return o
		},
		Shell: func(_ context.Context, _ *session.Stage, record func(checks.Command)) (validate.Shell, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			s := &shell{world: w, record: record}
			w.shells = append(w.shells, s)
			return s, nil
		},
	}
}

// run makes a container.
func (w *world) run(name, image string) {
	w.mu.Lock()
	w.made++
	id := w.made
	w.mu.Unlock()
	// At once: an observer may be looking.
	draft := filepath.Join(w.bin, fmt.Sprint("draft-", id))
	if err := os.WriteFile(draft, fmt.Appendf(nil, "shell-%d %s", id, image), 0o600); err != nil {
		w.t.Error(err)
	}
	if err := os.Rename(draft, filepath.Join(w.dir, name)); err != nil {
		w.t.Error(err)
	}
	w.changed()
}

func (w *world) changed() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, o := range w.observers {
		o.tell(checks.Containers)
	}
}

// names are the containers that exist.
func (w *world) names() []string {
	entries, err := os.ReadDir(w.dir)
	if err != nil {
		w.t.Error(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// ran is what bash has run.
func (w *world) ran() []string {
	data, err := os.ReadFile(w.log)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		w.t.Error(err)
	}
	return strings.Split(strings.TrimSpace(string(data)), "\n")
}

// verify reports what a run has left open.
func (w *world) verify() {
	w.t.Helper()
	for i, o := range w.observers {
		if o.closed != 1 {
			w.t.Errorf("observer %d of %d was closed %d times", i+1, len(w.observers), o.closed)
		}
	}
	for i, s := range w.shells {
		if s.closed != 1 {
			w.t.Errorf("shell %d of %d was closed %d times", i+1, len(w.shells), s.closed)
		}
	}
}

// observer sees the containers of the world that exist, and the commands that it was told of.
type observer struct {
	world    *world
	wanted   map[string]bool
	commands []checks.Object
	readers  []chan observe.Update
	closed   int
}

// Observe observes nothing when ctx has ended, as observe.Observer.
func (o *observer) Observe(ctx context.Context, watches []checks.Watch) {
	if ctx.Err() != nil {
		return
	}
	o.world.mu.Lock()
	defer o.world.mu.Unlock()
	o.wanted = map[string]bool{}
	for _, w := range watches {
		o.wanted[w.Key()] = true
	}
}

func (o *observer) Synced(ctx context.Context, _ []checks.Watch) error {
	if o.world.blind {
		<-ctx.Done()
		return fmt.Errorf("wait for containers: %w", context.Cause(ctx))
	}
	return context.Cause(ctx)
}

func (o *observer) Snapshot() checks.Snapshot {
	o.world.mu.Lock()
	defer o.world.mu.Unlock()
	return o.snapshot()
}

func (o *observer) snapshot() checks.Snapshot {
	states := map[string]checks.State{}
	for key := range o.wanted {
		state := checks.State{Synced: true}
		switch key {
		case checks.Containers:
			state.Items = o.world.containers()
		case checks.Commands:
			state.Items = slices.Clone(o.commands)
		}
		states[key] = state
	}
	return checks.NewSnapshot(time.Now(), states)
}

func (w *world) containers() []checks.Object {
	var out []checks.Object
	for _, name := range w.names() {
		data, err := os.ReadFile(filepath.Join(w.dir, name))
		if err != nil {
			continue // removed since
		}
		id, image, _ := strings.Cut(strings.TrimSpace(string(data)), " ")
		out = append(out, checks.Object{
			"Id": id, "Name": name, "ImageName": image, "State": map[string]any{"Status": "running"},
		})
	}
	return out
}

func (o *observer) Subscribe() (<-chan observe.Update, func()) {
	o.world.mu.Lock()
	defer o.world.mu.Unlock()
	reader := make(chan observe.Update, 1)
	o.readers = append(o.readers, reader)
	return reader, func() {}
}

// tell hands every reader the newest snapshot. The world must be locked.
func (o *observer) tell(key string) {
	for _, r := range o.readers {
		select {
		case <-r:
		default:
		}
		r <- observe.Update{Snapshot: o.snapshot(), Moved: []string{key}}
	}
}

func (o *observer) Record(c checks.Command) {
	o.world.mu.Lock()
	defer o.world.mu.Unlock()
	object, err := checks.NewObject(c)
	if err != nil {
		o.world.t.Error(err)
	}
	o.commands = append(o.commands, object)
	o.tell(checks.Commands)
}

func (o *observer) Close() {
	o.world.mu.Lock()
	defer o.world.mu.Unlock()
	o.closed++
}

// shell understands docker run and docker rm.
type shell struct {
	world  *world
	record func(checks.Command)
	typed  []string
	closed int
}

// slow is how long it takes until a container of the image "slow" is there.
const slow = 5 * time.Second

func (s *shell) Run(_ context.Context, statement string) (checks.Command, error) {
	if s.world.typing != nil {
		if err := s.world.typing(statement); err != nil {
			return checks.Command{}, err
		}
	}
	s.typed = append(s.typed, statement)
	c := checks.Command{Text: statement, Started: time.Now()}
	words := strings.Fields(statement)
	switch name := slices.Index(words, "--name"); {
	case words[0] == "docker" && words[1] == "run" && words[len(words)-1] == "slow":
		time.AfterFunc(slow, func() { s.world.run(words[name+1], "slow") })
	case words[0] == "docker" && words[1] == "run":
		s.world.run(words[name+1], words[len(words)-1])
	case words[0] == "docker" && words[1] == "rm":
		for _, name := range words[2:] {
			if err := os.Remove(filepath.Join(s.world.dir, name)); err != nil && !strings.HasPrefix(name, "-") {
				c.Exit = 1
			}
		}
		s.world.changed()
	}
	c.Ended = time.Now()
	s.record(c)
	return c, nil
}

func (s *shell) Close() error {
	s.closed++
	return nil
}

// parse reads a lab out of its Markdown.
func parse(t *testing.T, text string) *labs.Lab {
	t.Helper()
	head := "---\nid: demo\ntitle: 시험\nneeds: [docker]\nminutes: 1\n---\n"
	course, err := labs.Load(fstest.MapFS{
		"course.yaml": {Data: []byte("title: 시험\nlabs: [demo]\n")}, "demo/lab.md": {Data: []byte(head + text)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return course.Labs[0]
}
