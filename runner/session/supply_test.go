package session_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
)

// giver gives a thing, which is there when the file $NOTES/thing is.
const giver = `
needs: [docker, nodejs]
gives: [thing]

소개

~~~bash have="thing"
test -e "$NOTES/thing"
~~~

~~~bash give="thing"
cat app/Dockerfile > /dev/null && touch "$NOTES/thing" && echo give >> "$NOTES/log"
~~~

~~~bash take="thing"
if test -e "$NOTES/thing"; then echo take >> "$NOTES/log"; fi
rm -f "$NOTES/thing"
~~~
`

// steps is the only step of demo that matters here, with the lab's preparation.
func steps(name string) string {
	body := demo[strings.Index(demo, "~~~bash prepare"):strings.Index(demo, "## 둘")]
	body = strings.ReplaceAll(body, "echo prepared", "echo prepared "+name)
	return strings.ReplaceAll(body, "echo cleaned", "echo cleaned "+name)
}

// supplied are the labs a, which gives a thing, and b and c, which need it.
func supplied(t *testing.T) *labs.Course {
	t.Helper()
	needs := "needs: [docker, thing]\n\n"
	return parseCourse(t, map[string]string{"a": giver + "\n" + steps("a"), "b": needs + steps("b"), "c": needs + steps("c")})
}

func TestSupply(t *testing.T) {
	flowIn(t, supplied(t).Labs[1], func(t *testing.T, r *rig) {
		r.cfg.Number = func(*labs.Lab) int { return 4 }
		if v := r.start(); len(v.Waiting) != 1 || v.Waiting[0] != engine.NodeJS {
			t.Errorf("waits for %v, want what it takes to make the thing", v.Waiting)
		}
		r.means.set(true, engine.NodeJS)
		v := r.rest()
		if !strings.Contains(v.Notice, "대신 준비했습니다: thing") || v.Problem != "" {
			t.Errorf("told %q and %q", v.Notice, v.Problem)
		}
		if r.notes() != "give prepared b" || r.log.kinds() != "supplied started at:one" {
			t.Errorf("ran %q, logged %q", r.notes(), r.log.kinds())
		}
		p := labs.Replay(r.log.facts).Labs["b"]
		if _, ok := p.Supplied["thing"]; !ok || p.Started.IsZero() {
			t.Errorf("progress %+v", p)
		}
		if v := r.resume(); r.notes() != "give prepared b" || v.Notice != "" {
			t.Errorf("a resumed lab made it again: ran %q, told %q", r.notes(), v.Notice)
		}
		r.Reset()
		if v := r.rest(); v.Problem != "" || r.notes() != "give prepared b cleaned b take give prepared b" {
			t.Errorf("a reset ran %q, told %q", r.notes(), v.Problem)
		}
	})
}

// TestSupplyTellsBefore has the log say what is made before it is made.
func TestSupplyTellsBefore(t *testing.T) {
	course := supplied(t)
	course.Labs[0].Gives[0].Give = []labs.Script{{Text: "exit 9"}}
	flowIn(t, course.Labs[1], func(t *testing.T, r *rig) {
		r.means.set(true, engine.NodeJS)
		v := r.start()
		if !strings.Contains(v.Problem, "exit status 9") || !strings.Contains(v.Problem, "`r`") {
			t.Errorf("told %q", v.Problem)
		}
		if want := "앞 실습 ‘시험’에서 만드는 것이 없어 대신 준비합니다: thing"; v.Notice != want {
			t.Errorf("told %q, want %q", v.Notice, want)
		}
		if r.log.kinds() != "supplied" || r.notes() != "" {
			t.Errorf("logged %q, ran %q", r.log.kinds(), r.notes())
		}
	})
}

// TestSupplyAgain makes what a resumed lab misses, and does not take it for the learner's work.
func TestSupplyAgain(t *testing.T) {
	course := supplied(t)
	flowIn(t, course.Labs[1], func(t *testing.T, r *rig) {
		r.means.set(true, engine.NodeJS)
		r.start()
		r.world.put(checks.Containers, container("1", "web"))
		r.rest()
		if err := os.Remove(filepath.Join(r.vars["NOTES"], "thing")); err != nil {
			t.Fatal(err)
		}
		r.log.told = func(f labs.Fact) {
			if f.Kind == labs.FactSupplied {
				r.world.unlisted[checks.Images] = []checks.Object{image("sha256:1", "busybox:latest")}
			}
		}
		v := r.resume()
		if r.notes() != "give prepared b give" || !strings.Contains(v.Notice, "thing") {
			t.Errorf("ran %q, told %q", r.notes(), v.Notice)
		}
		if st := v.Steps[0]; st.Checks[1].Passed || !st.Checks[0].Passed || !st.Checks[0].Result.Passed {
			t.Errorf("ticks after it was made again: %+v", st.Checks)
		}
		if v := r.resume(); v.Steps[0].Checks[1].Passed {
			t.Error("what was made again is the learner's after a resume")
		}
	})
}

