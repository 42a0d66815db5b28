package session

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/internal/lang"
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
	// Lang is the language of what sessions say beside what labs say.
	Lang lang.Lang
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
	text    texts
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

	righting sync.Mutex // held while what a killed program has left is put right
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
	// Lines are the newest of what the step has said since it began, the newest last.
	Lines []string
}

// keptLines is how much of what a step says is kept: enough to see why it failed.
const keptLines = 200

// said adds a line to what the step has said. Views that were handed out keep the old slice.
func (s *EnvironmentStep) said(line string) {
	if line == "" || len(s.Lines) > 0 && s.Lines[len(s.Lines)-1] == line {
		return
	}
	s.Lines = append(slices.Clip(s.Lines[max(0, len(s.Lines)+1-keptLines):]), line)
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
		cfg: cfg, text: catalogue(cfg.Lang), env: cfg.Engine.Environment(), progress: labs.Replay(facts),
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
	righting, done := context.WithCancel(ctx)
	var helper sync.WaitGroup
	helper.Go(func() { c.putRightWhenAble(righting) })
	defer helper.Wait()
	defer done()
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
	detail := p.Detail
	if detail == "" {
		p.Detail = s.Detail
	}
	if p.Status == engine.Running && s.Status != engine.Running {
		s.Began, s.Ended, s.Lines = c.cfg.Now(), time.Time{}, nil
	}
	s.Progress = p
	s.said(detail)
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
