package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// copiedOverlay shows a command whole and without a frame, so that it can be picked with the mouse: not every terminal
// takes what is sent to its clipboard.
type copiedOverlay struct{ command string }

func (copiedOverlay) key(m *Model, _ tea.KeyPressMsg) tea.Cmd { return m.lift() }

func (o copiedOverlay) draw(m *Model) []string {
	out := []string{" " + m.accent.Render("kubelab") + "  " + m.text.copied, ""}
	out = append(out, wrap(m.text.copiedIntro, m.w-1)...)
	out = append(out, "")
	for line := range strings.SplitSeq(o.command, "\n") {
		out = append(out, strings.Split(ansi.Hardwrap(line, m.w, true), "\n")...)
	}
	return append(out, "", m.faint.Render(m.text.anyKey))
}
