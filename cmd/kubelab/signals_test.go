package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"
)

// slowLeave is a course whose only lab takes for ever to be put right.
const slowLeave = `---
id: slow
title: 느린 실습
minutes: 1
---
## 처음 {#first}

` + "```bash leave\necho $$ > \"$LEAVING.new\"\nmv \"$LEAVING.new\" \"$LEAVING\"\nexec sleep 1000\n```\n\n" +
	"```yaml check\n- watch: files\n  title: 파일이 있음\n  expect: items.size() > 0\n  tell:\n  - say: 파일이 없습니다.\n```\n"

// screenOutput collects what a program draws.
type screenOutput struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// read collects what comes from a terminal until that ends.
func (s *screenOutput) read(terminal io.Reader) {
	buf := make([]byte, 64<<10)
	for {
		n, err := terminal.Read(buf)
		if err != nil {
			return
		}
		s.mu.Lock()
		s.buf.Write(buf[:n])
		s.mu.Unlock()
	}
}

// last is the end of what was written.
func (s *screenOutput) last() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.buf.Bytes()[max(0, s.buf.Len()-500):])
}

func (s *screenOutput) has(text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Contains(s.buf.Bytes(), []byte(text))
}

// TestSecondSignal does not wait for what the first one began, and leaves the terminal as it was.
func TestSecondSignal(t *testing.T) {
	program, err := exec.LookPath("kubelab")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "course/course.yaml"), "title: x\nlabs: [slow]\n")
	write(t, filepath.Join(dir, "course/slow/lab.md"), slowLeave)
	leaving, log := filepath.Join(dir, "leaving"), filepath.Join(dir, "state", "progress.jsonl")
	terminal, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	defer tty.Close()
	if err := pty.Setsize(terminal, &pty.Winsize{Cols: 80, Rows: 24}); err != nil {
		t.Fatal(err)
	}
	before, err := term.GetState(tty.Fd())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "--content", filepath.Join(dir, "course"), "slow")
	cmd.Env = append(os.Environ(), "KUBELAB_STATE="+filepath.Join(dir, "state"), "XDG_CACHE_HOME="+dir, "LEAVING="+leaving,
		"DOCKER_HOST=unix://"+filepath.Join(dir, "nowhere.sock"), "TERM=xterm-256color", "KUBELAB_ASCII=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	drawn := &screenOutput{}
	go drawn.read(terminal)
	until := func(what string, cond func() bool) {
		t.Helper()
		look := time.NewTicker(10 * time.Millisecond)
		defer look.Stop()
		for !cond() {
			select {
			case <-look.C:
			case <-ctx.Done():
				t.Fatalf("waited in vain until %s", what)
			}
		}
	}
	until("the lab is open", func() bool {
		facts, err := os.ReadFile(log)
		return err == nil && bytes.Contains(facts, []byte(`"kind":"started"`)) && drawn.has("\x1b[?1049h")
	})
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	until("the lab is being put right", func() bool {
		_, err := os.Stat(leaving)
		return err == nil && drawn.has("제자리로 돌려놓는 중입니다")
	})
	t.Cleanup(func() { end(t, leaving) })
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted {
		t.Errorf("ended with %v, want exit code %d", err, exitInterrupted)
	}
	after, err := term.GetState(tty.Fd())
	if err != nil {
		t.Fatal(err)
	}
	if *after != *before {
		t.Errorf("the terminal's state was %+v, and is %+v", before, after)
	}
	until("the screen is given back", func() bool { return drawn.has("\x1b[?1049l") })
	facts, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(facts, []byte(`"kind":"left"`)) || !bytes.Contains(facts, []byte(`"kind":"opened"`)) {
		t.Errorf("the next start must try again, and the log says:\n%s", facts)
	}
}

// end ends the process whose number is in a file.
func end(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Error(err)
	}
}
