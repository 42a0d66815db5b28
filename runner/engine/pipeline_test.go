package engine_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/kubelab/kubelab/runner/engine"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// diary is the order in which things were done and undone.
type diary struct {
	mu    sync.Mutex
	lines []string
}

func (d *diary) add(line string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, line)
}

// step is one that does its work and knows how to take it back.
func (d *diary) step(name string, err error, after ...string) engine.Step {
	return engine.Step{Name: name, Title: name, After: after, Do: func(_ context.Context, t *engine.Task) error {
		t.Undo(name, func(ctx context.Context) error {
			d.add("undo " + name)
			return ctx.Err()
		})
		d.add("do " + name)
		return err
	}}
}

func discard(engine.Progress) {}

func TestRunUndoesNewestFirst(t *testing.T) {
	var d diary
	broken := errors.New("broken")
	err := engine.Run(t.Context(), []engine.Step{
		d.step("a", nil), d.step("b", nil, "a"), d.step("c", broken, "b"), d.step("d", nil, "c"),
	}, nil, discard)
	var step *engine.StepError
	if !errors.As(err, &step) || step.Step != "c" || !errors.Is(err, broken) {
		t.Errorf("Run() = %v, want the failure of c", err)
	}
	want := []string{"do a", "do b", "do c", "undo c", "undo b", "undo a"}
	if !slices.Equal(d.lines, want) {
		t.Errorf("did %v, want %v", d.lines, want)
	}
}

func TestRunKeepsFinishedWorkOnlyWhenAnotherFails(t *testing.T) {
	for _, cancelled := range []bool{false, true} {
		var d diary
		ctx, cancel := context.WithCancel(t.Context())
		keep := d.step("keep", nil)
		keep.Keep = true
		unfinished := d.step("unfinished", errors.New("broken"), "keep")
		unfinished.Keep = true
		if cancelled {
			do := unfinished.Do
			unfinished.Do = func(ctx context.Context, t *engine.Task) error {
				cancel()
				return do(ctx, t)
			}
		}
		err := engine.Run(ctx, []engine.Step{keep, unfinished}, nil, discard)
		cancel()
		want := []string{"do keep", "do unfinished", "undo unfinished"}
		if cancelled {
			want = append(want, "undo keep")
			if !errors.Is(err, context.Canceled) {
				t.Errorf("Run() = %v, want the cancellation", err)
			}
		}
		if !slices.Equal(d.lines, want) {
			t.Errorf("cancelled=%v: did %v, want %v", cancelled, d.lines, want)
		}
	}
}

func TestRunCancelled(t *testing.T) {
	var d diary
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("interrupted")
	slow := engine.Step{Name: "slow", Title: "slow", After: []string{"first"}, Do: func(ctx context.Context, t *engine.Task) error {
		t.Undo("slow", func(ctx context.Context) error {
			d.add("undo slow")
			return ctx.Err() // the undo must not be cancelled with the run
		})
		cancel(why)
		<-ctx.Done()
		return ctx.Err()
	}}
	statuses := map[string]engine.Status{}
	err := engine.Run(ctx, []engine.Step{d.step("first", nil), slow, d.step("never", nil, "slow")}, nil, func(p engine.Progress) {
		statuses[p.Step] = p.Status
	})
	if !errors.Is(err, why) || strings.Contains(err.Error(), "undo") {
		t.Errorf("Run() = %v, want only the cause %v", err, why)
	}
	if want := []string{"do first", "undo slow", "undo first"}; !slices.Equal(d.lines, want) {
		t.Errorf("did %v, want %v", d.lines, want)
	}
	if statuses["never"] != engine.Skipped {
		t.Errorf("status of never = %v, want Skipped", statuses["never"])
	}
}

func TestRunAtTheSameTime(t *testing.T) {
	// Each of two steps waits for the other to have begun: one after the other would never end.
	var begun sync.WaitGroup
	begun.Add(2)
	meet := func(context.Context, *engine.Task) error {
		begun.Done()
		begun.Wait()
		return nil
	}
	err := engine.Run(t.Context(), []engine.Step{{Name: "a", Do: meet}, {Name: "b", Do: meet}}, nil, discard)
	if err != nil {
		t.Fatal(err)
	}
}

func TestRunLetsTheMoreUrgentGoFirst(t *testing.T) {
	var d diary
	less := d.step("less", nil)
	less.Behind = []string{"urgent", "not in the list"}
	urgent := d.step("urgent", nil, "first")
	if err := engine.Run(t.Context(), []engine.Step{d.step("first", nil), urgent, less}, nil, discard); err != nil {
		t.Fatal(err)
	}
	if want := []string{"do first", "do urgent", "do less"}; !slices.Equal(d.lines, want) {
		t.Errorf("did %v, want %v", d.lines, want)
	}
}

