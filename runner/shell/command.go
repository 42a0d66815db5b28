package shell

import (
	"fmt"
	"os/exec"
)

// Command returns the command that runs a learner's shell in the caller's own terminal: the same prompt, aliases and
// completion as with Start. Nothing of what is typed is seen; OnCommand and the size are ignored.
func Command(cfg Config) (*exec.Cmd, error) {
	cfg, err := withDefaults(cfg)
	if err != nil {
		return nil, fmt.Errorf("prepare shell: %w", err)
	}
	p, err := findProgram(cfg.Program, cfg.Env)
	if err != nil {
		return nil, err
	}
	args, more, err := writeRC(p, settings{
		nonce: newNonce(), state: cfg.StateDir, root: cfg.Dir, label: cfg.Label, host: cfg.Host, ps0: !cfg.noPS0,
	})
	if err != nil {
		return nil, fmt.Errorf("prepare shell: %w", err)
	}
	cmd := exec.Command(p.path, args...)
	cmd.Dir = cfg.Dir
	cmd.Env = shellEnv(cfg.Env, cfg.Dir, p, more)
	return cmd, nil
}
