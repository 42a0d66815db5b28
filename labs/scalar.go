package labs

import (
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// within returns the place in the source of a line and column of a scalar's value, both from 1 and in characters. A
// value differs from what was written by its indentation, folded lines and escapes, so the two are walked side by
// side. Where they cannot be matched it returns the scalar's beginning.
func (d *document) within(n *yaml.Node, line, column int) int {
	start := d.offset(n)
	if n.Kind != yaml.ScalarNode {
		return d.place(start)
	}
	places, ok := align(d.text, start, n)
	if !ok {
		return d.place(start)
	}
	return d.place(places[characterIndex(n.Value, line, column)])
}

// characterIndex returns the index of the character at a line and column of a text, or of the nearest one before.
func characterIndex(text string, line, column int) int {
	index := 0
	for line > 1 {
		head, rest, found := strings.Cut(text, "\n")
		if !found {
			break
		}
		index += utf8.RuneCountInString(head) + 1
		text = rest
		line--
	}
	head, _, _ := strings.Cut(text, "\n")
	return index + max(0, min(column-1, utf8.RuneCountInString(head)))
}

// align returns for each character of a scalar's value, and for its end, the offset in raw at which it is written.
func align(raw string, start int, n *yaml.Node) ([]int, bool) {
	at := start
	switch {
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		header := strings.IndexByte(raw[at:], '\n')
		if header < 0 {
			return []int{at}, n.Value == ""
		}
		at += header + 1
	case n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		at++
	}
	var places []int
	for _, r := range n.Value {
		width, ok := 0, false
		at, width, ok = nextWritten(raw, at, r, n.Style)
		if !ok {
			return nil, false
		}
		places = append(places, at)
		at += width
	}
	return append(places, min(at, len(raw))), true
}

// nextWritten finds, from at on, how the character r of a value is written: where, and in how many bytes.
func nextWritten(raw string, at int, r rune, style yaml.Style) (where, width int, ok bool) {
	blank := func(i int) bool { return i < len(raw) && strings.IndexByte(" \t\n", raw[i]) >= 0 }
	if style&yaml.DoubleQuotedStyle != 0 {
		// A backslash before a line's end joins it to the next, whose indentation does not count.
		for i := at; ; i++ {
			if strings.HasPrefix(raw[i:], "\\\n") {
				for i += 2; blank(i); i++ {
				}
				at = i
			}
			if !blank(i) {
				break
			}
		}
		if at < len(raw) && raw[at] == '\\' {
			return at, min(escapeWidth(raw, at), len(raw)-at), true
		}
	}
	if r == ' ' || r == '\n' || r == '\t' {
		// A folded line end stands for a space, or several for a line end; they may also have been used up already.
		if at < len(raw) && raw[at] == byte(r) {
			return at, 1, true
		}
		return at, 0, true
	}
	for blank(at) {
		at++
	}
	switch {
	case style&yaml.DoubleQuotedStyle != 0 && at < len(raw) && raw[at] == '\\':
		return at, min(escapeWidth(raw, at), len(raw)-at), true
	case style&yaml.SingleQuotedStyle != 0 && r == '\'' && strings.HasPrefix(raw[at:], "''"):
		return at, 2, true
	case strings.HasPrefix(raw[at:], string(r)):
		return at, utf8.RuneLen(r), true
	}
	return at, 0, false
}

// escapeWidth returns how many bytes an escape of a double-quoted scalar takes.
func escapeWidth(raw string, at int) int {
	if at+1 >= len(raw) {
		return 1
	}
	switch raw[at+1] {
	case 'x':
		return 4
	case 'u':
		return 6
	case 'U':
		return 10
	}
	_, size := utf8.DecodeRuneInString(raw[at+1:])
	return 1 + size
}
