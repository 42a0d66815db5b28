package session_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/session"
)

func TestEnviron(t *testing.T) {
	for name, tt := range map[string]struct {
		base []string
		env  engine.Environment
		vars map[string]string
		want []string
	}{
		"the lab's over the user's": {
			base: []string{"HOME=/root", "KUBECONFIG=/root/.kube/config", "OPTS=a=b"}, vars: map[string]string{"KUBECONFIG": "/lab"},
			want: []string{"HOME=/root", "KUBECONFIG=/lab", "OPTS=a=b"},
		},
		"what the lab leaves open is the user's": {
			base: []string{"DOCKER_HOST=tcp://there"}, vars: map[string]string{"DOCKER_HOST": ""}, want: []string{"DOCKER_HOST=tcp://there"},
		},
		"nothing leads docker away": {
			base: []string{"DOCKER_CONTEXT=remote", "DOCKER_TLS_VERIFY=1", "DOCKER_CERT_PATH=/c", "KUBECTL_EXTERNAL_DIFF=code"},
			vars: map[string]string{"DOCKER_HOST": "unix:///d"}, want: []string{"DOCKER_HOST=unix:///d"},
		},
		"the environment's programs first": {
			base: []string{"PATH=/usr/bin:/bin"}, env: engine.Environment{BinDir: "/lab/bin"}, want: []string{"PATH=/lab/bin:/usr/bin:/bin"},
		},
		"no PATH": {env: engine.Environment{BinDir: "/lab/bin"}, want: []string{"PATH=/lab/bin"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := session.Environ(tt.base, &tt.env, tt.vars); !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestVariables(t *testing.T) {
	st := &session.Stage{Lab: &labs.Lab{ID: "demo"}, Env: &engine.Environment{
		Kubeconfig: "/k", Registry: engine.RegistryAddress{Host: "localhost:5001", User: "u", Password: "p"},
		Vars: map[string]string{"REGISTRY_USER": "other", "MORE": "1"},
	}}
	vars := st.Variables()
	for name, want := range map[string]string{
		"KUBELAB_LAB": "demo", "KUBECONFIG": "/k", "REGISTRY": "localhost:5001", "REGISTRY_USER": "other", "REGISTRY_PASSWORD": "p", "MORE": "1",
	} {
		if vars[name] != want {
			t.Errorf("%s = %q, want %q", name, vars[name], want)
		}
	}
	if !slices.Contains(st.Environ(), "KUBECONFIG=/k") {
		t.Error("Environ has no KUBECONFIG")
	}
}

// newStage is a stage of a lab with files, whose cleanup blocks the test writes.
func newStage(t *testing.T, cleanup ...string) *session.Stage {
	t.Helper()
	st := &session.Stage{Lab: parse(t, demo), Env: &engine.Environment{}, WorkDir: filepath.Join(t.TempDir(), "work", "demo")}
	st.Lab.Prepare, st.Lab.Cleanup = nil, nil
	for i, text := range cleanup {
		st.Lab.Cleanup = append(st.Lab.Cleanup, labs.Script{Text: text, Line: 10 * (i + 1)})
	}
	return st
}

func TestCopyFiles(t *testing.T) {
	st := newStage(t)
	if err := st.CopyFiles(); err != nil {
		t.Fatal(err)
	}
	script, err := os.Stat(filepath.Join(st.WorkDir, "run.sh"))
	if err != nil || script.Mode().Perm() != 0o755 {
		t.Errorf("a script is not executable: %v, %v", script.Mode(), err)
	}
	file := filepath.Join(st.WorkDir, "app", "Dockerfile")
	if err := os.WriteFile(file, []byte("FROM node\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(st.WorkDir, "run.sh")); err != nil {
		t.Fatal(err)
	}
	if err := st.Set(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != "FROM node\n" {
		t.Errorf("the learner's file became %q, %v", data, err)
	}
	if _, err := os.Stat(filepath.Join(st.WorkDir, "run.sh")); err != nil {
		t.Errorf("a file that was removed is not there again: %v", err)
	}
	if err := os.RemoveAll(filepath.Join(st.WorkDir, "app")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(st.WorkDir, "app"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := st.CopyFiles(); err == nil || !strings.Contains(err.Error(), "copy files of lab demo") {
		t.Errorf("a file in a folder's place: %v", err)
	}
}

func TestSet(t *testing.T) {
	st := newStage(t)
	st.Lab.Prepare = []labs.Script{{Text: "pwd > one; read line || echo no input >> one"}, {Text: "false"}, {Text: "touch three"}}
	var reported []string
	err := st.Set(t.Context(), func(done, total int, script string) {
		reported = append(reported, fmt.Sprintf("%d/%d %s", done, total, script[:4]))
	})
	var failed *session.ScriptError
	if !errors.As(err, &failed) || failed.Block != "prepare" {
		t.Errorf("a prepare block that fails: %v", err)
	}
	if want := []string{"0/3 pwd ", "1/3 fals"}; !slices.Equal(reported, want) {
		t.Errorf("reported %q, want %q", reported, want)
	}
	data, err := os.ReadFile(filepath.Join(st.WorkDir, "one"))
	if dir, _ := filepath.EvalSymlinks(st.WorkDir); err != nil || string(data) != dir+"\nno input\n" {
		t.Errorf("ran in %q, want %q: %v", data, dir, err)
	}
	if _, err := os.Stat(filepath.Join(st.WorkDir, "three")); err == nil {
		t.Error("went on after a prepare block failed")
	}
}

func TestClear(t *testing.T) {
	st := newStage(t, "touch one", "echo gone wrong; exit 3", "echo > mine/file && cp -r mine ..")
	st.Lab.Needs = []string{"registry"}
	registry := &tags{held: map[string]bool{"theirs:1": true, "kubia:1": true}, err: errors.New("registry is read-only")}
	st.Registry = registry
	if err := os.MkdirAll(filepath.Join(st.WorkDir, "mine"), 0o755); err != nil {
		t.Fatal(err)
	}
	err := st.Clear(t.Context(), map[string]bool{"theirs:1": true}, nil)
	if err == nil {
		t.Fatal("a failing cleanup succeeds")
	}
	for _, want := range []string{"run cleanup block at demo/lab.md:20: exit status 3\ngone wrong", "empty registry: registry is read-only"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not tell %q", err, want)
		}
	}
	if _, err := os.Stat(filepath.Join(st.WorkDir, "..", "mine", "file")); err != nil {
		t.Errorf("the cleanup behind the failing one did not run: %v", err)
	}
	left, err := os.ReadDir(st.WorkDir)
	if err != nil || len(left) > 0 {
		t.Errorf("left in the work folder: %v, %v", left, err)
	}
	registry.err = nil
	st.Lab.Cleanup = nil
	if err := st.Clear(t.Context(), nil, nil); err != nil || len(registry.held) != 2 {
		t.Errorf("not knowing what was there before, the registry was left with %v: %v", registry.held, err)
	}
	if err := st.Clear(t.Context(), map[string]bool{"theirs:1": true}, nil); err != nil || len(registry.held) != 1 {
		t.Errorf("the registry was left with %v: %v", registry.held, err)
	}
	// A lab that does not need the registry has pushed nothing.
	st.Lab.Needs = nil
	if err := st.Clear(t.Context(), map[string]bool{}, nil); err != nil || len(registry.held) != 1 {
		t.Errorf("the registry was left with %v: %v", registry.held, err)
	}
}

func TestScriptError(t *testing.T) {
	st := newStage(t)
	if err := st.MakeWorkDir(); err != nil {
		t.Fatal(err)
	}
	err := st.Exec(t.Context(), "undo", labs.Script{Text: "printf '%6000d' 0; echo the end >&2; kill $$", Line: 42})
	var failed *session.ScriptError
	if !errors.As(err, &failed) {
		t.Fatalf("%v is no ScriptError", err)
	}
	if failed.Block != "undo" || failed.Path != "demo/lab.md" || failed.Line != 42 {
		t.Errorf("place: %+v", failed)
	}
	if len(failed.Output) != 4<<10 || !strings.HasSuffix(failed.Output, "0the end\n") {
		t.Errorf("kept %d bytes of output, ending in %q", len(failed.Output), failed.Output[len(failed.Output)-20:])
	}
	if text := err.Error(); !strings.HasPrefix(text, "run undo block at demo/lab.md:42: signal: terminated\n") {
		t.Errorf("says %q", text)
	}
	failed.Output = " \n"
	if text := err.Error(); strings.Contains(text, "\n") {
		t.Errorf("without output, says %q", text)
	}
}

// TestExecStops ends a script and what it started: the pipe ends when nobody is left who could write to it.
func TestExecStops(t *testing.T) {
	st := newStage(t)
	if err := st.MakeWorkDir(); err != nil {
		t.Fatal(err)
	}
	pipe := filepath.Join(st.WorkDir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		ended <- st.Exec(ctx, "prepare", labs.Script{Text: "exec 3>pipe; sleep 1000 & echo started >&3; wait"})
	}()
	f, err := os.Open(pipe)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(f)
	if line, err := r.ReadString('\n'); line != "started\n" {
		t.Fatalf("read %q, %v", line, err)
	}
	cancel()
	if _, err := io.ReadAll(r); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("a stopped script: %v", err)
	}
}

func TestWatchesAndBaseline(t *testing.T) {
	watches := session.Watches(parse(t, demo))
	var keys []string
	for _, w := range watches {
		keys = append(keys, w.Key())
	}
	if want := []string{checks.Containers, checks.Images}; !slices.Equal(keys, want) {
		t.Errorf("watches %q, want %q", keys, want)
	}
	before := session.Baseline(checks.Snapshot{}.With(t0, checks.Containers, checks.State{
		Synced: true, Items: []checks.Object{container("1", "a"), {}}, Removed: []checks.Object{container("2", "b")},
	}), watches)
	if got := before[checks.Containers]; len(got) != 2 || !got["1"] || !got["2"] {
		t.Errorf("containers there before: %v", got)
	}
	if got, ok := before[checks.Images]; !ok || len(got) > 0 {
		t.Errorf("images there before: %v, %v", got, ok)
	}
}
