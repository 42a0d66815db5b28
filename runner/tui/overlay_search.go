package tui

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/kubelab/kubelab/labs/search"
)

// indexMsg brings the index of the course.
type indexMsg struct{ index *search.Index }

// readCourse makes the index.
func (m *Model) readCourse() tea.Cmd {
	course := m.course
	return func() tea.Msg { return indexMsg{search.New(course)} }
}

// indexed takes the index over, also where somebody has begun to type.
func (m *Model) indexed(msg indexMsg) {
	m.index = msg.index
	for _, o := range m.overlays {
		if s, ok := o.(*searchOverlay); ok {
			s.search(m)
		}
	}
}

// maxHits bounds what is shown: who sees a hundred lines types another letter.
const maxHits = 100

// searchOverlay finds words in the whole course while they are typed.
type searchOverlay struct {
	input textinput.Model
	menu  menu
	hits  []search.Hit
}

// openSearch shows the search.
func (m *Model) openSearch() tea.Cmd {
	o := &searchOverlay{input: textinput.New()}
	o.input.Prompt = m.text.over.searchPrompt
	o.input.KeyMap.Paste.SetEnabled(false) // the terminal pastes; the clipboard is not ours to read
	o.input.SetVirtualCursor(false)        // a Korean input method composes at the terminal's own cursor
	o.input.SetStyles(textinput.Styles{})
	m.lay(o)
	return o.input.Focus()
}

func (o *searchOverlay) search(m *Model) {
	o.hits, o.menu = nil, menu{}
	if m.index != nil {
		hits := m.index.Search(o.input.Value())
		o.hits = hits[:min(len(hits), maxHits)]
	}
	o.menu.settle(o.entries(m, m.w))
}

func (o *searchOverlay) key(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	switch {
	case key.Matches(msg, m.keys.cancel):
		return m.lift()
	case key.Matches(msg, m.keys.submit):
		return o.open(m)
	case o.menu.key(m.keys, msg, o.entries(m, m.w), true):
		return nil
	}
	return o.typed(m, cleanKey(msg))
}

func (o *searchOverlay) paste(m *Model, msg tea.PasteMsg) tea.Cmd {
	msg.Content = cleanField(msg.Content)
	return o.typed(m, msg)
}

// typed gives a message to the field and searches anew where it changed the query.
func (o *searchOverlay) typed(m *Model, msg tea.Msg) tea.Cmd {
	was := o.input.Value()
	var cmd tea.Cmd
	o.input, cmd = o.input.Update(msg)
	if o.input.Value() != was {
		o.search(m)
	}
	return cmd
}

// open goes to what is selected.
func (o *searchOverlay) open(m *Model) tea.Cmd {
	if o.menu.selected >= len(o.hits) {
		return nil
	}
	switch h := o.hits[o.menu.selected]; {
	case h.Term != nil:
		return m.lay(newTermOverlay(h.Term))
	case h.Place.Step < 0:
		m.liftAll()
		return m.openLab(h.Place.Lab)
	default:
		return m.visit(h.Place)
	}
}

func (o *searchOverlay) entries(m *Model, w int) []entry {
	out := make([]entry, len(o.hits))
	for i, h := range o.hits {
		out[i] = entry{title: m.placeOf(h), tail: "  " + m.faint.Render(m.text.over.foundIn[h.Kind]), more: []string{m.context(h, w-8)}}
	}
	return out
}

// placeOf says where a hit stands.
func (m *Model) placeOf(h search.Hit) string {
	if h.Term != nil {
		return m.safe(cleanLine(h.Term.Name))
	}
	return m.stepTitle(h.Place)
}

// stepTitle names a step with its lab, or the lab alone.
func (m *Model) stepTitle(at search.Place) string {
	for i, lab := range m.course.Labs {
		if lab.ID != at.Lab {
			continue
		}
		title := fmt.Sprintf("%d %s", i+1, cleanLine(lab.Title))
		if at.Step >= 0 && at.Step < len(lab.Steps) {
			title += fmt.Sprintf(" · %d. %s", at.Step+1, cleanLine(lab.Steps[at.Step].Title))
		}
		return m.safe(title)
	}
	return ""
}

// context is the part of a passage around what was found, which is marked.
func (m *Model) context(h search.Hit, w int) string {
	var b strings.Builder
	b.WriteString(m.safe(h.Lead(w/3, m.ellipsis)))
	at := h.Spans[0].From
	for _, s := range h.Spans {
		if s.From < at && s.To <= at { // two words may have found the same
			continue
		}
		b.WriteString(m.safe(string(h.Text[at:max(at, s.From)])))
		b.WriteString(m.found.Render(m.safe(string(h.Text[max(at, s.From):s.To]))))
		at = s.To
	}
	b.WriteString(m.safe(string(h.Text[at:])))
	return fit(b.String(), w, m.ellipsis)
}

func (o *searchOverlay) draw(m *Model) []string {
	rows := max(0, m.h-5)
	lines, below := o.menu.draw(m.brush, o.entries(m, m.w), m.w-4, rows)
	if len(lines) == 0 && rows > 0 {
		lines = wrap(m.safe(o.nothing(m)), m.w-4)
	}
	title := m.text.over.search
	if n := len(o.hits); n > 0 {
		title += " " + fmt.Sprintf(m.text.over.hitsF, n)
	}
	o.input.SetWidth(max(4, m.w-4-ansi.StringWidth(o.input.Prompt)))
	out := []string{m.overlayHeader(), " " + fit(o.input.View(), m.w-2, "")}
	out = append(out, m.stack(m.w, section{title: title, lines: lines, rows: rows, mark: m.more(below)})...)
	return append(out, m.overlayFooter(m.text.over.searchKeys))
}

// nothing says why there is nothing to see.
func (o *searchOverlay) nothing(m *Model) string {
	switch {
	case m.index == nil:
		return m.text.over.reading
	case strings.TrimSpace(o.input.Value()) == "":
		return m.text.over.searchIntro
	}
	return fmt.Sprintf(m.text.over.notFoundF, cleanLine(o.input.Value()))
}

// cursor is where the next letter goes. The field's own answer counts characters, not columns.
func (o *searchOverlay) cursor(m *Model) *tea.Cursor {
	before := []rune(o.input.Value())[:o.input.Position()]
	column := min(ansi.StringWidth(string(before)), o.input.Width())
	return tea.NewCursor(1+ansi.StringWidth(o.input.Prompt)+column, 1)
}
