package tui

import (
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/kubelab/kubelab/runner/session"
	"github.com/kubelab/kubelab/runner/shell"
)

func TestRunCommandsInTheShell(t *testing.T) {
	r := inLab(t, 80, 24)
	r.press("enter")
	if want := []string{"kubectl scale rc kubia --replicas=3"}; !slices.Equal(r.lab.ran, want) {
		t.Fatalf("ran %q, want %q", r.lab.ran, want)
	}
	r.sees("셸을 여는 중입니다.")
	r.lab.shell = newFakeShell("learner@kubelab:~$ ")
	signal(r.lab.changed)
	r.settle()
	r.sees("learner@kubelab:~$", "ctrl+] 셸 나가기", "✗ 파드 세 개가 준비됨")
	r.press("ctrl+]")
	r.sees("1. 레플리카 수 늘리기")
	r.press("right", "enter")
	if got := r.lab.ran[1]; !strings.HasPrefix(got, "for i in 1 2 3; do\n  curl") {
		t.Errorf("ran %q, want the second command", got)
	}
	if !r.m.inShell() {
		t.Error("the shell is not shown after a command was run")
	}
}

func TestShellGetsAllKeysButOne(t *testing.T) {
	r := inLab(t, 80, 24)
	r.lab.shell = newFakeShell("$ ")
	signal(r.lab.changed)
	r.settle()
	r.press("s", "q", "?", "n", "ctrl+c", "esc", "tab", "enter", "up", "ㅂ", "space")
	want := []string{"q", "?", "n", "ctrl+c", "esc", "tab", "enter", "up", "ㅂ", "space"}
	if !slices.Equal(r.lab.shell.keys, want) {
		t.Errorf("the shell got %q, want %q", r.lab.shell.keys, want)
	}
	if r.quit || !r.m.inShell() {
		t.Fatal("a key of the shell was taken for one of ours")
	}
	r.send(tea.PasteMsg{Content: "docker ps\ndocker images"})
	if !slices.Equal(r.lab.shell.pasted, []string{"docker ps\ndocker images"}) {
		t.Errorf("pasted %q", r.lab.shell.pasted)
	}
	r.sees("$ q?n") // the echo
	if c := r.m.View().Cursor; c == nil || c.X != 4 || c.Y != 2 {
		t.Errorf("the cursor is at %+v, want the shell's", c)
	}
	r.press("f2")
	if r.m.inShell() {
		t.Error("f2 does not leave the shell")
	}
}

func TestShellScrollsBack(t *testing.T) {
	r := inLab(t, 80, 24)
	r.lab.shell = newFakeShell("$ ")
	r.lab.shell.screen.History = 20
	signal(r.lab.changed)
	r.settle()
	r.press("s")
	r.send(tea.KeyPressMsg{Code: tea.KeyPgUp, Mod: tea.ModShift})
	r.sees("14 lines further up", "↓ 14줄 더")
	if r.m.View().Cursor != nil {
		t.Error("a cursor is shown among old output")
	}
	r.send(tea.KeyPressMsg{Code: tea.KeyPgUp, Mod: tea.ModShift})
	r.sees("20 lines further up")
	signal(r.lab.shell.changed) // new output does not take the old away
	r.settle()
	r.sees("20 lines further up")
	r.send(tea.KeyPressMsg{Code: tea.KeyPgDown, Mod: tea.ModShift})
	r.sees("6 lines further up")
	r.press("l")
	r.sees("$ l")
	if !slices.Equal(r.lab.shell.keys, []string{"l"}) {
		t.Errorf("the shell got %q, want the last key alone", r.lab.shell.keys)
	}
}

func TestShellThatTakesNothing(t *testing.T) {
	r := inLab(t, 100, 24)
	r.lab.shell = newFakeShell("$ ")
	r.lab.shell.err = shell.ErrFull
	signal(r.lab.changed)
	r.settle()
	r.press("s", "l")
	r.sees("입력을 읽지 않습니다")
	r.lab.shell.err = nil
	r.press("l")
	r.misses("입력을 읽지 않습니다")
	r.sees("셸 나가기")
}

func TestShellSizeFollowsTheScreenAndNothingElse(t *testing.T) {
	r := inLab(t, 80, 24)
	r.lab.shell = newFakeShell("$ ")
	signal(r.lab.changed)
	r.settle()
	r.press("s")
	if s := r.lab.shell; s.w != 80 || s.h != 15 {
		t.Errorf("the shell is %dx%d, want 80x15", s.w, s.h)
	}
	r.lab.pass(0)
	r.lab.set(func(v *session.View) { v.Problem = strings.Repeat("아주 긴 소식입니다. ", 30) })
	r.settle()
	if s := r.lab.shell; s.w != 80 || s.h != 15 {
		t.Errorf("the shell is %dx%d after a tick, want the same as before", s.w, s.h)
	}
	r.press("ctrl+]") // behind the text it keeps its size
	if s := r.lab.shell; s.w != 80 || s.h != 15 {
		t.Errorf("the shell is %dx%d behind the text, want the same as before", s.w, s.h)
	}
	r.size(120, 40)
	if s := r.lab.shell; s.w != 62 || s.h != 28 {
		t.Errorf("the shell is %dx%d beside the text, want 62x28", s.w, s.h)
	}
	r.press("Z")
	if s := r.lab.shell; s.w != 120 || s.h != 30 {
		t.Errorf("the large shell is %dx%d, want 120x30", s.w, s.h)
	}
	r.press("ctrl+]", "z") // the text is large: what is not seen is not changed
	if s := r.lab.shell; s.w != 62 || s.h != 28 {
		t.Errorf("the shell is %dx%d behind the large text, want 62x28", s.w, s.h)
	}
}

func TestShellEnds(t *testing.T) {
	r := inLab(t, 80, 24)
	old := newFakeShell("$ exit")
	r.lab.shell = old
	signal(r.lab.changed)
	r.settle()
	r.press("s")
	r.lab.shell = nil
	close(old.done)
	r.settle()
	r.sees("1. 레플리카 수 늘리기", "셸이 끝났습니다.")
	r.lab.shell = newFakeShell("new $ ")
	signal(r.lab.changed)
	r.settle()
	r.press("s")
	r.sees("new $")
}
