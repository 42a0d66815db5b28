package tui

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/session"
)

// action is what a key does, and why it may not. The keys at the bottom and the help are made of the same actions.
type action struct {
	key   key.Binding
	group string
	// refuse says why the key does nothing at present, or returns "". It may be nil.
	refuse func() string
	do     func() tea.Cmd
	// hidden actions are in the help alone.
	hidden bool
	// wanted actions are those that the step asks for.
	wanted bool
}

// actions are the keys of what is on the screen, the most important first.
func (m *Model) actions() []action {
	switch {
	case m.inShell() && m.lab.look.reading:
		return m.readActions(m.lab)
	case m.inShell():
		return m.shellActions(m.lab)
	case m.inLab && m.lab != nil:
		return m.labActions(m.lab)
	}
	return m.listActions()
}

// quitActions are the keys that work everywhere outside of the shell.
func (m *Model) quitActions() []action {
	g := m.text.keys.groupHelp
	return []action{
		{key: m.keys.help, group: g, do: func() tea.Cmd { return m.lay(&helpOverlay{}) }},
		{key: m.keys.quit, group: g, do: m.quit},
	}
}

func (m *Model) listActions() []action {
	k, t := m.keys, m.text.keys
	move := func(d int) func() tea.Cmd {
		return func() tea.Cmd { m.list.move(d, len(m.course.Labs)); return nil }
	}
	nothing := m.refuseRetry() != ""
	out := []action{
		{key: k.open, group: t.groupStep, refuse: m.refuseOpen, do: func() tea.Cmd {
			return m.openLab(m.course.Labs[m.list.selected].ID)
		}},
		{key: k.retry, group: t.groupUs, refuse: m.refuseRetry, hidden: nothing, do: func() tea.Cmd {
			m.app.Retry()
			return nil
		}},
		{key: k.up, group: t.groupMove, hidden: true, do: move(-1)},
		{key: k.down, group: t.groupMove, hidden: true, do: move(1)},
		{key: k.pageUp, group: t.groupMove, hidden: true, do: move(-5)},
		{key: k.pageDown, group: t.groupMove, hidden: true, do: move(5)},
		{key: k.top, group: t.groupMove, hidden: true, do: move(-len(m.course.Labs))},
		{key: k.bottom, group: t.groupMove, hidden: true, do: move(len(m.course.Labs))},
	}
	return append(append(out, m.lookActions()...), m.quitActions()...)
}

// lookActions are the keys of what lies over the course and a lab alike.
func (m *Model) lookActions() []action {
	k, g := m.keys, m.text.keys.groupLook
	return []action{
		{key: k.search, group: g, do: m.openSearch},
		{key: k.words, group: g, refuse: m.refuseGlossary, do: m.openGlossary},
		{key: k.summary, group: g, refuse: m.refuseSummary, do: func() tea.Cmd { return m.openSummary(m.selectedLab()) }},
		{key: k.work, group: g, do: m.openWork},
		{key: k.tour, group: g, hidden: true, do: m.startTour},
	}
}

