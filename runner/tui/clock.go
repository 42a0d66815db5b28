package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// The times on the screen move every second. Once nobody has touched a key for a while and nothing is going on, that
// costs more than it is worth, and they move less often until something happens.
const (
	clockEvery = time.Second
	idleAfter  = 30 * time.Second
	idleEvery  = 10 * time.Second
)

// clockMsg is a tick of the clock that was started as the n-th.
type clockMsg struct {
	now time.Time
	n   int
}

// clock is the time on the screen.
type clock struct {
	now time.Time
	// touched is when the learner did something last; started counts the clocks, of which the last one goes; slow says
	// that it goes slowly.
	touched time.Time
	started int
	slow    bool
}

// startClock makes the times move from now on.
func (m *Model) startClock() tea.Cmd {
	m.clock.started++
	m.clock.slow = false
	return m.tickAfter(0)
}

func (m *Model) tickAfter(d time.Duration) tea.Cmd {
	n := m.clock.started
	return m.rt.after(d, func(now time.Time) tea.Msg { return clockMsg{now, n} })
}

// tick moves the times.
func (m *Model) tick(msg clockMsg) tea.Cmd {
	c := &m.clock
	if msg.n != c.started {
		return nil
	}
	c.now = msg.now
	if c.touched.IsZero() {
		c.touched = c.now
	}
	if c.now.Sub(c.touched) < idleAfter || m.busy() != "" {
		return m.tickAfter(clockEvery)
	}
	c.slow = true
	return m.tickAfter(idleEvery)
}

// stir makes a slow clock go as before, because something has happened; touched says that the learner did it.
func (m *Model) stir(touched bool) tea.Cmd {
	c := &m.clock
	if touched {
		c.touched = c.now
	}
	if !c.slow {
		return nil
	}
	if touched {
		c.touched = time.Time{} // how late it is by now, only the next tick knows
	}
	return m.startClock()
}
