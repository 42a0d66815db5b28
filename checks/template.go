package checks

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// interpolatedLimit is how much of a value goes into an explanation, in characters: command output can be long.
const interpolatedLimit = 500

// template is a text with {{ expressions }} in it.
type template struct {
	parts []part
}

// part is literal text or, where expression is set, an expression.
type part struct {
	text       string
	expression *expression
}

// template compiles the text of a field.
func (c *compiler) template(text, field string) *template {
	t := &template{}
	rest, offset := text, 0
	for {
		open := strings.Index(rest, "{{")
		if open < 0 {
			t.parts = append(t.parts, part{text: rest})
			return t
		}
		t.parts = append(t.parts, part{text: rest[:open]})
		inner := rest[open+2:]
		end := closing(inner)
		if end < 0 {
			c.fail(placeOf(field, text, offset+open), "{{ is never closed with }}")
			return t
		}
		if e := c.expression(inner[:end], placeOf(field, text, offset+open+2), nil); e != nil {
			t.parts = append(t.parts, part{expression: e})
		}
		offset += open + 2 + end + 2
		rest = text[offset:]
	}
}

// closing is the index of the }} that ends an expression: not one in a string or behind an opening brace. It is negative
// where there is none.
func closing(s string) int {
	depth, quote := 0, ""
	for i := 0; i < len(s); i++ {
		if quote != "" {
			switch {
			case s[i] == '\\':
				i++
			case strings.HasPrefix(s[i:], quote):
				i += len(quote) - 1
				quote = ""
			}
			continue
		}
		switch {
		case strings.HasPrefix(s[i:], `"""`), strings.HasPrefix(s[i:], "'''"):
			quote = s[i : i+3]
			i += 2
		case s[i] == '"' || s[i] == '\'':
			quote = s[i : i+1]
		case s[i] == '{':
			depth++
		case depth == 0 && strings.HasPrefix(s[i:], "}}"):
			return i
		case s[i] == '}':
			depth--
		}
	}
	return -1
}

// placeOf is the place of a byte of a field's text.
func placeOf(field, text string, index int) place {
	before := text[:index]
	line := strings.Count(before, "\n")
	return place{field, line, utf8.RuneCountInString(before[strings.LastIndex(before, "\n")+1:])}
}

// watches are the sources that the template's expressions look at.
func (t *template) watches() []Watch {
	var out []Watch
	for _, p := range t.parts {
		if p.expression != nil {
			out = append(out, p.expression.watches...)
		}
	}
	return out
}

func (t *template) clock() bool {
	for _, p := range t.parts {
		if p.expression != nil && p.expression.clock {
			return true
		}
	}
	return false
}

// text fills in the values. A value that cannot be had is shown as a question mark.
func (t *template) text(v *view) string {
	var b strings.Builder
	for _, p := range t.parts {
		if p.expression == nil {
			b.WriteString(p.text)
			continue
		}
		value, err := "?", error(nil)
		if unready(v.snap, p.expression.needs) == "" {
			if value, err = p.expression.text(v); err != nil {
				value = "?"
			}
		}
		b.WriteString(clip(strings.TrimSpace(printable(value)), interpolatedLimit))
		if errors.Is(err, errTooCostly) {
			break // the rest would cost as much again
		}
	}
	return b.String()
}
