package picture

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kubelab/kubelab/checks"
)

// lane is who does something.
type lane int

// The lanes, in the order in which a pod passes them.
const (
	inShell lane = iota
	inServer
	inController
	inScheduler
	inKubelet
	inContainer
	lanes
)

// story is what happened until a pod was as it is now.
type story struct {
	pod   pod
	steps []step
	// next is what is waited for, empty where nothing is.
	next string
}

// step is one thing that happened.
type step struct {
	at    time.Time
	order order
	lane  lane
	text  string
	bad   bool
	mark  Mark
}

// order is which of two things of the same second led to the other: most of the API's times are whole seconds.
type order int

const (
	byCommand order = iota
	byOwnerSaved
	byOwnerMade
	byPodMade
	byPodSaved
	byScheduled
	byPulling
	byPulled
	byCreated
	byStarted
	byEnded
	byReady
	byDeleted
	byOther
)

// story is about the newest pod of the learner's namespace; ok is false where there is none.
func (e *eye) story() (s story, ok bool) {
	all := e.own(pods)
	if len(all) == 0 {
		return story{}, false
	}
	o := all[len(all)-1]
	for _, other := range slices.Backward(all) { // of pods of the same second, one that is still there
		if !e.gone[keyOf(pods, other)] && created(other) == created(o) {
			o = other
			break
		}
	}
	t := teller{eye: e, pod: o, born: moment(o, "metadata", "creationTimestamp")}
	t.owners()
	t.command()
	t.saved()
	t.conditions()
	t.containers()
	t.events()
	slices.SortStableFunc(t.steps, func(a, b step) int {
		return cmp.Or(a.at.Truncate(time.Second).Compare(b.at.Truncate(time.Second)), cmp.Compare(a.order, b.order), a.at.Compare(b.at))
	})
	s = story{pod: e.pod(o), steps: t.steps}
	if !s.pod.ready && !s.pod.ending && checks.Text(o, "status", "phase") != "Succeeded" {
		s.next = s.pod.state
	}
	return s, true
}

// teller collects the steps of one pod's story.
type teller struct {
	*eye
	pod   checks.Object
	born  time.Time
	steps []step
	// chain are the pod's owners, the nearest first.
	chain []checks.Object
}

// add adds a step; key tells it from the others. A step without a time did not happen.
func (t *teller) add(key string, s step) {
	if s.at.IsZero() {
		return
	}
	s.mark = t.see("step/"+uid(t.pod)+"/"+key, s.text)
	t.steps = append(t.steps, s)
}

// soon bounds how long before a pod something may have happened to be what led to it.
const soon = 15 * time.Second

// owners tells of what made the pod, where that was made for it.
func (t *teller) owners() {
	const deepest = 4 // owners that own one another would lead nowhere
	for o := t.pod; len(t.chain) < deepest; {
		by := controllerOf(o)
		source := map[string]string{replicationKind: controllers, replicaSetKind: replicaSets, deploymentKind: deployments}[checks.Text(by, "kind")]
		i := slices.IndexFunc(t.items(source), func(x checks.Object) bool { return uid(x) == checks.Text(by, "uid") })
		if source == "" || i < 0 {
			break
		}
		o = t.items(source)[i]
		t.chain = append(t.chain, o)
	}
	name := kubeName(t.pod)
	for i, o := range t.chain {
		made := moment(o, "metadata", "creationTimestamp")
		kind := t.words.kind(checks.Text(controllerOf(below(t.pod, t.chain, i)), "kind"))
		switch top := i == len(t.chain)-1; {
		case t.born.Sub(made) > soon:
			t.scaled(o)
		case top:
			t.add("saved/"+uid(o), step{at: made, order: byOwnerSaved, lane: inServer, text: fmt.Sprintf(t.words.SavedF, kind, kubeName(o))})
		default:
			t.add("made/"+uid(o), step{at: made, order: byOwnerMade, lane: inController, text: fmt.Sprintf(t.words.MadeF, kind, kubeName(o))})
		}
	}
	if len(t.chain) > 0 {
		t.add("made", step{at: t.born, order: byPodMade, lane: inController, text: fmt.Sprintf(t.words.MadeF, t.words.kind(podKind), name)})
	}
}

// below is what an owner of the chain looks after.
func below(pod checks.Object, chain []checks.Object, i int) checks.Object {
	if i == 0 {
		return pod
	}
	return chain[i-1]
}

// scaled tells of a change of the wanted number that led to the pod.
func (t *teller) scaled(o checks.Object) {
	for _, m := range checks.List(o, "metadata", "managedFields") {
		at := moment(m, "time")
		if checks.Text(m, "subresource") == "scale" && !at.After(t.born) && t.born.Sub(at) <= soon {
			t.add("scaled/"+uid(o), step{at: at, order: byOwnerSaved, lane: inServer, text: fmt.Sprintf(t.words.ScaledF, kubeName(o), checks.Int(o, "spec", "replicas"))})
			return
		}
	}
}

// command tells which of the learner's commands led to the pod: the last one that could.
func (t *teller) command() {
	first := t.born
	for _, s := range t.steps {
		if s.at.Before(first) {
			first = s.at
		}
	}
	for _, c := range slices.Backward(t.Snapshot.State(checks.Commands).Items) {
		at, text := moment(c, "started"), tidy(checks.Text(c, "text"))
		// The API's times are whole seconds.
		if at.Before(first.Add(time.Second)) {
			if first.Sub(at) <= soon && changes(text) {
				t.add("command", step{at: at, order: byCommand, lane: inShell, text: text})
			}
			return
		}
	}
}

