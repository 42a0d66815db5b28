package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/labs/search"
	"github.com/kubelab/kubelab/runner/engine"
)

// mapOverlay is the course with the steps of its labs, of which any can be chosen.
type mapOverlay struct {
	menu menu
	// unfolded are the labs whose steps are shown.
	unfolded map[string]bool
}

// openMap shows the map with the steps of the present lab, at the present one.
func (m *Model) openMap() tea.Cmd {
	o := &mapOverlay{unfolded: map[string]bool{}}
	at := search.Place{Lab: m.overview.Current, Step: -1}
	if m.inLab && m.lab != nil {
		at = search.Place{Lab: m.lab.id, Step: m.lab.view.Step}
		o.unfolded[m.lab.id] = true
	}
	o.menu.selected = max(0, slices.Index(o.places(m), at))
	return m.lay(o)
}

// places are what the entries stand for.
func (o *mapOverlay) places(m *Model) []search.Place {
	var out []search.Place
	for _, lab := range m.course.Labs {
		out = append(out, search.Place{Lab: lab.ID, Step: -1})
		if o.unfolded[lab.ID] {
			for i := range lab.Steps {
				out = append(out, search.Place{Lab: lab.ID, Step: i})
			}
		}
	}
	return out
}

// labOf returns a lab of the course and its number.
func (m *Model) labOf(id string) (*labs.Lab, int) {
	for i, lab := range m.course.Labs {
		if lab.ID == id {
			return lab, i + 1
		}
	}
	return nil, 0
}

func (o *mapOverlay) entries(m *Model) []entry {
	var out []entry
	longest := 0
	for _, lab := range m.course.Labs {
		longest = max(longest, ansi.StringWidth(m.safe(cleanLine(lab.Title))))
	}
	for _, at := range o.places(m) {
		lab, number := m.labOf(at.Lab)
		if at.Step < 0 {
			title := pad(m.safe(cleanLine(lab.Title)), longest, "")
			out = append(out, entry{title: fmt.Sprintf("%2d %s", number, title), tail: m.list.labTail(lab, m.overview)})
			continue
		}
		p := m.overview.Labs[lab.ID].Record.Steps[lab.Steps[at.Step].ID]
		sign := m.pending
		if m.stepDone(at) {
			sign = m.glyphs.tick
		}
		title := fmt.Sprintf("   %s %d. %s", sign, at.Step+1, m.safe(cleanLine(lab.Steps[at.Step].Title)))
		out = append(out, entry{title: title, tail: m.faint.Render(m.list.spent(p.Spent))})
	}
	return out
}

// stepDone reports whether a step is done. The open lab knows it before the overview.
func (m *Model) stepDone(at search.Place) bool {
	if m.lab != nil && m.lab.id == at.Lab && m.lab.loaded && at.Step < len(m.lab.view.Steps) {
		return m.lab.view.Steps[at.Step].Done
	}
	lab, _ := m.labOf(at.Lab)
	return m.overview.Labs[at.Lab].Record.Steps[lab.Steps[at.Step].ID].Done
}

func (o *mapOverlay) key(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	msg = latin(msg)
	places := o.places(m)
	if len(places) == 0 || key.Matches(msg, m.keys.cancel, m.keys.quit, m.keys.courseMap) {
		return m.lift()
	}
	at := places[min(o.menu.selected, len(places)-1)]
	switch {
	case key.Matches(msg, m.keys.search):
		return m.openSearch()
	case key.Matches(msg, m.keys.submit):
		if at.Step >= 0 {
			return m.visit(at)
		}
		m.liftAll()
		return m.openLab(at.Lab)
	case key.Matches(msg, m.keys.commandRight):
		o.unfolded[at.Lab] = true
	case key.Matches(msg, m.keys.commandLeft):
		o.unfolded[at.Lab] = false
		o.menu.selected = slices.Index(o.places(m), search.Place{Lab: at.Lab, Step: -1})
	default:
		o.menu.key(m.keys, msg, o.entries(m), false)
	}
	return nil
}

func (o *mapOverlay) draw(m *Model) []string {
	places := o.places(m)
	if len(places) == 0 {
		return m.drawSheet(&o.menu, nil, m.text.over.courseMap, "", func(int, int) []string { return []string{m.text.noLabs} }, m.text.over.mapKeys)
	}
	at := places[min(o.menu.selected, len(places)-1)]
	lab, number := m.labOf(at.Lab)
	title := fmt.Sprintf("%d %s", number, m.safe(cleanLine(lab.Title)))
	return m.drawSheet(&o.menu, o.entries(m), m.text.over.courseMap, title, func(w, _ int) []string {
		if at.Step >= 0 {
			return m.aboutStep(at, w)
		}
		return m.list.about(m.course, lab, m.overview, w)
	}, m.text.over.mapKeys)
}

// aboutStep says what there is to do in a step, and what was done.
func (m *Model) aboutStep(at search.Place, w int) []string {
	lab, _ := m.labOf(at.Lab)
	step := lab.Steps[at.Step]
	p := m.overview.Labs[lab.ID].Record.Steps[step.ID]
	out := m.indent(m.title.Render(fmt.Sprintf("%d. ", at.Step+1)), cleanLine(step.Title), w, m.title.Render)
	for _, c := range step.Checks {
		_, passed := p.Checks[c.Title]
		out = append(out, m.ticked(passed, cleanLine(c.Title), w)...)
	}
	for i, q := range step.Questions {
		_, right := p.Answers[q.Ask]
		out = append(out, m.ticked(right, fmt.Sprintf(m.text.questionF, i+1, len(step.Questions))+"  "+cleanLine(q.Ask), w)...)
	}
	if help := m.helped(p); help != "" {
		out = append(out, fit(m.faint.Render(help), w, m.ellipsis))
	}
	return out
}

