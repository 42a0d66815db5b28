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
			if text(object, "metadata", "namespace") == namespace && text(object, "metadata", "name") == "lab" {
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
	if at(mine(state.Items), "metadata", "managedFields") == nil {
		t.Error("managedFields, which tell what made an object, were dropped")
	}
	object.Data["n"] = "2"
	if _, err := maps.Update(t.Context(), object, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	until(t, o, "configmaps", "updated", func(s checks.State) bool { return text(mine(s.Items), "data", "n") == "2" })
	if err := maps.Delete(t.Context(), "lab", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	until(t, o, "configmaps", "deleted", func(s checks.State) bool {
		return mine(s.Items) == nil && text(mine(s.Removed), "data", "n") == "2"
	})
	service := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "lab"}, Spec: corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 8080}}}}
	if _, err := clients.CoreV1().Services(namespace).Create(t.Context(), service, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	services := until(t, o, "services", "created", func(s checks.State) bool { return mine(s.Items) != nil })
	ports, _ := at(mine(services.Items), "spec", "ports").([]any)
	if len(ports) != 1 || at(ports[0].(checks.Object), "port") != int64(8080) {
		t.Errorf("its ports are %v", ports)
	}
}
