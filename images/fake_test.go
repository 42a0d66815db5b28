package images

import (
	"context"
	"errors"
	"io"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"

	cerrdefs "github.com/containerd/errdefs"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	"github.com/moby/moby/api/types/image"
	"github.com/moby/moby/api/types/jsonstream"
	"github.com/moby/moby/client"
)

// fakeEngine is an engine that remembers images by name.
type fakeEngine struct {
	mu     sync.Mutex
	images map[string]map[string]string // labels by name
	pulled []string
	// unreachable and pullError are what its registry answers.
	unreachable, pullError error
}

func (f *fakeEngine) put(name string, labels map[string]string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.images == nil {
		f.images = map[string]map[string]string{}
	}
	f.images[name] = labels
}

func (f *fakeEngine) ImageInspect(_ context.Context, ref string, _ ...client.ImageInspectOption) (client.ImageInspectResult, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	labels, found := f.images[ref]
	if !found {
		return client.ImageInspectResult{}, cerrdefs.ErrNotFound
	}
	var config dockerspec.DockerOCIImageConfig
	config.Labels = labels
	return client.ImageInspectResult{InspectResponse: image.InspectResponse{Config: &config}}, nil
}

func (f *fakeEngine) ImageLoad(_ context.Context, archive io.Reader, _ ...client.ImageLoadOption) (client.ImageLoadResult, error) {
	_, err := io.Copy(io.Discard, archive)
	return io.NopCloser(strings.NewReader(`{"stream":"Loaded"}`)), err
}

func (f *fakeEngine) DistributionInspect(context.Context, string, client.DistributionInspectOptions) (client.DistributionInspectResult, error) {
	return client.DistributionInspectResult{}, f.unreachable
}

func (f *fakeEngine) ImagePull(_ context.Context, ref string, _ client.ImagePullOptions) (client.ImagePullResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pulled = append(f.pulled, ref)
	return fakePull{f.pullError}, nil
}

func (f *fakeEngine) ImageTag(_ context.Context, o client.ImageTagOptions) (client.ImageTagResult, error) {
	if !slices.Contains(f.pulled, o.Source) {
		return client.ImageTagResult{}, cerrdefs.ErrNotFound
	}
	f.put(o.Target, nil)
	return client.ImageTagResult{}, nil
}

// fakePull is the stream of a pull that ends well or with an error.
type fakePull struct{ err error }

func (fakePull) Read([]byte) (int, error)   { return 0, io.EOF }
func (fakePull) Close() error               { return nil }
func (fakePull) Wait(context.Context) error { return nil }

func (p fakePull) JSONMessages(context.Context) iter.Seq2[jsonstream.Message, error] {
	return func(yield func(jsonstream.Message, error) bool) {
		if !yield(jsonstream.Message{Status: "Downloading", Progress: &jsonstream.Progress{Current: 1, Total: 2}}, nil) {
			return
		}
		if p.err != nil {
			yield(jsonstream.Message{Error: &jsonstream.Error{Message: p.err.Error()}}, nil)
		}
	}
}

// fakeMachine has the programs that are listed.
type fakeMachine struct {
	programs []string
	user     bool
	mac      bool
}

func (m fakeMachine) look(name string) (string, bool) {
	return "/bin/" + name, slices.Contains(m.programs, name)
}
func (m fakeMachine) root() bool  { return !m.user }
func (m fakeMachine) linux() bool { return !m.mac }

// complete is a machine on which everything can be built.
var complete = fakeMachine{programs: []string{"go", "debootstrap", "apt-get", "dpkg-deb", "tar"}}

// newTestStore is a Store with a cache of its own and no network.
func newTestStore(t *testing.T, docker Engine) *Store {
	t.Helper()
	s, err := New(Config{Docker: docker, CacheDir: t.TempDir(), Getenv: func(string) string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	s.machine = complete
	s.dial = func(context.Context) error { return errors.New("lookup registry-1.docker.io: no such host") }
	return s
}

// journal collects progress.
type journal struct{ all []Progress }

func (j *journal) add(p Progress) { j.all = append(j.all, p) }

// of lists the news about an image as a whole.
func (j *journal) of(k Kind) []Progress {
	return slices.DeleteFunc(slices.Clone(j.all), func(p Progress) bool { return p.Kind != k || p.Step != "" })
}

// mentions reports whether a detail contains the text.
func (j *journal) mentions(text string) bool {
	return slices.ContainsFunc(j.all, func(p Progress) bool { return strings.Contains(p.Detail, text) })
}
