package shell

import (
	"bytes"
	"testing"
)

// TestMirror holds what of a shell's output reaches a terminal that it was given, however the bytes are cut.
func TestMirror(t *testing.T) {
	for _, c := range []struct{ name, in, want, dumb string }{
		{"text", "한글 text\r\n\t$ \b", "한글 text\r\n\t$ \b", "한글 text\r\n\t$ \b"},
		{"colour", "\x1b[1;31mred\x1b[m", "\x1b[1;31mred\x1b[m", "red"},
		{"modes", "\x1b[?2004h\x1b[?25l\x1b7\x1b(B", "\x1b[?2004h\x1b[?25l\x1b7\x1b(B", ""},
		{"clipboard", "a\x1b]52;c;AAAA\ab", "ab", "ab"},
		{"our own marks", "\x1b]633;A;nonce\a$ ", "$ ", "$ "},
		{"strings", "a\x1bPq1\x1b\\\x1b_x\x1b\\b", "ab", "ab"},
		{"questions", "\x1b[c\x1b[>c\x1b[6n\x1b[?6n\x1b[14t\x1b[>q\x1b[?1$pend", "end", "end"},
		{"cursor shape", "\x1b[4 q", "\x1b[4 q", ""},
		{"C1", "a\u009b31mb\x9bc", "a31mb\uFFFDc", "a31mb\uFFFDc"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for cut := range len(c.in) + 1 {
				for dumb, want := range map[bool]string{false: c.want, true: c.dumb} {
					var out bytes.Buffer
					m := &mirror{w: &out, dumb: dumb}
					m.scan.sink = m
					m.feed([]byte(c.in[:cut]))
					m.feed([]byte(c.in[cut:]))
					if out.String() != want {
						t.Fatalf("cut at %d, dumb %v: got %q, want %q", cut, dumb, out.String(), want)
					}
				}
			}
		})
	}
}
