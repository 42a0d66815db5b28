package images

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// nodeParts are the files that a node image is put together from.
type nodeParts struct {
	k8s, containerd, ctr, shim, coredns, pause, provisioner, busybox string
	// tree is the node's Debian, componentTree the part of it that images in the cluster need.
	tree, componentTree string
}

func (s *Store) nodeParts() nodeParts {
	p := programs()
	return nodeParts{
		k8s:        s.binary(p["k8s"], "k8s"),
		containerd: s.binary(p["containerd"], "containerd"),
		ctr:        s.binary(p["containerd"], "ctr"),
		shim:       s.binary(p["containerd"], "containerd-shim-runc-v2"),
		coredns:    s.binary(p["coredns"], "coredns"),
		pause:      s.binary(p["pause"], "pause"),

		provisioner: s.binary(p["local-path-provisioner"], "local-path-provisioner"),
		busybox:     s.busyboxBinary(),

		tree:          s.rootTar("kindnode", kindNodePackages),
		componentTree: s.rootTar("component", append([]string{networkImage}, append(componentPrograms, kindNodePackages...)...)),
	}
}

func (s *Store) kindNodeSteps() []*step {
	p, parts := programs(), s.nodeParts()
	steps := []*step{
		s.compileStep(KindNode, p["k8s"], "쿠버네티스 "+kubernetesVersion+" 컴파일하기"),
		s.compileStep(KindNode, p["containerd"], "containerd "+p["containerd"].version+" 컴파일하기"),
		s.compileStep(KindNode, p["coredns"], "CoreDNS "+p["coredns"].version+" 컴파일하기"),
		s.compileStep(KindNode, p["pause"], "pause 컴파일하기"),
		s.compileStep(KindNode, p["local-path-provisioner"], "볼륨을 만드는 local-path-provisioner 컴파일하기"),
		{
			kind: KindNode, id: "kindnode-root", title: "노드의 데비안 패키지 설치하기", lane: debian,
			needs: []need{needLinux, needRoot, needDebootstrap},
			done:  func() bool { return exists(parts.tree) && exists(parts.componentTree) },
			run:   func(ctx context.Context, t *task) error { return t.nodeTree(ctx, parts) },
		},
		{
			kind: KindNode, id: "kindnode-busybox", title: "볼륨을 만드는 이미지의 busybox 가져오기", lane: debian,
			needs: []need{needLinux, needBusybox},
			done:  func() bool { return exists(parts.busybox) },
			run: func(ctx context.Context, t *task) error {
				if exists(parts.busybox) { // the image busybox was made meanwhile
					return nil
				}
				return t.fetchBusybox(ctx, parts.busybox)
			},
		},
	}
	image := &step{
		kind: KindNode, id: "kindnode-image", title: "노드 이미지 만들기", lane: assembly,
		needs: []need{needLinux, needRoot, needGo},
		run:   func(ctx context.Context, t *task) error { return t.kindNodeImage(ctx, parts) },
	}
	for _, st := range steps {
		image.after = append(image.after, st.id)
	}
	return append(steps, image)
}

// nodeTree keeps the node's Debian tree, without the units that have no place in a container (kind's own list), and the
// part of it that the cluster's images need.
func (t *task) nodeTree(ctx context.Context, parts nodeParts) error {
	tree, err := t.debootstrap(ctx, kindNodePackages)
	if err != nil {
		return err
	}
	for _, pattern := range []string{
		"usr/lib/systemd/system/sysinit.target.wants/systemd-tmpfiles-setup.service",
		"usr/lib/systemd/system/multi-user.target.wants/*", "usr/lib/systemd/system/local-fs.target.wants/*",
		"usr/lib/systemd/system/basic.target.wants/*", "usr/lib/systemd/system/sockets.target.wants/*udev*",
		"usr/lib/systemd/system/sockets.target.wants/*initctl*", "etc/systemd/system/*.wants/*",
	} {
		if err := removeMatching(tree, pattern); err != nil {
			return err
		}
	}
	if err := packComponentTree(tree, parts.componentTree); err != nil {
		return err
	}
	return t.pack(ctx, tree, parts.tree)
}

// kindNodeImage puts the node image together: a Debian tree, kind's files and the programs, and containerd's store with
// the images of the cluster already unpacked.
func (t *task) kindNodeImage(ctx context.Context, parts nodeParts) error {
	t.detail("클러스터의 이미지를 만드는 중")
	components, err := t.componentImages(ctx, parts)
	if err != nil {
		return err
	}
	store, err := t.storeLayer(ctx, parts, components)
	if err != nil {
		return err
	}
	files, err := t.nodeFiles(ctx, parts, components)
	if err != nil {
		return err
	}
	tree, err := fileLayer(parts.tree, "debootstrap "+suite+" "+strings.Join(kindNodePackages, " "))
	if err != nil {
		return err
	}
	return t.deliver(ctx, builtImage{
		layers: []layer{tree, files, store},
		config: ocispec.ImageConfig{
			// systemd looks for the variable, and ends on this signal alone (systemd.io/CONTAINER_INTERFACE).
			Env: []string{defaultPath, "container=docker"}, StopSignal: "SIGRTMIN+3",
			Entrypoint: []string{"/usr/local/bin/entrypoint", "/sbin/init"},
		},
	})
}

