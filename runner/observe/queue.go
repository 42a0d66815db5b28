package observe

import "sync"

// queue hands what comes in over in batches and never holds up who puts: Docker drops the events of a listener who is
// slow for 100 ms, and client-go's handlers must not block.
type queue[T any] struct {
	mu      sync.Mutex
	waiting []T
	// ready receives after something was put.
	ready chan struct{}
}

func newQueue[T any]() *queue[T] { return &queue[T]{ready: make(chan struct{}, 1)} }

func (q *queue[T]) put(v T) {
	q.mu.Lock()
	q.waiting = append(q.waiting, v)
	q.mu.Unlock()
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

// take returns all that waits, oldest first, and may return nothing. It takes back what ready says of it.
func (q *queue[T]) take() []T {
	select {
	case <-q.ready:
	default:
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	batch := q.waiting
	q.waiting = nil
	return batch
}
