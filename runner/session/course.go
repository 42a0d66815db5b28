package session

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
)

// CourseConfig is what a course is run with.
type CourseConfig struct {
	Course *labs.Course
	Engine engine.Engine
	// Observer returns a new observer of a lab's stage.
	Observer func(*Stage) ClosableObserver
	Log      ProgressLog
	// WorkDir holds one work folder a lab.
	WorkDir string
	Now     func() time.Time
}

// ProgressLog is the learner's progress on disk; *labs.Log is one.
type ProgressLog interface {
	Log
	Read() ([]labs.Fact, error)
}

// ClosableObserver is an observer that can be ended.
type ClosableObserver interface {
	Observer
	Record(checks.Command)
	Close()
}

// Course is one learner in a course: the environment that comes up and is kept up behind it, the progress made, and
// the lab that is open.
type Course struct {
	cfg     CourseConfig
	env     *engine.Environment
	changed chan struct{}
	retry   chan struct{}

	mu       sync.Mutex
	state    engine.State
	findings []engine.Finding
	steps    []EnvironmentStep
	gained   chan struct{} // closed and replaced when what the environment can do changes
	progress labs.Progress
	open     *Learner
}

// Learner is a lab that is open.
type Learner struct {
	*Session
	Stage    *Stage
	Observer ClosableObserver
}

// Close ends the session and its observer.
func (l *Learner) Close() {
	l.Session.Close()
	l.Observer.Close()
}

// EnvironmentView is what is known of the environment at one moment.
type EnvironmentView struct {
	engine.State
	Findings []engine.Finding
	// Steps is the background work in the order in which it began.
	Steps []EnvironmentStep
}

// EnvironmentStep is one step of bringing the environment up.
type EnvironmentStep struct {
	engine.Progress
	// Began and Ended are zero while they have not happened.
	Began, Ended time.Time
}

// NewCourse reads the progress made so far.
func NewCourse(cfg CourseConfig) (*Course, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	facts, err := cfg.Log.Read()
	if err != nil {
		return nil, fmt.Errorf("read progress: %w", err)
	}
	return &Course{
		cfg: cfg, env: cfg.Engine.Environment(), progress: labs.Replay(facts),
		changed: make(chan struct{}, 1), retry: make(chan struct{}, 1), gained: make(chan struct{}),
	}, nil
}

// Run brings the environment up and keeps it up until ctx ends.
func (c *Course) Run(ctx context.Context) error {
	findings, err := c.cfg.Engine.Preflight(ctx)
	if err != nil && ctx.Err() == nil {
		findings = append(findings, engine.Finding{ID: "preflight", Severity: engine.Warning, Saw: err.Error()})
	}
	c.mu.Lock()
	c.findings = findings
	c.mu.Unlock()
	c.signal()
	for {
		try, again := context.WithCancel(ctx)
		go func() {
			select {
			case <-c.retry:
				again()
			case <-try.Done():
			}
		}()
		err := engine.Supervise(try, c.cfg.Engine, c.progressed, c.moved)
		again()
		if ctx.Err() != nil {
			return err
		}
	}
}

// Retry brings the environment up again at once where it failed and waits for its next try.
func (c *Course) Retry() {
	c.mu.Lock()
	waits := c.state.Phase == engine.Retrying
	if waits { // asked for twice, it must not break off the try that it began
		c.state.Phase, c.state.Err, c.state.Retry = engine.Starting, nil, 0
	}
	c.mu.Unlock()
	if !waits {
		return
	}
	select {
	case c.retry <- struct{}{}:
	default:
	}
	c.signal()
}

func (c *Course) progressed(p engine.Progress) {
	c.mu.Lock()
	i := slices.IndexFunc(c.steps, func(s EnvironmentStep) bool { return s.Step == p.Step })
	if i < 0 {
		i = len(c.steps)
		c.steps = append(c.steps, EnvironmentStep{Began: c.cfg.Now()})
	}
	// A view that was handed out keeps the old slice.
	c.steps = slices.Clone(c.steps)
	s := &c.steps[i]
	if p.Detail == "" {
		p.Detail = s.Detail
	}
	if p.Status == engine.Running && s.Status != engine.Running {
		s.Began, s.Ended = c.cfg.Now(), time.Time{}
	}
	s.Progress = p
	if p.Status != engine.Running {
		s.Ended = c.cfg.Now()
	}
	c.mu.Unlock()
	c.signal()
}

func (c *Course) moved(st engine.State) {
	c.mu.Lock()
	if !maps.Equal(st.Gained, c.state.Gained) {
		close(c.gained)
		c.gained = make(chan struct{})
	}
	c.state = st
	c.mu.Unlock()
	c.signal()
}

