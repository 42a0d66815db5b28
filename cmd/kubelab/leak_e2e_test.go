//go:build e2e

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kubelab/kubelab/content"
	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/session"
)

// machine is an environment that is up, and the program that works in it.
type machine struct {
	t              *testing.T
	program, state string
	env            []string
}

// newMachine takes the environment over that `make e2e` has brought up. KUBELAB_PROGRAM may name another program than
// the one in bin.
func newMachine(t *testing.T) *machine {
	t.Helper()
	if os.Getenv("KUBELAB_E2E") == "" {
		t.Skip("KUBELAB_E2E is not set: it works in a real cluster")
	}
	m := &machine{t: t, program: os.Getenv("KUBELAB_PROGRAM"), state: os.Getenv("KUBELAB_STATE")}
	if m.state == "" {
		t.Skip("KUBELAB_STATE names no state folder of an environment that is up (make e2e sets it)")
	}
	if m.program == "" {
		program, err := filepath.Abs("../../bin/kubelab")
		if err != nil {
			t.Fatal(err)
		}
		m.program = program
	}
	m.env = strings.Split(strings.TrimRight(m.must("bash", "-c", fmt.Sprintf(`eval "$(%s --state %s env)" && env -0`, m.program, m.state)), "\x00"), "\x00")
	return m
}

// must runs a command in the environment and returns what it printed.
func (m *machine) must(name string, args ...string) string {
	m.t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = m.env
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		m.t.Fatalf("%s %q: %v\n%s%s", name, args, err, out, said.String())
	}
	return string(out)
}

func (m *machine) kubelab(args ...string) string {
	m.t.Helper()
	return m.must(m.program, append([]string{"--state", m.state}, args...)...)
}

func (m *machine) value(name string) string {
	for _, kv := range m.env {
		if k, v, _ := strings.Cut(kv, "="); k == name {
			return v
		}
	}
	return ""
}

// inventory is every object that a lab could leave behind.
func (m *machine) inventory(needs []string) map[string]bool {
	m.t.Helper()
	inv := map[string]bool{}
	list := func(kind, out string) {
		for _, line := range strings.Fields(out) {
			inv[kind+" "+line] = true
		}
	}
	list("container", m.must("docker", "ps", "-aq", "--no-trunc"))
	list("image", m.must("docker", "images", "-a", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}}={{.ID}}"))
	list("network", m.must("docker", "network", "ls", "-q", "--no-trunc"))
	list("volume", m.must("docker", "volume", "ls", "-q"))
	list("file", m.must("find", filepath.Join(m.state, "work"), "-mindepth", "2"))
	if slices.Contains(needs, string(engine.Registry)) {
		tags, err := session.NewRegistry(engine.RegistryAddress{
			Host: m.value("REGISTRY"), User: m.value("REGISTRY_USER"), Password: m.value("REGISTRY_PASSWORD"),
		}).Tags(m.t.Context())
		if err != nil {
			m.t.Fatal(err)
		}
		for tag := range tags {
			inv["tag "+tag] = true
		}
	}
	if slices.Contains(needs, string(engine.Cluster)) {
		const kinds = "pods,services,rc,rs,deployments,daemonsets,statefulsets,jobs,configmaps,secrets,serviceaccounts,pvc,ingresses"
		const form = `jsonpath={range .items[*]}{.metadata.namespace}/{.kind}/{.metadata.name}={.metadata.uid}{"\n"}{end}`
		for line := range strings.Lines(m.must("kubectl", "get", kinds, "--all-namespaces", "-o", form)) {
			if !strings.HasPrefix(line, "kube-") { // the cluster itself, which restarts what it likes
				inv["object "+strings.TrimSpace(line)] = true
			}
		}
		list("object", m.must("kubectl", "get", "namespaces,pv", "-o", "name"))
	}
	return inv
}

// changed names what one of two inventories has and the other has not.
func changed(before, after map[string]bool) []string {
	var out []string
	for name := range after {
		if !before[name] {
			out = append(out, "+ "+name)
		}
	}
	for name := range before {
		if !after[name] {
			out = append(out, "- "+name)
		}
	}
	slices.Sort(out)
	return out
}

// TestE2ELeak opens a lab in the middle, without the labs before it, and resets it: the environment is what it was.
func TestE2ELeak(t *testing.T) {
	m := newMachine(t)
	course, err := labs.Load(content.Korean())
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"hello-container", "run-explore", "first-pod"} {
		t.Run(id, func(t *testing.T) {
			m := *m
			m.t = t
			lab, _, err := find(course, id)
			if err != nil {
				t.Fatal(err)
			}
			if !m.has(lab) {
				t.Skipf("the environment lacks something of %q", lab.Requires())
			}
			m.kubelab("reset", id)
			t.Cleanup(func() { m.kubelab("reset", id) })
			before := m.inventory(lab.Requires())
			middle := lab.Steps[len(lab.Steps)/2]
			if said := m.kubelab("reset", id+"/"+middle.ID); !strings.Contains(said, middle.ID+"의 처음입니다") {
				t.Errorf("said %q", said)
			}
			there := m.inventory(lab.Requires())
			t.Logf("at %s:\n%s", middle.ID, strings.Join(changed(before, there), "\n"))
			if len(changed(before, there)) == 0 {
				t.Error("nothing was made on the way to the middle")
			}
			// And back: what the later steps made must not be there any more.
			m.kubelab("reset", id+"/"+lab.Steps[1].ID)
			m.kubelab("reset", id)
			m.until("the environment is what it was before", func() []string { return changed(before, m.inventory(lab.Requires())) })
		})
	}
}

