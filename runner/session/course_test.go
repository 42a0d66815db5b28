package session_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
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

// puppet is an engine that does what a test tells it.
type puppet struct {
	env      *engine.Environment
	findings []engine.Finding
	err      error // of Preflight
	ups      int
	report   chan engine.Progress
	up       chan error  // how the running Up ends
	broken   chan string // what Watch says
}

func (p *puppet) Preflight(context.Context) ([]engine.Finding, error) { return p.findings, p.err }
func (p *puppet) Environment() *engine.Environment                    { return p.env }
func (p *puppet) Down(context.Context, func(engine.Progress)) error   { return nil }

func (p *puppet) Up(ctx context.Context, report func(engine.Progress)) error {
	p.ups++
	for {
		select {
		case step := <-p.report:
			report(step)
		case err := <-p.up:
			return err
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (p *puppet) Watch(ctx context.Context) (string, error) {
	select {
	case what := <-p.broken:
		return what, nil
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// school is a course between fakes.
type school struct {
	*session.Course
	t      *testing.T
	cfg    session.CourseConfig
	engine *puppet
	log    *diary
	worlds []*world
	notes  string
	end    func() error
}

// class runs a test of a course in a bubble. Its labs a, b and c are demo's first step each.
func class(t *testing.T, test func(t *testing.T, s *school)) {
	t.Helper()
	texts := map[string]string{}
	for _, id := range []string{"a", "b", "c"} {
		text, _, _ := strings.Cut(demo, "## 둘")
		text = strings.ReplaceAll(text, "echo prepared", "echo prepared "+id)
		texts[id] = strings.ReplaceAll(text, "echo cleaned", `if test -e "$NOTES/stuck"; then exit 7; fi; echo cleaned `+id)
	}
	course := parseCourse(t, texts)
	synctest.Test(t, func(t *testing.T) { test(t, newSchool(t, course)) })
}

func newSchool(t *testing.T, course *labs.Course) *school {
	s := &school{
		t: t, log: &diary{}, notes: t.TempDir(),
		engine: &puppet{report: make(chan engine.Progress), up: make(chan error), broken: make(chan string)},
	}
	s.engine.env = &engine.Environment{Vars: map[string]string{"NOTES": s.notes}}
	s.cfg = session.CourseConfig{
		Course: course, Engine: s.engine, Log: s.log, WorkDir: t.TempDir(),
		Observer: func(*session.Stage) session.ClosableObserver {
			s.worlds = append(s.worlds, newWorld())
			return s.worlds[len(s.worlds)-1]
		},
	}
	return s
}

// start reads the progress and begins to bring the environment up.
func (s *school) start() {
	s.t.Helper()
	c, err := session.NewCourse(s.cfg)
	if err != nil {
		s.t.Fatal(err)
	}
	s.Course = c
	ctx, cancel := context.WithCancel(s.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	s.end = func() error {
		cancel()
		return <-ended
	}
	s.t.Cleanup(cancel)
	synctest.Wait()
}

// gain reports a step that is done and what it brings.
func (s *school) gain(caps ...engine.Capability) {
	s.engine.report <- engine.Progress{Step: string(caps[0]), Status: engine.Done, Gained: caps}
	synctest.Wait()
}

func (s *school) open(id string) *session.Learner {
	s.t.Helper()
	l, err := s.Open(s.t.Context(), id, func(context.Context, *session.Learner) (session.Shell, error) { return &typist{}, nil })
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = l.Close() })
	synctest.Wait()
	return l
}

// finish makes the world of the open lab what the lab wants.
func (s *school) finish(l *session.Learner) {
	s.t.Helper()
	w := s.worlds[len(s.worlds)-1]
	w.put(checks.Containers, container("1", "web"))
	w.put(checks.Images, image("sha256:1", "busybox:latest"))
	synctest.Wait()
	if !l.View().Finished {
		s.t.Fatalf("not finished: %+v", l.View())
	}
}

// ran is what the scripts have written.
func (s *school) ran() string {
	data, err := os.ReadFile(filepath.Join(s.notes, "log"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		s.t.Fatal(err)
	}
	return strings.ReplaceAll(strings.TrimSpace(string(data)), "\n", ", ")
}

func TestOpen(t *testing.T) {
	class(t, func(t *testing.T, s *school) {
		s.start()
		s.gain(engine.Docker)
		a := s.open("a")
		if got := s.Progress().Lab; got != "a" || a.View().Started.IsZero() {
			t.Errorf("the learner is at %q", got)
		}
		b := s.open("b")
		if s.worlds[0].closed == 0 || s.worlds[1].closed > 0 {
			t.Error("the lab that was open before is not closed, or the other is")
		}
		if s.ran() != "prepared a, prepared b" {
			t.Errorf("ran %q: a lab that is not finished is not cleaned up", s.ran())
		}
		s.finish(b)
		_, err := s.Open(t.Context(), "z", nil)
		if err == nil || !strings.Contains(err.Error(), `"z"`) {
			t.Errorf("opening a lab that is not there: %v", err)
		}
		if s.worlds[1].closed > 0 {
			t.Error("a lab that is not there has closed the open one")
		}
		s.open("c")
		if s.ran() != "prepared a, prepared b, cleaned b, prepared c" {
			t.Errorf("ran %q: a finished lab is cleaned up before the next", s.ran())
		}
		if p := s.Progress().Labs["b"]; !p.Cleaned || p.Finished.IsZero() {
			t.Errorf("progress of the cleaned lab: %+v", p)
		}
		// Nothing is cleaned twice, also by the next program.
		if err := s.end(); !errors.Is(err, context.Canceled) {
			t.Errorf("Run ended with %v", err)
		}
		s.start()
		s.gain(engine.Docker)
		s.open("a").Reset() // prepares anew
		synctest.Wait()
		if s.ran() != "prepared a, prepared b, cleaned b, prepared c, cleaned a, prepared a" {
			t.Errorf("ran %q after a restart", s.ran())
		}
	})
}

func TestOpenAfterCleanupFailed(t *testing.T) {
	class(t, func(t *testing.T, s *school) {
		s.start()
		s.gain(engine.Docker)
		s.finish(s.open("a"))
		stuck := filepath.Join(s.notes, "stuck")
		if err := os.WriteFile(stuck, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		b := s.open("b")
		if v := b.View(); !strings.Contains(v.Problem, "clean up lab a") || !strings.Contains(v.Problem, "exit status 7") {
			t.Errorf("told %q", v.Problem)
		}
		if err := os.Remove(stuck); err != nil {
			t.Fatal(err)
		}
		b.Reset()
		synctest.Wait()
		if v := b.View(); v.Problem != "" || s.ran() != "prepared a, cleaned b, cleaned a, prepared b" {
			t.Errorf("told %q, ran %q", v.Problem, s.ran())
		}
	})
}

// TestCleanedLabThatCannotBeLogged goes on: the log's failure is told, not made the learner's.
func TestCleanedLabThatCannotBeLogged(t *testing.T) {
	class(t, func(t *testing.T, s *school) {
		s.start()
		s.gain(engine.Docker)
		s.finish(s.open("a"))
		s.log.err = errors.New("no space left on device")
		b := s.open("b")
		if v := b.View(); !strings.Contains(v.Problem, "no space left") || v.Started.IsZero() || s.ran() != "prepared a, cleaned a, prepared b" {
			t.Errorf("told %q, ran %q", v.Problem, s.ran())
		}
		if got := s.Progress(); got.Lab != "b" || !got.Labs["a"].Cleaned {
			t.Errorf("progress without a log: %+v", got)
		}
	})
}

func TestCourseReset(t *testing.T) {
	class(t, func(t *testing.T, s *school) {
		s.start()
		s.gain(engine.Docker)
		l := s.open("a")
		s.finish(l)
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		lab := s.Labs()[0]
		if err := os.WriteFile(filepath.Join(s.notes, "stuck"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := s.Reset(t.Context(), lab); err == nil || !strings.Contains(err.Error(), "reset lab a: run cleanup block") {
			t.Errorf("a cleanup that fails: %v", err)
		}
		if s.Progress().Labs["a"].Finished.IsZero() {
			t.Error("forgotten although it is still there")
		}
		if err := os.Remove(filepath.Join(s.notes, "stuck")); err != nil {
			t.Fatal(err)
		}
		if err := s.Reset(t.Context(), lab); err != nil {
			t.Error(err)
		}
		if _, begun := s.Progress().Labs["a"]; begun {
			t.Error("not forgotten")
		}
		if v := s.open("a").View(); v.Finished || s.ran() != "prepared a, cleaned a, prepared a" {
			t.Errorf("opened again: ran %q", s.ran())
		}
	})
}

func TestNewCourse(t *testing.T) {
	class(t, func(t *testing.T, s *school) {
		s.log.err = errors.New("permission denied")
		if _, err := session.NewCourse(s.cfg); !errors.Is(err, s.log.err) {
			t.Errorf("a log that cannot be read: %v", err)
		}
		s.log.err = nil
		s.log.facts = []labs.Fact{{Lab: "b", Kind: labs.FactAt, Step: "one"}}
		s.engine.env.Registry.Host = "localhost:5001"
		s.start()
		st := s.Stage(s.Labs()[1])
		if s.Progress().Lab != "b" || s.Where() != s.engine.env || st.Registry == nil || filepath.Base(st.WorkDir) != "b" {
			t.Errorf("progress %+v, stage %+v", s.Progress(), st)
		}
	})
}

func TestCapabilities(t *testing.T) {
	class(t, func(t *testing.T, s *school) {
		s.start()
		l := s.open("a")
		if v := l.View(); !slices.Equal(v.Waiting, []engine.Capability{engine.Docker}) {
			t.Errorf("waits for %v", v.Waiting)
		}
		changed := s.CapabilitiesChanged()
		s.gain(engine.Registry)
		select {
		case <-changed:
		default:
			t.Error("nobody is told of a capability")
		}
		if v := l.View(); !v.Started.IsZero() {
			t.Error("began without Docker")
		}
		s.gain(engine.Docker)
		if v := l.View(); v.Started.IsZero() || len(v.Waiting) > 0 {
			t.Errorf("did not begin: %+v", v)
		}
		s.engine.up <- nil
		synctest.Wait()
		if env := s.Environment(); env.Phase != engine.Ready || !maps.Equal(env.Gained, map[engine.Capability]bool{engine.Docker: true, engine.Registry: true}) {
			t.Errorf("when all is up: %+v", env)
		}
		changed = s.CapabilitiesChanged()
		s.engine.broken <- "Docker가 멈췄습니다"
		synctest.Wait()
		select {
		case <-changed:
		default:
			t.Error("nobody is told of a loss")
		}
		if env := s.Environment(); env.Why != "Docker가 멈췄습니다" || len(s.Capabilities()) > 0 {
			t.Errorf("after a break: %+v", env)
		}
		if v := l.View(); len(v.Waiting) > 0 || v.Problem != "" {
			t.Errorf("a loss takes the lab away: %+v", v)
		}
		// A lab that is opened now waits, and begins when what it needs is there again.
		l = s.open("b")
		if v := l.View(); len(v.Waiting) == 0 {
			t.Error("begins without Docker")
		}
		time.Sleep(time.Minute) // the bubble's: the supervisor pauses
		s.gain(engine.Docker)
		if v := l.View(); len(v.Waiting) > 0 || v.Started.IsZero() {
			t.Errorf("does not begin when Docker is back: %+v", v)
		}
	})
}

func TestRetry(t *testing.T) {
	class(t, func(t *testing.T, s *school) {
		s.start()
		s.Retry() // nothing waits
		synctest.Wait()
		if s.engine.ups != 1 || s.Environment().Phase != engine.Starting {
			t.Errorf("a retry of what runs: %d tries", s.engine.ups)
		}
		failed := errors.New("no node image")
		s.engine.up <- failed
		synctest.Wait()
		if env := s.Environment(); env.Phase != engine.Retrying || !errors.Is(env.Err, failed) || env.Retry == 0 {
			t.Errorf("after a failure: %+v", env)
		}
		began := time.Now()
		s.Retry()
		s.Retry() // an impatient learner
		synctest.Wait()
		if env := s.Environment(); s.engine.ups != 2 || env.Phase != engine.Starting || env.Err != nil || !time.Now().Equal(began) {
			t.Errorf("after a retry: %d tries, %+v", s.engine.ups, env)
		}
		s.gain(engine.Docker)
		s.engine.up <- nil
		synctest.Wait()
		if env := s.Environment(); s.engine.ups != 2 || env.Phase != engine.Ready {
			t.Errorf("the try that a learner asked for was broken off: %d tries, %+v", s.engine.ups, env)
		}
	})
}

func TestPreflight(t *testing.T) {
	class(t, func(t *testing.T, s *school) {
		s.engine.findings = []engine.Finding{{ID: "memory", Severity: engine.Warning, Saw: "메모리 4.0 GB"}}
		s.engine.err = errors.New("cannot look at the host")
		s.start()
		got := s.Environment().Findings
		if len(got) != 2 || got[0].ID != "memory" || got[1].Severity != engine.Warning || got[1].Saw != "cannot look at the host" {
			t.Errorf("found %+v", got)
		}
	})
}

func TestEnvironmentSteps(t *testing.T) {
	class(t, func(t *testing.T, s *school) {
		s.start()
		began := time.Now()
		say := func(p engine.Progress) session.EnvironmentView {
			for len(s.Changed()) > 0 {
				<-s.Changed()
			}
			s.engine.report <- p
			synctest.Wait()
			if len(s.Changed()) != 1 {
				t.Error("nobody is told of a step")
			}
			return s.Environment()
		}
		first := say(engine.Progress{Step: "image", Title: "이미지"})
		if got := first.Steps; len(got) != 1 || !got[0].Began.Equal(began) || !got[0].Ended.IsZero() {
			t.Errorf("a step that began: %+v", got)
		}
		time.Sleep(time.Second) // the bubble's
		say(engine.Progress{Step: "image", Title: "이미지", Detail: "레이어 3개"})
		say(engine.Progress{Step: "cluster", Title: "클러스터"})
		v := say(engine.Progress{Step: "image", Title: "이미지", Status: engine.Done})
		if got := v.Steps[0]; got.Detail != "레이어 3개" || !got.Began.Equal(began) || !got.Ended.Equal(began.Add(time.Second)) {
			t.Errorf("a step that ended: %+v", got)
		}
		if len(v.Steps) != 2 || v.Steps[1].Step != "cluster" || !v.Steps[1].Ended.IsZero() {
			t.Errorf("steps: %+v", v.Steps)
		}
		if first.Steps[0].Detail != "" || first.Steps[0].Status != engine.Running || len(first.Steps) != 1 {
			t.Error("a view that was handed out has changed")
		}
		time.Sleep(time.Second)
		v = say(engine.Progress{Step: "image", Title: "이미지"})
		if got := v.Steps[0]; !got.Began.Equal(began.Add(2*time.Second)) || !got.Ended.IsZero() {
			t.Errorf("a step that began again: %+v", got)
		}
		v = say(engine.Progress{Step: "quick", Status: engine.Done})
		if got := v.Steps[2]; !got.Began.Equal(got.Ended) || got.Ended.IsZero() {
			t.Errorf("a step of no time: %+v", got)
		}
	})
}

func TestEnvironmentStepsKeepWhatTheySaid(t *testing.T) {
	class(t, func(t *testing.T, s *school) {
		s.start()
		say := func(p engine.Progress) []string {
			p.Step = "image"
			s.engine.report <- p
			synctest.Wait()
			return s.Environment().Steps[0].Lines
		}
		say(engine.Progress{})
		say(engine.Progress{Detail: "하나"})
		first := say(engine.Progress{Detail: "하나"})
		if !slices.Equal(first, []string{"하나"}) {
			t.Errorf("said %q", first)
		}
		if got := say(engine.Progress{Detail: "둘", Status: engine.Failed}); !slices.Equal(got, []string{"하나", "둘"}) {
			t.Errorf("said %q", got)
		}
		if got := say(engine.Progress{}); got != nil {
			t.Errorf("a step that began again has said %q", got)
		}
		var got []string
		for i := range 300 {
			got = say(engine.Progress{Detail: fmt.Sprint("줄 ", i)})
		}
		if len(got) != 200 || got[0] != "줄 100" || got[199] != "줄 299" {
			t.Errorf("kept %d lines, from %q", len(got), got[0])
		}
		if !slices.Equal(first, []string{"하나"}) {
			t.Error("a view that was handed out has changed")
		}
	})
}
