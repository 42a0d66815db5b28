package images

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// ids lists the steps of a plan.
func ids(steps []*step) []string {
	var all []string
	for _, st := range steps {
		all = append(all, st.id)
	}
	return all
}

func TestPlan(t *testing.T) {
	everything := []string{
		"busybox-binary", "busybox-image", "nodejs-root", "nodejs-image", "registry-binary", "registry-image",
		"k8s-binary", "containerd-binary", "coredns-binary", "pause-binary",
		"local-path-provisioner-binary", "kindnode-root", "kindnode-busybox", "kindnode-image",
	}
	tests := map[string]struct {
		kinds  []Kind
		cached func(s *Store) []string
		want   []string
	}{
		"nothing cached":  {All(), func(*Store) []string { return nil }, everything},
		"order of asking": {[]Kind{NodeJS, Busybox, NodeJS}, func(*Store) []string { return nil }, everything[:4]},
		"binary cached": {
			[]Kind{Registry}, func(s *Store) []string { return []string{s.binary(programs()["registry"], "registry")} },
			[]string{"registry-image"},
		},
		"one of three binaries missing": {
			[]Kind{KindNode}, func(s *Store) []string {
				parts := s.nodeParts()
				return []string{parts.k8s, parts.containerd, parts.shim, parts.coredns, parts.pause, parts.provisioner, parts.busybox, parts.tree, parts.componentTree}
			},
			[]string{"containerd-binary", "kindnode-image"},
		},
		"another version cached": {
			[]Kind{Registry}, func(s *Store) []string {
				return []string{s.binary(program{name: "registry", version: "v3.0.0"}, "registry")}
			},
			[]string{"registry-binary", "registry-image"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newTestStore(t, &fakeEngine{})
			for _, file := range test.cached(s) {
				if err := os.WriteFile(file, nil, 0o755); err != nil {
					t.Fatal(err)
				}
			}
			steps := s.plan(test.kinds)
			if got := ids(steps); !slices.Equal(got, test.want) {
				t.Errorf("got %v, expected %v", got, test.want)
			}
		})
	}
}

// TestPlanIsInOrder holds what build relies on: no step comes before one that it needs.
func TestPlanIsInOrder(t *testing.T) {
	s := newTestStore(t, &fakeEngine{})
	seen := map[string]bool{}
	for _, st := range s.plan(All()) {
		for _, before := range st.after {
			if !seen[before] {
				t.Errorf("%s comes before %s, which it needs", st.id, before)
			}
		}
		if _, estimated := firstTime[st.id]; !estimated {
			t.Errorf("%s has no estimate of how long it takes", st.id)
		}
		seen[st.id] = true
	}
}

func TestFeasibleNamesWhatIsMissing(t *testing.T) {
	without := func(gone ...string) fakeMachine {
		m := complete
		m.programs = slices.DeleteFunc(slices.Clone(m.programs), func(p string) bool { return slices.Contains(gone, p) })
		return m
	}
	user := complete
	user.user = true
	noInstall := map[string]string{"KUBELAB_NO_INSTALL": "1"}
	tests := map[string]struct {
		machine fakeMachine
		env     map[string]string
		kind    Kind
		want    string // in the error; empty: feasible
	}{
		"complete":                      {complete, nil, KindNode, ""},
		"debootstrap can be installed":  {without("debootstrap"), nil, NodeJS, ""},
		"debootstrap may not":           {without("debootstrap"), noInstall, NodeJS, "apt-get update && apt-get install -y --no-install-recommends debootstrap"},
		"debootstrap there, no install": {complete, noInstall, NodeJS, ""},
		"no root":                       {user, nil, NodeJS, "sudo -E kubelab images"},
		"no root for the node":          {user, nil, KindNode, "debootstrap 명령은 root로"},
		"no root for the registry":      {user, nil, Registry, ""},
		"no root for busybox":           {user, noInstall, Busybox, ""},
		"no Go":                         {without("go"), nil, Registry, "Go 컴파일러"},
		"no Go for busybox":             {without("go"), nil, Busybox, ""},
		"no apt for busybox":            {without("apt-get"), nil, Busybox, "busybox-static"},
		"no apt and no debootstrap":     {without("apt-get", "debootstrap"), nil, NodeJS, "패키지 관리자로 debootstrap"},
		"a Mac":                         {fakeMachine{mac: true}, nil, Registry, "리눅스가 아닙니다"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newTestStore(t, &fakeEngine{})
			s.machine = test.machine
			s.getenv = func(name string) string { return test.env[name] }
			steps, failed := s.feasible(s.plan([]Kind{test.kind}))
			err := failed[test.kind]
			if test.want == "" {
				if err != nil || len(steps) == 0 {
					t.Errorf("got %v and %v, expected steps and no error", ids(steps), err)
				}
				return
			}
			if err == nil || len(steps) > 0 || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v and %v, expected no steps and an error with %q", ids(steps), err, test.want)
			}
			if err != nil && !strings.Contains(err.Error(), test.kind.Ref()) {
				t.Errorf("the error does not name the image: %v", err)
			}
		})
	}
}

