package session

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/kubelab/kubelab/runner/engine"
)

// registryKey is the name under which a lab's baseline keeps what the registry held before.
const registryKey = "registry tags"

// NewRegistry returns what empties the registry at address.
func NewRegistry(address engine.RegistryAddress) RegistryCleaner {
	return &registry{address}
}

type registry struct{ address engine.RegistryAddress }

func (r *registry) options(ctx context.Context) []remote.Option {
	return []remote.Option{
		remote.WithContext(ctx),
		remote.WithAuth(&authn.Basic{Username: r.address.User, Password: r.address.Password}),
	}
}

// Tags lists every tag of every repository.
func (r *registry) Tags(ctx context.Context) (map[string]bool, error) {
	reg, err := name.NewRegistry(r.address.Host, name.Insecure)
	if err != nil {
		return nil, fmt.Errorf("registry address: %w", err)
	}
	repositories, err := remote.Catalog(ctx, reg, r.options(ctx)...)
	if err != nil {
		return nil, fmt.Errorf("list repositories of %s: %w", r.address.Host, err)
	}
	tags := map[string]bool{}
	for _, repository := range repositories {
		list, err := remote.List(reg.Repo(repository), r.options(ctx)...)
		if gone(err) {
			continue // a repository whose last tag was deleted stays in the catalog
		}
		if err != nil {
			return nil, fmt.Errorf("list tags of %s: %w", repository, err)
		}
		for _, tag := range list {
			tags[repository+":"+tag] = true
		}
	}
	return tags, nil
}

// Remove deletes tags; one that is gone already is no error.
func (r *registry) Remove(ctx context.Context, tags []string) error {
	var errs []error
	for _, tag := range tags {
		ref, err := name.NewTag(r.address.Host+"/"+tag, name.Insecure)
		if err != nil {
			return fmt.Errorf("registry tag: %w", err)
		}
		if err := remote.Delete(ref, r.options(ctx)...); err != nil && !gone(err) {
			errs = append(errs, fmt.Errorf("delete %s: %w", ref, err))
		}
	}
	return errors.Join(errs...)
}

func gone(err error) bool {
	var e *transport.Error
	return errors.As(err, &e) && e.StatusCode == http.StatusNotFound
}

// RegistryTags is what the lab's registry holds; nil where the lab does not use one.
func (s *Stage) RegistryTags(ctx context.Context) (map[string]bool, error) {
	if s.Registry == nil || !slices.Contains(s.Lab.Needs, string(engine.Registry)) {
		return nil, nil
	}
	return s.Registry.Tags(ctx)
}
