package tui

import (
	"fmt"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/kubelab/kubelab/labs/search"
	"github.com/kubelab/kubelab/runner/session"
)

// questionsOverlay lists the questions of the open lab, so that they are found again.
type questionsOverlay struct{ menu menu }

// asked is a question of the open lab and where it stands.
type asked struct {
	session.QuestionView
	step int
}

func (p *labPane) questions() []asked {
	var out []asked
	for i, st := range p.view.Steps {
		for _, q := range st.Questions {
			out = append(out, asked{q, i})
		}
	}
	return out
}

// openQuestions shows the questions, at the first that is open in the present step or after it.
func (m *Model) openQuestions() tea.Cmd {
	o := &questionsOverlay{}
	for i, q := range m.lab.questions() {
		if !q.Right && q.step >= m.lab.view.Step {
			o.menu.selected = i
			break
		}
	}
	return m.lay(o)
}

func (p *labPane) refuseQuestions() string {
	if !p.loaded {
		return p.text.refusals.loading
	}
	if len(p.questions()) == 0 {
		return p.text.over.noQuestionsInLab
	}
	return ""
}

func (o *questionsOverlay) entries(m *Model) []entry {
	var out []entry
	for _, q := range m.lab.questions() {
		sign := m.pending
		switch {
		case q.Right:
			sign = m.glyphs.tick
		case q.Given != "":
			sign = m.cross
		}
		tail := "  " + m.faint.Render(fmt.Sprintf(m.text.over.stepNumberF, q.step+1))
		out = append(out, entry{title: sign + " " + m.safe(cleanLine(q.Ask)), tail: tail})
	}
	return out
}

func (o *questionsOverlay) key(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	msg = latin(msg)
	all := m.lab.questions()
	switch {
	case len(all) == 0 || key.Matches(msg, m.keys.cancel, m.keys.quit, m.keys.questions):
		return m.lift()
	case key.Matches(msg, m.keys.submit):
		return m.visit(search.Place{Lab: m.lab.id, Step: all[min(o.menu.selected, len(all)-1)].step})
	}
	o.menu.key(m.keys, msg, o.entries(m), false)
	return nil
}

func (o *questionsOverlay) draw(m *Model) []string {
	all, right := m.lab.questions(), 0
	for _, q := range all {
		if q.Right {
			right++
		}
	}
	o.menu.settle(o.entries(m))
	title := m.text.over.questions + " " + fmt.Sprintf(m.text.stepF, right, len(all))
	return m.drawSheet(&o.menu, o.entries(m), title, m.text.over.question, func(w, _ int) []string {
		if len(all) == 0 {
			return nil
		}
		q := all[o.menu.selected]
		out := append(m.paragraphs(w, q.Ask), "")
		switch {
		case q.Right:
			out = append(out, m.indent(m.pass.Render(m.glyphs.tick)+" "+m.text.answerGiven+" ", cleanLine(q.Given), w, m.theme.text.Render)...)
		case q.Given != "":
			out = append(out, m.indent(m.fail.Render(m.cross)+" "+m.text.answerGiven+" ", cleanLine(q.Given), w, m.theme.text.Render)...)
			out = append(out, m.paragraphs(w, q.Feedback)...)
		default:
			out = append(out, m.faint.Render(m.text.over.notAnsweredYet))
		}
		return append(out, m.faint.Render(fit(m.stepTitle(search.Place{Lab: m.lab.id, Step: q.step}), w, m.ellipsis)))
	}, m.text.over.questionKeys)
}
