package tui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// brush draws lines with a theme and a set of glyphs.
type brush struct {
	theme
	glyphs
}

// section is one pane of a stack of frames that share their horizontal lines.
type section struct {
	title string
	lines []string
	// rows is the height without the frame. More lines than that are cut.
	rows int
	// mark is shown at the right end of the line above the section.
	mark string
}

// stack draws sections below one another in a frame w columns wide.
func (b brush) stack(w int, sections ...section) []string {
	var out []string
	for i, s := range sections {
		left, right := b.glyphs.border.MiddleLeft, b.glyphs.border.MiddleRight
		if i == 0 {
			left, right = b.glyphs.border.TopLeft, b.glyphs.border.TopRight
		}
		out = append(out, b.theme.border.Render(left)+b.rule(w-2, s.title, s.mark)+b.theme.border.Render(right))
		out = append(out, b.rows(w, s)...)
	}
	return append(out, b.theme.border.Render(b.glyphs.border.BottomLeft)+b.rule(w-2, "", "")+
		b.theme.border.Render(b.glyphs.border.BottomRight))
}

// beside draws two sections of the same height beside one another; the left one is left columns wide with its frame.
func (b brush) beside(w, left int, l, r section) []string {
	right := w - left + 1
	bd := b.glyphs.border
	line := func(a, m, z, lt, rt string) string {
		return b.theme.border.Render(a) + b.rule(left-2, lt, "") + b.theme.border.Render(m) + b.rule(right-2, rt, "") +
			b.theme.border.Render(z)
	}
	out := []string{line(bd.TopLeft, bd.MiddleTop, bd.TopRight, l.title, r.title)}
	ls, rs := b.rows(left, l), b.rows(right, r)
	edge := b.theme.border.Render(bd.Left)
	for i := range ls {
		out = append(out, ls[i]+strings.TrimPrefix(rs[i], edge))
	}
	return append(out, line(bd.BottomLeft, bd.MiddleBottom, bd.BottomRight, "", ""))
}

// besideAbove draws two sections beside one another and a third below them; they share their lines.
func (b brush) besideAbove(w, left int, l, r, below section) []string {
	bd, line := b.glyphs.border, b.theme.border.Render
	out := b.beside(w, left, l, r)
	out[len(out)-1] = line(bd.MiddleLeft) + b.rule(left-2, below.title, below.mark) + line(bd.MiddleBottom) +
		b.rule(w-left-1, "", "") + line(bd.MiddleRight)
	out = append(out, b.rows(w, below)...)
	return append(out, line(bd.BottomLeft)+b.rule(w-2, "", "")+line(bd.BottomRight))
}

// rows draws the inside of a section with the frame at its sides and one blank column within.
func (b brush) rows(w int, s section) []string {
	left, right := b.theme.border.Render(b.glyphs.border.Left), b.theme.border.Render(b.glyphs.border.Right)
	out := make([]string, 0, s.rows)
	for i := range s.rows {
		line := ""
		if i < len(s.lines) {
			line = s.lines[i]
		}
		out = append(out, left+" "+pad(line, w-4, b.ellipsis)+" "+right)
	}
	return out
}

// rule is a horizontal line of w columns with a title at its beginning and a mark at its end.
func (b brush) rule(w int, title, mark string) string {
	dash := b.glyphs.border.Top
	if title == "" && mark == "" || w < 6 {
		return b.theme.border.Render(strings.Repeat(dash, max(0, w)))
	}
	if title != "" {
		title = " " + fit(title, w-4, b.ellipsis) + " "
	}
	rest := w - 1 - ansi.StringWidth(title)
	if mark = " " + mark + " "; mark == "  " || ansi.StringWidth(mark)+1 > rest {
		mark = ""
	}
	line := b.theme.border.Render(dash) + b.theme.title.Render(title)
	if mark == "" {
		return line + b.theme.border.Render(strings.Repeat(dash, max(0, rest)))
	}
	return line + b.theme.border.Render(strings.Repeat(dash, rest-ansi.StringWidth(mark)-1)) + b.faint.Render(mark) +
		b.theme.border.Render(dash)
}

// bar is a progress bar of w columns.
func (b brush) bar(done, total, w int) string {
	if total <= 0 || w <= 0 {
		return ""
	}
	n := min(w, done*w/total)
	return b.pass.Render(strings.Repeat(b.barDone, n)) + b.faint.Render(strings.Repeat(b.barRest, w-n))
}

// spread puts left and right at the two ends of a line of w columns. The right side gives way first.
func (b brush) spread(w int, left, right string) string {
	gap := w - ansi.StringWidth(left) - ansi.StringWidth(right)
	if gap < 1 {
		return fit(left, w, b.ellipsis)
	}
	return left + strings.Repeat(" ", gap) + right
}

// indent wraps plain text, styles each line, and puts first before the first line and blanks of the same width before
// the others.
func (b brush) indent(first, text string, width int, style func(...string) string) []string {
	lead := ansi.StringWidth(first)
	var out []string
	for i, line := range wrap(b.safe(text), width-lead) {
		if i == 0 {
			out = append(out, first+style(line))
			continue
		}
		out = append(out, strings.Repeat(" ", lead)+style(line))
	}
	return out
}
