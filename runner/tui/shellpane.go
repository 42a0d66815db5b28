package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/kubelab/kubelab/runner/session"
	"github.com/kubelab/kubelab/runner/shell"
)

// inShell reports whether the shell has the screen and the keyboard.
func (m *Model) inShell() bool {
	return m.inLab && m.lab != nil && m.lab.showShell && m.lab.shell != nil
}

// openShell gives the screen to the shell.
func (m *Model) openShell(p *labPane) tea.Cmd {
	p.showShell = true
	return nil
}

// runCommand types the selected command into the shell and shows the shell, as soon as there is one.
func (m *Model) runCommand(p *labPane) tea.Cmd {
	p.lab.Run(p.doc.commands[p.selected])
	if p.shell == nil {
		p.wanted = true
		m.say(m.text.shellWaiting, false)
		return nil
	}
	p.showShell = true
	return nil
}

// attachShell takes over a shell that the lab has started since, and waits for what it shows.
func (m *Model) attachShell(p *labPane) tea.Cmd {
	sh, ok := p.lab.Shell()
	if !ok || sh == p.shell {
		return nil
	}
	p.shell, p.back = sh, 0
	p.resizeShell()
	p.screen = sh.Screen()
	if p.wanted {
		p.showShell, p.wanted = true, false
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
		if p.showShell && m.inLab {
			m.say(m.text.shellEnded, false)
		}
		p.shell, p.showShell = nil, false
		return m.attachShell(p)
	}
	return nil
}

// takeScreen shows what the shell shows, at the place the learner has scrolled back to.
func (p *labPane) takeScreen(s shell.Screen) {
	if p.back > 0 {
		s = p.shell.Scrolled(p.back)
		p.back = s.Offset
	}
	p.screen = s
}

// scrollShell moves the shell's screen up by so many lines, or down where lines is negative.
func (p *labPane) scrollShell(lines int) {
	if lines == 0 {
		return
	}
	p.back = max(0, p.back+lines)
	p.takeScreen(p.shell.Screen())
}

// resizeShell tells the shell how much room there is for it.
func (p *labPane) resizeShell() {
	if p.shell == nil || !p.loaded || p.w == 0 {
		return
	}
	if l := p.shellLayout(); l.shell.w > 0 && l.shell.h > 0 {
		p.shell.Resize(l.shell.w, l.shell.h)
	}
}

// shellLayout divides the screen between the shell and the ticks. It depends on the step, not on how its checks stand.
func (p *labPane) shellLayout() shellLayout {
	const why = 2 // lines for the explanation of the first failing check
	step := p.step()
	return layoutShell(p.w, p.h, len(step.Checks)+len(step.Questions)+why)
}

// drawShell returns the lines between the header and the footer while the shell has the screen.
func (p *labPane) drawShell() []string {
	l := p.shellLayout()
	out := make([]string, 0, p.h)
	for y := range l.shell.h {
		line := ""
		if y < len(p.screen.Lines) {
			line = p.safe(p.screen.Lines[y])
		}
		out = append(out, fit(line, l.shell.w, "")+ansi.ResetStyle)
	}
	step := p.step()
	passed, n := ticked(step)
	title := p.text.check + " " + fmt.Sprintf(p.text.stepOpenF, passed, n)
	out = append(out, p.rule(p.w, title, cleanLine(p.view.Lab.Steps[p.view.Step].Title)))
	for _, line := range p.ticks(p.w-2, l.ticks.h) {
		out = append(out, " "+line)
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
