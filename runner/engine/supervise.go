package engine

import (
	"context"
	"maps"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// Phase is what a supervised engine is doing.
type Phase int

// The phases.
const (
	Starting Phase = iota // Up is running
	Ready                 // Up has succeeded, and nothing has broken since
	Broken                // something that was up is gone; Up runs again at once
	Retrying              // Up has failed, and runs again after a pause
)

// State is what Supervise knows at one moment.
type State struct {
	Phase Phase
	// Why says what broke, in the learner's language. It stays until the engine is Ready again.
	Why string
	// Err is why Up failed, and Retry how long it is until the next try. Both are set with Retrying alone.
	Err   error
	Retry time.Duration
	// Gained is what the environment can do now. It is never changed after it was handed out.
	Gained map[Capability]bool
}

// quiet is how long an environment must have been up for a break to be mended without a pause.
const quiet = time.Minute

// Supervise keeps an engine up until ctx ends: it brings it up, watches it, says what broke and brings it up again.
// While Up fails, or the environment breaks as soon as it is up, the pauses between tries grow from one second to half
// a minute. Both report and state are called from one goroutine, the caller's. It returns the context's cause.
func Supervise(ctx context.Context, e Engine, report func(Progress), state func(State)) error {
	s := &supervisor{engine: e, report: report, state: state}
	pauses := newPauses()
	for ctx.Err() == nil {
		if err := s.up(ctx); err != nil {
			s.sleep(ctx, pauses.Step(), err)
			continue
		}
		begin := time.Now()
		err := s.watch(ctx)
		if err == nil && time.Since(begin) >= quiet {
			pauses = newPauses()
			continue
		}
		s.sleep(ctx, pauses.Step(), err)
	}
	return context.Cause(ctx)
}

func newPauses() wait.Backoff {
	return wait.Backoff{Duration: time.Second, Factor: 2, Steps: 6, Cap: 30 * time.Second}
}

type supervisor struct {
	engine Engine
	report func(Progress)
	state  func(State)
	// why is what broke; gained what the environment can do, as far as is known.
	why    string
	gained map[Capability]bool
}

func (s *supervisor) say(st State) {
	st.Why, st.Gained = s.why, s.gained
	s.state(st)
}

// up calls Up. When it fails, only what this Up itself gained is still known to be there.
func (s *supervisor) up(ctx context.Context) error {
	s.say(State{Phase: Starting})
	now := map[Capability]bool{}
	err := s.engine.Up(ctx, func(p Progress) {
		s.report(p)
		if len(p.Gained) == 0 {
			return
		}
		for _, c := range p.Gained {
			now[c] = true
		}
		s.gained = maps.Clone(s.gained)
		if s.gained == nil {
			s.gained = map[Capability]bool{}
		}
		maps.Copy(s.gained, now)
		s.say(State{Phase: Starting})
	})
	if err != nil {
		s.gained = now
		return err
	}
	s.why = ""
	s.say(State{Phase: Ready})
	return nil
}

// watch waits until something breaks, and forgets what was gained: Up says again what is still there, in no time.
func (s *supervisor) watch(ctx context.Context) error {
	broken, err := s.engine.Watch(ctx)
	if ctx.Err() != nil || err != nil {
		return err
	}
	s.why, s.gained = broken, nil
	s.say(State{Phase: Broken})
	return nil
}

func (s *supervisor) sleep(ctx context.Context, d time.Duration, err error) {
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		s.say(State{Phase: Retrying, Err: err, Retry: d})
	}
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
