package tui

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// menu is a list of which one entry is selected.
type menu struct{ selected, top int }

// entry is a line of a menu, or a heading above others.
type entry struct {
	// title is plain text, which gives way to the rest of the line; tail is drawn behind it, more below it.
	title, tail string
	more        []string
	// heading entries cannot be selected.
	heading bool
}

// settle makes sure that something is selected that can be.
func (n *menu) settle(entries []entry) {
	n.selected = max(0, min(n.selected, len(entries)-1))
	for n.selected < len(entries)-1 && entries[n.selected].heading {
		n.selected++
	}
}

// move selects the entry d further on, counting those that can be selected.
func (n *menu) move(d int, entries []entry) {
	sign := 1
	if d < 0 {
		d, sign = -d, -1
	}
	for at := n.selected + sign; d > 0 && at >= 0 && at < len(entries); at += sign {
		if !entries[at].heading {
			n.selected = at
			d--
		}
	}
}

// key moves the selection and reports whether the key was one for that. text is true where letters are typed.
func (n *menu) key(k keyMap, msg tea.KeyPressMsg, entries []entry, text bool) bool {
	const page = 5
	if text && msg.Text != "" {
		return false
	}
	switch {
	case key.Matches(msg, k.up):
		n.move(-1, entries)
	case key.Matches(msg, k.down):
		n.move(1, entries)
	case key.Matches(msg, k.pageUp):
		n.move(-page, entries)
	case key.Matches(msg, k.pageDown):
		n.move(page, entries)
	case !text && key.Matches(msg, k.top):
		n.move(-len(entries), entries)
	case !text && key.Matches(msg, k.bottom):
		n.move(len(entries), entries)
	default:
		return false
	}
	return true
}

// draw returns the lines around the selected entry and what is to be said of those below.
func (n *menu) draw(b brush, entries []entry, w, rows int) (lines []string, below int) {
	if rows <= 0 {
		return nil, 0
	}
	from, to := 0, 0
	for i, e := range entries {
		if i == n.selected {
			from = len(lines)
		}
		lines = append(lines, n.entry(b, e, i == n.selected, w)...)
		if i == n.selected {
			to = len(lines)
		}
	}
	if n.selected > 0 && entries[n.selected-1].heading { // a heading comes along with its first entry
		from = max(0, from-1)
	}
	n.top = max(0, min(n.top, from, len(lines)-rows))
	if to > n.top+rows {
		n.top = min(to-rows, from)
	}
	end := min(len(lines), n.top+rows)
	return lines[n.top:end], len(lines) - end
}

func (n *menu) entry(b brush, e entry, selected bool, w int) []string {
	if e.heading {
		return []string{fit(b.title.Render(e.title), w, b.ellipsis)}
	}
	mark, style := "  ", b.theme.text
	if selected {
		mark, style = b.accent.Render(b.run+" "), b.theme.selected
	}
	room := max(8, w-2-ansi.StringWidth(e.tail))
	out := []string{fit(mark+style.Render(fit(e.title, room, b.ellipsis))+e.tail, w, b.ellipsis)}
	for _, line := range e.more {
		out = append(out, "    "+fit(line, w-4, b.ellipsis))
	}
	return out
}

// sheet is how a menu and what there is to say about its selected entry share the screen.
type sheet struct {
	// beside is true where the two stand side by side; left is then the width of the menu with its frame.
	beside bool
	left   int
	// rows and about are the lines that each has, aboutWidth the columns of what is said.
	rows, about, menuWidth, aboutWidth int
}

// layoutSheet divides a screen between its header and its footer.
func layoutSheet(w, h int) sheet {
	body := max(0, h-2)
	if w >= wideList {
		left := w * 11 / 20
		rows := max(0, body-2)
		return sheet{beside: true, left: left, rows: rows, about: rows, menuWidth: left - 4, aboutWidth: w - left - 3}
	}
	lines := max(0, body-frame)
	about := min(max(3, lines/3), lines/2, 12)
	return sheet{rows: lines - about, about: about, menuWidth: w - 4, aboutWidth: w - 4}
}

// drawSheet draws a whole screen: a header, the menu, what is said about the selected entry, and what the keys do.
func (m *Model) drawSheet(n *menu, entries []entry, title, aboutTitle string, about func(w, rows int) []string, keys string) []string {
	s := layoutSheet(m.w, m.h)
	lines, below := n.draw(m.brush, entries, s.menuWidth, s.rows)
	list := section{title: title, lines: lines, rows: s.rows, mark: m.more(below)}
	said := about(max(2, s.aboutWidth), s.about)
	detail := section{title: aboutTitle, lines: said, rows: s.about, mark: m.more(len(said) - s.about)}
	out := []string{m.overlayHeader()}
	if s.beside {
		out = append(out, m.beside(m.w, s.left, list, detail)...)
	} else {
		out = append(out, m.stack(m.w, list, detail)...)
	}
	return append(out, m.overlayFooter(keys))
}

// more says how many lines there are below, or nothing.
func (m *Model) more(below int) string { return m.list.more(below) }

// overlayHeader is the first line of an overlay: where the learner comes from.
func (m *Model) overlayHeader() string {
	where := m.safe(cleanLine(m.course.Title))
	if m.inLab && m.lab != nil {
		where = fmt.Sprintf("%d %s", m.lab.number, m.safe(cleanLine(m.lab.title)))
	}
	return fit(" "+m.accent.Render("kubelab")+"  "+m.title.Render(where), m.w, m.ellipsis)
}

// overlayFooter is the last line: why the last key did nothing, or what the keys do.
func (m *Model) overlayFooter(keys string) string {
	if m.status != "" {
		return " ! " + m.theme.text.Render(m.safe(m.status))
	}
	return fit(" "+m.faint.Render(m.safe(keys)), m.w, m.ellipsis)
}

// pager is text on the whole screen that can be scrolled.
type pager struct{ top int }

// key scrolls and reports whether the key was one for that.
func (p *pager) key(m *Model, msg tea.KeyPressMsg, lines, rows int) bool {
	k := m.keys
	switch {
	case key.Matches(msg, k.up):
		p.top--
	case key.Matches(msg, k.down):
		p.top++
	case key.Matches(msg, k.pageUp):
		p.top -= max(1, rows-1)
	case key.Matches(msg, k.pageDown):
		p.top += max(1, rows-1)
	case key.Matches(msg, k.top):
		p.top = 0
	case key.Matches(msg, k.bottom):
		p.top = lines
	default:
		return false
	}
	p.top = max(0, min(p.top, lines-rows))
	return true
}

// pagerRows is how many lines of a pager fit.
func (m *Model) pagerRows() int { return max(1, m.h-4) }

func (p *pager) draw(m *Model, title string, lines []string, foot string) []string {
	rows := m.pagerRows()
	top := max(0, min(p.top, len(lines)-rows))
	end := min(len(lines), top+rows)
	out := []string{m.overlayHeader()}
	out = append(out, m.stack(m.w, section{title: title, lines: lines[top:end], rows: rows, mark: m.more(len(lines) - end)})...)
	return append(out, m.overlayFooter(foot))
}

// paragraphs wraps plain text from outside, with an empty line between the parts.
func (m *Model) paragraphs(w int, parts ...string) []string {
	var out []string
	for _, part := range parts {
		if part = strings.TrimSpace(cleanText(part)); part == "" {
			continue
		}
		if len(out) > 0 {
			out = append(out, "")
		}
		out = append(out, wrap(m.safe(part), w)...)
	}
	return out
}
