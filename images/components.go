package images

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// The images of the pod network and of the storage, which only the manifests in recipes/node mention. The helper is what
// the provisioner makes a volume's folder with, and removes it.
const (
	networkImage     = "docker.io/kubelab/cni:1"
	provisionerImage = "docker.io/kubelab/local-path-provisioner:v0.0.30"
	helperImage      = "docker.io/kubelab/local-path-helper:1"
)

// componentPrograms are what kube-proxy and the pod network run, as patterns in the node's Debian tree.
var componentPrograms = []string{
	"usr/bin/bash", "usr/bin/sh", "usr/bin/sed", "usr/bin/head", "usr/bin/cat", "usr/bin/sleep", "usr/bin/mv", "usr/bin/ls",
	"usr/sbin/ip", "usr/sbin/iptables*", "usr/sbin/ip6tables*", "usr/sbin/nft", "usr/sbin/conntrack", "usr/lib/*/xtables/*.so",
	"etc/passwd", "etc/group", "etc/nsswitch.conf", "etc/ssl/certs/ca-certificates.crt",
}

// packComponentTree keeps the part of a node's Debian tree that kube-proxy and the pod network need.
func packComponentTree(tree, target string) error {
	l := newLayer(partialPath(target))
	c, err := newClosure(tree, l)
	if err == nil {
		for _, pattern := range componentPrograms {
			if err = c.addAll(pattern); err != nil {
				break
			}
		}
	}
	if _, closeErr := l.close(""); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return finish(target)
}

// componentImages are the images that run in the cluster: Kubernetes' own under the names that kubeadm asks for, those of
// the storage, and the pod network's.
func (t *task) componentImages(ctx context.Context, parts nodeParts) ([]builtImage, error) {
	kubernetes, err := t.binaryLayer("kubernetes", parts.k8s, "usr/local/bin/k8s",
		"kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "kubectl", "etcd")
	if err != nil {
		return nil, err
	}
	tools, err := fileLayer(parts.componentTree, "debootstrap "+suite)
	if err != nil {
		return nil, err
	}
	dns, err := t.binaryLayer("coredns", parts.coredns, "coredns")
	if err != nil {
		return nil, err
	}
	pause, err := t.binaryLayer("pause", parts.pause, "pause")
	if err != nil {
		return nil, err
	}
	names, err := t.kubeadmImages(ctx, parts.k8s)
	if err != nil {
		return nil, err
	}
	env := []string{defaultPath}
	var all []builtImage
	for _, name := range names {
		img := builtImage{refs: []string{name}, layers: []layer{kubernetes}, config: ocispec.ImageConfig{Env: env}}
		switch {
		case strings.Contains(name, "/pause:"):
			img.layers, img.config.Entrypoint = []layer{pause}, []string{"/pause"}
		case strings.Contains(name, "/coredns"):
			img.layers, img.config.Entrypoint = []layer{dns}, []string{"/coredns"}
		case strings.Contains(name, "/kube-proxy:"):
			img.layers = append(img.layers, tools)
		}
		all = append(all, img)
	}
	network := builtImage{refs: []string{networkImage}, layers: []layer{kubernetes, tools}, config: ocispec.ImageConfig{Env: env}}
	storage, err := t.storageImages(parts)
	if err != nil {
		return nil, err
	}
	return append(append(all, storage...), network), nil
}

// storageImages are the provisioner of the default StorageClass and its helper.
func (t *task) storageImages(parts nodeParts) ([]builtImage, error) {
	provisioner, err := t.binaryLayer("local-path-provisioner", parts.provisioner, "usr/local/bin/local-path-provisioner")
	if err != nil {
		return nil, err
	}
	helper, err := t.binaryLayer("busybox", parts.busybox, "bin/busybox", "sh", "mkdir", "rm")
	if err != nil {
		return nil, err
	}
	env := []string{defaultPath}
	return []builtImage{
		{refs: []string{provisionerImage}, layers: []layer{provisioner}, config: ocispec.ImageConfig{Env: env}},
		{refs: []string{helperImage}, layers: []layer{helper}, config: ocispec.ImageConfig{Env: env}},
	}, nil
}

// binaryLayer is a layer with one program and links to it in its folder.
func (t *task) binaryLayer(name, binary, target string, links ...string) (layer, error) {
	l := newLayer(filepath.Join(t.work, name+".tar"))
	l.dir("tmp", 0o1777)
	l.accounts()
	for i, c := range target {
		if c == '/' {
			l.dir(target[:i], 0o755)
		}
	}
	l.copy(target, 0o755, binary)
	for _, link := range links {
		l.symlink(filepath.Join(filepath.Dir(target), link), filepath.Base(target))
	}
	return l.close("COPY " + name)
}

// kubeadmImages asks kubeadm for the images that a cluster of its version runs.
func (t *task) kubeadmImages(ctx context.Context, k8s string) ([]string, error) {
	var list strings.Builder
	argv := []string{"kubeadm", "config", "images", "list", "--kubernetes-version", kubernetesVersion}
	if err := t.run(ctx, command{argv: argv, path: k8s, stdout: &list}); err != nil {
		return nil, err
	}
	return strings.Fields(list.String()), nil
}

// containerdConfig is for a containerd that only takes images in. Everything that would touch the host is off.
const containerdConfig = `version = 3
root = %q
state = %q
disabled_plugins = [
  "io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime", "io.containerd.grpc.v1.cri", "io.containerd.nri.v1.nri",
  "io.containerd.internal.v1.opt", "io.containerd.internal.v1.restart", "io.containerd.internal.v1.tracing",
  "io.containerd.snapshotter.v1.blockfile", "io.containerd.snapshotter.v1.erofs", "io.containerd.snapshotter.v1.native",
]
[grpc]
  address = %q
[ttrpc]
  address = %q
`

// containerdStart is how long containerd may take to answer.
const containerdStart = 30 * time.Second

// importImages has a containerd of our own, on the host, unpack an archive into root, which is what a node then finds in
// /var/lib/containerd: no node has to unpack anything when a cluster comes up.
func (t *task) importImages(ctx context.Context, parts nodeParts, archive, root string) (err error) {
	run, err := socketFolder(t.work)
	if err != nil {
		return err
	}
	defer os.RemoveAll(run)
	socket := filepath.Join(run, "c.sock")
	config := filepath.Join(run, "config.toml")
	content := fmt.Sprintf(containerdConfig, root, filepath.Join(run, "state"), socket, socket+".ttrpc")
	if err := os.WriteFile(config, []byte(content), 0o600); err != nil {
		return fmt.Errorf("configure containerd: %w", err)
	}
	serving, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		ended <- t.run(serving, command{argv: []string{"containerd", "--config", config}, path: parts.containerd})
	}()
	defer func() {
		stop()
		if endErr := <-ended; err == nil && serving.Err() == nil {
			err = endErr
		}
	}()
	if err := waitForSocket(ctx, socket, ended); err != nil {
		return err
	}
	for _, argv := range [][]string{
		{"images", "import", "--local", "--discard-unpacked-layers", "--label", "io.cri-containerd.pinned=pinned", archive},
		// The layers go when containerd collects garbage, which it would come to too late.
		{"content", "prune", "references"},
	} {
		argv = append([]string{"ctr", "--address", socket, "--namespace", "k8s.io"}, argv...)
		if err := t.run(ctx, command{argv: argv, path: parts.ctr}); err != nil {
			return err
		}
	}
	return nil
}

