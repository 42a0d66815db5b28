package checks

import (
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestAuthoringExamples compiles every check, tell and question that docs/AUTHORING.md shows.
func TestAuthoringExamples(t *testing.T) {
	text, err := os.ReadFile("../docs/AUTHORING.md")
	if err != nil {
		t.Fatal(err)
	}
	compiled := 0
	for block := range strings.SplitSeq(string(text), "\n\n") {
		if !strings.HasPrefix(block, "    - ") {
			continue
		}
		source := strings.ReplaceAll("\n"+block, "\n    ", "\n")
		switch {
		case strings.HasPrefix(source, "\n- watch:"):
			for _, c := range decode[covering](t, source) {
				mustCompile(t, c.Spec)
				compiled++
			}
		case strings.HasPrefix(source, "\n- when:"):
			tells := append(decode[Tell](t, source), Tell{Say: "끝"})
			mustCompile(t, Spec{Watch: "pods", Expect: "false", Tell: tells})
			compiled++
		case strings.HasPrefix(source, "\n- ask:"):
			for _, q := range decode[coveringQuestion](t, source) {
				mustAsk(t, q.QuestionSpec)
				compiled++
			}
		}
	}
	if compiled < 3 {
		t.Errorf("found %d examples, want at least a check, the tells and a question", compiled)
	}
}

// A check and a question as they stand in a lab, where they also say which concepts they are about.
type (
	covering struct {
		Spec   `yaml:",inline"`
		Covers []any
	}
	coveringQuestion struct {
		QuestionSpec `yaml:",inline"`
		Covers       []any
	}
)

func decode[T any](t *testing.T, source string) []T {
	t.Helper()
	decoder := yaml.NewDecoder(strings.NewReader(source))
	decoder.KnownFields(true)
	var out []T
	if err := decoder.Decode(&out); err != nil {
		t.Fatalf("%v in:%s", err, source)
	}
	return out
}
