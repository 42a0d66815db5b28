package labs

import (
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"
)

// source is a text file of a course. Offsets into text are bytes; every problem is reported at one.
type source struct {
	path string
	// text has no byte order mark, and line ends are "\n". Neither changes a line or column that precedes it.
	text     string
	starts   []int // the offset at which each line begins
	problems *Problems
}

// newSource prepares a file for reading and reports what no text file of a course may contain. It returns false where
// the file cannot be read any further.
func newSource(path string, data []byte, problems *Problems) (*source, bool) {
	text := strings.TrimPrefix(string(data), "\uFEFF")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	s := &source{path: path, text: text, starts: []int{0}, problems: problems}
	for i := 0; i < len(text); i++ {
		if text[i] == '\n' {
			s.starts = append(s.starts, i+1)
		}
	}
	for i, r := range text {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD"):
			s.errorf(i, "the file is not UTF-8: byte 0x%02X cannot be read", text[i])
			return s, false
		case r == '\n' || r == '\t':
		case r < ' ' || r == 0x7F || r == 0x85 || r == '\u2028' || r == '\u2029' || r == '\uFEFF':
			// Editors, Markdown and YAML disagree about which of these end a line.
			s.errorf(i, "the control character U+%04X does not belong in a text", r)
			return s, false
		}
	}
	return s, true
}

// position returns the line and column of an offset, both from 1, the column in characters.
func (s *source) position(offset int) (line, column int) {
	offset = max(0, min(offset, len(s.text)))
	line = sort.Search(len(s.starts), func(i int) bool { return s.starts[i] > offset })
	return line, utf8.RuneCountInString(s.text[s.starts[line-1]:offset]) + 1
}

// line returns the line of an offset, from 1.
func (s *source) line(offset int) int {
	line, _ := s.position(offset)
	return line
}

// lineStart returns the offset at which the line of an offset begins.
func (s *source) lineStart(offset int) int { return s.starts[s.line(offset)-1] }

// nextLine returns the offset at which the line after an offset begins, or the end of the text.
func (s *source) nextLine(offset int) int {
	if line := s.line(offset); line < len(s.starts) {
		return s.starts[line]
	}
	return len(s.text)
}

func (s *source) report(severity Severity, offset int, message string) {
	line, column := s.position(offset)
	*s.problems = append(*s.problems,
		Problem{Path: s.path, Line: line, Column: column, Severity: severity, Message: message})
}

func (s *source) errorf(offset int, format string, args ...any) {
	s.report(Error, offset, fmt.Sprintf(format, args...))
}

func (s *source) warnf(offset int, format string, args ...any) {
	s.report(Warning, offset, fmt.Sprintf(format, args...))
}

// excerpt is text taken out of a source, e.g. the content of a fenced block, with the way back to its places.
type excerpt struct {
	*source
	text   string
	pieces []piece
}

// piece says that an excerpt's text from the offset at on stands in the source from the offset from on.
type piece struct{ at, from int }

// cut returns the excerpt of s from one offset to another.
func (s *source) cut(from, to int) excerpt {
	return excerpt{source: s, text: s.text[from:to], pieces: []piece{{0, from}}}
}

// place returns the offset in the source of an offset in the excerpt.
func (e excerpt) place(offset int) int {
	i := sort.Search(len(e.pieces), func(i int) bool { return e.pieces[i].at > offset })
	if i == 0 {
		return e.pieces[0].from
	}
	p := e.pieces[i-1]
	return p.from + offset - p.at
}
