package kind

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/moby/moby/client"
	"go.uber.org/goleak"

	"github.com/kubelab/kubelab/runner/engine"
)

// TestMain makes the test program serve as the load balancer's process as well.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "loadbalancer" {
		if err := ServeLoadBalancer(context.Background(), os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// localImages has the images that are in the Docker engine already.
type localImages struct{ docker *client.Client }

func (l localImages) Ensure(ctx context.Context, image Image, say func(string)) (LocalImage, error) {
	ref := map[Image]string{Busybox: "busybox:latest", NodeJS: "node:22-alpine", Registry: "registry:3", NodeKind: "kindest/node:v1.37.0"}[image]
	say(ref)
	if _, err := l.docker.ImageInspect(ctx, ref); err != nil {
		return LocalImage{}, err
	}
	return LocalImage{Ref: ref, StandIn: true}, nil
}

// newEngine is an engine with a name and a port of the tests' own.
func newEngine(t *testing.T) *Engine { return engineOf(t) }

// engineOf is a newEngine that brings up only what is needed.
func engineOf(t *testing.T, needs ...engine.Capability) *Engine {
	t.Helper()
	docker, err := client.New(client.FromEnv)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { docker.Close() })
	e, err := New(Config{
		Name: "kl-engine-test", StateDir: filepath.Join(t.TempDir(), "kind"), RegistryPort: 5101, Images: localImages{docker}, Needs: needs,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// needDocker skips a test where no Docker engine has the images it needs.
func needDocker(t *testing.T, e *Engine, images ...Image) {
	t.Helper()
	if err := e.knock(t.Context()); err != nil {
		t.Skipf("no Docker engine answers: %v", err)
	}
	for _, i := range images {
		if _, err := e.cfg.Images.Ensure(t.Context(), i, func(string) {}); err != nil {
			t.Skipf("image %s is missing: %v", i, err)
		}
	}
}
