package labs

import (
	"maps"
	"slices"
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
	// Thing is the name of something that another lab gives.
	Thing string `json:"thing,omitempty"`
	// Why is the explanation of a mistake; Mistake names it within its step (see Mistake.Name).
	Why     string `json:"why,omitempty"`
	Mistake string `json:"mistake,omitempty"`
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
	FactMistake  FactKind = "mistake"  // Check of Step failed in a way that the lab foresaw; Why, Mistake
	FactToured   FactKind = "toured"   // the learner was shown around the screen; of no lab

	// What a killed program must not take with it is on disk before it is done.
	FactSupplied FactKind = "supplied" // Thing is about to be made, because the lab that gives it had not left it
	FactOpened   FactKind = "opened"   // the lab, which has something to put right when it is left, is about to be worked in
	FactLeft     FactKind = "left"     // it was put right
	FactTravel   FactKind = "travel"   // the state is being brought to the beginning of Step; until FactArrived it fits no step
	FactArrived  FactKind = "arrived"  // it fits what is logged again
	FactBaseline FactKind = "baseline" // the lab was prepared anew without beginning anew; Before
	FactForgot   FactKind = "forgot"   // Step is to be done again; of what was done in it, hints and mistakes count still
	FactSkipped  FactKind = "skipped"  // kubelab does Step by its solution, on the way to another
)

func (k FactKind) known() bool {
	switch k {
	case FactStarted, FactAt, FactCheck, FactAnswer, FactHint, FactSolution, FactStepDone, FactFinished, FactCleaned,
		FactReset, FactMistake, FactToured, FactSupplied, FactOpened, FactLeft, FactTravel, FactArrived, FactBaseline, FactForgot, FactSkipped:
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
	// Toured is true once the learner was shown around the screen.
	Toured bool
	// last is the newest fact of a lab, and when: time at work is what lies between the facts of one lab.
	last     string
	lastTime time.Time
}

// LabProgress is what a learner has done in one lab.
type LabProgress struct {
	// Started and Finished are zero while the lab was not begun or finished.
	Started, Finished time.Time
	// Completed is when the lab was first finished, also where it was begun anew since.
	Completed time.Time
	// Cleaned is true after what the lab left was removed.
	Cleaned bool
	// Step is the ID of the step the learner was at last.
	Step string
	// Before is what was there before the lab began: identities by source.
	Before map[string]map[string]bool
	// Steps is by step ID.
	Steps map[string]StepProgress
	// Supplied says when the things were made that the lab takes over, by name; what was not made for it is missing.
	Supplied map[string]time.Time
	// Opened is true while something may have to be put right that the lab must not leave behind.
	Opened bool
	// Travel is the ID of the step to whose beginning the state is being brought, empty where it fits what is logged.
	Travel string
	// Spent is how long the learner was at work until the lab was finished (see longestPause).
	Spent time.Duration
}

// StepProgress is what a learner has done in one step.
type StepProgress struct {
	// Entered is when the learner first came to the step.
	Entered time.Time
	// Checks says when each check passed, by title.
	Checks map[string]time.Time
	// Answers are the right answers, by question; Wrong are the others, oldest first.
	Answers map[string]string
	Wrong   []WrongAnswer
	// Mistakes are what checks explained, each once, oldest first.
	Mistakes []Mistake
	// Hints counts the hints shown; Solution is true when the solution was.
	Hints    int
	Solution bool
	// Skipped is true where kubelab did the step by its solution, on the way to another.
	Skipped bool
	Done    bool
	// Spent is how long the learner was at work in the step.
	Spent time.Duration
}

// WrongAnswer is an answer that was not right.
type WrongAnswer struct{ Question, Given string }

// Mistake is a check that failed in a way that the lab foresaw with a `wrong` block.
type Mistake struct {
	// Name is what tells it from others in its step: the text that the `wrong` block expects of the explanation.
	Name string
	// Check is the check's title, Why the explanation that the learner read.
	Check, Why string
}

// longestPause is the most time between two facts that counts as work. Who is at a lab leaves a fact every few minutes;
// who comes back to it after a night has not worked at all meanwhile.
const longestPause = 10 * time.Minute

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

// Complete reports whether the lab is done: it was finished, or it has lost the steps that were missing.
func (p LabProgress) Complete(lab *Lab) bool {
	return !p.Finished.IsZero() || len(lab.Steps) > 0 && p.Done(lab) == len(lab.Steps)
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
	if f.Kind == FactToured {
		p.Toured = true
	}
	if f.Lab == "" || !f.Kind.known() {
		return p
	}
	lab := p.Labs[f.Lab].spend(p.atWork(f)).with(f)
	p.last, p.lastTime = f.Lab, f.Time
	if f.Kind == FactAt {
		p.Lab = f.Lab
	}
	if f.Step != "" && f.Kind != FactTravel {
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

// atWork is how long the learner was at work before a fact.
func (p Progress) atWork(f Fact) time.Duration {
	d := f.Time.Sub(p.lastTime)
	switch {
	case p.last != f.Lab || d < 0 || f.Kind == FactStarted:
		return 0
	case d > longestPause && f.Kind == FactAt: // the lab was taken up again
		return 0
	}
	return min(d, longestPause)
}

// spend adds time at work to the lab and the step at which the learner is.
func (p LabProgress) spend(d time.Duration) LabProgress {
	if d == 0 || !p.Finished.IsZero() {
		return p
	}
	p.Spent += d
	if p.Step != "" {
		step := p.Steps[p.Step]
		step.Spent += d
		p.Steps = added(p.Steps, p.Step, step)
	}
	return p
}

// with takes over what a fact says about the lab as a whole.
func (p LabProgress) with(f Fact) LabProgress {
	switch f.Kind {
	case FactStarted:
		// What was made or opened for the lab was so before it began.
		return LabProgress{
			Started: f.Time, Before: sets(f.Before), Completed: p.Completed, Supplied: p.Supplied, Opened: p.Opened, Travel: p.Travel,
		}
	case FactAt:
		p.Step = f.Step
	case FactFinished:
		p.Finished = f.Time
		if p.Completed.IsZero() {
			p.Completed = f.Time
		}
	case FactCleaned:
		p.Cleaned, p.Supplied, p.Opened, p.Travel = true, nil, false, ""
	case FactSupplied:
		p.Supplied = added(p.Supplied, f.Thing, f.Time)
	case FactOpened, FactLeft:
		p.Opened = f.Kind == FactOpened
	case FactTravel:
		p.Travel = f.Step
	case FactArrived:
		p.Travel = ""
	case FactBaseline:
		p.Before = sets(f.Before)
	case FactForgot:
		p.Finished, p.Cleaned = time.Time{}, false
	}
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
			s.Wrong = append(slices.Clip(s.Wrong), WrongAnswer{f.Question, f.Given})
		}
	case FactMistake:
		if !slices.ContainsFunc(s.Mistakes, func(m Mistake) bool { return m.Name == f.Mistake && m.Check == f.Check }) {
			s.Mistakes = append(slices.Clip(s.Mistakes), Mistake{f.Mistake, f.Check, f.Why})
		}
	case FactHint:
		s.Hints++
	case FactSolution:
		s.Solution = true
	case FactSkipped:
		s.Skipped = true
	case FactForgot:
		s = StepProgress{Hints: s.Hints, Wrong: s.Wrong, Mistakes: s.Mistakes, Spent: s.Spent}
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
