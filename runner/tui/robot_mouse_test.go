package tui

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/kubelab/kubelab/runner/session"
	"github.com/kubelab/kubelab/runner/shell"
)

func TestClickMovesTheFocus(t *testing.T) {
	r := withShell(t, 120, 30)
	r.clickOn("learner@kubelab:~/11$ kubectl")
	r.sees("─ 설명", "[셸]")
	r.clickOn("지금은 파드가")
	r.sees("[설명]", "─ 셸")
	r.clickOn(" 셸 ")
	r.sees("[셸]")
	r.clickOn(" 설명 ")
	r.sees("[설명]")
	r.size(80, 24)
	r.clickOn(" 셸 ")
	r.sees("─ 설명 ─[셸]", "learner@kubelab")
	r.clickOn(" 설명 ")
	r.sees("[설명]─ 셸")
	if len(r.copied) > 0 || len(r.lab.ran) > 0 {
		t.Errorf("clicks on panes copied %q and ran %q", r.copied, r.lab.ran)
	}
}

func TestClickWithoutAShell(t *testing.T) {
	r := inLab(t, 120, 30)
	r.clickOn("셸을 여는 중")
	r.clickOn(" 셸 ")
	r.wheel(100, 5, 2)
	r.drag(80, 5, 90, 9)
	if r.m.lab.focus != textPane {
		t.Error("a shell that is not there has the keyboard")
	}
}

func TestDoubleClickOnATitle(t *testing.T) {
	r := withShell(t, 120, 30)
	x, y := r.find(" 셸 ")
	r.click(x+1, y)
	r.pass(2 * doubleClick)
	r.click(x+1, y)
	r.sees("설명") // two clicks, but no double click
	r.click(x+1, y)
	r.misses("설명")
	_, rule := r.find("1/3 확인됨")
	r.click(5, rule)
	r.click(5, rule)
	r.sees("설명", "[셸]")
	r.clickOn(" 설명 ")
	x, y = r.find("[설명]")
	r.click(x+1, y)
	r.misses("learner@kubelab")
}

func TestDragTheDivider(t *testing.T) {
	r := withShell(t, 120, 30)
	x := r.m.lab.layout().shell.x
	for _, to := range []int{70, 45, 60, 61, 62} {
		r.drag(x, 6, to, 9)
		if x = r.m.lab.layout().shell.x; x != to {
			t.Errorf("the line is at %d after it was dragged to %d", x, to)
		}
		if s := r.lab.shell; s.w != 120-to-3 {
			t.Errorf("the shell is %d columns wide, want %d", s.w, 120-to-3)
		}
	}
	r.drag(x, 6, 0, 0)
	r.drag(r.m.lab.layout().shell.x, 6, 500, 500)
	if got := 119 - r.m.lab.layout().shell.x; got != minPane {
		t.Errorf("the shell has %d columns, want no less than %d", got, minPane)
	}
	if len(r.copied) > 0 {
		t.Errorf("dragging the line copied %q", r.copied)
	}
}

func TestClickCommands(t *testing.T) {
	r := withShell(t, 160, 48)
	r.clickOn("▸ for i in")
	if r.m.lab.selected != 1 || len(r.lab.ran) > 0 {
		t.Fatalf("selected %d, ran %q: a click selects", r.m.lab.selected, r.lab.ran)
	}
	x, y := r.find("> ▸ for i in")
	r.click(x+6, y)
	r.click(x+6, y)
	if len(r.lab.ran) != 1 || !strings.HasPrefix(r.lab.ran[0], "for i in") {
		t.Fatalf("a double click ran %q", r.lab.ran)
	}
	r.pass(2 * doubleClick)
	x, y = r.find("▸ kubectl scale")
	r.click(x+3, y) // the text moves below this click, and the second one means the same command
	r.click(x+3, y)
	if len(r.lab.ran) != 2 || r.lab.ran[1] != "kubectl scale rc kubia --replicas=3" {
		t.Fatalf("a double click ran %q", r.lab.ran)
	}
	r.clickOn("[enter] 셸에서")
	if len(r.lab.ran) != 3 || r.lab.ran[2] != "kubectl scale rc kubia --replicas=3" {
		t.Fatalf("the key below the command ran %q", r.lab.ran)
	}
	r.clickOn("[y] 복사")
	if !slices.Equal(r.copied, []string{"kubectl scale rc kubia --replicas=3"}) {
		t.Errorf("copied %q", r.copied)
	}
	if v := r.m.View(); v.MouseMode != tea.MouseModeNone {
		t.Error("the terminal cannot select what is shown to be selected")
	}
	r.press("esc")
	r.lab.set(func(v *session.View) { v.Activity = &session.Activity{Title: "되돌리는 중"} })
	r.settle()
	r.clickOn("[enter] 셸에서")
	r.sees("! 되돌리는 중: 끝나기를 기다리거나")
}

