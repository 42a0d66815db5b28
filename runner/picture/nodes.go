package picture

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kubelab/kubelab/checks"
)

// node is a node and what runs on it. One without a name stands for the pods that have no node yet.
type node struct {
	name    string
	control bool
	ready   bool
	cordon  bool
	version string
	pods    []pod          // the learner's
	others  map[string]int // the number of pods in other namespaces
	mark    Mark
}

// nodes are the nodes in the order of their names, before them the pods that wait for one.
func (e *eye) nodes() []node {
	var out []node
	at := map[string]int{}
	objects := slices.Clone(e.items(nodes))
	slices.SortStableFunc(objects, func(a, b checks.Object) int { return strings.Compare(rawName(a), rawName(b)) })
	for _, o := range objects {
		n := node{
			name: kubeName(o), ready: checks.Text(condition(o, "Ready"), "status") == "True", cordon: checks.Bool(o, "spec", "unschedulable"),
			version: tidy(checks.Text(o, "status", "nodeInfo", "kubeletVersion")), others: map[string]int{},
		}
		labels, _ := checks.Field(o, "metadata", "labels").(map[string]any)
		_, n.control = labels["node-role.kubernetes.io/control-plane"]
		n.mark = e.seeObject(nodes, o, n.name, fmt.Sprint(n.ready, n.cordon), n.version)
		at[rawName(o)] = len(out)
		out = append(out, n)
	}
	waiting := node{}
	for _, o := range e.items(pods) {
		i, known := at[checks.Text(o, "spec", "nodeName")]
		switch own := e.isOwn(o); {
		case own && known:
			out[i].pods = append(out[i].pods, e.pod(o))
		case own:
			waiting.pods = append(waiting.pods, e.pod(o))
		case known && !e.gone[keyOf(pods, o)]:
			out[i].others[checks.Text(o, "metadata", "namespace")]++
		}
	}
	if len(waiting.pods) > 0 {
		out = append([]node{waiting}, out...)
	}
	return out
}

// has is how many things a node's box holds, for the summary.
func (n node) has() int { return max(1, len(n.pods)) }

func (p *painter) drawNodes() []Row {
	all := p.nodes()
	if len(all) == 0 {
		return p.wrapped(0, 3, Text, p.Words.NoNodes)
	}
	columns := 1
	if p.Width >= listBelow {
		columns = min(len(all), max(1, p.Width/36))
	}
	blocks := shrink(p.Height, func(most int) []block { return p.nodeBlocks(all, columns, most) })
	return p.stack(blocks, p.Height)
}

func (p *painter) nodeBlocks(all []node, columns, most int) []block {
	if p.Width < listBelow {
		var blocks []block
		for _, n := range all {
			rows := []Row{append(p.nodeTitle(n), p.nodeState(n)...)}
			for _, r := range p.nodePods(n, most, p.Width-2) {
				rows = append(rows, append(Row{{Text: "  "}}, r...))
			}
			blocks = append(blocks, block{rows, n.has()})
		}
		return blocks
	}
	blocks := p.grid(len(all), columns, 1, func(i, width, high int) []Row {
		n := all[i]
		var rows []Row
		if n.name != "" {
			rows = []Row{p.nodeState(n)}
		}
		rows = append(rows, p.nodePods(n, most, width-4)...)
		return box(p.nodeTitle(n), stretch(rows, high), width, n.mark)
	})
	for i := range blocks {
		blocks[i].n = 0
		for _, n := range all[i*columns : min(len(all), (i+1)*columns)] {
			blocks[i].n += n.has()
		}
	}
	return blocks
}

func (p *painter) nodeTitle(n node) Row {
	if n.name == "" {
		return Row{p.span(Title, p.Words.WaitForNode)}
	}
	return Row{marked(Title, n.mark, n.name)}
}

func (p *painter) nodeState(n node) Row {
	if n.name == "" {
		return nil
	}
	state, role := p.Words.Ready, Good
	if !n.ready {
		state, role = p.Words.NotReady, Bad
	}
	row := Row{marked(role, n.mark, dot(n.ready)+state)}
	if n.cordon {
		row = append(row, marked(Bad, n.mark, " "+p.Words.Cordoned))
	}
	if n.control {
		row = append(row, marked(Faint, n.mark, " "+p.Words.ControlPlane))
	}
	if p.Width < listBelow {
		return append(Row{{Text: "  "}}, row...)
	}
	return append(row, marked(Faint, n.mark, " "+n.version))
}

// nodePods are at most so many lines about a node's pods, and one about those of other namespaces.
func (p *painter) nodePods(n node, most, width int) []Row {
	var rows []Row
	column := nameColumn(n.pods[:min(most, len(n.pods))])
	for i, d := range n.pods {
		if i == most-1 && i < len(n.pods)-1 {
			rows = append(rows, Row{p.span(Faint, fmt.Sprintf(p.Words.MoreF, len(n.pods)-i))})
			break
		}
		rows = append(rows, p.podLine(d, column, width))
	}
	var others []string
	for _, namespace := range slices.Sorted(maps.Keys(n.others)) {
		others = append(others, fmt.Sprintf("%s %d", tidy(namespace), n.others[namespace]))
	}
	if len(others) > 0 {
		rows = append(rows, Row{p.span(Faint, fmt.Sprintf(p.Words.OthersF, strings.Join(others, ", ")))}.fit(width))
	}
	if len(n.pods) == 0 && len(others) == 0 {
		rows = append(rows, Row{p.span(Faint, p.Words.NoPods)})
	}
	return rows
}
