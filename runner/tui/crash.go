package tui

import (
	"fmt"
	"runtime/debug"

	tea "charm.land/bubbletea/v2"
)

// Crash is a mistake of ours that ended the screen: a panic in what draws it, in what answers keys, or in a command.
type Crash struct {
	Value string
	Stack []byte
}

func (c *Crash) Error() string { return "the screen ended by a mistake of its own: " + c.Value }

// guarded is the Model in which a panic ends the program in order: bubbletea's own way would print the stack over the
// screen.
type guarded struct {
	*Model
	crash *Crash
	last  tea.View
	// quit ends the program from outside of Update.
	quit func()
	// pace is the program's, once it runs.
	pace func() *pace
}

type crashMsg struct{ crash *Crash }

// caught is deferred: it turns a panic into a crash.
func caught(into func(*Crash)) {
	if r := recover(); r != nil {
		into(&Crash{Value: fmt.Sprint(r), Stack: debug.Stack()})
	}
}

func (g *guarded) Init() (cmd tea.Cmd) {
	defer caught(func(c *Crash) { g.crash, cmd = c, tea.Quit })
	return guard(g.Model.Init())
}

func (g *guarded) Update(msg tea.Msg) (_ tea.Model, cmd tea.Cmd) {
	defer caught(func(c *Crash) { g.crash, cmd = c, tea.Quit })
	g.pace().stir()
	if g.crash != nil {
		return g, tea.Quit
	}
	if msg, ok := msg.(crashMsg); ok {
		g.crash = msg.crash
		return g, tea.Quit
	}
	_, cmd = g.Model.Update(msg)
	return g, guard(cmd)
}

// View draws the screen. After a panic it is what it was before, and the program ends.
func (g *guarded) View() (v tea.View) {
	if g.crash != nil {
		return g.last
	}
	defer caught(func(c *Crash) {
		g.crash, v = c, g.last
		go g.quit() // which waits for Update
	})
	g.last = g.Model.View()
	return g.last
}

// guard makes a panic in a command a message, also in those commands that it brings.
func guard(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() (msg tea.Msg) {
		defer caught(func(c *Crash) { msg = crashMsg{c} })
		msg = cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for i, c := range batch {
				batch[i] = guard(c)
			}
		}
		return msg
	}
}
