package session

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/internal/lang"
	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/observe"
	"github.com/kubelab/kubelab/runner/picture"
)

// Observer is where a session sees the state of the world; *observe.Observer is one.
type Observer interface {
	Observe(ctx context.Context, watches []checks.Watch)
	Synced(ctx context.Context, watches []checks.Watch) error
	Snapshot() checks.Snapshot
	Subscribe() (<-chan observe.Update, func())
}

// Shell types statements as the learner would; *shell.Shell is one. Where a command is running already, the error has a
// method Busy() bool.
type Shell interface {
	Run(ctx context.Context, statement string) (checks.Command, error)
}

// Log keeps what the learner has done; *labs.Log is one.
type Log interface {
	Append(labs.Fact) error
}

// Capabilities says what the environment can do at present.
type Capabilities interface {
	Capabilities() map[engine.Capability]bool
	// CapabilitiesChanged returns a channel that is closed at the next change.
	CapabilitiesChanged() <-chan struct{}
}

// Config is what a session is made of.
type Config struct {
	Stage        *Stage
	Observer     Observer
	Capabilities Capabilities
	Log          Log
	// Progress is what the learner did in this lab before.
	Progress labs.LabProgress
	// Shell returns the learner's shell, starting it where necessary.
	Shell func(context.Context) (Shell, error)
	// Enter is done before a lab is prepared or resumed: putting right what a killed program has left. First is done
	// after it before a lab is prepared for the first time: clearing what earlier labs left. Both may be nil.
	Enter, First func(context.Context) error
	// Number returns the place of another lab in the course, from 1. It may be nil.
	Number func(*labs.Lab) int
	// Ticked is called with every check that passes for the first time, from the session's goroutine, and with the
	// time at which the change that made it pass was received. It may be nil; it is there to be measured.
	Ticked func(step, check int, accepted time.Time)
	// Lang is the language of the session's own words.
	Lang lang.Lang
	// Now is the clock; time.Now where it is nil.
	Now func() time.Time
}

// Session is one learner in one lab. Its methods return at once; what they bring about shows in View.
type Session struct {
	cfg     Config
	text    texts
	lab     *labs.Lab
	vars    map[string]string
	watches []checks.Watch

	ctx     context.Context
	cancel  context.CancelFunc
	inbox   chan func()
	done    chan struct{}
	jobs    sync.WaitGroup
	view    atomic.Pointer[View]
	changed chan struct{}

	// observing is held while the set of observed sources changes, and guards the next two: whether the lab's sources are
	// observed, and those of pictures.
	observing sync.Mutex
	sighted   bool
	extra     []checks.Watch

	// Everything below belongs to the session's goroutine.
	phase       phase
	step        int
	stepStarted []time.Time
	steps       []stepState
	before      map[string]map[string]bool
	keep        map[string]bool // what the registry held before the lab; nil while that is not known
	started     time.Time
	finished    bool
	activity    *Activity
	stopJob     context.CancelFunc
	problem     string
	notice      string
	autoAnswer  bool
	// bound is the step to whose beginning the state has yet to be brought, -1 where it fits what is logged.
	bound     int
	replaying bool
	// picture is the kind that is shown; drawn are the sources that pictures are drawn from.
	picture picture.Kind
	drawn   []checks.Watch
	// asked counts the calls of Goto.
	asked int
	// settled is closed when everything in the current step holds at the same time; nil where nobody waits for that.
	settled chan struct{}
}

type phase int

const (
	waiting   phase = iota // for what the lab needs
	preparing              // prepare blocks and first listing
	live                   // checks are evaluated
	failed                 // preparing failed; Reset tries again
)

type stepState struct {
	checks    []CheckView
	questions []QuestionView
	hints     int
	solution  bool
	skipped   bool
	done      bool
	// known are the mistakes that need not be noted: those that are in the log, and those that stood when the learner
	// came; standing says since when others stand. looked are the checks that were judged since the learner came.
	known    map[blunder]bool
	standing map[blunder]time.Time
	looked   map[string]bool
}

// New starts a session; Close ends it.
func New(ctx context.Context, cfg Config) *Session {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	ctx, cancel := context.WithCancel(ctx)
	s := &Session{
		cfg: cfg, text: catalogue(cfg.Lang), lab: cfg.Stage.Lab, vars: cfg.Stage.Variables(), watches: Watches(cfg.Stage.Lab),
		ctx: ctx, cancel: cancel,
		inbox: make(chan func()), done: make(chan struct{}), changed: make(chan struct{}, 1),
	}
	s.restore(cfg.Progress)
	s.publish()
	go s.run()
	return s
}

