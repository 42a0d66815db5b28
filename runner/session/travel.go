package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kubelab/kubelab/labs"
)

// journey brings the state to the beginning of a step: by the solutions of steps before it, which are typed into the
// learner's shell as Solve types them.
type journey struct {
	title string
	// steps are those whose solutions are typed, in order; to is where the learner is afterwards.
	steps []int
	to    int
	// anew is true where the lab was cleared, and nothing of its steps is there.
	anew bool
	// notice is told on arrival.
	notice string
}

// Travel brings the state to the beginning of a step. Beyond the first step that is not done (View.Front), the steps in
// between are done by their solutions. Up to it, the lab is cleared and replayed; what was done in the step and behind it
// is forgotten, but for the count of hints and mistakes. A step that the lab does not have is ignored. Stop breaks
// the journey off where it is.
func (s *Session) Travel(step int) {
	s.post(func() {
		switch {
		case step < 0 || step >= len(s.steps) || !s.idle():
			return
		case step > s.front():
			s.replay(s.forward(step))
			return
		}
		// A shell that is busy is found out before anything is lost.
		s.job(s.text.activityRebuild, func(ctx context.Context, _ reporter) error {
			sh, err := s.cfg.Shell(ctx)
			if err != nil {
				return err
			}
			_, err = sh.Run(ctx, "cd "+quote(s.cfg.Stage.WorkDir))
			return err
		}, func(err error) {
			if err != nil {
				s.problem = fmt.Sprintf(s.text.runFailedF, err)
				return
			}
			s.append(labs.Fact{Kind: labs.FactTravel, Step: s.lab.Steps[step].ID})
			s.phase, s.notice, s.bound = preparing, "", step
			s.rebuild(s.back(step), func(context.Context) error { return nil })
		})
	})
}

func (s *Session) front() int {
	if i := slices.IndexFunc(s.steps, func(st stepState) bool { return !st.done }); i >= 0 {
		return i
	}
	return len(s.steps)
}

// forward does what is not done before a step.
func (s *Session) forward(to int) journey {
	j := journey{title: s.text.activityForward, to: to, notice: fmt.Sprintf(s.text.arrivedF, s.place(to))}
	for i := range to {
		if !s.steps[i].done {
			j.steps = append(j.steps, i)
		}
	}
	return j
}

// back forgets a step and all behind it, and replays those before it.
func (s *Session) back(to int) journey {
	j := journey{title: s.text.activityRebuild, to: to, anew: true, notice: fmt.Sprintf(s.text.arrivedF, s.place(to))}
	for i := range s.steps {
		if i < to {
			j.steps = append(j.steps, i)
			continue
		}
		s.forget(i)
	}
	return j
}

// again replays the steps that are done; of the others nothing is there any more.
func (s *Session) again() journey {
	j := journey{title: s.text.activityRebuild, to: s.step, anew: true, notice: s.text.rebuilt}
	for i := range s.steps {
		if s.steps[i].done {
			j.steps = append(j.steps, i)
			continue
		}
		s.forget(i)
	}
	return j
}

// forget makes a step one to be done again.
func (s *Session) forget(i int) {
	st := &s.steps[i]
	if s.stepStarted[i].IsZero() {
		return // nothing to forget
	}
	for n := range st.checks {
		st.checks[n] = CheckView{Title: st.checks[n].Title}
	}
	for n := range st.questions {
		st.questions[n] = QuestionView{Ask: st.questions[n].Ask}
	}
	st.solution, st.skipped, st.done = false, false, false
	s.stepStarted[i], s.finished = time.Time{}, false
	s.append(labs.Fact{Kind: labs.FactForgot, Step: s.lab.Steps[i].ID})
}

// rebuild clears the lab, prepares it without beginning anew, and goes on the journey. enter is done first.
func (s *Session) rebuild(j journey, enter func(context.Context) error) {
	keep := s.keep
	s.job(j.title, func(ctx context.Context, report reporter) error {
		if err := enter(ctx); err != nil {
			return err
		}
		if err := s.cfg.Stage.Clear(ctx, keep, report); err != nil {
			return err
		}
		if _, err := s.supply(ctx, report); err != nil {
			return err
		}
		if err := s.cfg.Stage.Set(ctx, report); err != nil {
			return err
		}
		return s.lookAnew(ctx, report)
	}, func(err error) {
		if err != nil {
			s.phase, s.problem = failed, fmt.Sprintf(s.text.clearedF, err)
			return
		}
		s.phase = live
		s.before = s.baseline()
		s.append(labs.Fact{Kind: labs.FactBaseline, Before: identities(s.before)})
		s.replay(j)
	})
}

