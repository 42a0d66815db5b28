package picture

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/kubelab/kubelab/checks"
)

// rollout is a deployment with its ReplicaSets, the older ones first.
type rollout struct {
	name     string
	desired  int64
	strategy string
	// trouble is why it does not go on; paused that somebody holds it.
	trouble string
	paused  bool
	sets    []version
	mark    Mark
}

// version is a ReplicaSet: one version of what a deployment runs.
type version struct {
	name, image           string
	revision              int64
	desired, current, has int64 // has is how many pods are ready
	newest                bool
	pods                  []pod
	mark                  Mark
}

// rollouts are the deployments of the learner's namespace, newest first.
func (e *eye) rollouts() []rollout {
	byOwner := map[string][]pod{}
	for _, o := range e.own(pods) {
		id := checks.Text(controllerOf(o), "uid")
		byOwner[id] = append(byOwner[id], e.pod(o))
	}
	sets := map[string][]version{}
	for _, o := range e.own(replicaSets) {
		v := version{
			name: kubeName(o), image: shortImage(tidy(imageOf(o))), desired: checks.Int(o, "spec", "replicas"),
			current: checks.Int(o, "status", "replicas"), has: checks.Int(o, "status", "readyReplicas"), pods: byOwner[uid(o)],
		}
		v.revision, _ = strconv.ParseInt(checks.Text(o, "metadata", "annotations", "deployment.kubernetes.io/revision"), 10, 64)
		v.mark = e.seeObject(replicaSets, o, v.name, v.image, fmt.Sprint(v.revision, v.desired, v.current, v.has))
		by := checks.Text(controllerOf(o), "uid")
		sets[by] = append(sets[by], v)
	}
	var out []rollout
	for _, o := range slices.Backward(e.own(deployments)) {
		r := rollout{name: kubeName(o), desired: checks.Int(o, "spec", "replicas"), strategy: tidy(checks.Text(o, "spec", "strategy", "type"))}
		r.paused = checks.Bool(o, "spec", "paused")
		if c := condition(o, "Progressing"); checks.Text(c, "status") == "False" {
			r.trouble = tidy(cmp.Or(checks.Text(c, "message"), checks.Text(c, "reason")))
		}
		r.mark = e.seeObject(deployments, o, r.name, fmt.Sprint(r.desired, r.paused), r.trouble, r.strategy)
		r.sets = sets[uid(o)]
		slices.SortStableFunc(r.sets, func(a, b version) int { return cmp.Compare(a.revision, b.revision) })
		if n := len(r.sets); n > 0 {
			r.sets[n-1].newest = true
		}
		out = append(out, r)
	}
	return out
}

func imageOf(o checks.Object) string {
	for _, c := range checks.List(o, "spec", "template", "spec", "containers") {
		return checks.Text(c, "image")
	}
	return ""
}

// live reports whether a version is worth a box of its own: the newest, or one that still has pods.
func (v version) live() bool {
	return v.newest || v.desired > 0 || v.current > 0 || len(v.pods) > 0 || v.mark != Still
}

func (p *painter) drawRollouts() []Row {
	all := p.rollouts()
	if len(all) == 0 {
		return p.wrapped(0, 3, Text, p.Words.NoDeployments)
	}
	blocks := shrink(p.Height, func(most int) []block {
		var blocks []block
		for i, r := range all {
			rows := p.rolloutRows(r, most)
			if i > 0 {
				rows = append([]Row{{}}, rows...)
			}
			blocks = append(blocks, block{rows, 1})
		}
		return blocks
	})
	return p.stack(blocks, p.Height)
}

