package session

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
)

// reporter is told how far something has come.
type reporter = func(done, total int, detail string)

// begin prepares the lab, or takes it up again, as soon as its needs are met.
func (s *Session) begin() {
	if s.phase != waiting || !engine.Has(s.cfg.Capabilities.Capabilities(), needs(s.lab)) {
		return
	}
	s.phase = preparing
	switch {
	case s.before == nil:
		s.prepare()
	case s.bound >= 0:
		s.rebuild(s.back(s.bound), s.enter)
	case len(s.lab.Leave) > 0 && !s.finished:
		s.rebuild(s.again(), s.enter)
	default:
		s.takeUp()
	}
}

// enter is done before anything else, whenever the lab begins or goes on.
func (s *Session) enter(ctx context.Context) error {
	if s.cfg.Enter != nil {
		if err := s.cfg.Enter(ctx); err != nil {
			return err
		}
	}
	if len(s.lab.Leave) == 0 {
		return nil
	}
	if s.cfg.Progress.Opened { // by a program that was killed
		if err := s.cfg.Stage.Leave(ctx); err != nil {
			return err
		}
	}
	s.note(labs.Fact{Kind: labs.FactOpened})
	return nil
}

// note logs a fact from a job, and returns when it is on disk.
func (s *Session) note(f labs.Fact) {
	if err := s.log(f); err != nil {
		s.post(func() { s.problem = s.problemLog(err) })
	}
}

// prepare begins the lab.
func (s *Session) prepare() {
	var tags map[string]bool
	var made []string
	s.job(s.text.activityPrepare, func(ctx context.Context, report reporter) (err error) {
		if err := s.enter(ctx); err != nil {
			return err
		}
		if s.cfg.First != nil {
			if err := s.cfg.First(ctx); err != nil {
				return err
			}
		}
		if made, err = s.supply(ctx, report); err != nil {
			return err
		}
		if tags, err = s.cfg.Stage.RegistryTags(ctx); err != nil {
			return err
		}
		if err := s.cfg.Stage.Set(ctx, report); err != nil {
			return err
		}
		return s.lookAnew(ctx, report)
	}, func(err error) {
		if tags != nil {
			s.keep = tags
		}
		if err != nil {
			s.phase, s.problem = failed, s.problemPrepare(err)
			return
		}
		s.notice = s.noticeOf(made)
		s.phase, s.started = live, s.cfg.Now()
		s.before = s.baseline()
		s.append(labs.Fact{Kind: labs.FactStarted, Before: identities(s.before)})
		if s.bound < 0 {
			s.enterStep(s.step)
			return
		}
		s.replay(s.forward(s.bound))
	})
}

// takeUp goes on with a lab that was begun before.
func (s *Session) takeUp() {
	var made []string
	was := map[string]map[string]bool{}
	s.job(s.text.activityPrepare, func(ctx context.Context, report reporter) (err error) {
		if err := s.enter(ctx); err != nil {
			return err
		}
		if err := s.cfg.Stage.CopyFiles(); err != nil {
			return err
		}
		if err := s.firstSight(ctx, report); err != nil {
			return err
		}
		was = Baseline(s.cfg.Observer.Snapshot(), s.watches)
		if made, err = s.supply(ctx, report); err != nil || len(made) == 0 {
			return err
		}
		return s.lookAnew(ctx, report)
	}, func(err error) {
		if err != nil {
			s.phase, s.problem = failed, s.problemPrepare(err)
			return
		}
		s.phase, s.notice = live, s.noticeOf(made)
		if len(made) > 0 {
			s.addToBaseline(was)
		}
		s.enterStep(s.step)
	})
}

// addToBaseline makes what was not there a moment ago count as there before the lab: it was made for it again.
func (s *Session) addToBaseline(was map[string]map[string]bool) {
	before := map[string]map[string]bool{}
	for key, ids := range s.before {
		before[key] = ids
	}
	for key, ids := range Baseline(s.cfg.Observer.Snapshot(), s.watches) {
		all := map[string]bool{}
		for id := range s.before[key] {
			all[id] = true
		}
		for id := range ids {
			if !was[key][id] {
				all[id] = true
			}
		}
		before[key] = all
	}
	s.before = before
	s.append(labs.Fact{Kind: labs.FactBaseline, Before: identities(before)})
}

// baseline is what is there at this moment, with what the registry held before the lab.
func (s *Session) baseline() map[string]map[string]bool {
	before := Baseline(s.cfg.Observer.Snapshot(), s.watches)
	if s.keep != nil {
		before[registryKey] = s.keep
	}
	return before
}

// supply makes what is missing of what the lab takes over, and returns the names of what it made.
func (s *Session) supply(ctx context.Context, report reporter) (made []string, err error) {
	err = s.cfg.Stage.Supply(ctx, func(t *labs.Thing) {
		// On disk before it is made: what a killed program has made is taken away by the next one.
		s.note(labs.Fact{Kind: labs.FactSupplied, Thing: t.Name})
		made = append(made, t.Name)
		text := fmt.Sprintf(s.text.supplyF, s.title(t.Giver), t.Name)
		s.post(func() { s.notice = text })
		report(0, 0, t.Name)
	})
	return made, err
}

// title is how the learner knows another lab.
func (s *Session) title(lab *labs.Lab) string {
	if s.cfg.Number == nil {
		return "‘" + lab.Title + "’"
	}
	return fmt.Sprintf(s.text.placeF, s.cfg.Number(lab), lab.Title)
}

func (s *Session) noticeOf(made []string) string {
	if len(made) == 0 {
		return ""
	}
	return fmt.Sprintf(s.text.suppliedF, strings.Join(made, ", "))
}

// lookAnew begins to observe anew. Sources that were observed before would still show what is gone, and not yet what
// was prepared.
func (s *Session) lookAnew(ctx context.Context, report reporter) error {
	s.observeLab(ctx, true)
	return s.awaitSight(ctx, report)
}

// firstSight waits until every source has been seen once, and says for which it waits when that takes long.
func (s *Session) firstSight(ctx context.Context, report reporter) error {
	s.observeLab(ctx, false)
	return s.awaitSight(ctx, report)
}

func (s *Session) awaitSight(ctx context.Context, report reporter) error {
	for {
		limited, cancel := context.WithTimeout(ctx, sightLimit)
		err := s.cfg.Observer.Synced(limited, s.watches)
		late := limited.Err() != nil && ctx.Err() == nil
		cancel()
		if err == nil || !late {
			return err
		}
		report(0, 0, err.Error())
	}
}

// sightLimit is how long the first sight of all sources may take before the learner is told what is waited for.
const sightLimit = 5 * time.Second
