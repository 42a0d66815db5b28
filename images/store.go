package images

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/moby/moby/client"
)

// Engine is the part of Docker's API that is used here; *client.Client has it.
type Engine interface {
	inspector
	loader
	puller
}

type inspector interface {
	ImageInspect(ctx context.Context, ref string, options ...client.ImageInspectOption) (client.ImageInspectResult, error)
}

type loader interface {
	ImageLoad(ctx context.Context, archive io.Reader, options ...client.ImageLoadOption) (client.ImageLoadResult, error)
}

type puller interface {
	DistributionInspect(ctx context.Context, ref string, options client.DistributionInspectOptions) (client.DistributionInspectResult, error)
	ImagePull(ctx context.Context, ref string, options client.ImagePullOptions) (client.ImagePullResponse, error)
	ImageTag(ctx context.Context, options client.ImageTagOptions) (client.ImageTagResult, error)
}

// Source says where images may come from.
type Source int

// The sources.
const (
	Anywhere Source = iota // pulled where a registry can be reached, built where none can be
	OnlyPull
	OnlyBuild
)

// Config says what a Store works with. The zero value works with the engine of the environment and the user's cache.
type Config struct {
	// Docker is the engine. Where it is nil, DockerHost is asked, or the environment's where that is empty too.
	Docker     Engine
	DockerHost string
	// CacheDir keeps what was built; empty means kubelab/images in the user's cache folder.
	CacheDir string
	// Source says where images may come from.
	Source Source
	// Names puts images under names other than those of the course.
	Names map[Kind]string
	// Getenv reads the environment; nil means os.Getenv. Read are KUBELAB_NO_INSTALL and DEBIAN_MIRROR.
	Getenv func(string) string
}

// Store brings images about.
type Store struct {
	docker  Engine
	cache   string
	source  Source
	names   map[Kind]string
	getenv  func(string) string
	machine machine
	dial    func(ctx context.Context) error
	close   func() error
}

// New returns a Store. It changes nothing but the cache folder, which it makes.
func New(c Config) (*Store, error) {
	s := &Store{
		docker: c.Docker, cache: c.CacheDir, source: c.Source, names: c.Names, getenv: c.Getenv,
		machine: thisMachine{}, dial: askRegistry, close: func() error { return nil },
	}
	if s.getenv == nil {
		s.getenv = os.Getenv
	}
	if s.docker == nil {
		options := []client.Opt{client.FromEnv}
		if c.DockerHost != "" {
			options = append(options, client.WithHost(c.DockerHost))
		}
		docker, err := client.New(options...)
		if err != nil {
			return nil, fmt.Errorf("reach Docker: %w", err)
		}
		s.docker, s.close = docker, docker.Close
	}
	if s.cache == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return nil, fmt.Errorf("find cache folder: %w", err)
		}
		s.cache = filepath.Join(user, "kubelab", "images")
	}
	cache, err := filepath.Abs(s.cache)
	if err != nil {
		return nil, fmt.Errorf("find cache folder: %w", err)
	}
	s.cache = cache
	for _, folder := range []string{"bin", "root", "debs", "log", "work"} {
		if err := os.MkdirAll(filepath.Join(s.cache, folder), 0o755); err != nil {
			return nil, fmt.Errorf("make cache folder: %w", err)
		}
	}
	return s, nil
}

// Close ends the connection to Docker that New made.
func (s *Store) Close() error { return s.close() }

// ref is the name under which an image is put.
func (s *Store) ref(k Kind) string {
	if name := s.names[k]; name != "" {
		return name
	}
	return k.Ref()
}

// State is what is known of one image.
type State struct {
	Kind  Kind
	Image string
	// Present says that the engine has it. Outdated is a stand-in made by another recipe than today's.
	Present, Outdated bool
	Provenance        Provenance
}

// States looks at the images and changes nothing.
func (s *Store) States(ctx context.Context, kinds ...Kind) ([]State, error) {
	var states []State
	for _, k := range inOrder(kinds) {
		state := State{Kind: k, Image: s.ref(k)}
		found, err := s.docker.ImageInspect(ctx, s.ref(k))
		switch {
		case cerrdefs.IsNotFound(err):
		case err != nil:
			return nil, fmt.Errorf("inspect image %s: %w", s.ref(k), err)
		default:
			state.Present = true
			state.Provenance = Origin(found.InspectResponse)
			state.Outdated = state.Provenance.Built && state.Provenance.Recipe != k.recipe()
		}
		states = append(states, state)
	}
	return states, nil
}

