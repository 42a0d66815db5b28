//go:build e2e

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kubelab/kubelab/content"
	"github.com/kubelab/kubelab/labs"
)

// TestWalk is a learner in a terminal: a wrong answer and its explanation, a tick, kill -9, and the same step again.
func TestWalk(t *testing.T) {
	state := os.Getenv("KUBELAB_STATE")
	if state == "" {
		t.Skip("KUBELAB_STATE names no state folder of an environment that is up (make e2e sets it)")
	}
	program, err := filepath.Abs("../../bin/kubelab")
	if err != nil {
		t.Fatal(err)
	}
	course, err := labs.Load(content.Korean())
	if err != nil {
		t.Fatal(err)
	}
	lab, _, err := find(course, "hello-container")
	if err != nil {
		t.Fatal(err)
	}
	command := func(args ...string) {
		t.Helper()
		if out, err := exec.Command(program, append([]string{"--state", state}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("kubelab %v: %v\n%s", args, err, out)
		}
	}
	command("reset", lab.ID)
	t.Cleanup(func() { command("reset", lab.ID) })

	for _, size := range [][2]int{{80, 24}, {160, 48}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			command("reset", lab.ID)
			frames := walk(t, program, state, lab, size[0], size[1])
			if file := os.Getenv("KUBELAB_WALK"); file != "" && size[0] == 80 {
				writeWalk(t, file, program, lab, frames)
			}
		})
	}
}

