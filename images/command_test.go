package images

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// newTestTask is a task with a log of its own.
func newTestTask(t *testing.T, detail func(string)) *task {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), "step.log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	return &task{step: &step{lane: compiler}, log: log, detail: detail, work: t.TempDir()}
}

func TestRunReportsLinesAndKeepsALog(t *testing.T) {
	var seen []string
	tk := newTestTask(t, func(line string) { seen = append(seen, line) })
	script := `printf 'one\n\ntw'; printf 'o\r'; echo "$WORD" >&2; printf last`
	if err := tk.run(t.Context(), command{argv: []string{"sh", "-c", script}, env: []string{"WORD=셋"}}); err != nil {
		t.Fatal(err)
	}
	if want := []string{"one", "two", "셋"}; !slices.Equal(seen, want) {
		t.Errorf("saw %q, expected %q", seen, want)
	}
	log, err := os.ReadFile(tk.log.Name())
	if err != nil || !strings.HasPrefix(string(log), "$ sh -c ") || !strings.HasSuffix(string(log), "last") {
		t.Errorf("the log is %q, %v", log, err)
	}
}

func TestRunErrorCarriesArgvTailAndLog(t *testing.T) {
	tk := newTestTask(t, func(string) {})
	err := tk.run(t.Context(), command{argv: []string{"sh", "-c", "seq 1 40; printf 'no space left'; exit 3"}})
	var failed *CommandError
	var exit *exec.ExitError
	if !errors.As(err, &failed) || !errors.As(err, &exit) || exit.ExitCode() != 3 {
		t.Fatalf("got %v, expected a CommandError with exit status 3", err)
	}
	if len(failed.Tail) != tailLines || failed.Tail[tailLines-1] != "no space left" || failed.Tail[0] != "27" {
		t.Errorf("the tail is %q, expected the last %d lines", failed.Tail, tailLines)
	}
	text := (&StepError{Image: "registry:3", Title: "컴파일하기", Err: err}).Error()
	for _, part := range []string{"registry:3", "'컴파일하기'", "sh -c seq 1 40", "exit status 3", "no space left", tk.log.Name()} {
		if !strings.Contains(text, part) {
			t.Errorf("the error does not say %q: %s", part, text)
		}
	}
}

func TestRunWithoutTheProgram(t *testing.T) {
	tk := newTestTask(t, func(string) {})
	if err := tk.run(t.Context(), command{argv: []string{"kubelab-no-such-program"}}); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("got %v, expected exec.ErrNotFound", err)
	}
}

// TestCancelEndsEverythingThatWasStarted: the command's own children die with it, and it gets to clean up first.
func TestCancelEndsEverythingThatWasStarted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	fifo := filepath.Join(t.TempDir(), "alive")
	tk := newTestTask(t, func(line string) {
		if line == "started" {
			cancel()
		}
	})
	if err := exec.Command("mkfifo", fifo).Run(); err != nil {
		t.Fatal(err)
	}
	// The grandchild holds the pipe open; that it is gone shows in the reader's end of file.
	gone := make(chan error, 1)
	go func() {
		_, err := os.ReadFile(fifo)
		gone <- err
	}()
	script := `trap 'echo cleaning; exit 1' TERM; (exec 3>` + fifo + `; trap '' TERM; echo started; exec sleep 1000 >/dev/null 2>&1) & wait`
	err := tk.run(ctx, command{argv: []string{"sh", "-c", script}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, expected context.Canceled", err)
	}
	select {
	case err := <-gone:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("a child of the cancelled command is still there")
	}
	if log, err := os.ReadFile(tk.log.Name()); err != nil || !strings.Contains(string(log), "cleaning") {
		t.Errorf("the command was not asked to end: %q, %v", log, err)
	}
}
