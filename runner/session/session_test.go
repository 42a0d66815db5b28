package session_test

import (
	"context"
	"errors"
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

// demo is a lab of three steps: containers and images, a container and two questions, a container.
const demo = `
needs: [docker]

소개

~~~bash prepare
echo prepared >> "$NOTES/log"
~~~

## 하나 {#one}

~~~bash run
docker run -d --name web busybox # 이름을 붙인다
docker pull busybox; docker ps
~~~

~~~yaml check
- watch: containers
  title: web이 있음
  select: {name: web}
  expect: items.size() == 1
  tell:
  - say: web이 없습니다.
- watch: images
  title: 이미지가 있음
  expect: items.size() > 0
  see: string(items.size()) + "개"
  tell:
  - say: 이미지가 없습니다.
~~~

~~~text hint
첫째
~~~

~~~text hint
둘째
~~~

~~~bash cleanup
echo cleaned >> "$NOTES/log"
~~~

## 둘 {#two}

~~~bash solution
docker run -d --name db busybox
~~~

~~~yaml check
- watch: containers
  title: db가 있음
  select: {name: db}
  expect: items.size() == 1
  tell:
  - say: db가 없습니다.
~~~

~~~yaml ask
- ask: db의 호스트 이름은?
  answer: container("db").Config.Hostname
  hint: docker inspect를 보세요.
  wrong: {db: "db는 이름입니다."}
- ask: 둘 더하기 둘은?
  answer: "4"
~~~

## 셋 {#three}

~~~bash run
docker run -d --name cache busybox
~~~

~~~yaml check
- watch: containers
  title: cache가 있었음
  select: {name: cache}
  expect: items.size() + removed.size() > 0
  tell:
  - say: cache가 없습니다.
~~~
`

func TestTicksStay(t *testing.T) {
	flow(t, demo, func(t *testing.T, r *rig) {
		began := time.Now()
		now := began
		r.cfg.Now = func() time.Time { return now }
		type tick struct{ step, check int }
		var ticks []tick
		var accepted time.Time
		r.cfg.Ticked = func(step, check int, at time.Time) { ticks, accepted = append(ticks, tick{step, check}), at }
		v := r.start()
		if !v.Started.Equal(began) {
			t.Errorf("started %v, want %v", v.Started, began)
		}
		now = began.Add(time.Minute)
		r.world.put(checks.Containers, container("1", "web"))
		c := r.rest().Steps[0].Checks[0]
		if !c.Passed || !c.PassedAt.Equal(now) || !accepted.Equal(began) {
			t.Errorf("passed: %v at %v (change accepted %v)", c.Passed, c.PassedAt, accepted)
		}
		now = began.Add(time.Hour)
		r.world.remove("web")
		c = r.rest().Steps[0].Checks[0]
		if !c.Passed || !c.PassedAt.Equal(began.Add(time.Minute)) || c.Result.Passed || c.Result.Explanation != "web이 없습니다." {
			t.Errorf("after damage: %+v", c)
		}
		r.world.put(checks.Containers, container("2", "web"))
		r.world.put(checks.Images, image("sha256:1", "busybox:latest"))
		v = r.rest()
		if !v.Steps[0].Checks[0].Result.Passed || !v.Steps[0].Done {
			t.Errorf("after repair: %+v", v.Steps[0])
		}
		if want := []tick{{0, 0}, {0, 1}}; !slices.Equal(ticks, want) {
			t.Errorf("ticked %v, want %v", ticks, want)
		}
		if got, want := r.log.kinds(), "started at:one check:one check:one done:one"; got != want {
			t.Errorf("logged %q, want %q", got, want)
		}
	})
}

// TestEvaluatesWhatMoved has a source change of which nobody is told: only who looks without need can see it.
func TestEvaluatesWhatMoved(t *testing.T) {
	flow(t, demo, func(t *testing.T, r *rig) {
		r.start()
		r.world.quietly(checks.Images, image("sha256:1", "busybox:latest"))
		r.world.put(checks.Containers, container("1", "other"))
		r.world.put("pods")
		if c := r.rest().Steps[0].Checks[1]; c.Result.Observed != "0개" {
			t.Errorf("a check was evaluated whose source did not move: %+v", c)
		}
		for len(r.Changed()) > 0 {
			<-r.Changed()
		}
		r.world.put("pods")
		if r.rest(); len(r.Changed()) > 0 {
			t.Error("a new view was published although no check's source moved")
		}
		r.world.put(checks.Images)
		if c := r.rest().Steps[0].Checks[1]; !c.Passed || c.Result.Observed != "1개" {
			t.Errorf("a check was not evaluated whose source moved: %+v", c)
		}
		if len(r.Changed()) != 1 {
			t.Error("nobody is told of a tick")
		}
	})
}

func TestLearnerAhead(t *testing.T) {
	flow(t, demo, func(t *testing.T, r *rig) {
		r.start()
		r.world.put(checks.Containers, container("1", "cache"))
		r.world.remove("cache")
		if c := r.rest().Steps[2].Checks[0]; c.Passed {
			t.Error("ticked before the text gets there")
		}
		r.Goto(2)
		v := r.rest()
		if v.Step != 2 || !v.Steps[2].Done || v.Finished {
			t.Errorf("ran ahead and got %+v", v)
		}
		for _, i := range []int{-1, 3} {
			r.Goto(i)
			if got := r.rest().Step; got != 2 {
				t.Errorf("Goto(%d) went to %d", i, got)
			}
		}
		if got, want := r.log.kinds(), "started at:one at:three check:three done:three"; got != want {
			t.Errorf("logged %q, want %q", got, want)
		}
	})
}

func TestStepOfProse(t *testing.T) {
	text := demo + "\n## 끝 {#end}\n\n읽기만 합니다.\n"
	flow(t, text, func(t *testing.T, r *rig) {
		if v := r.start(); v.Steps[3].Done {
			t.Error("a step without checks is done before anybody read it")
		}
		r.Goto(3)
		if v := r.rest(); !v.Steps[3].Done || !strings.HasSuffix(r.log.kinds(), "at:end done:end") {
			t.Errorf("a step without checks is not done when it is read: %q", r.log.kinds())
		}
	})
}

func TestCheckThatFollowsTheClock(t *testing.T) {
	text := `
needs: [docker]

## 기다리기 {#wait}

~~~yaml check
- watch: containers
  title: 10초가 지남
  expect: now - stepStarted >= duration("10s")
  tell:
  - say: 기다리세요.
~~~
`
	flow(t, text, func(t *testing.T, r *rig) {
		began := time.Now()
		r.start()
		time.Sleep(6 * time.Second) // the bubble's
		r.resume()                  // the step began when the learner first came to it
		never := time.After(time.Minute)
		for !r.View().Finished {
			select {
			case <-r.Changed():
			case <-never:
				t.Fatal("the check never passes")
			}
		}
		if took := time.Since(began); took < 10*time.Second || took > 11*time.Second {
			t.Errorf("passed after %v", took)
		}
	})
}

func TestResume(t *testing.T) {
	flow(t, demo, func(t *testing.T, r *rig) {
		v := r.start()
		started := v.Started
		r.world.put(checks.Containers, container("1", "web"))
		r.world.put(checks.Images, image("sha256:1", "busybox:latest"))
		r.Hint()
		r.Solution()
		r.rest()
		passed := r.View().Steps[0].Checks[0].PassedAt
		time.Sleep(time.Hour) // the bubble's
		r.Goto(1)
		r.Answer(1, "4")
		r.rest()
		logged := r.log.kinds()
		v = r.resume()
		if v.Step != 1 || !v.Steps[0].Done || v.Steps[1].Done || !v.Started.Equal(started) {
			t.Errorf("resumed at %d of %+v", v.Step, v.Steps)
		}
		if c := v.Steps[0].Checks[0]; !c.Passed || !c.PassedAt.Equal(passed) {
			t.Errorf("resumed tick: %+v, want %v", c, passed)
		}
		if q := v.Steps[1].Questions[1]; !q.Right || q.Given != "4" {
			t.Errorf("resumed answer: %+v", q)
		}
		if got := r.log.kinds(); got != logged+" at:two" {
			t.Errorf("resuming logged %q", strings.TrimPrefix(got, logged))
		}
		r.Goto(0)
		if v := r.rest(); v.Hints != 1 || !v.Solution {
			t.Errorf("resumed with %d hints, solution %v", v.Hints, v.Solution)
		}
	})
}

// TestResumeAfterKill resumes from a log that ends between a tick and what follows from it.
func TestResumeAfterKill(t *testing.T) {
	flow(t, strings.SplitN(demo, "## 둘", 2)[0], func(t *testing.T, r *rig) {
		r.start()
		r.world.put(checks.Containers, container("1", "web"))
		r.world.put(checks.Images, image("sha256:1", "busybox:latest"))
		if !r.rest().Finished {
			t.Fatal("not finished")
		}
		all := r.log.kinds()
		for cut := 1; cut <= 2; cut++ {
			r.log.facts = r.log.facts[:len(strings.Fields(all))-cut]
			if v := r.resume(); !v.Finished || !v.Steps[0].Done {
				t.Errorf("without the last %d facts: %+v", cut, v)
			}
			if got := r.log.kinds(); strings.Count(got, "finished") != 1 || strings.Count(got, "done:one") != 1 {
				t.Errorf("without the last %d facts, logged %q", cut, got)
			}
		}
	})
}

func TestLogThatCannotBeWritten(t *testing.T) {
	flow(t, demo, func(t *testing.T, r *rig) {
		r.log.err = errors.New("no space left on device")
		v := r.start()
		if !strings.Contains(v.Problem, "no space left on device") || !strings.Contains(v.Problem, "계속할 수 있습니다") {
			t.Errorf("told %q", v.Problem)
		}
		r.world.put(checks.Containers, container("1", "web"))
		r.world.put(checks.Images, image("sha256:1", "busybox:latest"))
		if v := r.rest(); !v.Steps[0].Done {
			t.Errorf("the learner cannot go on: %+v", v.Steps[0])
		}
	})
}

func TestWithLogOnDisk(t *testing.T) {
	flow(t, demo, func(t *testing.T, r *rig) {
		log, err := labs.OpenLog(filepath.Join(t.TempDir(), "progress.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		r.cfg.Log = log
		r.start()
		r.world.put(checks.Containers, container("1", "web"))
		r.world.put(checks.Images, image("sha256:1", "busybox:latest"))
		r.rest()
		facts, err := log.Read()
		if err != nil {
			t.Fatal(err)
		}
		p := labs.Replay(facts)
		if lab := p.Labs["demo"]; p.Lab != "demo" || lab.Step != "one" || lab.Done(r.cfg.Stage.Lab) != 1 || len(lab.Steps["one"].Checks) != 2 {
			t.Errorf("read back %+v", lab)
		}
	})
}

// TestObserverEnds must not keep the session busy: a bubble that never rests would hang.
func TestObserverEnds(t *testing.T) {
	flow(t, demo, func(t *testing.T, r *rig) {
		r.start()
		r.world.put(checks.Containers, container("1", "web"))
		r.rest()
		r.world.Close()
		if v := r.rest(); !v.Steps[0].Checks[0].Result.Passed {
			t.Errorf("what was seen last is forgotten: %+v", v.Steps[0])
		}
		if v := r.resume(); v.Problem != "" {
			t.Errorf("told %q", v.Problem)
		}
	})
	flow(t, demo, func(t *testing.T, r *rig) {
		r.world.Close()
		if v := r.start(); !strings.Contains(v.Problem, "closed") {
			t.Errorf("told %q", v.Problem)
		}
	})
}

func TestClose(t *testing.T) {
	flow(t, demo, func(t *testing.T, r *rig) {
		began := make(chan struct{})
		ended := false
		r.shell.run = func(ctx context.Context, _ string) error {
			close(began)
			<-ctx.Done()
			time.Sleep(time.Second) // the bubble's
			ended = true
			return context.Cause(ctx)
		}
		r.start()
		r.Run("docker run busybox sleep infinity")
		<-began
		r.Close()
		if !ended {
			t.Error("Close does not wait for what the session does")
		}
		r.Close()
		// Asking a closed session for something neither blocks nor does anything.
		r.Goto(1)
		r.Solve()
		r.Reset()
		if v := r.rest(); v.Step != 0 {
			t.Errorf("a closed session went to %d", v.Step)
		}
	})
	// The parent's end is the session's, too.
	lab := parse(t, demo)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := session.New(ctx, session.Config{
			Stage:    &session.Stage{Lab: lab, Env: &engine.Environment{}, WorkDir: t.TempDir()},
			Observer: newWorld(), Capabilities: newMeans(), Log: &diary{},
		})
		cancel()
		synctest.Wait()
		s.Close()
	})
}