// has reports whether the environment can do what a lab needs: one that was brought up for some labs alone may not.
func (m *machine) has(lab *labs.Lab) bool {
	cluster := slices.Contains(lab.Requires(), string(engine.Cluster)) || slices.Contains(lab.Requires(), string(engine.Registry))
	_, err := os.Stat(m.value("KUBECONFIG"))
	return !cluster || err == nil
}

// until waits until nothing is in the way.
func (m *machine) until(what string, inTheWay func() []string) {
	m.t.Helper()
	deadline := time.After(2 * time.Minute)
	look := time.NewTicker(time.Second)
	defer look.Stop()
	for {
		left := inTheWay()
		if len(left) == 0 {
			return
		}
		select {
		case <-look.C:
		case <-deadline:
			m.t.Fatalf("waited in vain until %s:\n%s", what, strings.Join(left, "\n"))
		}
	}
}

// TestE2ELeave kills the program in a lab that has stopped the scheduler: the next command lets it run again. So does
// leaving the lab in order.
func TestE2ELeave(t *testing.T) {
	m := newMachine(t)
	course, err := filepath.Abs("testdata/leave")
	if err != nil {
		t.Fatal(err)
	}
	lab := []string{"--content", course}
	m.kubelab(append(lab, "reset")...)
	t.Cleanup(func() { m.kubelab(append(lab, "reset", "stop-scheduler")...) })
	const manifest = "/etc/kubernetes/manifests/kube-scheduler.yaml"
	runs := func() bool {
		return exec.Command("docker", "exec", m.value("CONTROL_PLANE"), "test", "-e", manifest).Run() == nil
	}
	if !runs() {
		t.Fatal("the scheduler does not run at the start")
	}

	term := newTmux(t, 80, 24)
	start := func() { term.start(m.program, "--state", m.state, "--content", course, "stop-scheduler") }
	start()
	term.until("the first step", func(s string) bool { return strings.Contains(s, "1. 준비") && strings.Contains(s, "✗") })
	for _, title := range []string{"2. 스케줄러", "3. 보기"} {
		term.keys("n")
		term.until("the next step", func(s string) bool { return strings.Contains(s, title) })
	}
	term.keys("t")
	term.until("the question", func(s string) bool { return strings.Contains(s, "3단계로 건너뛸까요?") })
	term.keys("y")
	term.until("the last step", func(s string) bool { return strings.Contains(s, "의 처음입니다") })
	if runs() {
		t.Fatal("the lab has not stopped the scheduler")
	}
	term.kill()
	if runs() {
		t.Fatal("something else than the next command lets the scheduler run again")
	}
	m.kubelab(append(lab, "status")...)
	if !runs() {
		t.Error("the next command does not let the scheduler run again")
	}

	// The lab goes on where it was: its state is brought back first.
	start()
	term.until("the last step again", func(s string) bool { return strings.Contains(s, "제자리로 돌려놓습니다") })
	if runs() {
		t.Error("the resumed lab has not brought its state back")
	}
	term.keys("Escape")
	term.until("the course", func(s string) bool { return strings.Contains(s, "열기") && !strings.Contains(s, "돌려놓는 중") })
	if !runs() {
		t.Error("the scheduler does not run after the lab was left for the course")
	}
	for _, sig := range []string{"TERM", "HUP", "INT"} {
		term.keys("Enter")
		term.until("the lab after "+sig, func(s string) bool { return strings.Contains(s, "제자리로 돌려놓습니다") })
		if runs() {
			t.Error("the resumed lab has not brought its state back")
		}
		term.signal(sig)
		term.until("the shell of the machine", func(s string) bool { return strings.Contains(s, "left with 130") })
		if !runs() {
			t.Errorf("the scheduler does not run after the signal %s", sig)
		}
		term.start(m.program, "--state", m.state, "--content", course)
		term.until("the course", func(s string) bool { return strings.Contains(s, "enter 열기") })
	}
	m.until("the scheduler is ready", func() []string {
		out := m.must("kubectl", "-n", "kube-system", "get", "pods", "-l", "component=kube-scheduler",
			"-o", `jsonpath={range .items[*]}{.status.conditions[?(@.type=="Ready")].status} {end}`)
		if strings.TrimSpace(out) == "True" {
			return nil
		}
		return []string{"ready: " + out}
	})
}

// signal sends a signal to the program in the terminal.
func (m *tmux) signal(name string) {
	m.t.Helper()
	shell := strings.TrimSpace(m.run("display-message", "-p", "#{pane_pid}"))
	if out, err := exec.Command("pkill", "-"+name, "-P", shell, "kubelab").CombinedOutput(); err != nil {
		m.t.Fatalf("send %s to the program below process %s: %v\n%s", name, shell, err, out)
	}
}
