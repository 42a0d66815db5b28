package picture

import (
	"maps"
	"slices"

	"github.com/kubelab/kubelab/checks"
)

// Changes says what in a scene has changed just now.
type Changes struct {
	// lit are the keys of things that are new or look different, with the number of the change.
	lit map[string]int
	// gone are objects that do not exist any more, by source.
	gone map[string][]goneObject
}

type goneObject struct {
	object checks.Object
	change int
}

// Film is one picture over time. It knows no clock: whoever shows it settles each change after a while.
type Film struct {
	scene   Scene
	shown   bool
	prints  map[string]string
	changes Changes
	number  int
}

// Show takes over a scene. It returns the number of the change, for Settle, or 0 where nothing looks different. What
// is shown first, also of another kind or after its sources could not be seen, changes nothing.
func (f *Film) Show(s Scene) (change int) {
	was, had := f.scene, f.shown && f.scene.Kind == s.Kind && f.scene.Namespace == s.Namespace
	f.scene, f.shown = s, ready(s)
	if !f.shown || !had {
		f.changes, f.prints = Changes{}, nil
	}
	if !f.shown {
		return 0
	}
	e := newEye(s, Changes{}, Words{})
	e.look()
	before := f.prints
	f.prints = e.prints
	if !had {
		return 0
	}
	return f.compare(was, before)
}

// compare makes what is different from the scene before a change.
func (f *Film) compare(was Scene, before map[string]string) int {
	n := f.number + 1
	// What was handed out is not changed: a drawing may be under way.
	lit, gone, news := maps.Clone(f.changes.lit), map[string][]goneObject{}, false
	if lit == nil {
		lit = map[string]int{}
	}
	for key, print := range f.prints {
		if old, known := before[key]; !known || old != print {
			lit[key], news = n, true
		}
	}
	for _, w := range Watches(f.scene.Kind) {
		source := w.Source
		now := map[string]bool{}
		for _, o := range f.scene.Snapshot.State(source).Items {
			now[keyOf(source, o)] = true
		}
		for _, g := range f.changes.gone[source] {
			if !now[keyOf(source, g.object)] {
				gone[source] = append(gone[source], g)
			}
		}
		if source == checks.Commands || source == kubeEvents {
			continue // nothing of them is drawn by itself
		}
		for _, o := range was.Snapshot.State(source).Items {
			key := keyOf(source, o)
			if _, drawn := before[key]; drawn && !now[key] {
				gone[source], news = append(gone[source], goneObject{o, n}), true
			}
		}
	}
	f.changes = Changes{lit: lit, gone: gone}
	if !news {
		return 0
	}
	f.number = n
	return n
}

// Settle ends the marks of a change and of those before it, and reports whether there were any.
func (f *Film) Settle(change int) bool {
	lit, gone, settled := map[string]int{}, map[string][]goneObject{}, false
	for key, n := range f.changes.lit {
		if n > change {
			lit[key] = n
			continue
		}
		settled = true
	}
	for source, objects := range f.changes.gone {
		rest := slices.DeleteFunc(slices.Clone(objects), func(g goneObject) bool { return g.change <= change })
		settled = settled || len(rest) < len(objects)
		if len(rest) > 0 {
			gone[source] = rest
		}
	}
	f.changes = Changes{lit: lit, gone: gone}
	return settled
}

// Draw draws the newest scene with its changes marked.
func (f *Film) Draw(frame Frame) []Row {
	frame.Changes = f.changes
	return Draw(f.scene, frame)
}

// ready reports whether every source of a scene has been seen.
func ready(s Scene) bool {
	watches := Watches(s.Kind)
	return len(watches) > 0 && !slices.ContainsFunc(watches, func(w checks.Watch) bool { return !s.Snapshot.State(w.Key()).Synced })
}
