package tui

import (
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/kubelab/kubelab/runner/shell"
)

// pointer is what the mouse is in the middle of.
type pointer struct {
	// drag is what moves with the mouse while its button is down.
	drag dragging
	// last is where the last click was, and clicks counts them, so that a second one soon after is a double click.
	// command is the command that the first one hit, or -1: the text may have moved under the mouse.
	last    spot
	fresh   bool
	clicks  int
	command int
}

type dragging int

const (
	dragNothing dragging = iota
	dragDivider
	dragSelection
	dragProgram // the program in the shell follows the mouse
)

const (
	// doubleClick is how soon the second click must follow the first.
	doubleClick = 400 * time.Millisecond
	// wheelLines is how far one notch of the wheel scrolls.
	wheelLines = 3
)

// clickOverMsg tells that the time for a double click is over.
type clickOverMsg struct{ clicks int }

func (r rect) has(x, y int) bool { return x >= r.x && x < r.x+r.w && y >= r.y && y < r.y+r.h }

// mouse routes what the mouse does.
func (m *Model) mouse(msg tea.MouseMsg) tea.Cmd {
	if m.leaving != "" || m.opening != "" {
		return nil
	}
	if _, ok := msg.(tea.MouseClickMsg); ok && m.inLab && m.lab != nil && m.lab.pending() {
		return nil // what is clicked belongs to a step that the learner has turned away from
	}
	if _, ok := msg.(tea.MouseReleaseMsg); !ok && (m.over() != nil || !m.inLab || m.lab == nil) {
		return m.mouseElsewhere(msg)
	}
	if m.lab == nil {
		m.pointer.drag = dragNothing
		return nil
	}
	switch msg := msg.(type) {
	case tea.MouseClickMsg:
		return m.click(m.lab, tea.Mouse(msg))
	case tea.MouseMotionMsg:
		return m.motion(m.lab, tea.Mouse(msg))
	case tea.MouseReleaseMsg:
		return m.letGo(m.lab, tea.Mouse(msg))
	case tea.MouseWheelMsg:
		return m.wheel(m.lab, tea.Mouse(msg))
	}
	return nil
}

// mouseElsewhere turns the wheel into arrow keys where there are no panes, and presses what is at the bottom.
func (m *Model) mouseElsewhere(msg tea.MouseMsg) tea.Cmd {
	at := msg.Mouse()
	switch msg.(type) {
	case tea.MouseWheelMsg:
		switch at.Button {
		case tea.MouseWheelUp:
			return m.key(tea.KeyPressMsg{Code: tea.KeyUp})
		case tea.MouseWheelDown:
			return m.key(tea.KeyPressMsg{Code: tea.KeyDown})
		}
	case tea.MouseClickMsg:
		if m.over() == nil && at.Y == m.h-1 && at.Button == tea.MouseLeft {
			return m.clickFooter(at.X)
		}
	}
	return nil
}

// click gives the keyboard to the pane under the mouse, and does what is there.
func (m *Model) click(p *labPane, at tea.Mouse) tea.Cmd {
	if at.Y == m.h-1 {
		return m.clickFooter(at.X)
	}
	if m.confirm != nil {
		return nil
	}
	l := p.layout()
	if l.in.shell.has(at.X, at.Y) {
		return m.clickShell(p, l, at)
	}
	if at.Button != tea.MouseLeft {
		return nil
	}
	m.say("", false)
	double, cmd := m.clicked(at)
	switch {
	case l.how == beside && at.X == l.shell.x && l.shell.has(at.X, at.Y):
		m.pointer.drag = dragDivider
	case l.in.text.has(at.X, at.Y):
		p.setFocus(textPane)
		if p.pic.shown() {
			return cmd
		}
		return tea.Batch(cmd, m.clickText(p, at.X-l.in.text.x, p.scroll+at.Y-l.in.text.y, double))
	default:
		p.clickTitle(l, at, double)
	}
	return cmd
}

// clicked counts a click, and reports whether it is the second at its place.
func (m *Model) clicked(at tea.Mouse) (double bool, cmd tea.Cmd) {
	pt := &m.pointer
	here := spot{at.Y, at.X}
	if pt.fresh && pt.last == here {
		pt.fresh = false
		return true, nil
	}
	pt.last, pt.fresh, pt.command = here, true, -1
	pt.clicks++
	n := pt.clicks
	return false, m.rt.after(doubleClick, func(time.Time) tea.Msg { return clickOverMsg{n} })
}

