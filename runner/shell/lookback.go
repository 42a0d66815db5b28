package shell

import (
	"slices"
	"strings"
	"unicode"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// MaxMatches bounds what Find returns: who gets more looks for something else.
const MaxMatches = 9999

// Match is a place where a text stands: a line by its number (see Screen.Top), and the columns from From to before To.
type Match struct {
	Line, From, To int
}

// From is the screen scrolled back so that a line, by its number (see Screen.Top), is its first: at most to the oldest
// line that is kept, and no further than the screen itself.
func (s *Shell) From(line int) Screen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.term.snapshot(s.term.history.newest() - line)
}

// Find looks for a text in everything that is kept, and returns the newest places, from the oldest of them on. Capital
// letters count if the text has any. A line that went on below is two. It may take some milliseconds.
func (s *Shell) Find(text string) []Match {
	s.mu.Lock()
	first, lines := s.term.allLines()
	s.mu.Unlock()
	return find(lines, first, text)
}

// Text is the lines from one number to before another (see Screen.Top), as plain text. Lines that are not kept are left
// out; a line that fills the whole width goes on in the next one.
func (s *Shell) Text(from, to int) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := &s.term.history
	var out []string
	for n := max(from, h.oldest()); n < min(to, h.newest()+s.term.rows); n++ {
		out = append(out, s.term.plainLine(n))
	}
	return out
}

// plainLine is a line by its number, without colours.
func (t *terminal) plainLine(n int) string {
	if h := &t.history; n < h.newest() {
		return unstyled(h.line(n - h.oldest()))
	}
	return unstyled(t.rowAt(n - t.history.newest()))
}

// rowAt renders a row of the screen.
func (t *terminal) rowAt(y int) string {
	cells := make(uv.Line, t.cols)
	for x := range cells {
		cells[x] = *t.em.CellAt(x, y)
	}
	return renderLine(cells, t.cols)
}

// allLines are the rendered lines of the history and the screen, and the number of the first.
func (t *terminal) allLines() (first int, lines []string) {
	h := &t.history
	lines = append(make([]string, 0, h.len()+t.rows), h.lines[h.first:]...)
	for y := range t.rows {
		lines = append(lines, t.rowAt(y))
	}
	return h.oldest(), lines
}

func find(lines []string, first int, text string) []Match {
	if text == "" {
		return nil
	}
	exact := strings.ContainsFunc(text, unicode.IsUpper)
	var out []Match
	for i := len(lines) - 1; i >= 0 && len(out) < MaxMatches; i-- {
		out = appendMatches(out, unstyled(lines[i]), text, first+i, exact)
	}
	slices.Reverse(out)
	return out
}

// appendMatches adds the places of text in a line, the last first.
func appendMatches(out []Match, line, text string, n int, exact bool) []Match {
	if !exact {
		// Letters whose lower case is of another length would move what stands behind them.
		if lower := strings.ToLower(line); len(lower) == len(line) {
			line = lower
		}
	}
	for end := len(line); len(out) < MaxMatches; {
		i := strings.LastIndex(line[:end], text)
		if i < 0 {
			return out
		}
		from := columns(line[:i])
		out = append(out, Match{n, from, from + columns(text)})
		end = i
	}
	return out
}

// columns is the width of plain text.
func columns(s string) int {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return ansi.StringWidth(s)
		}
	}
	return len(s)
}

// unstyled takes the SGR sequences out of a rendered line, which holds no others.
func unstyled(line string) string {
	i := strings.IndexByte(line, 0x1b)
	if i < 0 {
		return line
	}
	var b strings.Builder
	b.Grow(len(line))
	for ; i >= 0; i = strings.IndexByte(line, 0x1b) {
		b.WriteString(line[:i])
		end := strings.IndexByte(line[i:], 'm')
		if end < 0 {
			return b.String()
		}
		line = line[i+end+1:]
	}
	b.WriteString(line)
	return b.String()
}
