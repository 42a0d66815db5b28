package observe

import (
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/api/types/events"

	"github.com/kubelab/kubelab/checks"
)

// story is events of one container, a millisecond apart.
func story(id string, attributes map[string]string, actions ...events.Action) []dockerEvent {
	var batch []dockerEvent
	for i, action := range actions {
		all := map[string]string{"image": "busybox", "name": "quick", "who": "me"}
		for name, value := range attributes {
			all[name] = value
		}
		if action == events.ActionDie {
			all["exitCode"] = "3"
		}
		batch = append(batch, dockerEvent{received: time.Now(), Message: events.Message{
			Type: events.ContainerEventType, Action: action, TimeNano: int64(1+i) * int64(time.Millisecond),
			Actor: events.Actor{ID: id, Attributes: all},
		}})
	}
	return batch
}

// listedContainers is the kind after its first listing, without an engine; its states are thrown away.
func listedContainers(t *testing.T) *containerKind {
	t.Helper()
	changes := make(chan change)
	go func() {
		for {
			select {
			case <-changes:
			case <-t.Context().Done():
				return
			}
		}
	}()
	k := newContainerKind(newKindBase(checks.Containers, emitter{changes: changes}, nil))
	k.inFlight, k.dirty = map[string]time.Time{}, map[string]time.Time{}
	return k
}

func TestContainerKnownOnlyByItsEvents(t *testing.T) {
	k := listedContainers(t)
	ask := func(id string) { t.Errorf("%s was inspected, though it is known to be gone", id) }
	k.note(t.Context(), story("a", nil, events.ActionCreate, events.ActionStart, events.ActionDie, events.ActionDestroy), ask)
	s := k.col.state()
	if len(s.Items) != 0 || len(s.Removed) != 1 {
		t.Fatalf("items %v, removed %v", s.Items, s.Removed)
	}
	c := s.Removed[0]
	if checks.Text(c, "Name") != "quick" || checks.Text(c, "ImageName") != "busybox" || checks.Text(c, "Config", "Labels", "who") != "me" ||
		checks.Field(c, "State", "ExitCode") != int64(3) || checks.Text(c, "State", "Status") != "exited" ||
		checks.Text(c, "State", "FinishedAt") != "1970-01-01T00:00:00.003Z" {
		t.Errorf("it is known as %v", c)
	}
	if labels := checks.Field(c, "Config", "Labels").(map[string]any); len(labels) != 1 {
		t.Errorf("attributes of events are taken for labels: %v", labels)
	}
}

func TestContainerThatEndsWhileItIsInspected(t *testing.T) {
	k := listedContainers(t)
	asked := 0
	ask := func(string) { asked++ }
	k.note(t.Context(), story("a", nil, events.ActionCreate), ask)
	k.note(t.Context(), story("a", nil, events.ActionStart, events.ActionDie, events.ActionDestroy), ask)
	if asked != 1 {
		t.Errorf("inspected %d times at once", asked)
	}
	if s := k.col.state(); len(s.Removed) != 0 {
		t.Errorf("it is gone before the inspection in flight could tell what it was: %v", s.Removed)
	}
	inspected := checks.Object{
		"Id": "a", "Name": "/quick", "Created": "2026-11-21T00:00:00Z",
		"Config": checks.Object{"Image": "busybox", "Cmd": []any{"echo"}},
		"State":  checks.Object{"Status": "running", "Running": true, "Pid": int64(9)},
	}
	if err := k.learn(t.Context(), inspection{id: "a", object: inspected}, ask); err != nil {
		t.Fatal(err)
	}
	s := k.col.state()
	if len(s.Items) != 0 || len(s.Removed) != 1 {
		t.Fatalf("items %v, removed %v", s.Items, s.Removed)
	}
	c := s.Removed[0]
	if checks.Field(c, "State", "ExitCode") != int64(3) || checks.Field(c, "State", "Running") != false || checks.Field(c, "State", "Pid") != int64(0) || checks.Field(c, "Config", "Cmd") == nil {
		t.Errorf("it is known as %v", c)
	}
	if checks.Field(inspected, "State", "Running") != true {
		t.Error("an object that a snapshot may hold was changed")
	}
}

func TestBuildStepKnownOnlyByItsEventsIsLeftOut(t *testing.T) {
	k := listedContainers(t)
	image := map[string]string{"image": "sha256:" + strings.Repeat("0", 64)}
	k.note(t.Context(), story("b", image, events.ActionCreate, events.ActionDestroy), func(string) {})
	if s := k.col.state(); len(s.Removed) != 0 {
		t.Errorf("it is among the removed: %v", s.Removed)
	}
}

func TestContainerMissedByTheStreamIsSwept(t *testing.T) {
	k := listedContainers(t)
	var asked []string
	k.note(t.Context(), story("a", nil, events.ActionCreate), func(id string) { asked = append(asked, id) })
	if k.sweep(nil) {
		t.Error("it was swept while its inspection was in flight")
	}
	delete(k.inFlight, "a")
	if !k.sweep(map[string]bool{"other": true}) || len(k.col.state().Removed) != 1 {
		t.Errorf("it was not swept: %v", k.col.state())
	}
	if k.sweep(nil) {
		t.Error("it was swept twice")
	}
	// Its last events come late.
	k.note(t.Context(), story("a", nil, events.ActionDie, events.ActionDestroy), func(string) {})
	if s := k.col.state(); len(s.Removed) != 1 || checks.Field(s.Removed[0], "State", "ExitCode") != int64(3) {
		t.Errorf("what came late was not taken in: %v", s.Removed)
	}
}
