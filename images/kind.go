package images

import (
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/kind/pkg/apis/config/defaults"
)

// Kind is one of the images that the course needs.
type Kind string

// The images, lightest first: the first lab needs the first of them, the cluster the last.
const (
	Busybox  Kind = "busybox"
	NodeJS   Kind = "node"
	Registry Kind = "registry"
	KindNode Kind = "kindnode"
)

// All lists the images in the order in which they are brought about.
func All() []Kind { return []Kind{Busybox, NodeJS, Registry, KindNode} }

// ParseKind finds an image by the name of its kind ("node") or of the image ("node:22-alpine").
func ParseKind(name string) (Kind, error) {
	for _, k := range All() {
		if name == string(k) || name == k.Ref() {
			return k, nil
		}
	}
	return "", fmt.Errorf("unknown image %q: known are %v", name, All())
}

// originals names the images as a registry knows them. The digests are those of the multi-platform indexes.
var originals = map[Kind]string{
	Busybox:  "busybox:latest@sha256:9db7b59979c38555a39def84a31fb98b5296952f9e3afd4f6f11f05b07adfab0", // 1.37.0
	NodeJS:   "node:22-alpine@sha256:8094c002d08262dba12645a3b4a15cd6cd627d30bc782f53229a2ec13ee22a00",
	Registry: "registry:3@sha256:1be55279f18a2fe1a74edf2664cac61c1bea305b7b4642dab412e7affdcb3e33",
	KindNode: defaults.Image,
}

// Ref is the name under which the labs and the cluster use the image: "busybox:latest". It has no digest, because a
// stand-in has another one.
func (k Kind) Ref() string {
	ref, _, _ := strings.Cut(originals[k], "@")
	return ref
}

// Digest is the digest of the original: "sha256:…".
func (k Kind) Digest() string {
	_, digest, _ := strings.Cut(originals[k], "@")
	return digest
}

// canonical is the reference with everything that Docker leaves out written down: docker.io/library/busybox:latest.
func (k Kind) canonical() string {
	if ref := k.Ref(); strings.Contains(ref, "/") {
		return "docker.io/" + ref
	}
	return "docker.io/library/" + k.Ref()
}

// pinned is what to pull: the repository by the original's digest.
func (k Kind) pinned() string {
	repository := k.canonical()
	return repository[:strings.LastIndex(repository, ":")] + "@" + k.Digest()
}

// inOrder returns the kinds, each once, lightest first.
func inOrder(kinds []Kind) []Kind {
	var sorted []Kind
	for _, k := range All() {
		if slices.Contains(kinds, k) {
			sorted = append(sorted, k)
		}
	}
	return sorted
}
