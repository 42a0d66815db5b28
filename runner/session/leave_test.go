package session_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/session"
)

// moved are the labs a, which moves something away that must come back, and b, which does not.
func moved(t *testing.T) *labs.Course {
	t.Helper()
	leave := "\n~~~bash leave\nif test -e \"$NOTES/stuck\"; then exit 7; fi; echo left a >> \"$NOTES/log\"\n~~~\n"
	a := "needs: [docker]\n\n" + steps("a") + leave + demo[strings.Index(demo, "## 둘"):]
	return parseCourse(t, map[string]string{"a": a, "b": "needs: [docker]\n\n" + steps("b")})
}

// kill is the end of a program that has no time to put anything right.
func (s *school) kill(l *session.Learner) {
	s.t.Helper()
	l.Session.Close()
	if err := s.end(); !errors.Is(err, context.Canceled) {
		s.t.Errorf("Run ended with %v", err)
	}
	s.letGo()
}

// letGo ends the holds that the killed program's end would have ended.
func (s *school) letGo() {
	held, err := filepath.Glob(filepath.Join(s.cfg.WorkDir, ".*.open"))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, path := range held { // the next program makes the file anew, and holds that
		if err := os.Remove(path); err != nil {
			s.t.Fatal(err)
		}
	}
}

func TestLeave(t *testing.T) {
	lesson(t, moved(t), func(t *testing.T, s *school) {
		s.start()
		s.gain(engine.Docker)
		a := s.open("a")
		if got := s.log.kinds(); got != "opened started at:one" || !s.Progress().Labs["a"].Opened {
			t.Errorf("logged %q: what may have to be put right is on disk before it happens", got)
		}
		s.open("b")
		if s.ran() != "prepared a, left a, prepared b" || s.Progress().Labs["a"].Opened {
			t.Errorf("ran %q when another lab was opened", s.ran())
		}
		if err := a.Close(); err != nil || s.ran() != "prepared a, left a, prepared b" {
			t.Errorf("closed again: %v, ran %q", err, s.ran())
		}
		a = s.open("a")
		if err := a.Close(); err != nil || !strings.HasSuffix(s.ran(), "left a, cleaned a, prepared a, left a") {
			t.Errorf("closed: %v, ran %q", err, s.ran())
		}
	})
}

