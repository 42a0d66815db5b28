package content_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/kubelab/kubelab/content"
	"github.com/kubelab/kubelab/labs"
)

var update = flag.Bool("update", false, "write the generated parts of the documents anew")

// The map of the course stands between these lines of the two READMEs.
const (
	mapBegins = "<!-- course map: go test ./content -update -->\n"
	mapEnds   = "<!-- end of the course map -->\n"
)

// TestCourseMapIsCurrent holds the READMEs to the labs.
func TestCourseMapIsCurrent(t *testing.T) {
	for file, heads := range map[string][6]string{
		"../README.md":    {"lab", "section", "minutes", "needs", "takes over from", "gives"},
		"../README.ko.md": {"실습", "절", "분", "필요한 것", "이어받는 것", "남기는 것"},
	} {
		text := readDocument(t, file)
		before, rest, found := strings.Cut(text, mapBegins)
		_, after, closed := strings.Cut(rest, mapEnds)
		if !found || !closed {
			t.Fatalf("%s has no lines %q and %q", file, mapBegins, mapEnds)
		}
		hold(t, file, text, before+mapBegins+"\n"+labs.CourseMap(load(t), heads, "content/ko/")+"\n"+mapEnds+after)
	}
}

// TestCoverageIsCurrent holds docs/COVERAGE.md to what `kubelab lint --coverage` writes.
func TestCoverageIsCurrent(t *testing.T) {
	const file = "../docs/COVERAGE.md"
	hold(t, file, readDocument(t, file), labs.CoverageMarkdown(load(t), "../content/ko/"))
}

// hold compares a document with what it should be, or writes it.
func hold(t *testing.T, file, got, want string) {
	t.Helper()
	switch {
	case got == want:
	case *update:
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s does not say what the labs say now; next: go test ./content -update", file)
	}
}

func load(t *testing.T) *labs.Course {
	t.Helper()
	course, err := labs.Load(content.Korean())
	if err != nil {
		t.Fatal(err)
	}
	return course
}

// readDocument reads a document; while documents are written anew, a missing one is empty.
func readDocument(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil && !(*update && os.IsNotExist(err)) {
		t.Fatal(err)
	}
	return string(data)
}
