package validate

import (
	"slices"

	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
)

// share is how a lab uses something that there is only once.
type share int

// The ways to use something.
const (
	none share = iota
	shared
	exclusive
)

// claim is what a lab must not meet others at.
type claim struct {
	// docker is exclusive or none: what Docker holds belongs to nobody in particular.
	docker share
	// cluster is shared by labs that keep to their namespaces.
	cluster share
	// ports of the machine are exclusive to a lab that publishes containers on all its addresses, and shared by labs whose
	// services have an address each.
	ports share
	// takes and gives are the names of things that labs leave for others.
	takes, gives []string
}

func claimOf(lab *labs.Lab) claim {
	var c claim
	if usesDocker(lab) {
		c.docker, c.ports = exclusive, exclusive
	}
	switch {
	case needs(lab, engine.ControlPlane):
		c.cluster = exclusive
	case usesCluster(lab):
		c.cluster = shared
	}
	if c.ports == none && needs(lab, engine.LoadBalancer) {
		c.ports = shared
	}
	for _, thing := range lab.Supplies {
		c.takes = append(c.takes, thing.Name)
	}
	for _, thing := range lab.Gives {
		c.gives = append(c.gives, thing.Name)
	}
	return c
}

// phase is how far a lab has come.
type phase int

// The phases of a lab.
const (
	waiting   phase = iota
	supplying       // makes what it takes over, with Docker to itself
	replaying
	leaving // gives its namespace back; everything else is free again
	done
)

// schedule says which lab can begin next, in the order of the labs as far as that is possible. It does nothing by
// itself and holds no clock: the same events lead to the same order.
type schedule struct {
	jobs   int
	claims []claim
	phases []phase
	// present are the things that are there.
	present map[string]bool
}

func newSchedule(jobs int, claims []claim, present map[string]bool) *schedule {
	return &schedule{jobs: max(jobs, 1), claims: claims, phases: make([]phase, len(claims)), present: present}
}

// next begins a lab and returns it; there is none where nothing can begin before another ends.
func (s *schedule) next() (lab int, ok bool) {
	if s.count(supplying)+s.count(replaying) >= s.jobs {
		return 0, false
	}
	if s.jobs == 1 { // strictly in order
		waits := slices.Index(s.phases, waiting)
		return s.first(func(i int) bool { return i == waits })
	}
	// What others wait for is made first, and not taken away while somebody still waits for it.
	if i, ok := s.first(func(i int) bool { return s.claims[i].docker == none && s.lacks(i) }); ok {
		return i, true
	}
	if i, ok := s.first(func(i int) bool { return !s.robs(i) }); ok {
		return i, true
	}
	if !s.idle() {
		return 0, false
	}
	return s.first(func(int) bool { return true })
}

// first begins the first lab that waits, meets nobody at work, and is to the liking.
func (s *schedule) first(likes func(int) bool) (lab int, ok bool) {
	for i := range s.claims {
		if s.phases[i] != waiting || !s.free(i) || !likes(i) {
			continue
		}
		s.phases[i] = replaying
		if s.lacks(i) {
			s.phases[i] = supplying
		}
		for _, thing := range s.claims[i].gives {
			delete(s.present, thing)
		}
		return i, true
	}
	return 0, false
}

// free reports whether a lab would meet none of those at work.
func (s *schedule) free(i int) bool {
	for j := range s.claims {
		if s.phases[j] != waiting && s.phases[j] != done && !s.apart(i, j) {
			return false
		}
	}
	return true
}

// apart reports whether a lab that begins does not meet one at work.
func (s *schedule) apart(begins, works int) bool {
	a, b := s.claims[begins], s.claims[works]
	if a.cluster != none && b.cluster != none && (a.cluster == exclusive || b.cluster == exclusive) {
		return false
	}
	if s.phases[works] == leaving {
		return true
	}
	if a.ports != none && b.ports != none && (a.ports == exclusive || b.ports == exclusive) {
		return false
	}
	docker := func(i int) bool {
		return s.claims[i].docker == exclusive || s.phases[i] == supplying || s.phases[i] == waiting && s.lacks(i)
	}
	// The other way round they meet at Docker: what is being given is not there, and has to be made.
	return !(docker(begins) && docker(works)) && !meet(a.gives, b.takes)
}

// lacks reports whether something is not there that a lab takes over.
func (s *schedule) lacks(i int) bool {
	return slices.ContainsFunc(s.claims[i].takes, func(thing string) bool { return !s.present[thing] })
}

// robs reports whether a lab takes something away at its beginning that others wait for.
func (s *schedule) robs(i int) bool {
	for j, c := range s.claims {
		if j != i && s.phases[j] == waiting && slices.ContainsFunc(c.takes, func(thing string) bool {
			return s.present[thing] && slices.Contains(s.claims[i].gives, thing)
		}) {
			return true
		}
	}
	return false
}

// supplied notes that a lab has what it takes over.
func (s *schedule) supplied(i int) {
	for _, thing := range s.claims[i].takes {
		s.present[thing] = true
	}
	s.phases[i] = replaying
}

// left notes that a lab has nothing any more but its namespace, and ended that this is gone, too.
func (s *schedule) left(i int)  { s.phases[i] = leaving }
func (s *schedule) ended(i int) { s.phases[i] = done }

// idle reports whether no lab is at work.
func (s *schedule) idle() bool { return s.count(waiting)+s.count(done) == len(s.phases) }

func (s *schedule) count(p phase) (n int) {
	for _, other := range s.phases {
		if other == p {
			n++
		}
	}
	return n
}

func meet(a, b []string) bool {
	return slices.ContainsFunc(a, func(name string) bool { return slices.Contains(b, name) })
}