// ticked is a line of what is to be done with its tick.
func (m *Model) ticked(done bool, text string, w int) []string {
	sign := m.faint.Render(m.pending) + " "
	if done {
		sign = m.pass.Render(m.glyphs.tick) + " "
	}
	return m.indent(sign, text, w, m.theme.text.Render)
}

// helped says which help was used in a step, and how often something was wrong.
func (m *Model) helped(p labs.StepProgress) string {
	t := m.text.over
	var out []string
	if p.Spent > 0 {
		out = append(out, m.list.duration(p.Spent))
	}
	if p.Hints > 0 {
		out = append(out, fmt.Sprintf(t.hintsUsedF, p.Hints))
	}
	if p.Solution {
		out = append(out, t.solutionUsed)
	}
	if p.Skipped {
		out = append(out, t.stepSkipped)
	}
	if n := len(p.Wrong) + len(p.Mistakes); n > 0 {
		out = append(out, fmt.Sprintf(t.mistakesF, n))
	}
	return strings.Join(out, " "+m.middot+" ")
}

// spent is time at work for the end of a line, or nothing.
func (l *listPane) spent(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return "  " + l.duration(d)
}

// labTail is how far the learner came in a lab, for the end of a line.
func (l *listPane) labTail(lab *labs.Lab, o Overview) string {
	return "  " + pad(l.progress(lab, o), 6, "") + l.faint.Render(l.spent(o.Labs[lab.ID].Record.Spent))
}

// progress is how far the learner came in a lab: the steps, or that it is finished.
func (l *listPane) progress(lab *labs.Lab, o Overview) string {
	p := o.Labs[lab.ID]
	switch {
	case finished(lab, p):
		return l.pass.Render(l.tick) + " " + l.text.finished
	case p.Done > 0 || lab.ID == o.Current:
		return fmt.Sprintf(l.text.stepF, p.Done, len(lab.Steps))
	}
	return ""
}

// finished reports whether a lab is done, also where nobody has marked it.
func finished(lab *labs.Lab, p LabProgress) bool {
	return p.Finished || len(lab.Steps) > 0 && p.Done >= len(lab.Steps)
}

// about says what a lab is, takes and gives, and lists its steps.
func (l *listPane) about(course *labs.Course, lab *labs.Lab, o Overview, w int) []string {
	t := l.text.over
	p := o.Labs[lab.ID]
	facts := []string{l.safe(cleanLine(lab.Section)), fmt.Sprintf(l.text.minutesF, lab.Minutes)}
	if p.Record.Spent > 0 {
		facts = append(facts, fmt.Sprintf(t.spentF, l.duration(p.Record.Spent)))
	}
	head := strings.Join(facts, " "+l.middot+" ")
	var out, needs []string
	for _, n := range lab.Requires() {
		sign := l.faint.Render(l.hollow)
		if o.Environment.Has[engine.Capability(n)] {
			sign = l.pass.Render(l.dot)
		}
		needs = append(needs, sign+" "+l.text.capability(engine.Capability(n)))
	}
	switch need := l.faint.Render(t.needs) + " " + strings.Join(needs, "  "); {
	case len(needs) == 0:
		out = []string{fit(head, w, l.ellipsis)}
	case ansi.StringWidth(head)+3+ansi.StringWidth(need) <= w:
		out = []string{head + "   " + need}
	default:
		out = []string{fit(head, w, l.ellipsis), fit(need, w, l.ellipsis)}
	}
	if takes := l.takes(course, lab); takes != "" {
		out = append(out, l.indent("", takes, w, l.faint.Render)...)
	}
	if gives := l.gives(course, lab); gives != "" {
		out = append(out, l.indent("", gives, w, l.faint.Render)...)
	}
	for i, step := range lab.Steps {
		sign := l.faint.Render(l.pending)
		if p.Record.Steps[step.ID].Done {
			sign = l.pass.Render(l.tick)
		}
		out = append(out, fit(fmt.Sprintf("%s %d. %s", sign, i+1, l.safe(cleanLine(step.Title))), w, l.ellipsis))
	}
	return out
}

// takes says what a lab takes over and who gives it, or "".
func (l *listPane) takes(course *labs.Course, lab *labs.Lab) string {
	var things []string
	for _, t := range lab.Supplies {
		things = append(things, fmt.Sprintf(l.text.thingOfF, 1+slices.Index(course.Labs, t.Giver), cleanLine(t.Name)))
	}
	if len(things) == 0 {
		return ""
	}
	return fmt.Sprintf(l.text.takesOverF, strings.Join(things, ", "))
}

// gives says what a lab leaves, and for which others, or "".
func (l *listPane) gives(course *labs.Course, lab *labs.Lab) string {
	var things []string
	for _, t := range lab.Gives {
		thing, users := cleanLine(t.Name), []string{}
		for i, other := range course.Labs {
			if slices.Contains(other.Supplies, t) {
				users = append(users, fmt.Sprint(i+1))
			}
		}
		if len(users) > 0 {
			thing = fmt.Sprintf(l.text.over.givenToF, thing, strings.Join(users, ", "))
		}
		things = append(things, thing)
	}
	if len(things) == 0 {
		return ""
	}
	return fmt.Sprintf(l.text.over.givesF, strings.Join(things, ", "))
}