// socketFolder is a folder whose path leaves room for a socket's: the kernel takes 107 bytes.
func socketFolder(work string) (string, error) {
	if folder := filepath.Join(work, "run"); len(folder) < 80 {
		return folder, os.MkdirAll(folder, 0o700)
	}
	return os.MkdirTemp("", "kubelab-")
}

// waitForSocket returns when somebody listens, or will not any more.
func waitForSocket(ctx context.Context, socket string, ended chan error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, containerdStart, fmt.Errorf("containerd did not answer within %s", containerdStart))
	defer cancel()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		if conn, err := net.Dial("unix", socket); err == nil {
			return conn.Close()
		}
		select {
		case err := <-ended:
			ended <- err
			return fmt.Errorf("start containerd: it ended: %w", err)
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
		}
	}
}

// baseSpec is the OCI spec that containers on a node begin with: containerd's, without limits of its own and with kind's
// hook, as kind makes it.
func (t *task) baseSpec(ctx context.Context, ctr string) ([]byte, error) {
	var text strings.Builder
	if err := t.run(ctx, command{argv: []string{"ctr", "oci", "spec"}, path: ctr, stdout: &text}); err != nil {
		return nil, err
	}
	var spec map[string]any
	if err := json.Unmarshal([]byte(text.String()), &spec); err != nil {
		return nil, fmt.Errorf("read OCI spec: %w", err)
	}
	if process, ok := spec["process"].(map[string]any); ok {
		delete(process, "rlimits")
	}
	hooks, _ := spec["hooks"].(map[string]any)
	if hooks == nil {
		hooks = map[string]any{}
	}
	before, _ := hooks["createContainer"].([]any)
	hooks["createContainer"] = append(before, map[string]any{"path": "/kind/bin/mount-product-files.sh"})
	spec["hooks"] = hooks
	return json.MarshalIndent(spec, "", "  ")
}
