package session

import (
	"context"
	"errors"
	"fmt"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/labs"
)

// What the learner asks for. Each method returns at once; View shows what came of it.

// Goto makes step i the current one; a step that the lab does not have is ignored.
func (s *Session) Goto(i int) {
	s.post(func() {
		s.asked++
		switch {
		case i < 0 || i >= len(s.steps) || i == s.step:
			return
		case s.replaying: // it goes from step to step itself
			s.problem = s.text.busy
			return
		}
		s.autoAnswer = false
		if s.phase != failed { // how to go on after a failure must stay in sight
			s.problem, s.notice = "", ""
		}
		s.enterStep(i)
	})
}

// Hint shows one more hint of the current step.
func (s *Session) Hint() {
	s.post(func() {
		st, step := &s.steps[s.step], s.lab.Steps[s.step]
		if st.hints < len(step.Hints) {
			st.hints++
			s.append(labs.Fact{Kind: labs.FactHint, Step: step.ID})
		}
	})
}

// Solution shows the current step's solution.
func (s *Session) Solution() {
	s.post(func() {
		if st := &s.steps[s.step]; !st.solution {
			st.solution = true
			s.append(labs.Fact{Kind: labs.FactSolution, Step: s.lab.Steps[s.step].ID})
		}
	})
}

// Answer answers a question of the current step.
func (s *Session) Answer(question int, given string) {
	s.post(func() {
		st, step := &s.steps[s.step], s.lab.Steps[s.step]
		if question < 0 || question >= len(st.questions) || st.questions[question].Right {
			return
		}
		if !s.ready() {
			return
		}
		answer := step.Questions[question].Evaluate(given, s.cfg.Observer.Snapshot(), s.scope())
		view := &st.questions[question]
		view.Given, view.Feedback, view.Right = given, answer.Feedback, answer.Right
		if answer.Known { // one that nobody can judge yet is no mistake
			s.append(labs.Fact{Kind: labs.FactAnswer, Step: step.ID, Question: view.Ask, Given: given, Right: answer.Right})
		}
		s.settle()
	})
}

// answerAll gives the right answers to the questions of the current step, once its checks have passed.
func (s *Session) answerAll(snap checks.Snapshot, scope checks.Scope) (changed bool) {
	st, step := &s.steps[s.step], s.lab.Steps[s.step]
	for _, c := range st.checks {
		if !c.Passed {
			return false
		}
	}
	for i, q := range step.Questions {
		view := &st.questions[i]
		if view.Right {
			continue
		}
		right, err := q.Answers(snap, scope)
		if err != nil || len(right) == 0 {
			continue
		}
		view.Given, view.Right, view.Feedback, changed = right[0], true, "", true
		s.append(labs.Fact{Kind: labs.FactAnswer, Step: step.ID, Question: view.Ask, Given: right[0], Right: true})
	}
	return changed
}

// Run types a command into the learner's shell.
func (s *Session) Run(command string) {
	s.post(func() {
		if s.idle() {
			s.typeInShell(s.text.activityRun, []string{command}, nil)
		}
	})
}

// Solve types the solution of the current step into the learner's shell and answers its questions.
func (s *Session) Solve() {
	s.post(func() {
		if !s.idle() {
			return
		}
		var statements []string
		for _, script := range s.lab.Steps[s.step].Solution {
			parts, err := labs.Statements(script.Text)
			if err != nil {
				s.problem = fmt.Sprintf(s.text.runFailedF, err)
				return
			}
			statements = append(statements, parts...)
		}
		step := s.step
		s.typeInShell(s.text.activitySolve, statements, func() {
			if s.step == step {
				s.autoAnswer = true
				s.evaluate(s.cfg.Observer.Snapshot(), nil, s.cfg.Now())
			}
		})
		if st := &s.steps[s.step]; !st.solution {
			st.solution = true
			s.append(labs.Fact{Kind: labs.FactSolution, Step: s.lab.Steps[s.step].ID})
		}
	})
}

// ready reports whether the lab is prepared, and tells the learner where it is not yet. Where preparing has failed, what
// was told then stands.
func (s *Session) ready() bool {
	if s.phase == waiting || s.phase == preparing {
		s.problem = s.text.notReady
	}
	return s.phase == live
}

// idle reports whether the shell may be typed into, and tells the learner why not.
func (s *Session) idle() bool {
	if s.activity != nil {
		s.problem = s.text.busy
		return false
	}
	return s.ready()
}

// typeInShell types statements one after the other. The session must be idle.
func (s *Session) typeInShell(title string, statements []string, after func()) {
	s.job(title, func(ctx context.Context, report func(done, total int, detail string)) error {
		sh, err := s.cfg.Shell(ctx)
		if err != nil {
			return err
		}
		for i, statement := range statements {
			report(i, len(statements), headline(statement))
			if _, err := sh.Run(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	}, func(err error) {
		switch {
		case errors.Is(err, errInterrupted):
		case err != nil:
			s.problem = s.notRun(err)
		case after != nil:
			after()
		}
	})
}

// notRun says why something could not be typed into the shell.
func (s *Session) notRun(err error) string {
	if busy, ok := errors.AsType[interface {
		error
		Busy() bool
	}](err); ok && busy.Busy() {
		return s.text.shellBusy
	}
	return fmt.Sprintf(s.text.runFailedF, err)
}

// Stop ends what the session is doing on the learner's behalf.
func (s *Session) Stop() {
	s.post(func() {
		if s.stopJob != nil {
			s.stopJob()
		}
	})
}

// Reset brings the lab back to its start: cleanup, fresh files, prepare. What the learner did in it is forgotten, unless
// the cleanup fails: then what it must remove the next time is still known.
func (s *Session) Reset() {
	s.post(func() {
		switch {
		case s.activity != nil:
			s.problem = s.text.busy
			return
		case s.phase == waiting: // what cleanup needs is not there
			s.problem = s.text.notReady
			return
		}
		s.phase, s.notice = preparing, ""
		keep := s.keep
		s.job(s.text.activityReset, func(ctx context.Context, report func(done, total int, detail string)) error {
			if err := s.cfg.Stage.Clear(ctx, keep, report); err != nil {
				return err
			}
			return s.cfg.Stage.Withdraw(ctx)
		}, func(err error) {
			if err != nil {
				s.problem = fmt.Sprintf(s.text.resetFailedF, err)
				s.phase = failed
				return
			}
			s.restore(labs.LabProgress{})
			s.step, s.phase = 0, waiting
			s.append(labs.Fact{Kind: labs.FactReset})
		})
	})
}
