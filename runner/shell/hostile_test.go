package shell

import (
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// TestHostileOutput holds that what is invisible, or turns a line around, is not handed on: not on the screen, not in the
// lines above it, and not in the title.
func TestHostileOutput(t *testing.T) {
	for name, evil := range map[string]string{
		"clipboard":  "a\x1b]52;c;cm0gLXJmIH4K\ab",
		"link":       "\x1b]8;;http://evil/\x1b\\text\x1b]8;;\x1b\\",
		"title":      "\x1b]0;ow\u202ened\u200b\x1b\\x",
		"device":     "\x1bP+q544e\x1b\\x\x1b_Gq\x1b\\y\x1b^z\x1b\\",
		"bidi":       "\u202egnp.exe\u202c\u2066x\u2069\u200f\u061c",
		"zero width": "ku\u200bb\u200ci\u2060a\ufeff\u00ad\U000e0041\u3164\u200dx",
		"C1":         "a\u009b31mb\u0090q\u009c\u009d52;c;x",
		"bytes":      "\x9b31m\xff\xfe\xc3(\xe2\x80",
		"accents":    "e" + strings.Repeat("\u0301", 200),
		"letters":    strings.Repeat("\u1100", 60) + strings.Repeat("\u1161", 60),
		"separators": "a\u2028b\u2029c",
		"emoji":      strings.Repeat("👨\u200d", 40),
	} {
		t.Run(name, func(t *testing.T) {
			p := newPipe(t, 20, 4)
			for range 6 {
				p.take([]byte(evil + "\r\n"))
			}
			p.take([]byte(evil))
			s := p.term.snapshot(0)
			checkScreen(t, s)
			lines := append(append(append([]string{s.Title}, s.Lines...), p.historyLines()...), p.term.snapshot(s.History).Lines...)
			for _, line := range lines {
				for _, r := range ansi.Strip(line) {
					if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200d' || r == '\u3164' || r == '\u2028' || r == '\u2029' {
						t.Fatalf("%U in %q", r, line)
					}
				}
			}
		})
	}
}
