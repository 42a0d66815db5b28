package checks

import (
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
)

// view is what the expressions of one check see during one evaluation. It makes the values of variables when they are
// asked for, once each. It belongs to one evaluation and so to one goroutine.
type view struct {
	snap     Snapshot
	scope    Scope
	selector *selector // nil where there are no items
	all      bool
	values   map[string]any
	// items are the objects that the check is about; removed are those that are gone.
	items, removed []Object
}

var _ cel.Activation = (*view)(nil)

func newView(snap Snapshot, scope Scope, s *selector, all bool) *view {
	v := &view{snap: snap, scope: scope, selector: s, all: all, values: map[string]any{}}
	if s != nil {
		state, admits := snap.State(s.watch.Key()), s.bind(scope)
		v.items = filter(v.learners(s.watch, state.Items), admits)
		v.removed = filter(v.learners(s.watch, state.Removed), admits)
	}
	return v
}

// Parent implements cel.Activation.
func (v *view) Parent() cel.Activation { return nil }

// ResolveName implements cel.Activation.
func (v *view) ResolveName(name string) (any, bool) {
	if value, ok := v.values[name]; ok {
		return value, true
	}
	value, ok := v.resolve(name)
	if ok {
		v.values[name] = value
	}
	return value, ok
}

func (v *view) resolve(name string) (any, bool) {
	if source, ok := sourceVariables[name]; ok {
		return listValue(v.own(source)), true
	}
	switch name {
	case "items":
		return listValue(v.items), true
	case "removed":
		return listValue(v.removed), true
	case "now":
		return types.Timestamp{Time: v.scope.Now}, true
	case "stepStarted":
		return types.Timestamp{Time: v.scope.StepStarted}, true
	case "env":
		return v.scope.Env, true
	case "lastCommand":
		return Text(v.newestCommand(), "text"), true
	case "lastOutput":
		return Text(v.newestCommand(), "output"), true
	case "lastExit":
		return Int(v.newestCommand(), "exit"), true
	}
	if source, ok := strings.CutPrefix(name, prefixAll); ok {
		return listValue(v.snap.State(source).Items), true
	}
	if source, ok := strings.CutPrefix(name, prefixGlance); ok {
		state := v.snap.State(source)
		if !state.Synced {
			state.Items = nil
		}
		return listValue(state.Items), true
	}
	if source, ok := strings.CutPrefix(name, prefixMine); ok {
		return listValue(filter(v.own(source), inNamespace("")(v.scope))), true
	}
	if source, ok := strings.CutPrefix(name, prefixPresent); ok {
		objects := v.snap.State(source).Items
		if (Watch{Source: source}).Kubernetes() {
			objects = filter(objects, inNamespace("")(v.scope))
		}
		return listValue(objects), true
	}
	return nil, false
}

// own are the objects of a source that count as the learner's.
func (v *view) own(source string) []Object {
	w := Watch{Source: source}
	return v.learners(w, v.snap.State(w.Key()).Items)
}

// learners leaves out what was there before the lab began.
func (v *view) learners(w Watch, objects []Object) []Object {
	before := v.scope.Before[w.Key()]
	if v.all || len(before) == 0 {
		return objects
	}
	return filter(objects, func(o Object) bool { return !before[Identity(w.Source, o)] })
}

// newestCommand is the newest command that has ended, nil where there is none.
func (v *view) newestCommand() Object {
	commands := v.own(Commands)
	for i := len(commands) - 1; i >= 0; i-- {
		if !Bool(commands[i], "running") {
			return commands[i]
		}
	}
	return nil
}

func filter(objects []Object, keep func(Object) bool) []Object {
	out := make([]Object, 0, len(objects))
	for _, o := range objects {
		if keep(o) {
			out = append(out, o)
		}
	}
	return out
}

// listValue is a list of objects for CEL. The objects themselves are not converted.
func listValue(objects []Object) ref.Val {
	return objectList{celList(objects), objects}
}

// objectList is a list that functions of other sources read without going through CEL.
type objectList struct {
	traits.Lister
	objects []Object
}

// IsZeroValue implements traits.Zeroer, as CEL's own lists do.
func (l objectList) IsZeroValue() bool { return len(l.objects) == 0 }

func celList(objects []Object) traits.Lister {
	values := make([]ref.Val, len(objects))
	for i, o := range objects {
		values[i] = types.NewStringInterfaceMap(types.DefaultTypeAdapter, o)
	}
	return types.NewRefValList(types.DefaultTypeAdapter, values)
}
