package kind

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/events"

	"github.com/kubelab/kubelab/runner/engine"
)

// fakeDocker answers on a socket what Watch and Down ask: the containers, and a stream of events.
type fakeDocker struct {
	containers []container.Summary
	events     chan events.Message
	watched    chan struct{} // closed when somebody asks for events
	hangUp     chan struct{} // closed to end the stream
	server     *httptest.Server
}

func newFakeDocker(t *testing.T) (*fakeDocker, *Engine) {
	t.Helper()
	d := &fakeDocker{events: make(chan events.Message), watched: make(chan struct{}), hangUp: make(chan struct{})}
	dir, err := os.MkdirTemp("", "kl") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "docker.sock")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	d.server = httptest.NewUnstartedServer(http.HandlerFunc(d.serve))
	d.server.Listener.Close()
	d.server.Listener = l
	d.server.Start()
	t.Cleanup(d.server.Close)
	t.Cleanup(d.server.CloseClientConnections)
	e, err := New(Config{Name: "k", StateDir: filepath.Join(dir, "state"), DockerHost: "unix://" + socket, Images: localImages{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	for _, name := range append([]string{"k-control-plane", "k-worker"}, e.registryNames()...) {
		labels := map[string]string{Label: "k"}
		if !strings.Contains(name, "registry") && !strings.Contains(name, "mirror") {
			labels = map[string]string{kindLabel: "k"}
		}
		d.containers = append(d.containers, container.Summary{ID: name, Names: []string{"/" + name}, Labels: labels, State: container.StateRunning})
	}
	err = e.changeState(func(s *state) {
		s.Made, s.Cluster, s.Nodes = true, clusterCreated, []string{"k-control-plane", "k-worker"}
	})
	if err != nil {
		t.Fatal(err)
	}
	kubeconfig := "apiVersion: v1\nkind: Config\nclusters: [{name: k, cluster: {server: 'http://127.0.0.1:1'}}]\ncontexts: [{name: k, context: {cluster: k}}]\ncurrent-context: k\n"
	if err := os.WriteFile(e.path("kubeconfig"), []byte(kubeconfig), 0o600); err != nil {
		t.Fatal(err)
	}
	return d, e
}

func (d *fakeDocker) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Api-Version", "1.41")
	w.Header().Set("Content-Type", "application/json")
	switch path := r.URL.Path; {
	case strings.HasSuffix(path, "/_ping"):
	case strings.HasSuffix(path, "/containers/json"):
		var found []container.Summary
		for _, c := range d.containers {
			for label, value := range c.Labels {
				if strings.Contains(r.URL.Query().Get("filters"), label+"="+value) {
					found = append(found, c)
				}
			}
		}
		_ = json.NewEncoder(w).Encode(found)
	case strings.HasSuffix(path, "/events"):
		w.(http.Flusher).Flush()
		close(d.watched)
		for {
			select {
			case m := <-d.events:
				_ = json.NewEncoder(w).Encode(m)
				w.(http.Flusher).Flush()
			case <-d.hangUp:
				return
			case <-r.Context().Done():
				return
			}
		}
	default:
		http.NotFound(w, r)
	}
}

// watch starts a Watch and returns when it listens.
func (d *fakeDocker) watch(t *testing.T, ctx context.Context, e *Engine) <-chan string {
	t.Helper()
	said := make(chan string, 1)
	go func() {
		broken, err := e.Watch(ctx)
		if err != nil {
			broken = "error: " + err.Error()
		}
		said <- broken
	}()
	select {
	case <-d.watched:
	case <-time.After(10 * time.Second):
		t.Fatal("Watch() does not ask for events")
	}
	return said
}

func hear(t *testing.T, said <-chan string, want string) {
	t.Helper()
	select {
	case got := <-said:
		if !strings.Contains(got, want) {
			t.Errorf("Watch() says %q, want %q", got, want)
		}
	case <-time.After(10 * time.Second):
		t.Errorf("Watch() says nothing, want %q", want)
	}
}

func TestWatchHearsOfANodeAndOfNobodyElse(t *testing.T) {
	d, e := newFakeDocker(t)
	said := d.watch(t, t.Context(), e)
	die := func(name, label, value string) {
		d.events <- events.Message{Type: events.ContainerEventType, Action: events.ActionDie,
			Actor: events.Actor{Attributes: map[string]string{"name": name, label: value, "exitCode": "137"}}}
	}
	die("learner", "com.example", "x")
	die("k2-worker", kindLabel, "k2")
	die("k-worker", kindLabel, "k")
	hear(t, said, "k-worker이(가) 멈췄습니다")
}

func TestWatchHearsDockerGo(t *testing.T) {
	d, e := newFakeDocker(t)
	said := d.watch(t, t.Context(), e)
	close(d.hangUp)
	hear(t, said, "연결이 끊어졌습니다")
}

func TestWatchEndsWithTheContext(t *testing.T) {
	d, e := newFakeDocker(t)
	ctx, cancel := context.WithCancel(t.Context())
	said := d.watch(t, ctx, e)
	cancel()
	hear(t, said, "error: context canceled")
}

func TestWatchSeesWhatBrokeBefore(t *testing.T) {
	for _, c := range []struct {
		name string
		harm func(*fakeDocker, *Engine) error
		want string
	}{
		{"stopped registry", func(d *fakeDocker, e *Engine) error { d.containers[2].State = container.StateExited; return nil }, "k-registry"},
		{"lost node", func(d *fakeDocker, e *Engine) error { d.containers = d.containers[1:]; return nil }, "온전하지 않습니다"},
		{"lost kubeconfig", func(d *fakeDocker, e *Engine) error { return os.Remove(e.path("kubeconfig")) }, "kubeconfig"},
		{"no Docker", func(d *fakeDocker, e *Engine) error { d.server.Close(); return nil }, "Docker 엔진이 답하지 않습니다"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, e := newFakeDocker(t)
			if err := c.harm(d, e); err != nil {
				t.Fatal(err)
			}
			broken, err := e.Watch(t.Context())
			if err != nil || !strings.Contains(broken, c.want) {
				t.Errorf("Watch() = %q, %v; want %q", broken, err, c.want)
			}
		})
	}
}

