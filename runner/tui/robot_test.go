package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/kubelab/kubelab/internal/lang"
	"github.com/kubelab/kubelab/runner/session"
)

// robot is a learner at the keyboard. Every command of the model runs in the test's own goroutine; what waits for a
// channel or for time is kept and looked at again, so that the model is idle exactly when nothing is left to do.
type robot struct {
	t       testing.TB
	m       *Model
	app     *fakeApp
	lab     *fakeLab
	waiting []waiter
	timers  []timer
	now     time.Time
	quit    bool
	// later keeps commands from running: what they do takes its time.
	later  bool
	kept   []tea.Cmd
	copied []string
	// written is what went to the terminal past the screen; repaints counts how often all was drawn anew.
	written  []string
	repaints int
}

// inEnglish makes a robot that is given it one that reads English, so that every scene can be played in both languages.
type inEnglish struct{ testing.TB }

// inASCII makes a robot whose terminal draws many signs two columns wide.
type inASCII struct{ testing.TB }

type waiter struct {
	ch   <-chan struct{}
	then func(closed bool) tea.Msg
	done []<-chan struct{}
}

type timer struct {
	at   time.Time
	then func(time.Time) tea.Msg
}

func newRobot(t testing.TB, w, h int, change ...func(*Config)) *robot {
	app, lab := newFake()
	r := &robot{t: t, app: app, lab: lab, now: testTime}
	cfg := Config{Course: testCourse(), App: app}
	if _, ok := t.(inEnglish); ok {
		cfg.Lang = lang.English
	}
	_, cfg.ASCII = t.(inASCII)
	for _, c := range change {
		c(&cfg)
	}
	r.m = New(cfg, make(chan struct{}))
	r.m.rt = runtime{
		wait: func(ch <-chan struct{}, then func(bool) tea.Msg, done ...<-chan struct{}) tea.Cmd {
			return func() tea.Msg { return waiter{ch, then, done} }
		},
		after: func(d time.Duration, then func(time.Time) tea.Msg) tea.Cmd {
			return func() tea.Msg { return timer{r.now.Add(d), then} }
		},
	}
	r.run(r.m.Init())
	r.pass(0)
	r.size(w, h)
	return r
}

// inLab is a robot whose learner has opened the second lab.
func inLab(t testing.TB, w, h int, change ...func(*Config)) *robot {
	r := newRobot(t, w, h, append(change, func(c *Config) { c.Lab = "scale" })...)
	if !r.m.inLab {
		t.Fatal("the lab is not open")
	}
	return r
}

// run runs commands and what comes of them until nothing but waiting is left.
func (r *robot) run(cmds ...tea.Cmd) {
	for i := 0; len(cmds) > 0; i++ {
		if i > 10000 {
			r.t.Fatal("the model never comes to rest")
		}
		cmd := cmds[0]
		cmds = cmds[1:]
		if cmd == nil {
			continue
		}
		if r.later && i > 0 {
			r.kept = append(r.kept, cmd)
			continue
		}
		switch msg := cmd().(type) {
		case nil:
		case tea.BatchMsg:
			cmds = append(cmds, msg...)
		case tea.QuitMsg:
			r.quit = true
		case waiter:
			r.waiting = append(r.waiting, msg)
		case tea.RawMsg:
			r.written = append(r.written, fmt.Sprint(msg.Msg))
		case timer:
			r.timers = append(r.timers, msg)
		default:
			switch typeName(msg) {
			case "tea.setClipboardMsg":
				r.copied = append(r.copied, clipboard(msg))
				continue
			case "tea.clearScreenMsg":
				r.repaints++
				continue
			}
			_, next := r.m.Update(msg)
			cmds = append(cmds, next)
		}
	}
}

// settle delivers every channel that is ready until none is.
func (r *robot) settle() {
	for again := true; again; {
		again = false
		for i := 0; i < len(r.waiting); i++ {
			w := r.waiting[i]
			closed, ready, over := poll(w)
			if !ready && !over {
				continue
			}
			r.waiting = append(r.waiting[:i:i], r.waiting[i+1:]...)
			i--
			if ready {
				again = true
				r.run(func() tea.Msg { return w.then(closed) })
			}
		}
	}
}

func poll(w waiter) (closed, ready, over bool) {
	for _, d := range w.done {
		select {
		case <-d:
			return false, false, true
		default:
		}
	}
	select {
	case _, ok := <-w.ch:
		return !ok, true, false
	default:
		return false, false, false
	}
}

// pass lets time go by.
func (r *robot) pass(d time.Duration) {
	r.now = r.now.Add(d)
	for i := 0; i < len(r.timers); i++ {
		t := r.timers[i]
		if t.at.After(r.now) {
			continue
		}
		r.timers = append(r.timers[:i:i], r.timers[i+1:]...)
		i--
		r.run(func() tea.Msg { return t.then(t.at) })
	}
	r.settle()
}

