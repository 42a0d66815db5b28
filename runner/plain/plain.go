// Package plain is the course as lines of text, for screen readers, terminals that cannot move their cursor, pipes and
// CI. It prints what changes and reads commands, a line each; nothing that was printed is ever touched again.
package plain

import (
	"context"
	"io"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/internal/lang"
	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/session"
	"github.com/kubelab/kubelab/runner/shell"
)

// App is the program behind the lines. Its methods return at once, but for Open.
type App interface {
	// Overview is the course and the environment at this moment; Changed receives after it has become another.
	Overview() session.Overview
	Changed() <-chan struct{}
	// Open begins or resumes a lab. It may take a moment.
	Open(lab string) (Lab, error)
	// Retry brings the environment up again after it failed or broke.
	Retry()
}

// Lab is one learner in one lab. Its methods return at once, but for Close; what they bring about shows in View, which
// after Settle has all that was asked for before it.
type Lab interface {
	View() session.View
	Changed() <-chan struct{}
	Goto(step int)
	Hint()
	Solution()
	Answer(question int, given string)
	Run(command string)
	Solve()
	Stop()
	Reset()
	Travel(step int)
	Settle()
	// Ended are the commands that ended in the shell since the last call, with their output.
	Ended() []checks.Command
	// Shell is the learner's shell. Where there is none it begins to start one and returns false.
	Shell() (Shell, bool)
	Close() error
}

// Shell is what runs the learner's commands; *shell.Shell is one.
type Shell interface {
	// Command is what runs at present, with its output so far, or ended last.
	Command() (c checks.Command, ok bool)
	// SendKey and Paste type into what runs.
	SendKey(shell.Key) error
	Paste(text string) error
}

// Config is what the lines are made of.
type Config struct {
	Course *labs.Course
	App    App
	Input  io.Reader
	Output io.Writer
	// Interactive is true where somebody types: a prompt is shown, questions are put before what cannot be taken back,
	// and a command does not wait for the one before it. Elsewhere each line waits until what the one before it
	// brought about is over.
	Interactive bool
	// Width is where lines are wrapped; 80 where it is 0.
	Width int
	Lang  lang.Lang
	// Lab is the ID of the lab to open first; empty shows the course.
	Lab string
	// Leaving is told that an open lab is being put right. It may be nil.
	Leaving func(*labs.Lab)
	// HandOver gives the terminal to a shell until the learner leaves it; nil where there is no terminal to give.
	HandOver func(context.Context, Shell) error
}

// Run shows the course until the learner quits, the input ends or ctx does. An interrupted context is ctx.Err().
func Run(ctx context.Context, cfg Config) error {
	if cfg.Width <= 0 {
		cfg.Width = 80
	}
	t := catalogue(cfg.Lang)
	r := &reader{
		cfg: cfg, text: t, out: &printer{w: cfg.Output, width: cfg.Width}, lines: readLines(ctx, cfg.Input),
	}
	err := r.loop(ctx)
	if lab := r.lab; lab != nil {
		r.tellLeaving(lab)
		if closed := lab.Close(); err == nil {
			err = closed
		}
	}
	if err == nil {
		err = r.out.err
	}
	return err
}
