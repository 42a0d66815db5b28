package labs

import (
	"maps"
	"time"
)

// Fact is one line of the progress log: one thing that a learner did. Which fields it has depends on its kind.
type Fact struct {
	Time time.Time `json:"t"`
	Lab  string    `json:"lab"`
	Kind FactKind  `json:"kind"`
	// Step is the step's ID; Check is a check's title, Question the question's text. Names, not numbers: the course may
	// be reordered.
	Step     string `json:"step,omitempty"`
	Check    string `json:"check,omitempty"`
	Question string `json:"question,omitempty"`
	// Given is an answer and Right whether it was the right one.
	Given string `json:"given,omitempty"`
	Right bool   `json:"right,omitempty"`
	// Before is what was there before the lab began: identities (checks.Identity) by source.
	Before map[string][]string `json:"before,omitempty"`
}

// FactKind says what a fact is about. A kind that a program does not know is kept in the log and ignored.
type FactKind string

// The kinds of facts.
const (
	FactStarted  FactKind = "started"  // a lab began; Before
	FactAt       FactKind = "at"       // the learner came to Step
	FactCheck    FactKind = "check"    // Check of Step passed for the first time
	FactAnswer   FactKind = "answer"   // Question of Step was answered; Given, Right
	FactHint     FactKind = "hint"     // one more hint of Step was shown
	FactSolution FactKind = "solution" // the solution of Step was shown or typed
	FactStepDone FactKind = "done"     // Step is done
	FactFinished FactKind = "finished" // every step is done
	FactCleaned  FactKind = "cleaned"  // what the finished lab left was removed
	FactReset    FactKind = "reset"    // the lab was brought back to its start; everything before is forgotten
)

func (k FactKind) known() bool {
	switch k {
	case FactStarted, FactAt, FactCheck, FactAnswer, FactHint, FactSolution, FactStepDone, FactFinished, FactCleaned,
		FactReset:
		return true
	}
	return false
}

// Progress is what a learner has done, as the facts tell it. It is never changed; With returns another.
type Progress struct {
	// Labs is by lab ID; a lab that was never begun is missing.
	Labs map[string]LabProgress
	// Lab is the ID of the lab the learner was at last, empty before the first.
	Lab string
}

// LabProgress is what a learner has done in one lab.
type LabProgress struct {
	// Started and Finished are zero while the lab was not begun or finished.
	Started, Finished time.Time
	// Cleaned is true after what the lab left was removed.
	Cleaned bool
	// Step is the ID of the step the learner was at last.
	Step string
	// Before is what was there before the lab began: identities by source.
	Before map[string]map[string]bool
	// Steps is by step ID.
	Steps map[string]StepProgress
}

// StepProgress is what a learner has done in one step.
type StepProgress struct {
	// Entered is when the learner first came to the step.
	Entered time.Time
	// Checks says when each check passed, by title.
	Checks map[string]time.Time
	// Answers are the right answers, by question; Mistakes counts the wrong ones.
	Answers  map[string]string
	Mistakes int
	// Hints counts the hints shown; Solution is true when the solution was.
	Hints    int
	Solution bool
	Done     bool
}

// Done counts the steps of the lab that are done.
func (p LabProgress) Done(lab *Lab) int {
	n := 0
	for _, step := range lab.Steps {
		if p.Steps[step.ID].Done {
			n++
		}
	}
	return n
}

// Replay returns the progress that facts, oldest first, amount to.
func Replay(facts []Fact) Progress {
	p := Progress{}
	for _, f := range facts {
		p = p.With(f)
	}
	return p
}

// With returns the progress after one more fact. A fact of an unknown kind, or of no lab, changes nothing.
func (p Progress) With(f Fact) Progress {
	if f.Lab == "" || !f.Kind.known() {
		return p
	}
	lab := p.Labs[f.Lab]
	switch f.Kind {
	case FactReset:
		lab = LabProgress{}
	case FactStarted:
		lab = LabProgress{Started: f.Time, Before: sets(f.Before)}
	case FactAt:
		lab.Step, p.Lab = f.Step, f.Lab
	case FactFinished:
		lab.Finished = f.Time
	case FactCleaned:
		lab.Cleaned = true
	}
	if f.Step != "" {
		steps := maps.Clone(lab.Steps)
		if steps == nil {
			steps = map[string]StepProgress{}
		}
		steps[f.Step] = steps[f.Step].with(f)
		lab.Steps = steps
	}
	all := maps.Clone(p.Labs)
	if all == nil {
		all = map[string]LabProgress{}
	}
	if f.Kind == FactReset {
		delete(all, f.Lab)
	} else {
		all[f.Lab] = lab
	}
	p.Labs = all
	return p
}

func (s StepProgress) with(f Fact) StepProgress {
	switch f.Kind {
	case FactAt:
		if s.Entered.IsZero() {
			s.Entered = f.Time
		}
	case FactCheck:
		if _, ok := s.Checks[f.Check]; !ok {
			s.Checks = added(s.Checks, f.Check, f.Time)
		}
	case FactAnswer:
		if f.Right {
			s.Answers = added(s.Answers, f.Question, f.Given)
		} else {
			s.Mistakes++
		}
	case FactHint:
		s.Hints++
	case FactSolution:
		s.Solution = true
	case FactStepDone:
		s.Done = true
	}
	return s
}

func added[V any](m map[string]V, k string, v V) map[string]V {
	m = maps.Clone(m)
	if m == nil {
		m = map[string]V{}
	}
	m[k] = v
	return m
}

func sets(lists map[string][]string) map[string]map[string]bool {
	if lists == nil {
		return nil
	}
	out := make(map[string]map[string]bool, len(lists))
	for key, list := range lists {
		set := make(map[string]bool, len(list))
		for _, id := range list {
			set[id] = true
		}
		out[key] = set
	}
	return out
}
