package tui

import (
	"strings"
	"testing"
)

// draw fills rectangles with letters, so that a layout can be read. A cell that two panes share is a plus sign.
func draw(w, h int, rects map[byte]rect) string {
	grid := make([][]byte, h)
	for y := range grid {
		grid[y] = []byte(strings.Repeat(".", w))
	}
	for letter, r := range rects {
		for y := r.y; y < r.y+r.h; y++ {
			for x := r.x; x < r.x+r.w; x++ {
				if grid[y][x] == '.' {
					grid[y][x] = letter
				} else {
					grid[y][x] = '+'
				}
			}
		}
	}
	var b strings.Builder
	for _, row := range grid {
		b.Write(row)
		b.WriteByte('\n')
	}
	return b.String()
}

func TestLayoutLab(t *testing.T) {
	for _, c := range []struct {
		name string
		w, h int
		s    shape
		want string
	}{
		{"few checks leave the rest to the text", 10, 14, shape{checks: 2}, `
hhhhhhhhhh
TTTTTTTTTT
tttttttttt
tttttttttt
tttttttttt
tttttttttt
tttttttttt
tttttttttt
tttttttttt
++++++++++
cccccccccc
cccccccccc
cccccccccc
ffffffffff
`},
		{"many checks take no more than half", 10, 16, shape{checks: 40, zoom: true}, `
hhhhhhhhhh
tttttttttt
tttttttttt
tttttttttt
tttttttttt
tttttttttt
tttttttttt
++++++++++
cccccccccc
cccccccccc
cccccccccc
cccccccccc
cccccccccc
cccccccccc
cccccccccc
ffffffffff
`},
		{"the answer field stands above the keys", 10, 14, shape{checks: 2, prompt: 2}, `
hhhhhhhhhh
TTTTTTTTTT
tttttttttt
tttttttttt
tttttttttt
tttttttttt
tttttttttt
++++++++++
cccccccccc
cccccccccc
cccccccccc
pppppppppp
pppppppppp
ffffffffff
`},
		{"the shell as a tab", 10, 11, shape{focus: shellPane, ticks: 2}, `
hhhhhhhhhh
TTTTTTTTTT
ssssssssss
ssssssssss
ssssssssss
ssssssssss
ssssssssss
cccccccccc
cccccccccc
cccccccccc
ffffffffff
`},
		{"the shell alone", 10, 10, shape{focus: shellPane, ticks: 2, zoom: true}, `
hhhhhhhhhh
ssssssssss
ssssssssss
ssssssssss
ssssssssss
ssssssssss
cccccccccc
cccccccccc
cccccccccc
ffffffffff
`},
		{"many checks leave the shell two thirds", 10, 9, shape{focus: shellPane, ticks: 9, zoom: true}, `
hhhhhhhhhh
ssssssssss
ssssssssss
ssssssssss
ssssssssss
cccccccccc
cccccccccc
cccccccccc
ffffffffff
`},
		{"beside one another", wideLab, highLab, shape{ticks: 3, split: 400}, `
` + strings.Repeat("h", 100) + `
` + strings.Repeat(strings.Repeat("t", 39)+"+"+strings.Repeat("s", 60)+"\n", 11) +
			strings.Repeat("+", 100) + `
` + strings.Repeat(strings.Repeat("c", 100)+"\n", 4) + strings.Repeat("f", 100) + `
`},
		{"the answer field takes its place from the checks", wideLab, highLab, shape{ticks: 3, split: 1, prompt: 2}, `
` + strings.Repeat("h", 100) + `
` + strings.Repeat(strings.Repeat("t", minPane-1)+"+"+strings.Repeat("s", 100-minPane)+"\n", 11) +
			strings.Repeat("+", 100) + `
` + strings.Repeat(strings.Repeat("c", 100)+"\n", 2) + strings.Repeat(strings.Repeat("p", 100)+"\n", 2) + strings.Repeat("f", 100) + `
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := layoutLab(c.w, c.h, c.s)
			if l.how == tabbed && c.s.focus == textPane { // the tabs are drawn into the pane's own frame
				l.text.y, l.text.h = l.text.y+1, l.text.h-1
			}
			got := draw(c.w, c.h, map[byte]rect{
				'h': l.header, 'T': l.tabs, 't': l.text, 's': l.shell, 'c': l.checks, 'p': l.prompt, 'f': l.footer,
			})
			if got != c.want[1:] {
				t.Errorf("got\n%s\nwant%s", got, c.want)
			}
		})
	}
}

// TestLayoutHolds looks at every size: what a pane's lines fill is within the pane, within the screen, and in nothing else.
func TestLayoutHolds(t *testing.T) {
	for w := 40; w <= 300; w++ {
		for _, h := range []int{10, 17, 18, 24, 30, 48, 80} {
			for i := range 16 {
				s := shape{focus: paneName(i & 1), zoom: i&2 > 0, split: evenSplit, checks: 1 + i*2, ticks: 3 + i, prompt: i & 4 / 2}
				l := layoutLab(w, h, s)
				inside := func(name string, in, out rect) {
					if in.w <= 0 && in.h <= 0 {
						return
					}
					if in.x < out.x || in.y < out.y || in.x+in.w > out.x+out.w || in.y+in.h > out.y+out.h || in.w < 0 || in.h < 0 {
						t.Fatalf("%dx%d %+v: %s %+v is not inside %+v", w, h, s, name, in, out)
					}
				}
				body := rect{0, 1, w, h - 2}
				inside("text", l.in.text, l.text)
				inside("shell", l.in.shell, l.shell)
				inside("checks", l.in.checks, l.checks)
				inside("text's frame", l.text, body)
				inside("shell's frame", l.shell, body)
				inside("checks' frame", l.checks, body)
				seen := draw(w, h, map[byte]rect{'t': l.in.text, 's': l.in.shell, 'c': l.in.checks, 'p': l.prompt, 'h': l.header, 'f': l.footer})
				if strings.Contains(seen, "+") {
					t.Fatalf("%dx%d %+v: panes overlap:\n%s", w, h, s, seen)
				}
			}
		}
	}
}

// TestShellKeepsItsSize holds that neither the answer field nor how checks stand changes the shell's size.
func TestShellKeepsItsSize(t *testing.T) {
	for h := highLab; h < 80; h++ {
		a := layoutLab(120, h, shape{split: evenSplit, ticks: 5, checks: 3})
		b := layoutLab(120, h, shape{split: evenSplit, ticks: 5, checks: 30, prompt: 2})
		if a.in.shell != b.in.shell {
			t.Errorf("%d lines: the shell has %+v and %+v", h, a.in.shell, b.in.shell)
		}
	}
}

func TestLayoutList(t *testing.T) {
	for _, c := range []struct {
		name                        string
		h, labs, environment, about int
		want                        string
	}{
		{"the environment gets what it needs", 10, 2, 3, 0, `
hhhhhhhhhh
llllllllll
llllllllll
llllllllll
++++++++++
eeeeeeeeee
eeeeeeeeee
eeeeeeeeee
eeeeeeeeee
ffffffffff
`},
		{"many labs leave two fifths", 15, 20, 20, 0, `
hhhhhhhhhh
llllllllll
llllllllll
llllllllll
llllllllll
llllllllll
llllllllll
llllllllll
++++++++++
eeeeeeeeee
eeeeeeeeee
eeeeeeeeee
eeeeeeeeee
eeeeeeeeee
ffffffffff
`},
		{"the selected lab gets what the others leave", 16, 4, 1, 9, `
hhhhhhhhhh
llllllllll
llllllllll
llllllllll
llllllllll
llllllllll
++++++++++
aaaaaaaaaa
aaaaaaaaaa
aaaaaaaaaa
aaaaaaaaaa
aaaaaaaaaa
++++++++++
eeeeeeeeee
eeeeeeeeee
ffffffffff
`},
		{"many labs leave it three lines", 15, 20, 1, 9, `
hhhhhhhhhh
llllllllll
llllllllll
llllllllll
llllllllll
llllllllll
llllllllll
++++++++++
aaaaaaaaaa
aaaaaaaaaa
aaaaaaaaaa
++++++++++
eeeeeeeeee
eeeeeeeeee
ffffffffff
`},
		{"a low screen has none", 12, 20, 1, 9, `
hhhhhhhhhh
llllllllll
llllllllll
llllllllll
llllllllll
llllllllll
llllllllll
llllllllll
++++++++++
eeeeeeeeee
eeeeeeeeee
ffffffffff
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := layoutList(10, c.h, c.labs, c.environment, c.about)
			got := draw(10, c.h, map[byte]rect{'h': l.header, 'l': l.list, 'a': l.about, 'e': l.environment, 'f': l.footer})
			if got != c.want[1:] {
				t.Errorf("got\n%s\nwant%s", got, c.want)
			}
		})
	}
	wide := layoutList(120, 24, 5, 5, 5)
	if !wide.beside || wide.list.w+wide.about.w != 121 || wide.list.h != wide.about.h || wide.about.x != wide.list.w-1 || wide.environment.w != 120 {
		t.Errorf("on a wide screen course and lab stand beside one another and share a line: %+v", wide)
	}
}
