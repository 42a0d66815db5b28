package kind

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/kubelab/kubelab/runner/engine"
)

// specLabel holds a digest of what a container was made from, so that one made from something else is made anew.
const specLabel = "dev.kubelab.spec"

// containerSpec is a container of the engine's own.
type containerSpec struct {
	Name   string
	Config container.Config
	Host   container.HostConfig
	// Files are put into the container before it starts. Revision stands for their content in the digest, because
	// files such as password hashes differ each time they are made.
	Files    []file `json:"-"`
	Revision string
}

// file is a file in a container.
type file struct {
	path string // absolute
	text []byte
}

func (s *containerSpec) digest() string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // Docker's own request types always encode
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// ensureContainer makes sure that the container runs and was made from the spec.
func (e *Engine) ensureContainer(ctx context.Context, t *engine.Task, spec containerSpec) error {
	digest := spec.digest()
	got, err := e.docker.ContainerInspect(ctx, spec.Name, client.ContainerInspectOptions{})
	if err != nil && !errdefs.IsNotFound(err) {
		return fmt.Errorf("look at container %s: %w", spec.Name, err)
	}
	if err == nil {
		labels := got.Container.Config.Labels
		if labels[Label] != e.cfg.Name {
			return fmt.Errorf("컨테이너 이름 %s을(를) 다른 프로그램이 쓰고 있습니다. 필요 없다면 지우세요: docker rm -f %s", spec.Name, spec.Name)
		}
		if labels[specLabel] == digest && got.Container.State.Running && !got.Container.State.Paused {
			return nil
		}
		// A stopped registry is as quickly made anew as started, and its network may be gone: its data is in a volume.
		if err := e.removeContainer(ctx, spec.Name); err != nil {
			return err
		}
	}
	t.Undo("컨테이너 "+spec.Name, func(ctx context.Context) error { return e.removeContainer(ctx, spec.Name) })
	spec.Config.Labels = map[string]string{Label: e.cfg.Name, specLabel: digest}
	made, err := e.docker.ContainerCreate(ctx, client.ContainerCreateOptions{Name: spec.Name, Config: &spec.Config, HostConfig: &spec.Host})
	if err != nil {
		return fmt.Errorf("make container %s: %w", spec.Name, err)
	}
	if err := e.putFiles(ctx, made.ID, spec.Files); err != nil {
		return err
	}
	if _, err := e.docker.ContainerStart(ctx, made.ID, client.ContainerStartOptions{}); err != nil {
		return fmt.Errorf("start container %s: %w", spec.Name, err)
	}
	return nil
}

// removeContainer removes a container with its unnamed volumes. Finding none is success.
func (e *Engine) removeContainer(ctx context.Context, name string) error {
	_, err := e.docker.ContainerRemove(ctx, name, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
	if err == nil || errdefs.IsNotFound(err) {
		return nil
	}
	if errdefs.IsConflict(err) {
		// Somebody else is removing it already: wait until they have.
		return e.waitRemoved(ctx, name)
	}
	return fmt.Errorf("remove container %s: %w", name, err)
}

func (e *Engine) waitRemoved(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	w := e.docker.ContainerWait(ctx, name, client.ContainerWaitOptions{Condition: container.WaitConditionRemoved})
	select {
	case <-w.Result:
		return nil
	case err := <-w.Error:
		if errdefs.IsNotFound(err) {
			return nil
		}
		return fmt.Errorf("wait for removal of container %s: %w", name, err)
	}
}

// putFiles writes files into a container, running or not, making the folders they stand in.
func (e *Engine) putFiles(ctx context.Context, id string, files []file) error {
	if len(files) == 0 {
		return nil
	}
	archive, err := tarOf(files)
	if err != nil {
		return err
	}
	_, err = e.docker.CopyToContainer(ctx, id, client.CopyToContainerOptions{DestinationPath: "/", Content: archive})
	if err != nil {
		return fmt.Errorf("write files into container %s: %w", id, err)
	}
	return nil
}

// tarOf packs files with the folders below the root that they stand in. A folder that exists keeps its content.
func tarOf(files []file) (*bytes.Buffer, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	var made []string
	for _, f := range files {
		var dirs []string
		for d := path.Dir(f.path); d != "/"; d = path.Dir(d) {
			dirs = append(dirs, d)
		}
		for _, d := range slices.Backward(dirs) {
			if slices.Contains(made, d) {
				continue
			}
			made = append(made, d)
			if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: d[1:] + "/", Mode: 0o755}); err != nil {
				return nil, fmt.Errorf("pack %s: %w", d, err)
			}
		}
		if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: f.path[1:], Mode: 0o644, Size: int64(len(f.text))}); err != nil {
			return nil, fmt.Errorf("pack %s: %w", f.path, err)
		}
		if _, err := w.Write(f.text); err != nil {
			return nil, fmt.Errorf("pack %s: %w", f.path, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("pack files: %w", err)
	}
	return &b, nil
}

// ownContainers lists every container with the engine's label, running or not.
func (e *Engine) ownContainers(ctx context.Context) ([]container.Summary, error) {
	got, err := e.docker.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: e.own()})
	if err != nil {
		return nil, fmt.Errorf("list containers: %w", err)
	}
	return got.Items, nil
}

// own is a filter for objects with the engine's label.
func (e *Engine) own() client.Filters {
	return make(client.Filters).Add("label", Label+"="+e.cfg.Name)
}
