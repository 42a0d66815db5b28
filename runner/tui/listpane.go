package tui

import (
	"fmt"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/session"
)

// listPane is the course: its labs and the environment they run in.
type listPane struct {
	brush
	text     texts
	selected int
}

// move selects another lab.
func (l *listPane) move(d, n int) { l.selected = max(0, min(l.selected+d, n-1)) }

// selectLab selects a lab by its ID, where there is such a lab.
func (l *listPane) selectLab(course *labs.Course, id string) {
	for i, lab := range course.Labs {
		if lab.ID == id {
			l.selected = i
		}
	}
}

// draw returns the lines between the header and the footer.
func (l *listPane) draw(course *labs.Course, o Overview, now time.Time, w, h int) []string {
	// The width of the environment's lines depends on the layout and its number of lines on its width.
	inner := layoutList(w, h, 0, 0, 0).environment.w - 4
	env := l.environment(o.Environment, now, inner)
	about, title := l.aboutSelected(course, o, layoutList(w, h, 0, 0, 0).about.w-4)
	lay := layoutList(w, h, len(course.Labs), len(env), len(about))
	list := section{title: l.safe(cleanLine(course.Title)), rows: max(0, lay.list.h-2)}
	list.lines = l.rows(course, o, lay.list.w-4, list.rows)
	below := section{title: l.environmentTitle(o.Environment), rows: max(0, lay.environment.h-2)}
	below.lines = l.cutTo(env, below.rows)
	detail := section{title: title, rows: max(0, lay.about.h-2)}
	detail.lines, detail.mark = about, l.more(len(about)-detail.rows)
	switch {
	case lay.beside:
		return l.besideAbove(w, lay.list.w, list, detail, below)
	case lay.about.h == 0:
		return l.stack(w, list, below)
	}
	return l.stack(w, list, detail, below)
}

// aboutSelected says what the selected lab is, under its title.
func (l *listPane) aboutSelected(course *labs.Course, o Overview, w int) (lines []string, title string) {
	if l.selected >= len(course.Labs) {
		return nil, ""
	}
	lab := course.Labs[l.selected]
	return l.about(course, lab, o, w), fmt.Sprintf("%d %s", l.selected+1, l.safe(cleanLine(lab.Title)))
}

// more says how many lines there are below, or nothing.
func (l *listPane) more(below int) string {
	if below <= 0 {
		return ""
	}
	return l.scroll + " " + fmt.Sprintf(l.text.scrollF, below)
}

// cutTo keeps the first rows lines and says how many are missing.
func (l *listPane) cutTo(lines []string, rows int) []string {
	if len(lines) <= rows || rows < 1 {
		return lines[:min(len(lines), max(0, rows))]
	}
	more := l.faint.Render(fmt.Sprintf(l.text.scrollF, len(lines)-rows+1))
	return append(lines[:rows-1:rows-1], more)
}

// rows are the labs around the selected one.
func (l *listPane) rows(course *labs.Course, o Overview, w, rows int) []string {
	if len(course.Labs) == 0 {
		return []string{l.text.noLabs}
	}
	top := max(0, min(l.selected-rows/2, len(course.Labs)-rows))
	title, spentWidth := 0, 0
	for _, lab := range course.Labs {
		spentWidth = max(spentWidth, ansi.StringWidth(l.spent(o.Labs[lab.ID].Record.Spent)))
		title = max(title, ansi.StringWidth(l.safe(cleanLine(lab.Title))))
	}
	var heads []string
	var facts, waits, what []string
	for i := top; i < len(course.Labs) && len(heads) < rows; i++ {
		lab := course.Labs[i]
		heads = append(heads, l.head(i, lab, o, min(title, max(8, w-20))))
		spent := l.faint.Render(pad(l.spent(o.Labs[lab.ID].Record.Spent), spentWidth, ""))
		facts = append(facts, pad(l.faint.Render(fmt.Sprintf("  %-7s "+l.text.minutesF, cleanLine(lab.Section), lab.Minutes)), 16, "")+
			spent)
		short, long := l.waits(lab, o)
		waits, what = append(waits, short), append(what, long)
	}
	return l.tails(heads, facts, waits, what, w)
}

// tails puts as much behind the labs' titles as fits.
func (l *listPane) tails(heads, facts, waits, what []string, w int) []string {
	none := make([]string, len(heads))
	// What does not fit is left out of all rows, the least important first.
	for _, tails := range [][2][]string{{facts, what}, {facts, waits}, {none, waits}, {none, none}} {
		out, fits := make([]string, len(heads)), true
		for i, head := range heads {
			out[i] = head + tails[0][i] + tails[1][i]
			fits = fits && ansi.StringWidth(out[i]) <= w
		}
		if fits {
			return out
		}
	}
	return heads
}

