package main

import (
	"crypto/rand"
	"errors"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/moby/moby/client"
	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes the test binary the program as well: the scripts run it as kubelab and as kubectl.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"kubelab": main, "kubectl": main, "kubelab-panics": panics})
}

// TestScripts is the program as a script sees it: what it prints, and the code with which it exits. No Docker engine
// answers where the scripts look for one.
func TestScripts(t *testing.T) {
	testscript.Run(t, params("testdata/script", func(*testscript.Env) error { return nil }))
}

// TestDockerScripts is the program with a Docker engine.
func TestDockerScripts(t *testing.T) {
	docker, err := client.New(client.FromEnv, client.WithHost(dockerHost()))
	if err != nil {
		t.Skipf("no Docker engine answers: %v", err)
	}
	t.Cleanup(func() { docker.Close() })
	if _, err := docker.Ping(t.Context(), client.PingOptions{}); err != nil {
		t.Skipf("no Docker engine answers: %v", err)
	}
	if _, err := exec.LookPath("docker"); err != nil {
		t.Skip("there is no docker command")
	}
	if _, err := docker.ImageInspect(t.Context(), "busybox:latest"); err != nil {
		t.Skipf("busybox:latest is missing; `kubelab images busybox` brings it: %v", err)
	}
	testscript.Run(t, params("testdata/docker", func(e *testscript.Env) error {
		name := "kubelab-cli-" + rand.Text()
		e.Setenv("NAME", name)
		e.Setenv("DOCKER_HOST", dockerHost())
		e.Defer(func() {
			// Without a container of that name this fails, which is as good.
			_ = exec.Command("docker", "--host", dockerHost(), "rm", "--force", "--volumes", name).Run()
		})
		return nil
	}))
}

// params runs the scripts of a folder, each with a home, a cache and a state folder of its own.
func params(dir string, setup func(*testscript.Env) error) testscript.Params {
	return testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
		Setup: func(e *testscript.Env) error {
			program, err := exec.LookPath("kubelab")
			if err != nil {
				return err
			}
			for k, v := range map[string]string{
				"HOME": "home", "XDG_CACHE_HOME": "cache", "KUBELAB_STATE": "state", "DOCKER_HOST": "nowhere.sock",
			} {
				e.Setenv(k, filepath.Join(e.WorkDir, v))
			}
			e.Setenv("DOCKER_HOST", "unix://"+e.Getenv("DOCKER_HOST"))
			e.Setenv("KUBELAB", program)
			return setup(e)
		},
	}
}

// exits runs a program and wants its exit code: exits 3 kubelab doctor.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARG…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got, err := 0, ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}
