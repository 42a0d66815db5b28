package session

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"

	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
)

// Learner is a lab that is open.
type Learner struct {
	*Session
	Stage    *Stage
	Observer ClosableObserver

	end func() error
}

// Close ends the session and its observer, and puts right what must not stay as it is while the learner is elsewhere,
// which may take as long as LeaveLimit. What could not be put right is tried again with the next start.
func (l *Learner) Close() error { return l.end() }

// Stage returns the place where a lab happens.
func (c *Course) Stage(lab *labs.Lab) *Stage {
	st := &Stage{Lab: lab, Env: c.env, WorkDir: filepath.Join(c.cfg.WorkDir, lab.ID)}
	if c.env.Registry.Host != "" {
		st.Registry = NewRegistry(c.env.Registry)
	}
	return st
}

// learnersStage is the stage with what was made for the learner's lab.
func (c *Course) learnersStage(lab *labs.Lab) *Stage {
	st, progress := c.Stage(lab), c.Progress()
	for _, thing := range lab.Supplies {
		at, made := progress.Labs[lab.ID].Supplied[thing.Name]
		giver := progress.Labs[thing.Giver.ID]
		// Since its own lab was begun or finished, the thing is the learner's work.
		if made && giver.Started.Before(at) && giver.Finished.Before(at) {
			st.Supplied = append(st.Supplied, thing.Name)
		}
	}
	return st
}

// Open begins or resumes a lab; one that was cleaned up begins anew. The learner's shell, which shell starts when it is
// first needed, must record what is typed in it in the observer. The lab that was open before is closed; labs that the
// learner has finished are cleaned up, since nobody needs what they left.
func (c *Course) Open(ctx context.Context, id string, shell func(context.Context, *Learner) (Shell, error)) (*Learner, error) {
	i := slices.IndexFunc(c.cfg.Course.Labs, func(l *labs.Lab) bool { return l.ID == id })
	if i < 0 {
		return nil, fmt.Errorf("open lab: there is no lab %q in this course", id)
	}
	return c.openLab(ctx, c.cfg.Course.Labs[i], nil, shell)
}

// OpenAt is Open for a learner who wants to be at the beginning of a step, to which the lab is brought first: a lab that
// was begun is replayed from its start, and what was done from the step on is forgotten. View.Travelling says when it
// is there.
func (c *Course) OpenAt(ctx context.Context, lab *labs.Lab, step int, shell func(context.Context, *Learner) (Shell, error)) (*Learner, error) {
	return c.openLab(ctx, lab, &labs.Fact{Lab: lab.ID, Kind: labs.FactTravel, Step: lab.Steps[step].ID}, shell)
}

// openLab opens a lab, after a fact that may be nil.
func (c *Course) openLab(ctx context.Context, lab *labs.Lab, first *labs.Fact, shell func(context.Context, *Learner) (Shell, error)) (*Learner, error) {
	c.mu.Lock()
	open := c.open
	c.open = nil
	c.mu.Unlock()
	if open != nil {
		_ = open.Close() // what could not be put right is tried again, and told, before the next lab begins
	}
	release, err := c.hold(lab)
	if err != nil {
		return nil, err
	}
	stage := c.learnersStage(lab)
	err = stage.CopyFiles()
	if err == nil && first != nil {
		err = c.fact(*first)
	}
	if err != nil {
		release()
		return nil, err
	}
	progress := c.Progress().Labs[lab.ID]
	if progress.Cleaned {
		progress = labs.LabProgress{Travel: progress.Travel, Opened: progress.Opened}
	}
	l := &Learner{Stage: stage, Observer: c.cfg.Observer(stage)}
	l.Session = New(ctx, Config{
		Stage: stage, Observer: l.Observer, Capabilities: c, Log: c, Progress: progress,
		Shell:  func(ctx context.Context) (Shell, error) { return shell(ctx, l) },
		Enter:  func(ctx context.Context) error { return c.putRight(ctx, c.ableToLeave, nil) },
		First:  func(ctx context.Context) error { return c.cleanFinished(ctx, stage) },
		Number: func(other *labs.Lab) int { return 1 + slices.Index(c.cfg.Course.Labs, other) },
		Now:    c.cfg.Now,
		Lang:   c.cfg.Lang,
	})
	l.end = sync.OnceValue(func() error {
		l.Session.Close()
		l.Observer.Close()
		defer release()
		return c.leave(context.WithoutCancel(ctx), lab)
	})
	c.mu.Lock()
	c.open = l
	c.mu.Unlock()
	return l, nil
}

// cleanFinished clears the labs that are finished and not cleared yet, but for the one that is about to begin.
func (c *Course) cleanFinished(ctx context.Context, next *Stage) error {
	for _, lab := range c.cfg.Course.Labs {
		p := c.Progress().Labs[lab.ID]
		if lab == next.Lab || p.Finished.IsZero() || p.Cleaned || !c.able(lab) {
			continue
		}
		stage := c.learnersStage(lab)
		if err := stage.Finish(ctx, keepOf(p.Before), nil); err != nil {
			return fmt.Errorf("clean up lab %s: %w", lab.ID, err)
		}
		c.handOver(stage, next)
		if err := stage.Withdraw(ctx); err != nil {
			return fmt.Errorf("clean up lab %s: %w", lab.ID, err)
		}
		// Where the log cannot be written, the session says so with its next fact, and the learner goes on.
		_ = c.fact(labs.Fact{Lab: lab.ID, Kind: labs.FactCleaned})
	}
	return nil
}

// handOver leaves what was made for one lab to the next one that takes it over, instead of making it twice.
func (c *Course) handOver(from, to *Stage) {
	from.Supplied = slices.DeleteFunc(from.Supplied, func(name string) bool {
		if !slices.ContainsFunc(to.Lab.Supplies, func(t *labs.Thing) bool { return t.Name == name }) {
			return false
		}
		_ = c.fact(labs.Fact{Lab: to.Lab.ID, Kind: labs.FactSupplied, Thing: name})
		if !slices.Contains(to.Supplied, name) {
			to.Supplied = append(to.Supplied, name)
		}
		return true
	})
}

// keepOf is what the registry held before a lab; nil where that is not known.
func keepOf(before map[string]map[string]bool) map[string]bool { return before[registryKey] }

// Reset clears a lab, with what was made for it, and forgets what the learner did in it; the next Open begins it anew.
func (c *Course) Reset(ctx context.Context, lab *labs.Lab) error {
	release, err := c.hold(lab)
	if err != nil {
		return err
	}
	defer release()
	stage := c.learnersStage(lab)
	err = stage.Clear(ctx, keepOf(c.Progress().Labs[lab.ID].Before), nil)
	if err = errors.Join(err, stage.Withdraw(ctx)); err != nil {
		return fmt.Errorf("reset lab %s: %w", lab.ID, err)
	}
	return c.fact(labs.Fact{Lab: lab.ID, Kind: labs.FactReset})
}

// able reports whether the environment can do what a lab requires.
func (c *Course) able(lab *labs.Lab) bool { return engine.Has(c.Capabilities(), needs(lab)) }

// ableToLeave reports whether the environment can do what a lab itself needs.
func (c *Course) ableToLeave(lab *labs.Lab) bool {
	return engine.Has(c.Capabilities(), capabilities(lab.Needs))
}

// fact logs a fact of this moment.
func (c *Course) fact(f labs.Fact) error {
	f.Time = c.cfg.Now()
	return c.Append(f)
}
