package picture

import (
	"fmt"
	"strconv"
	"strings"
)

const (
	podLabel   = 20 // the widest that a pod's box labels it
	ownerWidth = 24 // the widest that the column with the owners gets
)

func (p *painter) drawServices() []Row {
	all := p.groups()
	if len(all) == 0 {
		return p.wrapped(0, 3, Text, p.Words.NoWorkload)
	}
	var blocks []block
	short, high := p.nodeNames(), 0
	for i, g := range all {
		var drawn []block
		switch {
		case high > p.Height: // nobody will see it
			drawn = []block{{[]Row{{}}, g.has()}}
		case p.Width < listBelow:
			drawn = p.groupList(g, short)
		default:
			drawn = p.groupDrawing(g, short)
		}
		if i > 0 && len(drawn) > 0 {
			drawn[0].rows = append([]Row{{}}, drawn[0].rows...)
		}
		for _, b := range drawn {
			high += len(b.rows)
		}
		blocks = append(blocks, drawn...)
	}
	return p.stack(blocks, p.Height)
}

// has is how many things a group is drawn with.
func (g group) has() int {
	n := 0
	if g.service != nil {
		n = 1
	}
	for _, ow := range g.owners {
		n += max(1, len(ow.pods))
	}
	return max(1, n)
}

// plan is where things are in the drawing of a group.
type plan struct {
	left, box, perRow int
}

func (p *painter) planOf(g group) plan {
	left, label := 14, 5
	if g.answered > 0 {
		left = max(left, cells(fmt.Sprintf(p.Words.AnswersF, g.answered))+len(" -->")+1)
	}
	for _, ow := range g.owners {
		left = max(left, cells(ow.title)+2)
		if ow.counts {
			left = max(left, cells(fmt.Sprintf(p.Words.CurrentF, ow.current, ow.have))+1)
		}
		for _, m := range ow.pods {
			label = max(label, cells(m.label))
		}
	}
	l := plan{left: min(left, ownerWidth, p.Width/3), box: min(label, podLabel) + 6}
	l.perRow = max(1, (p.Width-l.left+1)/(l.box+1))
	return l
}

// groupDrawing draws a service over its pods; the first block has the service and the first row of pods.
func (p *painter) groupDrawing(g group, short func(string) string) []block {
	l := p.planOf(g)
	var out []block
	high := 0
	for _, ow := range g.owners {
		rest := ow.pods
		for first := true; first || len(rest) > 0; first = false {
			n := min(len(rest), l.perRow)
			if high > p.Height { // nobody will see it
				out = append(out, block{[]Row{{}}, max(1, len(rest))})
				break
			}
			labels := p.ownerLabels(ow, l)
			if !first {
				labels = nil
			}
			rows := p.podRow(g, rest[:n], labels, l, short)
			out, high = append(out, block{rows, max(n, 1)}), high+len(rows)
			rest = rest[n:]
		}
	}
	if g.service == nil {
		return out
	}
	var under []member
	if len(g.owners) > 0 {
		under = g.owners[0].pods[:min(len(g.owners[0].pods), l.perRow)]
	}
	head := p.serviceBox(g, under, l)
	if len(out) == 0 {
		none := Row{{Text: strings.Repeat(" ", l.left)}, p.span(Bad, "✗ "), p.span(Text, p.Words.NoPodsBehind)}
		return []block{{append(head, none), 1}}
	}
	out[0] = block{append(head, out[0].rows...), out[0].n + 1}
	return out
}

// serviceBox is a service with its addresses and what it chooses pods by; arrows leave it for the pods under it.
func (p *painter) serviceBox(g group, under []member, l plan) []Row {
	s := g.service
	var rows []Row
	for _, a := range s.addresses {
		rows = append(rows, Row{marked(Text, s.mark, a)})
	}
	rows = append(rows, Row{marked(Faint, s.mark, s.selector)})
	if len(s.addresses) == 1 {
		rows = []Row{{marked(Text, s.mark, s.addresses[0]), marked(Faint, s.mark, "   "+s.selector)}}
	}
	title := Row{marked(Title, s.mark, p.Words.Service+" "+s.name)}
	need := title.width() + 6
	for _, r := range rows {
		need = max(need, r.width()+4)
	}
	width := min(p.Width-l.left, max(need, len(under)*(l.box+1)-1))
	drawn := box(title, rows, width, s.mark)
	edge := []rune(drawn[len(drawn)-1][0].Text)
	for i, m := range under {
		if x := i*(l.box+1) + l.box/2; m.ready && x < len(edge)-1 {
			edge[x] = '┬'
		}
	}
	drawn[len(drawn)-1] = Row{marked(Line, s.mark, string(edge))}
	var out []Row
	for i, r := range drawn {
		left := Row{}
		if i == 1 && g.answered > 0 {
			left = Row{p.span(Text, fmt.Sprintf(p.Words.AnswersF, g.answered)), p.span(Line, " ──▶")}
		}
		out = append(out, append(left.pad(l.left), r...))
	}
	if g.whose != "" {
		out = append([]Row{{p.span(Faint, fmt.Sprintf(p.Words.WhoseF, g.whose))}}, out...)
	}
	return out
}

