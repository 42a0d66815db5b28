package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/kubelab/kubelab/runner/session"
	"github.com/kubelab/kubelab/runner/shell"
)

// inShell reports whether the shell has the keyboard.
func (m *Model) inShell() bool {
	return m.inLab && m.lab != nil && m.lab.focus == shellPane && m.lab.shell != nil
}

// runCommand types the selected command into the shell. Where the shell cannot be seen beside the text, it is shown as
// soon as there is one.
func (m *Model) runCommand(p *labPane) tea.Cmd {
	p.lab.Run(p.doc.commands[p.selected])
	p.zoomPane(false)
	switch {
	case p.shell == nil:
		p.wanted = true
		m.say(m.text.shellWaiting, false)
	case p.layout().how != beside:
		p.setFocus(shellPane)
	default:
		p.toPresent()
	}
	return nil
}

// attachShell takes over a shell that the lab has started since, and waits for what it shows.
func (m *Model) attachShell(p *labPane) tea.Cmd {
	sh, ok := p.lab.Shell()
	if !ok || sh == p.shell {
		return nil
	}
	p.shell, p.look = sh, lookback{}
	p.resizeShell()
	p.screen = sh.Screen()
	if p.wanted {
		p.wanted = false
		m.say("", false)
		if p.layout().how != beside {
			p.setFocus(shellPane)
		}
	}
	ended := m.rt.wait(sh.Done(), func(bool) tea.Msg { return shellEndedMsg{p, sh} }, p.closed, m.done)
	return tea.Batch(m.waitShell(p, sh), ended)
}

func (m *Model) waitShell(p *labPane, sh Shell) tea.Cmd {
	return m.rt.wait(sh.Changed(), func(closed bool) tea.Msg {
		if closed {
			return nil
		}
		return screenMsg{p, sh, sh.Screen()}
	}, p.closed, m.done)
}

// shellMsg takes over what a shell shows, or that it has ended.
func (m *Model) shellMsg(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case screenMsg:
		if msg.pane != m.lab || msg.shell != msg.pane.shell {
			return nil
		}
		msg.pane.takeScreen(msg.screen)
		return m.waitShell(msg.pane, msg.shell)
	case shellEndedMsg:
		p := msg.pane
		if p != m.lab || msg.shell != p.shell {
			return nil
		}
		if m.inLab && (p.focus == shellPane || p.layout().how == beside) {
			m.say(m.text.shellEnded, false)
		}
		p.shell, p.screen, p.look = nil, shell.Screen{}, lookback{}
		if p.focus == shellPane {
			p.zoomPane(false)
			p.setFocus(textPane)
		}
		return m.attachShell(p)
	}
	return nil
}

// resizeShell tells the shell how much room there is for it. Behind the text it keeps the size that it has beside it,
// or as a tab.
func (p *labPane) resizeShell() {
	if p.shell == nil || !p.loaded || p.w == 0 {
		return
	}
	s := p.shape()
	if s.focus == textPane {
		s.zoom = false
		if arranged(p.w, p.h, s) == tabbed {
			s.focus = shellPane
		}
	}
	if in := layoutLab(p.w, p.h, s).in.shell; in.w > 0 && in.h > 0 {
		p.shell.Resize(in.w, in.h)
	}
}

// setFocus gives the keyboard to a pane.
func (p *labPane) setFocus(to paneName) {
	if p.focus == to {
		return
	}
	p.focus = to
	if to == textPane {
		p.toPresent()
	}
	p.relayout()
}

// zoomPane gives the pane with the keyboard the screen for itself, or the others their places back.
func (p *labPane) zoomPane(on bool) {
	if p.zoom == on {
		return
	}
	p.zoom = on
	p.relayout()
}

// setSplit moves the line between text and shell.
func (p *labPane) setSplit(split int) {
	p.split = max(1000*minPane/max(p.w, 1), min(split, 1000-1000*minPane/max(p.w, 1)))
	p.relayout()
}

// relayout follows a change of the layout.
func (p *labPane) relayout() { p.setSize(p.w, p.h) }

// shellLines are the lines of the shell that fill a rectangle.
func (p *labPane) shellLines(in rect) []string {
	out := make([]string, max(0, in.h))
	if p.shell == nil {
		if len(out) > 0 {
			out[0] = p.faint.Render(p.text.shellWaiting)
		}
		return out
	}
	for y := range out {
		if y < len(p.screen.Lines) {
			out[y] = fit(p.marked(p.safe(p.screen.Lines[y]), p.screen.Top+y), in.w, "")
		}
	}
	return out
}

// drawShellAlone returns the lines between the header and the footer while the shell has the screen for itself.
func (p *labPane) drawShellAlone(l labLayout) []string {
	out := make([]string, 0, p.h)
	if l.how == tabbed {
		out = append(out, p.tabs(p.w))
	}
	for _, line := range p.shellLines(l.in.shell) {
		out = append(out, line+ansi.ResetStyle)
	}
	step := p.step()
	passed, n := ticked(step)
	title := p.text.check + " " + fmt.Sprintf(p.text.stepOpenF, passed, n)
	mark := p.belowShell()
	if mark == "" {
		mark = cleanLine(p.view.Lab.Steps[p.view.Step].Title)
	}
	out = append(out, p.rule(p.w, title, mark))
	for _, line := range p.ticks(l.in.checks.w, l.in.checks.h) {
		out = append(out, " "+line)
	}
	for len(out) < p.h-2 {
		out = append(out, "")
	}
	return out
}

// ticked counts the checks and questions of a step that are done.
func ticked(st session.StepView) (done, n int) {
	for _, c := range st.Checks {
		if c.Passed {
			done++
		}
	}
	for _, q := range st.Questions {
		if q.Right {
			done++
		}
	}
	return done, len(st.Checks) + len(st.Questions)
}

// ticks are one line a check and, in what is left, why the first failing one fails or what comes next.
func (p *labPane) ticks(width, rows int) []string {
	step := p.step()
	notices := p.notices(width)
	switch {
	case len(notices) > 0:
	case step.Done:
		notices = []string{"  " + p.accent.Render(p.text.stepDoneInShell)}
	default:
		notices = p.firstReason(step, width)
	}
	const why = 2
	room := max(0, min(len(notices), max(why, rows-len(step.Checks)-len(step.Questions))))
	if rows < 3 {
		room = 0
	}
	out := p.short(step, width, rows-room)
	if room > 0 && len(notices) > room {
		notices = append(notices[:room-1:room-1], fit(notices[room-1]+" "+p.ellipsis, width, p.ellipsis))
	}
	return append(out, notices[:room]...)
}

// short draws one line a check. Where there is no room for all, those that passed a while ago are left out first.
func (p *labPane) short(step session.StepView, width, rows int) []string {
	lines := p.lines(step, width, oneLine)
	over := len(lines) - max(rows, 0)
	var out []string
	for i, line := range lines {
		if over > 0 && i < len(step.Checks) && step.Checks[i].Passed && !p.flash[checkKey(i)] {
			over--
			continue
		}
		out = append(out, line)
	}
	return out[:min(len(out), max(rows, 0))]
}

// firstReason is the explanation of the first check that fails.
func (p *labPane) firstReason(step session.StepView, width int) []string {
	for _, c := range step.Checks {
		if failing(c) {
			why := strings.TrimSpace(cleanText(c.Result.Explanation))
			return p.indent("  ", why, width, p.theme.text.Render)
		}
	}
	return nil
}