// clickTitle gives the keyboard to the pane whose title was clicked; twice, the whole screen.
func (p *labPane) clickTitle(l labLayout, at tea.Mouse, double bool) {
	name, ok := p.titleAt(l, at.X, at.Y)
	switch {
	case !ok || name == shellPane && p.shell == nil:
	case double:
		p.setFocus(name)
		p.zoomPane(!p.zoom)
	default:
		p.setFocus(name)
	}
}

// titleAt is the pane to which a title belongs. A shell that has the screen for itself has but the line below it.
func (p *labPane) titleAt(l labLayout, x, y int) (name paneName, ok bool) {
	switch {
	case l.tabs.has(x, y):
		at := l.tabs.x + 1
		if p.focus == textPane {
			at++ // the corner
		}
		for _, t := range p.tabTitles() {
			if w := ansi.StringWidth(t.title) + 2; x >= at && x < at+w {
				return t.name, true
			} else {
				at += w + 1
			}
		}
		return 0, false
	case l.how == alone && p.focus == shellPane:
		return shellPane, y == l.checks.y
	case y == l.text.y && l.text.has(x, y):
		return textPane, true
	case y == l.shell.y && l.shell.has(x, y):
		return shellPane, true
	}
	return 0, false
}

// clickText selects the command under the mouse; twice, it runs. The keys shown below the selected one can be pressed.
func (m *Model) clickText(p *labPane, column, line int, double bool) tea.Cmd {
	if double && m.pointer.command >= 0 {
		return m.pressKey(m.keys.run)
	}
	for _, b := range p.doc.buttons {
		if b.line == line && column >= b.from && column < b.to {
			if b.copies {
				return m.pressKey(m.keys.copyCommand)
			}
			return m.pressKey(m.keys.run)
		}
	}
	for i, at := range p.doc.at {
		if line >= at && line < p.doc.ends[i] {
			m.pointer.command = i
			p.pick(i)
		}
	}
	return nil
}

// pick selects a command, which stays where it is on the screen.
func (p *labPane) pick(i int) {
	was := p.doc.at[i]
	p.selected = i
	p.rewrite()
	p.scroll += p.doc.at[i] - was
	p.clampScroll()
}

// pressKey does what a key of the lab does, now or once the step is there that was asked for.
func (m *Model) pressKey(b key.Binding) tea.Cmd {
	if msg := pressOf(b); !m.hold(msg) {
		return m.act(msg)
	}
	return nil
}

// pressOf is a key press that matches a binding.
func pressOf(b key.Binding) tea.KeyPressMsg { return pressNamed(b.Keys()[0]) }

// pressNamed is the press of a key by the name that bindings use.
func pressNamed(name string) tea.KeyPressMsg {
	switch name {
	case "enter":
		return tea.KeyPressMsg{Code: tea.KeyEnter}
	case "esc":
		return tea.KeyPressMsg{Code: tea.KeyEscape}
	}
	return tea.KeyPressMsg{Text: name, Code: []rune(name)[0]}
}

// clickFooter does what the key under the mouse does.
func (m *Model) clickFooter(x int) tea.Cmd {
	switch {
	case m.confirm != nil:
		return m.clickConfirm(x)
	case m.status != "" || m.answering() || m.finding():
		m.say("", false) // there are no keys at present
		return nil
	}
	head := m.footerHead()
	for _, k := range m.footerKeys(m.footerRoom(head)) {
		if at := x - ansi.StringWidth(head); at >= k.from && at < k.to {
			if !m.inShell() && m.hold(pressOf(k.key)) {
				return nil
			}
			return m.perform(k.action)
		}
	}
	return nil
}

// clickConfirm answers the question at the bottom: with yes on the key for it, otherwise with no.
func (m *Model) clickConfirm(x int) tea.Cmd {
	question, _ := m.confirmFooter()
	yes, _, _ := strings.Cut(m.safe(m.text.confirmKeys), m.middot)
	if at := x - ansi.StringWidth(question) - 2; at >= 0 && at < ansi.StringWidth(yes) {
		return m.confirmKey(pressOf(m.keys.yes))
	}
	return m.confirmKey(pressOf(m.keys.cancel))
}

// clickShell begins to select, or hands the click to the program in the shell, where that asked for it. Shift selects all
// the same.
func (m *Model) clickShell(p *labPane, l labLayout, at tea.Mouse) tea.Cmd {
	if p.shell == nil {
		return nil
	}
	m.say("", false)
	if p.toProgram(at) {
		m.pointer.drag = dragProgram
		return m.typed(p.shell.SendMouse(p.mouseIn(l, at, shell.MousePress)))
	}
	p.setFocus(shellPane)
	if at.Button != tea.MouseLeft {
		return nil
	}
	here := p.spotAt(p.layout(), at)
	p.look.sel = selection{from: here, to: here}
	m.pointer.drag = dragSelection
	return nil
}

