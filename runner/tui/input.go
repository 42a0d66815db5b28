package tui

import (
	"errors"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/kubelab/kubelab/runner/shell"
)

// key routes a key to whoever has the keyboard: the shell, a question to be confirmed, an overlay, the answer field,
// and after them the actions of what is on the screen.
func (m *Model) key(msg tea.KeyPressMsg) tea.Cmd {
	if m.hold(msg) {
		return nil
	}
	defer m.summaryDue()
	if m.inShell() && m.over() == nil {
		return m.shellKey(msg)
	}
	m.say("", false)
	if m.lab != nil {
		m.lab.wanted = false
	}
	switch {
	case m.leaving != "":
		return m.leavingKey(msg)
	case m.confirm != nil:
		return m.confirmKey(latin(msg))
	case m.over() != nil:
		return m.overlayKey(msg)
	case m.answering():
		return m.answerKey(msg)
	}
	return m.act(latin(msg))
}

// act does what a key is for, or says why it cannot.
func (m *Model) act(msg tea.KeyPressMsg) tea.Cmd {
	if msg.String() == "ctrl+c" {
		return m.interrupt()
	}
	for _, a := range m.actions() {
		if key.Matches(msg, a.key) {
			return m.perform(a)
		}
	}
	return nil
}

// perform does an action, or says why it cannot be done.
func (m *Model) perform(a action) tea.Cmd {
	if a.refuse != nil {
		if why := a.refuse(); why != "" {
			m.say(why, true)
			return nil
		}
	}
	return a.do()
}

// confirmKey answers the question at the bottom. Only the key that says yes does; ctrl+c says yes to quitting.
func (m *Model) confirmKey(msg tea.KeyPressMsg) tea.Cmd {
	c := m.confirm
	m.confirm = nil
	if m.lab != nil {
		m.lab.asking = ""
	}
	if key.Matches(msg, m.keys.yes) {
		return c.yes()
	}
	if msg.String() == "ctrl+c" {
		return m.quitNow()
	}
	return nil
}

// answering reports whether the answer field has the keyboard.
func (m *Model) answering() bool {
	return m.inLab && m.lab != nil && m.lab.answer.open && m.lab.focus == textPane
}

// answerKey edits the answer. The learner's typing may be Korean: it is not translated.
func (m *Model) answerKey(msg tea.KeyPressMsg) tea.Cmd {
	a := &m.lab.answer
	switch {
	case key.Matches(msg, m.keys.cancel):
		a.close()
	case key.Matches(msg, m.keys.submit):
		if given := strings.TrimSpace(a.input.Value()); given != "" {
			m.lab.lab.Answer(a.question, given)
		}
		return nil
	case msg.Code == tea.KeyUp:
		a.move(-1, m.lab.step().Questions)
	case msg.Code == tea.KeyDown || msg.Code == tea.KeyTab:
		a.move(1, m.lab.step().Questions)
	default:
		var cmd tea.Cmd
		a.input, cmd = a.input.Update(cleanKey(msg))
		return cmd
	}
	m.lab.clampScroll()
	return nil
}

// paste goes to the shell or the answer field; elsewhere there is nothing to paste into.
func (m *Model) paste(msg tea.PasteMsg) tea.Cmd {
	if o := m.over(); o != nil {
		if t, ok := o.(typist); ok {
			return t.paste(m, msg)
		}
		return nil
	}
	if m.inShell() {
		if m.lab.look.asking {
			return m.findPaste(m.lab, msg)
		}
		m.lab.toPresent()
		return m.typed(m.lab.shell.Paste(msg.Content))
	}
	if !m.answering() {
		return nil
	}
	var cmd tea.Cmd
	msg.Content = cleanField(msg.Content)
	m.lab.answer.input, cmd = m.lab.answer.input.Update(msg)
	return cmd
}

// shellKey gives a key to the shell, but for those that leave it, look back or make it large.
func (m *Model) shellKey(msg tea.KeyPressMsg) tea.Cmd {
	p := m.lab
	switch {
	case p.look.asking:
		return m.findKey(p, msg)
	case p.look.reading:
		return m.readKey(latin(msg))
	}
	for _, a := range m.shellActions(p) {
		// What cannot be done at present is the shell's key.
		if key.Matches(latin(msg), a.key) && (a.refuse == nil || a.refuse() == "") {
			m.say("", false)
			return a.do()
		}
	}
	p.toPresent()
	return m.typed(p.shell.SendKey(shell.Key(msg)))
}

// typed says so where the shell did not take what was typed.
func (m *Model) typed(err error) tea.Cmd {
	m.say("", false)
	switch {
	case errors.Is(err, shell.ErrFull):
		m.say(m.text.shellFull, true)
	case err != nil:
		m.say(cleanLine(err.Error()), true)
	}
	return nil
}
