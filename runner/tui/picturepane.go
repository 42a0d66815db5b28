package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/picture"
)

// picturePane is the picture of the state that can stand in the place of the text.
type picturePane struct {
	// kind is what is shown, empty while nothing is; last what was shown last.
	kind, last picture.Kind
	film       picture.Film
	zone       *time.Location
	// drawn are the lines for the size in; they are drawn anew when it is another one or stale is true.
	drawn []string
	in    rect
	stale bool
}

func (p *picturePane) shown() bool { return p.kind != "" }

// pictureOverMsg tells that a change in a picture has been marked long enough.
type pictureOverMsg struct {
	pane   *labPane
	change int
}

// suits is the picture that the step asks for, empty where it asks for none.
func (p *labPane) suits() picture.Kind {
	if !p.loaded {
		return ""
	}
	return picture.Kind(p.view.Lab.Steps[p.view.Step].Picture)
}

// firstPicture is what is shown where nobody has chosen: what the step asks for, what was shown last, or what the lab is
// about.
func (p *labPane) firstPicture() picture.Kind {
	switch {
	case p.suits() != "":
		return p.suits()
	case p.pic.last != "":
		return p.pic.last
	case slices.Contains(p.view.Lab.Needs, string(engine.Cluster)):
		return picture.Service
	}
	return picture.Containers
}

// togglePicture shows the picture, or the text again.
func (m *Model) togglePicture(p *labPane) tea.Cmd {
	if p.pic.shown() {
		p.hidePicture()
		return nil
	}
	p.pic.zone = m.clock.now.Location()
	p.showPicture(p.firstPicture())
	return nil
}

// showPicture shows a picture; the session is asked for what it needs.
func (p *labPane) showPicture(kind picture.Kind) {
	p.pic.kind, p.pic.last, p.pic.film = kind, kind, picture.Film{}
	p.lab.Picture(kind)
	p.takeScene()
	p.relayout()
}

// hidePicture shows the text again.
func (p *labPane) hidePicture() {
	if !p.pic.shown() {
		return
	}
	p.pic.kind, p.pic.film, p.pic.drawn = "", picture.Film{}, nil
	p.lab.Picture("")
	p.relayout()
}

// turnPicture shows the next picture, or the one before.
func (p *labPane) turnPicture(by int) {
	kinds := picture.Kinds()
	n := len(kinds)
	p.showPicture(kinds[(slices.Index(kinds, p.pic.kind)+by+n)%n])
}

// takeScene shows the newest state. It returns the number of the change, 0 where nothing looks different.
func (p *labPane) takeScene() (change int) {
	if !p.pic.shown() {
		return 0
	}
	scene := p.view.Scene
	scene.Kind = p.pic.kind
	p.pic.stale = true
	return p.pic.film.Show(scene)
}

// followPicture shows the newest state, marks what has changed for a moment, and turns to what a new step asks for.
func (m *Model) followPicture(p *labPane, moved bool) tea.Cmd {
	if kind := p.suits(); moved && p.pic.shown() && kind != "" && kind != p.pic.kind {
		p.showPicture(kind)
		return nil
	}
	change := p.takeScene()
	if change == 0 {
		return nil
	}
	return m.rt.after(flashFor, func(time.Time) tea.Msg { return pictureOverMsg{p, change} })
}

// settlePicture ends the marks of a change.
func (p *labPane) settlePicture(change int) {
	if p.pic.film.Settle(change) {
		p.pic.stale = true
	}
}

// pictureTitle says which picture of how many is shown.
func (p *labPane) pictureTitle() string {
	kinds := picture.Kinds()
	return fmt.Sprintf(p.text.pictureF, p.text.picture.KindName(p.pic.kind), slices.Index(kinds, p.pic.kind)+1, len(kinds))
}

// textTitle is the title of the pane in which the text stands.
func (p *labPane) textTitle() string {
	if p.pic.shown() {
		return p.pictureTitle()
	}
	return p.text.explanation
}

// roomyPicture is the height from which the command that a key runs is shown below the picture.
const roomyPicture = 9

