package shell

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

const (
	maxInput = 1 << 20 // bytes that wait for a program to read them
	maxReply = 4 << 10 // the same, for the terminal's answers: a program may ask forever without reading
	// drainTime is how long the shell's last output may take after it ended, where another process keeps the terminal.
	drainTime = 200 * time.Millisecond
	// graceTime is how long processes may take to leave after SIGHUP.
	graceTime = 2 * time.Second
)

// start starts the process in a terminal of its own, and the goroutines around it.
func (s *Shell) start() error {
	ptmx, err := pty.StartWithSize(s.cmd, &pty.Winsize{Cols: uint16(s.term.cols), Rows: uint16(s.term.rows)})
	if err != nil {
		return err
	}
	if s.pty, err = pollable(ptmx); err != nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		return err
	}
	s.input = newInput()
	writer := make(chan struct{})
	go func() {
		defer close(writer)
		s.input.drain(s.pty)
	}()
	replies := make(chan struct{})
	go func() {
		defer close(replies)
		s.reply()
	}()
	go s.reap()
	go func() {
		s.read()
		<-s.exited
		_ = s.pty.Close()
		s.input.close()
		<-writer
		s.finish()
		s.term.close()
		<-replies
		close(s.done)
		s.notify()
	}()
	return nil
}

// pollable makes the terminal's file one whose reads and writes end when it is closed. Starting the process has made
// the original a blocking one.
func pollable(f *os.File) (*os.File, error) {
	defer f.Close()
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("duplicate terminal: %w", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("set terminal non-blocking: %w", err)
	}
	return os.NewFile(uintptr(fd), "ptmx"), nil
}

// read takes in what is written to the terminal until it is closed by everybody, or some time after the shell ended.
func (s *Shell) read() {
	read := pieces(s.pty)
	for p := range read {
		s.feed(join(p, read))
	}
}

// reap waits for the process.
func (s *Shell) reap() {
	err := s.cmd.Wait()
	s.exit = exitOf(s.cmd.ProcessState, err)
	close(s.exited)
	_ = s.pty.SetReadDeadline(time.Now().Add(drainTime))
}

func exitOf(state *os.ProcessState, err error) Exit {
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		return Exit{Code: -1, Err: fmt.Errorf("wait for shell: %w", err)}
	}
	if ws, ok := state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return Exit{Code: 128 + int(ws.Signal())}
	}
	return Exit{Code: state.ExitCode()}
}

// finish ends the command that ended the shell.
func (s *Shell) finish() {
	s.mu.Lock()
	s.track.prompt = false
	s.track.end(strconv.Itoa(s.exit.Code))
	s.mu.Unlock()
	s.tell()
}

// reply hands the terminal's answers to whoever asked.
func (s *Shell) reply() {
	buf := make([]byte, 4<<10)
	for {
		n, err := s.term.answers(buf)
		if n > 0 {
			_ = s.input.put(buf[:n], maxReply) // too many questions: not answered
		}
		if err != nil {
			return
		}
	}
}

func (s *Shell) setSize(cols, rows int) {
	s.control(func(fd int) {
		_ = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Col: uint16(cols), Row: uint16(rows)})
	})
}

// control calls f with the terminal's descriptor, unless it is closed.
func (s *Shell) control(f func(fd int)) {
	if conn, err := s.pty.SyscallConn(); err == nil {
		_ = conn.Control(func(fd uintptr) { f(int(fd)) })
	}
}

// Close ends the shell and what runs in it, also in the background: by SIGHUP, and by SIGKILL after two seconds. It
// returns when all of it is gone. Closing a shell that ended is no error.
func (s *Shell) Close() error {
	s.closing.Do(func() {
		select {
		case <-s.done:
			return
		default:
		}
		members := sessionMembers(s.cmd.Process.Pid)
		s.hangUp()
		timer := time.NewTimer(graceTime)
		defer timer.Stop()
		select {
		case <-s.done:
		case <-timer.C:
			members = append(members, sessionMembers(s.cmd.Process.Pid)...)
			_ = s.cmd.Process.Kill()
		}
		<-s.exited
		for _, m := range members {
			m.kill()
		}
	})
	<-s.done
	return nil
}

// hangUp tells the shell and what runs in its foreground that the terminal is gone.
func (s *Shell) hangUp() {
	s.control(func(fd int) {
		if group, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP); err == nil && group > 1 {
			_ = unix.Kill(-group, unix.SIGHUP)
			_ = unix.Kill(-group, unix.SIGCONT)
		}
	})
	select {
	case <-s.exited:
	default:
		_ = s.cmd.Process.Signal(unix.SIGHUP)
	}
}

// input is what waits to be written to the terminal. Nobody who types ever waits for the program that should read it.
type input struct {
	mu      sync.Mutex
	pending []byte
	closed  bool
	ready   chan struct{}
}

func newInput() *input { return &input{ready: make(chan struct{}, 1)} }

// put adds p if no more than limit bytes wait then.
func (in *input) put(p []byte, limit int) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	switch {
	case in.closed:
		return ErrEnded
	case len(in.pending)+len(p) > limit:
		return ErrFull
	}
	in.pending = append(in.pending, p...)
	select {
	case in.ready <- struct{}{}:
	default:
	}
	return nil
}

func (in *input) close() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.closed = true
	close(in.ready)
}

// drain writes what waits to f until the input is closed.
func (in *input) drain(f *os.File) {
	for range in.ready {
		in.mu.Lock()
		p := in.pending
		in.pending = nil
		in.mu.Unlock()
		for len(p) > 0 {
			// A terminal takes what fits; Ctrl-C must not stand behind a megabyte in one call.
			n, err := f.Write(p[:min(len(p), slice)])
			if err != nil {
				break
			}
			p = p[n:]
		}
	}
}