func TestRunReportsFromOneGoroutine(t *testing.T) {
	talk := func(_ context.Context, t *engine.Task) error {
		for range 100 {
			t.Say("line")
		}
		return nil
	}
	gains := []engine.Capability{engine.Docker}
	details, gained := 0, 0 // no lock: the race detector sees a second goroutine
	err := engine.Run(t.Context(), []engine.Step{{Name: "a", Gains: gains, Do: talk}, {Name: "b", Gains: gains, Do: talk}}, nil, func(p engine.Progress) {
		if p.Detail != "" {
			details++
		}
		if len(p.Gained) > 0 && p.Status == engine.Done {
			gained++
		}
	})
	if err != nil || details != 200 || gained != 2 {
		t.Errorf("err %v, details %d, gained %d; want nil, 200, 2", err, details, gained)
	}
}

func TestRunJoinsWhatCannotBeUndone(t *testing.T) {
	stuck := errors.New("stuck")
	err := engine.Run(t.Context(), []engine.Step{{Name: "a", Title: "A", Do: func(_ context.Context, t *engine.Task) error {
		t.Undo("it", func(context.Context) error { return stuck })
		return errors.New("broken")
	}}}, nil, discard)
	if !errors.Is(err, stuck) || !strings.Contains(err.Error(), "broken") {
		t.Errorf("Run() = %v, want both errors", err)
	}
}

func TestRunRefusesAListThatDoesNotReadFromTopToBottom(t *testing.T) {
	var d diary
	for _, steps := range [][]engine.Step{
		{d.step("a", nil, "b"), d.step("b", nil)},
		{d.step("a", nil), d.step("a", nil)},
		{{Name: "a", Behind: []string{"b"}}, d.step("b", nil)},
	} {
		if err := engine.Run(t.Context(), steps, nil, discard); err == nil {
			t.Errorf("Run(%v) = nil, want an error", steps)
		}
	}
	if len(d.lines) > 0 {
		t.Errorf("did %v, want nothing", d.lines)
	}
}

func TestSayAfterTheEnd(t *testing.T) {
	var task *engine.Task
	err := engine.Run(t.Context(), []engine.Step{{Name: "a", Do: func(_ context.Context, t *engine.Task) error {
		task = t
		return nil
	}}}, nil, discard)
	if err != nil {
		t.Fatal(err)
	}
	task.Say("late") // must not block: nobody listens any more
}

func TestRunGainsWhatIsNotLacking(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		lacks []engine.Capability
		err   error
		want  []engine.Capability
	}{
		{nil, nil, []engine.Capability{engine.Cluster, engine.TwoNodes}},
		{[]engine.Capability{engine.TwoNodes}, nil, []engine.Capability{engine.Cluster}},
		{nil, broken, nil},
	} {
		step := engine.Step{Name: "nodes", Gains: []engine.Capability{engine.Cluster, engine.TwoNodes}, Do: func(_ context.Context, t *engine.Task) error {
			t.Lack(c.lacks...)
			return c.err
		}}
		var gained []engine.Capability
		err := engine.Run(t.Context(), []engine.Step{step}, nil, func(p engine.Progress) { gained = append(gained, p.Gained...) })
		if !errors.Is(err, c.err) || !slices.Equal(gained, c.want) {
			t.Errorf("lacks %v, fails with %v: Run() = %v and gained %v, want %v", c.lacks, c.err, err, gained, c.want)
		}
	}
}

func TestSelect(t *testing.T) {
	steps := []engine.Step{
		{Name: "docker"},
		{Name: "files"},
		{Name: "image", After: []string{"docker", "files"}, Gains: []engine.Capability{engine.Docker}},
		{Name: "network", After: []string{"docker"}},
		{Name: "plugin", After: []string{"files"}, Behind: []string{"image"}, Gains: []engine.Capability{engine.Compose}},
		{Name: "cluster", After: []string{"network"}, Gains: []engine.Capability{engine.Cluster, engine.TwoNodes}},
	}
	for _, c := range []struct {
		needs []engine.Capability
		want  string
	}{
		{nil, "docker files image network plugin cluster"},
		{[]engine.Capability{engine.Compose}, "files plugin"},
		{[]engine.Capability{engine.Compose, engine.Docker}, "docker files image plugin"},
		{[]engine.Capability{engine.Docker}, "docker files image"},
		{[]engine.Capability{engine.TwoNodes}, "docker network cluster"},
		{[]engine.Capability{engine.Cluster, engine.Docker, engine.Cluster}, "docker files image network cluster"},
	} {
		got, err := engine.Select(steps, c.needs)
		var names []string
		for _, s := range got {
			names = append(names, s.Name)
		}
		if err != nil || strings.Join(names, " ") != c.want {
			t.Errorf("Select(%v) = %v, %v; want %s", c.needs, names, err, c.want)
		}
	}
	if got, err := engine.Select(steps, []engine.Capability{engine.Docker, engine.LoadBalancer}); err == nil {
		t.Errorf("Select() = %v although no step gains a load balancer", got)
	}
}