func (m *Model) labActions(p *labPane) []action {
	k, t := m.keys, m.text.keys
	scroll := func(d func() int) func() tea.Cmd {
		return func() tea.Cmd { p.scroll += d(); p.clampScroll(); return nil }
	}
	by := func(n int) func() int { return func() int { return n } }
	page := func(sign int) func() int {
		return func() int { return sign * max(1, p.layout().in.text.h-1) }
	}
	whole := func(sign int) func() int { return func() int { return sign * len(p.doc.lines) } }
	choose := func(d int) func() tea.Cmd {
		return func() tea.Cmd { p.selectCommand(d); return nil }
	}
	tell := func(do func()) func() tea.Cmd {
		return func() tea.Cmd { do(); return nil }
	}
	out := []action{
		{key: k.next, group: t.groupStep, refuse: p.refuseNext, do: tell(func() { p.goTo(p.view.Step + 1) })},
		{key: k.prev, group: t.groupStep, refuse: p.refusePrev, do: tell(func() { p.goTo(p.view.Step - 1) })},
		{key: k.stop, group: t.groupUs, refuse: p.refuseStop, do: tell(p.lab.Stop), hidden: p.view.Activity == nil},
		{key: k.run, group: t.groupShell, refuse: p.refuseRun, do: func() tea.Cmd { return m.runCommand(p) }},
		{key: k.shell, group: t.groupShell, refuse: p.refuseShell, do: tell(func() { p.setFocus(shellPane) })},
		{key: k.find, group: t.groupShell, refuse: p.refuseShell, hidden: true, do: func() tea.Cmd { return m.startFind(p) }},
		{key: k.copyCommand, group: t.groupShell, refuse: p.refuseCommand, do: func() tea.Cmd { return m.copyCommand(p) }},
		{key: k.picture, group: t.groupPanes, refuse: p.refusePicture, wanted: p.suits() != "", do: func() tea.Cmd { return m.togglePicture(p) }},
		{key: m.zoomKey(p), group: t.groupPanes, do: tell(func() { p.zoomPane(!p.zoom) })},
		{key: k.hint, group: t.groupStep, refuse: p.refuseHint, do: tell(func() { p.hidePicture(); p.lab.Hint() })},
		{key: k.answer, group: t.groupStep, refuse: p.refuseAnswer, do: func() tea.Cmd {
			p.hidePicture()
			return p.answer.start(p.step().Questions, m.text.answerPrompt, m.w)
		}},
		{key: k.solution, group: t.groupStep, refuse: p.refuseSolution, do: func() tea.Cmd {
			return m.ask(m.text.confirmSolution, tell(func() { p.hidePicture(); p.lab.Solution() }))
		}},
		{key: k.solve, group: t.groupStep, refuse: p.refuseSolve, do: func() tea.Cmd {
			return m.ask(m.text.confirmSolve, tell(p.lab.Solve))
		}},
		{key: k.reset, group: t.groupUs, refuse: p.refuseBusy, do: func() tea.Cmd {
			return m.ask(m.text.confirmReset, tell(p.lab.Reset))
		}},
		{key: m.travelKey(p), group: t.groupUs, refuse: p.refuseTravel, do: func() tea.Cmd { return m.travel(p) }},
		{key: k.back, group: t.groupUs, hidden: p.pic.shown(), do: m.back},
		{key: k.courseMap, group: t.groupLook, do: m.openMap},
		{key: k.questions, group: t.groupLook, refuse: p.refuseQuestions, do: m.openQuestions},
		{key: k.zoomShell, group: t.groupPanes, refuse: p.refuseShell, hidden: true, do: tell(func() {
			p.zoomPane(true)
			p.setFocus(shellPane)
		})},
		{key: k.narrower, group: t.groupPanes, refuse: p.refuseSplit, hidden: true, do: tell(func() { m.splitAt(p, p.split-splitStep) })},
		{key: k.wider, group: t.groupPanes, refuse: p.refuseSplit, hidden: true, do: tell(func() { m.splitAt(p, p.split+splitStep) })},
		{key: k.commandLeft, group: t.groupShell, refuse: p.refuseChoose, hidden: true, do: choose(-1)},
		{key: k.commandRight, group: t.groupShell, refuse: p.refuseChoose, hidden: true, do: choose(1)},
		{key: k.up, group: t.groupMove, hidden: true, do: scroll(by(-1))},
		{key: k.down, group: t.groupMove, hidden: true, do: scroll(by(1))},
		{key: k.pageUp, group: t.groupMove, hidden: true, do: scroll(page(-1))},
		{key: k.pageDown, group: t.groupMove, hidden: true, do: scroll(page(1))},
		{key: k.top, group: t.groupMove, hidden: true, do: scroll(whole(-1))},
		{key: k.bottom, group: t.groupMove, hidden: true, do: scroll(whole(1))},
	}
	out = append(out, m.lookActions()...)
	return m.withPicture(p, append(out, m.quitActions()...))
}

