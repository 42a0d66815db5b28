package main

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// TestRelocated tells programs apart whose pages must be left alone.
func TestRelocated(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module x\n")
	write(t, filepath.Join(dir, "main.go"), "package main\n\nfunc main() {}\n")
	for mode, want := range map[string]bool{"exe": false, "pie": true} {
		program := filepath.Join(dir, mode)
		cmd := exec.Command("go", "build", "-buildmode", mode, "-o", program)
		cmd.Dir = dir
		cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if got := relocated(program); got != want {
			t.Errorf("%s: %v", mode, got)
		}
	}
	if !relocated(filepath.Join(dir, "nowhere")) {
		t.Error("a program that cannot be read is taken for one whose pages can be dropped")
	}
}
