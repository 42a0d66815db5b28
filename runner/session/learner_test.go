package session_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/runner/session"
)

func TestAnswers(t *testing.T) {
	flow(t, demo, func(t *testing.T, r *rig) {
		r.start()
		r.Goto(1)
		for _, tt := range []struct {
			question        int
			given, feedback string
			right           bool
			logged          string // what the answer adds to the log
			before          func()
		}{
			{question: 0, given: "host-1", feedback: "아직 답을 확인할 수 없습니다"},
			{question: 0, given: "host-2", feedback: `"host-2": 맞지 않습니다. docker inspect를 보세요.`, logged: " answer:two",
				before: func() { r.world.put(checks.Containers, container("1", "db")) }},
			{question: 0, given: "db", feedback: "db는 이름입니다.", logged: " answer:two"},
			{question: 0, given: " `HOST-1` ", feedback: "맞습니다.", right: true, logged: " answer:two"},
			{question: 0, given: "db", feedback: "맞습니다.", right: true}, // what is right stays right
			{question: 1, given: "4", feedback: "맞습니다.", right: true, logged: " answer:two done:two"},
		} {
			if tt.before != nil {
				tt.before()
			}
			r.rest()
			logged := r.log.kinds()
			r.Answer(tt.question, tt.given)
			q := r.rest().Steps[1].Questions[tt.question]
			if q.Right != tt.right || !strings.Contains(q.Feedback, tt.feedback) {
				t.Errorf("%q: %+v", tt.given, q)
			}
			if got := strings.TrimPrefix(r.log.kinds(), logged); got != tt.logged {
				t.Errorf("%q logged %q, want %q", tt.given, got, tt.logged)
			}
		}
		logged := r.log.kinds()
		for _, question := range []int{-1, 2} {
			r.Answer(question, "4")
		}
		if v := r.rest(); !v.Steps[1].Done || r.log.kinds() != logged {
			t.Errorf("a question that is not there was answered: %q", r.log.kinds())
		}
	})
}

func TestHintsAndSolution(t *testing.T) {
	flow(t, demo, func(t *testing.T, r *rig) {
		r.start()
		for i, want := range []int{1, 2, 2} {
			r.Hint()
			r.Solution()
			if v := r.rest(); v.Hints != want || !v.Solution {
				t.Errorf("after %d: %d hints, solution %v", i+1, v.Hints, v.Solution)
			}
		}
		if got, want := r.log.kinds(), "started at:one hint:one solution:one hint:one"; got != want {
			t.Errorf("logged %q, want %q", got, want)
		}
		r.Goto(1)
		if v := r.rest(); v.Hints != 0 || v.Solution {
			t.Errorf("the next step has %d hints, solution %v", v.Hints, v.Solution)
		}
	})
}

// busyShell is the error of a shell in which a command runs.
type busyShell struct{}

func (busyShell) Error() string { return "busy" }
func (busyShell) Busy() bool    { return true }

func TestRun(t *testing.T) {
	flow(t, demo, func(t *testing.T, r *rig) {
		r.start()
		r.Run("docker ps")
		if v := r.rest(); v.Problem != "" || v.Activity != nil || !slices.Equal(r.shell.typed, []string{"docker ps"}) {
			t.Errorf("typed %q, told %q", r.shell.typed, v.Problem)
		}
		for err, words := range map[error]string{fmt.Errorf("type: %w", busyShell{}): "Ctrl-C", errors.New("no more terminals"): "no more terminals"} {
			r.shell.run = func(context.Context, string) error { return err }
			r.Run("docker ps")
			if v := r.rest(); !strings.Contains(v.Problem, words) || strings.Contains(v.Problem, "busy") {
				t.Errorf("told %q of %v", v.Problem, err)
			}
		}
		r.Goto(1)
		if v := r.rest(); v.Problem != "" {
			t.Errorf("still told %q in another step", v.Problem)
		}
	})
}

func TestSolve(t *testing.T) {
	flow(t, demo, func(t *testing.T, r *rig) {
		r.start()
		next := make(chan struct{})
		r.shell.run = func(context.Context, string) error {
			<-next
			return nil
		}
		r.Solve()
		want := []string{"docker run -d --name web busybox", "docker pull busybox", "docker ps"}
		for i, statement := range want {
			v := r.rest()
			if show := (session.Activity{Title: "대신 해 주기", Detail: statement, Done: i, Total: 3}); v.Activity == nil || *v.Activity != show {
				t.Errorf("shows %+v, want %+v", v.Activity, show)
			}
			next <- struct{}{}
		}
		v := r.rest()
		if !slices.Equal(r.shell.typed, want) {
			t.Errorf("typed %q, want %q", r.shell.typed, want)
		}
		if v.Activity != nil || !v.Solution || r.log.kinds() != "started at:one solution:one" {
			t.Errorf("afterwards: %+v, logged %q", v.Activity, r.log.kinds())
		}
	})
}

