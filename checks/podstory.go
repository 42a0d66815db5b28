package checks

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// podStory says why a pod is not ready, with the newest warning about it and the last line of its failing container's
// log as far as they are known; nothing where it is ready.
func podStory(pod Object, events, logs []Object) string {
	words := podTrouble(pod)
	switch {
	case words == "":
		return ""
	case Field(pod, "metadata", "deletionTimestamp") != nil, Text(pod, "status", "phase") == "Succeeded":
		return words // what went wrong earlier is not why
	}
	if e := newestWarning(pod, events); e != nil {
		words += " / 이벤트 " + eventWords(e, words)
	}
	if line := failingLine(pod, logs); line != "" {
		words += " / 마지막 로그: " + line
	}
	return words
}

// eventWords is an event's reason, how often it came and its message, unless that says no more than known does.
func eventWords(e Object, known string) string {
	reason := oneLine(Text(e, "reason"), 40)
	if n := max(Int(e, "count"), Int(e, "series", "count")); n > 1 {
		reason += fmt.Sprintf("(%d번)", n)
	}
	message := Text(e, "message")
	if _, cause, ok := strings.Cut(message, ": "); emptyMessage.MatchString(message) || ok && tells(known, cause) || tells(known, message) {
		return reason
	}
	return withMessage(reason, message)
}

// tells reports whether words, which may be cut, say already what a message says.
func tells(words, message string) bool {
	message = strings.TrimPrefix(withMessage("", message), ": ")
	return strings.Contains(words, strings.TrimSuffix(clip(message, messageLimit/2), "…"))
}

// newestWarning is the newest Warning event about a pod. One that only says that something failed, as the pod's status
// does, counts only where there is no other.
func newestWarning(pod Object, events []Object) Object {
	var best Object
	var bestTime time.Time
	bestEmpty := false
	for _, e := range events {
		if Text(e, "type") != "Warning" || !isAbout(e, pod) {
			continue
		}
		if Text(e, "reason") == "FailedScheduling" && Text(pod, "spec", "nodeName") != "" {
			continue // it has found a node since
		}
		at, empty := eventTime(e), emptyMessage.MatchString(Text(e, "message"))
		if best == nil || bestEmpty && !empty || bestEmpty == empty && !at.Before(bestTime) {
			best, bestTime, bestEmpty = e, at, empty
		}
	}
	return best
}

// emptyMessage matches the messages of events that repeat a container's waiting reason and nothing else.
var emptyMessage = regexp.MustCompile(`^(Error: (ErrImagePull|ImagePullBackOff)|Back-off (restarting failed container|pulling image)(?s:.*))?$`)

// isAbout reports whether an event is about a pod.
func isAbout(event, pod Object) bool {
	of := Field(event, "involvedObject")
	if uid := Text(of, "uid"); uid != "" && Text(pod, "metadata", "uid") != "" {
		return uid == Text(pod, "metadata", "uid")
	}
	return Text(of, "kind") == "Pod" && Text(of, "name") == Text(pod, "metadata", "name") &&
		Text(of, "namespace") == Text(pod, "metadata", "namespace")
}

// eventTime is when an event came last. Which of its fields has that depends on who reported it.
func eventTime(e Object) time.Time {
	var latest time.Time
	for _, text := range []string{
		Text(e, "series", "lastObservedTime"), Text(e, "lastTimestamp"), Text(e, "eventTime"),
		Text(e, "firstTimestamp"), Text(e, "metadata", "creationTimestamp"),
	} {
		if t, err := time.Parse(time.RFC3339Nano, text); err == nil && t.After(latest) {
			latest = t
		}
	}
	return latest
}

// failingLine is the last line that a pod's failing container wrote; of one that waits to be started again, what it
// wrote the last time.
func failingLine(pod Object, logs []Object) string {
	status := failingContainer(pod)
	if status == nil {
		return ""
	}
	line := ""
	for _, l := range logs {
		if Text(l, "container") != Text(status, "name") || !isLogOf(l, pod) {
			continue
		}
		previous := Bool(l, "previous")
		if text := oneLine(tellingLine(Text(l, "text")), messageLimit); text != "" && (line == "" || !previous) {
			line = text
		}
	}
	return line
}

// failingContainer is the status of the container that containerTrouble is about, nil where there is none.
func failingContainer(pod Object) any {
	status := Field(pod, "status")
	for _, c := range append(List(status, "initContainerStatuses"), List(status, "containerStatuses")...) {
		if containerTrouble(pod, c) != "" {
			return c
		}
	}
	return nil
}

func isLogOf(log, pod Object) bool {
	if uid := Text(log, "uid"); uid != "" && Text(pod, "metadata", "uid") != "" {
		return uid == Text(pod, "metadata", "uid")
	}
	return Text(log, "pod") == Text(pod, "metadata", "name") && Text(log, "namespace") == Text(pod, "metadata", "namespace")
}

// lastLine is the last line of a text that is not blank.
func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return strings.TrimSpace(text[strings.LastIndexByte(text, '\n')+1:])
}

var (
	nodeVersion = regexp.MustCompile(`^Node\.js v\d`)
	errorLine   = regexp.MustCompile(`^(?:Uncaught )?\w*Error\b`)
)

// tellingLine is the last line of a log. Node.js ends the report of an error with its own version; there it is the line
// that names the error.
func tellingLine(text string) string {
	last := lastLine(text)
	if !nodeVersion.MatchString(last) {
		return last
	}
	lines := strings.Split(text, "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if line := strings.TrimSpace(lines[i]); errorLine.MatchString(line) {
			return line
		}
	}
	return last
}
