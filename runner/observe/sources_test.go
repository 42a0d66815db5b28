package observe

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/runner/engine"
)

func TestHTTPCountsDistinctBodies(t *testing.T) {
	var version atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Version", fmt.Sprint(version.Load()))
		_, _ = fmt.Fprintf(w, "v%d", version.Load())
	}))
	defer server.Close()
	w := checks.Watch{Source: checks.HTTP, Arg: "http://${HOST}/x"}
	o := observing(t, Config{Vars: map[string]string{"HOST": server.Listener.Addr().String()}}, w)
	version.Store(1)
	state := until(t, o, w.Key(), "answered v0 and v1, v1 twice", func(s checks.State) bool {
		o.Poke(checks.HTTP)
		seen, _ := checks.Field(s.Items[0], "seen").([]any)
		return len(seen) == 2 && checks.Field(seen[1].(checks.Object), "count").(int64) >= 2
	})
	answer := state.Items[0]
	if checks.Text(answer, "url") != server.URL+"/x" || checks.Field(answer, "status") != int64(200) || checks.Text(answer, "body") != "v1" || checks.Text(answer, "headers", "X-Version") != "1" {
		t.Errorf("the answer is %v", answer)
	}
	if first := checks.Field(answer, "seen").([]any)[0].(checks.Object); checks.Text(first, "body") != "v0" {
		t.Errorf("the first body is %v", first)
	}
}

func TestHTTPSaysWhyThereIsNoAnswer(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for arg, want := range map[string]string{gone.URL: "connection refused", "http://$NOWHERE/": "invalid character"} {
		w := checks.Watch{Source: checks.HTTP, Arg: arg}
		answer := observing(t, Config{}, w).Snapshot().State(w.Key()).Items[0]
		if checks.Field(answer, "status") != int64(0) || !strings.Contains(checks.Text(answer, "error"), want) || strings.Contains(checks.Text(answer, "error"), "Get ") {
			t.Errorf("%s: answer %v, want the error %q without the URL", arg, answer, want)
		}
	}
}

func TestHTTPStaysOnTheHost(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("another host was asked") }))
	defer other.Close()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	defer server.Close()
	mux.Handle("/away", http.RedirectHandler(other.URL, http.StatusFound))
	mux.Handle("/round", http.RedirectHandler("/round", http.StatusFound))
	mux.Handle("/once", http.RedirectHandler("/big", http.StatusFound))
	mux.HandleFunc("/big", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("x", 2*httpBody))
	})
	tests := map[string]struct {
		status int64
		size   int
	}{"/away": {302, -1}, "/round": {302, -1}, "/once": {200, httpBody}}
	for path, want := range tests {
		w := checks.Watch{Source: checks.HTTP, Arg: server.URL + path}
		answer := observing(t, Config{}, w).Snapshot().State(w.Key()).Items[0]
		if checks.Field(answer, "status") != want.status || (want.size >= 0 && len(checks.Text(answer, "body")) != want.size) {
			t.Errorf("%s: status %v, %d bytes, want %v", path, checks.Field(answer, "status"), len(checks.Text(answer, "body")), want)
		}
	}
}

func TestHTTPIsAskedAfterOtherChanges(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer server.Close()
	w := checks.Watch{Source: checks.HTTP, Arg: server.URL}
	o := observing(t, Config{}, w, checks.Watch{Source: checks.Commands})
	const rounds = 40
	began := time.Now()
	for i := range rounds {
		before := asked.Load()
		o.Record(checks.Command{Text: fmt.Sprint("curl ", i)})
		until(t, o, w.Key(), "was asked", func(checks.State) bool { return asked.Load() > before })
	}
	if took := time.Since(began); took > rounds/2*askEvery {
		t.Errorf("%d changes had it asked within %v: it was the clock that asked", rounds, took)
	}
}

