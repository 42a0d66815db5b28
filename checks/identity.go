package checks

import (
	"fmt"
	"slices"
	"strings"
)

// Identity tells objects of one source apart over time: an object that is deleted and made again has another identity.
// A file that was edited, an image that got another tag and a tag that was pushed again have another one, too, because
// then somebody did something. It is empty where a source's objects have none (http), and such objects never count as
// there before.
func Identity(source string, o Object) string {
	switch source {
	case Containers, Networks:
		return str(o, "Id")
	case Images:
		tags := strs(o, "RepoTags")
		slices.Sort(tags)
		return strings.Join(append([]string{str(o, "Id")}, tags...), " ")
	case Volumes:
		return strings.TrimSpace(str(o, "Name") + " " + str(o, "CreatedAt"))
	case DockerEvents:
		return fmt.Sprintf("%v %s %s %s", field(o, "timeNano"), str(o, "Type"), str(o, "Action"), str(o, "Actor", "ID"))
	case Registry:
		return str(o, "repository") + ":" + str(o, "tag") + "@" + str(o, "digest")
	case Files:
		return fmt.Sprintf("%s %v %s", str(o, "path"), field(o, "size"), str(o, "modified"))
	case Commands:
		return str(o, "started") + " " + str(o, "text")
	case Logs:
		return fmt.Sprintf("%s/%s/%d", str(o, "uid"), str(o, "container"), num(o, "restart"))
	case HTTP:
		return ""
	}
	return str(o, "metadata", "uid")
}

// nameOf is the name by which people know an object.
func nameOf(source string, o Object) string {
	switch source {
	case Containers, Networks, Volumes:
		return strings.TrimPrefix(str(o, "Name"), "/")
	case Images:
		if tags := strs(o, "RepoTags"); len(tags) > 0 {
			return tags[0]
		}
		return shortID(str(o, "Id"))
	case DockerEvents:
		return str(o, "Actor", "Attributes", "name")
	case HTTP:
		return str(o, "url")
	case Registry:
		return str(o, "tag")
	case Files:
		return str(o, "path")
	case Commands:
		return str(o, "text")
	case Logs:
		return str(o, "pod")
	}
	return str(o, "metadata", "name")
}

// shortID is an ID as docker prints it.
func shortID(id string) string {
	id = strings.TrimPrefix(id, "sha256:")
	if len(id) > 12 {
		id = id[:12]
	}
	return id
}

// field walks down a decoded JSON object; nil where there is no such field or something on the way is no object.
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

// strs is field as a new list of its strings, without what is none.
func strs(v any, path ...string) []string {
	var out []string
	for _, e := range list(v, path...) {
		if s, ok := e.(string); ok {
			out = append(out, s)
		}
	}
	return out
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
