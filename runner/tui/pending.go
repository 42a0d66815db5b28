package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/kubelab/kubelab/labs/search"
)

// A key acts on the step that the learner sees when it is pressed, or on the one that was asked for just before. Between
// a key that asks for another step and the view that shows it, further keys are kept: none of them acts on a step that
// the learner has turned away from.

// maxHeld bounds what is typed ahead of a session that does not answer.
const maxHeld = 32

// goTo asks for a step.
func (p *labPane) goTo(step int) {
	if !p.loaded || step == p.view.Step {
		return
	}
	p.asked++
	p.to = step
	p.lab.Goto(step)
}

// pending reports whether a step was asked for and the answer is not there yet.
func (p *labPane) pending() bool { return p.loaded && p.view.Asked < p.asked }

// hold keeps a key for the step that was asked for, and reports whether it did.
func (m *Model) hold(msg tea.KeyPressMsg) bool {
	p := m.lab
	if !m.inLab || p == nil || !p.pending() || m.over() != nil || m.confirm != nil || msg.String() == "ctrl+c" {
		return false
	}
	if len(p.held) < maxHeld {
		p.held = append(p.held, msg)
	}
	return true
}

// release does what the kept keys are for, once the step is there that they were pressed for. Where it was refused, they
// are dropped.
func (m *Model) release(p *labPane) tea.Cmd {
	if p.pending() || len(p.held) == 0 {
		return nil
	}
	held := p.held
	p.held = nil
	if p.view.Step != p.to {
		return nil
	}
	var cmds []tea.Cmd
	for _, msg := range held {
		cmds = append(cmds, m.key(msg))
	}
	return tea.Batch(cmds...)
}

// visit shows a step of a lab, opening the lab where it is not open. Nothing but the screen goes there.
func (m *Model) visit(to search.Place) tea.Cmd {
	m.liftAll()
	return m.openAt(to)
}

// arrive goes to the step for which a lab was opened.
func (m *Model) arrive(p *labPane) {
	if m.goal.Step >= 0 && m.goal.Step < len(p.view.Steps) {
		p.goTo(m.goal.Step)
	}
}
