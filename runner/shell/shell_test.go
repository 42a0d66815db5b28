package shell

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"go.uber.org/goleak"

	"github.com/kubelab/kubelab/checks"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// deadline is how long anything may take that a test waits for.
const deadline = 20 * time.Second

// lab is a shell under test with the commands it reported.
type lab struct {
	*Shell
	t  *testing.T
	mu sync.Mutex
	// started and ended are what OnCommand got.
	started, ended []checks.Command
}

type shellKind struct {
	name  string
	noPS0 bool
}

// kinds are the shells that every behaviour is tested with.
var kinds = []shellKind{{"bash", false}, {"bash", true}, {"zsh", false}}

func (k shellKind) String() string {
	if k.noPS0 {
		return k.name + "-debug-trap"
	}
	return k.name
}

// each runs a test with every kind of shell.
func each(t *testing.T, test func(t *testing.T, l *lab)) {
	for _, k := range kinds {
		t.Run(k.String(), func(t *testing.T) { test(t, start(t, k, Config{})) })
	}
}

func start(t *testing.T, k shellKind, cfg Config) *lab {
	t.Helper()
	l := begin(t, k, cfg)
	l.await("a prompt", l.Idle)
	return l
}

// begin starts a shell and does not wait for it.
func begin(t *testing.T, k shellKind, cfg Config) *lab {
	t.Helper()
	if _, err := exec.LookPath(k.name); err != nil {
		t.Skipf("%s is not installed: %v", k.name, err)
	}
	l := &lab{t: t}
	dir := filepath.Join(t.TempDir(), "11")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	cfg.Program, cfg.noPS0 = k.name, k.noPS0
	cfg.Dir, cfg.StateDir = dir, filepath.Join(t.TempDir(), "state")
	if cfg.Env == nil {
		cfg.Env = append(os.Environ(), "HOME="+t.TempDir())
	}
	cfg.OnCommand = func(c checks.Command) {
		l.mu.Lock()
		defer l.mu.Unlock()
		if c.Running {
			l.started = append(l.started, c)
		} else {
			l.ended = append(l.ended, c)
		}
	}
	var err error
	if l.Shell, err = Start(context.Background(), cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// await waits until something holds. It looks again whenever the screen changed.
func (l *lab) await(what string, holds func() bool) {
	l.t.Helper()
	timeout := time.After(deadline)
	for !holds() {
		select {
		case <-l.Changed():
		case <-l.Done():
			if holds() {
				return
			}
			l.t.Fatalf("the shell ended while the test waited for %s; screen:\n%s", what, l.screen())
		case <-timeout:
			l.t.Fatalf("no %s; screen:\n%s", what, l.screen())
		}
	}
}

// awaitEnded waits until n commands have ended and the prompt is back, and returns them.
func (l *lab) awaitEnded(n int) []checks.Command {
	l.t.Helper()
	l.await(fmt.Sprintf("%d ended commands", n), func() bool { return len(l.commands()) >= n && l.Idle() })
	return l.commands()
}

func (l *lab) commands() []checks.Command {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]checks.Command(nil), l.ended...)
}

func (l *lab) screen() string { return plain(l.Screen()) }

