// Package validate replays labs without a learner and proves that they still work: that every step fails before its
// solution, that the solution and every other right way pass, that every mistake is caught with its explanation, and
// that nothing is left behind.
package validate

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/session"
)

// Observer is where validate sees the state of the world; *observe.Observer is one.
type Observer interface {
	session.Observer
	// Record takes what was typed in the shell.
	Record(checks.Command)
	Close()
}

// Shell is a shell that can be ended.
type Shell interface {
	session.Shell
	Close() error
}

// Config says what to replay and where.
type Config struct {
	Labs []*labs.Lab
	// Repeat is how many times all labs are replayed; 1 where it is 0.
	Repeat int
	// Jobs is how many labs are replayed at the same time, where they do not meet; 1 where it is 0.
	Jobs int
	// Shuffle, where it is set, is the seed of a random order, another one each time.
	Shuffle *uint64
	// Stage returns the place for a lab.
	Stage func(*labs.Lab) *session.Stage
	// Cluster is where labs get a namespace each; nil where none needs one.
	Cluster Cluster
	// Shared says that others change the environment meanwhile. What is not in a lab's own namespace is then not compared.
	Shared bool
	// Observer returns a new observer of a stage, which has seen nothing yet.
	Observer func(*session.Stage) Observer
	// Shell starts a learner's shell on a stage and hands what is typed in it to record.
	Shell func(ctx context.Context, stage *session.Stage, record func(checks.Command)) (Shell, error)
	// Report is told of every case as it ends, and of every lab and step as it begins; where labs are replayed at the same
	// time, of all that happened in one when it has ended. It is never called twice at a time, and may be nil.
	Report func(Event)
}

// Event is something worth a line of progress.
type Event struct {
	Round     int
	Lab, Step string
	// Case is set when a case ended; Supply when something is made that the lab takes over from another; Report when the
	// lab has ended. Without any of them, the lab (or the step, where one is named) begins.
	Case   *Case
	Supply *labs.Thing
	Report *LabReport
}

// Kind is what a case proves.
type Kind string

// The kinds of cases.
const (
	Prepare  Kind = "prepare"  // the lab can be prepared
	Before   Kind = "before"   // the step does not pass before its solution
	Wrong    Kind = "wrong"    // a mistake does not pass and gets its explanation
	Also     Kind = "also"     // another right way passes
	Solution Kind = "solution" // the solution passes
	Question Kind = "question" // a question has an answer, and refuses others
	Mutation Kind = "mutation" // a check that were not there, or wrong in one place, would be noticed
	Cheat    Kind = "cheat"    // a state that only looks right does not pass
	Give     Kind = "give"     // what the lab gives is there at its end
	Recheck  Kind = "recheck"  // checking many times changes nothing
	Cleanup  Kind = "cleanup"  // nothing is left behind
	Restore  Kind = "restore"  // the environment is as it was before the run
)

// Case is one thing that was proved, or not.
type Case struct {
	Kind Kind `json:"kind"`
	// Name tells cases of one kind in a step apart.
	Name string `json:"name,omitempty"`
	// Line is where the block stands in the lab's file.
	Line     int           `json:"line,omitempty"`
	Duration time.Duration `json:"durationNanoseconds"`
	// Problem says what was expected and what was seen; empty when the case holds.
	Problem string `json:"problem,omitempty"`
}

// String is the kind and the name.
func (c Case) String() string { return strings.TrimSpace(string(c.Kind) + " " + c.Name) }

// StepReport is what became of one step.
type StepReport struct {
	ID    string `json:"id"`
	Cases []Case `json:"cases"`
}

// LabReport is what became of one replay of one lab.
type LabReport struct {
	Round    int           `json:"round"`
	ID       string        `json:"id"`
	Title    string        `json:"title"`
	Path     string        `json:"path"`
	Duration time.Duration `json:"durationNanoseconds"`
	// Mutants counts what was made of the checks to see whether it is noticed.
	Mutants Mutants `json:"mutants"`
	// Cases are those of the lab as a whole; Steps has the rest.
	Cases []Case       `json:"cases"`
	Steps []StepReport `json:"steps"`
}

// Mutants says how many changed checks were tried, and how many of them nothing noticed.
type Mutants struct {
	Tried  int `json:"tried"`
	Missed int `json:"missed"`
}

// Failed counts the cases that do not hold.
func (r *LabReport) Failed() int {
	_, failed := r.count()
	return failed
}

func (r *LabReport) count() (all, failed int) {
	all, failed = count(r.Cases)
	for _, s := range r.Steps {
		a, f := count(s.Cases)
		all, failed = all+a, failed+f
	}
	return all, failed
}

func count(cases []Case) (all, failed int) {
	for _, c := range cases {
		if c.Problem != "" {
			failed++
		}
	}
	return len(cases), failed
}

// Report is the outcome of a run.
type Report struct {
	// Shuffle is the seed of the random order, where there was one.
	Shuffle *uint64      `json:"shuffle,omitempty"`
	Labs    []*LabReport `json:"labs"`
	// Cases are those of the run as a whole.
	Cases    []Case        `json:"cases"`
	Duration time.Duration `json:"durationNanoseconds"`
}

// Count returns how many cases there were and how many of them do not hold.
func (r *Report) Count() (all, failed int) {
	all, failed = count(r.Cases)
	for _, l := range r.Labs {
		a, f := l.count()
		all, failed = all+a, failed+f
	}
	return all, failed
}

// newLabReport returns an empty report, whose lists are lists in JSON, too.
func newLabReport(round int, lab *labs.Lab) *LabReport {
	return &LabReport{Round: round, ID: lab.ID, Title: lab.Title, Path: lab.Path, Cases: []Case{}, Steps: []StepReport{}}
}

// Shard returns every n-th lab beginning with the i-th, counted from 1: a run in n parts, where no lab is in two.
func Shard(all []*labs.Lab, i, n int) ([]*labs.Lab, error) {
	if n < 1 || i < 1 || i > n {
		return nil, fmt.Errorf("shard %d/%d: expected i/n with 1 <= i <= n", i, n)
	}
	var out []*labs.Lab
	for k := i - 1; k < len(all); k += n {
		out = append(out, all[k])
	}
	return out, nil
}

// pulse is how often wait looks although nothing changed: a check may depend on the time.
const pulse = time.Second

// wait looks at cond now, after every change and once in a while until it is true. When time is up or ctx ends it
// returns false.
func wait(ctx context.Context, o Observer, limit time.Duration, cond func(checks.Snapshot) bool) bool {
	updates, unsubscribe := o.Subscribe()
	defer unsubscribe()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	clock := time.NewTicker(pulse)
	defer clock.Stop()
	snap := o.Snapshot()
	for {
		if cond(snap) {
			return true
		}
		select {
		case u, open := <-updates:
			if !open {
				return false // the observer has ended, and what cond saw was the last
			}
			snap = u.Snapshot
		case <-clock.C:
			snap = o.Snapshot()
		case <-timer.C:
			return cond(o.Snapshot())
		case <-ctx.Done():
			return false
		}
	}
}
