package tui

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/runner/shell"
)

// The benchmarks at 200x50. "Frame" ones call the model; "Terminal" ones run the whole screen on a terminal of their own,
// with a real shell, and measure from the bytes of a key to the bytes that answer it, the wait for the next frame included.

const benchWidth, benchHeight = 200, 50

// benchTerminal is the terminal of a benchmark: it tells when a text that is waited for was written.
type benchTerminal struct {
	mu   sync.Mutex
	want string
	seen chan time.Time
}

func (t *benchTerminal) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.want != "" && strings.Contains(string(p), t.want) {
		t.want = ""
		t.seen <- time.Now()
	}
	return len(p), nil
}

func (t *benchTerminal) expect(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.want = text
}

// benchLab is a lab with a real shell.
type benchLab struct {
	*fakeLab
	shell *shell.Shell
}

func (l benchLab) Shell() (Shell, bool) { return l.shell, true }

type benchApp struct {
	*fakeApp
	lab benchLab
}

func (a benchApp) Open(string) (Lab, error) { return a.lab, nil }

// benchScreen is the whole screen on a terminal.
type benchScreen struct {
	b     *testing.B
	out   *benchTerminal
	in    *io.PipeWriter
	shell *shell.Shell
}

// onTerminal starts the screen with a real shell that has printed so many lines.
func onTerminal(b *testing.B, lines int) *benchScreen {
	b.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan checks.Command, 16)
	sh, err := shell.Start(ctx, shell.Config{
		Dir: b.TempDir(), StateDir: b.TempDir(), Env: []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"}, Program: "bash",
		OnCommand: func(c checks.Command) {
			if !c.Running {
				ended <- c
			}
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	if lines > 0 {
		runIn(b, sh, fmt.Sprintf(`seq -f 'kubia-%%g   1/1   Running   0   4분   10.244.1.7   kubelab-worker2' %d`, lines))
		<-ended
	}
	app, lab := newFake()
	out := &benchTerminal{seen: make(chan time.Time, 1)}
	r, w := io.Pipe()
	result := make(chan error, 1)
	out.expect("kubelab")
	began := time.Now()
	go func() {
		result <- run(ctx, Config{
			Course: testCourse(), App: benchApp{app, benchLab{lab, sh}}, Input: r, Output: out, Lab: "scale",
			Environ: []string{"TERM=xterm-256color", "COLORTERM=truecolor"},
		}, tea.WithWindowSize(benchWidth, benchHeight))
	}()
	b.ReportMetric(ms((<-out.seen).Sub(began)), "first-frame-ms")
	b.Cleanup(func() {
		cancel()
		<-result
		w.Close()
		_ = sh.Close()
	})
	s := &benchScreen{b, out, w, sh}
	s.press("x", "멈")
	return s
}

func runIn(b *testing.B, sh *shell.Shell, command string) {
	b.Helper()
	for !sh.Idle() {
		<-sh.Changed()
	}
	if err := sh.Paste(command); err != nil {
		b.Fatal(err)
	}
	if err := sh.SendKey(shell.Key{Code: tea.KeyEnter}); err != nil {
		b.Fatal(err)
	}
}

// press presses keys and waits for a text to be written; it returns how long that took.
func (s *benchScreen) press(keys, until string) time.Duration {
	s.b.Helper()
	s.out.expect(until)
	began := time.Now()
	if _, err := io.WriteString(s.in, keys); err != nil {
		s.b.Fatal(err)
	}
	select {
	case at := <-s.out.seen:
		return at.Sub(began)
	case <-time.After(20 * time.Second):
		s.b.Fatalf("%q did not bring %q", keys, until)
		return 0
	}
}

// refused presses two keys in turn whose answers begin with syllables that are nowhere else, until enough is enough.
func (s *benchScreen) refused(enough func(n int) bool) []time.Duration {
	var took []time.Duration
	for i := 0; !enough(i); i++ {
		key, until := "p", "첫"
		if i%2 == 1 {
			key, until = "x", "멈"
		}
		took = append(took, s.press(key, until))
	}
	return took
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func report(b *testing.B, name string, took []time.Duration) {
	b.Helper()
	slices.Sort(took)
	for _, p := range []int{50, 99} {
		b.ReportMetric(ms(took[min(len(took)-1, len(took)*p/100)]), fmt.Sprintf("p%d-%s-ms", p, name))
	}
	b.ReportMetric(0, "ns/op")
}

const benchKeys = 300

// BenchmarkTerminalKey is the time from a key to its frame, with 10,000 lines of scrollback in the shell beside the text.
func BenchmarkTerminalKey(b *testing.B) {
	s := onTerminal(b, 10000)
	for range b.N {
		report(b, "key", s.refused(func(n int) bool { return n == benchKeys }))
	}
}

// BenchmarkTerminalTyping is the time from a key typed into the shell to the frame that shows what the shell made of it.
func BenchmarkTerminalTyping(b *testing.B) {
	s := onTerminal(b, 10000)
	s.press("s", "[")
	for range b.N {
		var took []time.Duration
		for i := range benchKeys {
			letter := string(rune('A' + i%26))
			took = append(took, s.press(letter, letter))
			if i%26 == 25 {
				s.press("\x15", "$") // ctrl+u
			}
		}
		report(b, "typing", took)
	}
}

// BenchmarkTerminalFlood is the time from a key to its frame while the shell prints 100 MB.
func BenchmarkTerminalFlood(b *testing.B) {
	for range b.N {
		s := onTerminal(b, 0)
		runIn(b, s.shell, "yes 'Successfully pulled image in 1.2s' | head -c 100000000; echo")
		running := func() bool { c, ok := s.shell.Command(); return ok && c.Running }
		for !running() {
			<-time.After(time.Millisecond)
		}
		began := time.Now()
		took := s.refused(func(int) bool { return !running() })
		b.ReportMetric(time.Since(began).Seconds(), "flood-s")
		b.ReportMetric(float64(len(took)), "keys")
		report(b, "flood", took)
	}
}

// BenchmarkFirstFrame is the time from nothing to the first screen of a lab at 200x50.
func BenchmarkFirstFrame(b *testing.B) {
	for b.Loop() {
		r := inLab(b, benchWidth, benchHeight)
		if r.m.View().Content == "" {
			b.Fatal("nothing is drawn")
		}
	}
}

// BenchmarkKeyToFrame is the time from a key to the screen that answers it at 200x50.
func BenchmarkKeyToFrame(b *testing.B) {
	for _, c := range []struct {
		name string
		keys []tea.KeyPressMsg
	}{
		{"scroll", []tea.KeyPressMsg{press("down"), press("up")}},
		{"select", []tea.KeyPressMsg{press("right")}},
		{"refused", []tea.KeyPressMsg{press("p")}},
	} {
		b.Run(c.name, func(b *testing.B) {
			r := inLab(b, benchWidth, benchHeight)
			i := 0
			for b.Loop() {
				r.m.Update(c.keys[i%len(c.keys)])
				r.m.View()
				i++
			}
		})
	}
}

// BenchmarkShellFrame is the time from a new screen of the shell to the learner's at 200x50.
func BenchmarkShellFrame(b *testing.B) {
	r := inLab(b, benchWidth, benchHeight)
	lines := make([]string, 40)
	for i := range lines {
		lines[i] = "\x1b[32mkubia-4lm8d\x1b[m   1/1   Running   0   4분   10.244.1.7   kubelab-worker2   <none>   <none>"
	}
	r.lab.shell = newFakeShell(lines...)
	signal(r.lab.changed)
	r.settle()
	r.press("s")
	msg := screenMsg{r.m.lab, r.lab.shell, r.lab.shell.Screen()}
	b.ResetTimer()
	for b.Loop() {
		r.m.Update(msg)
		r.m.View()
	}
}
