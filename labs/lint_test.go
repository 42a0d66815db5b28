package labs

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite the golden parts of testdata")

// wantName is the part of an archive that holds what Lint says about the others.
const wantName = "want"

// TestLintGolden reads courses from archives. The part course.yaml may be left out: it then lists all folders.
func TestLintGolden(t *testing.T) {
	names, err := filepath.Glob("testdata/lint/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("find archives: %v, %d found", err, len(names))
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			course, want := unpack(archive)
			got := ""
			for _, p := range Lint(course) {
				got += p.String() + "\n"
				checkPlace(t, course, p)
			}
			if *update {
				rewrite(t, name, archive, got)
				return
			}
			if got != want {
				t.Errorf("Lint says\n%s\nand not\n%s", got, want)
			}
		})
	}
}

// unpack makes a file system of an archive, and takes what is wanted out of it.
func unpack(archive *txtar.Archive) (course fstest.MapFS, want string) {
	course = fstest.MapFS{}
	folders, listed, bare := "", false, true
	for _, f := range archive.Files {
		switch {
		case f.Name == wantName:
			want = string(f.Data)
			continue
		case f.Name == courseName:
			listed = true
		case filepath.Base(f.Name) == labName:
			folders += "- " + filepath.Dir(f.Name) + "\n"
			bare = false
		}
		course[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	if !listed && !bare {
		course[courseName] = &fstest.MapFile{Data: []byte("title: 과정\nlabs:\n" + folders)}
	}
	return course, want
}

func rewrite(t *testing.T, name string, archive *txtar.Archive, got string) {
	t.Helper()
	kept := archive.Files[:0]
	for _, f := range archive.Files {
		if f.Name != wantName {
			kept = append(kept, f)
		}
	}
	archive.Files = append(kept, txtar.File{Name: wantName, Data: []byte(got)})
	if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

// checkPlace fails where a problem's place is not in its file.
func checkPlace(t *testing.T, course fs.FS, p Problem) {
	t.Helper()
	if p.Line == 0 && p.Column == 0 {
		return
	}
	data, err := fs.ReadFile(course, p.Path)
	if err != nil {
		t.Errorf("problem in a file that is not there: %v", p)
		return
	}
	lines := strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")
	if p.Line < 1 || p.Line > len(lines) {
		t.Errorf("problem beyond the %d lines of the file: %v", len(lines), p)
		return
	}
	if width := len([]rune(lines[p.Line-1])); p.Column < 1 || p.Column > width+1 {
		t.Errorf("problem beyond the %d columns of its line: %v", width, p)
	}
}

func TestLintGoodCourse(t *testing.T) {
	if problems := Lint(os.DirFS("testdata/good")); len(problems) != 0 {
		t.Errorf("a course without faults has problems:\n%v", problems)
	}
}

// TestLoadReportsWhatLintCallsErrors keeps the two from drifting apart: whatever Load refuses, Lint reports.
func TestLoadReportsWhatLintCallsErrors(t *testing.T) {
	names, _ := filepath.Glob("testdata/lint/*.txtar")
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		course, _ := unpack(archive)
		_, err = Load(course)
		said := map[string]bool{}
		for _, p := range Lint(course) {
			said[p.String()] = true
		}
		if problems, ok := err.(Problems); ok {
			for _, p := range problems {
				if !said[p.String()] {
					t.Errorf("%s: Load says, and Lint does not: %v", name, p)
				}
			}
		} else if err != nil {
			t.Errorf("%s: Load returns %T, not Problems", name, err)
		}
	}
}

func ExampleProblem() {
	fmt.Println(Problem{Path: "hello/lab.md", Line: 3, Column: 8, Message: "the title is empty"})
	fmt.Println(Problem{Path: "hello/notes.txt", Severity: Warning, Message: "nobody reads it"})
	// Output:
	// hello/lab.md:3:8: error: the title is empty
	// hello/notes.txt: warning: nobody reads it
}
