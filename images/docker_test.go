package images_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"github.com/kubelab/kubelab/images"
)

// newDocker is a client for an engine that answers.
func newDocker(t *testing.T) *client.Client {
	t.Helper()
	docker, err := client.New(client.FromEnv)
	if err == nil {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, err = docker.Ping(ctx, client.PingOptions{})
	}
	if err != nil {
		t.Skip("no Docker engine answers: ", err)
	}
	return docker
}

// TestBuildBusyboxInterruptedAndResumed builds busybox under a name of its own, is interrupted at each step, and goes on.
func TestBuildBusyboxInterruptedAndResumed(t *testing.T) {
	docker := newDocker(t)
	if _, err := exec.LookPath("busybox"); err != nil {
		if _, err := exec.LookPath("apt-get"); err != nil {
			t.Skip("neither busybox nor apt-get here: ", err)
		}
	}
	const name = "kubelab-test/busybox:resumed"
	cache := t.TempDir()
	t.Cleanup(func() {
		docker.ImageRemove(context.Background(), name, client.ImageRemoveOptions{})
	})
	store, err := images.New(images.Config{
		Docker: docker, CacheDir: cache, Source: images.OnlyBuild, Names: map[images.Kind]string{images.Busybox: name},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []string{"busybox-binary", "busybox-image"} {
		ctx, cancel := context.WithCancel(t.Context())
		err := store.Ensure(ctx, []images.Kind{images.Busybox}, func(p images.Progress) {
			if p.Step == step {
				cancel()
			}
		})
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("interrupted in %s: got %v, expected context.Canceled", step, err)
		}
		if _, err := docker.ImageInspect(t.Context(), name); !cerrdefs.IsNotFound(err) {
			t.Fatalf("interrupted in %s: there is an image: %v", step, err)
		}
		if half := halfFiles(t, cache); len(half) > 0 {
			t.Errorf("interrupted in %s: left are %v", step, half)
		}
	}
	var seen []string
	report := func(p images.Progress) {
		if p.Status == images.Done || p.Status == images.Skipped {
			seen = append(seen, p.Step)
		}
	}
	for range 2 { // the second time there is nothing to do
		if err := store.Ensure(t.Context(), []images.Kind{images.Busybox}, report); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(seen, " "); got != "busybox-image  " && got != "busybox-binary busybox-image  " {
		t.Errorf("done were %q, expected the image, the image as a whole, and nothing the second time", got)
	}
	inspect, err := docker.ImageInspect(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if origin := images.Origin(inspect.InspectResponse); !origin.Built || origin.StandInFor != "docker.io/library/busybox:latest" {
		t.Errorf("the stand-in says of itself %+v", origin)
	}
	out, err := exec.Command("docker", "run", "--rm", name, "sh", "-c", "echo hello from $(whoami) && ls -ld /tmp && wget --help 2>&1").CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "hello from root\ndrwxrwxrwt") || !strings.Contains(string(out), "BusyBox") {
		t.Errorf("docker run: %v: %s", err, out)
	}
}

// halfFiles lists what should not be there between two runs.
func halfFiles(t *testing.T, cache string) []string {
	t.Helper()
	var half []string
	err := filepath.WalkDir(cache, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && (strings.HasPrefix(entry.Name(), ".partial-") || filepath.Base(filepath.Dir(path)) == "work") {
			half = append(half, path)
		}
		return err
	})
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return half
}
