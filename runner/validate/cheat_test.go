package validate

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/labs"
)

// aStep is a step with one check of each expression, which looks at what watch says, and with settings of its own.
func aStep(t *testing.T, settings string, checks ...string) *labs.Step {
	t.Helper()
	text := "---\nid: demo\ntitle: 시험\nneeds: [docker, cluster]\nminutes: 1\n---\n\n## 하나 {#one}\n\n```bash run\ntrue\n```\n\n```yaml step\ntimeout: 5s\n" +
		settings + "\n```\n\n```yaml check\n"
	for i, c := range checks {
		text += c + fmt.Sprintf("\n  title: 확인 %d", i+1) + "\n  tell:\n  - say: 아닙니다.\n"
	}
	course, err := labs.Load(fstest.MapFS{
		"course.yaml": {Data: []byte("title: 시험\nlabs: [demo]\n")}, "demo/lab.md": {Data: []byte(text + "```\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return course.Labs[0].Steps[0]
}

const own = "lab-demo-1" // the learner's namespace

// right is a world in which a deployment with its replica set and pod, a bare pod, a service, a container and a file are
// there, as is a pod of somebody else's.
func right() map[string]checks.State {
	meta := func(namespace, name string, more ...any) map[string]any {
		m := map[string]any{"namespace": namespace, "name": name, "uid": namespace + "/" + name}
		if len(more) > 0 {
			m["ownerReferences"] = []any{map[string]any{"kind": more[0], "name": more[1], "uid": own + "/" + more[1].(string)}}
		}
		return m
	}
	replicas := func(n int64) map[string]any { return map[string]any{"replicas": n, "readyReplicas": n} }
	running := map[string]any{"phase": "Running"}
	all := map[string][]checks.Object{
		"deployments.apps": {{"metadata": meta(own, "web"), "spec": map[string]any{"replicas": int64(1)}, "status": replicas(1)}},
		"replicasets.apps": {{"metadata": meta(own, "web-1", "Deployment", "web"), "spec": map[string]any{"replicas": int64(1)}, "status": replicas(1)}},
		"pods": {
			{"metadata": meta(own, "web-1-a", "ReplicaSet", "web-1"), "status": running},
			{"metadata": meta(own, "bare"), "status": running}, {"metadata": meta("lab-other-2", "theirs"), "status": running},
		},
		"services":        {{"metadata": meta(own, "web"), "spec": map[string]any{"clusterIP": "10.0.0.1"}}},
		"endpoints":       {{"metadata": meta(own, "web"), "subsets": []any{map[string]any{"ports": []any{}}}}},
		"nodes":           {{"metadata": map[string]any{"name": "worker", "uid": "worker"}}},
		checks.Containers: {{"Id": "c1", "Name": "hello", "State": map[string]any{"Status": "exited"}}},
		checks.Files:      {{"path": "hello.txt", "size": int64(3), "modified": "2026-01-01T00:00:00Z", "text": "hi"}},
		checks.Commands:   {{"text": "kubectl get pods", "output": "web-1-a", "started": "2026-01-01T00:00:00Z", "exit": int64(0)}},
		checks.Logs:       {{"namespace": own, "pod": "bare", "container": "bare", "uid": own + "/bare", "text": "hi"}},
		"configmaps":      {},
	}
	states := map[string]checks.State{}
	for key, items := range all {
		states[key] = checks.State{Items: items, Synced: true}
	}
	return states
}

func atRight(step *labs.Step) moment {
	before := map[string]map[string]bool{"services": {own + "/web": true}}
	return moment{
		step: step, snap: checks.NewSnapshot(time.Now(), right()),
		scope: checks.Scope{Now: time.Now(), Namespace: own, Before: before},
	}.judged()
}

func TestCheatNames(t *testing.T) {
	if !slices.Equal(Cheats(), labs.Cheats()) {
		t.Errorf("validate tries %q, a lab can allow %q", Cheats(), labs.Cheats())
	}
}

// TestCheats says for each cheat what becomes of a check that holds in the right world: it passes, fails, or there is
// nothing to be tried.
func TestCheats(t *testing.T) {
	const passes, fails, nothing = "passes", "fails", "nothing"
	for name, tt := range map[string]struct {
		check string
		want  map[string]string
	}{
		"a container": {
			"- watch: containers\n  expect: items.exists(c, c.Name == \"hello\")",
			map[string]string{"empty": fails, "before": fails, "zero": nothing, "owner": nothing, "typed": nothing, "namespace": nothing},
		},
		"no other container": {
			"- watch: containers\n  expect: '!items.exists(c, c.Name == \"other\")'",
			map[string]string{"empty": passes, "before": passes, "zero": nothing, "owner": nothing, "typed": nothing, "namespace": nothing},
		},
		"a container or a file": {
			"- watch: containers\n  expect: items.size() > 0 || files.exists(f, f.text == \"hi\")",
			map[string]string{"empty": fails, "before": fails, "zero": nothing, "owner": nothing, "typed": passes, "namespace": nothing},
		},
		"a file": {
			"- watch: files\n  expect: items.exists(f, f.text == \"hi\")",
			map[string]string{"empty": fails, "before": fails, "zero": nothing, "owner": nothing, "typed": nothing, "namespace": nothing},
		},
		"what was typed": {
			"- watch: commands\n  expect: items.exists(c, c.output.contains(\"web\"))",
			map[string]string{"empty": fails, "before": fails, "zero": nothing, "owner": nothing, "typed": nothing, "namespace": nothing},
		},
		"a deployment that is ready": {
			"- watch: deployments\n  expect: items.exists(d, d.spec.replicas == d.status.readyReplicas)",
			map[string]string{"empty": fails, "before": fails, "zero": passes, "owner": nothing, "typed": nothing, "namespace": fails},
		},
		"pods of the replica set": {
			"- watch: pods\n  expect: kube(\"replicasets\").exists(s, s.status.readyReplicas == 1 && items.exists(p, p.metadata.ownerReferences.exists(o, o.uid == s.metadata.uid)))",
			map[string]string{"empty": fails, "before": fails, "zero": fails, "owner": fails, "typed": nothing, "namespace": fails},
		},
		"some pod of anybody's": {
			"- watch: pods\n  expect: kubeAll(\"pods\").exists(p, p.status.phase == \"Running\")",
			map[string]string{"empty": fails, "before": passes, "zero": passes, "owner": passes, "typed": nothing, "namespace": passes},
		},
		"a pod that was there, too": {
			"- watch: pods\n  select: {name: bare}\n  all: true\n  expect: items.size() == 1",
			map[string]string{"empty": fails, "before": nothing, "zero": fails, "owner": passes, "typed": nothing, "namespace": fails},
		},
		"a pod in a namespace that the check selects": {
			"- watch: pods\n  select: {namespace: lab-other-2}\n  expect: items.exists(p, p.status.phase == \"Running\")",
			map[string]string{"empty": fails, "before": fails, "zero": fails, "owner": passes, "typed": nothing, "namespace": fails},
		},
		"a bare pod's log": {
			"- watch: logs\n  expect: items.exists(l, l.text == \"hi\")",
			map[string]string{"empty": fails, "before": fails, "zero": fails, "owner": nothing, "typed": nothing, "namespace": fails},
		},
		"a service that was prepared": {
			"- watch: services\n  all: true\n  expect: items.size() == 1",
			map[string]string{"empty": fails, "before": nothing, "zero": nothing, "owner": nothing, "typed": nothing, "namespace": fails},
		},
		"no service but the one that was prepared": {
			"- watch: services\n  expect: items.size() == 0",
			map[string]string{"empty": passes, "before": nothing, "zero": nothing, "owner": nothing, "typed": nothing, "namespace": passes},
		},
		"endpoints": {
			"- watch: endpoints\n  expect: items.exists(e, size(e.subsets) > 0)",
			map[string]string{"empty": fails, "before": fails, "zero": fails, "owner": nothing, "typed": nothing, "namespace": fails},
		},
		"a node": {
			"- watch: nodes\n  all: true\n  expect: items.size() > 0",
			map[string]string{"empty": fails, "before": nothing, "zero": nothing, "owner": nothing, "typed": nothing, "namespace": nothing},
		},
		"nothing at all": {
			"- watch: configmaps\n  expect: items.size() == 0",
			map[string]string{"empty": nothing, "before": nothing, "zero": nothing, "owner": nothing, "typed": nothing, "namespace": nothing},
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := atRight(aStep(t, "", tt.check))
			if !m.passes() {
				t.Fatalf("the check does not hold in the right world: %s", m.describe())
			}
			was := right()
			got := map[string]string{}
			for _, c := range generic() {
				w := newWorld(m)
				c.apply(w)
				switch {
				case !w.changed:
					got[c.name] = nothing
				case w.moment().passes():
					got[c.name] = passes
				default:
					got[c.name] = fails
				}
			}
			if !maps.Equal(got, tt.want) {
				t.Errorf("got\n%v\nwant\n%v", got, tt.want)
			}
			for key, state := range was {
				if len(m.snap.State(key).Items) != len(state.Items) {
					t.Errorf("%s of the right world was changed", key)
				}
			}
			if !m.judged().passes() {
				t.Error("the right world was changed")
			}
		})
	}
}

// TestCheatCases says which cases come of what the step allows.
func TestCheatCases(t *testing.T) {
	const bare = "- watch: pods\n  select: {name: bare}\n  expect: items.size() == 1"
	const typed = "- watch: commands\n  expect: items.size() == 1"
	for name, tt := range map[string]struct {
		settings string
		checks   []string
		want     map[string]string // the problem of each case
	}{
		"one passes": {"", []string{bare}, map[string]string{
			"empty": "", "before": "", "zero": "", "namespace": "",
			"owner": "every check passes where all pods and replica sets belong to something else; the step says `allows: {owner: reason}` if that is a right answer",
		}},
		"one passes and is allowed": {"allows: {owner: 이름만 봅니다.}", []string{bare}, map[string]string{
			"empty": "", "before": "", "zero": "", "namespace": "", "owner": "",
		}},
		"one check is enough": {"", []string{bare, typed}, map[string]string{
			"empty": "", "before": "", "zero": "", "namespace": "",
			"owner": "every check passes where all pods and replica sets belong to something else; the step says `allows: {owner: reason}` if that is a right answer",
		}},
		"allowed in vain": {"allows: {empty: 그냥., typed: 그냥., zero: 그냥.}", []string{typed}, map[string]string{
			"before": "",
			"empty":  "the step allows \"empty\" (그냥.), and does not pass where nothing is there at all: the allowance is not needed",
			"zero":   "the step allows \"zero\" (그냥.), and does not pass where everything is scaled to 0 and there are no pods: the allowance is not needed",
			"typed":  "the step allows \"typed\" (그냥.), and does not pass where there are only files, which can be typed by hand: the allowance is not needed",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			step := aStep(t, tt.settings, tt.checks...)
			lab := newLabReport(1, &labs.Lab{})
			lab.Steps = []StepReport{{}}
			p := &proof{replay: &replay{report: lab, lab: &labs.Lab{}}, step: step, solved: []moment{atRight(step)}}
			p.cheats()
			got := map[string]string{}
			for _, c := range lab.Steps[0].Cases {
				if c.Kind != Cheat || c.Line != step.Line {
					t.Errorf("case %+v", c)
				}
				got[c.Name] = c.Problem
			}
			if !maps.Equal(got, tt.want) {
				t.Errorf("got\n%q\nwant\n%q", got, tt.want)
			}
		})
	}
}
