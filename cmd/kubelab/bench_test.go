//go:build e2e

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/creack/pty"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/session"
	"github.com/kubelab/kubelab/runner/tui"
)

// The benchmarks of a tick: from a change that an API server accepted to the tick that the session emits, and to the
// bytes that the screen writes. They need an environment that is up; KUBELAB_STATE names its state folder.

// tickSteps is how many changes are measured: each is the check of a step of its own.
const tickSteps = 100

type benchWorld struct {
	app    *app
	course *labs.Course
	env    *engine.Environment
}

// newBenchWorld makes a lab whose step i waits for the object kl-bench-i of a source.
func newBenchWorld(b *testing.B, source, expect string) *benchWorld {
	b.Helper()
	state := os.Getenv("KUBELAB_STATE")
	if state == "" {
		b.Skip("KUBELAB_STATE names no state folder of an environment that is up (make bench sets it)")
	}
	var md strings.Builder
	needs := "docker"
	if source != "containers" {
		needs = "docker, cluster"
	}
	fmt.Fprintf(&md, "---\nid: bench\ntitle: bench\nsection: \"1\"\nneeds: [%s]\nminutes: 1\n---\n", needs)
	for i := range tickSteps + 1 { // the last one is never done: at the end of a lab its summary covers the ticks
		fmt.Fprintf(&md, "\n## step %d {#s%d}\n\n```yaml check\n- watch: %s\n  title: tick\n  expect: %s\n  tell:\n  - say: waiting\n```\n",
			i, i, source, fmt.Sprintf(expect, i))
	}
	course, err := labs.Load(fstest.MapFS{
		"course.yaml":  {Data: []byte("title: bench\nlabs: [bench]\n")},
		"bench/lab.md": {Data: []byte(md.String())},
	})
	if err != nil {
		b.Fatal(err)
	}
	a := &app{streams: Streams{Out: io.Discard, Err: io.Discard}, state: state, engine: "kind"}
	eng, err := a.newEngine()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { eng.Close() })
	return &benchWorld{app: a, course: course, env: eng.Environment()}
}

type ready struct{}

func (ready) Capabilities() map[engine.Capability]bool {
	return map[engine.Capability]bool{engine.Docker: true, engine.Cluster: true, engine.Registry: true, engine.LoadBalancer: true, engine.TwoNodes: true}
}
func (ready) CapabilitiesChanged() <-chan struct{} { return nil }

// open starts a session on the world's lab; ticked is called with each tick.
func (w *benchWorld) open(b *testing.B, ctx context.Context, ticked func(step int)) *session.Session {
	b.Helper()
	dir := b.TempDir()
	log, err := labs.OpenLog(filepath.Join(dir, "progress.jsonl"))
	if err != nil {
		b.Fatal(err)
	}
	stage := &session.Stage{Lab: w.course.Labs[0], Env: w.env, WorkDir: filepath.Join(dir, "work")}
	observer := newObserver(stage)
	s := session.New(ctx, session.Config{
		Stage: stage, Observer: observer, Capabilities: ready{}, Log: log,
		Ticked: func(step, _ int, _ time.Time) { ticked(step) },
	})
	b.Cleanup(func() { s.Close(); observer.Close() })
	return s
}

func dockerClient(b *testing.B, w *benchWorld) *client.Client {
	b.Helper()
	docker, err := client.New(client.WithHost(w.env.DockerHost))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { docker.Close() })
	return docker
}

