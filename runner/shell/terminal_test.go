package shell

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// pipe is a terminal behind a scanner, as in a shell, without a process.
type pipe struct {
	scan    scanner
	term    *terminal
	capture capture
	oscs    []string
}

func newPipe(t testing.TB, cols, rows int) *pipe {
	p := &pipe{term: newTerminal(cols, rows, 1000)}
	p.scan.sink = p
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		buf := make([]byte, 1024)
		for {
			if _, err := p.term.answers(buf); err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		p.term.close()
		<-drained
	})
	return p
}

func (p *pipe) text(b []byte)            { p.term.text(b); p.capture.text(b) }
func (p *pipe) control(c byte)           { p.term.control(c); p.capture.control(c) }
func (p *pipe) escape(inter, final byte) { p.term.escape(inter, final) }
func (p *pipe) csi(q csi)                { p.term.csi(q); p.capture.csi(q) }
func (p *pipe) osc(data []byte)          { p.oscs = append(p.oscs, string(data)) }
func (p *pipe) write(s string)           { p.scan.write([]byte(s)); p.term.settle() }
func (p *pipe) lines() string            { return plain(p.term.snapshot(0)) }
func (p *pipe) historyLines() (out []string) {
	for i := range p.term.history.len() {
		out = append(out, ansi.Strip(p.term.history.line(i)))
	}
	return out
}

// take takes in bytes as a shell does.
func (p *pipe) take(b []byte) {
	for len(b) > 0 {
		b = b[takeIn(&p.scan, p.term, &p.capture, b):]
	}
}

// sgrOnly matches a line of text with nothing but SGR sequences in it.
var sgrOnly = regexp.MustCompile(`^(\x1b\[[0-9;:]*m|[^\x00-\x1f\x7f-\x9f])*$`)

// checkScreen is what must hold for every screen, whatever was written.
func checkScreen(t testing.TB, s Screen) {
	t.Helper()
	if len(s.Lines) != s.Rows {
		t.Fatalf("%d lines on a screen of %d", len(s.Lines), s.Rows)
	}
	for i, line := range s.Lines {
		if w := ansi.StringWidth(line); w > s.Cols {
			t.Errorf("line %d is %d columns wide on a screen of %d: %q", i, w, s.Cols, line)
		}
		if !sgrOnly.MatchString(line) {
			t.Errorf("line %d holds more than text and SGR: %q", i, line)
		}
	}
	if c := s.Cursor; c.X < 0 || c.X >= s.Cols || c.Y < 0 || c.Y >= s.Rows {
		t.Errorf("the cursor is outside: %+v", c)
	}
}

