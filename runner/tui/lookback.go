package tui

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/kubelab/kubelab/runner/shell"
)

// lookback is the learner among what the shell showed before. Lines are counted as shell.Screen.Top counts them.
type lookback struct {
	// held says that the screen stays at the line top, whatever the shell writes.
	held bool
	top  int
	// reading says that keys move among the lines instead of being typed; asking, that they go into the search field.
	reading, asking bool
	field           textinput.Model
	// found are the places of query, at the one that the learner looks at. since is where the search began.
	query string
	found []shell.Match
	at    int
	since int
	// line is the line that the keys move from.
	line int
	sel  selection
}

// foundMsg brings what was found.
type foundMsg struct {
	pane  *labPane
	shell Shell
	query string
	found []shell.Match
}

// takeScreen shows what the shell shows, at the place the learner has scrolled back to.
func (p *labPane) takeScreen(s shell.Screen) {
	p.screen = s
	if p.look.held {
		p.hold(p.look.top)
	}
}

// hold scrolls back to a line and stays there. The newest lines are not held: what comes pushes them up.
func (p *labPane) hold(top int) {
	p.screen = p.shell.From(top)
	p.look.held, p.look.top = p.screen.Offset > 0 || p.look.reading, p.screen.Top
}

// scrollShell moves the shell's screen up by so many lines, or down where lines is negative.
func (p *labPane) scrollShell(lines int) {
	if lines != 0 && p.shell != nil {
		p.hold(p.screen.Top - lines)
	}
}

// toPresent goes back to the newest lines, where what is typed can be seen.
func (p *labPane) toPresent() {
	if p.shell == nil {
		return
	}
	was := p.look.held
	p.look = lookback{}
	if was {
		p.screen = p.shell.Screen()
	}
}

// refuseBack refuses to search while the shell shows its newest lines: the key is the shell's then.
func (p *labPane) refuseBack() string {
	if !p.look.held {
		return p.text.refusals.notScrolled
	}
	return ""
}

// startFind opens the search field over the shell's output.
func (m *Model) startFind(p *labPane) tea.Cmd {
	p.setFocus(shellPane)
	l := &p.look
	if !l.reading {
		l.line = p.screen.Top + max(0, min(len(p.screen.Lines), p.layout().in.shell.h)-1)
	}
	l.reading, l.asking, l.since = true, true, l.line
	l.sel, l.query, l.found = selection{}, "", nil
	l.field = newField(m.text.findPrompt, m.w/2)
	p.hold(p.screen.Top)
	return l.field.Focus()
}

// findKey edits the search. The learner may look for Korean text: keys are not translated.
func (m *Model) findKey(p *labPane, msg tea.KeyPressMsg) tea.Cmd {
	l := &p.look
	m.say("", false)
	switch {
	case key.Matches(msg, m.keys.leaveShell):
		return m.leaveShell(p)
	case key.Matches(msg, m.keys.submit):
		l.asking = false
		if len(l.found) == 0 {
			p.toPresent()
		}
		return nil
	case key.Matches(msg, m.keys.cancel):
		p.toPresent()
		return nil
	case msg.Code == tea.KeyUp:
		p.findMove(-1)
		return nil
	case msg.Code == tea.KeyDown:
		p.findMove(1)
		return nil
	}
	var cmd tea.Cmd
	l.field, cmd = l.field.Update(cleanKey(msg))
	return tea.Batch(cmd, p.search())
}

func (m *Model) findPaste(p *labPane, msg tea.PasteMsg) tea.Cmd {
	var cmd tea.Cmd
	msg.Content = cleanField(msg.Content)
	p.look.field, cmd = p.look.field.Update(msg)
	return tea.Batch(cmd, p.search())
}

// search looks for what is in the field, if that is something else than before.
func (p *labPane) search() tea.Cmd {
	l, sh := &p.look, p.shell
	query := l.field.Value()
	if query == l.query {
		return nil
	}
	l.query = query
	if query == "" {
		l.found = nil
		return nil
	}
	return func() tea.Msg { return foundMsg{p, sh, query, sh.Find(query)} }
}

