package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/kubelab/kubelab/runner/session"
)

// detail says how much is written about checks; a pane takes the highest that has room.
type detail int

const (
	oneLine    detail = iota // titles and what was seen, cut to the line
	firstOnly                // and why the first failing one fails
	everything               // all of it
)

// checkPane draws the checks and questions of a step.
type checkPane struct {
	brush
	text texts
	// flash holds the keys (see checkKey) of what has changed just now.
	flash map[string]bool
}

// checkKey and questionKey name what can flash.
func checkKey(i int) string    { return fmt.Sprint("check ", i) }
func questionKey(i int) string { return fmt.Sprint("question ", i) }

// fitting returns the most detailed lines that fit into rows; where not even the shortest do, the last line says how
// much is missing.
func (c checkPane) fitting(st session.StepView, width, rows int) []string {
	var lines []string
	for d := everything; d >= oneLine; d-- {
		lines = c.lines(st, width, d)
		if len(lines) <= rows {
			return lines
		}
	}
	if rows <= 0 {
		return nil
	}
	more := fmt.Sprintf(c.text.moreF, len(lines)-rows+1)
	return append(lines[:rows-1:rows-1], c.faint.Render(more))
}

// lines draws every check and question of a step.
func (c checkPane) lines(st session.StepView, width int, d detail) []string {
	var out []string
	told := false
	for i, check := range st.Checks {
		explain := d == everything || d == firstOnly && !told
		if failing(check) {
			told = true
		}
		out = append(out, c.check(check, width, d, explain, c.flash[checkKey(i)])...)
	}
	for i, q := range st.Questions {
		out = append(out, c.question(q, i, len(st.Questions), width, d, c.flash[questionKey(i)])...)
	}
	return out
}

// failing reports whether a check has a failure to explain.
func failing(c session.CheckView) bool {
	return !c.Passed && !c.Result.Pending && !c.Result.Passed && c.Result.Explanation != ""
}

// check draws one check: its sign and title, what was seen beside it or below it, and the explanation.
func (c checkPane) check(v session.CheckView, width int, d detail, explain, flash bool) []string {
	sign, style := c.faint.Render(c.pending), c.theme.text
	switch {
	case v.Passed:
		sign = c.pass.Render(c.tick)
	case failing(v):
		sign = c.fail.Render(c.cross)
	}
	if flash {
		style = c.theme.flash
		sign = style.Render(ansi.Strip(sign))
	}
	seen := c.seen(v)
	title := c.safe(cleanLine(v.Title))
	if d == oneLine {
		line := sign + " " + style.Render(title)
		if seen != "" {
			line += "  " + c.faint.Render(seen)
		}
		return []string{fit(line, width, c.ellipsis)}
	}
	const gap, column = 2, 28
	var out []string
	at := max(column, ansi.StringWidth(title)+gap)
	switch {
	case seen == "":
		out = c.indent(sign+" ", title, width, style.Render)
	case 2+at+ansi.StringWidth(seen) <= width:
		blank := strings.Repeat(" ", at-ansi.StringWidth(title))
		out = []string{sign + " " + style.Render(title) + blank + c.faint.Render(seen)}
	default:
		out = c.indent(sign+" ", title, width, style.Render)
		out = append(out, c.indent("   ", seen, width, c.faint.Render)...)
	}
	if why := c.why(v); explain && why != "" {
		out = append(out, c.indent("   ", why, width, c.theme.text.Render)...)
	}
	return out
}

// seen is what was observed, beside what was expected where the two differ.
func (c checkPane) seen(v session.CheckView) string {
	observed, expected := c.safe(cleanLine(v.Result.Observed)), c.safe(cleanLine(v.Result.Expected))
	if v.Result.Pending {
		return ""
	}
	if v.Result.Passed || observed == "" {
		return observed
	}
	seen := fmt.Sprintf(c.text.observedF, observed)
	if expected != "" && expected != c.safe(cleanLine(v.Title)) {
		seen += " " + c.middot + " " + fmt.Sprintf(c.text.expectedF, expected)
	}
	return seen
}

// why is the explanation under a check.
func (c checkPane) why(v session.CheckView) string {
	why := strings.TrimSpace(cleanText(v.Result.Explanation))
	switch {
	case v.Passed && (v.Result.Passed || v.Result.Pending || v.Result.Expected == ""):
		return ""
	case v.Passed:
		return strings.TrimSpace(c.text.since + " " + why)
	}
	return why
}

// question draws one question in the list of what is to be done; its answer is given elsewhere.
func (c checkPane) question(q session.QuestionView, i, n, width int, d detail, flash bool) []string {
	sign, style := c.faint.Render(c.pending), c.theme.text
	switch {
	case q.Right:
		sign = c.pass.Render(c.tick)
	case q.Given != "":
		sign = c.fail.Render(c.cross)
	}
	if flash {
		style = c.theme.flash
		sign = style.Render(ansi.Strip(sign))
	}
	title := fmt.Sprintf(c.text.questionF, i+1, n) + "  " + c.safe(cleanLine(q.Ask))
	if q.Given != "" {
		title += "  " + c.text.answerGiven + " " + c.safe(cleanLine(q.Given))
	}
	if d == oneLine {
		return []string{fit(sign+" "+style.Render(title), width, c.ellipsis)}
	}
	out := c.indent(sign+" ", title, width, style.Render)
	if feedback := strings.TrimSpace(cleanText(q.Feedback)); d == everything && !q.Right && feedback != "" {
		out = append(out, c.indent("   ", feedback, width, c.theme.text.Render)...)
	}
	return out
}
