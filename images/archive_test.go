package images

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// untar reads a tar file into memory; a path that occurs twice fails, as it does in Docker.
func untar(t *testing.T, r io.Reader) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for archive := tar.NewReader(r); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		if _, twice := files[header.Name]; twice {
			t.Errorf("%s is there twice", header.Name)
		}
		if header.Typeflag == tar.TypeSymlink {
			content = []byte("→ " + header.Linkname)
		}
		files[header.Name] = content
	}
}

func TestLayer(t *testing.T) {
	host := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(host, []byte("binary"), 0o600); err != nil {
		t.Fatal(err)
	}
	l := newLayer(filepath.Join(t.TempDir(), "layer.tar"))
	l.dir("bin", 0o755)
	l.dir("bin", 0o755)
	l.copy("bin/program", 0o755, host)
	l.symlink("bin/link", "program")
	l.accounts()
	got, err := l.close("made")
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(got.path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	if got.id != hex.EncodeToString(sum[:]) || got.size != int64(len(content)) {
		t.Errorf("the layer says it is %s of %d bytes, and is %x of %d", got.id, got.size, sum, len(content))
	}
	if again, err := fileLayer(got.path, "made"); err != nil || again != got {
		t.Errorf("read again it is %+v, %v, expected %+v", again, err, got)
	}
	files := untar(t, bytes.NewReader(content))
	if string(files["bin/program"]) != "binary" || string(files["bin/link"]) != "→ program" || files["etc/passwd"] == nil {
		t.Errorf("the layer holds %q", files)
	}
}

func TestLayerKeepsTheFirstError(t *testing.T) {
	l := newLayer(filepath.Join(t.TempDir(), "layer.tar"))
	l.copy("a", 0o644, filepath.Join(t.TempDir(), "missing"))
	l.write("b", 0o644, []byte("b"))
	if _, err := l.close(""); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, expected that a file is missing", err)
	}
	if _, err := newLayer(filepath.Join(t.TempDir(), "no", "folder")).close(""); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, expected that the folder is missing", err)
	}
}

func TestArchive(t *testing.T) {
	made := func(name string) layer {
		l := newLayer(filepath.Join(t.TempDir(), name))
		l.write(name, 0o644, []byte(name))
		got, err := l.close("COPY " + name)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	shared, own := made("shared"), made("own")
	created := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	first := builtImage{refs: []string{"a:1"}, layers: []layer{shared}, config: ocispec.ImageConfig{Cmd: []string{"sh"}, Env: []string{"A=b"}}}
	second := builtImage{refs: []string{"b:1"}, layers: []layer{shared, own}, config: ocispec.ImageConfig{Labels: Busybox.labels()}}
	same := builtImage{refs: []string{"c:1"}, layers: first.layers, config: first.config}
	var archive bytes.Buffer
	if err := writeArchive(&archive, created, first, second, same); err != nil {
		t.Fatal(err)
	}
	files := untar(t, &archive)
	var manifest []manifestEntry
	if err := json.Unmarshal(files["manifest.json"], &manifest); err != nil {
		t.Fatal(err)
	}
	if len(manifest) != 3 || !slices.Equal(manifest[1].Layers, []string{shared.id + ".tar", own.id + ".tar"}) || manifest[2].RepoTags[0] != "c:1" {
		t.Errorf("the manifest is %+v", manifest)
	}
	if len(files) != 5 { // manifest, two configurations, two layers
		t.Errorf("the archive holds %d files, expected 5", len(files))
	}
	for _, entry := range manifest {
		var config ocispec.Image
		if err := json.Unmarshal(files[entry.Config], &config); err != nil {
			t.Fatal(err)
		}
		if len(config.RootFS.DiffIDs) != len(entry.Layers) {
			t.Errorf("%s: %d layers in the configuration, %d in the manifest", entry.RepoTags, len(config.RootFS.DiffIDs), len(entry.Layers))
		}
		layers := 0
		for _, h := range config.History {
			if !h.EmptyLayer {
				layers++
			}
		}
		if layers != len(entry.Layers) {
			t.Errorf("%s: the history has %d layers, expected %d: %+v", entry.RepoTags, layers, len(entry.Layers), config.History)
		}
		for i, name := range entry.Layers {
			sum := sha256.Sum256(files[name])
			if got := config.RootFS.DiffIDs[i].Encoded(); got != hex.EncodeToString(sum[:]) {
				t.Errorf("%s: layer %d is %s, the configuration says %s", entry.RepoTags, i, hex.EncodeToString(sum[:]), got)
			}
		}
	}
}

func TestLoadedFindsErrorsInTheStream(t *testing.T) {
	good := `{"stream":"Loaded image: a:1"}` + "\n"
	if err := loaded(strings.NewReader(good + good)); err != nil {
		t.Errorf("got %v, expected none", err)
	}
	if err := loaded(strings.NewReader(good + `{"errorDetail":{"message":"no space left"},"error":"no space left"}`)); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("got %v, expected Docker's error", err)
	}
	if err := loaded(strings.NewReader(good + `{"stream":`)); err == nil {
		t.Error("a stream that breaks off is taken for good")
	}
}

