package validate

import (
	"fmt"
	"maps"
	"strings"

	"github.com/kubelab/kubelab/checks"
)

// cheat is a state of the world that only looks like the right one, made from a right one.
type cheat struct {
	// name is what `allows` in a step calls it.
	name string
	// world says what it is like, for a message.
	world string
	// apply changes a moment and reports whether that changed anything which the step's checks look at.
	apply func(*world)
}

// generic are the cheats that are tried on every step.
func generic() []cheat {
	return []cheat{
		{"empty", "nothing is there at all", (*world).empty},
		{"before", "everything was there before the lab began", (*world).before},
		{"zero", "everything is scaled to 0 and there are no pods", (*world).zero},
		{"owner", "all pods and replica sets belong to something else", (*world).disown},
		{"typed", "there are only files, which can be typed by hand", (*world).typed},
		{"namespace", "the objects are in another namespace", (*world).move},
	}
}

// Cheats are the names of the generic cheats, in the order in which they are tried.
func Cheats() []string {
	var names []string
	for _, c := range generic() {
		names = append(names, c.name)
	}
	return names
}

// cheats proves that none of the generic cheats passes, and that those which the step allows would.
func (p *proof) cheats() {
	right := p.solved[len(p.solved)-1]
	for _, c := range generic() {
		reason, allowed := p.step.Allows[c.name]
		w := newWorld(right)
		c.apply(w)
		if !w.changed && !allowed {
			continue // nothing of it can be seen in this step
		}
		p.file(p.time(Cheat, c.name, p.step.Line, func() string {
			switch passes := w.changed && w.moment().passes(); {
			case passes && !allowed:
				return fmt.Sprintf("every check passes where %s; the step says `allows: {%s: reason}` if that is a right answer", c.world, c.name)
			case allowed && !passes:
				return fmt.Sprintf("the step allows %q (%s), and does not pass where %s: the allowance is not needed", c.name, reason, c.world)
			}
			return ""
		}))
	}
}

// world is a moment that is being changed.
type world struct {
	from    moment
	scope   checks.Scope
	states  map[string]checks.State
	watched map[string]checks.Watch
	// home are the namespaces in which the lab's objects are: the learner's, and those that a check of the step selects.
	home    map[string]bool
	changed bool
}

func newWorld(m moment) *world {
	w := &world{
		from: m, scope: m.scope, states: map[string]checks.State{}, watched: map[string]checks.Watch{},
		home: map[string]bool{m.scope.Namespace: m.scope.Namespace != ""},
	}
	for _, c := range m.step.Checks {
		if selected := c.Spec.Select["namespace"]; selected != "" && selected != "*" {
			w.home[selected] = true
		}
		for _, watch := range c.Watches() {
			w.watched[watch.Key()] = watch
			w.states[watch.Key()] = m.snap.State(watch.Key())
		}
	}
	return w
}

func (w *world) moment() moment {
	return moment{step: w.from.step, snap: checks.NewSnapshot(w.from.snap.At, w.states), scope: w.scope}.judged()
}

// own reports whether an object is the lab's to change: what is in other namespaces may be of a lab that is replayed
// at the same time.
func (w *world) own(watch checks.Watch, o checks.Object) bool {
	if !watch.Kubernetes() {
		return watch.Source != checks.Logs || o["namespace"] == w.scope.Namespace
	}
	ns := checks.Text(o, "metadata", "namespace")
	return ns == "" || w.home[ns]
}

// each replaces the objects of a source by what change makes of those that are the lab's; nil takes one away.
func (w *world) each(watch checks.Watch, change func(checks.Object) checks.Object) (gone []checks.Object) {
	state := w.states[watch.Key()]
	items := make([]checks.Object, 0, len(state.Items))
	for _, o := range state.Items {
		next := o
		if w.own(watch, o) {
			next = change(o)
		}
		if next == nil {
			gone = append(gone, o)
			continue
		}
		items = append(items, next)
	}
	state.Items = items
	w.states[watch.Key()] = state
	return gone
}

// clear takes away all that there is and was of a source.
func (w *world) clear(watch checks.Watch) {
	state := w.states[watch.Key()]
	for _, o := range append(state.Items[:len(state.Items):len(state.Items)], state.Removed...) {
		w.changed = w.changed || w.own(watch, o)
	}
	state.Items, state.Removed = nil, nil
	w.states[watch.Key()] = state
}

func (w *world) empty() {
	for _, watch := range w.watched {
		w.clear(watch)
	}
}

// typed leaves nothing but files. Where there are none it is empty, which is tried anyway.
func (w *world) typed() {
	files := len(w.states[checks.Files].Items) > 0
	for _, watch := range w.watched {
		if watch.Source != checks.Files {
			w.clear(watch)
		}
	}
	w.changed = w.changed && files
}

