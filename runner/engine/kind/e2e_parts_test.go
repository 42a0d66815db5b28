package kind

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"

	"github.com/kubelab/kubelab/images"
	"github.com/kubelab/kubelab/runner/engine"
)

// storageKeeps writes into a claim's volume with one pod and reads it with the next; when the claim goes, so does the volume.
func storageKeeps(t *testing.T, api kubernetes.Interface) {
	begin := time.Now()
	_, err := api.CoreV1().PersistentVolumeClaims("default").Create(t.Context(), &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Name: "data"},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
			Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("10Mi")}},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	runPodWith(t, api, "writer", dataVolume("data"), "busybox", "sh", "-c", "echo kept > /data/file && sleep 600")
	t.Logf("claim bound and pod ready after %v", time.Since(begin))
	now := int64(0)
	if err := api.CoreV1().Pods("default").Delete(t.Context(), "writer", metav1.DeleteOptions{GracePeriodSeconds: &now}); err != nil {
		t.Fatal(err)
	}
	runPodWith(t, api, "reader", dataVolume("data"), "busybox", "sh", "-c", "cat /data/file && sleep 600")
	if said := podLog(t, api, "reader"); said != "kept\n" {
		t.Errorf("the second pod reads %q, want what the first one wrote", said)
	}
	if err := api.CoreV1().Pods("default").Delete(t.Context(), "reader", metav1.DeleteOptions{GracePeriodSeconds: &now}); err != nil {
		t.Fatal(err)
	}
	if err := api.CoreV1().PersistentVolumeClaims("default").Delete(t.Context(), "data", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the volume is removed", func(ctx context.Context) bool {
		got, err := api.CoreV1().PersistentVolumes().List(ctx, metav1.ListOptions{})
		return err == nil && len(got.Items) == 0
	})
}

// dataVolume mounts a claim at /data.
func dataVolume(claim string) func(*corev1.PodSpec) {
	return func(s *corev1.PodSpec) {
		s.Volumes = []corev1.Volume{{Name: "d", VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: claim},
		}}}
		s.Containers[0].VolumeMounts = []corev1.VolumeMount{{Name: "d", MountPath: "/data"}}
	}
}

