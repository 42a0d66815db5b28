package kind

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/moby/moby/client"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/engine/kind/loadbalancer"
)

// e2eEngine is an engine for a test with a real cluster, which takes minutes. Whatever happens, nothing stays.
func e2eEngine(t *testing.T) *Engine {
	if os.Getenv("KUBELAB_E2E") != "1" {
		t.Skip("KUBELAB_E2E=1 is not set: it makes a real cluster, which takes minutes")
	}
	e := newEngine(t)
	needDocker(t, e, Busybox, NodeJS, Registry, NodeKind)
	before := objects(t, e)
	t.Cleanup(func() {
		if err := e.Down(context.Background(), func(engine.Progress) {}); err != nil {
			t.Errorf("Down() = %v", err)
		}
		if after := objects(t, e); !slices.Equal(before, after) {
			t.Errorf("Docker has\n%s\nwant what was there before\n%s", strings.Join(after, "\n"), strings.Join(before, "\n"))
		}
		if _, err := os.Stat(e.cfg.StateDir); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("state folder: %v, want it gone", err)
		}
	})
	return e
}

// objects lists the containers, volumes and networks in Docker that have to do with the engine.
func objects(t *testing.T, e *Engine) []string {
	t.Helper()
	ctx := context.Background()
	var found []string
	containers, err := e.docker.ContainerList(ctx, client.ContainerListOptions{All: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range containers.Items {
		if strings.HasPrefix(nameOf(c), e.cfg.Name) {
			found = append(found, "container "+nameOf(c)+" "+string(c.State))
		}
	}
	volumes, err := e.docker.VolumeList(ctx, client.VolumeListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range volumes.Items {
		if strings.HasPrefix(v.Name, e.cfg.Name) {
			found = append(found, "volume "+v.Name)
		}
	}
	networks, err := e.docker.NetworkList(ctx, client.NetworkListOptions{Filters: e.own()})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range networks.Items {
		found = append(found, "network "+n.Name)
	}
	slices.Sort(found)
	return found
}

// up brings the engine up, logs its progress, and returns what was gained and how long it took.
func up(t *testing.T, e *Engine) (map[engine.Capability]bool, time.Duration) {
	t.Helper()
	gained := map[engine.Capability]bool{}
	begin := time.Now()
	err := e.Up(t.Context(), func(p engine.Progress) {
		t.Logf("%6.2fs %d %-14s %s", time.Since(begin).Seconds(), p.Status, p.Step, p.Detail)
		for _, c := range p.Gained {
			gained[c] = true
		}
	})
	if err != nil {
		t.Fatalf("Up() = %v", err)
	}
	return gained, time.Since(begin)
}

func TestE2E(t *testing.T) {
	e := e2eEngine(t)
	gained, took := up(t, e)
	t.Logf("up took %v", took)
	if !engine.Has(gained, []engine.Capability{
		engine.Docker, engine.NodeJS, engine.Registry, engine.Cluster, engine.TwoNodes, engine.LoadBalancer, engine.Storage, engine.ControlPlane,
	}) {
		t.Fatalf("gained %v, want all", gained)
	}
	again, took := up(t, e)
	t.Logf("up again took %v", took)
	if took > 3*time.Second || len(again) != len(gained) {
		t.Errorf("up again took %v and gained %v, want next to no time and %v", took, again, gained)
	}
	api, err := e.kubernetes()
	if err != nil {
		t.Fatal(err)
	}
	image := pushBusybox(t, e)
	runWeb(t, api, image)
	get(t, serviceURL(t, api))
	runPod(t, api, "hub", "busybox", "sleep", "600")
	t.Run("through the API server", func(t *testing.T) { portForward(t, e, api) })

	t.Run("storage", func(t *testing.T) { storageKeeps(t, api) })
	t.Run("storage gone", func(t *testing.T) { storageGone(t, e, api) })
	t.Run("stopped control plane", func(t *testing.T) { stoppedControlPlane(t, e, api) })
	t.Run("killed node", func(t *testing.T) { killedNode(t, e, api) })
	t.Run("much broken", func(t *testing.T) { muchBroken(t, e, api) })
	t.Run("half a cluster", func(t *testing.T) { halfCluster(t, e) })
}

// portForward reaches the Service as on systems where nodes have no address.
func portForward(t *testing.T, e *Engine, api kubernetes.Interface) {
	config, err := clientcmd.BuildConfigFromFlags("", e.path("kubeconfig"))
	if err != nil {
		t.Fatal(err)
	}
	factory := informers.NewSharedInformerFactory(api, 0)
	slices := factory.Discovery().V1().EndpointSlices().Lister()
	ctx, cancel := context.WithCancel(t.Context())
	defer factory.Shutdown()
	defer cancel()
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	web, err := api.CoreV1().Services("default").Get(ctx, "web", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	dialer := loadbalancer.PortForward{Listers: loadbalancer.Listers{Slices: slices}, Client: api, Config: config}
	c, err := dialer.Dial(ctx, web, web.Spec.Ports[0])
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "GET / HTTP/1.0\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(c)
	if err != nil || !strings.Contains(string(answer), "web-") {
		t.Errorf("answer %q, %v; want the pod's name", answer, err)
	}
}

// killedNode kills a worker under a Watch.
func killedNode(t *testing.T, e *Engine, api kubernetes.Interface) {
	broken := make(chan string, 1)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	go func() {
		why, err := e.Watch(ctx)
		if err != nil {
			why = "error: " + err.Error()
		}
		broken <- why
	}()
	select {
	case why := <-broken:
		t.Fatalf("Watch() = %q while all is well", why)
	case <-time.After(time.Second): // that nothing is said cannot be waited for otherwise
	}
	if _, err := e.docker.ContainerKill(ctx, e.cfg.Name+"-worker", client.ContainerKillOptions{}); err != nil {
		t.Fatal(err)
	}
	if why := <-broken; !strings.Contains(why, e.cfg.Name+"-worker") {
		t.Errorf("Watch() = %q, want the name of the node", why)
	}
	up(t, e)
	get(t, serviceURL(t, api))
}

// muchBroken takes away everything that Up can mend without a new cluster.
func muchBroken(t *testing.T, e *Engine, api kubernetes.Interface) {
	pid, err := loadbalancer.PID(e.cfg.StateDir)
	if err != nil || pid == 0 {
		t.Fatalf("PID() = %d, %v", pid, err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(e.path("kubeconfig")); err != nil {
		t.Fatal(err)
	}
	nodes, err := e.nodes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(e.registryNames(), nodeNames(nodes)...) {
		if slices.Contains(e.registryNames(), name) {
			err = e.removeContainer(t.Context(), name)
		} else {
			_, err = e.docker.ContainerKill(t.Context(), name, client.ContainerKillOptions{})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	ids := func() (ids []string) {
		nodes, err := e.nodes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range nodes {
			ids = append(ids, n.ID)
		}
		return ids
	}
	before := ids()
	up(t, e)
	if !slices.Equal(before, ids()) {
		t.Error("the cluster was made anew, want it mended")
	}
	get(t, serviceURL(t, api))
	runPod(t, api, "again", e.registryHost()+"/kl-e2e:1", "sleep", "600")
}

// halfCluster makes the state look as after kill -9 in the middle of creating, with a node missing.
func halfCluster(t *testing.T, e *Engine) {
	if err := e.removeContainer(t.Context(), e.cfg.Name+"-worker2"); err != nil {
		t.Fatal(err)
	}
	if err := e.changeState(func(s *state) { s.Cluster, s.Nodes = clusterCreating, nil }); err != nil {
		t.Fatal(err)
	}
	gained, _ := up(t, e)
	if !gained[engine.TwoNodes] || !gained[engine.LoadBalancer] {
		t.Errorf("gained %v, want all", gained)
	}
	api, err := e.kubernetes()
	if err != nil {
		t.Fatal(err)
	}
	runPod(t, api, "hub", "busybox", "sleep", "600")
}

func TestE2ECancelled(t *testing.T) {
	for _, at := range []string{"노드 컨테이너를 시작하는 중", "컨트롤 플레인을 시작하는 중"} {
		t.Run(at, func(t *testing.T) {
			e := e2eEngine(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			err := e.Up(ctx, func(p engine.Progress) {
				t.Logf("%d %-14s %s", p.Status, p.Step, p.Detail)
				if p.Detail == at {
					cancel()
				}
			})
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("Up() = %v, want the cancellation", err)
			}
			for _, o := range objects(t, e) {
				if strings.HasPrefix(o, "container") || strings.HasPrefix(o, "network") {
					t.Errorf("still there: %s", o)
				}
			}
		})
	}
}

// pushBusybox pushes to the registry as a docker client would, first without a login.
func pushBusybox(t *testing.T, e *Engine) (image string) {
	t.Helper()
	image = e.registryHost() + "/kl-e2e:1"
	if _, err := e.docker.ImageTag(t.Context(), client.ImageTagOptions{Source: "busybox:latest", Target: image}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = e.docker.ImageRemove(context.Background(), image, client.ImageRemoveOptions{}) })
	if err := push(t, e, image, "", ""); err == nil {
		t.Error("a push without a login succeeded, want it denied")
	}
	if err := push(t, e, image, registryUser, registryPassword); err != nil {
		t.Fatalf("push with a login: %v", err)
	}
	return image
}

func push(t *testing.T, e *Engine, image, user, password string) error {
	t.Helper()
	auth, err := json.Marshal(map[string]string{"username": user, "password": password, "serveraddress": e.registryHost()})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := e.docker.ImagePush(t.Context(), image, client.ImagePushOptions{RegistryAuth: base64.URLEncoding.EncodeToString(auth)})
	if err != nil {
		return err
	}
	defer resp.Close()
	return resp.Wait(t.Context())
}

// runPod runs a pod and waits until it is ready.
func runPod(t *testing.T, api kubernetes.Interface, name, image string, command ...string) {
	t.Helper()
	runPodWith(t, api, name, func(*corev1.PodSpec) {}, image, command...)
}

// runPodWith is runPod with something changed.
func runPodWith(t *testing.T, api kubernetes.Interface, name string, change func(*corev1.PodSpec), image string, command ...string) {
	t.Helper()
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"app": name}},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{
			Name: name, Image: image, ImagePullPolicy: corev1.PullAlways, Command: command,
		}}},
	}
	change(&pod.Spec)
	if _, err := api.CoreV1().Pods("default").Create(t.Context(), pod, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	last := ""
	err := wait.PollUntilContextTimeout(t.Context(), 100*time.Millisecond, 2*time.Minute, true, func(ctx context.Context) (bool, error) {
		got, err := api.CoreV1().Pods("default").Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			last = err.Error()
			return false, nil
		}
		last = fmt.Sprintf("%+v", got.Status)
		for _, c := range got.Status.Conditions {
			if c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue {
				return true, nil
			}
		}
		return false, nil
	})
	if err != nil {
		t.Fatalf("pod %s: %v; last seen: %s", name, err, last)
	}
}

// runWeb runs a web server behind a Service of type LoadBalancer, as a replication controller: pods come and go.
func runWeb(t *testing.T, api kubernetes.Interface, image string) {
	t.Helper()
	labels := map[string]string{"app": "web"}
	replicas := int32(2)
	_, err := api.CoreV1().ReplicationControllers("default").Create(t.Context(), &corev1.ReplicationController{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec: corev1.ReplicationControllerSpec{Replicas: &replicas, Selector: labels, Template: &corev1.PodTemplateSpec{
			ObjectMeta: metav1.ObjectMeta{Labels: labels},
			Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: image, Command: []string{"sh", "-c",
				"mkdir -p /www && hostname > /www/index.html && exec httpd -f -p 8080 -h /www"}}}},
		}},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = api.CoreV1().Services("default").Create(t.Context(), &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec: corev1.ServiceSpec{Type: corev1.ServiceTypeLoadBalancer, Selector: labels,
			Ports: []corev1.ServicePort{{Port: 8088, TargetPort: intstr.FromInt32(8080)}}},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
}

// serviceURL waits for the Service's address.
func serviceURL(t *testing.T, api kubernetes.Interface) (url string) {
	t.Helper()
	err := wait.PollUntilContextTimeout(t.Context(), 20*time.Millisecond, 30*time.Second, true, func(ctx context.Context) (bool, error) {
		got, err := api.CoreV1().Services("default").Get(ctx, "web", metav1.GetOptions{})
		if err != nil || len(got.Status.LoadBalancer.Ingress) == 0 {
			return false, nil
		}
		url = "http://" + got.Status.LoadBalancer.Ingress[0].IP + ":8088/"
		return true, nil
	})
	if err != nil {
		t.Fatalf("wait for an address: %v", err)
	}
	return url
}

// get asks until the Service answers.
func get(t *testing.T, url string) {
	t.Helper()
	var last error
	err := wait.PollUntilContextTimeout(t.Context(), 100*time.Millisecond, 2*time.Minute, true, func(ctx context.Context) (bool, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return false, err
		}
		resp, err := directly.Do(req)
		if err != nil {
			last = err
			return false, nil
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		last = fmt.Errorf("%s %q %v", resp.Status, body, err)
		return strings.HasPrefix(string(body), "web-"), nil
	})
	if err != nil {
		t.Fatalf("get %s: %v; last seen: %v", url, err, last)
	}
	t.Logf("%s: %v", url, last)
}
