package picture

import (
	"fmt"
	"strings"
	"time"
)

const (
	lanesFrom = 100 // the width from which the steps move between lanes
	laneWidth = 10
)

func (p *painter) drawEvents() []Row {
	s, ok := p.story()
	if !ok {
		return p.wrapped(0, 3, Text, p.Words.NoStory)
	}
	head := Row{marked(Title, s.pod.mark, fmt.Sprintf(p.Words.StoryF, s.pod.name)), {Text: "  "}, s.pod.dot()}
	rows := []Row{append(head, p.details(s.pod)...).fit(p.Width)}
	var shown []lane // nil where the width is for a list
	if p.Width >= lanesFrom {
		shown = s.lanes()
		rows = append(rows, p.laneHead(shown))
	}
	var steps []block
	at := inServer
	for i, st := range s.steps {
		var since time.Duration
		if i > 0 {
			since = st.at.Sub(s.steps[0].at)
		} else {
			at = st.lane
		}
		steps = append(steps, block{p.stepRows(st, since, p.track(shown, at, st), shown), 1})
		at = st.lane
	}
	var foot []Row
	if s.next != "" {
		foot = []Row{{p.span(Faint, strings.Repeat(" ", timeColumn)), marked(s.pod.role, s.pod.mark, "○ "+fmt.Sprintf(p.Words.NowF, s.next))}}
	}
	rows = append(rows, p.middle(steps, p.Height-len(rows)-len(foot))...)
	return append(rows, foot...)
}

// lanes are those in which something happens.
func (s story) lanes() []lane {
	used := map[lane]bool{inServer: true, inScheduler: true, inKubelet: true, inContainer: true}
	for _, st := range s.steps {
		used[st.lane] = true
	}
	var out []lane
	for l := range lanes {
		if used[l] {
			out = append(out, l)
		}
	}
	return out
}

// middle draws the first and the newest steps; those between them that do not fit are summed up.
func (p *painter) middle(steps []block, height int) []Row {
	high := 0
	for _, s := range steps {
		high += len(s.rows)
	}
	const first = 2
	drop := 0
	for ; high > height && first+drop < len(steps)-1; drop++ {
		high -= len(steps[first+drop].rows)
		if drop == 0 {
			high++ // for the summary
		}
	}
	var out []Row
	for i, s := range steps {
		if drop > 0 && i >= first && i < first+drop {
			if i == first {
				out = append(out, Row{p.span(Faint, strings.Repeat(" ", timeColumn)+fmt.Sprintf(p.Words.MoreF, drop))})
			}
			continue
		}
		if len(out)+len(s.rows) > height {
			break
		}
		out = append(out, s.rows...)
	}
	return out
}

// timeColumn is the width of the time and of what has passed since the first step.
const timeColumn = 18

func (p *painter) stepRows(s step, since time.Duration, track Row, shown []lane) []Row {
	role := Text
	if s.bad {
		role = Bad
	}
	head := Row{marked(Faint, s.mark, s.at.In(p.Zone).Format("15:04:05")+" "+passed(since))}.pad(timeColumn)
	if track == nil {
		who := Row{marked(Title, s.mark, p.Words.lane(s.lane))}.pad(12)
		head = append(append(head, who...), Span{Text: " "})
	} else {
		head = append(append(head, track...), Span{Text: " "})
	}
	indent := head.width()
	lines := wrapTo(p.Width, indent, 3, marked(role, s.mark, s.text))
	if len(lines) == 0 {
		return []Row{head.fit(p.Width)}
	}
	out := []Row{append(head, lines[0][1:]...)}
	for _, l := range lines[1:] {
		if shown != nil {
			idle := strings.Repeat(strings.Repeat(" ", laneWidth/2)+"│"+strings.Repeat(" ", laneWidth-laneWidth/2-1), len(shown))
			l = append(Row{}.pad(timeColumn), p.span(Line, idle), Span{Text: " "}, l[1])
		}
		out = append(out, l)
	}
	return out
}

// passed is the time since the first step.
func passed(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("+%.1fs", max(0, d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("+%ds", int(d.Seconds()))
	}
	return fmt.Sprintf("+%dh%dm", int(d.Hours()), int(d.Minutes())%60)
}

func (p *painter) laneHead(shown []lane) Row {
	row := Row{}.pad(timeColumn)
	for _, l := range shown {
		row = append(row, Row{p.span(Faint, p.Words.lane(l))}.centre(laneWidth)...)
	}
	return row
}

// track draws the lanes, with the way from where the last step was to this one.
func (p *painter) track(shown []lane, from lane, s step) Row {
	if shown == nil {
		return nil
	}
	cells := []rune(strings.Repeat(" ", laneWidth*len(shown)))
	a, b := 0, 0
	for i, l := range shown {
		x := i*laneWidth + laneWidth/2
		cells[x] = '│'
		if l == from {
			a = x
		}
		if l == s.lane {
			b = x
		}
	}
	for x := min(a, b) + 1; x < max(a, b); x++ {
		if cells[x] == '│' {
			cells[x] = '┼'
		} else {
			cells[x] = '─'
		}
	}
	switch {
	case a < b:
		cells[a], cells[b-1] = '├', '▶'
	case a > b:
		cells[a], cells[b+1] = '┤', '◀'
	}
	sign, role := "●", Good
	if s.bad {
		sign, role = "✗", Bad
	}
	return Row{marked(Line, s.mark, string(cells[:b])), marked(role, s.mark, sign), marked(Line, s.mark, string(cells[b+1:]))}
}
