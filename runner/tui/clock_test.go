package tui

import (
	"testing"
	"time"
)

// ticks counts how often the clock moves in a time.
func (r *robot) ticks(d time.Duration) (n int) {
	for ; d > 0; d -= time.Second {
		was := r.m.clock.now
		r.pass(time.Second)
		if r.m.clock.now != was {
			n++
		}
	}
	return n
}

func TestClockSlowsDown(t *testing.T) {
	r := inLab(t, 100, 30)
	r.app.set(func(o *Overview) { o.Environment.Steps = nil })
	r.settle()
	if n := r.ticks(idleAfter); n < 29 {
		t.Errorf("%d ticks in the first %v, want one a second", n, idleAfter)
	}
	if n := r.ticks(time.Minute); n > 7 {
		t.Errorf("%d ticks in a minute without a key, want one in %v", n, idleEvery)
	}
	r.press("down")
	r.pass(0)
	if got := r.now.Sub(r.m.clock.now); got != 0 {
		t.Errorf("after a key the clock is %v late", got)
	}
	if n := r.ticks(10 * time.Second); n != 10 {
		t.Errorf("%d ticks in 10 s after a key", n)
	}
	r.ticks(time.Minute)
	r.app.set(func(o *Overview) { app, _ := newFake(); *o = app.overview })
	r.settle()
	r.pass(0)
	if n := r.ticks(10 * time.Second); n != 10 {
		t.Errorf("%d ticks in 10 s while something is going on", n)
	}
	if live := len(r.timers); live > 3 {
		t.Errorf("%d timers wait: a clock that was replaced goes on", live)
	}
}
