package tui

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// tourOverlay shows a new learner around: a screen like that of a lab, in whose parts stands what they are for.
type tourOverlay struct{ panel int }

// tourPanel is one of the things that the tour points at.
type tourPanel struct{ title, text string }

// tourPart is the part of the screen at which a panel points, in the order of the panels.
type tourPart int

const (
	tourText tourPart = iota
	tourShell
	tourChecks
	tourKeys // and all that follow
)

// tourParts are the parts at which the panels point.
func tourParts() []tourPart {
	return []tourPart{tourText, tourShell, tourChecks, tourKeys, tourShell, tourKeys}
}

// firstStart reports whether nobody has been here yet. Who names a lab knows where they are going.
func (m *Model) firstStart() bool {
	return !m.overview.Toured && len(m.overview.Labs) == 0 && m.first == "" && len(m.course.Labs) > 0
}

// startTour shows the tour from its beginning, in place of the help.
func (m *Model) startTour() tea.Cmd {
	m.liftAll()
	return m.lay(&tourOverlay{})
}

// endTour goes back and remembers that the learner was shown around.
func (m *Model) endTour() tea.Cmd {
	m.lift()
	if m.overview.Toured {
		return nil
	}
	app := m.app
	return func() tea.Msg { app.Toured(); return nil }
}

func (o *tourOverlay) key(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	msg = latin(msg)
	switch {
	case key.Matches(msg, m.keys.cancel, m.keys.quit):
		return m.endTour()
	case key.Matches(msg, m.keys.commandLeft, m.keys.prev, m.keys.up):
		o.panel = max(0, o.panel-1)
	case key.Matches(msg, m.keys.submit, m.keys.commandRight, m.keys.next, m.keys.down, m.keys.pageDown):
		if o.panel+1 >= len(m.text.over.tour) {
			return m.endTour()
		}
		o.panel++
	}
	return nil
}

func (o *tourOverlay) draw(m *Model) []string {
	t := m.text.over
	part := tourParts()[o.panel]
	out := []string{m.spread(m.w, " "+m.accent.Render("kubelab")+"  "+m.title.Render(t.tourTitle),
		m.faint.Render(fmt.Sprintf(m.text.stepF, o.panel+1, len(t.tour)))+" ")}
	rows := max(0, m.h-3) // header, keys of a lab, keys of the tour
	if m.w >= wideLab && m.h >= highLab {
		out = append(out, o.drawBeside(m, part, rows)...)
	} else {
		out = append(out, o.drawStacked(m, part, rows)...)
	}
	keys := m.faint.Render
	if part == tourKeys {
		keys = m.accent.Render
	}
	out = append(out, fit(" "+keys(m.safe(t.tourFooter)), m.w, m.ellipsis))
	return append(out, m.overlayFooter(t.tourKeys))
}

// lines are what stands in a part: the panel where it points there, what belongs there otherwise.
func (o *tourOverlay) lines(m *Model, at, part tourPart, w int) []string {
	t := m.text.over
	if part == tourKeys && at == tourChecks {
		part = tourChecks // the keys are below, the words above them
	}
	if at != part {
		return []string{m.faint.Render(fit(t.tourParts[at], w, m.ellipsis))}
	}
	panel := t.tour[o.panel]
	out := []string{m.accent.Render(fit(m.run+" "+panel.title, w, m.ellipsis))}
	out = append(out, m.paragraphs(min(w, maxText), panel.text)...)
	if tourParts()[o.panel] == tourKeys {
		out = append(out, m.accent.Render(m.glyphs.scroll))
	}
	return out
}

// name is a part's title, in brackets where the panel points at it.
func (o *tourOverlay) name(m *Model, title string, at, part tourPart) string {
	if at == part {
		return "[" + title + "]"
	}
	return title
}

// drawBeside draws the parts as they stand on a wide screen.
func (o *tourOverlay) drawBeside(m *Model, part tourPart, rows int) []string {
	left := splitAt(m.w, evenSplit)
	checks := max(8, rows/3)
	top := max(0, rows-checks-frame)
	text := section{title: o.name(m, m.text.explanation, tourText, part), rows: top, lines: o.lines(m, tourText, part, left-4)}
	sh := section{title: o.name(m, m.text.shellTitle, tourShell, part), rows: top, lines: o.lines(m, tourShell, part, m.w-left-3)}
	below := section{title: o.name(m, m.text.check, tourChecks, part), rows: checks, lines: o.lines(m, tourChecks, part, m.w-4)}
	return m.besideAbove(m.w, left, text, sh, below)
}

// drawStacked draws the parts as they stand on a narrow screen: text and shell share one place.
func (o *tourOverlay) drawStacked(m *Model, part tourPart, rows int) []string {
	upper := tourText
	if part == tourShell {
		upper = tourShell
	}
	titles := []string{o.name(m, m.text.explanation, tourText, part), o.name(m, m.text.shellTitle, tourShell, part)}
	w := m.w - 4
	top, below := o.lines(m, upper, part, w), o.lines(m, tourChecks, part, w)
	lines := max(0, rows-frame)
	need := max(0, min(max(len(below), lines/3), lines-1))
	return m.stack(m.w, section{title: strings.Join(titles, " "), rows: lines - need, lines: top},
		section{title: o.name(m, m.text.check, tourChecks, part), rows: need, lines: below})
}
