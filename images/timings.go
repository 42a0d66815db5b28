package images

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"
)

// firstTime is what the steps took on two cores with empty caches and Debian's and Go's mirrors near by.
var firstTime = map[string]time.Duration{
	"busybox-binary":                3 * time.Second,
	"busybox-image":                 time.Second,
	"nodejs-root":                   50 * time.Second,
	"nodejs-image":                  5 * time.Second,
	"registry-binary":               75 * time.Second,
	"registry-image":                2 * time.Second,
	"k8s-binary":                    6 * time.Minute,
	"containerd-binary":             70 * time.Second,
	"coredns-binary":                75 * time.Second,
	"pause-binary":                  3 * time.Second,
	"local-path-provisioner-binary": 10 * time.Second,
	"kindnode-root":                 55 * time.Second,
	"kindnode-busybox":              3 * time.Second,
	"kindnode-store":                25 * time.Second,
	"compose-binary":                55 * time.Second,
	"kindnode-image":                40 * time.Second,
}

// timings remembers how long every step took the last time it ran to its end.
type timings struct {
	path string
	mu   sync.Mutex
	// seconds is what the file holds: seconds by step.
	seconds map[string]float64
	// problem is the first error of writing the file: a reason to say so, not one to fail.
	problem error
}

// loadTimings reads the file; one that is missing or broken is an empty one.
func loadTimings(path string) *timings {
	t := &timings{path: path, seconds: map[string]float64{}}
	content, err := os.ReadFile(path)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			t.problem = fmt.Errorf("read timings: %w", err)
		}
		return t
	}
	if json.Unmarshal(content, &t.seconds) != nil || t.seconds == nil {
		t.seconds = map[string]float64{}
	}
	return t
}

// usual is how long the step took last time, or an estimate where it never ran.
func (t *timings) usual(step string) (took time.Duration, estimated bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s, ok := t.seconds[step]; ok {
		return time.Duration(s * float64(time.Second)), false
	}
	return firstTime[step], true
}

// record keeps a duration for next time.
func (t *timings) record(step string, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seconds[step] = took.Round(time.Millisecond).Seconds()
	content, err := json.MarshalIndent(t.seconds, "", "  ")
	if err == nil {
		err = writeWhole(t.path, func(file *os.File) error {
			_, err := file.Write(append(content, '\n'))
			return err
		})
	}
	if err != nil && t.problem == nil {
		t.problem = fmt.Errorf("keep timings: %w", err)
	}
}
