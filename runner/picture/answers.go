package picture

import (
	"strings"

	"github.com/kubelab/kubelab/checks"
)

// tally is how often each pod answered, by the name that the pod put into its answer, as kubia does.
type tally struct {
	by map[string]int
	// shell, inside and own say whose requests are in it: the learner's in the shell, those of a pod of the learner's,
	// kubelab's own.
	shell, inside, own bool
}

// maxCounted bounds how much output is read for one picture, in bytes; the newest counts.
const maxCounted = 256 << 10

// answers counts the answers that the learner's commands, the logs of the learner's pods and kubelab's own requests show
// of pods. Only what is in the snapshot anyhow is looked at; logs are, where the lab's checks watch them.
func (e *eye) answers(names map[string]bool) tally {
	t := tally{by: map[string]int{}}
	if len(names) == 0 {
		return t
	}
	left := maxCounted
	commands := e.Snapshot.State(checks.Commands).Items
	for i := len(commands) - 1; i >= 0 && left > 0; i-- {
		text, output := checks.Text(commands[i], "text"), checks.Text(commands[i], "output")
		if !strings.Contains(text, "curl") && !strings.Contains(text, "wget") {
			continue
		}
		left -= len(output)
		if t.add(output, names, strings.Contains(text, "uniq -c"), 1) {
			t.shell = true
		}
	}
	for _, l := range e.Snapshot.State(checks.Logs).Items {
		// A pod that tells of its own name got no answer from it.
		if text := checks.Text(l, "text"); left > 0 && !names[checks.Text(l, "pod")] {
			left -= len(text)
			if t.add(text, names, false, 1) {
				t.inside = true
			}
		}
	}
	for _, w := range e.HTTP {
		for _, answer := range e.Snapshot.State(w.Key()).Items {
			for _, seen := range checks.List(answer, "seen") {
				if t.add(checks.Text(seen, "body"), names, false, int(checks.Int(seen, "count"))) {
					t.own = true
				}
			}
		}
	}
	return t
}

// add counts the names in a text, times each; where a line begins with a count (uniq -c), so often. It reports whether
// there was one.
func (t *tally) add(text string, names map[string]bool, counted bool, times int) (found bool) {
	for line := range strings.Lines(text) {
		n, words := times, strings.FieldsFunc(line, notInName)
		if counted && len(words) > 0 {
			if c := count(words[0]); c > 0 {
				n, words = c, words[1:]
			}
		}
		// kubectl begins its lines with the name or with "pod", where it lists or changes pods.
		if len(words) == 0 || len(words) > 1 && (names[words[0]] || words[0] == "pod") {
			continue
		}
		for _, word := range words {
			if word = strings.TrimRight(word, "."); names[word] {
				t.by[word] += n
				found = true
			}
		}
	}
	return found
}

// notInName reports whether a character cannot be part of an object's name.
func notInName(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '.')
}

// count is a word as a number, 0 where it is none that a count can be.
func count(word string) int {
	n := 0
	for _, r := range word {
		if r < '0' || r > '9' || n > 1e6 {
			return 0
		}
		n = 10*n + int(r-'0')
	}
	return n
}

// whose says whose requests were counted.
func (t tally) whose(w Words) string {
	var parts []string
	for _, p := range []struct {
		is    bool
		words string
	}{{t.shell, w.FromShell}, {t.inside, w.FromPods}, {t.own, w.FromUs}} {
		if p.is {
			parts = append(parts, p.words)
		}
	}
	return strings.Join(parts, ", ")
}
