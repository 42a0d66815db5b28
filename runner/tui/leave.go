package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"
)

// A lab with leave blocks does not stay open behind the course: what it has moved away comes back as soon as the learner
// goes, and the learner is told that this is waited for.

// mustBeLeft reports whether the lab has something to put right when the learner goes.
func (p *labPane) mustBeLeft() bool { return p.view.Lab != nil && len(p.view.Lab.Leave) > 0 }

// back shows the course.
func (m *Model) back() tea.Cmd {
	m.inLab = false
	if m.lab.mustBeLeft() {
		return m.leaveLab(false)
	}
	return nil
}

// leaveLab closes the open lab and says so until that is done.
func (m *Model) leaveLab(quit bool) tea.Cmd {
	p := m.lab
	m.lab, m.inLab, m.leaving, m.closing = nil, false, p.id, p.lab
	return func() tea.Msg {
		close(p.closed)
		return leftMsg{p.lab.Close(), quit}
	}
}

// gone goes on after a lab was closed.
func (m *Model) gone(msg leftMsg) tea.Cmd {
	m.leaving, m.closing = "", nil
	if msg.quit {
		m.left = msg.err
		return tea.Quit
	}
	if msg.err != nil {
		m.say(fmt.Sprintf(m.text.leaveFailedF, cleanLine(msg.err.Error())), true)
	}
	return nil
}

// quitNow ends the program, after what must be put right.
func (m *Model) quitNow() tea.Cmd {
	if m.lab != nil && m.lab.mustBeLeft() {
		return m.leaveLab(true)
	}
	return tea.Quit
}

// leavingKey refuses every key while a lab is put right, but for the one that goes without waiting.
func (m *Model) leavingKey(msg tea.KeyPressMsg) tea.Cmd {
	if msg.String() == "ctrl+c" {
		m.forced = true
		return tea.Quit
	}
	return nil
}
