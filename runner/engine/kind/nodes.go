package kind

import (
	"context"
	"fmt"
	"strings"

	"github.com/moby/moby/client"
	"golang.org/x/sync/errgroup"

	"github.com/kubelab/kubelab/runner/engine"
)

// configureNodes tells containerd on each node where images are. The files are read at each pull, so that nothing has
// to be restarted.
func (u *bringUp) configureNodes(ctx context.Context, t *engine.Task) error {
	nodes, err := u.nodes(ctx)
	if err != nil {
		return err
	}
	files := u.registryHosts()
	g, ctx := errgroup.WithContext(ctx)
	workers := 0
	for _, n := range nodes {
		if strings.Contains(nameOf(n), "-worker") {
			workers++
		}
		g.Go(func() error {
			if u.haveFiles(ctx, n.ID, files) {
				return nil
			}
			return u.putFiles(ctx, n.ID, files)
		})
	}
	if err := g.Wait(); err != nil {
		return fmt.Errorf("configure nodes: %w", err)
	}
	t.Say("워커 노드 %d개", workers)
	if workers < 2 {
		t.Lack(engine.TwoNodes)
	}
	return nil
}

// haveFiles tells whether a container has the files, as far as their sizes tell: looking is much quicker than writing,
// for which Docker starts a program of its own.
func (e *Engine) haveFiles(ctx context.Context, id string, files []file) bool {
	for _, f := range files {
		got, err := e.docker.ContainerStatPath(ctx, id, client.ContainerStatPathOptions{Path: f.path})
		if err != nil || got.Stat.Size != int64(len(f.text)) {
			return false
		}
	}
	return true
}

// registryHosts are containerd's host configurations (docs/hosts.md of containerd): the learner's registry is reached
// without a login inside the nodes' network, and Docker Hub's images are looked for in the mirror first.
func (e *Engine) registryHosts() []file {
	return []file{
		hostsFile(e.registryHost(), "", "http://"+e.nodeRegistryName()+":5000"),
		hostsFile("docker.io", "https://registry-1.docker.io", "http://"+e.mirrorName()+":5000"),
	}
}

// hostsFile sends pulls for a registry to host first, and then to server where there is one.
func hostsFile(registry, server, host string) file {
	if server == "" {
		server = host
	}
	text := fmt.Sprintf("server = %q\n\n[host.%q]\n  capabilities = [\"pull\", \"resolve\"]\n", server, host)
	return file{"/etc/containerd/certs.d/" + registry + "/hosts.toml", []byte(text)}
}
