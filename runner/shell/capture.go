package shell

import (
	"strings"
	"unicode/utf8"
)

// maxOutput is how much of a command's output is kept, in bytes: the last part of it (docs/AUTHORING.md, `commands`).
const maxOutput = 16 << 10

// capture keeps the end of a command's output as a person would read it: without escape sequences, a line that was
// written over as it was last seen. Moving the cursor up and down works within what is kept, for progress displays.
type capture struct {
	lines    [][]rune
	row, col int
	size     int // runes in lines, one more for each line
}

func (c *capture) reset() { *c = capture{} }

func (c *capture) text(b []byte) {
	line := c.line()
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		b = b[n:]
		if c.col < len(*line) {
			(*line)[c.col] = r
		} else {
			*line = append(*line, r)
			c.size++
		}
		c.col++
	}
	if len(*line) > 2*maxOutput { // no line feed in sight
		cut := len(*line) - maxOutput
		*line = append((*line)[:0], (*line)[cut:]...)
		c.col, c.size = max(c.col-cut, 0), c.size-cut
	}
	c.trim()
}

// line is the current line, filled with blanks up to the cursor.
func (c *capture) line() *[]rune {
	for c.row >= len(c.lines) {
		c.lines = append(c.lines, nil)
		c.size++
	}
	line := &c.lines[c.row]
	for len(*line) < c.col {
		*line = append(*line, ' ')
		c.size++
	}
	return line
}

func (c *capture) control(b byte) {
	switch b {
	case '\n':
		c.line()
		c.row++
		c.line() // a line feed at the end shows as an empty last line, which String drops
		c.trim()
	case '\r':
		c.col = 0
	case '\b':
		c.col = max(c.col-1, 0)
	case '\t':
		c.text([]byte{'\t'})
	}
}

// csi follows the few sequences that change what a line says.
func (c *capture) csi(q csi) {
	if q.prefix != 0 || q.inter != 0 {
		return
	}
	n := q.param(0, 1)
	switch q.final {
	case 'A', 'F':
		c.row = max(c.row-n, 0)
	case 'B', 'E':
		c.row = min(c.row+n, max(len(c.lines)-1, 0))
	case 'C':
		c.col = min(c.col+n, maxOutput)
	case 'D':
		c.col = max(c.col-n, 0)
	case 'G':
		c.col = min(max(n-1, 0), maxOutput)
	case 'K':
		c.erase(q.param(0, 0))
	case 'J':
		if q.param(0, 0) >= 2 {
			c.reset() // the screen was cleared: what was on it is not part of the answer any more
		}
	}
	if q.final == 'E' || q.final == 'F' {
		c.col = 0
	}
}

func (c *capture) erase(how int) {
	line := c.line()
	switch how {
	case 0:
		c.size -= len(*line) - c.col
		*line = (*line)[:c.col]
	case 1:
		for i := 0; i <= c.col && i < len(*line); i++ {
			(*line)[i] = ' '
		}
	case 2:
		c.size -= len(*line)
		*line = (*line)[:0]
	}
}

// trim forgets the oldest lines. Twice the limit is kept before, so that lines are moved rarely.
func (c *capture) trim() {
	if c.size < 2*maxOutput {
		return
	}
	n := 0
	for c.size > maxOutput && n < c.row {
		c.size -= len(c.lines[n]) + 1
		n++
	}
	c.lines = append(c.lines[:0], c.lines[n:]...)
	clear(c.lines[len(c.lines):min(len(c.lines)+n, cap(c.lines))])
	c.row -= n
}

// String is the output so far, without the line feeds at its end.
func (c *capture) String() string {
	var b strings.Builder
	for i, line := range c.lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(string(line))
	}
	s := strings.TrimRight(b.String(), "\n")
	if len(s) > maxOutput {
		s = s[len(s)-maxOutput:]
		for len(s) > 0 && !utf8.RuneStart(s[0]) {
			s = s[1:]
		}
	}
	return s
}
