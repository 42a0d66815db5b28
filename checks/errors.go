package checks

import (
	"fmt"
	"strings"
)

// Error is one mistake in a Spec or a QuestionSpec, and where it is.
type Error struct {
	// Field is the path of the field as in YAML: "expect", "tell[0].when", "select.image", "wrong".
	Field string
	// Line and Column are the place inside the field's text, both from 1. Column counts characters, not bytes.
	Line, Column int
	// Message says what is wrong, without the place.
	Message string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.Field, e.Line, e.Column, e.Message)
}

// Errors are all mistakes of one Spec, in the order of its fields. Compile and CompileQuestion return no other error.
type Errors []*Error

func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives errors.As and errors.Is each of the mistakes.
func (e Errors) Unwrap() []error {
	out := make([]error, len(e))
	for i, one := range e {
		out[i] = one
	}
	return out
}
