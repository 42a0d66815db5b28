package checks

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// at is the time of every test's snapshot.
var at = time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)

// parse is the Object of a JSON text.
func parse(t testing.TB, text string) Object {
	t.Helper()
	o, err := ParseObject([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// fixture is an object of testdata: what a Docker Engine 20.10 (API 1.41) answered.
func fixture(t testing.TB, name string) Object {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, string(text))
}

// objects are the Objects of JSON texts.
func objects(t testing.TB, texts ...string) []Object {
	t.Helper()
	var out []Object
	for _, text := range texts {
		out = append(out, parse(t, text))
	}
	return out
}

// seen is a snapshot in which each source has been listed and shows items.
func seen(items map[string][]Object) Snapshot {
	states := map[string]State{}
	for key, objects := range items {
		states[key] = State{Items: objects, Synced: true}
	}
	return NewSnapshot(at, states)
}

func mustCompile(t testing.TB, spec Spec) *Check {
	t.Helper()
	if spec.Title == "" {
		spec.Title = "제목"
	}
	if spec.Tell == nil {
		spec.Tell = []Tell{{Say: "설명"}}
	}
	c := New(spec)
	if err := c.Compile(); err != nil {
		t.Fatalf("compile (%q): %v", spec.Expect, err)
	}
	return c
}

// mistakes compiles a spec that must not compile.
func mistakes(t testing.TB, spec Spec) Errors {
	t.Helper()
	err := New(spec).Compile()
	var errs Errors
	if !errors.As(err, &errs) {
		t.Fatalf("compile (%+v) = %v, want Errors", spec, err)
	}
	return errs
}
