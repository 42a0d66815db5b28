package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// undoTimeout is how long all undoing together may take. It begins when the run has failed or was cancelled.
const undoTimeout = 2 * time.Minute

// Step is one thing that Up does. A step looks first and does only what is missing, so that a run over what is already
// up takes no time.
type Step struct {
	// Name is stable; Title is for the learner.
	Name, Title string
	// After names earlier steps of the list that must have succeeded before this one begins. Steps that do not wait
	// for one another run at the same time.
	After []string
	// Behind names earlier steps that are more urgent: where they are in the list, this one lets them go first, although
	// it does not need them.
	Behind []string
	// Gains is what the environment can do once the step has succeeded, unless the step says that something is lacking.
	Gains []Capability
	// Keep leaves the work of a step that succeeded in place when another step fails: it is of use on its own. When
	// the run is cancelled, it is undone like all other work of the run.
	Keep bool
	// Do does the step.
	Do func(ctx context.Context, t *Task) error
}

// Task is a step that is being done: what it says, lacks, and knows to take back.
type Task struct {
	step   Step
	usual  time.Duration
	events chan<- event
	lacked []Capability
	run    *run
}

// Say reports the newest line of what the step is doing.
func (t *Task) Say(format string, args ...any) {
	e := event{Progress: Progress{Step: t.step.Name, Title: t.step.Title, Status: Running, Detail: fmt.Sprintf(format, args...), Usual: t.usual}}
	select {
	case t.events <- e:
	case <-t.run.over: // a library that outlived its step still talks
	}
}

// Lack takes something out of what the step gains: this machine does not give it.
func (t *Task) Lack(caps ...Capability) { t.lacked = append(t.lacked, caps...) }

func (t *Task) gained() []Capability {
	return slices.DeleteFunc(slices.Clone(t.step.Gains), func(c Capability) bool { return slices.Contains(t.lacked, c) })
}

// Undo registers how to take back what the step is about to make. What was there before the run is never registered,
// and so never taken back.
func (t *Task) Undo(what string, undo func(context.Context) error) {
	t.run.mu.Lock()
	defer t.run.mu.Unlock()
	t.run.undos = append(t.run.undos, undoing{step: t.step, what: what, do: undo})
}

// StepError is the failure of one step.
type StepError struct {
	// Step and Title are those of the step.
	Step, Title string
	Err         error
}

func (e *StepError) Error() string { return fmt.Sprintf("%s: %v", e.Title, e.Err) }

// Unwrap returns the cause.
func (e *StepError) Unwrap() error { return e.Err }

type undoing struct {
	step Step
	what string
	do   func(context.Context) error
}

// event is what a step's goroutine tells the one goroutine that reports.
type event struct {
	Progress
	ended bool
}

type run struct {
	mu    sync.Mutex
	undos []undoing
	// kept names the steps that succeeded.
	kept map[string]bool
	// over is closed when nobody listens to the steps any more.
	over chan struct{}
}

// Run does the steps, each as soon as those it waits for have succeeded. When one fails the others are cancelled, and
// what the run has made so far is taken back, newest first; when ctx is cancelled the same happens. Undoing
// ignores the cancellation and has its own time limit. All reports come from the calling goroutine.
//
// The error is a *StepError with the first failure, or the context's cause; what could not be undone is joined to it.
func Run(ctx context.Context, steps []Step, took *Durations, report func(Progress)) error {
	if err := checkOrder(steps); err != nil {
		return err
	}
	stepCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &run{kept: map[string]bool{}, over: make(chan struct{})}
	events := make(chan event)
	succeeded := map[string]chan struct{}{}
	for _, s := range steps {
		succeeded[s.Name] = make(chan struct{})
	}
	for _, s := range steps {
		go r.do(stepCtx, s, succeeded, events, took)
	}
	failure := collect(events, len(steps), r, cancel, report)
	close(r.over)
	if ctx.Err() != nil {
		return errors.Join(context.Cause(ctx), r.undo(ctx, true, report))
	}
	if failure != nil {
		return errors.Join(failure, r.undo(ctx, false, report))
	}
	return nil
}

