package observe

import (
	"context"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/runner/engine"
)

func TestMain(m *testing.M) {
	// klog's flusher lives as long as the process.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("k8s.io/klog/v2.(*flushDaemon).run.func1"))
}

// patience is how long a test waits for what should be a matter of milliseconds.
const patience = time.Minute

func watchesOf(sources ...string) []checks.Watch {
	var watches []checks.Watch
	for _, s := range sources {
		watches = append(watches, checks.Watch{Source: s})
	}
	return watches
}

// observing returns an observer that has listed the watches.
func observing(t testing.TB, cfg Config, watches ...checks.Watch) *Observer {
	t.Helper()
	o := New(cfg)
	t.Cleanup(o.Close)
	o.Observe(t.Context(), watches)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := o.Synced(ctx, watches); err != nil {
		t.Fatal(err)
	}
	return o
}

// until waits until a state of the source satisfies holds and returns it.
func until(t testing.TB, o *Observer, key string, what string, holds func(checks.State) bool) checks.State {
	t.Helper()
	updates, cancel := o.Subscribe()
	defer cancel()
	deadline := time.After(patience)
	for {
		state := o.Snapshot().State(key)
		if holds(state) {
			return state
		}
		select {
		case <-updates:
		case <-deadline:
			t.Fatalf("%s never: %s\nlast seen: %d items, %d removed, synced %v, err %q",
				key, what, len(state.Items), len(state.Removed), state.Synced, state.Err)
		}
	}
}

// find returns the first object whose field at path is value.
func find(objects []checks.Object, value string, path ...string) checks.Object {
	i := slices.IndexFunc(objects, func(o checks.Object) bool { return checks.Text(o, path...) == value })
	if i < 0 {
		return nil
	}
	return objects[i]
}

func TestSubscriberGetsTheUnionOfWhatMoved(t *testing.T) {
	s := newSubscriber()
	first, second := time.Unix(100, 0), time.Unix(200, 0)
	snapshot := checks.NewSnapshot(second, map[string]checks.State{"pods": {Version: 2}})
	s.send(Update{Moved: []string{"pods", "files"}, Accepted: first})
	s.send(Update{Moved: []string{"containers"}, Accepted: second})
	s.send(Update{Moved: []string{"pods"}, Accepted: second, Snapshot: snapshot})
	s.close()
	got, open := <-s.updates
	if !open {
		t.Fatal("the last update was lost when the subscription ended")
	}
	if want := []string{"containers", "files", "pods"}; !slices.Equal(got.Moved, want) {
		t.Errorf("moved %v, want %v", got.Moved, want)
	}
	if !got.Accepted.Equal(first) {
		t.Errorf("accepted %v, want the first change's %v", got.Accepted, first)
	}
	if got.Snapshot.State("pods").Version != 2 {
		t.Error("the snapshot is not the newest")
	}
	if _, open := <-s.updates; open {
		t.Error("more than one update")
	}
}

func TestSlowReaderHoldsNobodyUpAndGetsTheFinalState(t *testing.T) {
	o := observing(t, Config{}, watchesOf(checks.Commands)...)
	slow, cancelSlow := o.Subscribe()
	defer cancelSlow()
	const n = 500
	start := time.Unix(1000, 0)
	for i := range n {
		o.Record(checks.Command{Text: "true", Started: start.Add(time.Duration(i) * time.Second)})
	}
	u := <-slow
	if got := len(u.Snapshot.State(checks.Commands).Items); got != n {
		t.Errorf("the first update read has %d commands, want all %d", got, n)
	}
	if !slices.Equal(u.Moved, []string{checks.Commands}) {
		t.Errorf("moved %v", u.Moved)
	}
	select {
	case u := <-slow:
		t.Errorf("a second update: %v", u.Moved)
	default:
	}
}

func TestCloseEndsSubscriptions(t *testing.T) {
	o := New(Config{})
	updates, cancel := o.Subscribe()
	o.Observe(t.Context(), watchesOf(checks.Commands))
	o.Close()
	if u, open := <-updates; !open || !u.Snapshot.State(checks.Commands).Synced {
		t.Errorf("the final state was lost: open %v, %v", open, u)
	}
	if _, open := <-updates; open {
		t.Error("the channel is still open")
	}
	cancel()
	late, cancel := o.Subscribe()
	defer cancel()
	if _, open := <-late; open {
		t.Error("a subscription to a closed observer is open")
	}
	o.Record(checks.Command{}) // must not block
	o.Observe(t.Context(), nil)
}

