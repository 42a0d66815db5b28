package validate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/labs"
)

// step proves one step and leaves it solved. It returns false where the steps behind it cannot be proved any more.
func (r *replay) step(ctx context.Context, i int) bool {
	step := r.lab.Steps[i]
	r.report.Steps = append(r.report.Steps, StepReport{ID: step.ID, Cases: []Case{}})
	r.tell(Event{Step: step.ID})
	r.stepStarted = time.Now()
	p := &proof{replay: r, step: step, whole: true}

	if len(step.Checks) > 0 {
		p.file(r.time(Before, "", step.Line, p.notYet))
	}
	for n, v := range step.Wrong {
		name := fmt.Sprintf("%d %q", n+1, v.Explanation)
		p.file(r.time(Wrong, name, v.Script.Line, func() string { return p.wrong(ctx, v) }))
		if problem := r.takeBack(ctx, i, v); problem != "" {
			p.file(Case{Kind: Wrong, Name: name + " undo", Line: v.Script.Line, Problem: problem})
			return false
		}
	}
	for n, v := range step.Also {
		name := fmt.Sprint(n + 1)
		p.file(r.time(Also, name, v.Script.Line, func() string { return p.right(ctx, []labs.Script{v.Script}) }))
		if problem := r.takeBack(ctx, i, v); problem != "" {
			p.file(Case{Kind: Also, Name: name + " undo", Line: v.Script.Line, Problem: problem})
			return false
		}
	}
	if !p.file(r.time(Solution, "", step.Line, func() string { return p.right(ctx, step.Solution) })) {
		return false
	}
	for n, q := range step.Questions {
		p.file(r.time(Question, fmt.Sprint(n+1), q.Line, func() string { return p.question(ctx, q) }))
	}
	if p.whole && len(step.Checks) > 0 {
		p.mutations()
		p.cheats()
	}
	return true
}

// proof is the proof of one step, and the states of the world that it saw.
type proof struct {
	*replay
	step *labs.Step
	// whole is true as long as every case holds.
	whole bool

	before   moment
	mistakes []mistake
	// solved are the moments at which right ways were found to pass; that of the solution is the last.
	solved []moment
}

// mistake is the moment at which a mistake was found to get its explanation.
type mistake struct {
	moment
	explanation string
}

// file files a case of the step and reports whether it holds.
func (p *proof) file(c Case) bool {
	s := &p.report.Steps[len(p.report.Steps)-1]
	s.Cases = append(s.Cases, c)
	p.tell(Event{Step: p.step.ID, Case: &c})
	p.whole = p.whole && c.Problem == ""
	return c.Problem == ""
}

func (p *proof) notYet() string {
	p.before = p.judge(p.step, p.observer.Snapshot())
	if p.before.passes() {
		return "the step passes before its solution: its checks look at nothing that the step changes"
	}
	return ""
}

// wrong runs a mistake and waits until an explanation holds the text that it must get.
func (p *proof) wrong(ctx context.Context, v labs.Variant) string {
	if len(p.step.Checks) == 0 {
		return "the step has no check that could catch the mistake"
	}
	if err := p.typed(ctx, v.Script); err != nil {
		return err.Error()
	}
	var last moment
	told := wait(ctx, p.observer, limit(p.step), func(snap checks.Snapshot) bool {
		last = p.judge(p.step, snap)
		return last.passes() || last.explains(v.Explanation)
	})
	switch {
	case last.passes():
		return "the mistake passes"
	case !told && ctx.Err() != nil:
		return ctx.Err().Error()
	case !told:
		return fmt.Sprintf("the explanation does not contain %q; last seen: %s", v.Explanation, last.describe())
	}
	p.mistakes = append(p.mistakes, mistake{last, v.Explanation})
	return ""
}

// right runs scripts and waits until every check of the step holds.
func (p *proof) right(ctx context.Context, scripts []labs.Script) string {
	m, problem := p.solve(ctx, p.step, scripts)
	if problem == "" {
		p.solved = append(p.solved, m)
	}
	return problem
}

// solve runs scripts and waits until every check of a step holds.
func (r *replay) solve(ctx context.Context, step *labs.Step, scripts []labs.Script) (last moment, problem string) {
	for _, s := range scripts {
		if err := r.typed(ctx, s); err != nil {
			return last, err.Error()
		}
	}
	if wait(ctx, r.observer, limit(step), func(snap checks.Snapshot) bool {
		last = r.judge(step, snap)
		return last.passes()
	}) {
		return last, ""
	}
	if ctx.Err() != nil {
		return last, ctx.Err().Error()
	}
	return last, fmt.Sprintf("does not pass after %s; last seen: %s", limit(step), last.describe())
}