// ownerLabels are the lines at the left of an owner's pods.
func (p *painter) ownerLabels(ow owner, l plan) []Row {
	if ow.title == "" {
		return []Row{{}, {p.span(Faint, p.Words.NoOwner)}}
	}
	rows := []Row{{marked(Title, ow.mark, ow.title)}}
	if ow.counts {
		want := Row{marked(Text, ow.mark, fmt.Sprintf(p.Words.DesiredF, ow.desired)), p.span(Line, " ─▶")}
		role := Good
		if ow.have != ow.desired {
			role = Bad
		}
		rows = append(rows, want, Row{marked(role, ow.mark, fmt.Sprintf(p.Words.CurrentF, ow.current, ow.have))})
	}
	if ow.above != "" {
		rows = append(rows, Row{marked(Faint, ow.mark, ow.above)})
	}
	for i := range rows {
		rows[i] = rows[i].fit(l.left - 1)
	}
	return rows
}

// podRow is a row of pods in boxes, with the answers over them and their nodes, or what ails them, under them.
func (p *painter) podRow(g group, members []member, labels []Row, l plan, short func(string) string) []Row {
	strips := []strip{{width: l.left - 1}}
	if g.service != nil {
		strips[0].rows = []Row{{}} // beside the arrows
	}
	strips[0].rows = append(strips[0].rows, labels...)
	for _, m := range members {
		var rows []Row
		if g.service != nil {
			rows = append(rows, p.arrow(g, m).centre(l.box))
		}
		label := Row{marked(Title, m.pod.mark, m.label)}.fit(podLabel).pad(l.box - 6)
		inside := append(label, Span{Text: " "}, marked(m.role, m.pod.mark, strings.TrimSpace(dot(m.ready))))
		rows = append(rows, box(nil, []Row{inside}, l.box, m.pod.mark)...)
		under := marked(Faint, m.pod.mark, short(m.node))
		if !m.ready {
			under = marked(m.role, m.pod.mark, m.state)
		}
		strips = append(strips, strip{append(rows, Row{under}.centre(l.box)), l.box})
	}
	if len(members) == 0 {
		strips = append(strips, strip{[]Row{{}, {p.span(Faint, p.Words.NoPods)}}, 0})
	}
	return beside(strips, 1, false)
}

// arrow leads from the service to a pod, with the number of answers; none leads to a pod that is not ready.
func (p *painter) arrow(g group, m member) Row {
	head := p.span(Line, "▼")
	if !m.ready {
		head = p.span(Bad, "✗")
	}
	if g.answered == 0 {
		return Row{head}
	}
	return Row{marked(Text, m.mark, strconv.Itoa(m.answers)+" "), head}
}

// groupList is a group as a list.
func (p *painter) groupList(g group, short func(string) string) []block {
	var head []Row
	if s := g.service; s != nil {
		head = append(head, Row{marked(Title, s.mark, p.Words.Service+" "+s.name)})
		for _, a := range append(s.addresses, s.selector) {
			head = append(head, Row{marked(Faint, s.mark, "  "+a)})
		}
		if g.whose != "" {
			head = append(head, Row{p.span(Text, "  "+fmt.Sprintf(p.Words.AnswersF, g.answered)+": "+g.whose)})
		}
		if len(g.owners) == 0 {
			return []block{{append(head, Row{p.span(Bad, "  ✗ "), p.span(Text, p.Words.NoPodsBehind)}), 1}}
		}
	}
	var out []block
	for _, ow := range g.owners {
		title := Row{p.span(Faint, p.Words.NoOwner)}
		if ow.title != "" {
			title = Row{marked(Title, ow.mark, ow.title)}
		}
		if ow.counts {
			counts := fmt.Sprintf(p.Words.DesiredF, ow.desired) + " · " + fmt.Sprintf(p.Words.CurrentF, ow.current, ow.have)
			title = append(title, marked(Text, ow.mark, "  "+counts))
		}
		rows := append(head, title)
		head = nil
		if len(ow.pods) == 0 {
			out = append(out, block{append(rows, Row{p.span(Faint, "  "+p.Words.NoPods)}), 1})
		}
		for i, m := range ow.pods {
			if i > p.Height { // nobody will see it
				out = append(out, block{[]Row{{}}, len(ow.pods) - i})
				break
			}
			line := Row{{Text: "  "}, m.dot(), marked(Text, m.pod.mark, m.name)}
			if g.answered > 0 {
				line = append(line, marked(Text, m.mark, "  "+fmt.Sprintf(p.Words.ShareF, m.answers, 100*m.answers/g.answered)))
			}
			if m.ready {
				line = append(line, marked(Faint, m.pod.mark, "  "+short(m.node)))
			} else {
				line = append(line, marked(m.role, m.pod.mark, "  "+m.state))
			}
			out = append(out, block{append(rows, line), 1})
			rows = nil
		}
	}
	return out
}
