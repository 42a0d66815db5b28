package shell

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

const end = "\x1b[?7777;0$y" // the answer about a mode that there is not

// asked writes to a terminal and returns what it answers, to the end of an answer that every terminal gives.
func asked(t *testing.T, cols, rows int, in string) string {
	t.Helper()
	term := newTerminal(cols, rows, 100)
	scan := scanner{sink: &pipe{term: term}}
	got := make(chan string, 1)
	go func() {
		var all strings.Builder
		buf := make([]byte, 256)
		for !strings.HasSuffix(all.String(), end) {
			n, err := term.answers(buf)
			if err != nil {
				break
			}
			all.Write(buf[:n])
		}
		got <- all.String()
	}()
	scan.write([]byte(in + "\x1b[?7777$p"))
	if shown := plain(term.snapshot(0)); strings.ContainsAny(shown, "[]?;") {
		t.Errorf("%q is drawn as %q", in, shown)
	}
	select {
	case answer := <-got:
		term.close()
		return strings.TrimSuffix(answer, end)
	case <-time.After(5 * time.Second):
		t.Fatalf("%q: no answer within 5 s", in)
		return ""
	}
}

// TestAnswers asks what programs ask a terminal when they start. What is not answered is swallowed, and not drawn.
func TestAnswers(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"cursor", "ab\x1b[6n", "\x1b[1;3R"},
		{"cursor behind a wide character", "\r\n가\x1b[6n", "\x1b[2;3R"},
		{"cursor on the last column", strings.Repeat("x", 20) + "\x1b[6n", "\x1b[1;20R"},
		{"extended cursor", "\x1b[?6n", "\x1b[?1;1R"},
		{"autowrap", "\x1b[?7$p", "\x1b[?7;1$y"},
		{"autowrap off", "\x1b[?7l\x1b[?7$p", "\x1b[?7;2$y"},
		{"bracketed paste", "\x1b[?2004h\x1b[?2004$p", "\x1b[?2004;1$y"},
		{"a mode that nobody knows", "\x1b[?31337$p", "\x1b[?9999;0$y"},
		{"XTVERSION", "\x1b[>q\x1b[>0q", ""},
		{"XTGETTCAP and DECRQSS", "\x1bP+q544e\x1b\\\x1bP$qm\x1b\\", ""},
		{"kitty's keyboard", "\x1b[?u\x1b[>1u\x1b[<u", ""},
		{"window size and title", "\x1b[14t\x1b[18t\x1b[21t", ""},
		{"DA3", "\x1b[=c", ""},
		{"clipboard", "\x1b]52;c;?\x07", ""},
		{"status", "\x1b[5n", "\x1b[0n"},
		{"colours, which nobody has told us", "\x1b]10;?\x07\x1b]11;?\x1b\\\x1b]12;?\x07", ""},
		{"a palette colour", "\x1b]4;1;?\x07", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := asked(t, 20, 5, c.in); got != c.want {
				t.Errorf("%q is answered with %q, want %q", c.in, got, c.want)
			}
		})
	}
	for _, in := range []string{"\x1b[c", "\x1b[0c"} {
		if got := asked(t, 20, 5, in); !strings.HasPrefix(got, "\x1b[?") || !strings.HasSuffix(got, "c") {
			t.Errorf("DA1 is answered with %q", got)
		}
	}
	if got := asked(t, 20, 5, "\x1b[>c"); !strings.HasPrefix(got, "\x1b[>") || !strings.HasSuffix(got, "c") {
		t.Errorf("DA2 is answered with %q", got)
	}
}

// corpus is output as learners meet it, and as nobody should.
var corpus = []string{
	"NAME              READY   STATUS    RESTARTS   AGE   IP            NODE              NOMINATED NODE   READINESS GATES",
	"레플리케이션컨트롤러가 원하는 상태와 지금 상태를 견주어 파드를 더 만들거나 지웁니다. ",
	"┌──────────┬──────────┐ │ 파드 │ 노드 │ ├──▶ 비교 ──▶ ◀── └──────────┴──────────┘ ▲▼●○■□★①②③",
	"👍🏽 👨‍👩‍👧 🇰🇷 ❤️ 1️⃣ ⚠️ 🏳️‍🌈 🧑‍💻 ☸️ 🐳",
	"한글 \u1112\u1161\u11ab\u1100\u1173\u11af e\u0301e\u0301 \u0e01\u0e33 \u0644\u0627 ﷽ \u200b\u200d\ufeff \ufe0f",
	"\x1b[31;1mred\x1b[m \x1b[48;2;10;20;30m 진한 \x1b[0m \x1b[38;5;200mpink\x1b[m \x1b[7m거꾸로\x1b[27m \x1b[4:3mcurly\x1b[m",
	"\u202egnitirw\u202c \u2066isolate\u2069 \u200f\u061c",
	"tab\tstops\there\t끝 \b\b\b덮어",
	"progress 10%\rprogress 99%\r\x1b[2K완료 ",
	"\x1b]0;제목\x07\x1b]8;;http://x\x07link\x1b]8;;\x07\x1b]52;c;aGk=\x07\x1b]11;?\x07",
	"\x1b[999;999H\x1b[6n가\x1b[H\x1b[999C나\x1b[999B다\x1b[5;9999r\x1b[999@\x1b[999L\x1b[999P\x1b[r",
	"\x1b[?1049h전체 화면\x1b[2J\x1b[999;999H끝\x1b[?1049l",
	"\x1b7\x1b[?6h\x1b[2;3r가나\x1b[?6l\x1b[r\x1b8",
	"\xff\xfe\xea\xb0 \xc2\x9b31m \x9b31m \xf0\x9f",
	"\x1b(0lqqqk\x1b(B \x0e\x0f \x1b[?5h\x1b[?5l\x1b#8",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa가",
}

// TestCorpusAtEveryWidth writes the corpus into screens of every width, shrinks and widens them, and looks at all that is
// kept: no line is wider than the screen, and none holds more than text and SGR.
func TestCorpusAtEveryWidth(t *testing.T) {
	for cols := 40; cols <= 300; cols++ {
		p := newPipe(t, cols, 12)
		look := func(what string) {
			t.Helper()
			for _, back := range []int{0, 5, 1000} {
				checkScreen(t, p.term.snapshot(back))
			}
			if t.Failed() {
				t.Fatalf("%d columns, %s", cols, what)
			}
		}
		for i := range 2 * len(corpus) { // each piece before another, with and without a line end
			p.write(corpus[i%len(corpus)])
			if i < len(corpus) {
				p.write("\r\n")
			}
			look(fmt.Sprintf("piece %d", i))
		}
		p.term.resize(cols*2/3, 9)
		look("narrower")
		p.write(corpus[cols%len(corpus)])
		p.term.resize(cols+7, 14)
		look("wider")
	}
}