// restore takes over what the learner did before.
func (s *Session) restore(p labs.LabProgress) {
	s.bound = slices.IndexFunc(s.lab.Steps, func(step *labs.Step) bool { return step.ID == p.Travel })
	s.steps = make([]stepState, len(s.lab.Steps))
	s.stepStarted = make([]time.Time, len(s.lab.Steps))
	s.started, s.before, s.keep = p.Started, p.Before, keepOf(p.Before)
	s.finished = !p.Finished.IsZero()
	for i, step := range s.lab.Steps {
		st := &s.steps[i]
		was := p.Steps[step.ID]
		for _, c := range step.Checks {
			at, passed := was.Checks[c.Title]
			st.checks = append(st.checks, CheckView{Title: c.Title, Passed: passed, PassedAt: at})
		}
		for _, q := range step.Questions {
			view := QuestionView{Ask: q.Ask}
			if given, ok := was.Answers[q.Ask]; ok {
				view.Right, view.Given = true, given
			}
			st.questions = append(st.questions, view)
		}
		st.hints, st.solution, st.skipped = min(was.Hints, len(step.Hints)), was.Solution, was.Skipped
		st.done = was.Done && allDone(st)
		st.known, st.standing, st.looked = map[blunder]bool{}, map[blunder]time.Time{}, map[string]bool{}
		for _, m := range was.Mistakes {
			st.known[blunder{m.Check, m.Name}] = true
		}
		s.stepStarted[i] = was.Entered
		if step.ID == p.Step {
			s.step = i
		}
	}
}

// View returns what there is to show.
func (s *Session) View() View { return *s.view.Load() }

// Changed delivers a value after the view changed; changes that come while nobody reads are one.
func (s *Session) Changed() <-chan struct{} { return s.changed }

// Close ends the session and everything it is doing. The lab's state stays as it is.
func (s *Session) Close() {
	s.cancel()
	<-s.done
	s.jobs.Wait()
}

// post has f run by the session's goroutine.
func (s *Session) post(f func()) {
	select {
	case s.inbox <- f:
	case <-s.ctx.Done():
	}
}

func (s *Session) run() {
	defer close(s.done)
	updates, unsubscribe := s.cfg.Observer.Subscribe()
	defer unsubscribe()
	clock := time.NewTicker(time.Second)
	defer clock.Stop()
	for {
		changed := s.cfg.Capabilities.CapabilitiesChanged()
		s.begin()
		s.followPicture()
		select {
		case <-s.ctx.Done():
			return
		case f := <-s.inbox:
			f()
			s.publish()
		case u, open := <-updates:
			switch {
			case !open:
				updates = nil // the observer has ended: nothing more will be seen
			case s.phase == live:
				s.evaluate(u.Snapshot, u.Moved, u.Accepted)
			}
			if concerns(s.drawn, u.Moved) {
				s.publish()
			}
		case <-changed:
			s.publish()
		case <-clock.C:
			if s.phase == live {
				s.ripenMistakes()
			}
			if s.phase == live && s.followsClock() {
				s.evaluate(s.cfg.Observer.Snapshot(), nil, s.cfg.Now())
			}
		}
	}
}

// enterStep makes step the current one and looks at its checks, so that somebody who ran ahead of the text is ticked.
func (s *Session) enterStep(step int) {
	s.step = step
	if s.phase != live {
		return
	}
	st := &s.steps[step]
	st.looked, st.standing = map[string]bool{}, map[blunder]time.Time{}
	if s.stepStarted[step].IsZero() {
		s.stepStarted[step] = s.cfg.Now()
	}
	s.append(labs.Fact{Kind: labs.FactAt, Step: s.lab.Steps[step].ID})
	s.evaluate(s.cfg.Observer.Snapshot(), nil, s.cfg.Now())
}

// evaluate looks at the checks of the current step whose sources are among moved; at all of them where moved is nil.
func (s *Session) evaluate(snap checks.Snapshot, moved []string, accepted time.Time) {
	st, step := &s.steps[s.step], s.lab.Steps[s.step]
	scope := s.scope()
	changed := moved == nil
	for i, c := range step.Checks {
		if moved != nil && !concerns(c.Watches(), moved) {
			continue
		}
		changed = true
		view := &st.checks[i]
		view.Result = c.Evaluate(snap, scope)
		s.watchMistake(step, st, view)
		if view.Passed || !view.Result.Passed {
			continue
		}
		view.Passed, view.PassedAt = true, scope.Now
		if !s.replaying { // the learner is at work: what was told is known
			s.notice = ""
		}
		s.append(labs.Fact{Kind: labs.FactCheck, Step: step.ID, Check: c.Title})
		if s.cfg.Ticked != nil {
			s.cfg.Ticked(s.step, i, accepted)
		}
	}
	if s.autoAnswer {
		changed = s.answerAll(snap, scope) || changed
	}
	if changed {
		s.settle()
		s.publish()
	}
	if s.settled != nil && holds(st) {
		close(s.settled)
		s.settled = nil
	}
}

// followsClock reports whether a check of the current step that somebody waits for can change with time alone.
func (s *Session) followsClock() bool {
	for i, c := range s.lab.Steps[s.step].Checks {
		if c.Clock() && (s.settled != nil || !s.steps[s.step].checks[i].Passed) {
			return true
		}
	}
	return false
}

