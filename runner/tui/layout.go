package tui

// rect is a part of the screen in cells.
type rect struct{ x, y, w, h int }

// layout of a lab: header, what to do, did it work, keys. Frames are one cell wide and belong to the rectangle.
type labLayout struct {
	header, text, checks, prompt, footer rect
}

const (
	// maxText is the widest a line of prose may be: longer ones are hard to read.
	maxText = 100
	// minText is the fewest lines of prose that are worth a frame.
	minText = 5
)

// layoutLab divides a screen. checks and prompt are the lines that the two would like to have; the prose gets at least
// half of what there is.
func layoutLab(w, h, checks, prompt int) labLayout {
	var l labLayout
	l.header = rect{0, 0, w, 1}
	l.footer = rect{0, h - 1, w, 1}
	body := max(0, h-2)
	// The two panes share the line between them, so the frame around both has three horizontal lines.
	const frame = 3
	lines := max(0, body-frame-prompt)
	checks = min(checks, max(1, lines-max(minText, lines/2)))
	text := max(0, lines-checks)
	l.text = rect{0, 1, w, text + 2}
	l.checks = rect{0, 1 + text + 1, w, checks + 2}
	l.prompt = rect{0, h - 1 - prompt, w, prompt}
	return l
}

// shellLayout is the shell over the whole screen with the ticks below it.
type shellLayout struct {
	header, shell, rule, ticks, footer rect
}

// layoutShell divides a screen. ticks is the number of lines that the checks would like to have; it must not depend on
// how the checks stand, or the shell would change its size with every tick.
func layoutShell(w, h, ticks int) shellLayout {
	body := max(0, h-3) // header, rule, footer
	ticks = min(ticks, body/3)
	return shellLayout{
		header: rect{0, 0, w, 1},
		shell:  rect{0, 1, w, body - ticks},
		rule:   rect{0, 1 + body - ticks, w, 1},
		ticks:  rect{0, 2 + body - ticks, w, ticks},
		footer: rect{0, h - 1, w, 1},
	}
}

// listLayout is the course list with the environment beside or below it.
type listLayout struct {
	header, list, environment, footer rect
	// beside is true where the two panes stand side by side.
	beside bool
}

// wideList is the width from which the environment stands beside the course.
const wideList = 120

// layoutList divides a screen. labs and environment are the lines that the two would like to have.
func layoutList(w, h, labs, environment int) listLayout {
	l := listLayout{header: rect{0, 0, w, 1}, footer: rect{0, h - 1, w, 1}}
	body := max(0, h-2)
	if w >= wideList {
		l.beside = true
		left := min(w*3/5, 110)
		l.list = rect{0, 1, left, body}
		l.environment = rect{left - 1, 1, w - left + 1, body}
		return l
	}
	const frame = 3
	lines := max(0, body-frame)
	environment = min(environment, max(lines-labs, lines*2/5))
	list := max(0, lines-environment)
	l.list = rect{0, 1, w, list + 2}
	l.environment = rect{0, 1 + list + 1, w, environment + 2}
	return l
}
