package tui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/kubelab/kubelab/internal/clean"
)

// cleanText makes text from outside safe to draw, cleanLine makes one line of it.
func cleanText(s string) string { return clean.Text(s) }
func cleanLine(s string) string { return clean.Line(s) }

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
