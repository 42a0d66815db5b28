package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// View draws the screen: a header, a body and a footer, never more lines or columns than there are.
func (m *Model) View() tea.View {
	v := tea.NewView("")
	v.AltScreen = true
	if _, ok := m.over().(copiedOverlay); !ok { // there the terminal's own mouse selects
		v.MouseMode = tea.MouseModeCellMotion
	}
	v.WindowTitle = "kubelab"
	if m.w <= 0 || m.h <= 0 {
		return v
	}
	v.Content = strings.Join(m.clip(m.screen()), "\n")
	v.Cursor = m.cursor()
	return v
}

// screen returns the lines of the screen.
func (m *Model) screen() []string {
	if o := m.over(); o != nil {
		return o.draw(m)
	}
	if !m.inLab || m.lab == nil {
		lines := append([]string{m.courseHeader()}, m.list.draw(m.course, m.overview, m.clock.now, m.w, m.h)...)
		return append(lines, m.footer())
	}
	if m.drawn == nil {
		m.drawn = m.lab.draw()
	}
	lines := []string{m.header(m.lab)}
	return append(append(lines, m.drawn...), m.footer())
}

// clip holds the screen to its size, whatever a pane made of it.
func (m *Model) clip(lines []string) []string {
	if len(lines) > m.h {
		// The footer says what can be done: it stays.
		lines = append(lines[:m.h-1:m.h-1], lines[len(lines)-1])
	}
	for i, line := range lines {
		if ansi.StringWidth(line) > m.w {
			lines[i] = fit(line, m.w, m.ellipsis)
		}
	}
	return lines
}

// courseHeader is the first line above the course.
func (m *Model) courseHeader() string {
	done, n := m.list.courseDone(m.course, m.overview), len(m.course.Labs)
	left := " " + m.accent.Render("kubelab") + "  " + fmt.Sprintf(m.text.stepF, done, n) + " "
	right := m.health(true)
	if ansi.StringWidth(left)+ansi.StringWidth(right) > m.w-2 {
		right = m.health(false)
	}
	free := m.w - ansi.StringWidth(left) - ansi.StringWidth(right) - 4
	return m.spread(m.w, left+m.bar(done, n, min(free, 32)), right+" ")
}

// footer is the last line: a question, the answer to the last key, or the keys.
func (m *Model) footer() string {
	switch {
	case m.confirm != nil:
		question, keys := m.confirmFooter()
		return question + keys
	case m.leaving != "":
		keys := "  " + m.faint.Render(m.safe(m.text.leavingKeys))
		leaving := fmt.Sprintf(m.text.leavingF, m.labTitle(m.leaving))
		return " " + m.accent.Render(fit(m.safe(leaving), m.w-2-ansi.StringWidth(keys), m.ellipsis)) + keys
	case m.opening != "":
		return " " + m.accent.Render(fmt.Sprintf(m.text.openingF, m.labTitle(m.opening)))
	case m.finding():
		return m.findFooter(m.lab)
	case m.status != "":
		if m.warn {
			return " ! " + m.theme.text.Render(m.safe(m.status))
		}
		return " " + m.accent.Render(m.safe(m.status))
	case m.answering():
		return " " + m.faint.Render(m.safe(m.text.answerHelp))
	}
	head := m.footerHead()
	return head + m.shortHelp(m.footerRoom(head))
}

func (m *Model) labTitle(id string) string {
	for _, lab := range m.course.Labs {
		if lab.ID == id {
			return m.safe(cleanLine(lab.Title))
		}
	}
	return cleanLine(id)
}

// confirmFooter is the question that has to be answered, and the keys for it.
func (m *Model) confirmFooter() (question, keys string) {
	keys = "  " + m.faint.Render(m.safe(m.text.confirmKeys))
	room := m.w - 2 - ansi.StringWidth(keys)
	return " " + m.accent.Render(fit(m.safe(m.confirm.question), room, m.ellipsis)), keys
}

// footerHead is what stands before the keys.
func (m *Model) footerHead() string {
	if m.inShell() && m.lab.look.reading {
		return m.readHead(m.lab)
	}
	return " "
}

func (m *Model) footerRoom(head string) int { return m.w - 1 - ansi.StringWidth(head) }

// footerKey is a key at the bottom, and the columns in which it stands, counted from the first key on.
type footerKey struct {
	action
	words    string
	from, to int
}

// footerKeys are the keys of what is on the screen, as many as fit. What a key cannot do at present steps back.
func (m *Model) footerKeys(w int) []footerKey {
	const gap = 2
	var out []footerKey
	at := 0
	for _, a := range m.ordered() {
		h := a.key.Help()
		style := m.accent
		words := h.Desc
		if a.refuse != nil && a.refuse() != "" {
			style = m.faint
			words = m.faint.Render(words)
		} else if a.wanted {
			words = m.accent.Render(words)
		}
		part := style.Render(m.safe(h.Key)) + " " + words
		if to := at + ansi.StringWidth(part); to <= w {
			out = append(out, footerKey{a, part, at, to})
			at = to + gap
		}
	}
	return out
}

func (m *Model) shortHelp(w int) string {
	var parts []string
	for _, k := range m.footerKeys(w) {
		parts = append(parts, k.words)
	}
	return strings.Join(parts, "  ")
}

// ordered are the actions shown at the bottom; help and quit go before what may not fit.
func (m *Model) ordered() []action {
	var shown []action
	for _, a := range m.actions() {
		if !a.hidden {
			shown = append(shown, a)
		}
	}
	const first = 4 // keys that matter more than the two
	if n := len(shown); n > first+2 {
		ends := shown[n-2:]
		shown = append(append(append([]action{}, shown[:first]...), ends...), shown[first:n-2]...)
	}
	return shown
}

// finding reports whether the search field has the keyboard.
func (m *Model) finding() bool { return m.inShell() && m.lab.look.asking }

// cursor is the terminal's own cursor, shown where the learner types.
func (m *Model) cursor() *tea.Cursor {
	c := m.typing()
	if c == nil || c.X < 0 || c.X >= m.w || c.Y < 0 || c.Y >= m.h {
		return nil
	}
	return c
}

// typing is where the learner's next character goes, or nil where keys are not text.
func (m *Model) typing() *tea.Cursor {
	switch {
	case m.over() != nil:
		if t, ok := m.over().(typist); ok {
			return t.cursor(m)
		}
		return nil
	case m.finding():
		return tea.NewCursor(1+fieldColumn(m.lab.look.field), m.h-1)
	case m.inShell() && m.lab.look.reading:
		in := m.lab.layout().in.shell
		return tea.NewCursor(in.x, in.y+m.lab.look.line-m.lab.screen.Top)
	case m.inShell():
		s, in := m.lab.screen, m.lab.layout().in.shell
		if !s.Cursor.Visible || s.Cursor.Y >= in.h || s.Cursor.X >= in.w {
			return nil
		}
		return tea.NewCursor(in.x+s.Cursor.X, in.y+s.Cursor.Y)
	case m.answering():
		c := m.lab.answer.cursor()
		c.Y += m.lab.layout().prompt.y
		return c
	}
	return nil
}
