package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
	"golang.org/x/sys/unix"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/labs"
	plaintext "github.com/kubelab/kubelab/runner/plain"
	"github.com/kubelab/kubelab/runner/shell"
)

// wantsPlain reports whether the course is read out instead of drawn: where the learner asked for it, and where nothing
// can be drawn.
func (a *app) wantsPlain() bool {
	return a.plain || os.Getenv("TERM") == "dumb" || !isTerminal(a.streams.In) || !isTerminal(a.streams.Out)
}

// learnPlain reads the course out.
func (a *app) learnPlain(ctx context.Context, course *labs.Course, lab string, s *screenApp) error {
	// Whoever reads may have had enough (`kubelab --plain | head`): then writing fails, and the lab is left in order.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	defer signal.Reset(syscall.SIGPIPE)
	cfg := plaintext.Config{
		Course: course, App: plainApp{s}, Input: a.streams.In, Output: a.streams.Out, Lab: lab, Lang: a.language,
		Interactive: isTerminal(a.streams.In), Leaving: a.tellLeaving,
	}
	in, inOK := a.streams.In.(*os.File)
	out, outOK := a.streams.Out.(*os.File)
	if outOK && isTerminal(out) {
		if width, _, err := term.GetSize(out.Fd()); err == nil {
			cfg.Width = width
		}
		if inOK && isTerminal(in) {
			cfg.HandOver = func(ctx context.Context, sh plaintext.Shell) error { return handOver(ctx, in, out, sh) }
		}
	}
	err := plaintext.Run(ctx, cfg)
	if errors.Is(err, syscall.EPIPE) {
		err = nil
	}
	return err
}

// plainApp shows a course to the lines.
type plainApp struct{ *screenApp }

// Open begins or resumes a lab.
func (p plainApp) Open(id string) (plaintext.Lab, error) {
	l := &plainLab{}
	screen, err := p.open(id, l.record)
	if err != nil {
		return nil, err
	}
	l.screenLab = screen
	return l, nil
}

// plainLab is an open lab that remembers which commands have ended.
type plainLab struct {
	*screenLab
	mu    sync.Mutex
	ended []checks.Command
}

var _ plaintext.Lab = (*plainLab)(nil)

func (l *plainLab) record(c checks.Command) {
	if c.Running {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = append(l.ended, c)
}

// Ended are the commands that ended in the shell since the last call.
func (l *plainLab) Ended() []checks.Command {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := l.ended
	l.ended = nil
	return out
}

// Shell is the learner's shell, or false while there is none.
func (l *plainLab) Shell() (plaintext.Shell, bool) {
	sh, ok := l.screenLab.Shell()
	if !ok {
		return nil, false
	}
	return sh, true
}

// Settle waits until everything that was asked for shows in View: the session does one thing after the other, and a step
// that there is not is none to go to.
func (l *plainLab) Settle() { l.Goto(-1) }

var errNotMirrored = errors.New("this shell cannot have the terminal")

// handOver gives the terminal to a shell until that ends.
func handOver(ctx context.Context, in, out *os.File, sh plaintext.Shell) error {
	s, ok := sh.(*shell.Shell)
	if !ok {
		return errNotMirrored
	}
	state, err := term.MakeRaw(in.Fd())
	if err != nil {
		return fmt.Errorf("hand terminal over: %w", err)
	}
	defer func() { _ = term.Restore(in.Fd(), state) }()
	resize := func() {
		if cols, rows, err := term.GetSize(out.Fd()); err == nil && cols > 0 && rows > 0 {
			s.Resize(cols, rows)
		}
	}
	dumb := os.Getenv("TERM") == "dumb"
	defer s.Mirror(out, dumb)()
	resize()
	if !dumb {
		defer func() {
			_, _ = out.WriteString(ansi.ResetModeBracketedPaste + ansi.SetModeTextCursorEnable + ansi.ResetStyle)
		}()
	}
	if _, err := s.Write([]byte{'\r'}); err != nil { // so that there is a prompt to be seen
		return fmt.Errorf("type into shell: %w", err)
	}
	winch := make(chan os.Signal, 1)
	signal.Notify(winch, syscall.SIGWINCH)
	defer signal.Stop(winch)
	for {
		select {
		case <-s.Done():
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-winch:
			resize()
		default:
		}
		if err := copyTyped(in, s); err != nil {
			return err
		}
	}
}

// typedEvery bounds how long the terminal is read from at once, so that nobody who comes after the shell loses a key.
const typedEvery = 100 // ms

// copyTyped gives the shell what was typed, if anything was.
func copyTyped(in *os.File, s *shell.Shell) error {
	fds := []unix.PollFd{{Fd: int32(in.Fd()), Events: unix.POLLIN}}
	switch n, err := unix.Poll(fds, typedEvery); {
	case errors.Is(err, unix.EINTR) || n == 0:
		return nil
	case err != nil:
		return fmt.Errorf("read terminal: %w", err)
	}
	buf := make([]byte, 4096)
	n, err := in.Read(buf)
	if err != nil {
		return fmt.Errorf("read terminal: %w", err)
	}
	if _, err := s.Write(buf[:n]); err != nil && !errors.Is(err, shell.ErrFull) {
		return fmt.Errorf("type into shell: %w", err)
	}
	return nil
}