func TestSolveAnswers(t *testing.T) {
	flow(t, demo, func(t *testing.T, r *rig) {
		r.start()
		r.Goto(1)
		r.Solve()
		if v := r.rest(); v.Steps[1].Questions[1].Right {
			t.Error("answered before the checks passed")
		}
		r.world.put(checks.Containers, container("7", "db"))
		v := r.rest()
		if q := v.Steps[1].Questions; q[0].Given != "host-7" || !q[0].Right || !q[1].Right || !v.Steps[1].Done {
			t.Errorf("answered %+v", q)
		}
		if got, want := r.log.kinds(), "started at:one at:two solution:two check:two answer:two answer:two done:two"; got != want {
			t.Errorf("logged %q, want %q", got, want)
		}
	})
	// Who goes on to another step answers for themselves.
	flow(t, demo, func(t *testing.T, r *rig) {
		r.start()
		r.Goto(1)
		r.Solve()
		r.rest()
		r.Goto(0)
		r.Goto(1)
		r.world.put(checks.Containers, container("7", "db"))
		if v := r.rest(); v.Steps[1].Questions[1].Right || !v.Steps[1].Checks[0].Passed {
			t.Errorf("answered for a learner who had gone on: %+v", v.Steps[1])
		}
	})
}

// TestOneThingAtATime has a command run until it is stopped.
func TestOneThingAtATime(t *testing.T) {
	flow(t, demo, func(t *testing.T, r *rig) {
		stopped := 0
		r.shell.run = func(ctx context.Context, _ string) error {
			<-ctx.Done()
			stopped++
			return context.Cause(ctx)
		}
		r.start()
		r.Solve()
		if v := r.rest(); v.Activity == nil || v.Problem != "" {
			t.Fatalf("does nothing: %+v", v)
		}
		logged := r.log.kinds()
		r.Goto(1)
		for name, ask := range map[string]func(){
			"Run": func() { r.Run("docker ps") }, "Solve": r.Solve, "Reset": r.Reset,
		} {
			r.Goto(1 - r.View().Step) // clears what was told
			r.rest()
			ask()
			if v := r.rest(); !strings.Contains(v.Problem, "다른 일을 하는 중입니다") {
				t.Errorf("%s: told %q", name, v.Problem)
			}
		}
		if got := strings.TrimPrefix(r.log.kinds(), logged); strings.Contains(got, "solution") || strings.Contains(got, "reset") {
			t.Errorf("what was refused is logged: %q", got)
		}
		r.Stop()
		if v := r.rest(); v.Activity != nil || stopped != 1 || len(r.shell.typed) != 1 || strings.Contains(v.Problem, "Ctrl-C") {
			t.Errorf("stopped %d, typed %q, told %q", stopped, r.shell.typed, v.Problem)
		}
		r.Stop() // nothing to stop
		r.shell.run = nil
		r.Run("docker ps")
		if v := r.rest(); v.Problem != "" || len(r.shell.typed) != 2 {
			t.Errorf("after a stop: typed %q, told %q", r.shell.typed, v.Problem)
		}
	})
}

func TestStopWhilePreparing(t *testing.T) {
	flow(t, demo, func(t *testing.T, r *rig) {
		block := true
		r.cfg.First = func(ctx context.Context) error {
			if block {
				<-ctx.Done()
			}
			return ctx.Err()
		}
		if v := r.start(); v.Activity == nil {
			t.Fatal("prepares nothing")
		}
		r.Stop()
		v := r.rest()
		if v.Activity != nil || !strings.Contains(v.Problem, "중단했습니다") || !strings.Contains(v.Problem, "`r`") {
			t.Errorf("after a stop: %+v, told %q", v.Activity, v.Problem)
		}
		block = false
		r.Reset()
		if v := r.rest(); v.Problem != "" || v.Activity != nil || v.Started.IsZero() {
			t.Errorf("after a reset: told %q", v.Problem)
		}
		r.world.put(checks.Containers, container("1", "web"))
		if !r.rest().Steps[0].Checks[0].Passed {
			t.Error("checks are not evaluated after a reset")
		}
	})
}

