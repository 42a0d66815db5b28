package observe

import (
	"maps"
	"slices"
)

// subscriber is one reader of updates. Its channel holds at most one update, and only the loop sends: it takes an
// unread update back, merges it into the new one and sends that, so it never waits and the newest state is never lost.
type subscriber struct {
	updates chan Update
}

func newSubscriber() *subscriber { return &subscriber{updates: make(chan Update, 1)} }

// send must be called by the loop alone.
func (s *subscriber) send(u Update) {
	select {
	case unread := <-s.updates:
		u = merge(unread, u)
	default:
	}
	s.updates <- u
}

func (s *subscriber) close() { close(s.updates) }

// merge returns one update that says what older and newer say.
func merge(older, newer Update) Update {
	moved := map[string]bool{}
	for _, key := range slices.Concat(older.Moved, newer.Moved) {
		moved[key] = true
	}
	newer.Moved = slices.Sorted(maps.Keys(moved))
	if older.Accepted.Before(newer.Accepted) {
		newer.Accepted = older.Accepted
	}
	return newer
}
