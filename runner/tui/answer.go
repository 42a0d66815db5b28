package tui

import (
	"fmt"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/kubelab/kubelab/runner/session"
)

// answerField is the field in which the learner answers a question. It lies between the checks and the footer.
type answerField struct {
	open     bool
	question int
	input    textinput.Model
}

// start opens the field at the first question that is not answered yet.
func (a *answerField) start(questions []session.QuestionView, prompt string, width int) tea.Cmd {
	a.open, a.question = true, 0
	for i, q := range questions {
		if !q.Right {
			a.question = i
			break
		}
	}
	a.input = newField(prompt, width)
	a.setWidth(width)
	return a.input.Focus()
}

func (a *answerField) close() { a.open = false }

// setWidth gives the field the width of the screen.
func (a *answerField) setWidth(w int) {
	if a.open {
		a.input.SetWidth(max(4, w-4-ansi.StringWidth(a.input.Prompt)))
	}
}

// height is the number of lines that the field takes.
func (a *answerField) height() int {
	if !a.open {
		return 0
	}
	return 2
}

// move goes to another question that is not answered yet.
func (a *answerField) move(d int, questions []session.QuestionView) {
	n := len(questions)
	for i := 1; i <= n; i++ {
		next := ((a.question+d*i)%n + n) % n
		if !questions[next].Right {
			if next != a.question {
				a.input.SetValue("")
			}
			a.question = next
			return
		}
	}
}

// follow goes on to the next question once one is answered, and closes the field after the last.
func (a *answerField) follow(questions []session.QuestionView) {
	if !a.open || a.question < len(questions) && !questions[a.question].Right {
		return
	}
	a.input.SetValue("")
	for i, q := range questions {
		if !q.Right {
			a.question = i
			return
		}
	}
	a.close()
}

// draw returns the field's lines: the question and what is being answered.
func (a *answerField) draw(b brush, t texts, questions []session.QuestionView, w int) []string {
	if !a.open || a.question >= len(questions) {
		return nil
	}
	q := questions[a.question]
	head := fmt.Sprintf(t.questionF, a.question+1, len(questions)) + "  " + b.safe(cleanLine(q.Ask))
	return []string{
		" " + b.accent.Render(fit(head, w-2, b.ellipsis)),
		" " + fit(a.input.View(), w-2, ""),
	}
}

// cursor is the place of the terminal's cursor within the field's own lines.
func (a *answerField) cursor() *tea.Cursor { return tea.NewCursor(1+fieldColumn(a.input), 1) }
