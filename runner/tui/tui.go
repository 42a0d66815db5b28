// Package tui is the learner's screen: the course, one lab with its live ticks, and the lab's shell. It draws what the
// App and the Lab hand it and asks them for things; it decides nothing about labs, does no I/O of its own beside the
// terminal, and reads no clock while drawing.
package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	tea "charm.land/bubbletea/v2"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/internal/lang"
	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/picture"
	"github.com/kubelab/kubelab/runner/session"
	"github.com/kubelab/kubelab/runner/shell"
)

// App is the program behind the screen. Its methods return at once, but for Open.
type App interface {
	// Overview is the course and the environment at this moment.
	Overview() Overview
	// Changed receives after Overview has become another; several changes may be one receive. It has one reader.
	Changed() <-chan struct{}
	// Open begins or resumes a lab. It may take a moment and is called outside of the screen's loop.
	Open(lab string) (Lab, error)
	// Retry brings the environment up again after it failed or broke.
	Retry()
	// Toured notes that the learner was shown around. It may wait for the disk and is called outside of the screen's loop.
	Toured()
}

// Lab is one learner in one lab. Its methods return at once, but for Close; what they bring about shows in View.
type Lab interface {
	// View is the state at this moment.
	View() session.View
	// Changed receives after View has become another; several changes may be one receive. It has one reader.
	Changed() <-chan struct{}
	// Goto moves to a step by its index.
	Goto(step int)
	// Hint shows the next hint, Solution the solution of the current step.
	Hint()
	Solution()
	// Answer answers a question of the current step by its index.
	Answer(question int, given string)
	// Run types a command into the shell, starting the shell where necessary.
	Run(command string)
	// Solve types the step's solution into the shell; Stop breaks off what Activity shows.
	Solve()
	Stop()
	// Reset brings the lab back to its start, Travel to the beginning of a step by its index.
	Reset()
	Travel(step int)
	// Picture says which picture of the state is shown, none where kind is empty: the view follows what it needs.
	Picture(kind picture.Kind)
	// Shell is the learner's shell. Where there is none it begins to start one and returns false; Changed receives when
	// it is there. Another shell takes the place of one that has ended.
	Shell() (Shell, bool)
	// Close ends the lab and its shell; the progress is kept. A lab with leave blocks is put right, which may take a
	// while. It is called outside of the screen's loop.
	Close() error
}

// Shell is the terminal that the learner types into; *shell.Shell is one. No method blocks.
type Shell interface {
	// Screen is what the terminal shows at this moment, From the same scrolled back to a line by its number.
	Screen() shell.Screen
	From(line int) shell.Screen
	// Text is the lines from one number to before another, Find the places of a text in all that is kept. Find may take
	// some milliseconds and is called outside of the screen's loop.
	Text(from, to int) []string
	Find(text string) []shell.Match
	// Changed receives after Screen has become another; several changes may be one receive. It has one reader.
	Changed() <-chan struct{}
	// SendKey and Paste are the learner's typing, SendMouse what the mouse does, for programs that ask for it.
	SendKey(shell.Key) error
	SendMouse(shell.Mouse) error
	Paste(text string) error
	// Resize sets the size in cells.
	Resize(columns, rows int)
	// Command is what runs at present or ended last.
	Command() (c checks.Command, ok bool)
	// Done is closed when the shell has ended.
	Done() <-chan struct{}
}

// What the course list shows.
type (
	Overview    = session.Overview
	LabProgress = session.LabProgress
	Environment = session.Environment
)

// Config is what the screen is made of.
type Config struct {
	Course *labs.Course
	App    App
	// Input and Output are the terminal; Environ its variables (TERM, NO_COLOR …), nil for the process's own.
	Input   io.Reader
	Output  io.Writer
	Environ []string
	// Lab is the ID of the lab to open first; empty shows the course.
	Lab string
	// Leaving is told that an open lab is being put right, after the screen is gone. It may be nil.
	Leaving func(*labs.Lab)
	// Lang is the language of the screen's own words; what labs and checks say is the course's.
	Lang lang.Lang
	// ASCII draws without characters that East Asian terminals may draw two columns wide. Where it is false, the
	// terminal is asked how it draws them.
	ASCII bool
}

// Run shows the course until the learner quits or ctx ends. The terminal is as it was when Run returns, also after a
// panic, which is a *Crash. An interrupted context is ctx.Err().
func Run(ctx context.Context, cfg Config) error { return run(ctx, cfg) }

func run(ctx context.Context, cfg Config, opts ...tea.ProgramOption) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	m := New(cfg, ctx.Done())
	opts = append(opts, tea.WithFPS(framesPerSecond))
	// Signals end the context, and nothing else: whoever made it knows what else has to end.
	opts = append(opts, tea.WithContext(ctx), tea.WithInput(cfg.Input), tea.WithOutput(cfg.Output), tea.WithoutSignalHandler())
	if cfg.Environ != nil {
		opts = append(opts, tea.WithEnvironment(cfg.Environ))
	}
	g := &guarded{Model: m}
	program := tea.NewProgram(g, opts...)
	g.quit = program.Quit
	g.pace = sync.OnceValue(func() *pace { return newPace(program) })
	_, err := program.Run()
	g.pace().stop()
	switch {
	case g.crash != nil:
		err = g.crash
	case err == nil:
	case ctx.Err() != nil && errors.Is(err, tea.ErrProgramKilled):
		err = ctx.Err()
	default:
		err = fmt.Errorf("run terminal screen: %w", err)
	}
	return errors.Join(err, m.close(cfg.Leaving))
}
