package images

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// lane is what a step keeps busy. One step at a time runs in debian and in compiler, in the order of the plan, so that a
// compiler and a package manager share the machine, and two compilers do not.
type lane int

const (
	debian   lane = iota // downloads and unpacks packages
	compiler             // compiles Go
	assembly             // puts images together and hands them to Docker: each as soon as its parts are there
)

// step is a part of the way to an image.
type step struct {
	kind      Kind
	id, title string
	lane      lane
	// after lists the steps of the same image that must have been done before.
	after []string
	// needs lists what the machine must have.
	needs []need
	// done reports that the step's outcome is in the cache already. nil: never.
	done func() bool
	run  func(context.Context, *task) error
}

// task is a step while it runs.
type task struct {
	store *Store
	step  *step
	log   *os.File
	// detail reports the newest line of what the step does.
	detail func(string)
	// work is a folder of the step's own that is removed after it.
	work string
}

// plan lists the steps that are still needed for the images, in an order in which each comes after what it needs.
func (s *Store) plan(kinds []Kind) []*step {
	var steps []*step
	for _, k := range inOrder(kinds) {
		for _, st := range s.steps(k) {
			if st.done == nil || !st.done() {
				steps = append(steps, st)
			}
		}
	}
	return steps
}

// feasible drops the images for which the machine lacks something, before anything is spent on them. It returns the other
// images' steps, and what is missing for each that was dropped.
func (s *Store) feasible(steps []*step) ([]*step, map[Kind]error) {
	failed := map[Kind]error{}
	for _, st := range steps {
		for _, n := range st.needs {
			if err := n(s, s.ref(st.kind)); err != nil && failed[st.kind] == nil {
				failed[st.kind] = err
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(steps), func(st *step) bool { return failed[st.kind] != nil }), failed
}

// build runs the steps in their lanes. A step that fails takes its image's others with it; the other images go on. It returns why each image that did not get done failed.
func (s *Store) build(ctx context.Context, r *reporter, steps []*step) map[Kind]error {
	run := &buildRun{
		store: s, reporter: r, steps: steps,
		done: map[string]chan struct{}{}, images: map[Kind]imageRun{}, failed: map[Kind]error{}, left: map[Kind]int{},
	}
	for _, st := range steps {
		run.done[st.id] = make(chan struct{})
		run.left[st.kind]++
		if _, seen := run.images[st.kind]; !seen {
			ctx, cancel := context.WithCancelCause(ctx)
			defer cancel(nil)
			run.images[st.kind] = imageRun{ctx, cancel}
		}
	}
	var workers sync.WaitGroup
	queues := map[lane][]*step{}
	for _, st := range steps {
		if st.lane == assembly {
			workers.Go(func() { run.one(st) })
		} else {
			queues[st.lane] = append(queues[st.lane], st)
		}
	}
	for queue := range maps.Values(queues) {
		workers.Go(func() {
			for _, st := range queue {
				run.one(st)
			}
		})
	}
	workers.Wait()
	return run.failed
}

// buildRun is the state that the lanes share.
type buildRun struct {
	store    *Store
	reporter *reporter
	steps    []*step
	done     map[string]chan struct{} // closed when the step of that id ended, well or not
	images   map[Kind]imageRun
	mu       sync.Mutex
	failed   map[Kind]error // the first error of each image
	left     map[Kind]int   // how many steps of an image have not been done
}

// imageRun is what the steps of an image run under: a step that fails ends those in other lanes.
type imageRun struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
}

// one waits for what a step needs and runs it, unless its image cannot be had any more.
func (b *buildRun) one(st *step) {
	defer close(b.done[st.id])
	for _, id := range st.after {
		if before, planned := b.done[id]; planned {
			<-before // ends when ctx does: every step runs under it
		}
	}
	img := b.images[st.kind]
	err := context.Cause(img.ctx)
	if err == nil {
		err = b.store.perform(img.ctx, b.reporter, st, b.place(st))
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case err == nil:
		if b.left[st.kind]--; b.left[st.kind] == 0 {
			b.store.image(b.reporter, st.kind, Done, "준비되었습니다.", nil)
		}
	case b.failed[st.kind] == nil:
		b.failed[st.kind] = err
		img.cancel(err)
	}
}

// place fills in what is the same for all news of a step: n of how many for its image.
func (b *buildRun) place(st *step) Progress {
	p := Progress{Kind: st.kind, Image: b.store.ref(st.kind), Step: st.id, Title: st.title}
	for _, other := range b.steps {
		if other.kind != st.kind {
			continue
		}
		p.Of++
		if other == st {
			p.N = p.Of
		}
	}
	return p
}

// perform runs one step with a log and a work folder of its own.
func (s *Store) perform(ctx context.Context, r *reporter, st *step, p Progress) (err error) {
	act := r.begin(p)
	defer func() {
		if err != nil && ctx.Err() == nil {
			err = &StepError{Image: p.Image, Title: st.title, Err: err}
		}
		act.end(err)
	}()
	log, err := os.Create(filepath.Join(s.cache, "log", st.id+".log"))
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	defer log.Close()
	work := filepath.Join(s.cache, "work", st.id)
	if err := os.MkdirAll(work, 0o755); err != nil {
		return fmt.Errorf("make work folder: %w", err)
	}
	defer removeTree(work) // what stays is removed by the next run
	return st.run(ctx, &task{store: s, step: st, log: log, detail: act.detail, work: work})
}

// removeTree removes a folder in which something may still be mounted. A folder with a mount in it is left alone.
func removeTree(folder string) error {
	if err := unmountUnder(folder); err != nil {
		return err
	}
	return os.RemoveAll(folder)
}
