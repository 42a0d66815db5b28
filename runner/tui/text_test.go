package tui

import (
	"testing"

	"github.com/kubelab/kubelab/internal/lang"
	"github.com/kubelab/kubelab/internal/lang/langtest"
)

func TestCatalogues(t *testing.T) {
	langtest.Complete(t, korean(), english())
	for _, l := range lang.All() {
		if got, want := catalogue(l).keys.quit, map[lang.Lang]string{lang.Korean: "끝내기", lang.English: "quit"}[l]; got != want {
			t.Errorf("%s: quit is %q, want %q", l, got, want)
		}
	}
}
