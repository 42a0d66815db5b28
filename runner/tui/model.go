package tui

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/labs/search"
	"github.com/kubelab/kubelab/runner/session"
	"github.com/kubelab/kubelab/runner/shell"
)

// Model is the whole screen. Update routes messages to the panes and View draws them; what takes time is done in
// commands.
type Model struct {
	brush
	text   texts
	keys   keyMap
	course *labs.Course
	app    App
	first  string
	rt     runtime
	done   <-chan struct{}

	w, h  int
	clock clock
	// drawn are the lines of the open lab, until something changes them.
	drawn    []string
	overview Overview
	list     listPane
	lab      *labPane
	pointer  pointer
	// index is the text of the course for the search, nil until it has been read.
	index *search.Index
	// split is the share of the text that the learner chose last (see shape).
	split int
	// inLab is true while the lab is shown and false while the course is; the lab stays open behind the course.
	inLab bool
	// opening is the ID of the lab that is being opened, or empty; leaving the ID of the one that is being put right.
	opening, leaving string
	// goal is the step for which the lab is being opened. A negative one is where it was left.
	goal search.Place
	// forced is true where the learner did not wait for that; left is why it could not be done.
	forced bool
	left   error
	// closing is the lab that is being closed.
	closing Lab

	// probed is true once the terminal was asked how wide it draws, or need not be.
	probed bool
	// overlays are the screens over this one, the last on top.
	overlays []overlay
	confirm  *confirmation
	// status is the answer to the last key, in place of the keys at the bottom. warn marks a refusal or a failure.
	status string
	warn   bool
}

// confirmation is a question that has to be answered before something is done.
type confirmation struct {
	question string
	yes      func() tea.Cmd
}

// runtime is how commands wait. Tests put in their own, so that nothing runs on its own.
type runtime struct {
	// wait gives the message of then after ch has received; closed tells that ch was closed. It gives up with done.
	wait func(ch <-chan struct{}, then func(closed bool) tea.Msg, done ...<-chan struct{}) tea.Cmd
	// after gives the message of then when d has passed.
	after func(d time.Duration, then func(time.Time) tea.Msg) tea.Cmd
}

// The messages of the screen's own commands. lab tells for which lab they are: one that was closed may have sent them.
type (
	overviewMsg  Overview
	labOpenedMsg struct {
		id  string
		lab Lab
		err error
	}
	// leftMsg tells that a lab was put right, or why not. quit says that the learner goes.
	leftMsg struct {
		err  error
		quit bool
	}
	labChangedMsg struct {
		pane *labPane
		view session.View
	}
	screenMsg struct {
		pane   *labPane
		shell  Shell
		screen shell.Screen
	}
	shellEndedMsg struct {
		pane  *labPane
		shell Shell
	}
	flashOverMsg struct {
		pane    *labPane
		flashes int
	}
)

const (
	// flashFor is how long a line that has changed stands out.
	flashFor = 900 * time.Millisecond
)

// New returns the screen of a course. The commands it returns end when done is closed.
func New(cfg Config, done <-chan struct{}) *Model {
	b := brush{theme: newTheme(), glyphs: newGlyphs(cfg.ASCII)}
	t := catalogue(cfg.Lang)
	m := &Model{
		brush: b, text: t, keys: newKeyMap(t), course: cfg.Course, app: cfg.App, first: cfg.Lab, done: done, probed: cfg.ASCII, split: evenSplit,
		rt: runtime{wait: waitFor, after: afterUnless(done)},
	}
	m.list = listPane{brush: b, text: t}
	m.takeOverview(cfg.App.Overview())
	m.list.selectLab(cfg.Course, m.overview.Current)
	return m
}

// waitFor is runtime.wait outside of tests.
func waitFor(ch <-chan struct{}, then func(closed bool) tea.Msg, done ...<-chan struct{}) tea.Cmd {
	var stop [2]<-chan struct{}
	copy(stop[:], done)
	return func() tea.Msg {
		select {
		case _, ok := <-ch:
			return then(!ok)
		case <-stop[0]:
		case <-stop[1]:
		}
		return nil
	}
}

// afterUnless is runtime.after outside of tests: tea.Tick, but for a program that has ended meanwhile.
func afterUnless(done <-chan struct{}) func(time.Duration, func(time.Time) tea.Msg) tea.Cmd {
	return func(d time.Duration, then func(time.Time) tea.Msg) tea.Cmd {
		return func() tea.Msg {
			timer := time.NewTimer(d)
			defer timer.Stop()
			select {
			case now := <-timer.C:
				return then(now)
			case <-done:
				return nil
			}
		}
	}
}

// Init starts the clock and what waits for the App.
func (m *Model) Init() tea.Cmd {
	cmds := []tea.Cmd{m.waitOverview(), m.startClock(), m.readCourse()}
	if m.firstStart() {
		cmds = append(cmds, m.startTour())
	}
	if m.first != "" {
		cmds = append(cmds, m.openLab(m.first))
	}
	return tea.Batch(cmds...)
}

// Update takes in one message.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var stirred tea.Cmd
	switch msg := msg.(type) {
	case clockMsg: // the panes of a lab show no times
		return m, m.tick(msg)
	case tea.KeyPressMsg, tea.PasteMsg, tea.MouseMsg:
		stirred = m.stir(true)
	case overviewMsg, labChangedMsg:
		stirred = m.stir(false)
	}
	m.drawn = nil
	return m, tea.Batch(stirred, m.update(msg))
}

