package tui

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/labs/search"
)

// glossaryOverlay lists the words of the course, those of the step on the screen first.
type glossaryOverlay struct {
	menu menu
	// here are the terms of the step, as many as it has.
	here []*labs.Term
}

// openGlossary shows the words of the course.
func (m *Model) openGlossary() tea.Cmd {
	o := &glossaryOverlay{here: m.termsHere()}
	o.menu.settle(o.entries(m))
	return m.lay(o)
}

// termsHere are the terms of which the step on the screen speaks.
func (m *Model) termsHere() []*labs.Term {
	if !m.inLab || m.lab == nil || !m.lab.loaded {
		return nil
	}
	lab := m.lab.view.Lab
	return m.course.TermsIn(lab.Prose(lab.Steps[m.lab.view.Step]))
}

func (m *Model) refuseGlossary() string {
	if len(m.course.Glossary) == 0 {
		return m.text.over.noGlossary
	}
	return ""
}

// terms are the terms in the order of the entries, nil for headings.
func (o *glossaryOverlay) terms(m *Model) []*labs.Term {
	var out []*labs.Term
	if len(o.here) > 0 {
		out = append(append(out, nil), o.here...)
	}
	return append(append(out, nil), m.course.Terms()...)
}

func (o *glossaryOverlay) entries(m *Model) []entry {
	heads := []string{m.text.over.allTerms}
	if len(o.here) > 0 {
		heads = []string{m.text.over.termsHere, m.text.over.allTerms}
	}
	var out []entry
	for _, t := range o.terms(m) {
		if t == nil {
			out = append(out, entry{title: heads[0], heading: true})
			heads = heads[1:]
			continue
		}
		out = append(out, entry{title: m.safe(cleanLine(t.Name)), tail: "  " + m.faint.Render(m.safe(cleanLine(t.English)))})
	}
	return out
}

func (o *glossaryOverlay) key(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	msg = latin(msg)
	switch {
	case key.Matches(msg, m.keys.cancel, m.keys.quit, m.keys.words):
		return m.lift()
	case key.Matches(msg, m.keys.search):
		return m.openSearch()
	case key.Matches(msg, m.keys.submit):
		if t := o.selected(m); t != nil {
			return m.lay(newTermOverlay(t))
		}
		return nil
	}
	o.menu.key(m.keys, msg, o.entries(m), false)
	return nil
}

func (o *glossaryOverlay) selected(m *Model) *labs.Term {
	if terms := o.terms(m); o.menu.selected < len(terms) {
		return terms[o.menu.selected]
	}
	return nil
}

func (o *glossaryOverlay) draw(m *Model) []string {
	t := o.selected(m)
	title := ""
	if t != nil {
		title = m.safe(cleanLine(t.Name))
	}
	return m.drawSheet(&o.menu, o.entries(m), m.text.over.glossary, title, func(w, _ int) []string {
		if t == nil {
			return nil
		}
		return append(m.paragraphs(w, t.Means), m.faint.Render(m.stepTitle(search.PlaceOf(t))))
	}, m.text.over.glossaryKeys)
}

// termOverlay is one word: what it means, the step that teaches it, and related words.
type termOverlay struct {
	term *labs.Term
	menu menu
}

func newTermOverlay(t *labs.Term) *termOverlay { return &termOverlay{term: t} }

func (o *termOverlay) entries(m *Model) []entry {
	out := []entry{{title: fmt.Sprintf(m.text.over.toStepF, m.stepTitle(search.PlaceOf(o.term)))}}
	for _, see := range o.term.See {
		out = append(out, entry{title: m.safe(cleanLine(see.Name)), tail: "  " + m.faint.Render(m.safe(cleanLine(see.English)))})
	}
	return out
}

func (o *termOverlay) key(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	msg = latin(msg)
	switch {
	case key.Matches(msg, m.keys.cancel, m.keys.quit, m.keys.words):
		return m.lift()
	case key.Matches(msg, m.keys.submit):
		if o.menu.selected == 0 {
			return m.visit(search.PlaceOf(o.term))
		}
		m.lift() // a chain of words would be long to walk back
		return m.lay(newTermOverlay(o.term.See[o.menu.selected-1]))
	}
	o.menu.key(m.keys, msg, o.entries(m), false)
	return nil
}

func (o *termOverlay) draw(m *Model) []string {
	t := o.term
	head := m.title.Render(m.safe(cleanLine(t.Name))) + "  " + m.faint.Render(m.safe(cleanLine(strings.Join(append([]string{t.English}, t.Also...), " · "))))
	text := append([]string{fit(head, m.w-4, m.ellipsis), ""}, m.paragraphs(min(m.w-4, maxText), t.Means)...)
	lines := max(0, m.h-2-frame)
	rows := min(len(text), max(0, lines-2))
	list, below := o.menu.draw(m.brush, o.entries(m), m.w-4, lines-rows)
	out := []string{m.overlayHeader()}
	out = append(out, m.stack(m.w, section{title: m.text.over.glossary, lines: m.list.cutTo(text, rows), rows: rows},
		section{title: m.text.over.seeAlso, lines: list, rows: lines - rows, mark: m.more(below)})...)
	return append(out, m.overlayFooter(m.text.over.termKeys))
}