// head is a lab's title and how far the learner came in it.
func (l *listPane) head(i int, lab *labs.Lab, o Overview, title int) string {
	mark, style := "  ", l.theme.text
	if i == l.selected {
		mark, style = l.accent.Render(l.run+" "), l.theme.selected
	}
	head := mark + style.Render(fmt.Sprintf("%2d %s", i+1, pad(l.safe(cleanLine(lab.Title)), title, l.ellipsis)))
	return head + "  " + pad(l.progress(lab, o), 6, "")
}

// waits says that a lab waits for the environment, briefly and with what it waits for.
func (l *listPane) waits(lab *labs.Lab, o Overview) (short, long string) {
	missing := missing(lab, o.Environment)
	if len(missing) == 0 || finished(lab, o.Labs[lab.ID]) {
		return "", ""
	}
	short = " " + l.hollow + " " + l.text.preparing
	return short, short + ": " + l.text.capabilityList(missing)
}

// missing is what a lab needs and the environment cannot do yet.
func missing(lab *labs.Lab, env Environment) []engine.Capability {
	var out []engine.Capability
	for _, need := range lab.Requires() {
		if c := engine.Capability(need); !env.Has[c] {
			out = append(out, c)
		}
	}
	return out
}

func (l *listPane) environmentTitle(env Environment) string {
	title := l.text.environment
	if name := cleanLine(env.Engine); name != "" {
		title += " " + name
	}
	if env.Simulated {
		title += " (" + l.text.simulated + ")"
	}
	return title
}

// environment is the state of the environment, what is wrong and what is being done first.
func (l *listPane) environment(env Environment, now time.Time, w int) []string {
	var out []string
	if broken := cleanText(env.Broken); broken != "" {
		out = append(out, l.indent(l.fail.Render(l.cross+" "), broken, w, l.theme.text.Render)...)
	}
	for _, severity := range []engine.Severity{engine.Fatal, engine.Warning} {
		for _, f := range env.Findings {
			switch {
			case f.Severity != severity:
			case severity == engine.Fatal:
				out = append(out, l.finding(f, w)...)
			default: // what can be lived with is told in a line; the rest of it is a key away
				out = append(out, fit("! "+l.safe(cleanLine(f.Saw)), w, l.ellipsis))
			}
		}
	}
	done := 0
	for _, s := range env.Steps {
		switch s.Status {
		case engine.Running, engine.Failed:
			out = append(out, l.step(s, now, w)...)
		case engine.Done:
			done++
		}
	}
	quiet := len(out) == 0
	switch {
	case quiet && done > 0:
		out = append(out, l.pass.Render(l.tick)+" "+l.text.environmentReady)
	case done > 0:
		out = append(out, l.pass.Render(l.tick)+" "+fmt.Sprintf(l.text.workDoneF, done))
	case quiet:
		out = append(out, l.faint.Render(l.text.environmentStarting))
	}
	return out
}

// finding is what preflight saw: what was seen, what is needed, what to try.
func (l *listPane) finding(f engine.Finding, w int) []string {
	sign := "! "
	if f.Severity == engine.Fatal {
		sign = l.fail.Render(l.cross + " ")
	}
	out := l.indent(sign, cleanLine(f.Saw), w, l.theme.text.Render)
	if want := cleanLine(f.Want); want != "" {
		out = append(out, l.indent("  ", want, w, l.faint.Render)...)
	}
	if try := cleanLine(f.Try); try != "" {
		out = append(out, l.indent("  "+l.text.tryWord+" ", try, w, l.accent.Render)...)
	}
	return out
}

// step is one step of the background work: its title and times, and its newest line.
func (l *listPane) step(s session.EnvironmentStep, now time.Time, w int) []string {
	sign := l.accent.Render(l.dot) + " "
	if s.Status == engine.Failed {
		sign = l.fail.Render(l.cross) + " "
	}
	out := []string{l.spread(w, sign+l.safe(cleanLine(s.Title)), l.faint.Render(l.times(s, now)))}
	detail := cleanLine(s.Detail)
	if s.Err != nil {
		return append(out, l.indent("  ", cleanLine(s.Err.Error()), w, l.theme.text.Render)...)
	}
	if detail != "" {
		out = append(out, "  "+l.faint.Render(fit(l.safe(detail), w-2, l.ellipsis)))
	}
	return out
}

// duration is d in words, whole seconds.
func (l *listPane) duration(d time.Duration) string {
	s := int(d / time.Second)
	if s < 60 {
		return fmt.Sprintf(l.text.secondsF, s)
	}
	return fmt.Sprintf(l.text.clockF, s/60, s%60)
}

// courseDone counts the labs that are finished.
func (l *listPane) courseDone(course *labs.Course, o Overview) (done int) {
	for _, lab := range course.Labs {
		if finished(lab, o.Labs[lab.ID]) {
			done++
		}
	}
	return done
}
