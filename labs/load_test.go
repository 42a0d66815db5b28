package labs

import (
	"io/fs"
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func TestLoad(t *testing.T) {
	course, err := Load(os.DirFS("testdata/good"))
	if err != nil {
		t.Fatal(err)
	}
	if course.Title != "쿠버네티스 첫걸음" || len(course.Labs) != 2 {
		t.Fatalf("got title %q and %d labs", course.Title, len(course.Labs))
	}
	lab := course.Labs[0]
	want := Lab{
		ID: "hello", Title: "헬로 컨테이너", Section: "2.10", Needs: []string{"docker"}, Minutes: 10,
		Intro:   "도커로 첫 컨테이너를 실행합니다.\n\n| 명령 | 뜻 |\n| --- | --- |\n| `docker run` | 실행 |",
		Prepare: []Script{{"docker pull busybox", 11}},
		Cleanup: []Script{{"docker rm -f one", 106}, {"docker rm -f two", 110}, {"docker rm -f hello", 71}},
		Path:    "hello/lab.md",
	}
	got := *lab
	got.Steps, got.Files = nil, nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	data, err := fs.ReadFile(lab.Files, "run.sh")
	if err != nil || string(data) != "echo hi\n" {
		t.Errorf("the lab's files: %q, %v", data, err)
	}
	if course.Labs[1].Files != nil {
		t.Error("a lab without files/ has Files")
	}
}

func TestLoadSteps(t *testing.T) {
	course, err := Load(os.DirFS("testdata/good"))
	if err != nil {
		t.Fatal(err)
	}
	steps := course.Labs[0].Steps
	if len(steps) != 2 {
		t.Fatalf("got %d steps, want 2", len(steps))
	}
	run := Script{`docker run busybox echo "Hello world"`, 23}
	want := Step{
		ID: "hello", Title: "Hello world 실행하기", Line: 18,
		Parts: []Part{
			{Markdown: "busybox 이미지로 컨테이너를 실행합니다."}, {Run: &run},
			{Markdown: "그림은 읽는 사람의 것입니다.\n\n```text\nclient -> daemon\n```\n\n### 더 깊이\n\n읽을거리입니다."},
		},
		Hints:    []string{"위 명령을 그대로 입력합니다.", "`docker run busybox echo \"Hello world\"`"},
		Solution: []Script{run},
		Also:     []Variant{{Script: Script{`docker run --rm busybox echo "Hello world"`, 59}, Undo: []Script{{"docker rm -f extra", 63}}}},
		Wrong:    []Variant{{Script: Script{`docker run busybox ecko "Hello world"`, 67}, Explanation: `철자를 "확인"`}},
	}
	got := *steps[0]
	got.Checks = nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if c := steps[0].Checks; len(c) != 1 || c[0].Line != 37 || c[0].Spec.Select["image"] != "busybox" || len(c[0].Tell) != 2 {
		t.Errorf("got checks %+v", c)
	}
	second := steps[1]
	if !reflect.DeepEqual(second.Solution, []Script{{"docker ps -a", 94}}) || second.Timeout != 2*time.Minute || second.Picture != "containers" {
		t.Errorf("got solution %v, timeout %v and picture %q", second.Solution, second.Timeout, second.Picture)
	}
	if q := second.Questions; len(q) != 1 || q[0].Line != 83 || q[0].Wrong["h1"] != "이름과 다릅니다." {
		t.Errorf("got questions %+v", q)
	}
}

// TestLoadLineEnds reads the same lab as different systems write it.
func TestLoadLineEnds(t *testing.T) {
	data, err := os.ReadFile("testdata/good/hello/lab.md")
	if err != nil {
		t.Fatal(err)
	}
	load := func(text string) *Lab {
		course, err := Load(one("hello", text))
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range course.Labs[0].Steps {
			step.Checks, step.Questions = nil, nil
		}
		return course.Labs[0]
	}
	text := string(data)
	want := load(text)
	for name, variant := range map[string]string{
		"CRLF":           strings.ReplaceAll(text, "\n", "\r\n"),
		"BOM":            "\uFEFF" + text,
		"BOM and CRLF":   "\uFEFF" + strings.ReplaceAll(text, "\n", "\r\n"),
		"no end of line": strings.TrimRight(text, "\n"),
	} {
		if got := load(variant); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got\n%+v\nwant\n%+v", name, got, want)
		}
	}
}