// shellActions are the keys that the shell does not get.
func (m *Model) shellActions(p *labPane) []action {
	k, t := m.keys, m.text.keys
	page := func(sign int) func() tea.Cmd {
		return func() tea.Cmd {
			if p.shell != nil {
				p.scrollShell(sign * max(1, p.layout().in.shell.h-1))
			}
			return nil
		}
	}
	return []action{
		{key: k.leaveShell, group: t.groupShell, do: func() tea.Cmd { return m.leaveShell(p) }},
		{key: k.shellUp, group: t.groupShell, do: page(1)},
		{key: k.shellDown, group: t.groupShell, do: page(-1)},
		{key: k.findBack, group: t.groupShell, refuse: p.refuseBack, do: func() tea.Cmd { return m.startFind(p) }},
		{key: k.zoomHere, group: t.groupPanes, do: func() tea.Cmd { p.zoomPane(!p.zoom); return nil }},
		{key: k.pictureHere, group: t.groupPanes, refuse: p.refusePicture, wanted: p.suits() != "", do: func() tea.Cmd { return m.pictureHere(p) }},
	}
}

// splitStep is how far a key moves the line between text and shell, in thousandths of the screen.
const splitStep = 50

// splitAt moves the line between text and shell, in this lab and in those that are opened later.
func (m *Model) splitAt(p *labPane, split int) {
	p.setSplit(split)
	m.split = p.split
}

// zoomKey is the key that makes a pane large, named for what it would do.
func (m *Model) zoomKey(p *labPane) key.Binding {
	if p.zoom {
		return m.keys.unzoom
	}
	return m.keys.zoom
}

// refuseSplit refuses to move a line that is not there.
func (p *labPane) refuseSplit() string {
	if p.layout().how != beside {
		return p.text.refusals.notBeside
	}
	return ""
}

// ask puts a question before something is done.
func (m *Model) ask(question string, yes func() tea.Cmd) tea.Cmd {
	m.confirm = &confirmation{question: question, yes: yes}
	return nil
}

// quit ends the program, after a question where something is going on.
func (m *Model) quit() tea.Cmd {
	if busy := m.busy(); busy != "" {
		return m.ask(fmt.Sprintf(m.text.confirmQuitF, busy), m.quitNow)
	}
	return m.quitNow()
}

// interrupt asks before it ends the program, also where nothing is going on: who presses ctrl+c may have meant the shell.
func (m *Model) interrupt() tea.Cmd {
	if m.busy() != "" {
		return m.quit()
	}
	return m.ask(m.text.confirmQuit, m.quitNow)
}

// busy is what is going on and would be broken off by quitting, or "".
func (m *Model) busy() string {
	if m.lab != nil {
		if busy := m.lab.busy(); busy != "" {
			return busy
		}
	}
	var running []string
	for _, s := range m.overview.Environment.Steps {
		if s.Status == engine.Running {
			running = append(running, cleanLine(s.Title))
		}
	}
	return strings.Join(running, ", ")
}

// busy is what is going on in the lab and would be broken off by leaving it, or "".
func (p *labPane) busy() string {
	if p.loaded && p.view.Activity != nil {
		return cleanLine(p.view.Activity.Title)
	}
	if p.shell != nil {
		if c, ok := p.shell.Command(); ok && c.Running {
			return cleanLine(c.Text)
		}
	}
	return ""
}

// copyCommand sends the selected command to the terminal's clipboard and shows it whole: not every terminal takes it.
func (m *Model) copyCommand(p *labPane) tea.Cmd {
	command := p.doc.commands[p.selected]
	m.lay(copiedOverlay{command})
	return tea.SetClipboard(command)
}

func (m *Model) refuseOpen() string {
	if len(m.course.Labs) == 0 {
		return m.text.refusals.noLabs
	}
	return ""
}