func TestTerminal(t *testing.T) {
	tests := []struct {
		name       string
		cols, rows int
		in         string
		want       string
	}{
		{"wide on the last column", 10, 3, "123456789가x", "123456789\n가x"},
		{"wide fills the line", 10, 3, "12345678가x", "12345678가\nx"},
		{"Korean lines", 10, 3, "가나다라마바사", "가나다라마\n바사"},
		{"Korean lines, odd width", 9, 3, "가나다라마바사", "가나다라\n마바사"},
		{"wide at the edge, then a new line", 10, 4, "12345678가\r\nx", "12345678가\nx"},
		{"wide at the edge with style", 10, 3, "12345678가\x1b[1mx\x1b[m", "12345678가\nx"},
		{"scrolls at the bottom", 10, 2, "123456789가\r\n가나다라마바", "가나다라마\n바"},
		{"wide after moving to the edge", 10, 3, "\x1b[1;10H가", "\n가"},
		{"without autowrap", 10, 3, "\x1b[?7l12345678가나x", "12345678 x"},
		{"decomposed Korean", 10, 3, "\u1112\u1161\u11ab글", "\u1112\u1161\u11ab글"},
		{"combining on ASCII", 10, 3, "cafe\u0301!", "cafe\u0301!"},
		{"combining at the edge", 5, 3, "abcde\u0301f", "abcde\u0301\nf"},
		{"emoji", 10, 3, "a👍🏽b👨‍👩‍👧c", "a👍🏽b👨‍👩‍👧c"},
		{"lone combining", 10, 3, "\u0301x", "x"},
		{"bidi override", 10, 3, "a\u202eb", "ab"},
		{"invalid UTF-8", 10, 3, "a\xff\xc3(b", "a\uFFFD\uFFFD(b"},
		{"C1 in UTF-8", 10, 3, "a\u009b31mb", "a31mb"},
		{"C1 byte", 10, 3, "a\x9b31mb", "a\uFFFD31mb"},
		{"erase to the end", 10, 3, "abcdef\x1b[3D\x1b[K", "abc"},
		{"insert mode", 10, 3, "bcd\r\x1b[4ha가\x1b[4l", "a가bcd"},
		{"repeat", 10, 3, "ab\x1b[3b", "abbbb"},
		{"repeat wide", 6, 3, "가\x1b[3b", "가가가\n가"},
		{"save and restore", 10, 3, "a\x1b[sbc\x1b[uX", "aXc"},
		{"next line", 10, 3, "abc\x1bEd", "abc\nd"},
		{"line drawing", 10, 3, "\x1b(0lqk\x1b(Bq", "┌─┐q"},
		{"tab", 20, 3, "a\tb", "a       b"},
		{"title is no text", 10, 3, "\x1b]0;evil\x07a\x1b]2;evil\x1b\\b", "ab"},
		{"clipboard", 10, 3, "a\x1b]52;c;ZXZpbA==\x07b", "ab"},
		{"link", 20, 3, "\x1b]8;;http://x\x1b\\a\x1b]8;;\x1b\\b", "ab"},
		{"strings", 20, 3, "a\x1bPq#0;2\x1b\\b\x1b_x\x1b\\c\x1b^y\x1b\\d\x1bXz\x1b\\e", "abcde"},
		{"unknown sequences", 20, 3, "a\x1b[5;5tb\x1b[>4;2mc\x1b[?1;2$rd\x1b#8e\x1b[=1ug", "abcdeg"},
		{"sequence torn by CAN", 20, 3, "a\x1b[31\x18b\x1b]0;x\x1ac", "abc"},
		{"control inside a sequence", 20, 3, "abc\x1b[\r1mx", "xbc"},
		{"huge numbers", 10, 3, "a\x1b[99999999999999999999b\x1b[999999999@\x1b[99999999X\x1b[9999999L\x1b[1;9999r\x1b[99999S\x1b[Hz", "z"},
		{"clear", 10, 3, "abc\r\ndef\x1b[H\x1b[2J\x1b[3Jx", "x"},
		{"alternate screen", 10, 3, "abc\x1b[?1049hvim\x1b[?1049l!", "abc!"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			whole := newPipe(t, tt.cols, tt.rows)
			whole.write(tt.in)
			if got := whole.lines(); got != tt.want {
				t.Errorf("screen:\n%s\nwant:\n%s", got, tt.want)
			}
			checkScreen(t, whole.term.snapshot(0))
			for cut := 1; cut < len(tt.in); cut++ { // however it is cut into writes, the screen is the same
				p := newPipe(t, tt.cols, tt.rows)
				p.write(tt.in[:cut])
				checkScreen(t, p.term.snapshot(0))
				p.write(tt.in[cut:])
				if got := p.lines(); got != tt.want {
					t.Errorf("cut at byte %d, screen:\n%s\nwant:\n%s", cut, got, tt.want)
				}
			}
			p := newPipe(t, tt.cols, tt.rows)
			for i := range len(tt.in) {
				p.write(tt.in[i : i+1])
			}
			if got := p.lines(); got != tt.want {
				t.Errorf("byte by byte, screen:\n%s\nwant:\n%s", got, tt.want)
			}
		})
	}
}

