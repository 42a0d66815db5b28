package observe

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/moby/moby/client"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/kubelab/kubelab/checks"
)

// latencies are durations of which a benchmark reports percentiles, in milliseconds.
type latencies []time.Duration

func (l latencies) report(b *testing.B, what string) {
	slices.Sort(l)
	for _, p := range []int{50, 95, 99} {
		i := min(len(l)-1, len(l)*p/100)
		b.ReportMetric(float64(l[i].Microseconds())/1000, fmt.Sprintf("ms-%s-p%d", what, p))
	}
}

// next waits for an update in which the source key satisfies holds and returns it and when it came.
func next(b *testing.B, updates <-chan Update, key string, holds func(checks.State) bool) (Update, time.Time) {
	b.Helper()
	deadline := time.After(patience)
	for {
		select {
		case u := <-updates:
			if slices.Contains(u.Moved, key) && holds(u.Snapshot.State(key)) {
				return u, time.Now()
			}
		case <-deadline:
			b.Fatalf("no update of %s", key)
		}
	}
}

// BenchmarkDocker measures, for a container that is created: from the event's arrival to the update's delivery
// (update), and from the daemon's time stamp on the event to the update's delivery (whole).
func BenchmarkDocker(b *testing.B) {
	host := dockerEngine(b)
	o := observing(b, dockerConfig(host), watchesOf(checks.Containers)...)
	updates, cancel := o.Subscribe()
	defer cancel()
	cli, err := client.New(client.WithHost(host))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = cli.Close() }()
	stamps := cli.Events(b.Context(), client.EventsListOptions{
		Filters: make(client.Filters).Add("event", "create").Add("image", testImage),
	})
	var update, whole latencies
	for i := 0; b.Loop(); i++ {
		name := fmt.Sprintf("kl-observe-bench-%d-%d", os.Getpid(), i)
		made, err := cli.ContainerCreate(b.Context(), client.ContainerCreateOptions{Name: name, Image: testImage})
		if err != nil {
			b.Fatal(err)
		}
		u, came := next(b, updates, checks.Containers, func(s checks.State) bool { return named(s.Items, name) != nil })
		stamp := <-stamps.Messages
		for stamp.Actor.ID != made.ID {
			stamp = <-stamps.Messages
		}
		update = append(update, came.Sub(u.Accepted))
		whole = append(whole, came.Sub(time.Unix(0, stamp.TimeNano)))
		if _, err := cli.ContainerRemove(b.Context(), made.ID, client.ContainerRemoveOptions{Force: true}); err != nil {
			b.Fatal(err)
		}
		next(b, updates, checks.Containers, func(s checks.State) bool { return named(s.Removed, name) != nil })
	}
	b.ReportMetric(0, "ns/op") // it would be the time that Docker takes to make and remove a container
	update.report(b, "update")
	whole.report(b, "whole")
}

// realCluster returns a client and the kubeconfig of the cluster that KUBECONFIG names; without one the test is skipped.
func realCluster(t testing.TB) (*kubernetes.Clientset, string) {
	t.Helper()
	path := os.Getenv("KUBECONFIG")
	if path == "" {
		t.Skip("no cluster: KUBECONFIG is not set")
	}
	conn, err := newCluster(path, "", nil).connect()
	if err != nil {
		t.Skipf("no cluster: %v", err)
	}
	t.Cleanup(conn.close)
	clients, err := kubernetes.NewForConfigAndClient(conn.config, conn.client)
	if err != nil {
		t.Skipf("no cluster: %v", err)
	}
	if _, err := clients.Discovery().ServerVersion(); err != nil {
		t.Skipf("no cluster answers: %v", err)
	}
	return clients, path
}

// inNamespace makes a namespace for a test and removes it afterwards.
func inNamespace(t testing.TB, clients *kubernetes.Clientset) string {
	t.Helper()
	namespace, err := clients.CoreV1().Namespaces().Create(t.Context(),
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "kl-observe-"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := clients.CoreV1().Namespaces().Delete(context.Background(), namespace.Name, metav1.DeleteOptions{}); err != nil {
			t.Errorf("remove the test's namespace: %v", err)
		}
	})
	return namespace.Name
}

// BenchmarkKubernetes measures, for an object that is created: from the watch event's arrival to the update's delivery
// (update), and from the moment the request is sent, which is before the server accepts the change, to the update's
// delivery (whole).
func BenchmarkKubernetes(b *testing.B) {
	clients, path := realCluster(b)
	namespace := inNamespace(b, clients)
	o := observing(b, kubeConfig(path), watchesOf("configmaps")...)
	updates, cancel := o.Subscribe()
	defer cancel()
	var update, whole latencies
	for i := 0; b.Loop(); i++ {
		object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("bench-%d-%d", os.Getpid(), i)}}
		sent := time.Now()
		if _, err := clients.CoreV1().ConfigMaps(namespace).Create(b.Context(), object, metav1.CreateOptions{}); err != nil {
			b.Fatal(err)
		}
		u, came := next(b, updates, "configmaps", func(s checks.State) bool { return pod(s.Items, object.Name) != nil })
		update = append(update, came.Sub(u.Accepted))
		whole = append(whole, came.Sub(sent))
	}
	b.ReportMetric(0, "ns/op")
	update.report(b, "update")
	whole.report(b, "whole")
}
