package checks

import (
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"
)

func TestEvaluate(t *testing.T) {
	h1 := parse(t, `{"Id": "1", "Name": "h1", "ImageName": "busybox", "Config": {"Image": "busybox"}, "State": {"Status": "exited", "ExitCode": 127}}`)
	h2 := parse(t, `{"Id": "2", "Name": "h2", "ImageName": "busybox", "Config": {"Image": "busybox"}, "State": {"Status": "running"}}`)
	spec := Spec{
		Watch: Containers, Title: "busybox가 끝남", Want: "종료 코드 0", Select: map[string]string{"image": "busybox"},
		Expect: "items.exists(c, c.State.Status == 'exited' && c.State.ExitCode == 0)",
		Tell: []Tell{
			{When: "items.exists(c, c.State.ExitCode == 127)", Say: "`{{ items[0].Name }}`가 명령을 찾지 못했습니다. {{ items[9].Name }}"},
			{When: "items[0].State.Running", Say: "여기에는 오지 않습니다."}, // an error where there is no item
			{When: "removed.size() > 0", Say: "{{ removed.map(c, c.Name) }} 지워짐"},
			{Say: "아직 실행되지 않았습니다.\n"},
		},
	}
	for name, tt := range map[string]struct {
		change func(*Spec)
		state  State
		before []string
		want   Result
	}{
		"nothing": {state: State{Synced: true},
			want: Result{Expected: "종료 코드 0", Observed: "컨테이너 없음", Explanation: "아직 실행되지 않았습니다."}},
		"the first tell that holds": {state: State{Synced: true, Items: []Object{h1, h2}},
			want: Result{Expected: "종료 코드 0", Observed: "컨테이너 2개: h1 종료 코드 127, h2 실행 중", Explanation: "`h1`가 명령을 찾지 못했습니다. ?"}},
		"there before": {state: State{Synced: true, Items: []Object{h1}}, before: []string{"1"},
			want: Result{Expected: "종료 코드 0", Observed: "컨테이너 없음", Explanation: "아직 실행되지 않았습니다."}},
		"there before, but all": {change: func(s *Spec) { s.All = true }, state: State{Synced: true, Items: []Object{h1}}, before: []string{"1"},
			want: Result{Expected: "종료 코드 0", Observed: "컨테이너 1개: h1 종료 코드 127", Explanation: "`h1`가 명령을 찾지 못했습니다. ?"}},
		"removed": {state: State{Synced: true, Removed: []Object{h1, h2}}, before: []string{"1"},
			want: Result{Expected: "종료 코드 0", Observed: "컨테이너 없음(지워진 것 1개: h2 실행 중)", Explanation: "h2 지워짐"}},
		"passed": {change: func(s *Spec) { s.Expect, s.Want = "items.size() == 1", "" }, state: State{Synced: true, Items: []Object{h2}},
			want: Result{Passed: true, Expected: "busybox가 끝남", Observed: "컨테이너 1개: h2 실행 중"}},
		"see": {change: func(s *Spec) { s.See = "'개수\\n는 ' + string(items.size())" }, state: State{Synced: true},
			want: Result{Expected: "종료 코드 0", Observed: "개수 는 0", Explanation: "아직 실행되지 않았습니다."}},
		"see fails": {change: func(s *Spec) { s.See = "items[0].Name" }, state: State{Synced: true},
			want: Result{Expected: "종료 코드 0", Observed: "컨테이너 없음", Explanation: "아직 실행되지 않았습니다."}},
		"an error in expect": {change: func(s *Spec) { s.Expect = "!(items[0].State.Running)" }, state: State{Synced: true},
			want: Result{Expected: "종료 코드 0", Observed: "컨테이너 없음", Explanation: "아직 실행되지 않았습니다."}},
		"a look at another source in vain": {change: func(s *Spec) {
			s.Tell = []Tell{{When: "commands.size() == 0", Say: "모릅니다."}, {Say: "압니다."}}
		}, state: State{Synced: true}, want: Result{Expected: "종료 코드 0", Observed: "컨테이너 없음", Explanation: "압니다."}},
		"not listed yet": {state: State{Items: []Object{h1}},
			want: Result{Pending: true, Expected: "종료 코드 0", Observed: "확인 중", Explanation: "아직 컨테이너를 살펴보는 중입니다. 잠시 기다려 주세요."}},
		"out of sight": {state: State{Synced: true, Items: []Object{h1}, Err: "Cannot connect to the Docker daemon."},
			want: Result{Pending: true, Expected: "종료 코드 0", Observed: "확인 중",
				Explanation: "지금은 컨테이너를 볼 수 없습니다: Cannot connect to the Docker daemon. 다시 보이면 이어서 확인합니다."}},
		"expect looks at a source that is not listed": {change: func(s *Spec) { s.Expect = "kube('rc').size() == 1" }, state: State{Synced: true},
			want: Result{Pending: true, Expected: "종료 코드 0", Observed: "확인 중", Explanation: "아직 레플리케이션컨트롤러를 살펴보는 중입니다. 잠시 기다려 주세요."}},
		"too costly": {change: func(s *Spec) {
			s.Expect = "lists.range(60).map(i, 'aaaa')" + strings.Repeat(".map(s, s + s)", 60) + ".size() == 0"
		}, state: State{Synced: true}, want: Result{Expected: "종료 코드 0", Observed: "컨테이너 없음", Explanation: tooCostly}},
	} {
		t.Run(name, func(t *testing.T) {
			s := spec
			if tt.change != nil {
				tt.change(&s)
			}
			scope := Scope{Now: at, Before: map[string]map[string]bool{Containers: {}}}
			for _, id := range tt.before {
				scope.Before[Containers][id] = true
			}
			got := mustCompile(t, s).Evaluate(NewSnapshot(at, map[string]State{Containers: tt.state}), scope)
			if got != tt.want {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestVariables(t *testing.T) {
	pod := func(name, namespace, uid string) string {
		return `{"metadata": {"name": "` + name + `", "namespace": "` + namespace + `", "uid": "` + uid + `"}}`
	}
	snap := seen(map[string][]Object{
		Containers: objects(t, `{"Id": "0123456789abcdef", "Name": "h1"}`, `{"Id": "old", "Name": "h0"}`),
		Images:     objects(t, `{"Id": "sha256:fedcba9876543210", "RepoTags": ["localhost:5001/kubia:latest", "kubia:latest"]}`),
		"pods":     objects(t, pod("kubia", "learner", "1"), pod("kubia", "other", "2"), pod("old", "learner", "3")),
		"nodes":    objects(t, `{"metadata": {"name": "worker", "uid": "n"}}`),
		Commands: objects(t, `{"text": "docker ps", "exit": 0, "started": "2026-11-21T02:00:00Z"}`,
			`{"text": "kubectl run", "exit": 1, "output": "error", "started": "2026-11-21T02:59:00Z"}`,
			`{"text": "sleep 9", "started": "2026-11-21T02:59:30Z", "running": true}`),
		Files: nil, Networks: nil, Volumes: nil, DockerEvents: nil,
	})
	scope := Scope{
		Now: at, StepStarted: at.Add(-5 * time.Minute), Env: map[string]string{"REGISTRY": "localhost:5001"}, Namespace: "learner",
		Before: map[string]map[string]bool{Containers: {"old": true}, "pods": {"3": true}, "nodes": {"n": true}},
	}
	for expect, want := range map[string]bool{
		`containers.map(c, c.Name) == ["h1"]`:                                                true,
		`kube("pods").map(p, p.metadata.name) == ["kubia"]`:                                  true,
		`kubeAll("pods").map(p, p.metadata.uid) == ["1", "2", "3"]`:                          true,
		`kube("nodes").size() == 0 && kubeAll("nodes").size() == 1`:                          true,
		`container("h1").Id == "0123456789abcdef" && container("0123456789ab").Name == "h1"`: true,
		`container("h0").Id == "old"`:                                                        true,
		`container("h9").Id != "old"`:                                                        false,
		`container("0123").Name == "h1"`:                                                     false,
		`image("kubia").Id == image(env.REGISTRY + "/kubia").Id`:                             true,
		`image("fedcba987654").RepoTags.size() == 2`:                                         true,
		`image("kubia:v1").Size == 0`:                                                        false,
		`pod("kubia").metadata.uid == "1" && pod("old").metadata.uid == "3"`:                 true,
		`lastCommand == "kubectl run" && lastExit == 1 && lastOutput == "error"`:             true,
		`commands.filter(c, c.started >= stepStarted).size() == 2`:                           true,
		`now - stepStarted == duration("5m")`:                                                true,
		`env.REGISTRY == "localhost:5001" && !("HOME" in env)`:                               true,
		`files.size() + networks.size() + volumes.size() + events.size() == 0`:               true,
		`items == containers`:                                                                true,
	} {
		if got := mustCompile(t, Spec{Watch: Containers, Expect: expect}).Evaluate(snap, scope); got.Passed != want || got.Pending {
			t.Errorf("%s = %+v, want %v", expect, got, want)
		}
	}
	none := seen(map[string][]Object{Commands: nil})
	if !mustCompile(t, Spec{Watch: Commands, Expect: `lastCommand == "" && lastExit == 0 && env.size() == 0`}).Evaluate(none, Scope{}).Passed {
		t.Error("without a command lastCommand is not empty")
	}
}

// TestBounds shows hostile texts to a check: what comes out is bounded and cannot move the cursor.
func TestBounds(t *testing.T) {
	evil := strings.Repeat("가나\x1b[2J\u202e\r\n다 ", 20000) + "\xff"
	c := mustCompile(t, Spec{Watch: Commands, Expect: "false", See: "lastOutput", Want: evil,
		Tell: []Tell{{Say: "{{ lastOutput }} {{ lastOutput }} {{ lastOutput }} {{ lastOutput }} {{ lastOutput }} {{ lastOutput }}"}}})
	r := c.Evaluate(seen(map[string][]Object{Commands: {{"text": evil, "output": evil}}}), Scope{})
	for name, text := range map[string]string{"expected": r.Expected, "observed": r.Observed, "explanation": r.Explanation} {
		limit := lineLimit
		if name == "explanation" {
			limit = explanationLimit
		} else if strings.Contains(text, "\n") {
			t.Errorf("%s has more than one line", name)
		}
		if n := utf8.RuneCountInString(text); n > limit || n < limit/2 {
			t.Errorf("%s has %d characters", name, n)
		}
		if strings.ContainsAny(text, "\x1b\u202e\r") || !utf8.ValidString(text) {
			t.Errorf("%s can harm a terminal: %q", name, text)
		}
	}
}

// TestCostBoundsTime proves that expressions made to hurt end soon.
func TestCostBoundsTime(t *testing.T) {
	grow := "'aaaaaaaaaa'"
	for range 30 {
		grow = grow + ".replace('a', 'aaaaaaaaaa')"
	}
	format := "'aaaa'"
	for range 40 {
		format = "'%s%s'.format([" + format + "," + format + "])"
		if len(format) > 50_000 {
			break
		}
	}
	output := strings.Repeat("a", 16<<10)
	var commands []Object
	for range 100 {
		commands = append(commands, Object{"text": "x", "output": output})
	}
	snap := seen(map[string][]Object{Commands: commands})
	for name, expect := range map[string]string{
		"loops":   "lists.range(10000).all(a, lists.range(10000).all(b, a + b >= 0))",
		"replace": grow + " == ''",
		"double":  "lists.range(60).map(i, 'aaaa')" + strings.Repeat(".map(s, s + s)", 60) + ".size() == 0",
		"format":  format + " == ''",
		"matches": "items.all(c, items.all(d, c.output.matches('(a*)*b') || true))",
		"undash":  "items.all(c, items.all(d, undash(c.output) != ''))",
	} {
		c := mustCompile(t, Spec{Watch: Commands, Expect: expect})
		start := time.Now()
		r := c.Evaluate(snap, Scope{})
		if took := time.Since(start); took > 10*timeLimit {
			t.Errorf("%s took %v", name, took)
		} else {
			t.Logf("%s: %v, %q", name, took, r.Explanation)
		}
		if r.Passed {
			t.Errorf("%s passed", name)
		}
	}
}

func TestEvaluateConcurrently(t *testing.T) {
	c := mustCompile(t, Spec{Watch: Containers, Expect: `items.exists(c, c.Name == "h1") && kube("pods").size() == 0`, See: "items.map(c, c.Name)",
		Tell: []Tell{{When: "items.size() > 1", Say: "{{ items.size() }}"}, {Say: "{{ items[0].Name }}"}}})
	var wait sync.WaitGroup
	for _, name := range []string{"h1", "h2", "h3", "h4"} {
		wait.Go(func() {
			snap := seen(map[string][]Object{Containers: {{"Id": name, "Name": name}}, "pods": nil})
			for range 50 {
				r := c.Evaluate(snap, Scope{})
				if r.Passed != (name == "h1") || r.Observed != name || !r.Passed && r.Explanation != name {
					t.Errorf("%s: %+v", name, r)
				}
			}
		})
	}
	wait.Wait()
}
