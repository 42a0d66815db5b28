package picture

import (
	"time"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/internal/clean"
)

// field walks down a decoded JSON object; nil where there is no such field.
func field(v any, path ...string) any {
	for _, name := range path {
		o, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = o[name]
	}
	return v
}

// str is field as a string, "" where it is none.
func str(v any, path ...string) string {
	s, _ := field(v, path...).(string)
	return s
}

// list is field as a list, nil where it is none.
func list(v any, path ...string) []any {
	l, _ := field(v, path...).([]any)
	return l
}

// num is field as a whole number, 0 where it is none.
func num(v any, path ...string) int64 {
	switch n := field(v, path...).(type) {
	case int64:
		return n
	case int:
		return int64(n)
	case float64:
		return int64(n)
	}
	return 0
}

// truth is field as a bool, false where it is none.
func truth(v any, path ...string) bool {
	b, _ := field(v, path...).(bool)
	return b
}

// moment is field as a time, zero where it is none.
func moment(v any, path ...string) time.Time {
	t, _ := time.Parse(time.RFC3339Nano, str(v, path...)) // what cannot be read has no place in time
	return t
}

func uid(o checks.Object) string      { return str(o, "metadata", "uid") }
func rawName(o checks.Object) string  { return str(o, "metadata", "name") }
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
	if t := str(o, "metadata", "creationTimestamp"); t != "" {
		return t
	}
	return str(o, "Created")
}

// condition is the status condition of a type, nil where there is none.
func condition(o checks.Object, kind string) any {
	for _, c := range list(o, "status", "conditions") {
		if str(c, "type") == kind {
			return c
		}
	}
	return nil
}

// controllerOf is the object that looks after another one, nil where there is none.
func controllerOf(o checks.Object) any {
	for _, r := range list(o, "metadata", "ownerReferences") {
		if truth(r, "controller") {
			return r
		}
	}
	return nil
}

// selects reports whether a map of labels, all of which an object must have, chooses it.
func selects(selector any, o checks.Object) bool {
	want, _ := selector.(map[string]any)
	have, _ := field(o, "metadata", "labels").(map[string]any)
	for k, v := range want {
		if have[k] != v {
			return false
		}
	}
	return len(want) > 0
}
