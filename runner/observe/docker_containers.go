package observe

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/events"
	"github.com/moby/moby/client"

	"github.com/kubelab/kubelab/checks"
)

// containerKind is the source containers. An event has its container inspected again, each container on its own: an
// inspection waits while the daemon starts the container, and must not hold up that of another one, which may be gone
// in a moment. What cannot be inspected any more (docker run --rm) is known from what its events said.
//
// The containers that the legacy builder runs its steps in are not the learner's and are left out: their image is
// given by its full ID and they keep no logs.
type containerKind struct {
	kindBase
	facts    map[string]*facts
	ignored  map[string]bool      // the builder's and kubelab's own
	dirty    map[string]time.Time // to be inspected (again) after the inspection in flight; since when
	inFlight map[string]time.Time
	first    map[string]bool // what has yet to be inspected before the source counts as listed; nil afterwards
	results  chan inspection
}

// facts is what events have said about a container.
type facts struct {
	image, name string
	labels      map[string]string
	created     time.Time
	died        time.Time // zero while it runs
	exit        int64     // has a meaning when died is set
	destroyed   bool
}

// inspection is the answer to one question about a container.
type inspection struct {
	id     string
	object checks.Object
	err    error
}

func newContainerKind(base kindBase) *containerKind {
	return &containerKind{kindBase: base, facts: map[string]*facts{}, ignored: map[string]bool{}}
}

func (k *containerKind) follow(ctx context.Context, cli *client.Client) error {
	var asking sync.WaitGroup
	defer asking.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	k.results = make(chan inspection)
	k.inFlight, k.dirty, k.first = map[string]time.Time{}, map[string]time.Time{}, map[string]bool{}
	ask := func(id string) {
		asking.Go(func() { inspectContainer(ctx, cli, id, k.results) })
	}
	if err := k.list(ctx, cli, ask, true); err != nil {
		return err
	}
	k.settleFirst(ctx)
	recheck := time.NewTicker(dockerRecheck)
	defer recheck.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-k.events.ready:
			k.note(ctx, k.events.take(), ask)
		case r := <-k.results:
			err = k.learn(ctx, r, ask)
		case <-k.looks:
			err = k.list(ctx, cli, ask, true)
		case <-recheck.C:
			err = k.list(ctx, cli, ask, false)
		}
		if err != nil {
			return err
		}
	}
}

// list has everything inspected that exists, or, unless all, what cannot be what was seen last, and drops what is gone.
func (k *containerKind) list(ctx context.Context, cli *client.Client, ask func(string), all bool) error {
	listCtx, cancel := context.WithTimeout(ctx, dockerTimeout)
	defer cancel()
	list, err := cli.ContainerList(listCtx, client.ContainerListOptions{All: true})
	if err != nil {
		return fmt.Errorf("list containers: %w", err)
	}
	now := time.Now()
	ids := map[string]bool{}
	for _, c := range list.Items {
		ids[c.ID] = true
		if isOwn(c.Labels) {
			k.ignored[c.ID] = true
		}
		if k.ignored[c.ID] {
			continue
		}
		known := k.col.get(c.ID)
		// A start that failed changes only State.Error, which the list does not show.
		if all || known == nil || checks.Text(known, "State", "Status") != string(c.State) || c.State == "created" {
			if k.first != nil {
				k.first[c.ID] = true
			}
			k.inspect(c.ID, now, ask)
		}
	}
	if k.sweep(ids) && k.first == nil {
		k.emit(ctx, now)
	}
	return nil
}

// sweep takes leave of every container that does not exist any more, those known only by their events included, and
// reports whether there was one.
func (k *containerKind) sweep(exists map[string]bool) bool {
	gone := map[string]bool{}
	for id := range k.col.entries {
		gone[id] = true
	}
	for id := range k.facts {
		gone[id] = true
	}
	for id := range k.ignored {
		gone[id] = true
	}
	maps.DeleteFunc(gone, func(id string, _ bool) bool {
		_, asked := k.inFlight[id] // its answer is on the way
		return exists[id] || asked
	})
	changed := false
	for _, id := range sortedKeys(gone) {
		changed = k.finish(id) || changed
	}
	return changed
}