// TestClosureCopiesWhatAProgramNeeds makes a tree out of this machine's own sleep, laid out like Debian's with its links.
func TestClosureCopiesWhatAProgramNeeds(t *testing.T) {
	sleep, err := filepath.EvalSymlinks("/bin/sleep")
	if err != nil {
		t.Skip("no /bin/sleep here: ", err)
	}
	if static(sleep) {
		t.Skip("/bin/sleep is static here")
	}
	tree := t.TempDir()
	out, err := exec.Command("ldd", sleep).Output()
	if err != nil {
		t.Skip("no ldd here: ", err)
	}
	put := func(name, from string) {
		content, err := os.ReadFile(from)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(filepath.Join(tree, name)), 0o755)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(tree, name), content, 0o755)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	put("usr/bin/sleep.real", sleep)
	put("usr/bin/unwanted", sleep)
	links := map[string]string{
		"bin": "usr/bin", "lib": "usr/lib", "lib64": "usr/lib64",
		"usr/bin/sleep": "/etc/alternatives/sleep", "etc/alternatives/sleep": "/bin/sleep.real",
	}
	var wanted []string
	for field := range strings.FieldsSeq(string(out)) {
		if !strings.HasPrefix(field, "/") {
			continue
		}
		name := "usr/lib/test-linux-gnu/" + filepath.Base(field)
		put(name, field)
		wanted = append(wanted, name)
		if strings.Contains(field, "ld-linux") { // the loader is asked for by a path of its own
			links["usr/"+strings.TrimPrefix(strings.TrimPrefix(field, "/"), "usr/")] = "/lib/test-linux-gnu/" + filepath.Base(field)
		}
	}
	for _, folder := range []string{"etc/alternatives", "usr/lib64"} {
		if err := os.MkdirAll(filepath.Join(tree, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, target := range links {
		if err := os.Symlink(target, filepath.Join(tree, name)); err != nil {
			t.Fatal(err)
		}
	}
	l := newLayer(filepath.Join(t.TempDir(), "layer.tar"))
	c, err := newClosure(tree, l)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.addAll("bin/slee?"); err != nil {
		t.Fatal(err)
	}
	if err := c.addAll("usr/bin/nothing*"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a pattern without a match gives %v, expected os.ErrNotExist", err)
	}
	packed, err := l.close("")
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(packed.path)
	if err != nil {
		t.Fatal(err)
	}
	files := untar(t, bytes.NewReader(content))
	for _, name := range append(wanted, "bin", "usr/bin/sleep", "etc/alternatives/sleep", "usr/bin/sleep.real") {
		if _, there := files[name]; !there {
			t.Errorf("%s was left out", name)
		}
	}
	if _, there := files["usr/bin/unwanted"]; there {
		t.Error("a program that nobody asked for is there")
	}
}

func TestReplaceOnce(t *testing.T) {
	if got, err := replaceOnce([]byte("a b c"), "b", "x"); err != nil || string(got) != "a x c" {
		t.Errorf("got %q, %v", got, err)
	}
	for _, content := range []string{"a c", "b b"} {
		if _, err := replaceOnce([]byte(content), "b", "x"); err == nil {
			t.Errorf("replacing b in %q should fail", content)
		}
	}
}
