package observe

import (
	"os"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubelab/kubelab/checks"
)

func TestE2ECluster(t *testing.T) {
	if os.Getenv("KUBELAB_E2E") == "" {
		t.Skip("KUBELAB_E2E is not set")
	}
	clients, path := realCluster(t)
	namespace := inNamespace(t, clients)
	o := observing(t, kubeConfig(path), watchesOf("configmaps", "namespaces", "services", "events.events.k8s.io")...)
	mine := func(objects []checks.Object) checks.Object {
		for _, object := range objects {
			if checks.Text(object, "metadata", "namespace") == namespace && checks.Text(object, "metadata", "name") == "lab" {
				return object
			}
		}
		return nil
	}
	if pod(o.Snapshot().State("namespaces").Items, namespace) == nil {
		t.Error("a namespace from before is not listed")
	}
	object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "lab"}, Data: map[string]string{"n": "1"}}
	maps := clients.CoreV1().ConfigMaps(namespace)
	if _, err := maps.Create(t.Context(), object, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	state := until(t, o, "configmaps", "created", func(s checks.State) bool { return mine(s.Items) != nil })
	if checks.Field(mine(state.Items), "metadata", "managedFields") == nil {
		t.Error("managedFields, which tell what made an object, were dropped")
	}
	object.Data["n"] = "2"
	if _, err := maps.Update(t.Context(), object, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	until(t, o, "configmaps", "updated", func(s checks.State) bool { return checks.Text(mine(s.Items), "data", "n") == "2" })
	if err := maps.Delete(t.Context(), "lab", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	until(t, o, "configmaps", "deleted", func(s checks.State) bool {
		return mine(s.Items) == nil && checks.Text(mine(s.Removed), "data", "n") == "2"
	})
	service := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "lab"}, Spec: corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 8080}}}}
	if _, err := clients.CoreV1().Services(namespace).Create(t.Context(), service, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	services := until(t, o, "services", "created", func(s checks.State) bool { return mine(s.Items) != nil })
	ports, _ := checks.Field(mine(services.Items), "spec", "ports").([]any)
	if len(ports) != 1 || checks.Field(ports[0].(checks.Object), "port") != int64(8080) {
		t.Errorf("its ports are %v", ports)
	}
}

func TestE2ELogs(t *testing.T) {
	if os.Getenv("KUBELAB_E2E") == "" {
		t.Skip("KUBELAB_E2E is not set")
	}
	clients, path := realCluster(t)
	namespace := inNamespace(t, clients)
	cfg := kubeConfig(path)
	cfg.Env.Namespace = namespace
	o := observing(t, cfg, watchesOf(checks.Logs)...)
	run := func(name, script string) {
		t.Helper()
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.PodSpec{
			TerminationGracePeriodSeconds: new(int64),
			Containers: []corev1.Container{{
				Name: "app", Image: testImage, ImagePullPolicy: corev1.PullIfNotPresent, Command: []string{"sh", "-c", script},
			}},
		}}
		if _, err := clients.CoreV1().Pods(namespace).Create(t.Context(), pod, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	run("silent", "sleep 600")
	run("crash", "echo no such thing; exit 3")
	run("ticks", "while :; do echo tick; sleep 0.1; done")
	until(t, o, checks.Logs, "showed a log without a line", func(s checks.State) bool { return logged(s, "silent", false) != nil })
	until(t, o, checks.Logs, "showed why it ended", func(s checks.State) bool { return checks.Text(logged(s, "crash", true), "text") == "no such thing\n" })
	until(t, o, checks.Logs, "went on", func(s checks.State) bool {
		return len(checks.Text(logged(s, "ticks", false), "text")) > len("tick\n")*5
	})
	if err := clients.CoreV1().Pods(namespace).Delete(t.Context(), "ticks", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	until(t, o, checks.Logs, "kept what it wrote", func(s checks.State) bool {
		return logged(s, "ticks", false) == nil && checks.Text(logIn(s.Removed, "ticks", false), "text") != ""
	})
}
