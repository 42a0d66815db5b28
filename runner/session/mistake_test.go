package session_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/labs"
)

const stumbling = `
needs: [docker]

소개

## 하나 {#one}

~~~bash run
docker run -d --name web busybox
~~~

~~~yaml check
- watch: containers
  title: web이 있음
  select: {name: web}
  expect: items.size() == 1
  tell:
  - when: container("wed") != null
    say: 이름이 wed입니다. 철자를 보세요.
  - say: web이 없습니다.
~~~

~~~bash wrong="철자를 보세요"
docker run -d --name wed busybox
~~~

~~~bash wrong="web이 없습니다"
true
~~~
`

func TestMistakes(t *testing.T) {
	mistakes := func(r *rig) (out []labs.Mistake) {
		return labs.Replay(r.log.facts).Labs["demo"].Steps["one"].Mistakes
	}
	wed := container("1", "wed")
	flow(t, stumbling, func(t *testing.T, r *rig) {
		r.start()
		time.Sleep(time.Minute)
		r.rest()
		if got := mistakes(r); got != nil {
			t.Fatalf("what stood when the learner came is noted: %v", got)
		}
		r.world.put(checks.Containers, wed)
		time.Sleep(2 * time.Second)
		r.world.remove("wed")
		time.Sleep(time.Minute)
		r.rest()
		if got := mistakes(r); got != nil {
			t.Fatalf("what passed by is noted: %v", got)
		}
		for range 2 { // a mistake made twice is one
			r.world.put(checks.Containers, wed)
			time.Sleep(6 * time.Second)
			r.world.remove("wed")
			time.Sleep(6 * time.Second)
		}
		r.rest()
		want := labs.Mistake{Name: "철자를 보세요", Check: "web이 있음", Why: "이름이 wed입니다. 철자를 보세요."}
		if got := mistakes(r); len(got) != 1 || got[0] != want {
			t.Fatalf("got %v, want %v", got, want)
		}
		if n := strings.Count(r.log.kinds(), "mistake"); n != 1 {
			t.Errorf("noted %d times: %s", n, r.log.kinds())
		}
	})
}

func TestGotoIsAnswered(t *testing.T) {
	flow(t, demo, func(t *testing.T, r *rig) {
		before := r.start().Asked
		for i, step := range []int{1, 1, 99, -1, 0} { // there already, and not there at all
			r.Goto(step)
			synctest.Wait()
			if got := r.View().Asked; got != before+i+1 {
				t.Errorf("Goto(%d): %d are answered, want %d", step, got, before+i+1)
			}
		}
	})
}
