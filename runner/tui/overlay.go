package tui

import (
	tea "charm.land/bubbletea/v2"
)

// overlay is a screen over the course or a lab. The last one opened is drawn and has the keyboard; the lab goes on
// behind it.
type overlay interface {
	// draw returns the lines of the whole screen.
	draw(m *Model) []string
	// key does what a key is for. It gets the key as the terminal sent it: who takes text must not translate it.
	key(m *Model, msg tea.KeyPressMsg) tea.Cmd
}

// typist is an overlay that takes text.
type typist interface {
	paste(m *Model, msg tea.PasteMsg) tea.Cmd
	cursor(m *Model) *tea.Cursor
}

// over is the overlay on top, or nil.
func (m *Model) over() overlay {
	if n := len(m.overlays); n > 0 {
		return m.overlays[n-1]
	}
	return nil
}

// lay puts an overlay on top.
func (m *Model) lay(o overlay) tea.Cmd {
	m.overlays = append(m.overlays, o)
	return nil
}

// lift takes the overlay on top away, liftAll all of them.
func (m *Model) lift() tea.Cmd {
	m.overlays = m.overlays[:max(0, len(m.overlays)-1)]
	return nil
}

func (m *Model) liftAll() { m.overlays = nil }

// overlayKey gives a key to the overlay on top. Quitting asks where it would anywhere else.
func (m *Model) overlayKey(msg tea.KeyPressMsg) tea.Cmd {
	if msg.String() == "ctrl+c" {
		m.liftAll()
		return m.interrupt()
	}
	return m.over().key(m, msg)
}
