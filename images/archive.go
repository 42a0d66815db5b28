package images

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"os"
	"path"
	"runtime"
	"slices"
	"time"

	"github.com/moby/moby/api/types/jsonstream"
	ocidigest "github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// defaultPath is the PATH of images that have a root file system.
const defaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// layer is an uncompressed tar file with one layer of an image.
type layer struct {
	path string
	size int64
	// id is the SHA-256 of the file, in hex.
	id string
	// made says what made the layer, for `docker history`.
	made string
}

// fileLayer reads a layer that was written before.
func fileLayer(path, made string) (layer, error) {
	file, err := os.Open(path)
	if err != nil {
		return layer{}, err
	}
	defer file.Close()
	sum := sha256.New()
	size, err := io.Copy(sum, file)
	if err != nil {
		return layer{}, fmt.Errorf("read layer %s: %w", path, err)
	}
	return layer{path: path, size: size, id: hex.EncodeToString(sum.Sum(nil)), made: made}, nil
}

// layerWriter writes a layer. The first thing that fails is kept, makes the rest do nothing, and is returned by close.
type layerWriter struct {
	file *os.File
	sum  hash.Hash
	tar  *tar.Writer
	dirs map[string]bool // Docker takes no path twice
	err  error
}

func newLayer(path string) *layerWriter {
	l := &layerWriter{sum: sha256.New(), dirs: map[string]bool{}}
	l.file, l.err = os.Create(path)
	if l.err == nil {
		l.tar = tar.NewWriter(io.MultiWriter(l.file, l.sum))
	}
	return l
}

func (l *layerWriter) header(h tar.Header) {
	if l.err == nil {
		l.err = l.tar.WriteHeader(&h)
	}
}

// dir makes a folder, the first time it is asked for. Docker gives folders that no layer mentions a mode that locks
// everybody out but root.
func (l *layerWriter) dir(name string, mode int64) {
	if l.dirs[name] {
		return
	}
	l.dirs[name] = true
	l.header(tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: mode})
}

func (l *layerWriter) symlink(name, target string) {
	l.header(tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: target, Mode: 0o777})
}

func (l *layerWriter) write(name string, mode int64, content []byte) {
	l.header(tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: mode, Size: int64(len(content))})
	if l.err == nil {
		_, l.err = l.tar.Write(content)
	}
}

// copy takes a file of the host.
func (l *layerWriter) copy(name string, mode int64, from string) {
	if l.err != nil {
		return
	}
	file, err := os.Open(from)
	if err != nil {
		l.err = err
		return
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		l.err = err
		return
	}
	l.header(tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: mode, Size: info.Size()})
	if l.err == nil {
		_, l.err = io.Copy(l.tar, file)
	}
}

// close ends the layer; made is what the history says of it.
func (l *layerWriter) close(made string) (layer, error) {
	if l.file == nil {
		return layer{}, fmt.Errorf("write layer: %w", l.err)
	}
	if l.err == nil {
		l.err = l.tar.Close()
	}
	size, err := l.file.Seek(0, io.SeekCurrent)
	if err := errors.Join(l.err, err, l.file.Close()); err != nil {
		return layer{}, fmt.Errorf("write layer %s: %w", path.Base(l.file.Name()), err)
	}
	return layer{path: l.file.Name(), size: size, id: hex.EncodeToString(l.sum.Sum(nil)), made: made}, nil
}

// builtImage is an image that is put together here.
type builtImage struct {
	refs   []string
	config ocispec.ImageConfig
	layers []layer
}

// imageFile is the configuration file of the image, and its name in an archive: its own digest.
func (i builtImage) imageFile(created time.Time) (name string, content []byte, err error) {
	file := ocispec.Image{
		Created:  &created,
		Platform: ocispec.Platform{Architecture: runtime.GOARCH, OS: "linux"},
		Config:   i.config,
		RootFS:   ocispec.RootFS{Type: "layers"},
	}
	for _, l := range i.layers {
		file.RootFS.DiffIDs = append(file.RootFS.DiffIDs, ocidigest.NewDigestFromEncoded(ocidigest.SHA256, l.id))
		file.History = append(file.History, ocispec.History{Created: &created, CreatedBy: l.made, Comment: "kubelab"})
	}
	for _, instruction := range instructions(i.config) {
		file.History = append(file.History, ocispec.History{Created: &created, CreatedBy: instruction, EmptyLayer: true})
	}
	content, err = json.Marshal(file)
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:]) + ".json", content, err
}

// instructions says in a Dockerfile's words what the configuration holds.
func instructions(c ocispec.ImageConfig) []string {
	var all []string
	for _, env := range c.Env {
		all = append(all, "ENV "+env)
	}
	for _, port := range slices.Sorted(maps.Keys(c.ExposedPorts)) {
		all = append(all, "EXPOSE "+port)
	}
	for _, volume := range slices.Sorted(maps.Keys(c.Volumes)) {
		all = append(all, "VOLUME "+volume)
	}
	if len(c.Entrypoint) > 0 {
		all = append(all, fmt.Sprintf("ENTRYPOINT %q", c.Entrypoint))
	}
	if len(c.Cmd) > 0 {
		all = append(all, fmt.Sprintf("CMD %q", c.Cmd))
	}
	return all
}

// manifestEntry is an image in the manifest.json of an archive as `docker save` writes it.
type manifestEntry struct {
	Config   string
	RepoTags []string
	Layers   []string
}

// writeArchive writes images in the form that `docker load` and containerd read. A layer that several of them have is
// written once.
func writeArchive(w io.Writer, created time.Time, images ...builtImage) error {
	archive := tar.NewWriter(w)
	written := map[string]bool{}
	var manifest []manifestEntry
	for _, img := range images {
		name, content, err := img.imageFile(created)
		if err != nil {
			return fmt.Errorf("write image config: %w", err)
		}
		entry := manifestEntry{Config: name, RepoTags: img.refs}
		if !written[name] {
			written[name] = true
			if err := archiveFile(archive, name, int64(len(content)), bytes.NewReader(content)); err != nil {
				return err
			}
		}
		for _, l := range img.layers {
			name := l.id + ".tar"
			entry.Layers = append(entry.Layers, name)
			if written[name] {
				continue
			}
			written[name] = true
			if err := archiveLayer(archive, name, l); err != nil {
				return err
			}
		}
		manifest = append(manifest, entry)
	}
	content, err := json.Marshal(manifest)
	if err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	if err := archiveFile(archive, "manifest.json", int64(len(content)), bytes.NewReader(content)); err != nil {
		return err
	}
	return archive.Close()
}

func archiveLayer(archive *tar.Writer, name string, l layer) error {
	file, err := os.Open(l.path)
	if err != nil {
		return err
	}
	defer file.Close()
	return archiveFile(archive, name, l.size, file)
}

func archiveFile(archive *tar.Writer, name string, size int64, content io.Reader) error {
	if err := archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: size}); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if _, err := io.Copy(archive, content); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// loaded reads what Docker says about an archive, to the end: its errors come in the stream.
func loaded(stream io.Reader) error {
	for messages := json.NewDecoder(stream); ; {
		var message jsonstream.Message
		switch err := messages.Decode(&message); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case message.Error != nil:
			return message.Error
		}
	}
}
