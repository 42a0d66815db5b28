package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/kubelab/kubelab/internal/clean"
)

// cleanText makes text from outside safe to draw, cleanLine makes one line of it.
func cleanText(s string) string { return clean.Text(s) }
func cleanLine(s string) string { return clean.Line(s) }

// cleanKey makes the text of a key safe to be shown in a field: a terminal that does not mark what is pasted sends it as
// keys.
func cleanKey(msg tea.KeyPressMsg) tea.KeyPressMsg {
	msg.Text = cleanField(msg.Text)
	return msg
}

// cleanField makes what is typed safe to be shown in a field, which scrolls by characters and would part an emoji from
// its joiner.
func cleanField(s string) string {
	return strings.NewReplacer("\n", " ", "\u200d", string(clean.Mark)).Replace(cleanText(s))
}

// wrap breaks plain text into lines of at most width columns, at spaces where it can and never inside a flag.
func wrap(s string, width int) []string { return clean.Wrap(s, width) }

func holdHyphens(s string) string { return clean.Hold(s) }
func release(s string) string     { return clean.Release(s) }

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