// Ensure brings about those of the images that the engine does not have, lightest first, and reports each step; report is
// never called twice at a time and may be nil. What fails for one image does not keep the others from being made: the error
// joins what went wrong with each, as *MissingError or *StepError. When ctx ends, what runs is stopped, and the next Ensure
// goes on where this one ended.
func (s *Store) Ensure(ctx context.Context, kinds []Kind, report func(Progress)) error {
	r := &reporter{report: report, timings: loadTimings(filepath.Join(s.cache, "timings.json")), now: time.Now}
	wanted, err := s.wanted(ctx, kinds)
	if err != nil {
		return err
	}
	for _, k := range inOrder(kinds) {
		if !slices.Contains(wanted, k) {
			s.image(r, k, Skipped, "이미 있습니다.", nil)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	unlock, locked, err := s.lock(ctx, r, func(ctx context.Context) (bool, error) {
		still, err := s.wanted(ctx, kinds)
		return len(still) > 0, err
	})
	if err != nil {
		return err
	}
	if locked {
		defer unlock()
	}
	err = s.obtain(ctx, r, wanted)
	if problem := r.timings.problem; problem != nil {
		r.send(Progress{Step: "timings", Title: "걸린 시간 기억하기", Status: Skipped, Detail: problem.Error()})
	}
	return err
}

// wanted are the images that are missing or outdated.
func (s *Store) wanted(ctx context.Context, kinds []Kind) ([]Kind, error) {
	states, err := s.States(ctx, kinds...)
	var wanted []Kind
	for _, state := range states {
		if !state.Present || state.Outdated {
			wanted = append(wanted, state.Kind)
		}
	}
	return wanted, err
}

// obtain pulls or builds the images. It looks once more which of them are wanted: another process may have made some
// while this one waited for the lock.
func (s *Store) obtain(ctx context.Context, r *reporter, kinds []Kind) error {
	states, err := s.States(ctx, kinds...)
	if err != nil {
		return err
	}
	outdated := map[Kind]bool{}
	var wanted []Kind
	for _, state := range states {
		if state.Present && !state.Outdated {
			s.image(r, state.Kind, Done, "다른 kubelab이 만들었습니다.", nil)
			continue
		}
		outdated[state.Kind] = state.Outdated
		wanted = append(wanted, state.Kind)
	}
	if len(wanted) == 0 {
		return nil
	}
	if err := s.sweep(); err != nil {
		return err
	}
	failed := s.pullAll(ctx, r, wanted)
	if s.source != OnlyPull && ctx.Err() == nil {
		failed = s.buildAll(ctx, r, failed)
	}
	return s.conclude(ctx, r, wanted, failed, outdated)
}

// buildAll builds what could not be pulled. It returns what failed for good, together with why it could not be pulled.
func (s *Store) buildAll(ctx context.Context, r *reporter, unpulled map[Kind]error) map[Kind]error {
	var kinds []Kind
	for k := range unpulled {
		kinds = append(kinds, k)
	}
	steps, failed := s.feasible(s.plan(kinds))
	for k, err := range s.build(ctx, r, steps) {
		failed[k] = err
	}
	for k, err := range failed {
		if s.source != OnlyBuild {
			failed[k] = errors.Join(err, unpulled[k])
		}
	}
	return failed
}

// conclude reports which images failed, and joins the errors in order. An outdated stand-in that could not be renewed
// still serves, and is no error.
func (s *Store) conclude(ctx context.Context, r *reporter, wanted []Kind, failed map[Kind]error, outdated map[Kind]bool) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var all []error
	for _, k := range wanted {
		switch err := failed[k]; {
		case err == nil:
		case outdated[k]:
			s.image(r, k, Skipped, "새로 만들지 못해 전에 만든 것을 그대로 씁니다: "+err.Error(), nil)
		default:
			s.image(r, k, Failed, "", err)
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

// sweep removes what an interrupted run left. The caller holds the lock, so nobody is using it.
func (s *Store) sweep() error {
	leftover := filepath.Join(s.cache, "work")
	if err := removeTree(leftover); err != nil {
		return fmt.Errorf("remove leftovers of an interrupted build: %w", err)
	}
	err := filepath.WalkDir(s.cache, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if strings.HasPrefix(entry.Name(), partial) {
			return os.RemoveAll(path)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("remove leftovers of an interrupted build: %w", err)
	}
	return nil
}
