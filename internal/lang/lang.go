// Package lang names the languages that kubelab speaks. What labs say stays in the language of the course.
package lang

import "strings"

// Lang is a language by its ISO 639 name. The empty one is Korean.
type Lang string

// The languages of the catalogues.
const (
	Korean  Lang = "ko"
	English Lang = "en"
)

// All are the languages, the one of the course first.
func All() []Lang { return []Lang{Korean, English} }

// Parse returns the language of that name.
func Parse(name string) (Lang, bool) {
	for _, l := range All() {
		if name == string(l) {
			return l, true
		}
	}
	return "", false
}

// Names are the names of all languages as one would list them.
func Names() string {
	var names []string
	for _, l := range All() {
		names = append(names, string(l))
	}
	return strings.Join(names, ", ")
}

// FromEnviron is the language that the environment asks for. As in POSIX, the first of LC_ALL, LC_MESSAGES and LANG that
// is not empty decides. The course is Korean, and a C locale is what containers and SSH have when nobody chose one: only
// a locale that says English is taken for a wish for English.
func FromEnviron(getenv func(string) string) Lang {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		locale := getenv(name)
		if locale == "" {
			continue
		}
		language, _, _ := strings.Cut(locale, ".")
		language, _, _ = strings.Cut(language, "@")
		language, _, _ = strings.Cut(language, "_")
		if strings.EqualFold(language, string(English)) {
			return English
		}
		return Korean
	}
	return Korean
}
