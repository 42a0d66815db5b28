package tui

import (
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/kubelab/kubelab/runner/shell"
)

// spot is a place in the shell's output: a line by its number, and a column.
type spot struct{ line, col int }

// wholeLine is a column behind the end of every line.
const wholeLine = math.MaxInt32

// selection is the output between two spots, in whichever order they were chosen.
type selection struct {
	on       bool
	from, to spot
}

// ordered returns the ends from the first on; ok is false where nothing is selected.
func (s selection) ordered() (from, to spot, ok bool) {
	from, to = s.from, s.to
	if to.line < from.line || to.line == from.line && to.col < from.col {
		from, to = to, from
		if from.col == wholeLine { // whole lines, upwards
			from.col, to.col = 0, wholeLine
		}
	}
	return from, to, s.on && from != to
}

// columns are the part of a line that is selected.
func (s selection) columns(line int) (from, to int, ok bool) {
	a, b, ok := s.ordered()
	if !ok || line < a.line || line > b.line {
		return 0, 0, false
	}
	from, to = 0, wholeLine
	if line == a.line {
		from = a.col
	}
	if line == b.line {
		to = b.col
	}
	return from, to, from < to
}

// The renditions of what stands out in the shell's output, and how they are taken back.
const (
	reverseOn, reverseOff     = "\x1b[7m", "\x1b[27m"
	underlineOn, underlineOff = "\x1b[4m", "\x1b[24m"
)

// marked draws what is selected and what was found into a line of the shell.
func (p *labPane) marked(line string, number int) string {
	l := &p.look
	if from, to, ok := l.sel.columns(number); ok {
		return highlight(line, from, to, reverseOn, reverseOff)
	}
	i := sort.Search(len(l.found), func(i int) bool { return l.found[i].Line >= number })
	var here []shell.Match
	for ; i < len(l.found) && l.found[i].Line == number; i++ {
		if i == l.at {
			line = highlight(line, l.found[i].From, l.found[i].To, reverseOn, reverseOff)
			continue
		}
		here = append(here, l.found[i])
	}
	for _, match := range slices.Backward(here) {
		line = highlight(line, match.From, match.To, underlineOn, underlineOff)
	}
	return line
}

// highlight draws columns of a styled line with a rendition. It stays on also where the line's own styles end within.
func highlight(line string, from, to int, on, off string) string {
	before, part, after := splitColumns(line, from, to)
	if part == "" {
		return line
	}
	var b strings.Builder
	b.WriteString(before + on)
	for part != "" {
		i := strings.IndexByte(part, 0x1b)
		if i < 0 {
			i = len(part)
		}
		b.WriteString(part[:i])
		part = part[i:]
		if end := strings.IndexByte(part, 'm'); end >= 0 {
			b.WriteString(part[:end+1] + on)
			part = part[end+1:]
		} else {
			b.WriteString(part)
			part = ""
		}
	}
	return b.String() + off + after
}

// splitColumns cuts a line in three at columns. A wide character belongs to the column in which it begins.
func splitColumns(line string, from, to int) (before, part, after string) {
	a, b, column := len(line), len(line), 0
	var state byte
	for i := 0; i < len(line); {
		_, width, n, next := ansi.DecodeSequence(line[i:], state, nil)
		if width > 0 {
			if column >= from && a == len(line) {
				a = i
			}
			if column >= to {
				b = i
				break
			}
			column += width
		}
		state = next
		i += max(n, 1)
	}
	a = min(a, b)
	return line[:a], line[a:b], line[b:]
}
