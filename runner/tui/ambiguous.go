package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// Terminals set up for East Asian text may draw lines and arrows two columns wide, and nothing but trying tells. The
// screen draws a line's piece at the beginning of the second row, asks where the cursor is, and draws itself anew.
const (
	// probe saves the cursor, draws, asks, and puts the cursor back. The second row is taken because the answer for
	// the first one looks like a function key.
	probe    = "\x1b7\x1b[2;1H─\x1b[6n\x1b8"
	probeRow = 1
	// probeAfter lets the first frame be drawn, so that the probe is not left on the screen below.
	probeAfter = 100 * time.Millisecond
	// repaintAfter covers the probe also where nobody answers.
	repaintAfter = 50 * time.Millisecond
)

type (
	probeMsg   struct{}
	repaintMsg struct{}
)

// probeLater asks once, after the first frame.
func (m *Model) probeLater() tea.Cmd {
	if m.probed {
		return nil
	}
	m.probed = true
	return m.rt.after(probeAfter, func(time.Time) tea.Msg { return probeMsg{} })
}

// probe asks the terminal how wide it draws, and takes in its answer.
func (m *Model) probe(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case probeMsg:
		return tea.Batch(tea.Raw(probe), m.rt.after(repaintAfter, func(time.Time) tea.Msg { return repaintMsg{} }))
	case tea.CursorPositionMsg:
		if msg.Y == probeRow && msg.X == 2 && m.fold == nil {
			m.setGlyphs(newGlyphs(true))
		}
	}
	return tea.ClearScreen
}

// setGlyphs draws everything with other signs from now on.
func (m *Model) setGlyphs(g glyphs) {
	m.glyphs, m.list.glyphs = g, g
	if p := m.lab; p != nil {
		p.glyphs = g
		p.markdown = newMarkdown(m.theme, g)
		p.rewrite()
	}
}