// takeFound shows what was found, from the last place before the one where the search began.
func (p *labPane) takeFound(msg foundMsg) {
	l := &p.look
	if msg.shell != p.shell || !l.reading || msg.query != l.query {
		return
	}
	l.found, l.at = msg.found, len(msg.found)-1
	for l.at > 0 && l.found[l.at].Line > l.since {
		l.at--
	}
	p.findMove(0)
}

// findMove goes to the next place, or to an earlier one where d is negative, and round at the ends.
func (p *labPane) findMove(d int) {
	l := &p.look
	if n := len(l.found); n > 0 {
		l.at = (l.at + d + n) % n
		p.goToLine(l.found[l.at].Line)
	}
}

// goToLine moves the reader to a line and scrolls to it.
func (p *labPane) goToLine(line int) {
	l, rows := &p.look, max(1, p.layout().in.shell.h)
	oldest := p.screen.Top - (p.screen.History - p.screen.Offset)
	l.line = max(oldest, min(line, p.screen.Top+p.screen.Offset+rows-1))
	if l.sel.on {
		l.sel.to = spot{l.line, wholeLine}
	}
	if l.line < p.screen.Top || l.line >= p.screen.Top+rows {
		top := l.line - rows/2
		if l.line == p.screen.Top-1 || l.line == p.screen.Top+rows { // a step beyond the edge scrolls by one
			top = p.screen.Top + l.line - max(p.screen.Top, min(l.line, p.screen.Top+rows-1))
		}
		p.hold(top)
	}
}

// readActions are the keys of a learner who looks back.
func (m *Model) readActions(p *labPane) []action {
	k, t := m.keys, m.text.keys
	tell := func(do func()) func() tea.Cmd {
		return func() tea.Cmd { do(); return nil }
	}
	l := &p.look
	by := func(d func() int) func() tea.Cmd { return tell(func() { p.goToLine(l.line + d()) }) }
	page := func() int { return max(1, p.layout().in.shell.h-1) }
	all := func() int { return p.screen.History + page() + 1 }
	return []action{
		{key: k.findOlder, group: t.groupRead, refuse: p.refuseFound, do: tell(func() { p.findMove(-1) })},
		{key: k.findNewer, group: t.groupRead, refuse: p.refuseFound, do: tell(func() { p.findMove(1) })},
		{key: k.findAgain, group: t.groupRead, do: func() tea.Cmd { return m.startFind(p) }},
		{key: k.mark, group: t.groupRead, do: tell(p.markLines)},
		{key: k.copyLines, group: t.groupRead, do: func() tea.Cmd { return m.copySelection(p) }},
		{key: k.readEnd, group: t.groupRead, do: tell(p.toPresent)},
		{key: k.leaveShell, group: t.groupShell, hidden: true, do: func() tea.Cmd { return m.leaveShell(p) }},
		{key: k.zoomHere, group: t.groupPanes, hidden: true, do: tell(func() { p.zoomPane(!p.zoom) })},
		{key: k.up, group: t.groupMove, hidden: true, do: by(func() int { return -1 })},
		{key: k.down, group: t.groupMove, hidden: true, do: by(func() int { return 1 })},
		{key: k.pageUp, group: t.groupMove, hidden: true, do: by(func() int { return -page() })},
		{key: k.pageDown, group: t.groupMove, hidden: true, do: by(page)},
		{key: k.shellUp, group: t.groupMove, hidden: true, do: by(func() int { return -page() })},
		{key: k.shellDown, group: t.groupMove, hidden: true, do: by(page)},
		{key: k.top, group: t.groupMove, hidden: true, do: by(func() int { return -all() })},
		{key: k.bottom, group: t.groupMove, hidden: true, do: by(all)},
		{key: k.help, group: t.groupHelp, hidden: true, do: func() tea.Cmd { return m.lay(&helpOverlay{}) }},
	}
}

// readKey does what a key is for among old lines. Others are not typed: what they would do could not be seen.
func (m *Model) readKey(msg tea.KeyPressMsg) tea.Cmd {
	m.say("", false)
	for _, a := range m.actions() {
		if key.Matches(msg, a.key) {
			return m.act(msg)
		}
	}
	m.say(m.text.refusals.reading, true)
	return nil
}

