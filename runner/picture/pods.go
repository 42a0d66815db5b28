package picture

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/kubelab/kubelab/checks"
)

// pod is a pod as it is drawn.
type pod struct {
	object checks.Object
	name   string
	node   string // empty while it has none
	state  string
	role   Role
	ready  bool
	ending bool
	// containers is "1/2": how many of its containers are ready.
	containers string
	restarts   int64
	mark       Mark
}

func (e *eye) pod(o checks.Object) pod {
	p := pod{object: o, name: kubeName(o), node: tidy(checks.Text(o, "spec", "nodeName")), ending: checks.Text(o, "metadata", "deletionTimestamp") != ""}
	statuses, ready := checks.List(o, "status", "containerStatuses"), 0
	for _, s := range statuses {
		if checks.Bool(s, "ready") {
			ready++
		}
		p.restarts += checks.Int(s, "restartCount")
	}
	p.containers = strconv.Itoa(ready) + "/" + strconv.Itoa(max(len(statuses), len(checks.List(o, "spec", "containers"))))
	p.ready = checks.Text(condition(o, "Ready"), "status") == "True" && !p.ending
	p.state, p.role = e.podState(o, p)
	p.mark = e.seeObject(pods, o, p.name, p.node, p.state, p.containers, strconv.FormatInt(p.restarts, 10))
	return p
}

// podState is what a pod does, in a word or two.
func (e *eye) podState(o checks.Object, p pod) (string, Role) {
	phase := checks.Text(o, "status", "phase")
	switch {
	case p.ending:
		return e.words.Ending, Faint
	case phase == "Succeeded":
		return e.words.Succeeded, Faint
	case phase == "Failed":
		if reason := tidy(checks.Text(o, "status", "reason")); reason != "" {
			return reason, Bad
		}
		return e.words.Failed, Bad
	case p.node == "" && checks.Text(condition(o, "PodScheduled"), "reason") == "Unschedulable":
		return e.words.NoNode, Bad
	case p.node == "":
		return e.words.Scheduling, Text
	}
	if reason := stuck(o); reason != "" {
		return reason, Bad
	}
	switch {
	case p.ready:
		return e.words.Ready, Good
	case phase == "Running":
		return e.words.NotReady, Text
	}
	return e.words.Starting, Text
}

// stuck is why a container of a pod does not run, empty where it is only being started.
func stuck(o checks.Object) string {
	for _, in := range []string{"initContainerStatuses", "containerStatuses"} {
		for _, s := range checks.List(o, "status", in) {
			switch reason := checks.Text(s, "state", "waiting", "reason"); reason {
			case "", "ContainerCreating", "PodInitializing":
			default:
				return tidy(reason)
			}
			if in == "containerStatuses" && checks.Int(s, "state", "terminated", "exitCode") != 0 {
				return tidy(checks.Text(s, "state", "terminated", "reason"))
			}
		}
	}
	return ""
}

func (p pod) dot() Span { return marked(p.role, p.mark, dot(p.ready)) }

// details are what a line about a pod has behind the name.
func (p *painter) details(d pod) []Span {
	spans := []Span{marked(d.role, d.mark, d.state), marked(Faint, d.mark, " "+d.containers)}
	if d.restarts > 0 {
		spans = append(spans, marked(Text, d.mark, " "+fmt.Sprintf(p.Words.RestartsF, d.restarts)))
	}
	return spans
}

// podLine is a pod on one line: its name in a column of its own, where there is room for one.
func (p *painter) podLine(d pod, column, columns int) Row {
	name, details := Row{marked(Text, d.mark, d.name)}, p.details(d)
	if 2+column+2+Row(details).width() <= columns {
		name = name.pad(column)
	}
	row := append(Row{d.dot()}, name...)
	return append(append(row, Span{Text: "  "}), details...).fit(columns)
}

// nameColumn is the width of the longest name.
func nameColumn(all []pod) int {
	w := 0
	for _, d := range all {
		w = max(w, cells(d.name))
	}
	return w
}

// nodeNames shortens the names of nodes by what they have in common up to a dash: kubelab-worker is worker.
func (e *eye) nodeNames() func(string) string {
	common, several := "", false
	for _, o := range e.items(pods) {
		name := tidy(checks.Text(o, "spec", "nodeName"))
		switch {
		case name == "":
		case common == "":
			common = name
		case name != common:
			several = true
			for !strings.HasPrefix(name, common) {
				common = common[:len(common)-1]
			}
		}
	}
	common = common[:strings.LastIndex(common, "-")+1]
	return func(name string) string {
		if rest := strings.TrimPrefix(name, common); several && rest != "" {
			return rest
		}
		return name
	}
}
