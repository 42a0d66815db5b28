package checks

import (
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"
)

// selector is a compiled select: which source it names and which of its objects it admits.
type selector struct {
	watch Watch
	rules []rule
}

// rule makes the test of one select key for one scope, so that the work that does not depend on the object is done once.
type rule func(scope Scope) (admits func(Object) bool)

// bind makes the selector's test for one scope.
func (s *selector) bind(scope Scope) func(Object) bool {
	tests := make([]func(Object) bool, len(s.rules))
	for i, r := range s.rules {
		tests[i] = r(scope)
	}
	return func(o Object) bool {
		for _, admits := range tests {
			if !admits(o) {
				return false
			}
		}
		return true
	}
}

// expandEnv replaces $NAME and ${NAME} by the variables of env, with nothing where one is not set. Other dollar signs
// stay.
func expandEnv(text string, env map[string]string) string {
	return os.Expand(text, func(name string) string {
		if !variableName.MatchString(name) {
			return "$" + name // a dollar sign for itself: os.Expand reads $1 and $$ as the shell's special variables
		}
		return env[name]
	})
}

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// selectKeys are the keys that a source's select can have, in the order of the documentation.
func selectKeys(source string) []string {
	switch source {
	case Containers:
		return []string{"name", "image", "label"}
	case Images, Networks, Volumes:
		return []string{"name", "label"}
	case DockerEvents:
		return []string{"type", "action", "image", "name"}
	case HTTP:
		return []string{"url"}
	case Registry:
		return []string{"repository", "tag"}
	case Files:
		return []string{"path"}
	case Commands:
		return []string{"match"}
	case Logs:
		return []string{"name", "label"}
	}
	if k := kindOf(source); k != nil && k.cluster {
		return []string{"name", "label"}
	}
	return []string{"name", "namespace", "label"}
}

// newSelector compiles the select of a check and tells each mistake to fail.
func newSelector(source string, selects map[string]string, fail func(key, format string, args ...any)) *selector {
	s := &selector{watch: Watch{Source: source}}
	allowed := selectKeys(source)
	for _, key := range slices.Sorted(maps.Keys(selects)) {
		value := selects[key]
		switch {
		case key == "field" && s.watch.Kubernetes():
			fail(key, "field is not supported; write the condition in `expect`")
		case !slices.Contains(allowed, key):
			fail(key, "%s cannot be selected by %q, only by %s", source, key, strings.Join(allowed, ", "))
		case strings.TrimSpace(value) == "":
			fail(key, "the value is empty")
		default:
			s.add(key, value, fail)
		}
	}
	switch {
	case source == HTTP && s.watch.Arg == "" && selects["url"] == "":
		fail("url", "http needs the url to ask")
	case source == Registry && s.watch.Arg == "" && selects["repository"] == "":
		fail("repository", "registry needs the repository to look at")
	}
	if s.watch.Kubernetes() && slices.Contains(allowed, "namespace") && selects["namespace"] == "" {
		s.rules = append(s.rules, inNamespace(""))
	}
	return s
}

// add compiles one key, which the source allows.
func (s *selector) add(key, value string, fail func(key, format string, args ...any)) {
	source := s.watch.Source
	switch key {
	case "url", "repository":
		s.watch.Arg = strings.TrimSpace(value)
	case "namespace":
		s.rules = append(s.rules, inNamespace(value))
	case "image":
		s.rules = append(s.rules, byImage(source, value))
	case "name":
		if source == Images {
			s.rules = append(s.rules, byImage(source, value))
			return
		}
		s.rules = append(s.rules, equals(value, func(o Object) string { return nameOf(source, o) }))
	case "type":
		s.rules = append(s.rules, equals(value, func(o Object) string { return Text(o, "Type") }))
	case "tag":
		s.rules = append(s.rules, equals(value, func(o Object) string { return Text(o, "tag") }))
	case "action":
		// Some actions carry what they are about behind a colon: "health_status: healthy", "exec_start: sh".
		s.rules = append(s.rules, fixed(func(o Object) bool {
			action := Text(o, "Action")
			return action == value || strings.HasPrefix(action, value+":")
		}))
	case "path":
		if _, err := path.Match(value, ""); err != nil {
			fail(key, "%q is no pattern for paths", value)
		}
		s.rules = append(s.rules, fixed(func(o Object) bool {
			ok, err := path.Match(value, Text(o, "path"))
			return ok && err == nil
		}))
	case "match":
		re, err := regexp.Compile(value)
		if err != nil {
			fail(key, "%v", err)
			return
		}
		s.rules = append(s.rules, fixed(func(o Object) bool { return re.MatchString(Text(o, "text")) }))
	case "label":
		s.addLabel(value, fail)
	}
}

