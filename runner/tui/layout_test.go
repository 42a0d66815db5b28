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
		name              string
		h, checks, prompt int
		want              string
	}{
		{"few checks leave the rest to the text", 14, 2, 0, `
hhhhhhhhhh
tttttttttt
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
		{"many checks take no more than half", 16, 40, 0, `
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
		{"the answer field stands above the keys", 14, 2, 2, `
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
pppppppppp
pppppppppp
ffffffffff
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := layoutLab(10, c.h, c.checks, c.prompt)
			got := draw(10, c.h, map[byte]rect{'h': l.header, 't': l.text, 'c': l.checks, 'p': l.prompt, 'f': l.footer})
			if got != c.want[1:] {
				t.Errorf("got\n%s\nwant%s", got, c.want)
			}
		})
	}
}

func TestLayoutShell(t *testing.T) {
	for _, c := range []struct {
		h, ticks int
		want     string
	}{
		{10, 2, `
hhhhhhhhhh
ssssssssss
ssssssssss
ssssssssss
ssssssssss
ssssssssss
rrrrrrrrrr
tttttttttt
tttttttttt
ffffffffff
`},
		{9, 9, `
hhhhhhhhhh
ssssssssss
ssssssssss
ssssssssss
ssssssssss
rrrrrrrrrr
tttttttttt
tttttttttt
ffffffffff
`},
	} {
		l := layoutShell(10, c.h, c.ticks)
		got := draw(10, c.h, map[byte]rect{'h': l.header, 's': l.shell, 'r': l.rule, 't': l.ticks, 'f': l.footer})
		if got != c.want[1:] {
			t.Errorf("%d lines, %d ticks: got\n%s\nwant%s", c.h, c.ticks, got, c.want)
		}
	}
}

func TestLayoutList(t *testing.T) {
	for _, c := range []struct {
		name                 string
		h, labs, environment int
		want                 string
	}{
		{"the environment gets what it needs", 10, 2, 3, `
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
		{"many labs leave two fifths", 15, 20, 20, `
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
	} {
		t.Run(c.name, func(t *testing.T) {
			l := layoutList(10, c.h, c.labs, c.environment)
			got := draw(10, c.h, map[byte]rect{'h': l.header, 'l': l.list, 'e': l.environment, 'f': l.footer})
			if got != c.want[1:] {
				t.Errorf("got\n%s\nwant%s", got, c.want)
			}
		})
	}
	wide := layoutList(120, 24, 5, 5)
	if !wide.beside || wide.list.w+wide.environment.w != 121 || wide.list.h != 22 || wide.environment.x != wide.list.w-1 {
		t.Errorf("on a wide screen the panes stand beside one another and share a line: %+v", wide)
	}
}
