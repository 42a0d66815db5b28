package shell

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/kubelab/kubelab/checks"
)

// The errors that a caller decides on.
var (
	// ErrBusy says that a command is running, so that no other can be typed. It has a method Busy() bool.
	ErrBusy error = busyError{}
	// ErrEnded says that the shell is gone.
	ErrEnded = errors.New("the shell has ended")
	// ErrFull says that the program in the shell does not read its input.
	ErrFull = errors.New("the program in the shell does not read its input")
)

type busyError struct{}

func (busyError) Error() string { return "a command is running in the shell" }
func (busyError) Busy() bool    { return true }

// Config says how a shell is started.
type Config struct {
	// Dir is where the shell begins: the lab's work folder.
	Dir string
	// Env is the whole environment, as in os.Environ. What would change the shell (PS1, PROMPT_COMMAND …) is left out,
	// TERM is set, and a UTF-8 locale where there is none.
	Env []string
	// Program is "bash", "zsh" or a path to either; empty means the one in SHELL, otherwise bash.
	Program string
	// StateDir holds the generated rc files and the history; it is made if it is missing.
	StateDir string
	// Cols and Rows are the size of the screen; 80 and 24 where they are 0.
	Cols, Rows int
	// Host is what the prompt begins with; "learner@kubelab" where it is empty. Label is what the prompt says for Dir;
	// "~/" and its base name where it is empty.
	Host, Label string
	// Scrollback is how many lines above the screen are kept; 10000 where it is 0.
	Scrollback int
	// OnCommand is called for each command when it begins (Running is true) and when it ended, in order and from one
	// goroutine. It must return soon; it may call every method of the shell but Run and Close. Started tells commands apart.
	OnCommand func(checks.Command)

	// noPS0 makes bash use a DEBUG trap, as versions before 4.4 have to; for tests.
	noPS0 bool
}

// Shell is a running shell. Its methods may be called from any goroutine.
type Shell struct {
	cfg     Config
	nonce   string
	cmd     *exec.Cmd
	pty     *os.File
	changed chan struct{}
	exited  chan struct{} // the process was reaped; exit is set
	done    chan struct{} // and everything that it wrote was taken in
	exit    Exit
	input   *input
	closing sync.Once
	running sync.Mutex // held by Run

	mu      sync.Mutex
	scan    scanner
	term    *terminal
	track   tracker
	events  []checks.Command // not yet handed to OnCommand
	wake    chan struct{}    // closed and replaced when a prompt came or a command began or ended
	woken   bool             // wake is to be closed once OnCommand knows
	typed   bool             // keys were sent since the prompt
	ahead   bool             // the last key sent did not end a line: it may be in the next one
	mirror  *mirror          // written to by the goroutine of feed alone
	shown   Screen
	shownAt uint64
}

// Exit is how a shell ended.
type Exit struct {
	// Code is the exit status, or 128 and the number of the signal that ended it.
	Code int
	// Err is set where the status is not known.
	Err error
}

// Start starts a shell. It runs until it is closed, ctx ends, or the learner leaves it.
func Start(ctx context.Context, cfg Config) (*Shell, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("start shell: %w", err)
	}
	cfg, err := withDefaults(cfg)
	if err != nil {
		return nil, fmt.Errorf("start shell: %w", err)
	}
	p, err := findProgram(cfg.Program, cfg.Env)
	if err != nil {
		return nil, err
	}
	s := &Shell{
		cfg: cfg, nonce: newNonce(),
		changed: make(chan struct{}, 1), exited: make(chan struct{}), done: make(chan struct{}), wake: make(chan struct{}),
	}
	args, more, err := writeRC(p, settings{
		nonce: s.nonce, state: cfg.StateDir, root: cfg.Dir, label: cfg.Label, host: cfg.Host, ps0: !cfg.noPS0,
	})
	if err != nil {
		return nil, fmt.Errorf("start shell: %w", err)
	}
	s.term = newTerminal(cfg.Cols, cfg.Rows, cfg.Scrollback)
	s.scan.sink = (*dispatch)(s)
	s.track = tracker{now: time.Now, dir: cfg.Dir, record: func(c checks.Command) { s.events = append(s.events, c) }}
	s.cmd = exec.Command(p.path, args...)
	s.cmd.Dir = cfg.Dir
	s.cmd.Env = shellEnv(cfg.Env, cfg.Dir, p, append(more, "TERM=xterm-256color", "COLORTERM=truecolor"))
	if err := s.start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", p.name, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = s.Close() })
	go func() {
		<-s.done
		stop()
	}()
	return s, nil
}

func withDefaults(cfg Config) (Config, error) {
	var err error
	if cfg.Dir, err = filepath.Abs(cfg.Dir); err != nil {
		return cfg, fmt.Errorf("resolve work folder: %w", err)
	}
	if cfg.StateDir == "" {
		return cfg, errors.New("no state folder given")
	}
	if cfg.StateDir, err = filepath.Abs(cfg.StateDir); err != nil {
		return cfg, fmt.Errorf("resolve state folder: %w", err)
	}
	if cfg.Cols == 0 {
		cfg.Cols = 80
	}
	if cfg.Rows == 0 {
		cfg.Rows = 24
	}
	if cfg.Host == "" {
		cfg.Host = "learner@kubelab"
	}
	if cfg.Label == "" {
		cfg.Label = "~/" + filepath.Base(cfg.Dir)
	}
	if cfg.Scrollback == 0 {
		cfg.Scrollback = 10000
	}
	if cfg.OnCommand == nil {
		cfg.OnCommand = func(checks.Command) {}
	}
	return cfg, nil
}

func newNonce() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// dispatch hands what the scanner finds to the terminal, the capture and the tracker.
type dispatch Shell