func TestReset(t *testing.T) {
	flow(t, demo, func(t *testing.T, r *rig) {
		r.start()
		dir := r.cfg.Stage.WorkDir
		inside, err := os.Stat(dir)
		if err != nil {
			t.Fatal(err)
		}
		own := filepath.Join(dir, "app", "mine.txt")
		if err := os.WriteFile(own, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		r.world.put(checks.Containers, container("1", "web"), container("2", "cache"))
		r.Hint()
		r.Goto(2)
		if !r.rest().Steps[2].Done {
			t.Fatal("the last step is not done")
		}
		// While the lab is reset, everything in it goes away, and prepare makes something that is seen late.
		r.world.remove("web")
		r.world.remove("cache")
		r.world.unlisted[checks.Images] = []checks.Object{image("sha256:1", "busybox:latest")}
		r.Reset()
		v := r.rest()
		if v.Step != 0 || v.Hints != 0 || v.Problem != "" || v.Steps[2].Done || v.Steps[0].Checks[0].Passed {
			t.Errorf("not forgotten: %+v", v)
		}
		if r.notes() != "prepared cleaned prepared" {
			t.Errorf("ran %q", r.notes())
		}
		r.world.late(checks.Images)
		if r.rest().Steps[0].Checks[1].Passed {
			t.Error("what prepare made counts as the learner's")
		}
		if got := r.log.kinds(); !strings.HasSuffix(got, " reset started at:one") {
			t.Errorf("logged %q", got)
		}
		now, err := os.Stat(dir)
		if err != nil || !os.SameFile(inside, now) {
			t.Errorf("a shell in the work folder stands in a folder that is gone: %v", err)
		}
		if _, err := os.Stat(own); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the learner's file is still there: %v", err)
		}
		if _, err := os.Stat(filepath.Join(dir, "app", "Dockerfile")); err != nil {
			t.Errorf("the lab's file is not there again: %v", err)
		}
		r.Goto(2)
		if r.rest().Steps[2].Checks[0].Passed {
			t.Error("what the reset removed counts as removed by the learner")
		}
		if v := r.resume(); v.Step != 2 || v.Steps[0].Checks[0].Passed {
			t.Errorf("a resume brings back what was forgotten: %+v", v)
		}
	})
}

// tags is a registry that holds tags and may refuse to give them away.
type tags struct {
	held map[string]bool
	err  error
}

func (r *tags) Tags(context.Context) (map[string]bool, error) {
	held := map[string]bool{}
	for tag := range r.held {
		held[tag] = true
	}
	return held, nil
}

func (r *tags) Remove(_ context.Context, remove []string) error {
	if r.err != nil {
		return r.err
	}
	for _, tag := range remove {
		delete(r.held, tag)
	}
	return nil
}

func TestResetFails(t *testing.T) {
	text := strings.Replace(demo, "[docker]", "[docker, registry]", 1)
	flow(t, text, func(t *testing.T, r *rig) {
		r.means.set(true, "registry")
		registry := &tags{held: map[string]bool{"theirs:1": true}}
		r.cfg.Stage.Registry = registry
		r.start()
		r.world.put(checks.Containers, container("1", "web"))
		registry.held["kubia:1"] = true
		registry.err = errors.New("registry is read-only")
		for range 2 {
			r.Reset()
			v := r.rest()
			if !strings.Contains(v.Problem, "registry is read-only") || !strings.Contains(v.Problem, "`r`") || v.Activity != nil {
				t.Errorf("told %q", v.Problem)
			}
			if strings.Contains(r.log.kinds(), "reset") || !v.Steps[0].Checks[0].Passed {
				t.Errorf("forgotten although it is still there: %q", r.log.kinds())
			}
		}
		registry.err = nil
		r.Reset()
		if v := r.rest(); v.Problem != "" || len(registry.held) != 1 || !registry.held["theirs:1"] {
			t.Errorf("told %q, the registry holds %v", v.Problem, registry.held)
		}
	})
}

// TestResetAfterFailedPrepare removes what a prepare block pushed before it failed.
func TestResetAfterFailedPrepare(t *testing.T) {
	text := strings.Replace(demo, "[docker]", "[docker, registry]", 1)
	flow(t, text, func(t *testing.T, r *rig) {
		r.means.set(true, "registry")
		registry := &tags{held: map[string]bool{"theirs:1": true}}
		r.cfg.Stage.Registry = registry
		r.world.hide(checks.Images, true)
		r.start()
		registry.held["kubia:1"] = true
		r.Stop()
		r.rest()
		r.world.hide(checks.Images, false)
		r.Reset()
		if v := r.rest(); v.Problem != "" || registry.held["kubia:1"] || !registry.held["theirs:1"] {
			t.Errorf("told %q, the registry holds %v", v.Problem, registry.held)
		}
	})
}
