package engine_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kubelab/kubelab/runner/engine"
)

// script is an engine whose Ups and Watches end as written.
type script struct {
	engine.Engine
	ups     []error // nil gains Docker
	watches []watched
	at      []time.Duration // when each Up began
	begin   time.Time
	end     func()
}

type watched struct {
	after  time.Duration
	broken string
}

func (s *script) Up(ctx context.Context, report func(engine.Progress)) error {
	s.at = append(s.at, time.Since(s.begin))
	if len(s.ups) == 0 {
		s.end()
		return ctx.Err()
	}
	err := s.ups[0]
	s.ups = s.ups[1:]
	report(engine.Progress{Step: "docker", Status: engine.Done, Gained: []engine.Capability{engine.Docker}})
	if err == nil {
		report(engine.Progress{Step: "cluster", Status: engine.Done, Gained: []engine.Capability{engine.Cluster}})
	}
	return err
}

func (s *script) Watch(ctx context.Context) (string, error) {
	w := s.watches[0]
	s.watches = s.watches[1:]
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case <-time.After(w.after):
		return w.broken, nil
	}
}

// play runs a script and returns when each Up began and what was said.
func play(t *testing.T, s *script) (at []time.Duration, states []engine.State) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s.begin, s.end = time.Now(), cancel
		err := engine.Supervise(ctx, s, func(engine.Progress) {}, func(st engine.State) { states = append(states, st) })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Supervise() = %v, want the cancellation", err)
		}
	})
	return s.at, states
}

func seconds(ns ...int) []time.Duration {
	var ds []time.Duration
	for _, n := range ns {
		ds = append(ds, time.Duration(n)*time.Second)
	}
	return ds
}

func TestSuperviseBringsUpAgainAtOnce(t *testing.T) {
	at, states := play(t, &script{
		ups:     []error{nil, nil},
		watches: []watched{{time.Hour, "노드가 멈췄습니다."}, {time.Hour, "노드가 또 멈췄습니다."}},
	})
	if want := seconds(0, 3600, 7200); !slices.Equal(at, want) {
		t.Errorf("Up at %v, want %v", at, want)
	}
	broken := slices.IndexFunc(states, func(s engine.State) bool { return s.Phase == engine.Broken })
	if broken < 1 {
		t.Fatalf("states %v, want one that is Broken", states)
	}
	ready, after := states[broken-1], states[broken+1]
	if ready.Phase != engine.Ready || !ready.Gained[engine.Cluster] || ready.Why != "" {
		t.Errorf("before the break: %+v, want Ready with a cluster", ready)
	}
	if s := states[broken]; s.Why != "노드가 멈췄습니다." || len(s.Gained) != 0 {
		t.Errorf("at the break: %+v, want why, and nothing gained", s)
	}
	if after.Phase != engine.Starting || after.Why != "노드가 멈췄습니다." {
		t.Errorf("after the break: %+v, want Starting, and still why", after)
	}
}

func TestSuperviseWaitsLongerAndLonger(t *testing.T) {
	down := errors.New("no Docker")
	at, states := play(t, &script{
		ups:     []error{down, down, down, down, down, down, down, nil, nil},
		watches: []watched{{time.Hour, "멈췄습니다."}, {time.Second, "멈췄습니다."}},
	})
	// 1, 2, 4, 8, 16 and then 30 seconds; after a quiet hour at once, and from 1 second on again.
	want := seconds(0, 1, 3, 7, 15, 31, 61, 91, 3691, 3693)
	if !slices.Equal(at, want) {
		t.Errorf("Up at %v, want %v", at, want)
	}
	s := states[slices.IndexFunc(states, func(s engine.State) bool { return s.Phase == engine.Retrying })]
	if !errors.Is(s.Err, down) || s.Retry != time.Second || !s.Gained[engine.Docker] || s.Gained[engine.Cluster] {
		t.Errorf("first failure: %+v, want the error, a second, and what that Up gained", s)
	}
}