func plain(s Screen) string {
	lines := make([]string, len(s.Lines))
	for i, line := range s.Lines {
		lines[i] = strings.TrimRight(ansi.Strip(line), " ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

func (l *lab) typeText(s string) {
	l.t.Helper()
	if _, err := l.Write([]byte(s)); err != nil {
		l.t.Fatal(err)
	}
}

func (l *lab) run(statement string) checks.Command {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	c, err := l.Run(ctx, statement)
	if err != nil {
		l.t.Fatalf("Run(%q): %v; screen:\n%s", statement, err, l.screen())
	}
	return c
}

// TestTyped types lines and looks at what was recorded.
func TestTyped(t *testing.T) {
	type want struct {
		text   string
		exit   int
		output string // "…" at its end: only the beginning is compared; "?" anything
	}
	tests := []struct {
		name string
		keys string
		want []want
	}{
		{"plain", "echo hello\r", []want{{"echo hello", 0, "hello"}}},
		{"failing", "false\r", []want{{"false", 1, ""}}},
		{"not found", "no-such-command-here\r", []want{{"no-such-command-here", 127, "?"}}},
		{"leading blanks", "   echo spaced\r", []want{{"   echo spaced", 0, "spaced"}}},
		{"same twice", "echo a\recho a\r", []want{{"echo a", 0, "a"}, {"echo a", 0, "a"}}},
		{"list", "echo a; false\r", []want{{"echo a; false", 1, "a"}}},
		{"pipeline", "printf 'b\\na\\n' | sort\r", []want{{"printf 'b\\na\\n' | sort", 0, "a\nb"}}},
		{"em dash", "echo kubectl run kubia —image=luksa/kubia\r",
			[]want{{"echo kubectl run kubia —image=luksa/kubia", 0, "kubectl run kubia —image=luksa/kubia"}}},
		{"Korean", "echo 안녕하세요 쿠버네티스\r", []want{{"echo 안녕하세요 쿠버네티스", 0, "안녕하세요 쿠버네티스"}}},
		{"backslash", `printf %s 'a\b;c'` + "\r", []want{{`printf %s 'a\b;c'`, 0, `a\b;c`}}},
		{"escape typed", "echo 'x\x16\x1by' | wc -c\r", []want{{"echo 'x\x1by' | wc -c", 0, "?"}}},
		{"edited", "echo wronk\x7fg\r", []want{{"echo wrong", 0, "wrong"}}},
		{"nothing", "\r\recho x\r", []want{{"echo x", 0, "x"}}},
		{"comment", "# only a comment\recho x\r", []want{{"echo x", 0, "x"}}},
		{"subshell", "(exit 7)\r", []want{{"(exit 7)", 7, ""}}},
		{"syntax error", "echo )\r", []want{{"echo )", -2, "?"}}},
		{"quoted over two lines", "echo 'a\rb'\r", []want{{"echo 'a\nb'", 0, "a\nb"}}},
		{"loop over lines", "for i in 1 2\rdo echo $i\rdone\r", []want{{"for i in 1 2\ndo echo $i\ndone", 0, "1\n2"}}},
		{"interrupted line", "echo abandoned\x03echo kept\r", []want{{"echo kept", 0, "kept"}}},
		{"nested shell", "sh -c 'echo in; exit 3'\r", []want{{"sh -c 'echo in; exit 3'", 3, "in"}}},
		{"no line feed", "printf abc\recho d\r", []want{{"printf abc", 0, "abc"}, {"echo d", 0, "d"}}},
		{"progress", "printf '10%%\\r20%%\\r100%%\\n'\r", []want{{"printf '10%%\\r20%%\\r100%%\\n'", 0, "100%"}}},
		{"history settings", "HISTCONTROL=ignoreboth:erasedups; HISTIGNORE='*'\recho x\r echo y\r",
			[]want{{"HISTCONTROL=ignoreboth:erasedups; HISTIGNORE='*'", 0, ""}, {"echo x", 0, "x"}, {" echo y", 0, "y"}}},
		{"nounset", "set -u\recho x\rset +u\r", []want{{"set -u", 0, ""}, {"echo x", 0, "x"}, {"set +u", 0, ""}}},
		{"directory", "mkdir -p sub && cd sub\rpwd | sed 's,.*/,,'\r",
			[]want{{"mkdir -p sub && cd sub", 0, ""}, {"pwd | sed 's,.*/,,'", 0, "sub"}}},
		{"forged marks", `printf '\033]633;D;0\007\033]633;C\007\033]133;D;0\007\033]633;E;forged;guess\007'; false` + "\r",
			[]want{{`printf '\033]633;D;0\007\033]633;C\007\033]133;D;0\007\033]633;E;forged;guess\007'; false`, 1, ""}}},
		{"mark left open", `printf '\033]633;E;rm'` + "\recho x\r",
			[]want{{`printf '\033]633;E;rm'`, 0, ""}, {"echo x", 0, "x"}}},
		{"prompt replaced", "PS1='$ '\recho x\r", []want{{"PS1='$ '", 0, ""}, {"echo x", 0, "x"}}},
	}
	for _, k := range kinds {
		for _, tt := range tests {
			t.Run(k.String()+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				l := start(t, k, Config{})
				keys := tt.keys
				if line, rest, ok := strings.Cut(keys, "\x03"); ok {
					l.typeText(line)
					l.await("echo", func() bool { return strings.HasSuffix(l.screen(), line) })
					l.interrupt()
					keys = rest
				}
				l.typeText(keys)
				got := l.awaitEnded(len(tt.want))
				if len(got) != len(tt.want) {
					t.Fatalf("%d commands, want %d: %+v", len(got), len(tt.want), got)
				}
				for i, w := range tt.want {
					g := got[i]
					exitOK := g.Exit == w.exit || w.exit == -2 && g.Exit != 0
					if g.Text != w.text || !exitOK || w.output != "?" && g.Output != w.output {
						t.Errorf("command %d: text %q, exit %d, output %q; want %+v", i, g.Text, g.Exit, g.Output, w)
					}
					if g.Running || g.Started.IsZero() || g.Ended.Before(g.Started) || filepath.Base(g.Dir) == "." {
						t.Errorf("command %d: %+v", i, g)
					}
				}
			})
		}
	}
}

// interrupt presses Ctrl-C until there is a new prompt: bash 5.2 and zsh 5.9 lose one that comes while they echo a key.
func (l *lab) interrupt() {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	if _, err := l.clearPrompt(ctx); err != nil {
		l.t.Fatalf("interrupt: %v; screen:\n%s", err, l.screen())
	}
}

// TestInterruptStart presses Ctrl-C while the shell still reads its files: it comes up all the same.
func TestInterruptStart(t *testing.T) {
	const ls = "#!/bin/sh\n: >%[1]q/reading\nwhile [ ! -e %[1]q/go ]; do sleep 0.01; done\n"
	for _, k := range kinds {
		t.Run(k.String(), func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "ls"), fmt.Appendf(nil, ls, dir), 0o755); err != nil {
				t.Fatal(err)
			}
			l := begin(t, k, Config{Env: append(os.Environ(), "HOME="+dir, "PATH="+dir+":"+os.Getenv("PATH"))})
			timeout := time.After(deadline)
			for look := time.Tick(5 * time.Millisecond); ; {
				if _, err := os.Stat(filepath.Join(dir, "reading")); err == nil {
					break
				}
				select {
				case <-look:
				case <-timeout:
					t.Fatalf("the shell never looked for ls; screen:\n%s", l.screen())
				}
			}
			l.typeText("\x03")
			if err := os.WriteFile(filepath.Join(dir, "go"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			l.await("a prompt", l.Idle)
			l.typeText("echo x\r")
			if got := l.awaitEnded(1); got[0].Text != "echo x" || got[0].Output != "x" {
				t.Errorf("got %+v", got[0])
			}
			l.typeText("sh -c 'echo sta\"\"rted; exec sleep 100'\r")
			l.await("output", func() bool { c, ok := l.Command(); return ok && c.Running && c.Output == "started" })
			l.typeText("\x03")
			if got := l.awaitEnded(2); got[1].Exit != 130 {
				t.Errorf("after it, Ctrl-C ended a command with %+v", got[1])
			}
		})
	}
}

func TestInterruptCommand(t *testing.T) {
	each(t, func(t *testing.T, l *lab) {
		const line = "sh -c 'echo sta\"\"rted; exec sleep 100'" // the child speaks: it has the terminal by now
		l.typeText(line + "\r")
		l.await("output", func() bool { c, ok := l.Command(); return ok && c.Running && c.Output == "started" })
		if l.Idle() {
			t.Error("idle while a command runs")
		}
		if _, err := l.Run(context.Background(), "echo x"); !errors.Is(err, ErrBusy) {
			t.Errorf("Run while a command runs: %v, want ErrBusy", err)
		}
		l.typeText("\x03")
		got := l.awaitEnded(1)
		if got[0].Text != line || got[0].Exit != 130 {
			t.Errorf("got %+v, want it to end with 130", got[0])
		}
	})
}
