// Package engine says where labs run. An Engine brings up Docker, a registry and a Kubernetes cluster, says what is
// missing and how to mend it, and takes everything of its own down again. The engines are in the folders below; none
// of them imports another.
package engine

import (
	"context"
	"time"
)

// Capability is something a lab can need (`needs:` in its front matter).
type Capability string

// The capabilities.
const (
	Docker       Capability = "docker"       // a Docker Engine API with the busybox image
	NodeJS       Capability = "nodejs"       // the Node.js image that kubia is built on
	Registry     Capability = "registry"     // a registry with a login
	Cluster      Capability = "cluster"      // a Kubernetes API with at least one ready node
	LoadBalancer Capability = "loadbalancer" // Services of type LoadBalancer get an address that answers
	TwoNodes     Capability = "nodes>=2"     // at least two nodes that run pods
	Compose      Capability = "compose"      // the docker command's plugin compose
	Storage      Capability = "storage"      // a default StorageClass whose claims get bound
	ControlPlane Capability = "controlplane" // scheduler and controller manager can be stopped: $CONTROL_PLANE is their node
)

// An Engine is a place where labs run.
type Engine interface {
	// Preflight looks at the host and changes nothing. Findings are ordered by importance.
	Preflight(ctx context.Context) ([]Finding, error)
	// Up brings the environment up, or puts right what is there, and reports progress from one goroutine. It may be
	// called again at any time; what is up already takes no time. A cancelled context undoes what the running step began.
	Up(ctx context.Context, report func(Progress)) error
	// Down removes everything of the engine's own. Finding nothing is success.
	Down(ctx context.Context, report func(Progress)) error
	// Environment says where things are (or will be: it answers before Up).
	Environment() *Environment
	// Watch blocks until something that Up brought up is gone or broken and says what, or until ctx ends.
	Watch(ctx context.Context) (broken string, err error)
}

// Finding is one thing that Preflight saw.
type Finding struct {
	// ID is stable: "docker", "memory", "port-5001".
	ID string
	// Severity says whether Up can work all the same.
	Severity Severity
	// Saw, Want and Try are one line each, in the learner's language: what was seen, what is needed, and the command
	// that mends it (empty where nothing needs mending).
	Saw, Want, Try string
}

// Severity orders findings.
type Severity int

// The severities.
const (
	OK Severity = iota
	Warning
	Fatal
)

// Status is the state of one step of Up or Down.
type Status int

// The statuses of a step.
const (
	Running Status = iota
	Done
	Failed
	Skipped
)

// Progress is a line about one step. Several steps may run at the same time.
type Progress struct {
	// Step is stable within one Up: "node-image", "cluster". Title is its name for the learner.
	Step, Title string
	Status      Status
	// Detail is the newest line of what the step is doing; empty keeps the last.
	Detail string
	// Usual is how long the step took last time, 0 where that is not known.
	Usual time.Duration
	// Gained lists what the environment can do from now on.
	Gained []Capability
	// Err is set with Failed.
	Err error
}

// Environment says where the parts of an environment are.
type Environment struct {
	// Engine is the engine's name: "kind". Simulated is true where containers are not real.
	Engine    string
	Simulated bool
	// DockerHost is a value for DOCKER_HOST; DockerConfig is the folder for DOCKER_CONFIG.
	DockerHost, DockerConfig string
	// Kubeconfig is a file of the environment's own.
	Kubeconfig string
	// Context and Namespace say where in the kubeconfig the learner works.
	Context, Namespace string
	Registry           RegistryAddress
	// BinDir goes first into the learner's PATH; it holds kubectl.
	BinDir string
	// Vars are further variables of the learner's shell.
	Vars map[string]string
}

// RegistryAddress says how to reach the registry of an environment.
type RegistryAddress struct {
	// Host is what an image name begins with: "localhost:5001".
	Host string
	// User and Password log in there.
	User, Password string
}

// Has reports whether every need is in the set.
func Has(set map[Capability]bool, needs []Capability) bool {
	for _, n := range needs {
		if !set[n] {
			return false
		}
	}
	return true
}