// toProgram reports whether the program in the shell gets what the mouse does.
func (p *labPane) toProgram(at tea.Mouse) bool {
	return p.focus == shellPane && p.screen.Mouse && p.screen.Offset == 0 && !at.Mod.Contains(tea.ModShift)
}

// mouseIn is what the mouse does, as the shell counts.
func (p *labPane) mouseIn(l labLayout, at tea.Mouse, do shell.MouseAction) shell.Mouse {
	return shell.Mouse{
		X: at.X - l.in.shell.x, Y: at.Y - l.in.shell.y, Button: at.Button, Action: do,
		Shift: at.Mod.Contains(tea.ModShift), Alt: at.Mod.Contains(tea.ModAlt), Ctrl: at.Mod.Contains(tea.ModCtrl),
	}
}

// spotAt is the place in the shell's output under the mouse, or nearest to it.
func (p *labPane) spotAt(l labLayout, at tea.Mouse) spot {
	in := l.in.shell
	x, y := max(0, min(at.X-in.x, in.w)), max(0, min(at.Y-in.y, in.h-1))
	return spot{p.screen.Top + y, x}
}

// motion moves what is dragged.
func (m *Model) motion(p *labPane, at tea.Mouse) tea.Cmd {
	l := p.layout()
	switch m.pointer.drag {
	case dragDivider:
		if l.how == beside && p.w > 0 {
			m.splitAt(p, ((at.X+1)*1000+p.w-1)/p.w)
		}
	case dragSelection:
		if p.shell == nil || l.in.shell.h <= 0 {
			return nil
		}
		switch in := l.in.shell; {
		case at.Y < in.y:
			p.scrollShell(1)
		case at.Y >= in.y+in.h:
			p.scrollShell(-1)
		}
		to := p.spotAt(l, at)
		if to.line > p.look.sel.from.line || to.line == p.look.sel.from.line && to.col >= p.look.sel.from.col {
			to.col++ // the character under the mouse, too
		}
		p.look.sel.to, p.look.sel.on = to, true
	case dragProgram:
		if p.shell != nil && p.toProgram(at) {
			return m.typed(p.shell.SendMouse(p.mouseIn(l, at, shell.MouseMove)))
		}
	}
	return nil
}

// letGo ends what was dragged. What was selected is copied.
func (m *Model) letGo(p *labPane, at tea.Mouse) tea.Cmd {
	drag := m.pointer.drag
	m.pointer.drag = dragNothing
	switch {
	case p.shell == nil:
	case drag == dragProgram && p.toProgram(at):
		return m.typed(p.shell.SendMouse(p.mouseIn(p.layout(), at, shell.MouseRelease)))
	case drag == dragSelection && p.look.sel.on:
		return m.copySelection(p)
	case drag == dragSelection:
		p.look.sel = selection{}
	}
	return nil
}

// wheel scrolls the pane under the mouse.
func (m *Model) wheel(p *labPane, at tea.Mouse) tea.Cmd {
	lines := wheelLines
	switch at.Button {
	case tea.MouseWheelUp:
	case tea.MouseWheelDown:
		lines = -lines
	default:
		return nil
	}
	l := p.layout()
	switch {
	case l.text.has(at.X, at.Y):
		p.scroll -= lines
		p.clampScroll()
	case l.shell.has(at.X, at.Y) && p.shell != nil:
		return m.wheelShell(p, l, at, lines)
	}
	return nil
}

// wheelShell scrolls the shell back. A program on the alternate screen has nothing to scroll back to: it gets the wheel,
// or arrow keys, as other terminals do it.
func (m *Model) wheelShell(p *labPane, l labLayout, at tea.Mouse, lines int) tea.Cmd {
	switch {
	case p.toProgram(at):
		return m.typed(p.shell.SendMouse(p.mouseIn(l, at, shell.MousePress)))
	case p.screen.Alternate && p.focus != shellPane:
		return nil
	case p.screen.Alternate && !p.look.reading:
		code := tea.KeyUp
		if lines < 0 {
			code = tea.KeyDown
		}
		for range wheelLines {
			if err := p.shell.SendKey(shell.Key{Code: code}); err != nil {
				return m.typed(err)
			}
		}
		return nil
	}
	p.scrollShell(lines)
	return nil
}