// TestKoreanAtEveryEdge writes Korean text into screens of every width, and loses none of it.
func TestKoreanAtEveryEdge(t *testing.T) {
	const text = "kubectl 파드를 만들고 a서비스b로 외부에 노출합니다 레플리케이션컨트롤러"
	for cols := 2; cols <= 90; cols++ {
		p := newPipe(t, cols, 60)
		p.write(text)
		checkScreen(t, p.term.snapshot(0))
		want := strings.ReplaceAll(text, " ", "")
		if got := strings.NewReplacer("\n", "", " ", "").Replace(p.lines()); got != want {
			t.Errorf("%d columns: %q, want %q", cols, got, want)
		}
		p.write(strings.Repeat("\r\n", 60)) // and out of the screen
		if got := strings.ReplaceAll(strings.Join(p.historyLines(), ""), " ", ""); got != want {
			t.Errorf("%d columns, history: %q, want %q", cols, got, want)
		}
	}
}

func TestHistory(t *testing.T) {
	p := newPipe(t, 20, 3)
	for i := range 2500 {
		p.write(fmt.Sprintf("\x1b[3%dm줄 %d\x1b[m\r\n", i%8, i))
	}
	s := p.term.snapshot(0)
	if s.History != 1000 {
		t.Fatalf("%d lines of history, want the limit of 1000", s.History)
	}
	if got, want := plain(s), "줄 2498\n줄 2499"; got != want {
		t.Errorf("screen %q, want %q", got, want)
	}
	for _, tt := range []struct {
		offset int
		want   string
	}{{1, "줄 2497\n줄 2498\n줄 2499"}, {2, "줄 2496\n줄 2497\n줄 2498"}, {1000, "줄 1498\n줄 1499\n줄 1500"},
		{9999, "줄 1498\n줄 1499\n줄 1500"}, {-5, "줄 2498\n줄 2499"}} {
		s := p.term.snapshot(tt.offset)
		checkScreen(t, s)
		if got := plain(s); got != tt.want {
			t.Errorf("scrolled back by %d: %q, want %q", tt.offset, got, tt.want)
		}
	}
	p.write("\x1b[3J")
	if s := p.term.snapshot(0); s.History != 0 || plain(s) != "줄 2498\n줄 2499" {
		t.Errorf("after clearing the history: %d lines, screen %q", s.History, plain(s))
	}
}

func TestHistoryIsBoundedInBytes(t *testing.T) {
	h := history{max: 1 << 20}
	line := strings.Repeat("x", 1<<10)
	for range 3 * maxHistoryBytes >> 10 {
		h.push(line)
	}
	if h.bytes > maxHistoryBytes || h.len() != maxHistoryBytes>>10 {
		t.Errorf("%d bytes in %d lines, want at most %d", h.bytes, h.len(), maxHistoryBytes)
	}
}

func TestResize(t *testing.T) {
	p := newPipe(t, 20, 6)
	p.write("1\r\n2\r\n3\r\n4\r\n5\r\nprompt$ ")
	p.term.resize(20, 3)
	if got, want := p.lines(), "4\n5\nprompt$"; got != want {
		t.Errorf("lower: %q, want %q", got, want)
	}
	if got := p.historyLines(); fmt.Sprint(got) != "[1 2 3]" {
		t.Errorf("history %v, want the three lines that left the screen", got)
	}
	if c := p.term.snapshot(0).Cursor; c.X != 8 || c.Y != 2 {
		t.Errorf("cursor at %+v, want behind the prompt", c)
	}
	p.term.resize(30, 6)
	p.write("x")
	if got, want := p.lines(), "4\n5\nprompt$ x"; got != want {
		t.Errorf("higher: %q, want %q", got, want)
	}
	p.write("\x1b[?1049hfull screen")
	p.term.resize(30, 2)
	p.write("\x1b[?1049l")
	if got, want := p.lines(), "5\nprompt$ x"; got != want {
		t.Errorf("lower under an editor: %q, want %q", got, want)
	}
}

