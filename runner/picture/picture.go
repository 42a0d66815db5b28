// Package picture draws the state that a lab's learner works on: containers, image layers, nodes, services, rollouts,
// and what happened behind a command. A picture is a pure function of the snapshot that checks are evaluated on; its
// lines are spans with a meaning, which the screen gives colours to.
package picture

import (
	"slices"
	"strings"
	"time"

	"github.com/kubelab/kubelab/checks"
)

// Kind is what a picture shows, by the name that a lab's step asks for it with.
type Kind string

// The kinds.
const (
	Containers Kind = "containers" // containers with their state, image and published ports
	Layers     Kind = "layers"     // the layers of images, those that they share joined
	Nodes      Kind = "nodes"      // nodes with their pods
	Service    Kind = "service"    // owners, their pods, and the services before them with who answered
	Rollout    Kind = "rollout"    // deployments with their old and new ReplicaSets
	Events     Kind = "events"     // what happened until the newest pod ran, step by step
)

// Kinds are all kinds, in the order in which a learner leafs through them.
func Kinds() []Kind { return []Kind{Containers, Layers, Nodes, Service, Rollout, Events} }

// The Kubernetes sources, by their canonical names.
const (
	pods            = "pods"
	nodes           = "nodes"
	services        = "services"
	controllers     = "replicationcontrollers"
	replicaSets     = "replicasets.apps"
	deployments     = "deployments.apps"
	kubeEvents      = "events"
	podKind         = "Pod"
	deploymentKind  = "Deployment"
	replicaSetKind  = "ReplicaSet"
	replicationKind = "ReplicationController"
)

// Watches are the sources that a picture is drawn from; none for a kind that there is not.
func Watches(kind Kind) []checks.Watch {
	var sources []string
	switch kind {
	case Containers:
		sources = []string{checks.Containers}
	case Layers:
		sources = []string{checks.Images, checks.Containers}
	case Nodes:
		sources = []string{nodes, pods}
	case Service:
		sources = []string{services, pods, controllers, replicaSets, checks.Commands}
	case Rollout:
		sources = []string{deployments, replicaSets, pods}
	case Events:
		sources = []string{pods, kubeEvents, controllers, replicaSets, deployments, checks.Commands}
	}
	out := make([]checks.Watch, len(sources))
	for i, source := range sources {
		out[i] = checks.Watch{Source: source}
	}
	return out
}

// OfCluster reports whether a picture shows what is in the cluster, and not what is in Docker.
func OfCluster(kind Kind) bool {
	return slices.ContainsFunc(Watches(kind), func(w checks.Watch) bool { return w.Kubernetes() })
}

// Scene is what a picture is drawn from. It is only read.
type Scene struct {
	Kind     Kind
	Snapshot checks.Snapshot
	// Namespace is the learner's; empty means "default".
	Namespace string
	// HTTP are sources of the lab that ask a URL: their answers are counted as kubelab's own requests.
	HTTP []checks.Watch
}

// Frame is how a scene is drawn.
type Frame struct {
	// Width and Height are in cells. What does not fit is summed up.
	Width, Height int
	// Zone is where times are told; nil means UTC.
	Zone *time.Location
	// ASCII draws without characters that East Asian terminals may draw two columns wide.
	ASCII bool
	Words Words
	// Changes marks what has changed just now; the zero value marks nothing.
	Changes Changes
}

// Role is what a span is, so that a screen can give it a colour.
type Role uint8

// The roles.
const (
	Text  Role = iota
	Faint      // steps back behind the text
	Title      // the name of something
	Good       // is as it should be
	Bad        // is not
	Line       // frames and arrows
)

// Mark says whether a span is part of something that has changed just now.
type Mark uint8

// The marks.
const (
	Still Mark = iota
	Fresh      // new, or not as it was
	Gone       // does not exist any more
)

// Span is a stretch of text of one look. It holds no control characters.
type Span struct {
	Text string
	Role Role
	Mark Mark
}

// Row is one line of a picture.
type Row []Span

// Draw returns the lines of a picture, none wider than the frame and never more than its height.
func Draw(s Scene, f Frame) []Row {
	if f.Width <= 0 || f.Height <= 0 {
		return nil
	}
	if f.Zone == nil {
		f.Zone = time.UTC
	}
	p := &painter{Frame: f, eye: newEye(s, f.Changes, f.Words)}
	rows := p.draw()
	if len(rows) > f.Height {
		rows = rows[:f.Height] // where not even a summary fits
	}
	for i := range rows {
		rows[i] = p.finish(rows[i])
	}
	return rows
}

// painter draws what the eye sees.
type painter struct {
	Frame
	*eye
}

func (p *painter) draw() []Row {
	if waiting := p.waiting(); waiting != nil {
		return waiting
	}
	lost := p.lost()
	p.Height -= len(lost)
	var rows []Row
	switch p.Kind {
	case Containers:
		rows = p.drawContainers()
	case Layers:
		rows = p.drawLayers()
	case Nodes:
		rows = p.drawNodes()
	case Service:
		rows = p.drawServices()
	case Rollout:
		rows = p.drawRollouts()
	case Events:
		rows = p.drawEvents()
	}
	return append(lost, rows...)
}

// waiting says what the picture waits for, nil where it can be drawn.
func (p *painter) waiting() []Row {
	var reasons []string
	sources := map[string][]string{} // by why they cannot be seen, which is the same for most
	for _, w := range Watches(p.Kind) {
		state := p.Snapshot.State(w.Key())
		if state.Synced {
			continue
		}
		if sources[state.Err] == nil {
			reasons = append(reasons, state.Err)
		}
		sources[state.Err] = append(sources[state.Err], p.Words.source(w.Source))
	}
	if reasons == nil {
		return nil
	}
	rows := []Row{{p.span(Text, p.Words.Waiting)}, {}}
	for _, reason := range reasons {
		names := p.wrapped(2, 3, Text, strings.Join(sources[reason], ", "))
		if len(names) > 0 { // where there is room for words at all
			names[0][0] = p.span(Line, "○ ")
		}
		rows = append(append(rows, names...), p.wrapped(2, 3, Faint, tidy(reason))...)
	}
	return rows
}

// lost says why what is drawn may be out of date.
func (p *painter) lost() []Row {
	for _, w := range Watches(p.Kind) {
		if err := p.Snapshot.State(w.Key()).Err; err != "" {
			rows := []Row{{p.span(Bad, "✗ "), p.span(Text, p.Words.Outdated)}}
			return append(append(rows, p.wrapped(2, 2, Faint, tidy(err))...), Row{})
		}
	}
	return nil
}
