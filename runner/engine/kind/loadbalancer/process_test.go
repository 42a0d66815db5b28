package loadbalancer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// TestMain makes the test program serve as the process that it starts.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == "serve" {
		if err := Serve(context.Background(), os.Args[2], os.Args[3]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// emptyCluster is an API server without any objects, on which watches stay open.
func emptyCluster(t *testing.T, dir, name string) (kubeconfig string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		kind := map[string]string{"services": "v1/Service", "nodes": "v1/Node", "endpointslices": "discovery.k8s.io/v1/EndpointSlice"}[filepath.Base(r.URL.Path)]
		i := strings.LastIndex(kind, "/")
		if i < 0 {
			http.NotFound(w, r)
			return
		}
		if r.URL.Query().Get("watch") == "" {
			_ = json.NewEncoder(w).Encode(map[string]any{
				"apiVersion": kind[:i], "kind": kind[i+1:] + "List", "metadata": map[string]string{"resourceVersion": "1"}, "items": []any{},
			})
			return
		}
		// A watch that asks for the initial objects is told at once that there are none.
		_ = json.NewEncoder(w).Encode(map[string]any{"type": "BOOKMARK", "object": map[string]any{
			"apiVersion": kind[:i], "kind": kind[i+1:], "metadata": map[string]any{
				"resourceVersion": "1", "annotations": map[string]string{"k8s.io/initial-events-end": "true"},
			},
		}})
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	config := api.NewConfig()
	config.Clusters[name] = &api.Cluster{Server: server.URL}
	config.Contexts[name] = &api.Context{Cluster: name}
	config.CurrentContext = name
	kubeconfig = filepath.Join(dir, "kubeconfig")
	if err := clientcmd.WriteToFile(*config, kubeconfig); err != nil {
		t.Fatal(err)
	}
	return kubeconfig
}

func TestProcess(t *testing.T) {
	dir := t.TempDir()
	kubeconfig := emptyCluster(t, dir, "one")
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	argv := []string{executable, "serve", dir, kubeconfig}
	pid := func() int {
		t.Helper()
		pid, err := PID(dir)
		if err != nil {
			t.Fatal(err)
		}
		return pid
	}
	start := func(want bool) {
		t.Helper()
		if started, err := Start(t.Context(), argv, dir, kubeconfig); err != nil || started != want {
			t.Fatalf("Start() = %v, %v; want %v", started, err, want)
		}
	}
	t.Cleanup(func() { _ = Stop(context.Background(), dir) })

	if pid() != 0 {
		t.Fatalf("PID() = %d before the start", pid())
	}
	start(true)
	first := pid()
	start(false)
	if pid() != first {
		t.Errorf("PID() = %d, want %d still", pid(), first)
	}
	if sid, err := syscall.Getpgid(first); err != nil || sid != first {
		t.Errorf("process group %d, %v; want its own, which a closing terminal leaves alone", sid, err)
	}

	// A namespace chosen in the kubeconfig is no other cluster.
	setNamespace(t, kubeconfig, "one")
	start(false)

	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); pid() == first && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond) // the kernel takes its time to end a process
	}
	start(true)
	second := pid()
	if second == first || second == 0 {
		t.Errorf("PID() = %d after a kill, want a new process", second)
	}

	emptyCluster(t, dir, "two")
	start(true)
	if third := pid(); third == second {
		t.Error("the process for the old cluster still runs")
	}
	if err := Stop(t.Context(), dir); err != nil || pid() != 0 {
		t.Errorf("Stop() = %v, PID() = %d; want it gone", err, pid())
	}
	if err := Stop(t.Context(), dir); err != nil {
		t.Errorf("second Stop() = %v", err)
	}
}

func setNamespace(t *testing.T, kubeconfig, context string) {
	t.Helper()
	config, err := clientcmd.LoadFromFile(kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	config.Contexts[context].Namespace = "elsewhere"
	if err := clientcmd.WriteToFile(*config, kubeconfig); err != nil {
		t.Fatal(err)
	}
}

func TestStartSaysWhyTheProcessEnded(t *testing.T) {
	dir := t.TempDir()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	kubeconfig := filepath.Join(dir, "kubeconfig")
	if err := os.WriteFile(kubeconfig, []byte("not: [a kubeconfig"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Start(t.Context(), []string{executable, "serve", dir, kubeconfig}, dir, kubeconfig)
	if err == nil || !strings.Contains(err.Error(), "read kubeconfig") {
		t.Errorf("Start() = %v, want what the process logged", err)
	}
}

func TestStartIsCancelled(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	// A program that never takes the lock.
	_, err := Start(ctx, []string{"/bin/sleep", "2"}, dir, filepath.Join(dir, "kubeconfig"))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Start() = %v, want the deadline", err)
	}
}
