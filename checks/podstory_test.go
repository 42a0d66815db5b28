package checks

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// about is a pod's state, or what is known of it, in a test: the pod is always the same one.
const (
	crashing = `{"metadata": {"name": "kubia", "namespace": "learner", "uid": "1"}, "spec": {"nodeName": "w", "containers": [{"name": "app", "image": "kubia"}]},
		"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "False"}], "containerStatuses": [{"name": "app", "restartCount": 2,
		"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": {"exitCode": 1}}}]}}`
	crashWords = "컨테이너 app: 실행하자마자 끝나기를 되풀이합니다(CrashLoopBackOff): 마지막은 오류로 종료(종료 코드 1), 다시 시작 2번"
	probing    = `{"metadata": {"name": "kubia", "namespace": "learner", "uid": "1"}, "spec": {"nodeName": "w", "containers": [{"name": "app"}, {"name": "side"}]},
		"status": {"phase": "Running", "containerStatuses": [{"name": "side", "ready": true, "state": {"running": {}}}, {"name": "app", "state": {"running": {}}}]}}`
	probeWords = "컨테이너 app: 실행 중이지만 아직 준비되지 않았습니다"
)

func warning(reason, message, rest string) string {
	return fmt.Sprintf(`{"type": "Warning", "reason": %q, "message": %q, "involvedObject": {"kind": "Pod", "name": "kubia", "namespace": "learner", "uid": "1"}%s}`,
		reason, message, rest)
}

func logOf(container, text, rest string) string {
	return fmt.Sprintf(`{"pod": "kubia", "namespace": "learner", "uid": "1", "container": %q, "text": %q%s}`, container, text, rest)
}

