package tui

import (
	"cmp"
	"math/rand/v2"
	"os"
	"reflect"
	goruntime "runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/internal/lang"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/session"
)

// TestRandomRobot is a learner who does anything at all, for as long as KUBELAB_ROBOT says. What it did is done again with
// the KUBELAB_SEED that it prints.
func TestRandomRobot(t *testing.T) {
	lasts, err := time.ParseDuration(cmp.Or(os.Getenv("KUBELAB_ROBOT"), "3s"))
	if err != nil {
		t.Fatal(err)
	}
	seed, err := strconv.ParseUint(cmp.Or(os.Getenv("KUBELAB_SEED"), strconv.FormatUint(rand.Uint64(), 10)), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	before := goruntime.NumGoroutine()
	lives, acts := 0, 0
	for end := time.Now().Add(lasts); time.Now().Before(end); lives++ {
		acts += liveRandomly(t, seed+uint64(lives))
		if t.Failed() {
			return
		}
	}
	goruntime.GC()
	var m goruntime.MemStats
	goruntime.ReadMemStats(&m)
	const most = 200 << 20
	if m.HeapAlloc > most {
		t.Errorf("%d MiB are held after %d lives", m.HeapAlloc>>20, lives)
	}
	if now := goruntime.NumGoroutine(); now > before {
		t.Errorf("%d goroutines, %d before", now, before)
	}
	t.Logf("%d lives from KUBELAB_SEED=%d on, %d acts", lives, seed, acts)
}

// liveRandomly is one run of the program: until it quits, or for so many acts.
func liveRandomly(t *testing.T, seed uint64) (acts int) {
	defer func() {
		if r := recover(); r != nil {
			t.Errorf("KUBELAB_SEED=%d: panic after %d acts: %v", seed, acts, r)
			panic(r)
		}
	}()
	w := &wild{Rand: rand.New(rand.NewPCG(seed, 1))}
	w.robot = newRobot(t, 80, 24, func(c *Config) { c.Lang = lang.All()[w.IntN(2)]; c.ASCII = w.IntN(4) == 0 })
	w.w, w.h = 80, 24
	w.names = keyNames(w.m.keys)
	for ; acts < 600 && !w.quit; acts++ {
		what := w.act()
		v := w.m.View()
		checkSize(t, w.m, w.w, w.h)
		if why := actsOn(v); why != "" {
			t.Errorf("after %s the screen %s", what, why)
		}
		if t.Failed() {
			t.Errorf("KUBELAB_SEED=%d, act %d: %s", seed, acts, what)
			return acts
		}
	}
	return acts
}

// actsOn is acts for a screen whose shell may draw in any colour.
func actsOn(v tea.View) string {
	known := map[string]bool{}
	for _, sgr := range sequence.FindAllString(v.Content, -1) {
		known[sgr] = true
	}
	return acts(v, known)
}

// wild is a robot that acts by chance.
type wild struct {
	*rand.Rand
	*robot
	w, h  int
	names []string
}

// keyNames are the names of all keys of a keyMap.
func keyNames(k keyMap) (names []string) {
	v := reflect.ValueOf(k)
	for i := range v.NumField() {
		keys := v.Field(i).FieldByName("keys")
		for j := range keys.Len() {
			names = append(names, keys.Index(j).String())
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// act does one thing and says what.
func (w *wild) act() string {
	switch n := w.IntN(100); {
	case n < 40:
		name := w.names[w.IntN(len(w.names))]
		w.send(keyOf(name))
		return "key " + name
	case n < 46:
		keys := []rune(hangulKeys)
		r := keys[w.IntN(len(keys))]
		w.send(tea.KeyPressMsg{Code: r, Text: string(r)})
		return "key " + string(r)
	case n < 52:
		text := []rune(w.text())
		text = text[:min(len(text), 20)]
		for _, r := range text {
			w.typeText(string(r))
		}
		return "typing"
	case n < 55:
		w.send(tea.PasteMsg{Content: w.text()})
		return "paste"
	case n < 65:
		w.w, w.h = 1+w.IntN(300), 1+w.IntN(80)
		w.send(tea.WindowSizeMsg{Width: w.w, Height: w.h})
		return "size"
	case n < 77:
		return w.mouse()
	case n < 82:
		w.pass(time.Duration(w.IntN(3000)) * time.Millisecond)
		return "time"
	case n < 84:
		w.later = true
		return "slowness"
	case n < 88:
		w.catchUp()
		return "catching up"
	}
	return w.world()
}

// keyOf is the key press of a key's name.
func keyOf(name string) tea.KeyPressMsg {
	var k tea.KeyPressMsg
	for {
		mod, rest, ok := strings.Cut(name, "+")
		bit, known := map[string]tea.KeyMod{"ctrl": tea.ModCtrl, "shift": tea.ModShift, "alt": tea.ModAlt}[mod]
		if !ok || !known || rest == "" {
			break
		}
		k.Mod |= bit
		name = rest
	}
	special := map[string]rune{
		"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft,
		"right": tea.KeyRight, "pgdown": tea.KeyPgDown, "pgup": tea.KeyPgUp, "home": tea.KeyHome, "end": tea.KeyEnd,
		"f1": tea.KeyF1, "f2": tea.KeyF2, "f3": tea.KeyF3, "f4": tea.KeyF4, "f5": tea.KeyF5, "f6": tea.KeyF6, "f7": tea.KeyF7,
		"f8": tea.KeyF8, "f9": tea.KeyF9, "f10": tea.KeyF10, "f11": tea.KeyF11, "f12": tea.KeyF12, "backspace": tea.KeyBackspace,
		"delete": tea.KeyDelete, "space": tea.KeySpace,
	}
	if code, ok := special[name]; ok {
		k.Code = code
		if name == "space" {
			k.Text = " "
		}
		return k
	}
	k.Code = []rune(name)[0]
	if k.Mod&^tea.ModShift == 0 {
		k.Text = name
	}
	return k
}

// text is anything that somebody may type or a container may say.
func (w *wild) text() string {
	names := make([]string, 0, len(attacks))
	for name := range attacks {
		names = append(names, name)
	}
	slices.Sort(names)
	switch w.IntN(4) {
	case 0:
		return attacks[names[w.IntN(len(names))]]
	case 1:
		return strings.Repeat("kubectl get pods 파드 ", 1+w.IntN(200))
	case 2:
		return ""
	}
	return "파드 세 개\n둘째 줄"
}

// mouse clicks, drags or turns the wheel, also where there is no screen.
func (w *wild) mouse() string {
	m := tea.Mouse{X: w.IntN(w.w+4) - 2, Y: w.IntN(w.h+4) - 2, Button: []tea.MouseButton{tea.MouseLeft, tea.MouseRight, tea.MouseMiddle}[w.IntN(3)]}
	if w.IntN(5) == 0 {
		m.Mod = tea.ModShift
	}
	switch w.IntN(4) {
	case 0:
		w.send(tea.MouseClickMsg(m))
		return "click"
	case 1:
		w.send(tea.MouseMotionMsg(m))
		return "drag"
	case 2:
		w.send(tea.MouseReleaseMsg(m))
		return "release"
	}
	m.Button = []tea.MouseButton{tea.MouseWheelUp, tea.MouseWheelDown, tea.MouseWheelLeft}[w.IntN(3)]
	w.send(tea.MouseWheelMsg(m))
	return "wheel"
}

// world lets something happen that the learner has not done.
func (w *wild) world() string {
	what := "shell"
	switch w.IntN(6) {
	case 0, 1:
		what = "lab"
		w.lab.set(w.changeView)
	case 2:
		what = "environment"
		w.app.set(w.changeEnvironment)
	case 3: // a shell, or another one
		if w.lab.shell != nil && w.IntN(2) == 0 {
			select {
			case <-w.lab.shell.done:
			default:
				close(w.lab.shell.done)
			}
		}
		w.lab.shell = newFakeShell("learner$ ", "둘째 줄 "+strings.Repeat("가", w.IntN(200)))
		signal(w.lab.changed)
	default: // a flood
		if sh := w.lab.shell; sh != nil {
			lines := make([]string, 1+w.IntN(60))
			for i := range lines {
				lines[i] = strings.Repeat("\x1b[31m넘침\x1b[m ", w.IntN(40))
			}
			sh.screen.Lines, sh.screen.History, sh.screen.Alternate = lines, w.IntN(10000), w.IntN(5) == 0
			sh.screen.Cursor.Y, sh.screen.Cursor.X = w.IntN(len(lines)), w.IntN(300)
			signal(sh.changed)
		}
	}
	w.settle()
	return what
}

func (w *wild) changeView(v *session.View) {
	st := &v.Steps[v.Step]
	switch w.IntN(9) {
	case 0:
		v.Activity = &session.Activity{Title: w.text(), Detail: w.text(), Done: w.IntN(3), Total: w.IntN(3)}
	case 1:
		v.Activity = nil
	case 2:
		v.Problem, v.Notice = w.text(), w.text()
	case 3:
		v.Waiting = []engine.Capability{engine.Cluster}[:w.IntN(2)]
	case 4:
		st.Done, st.Skipped = w.IntN(2) == 0, w.IntN(3) == 0
	case 5:
		v.Step = w.IntN(len(v.Steps))
	case 6:
		v.Finished = !v.Finished
	case 7:
		v.Hints = w.IntN(len(v.Lab.Steps[v.Step].Hints) + 1)
	default:
		for i := range st.Checks {
			st.Checks[i].Passed = w.IntN(2) == 0
			st.Checks[i].Result = checks.Result{Passed: st.Checks[i].Passed, Observed: w.text(), Expected: w.text(), Explanation: w.text()}
		}
	}
}

func (w *wild) changeEnvironment(o *Overview) {
	env := o.Environment
	env.Broken = w.text()
	env.Steps = append([]session.EnvironmentStep(nil), env.Steps...)
	for i := range env.Steps {
		env.Steps[i].Status = []engine.Status{engine.Running, engine.Done, engine.Failed, engine.Skipped}[w.IntN(4)]
		env.Steps[i].Detail = w.text()
	}
	env.Findings = []engine.Finding{{Severity: engine.Fatal, Saw: w.text(), Want: w.text(), Try: w.text()}}[:w.IntN(2)]
	o.Environment = env
}

// TestScrollingWhatHasNoRoom is what the robot found: text moved up on a screen too low to show it.
func TestScrollingWhatHasNoRoom(t *testing.T) {
	r := inLab(t, 80, 24)
	for h := 1; h < 12; h++ {
		r.size(80, h)
		for _, key := range []string{"up", "pgup", "down", "pgdown", "g", "up"} {
			r.press(key)
			checkSize(t, r.m, 80, h)
		}
	}
}