func (c *Course) signal() {
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

// Changed delivers a value after the environment or the progress changed.
func (c *Course) Changed() <-chan struct{} { return c.changed }

// Environment returns what is known of the environment.
func (c *Course) Environment() EnvironmentView {
	c.mu.Lock()
	defer c.mu.Unlock()
	return EnvironmentView{State: c.state, Findings: c.findings, Steps: c.steps}
}

// Capabilities is what the environment can do at present.
func (c *Course) Capabilities() map[engine.Capability]bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state.Gained
}

// CapabilitiesChanged returns a channel that is closed at the next change of Capabilities.
func (c *Course) CapabilitiesChanged() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.gained
}

// Where says where the parts of the environment are.
func (c *Course) Where() *engine.Environment { return c.env }

// Labs are the course's labs, in its order.
func (c *Course) Labs() []*labs.Lab { return c.cfg.Course.Labs }

// Progress returns what the learner has done, as the log says it now.
func (c *Course) Progress() labs.Progress {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.progress
}

// Append writes a fact into the log and takes it over into Progress.
func (c *Course) Append(f labs.Fact) error {
	err := c.cfg.Log.Append(f)
	c.mu.Lock()
	c.progress = c.progress.With(f)
	c.mu.Unlock()
	c.signal()
	return err
}

// Stage returns the place where a lab happens.
func (c *Course) Stage(lab *labs.Lab) *Stage {
	st := &Stage{Lab: lab, Env: c.env, WorkDir: filepath.Join(c.cfg.WorkDir, lab.ID)}
	if c.env.Registry.Host != "" {
		st.Registry = NewRegistry(c.env.Registry)
	}
	return st
}

// Open begins or resumes a lab. The learner's shell, which shell starts when it is first needed, must record what is
// typed in it in the observer. The lab that was open before is closed; labs that the learner has finished are
// cleaned up, since nobody needs what they left.
func (c *Course) Open(ctx context.Context, id string, shell func(context.Context, *Learner) (Shell, error)) (*Learner, error) {
	i := slices.IndexFunc(c.cfg.Course.Labs, func(l *labs.Lab) bool { return l.ID == id })
	if i < 0 {
		return nil, fmt.Errorf("open lab: there is no lab %q in this course", id)
	}
	c.mu.Lock()
	open, progress := c.open, c.progress
	c.open = nil
	c.mu.Unlock()
	if open != nil {
		open.Close()
	}
	stage := c.Stage(c.cfg.Course.Labs[i])
	if err := stage.CopyFiles(); err != nil {
		return nil, err
	}
	l := &Learner{Stage: stage, Observer: c.cfg.Observer(stage)}
	l.Session = New(ctx, Config{
		Stage: stage, Observer: l.Observer, Capabilities: c, Log: c, Progress: progress.Labs[id],
		Shell: func(ctx context.Context) (Shell, error) { return shell(ctx, l) },
		First: func(ctx context.Context) error { return c.cleanFinished(ctx, id) },
		Now:   c.cfg.Now,
	})
	c.mu.Lock()
	c.open = l
	c.mu.Unlock()
	return l, nil
}

// cleanFinished clears the labs that are finished and not cleared yet, but for the one that is about to be opened.
func (c *Course) cleanFinished(ctx context.Context, opening string) error {
	for _, lab := range c.cfg.Course.Labs {
		p := c.Progress().Labs[lab.ID]
		if lab.ID == opening || p.Finished.IsZero() || p.Cleaned || !engine.Has(c.Capabilities(), needs(lab)) {
			continue
		}
		if err := c.Stage(lab).Clear(ctx, keepOf(p.Before), nil); err != nil {
			return fmt.Errorf("clean up lab %s: %w", lab.ID, err)
		}
		// Where the log cannot be written, the session says so with its next fact, and the learner goes on.
		_ = c.Append(labs.Fact{Time: c.cfg.Now(), Lab: lab.ID, Kind: labs.FactCleaned})
	}
	return nil
}

// keepOf is what the registry held before a lab; nil where that is not known.
func keepOf(before map[string]map[string]bool) map[string]bool { return before[registryKey] }

// Reset clears a lab and forgets what the learner did in it; the next Open begins it anew.
func (c *Course) Reset(ctx context.Context, lab *labs.Lab) error {
	err := c.Stage(lab).Clear(ctx, keepOf(c.Progress().Labs[lab.ID].Before), nil)
	if err != nil {
		return fmt.Errorf("reset lab %s: %w", lab.ID, err)
	}
	return c.Append(labs.Fact{Time: c.cfg.Now(), Lab: lab.ID, Kind: labs.FactReset})
}