// replay goes on a journey. The lab must be live.
func (s *Session) replay(j journey) {
	s.replaying = true
	done := 0 // of the steps
	s.job(j.title, func(ctx context.Context, report reporter) error {
		if len(j.steps) == 0 {
			return nil
		}
		sh, err := s.cfg.Shell(ctx)
		if err != nil {
			return err
		}
		for _, i := range j.steps {
			// The step and what is shown of it change together.
			err := s.inside(ctx, func() {
				s.activity = &Activity{Title: j.title, Detail: s.lab.Steps[i].Title, Done: done, Total: len(j.steps)}
				s.enterReplayed(i)
			})
			if err != nil {
				return err
			}
			tell := func(statement string) { report(done, len(j.steps), statement) }
			if err := s.replayStep(ctx, sh, i, tell); err != nil {
				return err
			}
			done++
		}
		return nil
	}, func(err error) { s.arrive(j, done, err) })
}

// replayStep types the current step's solution and waits until everything in the step holds.
func (s *Session) replayStep(ctx context.Context, sh Shell, i int, tell func(statement string)) error {
	step := s.lab.Steps[i]
	for _, script := range step.Solution {
		statements, err := labs.Statements(script.Text)
		if err != nil {
			return err
		}
		for _, statement := range statements {
			line, _, _ := strings.Cut(statement, "\n")
			tell(line)
			if _, err := sh.Run(ctx, statement); err != nil {
				return err
			}
		}
	}
	settled := make(chan struct{})
	err := s.inside(ctx, func() {
		s.settled, s.autoAnswer = settled, true
		s.evaluate(s.cfg.Observer.Snapshot(), nil, s.cfg.Now())
	})
	if err != nil {
		return err
	}
	limit := step.Timeout
	if limit <= 0 {
		limit = labs.DefaultTimeout
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-settled:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
	}
	why := ""
	if err := s.inside(ctx, func() { why = unsettled(&s.steps[i]) }); err != nil {
		return err
	}
	return fmt.Errorf(s.text.unsettledF, limit, why)
}

// inside runs f in the session's goroutine and waits for it.
func (s *Session) inside(ctx context.Context, f func()) error {
	done := make(chan struct{})
	s.post(func() {
		f()
		close(done)
	})
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// enterReplayed makes a step the current one whose solution is about to be typed.
func (s *Session) enterReplayed(i int) {
	s.autoAnswer = false
	s.stepStarted[i] = time.Time{} // what was typed earlier must not count
	if st := &s.steps[i]; !st.done && !st.skipped {
		st.skipped = true
		s.append(labs.Fact{Kind: labs.FactSkipped, Step: s.lab.Steps[i].ID})
	}
	s.enterStep(i)
}

// unsettled says what does not hold in a step.
func unsettled(st *stepState) string {
	for _, c := range st.checks {
		if !c.Result.Passed {
			return strings.TrimSpace(c.Title + ": " + c.Result.Explanation)
		}
	}
	for _, q := range st.questions {
		if !q.Right {
			return q.Ask
		}
	}
	return ""
}

// arrive ends a journey: at its end, or where it was broken off when so many of its steps were done.
func (s *Session) arrive(j journey, done int, err error) {
	if s.ctx.Err() != nil {
		return // the session ends: whoever takes it up again goes on
	}
	s.replaying, s.settled, s.autoAnswer, s.bound = false, nil, false, -1
	at := j.to
	switch { // told before the view shows that the journey is over
	case err == nil:
	case errors.Is(err, errInterrupted):
		at = j.steps[done]
		s.problem = fmt.Sprintf(s.text.stoppedF, s.place(at))
	default:
		at = j.steps[done]
		s.problem = fmt.Sprintf(s.text.notThereF, s.place(at), err)
	}
	if err != nil && j.anew { // what was not replayed is not there
		for _, i := range j.steps[done:] {
			s.forget(i)
		}
	}
	s.enterStep(at)
	if err == nil {
		s.notice = j.notice
	}
	s.append(labs.Fact{Kind: labs.FactArrived})
}

// place is how the learner knows a step.
func (s *Session) place(step int) string {
	return fmt.Sprintf(s.text.placeF, step+1, s.lab.Steps[step].Title)
}

// quote makes one word of a path for a POSIX shell.
func quote(path string) string { return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'" }
