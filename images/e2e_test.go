package images_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/client"
	"sigs.k8s.io/kind/pkg/cluster"
	"sigs.k8s.io/kind/pkg/log"

	"github.com/kubelab/kubelab/images"
)

// e2eConfig is a cluster of two nodes on a host with any version of cgroups.
const e2eConfig = `kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
kubeadmConfigPatches:
- |
  kind: KubeletConfiguration
  failCgroupV1: false
- |
  kind: InitConfiguration
  nodeRegistration: {ignorePreflightErrors: [all]}
- |
  kind: JoinConfiguration
  nodeRegistration: {ignorePreflightErrors: [all]}
nodes:
- role: control-plane
- role: worker
`

// TestBuildAllAndRunCluster builds all four images under names of its own and brings a cluster up with the node image.
// KUBELAB_E2E_CACHE keeps what it builds; without it everything is built anew, which takes minutes.
func TestBuildAllAndRunCluster(t *testing.T) {
	if os.Getenv("KUBELAB_E2E") == "" {
		t.Skip("KUBELAB_E2E is not set: this test builds everything and takes minutes")
	}
	cache := os.Getenv("KUBELAB_E2E_CACHE")
	if cache == "" {
		cache = t.TempDir()
	}
	names := map[images.Kind]string{}
	for _, k := range images.All() {
		names[k] = "kubelab-test/" + string(k) + ":e2e"
	}
	docker, err := client.New(client.FromEnv)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, name := range names {
			docker.ImageRemove(context.Background(), name, client.ImageRemoveOptions{})
		}
	})
	store, err := images.New(images.Config{Docker: docker, CacheDir: cache, Names: names, Source: images.OnlyBuild})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	last := ""
	report := func(p images.Progress) {
		if line := fmt.Sprint(p.Image, " ", p.N, "/", p.Of, " ", p.Step, " ", p.Status); line != last {
			last = line
			t.Logf("%6.1fs %s (%s)", time.Since(start).Seconds(), line, p.Usual)
		}
	}
	if err := store.Ensure(t.Context(), images.All(), report); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[images.Kind]string{images.Busybox: "hello", images.NodeJS: "v"} {
		argv := []string{"run", "--rm", names[name], "echo", "hello"}
		if name == images.NodeJS {
			argv = []string{"run", "--rm", names[name], "--version"}
		}
		out, err := exec.Command("docker", argv...).CombinedOutput()
		if err != nil || !strings.HasPrefix(string(out), want) {
			t.Errorf("docker %v: %s, %v", argv, out, err)
		}
	}
	runCluster(t, names[images.KindNode], names[images.Busybox])
}

// runCluster brings a cluster up and has a pod on its worker resolve a service's name.
func runCluster(t *testing.T, nodeImage, podImage string) {
	const name = "kl-images-test"
	provider := cluster.NewProvider(cluster.ProviderWithLogger(log.NoopLogger{}), cluster.ProviderWithDocker())
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	t.Cleanup(func() {
		if err := provider.Delete(name, kubeconfig); err != nil {
			t.Error(err)
		}
	})
	start := time.Now()
	err := provider.Create(name, cluster.CreateWithRawConfig([]byte(e2eConfig)), cluster.CreateWithNodeImage(nodeImage),
		cluster.CreateWithKubeconfigPath(kubeconfig), cluster.CreateWithWaitForReady(2*time.Minute))
	if err != nil {
		t.Fatalf("create cluster: %v", err)
	}
	t.Logf("cluster up after %s", time.Since(start))
	load := exec.Command("docker", "exec", "-i", name+"-worker", "ctr", "-n", "k8s.io", "images", "import", "--local", "-")
	save := exec.Command("docker", "save", podImage)
	reader, writer := io.Pipe()
	save.Stdout, load.Stdin = writer, reader
	if err := save.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { writer.CloseWithError(save.Wait()) }()
	if out, err := load.CombinedOutput(); err != nil {
		t.Fatalf("load image: %v: %s", err, out)
	}
	kubectl := func(args ...string) string {
		t.Helper()
		argv := append([]string{"exec", "-i", name + "-control-plane", "kubectl", "--kubeconfig=/etc/kubernetes/admin.conf"}, args...)
		out, err := exec.Command("docker", argv...).CombinedOutput()
		if err != nil {
			t.Fatalf("kubectl %v: %v: %s", args, err, out)
		}
		return string(out)
	}
	kubectl("-n", "kube-system", "rollout", "status", "deployment/coredns", "--timeout=2m")
	kubectl("-n", "local-path-storage", "rollout", "status", "deployment/local-path-provisioner", "--timeout=2m")
	kubectl("run", "lookup", "--image="+podImage, "--image-pull-policy=Never", "--restart=Never", "--",
		"nslookup", "kubernetes.default.svc.cluster.local")
	kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/lookup", "--timeout=1m")
	if logs := kubectl("logs", "lookup"); !strings.Contains(logs, "10.96.0.1") {
		t.Errorf("nslookup in a pod: %s", logs)
	}
	out, err := exec.Command("docker", "exec", name+"-worker", "containerd", "config", "dump").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "/etc/containerd/certs.d") {
		t.Errorf("containerd of a node looks registries up nowhere: %v: %s", err, out)
	}
	if events := kubectl("get", "events", "-A", "--field-selector=reason=Failed"); strings.Contains(events, "pull") {
		t.Errorf("a node tried to pull an image: %s", events)
	}
}