// storeLayer is the layer with /var/lib/containerd.
func (t *task) storeLayer(ctx context.Context, parts nodeParts, components []builtImage) (layer, error) {
	archive := filepath.Join(t.work, "components.tar")
	file, err := os.Create(archive)
	if err != nil {
		return layer{}, fmt.Errorf("write the cluster's images: %w", err)
	}
	err = writeArchive(file, time.Now().UTC(), components...)
	file.Close()
	if err != nil {
		return layer{}, fmt.Errorf("write the cluster's images: %w", err)
	}
	t.detail("클러스터의 이미지를 containerd에 넣는 중")
	tree := filepath.Join(t.work, "store")
	if err := t.importImages(ctx, parts, archive, filepath.Join(tree, "var/lib/containerd")); err != nil {
		return layer{}, err
	}
	target := filepath.Join(t.work, "store.tar")
	// Of the folders on the way only what is containerd's own belongs to the layer.
	argv := []string{"tar", "--create", "--numeric-owner", "--sort=name", "--file", target, "--directory", tree, "var/lib/containerd"}
	if err := t.run(ctx, command{argv: argv}); err != nil {
		return layer{}, err
	}
	return fileLayer(target, "ctr images import (Kubernetes "+kubernetesVersion+")")
}

// nodeFiles is the layer with kind's files and the programs.
func (t *task) nodeFiles(ctx context.Context, parts nodeParts, components []builtImage) (layer, error) {
	l := newLayer(filepath.Join(t.work, "files.tar"))
	for _, folder := range []string{
		"kind", "kind/bin", "kind/manifests", "opt", "opt/cni", "etc/containerd", "etc/containerd/certs.d", "etc/kubernetes",
		"etc/kubernetes/manifests", "etc/systemd/journald.conf.d", "etc/systemd/system/multi-user.target.wants",
	} {
		l.dir(folder, 0o755)
	}
	if err := t.kindFiles(ctx, l, components); err != nil {
		l.err = err
	}
	l.copy("usr/local/bin/containerd", 0o755, parts.containerd)
	l.copy("usr/local/bin/ctr", 0o755, parts.ctr)
	l.copy("usr/local/bin/containerd-shim-runc-v2", 0o755, parts.shim)
	l.copy("usr/bin/k8s", 0o755, parts.k8s)
	for _, name := range []string{"kubelet", "kubeadm", "kubectl"} {
		l.symlink("usr/bin/"+name, "k8s")
	}
	l.symlink("opt/cni/bin", "/usr/lib/cni")
	l.symlink("usr/local/sbin/runc", "/usr/sbin/runc")
	for _, unit := range []string{"kubelet.service", "containerd.service", "undo-mount-hacks.service"} {
		l.symlink("etc/systemd/system/multi-user.target.wants/"+unit, "/etc/systemd/system/"+unit)
	}
	l.symlink("etc/systemd/system/systemd-binfmt.service", "/dev/null")
	l.write("etc/systemd/journald.conf.d/kind.conf", 0o644, []byte("[Journal]\nReadKMsg=no\n"))
	l.write("kind/version", 0o644, []byte(kubernetesVersion+"\n"))
	spec, err := t.baseSpec(ctx, parts.ctr)
	if err != nil {
		l.err = err
	}
	l.write("etc/containerd/cri-base.json", 0o644, spec)
	for _, name := range []string{"default-cni.yaml", "default-storage.yaml"} { // kind applies them to a new cluster
		manifest, err := recipes.ReadFile("recipes/node/" + name)
		if err != nil {
			l.err = err
		}
		l.write("kind/manifests/"+name, 0o644, manifest)
	}
	return l.close("COPY kind's files, Kubernetes " + kubernetesVersion + ", containerd " + programs()["containerd"].version)
}

// kindFiles adds the files of kind's base image, out of kind's own module.
func (t *task) kindFiles(ctx context.Context, l *layerWriter, components []builtImage) error {
	if err := t.module("kind"); err != nil {
		return err
	}
	var answer strings.Builder
	if err := t.goRun(ctx, []string{"go", "mod", "download", "-json", "sigs.k8s.io/kind"}, &answer); err != nil {
		return err
	}
	var module struct{ Dir string }
	if err := json.Unmarshal([]byte(answer.String()), &module); err != nil {
		return fmt.Errorf("find kind's module: %w", err)
	}
	base := filepath.Join(module.Dir, "images/base/files")
	return filepath.WalkDir(base, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || file == base {
			return err
		}
		name := strings.TrimPrefix(file, base+"/")
		if entry.IsDir() {
			l.dir(name, 0o755)
			return nil
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		mode := int64(0o644)
		if folder := filepath.Dir(name); folder == "kind/bin" || folder == "usr/local/bin" {
			mode = 0o755 // a module's files have lost theirs
		}
		if name == "etc/containerd/config.toml" {
			if content, err = nodeContainerdConfig(content, components); err != nil {
				return err
			}
		}
		l.write(name, mode, content)
		return nil
	})
}

// nodeContainerdConfig fits kind's configuration of containerd to our images: the pause image that is there, and no
// process with a lower oom score than its parent's, which takes CAP_SYS_RESOURCE. It also says where registries are
// looked up, which containerd does by default, so that nobody has to know.
func nodeContainerdConfig(content []byte, components []builtImage) ([]byte, error) {
	for _, img := range components {
		if strings.Contains(img.refs[0], "/pause:") {
			var err error
			if content, err = replaceOnce(content, `sandbox_image = "registry.k8s.io/pause:3.10"`, fmt.Sprintf("sandbox_image = %q", img.refs[0])); err != nil {
				return nil, fmt.Errorf("configure containerd: %w", err)
			}
		}
	}
	content, err := replaceOnce(content, "restrict_oom_score_adj = false", "restrict_oom_score_adj = true")
	if err != nil {
		return nil, fmt.Errorf("configure containerd: %w", err)
	}
	return append(content, certsDir...), nil
}

const certsDir = `
[plugins."io.containerd.grpc.v1.cri".registry]
  config_path = "/etc/containerd/certs.d"
`
