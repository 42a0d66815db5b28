package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/session"
)

func TestExitCode(t *testing.T) {
	cause := errors.New("no space left on device")
	tests := []struct {
		name string
		err  error
		code int
		says []string
	}{
		{"nothing", nil, exitOK, nil},
		{"said already", errFailed, exitFailed, nil},
		{"said already, wrapped", fmt.Errorf("validate: %w", errFailed), exitFailed, nil},
		{"use", usage("kubelab list", "nope: %w", cause), exitUsage, []string{"오류: nope: no space", "다음: kubelab list"}},
		{"environment", missing("kubelab up", "상태: %w", cause), exitEnvironment, []string{"오류: 상태: no space", "다음: kubelab up"}},
		{"hint inside", fmt.Errorf("begin: %w", missing("kubelab up", "x")), exitEnvironment, []string{"오류: begin: x", "다음: kubelab up"}},
		{"step", &engine.StepError{Step: "node", Title: "노드", Err: cause}, exitEnvironment, []string{"오류: 노드: no space", "다음: kubelab doctor"}},
		{"held", fmt.Errorf("open: %w", session.ErrHeld), exitFailed, []string{"오류: open: 다른 kubelab이", "다음: 그 kubelab에서"}},
		{"anything else", cause, exitFailed, []string{"오류: no space", "다음: kubelab doctor"}},
		{"interrupted", context.Canceled, exitInterrupted, []string{"중단했습니다"}},
		{"interrupted step", &engine.StepError{Title: "노드", Err: context.Canceled}, exitInterrupted, []string{"중단했습니다"}},
		{"interrupted and more", errors.Join(cause, context.Canceled), exitInterrupted, []string{"중단했습니다"}},
		{"too late is not interrupted", context.DeadlineExceeded, exitFailed, []string{"오류: "}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			if got := exitCode(&out, tt.err); got != tt.code {
				t.Errorf("code %d, want %d", got, tt.code)
			}
			if tt.says == nil && out.Len() > 0 {
				t.Errorf("said %q, want nothing", out.String())
			}
			for _, want := range tt.says {
				if !strings.Contains(out.String(), want) {
					t.Errorf("said %q, want %q in it", out.String(), want)
				}
			}
		})
	}
}

// TestExitCodesAreDocumented compares the codes with what the help and both READMEs say.
func TestExitCodesAreDocumented(t *testing.T) {
	long := newRoot(&app{}).Long
	for name, text := range map[string]string{"--help": long, "README.md": readFile(t, "../../README.md"), "README.ko.md": readFile(t, "../../README.ko.md")} {
		line := regexp.MustCompile(`(?i)(Exit codes|종료 코드): .*`).FindString(text)
		got := regexp.MustCompile(`\b\d+\b`).FindAllString(line, -1)
		want := fmt.Sprint([]int{exitOK, exitFailed, exitUsage, exitEnvironment, exitInterrupted})
		if fmt.Sprint(got) != want {
			t.Errorf("%s lists the exit codes %v, want %s: %q", name, got, want, line)
		}
	}
}

