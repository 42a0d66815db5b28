package observe

import (
	"context"
	"time"
)

const (
	// askEvery is how often a source that nobody tells of changes is asked while it is observed.
	askEvery = time.Second
	// askPause is the least pause between two questions, however often something else changes.
	askPause = 50 * time.Millisecond
)

// keepAsking calls ask at once, after every poke, and once in askEvery, until ctx ends.
func keepAsking(ctx context.Context, poked <-chan struct{}, ask func(context.Context)) {
	every := time.NewTicker(askEvery)
	defer every.Stop()
	for ctx.Err() == nil {
		ask(ctx)
		select {
		case <-ctx.Done():
			return
		case <-time.After(askPause):
		}
		select {
		case <-ctx.Done():
		case <-poked:
		case <-every.C:
		}
	}
}
