package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/kubelab/kubelab/runner/engine"
)

// header is the first line of a lab: where the learner is at the left, how the environment is at the right. What does
// not fit is left out from the least important on.
func (m *Model) header(p *labPane) string {
	left := " " + m.accent.Render("kubelab") + "  "
	where := fmt.Sprintf("%d %s", p.number, m.safe(cleanLine(p.title)))
	if !p.loaded {
		return m.spread(m.w, left+m.title.Render(where), m.health(true)+" ")
	}
	v := p.view
	steps := "  " + fmt.Sprintf(m.text.stepF, v.Step+1, len(v.Steps)) + " "
	done := 0
	for _, s := range v.Steps {
		if s.Done {
			done++
		}
	}
	clock := m.elapsed(v.Started)
	free := m.w - ansi.StringWidth(left) - ansi.StringWidth(steps)
	where = fit(where, max(8, free), m.ellipsis)
	head := left + m.title.Render(where) + steps
	for _, right := range []string{m.health(true) + clock, m.health(false) + clock, m.health(false), ""} {
		rest := m.w - ansi.StringWidth(head) - ansi.StringWidth(right) - 2
		if rest < 6 {
			continue
		}
		return m.spread(m.w, head+m.bar(done, len(v.Steps), min(rest-2, 5*len(v.Steps), 32)), right+" ")
	}
	return fit(head, m.w, m.ellipsis)
}

// elapsed is how long ago the learner began, for the end of the header.
func (m *Model) elapsed(since time.Time) string {
	if since.IsZero() || m.clock.now.IsZero() || m.clock.now.Before(since) {
		return ""
	}
	d := m.clock.now.Sub(since)
	const day = 24 * time.Hour
	if d >= day {
		return fmt.Sprintf(" "+m.middot+" "+m.text.elapsedDaysF, int(d/day)+1)
	}
	s := int(d / time.Second)
	return fmt.Sprintf(" "+m.middot+" %02d:%02d:%02d", s/3600, s/60%60, s%60)
}

// health is the engine's name and what the environment can do. The short form is one sign for all of it.
func (m *Model) health(long bool) string {
	env := m.overview.Environment
	name := cleanLine(env.Engine)
	if env.Simulated {
		name += "(" + m.text.simulated + ")"
	}
	has := 0
	var parts []string
	for _, c := range capabilities() {
		sign := m.faint.Render(m.hollow)
		if env.Has[c] {
			sign = m.pass.Render(m.dot)
			has++
		}
		parts = append(parts, m.text.capability(c)+" "+sign)
	}
	all := has == len(capabilities())
	sign := m.faint.Render(m.hollow) + " " + fmt.Sprintf(m.text.stepF, has, len(capabilities()))
	switch {
	case env.Broken != "":
		sign = m.fail.Render(m.cross)
	case all:
		sign = m.pass.Render(m.dot)
	}
	if !long || env.Broken != "" || all {
		return strings.TrimLeft(name+" "+sign, " ")
	}
	return strings.TrimLeft(name+" ", " ") + strings.Join(parts, " ")
}

// capabilities are the ones worth a place on the screen, in the order in which an engine gains them.
func capabilities() []engine.Capability {
	return []engine.Capability{engine.Docker, engine.Registry, engine.Cluster, engine.LoadBalancer}
}

// capability is the learner's word for c.
func (t texts) capability(c engine.Capability) string {
	if word, ok := t.capabilities[string(c)]; ok {
		return word
	}
	return cleanLine(string(c))
}

// capabilityList joins the words for cs.
func (t texts) capabilityList(cs []engine.Capability) string {
	words := make([]string, len(cs))
	for i, c := range cs {
		words[i] = t.capability(c)
	}
	return strings.Join(words, ", ")
}
