package kind

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
	"golang.org/x/crypto/bcrypt"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/kubelab/kubelab/runner/engine"
)

// There are three registries:
//
//	NAME-registry        the learner's, with a login, published at 127.0.0.1:RegistryPort
//	NAME-registry-nodes  the same content without a login, read-only, on the nodes' network alone
//	NAME-mirror          what the nodes ask before Docker Hub, with content and a volume of its own, so that
//	                     the learner's list of repositories shows only what the learner pushed
func (e *Engine) registryName() string     { return e.cfg.Name + "-registry" }
func (e *Engine) nodeRegistryName() string { return e.cfg.Name + "-registry-nodes" }
func (e *Engine) mirrorName() string       { return e.cfg.Name + "-mirror" }
func (e *Engine) registryVolume() string   { return e.cfg.Name + "-registry" }
func (e *Engine) mirrorVolume() string     { return e.cfg.Name + "-mirror" }
func (e *Engine) registryNames() []string {
	return []string{e.registryName(), e.nodeRegistryName(), e.mirrorName()}
}

// registryPortInside is where registry:3 listens in its container.
var registryPortInside = network.MustParsePort("5000/tcp")

// registryAnswer is how long a registry may take to answer after its start.
const registryAnswer = 30 * time.Second

// startRegistry brings up the registry with the login.
func (u *bringUp) startRegistry(ctx context.Context, t *engine.Task) error {
	if err := u.makeVolume(ctx, u.registryVolume()); err != nil {
		return err
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(registryPassword), bcrypt.MinCost)
	if err != nil {
		return fmt.Errorf("hash registry password: %w", err)
	}
	spec := u.registrySpec(u.registryName(), u.registryVolume())
	spec.Config.Env = append(spec.Config.Env,
		"REGISTRY_AUTH=htpasswd", "REGISTRY_AUTH_HTPASSWD_REALM=kubelab", "REGISTRY_AUTH_HTPASSWD_PATH=/auth/htpasswd")
	spec.Files = []file{{"/auth/htpasswd", fmt.Appendf(nil, "%s:%s\n", registryUser, hash)}}
	spec.Revision = registryUser + ":" + registryPassword
	publish(&spec, u.cfg.RegistryPort)
	if err := u.ensureContainer(ctx, t, spec); err != nil {
		return err
	}
	url := "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(u.cfg.RegistryPort)) + "/v2/"
	if err := waitRegistry(ctx, url, registryUser, registryPassword); err != nil {
		return err
	}
	t.Say("%s", u.registryHost())
	return nil
}

// startNodeRegistries brings up what the nodes pull from.
func (u *bringUp) startNodeRegistries(ctx context.Context, t *engine.Task) error {
	nodes := u.registrySpec(u.nodeRegistryName(), u.registryVolume())
	nodes.Config.Env = append(nodes.Config.Env, "REGISTRY_STORAGE_MAINTENANCE_READONLY={\"enabled\":true}")
	nodes.Host.NetworkMode = container.NetworkMode(nodeNetwork())
	if err := u.ensureContainer(ctx, t, nodes); err != nil {
		return err
	}
	if err := u.makeVolume(ctx, u.mirrorVolume()); err != nil {
		return err
	}
	mirror := u.registrySpec(u.mirrorName(), u.mirrorVolume())
	mirror.Host.NetworkMode = container.NetworkMode(nodeNetwork())
	publish(&mirror, 0)
	return u.ensureContainer(ctx, t, mirror)
}

// registrySpec is what the registries have in common.
func (u *bringUp) registrySpec(name, volume string) containerSpec {
	return containerSpec{
		Name: name,
		Config: container.Config{
			Image: u.images.of(Registry).Ref,
			Env:   []string{"OTEL_TRACES_EXPORTER=none"},
		},
		Host: container.HostConfig{
			RestartPolicy: container.RestartPolicy{Name: container.RestartPolicyUnlessStopped},
			Mounts:        []mount.Mount{{Type: mount.TypeVolume, Source: volume, Target: "/var/lib/registry"}},
		},
	}
}

// publish makes a registry answer at a port of 127.0.0.1, where 0 lets Docker choose.
func publish(s *containerSpec, port int) {
	binding := network.PortBinding{HostIP: netip.MustParseAddr("127.0.0.1")}
	if port != 0 {
		binding.HostPort = strconv.Itoa(port)
	}
	s.Config.ExposedPorts = network.PortSet{registryPortInside: {}}
	s.Host.PortBindings = network.PortMap{registryPortInside: {binding}}
}

// makeVolume makes a volume of the engine's own; one that exists keeps its content. It is data, not something that
// runs: Down removes it, a failed Up does not.
func (e *Engine) makeVolume(ctx context.Context, name string) error {
	_, err := e.docker.VolumeCreate(ctx, client.VolumeCreateOptions{Name: name, Labels: map[string]string{Label: e.cfg.Name}})
	if err != nil {
		return fmt.Errorf("make volume %s: %w", name, err)
	}
	return nil
}

// waitRegistry waits until the registry answers its base URL with 200, with a login where user is set. A time-out
// carries the last answer.
func waitRegistry(ctx context.Context, url, user, password string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, registryAnswer, fmt.Errorf("registry did not answer within %s", registryAnswer))
	defer cancel()
	var last error
	err := wait.PollUntilContextCancel(ctx, 50*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		last = askRegistry(ctx, url, user, password)
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("wait for registry at %s: %w (last seen: %w)", url, context.Cause(ctx), last)
	}
	return nil
}

func askRegistry(ctx context.Context, url, user, password string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	if user != "" {
		req.SetBasicAuth(user, password)
	}
	resp, err := directly.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("answered %s", resp.Status)
	}
	return nil
}

// directly asks without a proxy and keeps no connection: registries answer on the loopback address.
var directly = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}