// writeWalk writes the recorded walk as a page. What differs from one run to the next is made the same.
func writeWalk(t *testing.T, file, program string, lab *labs.Lab, frames []frame) {
	t.Helper()
	hexID := regexp.MustCompile(`\b[0-9a-f]{12}(?:[0-9a-f]{52})?\b`)
	var b strings.Builder
	fmt.Fprintf(&b, "# A recorded walk\n\nThe beginning of the lab %s in a terminal of 80 by 24, as `make e2e` walks and records it: a wrong answer and its\n"+
		"explanation, the tick, and the same step again after a kill -9. Identities of containers are written as 0s.\n", lab.ID)
	for _, f := range frames {
		screen := hexID.ReplaceAllStringFunc(strings.TrimRight(f.screen, "\n "), func(id string) string { return strings.Repeat("0", len(id)) })
		screen = strings.ReplaceAll(screen, program, "kubelab")
		fmt.Fprintf(&b, "\n## %s\n\n~~~text\n%s\n~~~\n", f.what, screen)
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

func walk(t *testing.T, program, state string, lab *labs.Lab, width, height int) []frame {
	first, second := lab.Steps[0], lab.Steps[1]
	term := newTmux(t, width, height)
	term.start(program, "--state", state, lab.ID)
	title := first.Checks[0].Title
	term.until("the first step's check is on the screen and evaluated", func(s string) bool { return marked(s, "✗", title) })

	term.keys("s")
	term.until("the shell's prompt", func(s string) bool { return strings.Contains(s, "$") && strings.Contains(s, "ctrl+]") })
	wrong := first.Wrong[0]
	term.typed(wrong.Script.Text)
	term.until("the explanation of the wrong answer", func(s string) bool {
		return strings.Contains(joined(s), joined(wrong.Explanation))
	})
	term.typed(first.Solution[0].Text)
	term.until("the tick", func(s string) bool { return marked(s, "✓", title) })

	term.keys("C-]")
	term.until("the text again", func(s string) bool { return !strings.Contains(s, "ctrl+]") && marked(s, "✓", title) })
	if len(first.Questions) > 0 {
		term.keys("d", "y") // which answers them all
		term.until("the step is done", func(s string) bool { return strings.Contains(s, "이 단계를 마쳤습니다") })
	}
	term.keys("n")
	term.until("the second step", func(s string) bool { return strings.Contains(s, second.Title) })

	term.kill()
	term.start(program, "--state", state)
	term.until("the course after kill -9", func(s string) bool { return strings.Contains(s, lab.Title) && strings.Contains(s, "enter 열기") })
	term.keys("Enter")
	term.until("the same step after kill -9", func(s string) bool { return strings.Contains(s, "2. "+second.Title) && strings.Contains(s, "n 다음") })
	term.keys("p")
	term.until("the tick is still there", func(s string) bool { return marked(s, "✓", title) && !strings.Contains(s, "실습 준비") })
	term.keys("q") // which asks first while the environment is looked after
	asks := func(s string) bool { return strings.Contains(s, "y 예") }
	left := func(s string) bool { return strings.Contains(s, "left with 0") }
	term.until("the question, or the shell of the machine again", func(s string) bool { return asks(s) || left(s) })
	if asks(term.screen()) {
		term.keys("y")
	}
	term.until("the shell of the machine again", left)
	return term.frames
}

// marked finds a check's title behind a mark on one line. A title that the screen cut short counts by its beginning.
func marked(screen, mark, title string) bool {
	for line := range strings.Lines(screen) {
		if strings.Contains(line, mark) && strings.Contains(joined(line), joined(string([]rune(title)[:min(8, len([]rune(title)))]))) {
			return true
		}
	}
	return false
}

// joined takes out what wrapping puts in.
func joined(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \n│┃|─`", r) {
			return -1
		}
		return r
	}, s)
}

// tmux is a terminal with a person in front of it.
type tmux struct {
	t      *testing.T
	socket string
	// frames are what was on the screen whenever something that was waited for had come.
	frames []frame
}

// frame is the screen at a moment, and what had just come about.
type frame struct{ what, screen string }

func newTmux(t *testing.T, width, height int) *tmux {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("tmux is not installed")
	}
	term := &tmux{t: t, socket: filepath.Join(t.TempDir(), "tmux")}
	term.run("-f", "/dev/null", "new-session", "-d", "-x", fmt.Sprint(width), "-y", fmt.Sprint(height), "env", "PS1=", "bash", "--norc", "--noprofile")
	t.Cleanup(func() { _ = exec.Command("tmux", "-S", term.socket, "kill-server").Run() })
	return term
}

func (m *tmux) run(args ...string) string {
	m.t.Helper()
	cmd := exec.Command("tmux", append([]string{"-S", m.socket, "-u"}, args...)...)
	cmd.Env = append(os.Environ(), "LANG=C.UTF-8", "TERM=xterm-256color")
	out, err := cmd.CombinedOutput()
	if err != nil {
		m.t.Fatalf("tmux %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func (m *tmux) start(argv ...string) {
	m.t.Helper()
	m.typed("clear; " + strings.Join(argv, " ") + "; echo left with $?")
}

func (m *tmux) keys(keys ...string) {
	m.t.Helper()
	for _, k := range keys {
		m.run("send-keys", k)
	}
}

func (m *tmux) typed(text string) {
	m.t.Helper()
	m.run("send-keys", "-l", strings.TrimSpace(text))
	m.run("send-keys", "Enter")
}

func (m *tmux) screen() string { return m.run("capture-pane", "-p") }

// kill ends the program in the terminal as a power cut would.
func (m *tmux) kill() {
	m.t.Helper()
	shell := strings.TrimSpace(m.run("display-message", "-p", "#{pane_pid}"))
	out, err := exec.Command("pgrep", "-P", shell, "kubelab").Output()
	if err != nil {
		m.t.Fatalf("find the program below process %s: %v", shell, err)
	}
	if err := exec.Command("kill", append([]string{"-9"}, strings.Fields(string(out))...)...).Run(); err != nil {
		m.t.Fatalf("kill -9: %v", err)
	}
	// The killed program could not put the terminal back: do as a person would.
	m.run("send-keys", "C-c")
	m.typed("stty sane; printf '\\033c'; tput rmcup")
}

// until waits until the screen is as it should be.
func (m *tmux) until(what string, cond func(string) bool) {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for {
		screen := m.screen()
		if cond(screen) {
			m.t.Logf("%s:\n%s", what, screen)
			m.frames = append(m.frames, frame{what, screen})
			return
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			m.t.Fatalf("waited in vain for %s; the screen shows:\n%s", what, screen)
		}
	}
}
