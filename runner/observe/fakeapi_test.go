package observe

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/kubelab/kubelab/checks"
)

// fakeAPI is as much of a Kubernetes API server as an informer of pods and widgets needs: lists, watches with and
// without initial events, and discovery. Its objects outlive its server, as those of a real one are in etcd.
type fakeAPI struct {
	mu       sync.Mutex
	version  int
	objects  map[string]checks.Object // by resource and name
	history  []fakeEvent
	watchers map[chan struct{}]bool
	widgets  bool // whether the custom resource is known
	denied   bool
	logs     map[string]*fakeLog // by pod/container, with ?previous behind it for the one before
	opened   []string            // the logs that were asked for
	asks     chan struct{}       // closed when one more is
	server   *httptest.Server
	address  string
}

type fakeEvent struct {
	version  int
	resource string
	kind     string
	object   checks.Object
}

func newFakeAPI(t *testing.T) *fakeAPI {
	f := &fakeAPI{objects: map[string]checks.Object{}, watchers: map[chan struct{}]bool{}, logs: map[string]*fakeLog{}, asks: make(chan struct{})}
	f.start(t)
	t.Cleanup(f.stop)
	return f
}

// start serves, at the same address as before.
func (f *fakeAPI) start(t *testing.T) {
	t.Helper()
	if f.address == "" {
		f.address = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", f.address)
	if err != nil {
		t.Fatal(err)
	}
	f.address = listener.Addr().String()
	f.server = httptest.NewUnstartedServer(f)
	_ = f.server.Listener.Close()
	f.server.Listener = listener
	f.server.Start()
}

// stop ends every connection.
func (f *fakeAPI) stop() {
	f.server.CloseClientConnections()
	f.server.Close()
}

// kubeconfig writes the server's kubeconfig.
func (f *fakeAPI) kubeconfig(t *testing.T, path string) {
	t.Helper()
	config := clientcmdapi.NewConfig()
	config.Clusters["c"] = &clientcmdapi.Cluster{Server: "http://" + f.address}
	config.Contexts["c"] = &clientcmdapi.Context{Cluster: "c"}
	config.CurrentContext = "c"
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
}

// set creates or changes an object; fields are put beside its metadata.
func (f *fakeAPI) set(resource, name, uid string, fields checks.Object) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.version++
	kind := "ADDED"
	if old := f.objects[resource+"/"+name]; old != nil && checks.Text(old, "metadata", "uid") == uid {
		kind = "MODIFIED"
	}
	object := checks.Object{
		"apiVersion": "v1", "kind": "Pod",
		"metadata": checks.Object{
			"name": name, "namespace": "default", "uid": uid,
			"resourceVersion": strconv.Itoa(f.version), "creationTimestamp": "2026-11-21T00:00:00Z",
		},
	}
	if resource == "widgets" {
		object["apiVersion"], object["kind"] = "example.com/v1", "Widget"
	}
	for field, value := range fields {
		object[field] = value
	}
	f.objects[resource+"/"+name] = object
	f.tell(fakeEvent{f.version, resource, kind, object})
}

func (f *fakeAPI) delete(resource, name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.version++
	object := with(f.objects[resource+"/"+name], "metadata", checks.Object{"resourceVersion": strconv.Itoa(f.version)})
	delete(f.objects, resource+"/"+name)
	f.tell(fakeEvent{f.version, resource, "DELETED", object})
}

// compact forgets the history, so that a watch from before it is refused.
func (f *fakeAPI) compact() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.version++
	f.history = []fakeEvent{{version: f.version}}
}

func (f *fakeAPI) tell(e fakeEvent) {
	f.history = append(f.history, e)
	for w := range f.watchers {
		select {
		case w <- struct{}{}:
		default:
		}
	}
}