// lesson runs a test of a course in a bubble.
func lesson(t *testing.T, course *labs.Course, test func(t *testing.T, s *school)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newSchool(t, course)) })
}

func TestSupplyOfCourse(t *testing.T) {
	lesson(t, supplied(t), func(t *testing.T, s *school) {
		s.start()
		s.gain(engine.Docker, engine.NodeJS)
		s.finish(s.open("b"))
		// What the next lab needs, too, is not made twice.
		c := s.open("c")
		if s.ran() != "give, prepared b, cleaned b, prepared c" {
			t.Errorf("ran %q", s.ran())
		}
		if p := s.Progress(); len(p.Labs["b"].Supplied) > 0 || len(p.Labs["c"].Supplied) != 1 {
			t.Errorf("supplied: %+v", p.Labs)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if err := s.Reset(t.Context(), s.Labs()[2]); err != nil || !strings.HasSuffix(s.ran(), "prepared c, cleaned c, take") {
			t.Errorf("a reset ran %q: %v", s.ran(), err)
		}
		// The next program knows it, too.
		s.open("b")
		if err := s.end(); err == nil {
			t.Error("Run ended by itself")
		}
		s.start()
		s.gain(engine.Docker, engine.NodeJS)
		if err := s.Reset(t.Context(), s.Labs()[1]); err != nil || !strings.HasSuffix(s.ran(), "give, prepared b, cleaned b, take") {
			t.Errorf("a reset after a restart ran %q: %v", s.ran(), err)
		}
	})
}

// TestGiver keeps what a finished lab gives, also from another lab for which the same was made before.
func TestGiver(t *testing.T) {
	lesson(t, supplied(t), func(t *testing.T, s *school) {
		s.start()
		s.gain(engine.Docker, engine.NodeJS)
		s.open("b")
		a := s.open("a")
		if s.ran() != "give, prepared b, take, prepared a" {
			t.Errorf("ran %q: what a lab gives is not there when it begins", s.ran())
		}
		if err := os.WriteFile(filepath.Join(s.notes, "thing"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		s.finish(a)
		b := s.open("b")
		if v := b.View(); v.Notice != "" || v.Problem != "" {
			t.Errorf("told %q, %q", v.Notice, v.Problem)
		}
		if err := s.Reset(t.Context(), s.Labs()[1]); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(filepath.Join(s.notes, "thing")); err != nil {
			t.Errorf("the learner's own work was taken with another lab: ran %q", s.ran())
		}
		s.open("c")
		if _, err := os.Stat(filepath.Join(s.notes, "thing")); err != nil || !s.Progress().Labs["a"].Cleaned {
			t.Errorf("what was given is gone with the lab's cleanup: ran %q", s.ran())
		}
		if err := s.Reset(t.Context(), s.Labs()[0]); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(filepath.Join(s.notes, "thing")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("a reset of the giver leaves what it gave: ran %q", s.ran())
		}
	})
}

// TestReopenCleanedLab begins a lab anew of which nothing is left.
func TestReopenCleanedLab(t *testing.T) {
	class(t, func(t *testing.T, s *school) {
		s.start()
		s.gain(engine.Docker)
		s.finish(s.open("a"))
		s.open("b")
		a := s.open("a")
		if v := a.View(); v.Finished || v.Steps[0].Done || v.Started.IsZero() {
			t.Errorf("resumed what is gone: %+v", v)
		}
		if s.ran() != "prepared a, cleaned a, prepared b, prepared a" {
			t.Errorf("ran %q", s.ran())
		}
		if p := s.Progress().Labs["a"]; p.Completed.IsZero() || !p.Finished.IsZero() || p.Cleaned {
			t.Errorf("progress: %+v", p)
		}
	})
}
