package kind

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/events"
	"github.com/moby/moby/client"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kindexec "sigs.k8s.io/kind/pkg/exec"

	"github.com/kubelab/kubelab/runner/engine"
)

func TestRegistryHosts(t *testing.T) {
	files := newEngine(t).registryHosts()
	want := map[string]string{
		"/etc/containerd/certs.d/localhost:5101/hosts.toml": `server = "http://kl-engine-test-registry-nodes:5000"

[host."http://kl-engine-test-registry-nodes:5000"]
  capabilities = ["pull", "resolve"]
`,
		"/etc/containerd/certs.d/docker.io/hosts.toml": `server = "https://registry-1.docker.io"

[host."http://kl-engine-test-mirror:5000"]
  capabilities = ["pull", "resolve"]
`,
	}
	if len(files) != len(want) {
		t.Errorf("%d files, want %d", len(files), len(want))
	}
	for _, f := range files {
		if string(f.text) != want[f.path] {
			t.Errorf("%s:\n%s\nwant:\n%s", f.path, f.text, want[f.path])
		}
	}
}

func TestTarOf(t *testing.T) {
	b, err := tarOf([]file{{"/etc/a/one", []byte("1")}, {"/etc/a/two", []byte("22")}, {"/three", nil}})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for r := tar.NewReader(b); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, h.Name)
	}
	if want := []string{"etc/", "etc/a/", "etc/a/one", "etc/a/two", "three"}; !slices.Equal(names, want) {
		t.Errorf("packed %v, want %v", names, want)
	}
}

func TestEnvironmentAnswersBeforeUp(t *testing.T) {
	e := newEngine(t)
	env := e.Environment()
	if env.Registry.Host != "localhost:5101" || env.Context != "kind-kl-engine-test" || env.Namespace != "default" ||
		!strings.HasPrefix(env.Kubeconfig, e.cfg.StateDir) || !strings.HasPrefix(env.DockerConfig, e.cfg.StateDir) {
		t.Errorf("Environment() = %+v", env)
	}
	if _, err := os.Stat(e.cfg.StateDir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("state folder: %v, want it not made yet", err)
	}
}