func (s *selector) addLabel(value string, fail func(key, format string, args ...any)) {
	path := []string{"Labels"}
	switch {
	case s.watch.Kubernetes(), s.watch.Source == Logs:
		want, err := labels.Parse(value)
		if err != nil {
			fail("label", "%v", err)
			return
		}
		s.rules = append(s.rules, fixed(func(o Object) bool { return want.Matches(labelsOf(o)) }))
		return
	case s.watch.Source == Containers, s.watch.Source == Images:
		path = []string{"Config", "Labels"}
	}
	name, want, exact := strings.Cut(value, "=")
	s.rules = append(s.rules, func(scope Scope) func(Object) bool {
		want := expandEnv(want, scope.Env)
		return func(o Object) bool {
			have, ok := Field(Field(o, path...), name).(string)
			return ok && (!exact || have == want)
		}
	})
}

// labelMap is the labels of an object as they are in its JSON.
type labelMap map[string]any

func labelsOf(o Object) labelMap {
	m, _ := Field(o, "metadata", "labels").(map[string]any)
	if m == nil {
		m, _ = Field(o, "labels").(map[string]any) // a log's, which are its pod's
	}
	return m
}

// Lookup implements labels.Labels.
func (m labelMap) Lookup(name string) (value string, exists bool) {
	value, exists = m[name].(string)
	return value, exists
}

// Has implements labels.Labels.
func (m labelMap) Has(name string) bool { _, ok := m.Lookup(name); return ok }

// Get implements labels.Labels.
func (m labelMap) Get(name string) string { value, _ := m.Lookup(name); return value }

// fixed is a rule that does not depend on the scope.
func fixed(admits func(Object) bool) rule { return func(Scope) func(Object) bool { return admits } }

// equals admits objects with the value, in which variables are replaced.
func equals(value string, of func(Object) string) rule {
	return func(scope Scope) func(Object) bool {
		want := expandEnv(value, scope.Env)
		return func(o Object) bool { return of(o) == want }
	}
}

// byImage admits images, containers and events of an image.
func byImage(source, value string) rule {
	return func(scope Scope) func(Object) bool {
		pattern := parsePattern(expandEnv(value, scope.Env))
		switch source {
		case Images:
			return pattern.admitsImage
		case DockerEvents:
			return func(o Object) bool {
				if Text(o, "Type") == "image" {
					return pattern.admits(Text(o, "Actor", "Attributes", "name")) || pattern.admits(Text(o, "Actor", "ID"))
				}
				return pattern.admits(Text(o, "Actor", "Attributes", "image"))
			}
		}
		return func(o Object) bool { return pattern.admits(orElse(Text(o, "ImageName"), Text(o, "Config", "Image"))) }
	}
}

// inNamespace admits objects of a namespace: the learner's where it is empty, any where it is "*". What has no
// namespace is in all of them.
func inNamespace(name string) rule {
	return func(scope Scope) func(Object) bool {
		if name == "*" {
			return func(Object) bool { return true }
		}
		want := orElse(name, scope.namespace())
		return func(o Object) bool {
			have := Text(o, "metadata", "namespace")
			return have == "" || have == want
		}
	}
}

// namespace is the learner's namespace, which is "default" as for kubectl where nobody said otherwise.
func (s Scope) namespace() string { return orElse(s.Namespace, "default") }
