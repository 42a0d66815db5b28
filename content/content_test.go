package content_test

import (
	"bytes"
	"io/fs"
	"path"
	"testing"

	"github.com/kubelab/kubelab/content"
	"github.com/kubelab/kubelab/labs"
)

func TestKoreanHasNoProblems(t *testing.T) {
	for _, p := range labs.Lint(content.Korean()) {
		t.Errorf("content/ko/%v", p)
	}
}

// Files whose names begin with a dot are easily left out of an embedded folder, and nothing else would tell.
func TestDotFilesAreEmbedded(t *testing.T) {
	if _, err := fs.Stat(content.Korean(), "build-image/files/.dockerignore"); err != nil {
		t.Error(err)
	}
}

// Labs that build the application bring it along, so that each can be begun on its own. The copies must stay one.
func TestCopiesAreEqual(t *testing.T) {
	copies := map[string][]byte{}
	err := fs.WalkDir(content.Korean(), ".", func(p string, _ fs.DirEntry, err error) error {
		if err != nil || path.Base(p) != "app.js" {
			return err
		}
		copies[p], err = fs.ReadFile(content.Korean(), p)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(copies) < 2 {
		t.Errorf("%d copies of app.js, expected at least 2: is the name still right?", len(copies))
	}
	var first string
	for p, text := range copies {
		if first == "" {
			first = p
		}
		if !bytes.Equal(text, copies[first]) {
			t.Errorf("%s differs from %s", p, first)
		}
	}
}
