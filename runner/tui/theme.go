package tui

import (
	"strings"

	"charm.land/glamour/v2/ansi"
	"charm.land/lipgloss/v2"
)

// theme is every colour and attribute of the screen. The colours are the terminal's own sixteen, so that they suit its
// background; each has a glyph or a word beside it, so that nothing is lost without colour.
type theme struct {
	// text is the default; faint steps back behind it; title is what a pane is about.
	text, faint, title lipgloss.Style
	// accent marks what the learner can act on, and only that.
	accent lipgloss.Style
	// pass is a tick, fail a failure that has a reason, flash a line that has changed just now.
	pass, fail, flash lipgloss.Style
	// gone is what does not exist any more and is shown for a moment.
	gone lipgloss.Style
	// found is what was searched for.
	found lipgloss.Style
	// border is the frame; selected is the row under the cursor.
	border, selected lipgloss.Style
}

const (
	colorRed   = "1"
	colorGreen = "2"
	colorCyan  = "6"
)

func newTheme() theme {
	s := lipgloss.NewStyle
	return theme{
		text:     s(),
		faint:    s().Faint(true),
		title:    s().Bold(true),
		accent:   s().Foreground(lipgloss.Color(colorCyan)).Bold(true),
		pass:     s().Foreground(lipgloss.Color(colorGreen)),
		fail:     s().Foreground(lipgloss.Color(colorRed)),
		flash:    s().Foreground(lipgloss.Color(colorGreen)).Bold(true).Reverse(true),
		gone:     s().Faint(true).Strikethrough(true),
		found:    s().Bold(true).Underline(true),
		border:   s().Faint(true),
		selected: s().Foreground(lipgloss.Color(colorCyan)).Bold(true),
	}
}

// markdown is the theme in glamour's terms.
func (theme) markdown() ansi.StyleConfig {
	yes, cyan, bar, indent := true, colorCyan, "│ ", uint(1)
	bold := ansi.StyleBlock{StylePrimitive: ansi.StylePrimitive{Bold: &yes}}
	return ansi.StyleConfig{
		Heading:        bold,
		Strong:         ansi.StylePrimitive{Bold: &yes},
		Emph:           ansi.StylePrimitive{Italic: &yes},
		Strikethrough:  ansi.StylePrimitive{CrossedOut: &yes},
		Link:           ansi.StylePrimitive{Underline: &yes},
		LinkText:       ansi.StylePrimitive{Bold: &yes},
		Code:           ansi.StyleBlock{StylePrimitive: ansi.StylePrimitive{Bold: &yes, Color: &cyan}},
		BlockQuote:     ansi.StyleBlock{Indent: &indent, IndentToken: &bar},
		List:           ansi.StyleList{LevelIndent: 2},
		Item:           ansi.StylePrimitive{BlockPrefix: "• "},
		Enumeration:    ansi.StylePrimitive{BlockPrefix: ". "},
		Task:           ansi.StyleTask{Ticked: "[x] ", Unticked: "[ ] "},
		HorizontalRule: ansi.StylePrimitive{Format: "\n--------\n"},
	}
}

// glyphs are the signs of the screen. Terminals set up for East Asian text may draw many of them two columns wide; the
// second set holds none of those.
type glyphs struct {
	tick, cross, pending, run, dot, hollow     string
	ellipsis, middot, barDone, barRest, scroll string
	border                                     lipgloss.Border
	fold                                       *strings.Replacer
}

func newGlyphs(ascii bool) glyphs {
	if !ascii {
		return glyphs{
			tick: "✓", cross: "✗", pending: "·", run: "▸", dot: "●", hollow: "○",
			ellipsis: "…", middot: "·", barDone: "━", barRest: "─", scroll: "↓", border: lipgloss.NormalBorder(),
		}
	}
	return glyphs{
		tick: "v", cross: "x", pending: "-", run: ">", dot: "*", hollow: "o",
		ellipsis: "~", middot: "-", barDone: "=", barRest: "-", scroll: "v", border: lipgloss.ASCIIBorder(),
		fold: strings.NewReplacer(
			"─", "-", "━", "-", "═", "=", "│", "|", "┃", "|", "║", "|",
			"┌", "+", "┐", "+", "└", "+", "┘", "+", "├", "+", "┤", "+", "┬", "+", "┴", "+", "┼", "+",
			"╭", "+", "╮", "+", "╰", "+", "╯", "+", "▶", ">", "▸", ">", "◀", "<", "▲", "^", "▼", "v",
			"→", ">", "←", "<", "↑", "^", "↓", "v", "●", "*", "○", "o", "■", "#", "□", "o", "★", "*", "•", "*",
			"“", `"`, "”", `"`, "‘", "'", "’", "'", "…", "~", "·", "-", "✓", "v", "✗", "x", "×", "x",
			"①", "1", "②", "2", "③", "3", "④", "4", "⑤", "5", "⑥", "6", "⑦", "7", "⑧", "8", "⑨", "9",
		),
	}
}

// safe replaces the characters of ambiguous width in s where the terminal draws them double. Widths stay the same.
func (g glyphs) safe(s string) string {
	if g.fold == nil {
		return s
	}
	return g.fold.Replace(s)
}
