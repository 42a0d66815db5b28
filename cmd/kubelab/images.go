package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/moby/moby/client"
	"github.com/spf13/cobra"

	"github.com/kubelab/kubelab/images"
	"github.com/kubelab/kubelab/runner/engine/kind"
)

// imageNames are the images by the names of the command line.
var imageNames = map[string]images.Kind{
	"busybox": images.Busybox, "node": images.NodeJS, "registry": images.Registry, "kindest/node": images.KindNode,
}

// imageSource lets the kind engine have its images from the images package, which knows nothing of engines.
type imageSource struct{ store *images.Store }

// newImageSource keeps what it builds in the user's cache folder, or in the state folder where the user has none.
func newImageSource(stateDir string) (*imageSource, error) {
	host, cache := dockerHost(), ""
	if _, err := client.ParseHostURL(host); err != nil {
		return nil, missing("echo $DOCKER_HOST 로 주소를 확인하고 고치세요: export DOCKER_HOST="+client.DefaultDockerHost,
			"DOCKER_HOST가 주소가 아닙니다: %w", err)
	}
	if _, err := os.UserCacheDir(); err != nil {
		cache = filepath.Join(stateDir, "images")
	}
	store, err := images.New(images.Config{DockerHost: host, CacheDir: cache})
	if err != nil {
		return nil, missing("쓸 수 있는 폴더를 알려 주세요: export XDG_CACHE_HOME=DIR", "이미지를 둘 캐시 폴더를 쓸 수 없습니다: %w", err)
	}
	return &imageSource{store}, nil
}

// Ensure brings one image about and says what is done, how far it is, and how long it usually takes.
func (s *imageSource) Ensure(ctx context.Context, image kind.Image, say func(string)) (kind.LocalImage, error) {
	k, ok := imageNames[string(image)]
	if !ok {
		return kind.LocalImage{}, fmt.Errorf("ensure image: %q is not one of the course's", image)
	}
	err := s.store.Ensure(ctx, []images.Kind{k}, func(p images.Progress) { say(progressLine(p)) })
	if err != nil {
		return kind.LocalImage{}, err
	}
	states, err := s.store.States(ctx, k)
	if err != nil {
		return kind.LocalImage{}, err
	}
	return kind.LocalImage{Ref: states[0].Image, StandIn: states[0].Provenance.Built}, nil
}

// compose makes the docker command's plugin compose and says how far it is.
func (s *imageSource) compose(ctx context.Context, say func(string)) (string, error) {
	return s.store.Compose(ctx, func(p images.Progress) { say(progressLine(p)) })
}

// progressLine is one line of progress: "node:22-alpine 2/3 데비안 뿌리 12초 (보통 40초): Unpacking nodejs".
func progressLine(p images.Progress) string {
	var parts []string
	if p.Image != "" {
		parts = append(parts, p.Image)
	}
	if p.Of > 0 {
		parts = append(parts, fmt.Sprintf("%d/%d", p.N, p.Of))
	}
	if p.Title != "" {
		parts = append(parts, p.Title)
	}
	if p.Took >= time.Second {
		parts = append(parts, p.Took.Round(time.Second).String())
	}
	if p.Usual > 0 {
		parts = append(parts, fmt.Sprintf("(보통 %s)", p.Usual.Round(time.Second)))
	}
	line := strings.Join(parts, " ")
	switch {
	case p.Err != nil:
		first, _, _ := strings.Cut(p.Err.Error(), "\n")
		return line + ": " + first
	case p.Detail != "" && line != "":
		return line + ": " + p.Detail
	case p.Detail != "":
		return p.Detail
	}
	return line
}

func (a *app) imagesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "images [NAME…]",
		Short: "이미지를 내려받거나, 레지스트리에 접속할 수 없으면 만듭니다: busybox, node, registry, kindest/node",
		RunE: func(cmd *cobra.Command, names []string) error {
			kinds := images.All()
			if len(names) > 0 {
				kinds = nil
				for _, name := range names {
					k, ok := imageNames[name]
					if !ok {
						return usage("kubelab images busybox node registry kindest/node", "%s: 이런 이미지는 이 과정에 없습니다", shorten(name))
					}
					kinds = append(kinds, k)
				}
			}
			return a.images(cmd.Context(), kinds)
		},
	}
}

func (a *app) images(ctx context.Context, kinds []images.Kind) error {
	dir, err := a.stateDir()
	if err != nil {
		return err
	}
	source, err := newImageSource(dir)
	if err != nil {
		return err
	}
	defer source.store.Close()
	said := map[string]time.Time{}
	err = source.store.Ensure(ctx, kinds, func(p images.Progress) {
		// A step's own lines come faster than anybody reads.
		key := p.Image + p.Step
		if p.Status == images.Running && !said[key].IsZero() && time.Since(said[key]) < 5*time.Second {
			return
		}
		said[key] = time.Now()
		mark := map[images.Status]string{images.Running: "▸", images.Done: "✓", images.Failed: "✗", images.Skipped: "✓"}[p.Status]
		fmt.Fprintf(a.streams.Out, "%s %s\n", mark, progressLine(p))
	})
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return missing("kubelab doctor 로 환경을 확인하고 kubelab images 를 다시 실행하세요. 만든 것은 남아 있습니다", "이미지를 준비하지 못했습니다: %w", err)
	}
	states, err := source.store.States(ctx, kinds...)
	if err != nil {
		return err
	}
	slices.SortFunc(states, func(a, b images.State) int { return strings.Compare(a.Image, b.Image) })
	for _, s := range states {
		origin := "원본"
		if s.Provenance.Built {
			origin = "여기서 만든 대역 (" + s.Provenance.StandInFor + ")"
		}
		fmt.Fprintf(a.streams.Out, "%s  %s\n", s.Image, origin)
	}
	return nil
}