func TestTrouble(t *testing.T) {
	pull := `{"metadata": {"name": "kubia", "uid": "1"}, "spec": {"nodeName": "w", "containers": [{"name": "app", "image": "kubia"}]}, "status": {"phase": "Pending",
		"containerStatuses": [{"name": "app", "state": {"waiting": {"reason": "ErrImagePull", "message": "rpc error: code = NotFound desc = failed to pull and unpack image \"r/kubia:1\": failed to resolve reference \"r/kubia:1\": r/kubia:1: not found"}}}]}}`
	pullWords := "컨테이너 app: 이미지 kubia 가져오기에 실패했습니다(ErrImagePull): r/kubia:1: not found"
	for name, tt := range map[string]struct {
		pod          string
		events, logs []string
		want         string
	}{
		"ready": {`{"metadata": {"name": "kubia", "uid": "1"}, "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}`,
			[]string{warning("Unhealthy", "Readiness probe failed", "")}, []string{logOf("app", "hello", "")}, ""},
		"nothing but the pod": {crashing, nil, nil, crashWords},
		"all three": {probing, []string{warning("Unhealthy", "Readiness probe failed: connection refused", `, "count": 3`)}, []string{logOf("side", "no", ""), logOf("app", "a\nlistening\n\n", "")},
			probeWords + " / 이벤트 Unhealthy(3번): Readiness probe failed: connection refused / 마지막 로그: listening"},
		"the newest warning": {probing, []string{
			warning("Second", "b", `, "lastTimestamp": "2026-11-21T03:00:02Z"`),
			warning("Fourth", "d", `, "eventTime": "2026-11-21T03:00:01.5Z", "series": {"count": 7, "lastObservedTime": "2026-11-21T03:00:04.5Z"}`),
			warning("Third", "c", `, "firstTimestamp": "2026-11-21T02:00:00Z", "lastTimestamp": "2026-11-21T03:00:03Z"`),
			warning("First", "a", `, "metadata": {"creationTimestamp": "2026-11-21T03:00:01Z"}`),
		}, nil, probeWords + " / 이벤트 Fourth(7번): d"},
		"of other objects": {probing, []string{
			strings.Replace(warning("Failed", "so it is", ""), `"uid": "1"`, `"uid": "2"`, 1),
			strings.Replace(warning("Normal", "b", ""), `"Warning"`, `"Normal"`, 1),
		}, []string{strings.Replace(logOf("app", "a", ""), `"uid": "1"`, `"uid": "2"`, 1)}, probeWords},
		"without uids": {strings.Replace(probing, `"uid": "1"`, `"uid": ""`, 1), []string{warning("Failed", "so it is", "")}, []string{logOf("app", "b", "")},
			probeWords + " / 이벤트 Failed: so it is / 마지막 로그: b"},
		"a warning that says nothing, alone": {crashing, []string{warning("BackOff", "Back-off restarting failed container app in pod kubia_learner(1)", `, "count": 4`)}, nil,
			crashWords + " / 이벤트 BackOff(4번)"},
		"a warning that says nothing, newer": {crashing, []string{
			warning("FailedMount", `configmap "a" not found`, `, "lastTimestamp": "2026-11-21T03:00:00Z"`),
			warning("BackOff", "Back-off restarting failed container app in pod kubia_learner(1)", `, "lastTimestamp": "2026-11-21T03:00:09Z"`),
		}, nil, crashWords + ` / 이벤트 FailedMount: configmap "a" not found`},
		"what the status says already": {pull, []string{
			warning("Failed", `Failed to pull image "r/kubia:1": rpc error: code = NotFound desc = failed to pull and unpack image "r/kubia:1": failed to resolve reference "r/kubia:1": r/kubia:1: not found`, ""),
			warning("Failed", "Error: ErrImagePull", `, "lastTimestamp": "2026-11-21T03:00:09Z"`),
		}, nil, pullWords + " / 이벤트 Failed"},
		"scheduled since": {probing, []string{warning("FailedScheduling", "0/3 nodes are available", "")}, nil, probeWords},
		"not scheduled": {`{"metadata": {"name": "kubia", "uid": "1"}, "status": {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
			"message": "0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling."}]}}`,
			[]string{warning("FailedScheduling", "0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available.", "")}, nil,
			"올라갈 노드를 찾지 못했습니다(Unschedulable): 0/3 nodes are available: 3 Insufficient cpu. / 이벤트 FailedScheduling"},
		"the log before the restart": {crashing, nil, []string{logOf("app", "bye\n", `, "previous": true`)}, crashWords + " / 마지막 로그: bye"},
		"the present log first":      {probing, nil, []string{logOf("app", "now", ""), logOf("app", "then", `, "previous": true`)}, probeWords + " / 마지막 로그: now"},
		"an empty present log":       {probing, nil, []string{logOf("app", "then", `, "previous": true`), logOf("app", "\n", "")}, probeWords + " / 마지막 로그: then"},
		"Node.js": {crashing, nil, []string{logOf("app", "/app.js:3\nthrow new Error('no');\n^\n\nError: no\n    at Object.<anonymous> (/app.js:3:7) {\n  code: 'X'\n}\n\nNode.js v22.11.0\n", `, "previous": true`)},
			crashWords + " / 마지막 로그: Error: no"},
		"ending": {`{"metadata": {"name": "kubia", "uid": "1", "deletionTimestamp": "2026-11-21T03:00:00Z"}}`, []string{warning("Unhealthy", "a", "")}, nil, "지워지는 중입니다(Terminating)"},
	} {
		for _, source := range []string{"items", `kube("pods")`} {
			c := mustCompile(t, Spec{Watch: "pods", Expect: "false", Tell: []Tell{{Say: "[{{ trouble(first(" + source + ")) }}]"}}})
			pods := objects(t, strings.Replace(tt.pod, `"name": "kubia"`, `"name": "kubia", "namespace": "learner"`, 1))
			got := c.Evaluate(seen(map[string][]Object{"pods": pods, "events": objects(t, tt.events...), Logs: objects(t, tt.logs...)}), Scope{Namespace: "learner"})
			if got.Explanation != "["+tt.want+"]" {
				t.Errorf("%s: trouble of %s is\n%s, want\n[%s]", name, source, got.Explanation, tt.want)
			}
		}
	}
}