func podLog(t *testing.T, api kubernetes.Interface, pod string) string {
	t.Helper()
	stream, err := api.CoreV1().Pods("default").GetLogs(pod, &corev1.PodLogOptions{}).Stream(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	said, err := io.ReadAll(stream)
	if err != nil {
		t.Fatal(err)
	}
	return string(said)
}

// eventually waits for something that is true after a while.
func eventually(t *testing.T, what string, is func(context.Context) bool) {
	t.Helper()
	err := wait.PollUntilContextTimeout(t.Context(), 100*time.Millisecond, 2*time.Minute, true, func(ctx context.Context) (bool, error) {
		return is(ctx), nil
	})
	if err != nil {
		t.Fatalf("wait until %s: %v", what, err)
	}
}

// storageGone takes the class and its provisioner away.
func storageGone(t *testing.T, e *Engine, api kubernetes.Interface) {
	if err := api.StorageV1().StorageClasses().Delete(t.Context(), "standard", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := api.AppsV1().Deployments(storageNamespace).Delete(t.Context(), storageDeployment, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if gained, _ := up(t, e); !gained[engine.Storage] {
		t.Errorf("gained %v, want the storage made again", gained)
	}
	if there, err := storageIsThere(t.Context(), api); !there {
		t.Errorf("storageIsThere() = false, %v", err)
	}
}

// stoppedControlPlane stops the scheduler as a lab does, and loses the controller manager's manifest altogether.
func stoppedControlPlane(t *testing.T, e *Engine, api kubernetes.Interface) {
	node := e.Environment().Vars["CONTROL_PLANE"]
	for _, argv := range [][]string{
		{"mv", manifestFolder + "/kube-scheduler.yaml", stoppedFolder + "/"},
		{"rm", manifestFolder + "/kube-controller-manager.yaml"},
	} {
		if err := e.runIn(t.Context(), node, argv...); err != nil {
			t.Fatal(err)
		}
	}
	parts := []string{"kube-scheduler-" + node, "kube-controller-manager-" + node}
	begin := time.Now()
	eventually(t, "both are gone", func(ctx context.Context) bool {
		pods, err := api.CoreV1().Pods("kube-system").List(ctx, metav1.ListOptions{})
		for _, p := range pods.Items {
			if p.Name == parts[0] || p.Name == parts[1] {
				return false
			}
		}
		return err == nil
	})
	t.Logf("stopped after %v", time.Since(begin))
	ctx, cancel := context.WithTimeout(t.Context(), 2*probeEvery)
	defer cancel()
	if why, err := e.Watch(ctx); ctx.Err() == nil {
		t.Errorf("Watch() = %q, %v; want a lab not to be taken for damage", why, err)
	}
	_, took := up(t, e)
	t.Logf("up took %v", took)
	begin = time.Now()
	runPod(t, api, "scheduled", "busybox", "sleep", "600")
	t.Logf("a pod ready after %v", time.Since(begin))
	eventually(t, "the controllers work", func(ctx context.Context) bool {
		got, err := api.CoreV1().ReplicationControllers("default").Get(ctx, "web", metav1.GetOptions{})
		if err != nil {
			return false
		}
		// Whatever the controller has seen it answers for.
		return got.Status.ObservedGeneration == got.Generation && got.Status.ReadyReplicas == *got.Spec.Replicas
	})
}

const composeFile = `services:
  db:
    image: busybox
    command: ["sh", "-c", "touch /ok && exec sleep 600"]
    stop_grace_period: 0s
    healthcheck: {test: ["CMD", "test", "-e", "/ok"], interval: 200ms, timeout: 5s, retries: 50}
  web:
    build: .
    command: ["sleep", "600"]
    stop_grace_period: 0s
    depends_on: {db: {condition: service_healthy}}
`

// TestE2ECompose starts two services with the plugin that the engine found or made, one after the other is healthy.
func TestE2ECompose(t *testing.T) {
	if os.Getenv("KUBELAB_E2E") != "1" {
		t.Skip("KUBELAB_E2E=1 is not set: the plugin may have to be built, which takes a minute")
	}
	e := engineOf(t, engine.Docker, engine.Compose)
	needDocker(t, e, Busybox)
	e.cfg.Compose = buildCompose
	_, took := up(t, e)
	t.Logf("up took %v", took)
	t.Cleanup(func() {
		if err := e.Down(context.Background(), func(engine.Progress) {}); err != nil {
			t.Errorf("Down() = %v", err)
		}
	})
	dir := filepath.Join(t.TempDir(), "kl-compose-test")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"compose.yaml": composeFile, "Dockerfile": "FROM busybox\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { compose(t, e, dir, "down", "--rmi", "local") })
	compose(t, e, dir, "up", "-d", "--build")
	if said := compose(t, e, dir, "ps", "--format", "{{.Service}} {{.State}} {{.Health}}"); !strings.Contains(said, "db running healthy") || !strings.Contains(said, "web running") {
		t.Errorf("docker compose ps: %s", said)
	}
}

// buildCompose has the images package build the plugin.
func buildCompose(ctx context.Context, say func(string)) (string, error) {
	store, err := images.New(images.Config{})
	if err != nil {
		return "", err
	}
	defer store.Close()
	return store.Compose(ctx, func(p images.Progress) { say(p.Title + " " + p.Detail) })
}

// compose runs docker compose as the learner's shell would.
func compose(t *testing.T, e *Engine, dir string, args ...string) string {
	t.Helper()
	c := exec.CommandContext(context.Background(), "docker", append([]string{"compose"}, args...)...)
	env := e.Environment()
	c.Env = append(os.Environ(), "DOCKER_HOST="+env.DockerHost, "DOCKER_CONFIG="+env.DockerConfig)
	for name, value := range env.Vars {
		c.Env = append(c.Env, name+"="+value)
	}
	c.Dir = dir
	out, err := c.CombinedOutput()
	if err != nil {
		t.Errorf("docker compose %v: %v\n%s", args, err, out)
	}
	return string(out)
}
