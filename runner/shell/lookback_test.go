package shell

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// TestLinesKeepTheirNumbers scrolls lines through a history that forgets, and asks for them by number.
func TestLinesKeepTheirNumbers(t *testing.T) {
	p := newPipe(t, 30, 4)
	for i := range 3000 {
		p.write(fmt.Sprintf("\x1b[32m줄\x1b[m %d\r\n", i))
	}
	s := p.term.snapshot(0)
	if s.Top != 2997 || s.History != 1000 {
		t.Fatalf("the screen begins at line %d with %d before it, want 2997 and 1000", s.Top, s.History)
	}
	sh := &Shell{term: p.term}
	for _, c := range []struct{ line, top int }{{2500, 2500}, {2997, 2997}, {5000, 2997}, {0, 1997}, {-3, 1997}} {
		got := sh.From(c.line)
		if got.Top != c.top || !strings.Contains(got.Lines[0], fmt.Sprint(c.top)) {
			t.Errorf("from line %d: top %d, first line %q; want %d", c.line, got.Top, got.Lines[0], c.top)
		}
		checkScreen(t, got)
	}
	p.write("more\r\nand more\r\n")
	if got := sh.From(2500); got.Top != 2500 || ansi.Strip(got.Lines[0]) != "줄 2500" {
		t.Errorf("after more output line 2500 is %q", got.Lines[0])
	}
	if got := sh.Text(2997, 3002); !slices.Equal(got, []string{"줄 2997", "줄 2998", "줄 2999", "more", "and more"}) {
		t.Errorf("text %q", got)
	}
	if got := sh.Text(0, 2001); len(got) != 2 || got[0] != "줄 1999" {
		t.Errorf("text of forgotten lines: %q", got)
	}
	p.write("\x1b[3J")
	if got := p.term.snapshot(0); got.Top != 2999 || ansi.Strip(got.Lines[0]) != "줄 2999" {
		t.Errorf("after the history was cleared, line %d is %q", got.Top, got.Lines[0])
	}
}

func findIn(p *pipe, text string) []Match {
	first, lines := p.term.allLines()
	return find(lines, first, text)
}

func TestFind(t *testing.T) {
	p := newPipe(t, 20, 3)
	p.write("파드 Kubia와 \x1b[31mku\x1b[mbia kubia\r\nnothing\r\nKUBIA\r\n끝 kubia$ ")
	for _, c := range []struct {
		text string
		want []Match
	}{
		{"kubia", []Match{{0, 5, 10}, {0, 13, 18}, {3, 0, 5}, {4, 3, 8}}}, // the third of the first line is cut by its end
		{"Kubia", []Match{{0, 5, 10}}},
		{"와 k", []Match{{0, 10, 14}}},
		{"kk", nil},
		{"", nil},
	} {
		if got := findIn(p, c.text); !slices.Equal(got, c.want) {
			t.Errorf("find %q: %v, want %v", c.text, got, c.want)
		}
	}
	for range 2 * MaxMatches {
		p.write("eee\r\n")
	}
	got := findIn(p, "e")
	if len(got) > MaxMatches || got[len(got)-1].Line != p.term.history.newest()+1 {
		t.Errorf("%d matches, the last at %v; want the newest", len(got), got[len(got)-1])
	}
}

func TestMouseReports(t *testing.T) {
	press := Mouse{X: 4, Y: 2, Button: ansi.MouseLeft}
	release := Mouse{X: 4, Y: 2, Button: ansi.MouseLeft, Action: MouseRelease}
	drag := Mouse{X: 5, Y: 2, Button: ansi.MouseLeft, Action: MouseMove}
	hover := Mouse{X: 5, Y: 2, Action: MouseMove}
	wheel := Mouse{X: 0, Y: 0, Button: ansi.MouseWheelDown, Ctrl: true}
	outside := Mouse{X: 300, Y: 2, Button: ansi.MouseLeft}
	for _, c := range []struct {
		modes string
		want  []string
	}{
		{"", []string{"", "", "", "", "", ""}},
		{"\x1b[?9h", []string{"\x1b[M %#", "", "", "", "\x1b[Mq!!", ""}},
		{"\x1b[?1000h", []string{"\x1b[M %#", "\x1b[M#%#", "", "", "\x1b[Mq!!", ""}},
		{"\x1b[?1002h\x1b[?1006h", []string{"\x1b[<0;5;3M", "\x1b[<0;5;3m", "\x1b[<32;6;3M", "", "\x1b[<81;1;1M", ""}},
		{"\x1b[?1003;1006h", []string{"\x1b[<0;5;3M", "\x1b[<0;5;3m", "\x1b[<32;6;3M", "\x1b[<35;6;3M", "\x1b[<81;1;1M", ""}},
		{"\x1b[?1003;1006h\x1b[?1003l", []string{"", "", "", "", "", ""}},
	} {
		p := newPipe(t, 250, 10)
		p.write(c.modes)
		if got := p.term.snapshot(0).Mouse; got != (c.want[0] != "") {
			t.Errorf("%q: the mouse is wanted: %v", c.modes, got)
		}
		for i, m := range []Mouse{press, release, drag, hover, wheel, outside} {
			if got := p.term.encodeMouse(m); got != c.want[i] {
				t.Errorf("%q: %+v is %q, want %q", c.modes, m, got, c.want[i])
			}
		}
	}
	p := newPipe(t, 250, 10)
	p.write("\x1b[?1000h")
	if got := p.term.encodeMouse(Mouse{X: 200, Y: 2, Button: ansi.MouseLeft}); got != "\x1b[M \xe9#" {
		t.Errorf("column 200 is %q, want one byte", got)
	}
	if got := p.term.encodeMouse(Mouse{X: 230, Y: 2, Button: ansi.MouseLeft}); got != "" {
		t.Errorf("column 230, which has no byte, is %q", got)
	}
	p.term.tidy()
	if p.term.mouseWanted() {
		t.Error("the mouse is wanted by a program that has ended")
	}
}

func BenchmarkFind(b *testing.B) {
	p := newPipe(b, 120, 40)
	p.term.history.max = 10000
	for i := range 10100 {
		p.write(fmt.Sprintf("\x1b[32mkubia-%d\x1b[m   1/1   Running   0   4분   10.244.1.7   kubelab-worker2   <none>\r\n", i))
	}
	for _, text := range []string{"e", "kubia-77", "없는 글"} {
		b.Run(text, func(b *testing.B) {
			for b.Loop() {
				findIn(p, text)
			}
		})
	}
}