// TestCommandsAreDocumented finds every command in both READMEs.
func TestCommandsAreDocumented(t *testing.T) {
	for _, name := range []string{"README.md", "README.ko.md"} {
		text := readFile(t, "../../"+name)
		for _, cmd := range newRoot(&app{}).Commands() {
			if cmd.Hidden || cmd.Name() == "help" || cmd.Name() == "completion" {
				continue
			}
			if !regexp.MustCompile("`(kubelab )?" + cmd.Name() + `\b`).MatchString(text) {
				t.Errorf("%s does not name `kubelab %s`", name, cmd.Name())
			}
		}
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestQuote(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh")
	}
	for _, word := range []string{"", "plain", "/tmp/a b", "it's", "''", `\`, `"$HOME"`, "$(id)`id`", "줄\n바꿈", "~", "*", "-n", "a;b", "\t", "!!", "한글 폴더"} {
		for name, quoted := range map[string]string{"quote": quote(word), "quoteOdd": quoteOdd(word)} {
			out, err := exec.Command(sh, "-c", "printf '%s|' x "+quoted).Output()
			if err != nil || string(out) != "x|"+word+"|" {
				t.Errorf("%s: %q became %s, which a shell reads as %q (%v)", name, word, quoted, out, err)
			}
		}
	}
	if got := quoteOdd("/srv/한글/a-b_c.d"); got != "/srv/한글/a-b_c.d" {
		t.Errorf("quoted what needs no quotes: %s", got)
	}
}

func TestShorten(t *testing.T) {
	tests := []struct{ typed, want string }{
		{"nope", "nope"},
		{"한글", "한글"},
		{"", `""`},
		{"two words", `"two words"`},
		{"\x1b[31m", `"\x1b[31m"`},
		{"a\nb", `"a\nb"`},
		{"\xff", `"\xff"`},
		{strings.Repeat("가", 60), strings.Repeat("가", 60)},
		{strings.Repeat("가", 61), strings.Repeat("가", 60) + "…"},
	}
	for _, tt := range tests {
		if got := shorten(tt.typed); got != tt.want {
			t.Errorf("shorten(%q) = %s, want %s", tt.typed, got, tt.want)
		}
	}
}

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"그대로, 두 줄\n입니다":             "그대로, 두 줄\n입니다",
		"a\x1b[31mred\x1b[0mb":      "aredb",
		"\x1b]0;title\atext":        "text",
		"back\b\b\rspace\x7f\u009b": "backspace",
	} {
		if got := plain(in); got != want {
			t.Errorf("plain(%q) = %q, want %q", in, got, want)
		}
	}
}

// result is what a command line did.
type result struct {
	code     int
	out, err string
}

// runLine runs a command line in this process. Nothing of the machine's is touched, and no Docker engine answers.
func runLine(t *testing.T, args ...string) result {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("KUBELAB_STATE", filepath.Join(dir, "state"))
	t.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "cache"))
	t.Setenv("DOCKER_HOST", "unix://"+filepath.Join(dir, "nowhere.sock"))
	var out, errOut bytes.Buffer
	err := Run(t.Context(), Streams{In: strings.NewReader(""), Out: &out, Err: &errOut}, args)
	code := exitCode(&errOut, err)
	return result{code, out.String(), errOut.String()}
}

// TestHostileNames gives every command that takes a name names that nobody should.
func TestHostileNames(t *testing.T) {
	names := map[string]string{
		"parent folder": "../../etc/passwd", "absolute": "/etc", "dot": ".", "slash": "/", "slashes": "hello-container//hello",
		"escape": "\x1b]0;owned\a\x1b[2J", "nul": "hello-container\x00", "line": "a\nb\r", "long": strings.Repeat("a", 100_000),
		"long Korean": strings.Repeat("가", 50_000), "not UTF-8": "\xff\xfe", "right to left": "\u202eolleh", "format": "%s%n%!d(MISSING)",
		"shell": "$(id);`id`|id", "space": " ", "other case": "HELLO-CONTAINER", "step of control": "hello-container/\x1b[31m",
	}
	commands := []string{"", "list", "check", "env", "shell", "reset", "validate", "images", "completion", "help", "--engine", "lint", "--content"}
	course := t.TempDir()
	write(t, filepath.Join(course, "course.yaml"), "title: x\nlabs: [hello-container]\n")
	write(t, filepath.Join(course, "hello-container/lab.md"), "---\nid: hello-container\ntitle: x\n---\n\n## x {#hello}\ntext\n")
	for what, name := range names {
		for _, command := range commands {
			line := []string{"--content", course}
			folder := command == "lint" || command == "--content"
			switch command {
			case "":
				line = append(line, name)
			case "--engine", "--content":
				line = append(line, command, name, "status")
			default:
				line = append(line, command, name)
			}
			t.Run(what+" "+command, func(t *testing.T) {
				got := runLine(t, line...)
				if folder && got.code == exitFailed {
					return // a folder of that name is there, and is no course
				}
				if got.code != exitUsage {
					t.Errorf("exit code %d, want %d\n%s%s", got.code, exitUsage, got.out, got.err)
				}
				if !strings.Contains(got.err, "오류: ") || !strings.Contains(got.err, "다음: ") {
					t.Errorf("want what was seen and what to try next, got %.300q", got.err)
				}
				if len(got.err) > 1000 {
					t.Errorf("said %d bytes for a long name", len(got.err))
				}
				if strings.ContainsFunc(got.err, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }) || !utf8.ValidString(got.err) {
					t.Errorf("gave the terminal %q", got.err)
				}
			})
		}
	}
}

// TestStrangersCourse shows a course whose titles would act on the terminal.
func TestStrangersCourse(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "course.yaml"), "title: x\nlabs: [a]\n")
	write(t, filepath.Join(dir, "a/lab.md"), "---\nid: a\ntitle: \"red\\e[31m\\a title\"\nsection: \"1\\e[2J\"\nminutes: 1\n---\ntext\n\n## step {#one}\ntext\n")
	for _, args := range [][]string{{"list"}, {"list", "a"}, {"status"}} {
		got := runLine(t, append([]string{"--content", dir}, args...)...)
		if got.code != exitOK && got.code != exitFailed {
			t.Errorf("%v: exit code %d: %s", args, got.code, got.err)
		}
		if strings.ContainsAny(got.out+got.err, "\x1b\a") {
			t.Errorf("%v gave the terminal %q", args, got.out+got.err)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestInterrupt sends signals to a program that waits for a Docker engine which hears and never answers.
func TestInterrupt(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		for _, command := range []string{"check", "doctor", "images", "validate"} {
			t.Run(sig.String()+" "+command, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				silent, err := net.Listen("unix", filepath.Join(dir, "docker.sock"))
				if err != nil {
					t.Fatal(err)
				}
				defer silent.Close()
				program, err := exec.LookPath("kubelab")
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
				defer cancel()
				args := map[string][]string{"check": {"hello-container"}, "images": {"busybox"}}[command]
				cmd := exec.CommandContext(ctx, program, append([]string{command}, args...)...)
				cmd.Env = append(os.Environ(), "KUBELAB_STATE="+dir+"/state", "XDG_CACHE_HOME="+dir+"/cache", "DOCKER_HOST=unix://"+silent.Addr().String())
				var said bytes.Buffer
				cmd.Stdout, cmd.Stderr = &said, &said
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				knocked, err := silent.Accept()
				if err != nil {
					t.Fatal(err)
				}
				defer knocked.Close()
				if err := cmd.Process.Signal(sig); err != nil {
					t.Fatal(err)
				}
				err = cmd.Wait()
				if got := cmd.ProcessState.ExitCode(); got != exitInterrupted {
					t.Errorf("exit code %d (%v), want %d", got, err, exitInterrupted)
				}
				if !strings.Contains(said.String(), "중단했습니다.") {
					t.Errorf("said %q", said.String())
				}
			})
		}
	}
}

func TestFind(t *testing.T) {
	course := &labs.Course{Labs: []*labs.Lab{{ID: "a", Steps: []*labs.Step{{ID: "one"}, {ID: "two"}}}, {ID: "b"}}}
	for name, want := range map[string]int{"a": -1, "a/one": 0, "a/two": 1, "b": -1} {
		lab, step, err := find(course, name)
		if err != nil || lab.ID != name[:1] || step != want {
			t.Errorf("find(%q) = %v, %d, %v, want step %d", name, lab, step, err, want)
		}
	}
	for _, name := range []string{"", "c", "a/", "a/three", "b/one", "a/one/", "/a", "A"} {
		if _, _, err := find(course, name); exitCode(&strings.Builder{}, err) != exitUsage {
			t.Errorf("find(%q): %v, want an error of use", name, err)
		}
	}
}
