package labs

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// SyntaxError says why a script is no valid bash.
type SyntaxError struct {
	// Offset is the place in the script, in bytes.
	Offset  int
	Message string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("parse script: %s", e.Message) }

// Statements splits a script into its top-level statements as they are written, so that they can run one by one in a
// learner's shell. Comments are left out (an interactive zsh takes # for a command), a here-document stays with its
// statement, and so does the & of a background job. The error is a *SyntaxError.
func Statements(script string) ([]string, error) {
	file, err := parseScript(script)
	if err != nil {
		return nil, err
	}
	comments := commentsOf(file)
	var statements []string
	for i, s := range file.Stmts {
		end := len(script)
		if i+1 < len(file.Stmts) {
			end = offsetOf(file.Stmts[i+1].Pos())
		}
		text := written(script, offsetOf(s.Pos()), end, s, comments)
		if !same(text, s) {
			if text, err = rewritten(s); err != nil {
				return nil, &SyntaxError{Offset: offsetOf(s.Pos()), Message: err.Error()}
			}
		}
		statements = append(statements, text)
	}
	return statements, nil
}

func parseScript(script string) (*syntax.File, error) {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash), syntax.KeepComments(true)).Parse(strings.NewReader(script), "")
	if err == nil {
		return file, nil
	}
	var parse syntax.ParseError
	var lang syntax.LangError
	switch {
	case errors.As(err, &parse):
		return nil, &SyntaxError{Offset: offsetOf(parse.Pos), Message: parse.Text}
	case errors.As(err, &lang):
		return nil, &SyntaxError{Offset: offsetOf(lang.Pos), Message: strings.TrimPrefix(err.Error(), lang.Pos.String()+": ")}
	}
	return nil, &SyntaxError{Message: err.Error()}
}

func offsetOf(p syntax.Pos) int { return int(p.Offset()) }

// span is a stretch of a script, in bytes.
type span struct{ from, to int }

func commentsOf(file *syntax.File) []span {
	var spans []span
	syntax.Walk(file, func(n syntax.Node) bool {
		if c, ok := n.(*syntax.Comment); ok {
			spans = append(spans, span{offsetOf(c.Pos()), offsetOf(c.End())})
		}
		return true
	})
	return spans
}

// written cuts a statement out of its script, without comments, the blanks before them, and the semicolon that ends it.
func written(script string, from, to int, s *syntax.Stmt, comments []span) string {
	drop := slices.Clone(comments)
	if s.Semicolon.IsValid() && !s.Background && !s.Coprocess {
		drop = append(drop, span{offsetOf(s.Semicolon), offsetOf(s.Semicolon) + 1})
	}
	slices.SortFunc(drop, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var b strings.Builder
	for _, d := range drop {
		if d.from < from || d.to > to {
			continue
		}
		b.WriteString(strings.TrimRight(script[from:d.from], " \t"))
		from = d.to
	}
	b.WriteString(script[from:to])
	return strings.TrimSpace(b.String())
}

// same reports whether a text is one statement, and the one given.
func same(text string, s *syntax.Stmt) bool {
	file, err := parseScript(text)
	if err != nil || len(file.Stmts) != 1 {
		return false
	}
	want, err := rendered(s)
	if err != nil {
		return false
	}
	got, err := rendered(file.Stmts[0])
	return err == nil && got == want
}

// rewritten writes a statement anew that cannot be cut out, because it ends in an escaped blank. What has a
// here-document is refused: another statement stands between the two, and the printer pads the body.
func rewritten(s *syntax.Stmt) (string, error) {
	document := false
	syntax.Walk(s, func(n syntax.Node) bool {
		r, ok := n.(*syntax.Redirect)
		document = document || ok && (r.Op == syntax.Hdoc || r.Op == syntax.DashHdoc)
		return true
	})
	text, err := rendered(s)
	if err == nil && (document || !same(text, s)) {
		err = errors.New("put this statement on a line of its own: a here-document begins on the same line")
	}
	return text, err
}

// rendered writes a statement in the printer's own layout, without the comments before it.
func rendered(s *syntax.Stmt) (string, error) {
	bare := *s
	bare.Comments = nil
	var b strings.Builder
	if err := syntax.NewPrinter(syntax.Minify(true)).Print(&b, &bare); err != nil {
		return "", fmt.Errorf("print statement: %w", err)
	}
	return strings.TrimRight(b.String(), "\n"), nil
}