// collect reports what the steps say until all of them have ended, and returns the first failure.
func collect(events <-chan event, n int, r *run, cancel func(), report func(Progress)) error {
	var failure error
	for n > 0 {
		e := <-events
		if e.ended {
			n--
		}
		if e.Status == Failed && failure == nil {
			failure = &StepError{Step: e.Step, Title: e.Title, Err: e.Err}
			cancel()
		}
		if e.Status == Done {
			r.kept[e.Step] = true
		}
		report(e.Progress)
	}
	return failure
}

// do runs one step from waiting to its end.
func (r *run) do(ctx context.Context, s Step, succeeded map[string]chan struct{}, events chan<- event, took *Durations) {
	p := Progress{Step: s.Name, Title: s.Title, Usual: took.Of(s.Name)}
	end := func(status Status, err error) {
		p.Status, p.Err = status, err
		events <- event{Progress: p, ended: true}
	}
	for _, name := range slices.Concat(s.After, s.Behind) {
		before, listed := succeeded[name]
		if !listed {
			continue // more urgent, and not needed this time
		}
		select {
		case <-before:
		case <-ctx.Done():
			end(Skipped, nil)
			return
		}
	}
	if ctx.Err() != nil {
		end(Skipped, nil)
		return
	}
	events <- event{Progress: p}
	begin := time.Now()
	t := &Task{step: s, usual: p.Usual, events: events, run: r}
	err := s.Do(ctx, t)
	switch {
	case err != nil && ctx.Err() != nil:
		// Another step has failed or the run was cancelled: this one is a victim, not a cause.
		end(Skipped, nil)
	case err != nil:
		end(Failed, err)
	default:
		took.set(s.Name, time.Since(begin))
		p.Gained = t.gained()
		end(Done, nil)
		close(succeeded[s.Name])
	}
}

// undo takes back the work of the run, newest first, and joins what could not be taken back.
func (r *run) undo(ctx context.Context, all bool, report func(Progress)) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTimeout)
	defer cancel()
	r.mu.Lock()
	undos := slices.Clone(r.undos)
	r.mu.Unlock()
	var errs []error
	for _, u := range slices.Backward(undos) {
		if !all && u.step.Keep && r.kept[u.step.Name] {
			continue
		}
		p := Progress{Step: u.step.Name, Title: u.step.Title, Status: Skipped, Detail: u.what + " 되돌리는 중"}
		report(p)
		if err := u.do(ctx); err != nil {
			errs = append(errs, fmt.Errorf("undo %s (%s): %w", u.step.Name, u.what, err))
		}
	}
	return errors.Join(errs...)
}

// Select returns those of the steps that gain the needs, with the steps that these wait for, in the order of the list.
// Without needs it returns all steps. A need that no step gains is an error.
func Select(steps []Step, needs []Capability) ([]Step, error) {
	if len(needs) == 0 {
		return steps, nil
	}
	wanted := map[string]bool{}
	for _, need := range needs {
		found := false
		for _, s := range steps {
			if slices.Contains(s.Gains, need) {
				wanted[s.Name], found = true, true
			}
		}
		if !found {
			return nil, fmt.Errorf("select steps: none gains %q", need)
		}
	}
	// The list reads from top to bottom, so that from the bottom up each step is known to be wanted or not.
	var selected []Step
	for _, s := range slices.Backward(steps) {
		if !wanted[s.Name] {
			continue
		}
		selected = append(selected, s)
		for _, name := range s.After {
			wanted[name] = true
		}
	}
	slices.Reverse(selected)
	return selected, nil
}

// checkOrder makes sure that a list reads from top to bottom: a step waits only for those above it.
func checkOrder(steps []Step) error {
	listed, seen := map[string]bool{}, map[string]bool{}
	for _, s := range steps {
		listed[s.Name] = true
	}
	for _, s := range steps {
		for _, name := range s.After {
			if !seen[name] {
				return fmt.Errorf("order steps: %q waits for %q, which is not above it", s.Name, name)
			}
		}
		for _, name := range s.Behind {
			if listed[name] && !seen[name] {
				return fmt.Errorf("order steps: %q is behind %q, which is not above it", s.Name, name)
			}
		}
		if seen[s.Name] {
			return fmt.Errorf("order steps: two steps are named %q", s.Name)
		}
		seen[s.Name] = true
	}
	return nil
}