func TestObserveSetsTheWantedSet(t *testing.T) {
	o := observing(t, Config{WorkDir: t.TempDir()}, watchesOf(checks.Commands, checks.Files)...)
	before := o.Snapshot().State(checks.Files).Version
	o.Observe(t.Context(), watchesOf(checks.Files, checks.Commands, checks.Files))
	if after := o.Snapshot().State(checks.Files).Version; after != before {
		t.Errorf("observing the same again moved it: version %d, was %d", after, before)
	}
	updates, cancel := o.Subscribe()
	defer cancel()
	o.Observe(t.Context(), watchesOf(checks.Files))
	if u := <-updates; !slices.Equal(u.Moved, []string{checks.Commands}) {
		t.Errorf("moved %v", u.Moved)
	}
	if s := o.Snapshot().State(checks.Commands); s.Synced || s.Items != nil {
		t.Errorf("what nobody observes is still there: %+v", s)
	}
	if !o.Snapshot().State(checks.Files).Synced {
		t.Error("what is still wanted was stopped")
	}
}

func TestSyncedTellsWhatItWaitedFor(t *testing.T) {
	o := New(Config{Env: &engine.Environment{Kubeconfig: t.TempDir() + "/none"}})
	defer o.Close()
	watches := watchesOf("pods", checks.Commands)
	o.Observe(t.Context(), watches)
	until(t, o, "pods", "said why", func(s checks.State) bool { return s.Err != "" })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := o.Synced(ctx, watches)
	want := "wait for pods (쿠버네티스 클러스터가 아직 없습니다. "
	if err == nil || len(err.Error()) < len(want) || err.Error()[:len(want)] != want {
		t.Errorf("got %v, want %q…", err, want)
	}
}

func TestCommandGoesFromRunningToFinished(t *testing.T) {
	o := New(Config{})
	defer o.Close()
	started := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	o.Record(checks.Command{Text: "docker ps", Started: started, Running: true}) // before anybody observes
	o.Observe(t.Context(), watchesOf(checks.Commands))
	o.Record(checks.Command{Text: "false", Started: started.Add(time.Second), Exit: 1})
	o.Record(checks.Command{Text: "docker ps", Started: started, Ended: started.Add(2 * time.Second), Output: "CONTAINER ID"})
	items := o.Snapshot().State(checks.Commands).Items
	if len(items) != 2 {
		t.Fatalf("%d commands, want 2: %v", len(items), items)
	}
	if checks.Field(items[0], "running") != false || checks.Text(items[0], "output") != "CONTAINER ID" || checks.Field(items[1], "exit") != int64(1) {
		t.Errorf("commands are %v", items)
	}
	for i := range maxCommands {
		o.Record(checks.Command{Text: "true", Started: started.Add(time.Hour + time.Duration(i)*time.Second)})
	}
	items = o.Snapshot().State(checks.Commands).Items
	if len(items) != maxCommands || find(items, "docker ps", "text") != nil {
		t.Errorf("%d commands are kept, want the newest %d", len(items), maxCommands)
	}
}

func TestCollection(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
	c := newCollection()
	if !c.put("b", day(2), checks.Object{"n": int64(2)}) || !c.put("c", day(2), checks.Object{"n": int64(3)}) || !c.put("a", day(1), checks.Object{"n": int64(1)}) {
		t.Error("adding is no change")
	}
	if c.put("b", day(2), checks.Object{"n": int64(2)}) {
		t.Error("the same again is a change")
	}
	before := c.state()
	if !c.put("b", day(2), checks.Object{"n": int64(20)}) || !c.drop("c", nil) || c.drop("c", nil) {
		t.Error("changes are not told from none")
	}
	if got := before.Items; len(got) != 3 || checks.Field(got[0], "n") != int64(1) || checks.Field(got[1], "n") != int64(2) || checks.Field(got[2], "n") != int64(3) {
		t.Errorf("an older state changed, or is not ordered by age: %v", got)
	}
	after := c.state()
	if len(after.Items) != 2 || checks.Field(after.Items[1], "n") != int64(20) || len(after.Removed) != 1 || checks.Field(after.Removed[0], "n") != int64(3) {
		t.Errorf("items %v, removed %v", after.Items, after.Removed)
	}
	for range maxRemoved + 10 {
		c.put("x", day(3), checks.Object{})
		c.drop("x", checks.Object{"last": true})
	}
	if got := len(c.state().Removed); got != 2 {
		t.Errorf("%d removed, want one per identity", got)
	}
	for i := range maxRemoved {
		c.bury(string(rune('a'+i))+"!", checks.Object{})
	}
	if got := len(c.state().Removed); got != maxRemoved {
		t.Errorf("%d removed, want at most %d", got, maxRemoved)
	}
}
