package tui

import (
	"reflect"
	"sync"
	"time"
	"unsafe"

	tea "charm.land/bubbletea/v2"
)

const (
	// framesPerSecond is how often bubbletea looks whether there is something to draw; it allows no more. A key waits for the
	// next look.
	framesPerSecond = 120
	// restAfter is how long after the last message it stops looking, restEvery how often it looks then all the same: 120 looks
	// at nothing cost a hundredth of a core.
	restAfter = 500 * time.Millisecond
	restEvery = time.Second
)

// pace slows bubbletea's looking for something to draw while nothing happens.
type pace struct {
	ticker *time.Ticker // nil where bubbletea has none that we know
	rest   *time.Timer

	mu      sync.Mutex
	resting bool
}

// newPace is called while the program runs: it has no ticker before.
func newPace(program *tea.Program) *pace { return startPace(tickerOf(program)) }

func startPace(ticker *time.Ticker) *pace {
	p := &pace{ticker: ticker}
	p.rest = time.AfterFunc(restAfter, func() { p.set(true) })
	return p
}

// tickerOf is the ticker of bubbletea's renderer. It is bubbletea's own, and there is no option that slows it; where a
// later version keeps it elsewhere there is nothing to slow, and TestPace says so.
func tickerOf(program *tea.Program) *time.Ticker {
	field := reflect.ValueOf(program).Elem().FieldByName("ticker")
	if !field.IsValid() || field.Type() != reflect.TypeFor[*time.Ticker]() {
		return nil
	}
	return *(**time.Ticker)(unsafe.Pointer(field.UnsafeAddr()))
}

// stir is called with every message: something may have to be drawn.
func (p *pace) stir() {
	p.set(false)
	p.rest.Reset(restAfter)
}

// stop ends it with the program.
func (p *pace) stop() { p.rest.Stop() }

func (p *pace) set(resting bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ticker == nil || p.resting == resting {
		return
	}
	p.resting = resting
	if resting {
		p.ticker.Reset(restEvery)
	} else {
		p.ticker.Reset(time.Second / framesPerSecond)
	}
}