// before makes everything part of the baseline. A check that says all does not look at that.
func (w *world) before() {
	old := w.scope.Before
	w.scope.Before = maps.Clone(old)
	if w.scope.Before == nil {
		w.scope.Before = map[string]map[string]bool{}
	}
	for _, c := range w.from.step.Checks {
		for _, watch := range c.Watches() {
			ids := maps.Clone(old[watch.Key()])
			if ids == nil {
				ids = map[string]bool{}
			}
			state := w.states[watch.Key()]
			for _, o := range append(state.Items[:len(state.Items):len(state.Items)], state.Removed...) {
				id := checks.Identity(watch.Source, o)
				if id == "" {
					continue
				}
				w.changed = w.changed || !c.All && !ids[id] && w.own(watch, o)
				ids[id] = true
			}
			w.scope.Before[watch.Key()] = ids
		}
	}
}

// zero scales everything down: no pods, no logs of theirs, and no addresses behind services.
func (w *world) zero() {
	for key, watch := range w.watched {
		switch {
		case watch.Source == "pods" || watch.Source == checks.Logs:
			gone := w.each(watch, func(checks.Object) checks.Object { return nil })
			state := w.states[key]
			state.Removed = append(state.Removed[:len(state.Removed):len(state.Removed)], gone...)
			w.states[key] = state
			w.changed = w.changed || len(gone) > 0
		case watch.Source == "endpoints":
			w.each(watch, func(o checks.Object) checks.Object { return w.without(o, "subsets") })
		case watch.Source == "endpointslices.discovery.k8s.io":
			w.each(watch, func(o checks.Object) checks.Object { return w.without(o, "endpoints") })
		case watch.Kubernetes():
			w.each(watch, w.scaled)
		}
	}
}

// without is an object without a field.
func (w *world) without(o checks.Object, field string) checks.Object {
	if _, there := o[field]; !there {
		return o
	}
	w.changed = true
	o = maps.Clone(o)
	delete(o, field)
	return o
}

// scaled is an object that wants no replicas and has none, where it is of a kind that has.
func (w *world) scaled(o checks.Object) checks.Object {
	spec, _ := o["spec"].(map[string]any)
	replicas, scales := spec["replicas"]
	if !scales {
		return o
	}
	if replicas != int64(0) {
		w.changed = true
		o, spec = maps.Clone(o), maps.Clone(spec)
		spec["replicas"] = int64(0)
		o["spec"] = spec
	}
	return w.lonely(o)
}

// lonely is an object whose status counts no pods.
func (w *world) lonely(o checks.Object) checks.Object {
	status, _ := o["status"].(map[string]any)
	counted := maps.Clone(status)
	for field := range status {
		if lower := strings.ToLower(field); strings.HasSuffix(lower, "replicas") || strings.HasPrefix(lower, "number") {
			delete(counted, field) // the API leaves out what is zero
		}
	}
	if len(counted) == len(status) {
		return o
	}
	w.changed = true
	o = maps.Clone(o)
	o["status"] = counted
	return o
}

// disown gives what belongs to something to something else, and leaves those it belonged to without.
func (w *world) disown() {
	stolen := false
	for _, watch := range w.watched {
		if watch.Source != "pods" && watch.Source != "replicasets.apps" {
			continue
		}
		w.each(watch, func(o checks.Object) checks.Object {
			meta, _ := o["metadata"].(map[string]any)
			owners, _ := meta["ownerReferences"].([]any)
			if len(owners) == 0 {
				return o
			}
			stolen = true
			o, meta = maps.Clone(o), maps.Clone(meta)
			meta["ownerReferences"] = []any{map[string]any{
				"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": strange, "uid": strange, "controller": true,
			}}
			o["metadata"] = meta
			return o
		})
	}
	if !stolen {
		return
	}
	w.changed = true
	for _, watch := range w.watched {
		if watch.Kubernetes() {
			w.each(watch, w.lonely)
		}
	}
}

// strange is the name of what a lab knows nothing of.
const strange = "kubelab-other"

// move puts the objects of the lab's namespaces into another.
func (w *world) move() {
	for _, watch := range w.watched {
		state := w.states[watch.Key()]
		state.Items, state.Removed = w.moved(watch, state.Items), w.moved(watch, state.Removed)
		w.states[watch.Key()] = state
	}
}

func (w *world) moved(watch checks.Watch, objects []checks.Object) []checks.Object {
	out := make([]checks.Object, 0, len(objects))
	for _, o := range objects {
		switch {
		case watch.Source == checks.Logs && w.own(watch, o):
			w.changed = true // only the logs of the learner's namespace are seen
			continue
		case watch.Kubernetes() && w.home[checks.Text(o, "metadata", "namespace")]:
			o = maps.Clone(o)
			meta := maps.Clone(o["metadata"].(map[string]any))
			meta["namespace"] = strange
			o["metadata"] = meta
			w.changed = true
		}
		out = append(out, o)
	}
	return out
}
