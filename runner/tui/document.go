package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/picture"
	"github.com/kubelab/kubelab/runner/session"
)

// document is a step as lines: its prose, its commands, and what the learner asked to see of hints and the solution.
type document struct {
	lines []string
	// commands are what can be run or copied; at are the lines where they stand, ends the lines behind them.
	commands []string
	at, ends []int
	// buttons are the keys below the selected command.
	buttons []button
	// extra is the line where what was asked for last (a hint, the solution) begins, or -1.
	extra int
}

// button is a part of a line that can be clicked: it copies the command, or runs it.
type button struct {
	line, from, to int
	copies         bool
}

// writer builds a document.
type writer struct {
	brush
	text     texts
	markdown *markdown
	width    int
	// selected is the index of the command that the enter key runs.
	selected int
	doc      document
}

// write renders the current step of a session.
func (w *writer) write(v session.View) document {
	w.doc.extra = -1
	step := v.Lab.Steps[v.Step]
	if v.Step == 0 && strings.TrimSpace(v.Lab.Intro) != "" {
		w.block(w.markdown.lines(v.Lab.Intro, w.width)...)
	}
	w.block(w.indent(w.title.Render(fmt.Sprintf("%d. ", v.Step+1)), cleanLine(step.Title), w.width, w.title.Render)...)
	several := countRuns(step) > 1
	for _, part := range step.Parts {
		if part.Run != nil {
			w.command(part.Run.Text, several)
			continue
		}
		w.block(w.markdown.lines(part.Markdown, w.width)...)
	}
	if kind := picture.Kind(step.Picture); kind != "" {
		words := fmt.Sprintf(w.text.pictureHintF, w.text.picture.KindName(kind))
		w.block(w.indent(w.accent.Render("  [v] "), words, w.width, w.theme.text.Render)...)
	}
	for i, q := range v.Steps[v.Step].Questions {
		w.question(q, i, len(v.Steps[v.Step].Questions))
	}
	w.hints(step, v.Hints)
	if v.Solution {
		w.solution(step)
	}
	return w.doc
}

func countRuns(step *labs.Step) (n int) {
	for _, part := range step.Parts {
		if part.Run != nil {
			n++
		}
	}
	return n
}

// block adds lines with an empty line before them.
func (w *writer) block(lines ...string) {
	if len(lines) == 0 {
		return
	}
	if len(w.doc.lines) > 0 {
		w.doc.lines = append(w.doc.lines, "")
	}
	w.doc.lines = append(w.doc.lines, lines...)
}

// command adds a command to type. The selected one says which keys act on it.
func (w *writer) command(text string, several bool) {
	text = strings.Trim(cleanText(text), "\n")
	if text == "" {
		return
	}
	i := len(w.doc.commands)
	style, lead := w.theme.text, "  "
	if i == w.selected {
		style = w.accent
		if several {
			lead = "> "
		}
	}
	mark := style.Render(lead + w.run + " ")
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		lines = append(lines, w.commandLine(mark, line, style.Render)...)
		mark = strings.Repeat(" ", ansi.StringWidth(mark))
	}
	w.block(lines...)
	w.doc.commands = append(w.doc.commands, text)
	w.doc.at = append(w.doc.at, len(w.doc.lines)-len(lines))
	w.doc.ends = append(w.doc.ends, len(w.doc.lines))
	if i == w.selected {
		w.commandKeys(several)
	}
}

// commandKeys adds the line that says which keys act on the selected command.
func (w *writer) commandKeys(several bool) {
	keys := "     "
	add := func(words string, copies bool) {
		from := ansi.StringWidth(keys)
		keys += words
		w.doc.buttons = append(w.doc.buttons, button{len(w.doc.lines), from, ansi.StringWidth(keys), copies})
	}
	add("[enter] "+w.text.runHere, false)
	keys += "   "
	add("[y] "+w.text.copyHere, true)
	if several {
		keys += "   [" + w.safe("←") + " " + w.safe("→") + "]"
	}
	w.doc.lines = append(w.doc.lines, w.faint.Render(fit(keys, w.width, w.ellipsis)))
}

// commandLine draws one line of a command with its own blanks; a line that is too long goes on below.
func (w *writer) commandLine(mark, line string, style func(...string) string) []string {
	lead := ansi.StringWidth(mark)
	blanks := len(line) - len(strings.TrimLeft(line, " "))
	mark += strings.Repeat(" ", min(blanks, w.width/4))
	if extra := ansi.StringWidth(mark) - lead; extra > 0 {
		line = line[blanks:]
	}
	var out []string
	for i, part := range wrap(line, w.width-ansi.StringWidth(mark)) {
		if i > 0 {
			mark = strings.Repeat(" ", ansi.StringWidth(mark))
		}
		out = append(out, mark+style(part))
	}
	return out
}

// question adds a question and its answer; what is said about a wrong one stands among the checks.
func (w *writer) question(q session.QuestionView, i, n int) {
	head := w.accent.Render(fmt.Sprintf(w.text.questionF, i+1, n)) + "  "
	lines := w.indent(head, cleanText(q.Ask), w.width, w.theme.text.Render)
	switch {
	case q.Right:
		lines = append(lines, w.indent("   "+w.pass.Render(w.tick)+" "+w.text.answerGiven+" ", cleanLine(q.Given), w.width, w.theme.text.Render)...)
	case q.Given != "":
		lines = append(lines, w.indent("   "+w.fail.Render(w.cross)+" "+w.text.answerGiven+" ", cleanLine(q.Given), w.width, w.theme.text.Render)...)
	default:
		lines = append(lines, w.faint.Render("   "+w.text.notAnswered))
	}
	w.block(lines...)
}

// hints adds the hints that were asked for.
func (w *writer) hints(step *labs.Step, shown int) {
	for i, hint := range step.Hints[:min(shown, len(step.Hints))] {
		head := w.title.Render(fmt.Sprintf(w.text.hintF, i+1, len(step.Hints))) + "  "
		w.doc.extra = len(w.doc.lines)
		w.block(w.indent(head, strings.TrimSpace(cleanText(hint)), w.width, w.theme.text.Render)...)
	}
}

// solution adds the solution, ready to be run or copied.
func (w *writer) solution(step *labs.Step) {
	w.doc.extra = len(w.doc.lines)
	w.block(w.title.Render(w.text.solution))
	for _, script := range step.Solution {
		w.command(script.Text, true)
	}
}
