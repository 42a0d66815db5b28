package session_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/session"
)

// plays makes the shell do in the world what demo's solutions do, and forget everything with the cd before a clearing.
func (r *rig) plays() {
	n := 0
	r.shell.run = func(_ context.Context, statement string) error {
		n++
		id := string(rune('a' + n))
		switch {
		case strings.HasPrefix(statement, "cd "):
			r.world.clear()
		case strings.HasPrefix(statement, "docker run -d --name "):
			r.world.put(checks.Containers, container(id, strings.Fields(statement)[4]))
		case statement == "docker pull busybox":
			r.world.put(checks.Images, image("sha256:"+id, "busybox:latest"))
		}
		return nil
	}
}

const (
	typedOne = "docker run -d --name web busybox, docker pull busybox, docker ps"
	typedTwo = "docker run -d --name db busybox"
)

func (r *rig) typed() string {
	r.shell.mu.Lock()
	defer r.shell.mu.Unlock()
	return strings.Join(r.shell.typed, ", ")
}

// done are the marks of the steps: done, skipped, open.
func done(v session.View) string {
	var out strings.Builder
	for _, st := range v.Steps {
		switch {
		case st.Skipped && st.Done:
			out.WriteByte('s')
		case st.Done:
			out.WriteByte('d')
		default:
			out.WriteByte('-')
		}
	}
	return out.String()
}

func TestTravelForward(t *testing.T) {
	flow(t, demo, func(t *testing.T, r *rig) {
		r.start()
		r.plays()
		var shown []session.Activity
		play := r.shell.run
		r.shell.run = func(ctx context.Context, statement string) error {
			time.Sleep(time.Second) // the bubble's: until the activity is shown
			if a := r.View().Activity; a != nil && r.View().Travelling {
				shown = append(shown, *a)
			}
			return play(ctx, statement)
		}
		r.Travel(2)
		time.Sleep(time.Minute)
		v := r.rest()
		if v.Step != 2 || v.Travelling || v.Activity != nil || v.Problem != "" || done(v) != "ss-" || v.Front() != 2 {
			t.Errorf("arrived at %d with %s, front %d: %+v", v.Step, done(v), v.Front(), v)
		}
		if !strings.Contains(v.Notice, "‘3. 셋’의 처음입니다") {
			t.Errorf("told %q", v.Notice)
		}
		if got := r.typed(); got != typedOne+", "+typedTwo {
			t.Errorf("typed %q", got)
		}
		last := session.Activity{Title: "건너뛰기", Detail: typedTwo, Done: 1, Total: 2}
		if len(shown) != 4 || shown[3] != last {
			t.Errorf("showed %+v", shown)
		}
		want := "started at:one skipped:one at:one check:one check:one done:one " +
			"skipped:two at:two check:two answer:two answer:two done:two at:three arrived"
		if got := r.log.kinds(); got != want {
			t.Errorf("logged\n%s\nwant\n%s", got, want)
		}
		if v := r.resume(); v.Step != 2 || done(v) != "ss-" {
			t.Errorf("resumed at %d with %s", v.Step, done(v))
		}
		r.Goto(0)
		if v := r.rest(); v.Notice != "" || v.Solution {
			t.Errorf("in another step: told %q, solution %v", v.Notice, v.Solution)
		}
	})
}