func (r *robot) send(msg tea.Msg) {
	r.run(func() tea.Msg { return msg })
	r.settle()
}

func (r *robot) size(w, h int) { r.send(tea.WindowSizeMsg{Width: w, Height: h}) }

// catchUp runs what was kept for later.
func (r *robot) catchUp() {
	r.later = false
	kept := r.kept
	r.kept = nil
	r.run(kept...)
	r.settle()
}

// doneTo makes the first steps done, with everything in them.
func (r *robot) doneTo(n int) {
	r.lab.set(func(v *session.View) {
		for i := range n {
			v.Steps[i].Done = true
			for c := range v.Steps[i].Checks {
				v.Steps[i].Checks[c].Passed = true
			}
			for q := range v.Steps[i].Questions {
				v.Steps[i].Questions[q].Right, v.Steps[i].Questions[q].Given = true, "3"
			}
		}
	})
	r.settle()
}

// press presses keys by their names: "n", "enter", "ctrl+]", "ㅜ".
func (r *robot) press(names ...string) {
	for _, name := range names {
		r.send(press(name))
	}
}

// typeText types text a character at a time.
func (r *robot) typeText(text string) {
	for _, c := range text {
		r.send(tea.KeyPressMsg{Text: string(c), Code: c})
	}
}

// press makes a key press of the key's name.
func press(name string) tea.KeyPressMsg {
	special := map[string]rune{
		"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown,
		"left": tea.KeyLeft, "right": tea.KeyRight, "pgdown": tea.KeyPgDown, "pgup": tea.KeyPgUp, "f2": tea.KeyF2,
		"space": tea.KeySpace, "home": tea.KeyHome, "end": tea.KeyEnd,
	}
	if code, ok := special[name]; ok {
		k := tea.KeyPressMsg{Code: code}
		if name == "space" {
			k.Text = " "
		}
		return k
	}
	if rest, ok := strings.CutPrefix(name, "ctrl+"); ok {
		return tea.KeyPressMsg{Code: []rune(rest)[0], Mod: tea.ModCtrl}
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}

// click clicks with the left button, drag holds it down on the way from one place to another, wheel turns the wheel so
// many notches, downwards where notches is positive.
func (r *robot) click(x, y int) {
	r.send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
	r.send(tea.MouseReleaseMsg{X: x, Y: y, Button: tea.MouseLeft})
}

func (r *robot) drag(x, y, toX, toY int, mod ...tea.KeyMod) {
	at := tea.Mouse{X: x, Y: y, Button: tea.MouseLeft}
	for _, b := range mod {
		at.Mod |= b
	}
	r.send(tea.MouseClickMsg(at))
	at.X, at.Y = (x+toX)/2, (y+toY)/2
	r.send(tea.MouseMotionMsg(at))
	at.X, at.Y = toX, toY
	r.send(tea.MouseMotionMsg(at))
	r.send(tea.MouseReleaseMsg(at))
}

func (r *robot) wheel(x, y, notches int) {
	at := tea.Mouse{X: x, Y: y, Button: tea.MouseWheelDown}
	if notches < 0 {
		at.Button, notches = tea.MouseWheelUp, -notches
	}
	for range notches {
		r.send(tea.MouseWheelMsg(at))
	}
}

// find is where a text begins on the screen.
func (r *robot) find(text string) (x, y int) {
	r.t.Helper()
	for y, line := range strings.Split(r.screen(), "\n") {
		if before, _, ok := strings.Cut(line, text); ok {
			return ansi.StringWidth(before), y
		}
	}
	r.t.Fatalf("%q is nowhere on the screen:\n%s", text, r.screen())
	return 0, 0
}

// clickOn clicks on the second column of a text.
func (r *robot) clickOn(text string) {
	r.t.Helper()
	x, y := r.find(text)
	r.click(x+1, y)
}

// screen is what the learner sees, without colours.
func (r *robot) screen() string { return ansi.Strip(r.m.View().Content) }

// sees fails unless every text is on the screen, wherever lines were broken.
func (r *robot) sees(texts ...string) {
	r.t.Helper()
	shown := bare(r.screen())
	for _, text := range texts {
		if !strings.Contains(shown, bare(text)) {
			r.t.Errorf("the screen does not show %q:\n%s", text, r.screen())
		}
	}
}

// misses fails if a text is on the screen.
func (r *robot) misses(texts ...string) {
	r.t.Helper()
	shown := bare(r.screen())
	for _, text := range texts {
		if strings.Contains(shown, bare(text)) {
			r.t.Errorf("the screen shows %q:\n%s", text, r.screen())
		}
	}
}

// bare drops blanks and frames.
func bare(s string) string {
	return strings.NewReplacer(" ", "", "\n", "", "│", "", "|", "").Replace(s)
}
