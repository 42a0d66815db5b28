package plain

import (
	"slices"
	"testing"

	"github.com/kubelab/kubelab/internal/lang/langtest"
)

func TestCatalogues(t *testing.T) { langtest.Complete(t, korean(), english()) }

// TestEveryCommandHasHelp holds that the help says something of each command, and of nothing else.
func TestEveryCommandHasHelp(t *testing.T) {
	seen := map[string]bool{}
	var ids []string
	for _, c := range commands() {
		ids = append(ids, c.id)
		for _, name := range c.names {
			if seen[name] {
				t.Errorf("%q is two commands", name)
			}
			seen[name] = true
		}
		if korean().help[c.id] == "" {
			t.Errorf("%s has no help", c.id)
		}
	}
	for id := range korean().help {
		if !slices.Contains(ids, id) {
			t.Errorf("the help says something of %s, which is no command", id)
		}
	}
}
