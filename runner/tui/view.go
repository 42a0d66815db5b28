package tui

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/help"
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// View draws the screen: a header, a body and a footer, never more lines or columns than there are.
func (m *Model) View() tea.View {
	v := tea.NewView("")
	v.AltScreen = true
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
	if m.copied != "" {
		return m.copiedScreen()
	}
	if m.help {
		return m.helpScreen()
	}
	if !m.inLab || m.lab == nil {
		lines := append([]string{m.courseHeader()}, m.list.draw(m.course, m.overview, m.now, m.w, m.h)...)
		return append(lines, m.footer())
	}
	lines := []string{m.header(m.lab)}
	if m.inShell() {
		lines = append(lines, m.lab.drawShell()...)
		for len(lines) < m.h-1 {
			lines = append(lines, "")
		}
		return append(lines[:max(0, m.h-1)], m.footer())
	}
	return append(append(lines, m.lab.draw()...), m.footer())
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
		keys := "  " + m.faint.Render(m.safe(m.text.confirmKeys))
		room := m.w - 2 - ansi.StringWidth(keys)
		return " " + m.accent.Render(fit(m.safe(m.confirm.question), room, m.ellipsis)) + keys
	case m.leaving != "":
		keys := "  " + m.faint.Render(m.safe(m.text.leavingKeys))
		leaving := fmt.Sprintf(m.text.leavingF, m.labTitle(m.leaving))
		return " " + m.accent.Render(fit(m.safe(leaving), m.w-2-ansi.StringWidth(keys), m.ellipsis)) + keys
	case m.opening != "":
		return " " + m.accent.Render(fmt.Sprintf(m.text.openingF, m.labTitle(m.opening)))
	case m.inShell() && !m.warn:
		return " " + m.accent.Render(m.text.leaveShell) + m.scrolled()
	case m.status != "":
		if m.warn {
			return " ! " + m.theme.text.Render(m.safe(m.status))
		}
		return " " + m.accent.Render(m.safe(m.status))
	case m.answering():
		return " " + m.faint.Render(m.safe(m.text.answerHelp))
	}
	return " " + m.shortHelp(m.w-2)
}

// scrolled says that the shell does not show its newest lines.
func (m *Model) scrolled() string {
	if n := m.lab.screen.Offset; n > 0 {
		return "  " + m.faint.Render(m.glyphs.scroll+" "+fmt.Sprintf(m.text.scrollF, n))
	}
	return ""
}

func (m *Model) labTitle(id string) string {
	for _, lab := range m.course.Labs {
		if lab.ID == id {
			return m.safe(cleanLine(lab.Title))
		}
	}
	return cleanLine(id)
}

// shortHelp is the keys of what is on the screen, as many as fit. What a key cannot do at present steps back.
func (m *Model) shortHelp(w int) string {
	var parts []string
	total := 0
	for _, a := range m.ordered() {
		h := a.key.Help()
		style := m.accent
		words := h.Desc
		if a.refuse != nil && a.refuse() != "" {
			style = m.faint
			words = m.faint.Render(words)
		}
		part := style.Render(m.safe(h.Key)) + " " + words
		const gap = 2
		if width := ansi.StringWidth(part) + gap; total+width <= w+gap {
			parts = append(parts, part)
			total += width
		}
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

// helpRows is how many lines of help fit.
func (m *Model) helpRows() int { return max(1, m.h-4) }

// helpScreen lists every key.
func (m *Model) helpScreen() []string {
	lines := m.helpLines(m.w - 4)
	top := max(0, min(m.helpTop, len(lines)-m.helpRows()))
	mark := ""
	if rest := len(lines) - top - m.helpRows(); rest > 0 {
		mark = m.glyphs.scroll + " " + fmt.Sprintf(m.text.scrollF, rest)
	}
	out := []string{" " + m.accent.Render("kubelab")}
	out = append(out, m.stack(m.w, section{title: m.text.helpTitle, lines: lines[top:], rows: m.helpRows(), mark: mark})...)
	return append(out, " "+m.faint.Render(m.text.anyKey))
}

// helpLines lays the groups of keys out beside one another, as many as fit, and the others below.
func (m *Model) helpLines(w int) []string {
	view := help.New()
	view.Styles = help.Styles{FullKey: m.accent, FullDesc: m.theme.text}
	names, groups := m.helpGroups()
	var out, row []string
	used := 0
	for _, name := range names {
		block := append([]string{m.title.Render(name)}, strings.Split(view.FullHelpView([][]key.Binding{groups[name]}), "\n")...)
		width := 0
		for _, line := range block {
			width = max(width, ansi.StringWidth(line))
		}
		const gap = 4
		if used > 0 && used+gap+width > w {
			out, row, used = append(append(out, row...), ""), nil, 0
		}
		row = joinBlocks(row, block, used, gap)
		used = 0
		for _, line := range row {
			used = max(used, ansi.StringWidth(line))
		}
	}
	out = append(out, row...)
	for i, line := range out {
		out[i] = m.safe(line)
	}
	return out
}

// joinBlocks puts right beside left, which is width columns wide.
func joinBlocks(left, right []string, width, gap int) []string {
	if width == 0 {
		return right
	}
	out := make([]string, max(len(left), len(right)))
	for i := range out {
		l, r := "", ""
		if i < len(left) {
			l = left[i]
		}
		if i < len(right) {
			r = right[i]
		}
		out[i] = pad(l, width+gap, "") + r
	}
	return out
}

// copiedScreen shows a command whole and without a frame, so that it can be picked with the mouse.
func (m *Model) copiedScreen() []string {
	out := []string{" " + m.accent.Render("kubelab") + "  " + m.text.copied, ""}
	out = append(out, wrap(m.text.copiedIntro, m.w-1)...)
	out = append(out, "")
	for line := range strings.SplitSeq(m.copied, "\n") {
		out = append(out, strings.Split(ansi.Hardwrap(line, m.w, true), "\n")...)
	}
	return append(out, "", m.faint.Render(m.text.anyKey))
}

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
	case m.copied != "" || m.help:
		return nil
	case m.inShell():
		s := m.lab.screen
		l := m.lab.shellLayout()
		if !s.Cursor.Visible || s.Cursor.Y >= l.shell.h || s.Cursor.X >= l.shell.w {
			return nil
		}
		return tea.NewCursor(l.shell.x+s.Cursor.X, l.shell.y+s.Cursor.Y)
	case m.answering():
		c := m.lab.answer.cursor()
		c.Y += m.lab.layout().prompt.y
		return c
	}
	return nil
}
