package checks

// Spec is a check as an author writes it in a `yaml check` block. docs/AUTHORING.md describes each field.
type Spec struct {
	// Watch is the source whose objects are items: a constant of this package or a kubectl resource name.
	Watch string `yaml:"watch"`
	// Title is the line the learner sees: what will be true, in a few words.
	Title string `yaml:"title"`
	// Select narrows items. Which keys a source takes is fixed by the source: name, image, label, namespace, url …
	Select map[string]string `yaml:"select,omitempty"`
	// All counts objects that existed before the lab began, too.
	All bool `yaml:"all,omitempty"`
	// Expect is a CEL expression of type bool.
	Expect string `yaml:"expect"`
	// Want is the expected state in words; Title serves where it is empty.
	Want string `yaml:"want,omitempty"`
	// See is a CEL expression that gives what was observed, in words; a summary of items serves where it is empty.
	See string `yaml:"see,omitempty"`
	// Tell holds the explanations of failure; the first whose When holds is told.
	Tell []Tell `yaml:"tell"`
}

// Tell is one explanation of a failure.
type Tell struct {
	// When is a CEL expression of type bool; an empty one always holds and stands last.
	When string `yaml:"when,omitempty"`
	// Say is the text. {{ expression }} inside it is replaced by the value of a CEL expression.
	Say string `yaml:"say"`
}

// QuestionSpec is a question as an author writes it in a `yaml ask` block.
type QuestionSpec struct {
	Ask string `yaml:"ask"`
	// Watch, Select and All give the answer's expression its items, as in a check. Watch may be empty.
	Watch  string            `yaml:"watch,omitempty"`
	Select map[string]string `yaml:"select,omitempty"`
	All    bool              `yaml:"all,omitempty"`
	// Answer is a CEL expression; its value, as text, is the right answer. A list means that any of its values is.
	Answer string `yaml:"answer"`
	// Hint is told after a wrong answer.
	Hint string `yaml:"hint,omitempty"`
	// Wrong maps an answer that learners often give to what is told about it.
	Wrong map[string]string `yaml:"wrong,omitempty"`
}