func (f *fakeAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	denied, widgets := f.denied, f.widgets
	f.mu.Unlock()
	answers := map[string]any{
		"/api":    checks.Object{"kind": "APIVersions", "versions": []string{"v1"}},
		"/api/v1": checks.Object{"kind": "APIResourceList", "groupVersion": "v1", "resources": []any{}},
		"/apis":   checks.Object{"kind": "APIGroupList", "apiVersion": "v1", "groups": []any{}},
	}
	if widgets {
		version := checks.Object{"groupVersion": "example.com/v1", "version": "v1"}
		answers["/apis"] = checks.Object{"kind": "APIGroupList", "apiVersion": "v1", "groups": []any{
			checks.Object{"name": "example.com", "versions": []any{version}, "preferredVersion": version},
		}}
		answers["/apis/example.com/v1"] = checks.Object{"kind": "APIResourceList", "groupVersion": "example.com/v1", "resources": []any{
			checks.Object{"name": "widgets", "singularName": "widget", "namespaced": true, "kind": "Widget", "verbs": []string{"list", "watch"}},
		}}
	}
	switch path := r.URL.Path; {
	case denied:
		writeStatus(w, http.StatusForbidden, "Forbidden")
	case answers[path] != nil:
		writeJSON(w, answers[path])
	case path == "/api/v1/pods", path == "/api/v1/namespaces/default/pods":
		f.serveResource(w, r, "pods")
	case path == "/apis/example.com/v1/widgets" && widgets:
		f.serveResource(w, r, "widgets")
	case strings.HasPrefix(path, "/api/v1/namespaces/default/pods/") && strings.HasSuffix(path, "/log"):
		f.serveLog(w, r, strings.TrimSuffix(strings.TrimPrefix(path, "/api/v1/namespaces/default/pods/"), "/log"))
	default:
		writeStatus(w, http.StatusNotFound, "NotFound")
	}
}

func (f *fakeAPI) serveResource(w http.ResponseWriter, r *http.Request, resource string) {
	if r.URL.Query().Get("watch") == "" {
		f.mu.Lock()
		list := checks.Object{"kind": "List", "apiVersion": "v1", "metadata": checks.Object{"resourceVersion": strconv.Itoa(f.version)}, "items": f.all(resource)}
		f.mu.Unlock()
		writeJSON(w, list)
		return
	}
	f.watch(w, r, resource)
}

// all returns the objects of a resource.
func (f *fakeAPI) all(resource string) []any {
	items := []any{}
	for _, key := range sortedKeys(f.objects) {
		if filepath.Dir(key) == resource {
			items = append(items, f.objects[key])
		}
	}
	return items
}

func (f *fakeAPI) watch(w http.ResponseWriter, r *http.Request, resource string) {
	wake := make(chan struct{}, 1)
	f.mu.Lock()
	f.watchers[wake] = true
	since, _ := strconv.Atoi(r.URL.Query().Get("resourceVersion"))
	var first []checks.Object
	switch {
	case r.URL.Query().Get("sendInitialEvents") == "true":
		for _, object := range f.all(resource) {
			first = append(first, checks.Object{"type": "ADDED", "object": object})
		}
		since = f.version
		first = append(first, checks.Object{"type": "BOOKMARK", "object": checks.Object{
			"apiVersion": "v1", "kind": "Pod", "metadata": checks.Object{
				"resourceVersion": strconv.Itoa(since), "annotations": checks.Object{"k8s.io/initial-events-end": "true"},
			},
		}})
	case len(f.history) > 0 && since < f.history[0].version-1:
		first = append(first, checks.Object{"type": "ERROR", "object": statusOf(http.StatusGone, "Expired")})
	}
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		delete(f.watchers, wake)
		f.mu.Unlock()
	}()
	w.Header().Set("Content-Type", "application/json")
	stream := json.NewEncoder(w)
	for _, e := range first {
		_ = stream.Encode(e) // a client that went away is noticed below
	}
	for {
		f.mu.Lock()
		for _, e := range f.history {
			if e.version > since && e.resource == resource {
				_ = stream.Encode(checks.Object{"type": e.kind, "object": e.object})
			}
		}
		since = f.version
		f.mu.Unlock()
		w.(http.Flusher).Flush()
		select {
		case <-wake:
		case <-r.Context().Done():
			return
		}
	}
}

func statusOf(code int, why string) checks.Object {
	return checks.Object{"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": why, "message": why}
}

func writeStatus(w http.ResponseWriter, code int, why string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(statusOf(code, why))
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// replaceFile puts content where path is, at once.
func replaceFile(t *testing.T, path string, content []byte) {
	t.Helper()
	beside := fmt.Sprintf("%s.new", path)
	if err := os.WriteFile(beside, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(beside, path); err != nil {
		t.Fatal(err)
	}
}