// one is a course with one lab.
func one(folder, text string) fstest.MapFS {
	return fstest.MapFS{
		courseName:             {Data: []byte("title: 과정\nlabs: [" + folder + "]\n")},
		folder + "/" + labName: {Data: []byte(text)},
	}
}

func TestLoadUnreadableText(t *testing.T) {
	tests := []struct {
		name, text string
		line, col  int
		message    string
	}{
		{"Latin 1", "---\nid: a\ntitle: 가\xe9", 3, 9, "not UTF-8: byte 0xE9"},
		{"UTF-16", "\xff\xfe-\x00", 1, 1, "not UTF-8: byte 0xFF"},
		{"cut character", "---\n가\xea\xb0", 2, 2, "not UTF-8"},
		{"zero byte", "---\nid: \x00", 2, 5, "U+0000"},
		{"lone carriage return", "---\rid: a", 1, 4, "U+000D"},
		{"line separator", "---\nid: a\u2028b", 2, 6, "U+2028"},
		{"escape", "---\r\nid: \x1b[31m", 2, 5, "U+001B"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Load(one("a", tt.text))
			problems, ok := err.(Problems)
			if !ok || len(problems) != 1 {
				t.Fatalf("got %v, want one problem", err)
			}
			if p := problems[0]; p.Line != tt.line || p.Column != tt.col || !strings.Contains(p.Message, tt.message) {
				t.Errorf("got %v, want %q at %d:%d", p, tt.message, tt.line, tt.col)
			}
		})
	}
	// A replacement character that somebody wrote is UTF-8.
	src, ok := newSource("a", []byte("\uFFFD"), &Problems{})
	if !ok || src.text != "\uFFFD" {
		t.Error("U+FFFD itself is refused")
	}
}

func TestParseInfo(t *testing.T) {
	for _, s := range []string{"", "bash", "text", "go", "dockerfile", "go run main.go", "mermaid", "json5 {1,2}", "yaml"} {
		if got := parseInfo(s); got != (info{}) {
			t.Errorf("%q is for the reader, got %+v", s, got)
		}
	}
	for s, want := range map[string]info{
		"bash run":                  {word: wordRun},
		"yaml   check":              {word: wordCheck},
		`bash wrong="a \"b\" \\ c"`: {word: wordWrong, text: `a "b" \ c`},
		`bash wrong = "가 나"`:        {word: wordWrong, text: "가 나"},
	} {
		if got := parseInfo(s); got != want {
			t.Errorf("%q: got %+v, want %+v", s, got, want)
		}
	}
}

// FuzzParse holds that no lab, however broken, makes the linter panic or name a place that is not in the file.
func FuzzParse(f *testing.F) {
	for _, name := range []string{"testdata/good/hello/lab.md", "testdata/good/pods/lab.md"} {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	const head = "---\nid: a\ntitle: b\n---\n## s {#s}\n"
	for _, s := range []string{
		"", "---", "---\n---\n", "\uFEFF---\r\n", head, head + "```bash run\n", head + "  ```bash run\n\ta\n```", head + "> ```yaml check\n> - x",
		head + "```yaml check\n- watch: pods\n  title: x\n  expect: \"a\\\n   \\u00e9 && \\x41\"\n  tell:\n  - say: |\n      {{ x\n```",
		head + "```yaml check\n- expect: >+\n\n   a\n    b\n\n  see: 'a''\n\n   b'\n```", head + "~~~bash wrong=\"\n~~~", "---\na: [b\n---\nx\n---\n",
		head + "```yaml ask\n- {ask: x, answer: y, wrong: {1: 2}}\n```\n```yaml step\ntimeout: 1\n```", head + "```text\n```bash run\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		course := one("a", "")
		course["a/"+labName].Data = data
		for _, p := range Lint(course) {
			checkPlace(t, course, p)
			if p.Message == "" || p.Path == "" {
				t.Errorf("a problem says nothing: %+v", p)
			}
		}
		loaded, err := Load(course)
		if err != nil {
			return
		}
		for _, step := range loaded.Labs[0].Steps {
			if step.ID == "" || step.Title == "" || step.Line == 0 {
				t.Errorf("a step is without id, title or line: %+v", step)
			}
			for _, p := range step.Parts {
				if (p.Markdown == "") == (p.Run == nil) {
					t.Errorf("a part is not one thing: %+v", p)
				}
			}
		}
	})
}
