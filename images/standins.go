package images

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"strings"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// steps are the way to a stand-in, each step after those that it needs.
func (s *Store) steps(k Kind) []*step {
	switch k {
	case Busybox:
		return s.busyboxSteps()
	case NodeJS:
		return s.nodejsSteps()
	case Registry:
		return s.registrySteps()
	case KindNode:
		return s.kindNodeSteps()
	}
	return nil
}

// deliver gives an image its labels and its name, and hands it to Docker.
func (t *task) deliver(ctx context.Context, img builtImage) error {
	img.refs = []string{t.store.ref(t.step.kind)}
	img.config.Labels = t.step.kind.labels()
	t.detail("Docker에 넣는 중: " + img.refs[0])
	return t.store.load(ctx, func(w io.Writer) error { return writeArchive(w, time.Now().UTC(), img) })
}

// accounts are the users and groups of an image without a Debian tree.
var accounts = map[string]string{
	"etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n",
	"etc/group":  "root:x:0:\nnogroup:x:65534:\n",
}

func (l *layerWriter) accounts() {
	l.dir("etc", 0o755)
	for _, name := range []string{"etc/passwd", "etc/group"} {
		l.write(name, 0o644, []byte(accounts[name]))
	}
}

// busyboxBinary is where the busybox that needs no libraries is kept.
func (s *Store) busyboxBinary() string { return filepath.Join(s.cache, "bin", "busybox-static-"+suite) }

func (s *Store) busyboxSteps() []*step {
	binary := s.busyboxBinary()
	return []*step{{
		kind: Busybox, id: "busybox-binary", title: "busybox 프로그램 가져오기", lane: debian,
		needs: []need{needLinux, needBusybox},
		done:  func() bool { return exists(binary) },
		run:   func(ctx context.Context, t *task) error { return t.fetchBusybox(ctx, binary) },
	}, {
		kind: Busybox, id: "busybox-image", title: "busybox 이미지 만들기", lane: assembly,
		after: []string{"busybox-binary"},
		needs: []need{needLinux},
		run:   func(ctx context.Context, t *task) error { return t.busyboxImage(ctx, binary) },
	}}
}

// busyboxImage is one file and a link to it for each of its tools, as in the original.
func (t *task) busyboxImage(ctx context.Context, binary string) error {
	var list strings.Builder
	if err := t.run(ctx, command{argv: []string{"busybox", "--list-full"}, path: binary, stdout: &list}); err != nil {
		return err
	}
	l := newLayer(filepath.Join(t.work, "layer.tar"))
	for _, name := range []string{"bin", "sbin", "usr", "usr/bin", "usr/sbin", "home", "var", "dev", "proc", "sys"} {
		l.dir(name, 0o755)
	}
	l.dir("tmp", 0o1777)
	l.dir("root", 0o700)
	l.accounts()
	l.copy("bin/busybox", 0o755, binary)
	for tool := range strings.FieldsSeq(list.String()) {
		if tool = strings.TrimPrefix(tool, "/"); path.Base(tool) != "busybox" && tool != "linuxrc" {
			l.symlink(tool, "/bin/busybox")
		}
	}
	files, err := l.close("COPY busybox-static (Debian " + suite + ")")
	if err != nil {
		return err
	}
	return t.deliver(ctx, builtImage{
		layers: []layer{files},
		config: ocispec.ImageConfig{Env: []string{defaultPath}, Cmd: []string{"sh"}},
	})
}

func (s *Store) nodejsSteps() []*step {
	tree := s.rootTar("nodejs", nodejsPackages)
	return []*step{{
		kind: NodeJS, id: "nodejs-root", title: "데비안과 Node.js 패키지 설치하기", lane: debian,
		needs: []need{needLinux, needRoot, needDebootstrap},
		done:  func() bool { return exists(tree) },
		run: func(ctx context.Context, t *task) error {
			folder, err := t.debootstrap(ctx, nodejsPackages)
			if err != nil {
				return err
			}
			return t.pack(ctx, folder, tree)
		},
	}, {
		kind: NodeJS, id: "nodejs-image", title: "Node.js 이미지 만들기", lane: assembly,
		after: []string{"nodejs-root"},
		needs: []need{needLinux},
		run:   func(ctx context.Context, t *task) error { return t.nodejsImage(ctx, tree) },
	}}
}

// nodejsImage is a Debian tree with Node.js, and the original's entry point.
func (t *task) nodejsImage(ctx context.Context, tree string) error {
	root, err := fileLayer(tree, "debootstrap "+suite+" "+strings.Join(nodejsPackages, " "))
	if err != nil {
		return err
	}
	entrypoint, err := recipes.ReadFile("recipes/nodejs/docker-entrypoint.sh")
	if err != nil {
		return fmt.Errorf("read recipe: %w", err)
	}
	l := newLayer(filepath.Join(t.work, "layer.tar"))
	l.write("usr/local/bin/docker-entrypoint.sh", 0o755, entrypoint)
	script, err := l.close("COPY docker-entrypoint.sh /usr/local/bin/")
	if err != nil {
		return err
	}
	return t.deliver(ctx, builtImage{
		layers: []layer{root, script},
		config: ocispec.ImageConfig{
			Env: []string{defaultPath}, Entrypoint: []string{"docker-entrypoint.sh"}, Cmd: []string{"node"},
		},
	})
}

func (s *Store) registrySteps() []*step {
	p := programs()["registry"]
	return []*step{
		s.compileStep(Registry, p, "registry "+p.version+" 컴파일하기"),
		{
			kind: Registry, id: "registry-image", title: "레지스트리 이미지 만들기", lane: assembly,
			after: []string{"registry-binary"},
			needs: []need{needLinux},
			run:   func(ctx context.Context, t *task) error { return t.registryImage(ctx, s.binary(p, "registry")) },
		},
	}
}

// registryImage is the registry and its configuration. The program is the entry point and its arguments begin with
// "serve": unlike the original there is no shell that would add it.
func (t *task) registryImage(ctx context.Context, binary string) error {
	config, err := recipes.ReadFile("recipes/registry/config.yml")
	if err != nil {
		return fmt.Errorf("read recipe: %w", err)
	}
	l := newLayer(filepath.Join(t.work, "layer.tar"))
	for _, name := range []string{"bin", "etc/distribution", "var", "var/lib", "var/lib/registry"} {
		l.dir(name, 0o755)
	}
	l.dir("tmp", 0o1777)
	l.accounts()
	l.copy("bin/registry", 0o755, binary)
	l.write("etc/distribution/config.yml", 0o644, config)
	files, err := l.close("COPY registry " + programs()["registry"].version)
	if err != nil {
		return err
	}
	return t.deliver(ctx, builtImage{
		layers: []layer{files},
		config: ocispec.ImageConfig{
			Env: []string{defaultPath}, Entrypoint: []string{"/bin/registry"}, Cmd: []string{"serve", "/etc/distribution/config.yml"},
			ExposedPorts: map[string]struct{}{"5000/tcp": {}}, Volumes: map[string]struct{}{"/var/lib/registry": {}},
		},
	})
}

// replaceOnce replaces the one occurrence of old; a recipe that does not fit its source any more is an error, not a
// silently different image.
func replaceOnce(content []byte, old, replacement string) ([]byte, error) {
	if n := bytes.Count(content, []byte(old)); n != 1 {
		return nil, fmt.Errorf("replace %q: found %d times, expected once", old, n)
	}
	return bytes.Replace(content, []byte(old), []byte(replacement), 1), nil
}
