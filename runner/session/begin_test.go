package session_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/runner/engine"
)

func TestWaitsForNeeds(t *testing.T) {
	text := strings.Replace(demo, "needs: [docker]", "needs: [docker, cluster]", 1)
	flow(t, text, func(t *testing.T, r *rig) {
		r.means = newMeans()
		r.cfg.Capabilities = r.means
		v := r.start()
		if want := []engine.Capability{engine.Docker, engine.Cluster}; !slices.Equal(v.Waiting, want) {
			t.Errorf("waits for %v, want %v", v.Waiting, want)
		}
		r.Run("docker ps")
		r.Reset()
		if v := r.rest(); !strings.Contains(v.Problem, "아직 실습 준비가") || r.shell.starts != 0 {
			t.Errorf("before the needs are met, asking for a command says %q", v.Problem)
		}
		r.means.set(true, engine.Docker)
		if v := r.rest(); !slices.Equal(v.Waiting, []engine.Capability{engine.Cluster}) {
			t.Errorf("waits for %v, want cluster", v.Waiting)
		}
		r.Goto(1)
		if got := r.rest().Step; got != 1 {
			t.Errorf("cannot read ahead while waiting: step %d", got)
		}
		if r.notes() != "" || r.log.kinds() != "" || !r.View().Started.IsZero() {
			t.Errorf("began before its needs were met: ran %q, logged %q", r.notes(), r.log.kinds())
		}
		r.means.set(true, engine.Cluster)
		v = r.rest()
		if len(v.Waiting) > 0 || v.Started.IsZero() || v.Activity != nil || v.Step != 1 {
			t.Errorf("did not begin: %+v", v)
		}
		if got, want := r.log.kinds(), "started at:two"; got != want {
			t.Errorf("logged %q, want %q", got, want)
		}
		// What is lost later does not take the lab away.
		r.means.set(false, engine.Cluster)
		if v := r.rest(); len(v.Waiting) > 0 {
			t.Errorf("waits again for %v", v.Waiting)
		}
	})
}

// notes is what the scripts of demo have written.
func (r *rig) notes() string {
	data, err := os.ReadFile(filepath.Join(r.vars["NOTES"], "log"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		r.t.Fatal(err)
	}
	return strings.TrimSpace(strings.ReplaceAll(string(data), "\n", " "))
}

func TestPreparesOnce(t *testing.T) {
	flow(t, demo, func(t *testing.T, r *rig) {
		r.start()
		if r.notes() != "prepared" {
			t.Errorf("ran %q", r.notes())
		}
		work := filepath.Join(r.cfg.Stage.WorkDir, "app", "Dockerfile")
		if err := os.Remove(work); err != nil {
			t.Fatal(err)
		}
		r.resume()
		if r.notes() != "prepared" {
			t.Errorf("after a resume, ran %q", r.notes())
		}
		if _, err := os.Stat(work); err != nil {
			t.Errorf("a lab file is missing after a resume: %v", err)
		}
	})
}

func TestBaseline(t *testing.T) {
	flow(t, demo, func(t *testing.T, r *rig) {
		r.world.quietly(checks.Containers, container("1", "web"))
		r.world.unlisted[checks.Images] = []checks.Object{image("sha256:1", "busybox:latest")} // made by prepare
		v := r.start()
		for _, c := range v.Steps[0].Checks {
			if c.Passed || c.Result.Explanation == "" {
				t.Errorf("what was there before counts: %+v", c)
			}
		}
		before := r.log.facts[0].Before
		if !slices.Equal(before[checks.Containers], []string{"1"}) || !slices.Equal(before[checks.Images], []string{"sha256:1 busybox:latest"}) {
			t.Errorf("logged as there before: %v", before)
		}
		r.world.put(checks.Containers, container("2", "web"))
		if !r.rest().Steps[0].Checks[0].Passed {
			t.Error("what came later does not count")
		}
		// A resumed lab knows it, too.
		if c := r.resume().Steps[0].Checks[1]; c.Passed {
			t.Errorf("after a resume, what was there before counts: %+v", c)
		}
	})
}

func TestPrepareFails(t *testing.T) {
	text := strings.Replace(demo, "echo prepared", `test -e "$NOTES/go" || { echo 노드가 없습니다 >&2; exit 3; }; echo prepared`, 1)
	flow(t, text, func(t *testing.T, r *rig) {
		v := r.start()
		told := v.Problem
		for _, want := range []string{"노드가 없습니다", "exit status 3", "demo/lab.md:", "`r`"} {
			if !strings.Contains(told, want) {
				t.Errorf("told %q without %q", told, want)
			}
		}
		// What to do stays in sight whatever the learner tries instead.
		r.Goto(1)
		r.Answer(0, "db")
		r.Run("docker ps")
		r.Solve()
		if v := r.rest(); v.Problem != told || v.Activity != nil || r.log.kinds() != "" {
			t.Errorf("told %q, logged %q", v.Problem, r.log.kinds())
		}
		if err := os.WriteFile(filepath.Join(r.vars["NOTES"], "go"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		r.Reset()
		if v := r.rest(); v.Problem != "" || v.Started.IsZero() || r.notes() != "cleaned prepared" {
			t.Errorf("after a reset: %q, ran %q", v.Problem, r.notes())
		}
	})
}

func TestFirst(t *testing.T) {
	flow(t, demo, func(t *testing.T, r *rig) {
		err := errors.New("clean up lab other")
		calls := 0
		r.cfg.First = func(context.Context) error {
			calls++
			return err
		}
		if v := r.start(); !strings.Contains(v.Problem, "clean up lab other") || r.notes() != "" {
			t.Errorf("told %q, ran %q", v.Problem, r.notes())
		}
		err = nil
		r.Reset()
		if v := r.rest(); v.Problem != "" || r.notes() != "cleaned prepared" {
			t.Errorf("told %q, ran %q", v.Problem, r.notes())
		}
		if r.resume(); calls != 2 {
			t.Errorf("First was called %d times, want 2", calls)
		}
	})
}

func TestFirstSightTakesLong(t *testing.T) {
	flow(t, demo, func(t *testing.T, r *rig) {
		r.world.hide(checks.Images, true)
		if v := r.start(); v.Activity == nil || strings.Contains(v.Activity.Detail, "images") {
			t.Errorf("at first: %+v", v.Activity)
		}
		time.Sleep(6 * time.Second) // the bubble's
		if v := r.rest(); v.Activity == nil || !strings.Contains(v.Activity.Detail, "images") {
			t.Errorf("nobody says what is waited for: %+v", v.Activity)
		}
		r.world.hide(checks.Images, false)
		if v := r.rest(); v.Activity != nil || v.Started.IsZero() {
			t.Errorf("did not begin: %+v", v)
		}
	})
}
