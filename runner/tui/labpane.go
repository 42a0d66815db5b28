package tui

import (
	"fmt"
	"strings"

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
	// back is how many lines the learner has scrolled back.
	back int
	// showShell is true while the shell has the whole screen; wanted, when it should as soon as there is one.
	showShell, wanted bool

	markdown *markdown
	w, h     int
	doc      document
	scroll   int
	selected int
	answer   answerField
	// asking is what will come of a yes to the question at the bottom.
	asking string
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
	width := min(p.w-4, maxText)
	w := writer{brush: p.brush, text: p.text, markdown: p.markdown, width: width, selected: p.selected}
	p.doc = w.write(p.view)
	if p.selected >= len(p.doc.commands) && p.selected > 0 {
		p.selected = max(0, len(p.doc.commands)-1)
		p.rewrite()
	}
}

// layout divides the screen for the present state.
func (p *labPane) layout() labLayout {
	checks := 1
	if p.loaded {
		inner := p.w - 4
		checks = len(p.news(inner)) + len(p.lines(p.step(), inner, everything))
	}
	return layoutLab(p.w, p.h, max(checks, 1), p.answer.height())
}

// clampScroll keeps the text on the screen.
func (p *labPane) clampScroll() {
	rows := p.layout().text.h - 2
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
	at, rows := p.doc.at[p.selected], p.layout().text.h-2
	return at >= p.scroll && at+2 <= p.scroll+rows
}

// showCommand scrolls to the selected command where it is not on the screen.
func (p *labPane) showCommand() {
	if len(p.doc.at) > 0 && !p.commandInView() {
		p.scroll = p.doc.at[p.selected] - (p.layout().text.h-2)/3
	}
}

// draw returns the lines between the header and the footer.
func (p *labPane) draw() []string {
	l := p.layout()
	if !p.loaded {
		waiting := []string{p.text.loading}
		return p.stack(p.w, section{title: p.text.explanation, lines: waiting, rows: l.text.h - 2},
			section{title: p.text.check, rows: l.checks.h - 2})
	}
	rows := l.text.h - 2
	end := min(len(p.doc.lines), p.scroll+rows)
	text := section{title: p.text.explanation, rows: rows, lines: p.doc.lines[min(p.scroll, end):end]}
	checks := section{title: p.text.check, rows: l.checks.h - 2, lines: p.checkLines(l.checks.h - 2)}
	if rest := len(p.doc.lines) - end; rest > 0 {
		checks.mark = p.below(rest)
	}
	out := p.stack(p.w, text, checks)
	return append(out, p.answer.draw(p.brush, p.text, p.step().Questions, p.w)...)
}

// below says how much text is below.
func (p *labPane) below(rest int) string {
	return p.glyphs.scroll + " " + fmt.Sprintf(p.text.scrollF, rest)
}

// checkLines fills the lower pane: what is going on first, then the checks.
func (p *labPane) checkLines(rows int) []string {
	notices := p.news(p.w - 4)
	checks := min(1, len(p.lines(p.step(), p.w-4, oneLine)))
	if room := max(1, rows-checks); len(notices) > room {
		notices = notices[:room]
	}
	return append(notices, p.fitting(p.step(), p.w-4, rows-len(notices))...)
}

// notices are the lines above the checks: a problem, what the session is doing, or what it waits for.
func (p *labPane) notices(width int) []string {
	var out []string
	v := p.view
	if problem := strings.TrimSpace(cleanText(v.Problem)); problem != "" {
		out = append(out, p.indent(p.fail.Render("! "), problem, width, p.theme.text.Render)...)
	}
	if a := v.Activity; a != nil {
		line := p.accent.Render(p.dot) + " " + p.activity()
		if detail := cleanLine(a.Detail); detail != "" {
			line += "  " + p.faint.Render(p.safe(detail))
		}
		out = append(out, fit(line, width, p.ellipsis))
	}
	if len(v.Waiting) > 0 {
		words := fmt.Sprintf(p.text.waitingF, p.text.capabilityList(v.Waiting))
		out = append(out, p.indent(p.faint.Render(p.hollow+" "), words, width, p.theme.text.Render)...)
	}
	return out
}

// news are what is asked, the notices, what the session has done unasked, and what comes next.
func (p *labPane) news(width int) []string {
	var out []string
	if p.asking != "" { // what a question is about comes before everything
		out = p.indent(p.fail.Render("! "), p.asking, width, p.theme.text.Render)
	}
	out = append(out, p.notices(width)...)
	if notice := strings.TrimSpace(cleanText(p.view.Notice)); notice != "" {
		out = append(out, p.indent(p.accent.Render(p.run+" "), notice, width, p.theme.text.Render)...)
	}
	if next := p.nextHint(); next != "" {
		out = append(out, fit(p.accent.Render(next), width, p.ellipsis))
	}
	return out
}

// activity is what the session does by itself, in a few words.
func (p *labPane) activity() string {
	a := p.view.Activity
	if a.Total <= 1 {
		return p.safe(cleanLine(a.Title))
	}
	return fmt.Sprintf(p.text.activityF, p.safe(cleanLine(a.Title)), a.Done, a.Total)
}

// nextHint says what follows a step that is done.
func (p *labPane) nextHint() string {
	switch {
	case !p.step().Done || p.view.Replaying:
		return ""
	case p.step().Skipped && p.view.Step < len(p.view.Steps)-1:
		return p.text.skipped + " " + p.text.stepDone
	case p.view.Step < len(p.view.Steps)-1:
		return p.text.stepDone
	case p.view.Finished:
		return p.text.labDone
	}
	return p.text.lastStepDone
}
