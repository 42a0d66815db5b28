package observe

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/runner/engine"
)

const testImage = "busybox:latest"

// dockerEngine returns the host of an engine that answers and has the test's image; without one the test is skipped.
func dockerEngine(t testing.TB) string {
	t.Helper()
	host := os.Getenv("DOCKER_HOST")
	if host == "" {
		host = client.DefaultDockerHost
	}
	cli, err := client.New(client.WithHost(host))
	if err != nil {
		t.Skipf("no Docker engine: %v", err)
	}
	defer func() { _ = cli.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if _, err := cli.Ping(ctx, client.PingOptions{}); err != nil {
		t.Skipf("no Docker engine answers: %v", err)
	}
	if _, err := cli.ImageInspect(ctx, testImage); err != nil {
		t.Skipf("the Docker engine has no image %s: %v", testImage, err)
	}
	if _, err := exec.LookPath("docker"); err != nil {
		t.Skipf("no docker command: %v", err)
	}
	return host
}

// docker runs the docker command and returns what it wrote to its standard output, without the last newline.
func docker(t testing.TB, args ...string) string {
	t.Helper()
	out, err := tryDocker(args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func tryDocker(args ...string) (string, error) {
	cmd := exec.Command("docker", args...)
	cmd.Env = append(os.Environ(), "DOCKER_BUILDKIT=0")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("docker %s: %w: %s", strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSuffix(string(out), "\n"), nil
}

// removing removes with a docker command when the test ends, also what the test has removed itself.
func removing(t testing.TB, args ...string) {
	t.Cleanup(func() { _, _ = tryDocker(args...) })
}

func dockerConfig(host string) Config { return Config{Env: &engine.Environment{DockerHost: host}} }

// named returns the object of a name in one of the lists.
func named(objects []checks.Object, name string) checks.Object { return find(objects, name, "Name") }

func TestDockerContainerFromCreateToRemove(t *testing.T) {
	host := dockerEngine(t)
	o := observing(t, dockerConfig(host), watchesOf(checks.Containers)...)
	name := "kl-observe-life"
	removing(t, "rm", "-f", name)
	status := func(want string) func(checks.State) bool {
		return func(s checks.State) bool { return checks.Text(named(s.Items, name), "State", "Status") == want }
	}
	id := docker(t, "run", "-d", "--name", name, "--label", "who=kl-observe", testImage, "sleep", "1000")
	running := until(t, o, checks.Containers, "running", status("running"))
	c := named(running.Items, name)
	if checks.Text(c, "Id") != id || checks.Text(c, "ImageName") != testImage || checks.Text(c, "Config", "Labels", "who") != "kl-observe" {
		t.Errorf("the container is %v", c)
	}
	if pid, ok := checks.Field(c, "State", "Pid").(int64); !ok || pid == 0 {
		t.Errorf("State.Pid is %v, want a process id as int64", checks.Field(c, "State", "Pid"))
	}
	docker(t, "pause", name)
	until(t, o, checks.Containers, "paused", status("paused"))
	docker(t, "unpause", name)
	docker(t, "rename", name, name+"-2")
	until(t, o, checks.Containers, "renamed", func(s checks.State) bool { return named(s.Items, name+"-2") != nil })
	docker(t, "rename", name+"-2", name)
	docker(t, "kill", name)
	until(t, o, checks.Containers, "killed", func(s checks.State) bool {
		return status("exited")(s) && checks.Field(named(s.Items, name), "State", "ExitCode") == int64(137)
	})
	docker(t, "rm", name)
	gone := until(t, o, checks.Containers, "removed", func(s checks.State) bool { return named(s.Removed, name) != nil })
	if named(gone.Items, name) != nil {
		t.Error("a removed container is still there")
	}
}

func TestDockerQuickContainersAreNotLost(t *testing.T) {
	host := dockerEngine(t)
	o := observing(t, dockerConfig(host), watchesOf(checks.Containers, checks.DockerEvents)...)
	const n = 20
	var started sync.WaitGroup
	limit := make(chan struct{}, 8)
	for i := range n {
		removing(t, "rm", "-f", fmt.Sprintf("kl-observe-quick-%d", i))
		started.Go(func() {
			limit <- struct{}{}
			defer func() { <-limit }()
			// Its exit status is the container's, so an error says nothing.
			_, _ = tryDocker("run", "--rm", "--name", fmt.Sprintf("kl-observe-quick-%d", i), testImage, "sh", "-c", fmt.Sprintf("exit %d", i))
		})
	}
	started.Wait()
	quick := func(s checks.State) map[string]checks.Object {
		found := map[string]checks.Object{}
		for _, c := range s.Removed {
			if name := checks.Text(c, "Name"); strings.HasPrefix(name, "kl-observe-quick-") {
				found[name] = c
			}
		}
		return found
	}
	state := until(t, o, checks.Containers, fmt.Sprintf("knew all %d", n), func(s checks.State) bool { return len(quick(s)) == n })
	commands := 0
	for i := range n {
		name := fmt.Sprintf("kl-observe-quick-%d", i)
		c := quick(state)[name]
		if checks.Text(c, "ImageName") != testImage || checks.Text(c, "Config", "Image") != testImage {
			t.Errorf("%s: image %q", name, checks.Text(c, "ImageName"))
		}
		if checks.Field(c, "State", "ExitCode") != int64(i) || checks.Text(c, "State", "Status") != "exited" || checks.Field(c, "State", "Running") != false {
			t.Errorf("%s ended as %v", name, checks.Field(c, "State"))
		}
		if cmd, ok := checks.Field(c, "Config", "Cmd").([]any); ok && slices.Equal(cmd, []any{"sh", "-c", fmt.Sprintf("exit %d", i)}) {
			commands++
		}
	}
	t.Logf("the command is known of %d of %d", commands, n)
	until(t, o, checks.DockerEvents, "had every die event", func(s checks.State) bool {
		died := 0
		for _, e := range s.Items {
			if strings.HasPrefix(checks.Text(e, "Actor", "Attributes", "name"), "kl-observe-quick-") && checks.Text(e, "Action") == "die" {
				died++
			}
		}
		return died == n
	})
}

// cuttable stands between the observer and Docker.
type cuttable struct {
	target string
	path   string
	mu     sync.Mutex
	down   bool
	open   []net.Conn
}

func newCuttable(t *testing.T, host string) *cuttable {
	t.Helper()
	target, isUnix := strings.CutPrefix(host, "unix://")
	if !isUnix {
		t.Skipf("the engine is not on a Unix socket: %s", host)
	}
	c := &cuttable{target: target, path: filepath.Join(t.TempDir(), "docker.sock")}
	listener, err := net.Listen("unix", c.path)
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { c.serve(from) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		c.set(true)
		serving.Wait()
	})
	return c
}

func (c *cuttable) serve(from net.Conn) {
	defer func() { _ = from.Close() }()
	to, err := net.Dial("unix", c.target)
	if err != nil {
		return
	}
	defer func() { _ = to.Close() }()
	c.mu.Lock()
	down := c.down
	c.open = append(c.open, from, to)
	c.mu.Unlock()
	if down {
		return
	}
	var copying sync.WaitGroup
	copying.Go(func() { _, _ = io.Copy(to, from); _ = to.Close() })
	copying.Go(func() { _, _ = io.Copy(from, to); _ = from.Close() })
	copying.Wait()
}

// set cuts every connection and refuses new ones while down.
func (c *cuttable) set(down bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.down = down
	for _, conn := range c.open {
		_ = conn.Close()
	}
	c.open = nil
}

func TestDockerResumesWithoutAGap(t *testing.T) {
	host := dockerEngine(t)
	between := newCuttable(t, host)
	kept, lost := "kl-observe-kept", "kl-observe-lost"
	removing(t, "rm", "-f", kept)
	removing(t, "rm", "-f", lost)
	o := observing(t, dockerConfig("unix://"+between.path), watchesOf(checks.Containers, checks.DockerEvents)...)
	id := docker(t, "create", "--name", kept, testImage, "true")
	until(t, o, checks.Containers, "created", func(s checks.State) bool { return named(s.Items, kept) != nil })

	between.set(true)
	cut := until(t, o, checks.Containers, "said that Docker is gone", func(s checks.State) bool { return s.Err != "" })
	if !strings.Contains(cut.Err, "연결할 수 없습니다") {
		t.Errorf("it says %q", cut.Err)
	}
	if !cut.Synced || checks.Text(named(cut.Items, kept), "Id") != id {
		t.Error("what was seen last was forgotten")
	}
	// All of this container's life happens while nobody looks: only the resumed stream can tell of it.
	_, _ = tryDocker("run", "--rm", "--name", lost, testImage, "sh", "-c", "exit 7")
	between.set(false)

	back := until(t, o, checks.Containers, "was resumed", func(s checks.State) bool {
		return s.Err == "" && named(s.Removed, lost) != nil
	})
	c := named(back.Removed, lost)
	if checks.Field(c, "State", "ExitCode") != int64(7) || checks.Text(c, "ImageName") != testImage {
		t.Errorf("what happened meanwhile is known as %v", c)
	}
	if checks.Text(named(back.Items, kept), "Id") != id {
		t.Error("the container from before is another one")
	}
	state := until(t, o, checks.DockerEvents, "has the missed events", func(s checks.State) bool {
		return slices.ContainsFunc(s.Items, func(e checks.Object) bool {
			return checks.Text(e, "Actor", "Attributes", "name") == lost && checks.Text(e, "Action") == "destroy"
		})
	})
	seen := map[string]bool{}
	for _, e := range state.Items {
		key := checks.Identity(checks.DockerEvents, e)
		if seen[key] {
			t.Errorf("an event came twice: %v", e)
		}
		seen[key] = true
	}
}

func TestDockerKindsComeAndGo(t *testing.T) {
	host := dockerEngine(t)
	o := observing(t, dockerConfig(host), watchesOf(checks.Containers)...)
	before, during := "kl-observe-before", "kl-observe-during"
	removing(t, "rm", "-f", during)
	docker(t, "run", "--rm", "--name", before, testImage, "true")
	until(t, o, checks.Containers, "removed", func(s checks.State) bool { return named(s.Removed, before) != nil })
	docker(t, "create", "--name", during, testImage, "true")

	both := watchesOf(checks.Containers, checks.Images)
	o.Observe(t.Context(), both)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := o.Synced(ctx, both); err != nil {
		t.Fatal(err)
	}
	state := until(t, o, checks.Containers, "went on", func(s checks.State) bool { return named(s.Items, during) != nil })
	if named(state.Removed, before) == nil {
		t.Error("what was removed before another kind was wanted is forgotten")
	}
	o.Observe(t.Context(), watchesOf(checks.Images))
	if s := o.Snapshot().State(checks.Containers); s.Synced || len(s.Items)+len(s.Removed) > 0 {
		t.Errorf("containers that nobody wants are still there: %d", len(s.Items))
	}
	if s := o.Snapshot().State(checks.Images); !s.Synced || len(s.Items) == 0 {
		t.Error("images are gone with the containers")
	}
	tag := "kl-observe-kept:latest"
	removing(t, "rmi", tag)
	docker(t, "tag", testImage, tag)
	until(t, o, checks.Images, "still moves", func(s checks.State) bool {
		return slices.ContainsFunc(s.Items, func(i checks.Object) bool { return strings.Contains(fmt.Sprint(i["RepoTags"]), tag) })
	})
}

func TestDockerThatIsNotThere(t *testing.T) {
	o := New(dockerConfig("unix://" + filepath.Join(t.TempDir(), "none.sock")))
	defer o.Close()
	o.Observe(t.Context(), watchesOf(checks.Containers, checks.DockerEvents))
	for _, source := range []string{checks.Containers, checks.DockerEvents} {
		state := until(t, o, source, "said why", func(s checks.State) bool { return s.Err != "" })
		if !strings.Contains(state.Err, "연결할 수 없습니다") || state.Synced {
			t.Errorf("%s: %+v", source, state)
		}
	}
}

func TestDockerPortClashShows(t *testing.T) {
	host := dockerEngine(t)
	o := observing(t, dockerConfig(host), watchesOf(checks.Containers)...)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	name := "kl-observe-clash"
	removing(t, "rm", "-f", name)
	if _, err := tryDocker("run", "-d", "--name", name, "-p", taken.Addr().String()+":80", testImage, "true"); err == nil {
		t.Fatal("two could listen on one port")
	}
	until(t, o, checks.Containers, "showed the error", func(s checks.State) bool {
		c := named(s.Items, name)
		return checks.Text(c, "State", "Status") == "created" && strings.Contains(checks.Text(c, "State", "Error"), taken.Addr().String())
	})
}

func TestDockerKubelabsOwnPartsAreLeftOut(t *testing.T) {
	host := dockerEngine(t)
	o := observing(t, dockerConfig(host), watchesOf(checks.Containers, checks.Networks, checks.Volumes, checks.DockerEvents)...)
	own, other := "kl-observe-own", "kl-observe-other"
	for _, name := range []string{own, other} {
		removing(t, "volume", "rm", name)
		removing(t, "network", "rm", name)
		removing(t, "rm", "-fv", name)
	}
	label := "--label=dev.kubelab.name=kl-observe"
	docker(t, "network", "create", label, own)
	docker(t, "volume", "create", label, own)
	docker(t, "run", "-d", "--name", own, label, "-v", "/anonymous", testImage, "sleep", "1000")
	anonymous := docker(t, "inspect", "-f", "{{(index .Mounts 0).Name}}", own)
	docker(t, "network", "create", other)
	docker(t, "volume", "create", other)
	docker(t, "run", "-d", "--name", other, testImage, "sleep", "1000")

	for _, source := range []string{checks.Containers, checks.Networks, checks.Volumes} {
		state := until(t, o, source, "showed the learner's", func(s checks.State) bool {
			return named(s.Items, other) != nil && named(s.Items, anonymous) == nil
		})
		if named(state.Items, own) != nil {
			t.Errorf("%s shows kubelab's own", source)
		}
	}
	docker(t, "rm", "-fv", own, other)
	events := until(t, o, checks.DockerEvents, "had the last event", func(s checks.State) bool {
		return slices.ContainsFunc(s.Items, func(e checks.Object) bool {
			return checks.Text(e, "Actor", "Attributes", "name") == other && checks.Text(e, "Action") == "destroy"
		})
	})
	for _, e := range events.Items {
		// The events of networks and volumes carry no labels.
		if checks.Text(e, "Actor", "Attributes", "name") == own && checks.Text(e, "Type") == "container" {
			t.Errorf("an event of kubelab's own: %v", e)
		}
	}
	gone := until(t, o, checks.Containers, "removed the learner's", func(s checks.State) bool { return named(s.Removed, other) != nil })
	if named(gone.Removed, own) != nil {
		t.Error("kubelab's own container is among the removed")
	}
}

func TestDockerNetworksAndVolumes(t *testing.T) {
	host := dockerEngine(t)
	o := observing(t, dockerConfig(host), watchesOf(checks.Networks, checks.Volumes, checks.Containers)...)
	name := "kl-observe-parts"
	removing(t, "volume", "rm", name)
	removing(t, "network", "rm", name)
	removing(t, "rm", "-f", name)
	docker(t, "volume", "create", "--label", "a=b", name)
	volume := until(t, o, checks.Volumes, "created", func(s checks.State) bool { return named(s.Items, name) != nil })
	if v := named(volume.Items, name); checks.Text(v, "Labels", "a") != "b" || checks.Text(v, "CreatedAt") == "" {
		t.Errorf("the volume is %v", v)
	}
	docker(t, "network", "create", name)
	id := docker(t, "run", "-d", "--name", name, "--network", name, testImage, "sleep", "1000")
	until(t, o, checks.Networks, "showed its container", func(s checks.State) bool {
		return checks.Field(named(s.Items, name), "Containers", id) != nil
	})
	docker(t, "network", "connect", "bridge", name)
	until(t, o, checks.Containers, "joined the bridge", func(s checks.State) bool {
		return checks.Field(named(s.Items, name), "NetworkSettings", "Networks", "bridge") != nil
	})
	docker(t, "rm", "-f", name)
	docker(t, "network", "rm", name)
	docker(t, "volume", "rm", name)
	for _, source := range []string{checks.Networks, checks.Volumes} {
		until(t, o, source, "removed", func(s checks.State) bool {
			return named(s.Items, name) == nil && named(s.Removed, name) != nil
		})
	}
}
