// Package imports holds the test that keeps imports going one way; docs/ARCHITECTURE.md has the table.
package imports

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/kubelab/kubelab/"

// allowed says which of our own packages a package may import. A name that ends in /… stands for the folders below, too.
// Tests may import more: only the program's own files are looked at.
var allowed = map[string][]string{
	"cmd/kubelab":        {"checks", "labs", "content", "images", "internal/clean", "internal/lang", "internal/spelling", "runner/…"},
	"content":            {},
	"checks":             {},
	"labs":               {"checks"},
	"labs/search":        {"labs", "internal/clean"},
	"images":             {},
	"internal/clean":     {},
	"internal/lang":      {},
	"internal/spelling":  {},
	"runner/engine":      {},
	"runner/engine/kind": {"runner/engine", "runner/engine/kind/…"},
	"runner/observe":     {"checks", "runner/engine"},
	"runner/shell":       {"checks"},
	"runner/picture":     {"checks", "internal/clean"},
	"runner/session":     {"checks", "labs", "internal/lang", "runner/engine", "runner/observe", "runner/picture"},
	"runner/plain":       {"checks", "labs", "labs/search", "internal/clean", "internal/lang", "runner/engine", "runner/session", "runner/shell"},
	"runner/tui":         {"checks", "labs", "labs/search", "internal/clean", "internal/lang", "runner/engine", "runner/picture", "runner/session", "runner/shell"},
	"runner/validate":    {"checks", "labs", "runner/engine", "runner/observe", "runner/session"},
}

func TestImportsGoOneWay(t *testing.T) {
	root := filepath.Join("..", "..")
	seen := map[string]bool{}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && file != root || d.Name() == "testdata" || d.Name() == "bin") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		rel, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(rel)
		rule, known := ruleOf(pkg)
		if !known {
			t.Errorf("%s: no rule says what package %s may import", file, pkg)
			return nil
		}
		seen[pkg] = true
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			own, ok := strings.CutPrefix(imported, module)
			if ok && !within(own, rule) && !strings.HasPrefix(own, pkg+"/") {
				t.Errorf("%s imports %s, which %s may not", file, own, pkg)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range allowed {
		if !seen[pkg] {
			t.Errorf("the rule for %s is about a package that is not there", pkg)
		}
	}
}

// ruleOf finds the rule of a package or of the nearest folder above it that has one.
func ruleOf(pkg string) ([]string, bool) {
	for dir := pkg; dir != "."; dir = path.Dir(dir) {
		if rule, ok := allowed[dir]; ok {
			return rule, true
		}
	}
	return nil, false
}

func within(pkg string, rule []string) bool {
	return slices.ContainsFunc(rule, func(r string) bool {
		if below, ok := strings.CutSuffix(r, "/…"); ok {
			return pkg == below || strings.HasPrefix(pkg, below+"/")
		}
		return pkg == r
	})
}