// changes reports whether a command can have changed something in the cluster.
func changes(text string) bool {
	for _, verb := range []string{"run", "create", "apply", "scale", "expose", "delete", "set", "rollout", "replace", "edit", "patch", "drain", "autoscale"} {
		if strings.Contains(" "+text+" ", " "+verb+" ") {
			return true
		}
	}
	return false
}

// saved tells who had the pod saved, and that it is to go.
func (t *teller) saved() {
	by := ""
	for _, m := range checks.List(t.pod, "metadata", "managedFields") {
		if manager, ok := strings.CutPrefix(checks.Text(m, "manager"), "kubectl-"); ok && by == "" {
			by = " (kubectl " + tidy(manager) + ")"
		}
	}
	text := fmt.Sprintf(t.words.SavedF, t.words.kind(podKind), kubeName(t.pod)) + by
	t.add("saved", step{at: t.born, order: byPodSaved, lane: inServer, text: text})
	if gone := moment(t.pod, "metadata", "deletionTimestamp"); !gone.IsZero() {
		grace := time.Duration(checks.Int(t.pod, "metadata", "deletionGracePeriodSeconds")) * time.Second
		t.add("deleted", step{at: gone.Add(-grace), order: byDeleted, lane: inServer, text: t.words.Deleted, bad: true})
	}
}

func (t *teller) conditions() {
	if c := condition(t.pod, "PodScheduled"); checks.Text(c, "status") == "True" {
		node := tidy(checks.Text(t.pod, "spec", "nodeName"))
		t.add("scheduled", step{
			at: moment(c, "lastTransitionTime"), order: byScheduled, lane: inScheduler, text: fmt.Sprintf(t.words.ScheduledF, node),
		})
	}
	if c := condition(t.pod, "Ready"); checks.Text(c, "status") == "True" {
		t.add("ready", step{at: moment(c, "lastTransitionTime"), order: byReady, lane: inServer, text: t.words.PodReady})
	}
}

// containers tells when the pod's containers started and ended.
func (t *teller) containers() {
	for _, s := range checks.List(t.pod, "status", "containerStatuses") {
		name := tidy(checks.Text(s, "name"))
		for _, state := range []string{"state", "lastState"} {
			key := fmt.Sprint(state, "/", name, "/", checks.Int(s, "restartCount"))
			r, ended := checks.Field(s, state, "running"), checks.Field(s, state, "terminated")
			if r == nil {
				r = ended
			}
			t.add("started/"+key, step{
				at: moment(r, "startedAt"), order: byStarted, lane: inContainer, text: fmt.Sprintf(t.words.StartedF, name),
			})
			code := checks.Int(ended, "exitCode")
			t.add("ended/"+key, step{
				at: moment(ended, "finishedAt"), order: byEnded, lane: inContainer, text: fmt.Sprintf(t.words.EndedF, name, code), bad: code != 0,
			})
		}
	}
}

// events tells what the scheduler and the kubelet reported, as far as the pod itself does not have it.
func (t *teller) events() {
	for _, ev := range t.own(kubeEvents) {
		if checks.Text(ev, "involvedObject", "uid") != uid(t.pod) {
			continue
		}
		reason, message := checks.Text(ev, "reason"), tidy(checks.Text(ev, "message"))
		s := step{at: eventTime(ev), order: byOther, lane: inKubelet, bad: checks.Text(ev, "type") == "Warning"}
		switch reason {
		case "Scheduled", "Started":
			continue // the pod's conditions and containers have it
		case "FailedScheduling":
			s.order, s.lane, s.text = byScheduled, inScheduler, t.words.NoNode+": "+message
		case "Pulling":
			s.order, s.text = byPulling, fmt.Sprintf(t.words.PullingF, quoted(message))
		case "Pulled":
			s.order, s.text = byPulled, fmt.Sprintf(t.words.PulledF, quoted(message))
		case "Created":
			s.order, s.text = byCreated, t.words.ContainerMade
		case "Killing":
			s.text = t.words.Killing
		default:
			s.text = tidy(reason) + ": " + message
		}
		if n := max(checks.Int(ev, "count"), checks.Int(ev, "series", "count")); n > 1 {
			s.text = fmt.Sprintf(t.words.TimesF, n) + " " + s.text
		}
		t.add("event/"+uid(ev), s)
	}
}

// quoted is the part of a message in quotes, the whole where there is none.
func quoted(message string) string {
	if _, rest, ok := strings.Cut(message, `"`); ok {
		if inner, _, ok := strings.Cut(rest, `"`); ok {
			return inner
		}
	}
	return message
}

// eventTime is when an event came last. Which of its fields has that depends on who reported it.
func eventTime(o checks.Object) time.Time {
	var latest time.Time
	for _, path := range [][]string{{"series", "lastObservedTime"}, {"lastTimestamp"}, {"eventTime"}, {"firstTimestamp"},
		{"metadata", "creationTimestamp"}} {
		if t := moment(o, path...); t.After(latest) {
			latest = t
		}
	}
	return latest
}
