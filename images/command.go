package images

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"
)

const (
	// tailLines is how many lines of a failed command's output its error carries.
	tailLines = 15
	// grace is how long an interrupted command has to clean up behind itself (debootstrap unmounts) before it is killed.
	grace = 10 * time.Second
)

// lines takes a command's output apart: every line goes to each, the newest are kept.
type lines struct {
	mu   sync.Mutex
	rest []byte
	tail []string
	each func(string)
}

func (l *lines) Write(output []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = append(l.rest, output...)
	for {
		end := bytes.IndexAny(l.rest, "\r\n")
		if end < 0 {
			return len(output), nil
		}
		line := strings.TrimSpace(string(l.rest[:end]))
		l.rest = l.rest[end+1:]
		if line == "" {
			continue
		}
		l.tail = append(l.tail, line)
		if len(l.tail) > tailLines {
			l.tail = l.tail[1:]
		}
		l.each(line)
	}
}

// flush takes a last line without an end into account and returns the newest lines.
func (l *lines) flush() []string {
	if len(l.rest) > 0 {
		l.Write([]byte("\n"))
	}
	return l.tail
}

// command is a program to run: argv, and what of the surroundings differs from ours.
type command struct {
	argv []string
	// path is the file to run where it is not argv[0].
	path string
	dir  string
	// env is added to the environment.
	env []string
	// stdout takes the output instead of the log.
	stdout io.Writer
}

// run runs a command to its end. Its output goes to the step's log, the newest line to whoever watches. When ctx ends the
// command and everything it started are asked to end, and after grace killed.
func (t *task) run(ctx context.Context, c command) error {
	path := c.path
	if path == "" {
		found, err := exec.LookPath(c.argv[0])
		if err != nil {
			return err
		}
		path = found
	}
	output := &lines{each: t.detail}
	log := io.MultiWriter(t.log, output)
	cmd := exec.CommandContext(ctx, path, c.argv[1:]...)
	cmd.Args = c.argv
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), c.env...)
	cmd.Stdout, cmd.Stderr = log, log
	if c.stdout != nil {
		cmd.Stdout = c.stdout
	}
	cmd.Cancel = func() error { return terminateGroup(cmd) }
	cmd.WaitDelay = grace
	inOwnGroup(cmd)

	io.WriteString(t.log, "$ "+strings.Join(c.argv, " ")+"\n")
	err := startAndWait(cmd, t.step.lane == compiler)
	killGroup(cmd) // nothing that it started outlives it
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if errors.Is(err, exec.ErrWaitDelay) {
		return nil // it ended well; only a grandchild kept its output open
	}
	return &CommandError{Argv: c.argv, Tail: output.flush(), Log: t.log.Name(), Err: err}
}

// startAndWait runs cmd on a thread of its own: the kernel ends a command when the thread that started it ends, so that
// none survives us, and that thread must not end before.
// A command in the background gets out of the way of everything else: a learner may be at work.
func startAndWait(cmd *exec.Cmd, background bool) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := cmd.Start(); err != nil {
			done <- err
			return
		}
		if background {
			lowerPriority(cmd)
		}
		done <- cmd.Wait()
	}()
	return <-done
}
