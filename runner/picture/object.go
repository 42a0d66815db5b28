package picture

import (
	"time"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/internal/clean"
)

// moment is a field as a time, zero where it is none.
func moment(v any, path ...string) time.Time {
	t, _ := time.Parse(time.RFC3339Nano, checks.Text(v, path...)) // what cannot be read has no place in time
	return t
}

func uid(o checks.Object) string      { return checks.Text(o, "metadata", "uid") }
func rawName(o checks.Object) string  { return checks.Text(o, "metadata", "name") }
func kubeName(o checks.Object) string { return tidy(rawName(o)) }

// maxText bounds what is taken from outside for one line, in bytes.
const maxText = 512

// tidy makes a text from outside fit to be drawn on one line.
func tidy(s string) string {
	if len(s) > maxText {
		s = s[:maxText]
	}
	if plain(s) {
		return s
	}
	return clean.Line(s)
}

// plain reports whether a text is what most names are: printable ASCII without two blanks in a row.
func plain(s string) bool {
	blank := true
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || c == ' ' && blank {
			return false
		}
		blank = c == ' '
	}
	return !blank || s == ""
}

// created is the text by which objects of one source are ordered in time.
func created(o checks.Object) string {
	if t := checks.Text(o, "metadata", "creationTimestamp"); t != "" {
		return t
	}
	return checks.Text(o, "Created")
}

// condition is the status condition of a type, nil where there is none.
func condition(o checks.Object, kind string) any {
	for _, c := range checks.List(o, "status", "conditions") {
		if checks.Text(c, "type") == kind {
			return c
		}
	}
	return nil
}

// controllerOf is the object that looks after another one, nil where there is none.
func controllerOf(o checks.Object) any {
	for _, r := range checks.List(o, "metadata", "ownerReferences") {
		if checks.Bool(r, "controller") {
			return r
		}
	}
	return nil
}

// selects reports whether a map of labels, all of which an object must have, chooses it.
func selects(selector any, o checks.Object) bool {
	want, _ := selector.(map[string]any)
	have, _ := checks.Field(o, "metadata", "labels").(map[string]any)
	for k, v := range want {
		if have[k] != v {
			return false
		}
	}
	return len(want) > 0
}