// TestLeaveThatFails is tried again before the next lab begins, and told when it still fails.
func TestLeaveThatFails(t *testing.T) {
	lesson(t, moved(t), func(t *testing.T, s *school) {
		s.start()
		s.gain(engine.Docker)
		a := s.open("a")
		stuck := filepath.Join(s.notes, "stuck")
		if err := os.WriteFile(stuck, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := a.Close(); err == nil || !strings.Contains(err.Error(), "leave lab a: run leave block at a/lab.md:") {
			t.Errorf("closed with %v", err)
		}
		b := s.open("b")
		if v := b.View(); !strings.Contains(v.Problem, "leave lab a") || s.ran() != "prepared a" {
			t.Errorf("told %q, ran %q", v.Problem, s.ran())
		}
		if err := os.Remove(stuck); err != nil {
			t.Fatal(err)
		}
		b.Reset()
		synctest.Wait()
		if v := b.View(); v.Problem != "" || s.ran() != "prepared a, cleaned b, left a, prepared b" {
			t.Errorf("told %q, ran %q", v.Problem, s.ran())
		}
	})
}

func TestLeaveAfterKill(t *testing.T) {
	lesson(t, moved(t), func(t *testing.T, s *school) {
		s.start()
		s.gain(engine.Docker)
		s.kill(s.open("a"))
		// The next program puts it right as soon as it can, whatever the learner does.
		stuck := filepath.Join(s.notes, "stuck")
		if err := os.WriteFile(stuck, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		s.start()
		if s.ran() != "prepared a" || len(s.Left()) != 1 {
			t.Errorf("ran %q before the environment was there", s.ran())
		}
		s.gain(engine.Docker)
		if f := s.Environment().Findings; len(f) != 1 || !strings.Contains(f[0].Saw, "exit status 7") {
			t.Errorf("found %+v", f)
		}
		if err := os.Remove(stuck); err != nil {
			t.Fatal(err)
		}
		s.gain(engine.Registry)
		if s.ran() != "prepared a, left a" || len(s.Left()) > 0 || len(s.Environment().Findings) > 0 {
			t.Errorf("ran %q, found %+v", s.ran(), s.Environment().Findings)
		}
		s.open("b")
		if s.ran() != "prepared a, left a, prepared b" {
			t.Errorf("ran %q", s.ran())
		}
	})
}

// TestLeaveHeld leaves a lab alone that another program has open, and does not open it a second time.
func TestLeaveHeld(t *testing.T) {
	lesson(t, moved(t), func(t *testing.T, s *school) {
		s.start()
		s.gain(engine.Docker)
		a := s.open("a")
		other, err := session.NewCourse(s.cfg)
		if err != nil {
			t.Fatal(err)
		}
		said := 0
		if err := other.PutRight(t.Context(), func(*labs.Lab) { said++ }); err != nil || said > 0 || s.ran() != "prepared a" {
			t.Errorf("put right under the learner's hands: %v, ran %q", err, s.ran())
		}
		if _, err := other.Open(t.Context(), "a", nil); !errors.Is(err, session.ErrHeld) {
			t.Errorf("opened twice: %v", err)
		}
		if _, err := other.OpenAt(t.Context(), s.Labs()[0], 1, nil); !errors.Is(err, session.ErrHeld) || strings.Contains(s.log.kinds(), "travel") {
			t.Errorf("opened twice: %v, logged %q", err, s.log.kinds())
		}
		if err := other.Reset(t.Context(), s.Labs()[0]); !errors.Is(err, session.ErrHeld) || s.ran() != "prepared a" {
			t.Errorf("reset under the learner's hands: %v, ran %q", err, s.ran())
		}
		a.Session.Close()
		s.letGo()
		if err := other.PutRight(t.Context(), func(*labs.Lab) { said++ }); err != nil || said != 1 || s.ran() != "prepared a, left a" {
			t.Errorf("not put right: %v, said %d, ran %q", err, said, s.ran())
		}
	})
}

// TestResumeWithLeave brings the lab back to where the learner was: leaving it took its state away.
func TestResumeWithLeave(t *testing.T) {
	flowIn(t, moved(t).Labs[0], func(t *testing.T, r *rig) {
		r.start()
		r.plays()
		r.world.put(checks.Containers, container("1", "web"))
		r.world.put(checks.Images, image("sha256:1", "busybox:latest"))
		r.rest()
		r.Goto(1)
		r.Answer(1, "4")
		if v := r.rest(); done(v) != "d--" || !v.Steps[1].Questions[1].Right {
			t.Fatalf("done %s", done(v))
		}
		r.Close()
		r.world.clear()
		logged := r.log.kinds()
		v := r.resume()
		if v.Step != 1 || done(v) != "d--" || v.Steps[1].Questions[1].Right || v.Travelling || v.Problem != "" {
			t.Errorf("resumed at %d with %s: %+v", v.Step, done(v), v)
		}
		if !strings.Contains(v.Notice, "제자리로 돌려놓습니다") {
			t.Errorf("told %q", v.Notice)
		}
		if r.typed() != typedOne || r.notes() != "prepared a left a left a cleaned a prepared a" {
			t.Errorf("typed %q, ran %q", r.typed(), r.notes())
		}
		if got, want := strings.TrimPrefix(r.log.kinds(), logged), " forgot:two opened baseline at:one at:two arrived"; got != want {
			t.Errorf("logged %q, want %q", got, want)
		}
	})
	// There is nothing to bring back of a lab that is finished.
	flowIn(t, moved(t).Labs[0], func(t *testing.T, r *rig) {
		r.start()
		r.plays()
		r.Travel(2)
		r.rest()
		r.world.put(checks.Containers, container("9", "cache"))
		if !r.rest().Finished {
			t.Fatal("not finished")
		}
		r.shell.typed = nil
		if v := r.resume(); !v.Finished || r.typed() != "" || v.Notice != "" {
			t.Errorf("typed %q, told %q", r.typed(), v.Notice)
		}
	})
}
