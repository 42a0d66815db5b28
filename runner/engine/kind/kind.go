// Package kind is the engine with real parts: a Docker engine, a kind cluster, a registry with a login, and addresses
// for Services of type LoadBalancer. Up looks at what is there and makes what is missing, so that it also mends what an
// interrupted run, a restart of Docker or a curious learner has left half done.
package kind

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"

	"github.com/moby/moby/client"

	"github.com/kubelab/kubelab/runner/engine"
)

// Label is on every Docker object that this engine makes itself; its value is the engine's name. The nodes are made by
// kind, and carry kind's own label.
const Label = "dev.kubelab.name"

// The login of the registry. It is no secret: the registry listens on the loopback address alone, and labs print it.
const (
	registryUser     = "kubelab"
	registryPassword = "kubelab"
)

// Image is a container image that the engine needs, by its role.
type Image string

// The images.
const (
	Busybox  Image = "busybox"
	NodeJS   Image = "node"
	Registry Image = "registry"
	NodeKind Image = "kindest/node"
)

// LocalImage is an image that is in the Docker engine.
type LocalImage struct {
	// Ref names the image there: "busybox:latest", or with a digest.
	Ref string
	// StandIn is true where the image was built here in place of the original.
	StandIn bool
}

// ImageSource puts images into the Docker engine.
type ImageSource interface {
	// Ensure pulls or builds the image where it is missing, and says what it is doing. Interrupted, it leaves nothing
	// that keeps the next call from succeeding.
	Ensure(ctx context.Context, image Image, say func(detail string)) (LocalImage, error)
}

// Config says where an engine keeps its things.
type Config struct {
	// Name is the cluster's name, and the beginning of every container's. Default: kubelab.
	Name string
	// StateDir is a folder of this engine's own: nobody else writes there.
	StateDir string
	// DockerHost is where the Docker engine answers. Default: where the docker command would look.
	DockerHost string
	// RegistryPort is the port of the registry on 127.0.0.1. Default: 5001.
	RegistryPort int
	// Needs are what Up brings up, together with what that is built on. Empty means everything.
	Needs []engine.Capability
	// Images is where images come from.
	Images ImageSource
	// Compose makes the docker command's plugin compose, says what it is doing, and returns the plugin's file. nil: what
	// is installed has to do.
	Compose func(ctx context.Context, say func(detail string)) (file string, err error)
	// Executable is this program; BinDir's kubectl points to it. Default: os.Executable.
	Executable string
	// LoadBalancerArgs are the arguments with which Executable calls ServeLoadBalancer for StateDir. Default:
	// "loadbalancer" and StateDir.
	LoadBalancerArgs []string
}

// Engine is a kind cluster with a registry and load-balancer addresses.
type Engine struct {
	cfg    Config
	docker *client.Client
	// selected are the names of the steps that Up does.
	selected map[string]bool
	// stateMu guards the state file: steps that run at the same time change it.
	stateMu sync.Mutex
}

var _ engine.Engine = (*Engine)(nil)

// New returns an engine. It changes nothing and asks nobody.
func New(cfg Config) (*Engine, error) {
	if cfg.StateDir == "" || cfg.Images == nil {
		return nil, errors.New("new kind engine: StateDir and Images are required")
	}
	dir, err := filepath.Abs(cfg.StateDir)
	if err != nil {
		return nil, fmt.Errorf("new kind engine: %w", err)
	}
	cfg.StateDir = dir
	if cfg.Name == "" {
		cfg.Name = "kubelab"
	}
	if cfg.RegistryPort == 0 {
		cfg.RegistryPort = 5001
	}
	if cfg.DockerHost == "" {
		cfg.DockerHost = FindDockerHost(os.Getenv, userDockerConfig())
	}
	if cfg.Executable == "" {
		if cfg.Executable, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("find this program: %w", err)
		}
	}
	if cfg.LoadBalancerArgs == nil {
		cfg.LoadBalancerArgs = []string{"loadbalancer", cfg.StateDir}
	}
	docker, err := client.New(client.FromEnv, client.WithHost(cfg.DockerHost))
	if err != nil {
		return nil, fmt.Errorf("make Docker client for %s: %w", cfg.DockerHost, err)
	}
	e := &Engine{cfg: cfg, docker: docker, selected: map[string]bool{}}
	steps, err := engine.Select(e.steps(), cfg.Needs)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("new kind engine: %w", err), docker.Close())
	}
	for _, s := range steps {
		e.selected[s.Name] = true
	}
	return e, nil
}