// concerns reports whether any of the watches is of a source that moved.
func concerns(watches []checks.Watch, moved []string) bool {
	return slices.ContainsFunc(watches, func(w checks.Watch) bool { return slices.Contains(moved, w.Key()) })
}

// settle notes a step, and a lab, that is done.
func (s *Session) settle() {
	st := &s.steps[s.step]
	if !st.done && allDone(st) {
		st.done, s.autoAnswer = true, false
		s.append(labs.Fact{Kind: labs.FactStepDone, Step: s.lab.Steps[s.step].ID})
	}
	if !s.finished && !slices.ContainsFunc(s.steps, func(st stepState) bool { return !st.done }) {
		s.finished = true
		s.append(labs.Fact{Kind: labs.FactFinished})
	}
}

func (s *Session) scope() checks.Scope {
	return checks.Scope{
		Now: s.cfg.Now(), StepStarted: s.stepStarted[s.step], Env: s.vars,
		Namespace: s.cfg.Stage.Env.Namespace, Before: s.before,
	}
}

// append writes a fact; that it could not be written is told and does not stop the learner.
func (s *Session) append(f labs.Fact) {
	if err := s.log(f); err != nil {
		s.problem = s.problemLog(err)
	}
}

func (s *Session) log(f labs.Fact) error {
	f.Time, f.Lab = s.cfg.Now(), s.lab.ID
	return s.cfg.Log.Append(f)
}

// job runs do beside the session's goroutine, and then after inside it. There is one job at a time.
func (s *Session) job(title string, do func(ctx context.Context, report func(done, total int, detail string)) error, after func(error)) {
	ctx, cancel := context.WithCancel(s.ctx)
	s.activity, s.stopJob, s.problem = &Activity{Title: title}, cancel, ""
	s.publish()
	s.jobs.Go(func() {
		defer cancel()
		err := do(ctx, func(done, total int, detail string) {
			s.post(func() { s.activity = &Activity{Title: title, Detail: detail, Done: done, Total: total} })
		})
		s.post(func() {
			s.activity, s.stopJob = nil, nil
			if errors.Is(err, context.Canceled) {
				err = interrupted(s.text.interrupted)
			}
			after(err)
		})
	})
}

// errInterrupted is every interrupted.
var errInterrupted = errors.New("interrupted")

// interrupted stands in a learner's message, in the learner's language, where the learner has stopped something.
type interrupted string

func (i interrupted) Error() string      { return string(i) }
func (interrupted) Is(target error) bool { return target == errInterrupted }

// publish makes the present state the view.
func (s *Session) publish() {
	v := View{
		Lab: s.lab, Step: s.step, Steps: make([]StepView, len(s.steps)),
		Hints: s.steps[s.step].hints, Solution: s.steps[s.step].solution,
		Ready: s.phase == live, Finished: s.finished, Asked: s.asked, Problem: s.problem, Notice: s.notice, Started: s.started,
		Travelling: s.bound >= 0 || s.replaying, Replaying: s.replaying, Scene: s.scene(),
	}
	if s.activity != nil {
		a := *s.activity
		v.Activity = &a
	}
	for i, st := range s.steps {
		v.Steps[i] = StepView{Done: st.done, Skipped: st.skipped, Checks: slices.Clone(st.checks), Questions: slices.Clone(st.questions)}
	}
	if s.phase == waiting {
		have := s.cfg.Capabilities.Capabilities()
		for _, n := range needs(s.lab) {
			if !have[n] {
				v.Waiting = append(v.Waiting, n)
			}
		}
	}
	s.view.Store(&v)
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

func needs(lab *labs.Lab) []engine.Capability { return capabilities(lab.Requires()) }

func capabilities(all []string) []engine.Capability {
	out := make([]engine.Capability, len(all))
	for i, n := range all {
		out[i] = engine.Capability(n)
	}
	return out
}

func allDone(st *stepState) bool {
	return !slices.ContainsFunc(st.checks, func(c CheckView) bool { return !c.Passed }) &&
		!slices.ContainsFunc(st.questions, func(q QuestionView) bool { return !q.Right })
}

// holds reports whether everything in a step is right at this moment, not only since some time.
func holds(st *stepState) bool {
	return !slices.ContainsFunc(st.checks, func(c CheckView) bool { return !c.Result.Passed }) &&
		!slices.ContainsFunc(st.questions, func(q QuestionView) bool { return !q.Right })
}

func identities(before map[string]map[string]bool) map[string][]string {
	out := make(map[string][]string, len(before))
	for key, ids := range before {
		out[key] = slices.Sorted(maps.Keys(ids))
	}
	return out
}

func (s *Session) problemPrepare(err error) string { return fmt.Sprintf(s.text.prepareFailedF, err) }
func (s *Session) problemLog(err error) string     { return fmt.Sprintf(s.text.logFailedF, err) }