// registryServer is a registry with a login.
func registryServer(t *testing.T) engine.RegistryAddress {
	t.Helper()
	handler := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "learner" || password != "secret" {
			w.Header().Set("WWW-Authenticate", `Basic realm="kubelab"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return engine.RegistryAddress{Host: server.Listener.Addr().String(), User: "learner", Password: "secret"}
}

func push(t *testing.T, address engine.RegistryAddress, ref string, image v1.Image) string {
	t.Helper()
	tag, err := name.NewTag(address.Host+"/"+ref, name.Insecure)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	auth := &authn.Basic{Username: address.User, Password: address.Password}
	if err := remote.Write(tag, image, remote.WithAuth(auth), remote.WithTransport(transport)); err != nil {
		t.Fatal(err)
	}
	digest, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return digest.String()
}

func randomImage(t *testing.T, cmd ...string) v1.Image {
	t.Helper()
	image, err := random.Image(256, 2)
	if err != nil {
		t.Fatal(err)
	}
	image, err = mutate.Config(image, v1.Config{Cmd: cmd})
	if err != nil {
		t.Fatal(err)
	}
	return image
}

func TestRegistryShowsTags(t *testing.T) {
	address := registryServer(t)
	w := checks.Watch{Source: checks.Registry, Arg: "lab/kubia"}
	o := observing(t, Config{Env: &engine.Environment{Registry: address}}, w)
	if s := o.Snapshot().State(w.Key()); len(s.Items) != 0 || s.Err != "" {
		t.Fatalf("a repository that is not there shows %+v", s)
	}
	first := push(t, address, "lab/kubia:v1", randomImage(t, "node", "app.js"))
	o.Poke(w.Key())
	state := until(t, o, w.Key(), "showed v1", func(s checks.State) bool { return len(s.Items) == 1 })
	tag := state.Items[0]
	if checks.Text(tag, "repository") != "lab/kubia" || checks.Text(tag, "tag") != "v1" || checks.Text(tag, "digest") != first {
		t.Errorf("the tag is %v", tag)
	}
	if cmd, _ := checks.Field(tag, "config", "config", "Cmd").([]any); len(cmd) != 2 || cmd[1] != "app.js" {
		t.Errorf("its config is %v", checks.Field(tag, "config"))
	}
	if layers, _ := checks.Field(tag, "layers").([]any); len(layers) != 2 || !strings.HasPrefix(layers[0].(string), "sha256:") {
		t.Errorf("its layers are %v", checks.Field(tag, "layers"))
	}
	second := push(t, address, "lab/kubia:v1", randomImage(t, "node", "v2.js")) // nobody pokes: asked once a second
	push(t, address, "lab/kubia:v2", randomImage(t))
	state = until(t, o, w.Key(), "showed the moved tag and v2", func(s checks.State) bool {
		return len(s.Items) == 2 && checks.Text(s.Items[0], "digest") == second
	})
	if checks.Text(state.Items[1], "tag") != "v2" {
		t.Errorf("the oldest tag is not first: %v", state.Items)
	}
}

func TestRegistryTroubles(t *testing.T) {
	right := registryServer(t)
	wrong := right
	wrong.Password = "guess"
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	tests := map[string]struct {
		address engine.RegistryAddress
		want    string
	}{
		"refused login":   {wrong, "로그인을 거부했습니다"},
		"nobody there":    {engine.RegistryAddress{Host: gone.Listener.Addr().String()}, "연결할 수 없습니다"},
		"no registry set": {engine.RegistryAddress{}, "레지스트리가 없습니다"},
	}
	for what, test := range tests {
		t.Run(what, func(t *testing.T) {
			o := New(Config{Env: &engine.Environment{Registry: test.address}})
			defer o.Close()
			w := checks.Watch{Source: checks.Registry, Arg: "kubia"}
			o.Observe(t.Context(), []checks.Watch{w})
			state := until(t, o, w.Key(), "said why", func(s checks.State) bool { return s.Err != "" })
			if !strings.Contains(state.Err, test.want) || state.Synced {
				t.Errorf("state %+v, want %q", state, test.want)
			}
		})
	}
}

func TestFilesFollowTheWorkFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "work")
	o := New(Config{WorkDir: dir})
	defer o.Close()
	o.Observe(t.Context(), watchesOf(checks.Files))
	until(t, o, checks.Files, "said that there is none", func(s checks.State) bool { return strings.Contains(s.Err, dir) && !s.Synced })
	write := func(path, contents string, mode os.FileMode) {
		t.Helper()
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(contents), mode); err != nil {
			t.Fatal(err)
		}
	}
	file := func(s checks.State, path string) checks.Object { return find(s.Items, path, "path") }
	write("Dockerfile", "FROM busybox\n", 0o644)
	write("app/run.sh", "#!/bin/sh\n", 0o755)
	write("app/binary", "a\x00b", 0o644)
	write(".git/config", "x", 0o644)
	state := until(t, o, checks.Files, "listed them", func(s checks.State) bool { return len(s.Items) == 3 && s.Err == "" })
	run := file(state, "app/run.sh")
	if checks.Text(run, "text") != "#!/bin/sh\n" || checks.Field(run, "mode") != int64(0o755) || checks.Field(run, "size") != int64(10) || checks.Text(run, "modified") == "" {
		t.Errorf("the file is %v", run)
	}
	if binary := file(state, "app/binary"); checks.Text(binary, "text") != "" || checks.Field(binary, "size") != int64(3) {
		t.Errorf("the binary file is %v", binary)
	}
	write("Dockerfile", "FROM busybox2", 0o644) // as long as before, perhaps within one tick of the clock
	until(t, o, checks.Files, "read the edited one", func(s checks.State) bool { return checks.Text(file(s, "Dockerfile"), "text") == "FROM busybox2" })
	write("deep/er/new.txt", strings.Repeat("가", fileText/3+10), 0o644)
	state = until(t, o, checks.Files, "saw one in a new folder", func(s checks.State) bool {
		return checks.Field(file(s, "deep/er/new.txt"), "size") == int64(3*(fileText/3+10)) && checks.Text(file(s, "deep/er/new.txt"), "text") != ""
	})
	if got := checks.Text(file(state, "deep/er/new.txt"), "text"); got != strings.Repeat("가", fileText/3) {
		t.Errorf("%d bytes of text, want whole characters up to %d", len(got), fileText)
	}
	if err := os.Remove(filepath.Join(dir, "Dockerfile")); err != nil {
		t.Fatal(err)
	}
	until(t, o, checks.Files, "saw it go", func(s checks.State) bool {
		return file(s, "Dockerfile") == nil && find(s.Removed, "Dockerfile", "path") != nil
	})
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	write("again", "", 0o644)
	until(t, o, checks.Files, "followed the folder made anew", func(s checks.State) bool { return len(s.Items) == 1 && file(s, "again") != nil && s.Err == "" })
}

func TestFilesDoNotLeadOutOfTheFolder(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	for i := range maxFiles + 5 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("f%04d", i)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	state := observing(t, Config{WorkDir: dir}, watchesOf(checks.Files)...).Snapshot().State(checks.Files)
	if find(state.Items, "link", "path") != nil {
		t.Error("a symbolic link was followed")
	}
	if len(state.Items) != maxFiles || checks.Text(state.Items[0], "path") != "f0000" {
		t.Errorf("%d files from %v, want the first %d", len(state.Items), checks.Text(state.Items[0], "path"), maxFiles)
	}
}
