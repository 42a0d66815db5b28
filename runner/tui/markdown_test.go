package tui

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// TestMarkdownKeepsEveryWord holds that no width loses a word, and none breaks a flag after its dash.
func TestMarkdownKeepsEveryWord(t *testing.T) {
	m := newMarkdown(newTheme(), newGlyphs(false))
	text := prose + "\n1. 첫째 항목은 길어서 다음 줄로 넘어갑니다. 그리고 더 길어집니다\n   - 안쪽 항목도 길어서 `docker run --name kubia-container` 다음 줄로\n\n> 인용한 글도 빠지지 않아야 합니다\n\n[문서](https://kubernetes.io/docs/concepts/)\n"
	words := regexp.MustCompile(`[\p{Hangul}]+`).FindAllString(text, -1)
	for width := 20; width <= 200; width++ {
		lines := m.lines(text, width)
		shown := bare(ansi.Strip(strings.Join(lines, "")))
		for _, word := range words {
			if !strings.Contains(shown, word) && width > 30 { // columns of a narrow table tear words apart
				t.Fatalf("width %d: %q is gone:\n%s", width, word, ansi.Strip(strings.Join(lines, "\n")))
			}
		}
		for i, line := range lines {
			if got := ansi.StringWidth(line); got > width {
				t.Fatalf("width %d: line %d is %d columns wide: %q", width, i, got, line)
			}
			if plain := strings.TrimSpace(ansi.Strip(line)); width > 40 && strings.HasSuffix(plain, "--") {
				t.Fatalf("width %d: a flag is broken after its dash: %q", width, plain)
			}
			if strings.Contains(line, holdHyphens("-")) {
				t.Fatalf("width %d: the placeholder reaches the screen: %q", width, line)
			}
		}
	}
}

func TestMarkdownBlocks(t *testing.T) {
	m := newMarkdown(newTheme(), newGlyphs(false))
	for _, c := range []struct {
		name, text string
		width      int
		want       []string
	}{
		{"diagram keeps its columns", "앞\n\n```text\n  a ─▶ b\n\n  1. c\n```\n뒤", 40, []string{"앞", "", "    a ─▶ b", "", "    1. c", "", "뒤"}},
		{"long code goes on in the next line", "```\n0123456789\n```", 10, []string{"  01234567", "  89"}},
		{"a diagram gives up its indent first", "```\n─────────▶\n```", 11, []string{" ─────────▶"}},
		{"a diagram is cut rather than torn", "```\n──────────▶\n  b\n```", 10, []string{"─────────…", "  b"}},
		{"fence that never ends", "```text\na", 20, []string{"  a"}},
		{"tilde fence holds back quotes", "~~~\n```\n~~~", 20, []string{"  ```"}},
		{"second lines of a list hang", "- 하나 둘 셋 넷 다섯 여섯", 20, []string{"• 하나 둘 셋 넷", "  다섯 여섯"}},
		{"numbers hang, too", "1. 하나 둘 셋 넷 다섯", 20, []string{"1. 하나 둘 셋 넷", "   다섯"}},
		{"nothing", "  \n", 20, nil},
		{"escape sequences", "하나\x1b[2J둘", 20, []string{"하나둘"}},
		{"a tab in code", "```\na\tb\n```", 20, []string{"  a       b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, line := range m.lines(c.text, c.width) {
				got = append(got, strings.TrimRight(ansi.Strip(line), " "))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  []string
	}{
		{"kubectl scale rc kubia --replicas=3", 22, []string{"kubectl scale rc kubia", "--replicas=3"}},
		{"docker run --name kubia-container", 20, []string{"docker run --name", "kubia-container"}},
		{"원하는 상태를 말합니다", 13, []string{"원하는 상태를", "말합니다"}},
		{"가나다라", 3, []string{"가", "나", "다", "라"}},
		{"가나다라", 1, []string{"가", "나", "다", "라"}},
		{"a\n\nb", 5, []string{"a", "", "b"}},
	} {
		if got := wrap(c.text, c.width); !slices.Equal(got, c.want) {
			t.Errorf("wrap(%q, %d) = %q, want %q", c.text, c.width, got, c.want)
		}
	}
}

func TestClean(t *testing.T) {
	for _, c := range []struct{ in, text, line string }{
		{"평범한 글", "평범한 글", "평범한 글"},
		{"\x1b[31m빨강\x1b[m", "빨강", "빨강"},
		{"a\r\nb\rc", "a\nb\nc", "a b c"},
		{"\x1b]0;title\x07x\x00y", "xy", "xy"},
		{"a\u202eb\u2066c\ufeffd\ue000", "a�b�c�d", "a�b�c�d"},
		{"\xff\xfe가", "�가", "�가"},
		{"가\tb", "가      b", "가 b"},
		{"\u009b31mx", "31mx", "31mx"},
	} {
		if got := cleanText(c.in); got != c.text {
			t.Errorf("cleanText(%q) = %q, want %q", c.in, got, c.text)
		}
		if got := cleanLine(c.in); got != c.line {
			t.Errorf("cleanLine(%q) = %q, want %q", c.in, got, c.line)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("\x1b[31m가\u202e\t")
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range cleanText(s) {
			if r != '\n' && (r < ' ' || r >= 0x7f && r < 0xa0) {
				t.Fatalf("%q is left of %q", r, s)
			}
		}
	})
}
