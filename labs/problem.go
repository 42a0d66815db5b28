package labs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Severity says whether a course can be used in spite of a problem.
type Severity int

// The severities. The zero value is the graver one, so that a problem never passes as harmless by mistake.
const (
	Error   Severity = iota // the course must not be used
	Warning                 // the course works; a learner is served less well than could be
)

func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// Problem is one mistake in a course and where it stands.
type Problem struct {
	// Path is the file's or folder's path within the course.
	Path string
	// Line and Column count from 1, Column in characters. Both are 0 where the problem is the file itself.
	Line, Column int
	Message      string
	Severity     Severity
}

// String is the form that editors and compilers share: path:line:column: severity: message.
func (p Problem) String() string {
	where := p.Path
	if p.Line > 0 {
		where = fmt.Sprintf("%s:%d:%d", p.Path, p.Line, p.Column)
	}
	return fmt.Sprintf("%s: %s: %s", where, p.Severity, p.Message)
}

// Problems are all mistakes of a course, ordered by file and place. As an error they print one a line.
type Problems []Problem

// Error implements error.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Fatal reports whether any problem is an Error.
func (ps Problems) Fatal() bool {
	return slices.ContainsFunc(ps, func(p Problem) bool { return p.Severity == Error })
}

// sort orders by file, place, severity and message, and drops repetitions.
func (ps Problems) sort() Problems {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(
			strings.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Severity, b.Severity), strings.Compare(a.Message, b.Message),
		)
	})
	return slices.Compact(ps)
}

// add appends a problem of a whole file or folder.
func (ps *Problems) add(severity Severity, path, format string, args ...any) {
	*ps = append(*ps, Problem{Path: path, Severity: severity, Message: fmt.Sprintf(format, args...)})
}
