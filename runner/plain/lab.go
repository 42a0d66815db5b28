package plain

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kubelab/kubelab/internal/clean"
	"github.com/kubelab/kubelab/runner/session"
)

func (r *reader) next(context.Context, string) {
	if r.view.Step >= len(r.view.Steps)-1 {
		r.refuse(r.text.lastStep)
		return
	}
	r.lab.Goto(r.view.Step + 1)
}

func (r *reader) previous(context.Context, string) {
	if r.view.Step == 0 {
		r.refuse(r.text.firstStep)
		return
	}
	r.lab.Goto(r.view.Step - 1)
}

func (r *reader) toStep(_ context.Context, name string) {
	n := stepNamed(r.view.Lab, name)
	if n == 0 {
		r.refusef(r.text.noStepF, clean.Line(name), len(r.view.Steps))
		return
	}
	r.lab.Goto(n - 1)
}

// run types a command of the step into the shell: the one of that number, or the one after the last.
func (r *reader) run(_ context.Context, number string) {
	all := runs(r.view.Lab.Steps[r.view.Step])
	n := 1
	if len(all) > 0 {
		n += r.ran % len(all)
	}
	if number != "" {
		var err error
		if n, err = strconv.Atoi(number); err != nil {
			n = 0
		}
	}
	switch {
	case len(all) == 0:
		r.refuse(r.text.noCommand)
	case n < 1 || n > len(all):
		r.refusef(r.text.noCommandF, clean.Line(number), len(all))
	case r.runInShell(all[n-1]):
		r.ran = n
	}
}

// runInShell runs a command where nothing else goes on, and says why not elsewhere.
func (r *reader) runInShell(command string) bool {
	if why := r.busy(); why != "" {
		r.refuse(why)
		return false
	}
	r.acted = true
	r.lab.Run(command)
	return true
}

// busy says why nothing can be done in the shell, or nothing.
func (r *reader) busy() string {
	switch v := r.view; {
	case len(v.Waiting) > 0:
		return fmt.Sprintf(r.text.notReadyF, r.text.capabilityList(v.Waiting))
	case v.Activity != nil:
		return fmt.Sprintf(r.text.busyF, clean.Line(v.Activity.Title))
	}
	return ""
}

func (r *reader) hint(context.Context, string) {
	switch n := len(r.view.Lab.Steps[r.view.Step].Hints); {
	case n == 0:
		r.refuse(r.text.noHints)
	case r.view.Hints >= n:
		r.refuse(r.text.allHints)
	default:
		r.lab.Hint()
	}
}

func (r *reader) solution(context.Context, string) {
	step := r.view.Lab.Steps[r.view.Step]
	switch {
	case len(step.Solution) == 0:
		r.refuse(r.text.noSolution)
	case r.view.Solution:
		r.showSolution(step)
	default:
		r.confirm(r.text.confirmSolution, r.lab.Solution)
	}
}

func (r *reader) solve(context.Context, string) {
	switch why := r.busy(); {
	case why != "":
		r.refuse(why)
	case r.view.Steps[r.view.Step].Done:
		r.refuse(r.text.alreadyDone)
	case len(r.view.Lab.Steps[r.view.Step].Solution) == 0:
		r.refuse(r.text.noSolution)
	default:
		r.confirm(r.text.confirmSolve, func() {
			r.acted = true
			r.lab.Solve()
		})
	}
}

// answer answers the first question that is open, or asks for the answers of all of them.
func (r *reader) answer(_ context.Context, given string) {
	questions := r.view.Steps[r.view.Step].Questions
	open := openQuestion(questions, 0)
	switch {
	case len(questions) == 0:
		r.refuse(r.text.noQuestions)
	case open < 0:
		r.refuse(r.text.allAnswered)
	case given != "":
		r.lab.Answer(open, given)
	default:
		r.askAnswer(open)
	}
}

// openQuestion is the first question from one on that has not been answered, -1 where there is none.
func openQuestion(questions []session.QuestionView, from int) int {
	i := slices.IndexFunc(questions[min(from, len(questions)):], func(q session.QuestionView) bool { return !q.Right })
	if i < 0 {
		return -1
	}
	return from + i
}

// askAnswer takes the next line for the answer to a question. An empty one goes on to the next question.
func (r *reader) askAnswer(i int) {
	questions := r.view.Steps[r.view.Step].Questions
	if i < 0 {
		return
	}
	step := r.view.Step
	r.out.say("", fmt.Sprintf(r.text.questionF, i+1, len(questions), clean.Text(questions[i].Ask)))
	r.asking = fmt.Sprintf(r.text.answerPromptF, i+1, len(questions))
	r.asked = func(_ context.Context, given string) {
		switch {
		case r.lab == nil || r.view.Step != step: // something has moved meanwhile
		case given == "":
			r.askAnswer(openQuestion(r.view.Steps[step].Questions, i+1))
		default:
			r.lab.Answer(i, given)
		}
	}
}

func (r *reader) reset(context.Context, string) {
	if a := r.view.Activity; a != nil {
		r.refusef(r.text.busyF, clean.Line(a.Title))
		return
	}
	r.confirm(r.text.confirmReset, func() { r.acted = true; r.lab.Reset() })
}

// travel brings the state to the beginning of the step on the screen.
func (r *reader) travel(context.Context, string) {
	if why := r.busy(); why != "" {
		r.refuse(why)
		return
	}
	v := r.view
	question := fmt.Sprintf(r.text.confirmRewindF, v.Step+1, v.Step)
	if v.Step > v.Front() {
		open := 0
		for _, st := range v.Steps[:v.Step] {
			if !st.Done {
				open++
			}
		}
		question = fmt.Sprintf(r.text.confirmSkipF, v.Step+1, open)
	}
	r.confirm(question, func() { r.acted = true; r.lab.Travel(v.Step) })
}

func (r *reader) stop(context.Context, string) {
	stopped := r.interrupt()
	if r.view.Activity != nil {
		r.lab.Stop()
		stopped = true
	}
	if !stopped {
		r.refuse(r.text.idle)
	}
}

// wait lets nothing else be read until the step is done.
func (r *reader) wait(_ context.Context, seconds string) {
	n := 60
	if seconds != "" {
		var err error
		if n, err = strconv.Atoi(strings.TrimSpace(seconds)); err != nil || n < 1 || n > 3600 {
			r.refusef(r.text.secondsWrongF, clean.Line(seconds))
			return
		}
	}
	if r.view.Steps[r.view.Step].Done {
		return
	}
	r.patience, r.waited, r.acted = time.After(time.Duration(n)*time.Second), n, false
}

// back leaves the lab and shows the course.
func (r *reader) back(ctx context.Context, _ string) {
	old := r.lab
	r.tellLeaving(old)
	r.lab, r.loaded, r.view, r.goal, r.patience, r.acted = nil, false, session.View{}, 0, nil, false
	if err := old.Close(); err != nil {
		r.refuse(clean.Line(err.Error()))
	}
	r.overview = r.cfg.App.Overview()
	r.showCourse(ctx, "")
}
