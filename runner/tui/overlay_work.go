package tui

import (
	"fmt"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/session"
)

// workOverlay shows what goes on behind the course: the steps of the environment and what they say, and what was seen of
// the machine.
type workOverlay struct{ menu menu }

// openWork shows the background work, at the step that has failed or runs.
func (m *Model) openWork() tea.Cmd {
	o := &workOverlay{}
	o.menu.settle(o.entries(m))
	for _, status := range []engine.Status{engine.Running, engine.Failed} {
		for i, it := range o.items(m) {
			if it.step != nil && it.step.Status == status {
				o.menu.selected = i
			}
		}
	}
	return m.lay(o)
}

// workItem is a step, a finding, or the heading above either.
type workItem struct {
	heading string
	step    *session.EnvironmentStep
	finding *engine.Finding
}

func (*workOverlay) items(m *Model) []workItem {
	env, t := m.overview.Environment, m.text.over
	out := []workItem{{heading: t.workSteps}}
	for i := range env.Steps {
		out = append(out, workItem{step: &env.Steps[i]})
	}
	out = append(out, workItem{heading: t.findings})
	for _, severity := range []engine.Severity{engine.Fatal, engine.Warning, engine.OK} {
		for i := range env.Findings {
			if env.Findings[i].Severity == severity {
				out = append(out, workItem{finding: &env.Findings[i]})
			}
		}
	}
	return out
}

func (o *workOverlay) entries(m *Model) []entry {
	var out []entry
	for _, it := range o.items(m) {
		switch {
		case it.step != nil:
			sign := map[engine.Status]string{engine.Running: m.dot, engine.Done: m.glyphs.tick, engine.Failed: m.cross, engine.Skipped: m.pending}[it.step.Status]
			out = append(out, entry{title: sign + " " + m.safe(cleanLine(it.step.Title)), tail: "  " + m.faint.Render(m.list.times(*it.step, m.clock.now))})
		case it.finding != nil:
			sign := map[engine.Severity]string{engine.OK: m.glyphs.tick, engine.Warning: "!", engine.Fatal: m.cross}[it.finding.Severity]
			out = append(out, entry{title: sign + " " + m.safe(cleanLine(it.finding.Saw))})
		default:
			out = append(out, entry{title: it.heading, heading: true})
		}
	}
	return out
}

func (o *workOverlay) key(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	msg = latin(msg)
	entries := o.entries(m)
	o.menu.settle(entries)
	switch {
	case key.Matches(msg, m.keys.cancel, m.keys.quit, m.keys.work):
		return m.lift()
	case key.Matches(msg, m.keys.retry):
		if why := m.refuseRetry(); why != "" {
			m.say(why, true)
			return nil
		}
		m.app.Retry()
		return nil
	case key.Matches(msg, m.keys.submit):
		if it := o.items(m)[o.menu.selected]; it.step != nil {
			m.say("", false)
			return m.lay(&linesOverlay{step: it.step.Step})
		}
		return nil
	}
	o.menu.key(m.keys, msg, entries, false)
	return nil
}

func (o *workOverlay) draw(m *Model) []string {
	entries := o.entries(m)
	o.menu.settle(entries)
	it := o.items(m)[o.menu.selected]
	title := m.text.over.said
	if it.finding != nil {
		title = m.text.over.findings
	}
	return m.drawSheet(&o.menu, entries, m.list.environmentTitle(m.overview.Environment), title, func(w, rows int) []string {
		switch {
		case it.step != nil:
			return m.aboutWork(*it.step, w, rows)
		case it.finding != nil:
			return m.list.finding(*it.finding, w)
		}
		return []string{m.text.over.noWork}
	}, m.text.over.workKeys)
}

// aboutWork says why a step has failed and what to do, and the newest of what it has said.
func (m *Model) aboutWork(s session.EnvironmentStep, w, rows int) []string {
	var out []string
	if s.Err != nil {
		out = m.indent(m.fail.Render(m.cross)+" ", cleanLine(s.Err.Error()), w, m.theme.text.Render)
		out = append(out, m.indent("  "+m.text.tryWord+" ", m.text.over.workTry, w, m.accent.Render)...)
	}
	said := m.saidBy(s, w)
	if len(said) == 0 && s.Err == nil {
		said = []string{m.faint.Render(m.text.over.saidNothing)}
	}
	return append(out, said[max(0, min(len(said), len(said)-rows+len(out))):]...)
}

// saidBy is what a step has said, the newest last.
func (m *Model) saidBy(s session.EnvironmentStep, w int) []string {
	var out []string
	for _, line := range s.Lines {
		out = append(out, wrap(m.safe(cleanLine(line)), w)...)
	}
	return out
}

// linesOverlay is all that a step has said.
type linesOverlay struct {
	pager
	step string
	// moved is true once the learner has scrolled; before, the newest line is in view.
	moved bool
}

func (o *linesOverlay) of(m *Model) (s session.EnvironmentStep) {
	for _, s := range m.overview.Environment.Steps {
		if s.Step == o.step {
			return s
		}
	}
	return s
}

func (o *linesOverlay) lines(m *Model) []string {
	s := o.of(m)
	out := m.saidBy(s, m.w-4)
	if s.Err != nil {
		out = append(out, m.indent(m.fail.Render(m.cross)+" ", strings.TrimSpace(cleanText(s.Err.Error())), m.w-4, m.theme.text.Render)...)
	}
	if !o.moved {
		o.top = max(0, len(out)-m.pagerRows())
	}
	return out
}

func (o *linesOverlay) key(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	msg = latin(msg)
	if o.pager.key(m, msg, len(o.lines(m)), m.pagerRows()) {
		o.moved = true
		return nil
	}
	return m.lift()
}

func (o *linesOverlay) draw(m *Model) []string {
	lines := o.lines(m)
	s := o.of(m)
	title := m.safe(cleanLine(s.Title))
	if times := m.list.times(s, m.clock.now); times != "" {
		title += " " + m.middot + " " + times
	}
	return o.pager.draw(m, title, lines, m.text.over.pagerKeys)
}

// times is how long a step has taken, and usually takes.
func (l *listPane) times(s session.EnvironmentStep, now time.Time) string {
	took := now.Sub(s.Began)
	if !s.Ended.IsZero() {
		took = s.Ended.Sub(s.Began)
	}
	if s.Began.IsZero() || now.IsZero() || took < 0 {
		return ""
	}
	if s.Usual > 0 && s.Status == engine.Running {
		return fmt.Sprintf(l.text.usualF, l.duration(took), l.duration(s.Usual))
	}
	return l.duration(took)
}
