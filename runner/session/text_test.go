package session

import (
	"testing"

	"github.com/kubelab/kubelab/internal/lang"
	"github.com/kubelab/kubelab/internal/lang/langtest"
)

func TestCatalogues(t *testing.T) {
	langtest.Complete(t, korean(), english())
	for l, want := range map[lang.Lang]string{lang.Korean: "명령 실행", lang.English: "running a command", "": "명령 실행"} {
		if got := catalogue(l).activityRun; got != want {
			t.Errorf("%q: got %q, want %q", l, got, want)
		}
	}
}
