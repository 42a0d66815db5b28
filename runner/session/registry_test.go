package session_test

import (
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/session"
)

// startRegistry starts a registry in memory that wants a login.
func startRegistry(t *testing.T) engine.RegistryAddress {
	t.Helper()
	address := engine.RegistryAddress{User: "kubelab", Password: "비밀"}
	inner := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != address.User || password != address.Password {
			w.Header().Set("WWW-Authenticate", `Basic realm="registry"`)
			http.Error(w, "login first", http.StatusUnauthorized)
			return
		}
		inner.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	t.Cleanup(remote.DefaultTransport.(*http.Transport).CloseIdleConnections)
	address.Host = strings.TrimPrefix(server.URL, "http://")
	return address
}

func push(t *testing.T, address engine.RegistryAddress, img v1.Image, tag string) {
	t.Helper()
	ref, err := name.NewTag(address.Host+"/"+tag, name.Insecure)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(ref, img, remote.WithAuth(&authn.Basic{Username: address.User, Password: address.Password})); err != nil {
		t.Fatal(err)
	}
}

func TestRegistry(t *testing.T) {
	address := startRegistry(t)
	cleaner := session.NewRegistry(address)
	has := func(want ...string) {
		t.Helper()
		tags, err := cleaner.Tags(t.Context())
		if got := slices.Sorted(maps.Keys(tags)); err != nil || !slices.Equal(got, want) {
			t.Errorf("the registry holds %q, want %q: %v", got, want, err)
		}
	}
	has()
	img, err := random.Image(64, 1)
	if err != nil {
		t.Fatal(err)
	}
	push(t, address, img, "kubia:1.0")
	push(t, address, img, "kubia:latest") // the same manifest
	push(t, address, img, "team/kubia:1.0")
	has("kubia:1.0", "kubia:latest", "team/kubia:1.0")
	if err := cleaner.Remove(t.Context(), []string{"kubia:latest", "kubia:gone", "nobody:1", "team/kubia:1.0"}); err != nil {
		t.Errorf("removing what is there and what is not: %v", err)
	}
	has("kubia:1.0")
	if err := cleaner.Remove(t.Context(), []string{"Not A Tag"}); err == nil {
		t.Error("a tag that is none was removed")
	}
}

// TestRegistryCatalog has a repository whose last tag was deleted, which stays in the catalog, and one that is broken.
func TestRegistryCatalog(t *testing.T) {
	repositories := `["gone","kubia"]`
	mux := http.NewServeMux()
	answer := func(path, body string, status int) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		})
	}
	answer("/v2/{$}", "{}", http.StatusOK)
	mux.HandleFunc("/v2/_catalog", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"repositories":`+repositories+`}`)
	})
	answer("/v2/gone/tags/list", `{"errors":[{"code":"NAME_UNKNOWN"}]}`, http.StatusNotFound)
	answer("/v2/kubia/tags/list", `{"name":"kubia","tags":["1.0"]}`, http.StatusOK)
	answer("/v2/broken/tags/list", `{"errors":[{"code":"DENIED"}]}`, http.StatusForbidden)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	t.Cleanup(remote.DefaultTransport.(*http.Transport).CloseIdleConnections)
	cleaner := session.NewRegistry(engine.RegistryAddress{Host: strings.TrimPrefix(server.URL, "http://")})
	if tags, err := cleaner.Tags(t.Context()); err != nil || len(tags) != 1 || !tags["kubia:1.0"] {
		t.Errorf("tags %v, %v", tags, err)
	}
	repositories = `["broken","kubia"]`
	if _, err := cleaner.Tags(t.Context()); err == nil || !strings.Contains(err.Error(), "list tags of broken") {
		t.Errorf("a repository that cannot be read: %v", err)
	}
}

func TestRegistryRefuses(t *testing.T) {
	address := startRegistry(t)
	address.Password = "guessed"
	cleaner := session.NewRegistry(address)
	if _, err := cleaner.Tags(t.Context()); err == nil || !strings.Contains(err.Error(), "list repositories of "+address.Host) {
		t.Errorf("with a wrong password: %v", err)
	}
	err := cleaner.Remove(t.Context(), []string{"kubia:1", "kubia:2"})
	for _, tag := range []string{"kubia:1", "kubia:2"} {
		if err == nil || !strings.Contains(err.Error(), tag) {
			t.Errorf("%v does not tell of %s", err, tag)
		}
	}
	if _, err := session.NewRegistry(engine.RegistryAddress{Host: "no host"}).Tags(t.Context()); err == nil {
		t.Error("an address that is none was asked")
	}
}