func (d *dispatch) text(b []byte) {
	d.term.text(b)
	if !d.term.alt {
		d.track.output.text(b)
	}
}

func (d *dispatch) control(c byte) {
	d.term.control(c)
	if !d.term.alt {
		d.track.output.control(c)
	}
}

func (d *dispatch) escape(inter, final byte) { d.term.escape(inter, final) }

func (d *dispatch) csi(q csi) {
	d.term.csi(q)
	if !d.term.alt {
		d.track.output.csi(q)
	}
	if q.prefix == '?' && q.final == 'l' && string(q.params) == "2004" {
		d.track.accepted() // the line editor is done with its line
	}
}

// osc takes the marks of the integration and the title. All else stays here: copies to the clipboard (52), colours of
// the terminal, links, marks of shells that the learner started.
func (d *dispatch) osc(data []byte) {
	if m, ok := parseMark(data, d.nonce); ok {
		d.mark(m)
		return
	}
	number, arg, _ := strings.Cut(string(data), ";")
	switch number {
	case "0", "2":
		d.term.setTitle(arg)
	case "10", "11", "12":
		if arg == "?" { // programs ask whether the background is dark
			d.term.raw("\x1b]" + number + ";?\x1b\\")
		}
	}
}

func (d *dispatch) mark(m mark) {
	prompts := d.track.prompts
	if m.kind == 'D' {
		d.term.tidy()
	}
	d.track.mark(m)
	if d.track.prompts != prompts {
		d.typed = false
	}
	d.woken = true
	d.term.version++ // Changed speaks of this, too
}

// feed takes in what the shell wrote.
func (s *Shell) feed(p []byte) {
	for len(p) > 0 {
		s.mu.Lock()
		before := s.term.version
		n := takeIn(&s.scan, s.term, &s.track.output, p)
		moved, mirror := s.term.version != before, s.mirror
		s.mu.Unlock()
		if mirror != nil {
			mirror.feed(p[:n])
		}
		p = p[n:]
		s.tell()
		if moved {
			s.notify()
		}
	}
}

// tell hands on what happened: to OnCommand first, so that it knows of a command when Run returns.
func (s *Shell) tell() {
	s.mu.Lock()
	events, woken := s.events, s.woken
	s.events, s.woken = nil, false
	s.mu.Unlock()
	for _, c := range events {
		s.cfg.OnCommand(c)
	}
	if woken {
		s.mu.Lock()
		close(s.wake)
		s.wake = make(chan struct{})
		s.mu.Unlock()
	}
}

func (s *Shell) notify() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// Changed gets a value when the screen, or whether a command runs, changed since the last one was taken. It is for one
// reader.
func (s *Shell) Changed() <-chan struct{} { return s.changed }

// Screen is what the terminal shows now.
func (s *Shell) Screen() Screen {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shown.Lines == nil || s.shownAt != s.term.version {
		s.shown, s.shownAt = s.term.snapshot(0), s.term.version
	}
	return s.shown
}

// Idle reports whether the shell is at its prompt, with nothing running in it. Something may have been typed there.
func (s *Shell) Idle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.track.prompt
}

// Command is what is running, with its output so far, or otherwise what ended last; ok is false before the first one.
func (s *Shell) Command() (c checks.Command, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.command()
}

func (s *Shell) command() (c checks.Command, ok bool) {
	if s.track.running != nil {
		c = *s.track.running
		c.Output = s.track.output.String()
		return c, true
	}
	return s.track.newest, s.track.ended > 0
}

// Resize changes the size of the screen.
func (s *Shell) Resize(cols, rows int) {
	s.mu.Lock()
	s.term.resize(cols, rows)
	cols, rows = s.term.cols, s.term.rows
	s.mu.Unlock()
	s.setSize(cols, rows)
	s.notify()
}

// Write sends bytes as if they were typed. It does not wait for anybody to read them.
func (s *Shell) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	s.mu.Lock()
	s.typed, s.ahead = true, !strings.ContainsRune("\r\n\x03\x04", rune(p[len(p)-1]))
	s.mu.Unlock()
	if err := s.input.put(p, maxInput); err != nil {
		return 0, err
	}
	return len(p), nil
}

// SendKey sends a key, as the program in the terminal asked for it to be encoded.
func (s *Shell) SendKey(k Key) error {
	s.mu.Lock()
	text := encodeKey(k, s.term.keyModes())
	s.mu.Unlock()
	_, err := s.Write([]byte(text))
	return err
}

// Paste sends text, marked as pasted where the program asked for that, so that it is not carried out line by line.
func (s *Shell) Paste(text string) error {
	s.mu.Lock()
	bracketed := s.term.modes[ansi.ModeBracketedPaste]
	s.mu.Unlock()
	_, err := s.Write([]byte(paste(text, bracketed)))
	return err
}

// paste makes the bytes of a paste. Control characters other than tabs and line ends are dropped: a paste must not be
// able to end itself.
func paste(text string, bracketed bool) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.Map(func(r rune) rune {
		if r == '\r' {
			return '\n'
		}
		if r != '\n' && r != '\t' && (r < 0x20 || r >= 0x7f && r <= 0x9f) {
			return -1
		}
		return r
	}, text)
	if bracketed {
		return ansi.BracketedPasteStart + text + ansi.BracketedPasteEnd
	}
	return strings.ReplaceAll(text, "\n", "\r")
}

// Done is closed when the shell has ended and all that it wrote was taken in.
func (s *Shell) Done() <-chan struct{} { return s.done }

// Wait waits for the shell to end.
func (s *Shell) Wait() Exit {
	<-s.done
	return s.exit
}