// note keeps what events say and has their containers inspected.
func (k *containerKind) note(ctx context.Context, batch []dockerEvent, ask func(string)) {
	var changed []string // in the order of the events
	since := map[string]time.Time{}
	for _, e := range batch {
		id := e.Actor.ID
		switch {
		case e.own:
			if e.Type == events.ContainerEventType && e.Action != events.ActionDestroy {
				k.ignored[id] = true
			}
			continue
		case e.Type == events.NetworkEventType:
			if id = e.Actor.Attributes["container"]; k.col.get(id) == nil {
				continue
			}
		case e.Type != events.ContainerEventType || !changesContainer(e.Action):
			continue
		default:
			k.learnFacts(e)
		}
		if _, ok := since[id]; !ok {
			changed, since[id] = append(changed, id), e.received
		}
	}
	var accepted time.Time
	for _, id := range changed {
		_, asked := k.inFlight[id]
		if f := k.facts[id]; f != nil && f.destroyed && !asked {
			if k.finish(id) && accepted.IsZero() {
				accepted = since[id]
			}
			continue
		}
		if !k.ignored[id] {
			k.inspect(id, since[id], ask)
		}
	}
	if !accepted.IsZero() && k.first == nil {
		k.emit(ctx, accepted)
	}
}

// changesContainer reports whether what an inspection shows can be different after an event.
func changesContainer(a events.Action) bool {
	switch a {
	case events.ActionTop, events.ActionAttach, events.ActionDetach, events.ActionResize, events.ActionExport,
		events.ActionArchivePath, events.ActionExtractToDir, events.ActionCopy, events.ActionExecDetach:
		return false
	}
	return true
}

func (k *containerKind) learnFacts(e dockerEvent) {
	f := k.facts[e.Actor.ID]
	if f == nil {
		f = &facts{}
		k.facts[e.Actor.ID] = f
	}
	f.labels = maps.Clone(e.Actor.Attributes)
	f.image, f.name = f.labels["image"], f.labels["name"]
	for _, attribute := range []string{"image", "name", "exitCode", "signal", "execDuration", "execID", "comment", "oldName"} {
		delete(f.labels, attribute) // the rest are the container's labels
	}
	happened := time.Unix(0, e.TimeNano)
	switch e.Action {
	case events.ActionCreate:
		f.created = happened
	case events.ActionStart:
		f.died = time.Time{}
	case events.ActionDie:
		f.died = happened
		f.exit, _ = strconv.ParseInt(e.Actor.Attributes["exitCode"], 10, 64) // always a number
	case events.ActionDestroy:
		f.destroyed = true
	}
}

// inspect has a container inspected, after the inspection in flight if there is one.
func (k *containerKind) inspect(id string, since time.Time, ask func(string)) {
	if _, asked := k.inFlight[id]; asked {
		if _, again := k.dirty[id]; !again {
			k.dirty[id] = since
		}
		return
	}
	k.inFlight[id] = since
	ask(id)
}

func inspectContainer(ctx context.Context, cli *client.Client, id string, results chan<- inspection) {
	r := inspection{id: id}
	askCtx, cancel := context.WithTimeout(ctx, dockerTimeout)
	defer cancel()
	answer, err := cli.ContainerInspect(askCtx, id, client.ContainerInspectOptions{})
	if err == nil {
		r.object, err = parse(answer.Raw)
	}
	r.err = err
	select {
	case results <- r:
	case <-ctx.Done():
	}
}