// pictureLines are the lines of the picture that fill a rectangle, the last of them the command that can be run.
func (p *labPane) pictureLines(in rect) []string {
	if in.w <= 0 || in.h <= 0 {
		return nil
	}
	rows := in.h
	command := p.pictureCommand(in)
	if command != "" {
		rows -= 2
	}
	if size := (rect{w: in.w, h: rows}); p.pic.stale || p.pic.in != size {
		p.pic.drawn, p.pic.in, p.pic.stale = p.drawPicture(in.w, rows), size, false
	}
	out := slices.Clone(p.pic.drawn)
	if command == "" {
		return out
	}
	for len(out) < in.h-1 {
		out = append(out, "")
	}
	return append(out, command)
}

// pictureCommand is the selected command on one line, empty where there is none or no room.
func (p *labPane) pictureCommand(in rect) string {
	if len(p.doc.commands) == 0 || in.h < roomyPicture {
		return ""
	}
	command, _, more := strings.Cut(p.doc.commands[p.selected], "\n")
	keys := "  [enter] " + p.text.runHere
	if more {
		command += " " + p.ellipsis
	}
	head := p.accent.Render(p.run + " ")
	return head + p.accent.Render(fit(p.safe(command), in.w-2-lipgloss.Width(keys), p.ellipsis)) + p.faint.Render(keys)
}

func (p *labPane) drawPicture(w, h int) []string {
	rows := p.pic.film.Draw(picture.Frame{
		Width: w, Height: h, Zone: p.pic.zone, ASCII: p.glyphs.fold != nil, Words: p.text.picture,
	})
	out := make([]string, len(rows))
	for i, row := range rows {
		var b strings.Builder
		for _, s := range row {
			b.WriteString(p.pictureStyle(s).Render(p.safe(s.Text)))
		}
		out[i] = b.String()
	}
	return out
}

// pictureStyle is how a span looks.
func (b brush) pictureStyle(s picture.Span) lipgloss.Style {
	switch {
	case s.Mark == picture.Gone:
		return b.gone
	case s.Mark == picture.Fresh && s.Role == picture.Line:
		return b.pass
	case s.Mark == picture.Fresh:
		return b.theme.flash
	}
	switch s.Role {
	case picture.Faint:
		return b.faint
	case picture.Title:
		return b.title
	case picture.Good:
		return b.pass
	case picture.Bad:
		return b.fail
	case picture.Line:
		return b.theme.border
	}
	return b.theme.text
}

// pictureActions are the keys of a picture while it is shown; they come before the lab's.
func (m *Model) pictureActions(p *labPane) []action {
	k, t := m.keys, m.text.keys
	turn := func(by int) func() tea.Cmd {
		return func() tea.Cmd { p.turnPicture(by); return nil }
	}
	choose := func(d int) func() tea.Cmd {
		return func() tea.Cmd { p.selectCommand(d); return nil }
	}
	return []action{
		{key: k.textAgain, group: t.groupPanes, do: func() tea.Cmd { return m.togglePicture(p) }},
		{key: k.pictureBefore, group: t.groupPanes, hidden: true, do: turn(-1)},
		{key: k.pictureAfter, group: t.groupPanes, do: turn(1)},
		{key: k.up, group: t.groupMove, refuse: p.refuseChoose, hidden: true, do: choose(-1)},
		{key: k.down, group: t.groupMove, refuse: p.refuseChoose, hidden: true, do: choose(1)},
	}
}

func (p *labPane) refusePicture() string {
	if !p.loaded {
		return p.text.refusals.loading
	}
	return ""
}

// pictureHere shows the picture, or the text, while the shell has the keyboard. Where the shell hides both, it gives way.
func (m *Model) pictureHere(p *labPane) tea.Cmd {
	if p.layout().how == beside {
		return m.togglePicture(p)
	}
	p.setFocus(textPane)
	if p.pic.shown() {
		return nil
	}
	return m.togglePicture(p)
}

// withPicture puts the picture's keys among those of a lab: while it is shown before all others, and where the step asks
// for one behind those that lead through the lab.
func (m *Model) withPicture(p *labPane, actions []action) []action {
	i := slices.IndexFunc(actions, func(a action) bool { return slices.Equal(a.key.Keys(), m.keys.picture.Keys()) })
	show := actions[i]
	switch {
	case p.pic.shown():
		return append(m.pictureActions(p), slices.Delete(actions, i, i+1)...)
	case show.wanted:
		const leading = 2
		return slices.Insert(slices.Delete(actions, i, i+1), leading, show)
	}
	return actions
}
