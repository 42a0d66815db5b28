// Package labs says what a lab is: its model, the parser that reads it from Markdown, the linter for authors, and the
// learner's progress. docs/AUTHORING.md is the format's reference.
package labs

import (
	"io/fs"
	"slices"
	"time"

	"github.com/kubelab/kubelab/checks"
)

// Course is an ordered list of labs in one language.
type Course struct {
	Title string
	Labs  []*Lab
	// Concepts are what the course promises to teach, in its order; empty where it makes no such promise.
	Concepts []Concept
	// Glossary is the course's words, in the order of their file; empty where it has none.
	Glossary []*Term
}

// Concept is something that the course teaches.
type Concept struct {
	// ID is what `covers` names it by: "1", "Q3".
	ID, Title string
	// Prose says why being told is enough for this one; empty where a check or a question must see it.
	Prose string
}

// Thing is what a lab leaves for later labs, as an image in Docker: an entry of `gives`.
type Thing struct {
	Name string
	// Giver is the lab whose work it is, and whose files the scripts find in their folder.
	Giver *Lab
	// Have exits with 0 where the thing is there. Give makes it for somebody who skipped the giver; Take removes it, and
	// succeeds where it is not there.
	Have, Give, Take []Script
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
	// Supplies are the things of earlier labs that the lab takes for granted; Gives are those that it leaves.
	Supplies, Gives []*Thing
	// Covers are the concepts that the introduction teaches in prose.
	Covers []string
	// Minutes is how long a learner usually takes.
	Minutes int
	// Intro is the Markdown before the first step.
	Intro string
	// Prepare brings about what the lab takes for granted. What it makes counts as there before the lab began.
	Prepare []Script
	Steps   []*Step
	// Leave puts right what must not stay as it is while the learner is elsewhere. It is run whenever the lab is left, also
	// after a crash, and can be run at any time.
	Leave []Script
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
	// Covers are the concepts that the step teaches in prose; checks and questions have their own.
	Covers []string
	// Allows names the generic cheats that are right answers here, with the reason (see runner/validate).
	Allows map[string]string
	// Picture is the kind of picture of the state that suits the step (see runner/picture), empty where none does.
	Picture string
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

// Check is a compiled check, the concepts that it sees, and where it stands.
type Check struct {
	*checks.Check
	Covers []string
	Line   int
}

// Question is a compiled question, the concepts that it asks for, and where it stands.
type Question struct {
	*checks.Question
	Covers []string
	Line   int
}

// Requires are the capabilities that must be there before the lab can begin: its own needs, and what it takes to make
// the things of other labs that may be missing.
func (l *Lab) Requires() []string {
	all := slices.Clone(l.Needs)
	for _, thing := range l.Supplies {
		for _, need := range thing.Giver.Needs {
			if !slices.Contains(all, need) {
				all = append(all, need)
			}
		}
	}
	return all
}