// trace remembers in which order steps ended.
type trace struct {
	mu    sync.Mutex
	ended []string
}

func (tr *trace) step(k Kind, id string, l lane, err error, after ...string) *step {
	return &step{kind: k, id: id, title: id, lane: l, after: after, run: func(context.Context, *task) error {
		tr.mu.Lock()
		defer tr.mu.Unlock()
		tr.ended = append(tr.ended, id)
		return err
	}}
}

func testReporter(s *Store, report func(Progress)) *reporter {
	return &reporter{report: report, timings: loadTimings(filepath.Join(s.cache, "timings.json")), now: time.Now}
}

func TestBuildRunsStepsAfterWhatTheyNeed(t *testing.T) {
	s := newTestStore(t, &fakeEngine{})
	var tr trace
	steps := []*step{
		tr.step(NodeJS, "root", debian, nil),
		tr.step(KindNode, "compile", compiler, nil),
		tr.step(NodeJS, "node", assembly, nil, "root", "cached-already"),
		tr.step(KindNode, "kind", assembly, nil, "compile", "root"),
	}
	var j journal
	if failed := s.build(t.Context(), testReporter(s, j.add), steps); len(failed) > 0 {
		t.Fatal(failed)
	}
	at := func(id string) int { return slices.Index(tr.ended, id) }
	if len(tr.ended) != 4 || at("root") > at("node") || at("compile") > at("kind") || at("root") > at("kind") {
		t.Errorf("ended in the order %v", tr.ended)
	}
	for _, k := range []Kind{NodeJS, KindNode} {
		if news := j.of(k); len(news) != 1 || news[0].Status != Done {
			t.Errorf("%s: got %+v, expected one Done", k, news)
		}
	}
	for _, p := range j.all {
		if p.Step == "kind" && (p.N != 2 || p.Of != 2) {
			t.Errorf("kind is step %d of %d, expected 2 of 2", p.N, p.Of)
		}
	}
}

func TestAFailedStepEndsItsImageAndNoOther(t *testing.T) {
	s := newTestStore(t, &fakeEngine{})
	var tr trace
	broken := errors.New("broken")
	running := make(chan struct{})
	long := &step{kind: KindNode, id: "long", title: "long", lane: compiler, run: func(ctx context.Context, _ *task) error {
		close(running)
		<-ctx.Done() // the other lane's failure ends it
		return ctx.Err()
	}}
	fails := tr.step(KindNode, "fails", debian, broken)
	run := fails.run
	fails.run = func(ctx context.Context, tk *task) error {
		<-running
		return run(ctx, tk)
	}
	steps := []*step{
		fails, long, tr.step(KindNode, "image", assembly, nil, "fails", "long"),
		tr.step(NodeJS, "root", debian, nil), tr.step(NodeJS, "node", assembly, nil, "root"),
	}
	failed := s.build(t.Context(), testReporter(s, nil), steps)
	var stepErr *StepError
	if !errors.As(failed[KindNode], &stepErr) || stepErr.Title != "fails" || !errors.Is(stepErr, broken) {
		t.Errorf("the node image failed with %v, expected the step that broke", failed[KindNode])
	}
	if failed[NodeJS] != nil || slices.Contains(tr.ended, "image") || !slices.Contains(tr.ended, "node") {
		t.Errorf("ended: %v, failed: %v; expected node and not image", tr.ended, failed)
	}
}

func TestBuildEndsWithItsContext(t *testing.T) {
	s := newTestStore(t, &fakeEngine{})
	ctx, cancel := context.WithCancel(t.Context())
	var tr trace
	steps := []*step{
		{kind: NodeJS, id: "root", title: "root", lane: debian, run: func(ctx context.Context, _ *task) error {
			cancel()
			<-ctx.Done()
			return context.Cause(ctx)
		}},
		tr.step(NodeJS, "node", assembly, nil, "root"),
		tr.step(Busybox, "after", debian, nil),
	}
	failed := s.build(ctx, testReporter(s, nil), steps)
	if !errors.Is(failed[NodeJS], context.Canceled) || !errors.Is(failed[Busybox], context.Canceled) || len(tr.ended) > 0 {
		t.Errorf("failed: %v, ended: %v; expected both cancelled and nothing ended", failed, tr.ended)
	}
}
