package kind

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/kubelab/kubelab/runner/engine"
)

// composePlugin is the file name by which the docker command finds its plugin.
const composePlugin = "docker-compose"

// findCompose makes `docker compose` work with the labs' configuration: with what is installed for all, with the user's own
// plugin, or with one that is built here. Where none can be had, the environment lacks only that.
func (u *bringUp) findCompose(ctx context.Context, t *engine.Task) error {
	if u.composeWorks(ctx) == nil {
		return nil
	}
	link := filepath.Join(u.Environment().DockerConfig, "cli-plugins", composePlugin)
	own := filepath.Join(userDockerConfig(), "cli-plugins", composePlugin)
	if _, err := os.Stat(own); err == nil && own != link {
		if err := linkPlugin(own, link); err != nil {
			return err
		}
		if u.composeWorks(ctx) == nil {
			return nil
		}
	}
	err := u.makeCompose(ctx, t, link)
	if err == nil || ctx.Err() != nil {
		return err
	}
	t.Say("docker compose를 준비하지 못했습니다. 설치하세요: sudo apt-get install docker-compose-v2 (또는 docker-compose-plugin). %v", err)
	t.Lack(engine.Compose)
	return nil
}

// makeCompose builds the plugin and lets the docker command find it.
func (u *bringUp) makeCompose(ctx context.Context, t *engine.Task, link string) error {
	if u.cfg.Compose == nil {
		return errors.New("make compose: this engine was not told how")
	}
	built, err := u.cfg.Compose(ctx, func(detail string) { t.Say("%s", detail) })
	if err != nil {
		return fmt.Errorf("make compose: %w", err)
	}
	if err := linkPlugin(built, link); err != nil {
		return err
	}
	return u.composeWorks(ctx)
}

// linkPlugin makes a link to a plugin, and the folder it stands in.
func linkPlugin(target, name string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	return link(target, name)
}

// composeWorks runs the plugin as the learner's shell would.
func (e *Engine) composeWorks(ctx context.Context) error {
	env := e.Environment()
	c := exec.CommandContext(ctx, "docker", "compose", "version")
	c.Env = append(os.Environ(), "DOCKER_HOST="+env.DockerHost, "DOCKER_CONFIG="+env.DockerConfig)
	out, err := c.CombinedOutput()
	if err != nil {
		return fmt.Errorf("run docker compose version: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}
