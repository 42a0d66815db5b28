// Package labs says what a lab is: its model, the parser that reads it from Markdown, the linter for authors, and the
// learner's progress. docs/AUTHORING.md is the format's reference.
package labs

import (
	"io/fs"
	"time"

	"github.com/kubelab/kubelab/checks"
)

// Course is an ordered list of labs in one language.
type Course struct {
	Title string
	Labs  []*Lab
}

// Lab is one lab.md and the files beside it.
type Lab struct {
	// ID is the lab's folder name and the name under which progress is kept: "hello-container".
	ID    string
	Title string
	// Section is the section of the book: "2.1.1".
	Section string
	// Needs are the capabilities the lab's environment must have (see runner/engine).
	Needs []string
	// Minutes is how long a learner usually takes.
	Minutes int
	// Intro is the Markdown before the first step.
	Intro string
	// Prepare brings about what the lab takes for granted. What it makes counts as there before the lab began.
	Prepare []Script
	Steps   []*Step
	// Cleanup removes all that the lab can leave behind, also when it was left half way. The cleanup blocks of all
	// steps, last step first.
	Cleanup []Script
	// Files are what the learner works on, copied into the work folder when the lab starts; nil where there are none.
	Files fs.FS
	// Path is the lab.md's path within the course, for messages.
	Path string
}

// Step is one `##` of a lab.
type Step struct {
	// ID is the heading's {#id}; unique within the lab.
	ID    string
	Title string
	// Parts are the prose and the commands in the order of the text.
	Parts []Part
	// Hints are shown one by one.
	Hints     []string
	Checks    []*Check
	Questions []*Question
	// Solution is the solution blocks, or the run blocks where there are none.
	Solution []Script
	// Also are other right ways, Wrong are mistakes that learners make.
	Also  []Variant
	Wrong []Variant
	// Timeout bounds how long the state may take to follow the solution; 0 means DefaultTimeout.
	Timeout time.Duration
	// Line is the heading's line in lab.md.
	Line int
}

// DefaultTimeout is how long validate waits for a check to follow a script.
const DefaultTimeout = 60 * time.Second

// Part is a stretch of prose or a command to type; exactly one is set.
type Part struct {
	// Markdown is prose, diagrams and code for the reader.
	Markdown string
	// Run is a command block the learner is asked to type.
	Run *Script
}

// Script is shell text from a block of the lab.
type Script struct {
	// Text has no line end at its end. Line is its first line's in lab.md.
	Text string
	Line int
}

// Variant is another way through a step: a right one (also) or a wrong one.
type Variant struct {
	Script Script
	// Explanation is the text that the explanation of a wrong answer must contain; empty for a right one.
	Explanation string
	// Undo takes back what the script did. Where it is empty, the lab is replayed to the step's beginning.
	Undo []Script
}

// Check is a compiled check and where it stands.
type Check struct {
	*checks.Check
	Line int
}

// Question is a compiled question and where it stands.
type Question struct {
	*checks.Question
	Line int
}
