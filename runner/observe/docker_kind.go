package observe

import (
	"context"
	"log/slog"
	"time"

	"github.com/moby/moby/client"
)

// kindBase is what all kinds of Docker's objects have in common.
type kindBase struct {
	name   string
	log    *slog.Logger
	out    emitter
	col    *collection
	events *queue[dockerEvent]
	looks  chan struct{}
}

func newKindBase(name string, out emitter, log *slog.Logger) kindBase {
	return kindBase{
		name:   name,
		log:    log,
		out:    out,
		col:    newCollection(),
		events: newQueue[dockerEvent](),
		looks:  make(chan struct{}, 1),
	}
}

func (b *kindBase) put(e dockerEvent) { b.events.put(e) }

func (b *kindBase) look() {
	select {
	case b.looks <- struct{}{}:
	default:
	}
}

func (b *kindBase) fail(ctx context.Context, err string) {
	if b.col.settle(err) {
		b.emit(ctx, time.Now())
	}
}

func (b *kindBase) emit(ctx context.Context, accepted time.Time) {
	b.out.emit(ctx, b.name, b.col.state(), accepted)
}

// lister is a kind that is cheap enough to be brought up to date as a whole.
type lister interface {
	// list brings the collection up to date with what exists and reports whether it changed.
	list(ctx context.Context, cli *client.Client) (changed bool, err error)
	// concerns reports whether an event can have changed what is listed.
	concerns(dockerEvent) bool
}

// followLister is follow for a lister.
func (b *kindBase) followLister(ctx context.Context, cli *client.Client, l lister) error {
	recheck := time.NewTicker(dockerRecheck)
	defer recheck.Stop()
	relist := func(accepted time.Time, tell bool) error {
		listCtx, cancel := context.WithTimeout(ctx, dockerTimeout)
		defer cancel()
		changed, err := l.list(listCtx, cli)
		if err != nil {
			return err
		}
		if b.col.settle("") || changed || tell {
			b.emit(ctx, accepted)
		}
		return nil
	}
	// The last connection may have ended before what it saw was told.
	if err := relist(time.Now(), true); err != nil {
		return err
	}
	for {
		accepted, needed := time.Now(), true
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-recheck.C:
		case <-b.looks:
		case <-b.events.ready:
			accepted, needed = firstOf(b.events.take(), l.concerns)
		}
		if !needed {
			continue
		}
		if err := relist(accepted, false); err != nil {
			return err
		}
	}
}

// firstOf returns when the first of the events that concern somebody was received, and whether there is one.
func firstOf(batch []dockerEvent, concerns func(dockerEvent) bool) (time.Time, bool) {
	for _, e := range batch {
		if concerns(e) {
			return e.received, true
		}
	}
	return time.Time{}, false
}
