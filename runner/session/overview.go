package session

import (
	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
)

// Overview is what a user interface may show of the course. It is never changed after it was handed out.
type Overview struct {
	// Labs is the learner's progress by lab ID; a lab that is missing has not been begun.
	Labs map[string]LabProgress
	// Current is the ID of the lab the learner was at last, or empty.
	Current string
	// Toured is true once the learner was shown around the screen.
	Toured      bool
	Environment Environment
}

// LabProgress says how far the learner came in one lab.
type LabProgress struct {
	// Done counts the finished steps.
	Done int
	// Finished is true once every step was done, also when the lab grew a step since, or lost those that were missing.
	Finished bool
	// Record is what the learner did there.
	Record labs.LabProgress
}

// Environment is the state of the place where labs run.
type Environment struct {
	// Engine is the engine's name, "kind". Simulated is true where containers are not real.
	Engine    string
	Simulated bool
	// Has is what the environment can do at present.
	Has map[engine.Capability]bool
	// Steps is the background work in the order in which it began.
	Steps []EnvironmentStep
	// Findings is what preflight saw, most important first.
	Findings []engine.Finding
	// Broken says what is gone or failed, in the learner's language; empty when nothing is.
	Broken string
}
