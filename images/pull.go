package images

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/moby/moby/client"
)

const (
	// probeTime bounds the look for a registry: a learner without one must not wait for it.
	probeTime = 3 * time.Second
	// stallTime ends a pull in which nothing moves.
	stallTime = time.Minute
	hub       = "registry-1.docker.io"
)

// errUnreachable begins the reason why nothing is pulled.
var errUnreachable = errors.New(hub + "에 연결할 수 없습니다")

// pullAll pulls the images and returns why each of the others could not be pulled.
func (s *Store) pullAll(ctx context.Context, r *reporter, kinds []Kind) map[Kind]error {
	failed := map[Kind]error{}
	if s.source == OnlyBuild {
		for _, k := range kinds {
			failed[k] = errors.New("OnlyBuild")
		}
		return failed
	}
	look := r.begin(Progress{Step: "registry-probe", Title: "이미지 레지스트리를 찾는 중"})
	err := s.probe(ctx)
	if err != nil {
		look.detail("이미지를 내려받을 수 없어 직접 만듭니다. " + err.Error())
	}
	look.close(Done)
	for _, k := range kinds {
		failed[k] = err
		if err == nil {
			failed[k] = s.pull(ctx, r, k)
		}
		if failed[k] == nil {
			delete(failed, k)
			s.image(r, k, Done, "준비되었습니다.", nil)
		}
	}
	return failed
}

// probe reports whether Docker Hub can be reached. Asked are both the engine (its proxy settings count, and it does the
// pulling) and the registry from here (the engine's answer takes several round trips, too many for a slow line): one yes
// is enough to try.
func (s *Store) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	engine, here := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := s.docker.DistributionInspect(ctx, Busybox.pinned(), client.DistributionInspectOptions{})
		engine <- err
	}()
	go func() { here <- s.dial(ctx) }()
	var engineErr, hereErr error
	for range 2 {
		var err error
		select {
		case err = <-engine:
			engineErr = err
		case err = <-here:
			hereErr = err
		}
		if err == nil {
			return nil
		}
	}
	return fmt.Errorf("%w: %w; %w", errUnreachable, engineErr, hereErr)
}

// askRegistry asks Docker Hub for its API. Any answer will do: without a token it is "401 Unauthorized".
func askRegistry(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+hub+"/v2/", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusUnauthorized {
		return fmt.Errorf("GET %s: %s", request.URL, response.Status)
	}
	return nil
}

// pull pulls the original by its digest and puts it under its name, which is the last thing it does.
func (s *Store) pull(ctx context.Context, r *reporter, k Kind) (err error) {
	act := r.begin(Progress{
		Kind: k, Image: s.ref(k), Step: string(k) + "-pull", Title: "이미지 내려받기", N: 1, Of: 1,
	})
	defer func() { act.end(err) }()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stalled := time.AfterFunc(stallTime, func() { cancel(fmt.Errorf("no data for %s", stallTime)) })
	defer stalled.Stop()
	response, err := s.docker.ImagePull(ctx, k.pinned(), client.ImagePullOptions{})
	if err != nil {
		return pullError(ctx, k, err)
	}
	for message, err := range response.JSONMessages(ctx) {
		switch {
		case err != nil:
			return pullError(ctx, k, err)
		case message.Error != nil:
			return pullError(ctx, k, message.Error)
		}
		stalled.Reset(stallTime)
		if line := message.Status; line != "" {
			if message.Progress != nil && message.Progress.Total > 0 {
				line += fmt.Sprintf(" %d%%", message.Progress.Current*100/message.Progress.Total)
			}
			act.detail(line)
		}
	}
	if _, err := s.docker.ImageTag(ctx, client.ImageTagOptions{Source: k.pinned(), Target: s.ref(k)}); err != nil {
		return pullError(ctx, k, err)
	}
	return nil
}

// pullError prefers the reason why we stopped to the way in which the connection noticed.
func pullError(ctx context.Context, k Kind, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return fmt.Errorf("pull %s: %w", k.pinned(), err)
}

// load hands an archive to Docker, which puts its image under its name once all of it arrived.
func (s *Store) load(ctx context.Context, write func(io.Writer) error) error {
	reader, writer := io.Pipe()
	go func() { writer.CloseWithError(write(writer)) }()
	response, err := s.docker.ImageLoad(ctx, reader)
	reader.CloseWithError(errors.New("docker stopped reading")) // lets the writer end where Docker did not take everything
	if err != nil {
		return fmt.Errorf("load image: %w", err)
	}
	defer response.Close()
	if err := loaded(response); err != nil {
		return fmt.Errorf("load image: %w", err)
	}
	return nil
}