// TestTroubleDoesNotWait looks at a pod while the events and logs cannot be seen, in each place of a check.
func TestTroubleDoesNotWait(t *testing.T) {
	c := mustCompile(t, Spec{Watch: "pods", Expect: `items.all(p, trouble(p) == "")`, See: "trouble(first(items))",
		Tell: []Tell{{When: `items.exists(p, trouble(p).contains("app"))`, Say: "{{ trouble(first(items)) }}"}, {Say: "없음"}}})
	if got, want := c.Watches(), []Watch{{Source: "events"}, {Source: Logs}, {Source: "pods"}}; !slices.Equal(got, want) {
		t.Errorf("watches %v, want %v", got, want)
	}
	scope := Scope{Namespace: "learner"}
	pods := State{Synced: true, Items: objects(t, crashing)}
	event, line := objects(t, warning("Failed", "so it is", "")), objects(t, logOf("app", "b", ""))
	for name, tt := range map[string]struct {
		states map[string]State
		want   string
	}{
		"nothing seen": {map[string]State{"pods": pods}, crashWords},
		"not listed":   {map[string]State{"pods": pods, "events": {Items: event}, Logs: {Items: line}}, crashWords},
		"lost":         {map[string]State{"pods": pods, "events": {Items: event, Synced: true, Err: "x"}, Logs: {Err: "x"}}, crashWords + " / 이벤트 Failed: so it is"},
	} {
		r := c.Evaluate(NewSnapshot(at, tt.states), scope)
		if r.Pending || r.Passed || r.Observed != tt.want || r.Explanation != tt.want {
			t.Errorf("%s: %+v, want %s", name, r, tt.want)
		}
	}
	ready := State{Synced: true, Items: objects(t, `{"metadata": {"namespace": "learner"}, "status": {"conditions": [{"type": "Ready", "status": "True"}]}}`)}
	if r := c.Evaluate(NewSnapshot(at, map[string]State{"pods": ready}), scope); !r.Passed {
		t.Errorf("a pod that is ready: %+v", r)
	}
	q := mustAsk(t, QuestionSpec{Ask: "왜?", Watch: "pods", Answer: "trouble(first(items))"})
	if got, err := q.Answers(NewSnapshot(at, map[string]State{"pods": pods}), scope); err != nil || len(got) != 1 || got[0] != crashWords {
		t.Errorf("answers %q, %v", got, err)
	}
}

func TestLogs(t *testing.T) {
	snap := seen(map[string][]Object{Logs: objects(t,
		`{"pod": "kubia", "namespace": "learner", "container": "app", "previous": true, "text": "bye\n", "restart": 0, "uid": "1", "labels": {"app": "kubia"}}`,
		`{"pod": "kubia", "namespace": "learner", "container": "app", "text": "one\ntwo\n", "restart": 1, "uid": "1", "labels": {"app": "kubia"}}`,
		`{"pod": "old", "namespace": "learner", "container": "app", "text": "", "uid": "2"}`)})
	scope := Scope{Namespace: "learner", Before: map[string]map[string]bool{Logs: {"2/app/0": true}}}
	for expect, want := range map[string]bool{
		`items.size() == 2 && logs == items`:                                        true,
		`items.exists(l, l.previous && l.text == "bye\n" && l.container == "app")`:  true,
		`items.exists(l, !l.previous && l.restart == 1 && l.text.contains("two"))`:  true,
		`items.all(l, l.labels.app == "kubia" && l.uid == "1" && l.pod == "kubia")`: true,
		`items.exists(l, l.pod == "old")`:                                           false,
	} {
		if got := mustCompile(t, Spec{Watch: Logs, Expect: expect}).Evaluate(snap, scope); got.Passed != want || got.Pending {
			t.Errorf("%s: %+v", expect, got)
		}
	}
	for _, selects := range []map[string]string{{"name": "kubia"}, {"label": "app in (kubia)"}} {
		r := mustCompile(t, Spec{Watch: Logs, Select: selects, All: true, Expect: "items.size() == 2"}).Evaluate(snap, scope)
		if want := "로그 2개: kubia/app(이전): bye, kubia/app: two"; !r.Passed || r.Observed != want {
			t.Errorf("%v: %+v, want %q", selects, r, want)
		}
	}
	if r := mustCompile(t, Spec{Watch: Logs, Select: map[string]string{"name": "old"}, All: true, Expect: "true"}).Evaluate(snap, scope); r.Observed != "로그 1개: old/app: 빈 로그" {
		t.Errorf("an empty log is %q", r.Observed)
	}
	mistakes(t, Spec{Watch: Logs, Select: map[string]string{"namespace": "x"}, Title: "x", Expect: "true", Tell: []Tell{{Say: "x"}}})
}