// TestResizeStorm changes the size between any two bytes of hostile output.
func TestResizeStorm(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	p := newPipe(t, 80, 24)
	for range 3000 {
		p.write(noise(rng))
		p.term.resize(rng.IntN(130)-5, rng.IntN(50)-5)
		p.write(noise(rng))
		checkScreen(t, p.term.snapshot(0))
	}
	checkScreen(t, p.term.snapshot(100))
}

// noise is a piece of a terminal's input that is likely to do something.
func noise(rng *rand.Rand) string {
	pieces := []string{
		"가", "나다", "abc", "\r", "\n", "\r\n", "\b", "\t", "\x1b[", "\x1b]", "\x1b", "한\u0301", "e\u0301", "👨‍👩‍👧", "\u200d", "\ufe0f",
		"\x1b7", "\x1b8", "\x1bM", "\x1bD", "\x1bc", "\x1b[?1049h", "\x1b[?1049l", "\x1b[?6h", "\x1b[?7l", "\x1b[?7h", "\x1b[4h", "\x1b[4l",
		"\x1b[2J", "\x1b[3J", "\x1b[K", "\x1b[1K", "\x1b(0", "\x1b(B", "\x1b[31;1m", "\x1b[48;2;1;2;3m", "\x1b[m", "\x07", "\xff", "\xea\xb0", "\x18",
		"\x1b[?69h", "\x1b[5;70s", "\x1b[s", "\x1b[u", "\x1b[6n", "\x1b[c", "\u009b", "\x1bP1$r", "\x1b\\", "\x1b[?1048h", "\x1b[?47h", "\x1b[!p",
	}
	finals := "@ABCDEFGHIJKLMPSTXZ`abdefgrm"
	var b strings.Builder
	for range rng.IntN(6) {
		if rng.IntN(3) == 0 {
			fmt.Fprintf(&b, "\x1b[%d;%d%c", rng.IntN(200), rng.IntN(200), finals[rng.IntN(len(finals))])
			continue
		}
		b.WriteString(pieces[rng.IntN(len(pieces))])
	}
	return b.String()
}

func FuzzScreen(f *testing.F) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		f.Add([]byte(noise(rng)+noise(rng)+noise(rng)), uint8(rng.IntN(40)), uint8(rng.IntN(20)))
	}
	f.Add([]byte("123456789가x"), uint8(10), uint8(3))
	f.Fuzz(func(t *testing.T, in []byte, cols, rows uint8) {
		p := newPipe(t, int(cols), int(rows))
		p.write(string(in))
		checkScreen(t, p.term.snapshot(0))
		p.term.resize(int(rows), int(cols))
		p.write(string(in))
		checkScreen(t, p.term.snapshot(0))
		checkScreen(t, p.term.snapshot(3))
		p.term.tidy()
		p.write("x")
		checkScreen(t, p.term.snapshot(0))
		if out := p.capture.String(); len(out) > maxOutput || strings.ContainsAny(out, "\x1b\r\x07") {
			t.Errorf("output of %d bytes: %q", len(out), out)
		}
	})
}

// TestAlternateScrollback scrolls the alternate screen for long: what leaves it is nobody's to see, and must not pile up.
func TestAlternateScrollback(t *testing.T) {
	p := newPipe(t, 80, 10)
	p.write("main\x1b[?1049h")
	for i := range 5 * maxAltRows {
		p.write(fmt.Sprintf("\r\n가 line %d", i))
		if p.term.altRows > maxAltRows {
			t.Fatalf("%d lines piled up", p.term.altRows)
		}
	}
	if got, want := p.lines(), fmt.Sprintf("가 line %d", 5*maxAltRows-1); !strings.HasSuffix(got, want) {
		t.Errorf("screen:\n%s\nwant %q at its end", got, want)
	}
	if n := p.term.history.len(); n != 0 {
		t.Errorf("%d lines of the alternate screen in the history", n)
	}
	p.write("\x1b[?1049l")
	if got := p.lines(); got != "main" {
		t.Errorf("screen behind: %q, want main", got)
	}
}

