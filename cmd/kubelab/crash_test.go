package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"

	"github.com/kubelab/kubelab/runner/tui"
)

// panics is the program with a mistake in a goroutine that nobody guards, which shows when a file is there.
func panics() {
	go func() {
		for {
			if _, err := os.Stat(os.Getenv("PANIC")); err == nil {
				panic("a mistake far away")
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	main()
}

// filesCourse is a course that needs nothing.
const filesCourse = "---\nid: files\ntitle: 파일\nminutes: 1\n---\n## 처음 {#first}\n\n```bash run\necho 하나\n```\n"

// onScreen is a program in a terminal of the test's own.
type onScreen struct {
	t             *testing.T
	cmd           *exec.Cmd
	dir, state    string
	terminal, tty *os.File
	before        *term.State
	drawn         *screenOutput
	ctx           context.Context
}

// startOnScreen starts a program on a course that needs nothing, and waits until it has drawn.
func startOnScreen(t *testing.T, name string, args ...string) *onScreen {
	t.Helper()
	program, err := exec.LookPath(name)
	if err != nil {
		t.Fatal(err)
	}
	s := &onScreen{t: t, dir: t.TempDir(), drawn: &screenOutput{}}
	s.state = filepath.Join(s.dir, "state")
	write(t, filepath.Join(s.dir, "course/course.yaml"), "title: x\nlabs: [files]\n")
	write(t, filepath.Join(s.dir, "course/files/lab.md"), filesCourse)
	if s.terminal, s.tty, err = pty.Open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.terminal.Close(); s.tty.Close() })
	if err := pty.Setsize(s.terminal, &pty.Winsize{Cols: 80, Rows: 24}); err != nil {
		t.Fatal(err)
	}
	// While the program ends the kernel takes keys: a Ctrl-C would make it throw away output that was not read yet, whoever
	// wrote it, a Ctrl-\ ask for a core, a Ctrl-Z stop what is about to end.
	noflush := exec.Command("stty", "noflsh", "quit", "undef", "susp", "undef")
	noflush.Stdin = s.tty
	if out, err := noflush.CombinedOutput(); err != nil {
		t.Fatalf("stty: %v: %s", err, out)
	}
	if s.before, err = term.GetState(s.tty.Fd()); err != nil {
		t.Fatal(err)
	}
	var cancel context.CancelFunc
	s.ctx, cancel = context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	s.cmd = exec.CommandContext(s.ctx, program, append([]string{"--content", filepath.Join(s.dir, "course")}, args...)...)
	s.cmd.Env = append(os.Environ(), "KUBELAB_STATE="+s.state, "XDG_CACHE_HOME="+s.dir, "PANIC="+filepath.Join(s.dir, "panic"),
		"DOCKER_HOST=unix://"+filepath.Join(s.dir, "nowhere.sock"), "TERM=xterm-256color", "KUBELAB_ASCII=1", "LC_ALL=C.UTF-8")
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = s.tty, s.tty, s.tty
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go s.drawn.read(s.terminal)
	return s
}

func (s *onScreen) until(what string, cond func() bool) {
	s.t.Helper()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for !cond() {
		select {
		case <-look.C:
		case <-s.ctx.Done():
			s.drawn.mu.Lock()
			defer s.drawn.mu.Unlock()
			s.t.Fatalf("waited in vain until %s; drawn: %q", what, s.drawn.buf.String())
		}
	}
}

// opened waits until the lab is open.
func (s *onScreen) opened() {
	s.t.Helper()
	s.until("the lab is open", func() bool {
		facts, err := os.ReadFile(filepath.Join(s.state, "progress.jsonl"))
		return err == nil && bytes.Contains(facts, []byte(`"kind":"started"`)) && s.drawn.has("\x1b[?1049h")
	})
}

// restored waits until the terminal is as it was.
func (s *onScreen) restored() {
	s.t.Helper()
	s.until("the terminal is as it was", func() bool {
		now, err := term.GetState(s.tty.Fd())
		return err == nil && *now == *s.before
	})
	for what, sequence := range map[string]string{
		"alternate screen": "\x1b[?1049l", "cursor": "\x1b[?25h", "bracketed paste": "\x1b[?2004l", "mouse": "\x1b[?1002l",
	} {
		s.until("the "+what+" is given back", func() bool { return s.drawn.has(sequence) })
	}
}

func (s *onScreen) exit() int {
	s.t.Helper()
	var exit *exec.ExitError
	if err := s.cmd.Wait(); err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	return s.cmd.ProcessState.ExitCode()
}

func (s *onScreen) logs() []string {
	logs, err := filepath.Glob(filepath.Join(s.state, "crash-*.log"))
	if err != nil {
		s.t.Fatal(err)
	}
	return logs
}

// TestPanicFarAway holds that a panic which nothing in the program can catch leaves a terminal as it was, a log, and the
// progress.
func TestPanicFarAway(t *testing.T) {
	s := startOnScreen(t, "kubelab-panics", "files")
	s.opened()
	write(t, filepath.Join(s.dir, "panic"), "now")
	if code := s.exit(); code == 0 {
		t.Error("exit code 0")
	}
	s.restored()
	s.until("the log's place is told", func() bool { return s.drawn.has("기록: "+s.state) && s.drawn.has("진행은 남아 있습니다.") })
	logs := s.logs()
	if len(logs) != 1 {
		t.Fatalf("logs: %q, want one", logs)
	}
	if text := readFile(t, logs[0]); !strings.Contains(text, "a mistake far away") || !strings.Contains(text, "kubelab.panics") {
		t.Errorf("the log has no stack: %s", text)
	}
}

// TestKilled holds that the terminal is as it was also after a kill that the program does not live to see.
func TestKilled(t *testing.T) {
	s := startOnScreen(t, "kubelab", "files")
	s.opened()
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	s.exit()
	s.restored()
	s.until("there is no log", func() bool { return len(s.logs()) == 0 })
}

// TestSignals holds that the signals that end a program end it in order.
func TestSignals(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(sig.String(), func(t *testing.T) {
			s := startOnScreen(t, "kubelab", "files")
			s.opened()
			if err := s.cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			if code := s.exit(); code != exitInterrupted {
				t.Errorf("exit code %d, want %d", code, exitInterrupted)
			}
			s.restored()
			if logs := s.logs(); len(logs) > 0 {
				t.Errorf("logs: %q, want none", logs)
			}
		})
	}
}