func (m *Model) refuseRetry() string {
	env := m.overview.Environment
	failed := slices.ContainsFunc(env.Steps, func(s session.EnvironmentStep) bool { return s.Status == engine.Failed })
	fatal := slices.ContainsFunc(env.Findings, func(f engine.Finding) bool { return f.Severity == engine.Fatal })
	if env.Broken == "" && !failed && !fatal {
		return m.text.refusals.nothingToRetry
	}
	return ""
}

func (m *Model) failed(err error) string {
	return fmt.Sprintf(m.text.openFailedF, cleanLine(err.Error()))
}

func (p *labPane) refuseNext() string {
	switch {
	case !p.loaded:
		return p.text.refusals.loading
	case p.view.Step >= len(p.view.Steps)-1:
		return p.text.refusals.lastStep
	}
	return ""
}

func (p *labPane) refusePrev() string {
	switch {
	case !p.loaded:
		return p.text.refusals.loading
	case p.view.Step == 0:
		return p.text.refusals.firstStep
	}
	return ""
}

// refuseBusy refuses what would meet another activity half way.
func (p *labPane) refuseBusy() string {
	switch {
	case !p.loaded:
		return p.text.refusals.loading
	case p.view.Activity != nil:
		return fmt.Sprintf(p.text.refusals.busyF, p.activity())
	}
	return ""
}

func (p *labPane) refuseCommand() string {
	if !p.loaded {
		return p.text.refusals.loading
	}
	if len(p.doc.commands) == 0 {
		return p.text.refusals.noCommand
	}
	return ""
}

func (p *labPane) refuseChoose() string {
	if p.loaded && len(p.doc.commands) == 1 {
		return p.text.refusals.oneCommand
	}
	return p.refuseCommand()
}

// refuseWaiting refuses what needs the environment.
func (p *labPane) refuseWaiting() string {
	if len(p.view.Waiting) > 0 {
		return fmt.Sprintf(p.text.refusals.notReadyF, p.text.capabilityList(p.view.Waiting))
	}
	return ""
}

func (p *labPane) refuseRun() string {
	return firstOf(p.refuseCommand, p.refuseWaiting, p.refuseBusy)
}

func (p *labPane) refuseShell() string {
	if p.shell == nil {
		return p.text.refusals.shellNotReady
	}
	return ""
}

func (p *labPane) refuseHint() string {
	if !p.loaded {
		return p.text.refusals.loading
	}
	switch hints := len(p.view.Lab.Steps[p.view.Step].Hints); {
	case hints == 0:
		return p.text.refusals.noHints
	case p.view.Hints >= hints:
		return p.text.refusals.allHints
	}
	return ""
}

func (p *labPane) refuseSolution() string {
	switch {
	case !p.loaded:
		return p.text.refusals.loading
	case len(p.view.Lab.Steps[p.view.Step].Solution) == 0:
		return p.text.refusals.noSolution
	case p.view.Solution:
		return p.text.refusals.solutionShown
	}
	return ""
}

func (p *labPane) refuseSolve() string {
	return firstOf(p.refuseBusy, p.refuseWaiting, func() string {
		switch {
		case p.step().Done:
			return p.text.refusals.alreadyDone
		case len(p.view.Lab.Steps[p.view.Step].Solution) == 0:
			return p.text.refusals.noSolution
		}
		return ""
	})
}

func (p *labPane) refuseAnswer() string {
	if !p.loaded {
		return p.text.refusals.loading
	}
	if len(p.step().Questions) == 0 {
		return p.text.refusals.noQuestions
	}
	for _, q := range p.step().Questions {
		if !q.Right {
			return ""
		}
	}
	return p.text.refusals.allAnswered
}

func (p *labPane) refuseStop() string {
	if !p.loaded || p.view.Activity == nil {
		return p.text.refusals.idle
	}
	return ""
}

// firstOf returns the first reason there is.
func firstOf(reasons ...func() string) string {
	for _, reason := range reasons {
		if why := reason(); why != "" {
			return why
		}
	}
	return ""
}