func TestTidy(t *testing.T) {
	p := newPipe(t, 20, 5)
	p.write("a\r\nb\x1b[?1049h\x1b[?25l\x1b[2;4r\x1b[?6h\x1b(0\x1b[31m\x1b[?7l\x1b[4h\x1b[?1000h")
	p.term.tidy()
	p.write("learner$ q")
	s := p.term.snapshot(0)
	if got, want := plain(s), "a\nb\nlearner$ q"; got != want || s.Alternate || !s.Cursor.Visible {
		t.Errorf("screen %q, want %q; %+v", got, want, s)
	}
	if strings.Contains(s.Lines[2], "\x1b") {
		t.Errorf("the prompt is styled: %q", s.Lines[2])
	}
}

// TestFloodIsDrawnAsAlways compares what a flood of output leaves, which takes a short cut, with the long way.
func TestFloodIsDrawnAsAlways(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	line := func(kinds int) string {
		switch rng.IntN(kinds) {
		case 0:
			return noise(rng)
		case 1:
			return "파드가 생성되었습니다"
		case 2:
			return "\x1b[m"
		case 3:
			return strings.Repeat("long ", rng.IntN(40))
		case 4:
			return "NAME\tREADY\tSTATUS   "
		case 5:
			return "\x1b[32mok\x1b[m \x1b[41mon red\x1b[0m"
		case 6:
			return "\x1b[44mblue to the end"
		case 7, 8, 9:
			return "서비스 kubia-http\x1b[m"
		}
		return strings.Repeat("x", rng.IntN(12))
	}
	for range 25 {
		cols, rows := 2+rng.IntN(40), 1+rng.IntN(12)
		short, long := newPipe(t, cols, rows), newPipe(t, cols, rows)
		var in strings.Builder
		kinds := 10 + rng.IntN(2)*40
		for range 400 {
			in.WriteString(line(kinds) + "\r\n")
		}
		in.WriteString(line(kinds))
		bytes := narrow.Replace(in.String())
		short.take([]byte(bytes))
		for i := range len(bytes) {
			long.write(bytes[i : i+1])
		}
		if got, want := short.lines(), long.lines(); got != want {
			t.Fatalf("%dx%d, screen:\n%s\nwant:\n%s", cols, rows, got, want)
		}
		if got, want := short.historyLines(), long.historyLines(); !slices.Equal(got, want) {
			for i := range min(len(got), len(want)) {
				if got[i] != want[i] {
					t.Fatalf("%dx%d, line %d of %d (%d) of the history: %q, want %q", cols, rows, i, len(got), len(want), got[max(i-3, 0):i+1], want[max(i-3, 0):i+1])
				}
			}
			t.Fatalf("%dx%d, %d lines of history, want %d", cols, rows, len(got), len(want))
		}
		if got, want := short.capture.String(), long.capture.String(); got != want {
			t.Fatalf("%dx%d, output:\n%s\nwant:\n%s", cols, rows, got, want)
		}
	}
}

// narrow takes out what would change the width of a character before it, which is dropped if that is printed already.
var narrow = strings.NewReplacer("👨‍👩‍👧", "👨", "\u200d", "", "\ufe0f", "")

// TestCutsDoNotMatter writes the same bytes at once and one by one.
func TestCutsDoNotMatter(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for range 2000 {
		cols, rows := 2+rng.IntN(30), 1+rng.IntN(12)
		whole, single := newPipe(t, cols, rows), newPipe(t, cols, rows)
		var in string
		for range 10 {
			in += noise(rng)
		}
		in = narrow.Replace(in)
		whole.write(in)
		for i := range len(in) {
			single.write(in[i : i+1])
		}
		if a, b := whole.term.snapshot(0), single.term.snapshot(0); !slices.Equal(a.Lines, b.Lines) || a.Cursor != b.Cursor {
			t.Fatalf("%dx%d: %q\nat once:\n%s\none by one:\n%s", cols, rows, in, plain(a), plain(b))
		}
	}
}
