package kind

import (
	"context"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/moby/moby/client"

	"github.com/kubelab/kubelab/runner/engine"
)

// registrySteps are the steps of Up that need no cluster.
func registrySteps(e *Engine) []engine.Step {
	var steps []engine.Step
	for _, s := range e.steps() {
		switch s.Name {
		case "cluster-image", "cluster", "nodes", "storage", "loadbalancer", "compose":
		default:
			steps = append(steps, s)
		}
	}
	return steps
}

// TestRegistries brings up the registries on a real Docker engine, uses them as a docker client and as a node would,
// breaks them, and takes them down.
func TestRegistries(t *testing.T) {
	e := newEngine(t)
	needDocker(t, e, Busybox, NodeJS, Registry)
	if got := objects(t, e); len(got) > 0 {
		t.Skipf("another run of this test has its things in Docker: %v", got)
	}
	t.Cleanup(func() {
		if err := e.Down(context.Background(), func(engine.Progress) {}); err != nil {
			t.Errorf("Down() = %v", err)
		}
		if got := objects(t, e); len(got) > 0 {
			t.Errorf("Down() left %v", got)
		}
	})
	run := func() map[engine.Capability]bool {
		t.Helper()
		gained := map[engine.Capability]bool{}
		err := engine.Run(t.Context(), registrySteps(e), nil, func(p engine.Progress) {
			for _, c := range p.Gained {
				gained[c] = true
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		return gained
	}
	if gained := run(); !gained[engine.Registry] || !gained[engine.Docker] {
		t.Errorf("gained %v, want docker and registry", gained)
	}
	image := pushBusybox(t, e)
	checkLogin(t, e)
	checkSeeds(t, e)

	before := objects(t, e)
	started := startTimes(t, e)
	run()
	if !slices.Equal(started, startTimes(t, e)) {
		t.Error("a second run made containers anew that were well")
	}
	for i, name := range e.registryNames() {
		var err error
		if i == 0 {
			_, err = e.docker.ContainerKill(t.Context(), name, client.ContainerKillOptions{})
		} else {
			err = e.removeContainer(t.Context(), name)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	run()
	if after := objects(t, e); !slices.Equal(before, after) {
		t.Errorf("after mending: %v, want %v", after, before)
	}
	if tags := catalog(t, e); !slices.Equal(tags, []string{"kl-e2e"}) {
		t.Errorf("the registry lists %v, want what was pushed before, and nothing else", tags)
	}
	if logged := nodeSees(t, e, image); !strings.Contains(logged, "200") {
		t.Errorf("a neighbour on the nodes' network sees %q, want 200", logged)
	}
}

func startTimes(t *testing.T, e *Engine) (times []string) {
	t.Helper()
	for _, name := range e.registryNames() {
		got, err := e.docker.ContainerInspect(t.Context(), name, client.ContainerInspectOptions{})
		if err != nil {
			t.Fatal(err)
		}
		times = append(times, got.Container.ID+got.Container.State.StartedAt)
	}
	return times
}

// checkLogin asks the registry with and without a login.
func checkLogin(t *testing.T, e *Engine) {
	t.Helper()
	url := "http://127.0.0.1:5101/v2/"
	if err := askRegistry(t.Context(), url, "", ""); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("without a login: %v, want 401", err)
	}
	if err := askRegistry(t.Context(), url, registryUser, "wrong"); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("with a wrong password: %v, want 401", err)
	}
	if err := askRegistry(t.Context(), url, registryUser, registryPassword); err != nil {
		t.Errorf("with the login: %v", err)
	}
	if _, err := exec.LookPath("docker"); err != nil {
		return
	}
	login := exec.CommandContext(t.Context(), "docker", "login", e.registryHost(), "-u", registryUser, "--password-stdin")
	login.Env = append(login.Environ(), "DOCKER_CONFIG="+e.Environment().DockerConfig, "DOCKER_HOST="+e.cfg.DockerHost)
	login.Stdin = strings.NewReader(registryPassword)
	if out, err := login.CombinedOutput(); err != nil {
		t.Errorf("docker login: %v: %s", err, out)
	}
}

// checkSeeds looks for the images that nodes find under their names on Docker Hub.
func checkSeeds(t *testing.T, e *Engine) {
	t.Helper()
	host, err := e.mirrorAddress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range seeds {
		tag, err := name.NewTag(host+"/"+s.name, name.Insecure)
		if err != nil {
			t.Fatal(err)
		}
		img, err := remote.Image(tag, remote.WithTransport(directly.Transport), remote.WithContext(t.Context()))
		if err != nil {
			t.Errorf("%s: %v", s.name, err)
			continue
		}
		if config, err := img.ConfigFile(); err != nil || len(config.RootFS.DiffIDs) == 0 {
			t.Errorf("%s: config %+v, %v", s.name, config, err)
		}
	}
	local, err := e.docker.ImageInspect(t.Context(), "busybox:latest")
	if err != nil {
		t.Fatal(err)
	}
	for _, tag := range local.RepoTags {
		if strings.Contains(tag, host) {
			t.Errorf("seeding left the tag %s, which learners see", tag)
		}
	}
}

// catalog lists the repositories of the learner's registry.
func catalog(t *testing.T, e *Engine) []string {
	t.Helper()
	reg, err := name.NewRegistry(e.registryHost(), name.Insecure)
	if err != nil {
		t.Fatal(err)
	}
	got, err := remote.Catalog(t.Context(), reg, remote.WithAuth(basic{}), remote.WithTransport(directly.Transport))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// nodeSees asks for a manifest without a login from a container on the nodes' network.
func nodeSees(t *testing.T, e *Engine, image string) string {
	t.Helper()
	path := strings.TrimPrefix(image, e.registryHost()+"/")
	path = strings.Replace(path, ":", "/manifests/", 1)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "docker", "run", "--rm", "--name", e.cfg.Name+"-neighbour", "--network", nodeNetwork(), "busybox",
		"wget", "-S", "-O", "/dev/null", "--header", "Accept: application/vnd.docker.distribution.manifest.v2+json",
		"http://"+e.nodeRegistryName()+":5000/v2/"+path).CombinedOutput()
	if err != nil {
		t.Logf("wget: %v", err)
	}
	return string(out)
}

// basic is the registry's login.
type basic struct{}

func (basic) Authorization() (*authn.AuthConfig, error) {
	return &authn.AuthConfig{Username: registryUser, Password: registryPassword}, nil
}