// Close gives back the engine's connections. What is up stays up.
func (e *Engine) Close() error {
	if err := e.docker.Close(); err != nil {
		return fmt.Errorf("close Docker client: %w", err)
	}
	return nil
}

// Environment says where things are.
func (e *Engine) Environment() *engine.Environment {
	vars := map[string]string{"CONTROL_PLANE": e.controlPlane()}
	if !haveBuildx(userDockerConfig()) {
		vars["DOCKER_BUILDKIT"] = "0" // the docker command refuses to use BuildKit without its plugin
	}
	return &engine.Environment{
		Engine:       "kind",
		DockerHost:   e.cfg.DockerHost,
		DockerConfig: e.path("docker"),
		Kubeconfig:   e.path("kubeconfig"),
		Context:      "kind-" + e.cfg.Name,
		Namespace:    "default",
		Registry: engine.RegistryAddress{
			Host: e.registryHost(), User: registryUser, Password: registryPassword,
		},
		BinDir: e.path("bin"),
		Vars:   vars,
	}
}

// path is a file of the engine's own.
func (e *Engine) path(name string) string { return filepath.Join(e.cfg.StateDir, name) }

// registryHost is what image names begin with, on the host and in manifests alike. It says localhost, not 127.0.0.1,
// because that is what the labs teach; Docker takes both for insecure by default.
func (e *Engine) registryHost() string {
	return net.JoinHostPort("localhost", strconv.Itoa(e.cfg.RegistryPort))
}

// Up brings up what Config.Needs asks for, or puts right what is there of it.
func (e *Engine) Up(ctx context.Context, report func(engine.Progress)) error {
	unlock, err := e.lock(ctx, report)
	if err != nil {
		return err
	}
	defer unlock()
	if err := e.sweep(); err != nil {
		return err
	}
	steps, err := engine.Select(e.steps(), e.cfg.Needs)
	if err != nil {
		return err
	}
	took := engine.LoadDurations(e.path("durations.json"))
	news := upNews{gained: map[engine.Capability]bool{}, said: map[string]string{}}
	err = engine.Run(ctx, steps, took, func(p engine.Progress) {
		news.add(p)
		report(p)
	})
	if err == nil {
		err = news.lacking(steps, e.cfg.Needs)
	}
	return errors.Join(err, took.Save())
}

// upNews is what the steps of one Up gained, and the last line that each of them said.
type upNews struct {
	gained map[engine.Capability]bool
	said   map[string]string
}

func (n *upNews) add(p engine.Progress) {
	for _, c := range p.Gained {
		n.gained[c] = true
	}
	if p.Detail != "" {
		n.said[p.Step] = p.Detail
	}
}

// lacking is an error where something that was asked for was not gained although no step failed. Where everything is to
// be brought up, whatever a machine can give is right.
func (n *upNews) lacking(steps []engine.Step, needs []engine.Capability) error {
	var errs []error
	for _, s := range steps {
		for _, c := range s.Gains {
			if slices.Contains(needs, c) && !n.gained[c] {
				errs = append(errs, fmt.Errorf("이 컴퓨터에서는 %s 없이만 준비됩니다. %s: %s", c, s.Title, n.said[s.Name]))
			}
		}
	}
	return errors.Join(errs...)
}
