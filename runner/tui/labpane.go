package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/kubelab/kubelab/runner/session"
	"github.com/kubelab/kubelab/runner/shell"
)

// labPane is one lab on the screen: its text, its checks and its shell.
type labPane struct {
	checkPane
	id, title string
	// number is the lab's place in the course, from 1.
	number int

	lab Lab
	// view is the newest state; it means nothing before loaded.
	view   session.View
	loaded bool

	// closed ends the commands that wait for this lab.
	closed chan struct{}

	shell  Shell
	screen shell.Screen
	look   lookback
	pic    picturePane

	// focus is the pane that has the keyboard, zoom whether it has the screen for itself, split the share of the text
	// (see shape). wanted says that the shell is to be shown as soon as there is one.
	focus        paneName
	zoom, wanted bool
	split        int

	markdown *markdown
	w, h     int
	doc      document
	docWidth int
	scroll   int
	selected int
	answer   answerField
	// asking is what will come of a yes to the question at the bottom.
	asking string
	// asked counts the steps that were asked for, to is the last of them; held are the keys pressed since (see pending).
	asked, to int
	held      []tea.KeyPressMsg
	// summary is true while the summary of the finished lab waits to be shown.
	summary bool
	// flashes counts the changes, so that the end of one flash does not cut the next one short.
	flashes int
}

// setSize lays the pane out for a screen of w by h cells.
func (p *labPane) setSize(w, h int) {
	inView := p.w > 0 && p.commandInView()
	p.w, p.h = w, h
	p.rewrite()
	if inView {
		p.showCommand()
	}
	p.clampScroll()
	p.resizeShell()
}

// step is the state of the current step.
func (p *labPane) step() session.StepView { return p.view.Steps[p.view.Step] }

// show takes over a new state and reports whether something was ticked by it.
func (p *labPane) show(v session.View) (ticked bool) {
	was, had := p.view, p.loaded
	p.view, p.loaded = v, len(v.Steps) > 0
	if !p.loaded {
		return false
	}
	moved := !had || was.Step != v.Step
	if moved {
		p.scroll, p.selected, p.flash = 0, 0, nil
		p.answer.close()
	} else {
		ticked = p.mark(was.Steps[was.Step], v.Steps[v.Step])
	}
	p.answer.follow(p.step().Questions)
	p.rewrite()
	if !moved && p.doc.extra >= 0 && (v.Hints > was.Hints || v.Solution && !was.Solution) {
		p.scroll = p.doc.extra
	}
	p.clampScroll()
	p.resizeShell()
	return ticked
}

// mark remembers which ticks are new.
func (p *labPane) mark(was, is session.StepView) (ticked bool) {
	fresh := map[string]bool{}
	for i := range is.Checks {
		if i < len(was.Checks) && is.Checks[i].Passed && !was.Checks[i].Passed {
			fresh[checkKey(i)] = true
		}
	}
	for i := range is.Questions {
		if i < len(was.Questions) && is.Questions[i].Right && !was.Questions[i].Right {
			fresh[questionKey(i)] = true
		}
	}
	if len(fresh) == 0 {
		return false
	}
	p.flash = fresh
	p.flashes++
	return true
}

// rewrite renders the text again. It must follow every change of the view, the width or the selected command.
func (p *labPane) rewrite() {
	if !p.loaded || p.w == 0 {
		return
	}
	width := min(p.layout().in.text.w, maxText)
	if width <= 0 { // the shell has the screen for itself
		width = max(p.docWidth, minPane)
	}
	p.docWidth = width
	w := writer{brush: p.brush, text: p.text, markdown: p.markdown, width: width, selected: p.selected}
	p.doc = w.write(p.view)
	if p.selected >= len(p.doc.commands) && p.selected > 0 {
		p.selected = max(0, len(p.doc.commands)-1)
		p.rewrite()
	}
}

// roomyLab is the height from which the checks beside a shell get more than their least.
const roomyLab = 30

// shape is what the layout depends on at present.
func (p *labPane) shape() shape {
	s := shape{focus: p.focus, zoom: p.zoom, split: p.split, prompt: p.answer.height()}
	if p.loaded {
		step := p.step()
		n := len(step.Checks) + len(step.Questions)
		s.ticks = n + 2 // what was seen, or why a check fails
		if p.h >= roomyLab {
			s.ticks += 2
		}
		switch inner := p.w - 4; {
		case s.focus != textPane:
		case p.pic.shown(): // a picture needs height, and says itself what is there
			s.checks = len(p.news(inner)) + len(p.lines(step, inner, oneLine))
		default:
			s.checks = len(p.news(inner)) + len(p.lines(step, inner, everything))
		}
	}
	return s
}

// layout divides the screen for the present state.
func (p *labPane) layout() labLayout { return layoutLab(p.w, p.h, p.shape()) }

// clampScroll keeps the text on the screen.
func (p *labPane) clampScroll() {
	rows := p.layout().in.text.h
	if rows <= 0 { // where it is kept for a larger screen
		p.scroll = max(0, p.scroll)
		return
	}
	p.scroll = max(0, min(p.scroll, len(p.doc.lines)-rows))
}

// selectCommand moves the selection by d and scrolls to it.
func (p *labPane) selectCommand(d int) {
	n := len(p.doc.commands)
	if n == 0 {
		return
	}
	p.selected = (p.selected + d + n) % n
	p.rewrite()
	p.showCommand()
	p.clampScroll()
}

// commandInView reports whether the selected command and the line that says which keys act on it are on the screen.
func (p *labPane) commandInView() bool {
	if len(p.doc.at) == 0 {
		return false
	}
	at, rows := p.doc.at[p.selected], p.layout().in.text.h
	return at >= p.scroll && at+2 <= p.scroll+rows
}

// showCommand scrolls to the selected command where it is not on the screen.
func (p *labPane) showCommand() {
	if len(p.doc.at) > 0 && !p.commandInView() {
		p.scroll = p.doc.at[p.selected] - p.layout().in.text.h/3
	}
}
