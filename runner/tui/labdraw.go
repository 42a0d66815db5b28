package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// draw returns the lines between the header and the footer.
func (p *labPane) draw() []string {
	l := p.layout()
	switch {
	case l.how == beside:
		return append(p.drawBeside(l), p.drawAnswer()...)
	case p.focus == shellPane:
		return p.drawShellAlone(l)
	}
	checks := p.checkSection(l)
	checks.mark = p.belowText(l)
	out := p.stack(p.w, p.textSection(l), checks)
	title := p.heading(p.w-2, p.textTitle(), true)
	if l.how == tabbed {
		title = p.tabs(p.w - 2)
	}
	out[0] = p.theme.border.Render(p.glyphs.border.TopLeft) + title + p.theme.border.Render(p.glyphs.border.TopRight)
	return append(out, p.drawAnswer()...)
}

// drawBeside draws text and shell beside one another and the checks below.
func (p *labPane) drawBeside(l labLayout) []string {
	bd, line := p.glyphs.border, p.theme.border.Render
	left, right := l.text.w-2, l.shell.w-2
	out := make([]string, 0, p.h)
	out = append(out, line(bd.TopLeft)+p.heading(left, p.textTitle(), p.focus == textPane)+line(bd.MiddleTop)+
		p.heading(right, p.text.shellTitle, p.focus == shellPane)+line(bd.TopRight))
	text, sh := p.textSection(l), p.shellLines(l.in.shell)
	for y := range l.in.text.h {
		words := ""
		if y < len(text.lines) {
			words = text.lines[y]
		}
		out = append(out, line(bd.Left)+" "+pad(words, l.in.text.w, p.ellipsis)+" "+line(bd.Left)+" "+
			pad(sh[y], l.in.shell.w, "")+ansi.ResetStyle+line(bd.Right))
	}
	checks := p.checkSection(l)
	out = append(out, line(bd.MiddleLeft)+p.rule(left, checks.title, p.belowText(l))+line(bd.MiddleBottom)+
		p.rule(right, "", p.belowShell())+line(bd.MiddleRight))
	out = append(out, p.rows(p.w, checks)...)
	return append(out, line(bd.BottomLeft)+p.rule(p.w-2, "", "")+line(bd.BottomRight))
}

// heading is the line above a pane. The pane that has the keyboard has its title in brackets.
func (p *labPane) heading(w int, title string, focused bool) string {
	if w < 6 {
		return p.rule(w, "", "")
	}
	words := p.paneTitle(fit(title, w-4, p.ellipsis), focused)
	return p.theme.border.Render(p.glyphs.border.Top) + words +
		p.theme.border.Render(strings.Repeat(p.glyphs.border.Top, max(0, w-1-ansi.StringWidth(words))))
}

func (p *labPane) paneTitle(title string, focused bool) string {
	if focused {
		return p.accent.Render("[" + title + "]")
	}
	return " " + p.theme.text.Render(title) + " "
}

// tabs is the line that says which pane is shown where there is no room for both.
func (p *labPane) tabs(w int) string {
	line := p.theme.border.Render(p.glyphs.border.Top)
	for _, t := range p.tabTitles() {
		line += p.paneTitle(t.title, t.name == p.focus) + p.theme.border.Render(p.glyphs.border.Top)
	}
	line = fit(line, w, p.ellipsis)
	return line + p.theme.border.Render(strings.Repeat(p.glyphs.border.Top, max(0, w-ansi.StringWidth(line))))
}

// tab is the title of a pane in the line of tabs.
type tab struct {
	name  paneName
	title string
}

func (p *labPane) tabTitles() []tab {
	return []tab{{textPane, p.textTitle()}, {shellPane, p.text.shellTitle}}
}

// textSection is the text as far as it is in view.
func (p *labPane) textSection(l labLayout) section {
	s := section{rows: l.in.text.h}
	if !p.loaded {
		s.lines = []string{p.text.loading}
		return s
	}
	if p.pic.shown() {
		s.lines = p.pictureLines(l.in.text)
		return s
	}
	end := min(len(p.doc.lines), p.scroll+l.in.text.h)
	s.lines = p.doc.lines[min(p.scroll, end):end]
	return s
}

// checkSection is the pane of checks.
func (p *labPane) checkSection(l labLayout) section {
	s := section{title: p.text.check, rows: l.in.checks.h}
	if p.loaded {
		s.lines = p.checkLines(l.in.checks.w, l.in.checks.h)
	}
	return s
}

// belowText says how much text is below the part in view.
func (p *labPane) belowText(l labLayout) string {
	if rest := len(p.doc.lines) - p.scroll - l.in.text.h; p.loaded && rest > 0 && !p.pic.shown() {
		return p.glyphs.scroll + " " + fmt.Sprintf(p.text.scrollF, rest)
	}
	return ""
}

// belowShell says that the shell does not show its newest lines.
func (p *labPane) belowShell() string {
	if n := p.screen.Offset; p.shell != nil && n > 0 {
		return p.glyphs.scroll + " " + fmt.Sprintf(p.text.scrollF, n)
	}
	return ""
}

// drawAnswer draws the answer field, where it is open.
func (p *labPane) drawAnswer() []string {
	if !p.loaded {
		return nil
	}
	return p.answer.draw(p.brush, p.text, p.step().Questions, p.w)
}

// checkLines fills the lower pane: what is going on first, then the checks.
func (p *labPane) checkLines(width, rows int) []string {
	notices := p.news(width)
	checks := min(1, len(p.lines(p.step(), width, oneLine)))
	if room := max(1, rows-checks); len(notices) > room {
		notices = notices[:room]
	}
	return append(notices, p.fitting(p.step(), width, rows-len(notices))...)
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
	case p.focus == shellPane:
		return p.text.stepDoneInShell
	case p.step().Skipped && p.view.Step < len(p.view.Steps)-1:
		return p.text.skipped + " " + p.text.stepDone
	case p.view.Step < len(p.view.Steps)-1:
		return p.text.stepDone
	case p.view.Finished:
		return p.text.labDone
	}
	return p.text.lastStepDone
}
