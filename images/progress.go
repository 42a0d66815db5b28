package images

import (
	"sync"
	"time"
)

// Status is the state of a step or of an image.
type Status int

// The statuses.
const (
	Running Status = iota
	Done
	Failed
	Skipped // there was nothing to do
)

// Progress is news about an image. Steps of several images may run at the same time; the calls of one Ensure never do.
type Progress struct {
	// Kind is the image, Image its name. Both are empty for what concerns all of them (waiting for another kubelab,
	// looking for a registry).
	Kind  Kind
	Image string
	// Step is stable: "k8s-binary". Title is its name for the learner. Both are empty when the news is about the image
	// as a whole: that it is there, or why it cannot be.
	Step, Title string
	// N of Of steps: this one's place among those that the image still needs.
	N, Of  int
	Status Status
	// Detail is the newest line of the step's log; empty keeps the last.
	Detail string
	// Usual is how long the step took last time. Where it never ran here, Estimated is true and Usual is what it took on
	// two cores; 0 where even that is not known.
	Usual     time.Duration
	Estimated bool
	// Took is how long the step ran so far.
	Took time.Duration
	// Err is set with Failed.
	Err error
}

// reporter hands progress on, one call at a time, and holds what is known of every step.
type reporter struct {
	mu      sync.Mutex
	report  func(Progress)
	timings *timings
	now     func() time.Time
}

func (r *reporter) send(p Progress) {
	if r.report == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report(p)
}

// image reports about an image as a whole.
func (s *Store) image(r *reporter, k Kind, status Status, detail string, err error) {
	r.send(Progress{Kind: k, Image: s.ref(k), Status: status, Detail: detail, Err: err})
}

// activity is a step while it runs.
type activity struct {
	reporter *reporter
	started  time.Time
	last     Progress
	mu       sync.Mutex
}

// begin reports that a step starts; p holds what does not change while it runs.
func (r *reporter) begin(p Progress) *activity {
	p.Usual, p.Estimated = r.timings.usual(p.Step)
	p.Status = Running
	r.send(p)
	return &activity{reporter: r, started: r.now(), last: p}
}

// detail reports the newest line of the step's log.
func (a *activity) detail(line string) {
	a.mu.Lock()
	a.last.Detail = line
	p := a.last
	a.mu.Unlock()
	p.Took = a.reporter.now().Sub(a.started)
	a.reporter.send(p)
}

// end reports how the step ended and remembers how long a good one took.
func (a *activity) end(err error) {
	if err == nil {
		a.reporter.timings.record(a.last.Step, a.reporter.now().Sub(a.started))
		a.close(Done)
		return
	}
	a.mu.Lock()
	a.last.Err = err
	a.mu.Unlock()
	a.close(Failed)
}

// close reports how the step ended, and does not remember how long it took.
func (a *activity) close(status Status) {
	a.mu.Lock()
	a.last.Status = status
	p := a.last
	a.mu.Unlock()
	p.Took = a.reporter.now().Sub(a.started)
	a.reporter.send(p)
}