// TestHangup holds that a program whose terminal is gone ends, also where nobody sends it a signal: the terminal is not its
// own.
func TestHangup(t *testing.T) {
	s := startOnScreen(t, "kubelab", "files")
	s.opened()
	s.terminal.Close() // when who reads has something to read
	if _, err := s.tty.WriteString("\n"); err != nil {
		t.Fatal(err)
	}
	s.tty.Close()
	if code := s.exit(); code != exitInterrupted {
		t.Errorf("exit code %d, want %d", code, exitInterrupted)
	}
}

// TestKeepCrash holds that a crash of the screen leaves its stack in a log whose place is told.
func TestKeepCrash(t *testing.T) {
	log := crashLog(t.TempDir(), time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC))
	err := keepCrash(&tui.Crash{Value: "a mistake", Stack: []byte("main.here()")}, log, "")
	var out strings.Builder
	if code := exitCode(&out, err); code != exitFailed || !strings.Contains(out.String(), "기록: "+log) {
		t.Errorf("exit code %d, said %q", code, out.String())
	}
	if text := readFile(t, log); !strings.Contains(text, "a mistake") || !strings.Contains(text, "main.here()") {
		t.Errorf("the log says %q", text)
	}
	if other := errors.New("other"); keepCrash(other, log, "") != other {
		t.Error("another error is changed")
	}
}
