package shell

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/kubelab/kubelab/checks"
)

// Run types a statement at the prompt as the learner would, visibly, and waits until the prompt is back. What was left
// typed at the prompt is given up first, as with Ctrl-C.
//
// It returns how the command ended; a statement with nothing to run in it (a comment) ends with 0. Where something else
// runs, and does not end within endingTime, it returns ErrBusy. When ctx ends first, it returns what was last seen: the command, still running, with its
// output so far, and the cause of ctx's end. It does not interrupt the command. When the statement ends the shell, the
// command is returned with ErrEnded.
func (s *Shell) Run(ctx context.Context, statement string) (checks.Command, error) {
	if !s.running.TryLock() {
		return checks.Command{}, ErrBusy
	}
	defer s.running.Unlock()
	statement = strings.TrimRight(strings.ReplaceAll(statement, "\r\n", "\n"), "\n")
	interrupts, err := s.clearPrompt(ctx)
	if err != nil {
		return checks.Command{}, err
	}
	for {
		c, err := s.enter(ctx, statement)
		// A Ctrl-C of clearPrompt's that came late has taken the statement away with it.
		switch {
		case !errors.Is(err, errInterrupted):
			return c, err
		case interrupts <= 1:
			return c, nil // the learner's own
		}
		interrupts--
	}
}

// errInterrupted says that a new prompt came after a Ctrl-C, and nothing was run.
var errInterrupted = errors.New("interrupted")

// enter types a statement at an empty prompt and waits for the next one.
func (s *Shell) enter(ctx context.Context, statement string) (checks.Command, error) {
	s.mu.Lock()
	ended, prompts, dir := s.track.ended, s.track.prompts, s.track.dir
	s.mu.Unlock()
	began := time.Now()
	if err := s.Paste(statement); err != nil {
		return checks.Command{}, fmt.Errorf("type %q: %w", statement, err)
	}
	if _, err := s.Write([]byte{'\r'}); err != nil {
		return checks.Command{}, fmt.Errorf("type %q: %w", statement, err)
	}
	err := s.until(ctx, func() bool { return s.track.prompts > prompts })
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.track.ended > ended:
		return s.track.newest, err
	case err == nil:
		c := checks.Command{Text: statement, Dir: dir, Started: began, Ended: time.Now()}
		if s.track.status == interrupted && !isComment(statement) {
			c.Exit, err = 130, errInterrupted
		}
		return c, err
	case s.track.running != nil:
		c, _ := s.command()
		return c, fmt.Errorf("run %q: %w", statement, err)
	}
	seen := strings.Join(plainTail(s.term.snapshot(0).Lines, 5), "\n")
	return checks.Command{Text: statement, Dir: dir, Started: began, Output: seen, Running: true},
		fmt.Errorf("run %q: the shell waits for more: %w", statement, err)
}

// interruptTime is how long a Ctrl-C is given. A shell that is just about to read keys loses it, as zsh 5.9 does.
const interruptTime = time.Second

// endingTime is how long a running command is given to end by itself: what it did is seen, and ticked, before it has
// ended, and a learner who has seen the tick goes on at once.
const endingTime = 2 * time.Second

// clearPrompt waits for the first prompt, and makes it an empty one. It says how many Ctrl-C that took.
func (s *Shell) clearPrompt(ctx context.Context) (interrupts int, err error) {
	if err := s.until(ctx, func() bool { return s.track.running != nil || s.track.prompt }); err != nil {
		return 0, fmt.Errorf("wait for prompt: %w", err)
	}
	ending, cancel := context.WithTimeoutCause(ctx, endingTime, ErrBusy)
	err = s.until(ending, func() bool { return s.track.running == nil && s.track.prompt })
	cancel()
	switch {
	case errors.Is(err, ErrBusy):
		return 0, ErrBusy
	case err != nil:
		return 0, fmt.Errorf("wait for prompt: %w", err)
	}
	s.mu.Lock()
	typed, prompts := s.typed || s.ahead, s.track.prompts
	s.mu.Unlock()
	if !typed {
		return 0, nil
	}
	for {
		if _, err := s.Write([]byte{0x03}); err != nil {
			return interrupts, fmt.Errorf("give up what is typed: %w", err)
		}
		interrupts++
		once, cancel := context.WithTimeout(ctx, interruptTime)
		err := s.until(once, func() bool { return s.track.prompts > prompts })
		cancel()
		switch {
		case err == nil:
			return interrupts, nil
		case ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded):
			return interrupts, fmt.Errorf("give up what is typed: %w", err)
		}
	}
}

// until waits for a condition on the tracker, which is evaluated under the lock.
func (s *Shell) until(ctx context.Context, holds func() bool) error {
	for {
		s.mu.Lock()
		wake, ok := s.wake, holds()
		s.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-wake:
		case <-s.done:
			return ErrEnded
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
