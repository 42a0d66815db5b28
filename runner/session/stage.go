package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
)

// Stage is the place where one lab happens: its work folder, its variables, and the scripts that set it and clear it.
// A session (with a learner) and validate (without one) use the same stage.
type Stage struct {
	Lab *labs.Lab
	Env *engine.Environment
	// WorkDir is the lab's work folder. It is made by Set and emptied by Clear.
	WorkDir string
	// Registry empties what the lab pushed; nil where the engine has no registry.
	Registry RegistryCleaner
	// Supplied names what Supply made, because an earlier lab had not left it; Withdraw takes it away. Whoever resumes a
	// lab sets it.
	Supplied []string
}

// RegistryCleaner removes what was pushed into the lab's registry.
type RegistryCleaner interface {
	// Tags lists every tag as "repository:tag".
	Tags(ctx context.Context) (map[string]bool, error)
	// Remove deletes the tags.
	Remove(ctx context.Context, tags []string) error
}

// ScriptError is a prepare or cleanup script that failed.
type ScriptError struct {
	// Block is the kind of block: "prepare", "cleanup", "give"; Path and Line say where it stands.
	Block, Path string
	Line        int
	// Output is the end of what the script printed.
	Output string
	Err    error
}

func (e *ScriptError) Error() string {
	msg := fmt.Sprintf("run %s block at %s:%d: %v", e.Block, e.Path, e.Line, e.Err)
	if out := strings.TrimSpace(e.Output); out != "" {
		msg += "\n" + out
	}
	return msg
}

func (e *ScriptError) Unwrap() error { return e.Err }

// Variables are the variables that a lab's scripts, checks and shell can refer to.
func (s *Stage) Variables() map[string]string {
	vars := map[string]string{
		"KUBELAB_LAB":       s.Lab.ID,
		"DOCKER_HOST":       s.Env.DockerHost,
		"DOCKER_CONFIG":     s.Env.DockerConfig,
		"KUBECONFIG":        s.Env.Kubeconfig,
		"NAMESPACE":         s.Env.Namespace,
		"REGISTRY":          s.Env.Registry.Host,
		"REGISTRY_USER":     s.Env.Registry.User,
		"REGISTRY_PASSWORD": s.Env.Registry.Password,
	}
	maps.Copy(vars, s.Env.Vars)
	return vars
}

// Environ is the whole environment of the lab's shell and scripts: the user's own, with the lab's variables on top and
// the environment's programs first in PATH.
func (s *Stage) Environ() []string {
	return Environ(os.Environ(), s.Env, s.Variables())
}

// Environ lays an environment's variables over base, which has the form of os.Environ.
func Environ(base []string, env *engine.Environment, vars map[string]string) []string {
	merged := map[string]string{}
	for _, kv := range base {
		k, v, _ := strings.Cut(kv, "=")
		merged[k] = v
	}
	// A context or a TLS setting of the user's would lead the docker command away from DOCKER_HOST.
	for _, k := range []string{"DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "KUBECTL_EXTERNAL_DIFF"} {
		delete(merged, k)
	}
	for k, v := range vars {
		if v != "" {
			merged[k] = v
		}
	}
	switch path := merged["PATH"]; {
	case env.BinDir == "":
	case path == "": // an empty element of PATH means the working directory
		merged["PATH"] = env.BinDir
	default:
		merged["PATH"] = env.BinDir + string(os.PathListSeparator) + path
	}
	out := make([]string, 0, len(merged))
	for _, k := range slices.Sorted(maps.Keys(merged)) {
		out = append(out, k+"="+merged[k])
	}
	return out
}

// Set makes the work folder with the lab's files, takes away what the lab is about to give, and runs its prepare
// blocks. Files that the learner has are kept as they are. What the lab takes over from others Supply has brought about.
func (s *Stage) Set(ctx context.Context, report func(done, total int, script string)) error {
	if err := s.CopyFiles(); err != nil {
		return err
	}
	if err := s.takeGiven(ctx); err != nil {
		return err
	}
	return s.runAll(ctx, "prepare", s.Lab.Prepare, report)
}

// MakeWorkDir makes the work folder where it is missing.
func (s *Stage) MakeWorkDir() error {
	if err := os.MkdirAll(s.WorkDir, 0o755); err != nil {
		return fmt.Errorf("make work folder: %w", err)
	}
	return nil
}

// CopyFiles makes the work folder and copies those of the lab's files into it that are not there.
func (s *Stage) CopyFiles() error {
	if err := s.MakeWorkDir(); err != nil {
		return err
	}
	if s.Lab.Files == nil {
		return nil
	}
	return fs.WalkDir(s.Lab.Files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("read files of lab %s: %w", s.Lab.ID, err)
		}
		target := filepath.Join(s.WorkDir, filepath.FromSlash(path))
		if d.IsDir() {
			return s.copied(os.MkdirAll(target, 0o755))
		}
		if _, err := os.Lstat(target); err == nil {
			return nil
		}
		data, err := fs.ReadFile(s.Lab.Files, path)
		if err != nil {
			return fmt.Errorf("read files of lab %s: %w", s.Lab.ID, err)
		}
		mode := fs.FileMode(0o644)
		if bytes.HasPrefix(data, []byte("#!")) {
			mode = 0o755
		}
		return s.copied(os.WriteFile(target, data, mode))
	})
}

func (s *Stage) copied(err error) error {
	if err != nil {
		return fmt.Errorf("copy files of lab %s: %w", s.Lab.ID, err)
	}
	return nil
}

