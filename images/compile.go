package images

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// binary is where a program's binary is kept: with its version and what it was built from in the name, so that another
// version never passes for it.
func (s *Store) binary(p program, name string) string {
	return filepath.Join(s.cache, "bin", name+"-"+p.version+"-"+p.hash())
}

// compiled reports that all binaries of a program are in the cache.
func (s *Store) compiled(p program) bool {
	for _, name := range p.binaries() {
		if !exists(s.binary(p, name)) {
			return false
		}
	}
	return true
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// compileStep is the step that builds a program.
func (s *Store) compileStep(k Kind, p program, title string) *step {
	return &step{
		kind: k, id: p.name + "-binary", title: title, lane: compiler,
		needs: []need{needLinux, needGo},
		done:  func() bool { return s.compiled(p) },
		run:   func(ctx context.Context, t *task) error { return t.compile(ctx, p) },
	}
}

// compile builds a program of recipes/ into the cache. Go's own build cache lets an interrupted compilation go on where
// it ended.
func (t *task) compile(ctx context.Context, p program) error {
	if err := t.module(p.name); err != nil {
		return err
	}
	targets := p.packages
	if len(targets) == 0 {
		targets = []string{"."}
	}
	for i, name := range p.binaries() {
		target := t.store.binary(p, name)
		argv := []string{"go", "build", "-v", "-trimpath", "-ldflags", p.ldflags}
		if p.tags != "" {
			argv = append(argv, "-tags", p.tags)
		}
		argv = append(argv, "-o", partialPath(target), targets[i])
		if err := t.goRun(ctx, argv, nil); err != nil {
			return err
		}
		if err := finish(target); err != nil {
			return fmt.Errorf("keep %s: %w", name, err)
		}
	}
	return nil
}

// module lays a module of recipes/ out in the work folder.
func (t *task) module(name string) error {
	folder := path.Join("recipes", name)
	entries, err := recipes.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("read recipe %s: %w", name, err)
	}
	for _, entry := range entries {
		file, isSource := strings.CutSuffix(entry.Name(), ".txt")
		if !isSource {
			continue
		}
		content, err := recipes.ReadFile(path.Join(folder, entry.Name()))
		if err != nil {
			return fmt.Errorf("read recipe %s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(t.work, file), content, 0o644); err != nil {
			return fmt.Errorf("lay out module %s: %w", name, err)
		}
	}
	return nil
}

// goRun runs the go command in the work folder, free of settings that are about the user's own modules.
func (t *task) goRun(ctx context.Context, argv []string, stdout *strings.Builder) error {
	compiler, _ := t.store.machine.look("go")
	c := command{
		argv: argv, path: compiler, dir: t.work,
		env: []string{"CGO_ENABLED=0", "GOWORK=off", "GO111MODULE=on", "GOFLAGS=-mod=readonly", "GOOS=linux"},
	}
	if stdout != nil {
		c.stdout = stdout
	}
	return t.run(ctx, c)
}
