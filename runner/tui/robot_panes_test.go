package tui

import (
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/kubelab/kubelab/runner/session"
)

// TestPanesBesideOneAnother walks between text and shell by keys.
func TestPanesBesideOneAnother(t *testing.T) {
	r := withShell(t, 120, 30)
	r.sees("[설명]", "┬─ 셸", "1. 레플리카 수 늘리기", "learner@kubelab:~/11$ kubectl get rc", "✗ 파드 세 개가 준비됨")
	r.press("enter")
	if !slices.Equal(r.lab.ran, []string{"kubectl scale rc kubia --replicas=3"}) || r.m.inShell() {
		t.Errorf("ran %q, in the shell: %v; the shell is in sight, so the keyboard stays", r.lab.ran, r.m.inShell())
	}
	r.press("tab", "n")
	r.sees("─ 설명", "[셸]", "ctrl+] 셸 나가기")
	if !slices.Equal(r.lab.shell.keys, []string{"n"}) || r.lab.view.Step != 0 {
		t.Errorf("the shell got %q, step %d: want n to be typed", r.lab.shell.keys, r.lab.view.Step)
	}
	if c := r.m.View().Cursor; c == nil || c.X != r.m.lab.layout().in.shell.x+4 || c.Y != 9 {
		t.Errorf("the cursor is at %+v, want it in the shell's pane", c)
	}
	r.lab.set(func(v *session.View) { v.Steps[0].Done = true })
	r.settle()
	r.sees("ctrl+]로 나와서 n을 누르면 다음 단계입니다.")
	r.press("f2", "n")
	r.sees("2. 호스트 이름 알아보기", "learner@kubelab:~/11$ kubectl get rc")
	r.press("a")
	r.sees("답 ", "learner@kubelab:~/11$ kubectl get rc")
}

func TestZoomByKeys(t *testing.T) {
	r := withShell(t, 120, 30)
	r.press("z")
	r.sees("[설명]", "z 원래 크기")
	r.misses("learner@kubelab")
	r.press("ㅋ")
	r.sees("[설명]", "learner@kubelab", "z 크게")
	r.press("Z")
	r.misses("설명")
	r.sees("learner@kubelab", "1/3 확인됨")
	if !r.m.inShell() {
		t.Error("the large shell does not have the keyboard")
	}
	r.send(tea.KeyPressMsg{Code: 'z', Mod: tea.ModAlt})
	r.sees("설명", "[셸]", "learner@kubelab")
	r.send(tea.KeyPressMsg{Code: 'ㅋ', Mod: tea.ModAlt})
	r.misses("설명")
	r.press("ctrl+]")
	r.sees("[설명]", "learner@kubelab")
	if len(r.lab.shell.keys) > 0 {
		t.Errorf("the shell got %q of our keys", r.lab.shell.keys)
	}
	r.press("z", "enter") // who runs a command wants to see it
	r.sees("[설명]", "learner@kubelab")
}

func TestSplitByKeys(t *testing.T) {
	r := withShell(t, 120, 30)
	at := func() int { return r.m.lab.layout().text.w }
	first := at()
	r.press(">")
	if at() <= first {
		t.Errorf("the text is %d columns wide and was %d: > makes it wider", at(), first)
	}
	for range 30 {
		r.press("<")
	}
	if at() != minPane {
		t.Errorf("the text is %d columns wide, want no less than %d", at(), minPane)
	}
	if s := r.lab.shell; s.w != 120-minPane-2 {
		t.Errorf("the shell is %d columns wide, want what is left", s.w)
	}
	r.press(">")
	if at() <= minPane {
		t.Error("the first > after the edge does nothing")
	}
	kept := at()
	_, other := newFake()
	r.app.labs["expose"] = other
	r.press("esc", "down", "enter")
	if at() != kept {
		t.Errorf("the next lab has %d columns of text, want the learner's %d", at(), kept)
	}
	r.size(80, 24)
	r.press(">")
	r.sees("나란히 있을 때만")
}

// TestTabsOfASmallScreen holds that the line of tabs says which pane is shown, and that the checks stay below both.
func TestTabsOfASmallScreen(t *testing.T) {
	r := withShell(t, 80, 24)
	r.sees("[설명]─ 셸", "✗ 파드 세 개가 준비됨")
	r.press("tab")
	r.sees("─ 설명 ─[셸]", "✗ 파드 세 개가 준비됨")
	if lines := strings.Count(r.screen(), "\n"); lines != 23 {
		t.Errorf("%d lines, want 24", lines+1)
	}
	r.press("f2")
	r.sees("[설명]─ 셸")
}

// TestScrollOnATinyScreen holds that what is scrolled where nothing can be seen is not above the first line afterwards.
func TestScrollOnATinyScreen(t *testing.T) {
	r := inLab(t, 200, 3)
	r.press("up", "pgup", "up")
	r.screen()
	r.size(80, 24)
	r.sees("[설명]")
}
