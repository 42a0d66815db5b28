package observe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/runner/engine"
)

// registryTimeout bounds one look at a repository.
const registryTimeout = 5 * time.Second

// registrySource is the tags of one repository. What a digest names never changes and is asked for once.
type registrySource struct {
	key, repository string
	address         engine.RegistryAddress
	transport       *http.Transport
	puller          *remote.Puller // logged in; nil before the first look and after a failed one
	known           map[string]checks.RegistryTag
	col             *collection
}

func newRegistrySource(w checks.Watch, address engine.RegistryAddress) *registrySource {
	return &registrySource{
		key:        w.Key(),
		repository: w.Arg,
		address:    address,
		transport:  &http.Transport{}, // no proxy: the registry is the lab's own
		known:      map[string]checks.RegistryTag{},
		col:        newCollection(),
	}
}

func (s *registrySource) run(ctx context.Context, out emitter, poked <-chan struct{}) {
	defer s.transport.CloseIdleConnections()
	keepAsking(ctx, poked, func(ctx context.Context) {
		lookCtx, cancel := context.WithTimeout(ctx, registryTimeout)
		defer cancel()
		changed, err := s.look(lookCtx)
		if ctx.Err() != nil {
			return
		}
		trouble := ""
		if err != nil {
			s.puller = nil // log in anew
			trouble = registryTrouble(s.address.Host, err)
		}
		if s.col.settle(trouble) || changed {
			out.emit(ctx, s.key, s.col.state(), time.Now())
		}
	})
}

var errNoRegistry = errors.New("the environment has no registry")

// look brings the collection up to date and reports whether it changed.
func (s *registrySource) look(ctx context.Context) (bool, error) {
	if s.address.Host == "" {
		return false, errNoRegistry
	}
	repository, err := name.NewRepository(s.address.Host+"/"+s.repository, name.Insecure)
	if err != nil {
		return false, fmt.Errorf("parse repository: %w", err)
	}
	if err := s.login(); err != nil {
		return false, err
	}
	tags, err := s.puller.List(ctx, repository)
	if isAbsent(err) {
		return s.col.keep(nil), nil
	}
	if err != nil {
		return false, fmt.Errorf("list tags: %w", err)
	}
	slices.Sort(tags)
	kept := map[string]bool{}
	changed := false
	for _, tag := range tags {
		described, err := s.describe(ctx, repository.Tag(tag))
		if isAbsent(err) {
			continue // deleted since it was listed
		}
		if err != nil {
			return changed, fmt.Errorf("read tag %s: %w", tag, err)
		}
		object, err := encode(described)
		if err != nil {
			return changed, err
		}
		kept[tag] = true
		changed = s.col.put(tag, time.Time{}, object) || changed
	}
	return s.col.keep(kept) || changed, nil
}

func (s *registrySource) login() error {
	if s.puller != nil {
		return nil
	}
	auth := authn.Anonymous
	if s.address.User != "" {
		auth = &authn.Basic{Username: s.address.User, Password: s.address.Password}
	}
	puller, err := remote.NewPuller(
		remote.WithAuth(auth),
		remote.WithTransport(s.transport),
		remote.WithRetryBackoff(remote.Backoff{Duration: 50 * time.Millisecond, Steps: 1}),
	)
	if err != nil {
		return fmt.Errorf("create registry client: %w", err)
	}
	s.puller = puller
	return nil
}

// describe says what a tag stands for now.
func (s *registrySource) describe(ctx context.Context, tag name.Tag) (checks.RegistryTag, error) {
	head, err := s.puller.Head(ctx, tag)
	if err != nil {
		return checks.RegistryTag{}, err
	}
	digest := head.Digest.String()
	described, ok := s.known[digest]
	if !ok {
		described, err = s.read(ctx, tag.Digest(digest))
		if err != nil {
			return checks.RegistryTag{}, err
		}
		s.known[digest] = described
	}
	described.Repository, described.Tag, described.Digest = s.repository, tag.TagStr(), digest
	return described, nil
}

// read fetches the configuration and the layers of an image; of one for several platforms, those of ours.
func (s *registrySource) read(ctx context.Context, ref name.Digest) (checks.RegistryTag, error) {
	var tag checks.RegistryTag
	descriptor, err := s.puller.Get(ctx, ref)
	if err != nil {
		return tag, err
	}
	image, err := imageOf(descriptor)
	if err != nil {
		return tag, err
	}
	config, err := image.RawConfigFile()
	if err != nil {
		return tag, fmt.Errorf("read config: %w", err)
	}
	if err := json.Unmarshal(config, &tag.Config); err != nil {
		return tag, fmt.Errorf("read config: %w", err)
	}
	manifest, err := image.Manifest()
	if err != nil {
		return tag, fmt.Errorf("read manifest: %w", err)
	}
	for _, layer := range manifest.Layers {
		tag.Layers = append(tag.Layers, layer.Digest.String())
	}
	return tag, nil
}

func imageOf(d *remote.Descriptor) (v1.Image, error) {
	if !d.MediaType.IsIndex() {
		return d.Image()
	}
	index, err := d.ImageIndex()
	if err != nil {
		return nil, fmt.Errorf("read index: %w", err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, fmt.Errorf("read index: %w", err)
	}
	for _, m := range manifest.Manifests {
		if m.Platform != nil && m.Platform.OS == "linux" && m.Platform.Architecture == runtime.GOARCH {
			return index.Image(m.Digest)
		}
	}
	return nil, fmt.Errorf("read index %s: no image for linux/%s", d.Digest, runtime.GOARCH)
}

// isAbsent reports whether a registry said that it does not have what was asked for.
func isAbsent(err error) bool {
	var answer *transport.Error
	return errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound
}

// registryTrouble says for a learner why the registry cannot be seen.
func registryTrouble(host string, err error) string {
	var answer *transport.Error
	switch {
	case errors.Is(err, errNoRegistry):
		return "이 환경에는 레지스트리가 없습니다. 레지스트리가 있어야 합니다. `kubelab up`을 실행하세요."
	case errors.As(err, &answer) && (answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden):
		return fmt.Sprintf("레지스트리(%s)가 kubelab의 로그인을 거부했습니다. 로그인할 수 있어야 합니다. `kubelab up`을 다시 실행하세요.", host)
	case errors.As(err, &answer):
		return fmt.Sprintf("레지스트리(%s)가 %d(으)로 응답했습니다. 200이어야 합니다. `kubelab status`로 확인하세요.", host, answer.StatusCode)
	}
	return fmt.Sprintf("레지스트리(%s)에 연결할 수 없습니다. 레지스트리가 실행 중이어야 합니다. `kubelab up`을 실행하세요.", host)
}