// TestWatchOfWhatIsNeeded: what Up does not bring up may be broken or not there.
func TestWatchOfWhatIsNeeded(t *testing.T) {
	d, e := newFakeDocker(t)
	e.selected = engineOf(t, engine.Registry).selected
	d.containers = slices.DeleteFunc(d.containers, func(c container.Summary) bool { return nameOf(c) != "k-registry" })
	if err := os.Remove(e.path("kubeconfig")); err != nil {
		t.Fatal(err)
	}
	misses := 0
	if got := e.probe(t.Context(), nil, &misses); got != "" {
		t.Errorf("probe() = %q, want nothing of the cluster", got)
	}
	said := d.watch(t, t.Context(), e)
	for name, labels := range map[string]map[string]string{
		"k-worker": {kindLabel: "k"}, "k-mirror": {Label: "k"}, "k-registry": {Label: "k"},
	} {
		if (e.loss(dieOf(name, labels)) != "") != (name == "k-registry") {
			t.Errorf("loss of %s: %q", name, e.loss(dieOf(name, labels)))
		}
	}
	d.events <- dieOf("k-worker", map[string]string{kindLabel: "k"})
	d.events <- dieOf("k-registry", map[string]string{Label: "k"})
	hear(t, said, "k-registry이(가) 멈췄습니다")
}

func dieOf(name string, labels map[string]string) events.Message {
	attributes := map[string]string{"name": name, "exitCode": "137"}
	maps.Copy(attributes, labels)
	return events.Message{Type: events.ContainerEventType, Action: events.ActionDie, Actor: events.Actor{Attributes: attributes}}
}

func TestProbe(t *testing.T) {
	_, e := newFakeDocker(t)
	api, err := e.kubernetes() // of a server that does not answer
	if err != nil {
		t.Fatal(err)
	}
	misses := 0
	if got := e.probe(t.Context(), api, &misses); !strings.Contains(got, "로드밸런서") {
		t.Errorf("probe() = %q, want that the load balancer does not run", got)
	}
	ready := func() string { return e.probeAPI(t.Context(), api, &misses) }
	if a, b := ready(), ready(); a != "" || b != "" {
		t.Errorf("said %q and %q, want nothing before the third miss", a, b)
	}
	if got := ready(); !strings.Contains(got, "API 서버가 3번") {
		t.Errorf("said %q, want that the API server does not answer", got)
	}
}

func TestDownWithoutDocker(t *testing.T) {
	d, e := newFakeDocker(t)
	d.server.Close()
	if err := e.Down(t.Context(), func(engine.Progress) {}); err == nil {
		t.Error("Down() = nil although there is a cluster that it cannot reach")
	}
	if s := e.loadState(); s.Cluster != clusterCreated {
		t.Errorf("state %+v, want what is left to remove still known", s)
	}
	if err := e.changeState(func(s *state) { *s = state{} }); err != nil {
		t.Fatal(err)
	}
	if err := e.Down(t.Context(), func(engine.Progress) {}); err != nil {
		t.Errorf("Down() = %v although nothing was made", err)
	}
	if _, err := os.Stat(e.cfg.StateDir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("state folder: %v, want it gone", err)
	}
}
