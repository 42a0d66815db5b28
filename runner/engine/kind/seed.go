package kind

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/moby/moby/client"

	"github.com/kubelab/kubelab/runner/engine"
)

// seeds are the images that `kubectl run --image=…` finds in the mirror, by their names on Docker Hub.
var seeds = []struct {
	image Image
	name  string
}{
	{Busybox, "library/busybox:latest"},
	{NodeJS, "library/node:22-alpine"},
}

// seed puts the images into the mirror. It writes to the registry itself instead of letting Docker push, because a
// push needs a tag, which the learner would see among the images.
func (u *bringUp) seed(ctx context.Context, t *engine.Task) error {
	host, err := u.mirrorAddress(ctx)
	if err != nil {
		return err
	}
	if err := waitRegistry(ctx, "http://"+host+"/v2/", "", ""); err != nil {
		return err
	}
	for _, s := range seeds {
		ref := u.images.of(s.image).Ref
		got, err := u.docker.ImageInspect(ctx, ref)
		if err != nil {
			return fmt.Errorf("look at image %s: %w", ref, err)
		}
		tag, err := name.NewTag(host+"/"+s.name, name.Insecure)
		if err != nil {
			return fmt.Errorf("name image in the mirror: %w", err)
		}
		if u.loadState().Seeded[s.name] == got.ID {
			if _, err := remote.Head(tag, remote.WithContext(ctx), remote.WithTransport(directly.Transport)); err == nil {
				continue
			}
		}
		t.Say("%s", ref)
		if err := u.copyToMirror(ctx, got.ID, tag); err != nil {
			return fmt.Errorf("copy %s to the mirror: %w", ref, err)
		}
		if err := u.changeState(func(st *state) { st.seeded(s.name, got.ID) }); err != nil {
			return err
		}
	}
	return nil
}

func (s *state) seeded(name, id string) {
	if s.Seeded == nil {
		s.Seeded = map[string]string{}
	}
	s.Seeded[name] = id
}

// mirrorAddress is where the mirror is published: Docker chooses the port, and another one at each start. Docker
// tells of it a moment after the start.
func (e *Engine) mirrorAddress(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, registryAnswer)
	defer cancel()
	for {
		got, err := e.docker.ContainerInspect(ctx, e.mirrorName(), client.ContainerInspectOptions{})
		if err != nil {
			return "", fmt.Errorf("look at the mirror: %w", err)
		}
		if b := got.Container.NetworkSettings.Ports[registryPortInside]; len(b) > 0 {
			return "127.0.0.1:" + b[0].HostPort, nil
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("wait for the mirror's port: %w", ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// copyToMirror copies a local image, by its ID, to a tag of the mirror.
func (e *Engine) copyToMirror(ctx context.Context, id string, tag name.Tag) error {
	path, err := e.saveImage(ctx, id)
	if err != nil {
		return err
	}
	defer os.Remove(path)
	img, err := tarball.ImageFromPath(path, nil)
	if err != nil {
		return fmt.Errorf("read saved image: %w", err)
	}
	layers, err := img.Layers()
	if err != nil {
		return fmt.Errorf("read layers: %w", err)
	}
	config, err := img.RawConfigFile()
	if err != nil {
		return fmt.Errorf("read image config: %w", err)
	}
	manifest := v1.Manifest{SchemaVersion: 2, MediaType: types.DockerManifestSchema2}
	upload := func(l v1.Layer) (v1.Descriptor, error) {
		return uploadBlob(ctx, tag.Context(), l)
	}
	if manifest.Config, err = upload(static.NewLayer(config, types.DockerConfigJSON)); err != nil {
		return err
	}
	for _, l := range layers {
		d, err := upload(plainLayer{l})
		if err != nil {
			return err
		}
		manifest.Layers = append(manifest.Layers, d)
	}
	return remote.Put(tag, taggable{manifest}, remote.WithContext(ctx), remote.WithTransport(directly.Transport))
}

// saveImage writes the image as a tar file into the state folder: it is read twice, and may be large.
func (e *Engine) saveImage(ctx context.Context, id string) (path string, err error) {
	saved, err := e.docker.ImageSave(ctx, []string{id})
	if err != nil {
		return "", fmt.Errorf("save image: %w", err)
	}
	defer saved.Close()
	f, err := os.CreateTemp(e.cfg.StateDir, "image.*.tmp")
	if err != nil {
		return "", fmt.Errorf("save image: %w", err)
	}
	defer f.Close()
	if _, err := io.Copy(f, saved); err != nil {
		os.Remove(f.Name())
		return "", fmt.Errorf("save image: %w", err)
	}
	return f.Name(), nil
}

func uploadBlob(ctx context.Context, repo name.Repository, l v1.Layer) (v1.Descriptor, error) {
	if err := remote.WriteLayer(repo, l, remote.WithContext(ctx), remote.WithTransport(directly.Transport)); err != nil {
		return v1.Descriptor{}, fmt.Errorf("upload layer: %w", err)
	}
	digest, err := l.Digest()
	if err != nil {
		return v1.Descriptor{}, fmt.Errorf("read layer: %w", err)
	}
	size, err := l.Size()
	if err != nil {
		return v1.Descriptor{}, fmt.Errorf("read layer: %w", err)
	}
	media, err := l.MediaType()
	if err != nil {
		return v1.Descriptor{}, fmt.Errorf("read layer: %w", err)
	}
	return v1.Descriptor{MediaType: media, Size: size, Digest: digest}, nil
}

// plainLayer is a layer that travels uncompressed: between two containers of one machine, compressing costs more than it saves.
type plainLayer struct{ v1.Layer }

func (l plainLayer) Digest() (v1.Hash, error)            { return l.DiffID() }
func (l plainLayer) Compressed() (io.ReadCloser, error)  { return l.Uncompressed() }
func (l plainLayer) MediaType() (types.MediaType, error) { return types.DockerUncompressedLayer, nil }
func (l plainLayer) Size() (int64, error) {
	r, err := l.Uncompressed()
	if err != nil {
		return 0, err
	}
	defer r.Close()
	return io.Copy(io.Discard, r)
}

// taggable is a manifest as the registry client wants it.
type taggable struct{ v1.Manifest }

func (t taggable) RawManifest() ([]byte, error) {
	var b bytes.Buffer
	err := json.NewEncoder(&b).Encode(t.Manifest)
	return b.Bytes(), err
}

func (t taggable) MediaType() (types.MediaType, error) { return t.Manifest.MediaType, nil }
