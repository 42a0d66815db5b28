package tui

import (
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// withOutput is a learner whose shell has printed 200 lines.
func withOutput(t testing.TB, w, h int) *robot {
	r := withShell(t, w, h)
	r.lab.shell.scrollback(longOutput(200)...)
	r.settle()
	return r
}

func TestFindInTheShell(t *testing.T) {
	for _, size := range [][2]int{{120, 30}, {80, 24}} {
		r := withOutput(t, size[0], size[1])
		r.press("ㄹ") // f, with Korean input on
		r.sees("찾기", "[셸]")
		r.typeText("파드 17")
		r.sees("찾기 파드 17", "11/11", "파드 179")
		if c := r.m.View().Cursor; c == nil || c.Y != size[1]-1 || c.X != 1+5+7 {
			t.Errorf("%v: the cursor is at %+v, want it behind the text", size, c)
		}
		for range 2 {
			r.press("up")
		}
		r.sees("9/11", "파드 177")
		r.press("down", "enter")
		r.sees("지난 출력 파드 17 10/11", "n 이전 것(위)")
		r.press("n", "n")
		r.sees("8/11")
		r.send(tea.KeyPressMsg{Code: 'n', Text: "N", ShiftedCode: 'N', Mod: tea.ModShift})
		r.sees("9/11")
		for range 9 {
			r.press("n")
		}
		r.sees("11/11") // round at the top
		r.press("w")
		r.sees("! 지난 출력을 보고 있습니다.")
		r.press("esc")
		r.sees("파드 199", "ctrl+] 셸 나가기")
		if r.m.lab.screen.Offset != 0 || len(r.lab.shell.keys) > 0 {
			t.Errorf("%v: offset %d, the shell got %q", size, r.m.lab.screen.Offset, r.lab.shell.keys)
		}
		r.press("w")
		if !slices.Equal(r.lab.shell.keys, []string{"w"}) {
			t.Errorf("%v: the shell got %q after looking back", size, r.lab.shell.keys)
		}
	}
}

func TestFindNothing(t *testing.T) {
	r := withOutput(t, 120, 30)
	r.press("f")
	r.typeText("없는 글")
	r.sees("없음")
	r.press("enter")
	if r.m.lab.look.reading {
		t.Error("who found nothing is left among old lines")
	}
	r.press("ctrl+]", "f", "esc")
	r.sees("파드 199")
	r.press("ctrl+f")
	if !slices.Equal(r.lab.shell.keys, []string{"ctrl+f"}) {
		t.Errorf("the shell got %q: ctrl+f is its own while nothing is scrolled back", r.lab.shell.keys)
	}
	r.send(tea.KeyPressMsg{Code: tea.KeyPgUp, Mod: tea.ModShift})
	r.press("ctrl+f")
	r.sees("찾기")
	r.send(tea.PasteMsg{Content: "파드 \x1b[31m3"})
	r.sees("찾기 파드 3", "11/11", "파드 39")
	r.press("f2")
	r.sees("[설명]", "파드 199")
}

// TestFoundIsMarked holds that every place in view stands out, the current one most, without colours.
func TestFoundIsMarked(t *testing.T) {
	r := withOutput(t, 120, 30)
	r.press("f")
	r.typeText("Running")
	lines := strings.Split(r.m.View().Content, "\n")
	reversed, underlined := 0, 0
	for _, line := range lines {
		reversed += strings.Count(line, reverseOn+"Running"+reverseOff)
		underlined += strings.Count(line, underlineOn+"Running"+underlineOff)
	}
	if rows := r.m.lab.layout().in.shell.h; reversed != 1 || underlined != rows-1 {
		t.Errorf("%d places reversed and %d underlined on %d lines", reversed, underlined, rows)
	}
}

func TestSelectLinesByKeys(t *testing.T) {
	r := withOutput(t, 120, 30)
	r.press("f")
	r.typeText("파드 150")
	r.press("enter", "v", "j", "j", "y")
	want := make([]string, 3)
	for i := range want {
		want[i] = ansi.Strip(longOutput(200)[150+i])
	}
	if !slices.Equal(r.copied, []string{strings.Join(want, "\n")}) {
		t.Errorf("copied %q, want %q", r.copied, want)
	}
	r.sees("파드 152")
	r.press("esc", "v", "k", "k", "k", "enter")
	if got := strings.Split(r.copied[1], "\n"); len(got) != 4 || !strings.HasPrefix(got[0], "파드 149 ") {
		t.Errorf("upwards, copied %q", got)
	}
	r.press("esc", "g")
	r.sees("파드 0 ")
	r.press("G", "y")
	if got := r.copied[2]; !strings.HasPrefix(got, "파드 199 ") || strings.Contains(got, "\n") {
		t.Errorf("without a selection, copied %q, want the line", got)
	}
}

// TestLinesThatGoOnAreOne copies a command that did not fit into a line.
func TestLinesThatGoOnAreOne(t *testing.T) {
	r := withShell(t, 120, 30)
	w := r.lab.shell.w
	r.lab.shell.scrollback("$ echo "+strings.Repeat("x", w-7), strings.Repeat("y", 10)+"   ", "out")
	r.settle()
	in := r.m.lab.layout().in.shell
	r.drag(in.x+2, in.y, in.x+in.w-1, in.y+2)
	if want := "echo " + strings.Repeat("x", w-7) + strings.Repeat("y", 10) + "\nout"; !slices.Equal(r.copied, []string{want}) {
		t.Errorf("copied %q, want %q", r.copied, want)
	}
}

// TestOldLinesStay holds that output which goes on does not move what the learner reads.
func TestOldLinesStay(t *testing.T) {
	r := withOutput(t, 120, 30)
	r.press("s")
	r.send(tea.KeyPressMsg{Code: tea.KeyPgUp, Mod: tea.ModShift})
	top := r.m.lab.screen.Top
	r.lab.shell.scrollback(longOutput(260)...)
	r.settle()
	if got := r.m.lab.screen.Top; got != top {
		t.Errorf("the first line was %d and is %d", top, got)
	}
	r.sees("↓ 77줄 더") // a page, and what has come
}

func TestHighlight(t *testing.T) {
	for _, c := range []struct {
		line     string
		from, to int
		want     string
	}{
		{"abcdef", 1, 3, "a<bc>def"},
		{"가나다", 2, 4, "가<나>다"},
		{"가나다", 1, 3, "가<나>다"},
		{"가나다", 3, wholeLine, "가나<다>"},
		{"ab\x1b[31mcd\x1b[mef", 1, 5, "a<b\x1b[31m<cd\x1b[m<e>f"},
		{"👨‍👩‍👧x", 0, 2, "<👨‍👩‍👧>x"},
		{"abc", 7, 9, "abc"},
		{"abc", 2, 2, "abc"},
		{"", 0, wholeLine, ""},
	} {
		if got := highlight(c.line, c.from, c.to, "<", ">"); got != c.want {
			t.Errorf("highlight %q from %d to %d: %q, want %q", c.line, c.from, c.to, got, c.want)
		}
	}
}
