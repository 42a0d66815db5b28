// Package session is one learner in one lab: changes of state come in, ticks go out. It holds what the learner has
// done, evaluates the checks whose sources moved, and keeps the progress log. It draws nothing.
package session

import (
	"time"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/picture"
)

// View is everything that a user interface may show of a session, at one moment. It is never changed after it was
// handed out.
type View struct {
	Lab *labs.Lab
	// Step is the index of the step the learner is at.
	Step  int
	Steps []StepView
	// Hints is how many hints of the current step have been asked for; Solution whether the solution has.
	Hints    int
	Solution bool
	// Waiting lists what the lab needs and the environment cannot do yet. Checks stay pending meanwhile.
	Waiting []engine.Capability
	// Activity is what the session is doing by itself (preparing, solving, resetting), nil when it does nothing.
	Activity *Activity
	// Ready is true once the lab is prepared and its checks are evaluated.
	Ready bool
	// Finished is true when every step is done.
	Finished bool
	// Problem says what went wrong with the last thing asked for, with the next thing to try; empty when nothing did.
	Problem string
	// Notice says what the session has done unasked, and why; empty when there is nothing to say.
	Notice string
	// Travelling is true while the state is on its way to the beginning of a step and fits none; Replaying while the
	// solutions of steps are typed, which Activity counts.
	Travelling, Replaying bool
	// Asked counts the calls of Goto that were answered, heeded or not.
	Asked int
	// Started is when the learner first began this lab.
	Started time.Time
	// Scene is what pictures of the state are drawn from: the one that was asked for with Picture, which is its Kind, and
	// the one that suits the step. Sources of others are not in its snapshot. It is empty where no picture is wanted.
	Scene picture.Scene
}

// Front is the first step that is not done, or the number of steps. To travel beyond it, the steps in between are done
// by their solutions; up to it, the lab is replayed from its start.
func (v View) Front() int {
	for i, st := range v.Steps {
		if !st.Done {
			return i
		}
	}
	return len(v.Steps)
}

// StepView is the state of one step. Checks and Questions are in the order of the lab's text.
type StepView struct {
	Done bool
	// Skipped is true where kubelab did the step by its solution, on the way to another.
	Skipped   bool
	Checks    []CheckView
	Questions []QuestionView
}

// CheckView is the state of one check.
type CheckView struct {
	Title string
	// Passed is sticky; PassedAt is when it first passed.
	Passed   bool
	PassedAt time.Time
	// Result is the newest evaluation, also after the check passed: Passed && !Result.Passed means that something
	// broke since. It is zero until the learner comes to the step.
	Result checks.Result
}

// QuestionView is the state of one question.
type QuestionView struct {
	Ask string
	// Right is sticky. Given is the last answer, Feedback what is said about it.
	Right           bool
	Given, Feedback string
}

// Activity is something that the session does on the learner's behalf.
type Activity struct {
	// Title is what is done ("대신 해 주는 중"); Detail is the command being run. Done of Total are finished.
	Title, Detail string
	Done, Total   int
}
