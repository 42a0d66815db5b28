package session

import (
	"context"
	"slices"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/picture"
)

// Picture says which picture of the state is shown; none where kind is empty. While it is shown, and in a step that it
// suits, its sources are observed as soon as the environment has them, and View.Scene follows them.
func (s *Session) Picture(kind picture.Kind) {
	s.post(func() { s.picture = kind })
}

// pictured are the sources of the pictures that are wanted, as far as the environment has them.
func (s *Session) pictured() []checks.Watch {
	var out []checks.Watch
	have := s.cfg.Capabilities.Capabilities()
	for _, kind := range []picture.Kind{s.picture, picture.Kind(s.lab.Steps[s.step].Picture)} {
		need := engine.Docker
		if picture.OfCluster(kind) {
			need = engine.Cluster
		}
		if !have[need] {
			continue
		}
		for _, w := range picture.Watches(kind) {
			if !slices.Contains(out, w) {
				out = append(out, w)
			}
		}
	}
	return out
}

// followPicture has the sources observed that the pictures need now, and lets go of those that they do not.
func (s *Session) followPicture() {
	if wanted := s.pictured(); !slices.Equal(wanted, s.drawn) {
		s.drawn = wanted
		s.observing.Lock()
		defer s.observing.Unlock()
		s.extra = wanted
		s.cfg.Observer.Observe(s.ctx, s.observed())
		s.publish()
	}
}

// observeLab has the lab's sources observed from now on, besides those of pictures; anew as if for the first time.
func (s *Session) observeLab(ctx context.Context, anew bool) {
	s.observing.Lock()
	defer s.observing.Unlock()
	if anew {
		s.cfg.Observer.Observe(ctx, nil)
	}
	s.sighted = true
	s.cfg.Observer.Observe(ctx, s.observed())
}

// observed are the sources that are to be observed. Whoever calls it holds observing.
func (s *Session) observed() []checks.Watch {
	var out []checks.Watch
	if s.sighted {
		out = slices.Clone(s.watches)
	}
	for _, w := range s.extra {
		if !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// scene is what pictures are drawn from.
func (s *Session) scene() picture.Scene {
	if len(s.drawn) == 0 {
		return picture.Scene{Kind: s.picture}
	}
	scene := picture.Scene{Kind: s.picture, Snapshot: s.cfg.Observer.Snapshot(), Namespace: s.cfg.Stage.Env.Namespace}
	for _, w := range s.watches {
		if w.Source == checks.HTTP {
			scene.HTTP = append(scene.HTTP, w)
		}
	}
	return scene
}