func (m *Model) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
		if m.lab != nil {
			m.lab.setSize(m.w, m.h)
			m.lab.answer.setWidth(m.w)
		}
		return m.probeLater()
	case probeMsg, repaintMsg, tea.CursorPositionMsg:
		return m.probe(msg)
	case tea.KeyPressMsg:
		return m.key(msg)
	case tea.PasteMsg:
		return m.paste(msg)
	case indexMsg:
		m.indexed(msg)
	case overviewMsg:
		m.takeOverview(Overview(msg))
		return m.waitOverview()
	case labOpenedMsg:
		return m.opened(msg)
	case leftMsg:
		return m.gone(msg)
	case labChangedMsg:
		return m.labChanged(msg)
	case flashOverMsg:
		if msg.pane.flashes == msg.flashes {
			msg.pane.flash = nil
		}
	case pictureOverMsg:
		msg.pane.settlePicture(msg.change)
	case screenMsg, shellEndedMsg:
		return m.shellMsg(msg)
	case tea.MouseMsg:
		return m.mouse(msg)
	case clickOverMsg:
		if msg.clicks == m.pointer.clicks {
			m.pointer.fresh = false
		}
	case foundMsg:
		msg.pane.takeFound(msg)
	}
	return nil
}

// takeOverview shows a new state of the course and the environment.
func (m *Model) takeOverview(o Overview) {
	m.overview = o
}

func (m *Model) waitOverview() tea.Cmd {
	return m.rt.wait(m.app.Changed(), func(closed bool) tea.Msg {
		if closed {
			return nil
		}
		return overviewMsg(m.app.Overview())
	}, m.done)
}

// openLab shows a lab: the one that is open already, or a new one.
func (m *Model) openLab(id string) tea.Cmd {
	return m.openAt(search.Place{Lab: id, Step: -1})
}

// openAt opens a lab at a step, or where it was left if the step is negative. It asks before it breaks off what is going on
// in the lab that is open: only one is.
func (m *Model) openAt(to search.Place) tea.Cmd {
	switch {
	case m.lab != nil && m.lab.id == to.Lab:
		m.inLab = true
		if to.Step >= 0 {
			m.lab.goTo(to.Step)
		}
		return nil
	case m.opening != "":
		return nil
	}
	if m.lab != nil {
		if busy := m.lab.busy(); busy != "" {
			return m.ask(fmt.Sprintf(m.text.confirmOpenF, busy), func() tea.Cmd { return m.replaceLab(to) })
		}
	}
	return m.replaceLab(to)
}

// replaceLab closes the open lab, if there is one, and opens another.
func (m *Model) replaceLab(to search.Place) tea.Cmd {
	id := to.Lab
	m.opening, m.goal = id, to
	old := m.lab
	m.lab, m.inLab = nil, false
	if old != nil && old.mustBeLeft() {
		m.leaving = old.id
	}
	return func() tea.Msg {
		if old != nil {
			close(old.closed)
			_ = old.lab.Close() // what could not be put right is tried again, and told, before the next lab begins
		}
		lab, err := m.app.Open(id)
		return labOpenedMsg{id, lab, err}
	}
}

// opened shows the lab that was asked for.
func (m *Model) opened(msg labOpenedMsg) tea.Cmd {
	m.opening, m.leaving = "", ""
	if msg.err != nil {
		m.say(m.failed(msg.err), true)
		return nil
	}
	p := &labPane{
		checkPane: checkPane{brush: m.brush, text: m.text}, id: msg.id, lab: msg.lab,
		closed: make(chan struct{}), markdown: newMarkdown(m.theme, m.glyphs), split: m.split,
	}
	for i, lab := range m.course.Labs {
		if lab.ID == msg.id {
			p.number, p.title = i+1, lab.Title
		}
	}
	m.lab, m.inLab = p, true
	m.list.selectLab(m.course, msg.id)
	p.show(msg.lab.View())
	p.asked = p.view.Asked
	p.setSize(m.w, m.h)
	m.arrive(p)
	return tea.Batch(m.waitLab(p), m.attachShell(p))
}

func (m *Model) waitLab(p *labPane) tea.Cmd {
	return m.rt.wait(p.lab.Changed(), func(closed bool) tea.Msg {
		if closed {
			return nil
		}
		return labChangedMsg{p, p.lab.View()}
	}, p.closed, m.done)
}

// labChanged shows a new state of the lab, and what has just been ticked in another colour for a moment.
func (m *Model) labChanged(msg labChangedMsg) tea.Cmd {
	p := msg.pane
	if p != m.lab {
		return nil
	}
	cmds := []tea.Cmd{m.waitLab(p)}
	wasFinished := !p.loaded || p.view.Finished
	step, had := p.view.Step, p.loaded
	ticked := p.show(msg.view)
	cmds = append(cmds, m.followPicture(p, !had || step != p.view.Step))
	if ticked {
		n := p.flashes
		cmds = append(cmds, m.rt.after(flashFor, func(time.Time) tea.Msg { return flashOverMsg{p, n} }))
	}
	m.finishing(p, wasFinished)
	return tea.Batch(append(cmds, m.attachShell(p), m.release(p))...)
}

// say shows a line until the next key.
func (m *Model) say(text string, warn bool) { m.status, m.warn = text, warn }

// close ends what is open. It is called after the screen's loop has ended.
func (m *Model) close(leaving func(*labs.Lab)) error {
	switch {
	case m.forced:
		return nil
	case m.closing != nil:
		return m.closing.Close() // which waits for the end of what has begun
	case m.lab == nil:
		return m.left
	}
	if leaving != nil && m.lab.mustBeLeft() {
		leaving(m.lab.view.Lab)
	}
	return m.lab.lab.Close()
}
