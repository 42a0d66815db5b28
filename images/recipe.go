package images

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"
)

//go:embed recipes
var recipes embed.FS

// suite is the Debian release of the stand-ins. Not the newest: systemd 257 of Debian 13 does not boot as a node on a
// host with cgroup v1.
const suite = "bookworm"

// The Debian packages of the images, beside the essential ones.
var (
	nodejsPackages   = []string{"nodejs", "bash", "procps"}
	kindNodePackages = []string{
		"systemd", "systemd-sysv", "dbus", "conntrack", "iptables", "nftables", "iproute2", "ethtool", "util-linux", "mount",
		"kmod", "libseccomp2", "bash", "ca-certificates", "curl", "jq", "procps", "runc", "containernetworking-plugins",
	}
)

// edition counts changes to the code that puts an image together; raise it where an image must be built anew although
// nothing in recipes/ changed.
var edition = map[Kind]int{Busybox: 1, NodeJS: 1, Registry: 1, KindNode: 3}

// treeEdition counts changes to what is taken away from a Debian tree.
const treeEdition = 1

// A program is a Go module of recipes/ that is built into the cache folder.
type program struct {
	name, version string
	// packages is what to build. Empty means the module itself.
	packages []string
	ldflags  string
	tags     string
}

const kubernetesVersion = "v1.37.0"

// programs are the modules of recipes/. A program with several packages puts the binary of each under its last name.
func programs() map[string]program {
	const version = "k8s.io/component-base/version"
	k8s := []string{
		// Without a version kubeadm and the rules on version skew refuse to work.
		"-s -w", "-X " + version + ".gitVersion=" + kubernetesVersion, "-X " + version + ".gitMajor=1",
		"-X " + version + ".gitMinor=" + strings.Split(kubernetesVersion, ".")[1], "-X " + version + ".gitTreeState=clean",
		"-X " + version + ".gitCommit=" + strings.Repeat("0", 40), "-X k8s.io/client-go/pkg/version.gitVersion=" + kubernetesVersion,
	}
	const containerd = "github.com/containerd/containerd/v2/cmd/"
	return map[string]program{
		"k8s":     {name: "k8s", version: kubernetesVersion, ldflags: strings.Join(k8s, " ")},
		"coredns": {name: "coredns", version: "v1.15.0", ldflags: "-s -w"},
		"pause":   {name: "pause", version: "v1", ldflags: "-s -w"},
		"registry": {
			name: "registry", version: "v3.1.2", ldflags: "-s -w",
			packages: []string{"github.com/distribution/distribution/v3/cmd/registry"},
		},
		"compose": {
			name: "compose", version: "v5.2.0", ldflags: "-s -w -X github.com/docker/compose/v5/internal.Version=v5.2.0",
			packages: []string{"github.com/docker/compose/v5/cmd"},
		},
		"local-path-provisioner": {
			name: "local-path-provisioner", version: "v0.0.30", ldflags: "-s -w -X main.VERSION=v0.0.30",
			packages: []string{"github.com/rancher/local-path-provisioner"},
		},
		"containerd": {
			name: "containerd", version: "v2.4.2", ldflags: "-s -w",
			packages: []string{containerd + "containerd", containerd + "ctr", containerd + "containerd-shim-runc-v2"},
			tags:     "no_aufs no_zfs no_btrfs no_devmapper netgo osusergo",
		},
	}
}

// binaries are the names of what the program is built into.
func (p program) binaries() []string {
	if len(p.packages) <= 1 {
		return []string{p.name}
	}
	names := make([]string, len(p.packages))
	for i, pkg := range p.packages {
		names[i] = path.Base(pkg)
	}
	return names
}

// hash identifies what the program is built from.
func (p program) hash() string {
	return digest(p.version, strings.Join(p.packages, " "), p.ldflags, p.tags, folder(p.name))
}

// recipe identifies what an image is made of: the same recipe gives the same image, up to newer Debian packages.
func (k Kind) recipe() string {
	parts := []string{string(k), k.Ref(), fmt.Sprint(edition[k]), suite, runtime.GOARCH}
	all := programs()
	switch k {
	case NodeJS:
		parts = append(parts, strings.Join(nodejsPackages, " "), folder("nodejs"))
	case Registry:
		parts = append(parts, all["registry"].hash())
	case KindNode:
		parts = append(parts, strings.Join(kindNodePackages, " "), folder("node"), folder("kind"))
		for _, name := range []string{"k8s", "containerd", "coredns", "pause", "local-path-provisioner"} {
			parts = append(parts, all[name].hash())
		}
	}
	return digest(parts...)
}

// folder identifies the files of a folder of recipes/.
func folder(name string) string {
	var parts []string
	// Reading embedded files cannot fail; a folder that is not there adds nothing, and its absence shows in a test.
	_ = fs.WalkDir(recipes, path.Join("recipes", name), func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := recipes.ReadFile(file)
		parts = append(parts, file, string(content))
		return err
	})
	return digest(parts...)
}

// digest is a short hash of the parts, which are told apart.
func digest(parts ...string) string {
	sum := sha256.New()
	for part := range slices.Values(parts) {
		fmt.Fprintf(sum, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(sum.Sum(nil))[:12]
}