func TestClickTheFooter(t *testing.T) {
	r := withShell(t, 120, 30)
	r.clickOn("n 다음")
	r.sees("2. 호스트 이름 알아보기")
	r.clickOn("p 이전")
	r.clickOn("p 이전")
	r.sees("! 첫 단계입니다.")
	r.clickOn("! 첫")
	r.clickOn("o 해답")
	r.clickOn("다른 키")
	if r.lab.view.Solution {
		t.Error("a click on no is a yes")
	}
	r.clickOn("o 해답")
	r.clickOn("y 예")
	if !r.lab.view.Solution {
		t.Error("a click on yes is not one")
	}
	r.clickOn("s 셸")
	r.clickOn("ctrl+] 셸 나가기")
	r.sees("[설명]")
	r.clickOn("q 끝내기")
	r.clickOn("y 예")
	if !r.quit {
		t.Error("a click on the key does not quit")
	}
}

func TestWheel(t *testing.T) {
	r := withShell(t, 120, 30)
	r.lab.shell.scrollback(longOutput(100)...)
	r.settle()
	shellX := r.m.lab.layout().in.shell.x
	r.wheel(3, 5, 2)
	if r.m.lab.scroll != 2*wheelLines || r.m.lab.screen.Offset != 0 {
		t.Errorf("text at %d, shell at %d: the wheel scrolls what is under it", r.m.lab.scroll, r.m.lab.screen.Offset)
	}
	r.wheel(3, 5, -9)
	r.wheel(shellX, 5, -2)
	if r.m.lab.scroll != 0 || r.m.lab.screen.Offset != 2*wheelLines {
		t.Errorf("text at %d, shell at %d", r.m.lab.scroll, r.m.lab.screen.Offset)
	}
	r.sees("↓ 6줄 더")
	r.wheel(shellX, 5, 5)
	r.misses("줄 더 ─┤\n│ ✗", "↓ 6줄 더")
	r.lab.shell.screen.Alternate = true
	signal(r.lab.shell.changed)
	r.settle()
	r.press("s")
	r.wheel(shellX, 5, 1)
	if !slices.Equal(r.lab.shell.keys, []string{"down", "down", "down"}) {
		t.Errorf("a full-screen program got %q, want arrow keys", r.lab.shell.keys)
	}
	r.press("ctrl+]", "?")
	r.wheel(3, 3, 3)
	if r.m.over() == nil {
		t.Error("the wheel closes the help")
	}
}

func TestMouseOfTheProgram(t *testing.T) {
	r := withShell(t, 120, 30)
	r.lab.shell.screen.Mouse = true
	signal(r.lab.shell.changed)
	r.settle()
	in := r.m.lab.layout().in.shell
	r.click(in.x+4, in.y+2)
	if len(r.lab.shell.mouse) > 0 || !r.m.inShell() {
		t.Fatalf("the first click goes to %v: it moves the focus and no more", r.lab.shell.mouse)
	}
	r.drag(in.x+4, in.y+2, in.x+8, in.y+4)
	r.wheel(in.x, in.y, 1)
	want := []shell.Mouse{
		{X: 4, Y: 2, Button: tea.MouseLeft}, {X: 6, Y: 3, Button: tea.MouseLeft, Action: shell.MouseMove},
		{X: 8, Y: 4, Button: tea.MouseLeft, Action: shell.MouseMove}, {X: 8, Y: 4, Button: tea.MouseLeft, Action: shell.MouseRelease},
		{Button: tea.MouseWheelDown},
	}
	if !slices.Equal(r.lab.shell.mouse, want) {
		t.Errorf("the program got\n%+v, want\n%+v", r.lab.shell.mouse, want)
	}
	r.lab.shell.all = []string{"learner", "NAME", "kubia"}
	r.drag(in.x, in.y, in.x+3, in.y, tea.ModShift)
	if !slices.Equal(r.copied, []string{"lear"}) {
		t.Errorf("with shift, copied %q", r.copied)
	}
}

func TestSelectByMouse(t *testing.T) {
	r := withShell(t, 120, 30)
	lines := longOutput(100)
	r.lab.shell.scrollback(lines...)
	r.settle()
	in := r.m.lab.layout().in.shell
	top := r.m.lab.screen.Top
	r.drag(in.x+1, in.y, in.x+3, in.y) // the second half of 파 to the blank
	if want := []string{"드"}; !slices.Equal(r.copied, want) {
		t.Errorf("copied %q, want %q", r.copied, want)
	}
	r.sees("명령 복사", "드")
	r.press("esc")
	r.copied = nil
	r.drag(in.x+6, in.y+2, in.x+5, in.y) // upwards
	if want := ansi.Strip(lines[top])[len("파드 "):] + "\n"; len(r.copied) != 1 || !strings.HasPrefix(r.copied[0], want) ||
		!strings.HasSuffix(r.copied[0], "\n파드 "+strconv.Itoa(top + 2)[:1]) {
		t.Errorf("copied %q, want it to begin with %q", r.copied, want)
	}
	r.press("esc")
	r.copied = nil
	r.drag(in.x+5, in.y+2, in.x+5, in.y-1) // above the pane: it scrolls
	if r.m.lab.screen.Offset == 0 {
		t.Error("dragging beyond the edge does not scroll")
	}
	r.press("esc")
	r.click(in.x+5, in.y+2)
	if r.m.over() != nil {
		t.Error("a mere click copies")
	}
}