func (p *labPane) refuseFound() string {
	if len(p.look.found) == 0 {
		return p.text.refusals.notFound
	}
	return ""
}

// leaveShell gives the keyboard back to the text.
func (m *Model) leaveShell(p *labPane) tea.Cmd {
	p.zoomPane(false)
	p.setFocus(textPane)
	return nil
}

// findFooter is the search field, how many places there are, and the keys.
func (m *Model) findFooter(p *labPane) string {
	l := &p.look
	left := " " + l.field.View()
	if l.query != "" {
		left += "  " + m.foundCount(l)
	}
	keys := "  " + m.faint.Render(m.safe(m.text.findHelp))
	if ansi.StringWidth(left)+ansi.StringWidth(keys) > m.w-1 {
		return fit(left, m.w, m.ellipsis)
	}
	return left + keys
}

// foundCount says which of how many places the learner looks at.
func (m *Model) foundCount(l *lookback) string {
	switch n := len(l.found); {
	case n == 0:
		return m.text.foundNone
	case n >= shell.MaxMatches:
		return fmt.Sprintf(m.text.foundMoreF, l.at+1, n)
	default:
		return fmt.Sprintf(m.text.foundF, l.at+1, n)
	}
}

// readHead is what is looked for, before the keys.
func (m *Model) readHead(p *labPane) string {
	head := " " + m.title.Render(m.text.readingHint)
	if l := &p.look; l.query != "" {
		head += " " + fit(m.safe(cleanLine(l.query)), 20, m.ellipsis) + " " + m.foundCount(l)
	}
	return head + "  "
}

// newField is a text field without colours of its own, at the terminal's own cursor.
func newField(prompt string, width int) textinput.Model {
	f := textinput.New()
	f.Prompt = prompt
	f.KeyMap.Paste.SetEnabled(false) // the terminal pastes; the clipboard is not ours to read
	f.SetVirtualCursor(false)        // a Korean input method composes at the terminal's own cursor
	f.SetStyles(textinput.Styles{})
	f.SetWidth(max(4, width-ansi.StringWidth(prompt)))
	return f
}

// fieldColumn is the column of the cursor in a field. The field's own answer counts characters, not columns, and would
// be wrong after the first Korean syllable.
func fieldColumn(f textinput.Model) int {
	before := []rune(f.Value())[:f.Position()]
	return ansi.StringWidth(f.Prompt) + min(ansi.StringWidth(string(before)), f.Width())
}

// selectedText is what is selected, as it would have to be typed: a line that went on below is one.
func (p *labPane) selectedText() string {
	from, to, ok := p.look.sel.ordered()
	if !ok {
		from, to = spot{p.look.line, 0}, spot{p.look.line, wholeLine}
	}
	lines := p.shell.Text(from.line, to.line+1)
	var b strings.Builder
	for i, line := range lines {
		full := ansi.StringWidth(line) >= p.screen.Cols
		left, right := 0, wholeLine
		if i == 0 {
			left = from.col
		}
		if i == len(lines)-1 {
			right = to.col
		}
		_, part, _ := splitColumns(line, left, right)
		if !full || i == len(lines)-1 {
			part = strings.TrimRight(part, " ")
		}
		b.WriteString(part)
		if !full && i < len(lines)-1 {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// copySelection sends what is selected to the terminal's clipboard and shows it whole: not every terminal takes it.
func (m *Model) copySelection(p *labPane) tea.Cmd {
	text := p.selectedText()
	p.look.sel = selection{}
	if strings.TrimSpace(text) == "" {
		return nil
	}
	return tea.Batch(m.lay(copiedOverlay{cleanText(text)}), tea.SetClipboard(text))
}

// markLines begins to select whole lines, or stops to.
func (p *labPane) markLines() {
	l := &p.look
	if l.sel.on {
		l.sel = selection{}
		return
	}
	l.sel = selection{on: true, from: spot{l.line, 0}, to: spot{l.line, wholeLine}}
}
