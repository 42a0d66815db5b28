package tui

import (
	"slices"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/kubelab/kubelab/runner/session"
)

// atOnce presses keys faster than the lab answers: no new view comes between them.
func (r *robot) atOnce(names ...string) {
	var cmds []tea.Cmd
	for _, name := range names {
		_, cmd := r.m.Update(press(name))
		cmds = append(cmds, cmd)
	}
	r.run(cmds...)
	r.settle()
}

func TestFastKeysActOnTheStepAskedFor(t *testing.T) {
	t.Run("travel", func(t *testing.T) {
		r := inLab(t, 80, 24)
		r.atOnce("n", "t", "y")
		if !slices.Equal(r.lab.travels, []int{1}) {
			t.Errorf("travelled to %v, want the step that n asked for", r.lab.travels)
		}
	})
	t.Run("steps", func(t *testing.T) {
		r := inLab(t, 80, 24)
		r.atOnce("n", "n", "n", "p")
		if r.lab.view.Step != 1 {
			t.Errorf("at step %d, want 1: each key goes on from the step of the one before", r.lab.view.Step)
		}
	})
	t.Run("hint", func(t *testing.T) {
		r := inLab(t, 80, 24)
		r.press("n")
		r.atOnce("p", "h")
		if r.lab.view.Step != 0 || r.lab.view.Hints != 1 {
			t.Errorf("step %d has %d hints, want one at step 0", r.lab.view.Step, r.lab.view.Hints)
		}
	})
	t.Run("answer", func(t *testing.T) {
		r := inLab(t, 80, 24)
		r.atOnce("n", "a", "3", "enter")
		if q := r.lab.view.Steps[1].Questions[0]; q.Given != "3" {
			t.Errorf("answered %q, want 3", q.Given)
		}
	})
}

func TestKeysForAStepThatWasRefused(t *testing.T) {
	r := inLab(t, 80, 24)
	r.lab.refuse = true
	r.atOnce("n", "t", "y")
	if len(r.lab.travels) > 0 || r.lab.view.Step != 0 {
		t.Errorf("travelled to %v from step %d, which the learner had turned away from", r.lab.travels, r.lab.view.Step)
	}
	r.press("h") // and the keyboard is free again
	if r.lab.view.Hints != 1 {
		t.Error("the next key does nothing")
	}
}

func TestQuitWhileAStepIsPending(t *testing.T) {
	r := inLab(t, 80, 24)
	r.lab.mute = true
	r.atOnce("n", "h", "ctrl+c", "y")
	if !r.quit {
		t.Error("a lab that does not answer keeps the learner from leaving")
	}
}

// A view that was on its way when the step was asked for does not count as the answer.
func TestStaleView(t *testing.T) {
	r := inLab(t, 80, 24)
	r.lab.mute = true
	r.atOnce("n", "h")
	r.lab.set(func(v *session.View) { v.Notice = "딴소식" })
	r.settle()
	if r.lab.view.Hints > 0 {
		t.Error("the key acted on the old step")
	}
	r.lab.mute = false
	r.lab.Goto(1)
	r.settle()
	if r.lab.view.Step != 1 || r.m.lab.pending() {
		t.Error("the step did not come")
	}
}
