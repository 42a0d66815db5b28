package images

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestTimings(t *testing.T) {
	path := filepath.Join(t.TempDir(), "timings.json")
	first := loadTimings(path)
	if took, estimated := first.usual("k8s-binary"); took != 6*time.Minute || !estimated {
		t.Errorf("a step that never ran takes %s (estimated: %v), expected the estimate", took, estimated)
	}
	if took, _ := first.usual("unheard-of"); took != 0 {
		t.Errorf("an unknown step takes %s, expected 0", took)
	}
	first.record("k8s-binary", 12*time.Second)
	again := loadTimings(path)
	if took, estimated := again.usual("k8s-binary"); took != 12*time.Second || estimated {
		t.Errorf("got %s (estimated: %v), expected what was recorded", took, estimated)
	}
	if again.problem != nil {
		t.Error(again.problem)
	}
	for _, broken := range []string{"", "{\"k8s-bin", "null", "[1]"} {
		if err := os.WriteFile(path, []byte(broken), 0o644); err != nil {
			t.Fatal(err)
		}
		ts := loadTimings(path)
		ts.record("x", time.Second) // must not fail on what was read
		if took, _ := loadTimings(path).usual("x"); took != time.Second {
			t.Errorf("after a file with %q: got %s, expected 1s", broken, took)
		}
	}
}

func TestActivityReportsTimesAndRemembersGoodEndsOnly(t *testing.T) {
	now := time.Unix(0, 0)
	path := filepath.Join(t.TempDir(), "timings.json")
	var j journal
	r := &reporter{report: j.add, timings: loadTimings(path), now: func() time.Time { return now }}
	act := r.begin(Progress{Kind: Registry, Step: "registry-binary", Title: "컴파일", N: 1, Of: 2})
	now = now.Add(3 * time.Second)
	act.detail("net/http")
	now = now.Add(time.Second)
	act.end(nil)
	last := j.all[len(j.all)-1]
	if len(j.all) != 3 || j.all[1].Detail != "net/http" || j.all[1].Took != 3*time.Second || j.all[0].Usual != 75*time.Second || !j.all[0].Estimated {
		t.Errorf("news are %+v", j.all)
	}
	if last.Status != Done || last.Took != 4*time.Second || last.N != 1 || last.Of != 2 {
		t.Errorf("the last news is %+v", last)
	}
	r.begin(Progress{Step: "registry-binary"}).end(errors.New("broken"))
	if took, estimated := loadTimings(path).usual("registry-binary"); took != 4*time.Second || estimated {
		t.Errorf("remembered is %s, expected the 4s of the good run", took)
	}
}

func TestWriteWholeLeavesNoHalfFile(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "file")
	half := errors.New("interrupted")
	err := writeWhole(path, func(f *os.File) error {
		f.WriteString("half")
		return half
	})
	entries, _ := os.ReadDir(folder)
	if !errors.Is(err, half) || len(entries) > 0 {
		t.Fatalf("got %v and %v, expected the error and nothing written", err, entries)
	}
	write := func(text string) error {
		return writeWhole(path, func(f *os.File) error {
			_, err := f.WriteString(text)
			return err
		})
	}
	if err := write("whole"); err != nil {
		t.Fatal(err)
	}
	// A second writer that fails leaves the first one's file.
	writeWhole(path, func(f *os.File) error { f.WriteString("x"); return half })
	if content, err := os.ReadFile(path); string(content) != "whole" {
		t.Errorf("got %q, %v, expected the whole file", content, err)
	}
	if entries, _ := os.ReadDir(folder); len(entries) != 1 {
		t.Errorf("left are %v, expected the one file", entries)
	}
}
