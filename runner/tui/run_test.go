package tui

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"go.uber.org/goleak"

	"github.com/kubelab/kubelab/runner/session"
)

// terminal collects what a program writes and tells when a text has been written.
type terminal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (t *terminal) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.Write(p)
}

func (t *terminal) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.String()
}

// until waits for a text to be written.
func (t *terminal) until(tb testing.TB, text string) {
	tb.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !strings.Contains(t.String(), text) {
		select {
		case <-deadline:
			tb.Fatalf("%q was not written within 20 s:\n%q", text, t.String())
		case <-tick.C:
		}
	}
}

// started is a program that runs on a terminal of the test's own.
func started(ctx context.Context, t *testing.T, app App) (out *terminal, in io.Writer, ended <-chan error) {
	t.Helper()
	out = &terminal{}
	r, w := io.Pipe()
	t.Cleanup(func() { w.Close() })
	result := make(chan error, 1)
	go func() {
		cfg := Config{
			Course: testCourse(), App: app, Input: r, Output: out, Lab: "scale",
			Environ: []string{"TERM=xterm-256color", "COLORTERM=truecolor"},
		}
		result <- run(ctx, cfg, tea.WithWindowSize(80, 24))
	}()
	return out, w, result
}

const (
	altScreenOn  = "\x1b[?1049h"
	altScreenOff = "\x1b[?1049l"
)

func TestRunQuits(t *testing.T) {
	defer goleak.VerifyNone(t)
	app, lab := newFake()
	out, in, ended := started(t.Context(), t, app)
	out.until(t, "확인")
	if _, err := io.WriteString(in, "qy"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if s := out.String(); !strings.Contains(s, altScreenOn) || !strings.Contains(s, altScreenOff) {
		t.Error("the screen is not given back")
	}
	if lab.closed != 1 {
		t.Errorf("the lab was closed %d times, want 1", lab.closed)
	}
	in.(io.Closer).Close()
}

func TestRunEndsWithItsContext(t *testing.T) {
	defer goleak.VerifyNone(t)
	app, _ := newFake()
	ctx, cancel := context.WithCancel(t.Context())
	out, in, ended := started(ctx, t, app)
	out.until(t, "확인")
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if !strings.Contains(out.String(), altScreenOff) {
		t.Error("the screen is not given back")
	}
	in.(io.Closer).Close()
}

// still is a model in which nothing happens.
type still struct{}

func (still) Init() tea.Cmd                       { return nil }
func (still) Update(tea.Msg) (tea.Model, tea.Cmd) { return still{}, nil }
func (still) View() tea.View                      { return tea.NewView("still") }

// TestPace holds that bubbletea's ticker is where it is looked for.
func TestPace(t *testing.T) {
	defer goleak.VerifyNone(t)
	r, w := io.Pipe()
	defer w.Close()
	out := &terminal{}
	program := tea.NewProgram(still{}, tea.WithInput(r), tea.WithOutput(out), tea.WithWindowSize(80, 24), tea.WithoutSignalHandler())
	ended := make(chan error, 1)
	go func() {
		_, err := program.Run()
		ended <- err
	}()
	out.until(t, "still")
	if tickerOf(program) == nil {
		t.Error("bubbletea has no ticker where we look for it")
	}
	program.Quit()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestPaceRests holds that the ticker is slow while nothing happens, and fast from the next message on.
func TestPaceRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ticker := time.NewTicker(time.Second / framesPerSecond)
		defer ticker.Stop()
		p := startPace(ticker)
		defer p.stop()
		wait := func() time.Duration {
			began := time.Now()
			<-ticker.C
			return time.Since(began)
		}
		for range 3 {
			if d := wait(); d != time.Second/framesPerSecond {
				t.Errorf("a tick came after %v at the start", d)
			}
		}
		time.Sleep(restAfter)
		for len(ticker.C) > 0 {
			<-ticker.C
		}
		wait()
		if d := wait(); d != restEvery {
			t.Errorf("a tick came after %v of rest, want %v", d, restEvery)
		}
		p.stir()
		if d := wait(); d != time.Second/framesPerSecond {
			t.Errorf("a tick came %v after a message", d)
		}
	})
}

// panicky panics when it is asked for a hint, and in a command when its view is asked for after that was asked for.
type panicky struct {
	*fakeLab
	where string
	armed *atomic.Bool
}

func (p panicky) Hint() {
	switch p.where {
	case "update":
		panic("a mistake")
	case "command":
		p.armed.Store(true)
		signal(p.changed)
	case "view":
		p.set(func(v *session.View) { v.Lab = nil; v.Step = 99 })
	}
}

func (p panicky) View() session.View {
	if p.armed.Load() {
		panic("a mistake")
	}
	return p.fakeLab.View()
}

type panickyApp struct {
	*fakeApp
	where string
}

func (a panickyApp) Open(id string) (Lab, error) {
	lab, err := a.fakeApp.Open(id)
	if err != nil {
		return nil, err
	}
	return panicky{lab.(*fakeLab), a.where, new(atomic.Bool)}, nil
}

// TestRunGivesTheScreenBackAfterAPanic holds that a mistake anywhere in the screen ends it in order, with the stack told
// and the lab closed.
func TestRunGivesTheScreenBackAfterAPanic(t *testing.T) {
	for _, where := range []string{"update", "command", "view"} {
		t.Run(where, func(t *testing.T) {
			defer goleak.VerifyNone(t)
			app, lab := newFake()
			out, in, ended := started(t.Context(), t, panickyApp{app, where})
			out.until(t, "확인")
			if _, err := io.WriteString(in, "h"); err != nil {
				t.Fatal(err)
			}
			var crash *Crash
			if err := <-ended; !errors.As(err, &crash) {
				t.Fatalf("got %v, want a Crash", err)
			}
			if !strings.Contains(string(crash.Stack), "runner/tui.") || where != "view" && crash.Value != "a mistake" {
				t.Errorf("got %q with the stack\n%s", crash.Value, crash.Stack)
			}
			if s := out.String(); !strings.Contains(s, altScreenOff) || strings.Contains(s, "goroutine ") {
				t.Error("the screen is not given back, or the stack is written over it")
			}
			if lab.closed != 1 {
				t.Errorf("the lab was closed %d times, want once", lab.closed)
			}
			in.(io.Closer).Close()
		})
	}
}

// TestRunShowsATickWithoutAKey holds that a change of the lab reaches the screen by itself.
func TestRunShowsATickWithoutAKey(t *testing.T) {
	app, lab := newFake()
	out, in, ended := started(t.Context(), t, app)
	out.until(t, "확인")
	lab.set(func(v *session.View) { v.Problem = "새 소식입니다." })
	out.until(t, "새 소식입니다.")
	if _, err := io.WriteString(in, "qy"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

// TestPanicWhileDrawing holds that the last picture stays, and that the program ends without another key.
func TestPanicWhileDrawing(t *testing.T) {
	r := newRobot(t, 80, 24)
	quit := make(chan struct{})
	g := &guarded{Model: r.m, quit: func() { close(quit) }, pace: func() *pace { return newPace(tea.NewProgram(r.m)) }}
	before := g.View().Content
	r.m.course = nil
	if got := g.View().Content; got != before || g.crash == nil {
		t.Fatalf("crash %v, drew %q", g.crash, got)
	}
	<-quit
	if _, cmd := g.Update(tea.WindowSizeMsg{Width: 80, Height: 24}); cmd == nil || typeName(cmd()) != "tea.QuitMsg" {
		t.Error("the program goes on")
	}
}
