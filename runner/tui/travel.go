package tui

import (
	"fmt"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// travelKey is the key that brings the state to the step on the screen, named for what it would do.
func (m *Model) travelKey(p *labPane) key.Binding {
	if p.loaded && p.view.Step > p.view.Front() {
		return m.keys.skip
	}
	return m.keys.rewind
}

// travel asks before the state is brought to the step on the screen: what is done for the learner, or what is lost.
func (m *Model) travel(p *labPane) tea.Cmd {
	to, front, t := p.view.Step, p.view.Front(), m.text
	yes := func() tea.Cmd { p.lab.Travel(to); return nil }
	if to > front {
		open := 0
		for _, st := range p.view.Steps[:to] {
			if !st.Done {
				open++
			}
		}
		m.ask(fmt.Sprintf(t.confirmSkipF, to+1), yes)
		p.asking = fmt.Sprintf(t.skipF, open)
		return nil
	}
	ticks := 0
	for _, st := range p.view.Steps[to:] {
		done, _ := ticked(st)
		ticks += done
	}
	m.ask(fmt.Sprintf(t.confirmRewindF, to+1), yes)
	p.asking = fmt.Sprintf(t.rewindF, to+1, ticks)
	if to > 0 {
		p.asking += " " + fmt.Sprintf(t.replayF, to)
	}
	return nil
}

// refuseTravel refuses while something is going on, or nothing can be.
func (p *labPane) refuseTravel() string {
	return firstOf(p.refuseBusy, p.refuseWaiting)
}