// Clear takes away all that the lab has left: it runs its leave and cleanup blocks, takes back what the lab gave,
// empties the registry of every tag that is not in keep, and empties the work folder. Where keep is nil nobody knows
// what was there before, and the registry stays as it is. It goes on after a failure and returns all of them.
func (s *Stage) Clear(ctx context.Context, keep map[string]bool, report func(done, total int, script string)) error {
	errs := []error{s.clean(ctx, report), s.takeGiven(ctx), s.clearRegistry(ctx, keep), s.emptyWorkDir()}
	return errors.Join(errs...)
}

// Finish is Clear for a lab that the learner has finished: what the lab gives stays for those that come. So does what
// it pushed, where it gives something from the registry.
func (s *Stage) Finish(ctx context.Context, keep map[string]bool, report func(done, total int, script string)) error {
	errs := []error{s.clean(ctx, report)}
	if len(s.Lab.Gives) == 0 || !slices.Contains(s.Lab.Needs, string(engine.Registry)) {
		errs = append(errs, s.clearRegistry(ctx, keep))
	}
	return errors.Join(append(errs, s.emptyWorkDir())...)
}

// Leave puts right what must not stay as it is while the learner is elsewhere. It may be called at any time.
func (s *Stage) Leave(ctx context.Context) error {
	if len(s.Lab.Leave) == 0 {
		return nil
	}
	if err := s.MakeWorkDir(); err != nil {
		return err
	}
	var errs []error
	for _, script := range s.Lab.Leave {
		errs = append(errs, s.exec(ctx, "leave", script))
	}
	return errors.Join(errs...)
}

func (s *Stage) clean(ctx context.Context, report func(done, total int, script string)) error {
	if err := s.MakeWorkDir(); err != nil {
		return err
	}
	errs := []error{s.Leave(ctx)}
	for i, script := range s.Lab.Cleanup {
		if report != nil {
			report(i, len(s.Lab.Cleanup), headline(script.Text))
		}
		errs = append(errs, s.exec(ctx, "cleanup", script))
	}
	return errors.Join(errs...)
}

// emptyWorkDir keeps the folder itself: a shell may stand in it.
func (s *Stage) emptyWorkDir() error {
	entries, err := os.ReadDir(s.WorkDir)
	if err != nil {
		return fmt.Errorf("empty work folder: %w", err)
	}
	var errs []error
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(s.WorkDir, e.Name())); err != nil {
			errs = append(errs, fmt.Errorf("empty work folder: %w", err))
		}
	}
	return errors.Join(errs...)
}

func (s *Stage) clearRegistry(ctx context.Context, keep map[string]bool) error {
	if keep == nil {
		return nil
	}
	tags, err := s.RegistryTags(ctx)
	if err != nil {
		return err
	}
	var remove []string
	for tag := range tags {
		if !keep[tag] {
			remove = append(remove, tag)
		}
	}
	if len(remove) == 0 {
		return nil
	}
	slices.Sort(remove)
	if err := s.Registry.Remove(ctx, remove); err != nil {
		return fmt.Errorf("empty registry: %w", err)
	}
	return nil
}

func (s *Stage) runAll(ctx context.Context, block string, scripts []labs.Script, report func(done, total int, script string)) error {
	for i, script := range scripts {
		if report != nil {
			report(i, len(scripts), headline(script.Text))
		}
		if err := s.exec(ctx, block, script); err != nil {
			return err
		}
	}
	return nil
}

// headline is the first line of a script: what is told of it while it runs.
func headline(script string) string {
	line, _, _ := strings.Cut(strings.TrimLeft(script, "\n"), "\n")
	return line
}

// Exec runs one script outside the learner's shell, as validate's undo blocks are.
func (s *Stage) Exec(ctx context.Context, block string, script labs.Script) error {
	return s.exec(ctx, block, script)
}

// exec runs a script with bash, in a process group of its own so that a cancelled context ends all of it.
func (s *Stage) exec(ctx context.Context, block string, script labs.Script) error {
	cmd := exec.CommandContext(ctx, "bash", "--noprofile", "--norc", "-c", script.Text)
	cmd.Dir = s.WorkDir
	cmd.Env = s.Environ()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	var out tail
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return &ScriptError{Block: block, Path: s.Lab.Path, Line: script.Line, Output: out.String(), Err: err}
	}
	return nil
}

// tail keeps the end of what is written to it.
type tail struct{ buf []byte }

const tailSize = 4 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.buf = append(t.buf, p...)
	if extra := len(t.buf) - tailSize; extra > 0 {
		t.buf = append(t.buf[:0], t.buf[extra:]...)
	}
	return len(p), nil
}

func (t *tail) String() string { return strings.ToValidUTF8(string(t.buf), "") }

// Watches is every source that a lab's checks and questions look at. Where Kubernetes or Docker sources are empty, none
// is observed.
func Watches(lab *labs.Lab) []checks.Watch {
	seen := map[checks.Watch]bool{}
	var out []checks.Watch
	add := func(ws []checks.Watch) {
		for _, w := range ws {
			if !seen[w] {
				seen[w] = true
				out = append(out, w)
			}
		}
	}
	for _, step := range lab.Steps {
		for _, c := range step.Checks {
			add(c.Watches())
		}
		for _, q := range step.Questions {
			add(q.Watches())
		}
	}
	return out
}

// Baseline is the identities of everything in a snapshot, by source: what was there before the lab began, also where it
// is gone already.
func Baseline(snap checks.Snapshot, watches []checks.Watch) map[string]map[string]bool {
	before := map[string]map[string]bool{}
	for _, w := range watches {
		ids := map[string]bool{}
		state := snap.State(w.Key())
		for _, o := range slices.Concat(state.Items, state.Removed) {
			if id := checks.Identity(w.Source, o); id != "" {
				ids[id] = true
			}
		}
		before[w.Key()] = ids
	}
	return before
}
