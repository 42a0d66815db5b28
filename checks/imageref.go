package checks

import (
	"slices"
	"strings"
)

// reference is an image name, taken apart.
type reference struct {
	name, tag, digest string // name is with the registry, tag without the colon
}

// parseReference takes an image name apart as docker does: "busybox", "docker.io/library/busybox:1.37" and
// "localhost:5001/kubia@sha256:…". Docker Hub's prefixes, which docker leaves out, are left out here, too.
func parseReference(s string) reference {
	var r reference
	s, r.digest, _ = strings.Cut(s, "@")
	r.name = s
	// A colon before the last slash belongs to the registry's port.
	if colon := strings.LastIndex(s, ":"); colon > strings.LastIndex(s, "/") {
		r.name, r.tag = s[:colon], s[colon+1:]
	}
	for _, hub := range []string{"docker.io/", "index.docker.io/", "registry-1.docker.io/"} {
		r.name = strings.TrimPrefix(r.name, hub)
	}
	if rest, ok := strings.CutPrefix(r.name, "library/"); ok && !strings.Contains(rest, "/") {
		r.name = rest
	}
	return r
}

// imagePattern is the image of a select: no tag means latest, the tag * means any.
type imagePattern struct{ reference }

func parsePattern(s string) imagePattern {
	p := imagePattern{parseReference(s)}
	if p.tag == "" && p.digest == "" {
		p.tag = "latest"
	}
	return p
}

// admits reports whether the pattern means the image that a name means.
func (p imagePattern) admits(name string) bool {
	r := parseReference(name)
	if r.name != p.name || r.name == "" {
		return false
	}
	if p.digest != "" {
		return r.digest == p.digest
	}
	if r.tag == "" && r.digest == "" {
		r.tag = "latest"
	}
	return p.tag == "*" || r.tag == p.tag
}

// admitsImage reports whether one of an image's names is meant.
func (p imagePattern) admitsImage(o Object) bool {
	names := Texts(o, "RepoTags")
	if p.digest != "" {
		names = Texts(o, "RepoDigests")
	}
	return slices.ContainsFunc(names, p.admits)
}
