package shell

import (
	"github.com/charmbracelet/x/ansi"
)

// MouseAction is what a mouse did.
type MouseAction int

const (
	MousePress MouseAction = iota
	MouseRelease
	MouseMove
)

// Mouse is something that a mouse did over the screen, X and Y from the top left, both from 0. Turning the wheel is a
// press.
type Mouse struct {
	X, Y             int
	Button           ansi.MouseButton
	Action           MouseAction
	Shift, Alt, Ctrl bool
}

// SendMouse tells the program in the shell what the mouse did, as far as it asked to know.
func (s *Shell) SendMouse(m Mouse) error {
	s.mu.Lock()
	text := s.term.encodeMouse(m)
	s.mu.Unlock()
	if text == "" {
		return nil
	}
	return s.input.put([]byte(text), maxInput)
}

// The modes that ask for the mouse (xterm's ctlseqs, "Mouse Tracking").
var (
	mousePress  = ansi.ModeMouseX10         // presses alone
	mouseNormal = ansi.ModeMouseNormal      // and releases
	mouseDrag   = ansi.ModeMouseButtonEvent // and motion with a button down
	mouseAny    = ansi.ModeMouseAnyEvent    // and all other motion
	mouseSGR    = ansi.ModeMouseExtSgr      // reported without bounds
)

func (t *terminal) mouseWanted() bool {
	return t.modes[mousePress] || t.modes[mouseNormal] || t.modes[mouseDrag] || t.modes[mouseAny]
}

// encodeMouse is what a terminal sends, or "" where the program did not ask for it.
func (t *terminal) encodeMouse(m Mouse) string {
	more := t.modes[mouseNormal] || t.modes[mouseDrag] || t.modes[mouseAny]
	switch {
	case m.X < 0 || m.Y < 0 || m.X >= t.cols || m.Y >= t.rows:
		return ""
	case m.Action == MousePress && !more && !t.modes[mousePress]:
		return ""
	case m.Action == MouseRelease && !more:
		return ""
	case m.Action == MouseMove && !t.modes[mouseAny] && (!t.modes[mouseDrag] || m.Button == ansi.MouseNone):
		return ""
	}
	if t.modes[mouseSGR] {
		b := ansi.EncodeMouseButton(m.Button, m.Action == MouseMove, m.Shift, m.Alt, m.Ctrl)
		return ansi.MouseSgr(b, m.X, m.Y, m.Action == MouseRelease)
	}
	const furthest = 222 // each of the numbers is one byte
	if m.X > furthest || m.Y > furthest {
		return ""
	}
	button := m.Button
	if m.Action == MouseRelease {
		button = ansi.MouseNone
	}
	b := ansi.EncodeMouseButton(button, m.Action == MouseMove, m.Shift, m.Alt, m.Ctrl)
	return string([]byte{0x1b, '[', 'M', b + 32, byte(m.X) + 33, byte(m.Y) + 33})
}
