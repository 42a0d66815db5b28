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
		return Text(o, "Id")
	case Images:
		tags := Texts(o, "RepoTags")
		slices.Sort(tags)
		return strings.Join(append([]string{Text(o, "Id")}, tags...), " ")
	case Volumes:
		return strings.TrimSpace(Text(o, "Name") + " " + Text(o, "CreatedAt"))
	case DockerEvents:
		return fmt.Sprintf("%v %s %s %s", Field(o, "timeNano"), Text(o, "Type"), Text(o, "Action"), Text(o, "Actor", "ID"))
	case Registry:
		return Text(o, "repository") + ":" + Text(o, "tag") + "@" + Text(o, "digest")
	case Files:
		return fmt.Sprintf("%s %v %s", Text(o, "path"), Field(o, "size"), Text(o, "modified"))
	case Commands:
		return Text(o, "started") + " " + Text(o, "text")
	case Logs:
		return fmt.Sprintf("%s/%s/%d", Text(o, "uid"), Text(o, "container"), Int(o, "restart"))
	case HTTP:
		return ""
	}
	return Text(o, "metadata", "uid")
}

// nameOf is the name by which people know an object.
func nameOf(source string, o Object) string {
	switch source {
	case Containers, Networks, Volumes:
		return strings.TrimPrefix(Text(o, "Name"), "/")
	case Images:
		if tags := Texts(o, "RepoTags"); len(tags) > 0 {
			return tags[0]
		}
		return shortID(Text(o, "Id"))
	case DockerEvents:
		return Text(o, "Actor", "Attributes", "name")
	case HTTP:
		return Text(o, "url")
	case Registry:
		return Text(o, "tag")
	case Files:
		return Text(o, "path")
	case Commands:
		return Text(o, "text")
	case Logs:
		return Text(o, "pod")
	}
	return Text(o, "metadata", "name")
}

// shortID is an ID as docker prints it.
func shortID(id string) string {
	id = strings.TrimPrefix(id, "sha256:")
	if len(id) > 12 {
		id = id[:12]
	}
	return id
}