func (w *benchWorld) makeContainer(b *testing.B) func(i int) {
	docker := dockerClient(b, w)
	ctx := context.Background()
	remove := func() {
		for i := range tickSteps {
			_, _ = docker.ContainerRemove(ctx, fmt.Sprintf("kl-bench-%d", i), client.ContainerRemoveOptions{Force: true})
		}
	}
	remove()
	b.Cleanup(remove)
	return func(i int) {
		_, err := docker.ContainerCreate(ctx, client.ContainerCreateOptions{
			Name: fmt.Sprintf("kl-bench-%d", i), Config: &container.Config{Image: "busybox", Cmd: []string{"true"}},
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func (w *benchWorld) makeConfigMap(b *testing.B) func(i int) {
	cfg, err := clientcmd.BuildConfigFromFlags("", w.env.Kubeconfig)
	if err != nil {
		b.Fatal(err)
	}
	cfg.QPS, cfg.Burst = 1000, 1000
	maps := kubernetes.NewForConfigOrDie(cfg).CoreV1().ConfigMaps("default")
	ctx := context.Background()
	b.Cleanup(func() {
		for i := range tickSteps {
			_ = maps.Delete(ctx, fmt.Sprintf("kl-bench-%d", i), metav1.DeleteOptions{})
		}
	})
	return func(i int) {
		if _, err := maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("kl-bench-%d", i)}}, metav1.CreateOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTickDocker(b *testing.B) {
	w := newBenchWorld(b, "containers", `items.exists(c, c.Name == "kl-bench-%d")`)
	w.ticks(b, w.makeContainer(b))
}

func BenchmarkTickKubernetes(b *testing.B) {
	w := newBenchWorld(b, "configmaps", `items.exists(c, c.metadata.name == "kl-bench-%d")`)
	w.ticks(b, w.makeConfigMap(b))
}

// ticks measures from the API server's answer to a change, and from the request before it, to the tick. The first is 0
// where the tick came before the answer.
func (w *benchWorld) ticks(b *testing.B, change func(int)) {
	ctx := context.Background()
	for range b.N {
		ticked := make(chan time.Time, tickSteps)
		s := w.open(b, ctx, func(int) { ticked <- time.Now() })
		awaitView(s, func(v session.View) bool { return v.Activity == nil && !v.Started.IsZero() })
		var answered, sent []time.Duration
		for i := range tickSteps {
			s.Goto(i)
			awaitView(s, func(v session.View) bool { return v.Step == i })
			begin := time.Now()
			change(i)
			answer := time.Now()
			at := <-ticked
			answered = append(answered, max(0, at.Sub(answer)))
			sent = append(sent, at.Sub(begin))
		}
		s.Close()
		percentiles(b, "emitted", answered)
		percentiles(b, "emitted-from-request", sent)
	}
	b.ReportMetric(0, "ns/op")
}

func awaitView(s *session.Session, cond func(session.View) bool) {
	for !cond(s.View()) {
		<-s.Changed()
	}
}

func BenchmarkScreenDocker(b *testing.B) {
	w := newBenchWorld(b, "containers", `items.exists(c, c.Name == "kl-bench-%d")`)
	w.screens(b, w.makeContainer(b))
}

func BenchmarkScreenKubernetes(b *testing.B) {
	w := newBenchWorld(b, "configmaps", `items.exists(c, c.metadata.name == "kl-bench-%d")`)
	w.screens(b, w.makeConfigMap(b))
}

// benchScreen is a course of the one lab, shown to the real screen in a pseudo-terminal.
type benchScreen struct {
	session *session.Session
	changed chan struct{}
}

func (s benchScreen) Overview() tui.Overview       { return tui.Overview{Toured: true} }
func (s benchScreen) Changed() <-chan struct{}     { return s.changed }
func (s benchScreen) Retry()                       {}
func (s benchScreen) Toured()                      {}
func (s benchScreen) Open(string) (tui.Lab, error) { return benchLab{s.session}, nil }

type benchLab struct{ *session.Session }

func (benchLab) Shell() (tui.Shell, bool) { return nil, false }

func (l benchLab) Close() error {
	l.Session.Close()
	return nil
}

// screens measures from the API server's answer to a change to the tick's bytes on the terminal.
func (w *benchWorld) screens(b *testing.B, change func(int)) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	terminal, tty, err := pty.Open()
	if err != nil {
		b.Fatal(err)
	}
	defer terminal.Close()
	defer tty.Close()
	if err := pty.Setsize(tty, &pty.Winsize{Cols: 200, Rows: 50}); err != nil {
		b.Fatal(err)
	}
	drawn := make(chan time.Time, 1<<16)
	go func() {
		buf := make([]byte, 64<<10)
		for {
			n, err := terminal.Read(buf)
			if err != nil {
				return
			}
			if strings.Contains(string(buf[:n]), "✓") {
				drawn <- time.Now()
			}
		}
	}()
	for range b.N {
		s := w.open(b, ctx, func(int) {})
		ended := make(chan error, 1)
		runCtx, stop := context.WithCancel(ctx)
		go func() {
			ended <- tui.Run(runCtx, tui.Config{
				Course: w.course, App: benchScreen{s, make(chan struct{})}, Input: tty, Output: tty, Lab: "bench",
				Environ: []string{"TERM=xterm-256color", "LANG=C.UTF-8"},
			})
		}()
		awaitStep := func(i int) {
			for v := s.View(); v.Step != i || v.Started.IsZero() || v.Activity != nil; v = s.View() {
				runTick(runCtx)
			}
		}
		awaitStep(0)
		var took []time.Duration
		for i := range tickSteps {
			s.Goto(i)
			awaitStep(i)
			// The screen is still when it has drawn nothing for two of its frames.
			for still := false; !still; {
				select {
				case <-drawn:
				case <-time.After(50 * time.Millisecond):
					still = true
				}
			}
			change(i)
			answer := time.Now()
			took = append(took, max(0, (<-drawn).Sub(answer)))
		}
		stop()
		<-ended
		percentiles(b, "screen", took)
	}
	b.ReportMetric(0, "ns/op")
}

// runTick gives the screen, which alone reads the session's changes, a moment.
func runTick(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(time.Millisecond):
	}
}

func percentiles(b *testing.B, name string, d []time.Duration) {
	b.Helper()
	slices.Sort(d)
	for _, p := range []int{50, 95, 99} {
		at := d[min(len(d)-1, len(d)*p/100)]
		b.ReportMetric(float64(at.Microseconds())/1000, fmt.Sprintf("p%d-%s-ms", p, name))
	}
}
