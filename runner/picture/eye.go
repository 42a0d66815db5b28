package picture

import (
	"slices"
	"strings"

	"github.com/kubelab/kubelab/checks"
)

// eye reads a scene: it finds the objects, notes how each of them looks, and marks what has changed.
type eye struct {
	Scene
	words   Words
	changes Changes
	// prints is how each thing looks, by its key.
	prints map[string]string
	gone   map[string]bool // the keys of what is no more
}

func newEye(s Scene, c Changes, w Words) *eye {
	if s.Namespace == "" {
		s.Namespace = "default"
	}
	e := &eye{Scene: s, words: w, changes: c, prints: map[string]string{}, gone: map[string]bool{}}
	for source, objects := range c.gone {
		for _, o := range objects {
			e.gone[keyOf(source, o.object)] = true
		}
	}
	return e
}

// keyOf tells objects apart for as long as they exist: an image that got another tag is still the same.
func keyOf(source string, o checks.Object) string {
	if id := checks.Text(o, "Id"); id != "" {
		return source + "/" + id
	}
	if id := uid(o); id != "" {
		return source + "/" + id
	}
	return source + "/" + checks.Text(o, "metadata", "namespace") + "/" + rawName(o)
}

// items are the objects of a source, oldest first, those included that have gone just now.
func (e *eye) items(source string) []checks.Object {
	items, gone := e.Snapshot.State(source).Items, e.changes.gone[source]
	if len(gone) == 0 {
		return items
	}
	items = slices.Clone(items)
	for _, g := range gone {
		items = append(items, g.object)
	}
	slices.SortStableFunc(items, func(a, b checks.Object) int { return strings.Compare(created(a), created(b)) })
	return items
}

// own are the objects of a source that are in the learner's namespace.
func (e *eye) own(source string) []checks.Object {
	var out []checks.Object
	for _, o := range e.items(source) {
		if e.isOwn(o) {
			out = append(out, o)
		}
	}
	return out
}

func (e *eye) isOwn(o checks.Object) bool {
	return checks.Text(o, "metadata", "namespace") == e.Namespace
}

// see notes how a thing looks and returns whether that is news. Times that pass are no part of the look.
func (e *eye) see(key string, look ...string) Mark {
	e.prints[key] = strings.Join(look, "\x00")
	switch {
	case e.gone[key]:
		return Gone
	case e.changes.lit[key] > 0:
		return Fresh
	}
	return Still
}

// seeObject is see for an object of a source.
func (e *eye) seeObject(source string, o checks.Object, look ...string) Mark {
	return e.see(keyOf(source, o), look...)
}

// look notes how everything in the scene looks.
func (e *eye) look() {
	switch e.Kind {
	case Containers:
		e.containers()
	case Layers:
		e.images()
	case Nodes:
		e.nodes()
	case Service:
		e.groups()
	case Rollout:
		e.rollouts()
	case Events:
		e.story()
	}
}
