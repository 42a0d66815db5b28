package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kubelab/kubelab/runner/engine"
)

func TestDurations(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "durations.json")
	work := func(d time.Duration) []engine.Step {
		return []engine.Step{{Name: "cluster", Do: func(context.Context, *engine.Task) error {
			time.Sleep(d) // in a bubble of synctest, where it takes no time
			return nil
		}}}
	}
	usual := func(d time.Duration) (seen time.Duration) {
		synctest.Test(t, func(t *testing.T) {
			took := engine.LoadDurations(path)
			err := engine.Run(t.Context(), work(d), took, func(p engine.Progress) { seen = p.Usual })
			if err != nil {
				t.Fatal(err)
			}
			if err := took.Save(); err != nil {
				t.Fatal(err)
			}
		})
		return seen
	}
	for _, c := range []struct{ takes, usual time.Duration }{
		{20 * time.Second, 0},
		{10 * time.Millisecond, 20 * time.Second}, // nothing to do: says nothing about the work
		{30 * time.Second, 20 * time.Second},
		{time.Second, 30 * time.Second},
	} {
		if got := usual(c.takes); got != c.usual {
			t.Errorf("usual = %v, want %v", got, c.usual)
		}
	}
	if err := os.WriteFile(path, []byte("{torn"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := usual(0); got != 0 {
		t.Errorf("usual from a torn file = %v, want 0", got)
	}
}
