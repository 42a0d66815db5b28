package kind

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/kubelab/kubelab/runner/engine"
)

// state is what the engine must remember about things that cannot carry a label.
type state struct {
	// Made is set before anything is made in Docker.
	Made bool `json:"made,omitempty"`
	// Cluster is "creating" from before the first node exists until the cluster is whole, then "created". Nodes
	// without "created" are half of a cluster that nobody finished.
	Cluster string `json:"cluster,omitempty"`
	// Nodes are the names of the cluster's containers.
	Nodes []string `json:"nodes,omitempty"`
	// Seeded holds, for each image that was put into the mirror, the ID of the local image that it was made from.
	Seeded map[string]string `json:"seeded,omitempty"`
}

const (
	clusterCreating = "creating"
	clusterCreated  = "created"
)

// loadState reads the state. A file that a power cut has torn says nothing, which makes Up begin anew.
func (e *Engine) loadState() state {
	var s state
	if b, err := os.ReadFile(e.path("kind.json")); err == nil && json.Unmarshal(b, &s) != nil {
		return state{}
	}
	return s
}

// changeState changes the state file in one atomic replacement.
func (e *Engine) changeState(change func(*state)) error {
	e.stateMu.Lock()
	defer e.stateMu.Unlock()
	s := e.loadState()
	change(&s)
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("encode engine state: %w", err)
	}
	if err := os.MkdirAll(e.cfg.StateDir, 0o700); err != nil {
		return fmt.Errorf("save engine state: %w", err)
	}
	return replaceFile(e.path("kind.json"), b)
}

// replaceFile writes a file such that it is whole or not there, also after a power cut.
func replaceFile(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return fmt.Errorf("replace file: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("replace file: %w", err)
	}
	return nil
}

// writeFiles makes the folders of the learner's shell. What a learner has put there (a login) stays.
func (u *bringUp) writeFiles(context.Context, *engine.Task) error {
	env := u.Environment()
	for _, dir := range []string{env.DockerConfig, env.BinDir} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("make folder: %w", err)
		}
	}
	config := filepath.Join(env.DockerConfig, "config.json")
	if _, err := os.Stat(config); errors.Is(err, fs.ErrNotExist) {
		if err := replaceFile(config, dockerConfig(userDockerConfig())); err != nil {
			return err
		}
	}
	return link(u.cfg.Executable, filepath.Join(env.BinDir, "kubectl"))
}

// dockerConfig is the docker command's configuration for labs: no context and no credential helper of the user's, but
// the plugins that the user has installed.
func dockerConfig(user string) []byte {
	config := map[string]any{}
	if plugins := filepath.Join(user, "cli-plugins"); isDir(plugins) {
		config["cliPluginsExtraDirs"] = []string{plugins}
	}
	b, err := json.MarshalIndent(config, "", "  ")
	if err != nil {
		panic(err) // strings in a map always encode
	}
	return append(b, '\n')
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// link makes name a symbolic link to target, whatever stood there before.
func link(target, name string) error {
	if now, err := os.Readlink(name); err == nil && now == target {
		return nil
	}
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("replace link: %w", err)
	}
	if err := os.Symlink(target, name); err != nil {
		return fmt.Errorf("link %s: %w", filepath.Base(name), err)
	}
	return nil
}

// removeFiles removes every file of the engine's own, and the folder when nothing else is in it.
func (e *Engine) removeFiles() error {
	errs := []error{e.sweep()}
	for _, name := range ownFiles {
		if err := os.RemoveAll(e.path(name)); err != nil {
			errs = append(errs, fmt.Errorf("remove file: %w", err))
		}
	}
	_ = os.Remove(e.cfg.StateDir) // fails where somebody else keeps something there, and then it must stay
	return errors.Join(errs...)
}

// sweep removes what an interrupted run was about to write. Only the holder of the lock may call it.
func (e *Engine) sweep() error {
	left, err := filepath.Glob(e.path("*.tmp"))
	if err != nil {
		return fmt.Errorf("look for left files: %w", err)
	}
	for _, path := range left {
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("remove left file: %w", err)
		}
	}
	return nil
}

// ownFiles are all files and folders that the engine makes in its state folder. The lock goes last.
var ownFiles = []string{
	"kubeconfig", "kubeconfig.lock", "docker", "bin", "kind.json", "durations.json",
	"loadbalancer.pid", "loadbalancer.log", "up.lock",
}