// question proves that a question has an answer and takes no other.
func (p *proof) question(ctx context.Context, q *labs.Question) string {
	var snap checks.Snapshot
	var right []string
	var err error
	if !wait(ctx, p.observer, limit(p.step), func(now checks.Snapshot) bool {
		snap = now
		right, err = q.Answers(snap, p.scope())
		return err == nil
	}) {
		return fmt.Sprintf("%q cannot be answered: %v", q.Ask, err)
	}
	for _, answer := range right {
		if !q.Evaluate(answer, snap, p.scope()).Right {
			return fmt.Sprintf("%q refuses its own answer %q", q.Ask, answer)
		}
	}
	refused := []string{"", "kubelab-무작위-대답"}
	refused = append(refused, slices.Sorted(maps.Keys(q.Wrong))...)
	for _, answer := range refused {
		if q.Evaluate(answer, snap, p.scope()).Right {
			return fmt.Sprintf("%q takes the wrong answer %q", q.Ask, answer)
		}
	}
	return ""
}

// takeBack brings the lab back to the beginning of step i after a variant.
func (r *replay) takeBack(ctx context.Context, i int, v labs.Variant) string {
	if len(v.Undo) == 0 {
		return r.rewind(ctx, i)
	}
	for _, script := range v.Undo {
		if err := r.stage.Exec(ctx, "undo", script); err != nil {
			return err.Error()
		}
	}
	if err := r.observe(ctx); err != nil {
		return err.Error()
	}
	step := r.lab.Steps[i]
	var last moment
	back := wait(ctx, r.observer, stateLimit, func(snap checks.Snapshot) bool {
		last = r.judge(step, snap)
		return len(step.Checks) == 0 || !last.passes()
	})
	r.stepStarted = time.Now()
	if !back {
		return fmt.Sprintf("undo does not take the variant back; last seen: %s", last.describe())
	}
	return ""
}

// rewind clears the lab and replays it up to step i.
func (r *replay) rewind(ctx context.Context, i int) string {
	r.stopShell()
	if err := r.stage.Clear(ctx, r.keep, nil); err != nil {
		return err.Error()
	}
	if problem := r.set(ctx); problem != "" {
		return problem
	}
	for _, step := range r.lab.Steps[:i] {
		r.stepStarted = time.Now()
		if _, problem := r.solve(ctx, step, step.Solution); problem != "" {
			return fmt.Sprintf("replay of step %s: %s", step.ID, problem)
		}
	}
	r.stepStarted = time.Now()
	return ""
}

// typed types a script into the shell, statement by statement.
func (r *replay) typed(ctx context.Context, script labs.Script) error {
	statements, err := labs.Statements(script.Text)
	if err != nil {
		return fmt.Errorf("read script at %s:%d: %w", r.lab.Path, script.Line, err)
	}
	for _, statement := range statements {
		if _, err := r.shell.Run(ctx, statement); err != nil {
			return fmt.Errorf("run %q: %w", statement, err)
		}
	}
	return nil
}

// moment is a state of the world and what the checks of a step said to it.
type moment struct {
	step    *labs.Step
	snap    checks.Snapshot
	scope   checks.Scope
	results []checks.Result
}

func (r *replay) judge(step *labs.Step, snap checks.Snapshot) moment {
	return moment{step: step, snap: snap, scope: r.scope()}.judged()
}

// judged is the moment with what the checks say to it.
func (m moment) judged() moment {
	m.results = make([]checks.Result, len(m.step.Checks))
	for i, c := range m.step.Checks {
		m.results[i] = c.Evaluate(m.snap, m.scope)
	}
	return m
}

func (r *replay) scope() checks.Scope {
	return checks.Scope{
		Now: time.Now(), StepStarted: r.stepStarted, Env: r.stage.Variables(),
		Namespace: r.stage.Env.Namespace, Before: r.before,
	}
}

// passes reports whether every check holds.
func (m moment) passes() bool { return allPass(m.results) }

func allPass(results []checks.Result) bool {
	return !slices.ContainsFunc(results, func(r checks.Result) bool { return !r.Passed })
}

// explains reports whether an explanation holds the text.
func (m moment) explains(text string) bool { return explained(m.results, text) }

func explained(results []checks.Result, text string) bool {
	return slices.ContainsFunc(results, func(r checks.Result) bool {
		return !r.Passed && !r.Pending && strings.Contains(r.Explanation, text)
	})
}

func (m moment) describe() string {
	var parts []string
	for i, r := range m.results {
		if c := m.step.Checks[i]; !r.Passed {
			parts = append(parts, fmt.Sprintf("%q (line %d): expected %s, observed %s: %s",
				c.Title, c.Line, r.Expected, r.Observed, r.Explanation))
		}
	}
	if len(parts) == 0 {
		return "nothing fails"
	}
	return strings.Join(parts, "; ")
}

func limit(step *labs.Step) time.Duration {
	if step.Timeout > 0 {
		return step.Timeout
	}
	return labs.DefaultTimeout
}
