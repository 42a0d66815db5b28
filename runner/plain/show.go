package plain

import (
	"context"
	"fmt"
	"strings"

	"github.com/kubelab/kubelab/internal/clean"
	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/session"
)

// show reads the current step out.
func (r *reader) show(context.Context, string) { r.showStep(r.view) }

func (r *reader) showStep(v session.View) {
	step := v.Lab.Steps[v.Step]
	r.out.gap()
	r.out.say("", fmt.Sprintf(r.text.stepF, v.Step+1, len(v.Steps), clean.Line(step.Title)))
	if v.Step == 0 && strings.TrimSpace(v.Lab.Intro) != "" {
		r.out.markdown(clean.Text(v.Lab.Intro))
	}
	n, all := 0, len(runs(step))
	for _, part := range step.Parts {
		if part.Run == nil {
			r.out.markdown(clean.Text(part.Markdown))
			continue
		}
		n++
		if all == 1 {
			r.out.say("", r.text.oneCommand)
		} else {
			r.out.say("", fmt.Sprintf(r.text.commandF, n, n))
		}
		r.out.command(part.Run.Text)
	}
	r.readChecks()
	r.showHints(v, 0)
	if v.Solution {
		r.showSolution(step)
	}
}

// runs are the commands of a step.
func runs(step *labs.Step) (out []string) {
	for _, part := range step.Parts {
		if part.Run != nil {
			out = append(out, part.Run.Text)
		}
	}
	return out
}

// showChecks reads the checks and questions of the step out.
func (r *reader) showChecks(context.Context, string) { r.readChecks() }

func (r *reader) readChecks() {
	st := r.view.Steps[r.view.Step]
	if len(st.Checks) > 0 {
		r.out.say("", r.text.checksHead)
	}
	for _, c := range st.Checks {
		r.check(c)
	}
	for i, q := range st.Questions {
		r.question(q, i, len(st.Questions))
	}
}

// check says how a check stands: what was seen, what was expected, what to try.
func (r *reader) check(c session.CheckView) {
	head := r.text.stillF
	switch {
	case c.Passed && (c.Result.Passed || c.Result.Pending || c.Result.Expected == ""):
		head = r.text.passedF
	case c.Passed:
		head = r.text.changedF
	}
	words := []string{sentence(fmt.Sprintf(head, clean.Line(c.Title)))}
	if !c.Result.Pending {
		if seen := clean.Line(c.Result.Observed); seen != "" {
			words = append(words, sentence(fmt.Sprintf(r.text.observedF, seen)))
		}
		if want := clean.Line(c.Result.Expected); want != "" && !c.Result.Passed && want != clean.Line(c.Title) {
			words = append(words, sentence(fmt.Sprintf(r.text.expectedF, want)))
		}
	}
	r.out.say("- ", strings.Join(words, " "))
	if why := strings.TrimSpace(c.Result.Explanation); why != "" && !c.Result.Passed && !c.Result.Pending {
		r.out.say("  ", why)
	}
}

// sentence ends a sentence with a full stop.
func sentence(s string) string {
	if strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") || strings.HasSuffix(s, "!") {
		return s
	}
	return s + "."
}

func (r *reader) question(q session.QuestionView, i, n int) {
	r.out.say("- ", fmt.Sprintf(r.text.questionF, i+1, n, clean.Text(q.Ask)))
	switch {
	case q.Right:
		r.out.say("  ", fmt.Sprintf(r.text.answeredF, clean.Line(q.Given)))
	case q.Given != "":
		r.out.say("  ", sentence(fmt.Sprintf(r.text.wrongF, clean.Line(q.Given)))+" "+q.Feedback)
	default:
		r.out.say("  ", r.text.howToAnswer)
	}
}

// showHints reads the hints out that were asked for, from one on.
func (r *reader) showHints(v session.View, from int) {
	hints := v.Lab.Steps[v.Step].Hints
	for i := from; i < min(v.Hints, len(hints)); i++ {
		r.out.say("", fmt.Sprintf(r.text.hintF, i+1, len(hints))+" "+inline(clean.Text(hints[i])))
	}
}

func (r *reader) showSolution(step *labs.Step) {
	r.out.say("", r.text.solutionHead)
	for _, script := range step.Solution {
		r.out.command(script.Text)
	}
}

// tellChanges says what is new in a view. Step is -1 in the one before the first.
func (r *reader) tellChanges(was, is session.View) {
	moved := was.Step != is.Step
	r.tellNews(was, is)
	if moved {
		r.showStep(is)
		r.tellDone(session.StepView{}, is)
		return
	}
	r.tellStep(was.Steps[was.Step], is)
	r.showHints(is, was.Hints)
	if is.Solution && !was.Solution {
		r.showSolution(is.Lab.Steps[is.Step])
	}
	r.tellDone(was.Steps[was.Step], is)
}

// tellNews says what the session does, has done, waits for or could not do.
func (r *reader) tellNews(was, is session.View) {
	if a := is.Activity; a != nil && (was.Activity == nil || was.Activity.Title != a.Title || was.Activity.Done != a.Done && a.Total > 1) {
		if a.Total > 1 {
			r.out.say("", fmt.Sprintf(r.text.activityPartF, clean.Line(a.Title), a.Done, a.Total))
		} else {
			r.out.say("", fmt.Sprintf(r.text.activityF, clean.Line(a.Title)))
		}
	}
	if len(is.Waiting) > 0 && r.text.capabilityList(was.Waiting) != r.text.capabilityList(is.Waiting) {
		r.out.say("", fmt.Sprintf(r.text.waitingF, r.text.capabilityList(is.Waiting)))
	}
	if is.Problem != "" && is.Problem != was.Problem {
		r.out.say("! ", fmt.Sprintf(r.text.problemF, inline(clean.Text(is.Problem))))
	}
	if is.Notice != "" && is.Notice != was.Notice {
		r.out.say("", fmt.Sprintf(r.text.noticeF, inline(clean.Text(is.Notice))))
	}
}

// tellStep says which checks and questions stand otherwise than before.
func (r *reader) tellStep(was session.StepView, is session.View) {
	st := is.Steps[is.Step]
	for i, c := range st.Checks {
		if i < len(was.Checks) && standsAlike(was.Checks[i], c) {
			continue
		}
		r.check(c)
	}
	for i, q := range st.Questions {
		if i < len(was.Questions) && was.Questions[i] == q {
			continue
		}
		r.question(q, i, len(st.Questions))
	}
}

// standsAlike reports whether nothing that is said of a check has changed. That something cannot be seen for a moment
// is no news.
func standsAlike(was, is session.CheckView) bool {
	if was.Passed != is.Passed || was.Title != is.Title {
		return false
	}
	if is.Result.Pending || is.Passed && was.Result.Passed == is.Result.Passed {
		return true
	}
	return was.Result.Passed == is.Result.Passed && was.Result.Observed == is.Result.Observed &&
		was.Result.Expected == is.Result.Expected && was.Result.Explanation == is.Result.Explanation
}

// tellDone says what follows a step that is done.
func (r *reader) tellDone(was session.StepView, is session.View) {
	st := is.Steps[is.Step]
	if !st.Done || was.Done || is.Replaying {
		return
	}
	if st.Skipped {
		r.out.say("", r.text.skipped)
	}
	switch {
	case is.Finished:
		r.out.say("", r.text.labDone)
	case is.Step < len(is.Steps)-1:
		r.out.say("", r.text.stepDone)
	default:
		r.out.say("", r.text.lastStepDone)
	}
}
