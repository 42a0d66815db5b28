package content_test

import (
	"testing"

	"github.com/kubelab/kubelab/content"
	"github.com/kubelab/kubelab/labs"
)

func TestKoreanHasNoProblems(t *testing.T) {
	for _, p := range labs.Lint(content.Korean()) {
		t.Errorf("content/ko/%v", p)
	}
}