// TestTravelSkipsWhatIsDone leaves the learner's own work alone.
func TestTravelSkipsWhatIsDone(t *testing.T) {
	flow(t, demo, func(t *testing.T, r *rig) {
		r.start()
		r.plays()
		r.world.put(checks.Containers, container("1", "web"))
		r.world.put(checks.Images, image("sha256:1", "busybox:latest"))
		r.rest()
		own := filepath.Join(r.cfg.Stage.WorkDir, "mine")
		if err := os.WriteFile(own, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		r.Travel(2)
		if v := r.rest(); v.Step != 2 || done(v) != "ds-" || r.typed() != typedTwo {
			t.Errorf("at %d with %s, typed %q", v.Step, done(v), r.typed())
		}
		if _, err := os.Stat(own); err != nil || r.notes() != "prepared" {
			t.Errorf("the lab was cleared on the way forward: ran %q, %v", r.notes(), err)
		}
	})
}

func TestTravelBack(t *testing.T) {
	flow(t, demo, func(t *testing.T, r *rig) {
		r.start()
		r.plays()
		r.world.put(checks.Containers, container("1", "web"), container("3", "cache"))
		r.world.put(checks.Images, image("sha256:1", "busybox:latest"))
		r.rest()
		r.Goto(1)
		r.Answer(1, "5")
		r.Goto(2)
		r.Hint() // there is none
		r.Goto(1)
		r.Solve()
		if v := r.rest(); done(v) != "ddd" || !v.Finished {
			t.Fatalf("done %s", done(v))
		}
		r.Goto(0)
		r.Hint()
		r.rest()
		logged := r.log.kinds()
		r.shell.typed = nil
		if err := os.WriteFile(filepath.Join(r.cfg.Stage.WorkDir, "mine"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		r.Travel(1)
		v := r.rest()
		if v.Step != 1 || done(v) != "d--" || v.Finished || v.Travelling || v.Problem != "" || v.Solution {
			t.Errorf("at %d with %s: %+v", v.Step, done(v), v)
		}
		if q := v.Steps[1].Questions[1]; q.Right || q.Given != "" {
			t.Errorf("an answer was not forgotten: %+v", q)
		}
		if got := r.typed(); got != "cd '"+r.cfg.Stage.WorkDir+"', "+typedOne {
			t.Errorf("typed %q", got)
		}
		if r.notes() != "prepared cleaned prepared" {
			t.Errorf("ran %q", r.notes())
		}
		if _, err := os.Stat(filepath.Join(r.cfg.Stage.WorkDir, "mine")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the work folder was not emptied: %v", err)
		}
		if got, want := strings.TrimPrefix(r.log.kinds(), logged), " travel:two forgot:two forgot:three baseline at:one at:two arrived"; got != want {
			t.Errorf("logged %q, want %q", got, want)
		}
		p := labs.Replay(r.log.facts).Labs["demo"]
		if len(p.Steps["two"].Wrong) != 1 || p.Steps["one"].Hints != 1 || p.Steps["two"].Done || !p.Finished.IsZero() || p.Completed.IsZero() || p.Travel != "" {
			t.Errorf("progress: %+v", p)
		}
		// The forgotten steps can be done again.
		r.world.put(checks.Containers, container("7", "db"))
		if c := r.rest().Steps[1].Checks[0]; !c.Passed {
			t.Errorf("not ticked again: %+v", c)
		}
	})
}

// TestTravelBackKnowsTheNewBaseline has the second preparation make something that is not the learner's.
func TestTravelBackKnowsTheNewBaseline(t *testing.T) {
	flow(t, demo, func(t *testing.T, r *rig) {
		r.start()
		r.shell.run = func(context.Context, string) error {
			r.world.clear()
			r.world.quietly(checks.Containers, container("9", "web")) // what prepare makes
			return nil
		}
		r.Travel(0)
		if v := r.rest(); v.Steps[0].Checks[0].Passed || v.Travelling {
			t.Errorf("what prepare made is ticked: %+v", v.Steps[0])
		}
		if v := r.resume(); v.Steps[0].Checks[0].Passed {
			t.Error("what prepare made is ticked after a resume")
		}
	})
}

func TestTravelNowhere(t *testing.T) {
	flow(t, demo, func(t *testing.T, r *rig) {
		r.means.set(false, "docker")
		r.start()
		r.Travel(1)
		if v := r.rest(); !strings.Contains(v.Problem, "아직 실습 준비가") {
			t.Errorf("told %q before the lab began", v.Problem)
		}
		r.means.set(true, "docker")
		r.rest()
		logged := r.log.kinds()
		r.Travel(-1)
		r.Travel(3)
		if v := r.rest(); v.Problem != "" || r.log.kinds() != logged || r.typed() != "" {
			t.Errorf("went to a step that is not there: %q", r.log.kinds())
		}
		// Nothing is lost where the shell is busy.
		r.shell.run = func(context.Context, string) error { return errors.New("the shell is busy") }
		r.Travel(0)
		if v := r.rest(); !strings.Contains(v.Problem, "the shell is busy") || r.notes() != "prepared" || r.log.kinds() != logged {
			t.Errorf("told %q, ran %q, logged %q", v.Problem, r.notes(), r.log.kinds())
		}
	})
}

func TestTravelStops(t *testing.T) {
	block := func(r *rig, at string) {
		play := r.shell.run
		r.shell.run = func(ctx context.Context, statement string) error {
			if strings.Contains(statement, at) {
				<-ctx.Done()
				return context.Cause(ctx)
			}
			return play(ctx, statement)
		}
	}
	flow(t, demo, func(t *testing.T, r *rig) {
		r.start()
		r.plays()
		block(r, "db")
		r.Travel(2)
		v := r.rest()
		if v.Activity == nil || !v.Travelling || v.Step != 1 {
			t.Fatalf("does nothing: %+v", v)
		}
		r.Goto(0)
		if v := r.rest(); v.Step != 1 || !strings.Contains(v.Problem, "다른 일을") {
			t.Errorf("left the journey for step %d, told %q", v.Step, v.Problem)
		}
		r.Stop()
		v = r.rest()
		if v.Activity != nil || v.Travelling || v.Step != 1 || done(v) != "s--" || !strings.Contains(v.Problem, "지금은 ‘2. 둘’ 안입니다") {
			t.Errorf("stopped at %d with %s, told %q", v.Step, done(v), v.Problem)
		}
		r.plays()
		r.Travel(2)
		if v := r.rest(); v.Step != 2 || done(v) != "ss-" || v.Problem != "" {
			t.Errorf("went on to %d with %s, told %q", v.Step, done(v), v.Problem)
		}
	})
	// On the way back, what was not replayed is not there.
	flow(t, demo, func(t *testing.T, r *rig) {
		r.start()
		r.plays()
		r.Travel(2)
		r.rest()
		block(r, "pull")
		r.Travel(1)
		r.rest()
		r.Stop()
		v := r.rest()
		if v.Step != 0 || done(v) != "---" || v.Travelling || !strings.Contains(v.Problem, "중단했습니다") {
			t.Errorf("stopped at %d with %s, told %q", v.Step, done(v), v.Problem)
		}
		if v := r.resume(); v.Step != 0 || done(v) != "---" || v.Travelling {
			t.Errorf("resumed at %d with %s", v.Step, done(v))
		}
	})
}

// TestTravelFails waits in vain for a check.
func TestTravelFails(t *testing.T) {
	flow(t, demo, func(t *testing.T, r *rig) {
		r.start()
		r.plays()
		play := r.shell.run
		r.shell.run = func(ctx context.Context, statement string) error {
			if statement == "docker pull busybox" {
				return nil
			}
			return play(ctx, statement)
		}
		r.log.told = func(f labs.Fact) {
			if v := r.View(); f.Kind == labs.FactArrived && !v.Travelling && v.Problem == "" {
				t.Error("a view says that the journey is over, and not that it failed")
			}
		}
		began := time.Now()
		r.Travel(2)
		for r.View().Problem == "" && time.Since(began) < time.Hour {
			time.Sleep(time.Second)
		}
		v := r.rest()
		for _, want := range []string{"‘1. 하나’까지만", "이미지가 있음: 이미지가 없습니다.", "1m0s"} {
			if !strings.Contains(v.Problem, want) {
				t.Errorf("told %q without %q", v.Problem, want)
			}
		}
		if v.Step != 0 || v.Travelling || v.Activity != nil || done(v) != "---" || !v.Steps[0].Checks[0].Passed {
			t.Errorf("stands at %d with %s: %+v", v.Step, done(v), v)
		}
	})
}

// TestTravelAfterKill goes on with what a program was doing when it was killed.
func TestTravelAfterKill(t *testing.T) {
	flow(t, demo, func(t *testing.T, r *rig) {
		r.start()
		r.plays()
		r.Travel(2)
		r.rest()
		r.shell.run = func(ctx context.Context, statement string) error {
			if strings.HasPrefix(statement, "cd ") {
				return nil
			}
			<-ctx.Done()
			return context.Cause(ctx)
		}
		r.Travel(1)
		if v := r.rest(); !v.Travelling {
			t.Fatalf("arrived: %+v", v)
		}
		r.Close()
		r.plays()
		r.world.clear()
		r.shell.typed = nil
		v := r.resume()
		if v.Step != 1 || done(v) != "s--" || v.Travelling || v.Problem != "" || r.typed() != typedOne {
			t.Errorf("at %d with %s, typed %q, told %q", v.Step, done(v), r.typed(), v.Problem)
		}
		if p := labs.Replay(r.log.facts).Labs["demo"]; p.Travel != "" {
			t.Errorf("still travels to %q", p.Travel)
		}
	})
	// A lab that was never begun is prepared first.
	flow(t, demo, func(t *testing.T, r *rig) {
		r.plays()
		r.cfg.Progress = labs.LabProgress{Travel: "two"}
		if v := r.start(); v.Step != 1 || done(v) != "s--" || v.Started.IsZero() || v.Travelling || r.notes() != "prepared" {
			t.Errorf("at %d with %s, ran %q", v.Step, done(v), r.notes())
		}
	})
}

func TestTravelBackFails(t *testing.T) {
	text := strings.Replace(demo, "echo cleaned", `if test -e "$NOTES/stuck"; then exit 7; fi; echo cleaned`, 1)
	flow(t, text, func(t *testing.T, r *rig) {
		r.start()
		r.plays()
		stuck := filepath.Join(r.vars["NOTES"], "stuck")
		if err := os.WriteFile(stuck, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		r.Travel(0)
		v := r.rest()
		if !strings.Contains(v.Problem, "exit status 7") || !strings.Contains(v.Problem, "`r`") || v.Activity != nil {
			t.Errorf("told %q", v.Problem)
		}
		if err := os.Remove(stuck); err != nil {
			t.Fatal(err)
		}
		r.Reset()
		if v := r.rest(); v.Problem != "" || v.Travelling || v.Started.IsZero() {
			t.Errorf("after a reset: told %q", v.Problem)
		}
	})
}

// TestTravelWaitsForWhatIsTrueNow replays a step that was ticked before: its tick alone is not enough.
func TestTravelWaitsForWhatIsTrueNow(t *testing.T) {
	flow(t, demo, func(t *testing.T, r *rig) {
		r.start()
		r.plays()
		r.Travel(2)
		r.rest()
		play := r.shell.run
		r.shell.run = func(ctx context.Context, statement string) error {
			if statement == "docker pull busybox" {
				return nil // it takes a while
			}
			return play(ctx, statement)
		}
		r.Travel(1)
		if v := r.rest(); !v.Travelling || v.Step != 0 {
			t.Fatalf("did not wait: at %d", v.Step)
		}
		r.world.put(checks.Images, image("sha256:9", "busybox:latest"))
		if v := r.rest(); v.Travelling || v.Step != 1 {
			t.Errorf("did not go on: at %d", v.Step)
		}
		if !slices.Contains(strings.Fields(r.log.kinds()), "travel:two") {
			t.Errorf("logged %q", r.log.kinds())
		}
	})
}

func TestOpenAt(t *testing.T) {
	class(t, func(t *testing.T, s *school) {
		s.start()
		s.gain(engine.Docker)
		open := func() session.View {
			t.Helper()
			l, err := s.OpenAt(t.Context(), s.Labs()[0], 0, func(context.Context, *session.Learner) (session.Shell, error) { return &typist{}, nil })
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = l.Close() })
			if v := l.View(); !v.Travelling {
				t.Error("there before it began")
			}
			synctest.Wait()
			return l.View()
		}
		if v := open(); v.Travelling || v.Started.IsZero() || s.log.kinds() != "travel:one started at:one arrived" {
			t.Errorf("a lab that was not begun: %+v, logged %q", v, s.log.kinds())
		}
		if v := open(); v.Travelling || s.ran() != "prepared a, cleaned a, prepared a" {
			t.Errorf("a lab that was begun: %+v, ran %q", v, s.ran())
		}
	})
}
