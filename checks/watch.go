package checks

import (
	"slices"
	"strings"
)

// The sources that are not Kubernetes resources. Every other source name is a Kubernetes resource by its kubectl name
// (pods, po, rc, deployments.apps …); Canonical resolves it.
const (
	Containers   = "containers"    // Docker containers, as in GET /containers/{id}/json
	Images       = "images"        // Docker images, as in GET /images/{name}/json
	Networks     = "networks"      // Docker networks, as in GET /networks/{id}
	Volumes      = "volumes"       // Docker volumes, as in GET /volumes/{name}
	DockerEvents = "docker-events" // Docker's events since observation began, oldest first
	HTTP         = "http"          // the latest answer of a URL; Arg is the URL
	Registry     = "registry"      // one repository's tags; Arg is the repository's name
	Files        = "files"         // the files of the lab's work folder
	Commands     = "commands"      // what was typed in the lab's shell and how it ended
	Logs         = "logs"          // what the containers of the learner's pods wrote
)

// Watch names one source of state. It is what runner/observe must keep in view for a check.
type Watch struct {
	// Source is one of the constants above or the canonical plural of a Kubernetes resource: "pods",
	// "replicationcontrollers", "deployments.apps".
	Source string
	// Arg is the URL of an http source or the repository of a registry source, and empty for all others. It is as
	// the author wrote it, also in Key: runner/observe replaces the variables ($REGISTRY) of a URL when it asks.
	Arg string
}

// Key is the name under which a Snapshot holds the source.
func (w Watch) Key() string {
	if w.Arg == "" {
		return w.Source
	}
	return w.Source + " " + w.Arg
}

// Kubernetes reports whether the source is a Kubernetes resource.
func (w Watch) Kubernetes() bool {
	switch w.Source {
	case Containers, Images, Networks, Volumes, DockerEvents, HTTP, Registry, Files, Commands, Logs:
		return false
	}
	return true
}

// sortWatches orders watches by their keys and drops what is there twice.
func sortWatches(watches []Watch) []Watch {
	slices.SortFunc(watches, func(a, b Watch) int { return strings.Compare(a.Key(), b.Key()) })
	return slices.Compact(watches)
}
