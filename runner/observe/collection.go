package observe

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/kubelab/kubelab/checks"
)

// maxRemoved bounds State.Removed. Docker's own memory of events ends at 256, too.
const maxRemoved = 256

// entry is an object and its place in the order.
type entry struct {
	id      string
	object  checks.Object
	created time.Time
	seen    uint64 // counts up in order of appearance, for objects of the same age
}

// collection is the objects of one source by identity. It belongs to one goroutine; the states it hands out are
// immutable: they share objects, which nobody changes, and slices, which are replaced and not written to.
type collection struct {
	entries map[string]*entry
	items   []checks.Object // in order; nil when entries has changed
	removed []entry
	seen    uint64
	synced  bool
	err     string
}

func newCollection() *collection { return &collection{entries: map[string]*entry{}} }

// put adds or replaces an object and reports whether that changed anything. Objects are ordered by created; those of
// the same age in the order of their first appearance.
func (c *collection) put(id string, created time.Time, object checks.Object) bool {
	old := c.entries[id]
	if old == nil {
		c.seen++
		c.entries[id] = &entry{id: id, object: object, created: created, seen: c.seen}
		c.items = nil
		return true
	}
	if reflect.DeepEqual(old.object, object) {
		return false
	}
	c.entries[id] = &entry{id: id, object: object, created: created, seen: old.seen}
	c.items = nil
	return true
}

// get returns an object that exists, or nil.
func (c *collection) get(id string) checks.Object {
	if e := c.entries[id]; e != nil {
		return e.object
	}
	return nil
}

// drop moves an object to the removed ones, as last (as it was, where last is nil), and reports whether it was there.
func (c *collection) drop(id string, last checks.Object) bool {
	e := c.entries[id]
	if e == nil {
		return false
	}
	delete(c.entries, id)
	c.items = nil
	if last == nil {
		last = e.object
	}
	c.bury(id, last)
	return true
}

// bury adds an object that is gone to the removed ones, or replaces it there.
func (c *collection) bury(id string, last checks.Object) {
	removed := slices.Clone(c.removed)
	if i := slices.IndexFunc(removed, func(e entry) bool { return e.id == id }); i >= 0 {
		removed[i].object = last
	} else {
		removed = append(removed, entry{id: id, object: last})
	}
	if n := len(removed) - maxRemoved; n > 0 {
		removed = slices.Delete(removed, 0, n)
	}
	c.removed = removed
}

// gone returns a removed object, or nil.
func (c *collection) gone(id string) checks.Object {
	for _, e := range c.removed {
		if e.id == id {
			return e.object
		}
	}
	return nil
}

// keep drops every object whose id is not in ids and reports whether there was one.
func (c *collection) keep(ids map[string]bool) bool {
	var missing []*entry
	for id, e := range c.entries {
		if !ids[id] {
			missing = append(missing, e)
		}
	}
	slices.SortFunc(missing, inOrder)
	for _, e := range missing {
		c.drop(e.id, nil)
	}
	return len(missing) > 0
}

// forget takes an object out as if it had never been there and reports whether it was.
func (c *collection) forget(id string) bool {
	if c.entries[id] == nil {
		return false
	}
	delete(c.entries, id)
	c.items = nil
	return true
}

// oldest returns the identity of the first object in order.
func (c *collection) oldest() string {
	var first *entry
	for _, e := range c.entries {
		if first == nil || inOrder(e, first) < 0 {
			first = e
		}
	}
	if first == nil {
		return ""
	}
	return first.id
}

// forgetAll empties the collection as if nothing had ever been there.
func (c *collection) forgetAll() {
	clear(c.entries)
	c.items, c.removed, c.synced = nil, nil, false
}

// settle notes that the source was listed (err is empty) or could not be seen, and reports whether that is news.
func (c *collection) settle(err string) bool {
	news := c.err != err || (err == "" && !c.synced)
	c.err = err
	c.synced = c.synced || err == ""
	return news
}

// state returns what the collection holds now.
func (c *collection) state() checks.State {
	if c.items == nil {
		entries := make([]*entry, 0, len(c.entries))
		for _, e := range c.entries {
			entries = append(entries, e)
		}
		slices.SortFunc(entries, inOrder)
		c.items = make([]checks.Object, len(entries))
		for i, e := range entries {
			c.items[i] = e.object
		}
	}
	removed := make([]checks.Object, len(c.removed))
	for i, e := range c.removed {
		removed[i] = e.object
	}
	return checks.State{Items: c.items, Removed: removed, Synced: c.synced, Err: c.err}
}

func inOrder(a, b *entry) int {
	return cmp.Or(a.created.Compare(b.created), cmp.Compare(a.seen, b.seen), strings.Compare(a.id, b.id))
}
