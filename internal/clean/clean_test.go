package clean

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

func TestText(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "kubectl get rc", "kubectl get rc"},
		{"Korean", "파드 세 개가 준비됨\n둘째 줄", "파드 세 개가 준비됨\n둘째 줄"},
		{"drawing", "─▶ “인용” · ✓", "─▶ “인용” · ✓"},
		{"colour", "a\x1b[31mred\x1b[mb", "aredb"},
		{"clipboard", "a\x1b]52;c;cm0gLXJmIH4K\ab", "ab"},
		{"link", "\x1b]8;;http://evil\x1b\\text\x1b]8;;\x1b\\", "text"},
		{"device control", "a\x1bPq#0;2;0;0;0\x1b\\b", "ab"},
		{"application", "a\x1b_Ga=T;AAAA\x1b\\b", "ab"},
		{"clear", "a\x1b[2J\x1b[Hb", "ab"},
		{"C1 in UTF-8", "a\u009b31mb\u0085c", "a31mbc"},
		{"C1 as a byte", "a\x9b31mb", "a\uFFFD31mb"},
		{"lone escape", "a\x1b", "a"},
		{"not UTF-8", "a\xffb", "a\uFFFDb"},
		{"bidi", "exe\u202egpj.\u202c", "exe\uFFFDgpj.\uFFFD"},
		{"isolates", "a\u2066b\u2069", "a\uFFFDb\uFFFD"},
		{"zero width", "ku\u200bbia\ufeff\u2060", "ku\uFFFDbia\uFFFD\uFFFD"},
		{"filler", "a\u3164b", "a\uFFFDb"},
		{"tags", "a\U000e0041b", "a\uFFFDb"},
		{"lone joiner", "a\u200db", "a\uFFFDb"},
		{"joiner behind a mark", "a\u200b\u200db", "a\uFFFD\uFFFDb"},
		{"family", "👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"},
		{"carriage return", "one\rtwo\r\nthree", "one\ntwo\nthree"},
		{"tab", "a\tb", "a       b"},
		{"separators", "a\u2028b", "a b"},
		{"placeholder", "a\ue000b", "ab"},
		{"accents", "e" + strings.Repeat("\u0301", 100), "e" + strings.Repeat("\u0301", maxCluster-1)},
		{"decomposed Korean", "\u1112\u1161\u11ab\u1100\u1173\u11af", "\u1112\u1161\u11ab\u1100\u1173\u11af"},
		{"pile of letters", strings.Repeat("\u1100", 50), "\u1100\uFFFD"},
		{"pile of vowels", "가" + strings.Repeat("\u1161", 50), "가\u1161\uFFFD"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Text(c.in); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestTextIsLinear holds that output made to be slow is not.
func TestTextIsLinear(t *testing.T) {
	for _, piece := range []string{"\t", "\u0301", "\u1100", "\x1b[", "\x1b]", "\u200d", "👨\u200d", "\xff", "a\u202e"} {
		text := strings.Repeat(piece, 200_000)
		began := time.Now()
		Text(text)
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("200,000 times %q took %v", piece, took)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"한글", "\x1b]52;c;x\a", "\x9b1m", "\x1b\x1b[[3", "e\u0301\u202e", "\xe1\x84\x80"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Text(s)
		if !utf8.ValidString(got) {
			t.Fatalf("%q is not UTF-8", got)
		}
		for _, r := range got {
			if r != '\n' && r != joiner && (r < ' ' || r >= 0x7f && r < 0xa0 || invisible(r)) {
				t.Fatalf("%q lets %U through: %q", s, r, got)
			}
		}
		if again := Text(got); again != got {
			t.Fatalf("%q becomes %q and then %q", s, got, again)
		}
		for _, line := range Wrap(got, 20) {
			if w := ansi.StringWidth(line); w > 20 {
				t.Fatalf("%q is %d columns wide", line, w)
			}
		}
	})
}
