package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Durations remembers how long each step took when it last had something to do. A nil *Durations remembers nothing.
type Durations struct {
	path string
	mu   sync.Mutex
	last map[string]time.Duration
}

// LoadDurations reads what an earlier run saved at path. A missing or unreadable file means that nothing is known:
// durations are a courtesy, and must never keep an environment from coming up.
func LoadDurations(path string) *Durations {
	d := &Durations{path: path, last: map[string]time.Duration{}}
	if b, err := os.ReadFile(path); err == nil {
		_ = json.Unmarshal(b, &d.last)
	}
	if d.last == nil {
		d.last = map[string]time.Duration{}
	}
	return d
}

// Of returns how long the step took last time, 0 where that is not known.
func (d *Durations) Of(step string) time.Duration {
	if d == nil {
		return 0
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.last[step]
}

// set remembers a duration. A step that found its work done says nothing about how long the work takes.
func (d *Durations) set(step string, took time.Duration) {
	if d == nil || took < time.Second {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last[step] = took
}

// Save writes what is known. Where nothing is, no file is made.
func (d *Durations) Save() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.last) == 0 {
		return nil
	}
	b, err := json.Marshal(d.last)
	if err != nil {
		return fmt.Errorf("encode durations: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(d.path), 0o700); err != nil {
		return fmt.Errorf("save durations: %w", err)
	}
	if err := os.WriteFile(d.path, b, 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("save durations: %w", err)
	}
	return nil
}
