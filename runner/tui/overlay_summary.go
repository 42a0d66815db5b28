package tui

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/kubelab/kubelab/labs"
)

// summaryOverlay looks back on a lab: what was learned, what was hard, and how long it took.
type summaryOverlay struct {
	pager
	lab *labs.Lab
}

// openSummary shows the summary of a lab.
func (m *Model) openSummary(id string) tea.Cmd {
	if lab, _ := m.labOf(id); lab != nil {
		return m.lay(&summaryOverlay{lab: lab})
	}
	return nil
}

// selectedLab is the ID of the lab that is open or, on the course, selected.
func (m *Model) selectedLab() string {
	if m.inLab && m.lab != nil {
		return m.lab.id
	}
	if m.list.selected < len(m.course.Labs) {
		return m.course.Labs[m.list.selected].ID
	}
	return ""
}

func (m *Model) refuseSummary() string {
	if _, begun := m.overview.Labs[m.selectedLab()]; !begun {
		return m.text.over.notBegun
	}
	return ""
}

// finishing shows the summary once, when the lab becomes finished. Who is typing is left alone until they are done.
func (m *Model) finishing(p *labPane, was bool) {
	if !was && p.view.Finished {
		p.summary = true
	}
	m.summaryDue()
}

// summaryDue shows a summary that has waited for the learner's hands.
func (m *Model) summaryDue() {
	p := m.lab
	if p == nil || !p.summary || !m.inLab || m.inShell() || m.answering() || m.confirm != nil || m.over() != nil {
		return
	}
	p.summary = false
	_ = m.openSummary(p.id) // it needs nothing done
}

// next is the lab after the one that the summary is of, nil after the last.
func (o *summaryOverlay) next(m *Model) *labs.Lab {
	if i := slices.IndexFunc(m.course.Labs, func(l *labs.Lab) bool { return l.ID == o.lab.ID }); i >= 0 && i+1 < len(m.course.Labs) {
		return m.course.Labs[i+1]
	}
	return nil
}

func (o *summaryOverlay) key(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	msg = latin(msg)
	switch {
	case key.Matches(msg, m.keys.next):
		next := o.next(m)
		if next == nil {
			m.say(m.text.over.lastLab, true)
			return nil
		}
		m.liftAll()
		return m.openLab(next.ID)
	case o.pager.key(m, msg, len(o.lines(m, m.w-4)), m.pagerRows()):
		return nil
	case key.Matches(msg, m.keys.cancel, m.keys.submit, m.keys.quit, m.keys.summary):
		return m.lift()
	}
	return nil
}

func (o *summaryOverlay) draw(m *Model) []string {
	_, number := m.labOf(o.lab.ID)
	title := fmt.Sprintf(m.text.over.summaryF, fmt.Sprintf("%d %s", number, m.safe(cleanLine(o.lab.Title))))
	return o.pager.draw(m, title, o.lines(m, min(m.w-4, maxText)), m.text.over.summaryKeys)
}

func (o *summaryOverlay) lines(m *Model, w int) []string {
	p := m.overview.Labs[o.lab.ID]
	out := o.verdict(m, p, w)
	add := func(title string, lines []string) {
		if len(lines) > 0 {
			out = append(append(out, "", m.title.Render(title)), lines...)
		}
	}
	add(m.text.over.learned, o.learned(m, w))
	add(m.text.over.perStep, o.steps(m, p.Record, w))
	hard := o.hard(m, p.Record, w)
	if len(hard) == 0 {
		hard = []string{m.faint.Render(m.text.over.nothingHard)}
	}
	add(m.text.over.hard, hard)
	if next := o.next(m); next != nil {
		_, number := m.labOf(next.ID)
		add(m.text.over.nextLab, m.indent(m.accent.Render("n")+" ", fmt.Sprintf("%d %s", number, cleanLine(next.Title)), w, m.theme.text.Render))
	}
	return out
}

// verdict says whether the lab is finished, and how long it took.
func (o *summaryOverlay) verdict(m *Model, p LabProgress, w int) []string {
	head := m.pass.Render(m.glyphs.tick) + " " + m.text.over.labFinished
	if !finished(o.lab, p) {
		head = m.faint.Render(m.hollow) + " " + fmt.Sprintf(m.text.over.labOpenF, p.Done, len(o.lab.Steps))
	}
	if p.Record.Spent > 0 {
		head += "  " + m.faint.Render(fmt.Sprintf(m.text.over.tookF, m.list.duration(p.Record.Spent), o.lab.Minutes))
	}
	return []string{fit(head, w, m.ellipsis)}
}

// learned are the concepts that the lab covers, in the course's words; its steps where the course promises none.
func (o *summaryOverlay) learned(m *Model, w int) []string {
	covers := slices.Clone(o.lab.Covers)
	for _, step := range o.lab.Steps {
		covers = append(covers, step.Covers...)
		for _, c := range step.Checks {
			covers = append(covers, c.Covers...)
		}
		for _, q := range step.Questions {
			covers = append(covers, q.Covers...)
		}
	}
	var out []string
	for _, concept := range m.course.Concepts {
		if slices.Contains(covers, concept.ID) {
			out = append(out, m.indent("  "+m.middot+" ", cleanLine(concept.Title), w, m.theme.text.Render)...)
		}
	}
	if len(out) == 0 {
		for _, step := range o.lab.Steps {
			out = append(out, m.indent("  "+m.middot+" ", cleanLine(step.Title), w, m.theme.text.Render)...)
		}
	}
	return out
}

// steps are the lab's steps with the time that each took and the help that was used. What does not fit goes below.
func (o *summaryOverlay) steps(m *Model, p labs.LabProgress, w int) []string {
	var out []string
	for i, step := range o.lab.Steps {
		st := p.Steps[step.ID]
		lines := m.ticked(st.Done, fmt.Sprintf("%d. %s", i+1, cleanLine(step.Title)), w)
		help := m.helped(st)
		last := lines[len(lines)-1]
		switch {
		case help == "":
		case ansi.StringWidth(last)+2+ansi.StringWidth(help) <= w:
			lines[len(lines)-1] = last + "  " + m.faint.Render(help)
		default:
			lines = append(lines, m.indent("     ", help, w, m.faint.Render)...)
		}
		out = append(out, lines...)
	}
	return out
}

// hard is what went wrong and what was said about it.
func (o *summaryOverlay) hard(m *Model, p labs.LabProgress, w int) []string {
	var out []string
	for i, step := range o.lab.Steps {
		st := p.Steps[step.ID]
		if len(st.Mistakes)+len(st.Wrong) == 0 {
			continue
		}
		out = append(out, fit(fmt.Sprintf("%d. %s", i+1, m.safe(cleanLine(step.Title))), w, m.ellipsis))
		for _, mistake := range st.Mistakes {
			out = append(out, m.indent("  "+m.fail.Render(m.cross)+" ", cleanLine(mistake.Check), w, m.theme.text.Render)...)
			out = append(out, m.indent("    ", strings.TrimSpace(cleanText(mistake.Why)), w, m.faint.Render)...)
		}
		for _, wrong := range st.Wrong {
			out = append(out, m.indent("  "+m.fail.Render(m.cross)+" ", cleanLine(wrong.Question), w, m.theme.text.Render)...)
			out = append(out, m.indent("    "+m.text.answerGiven+" ", cleanLine(wrong.Given), w, m.faint.Render)...)
		}
	}
	return out
}
