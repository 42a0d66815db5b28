package shell

import (
	"strings"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// Screen is what the terminal shows at one moment. It is never changed after it was handed out.
type Screen struct {
	// Cols and Rows are the size.
	Cols, Rows int
	// Lines are Rows strings. Each is at most Cols columns wide and holds nothing but text and SGR sequences, and ends
	// with the default rendition: safe to print, or to put beside something else.
	Lines []string
	// Cursor is where the next character goes; it is meaningless while Offset is not 0.
	Cursor Cursor
	// History is how many lines above the screen are kept. Offset is how many of them Lines was scrolled back by.
	History, Offset int
	// Top is the number of the first of Lines, counted from the first line that the shell ever showed. A line keeps its
	// number while others scroll away.
	Top int
	// Mouse is true while the program in the shell wants to know what the mouse does.
	Mouse bool
	// Alternate is true while a full-screen program (an editor, a pager) has the screen to itself.
	Alternate bool
	// Title is what a program asked to be shown as the window's title.
	Title string
}

// Cursor is a position on the screen, from the top left, both from 0.
type Cursor struct {
	X, Y    int
	Visible bool
}

// snapshot renders the screen, scrolled back by offset lines.
func (t *terminal) snapshot(offset int) Screen {
	s := Screen{
		Cols: t.cols, Rows: t.rows, History: t.history.len(), Title: t.title, Alternate: t.alt,
		Lines: make([]string, 0, t.rows),
	}
	s.Offset = min(max(offset, 0), s.History)
	s.Top, s.Mouse = t.history.newest()-s.Offset, t.mouseWanted()
	for i := s.History - s.Offset; i < s.History && len(s.Lines) < t.rows; i++ {
		line := t.history.line(i)
		if len(line) > t.cols { // bytes are never fewer than columns
			line = ansi.Truncate(line, t.cols, "")
		}
		s.Lines = append(s.Lines, line)
	}
	cells := make(uv.Line, t.cols)
	for y := 0; len(s.Lines) < t.rows; y++ {
		for x := range cells {
			cells[x] = *t.em.CellAt(x, y)
		}
		s.Lines = append(s.Lines, renderLine(cells, t.cols))
	}
	p := t.em.CursorPosition()
	s.Cursor = Cursor{
		X: min(max(p.X, 0), t.cols-1), Y: min(max(p.Y, 0), t.rows-1),
		Visible: t.modes[ansi.ModeTextCursorEnable] && s.Offset == 0,
	}
	return s
}

// renderLine draws cells as text and SGR sequences, without blanks at the end. Halves of wide characters that lost the
// other half are drawn as blanks.
func renderLine(line uv.Line, cols int) string {
	var b strings.Builder
	var pen uv.Style
	blanks := 0
	for x := 0; x < min(cols, len(line)); {
		c := &line[x]
		content, width := c.Content, c.Width
		// The scrollback cuts off the second half of a wide character at the end of a line.
		wide := width == 2 && x+1 < cols && (x+1 == len(line) || line[x+1].Width == 0)
		if width != 1 && !wide || content == "" {
			content, width = " ", 1
		}
		x += width
		if content == " " && c.Style.IsZero() {
			blanks++
			continue
		}
		if blanks > 0 {
			if !pen.IsZero() {
				b.WriteString(ansi.ResetStyle)
				pen = uv.Style{}
			}
			writeBlanks(&b, blanks)
			blanks = 0
		}
		switch {
		case c.Style.IsZero() && !pen.IsZero():
			b.WriteString(ansi.ResetStyle)
		case !c.Style.Equal(&pen):
			b.WriteString(c.Style.Diff(&pen))
		}
		pen = c.Style
		b.WriteString(content)
	}
	if !pen.IsZero() {
		b.WriteString(ansi.ResetStyle)
	}
	return b.String()
}

func writeBlanks(b *strings.Builder, n int) {
	const blanks = "                                                                "
	for ; n > len(blanks); n -= len(blanks) {
		b.WriteString(blanks)
	}
	b.WriteString(blanks[:n])
}

// maxHistoryBytes bounds the history where its lines are long, or full of colour.
const maxHistoryBytes = 8 << 20

// history holds the lines that scrolled off the screen, the newest last, up to max.
type history struct {
	max   int
	lines []string
	first int // lines before it are forgotten
	bytes int
	gone  int // lines that were there once and are not any more
}

func (h *history) len() int { return len(h.lines) - h.first }

// line is the i-th line, from the oldest.
func (h *history) line(i int) string { return h.lines[h.first+i] }

// oldest is the number of the first line, newest that of the next one to come (see Screen.Top).
func (h *history) oldest() int { return h.gone }
func (h *history) newest() int { return h.gone + h.len() }

func (h *history) push(line string) {
	h.lines = append(h.lines, line)
	h.bytes += len(line)
	for h.len() > 0 && (h.len() > h.max || h.bytes > maxHistoryBytes) {
		h.bytes -= len(h.lines[h.first])
		h.lines[h.first] = ""
		h.first++
		h.gone++
	}
	if h.first > h.max { // as many holes as lines: move the lines down
		n := copy(h.lines, h.lines[h.first:])
		clear(h.lines[n:])
		h.lines, h.first = h.lines[:n], 0
	}
}

func (h *history) clear() {
	h.gone += h.len()
	h.lines, h.first, h.bytes = nil, 0, 0
}

// plainTail is the last n lines that are not blank, without styles.
func plainTail(lines []string, n int) []string {
	var out []string
	for _, line := range lines {
		if line = ansi.Strip(line); strings.TrimSpace(line) != "" {
			out = append(out, line)
		}
	}
	return out[max(len(out)-n, 0):]
}
