package tui

import (
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// hold stands for a hyphen at which a line must not be broken while text is wrapped: a flag cut after its dash is a
// mistake waiting to be typed. It is a private-use character of one column and never reaches the screen.
const hold = '\ue000'

// cleanText makes text from outside (object names, command output, a stranger's lab) safe to draw: no escape
// sequences, no control characters but line breaks, nothing that reorders the line.
func cleanText(s string) string {
	s = strings.ToValidUTF8(ansi.Strip(s), "\uFFFD")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\r':
			return '\n'
		case r == '\t', r == '\u2028', r == '\u2029':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == hold, r == '\ufeff':
			return -1
		}
		return r
	}, expandTabs(s))
}

// cleanLine is cleanText on one line.
func cleanLine(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(cleanText(s), "\n", " ")), " ")
}

// expandTabs replaces tabs by spaces up to the next multiple of eight, so that output keeps its columns.
func expandTabs(s string) string {
	if !strings.Contains(s, "\t") {
		return s
	}
	const stop = 8
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		var b strings.Builder
		for j, part := range strings.Split(line, "\t") {
			if j > 0 {
				b.WriteString(strings.Repeat(" ", stop-ansi.StringWidth(b.String())%stop))
			}
			b.WriteString(part)
		}
		lines[i] = b.String()
	}
	return strings.Join(lines, "\n")
}

// wrap breaks plain text into lines of at most width columns, at spaces where it can and never inside a flag.
func wrap(s string, width int) []string {
	width = max(width, 2) // a Korean syllable needs two columns
	var out []string
	for line := range strings.SplitSeq(holdHyphens(s), "\n") {
		for part := range strings.SplitSeq(ansi.Wrap(line, width, ""), "\n") {
			out = append(out, release(strings.TrimRight(part, " ")))
		}
	}
	return out
}

// holdHyphens keeps every hyphen from being a place to break a line.
func holdHyphens(s string) string { return strings.ReplaceAll(s, "-", string(hold)) }

func release(s string) string { return strings.ReplaceAll(s, string(hold), "-") }

// fit cuts a styled line to width columns and marks the cut.
func fit(s string, width int, ellipsis string) string {
	if width <= 0 {
		return ""
	}
	return ansi.Truncate(s, width, ellipsis)
}

// pad fills a styled line with spaces up to width columns, cutting it where it is longer.
func pad(s string, width int, ellipsis string) string {
	s = fit(s, width, ellipsis)
	return s + strings.Repeat(" ", max(0, width-ansi.StringWidth(s)))
}