// rolloutRows draws a deployment over its versions, with at most so many pods of each.
func (p *painter) rolloutRows(r rollout, most int) []Row {
	head := Row{marked(Title, r.mark, "deploy/"+r.name), marked(Text, r.mark, "  "+fmt.Sprintf(p.Words.DesiredF, r.desired)),
		marked(Faint, r.mark, "  "+r.strategy)}
	if r.paused {
		head = append(head, marked(Bad, r.mark, "  "+p.Words.Paused))
	}
	rows := []Row{head.fit(p.Width)}
	if r.trouble != "" {
		rows = append(rows, Row{marked(Bad, r.mark, "✗ "+r.trouble)}.fit(p.Width))
	}
	var shown []version
	past := ""
	count := 0
	for i, v := range r.sets {
		// The one before the newest stays in sight: it is where a rollback leads.
		if v.live() || i == len(r.sets)-2 {
			shown = append(shown, v)
			continue
		}
		if count++; past != "" {
			past += ", "
		}
		past += strconv.FormatInt(v.revision, 10)
	}
	if count > 0 {
		rows = append(rows, Row{p.span(Faint, fmt.Sprintf(p.Words.PastF, count, past))})
	}
	return append(rows, p.versions(shown, most)...)
}

// versions draws old and new side by side with the way of the pods between them, or below one another.
func (p *painter) versions(shown []version, most int) []Row {
	const arrow = 4
	fits := max(1, (p.Width+arrow)/(30+arrow))
	if p.Width < listBelow || len(shown) > fits {
		var rows []Row
		for _, v := range shown {
			title := append(p.versionTitle(v), marked(Text, v.mark, "  "+v.image))
			rows = append(rows, title.fit(p.Width), append(Row{{Text: "  "}}, p.progress(v, p.Width-2)...))
			for _, r := range p.versionPods(v, most, p.Width-2) {
				rows = append(rows, append(Row{{Text: "  "}}, r...))
			}
		}
		return rows
	}
	width, high := min(60, (p.Width-arrow*(len(shown)-1))/max(1, len(shown))), 0
	inside := make([][]Row, len(shown))
	for i, v := range shown {
		inside[i] = append([]Row{{marked(Faint, v.mark, v.image)}, p.progress(v, width-4)}, p.versionPods(v, most, width-4)...)
		high = max(high, len(inside[i])+2)
	}
	var strips []strip
	for i, v := range shown {
		if i > 0 {
			lines := []Row{{}, {}, {p.span(Line, " ─▶ ")}}
			strips = append(strips, strip{lines, arrow})
		}
		strips = append(strips, strip{box(p.versionTitle(v), stretch(inside[i], high), width, v.mark), width})
	}
	return beside(strips, 0, false)
}

func (p *painter) versionTitle(v version) Row {
	words := fmt.Sprintf(p.Words.RevisionF, v.revision)
	age := p.Words.OldVersion
	if v.newest {
		age = p.Words.NewVersion
	}
	return Row{marked(Title, v.mark, words), marked(Text, v.mark, " "+age), marked(Faint, v.mark, " "+v.name)}
}

// progress is how many pods of a version are wanted and ready, as a bar and in numbers.
func (p *painter) progress(v version, width int) Row {
	total := int(max(v.desired, v.current, v.has))
	numbers := Row{marked(Text, v.mark, fmt.Sprintf(p.Words.DesiredF, v.desired)+" · "+fmt.Sprintf(p.Words.ReadyF, v.has))}
	if total == 0 || numbers.width()+2+total > width {
		return numbers
	}
	row := Row{}
	for i := range total {
		role, sign := Faint, "○"
		if i < int(v.has) {
			role, sign = Good, "●"
		}
		row = append(row, marked(role, v.mark, sign))
	}
	return append(append(row, Span{Text: "  "}), numbers...)
}

func (p *painter) versionPods(v version, most, width int) []Row {
	var rows []Row
	column := nameColumn(v.pods[:min(most, len(v.pods))])
	for i, d := range v.pods {
		if i == most-1 && i < len(v.pods)-1 {
			return append(rows, Row{p.span(Faint, fmt.Sprintf(p.Words.MoreF, len(v.pods)-i))})
		}
		rows = append(rows, p.podLine(d, column, width))
	}
	return rows
}