func TestWriteFilesKeepsALogin(t *testing.T) {
	e := newEngine(t)
	u := &bringUp{Engine: e}
	for range 2 {
		if err := u.writeFiles(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	config := filepath.Join(e.Environment().DockerConfig, "config.json")
	login := []byte(`{"auths":{"localhost:5101":{}}}`)
	if err := os.WriteFile(config, login, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(e.Environment().BinDir, "kubectl")); err != nil {
		t.Fatal(err)
	}
	if err := u.writeFiles(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(config); err != nil || string(got) != string(login) {
		t.Errorf("config.json = %s, %v; want the login", got, err)
	}
	if got, err := os.Readlink(filepath.Join(e.Environment().BinDir, "kubectl")); err != nil || got != e.cfg.Executable {
		t.Errorf("kubectl links to %q, %v; want %q", got, err, e.cfg.Executable)
	}
	if err := e.removeFiles(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(e.cfg.StateDir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("state folder: %v, want it gone", err)
	}
}

func TestRemoveFilesLeavesWhatIsNotOurs(t *testing.T) {
	e := newEngine(t)
	if err := e.changeState(func(s *state) { s.Cluster = clusterCreated }); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(e.path("image.123.tmp"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(e.path("notes.txt"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := e.removeFiles(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(e.cfg.StateDir)
	if err != nil || len(left) != 1 || left[0].Name() != "notes.txt" {
		t.Errorf("left %v, %v; want notes.txt alone", left, err)
	}
}

func TestDockerConfigKeepsPlugins(t *testing.T) {
	user := t.TempDir()
	plugins := filepath.Join(user, "cli-plugins")
	if err := os.Mkdir(plugins, 0o700); err != nil {
		t.Fatal(err)
	}
	var got struct{ CliPluginsExtraDirs []string }
	if err := json.Unmarshal(dockerConfig(user), &got); err != nil || !slices.Equal(got.CliPluginsExtraDirs, []string{plugins}) {
		t.Errorf("cliPluginsExtraDirs = %v, %v; want the user's", got, err)
	}
	if got := string(dockerConfig(filepath.Join(user, "nothing"))); got != "{}\n" {
		t.Errorf("without plugins: %q, want an empty configuration", got)
	}
}

func TestStateSurvivesATornFile(t *testing.T) {
	e := newEngine(t)
	if err := e.changeState(func(s *state) { s.Cluster = clusterCreated; s.seeded("a", "1") }); err != nil {
		t.Fatal(err)
	}
	if s := e.loadState(); s.Cluster != clusterCreated || s.Seeded["a"] != "1" {
		t.Errorf("state = %+v", s)
	}
	if err := os.WriteFile(e.path("kind.json"), []byte(`{"cluster":"created","no`), 0o600); err != nil {
		t.Fatal(err)
	}
	if s := e.loadState(); s.Cluster != "" {
		t.Errorf("state of a torn file = %+v, want nothing", s)
	}
}

func TestFindDockerHost(t *testing.T) {
	config := t.TempDir()
	write := func(path, text string) {
		path = filepath.Join(config, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	meta := func(name string) string {
		sum := sha256.Sum256([]byte(name))
		return filepath.Join("contexts", "meta", hex.EncodeToString(sum[:]), "meta.json")
	}
	write("config.json", `{"currentContext":"colima"}`)
	write(meta("colima"), `{"Name":"colima","Endpoints":{"docker":{"Host":"unix:///home/u/.colima/docker.sock"}}}`)
	write(meta("far"), `{"Name":"far","Endpoints":{"docker":{"Host":"ssh://far"}}}`)
	for _, c := range []struct {
		env  map[string]string
		dir  string
		want string
	}{
		{nil, config, "unix:///home/u/.colima/docker.sock"},
		{map[string]string{"DOCKER_CONTEXT": "far"}, config, "ssh://far"},
		{map[string]string{"DOCKER_CONTEXT": "gone"}, config, "unix:///var/run/docker.sock"},
		{map[string]string{"DOCKER_CONTEXT": "default"}, config, "unix:///var/run/docker.sock"},
		{map[string]string{"DOCKER_HOST": "tcp://there:2375", "DOCKER_CONTEXT": "far"}, config, "tcp://there:2375"},
		{nil, filepath.Join(config, "nothing"), "unix:///var/run/docker.sock"},
	} {
		if got := FindDockerHost(func(k string) string { return c.env[k] }, c.dir); got != c.want {
			t.Errorf("FindDockerHost(%v) = %q, want %q", c.env, got, c.want)
		}
	}
}

func TestWhole(t *testing.T) {
	nodes := []container.Summary{{Names: []string{"/k-control-plane"}}, {Names: []string{"/k-worker"}}}
	names := []string{"k-control-plane", "k-worker"}
	for _, c := range []struct {
		s    state
		want bool
	}{
		{state{Cluster: clusterCreated, Nodes: names}, true},
		{state{Cluster: clusterCreating, Nodes: names}, false},
		{state{Cluster: clusterCreated, Nodes: append(names, "k-worker2")}, false},
		{state{Cluster: clusterCreated}, false},
		{state{}, false},
	} {
		if got := whole(nodes, c.s); got != c.want {
			t.Errorf("whole(%+v) = %v, want %v", c.s, got, c.want)
		}
	}
}

func TestClusterConfig(t *testing.T) {
	for _, c := range []struct {
		memory           int64
		cgroup1, standIn bool
		nodes            int
		patches, without string
	}{
		{16 << 30, false, false, 3, "timeouts", "ignorePreflightErrors"},
		{4 << 30, false, false, 2, "timeouts", "failCgroupV1"},
		{16 << 30, true, false, 3, "failCgroupV1: false", "nothing"},
		{16 << 30, true, false, 3, "ignorePreflightErrors: [all]", "nothing"},
		{16 << 30, false, true, 3, "ignorePreflightErrors: [all]", "failCgroupV1"},
	} {
		u := &bringUp{memory: c.memory, cgroup1: c.cgroup1, images: imageSet{got: map[Image]LocalImage{NodeKind: {StandIn: c.standIn}}}}
		got := u.clusterConfig()
		patches := strings.Join(got.KubeadmConfigPatches, "---\n")
		if len(got.Nodes) != c.nodes || !strings.Contains(patches, c.patches) || strings.Contains(patches, c.without) {
			t.Errorf("%+v: %d nodes, patches\n%s", c, len(got.Nodes), patches)
		}
	}
}

func TestNotReady(t *testing.T) {
	start := time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)
	node := func(status corev1.ConditionStatus, beat time.Time) *corev1.Node {
		return &corev1.Node{Status: corev1.NodeStatus{Conditions: []corev1.NodeCondition{{
			Type: corev1.NodeReady, Status: status, LastHeartbeatTime: metav1.NewTime(beat), Reason: "KubeletNotReady", Message: "no network",
		}}}}
	}
	for _, c := range []struct {
		name string
		node *corev1.Node
		want string
	}{
		{"ready", node(corev1.ConditionTrue, start.Add(time.Second)), ""},
		{"ready before it was killed", node(corev1.ConditionTrue, start.Add(-time.Second)), "다시 시작한 뒤로"},
		{"not ready", node(corev1.ConditionFalse, start.Add(time.Second)), "no network"},
		{"silent", &corev1.Node{}, "아직"},
	} {
		if got := notReady(c.node, start); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestLoss(t *testing.T) {
	e := newEngine(t)
	message := func(action events.Action, attributes map[string]string) events.Message {
		return events.Message{Action: action, Actor: events.Actor{Attributes: attributes}}
	}
	for _, c := range []struct {
		m    events.Message
		want string
	}{
		{message(events.ActionDie, map[string]string{"name": "kl-engine-test-worker", kindLabel: "kl-engine-test", "exitCode": "137"}), "kl-engine-test-worker이(가) 멈췄습니다(종료 코드 137)"},
		{message(events.ActionDestroy, map[string]string{"name": "kl-engine-test-registry", Label: "kl-engine-test"}), "지워졌습니다"},
		{message(events.ActionPause, map[string]string{"name": "kl-engine-test-mirror", Label: "kl-engine-test"}), "일시 정지"},
		{message(events.ActionDie, map[string]string{"name": "other-worker", kindLabel: "other"}), ""},
		{message(events.ActionDie, map[string]string{"name": "busybox"}), ""},
	} {
		if got := e.loss(c.m); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("loss(%v) = %q, want %q", c.m, got, c.want)
		}
	}
}

func TestProgressLine(t *testing.T) {
	for message, want := range map[string]string{
		" • Preparing nodes 📦 📦 📦  ...\n":     "노드 컨테이너를 시작하는 중",
		" ✓ Preparing nodes 📦 📦 📦\n":          "",
		" • Starting control-plane 🕹️  ...\n": "컨트롤 플레인을 시작하는 중",
		" • Something new 🚀  ...\n":           "Something new",
		"":                                    "",
	} {
		if got := progressLine(message); got != want {
			t.Errorf("progressLine(%q) = %q, want %q", message, got, want)
		}
	}
}

func TestWithOutput(t *testing.T) {
	run := &kindexec.RunError{Command: []string{"docker"}, Inner: errors.New("exit status 1"),
		Output: []byte("I1121 03:13:15.238775 174 round_trippers.go:632] noise\nerror: no space left on device\n")}
	got := withOutput(run)
	if !errors.Is(got, run) || !strings.Contains(got.Error(), "no space left") || strings.Contains(got.Error(), "noise") {
		t.Errorf("withOutput() = %v, want the reason without the noise", got)
	}
}

func TestUniqueLocalSubnet(t *testing.T) {
	a, b := uniqueLocalSubnet("kind"), uniqueLocalSubnet("other")
	if a == b || !netip.MustParsePrefix("fd00::/8").Contains(a.Addr()) || a.Bits() != 64 {
		t.Errorf("subnets %v and %v", a, b)
	}
}

func TestLockKeepsOthersOut(t *testing.T) {
	e := newEngine(t)
	unlock, err := e.lock(t.Context(), func(engine.Progress) {})
	if err != nil {
		t.Fatal(err)
	}
	waiting, got := make(chan string, 1), make(chan error, 1)
	go func() {
		unlock, err := e.lock(t.Context(), func(p engine.Progress) { waiting <- p.Detail })
		if err == nil {
			unlock()
		}
		got <- err
	}()
	if said := <-waiting; !strings.Contains(said, "다른 kubelab") {
		t.Errorf("said %q, want who is waited for", said)
	}
	// As Down does: the file goes while the lock on it is held.
	if err := os.Remove(e.path("up.lock")); err != nil {
		t.Fatal(err)
	}
	unlock()
	if err := <-got; err != nil {
		t.Errorf("second lock: %v", err)
	}
}

func TestBeyondMending(t *testing.T) {
	docker, err := client.New(client.WithHost("unix://" + filepath.Join(t.TempDir(), "nobody.sock")))
	if err != nil {
		t.Fatal(err)
	}
	defer docker.Close()
	_, err = docker.Ping(t.Context(), client.PingOptions{})
	if got := beyondMending(fmt.Errorf("look: %w", err)); errors.Is(got, errBeyondMending) {
		t.Errorf("%v: a Docker that does not answer is no reason to make a new cluster", got)
	}
	if got := beyondMending(errors.New("no such network")); !errors.Is(got, errBeyondMending) {
		t.Errorf("%v: want a new cluster", got)
	}
}
