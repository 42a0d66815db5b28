package tui

// rect is a part of the screen in cells.
type rect struct{ x, y, w, h int }

// paneName names the parts of a lab's screen that can have the keyboard.
type paneName int

const (
	textPane paneName = iota
	shellPane
)

// arrangement is how the panes of a lab stand.
type arrangement int

const (
	// beside: text at the left, shell at the right, checks below both.
	beside arrangement = iota
	// tabbed: one of the two above the checks, because the screen is too small for both.
	tabbed
	// alone: one of the two above the checks, because the learner wants it large.
	alone
)

// shape is what the layout of a lab depends on beside the size of the screen.
type shape struct {
	focus paneName
	zoom  bool
	// split is the share of the text where the panes stand beside one another, in thousandths.
	split int
	// checks are the lines that the checks would like to have below the text alone. ticks are those beside the shell:
	// they must not depend on how the checks stand, or the shell would change its size with every tick.
	checks, ticks int
	// prompt is the height of the answer field.
	prompt int
}

// labLayout is where the parts of a lab stand. text, shell and checks are whole, with the frames they share; in, the
// part of each that its lines fill. What is not on the screen is empty.
type labLayout struct {
	how                                         arrangement
	header, text, shell, checks, prompt, footer rect
	in                                          struct{ text, shell, checks rect }
	// tabs is the line that says which pane is shown where only one is.
	tabs rect
}

const (
	// maxText is the widest a line of prose may be: longer ones are hard to read.
	maxText = 100
	// minText is the fewest lines of prose that are worth a frame.
	minText = 5
	// wideLab and highLab are the screen from which text and shell stand beside one another.
	wideLab, highLab = 100, 18
	// minPane is the fewest columns of either, with its frame.
	minPane = 30
	// evenSplit is the share of the text at first: prose needs fewer columns than the output of commands.
	evenSplit = 470
)

// layoutLab divides a screen.
func layoutLab(w, h int, s shape) labLayout {
	l := labLayout{how: arranged(w, h, s), header: rect{0, 0, w, 1}, footer: rect{0, h - 1, w, 1}}
	switch {
	case l.how == beside:
		l.besides(w, h, s)
	case s.focus == shellPane:
		l.shellAlone(w, h, s)
	default:
		l.textAlone(w, h, s)
	}
	return l
}

func arranged(w, h int, s shape) arrangement {
	switch {
	case w < wideLab || h < highLab:
		if s.zoom {
			return alone
		}
		return tabbed
	case s.zoom:
		return alone
	}
	return beside
}

// frame is the number of horizontal lines around two panes below one another, which share the line between them.
const frame = 3

// besides puts text and shell beside one another. They share the line between them, and with the checks the one below.
func (l *labLayout) besides(w, h int, s shape) {
	lines := max(0, h-2-frame)
	checks := min(max(s.ticks, 1), max(1, lines*2/5))
	if s.prompt > 0 { // the answer field takes its place from the checks, so that the shell stays as it is
		l.prompt = rect{0, h - 1 - s.prompt, w, s.prompt}
		checks -= min(s.prompt, checks-1)
	}
	top := max(0, lines-checks-s.prompt)
	left := splitAt(w, s.split)
	l.text = rect{0, 1, left, top + 2}
	l.shell = rect{left - 1, 1, w - left + 1, top + 2}
	l.checks = rect{0, top + 2, w, checks + 2}
	l.in.text = rect{2, 2, left - 4, top}
	l.in.shell = rect{left + 1, 2, w - left - 2, top}
	l.in.checks = rect{2, top + 3, w - 4, checks}
}

// splitAt is the width of the left pane, with its frame.
func splitAt(w, split int) int {
	return max(minPane, min(w*split/1000, w-minPane))
}

// textAlone gives the text what the checks leave of the screen; it gets at least half of what there is.
func (l *labLayout) textAlone(w, h int, s shape) {
	lines := max(0, h-2-frame-s.prompt)
	checks := min(max(s.checks, 1), max(1, lines-max(minText, lines/2)))
	text := max(0, lines-checks)
	l.text = rect{0, 1, w, text + 2}
	l.checks = rect{0, 1 + text + 1, w, checks + 2}
	l.prompt = rect{0, h - 1 - s.prompt, w, s.prompt}
	l.in.text = rect{2, 2, w - 4, text}
	l.in.checks = rect{2, text + 3, w - 4, checks}
	if l.how == tabbed {
		l.tabs = rect{0, 1, w, 1}
	}
}

// shellAlone gives the shell the whole width: what runs in it was made for 80 columns.
func (l *labLayout) shellAlone(w, h int, s shape) {
	y := 1
	if l.how == tabbed {
		l.tabs = rect{0, 1, w, 1}
		y++
	}
	body := max(0, h-y-2) // the line above the checks, footer
	ticks := min(s.ticks, body/3)
	l.shell = rect{0, y, w, body - ticks}
	l.checks = rect{0, y + body - ticks, w, ticks + 1}
	l.in.shell = l.shell
	l.in.checks = rect{1, y + body - ticks + 1, w - 2, ticks}
}

// listLayout is the course with the selected lab beside or below it, and the environment below both.
type listLayout struct {
	header, list, about, environment, footer rect
	// beside is true where the lab stands beside the course.
	beside bool
}

// wideList is the width from which the selected lab stands beside the course.
const wideList = 120

// minAbout is what is said of a lab at least: how long it takes, what it needs, what it takes over.
const minAbout = 3

// layoutList divides a screen. labs, environment and about are the lines that the three would like to have. Where there
// is not enough for all, the course comes first, what goes on behind it second.
func layoutList(w, h, labs, environment, about int) listLayout {
	l := listLayout{header: rect{0, 0, w, 1}, footer: rect{0, h - 1, w, 1}, beside: w >= wideList}
	lines := max(0, h-2-frame)
	environment = min(environment, max(lines-labs, lines*2/5))
	list := max(0, lines-environment)
	bottom := rect{0, 1 + list + 1, w, environment + 2}
	if l.beside {
		left := min(w*3/5, 110)
		l.list = rect{0, 1, left, list + 2}
		l.about = rect{left - 1, 1, w - left + 1, list + 2}
		l.environment = bottom
		return l
	}
	l.list = rect{0, 1, w, list + 2}
	l.environment = bottom
	l.about.w = w
	// A part of its own costs a line of the frame; for its least, the course is scrolled.
	if rest := min(about, max(list-labs-1, minAbout)); rest > 0 && list-rest-1 >= min(minText, labs) {
		l.list.h = list - rest - 1 + 2
		l.about = rect{0, l.list.y + l.list.h - 1, w, rest + 2}
	}
	return l
}
