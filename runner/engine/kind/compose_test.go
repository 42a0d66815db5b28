package kind

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kubelab/kubelab/runner/engine"
)

// dockerWithPlugins puts a docker command into the PATH that knows the plugins of DOCKER_CONFIG alone, as one does that
// came without plugins.
func dockerWithPlugins(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	script := "#!/bin/sh\nexec \"$DOCKER_CONFIG/cli-plugins/docker-$1\" \"$@\"\n"
	if err := os.WriteFile(filepath.Join(dir, "docker"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":/usr/bin:/bin")
}

// plugin is a file that works as one, or does not.
func plugin(t *testing.T, path, exitCode string) string {
	t.Helper()
	err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("#!/bin/sh\nexit "+exitCode+"\n"), 0o755))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFindCompose(t *testing.T) {
	offline := errors.New("no compiler")
	for _, c := range []struct {
		name        string
		linked, own string // exit codes of the plugin that is linked already, and of the user's; empty: there is none
		built       string // exit code of the one that is built; empty: it cannot be
		link        string // where the link leads to in the end: "built", "own" or nowhere
		gained      bool
	}{
		{"linked before", "0", "", "", "", true},
		{"the user's own", "", "0", "0", "own", true},
		{"nothing there", "", "", "0", "built", true},
		{"the user's own is broken", "", "1", "0", "built", true},
		{"the linked one is broken", "1", "", "0", "built", true},
		{"cannot be built", "", "", "", "", false},
		{"what was built does not work", "", "", "1", "built", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dockerWithPlugins(t)
			user, cache := t.TempDir(), t.TempDir()
			t.Setenv("DOCKER_CONFIG", user)
			e := newEngine(t)
			link := filepath.Join(e.Environment().DockerConfig, "cli-plugins", composePlugin)
			own, built := filepath.Join(user, "cli-plugins", composePlugin), filepath.Join(cache, "compose")
			if c.linked != "" {
				plugin(t, link, c.linked)
			}
			if c.own != "" {
				plugin(t, own, c.own)
			}
			e.cfg.Compose = func(context.Context, func(string)) (string, error) {
				if c.built == "" {
					return "", offline
				}
				return plugin(t, built, c.built), nil
			}
			gained, said := runFindCompose(t, e)
			if gained != c.gained || (!gained && !strings.Contains(said, "apt-get install")) {
				t.Errorf("gained: %v, said %q", gained, said)
			}
			want := map[string]string{"own": own, "built": built}[c.link]
			if got, _ := os.Readlink(link); got != want {
				t.Errorf("the plugin links to %q, want %q", got, want)
			}
		})
	}
}

// runFindCompose runs the step and returns whether compose was gained, and what was said last.
func runFindCompose(t *testing.T, e *Engine) (gained bool, said string) {
	t.Helper()
	u := &bringUp{Engine: e}
	step := engine.Step{Name: "compose", Gains: []engine.Capability{engine.Compose}, Do: u.findCompose}
	err := engine.Run(t.Context(), []engine.Step{step}, nil, func(p engine.Progress) {
		gained = gained || slices.Contains(p.Gained, engine.Compose)
		if p.Detail != "" {
			said = p.Detail
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return gained, said
}