// learn takes in the result of an inspection.
func (k *containerKind) learn(ctx context.Context, r inspection, ask func(string)) error {
	accepted := k.inFlight[r.id]
	delete(k.inFlight, r.id)
	changed := false
	switch {
	case r.err == nil:
		changed = k.see(r.id, r.object)
	case errdefs.IsNotFound(r.err):
		// Gone; its destroy event is on the way or was what made us ask.
	case errors.Is(r.err, context.DeadlineExceeded):
		k.log.Warn("docker did not answer", "container", r.id, "err", r.err) // the next recheck asks again
	default:
		return fmt.Errorf("inspect container %s: %w", r.id, r.err)
	}
	since, again := k.dirty[r.id]
	delete(k.dirty, r.id)
	switch f := k.facts[r.id]; {
	case f != nil && f.destroyed:
		changed = k.finish(r.id) || changed
	case again:
		k.inspect(r.id, since, ask)
	}
	if k.first != nil {
		delete(k.first, r.id)
		k.settleFirst(ctx)
		return nil
	}
	if changed {
		k.emit(ctx, accepted)
	}
	return nil
}

// settleFirst says that the source is listed once everything that was listed has been inspected.
func (k *containerKind) settleFirst(ctx context.Context) {
	if len(k.first) > 0 {
		return
	}
	k.first = nil
	k.col.settle("")
	k.emit(ctx, time.Now())
}

// see takes in a container as it was inspected and reports whether that changed anything.
func (k *containerKind) see(id string, object checks.Object) bool {
	if isOwn(labelsOf(object)) || isBuildStep(object) {
		k.ignored[id] = true
		delete(k.facts, id)
		return k.col.forget(id)
	}
	object["Name"] = strings.TrimPrefix(checks.Text(object, "Name"), "/")
	object["ImageName"] = checks.Text(object, "Config", "Image")
	return k.col.put(id, created(object), object)
}

// finish moves a container that was destroyed to the removed ones and reports whether that changed anything.
func (k *containerKind) finish(id string) bool {
	last := k.lastOf(id)
	delete(k.facts, id)
	if k.ignored[id] {
		delete(k.ignored, id)
		return false
	}
	if k.col.drop(id, last) {
		return true
	}
	if last == nil || reflect.DeepEqual(last, k.col.gone(id)) {
		return false
	}
	k.col.bury(id, last)
	return true
}

// lastOf is a container that is gone as it was in the end: as it was inspected last, and as its events say it ended.
// It is nil for what the builder made, and where nothing is known.
func (k *containerKind) lastOf(id string) checks.Object {
	f := k.facts[id]
	last := k.col.get(id)
	if last == nil {
		last = k.col.gone(id)
	}
	switch {
	case f == nil:
		return last
	case last == nil && isImageID(f.image):
		return nil // a step of the builder's, by all that can be told
	case last == nil:
		last = f.object(id)
	}
	if f.died.IsZero() || checks.Text(last, "State", "Status") == "exited" {
		return last
	}
	return with(last, "State", checks.Object{
		"Status":     "exited",
		"Running":    false,
		"Paused":     false,
		"Restarting": false,
		"Pid":        int64(0),
		"ExitCode":   f.exit,
		"FinishedAt": f.died.UTC().Format(time.RFC3339Nano),
	})
}

// object is a container of which only events are known.
func (f *facts) object(id string) checks.Object {
	labels := make(map[string]any, len(f.labels))
	for name, value := range f.labels {
		labels[name] = value
	}
	return checks.Object{
		"Id":        id,
		"Name":      f.name,
		"ImageName": f.image,
		"Created":   f.created.UTC().Format(time.RFC3339Nano),
		"Config":    checks.Object{"Image": f.image, "Labels": labels},
		"State":     checks.Object{"Status": "created", "Running": false},
	}
}

// isBuildStep reports whether the legacy builder made a container.
func isBuildStep(o checks.Object) bool {
	return isImageID(checks.Text(o, "Config", "Image")) && checks.Text(o, "HostConfig", "LogConfig", "Type") == "none"
}

func isImageID(image string) bool {
	return strings.HasPrefix(image, "sha256:") && len(image) == len("sha256:")+64
}

func labelsOf(o checks.Object) map[string]string {
	labels := map[string]string{}
	all, _ := checks.Field(o, "Config", "Labels").(map[string]any)
	for name, value := range all {
		labels[name], _ = value.(string)
	}
	return labels
}
