//go:build e2e

package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/kubelab/kubelab/content"
	"github.com/kubelab/kubelab/labs"
)

// TestE2ELabs does two whole labs by keys alone: in each step a hint, a wrong answer with its explanation, the way back
// to the step's beginning, a wrong answer to a question, and the solution.
func TestE2ELabs(t *testing.T) {
	m := newMachine(t)
	course, err := labs.Load(content.Korean())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		id            string
		width, height int
	}{{"hello-container", 80, 24}, {"scale-out", 160, 48}} {
		t.Run(c.id, func(t *testing.T) {
			m := *m
			m.t = t
			lab, _, err := find(course, c.id)
			if err != nil {
				t.Fatal(err)
			}
			m.kubelab("reset", lab.ID)
			t.Cleanup(func() { m.kubelab("reset", lab.ID) })
			before := m.inventory(lab.Requires())
			term := newTmux(t, c.width, c.height)
			term.start(m.program, "--state", m.state, lab.ID)
			for i := range lab.Steps {
				doStep(t, term, lab, i)
			}
			term.until("the summary", func(s string) bool {
				return strings.Contains(s, "돌아보기: ") && strings.Contains(s, "실습을 마쳤습니다")
			})
			term.keys("Escape")
			term.until("the lab again", func(s string) bool { return strings.Contains(s, "실습을 모두 마쳤습니다") })
			term.keys("Escape")
			term.until("the course", func(s string) bool { return strings.Contains(s, "열기") })
			term.keys("q")
			term.until("the shell of the machine again", func(s string) bool { return strings.Contains(s, "left with 0") })
			m.kubelab("reset", lab.ID)
			m.until("the environment is what it was before", func() []string { return changed(before, m.inventory(lab.Requires())) })
		})
	}
}

// doStep does one step, and leaves the screen at the next one.
func doStep(t *testing.T, term *tmux, lab *labs.Lab, i int) {
	t.Helper()
	step := lab.Steps[i]
	term.until("the step "+step.ID, func(s string) bool {
		if i == 0 { // its title may stand below a long introduction
			return marked(s, "✗", step.Checks[0].Title) && !strings.Contains(s, "실습 준비")
		}
		return strings.Contains(s, step.Title)
	})
	term.keys("h")
	term.until("a hint", func(s string) bool { return strings.Contains(s, "힌트 1/") })
	if len(step.Wrong) > 0 {
		wrong := step.Wrong[0]
		typeAll(t, term, []labs.Script{wrong.Script})
		term.until("the explanation of the wrong answer", func(s string) bool { return strings.Contains(joined(s), joined(wrong.Explanation)) })
		term.keys("t")
		term.until("the question", func(s string) bool { return strings.Contains(s, "단계의 처음으로 되돌릴까요?") })
		term.keys("y")
		term.until("the step's beginning", func(s string) bool { return strings.Contains(s, "의 처음입니다") })
	}
	if len(step.Questions) > 0 {
		term.keys("a")
		term.until("the answer field", func(s string) bool { return strings.Contains(s, "다른 질문") })
		term.typed("아직 모릅니다")
		term.until("the answer is wrong", func(s string) bool { return strings.Contains(joined(s), joined("✗ 질문")) })
		term.keys("Escape")
		term.until("the answer field is gone", func(s string) bool { return !strings.Contains(s, "다른 질문") })
	}
	typeAll(t, term, step.Solution)
	done := func(s string) bool {
		return strings.Contains(s, "단계를 마쳤습니다") || strings.Contains(s, "실습을 마쳤습니다")
	}
	if len(step.Questions) > 0 {
		term.keys("d", "y")
	}
	term.until("the step is done", done)
	if i < len(lab.Steps)-1 {
		term.keys("n")
	}
}

// typeAll types scripts into the shell, statement by statement.
func typeAll(t *testing.T, term *tmux, scripts []labs.Script) {
	t.Helper()
	term.keys("s")
	term.until("the shell", func(s string) bool { return strings.Contains(s, "ctrl+]") })
	for _, script := range scripts {
		statements, err := labs.Statements(script.Text)
		if err != nil {
			t.Fatal(err)
		}
		for _, statement := range statements {
			term.until("the prompt", atPrompt)
			before := shellText(term.screen())
			term.typed(statement)
			term.until("what was typed", func(s string) bool { return shellText(s) != before })
		}
	}
	term.until("the prompt", atPrompt)
	term.keys("C-]")
	term.until("the text", func(s string) bool { return !strings.Contains(s, "ctrl+]") })
}

// atPrompt finds a prompt with nothing behind it on the lowest line of the shell that is not empty.
func atPrompt(screen string) bool {
	text := strings.TrimRight(shellText(screen), "\n")
	last := text[strings.LastIndex(text, "\n")+1:]
	return strings.HasPrefix(last, "learner@kubelab:") && strings.HasSuffix(last, "$")
}

// shellText is what the shell shows, without what stands around it.
func shellText(screen string) string {
	var b strings.Builder
	left := 0 // where the shell begins
	for line := range strings.Lines(screen) {
		line = strings.TrimRight(line, "\n")
		if strings.Contains(line, "─ 확인 ") {
			break
		}
		if before, _, ok := strings.Cut(line, "┬"); ok {
			left = ansi.StringWidth(before) + 1
		}
		fmt.Fprintln(&b, strings.Trim(ansi.Cut(line, left, ansi.StringWidth(line)), "│ "))
	}
	return b.String()
}
