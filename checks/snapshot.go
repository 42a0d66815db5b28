package checks

import (
	"maps"
	"time"
)

// Object is one API object, decoded from JSON: a container, an image, a pod. Numbers without a fraction are int64.
type Object = map[string]any

// State is what one source shows at one moment.
type State struct {
	// Items are the objects that exist now, oldest first.
	Items []Object
	// Removed are objects that existed after observation began and are gone, oldest first, as they were last seen.
	// The list is bounded; the oldest are forgotten first.
	Removed []Object
	// Synced is false until the source has been listed once. Items is meaningless before.
	Synced bool
	// Err says, for a person, why the source cannot be seen at present. Items then holds what was seen last.
	Err string
	// Version grows with every change of this state.
	Version uint64
}

// Snapshot is an immutable view of every watched source at one moment. The zero value is an empty snapshot.
type Snapshot struct {
	// At is the time of the newest change in the snapshot.
	At     time.Time
	states map[string]State
}

// NewSnapshot returns a snapshot of states, which are keyed by Watch.Key and must not be changed afterwards.
func NewSnapshot(at time.Time, states map[string]State) Snapshot {
	return Snapshot{At: at, states: states}
}

// State returns the state of a source. A source that nobody observes is empty and not synced.
func (s Snapshot) State(key string) State { return s.states[key] }

// With returns a copy of s in which the source key has the given state.
func (s Snapshot) With(at time.Time, key string, state State) Snapshot {
	states := make(map[string]State, len(s.states)+1)
	maps.Copy(states, s.states)
	states[key] = state
	return Snapshot{At: at, states: states}
}
