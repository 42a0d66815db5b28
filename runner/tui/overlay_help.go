package tui

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/help"
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// helpOverlay lists every key of the screen that is below it.
type helpOverlay struct{ pager }

// key scrolls the help or closes it.
func (o *helpOverlay) key(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	msg = latin(msg)
	if key.Matches(msg, m.keys.tour) {
		return m.startTour()
	}
	if o.pager.key(m, msg, len(m.helpLines(m.w-4)), m.pagerRows()) {
		return nil
	}
	return m.lift()
}

func (o *helpOverlay) draw(m *Model) []string {
	return o.pager.draw(m, m.text.helpTitle, m.helpLines(m.w-4), m.text.over.helpFoot)
}

// helpLines lays the groups of keys out beside one another, as many as fit, and the others below.
func (m *Model) helpLines(w int) []string {
	view := help.New()
	view.Styles = help.Styles{FullKey: m.accent, FullDesc: m.theme.text}
	names, groups := m.helpGroups()
	var out, row []string
	used := 0
	for _, name := range names {
		block := append([]string{m.title.Render(name)}, strings.Split(view.FullHelpView([][]key.Binding{groups[name]}), "\n")...)
		width := 0
		for _, line := range block {
			width = max(width, ansi.StringWidth(line))
		}
		const gap = 4
		if used > 0 && used+gap+width > w {
			out, row, used = append(append(out, row...), ""), nil, 0
		}
		row = joinBlocks(row, block, used, gap)
		used = 0
		for _, line := range row {
			used = max(used, ansi.StringWidth(line))
		}
	}
	out = append(out, row...)
	for i, line := range out {
		out[i] = m.safe(line)
	}
	return out
}

// joinBlocks puts right beside left, which is width columns wide.
func joinBlocks(left, right []string, width, gap int) []string {
	if width == 0 {
		return right
	}
	out := make([]string, max(len(left), len(right)))
	for i := range out {
		l, r := "", ""
		if i < len(left) {
			l = left[i]
		}
		if i < len(right) {
			r = right[i]
		}
		out[i] = pad(l, width+gap, "") + r
	}
	return out
}

// helpGroups are the actions of the screen by group, in the order in which the groups first appear.
func (m *Model) helpGroups() (names []string, groups map[string][]key.Binding) {
	groups = map[string][]key.Binding{}
	add := func(group string, b key.Binding) {
		if !slices.Contains(names, group) {
			names = append(names, group)
		}
		groups[group] = append(groups[group], b)
	}
	for _, a := range m.actions() {
		add(a.group, a.key)
	}
	if m.inLab && m.lab != nil && !m.inShell() {
		for _, a := range m.shellActions(m.lab) {
			add(a.group, a.key)
		}
	}
	return names, groups
}
