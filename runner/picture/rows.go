package picture

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/kubelab/kubelab/internal/clean"
)

const ellipsis = "…"

// listBelow is the width under which pictures are lists: boxes side by side would hold nothing.
const listBelow = 58

func (p *painter) span(role Role, text string) Span { return Span{Text: text, Role: role} }

func marked(role Role, mark Mark, text string) Span { return Span{Text: text, Role: role, Mark: mark} }

func (r Row) width() int {
	w := 0
	for _, s := range r {
		w += cells(s.Text)
	}
	return w
}

// cells is how many columns a text takes. Most are ASCII, where that is plain to see.
func cells(s string) int {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return ansi.StringWidth(s)
		}
	}
	return len(s)
}

// fit cuts a row to width columns and marks the cut.
func (r Row) fit(width int) Row {
	if r.width() <= width {
		return r
	}
	if width <= 0 {
		return nil
	}
	var out Row
	left := width - 1 // for the ellipsis
	for _, s := range r {
		w := cells(s.Text)
		if w <= left {
			out, left = append(out, s), left-w
			continue
		}
		s.Text = ansi.Truncate(s.Text, left, "") + ellipsis
		return append(out, s)
	}
	return out
}

// pad fills a row with blanks up to width columns, or cuts it.
func (r Row) pad(width int) Row {
	r = r.fit(width)
	if rest := width - r.width(); rest > 0 {
		r = append(r[:len(r):len(r)], Span{Text: strings.Repeat(" ", rest)})
	}
	return r
}

// centre puts a row into the middle of width columns.
func (r Row) centre(width int) Row {
	r = r.fit(width)
	left := (width - r.width()) / 2
	return append(Row{{Text: strings.Repeat(" ", left)}}, r...).pad(width)
}

// box draws a frame of w columns around rows, with a title in its upper edge.
func box(title Row, rows []Row, w int, mark Mark) []Row {
	line := func(text string) Span { return marked(Line, mark, text) }
	top := Row{line("┌")}
	if len(title) > 0 && w >= 8 {
		title = title.fit(w - 4)
		top = append(append(append(top, Span{Text: " "}), title...), Span{Text: " "})
	}
	rest := w - 1 - top.width()
	out := []Row{append(top, line(strings.Repeat("─", max(0, rest))+"┐"))}
	for _, r := range rows {
		inner := append(Row{line("│"), {Text: " "}}, r.pad(w-4)...)
		out = append(out, append(inner, Span{Text: " "}, line("│")))
	}
	return append(out, Row{line("└" + strings.Repeat("─", w-2) + "┘")})
}

// block is rows that belong together, and how many objects they show.
type block struct {
	rows []Row
	n    int
}

// stack puts blocks below one another as far as height reaches; the last line sums up what does not fit.
func (p *painter) stack(blocks []block, height int) []Row {
	total, left := 0, 0
	for _, b := range blocks {
		total += len(b.rows)
		left += b.n
	}
	var out []Row
	for _, b := range blocks {
		room := height
		if total > height {
			room-- // for the summary
		}
		if len(out)+len(b.rows) > room {
			return append(out, Row{p.span(Faint, fmt.Sprintf(p.Words.MoreF, left))})
		}
		out, left = append(out, b.rows...), left-b.n
	}
	return out
}

// shrink draws blocks with as much in each as lets all of them fit into height, and with the least where that does not.
func shrink(height int, draw func(most int) []block) []block {
	fits := func(blocks []block) bool {
		high := 0
		for _, b := range blocks {
			high += len(b.rows)
		}
		return high <= height
	}
	best, low, high := draw(height), 1, height
	if fits(best) {
		return best
	}
	for best = draw(1); low < high-1; {
		middle := (low + high) / 2
		if blocks := draw(middle); fits(blocks) {
			best, low = blocks, middle
		} else {
			high = middle
		}
	}
	return best
}

// strip is rows that are to stand beside others, and their width.
type strip struct {
	rows  []Row
	width int
}

// beside puts strips beside one another with gap blanks between them; bottom has them end, and not begin, together.
func beside(strips []strip, gap int, bottom bool) []Row {
	high := 0
	for _, s := range strips {
		high = max(high, len(s.rows))
	}
	out := make([]Row, high)
	for y := range out {
		for i, s := range strips {
			at := y
			if bottom {
				at -= high - len(s.rows)
			}
			var cell Row
			if at >= 0 && at < len(s.rows) {
				cell = s.rows[at]
			}
			if i < len(strips)-1 {
				cell = cell.pad(s.width)
				cell = append(cell[:len(cell):len(cell)], Span{Text: strings.Repeat(" ", gap)})
			}
			out[y] = append(out[y], cell...)
		}
	}
	return out
}

// grid arranges boxes of one width in rows of columns. make draws the box i with at least high lines.
func (p *painter) grid(n, columns, gap int, draw func(i, width, high int) []Row) []block {
	width := (p.Width - gap*(columns-1)) / columns
	var out []block
	for from := 0; from < n; from += columns {
		to, high := min(n, from+columns), 0
		cells := make([]strip, 0, columns)
		for i := from; i < to; i++ {
			rows := draw(i, width, 0)
			cells, high = append(cells, strip{rows, width}), max(high, len(rows))
		}
		for i := range cells {
			if len(cells[i].rows) < high {
				cells[i].rows = draw(from+i, width, high)
			}
		}
		out = append(out, block{beside(cells, gap, false), to - from})
	}
	return out
}

// stretch adds empty rows until a box around rows has high lines.
func stretch(rows []Row, high int) []Row {
	for len(rows)+2 < high {
		rows = append(rows, Row{})
	}
	return rows
}

// wrapped breaks text into at most rows lines of the frame's width, indented.
func (p *painter) wrapped(indent, rows int, role Role, text string) []Row {
	return wrapTo(p.Width, indent, rows, marked(role, Still, text))
}

func wrapTo(width, indent, rows int, s Span) []Row {
	if s.Text == "" || width-indent < 4 {
		return nil
	}
	lines := clean.Wrap(s.Text, width-indent)
	if len(lines) > rows {
		rest := strings.Join(lines[rows-1:], " ")
		lines = append(lines[:rows-1:rows-1], ansi.Truncate(rest, width-indent, ellipsis))
	}
	var out []Row
	for _, line := range lines {
		s.Text = line
		out = append(out, Row{{Text: strings.Repeat(" ", indent)}, s})
	}
	return out
}

// ascii replaces what the pictures draw with characters that are one column wide everywhere.
var ascii = strings.NewReplacer("─", "-", "│", "|", "┌", "+", "┐", "+", "└", "+", "┘", "+", "├", "+", "┤", "+", "┬", "+",
	"┴", "+", "┼", "+", "▶", ">", "◀", "<", "▼", "v", "●", "*", "○", "o", "✗", "x", "…", "~", "·", "-", "▸", ">", "━", "=")

// finish makes a row what is handed out: of the frame's width, without empty spans and blanks at its end.
func (p *painter) finish(r Row) Row {
	r = r.fit(p.Width)
	out := make(Row, 0, len(r))
	for _, s := range r {
		if p.ASCII {
			s.Text = ascii.Replace(s.Text)
		}
		if s.Text == "" {
			continue
		}
		if last := len(out) - 1; last >= 0 && out[last].Role == s.Role && out[last].Mark == s.Mark {
			out[last].Text += s.Text
			continue
		}
		out = append(out, s)
	}
	for len(out) > 0 {
		last := &out[len(out)-1]
		last.Text = strings.TrimRight(last.Text, " ")
		if last.Text != "" {
			break
		}
		out = out[:len(out)-1]
	}
	return out
}
