package validate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/session"
)

// replay is one lab being replayed.
type replay struct {
	cfg    Config
	lab    *labs.Lab
	round  int
	report *LabReport

	stage    *session.Stage
	shell    Shell
	observer Observer
	recorder atomic.Pointer[Observer] // who the shell reports to: the present observer

	watches     []checks.Watch
	keep        map[string]bool // registry tags from before
	before      map[string]map[string]bool
	stepStarted time.Time
}

// stateLimit bounds how long taking something back, or going away, may take.
const stateLimit = 90 * time.Second

func (r *replay) run(ctx context.Context) {
	began := time.Now()
	defer func() { r.report.Duration = time.Since(began) }()
	r.tell(Event{})
	r.stage = r.cfg.Stage(r.lab)
	r.watches = append(session.Watches(r.lab), leakWatches(r.lab)...)
	defer r.stopObserving()
	if err := r.stage.MakeWorkDir(); err != nil {
		r.labCase(Case{Kind: Prepare, Problem: err.Error()})
		return
	}
	if err := r.observe(ctx); err != nil {
		r.labCase(Case{Kind: Prepare, Problem: err.Error()})
		return
	}
	keep, err := r.stage.RegistryTags(ctx)
	if err != nil {
		r.labCase(Case{Kind: Prepare, Problem: err.Error()})
		return
	}
	r.keep = keep
	inventory := takeInventory(r.observer.Snapshot(), r.watches)

	if r.labCase(r.time(Prepare, "", 0, func() string { return r.set(ctx) })) {
		for i := range r.lab.Steps {
			if ctx.Err() != nil || !r.step(ctx, i) {
				break
			}
		}
	}
	// What was made must go away again also when the run was interrupted.
	clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*stateLimit)
	defer cancel()
	r.labCase(r.time(Cleanup, "", 0, func() string { return r.clear(clean, inventory) }))
}

// set prepares the lab and notes what was there before it.
func (r *replay) set(ctx context.Context) string {
	if err := r.stage.Set(ctx, nil); err != nil {
		return err.Error()
	}
	if err := r.observe(ctx); err != nil {
		return err.Error()
	}
	r.before = session.Baseline(r.observer.Snapshot(), r.watches)
	return r.startShell(ctx)
}

// observe begins to observe anew: what is gone and what was typed is forgotten, and everything that was done before is
// seen when it returns.
func (r *replay) observe(ctx context.Context) error {
	r.stopObserving()
	observer := r.cfg.Observer(r.stage)
	r.observer = observer
	r.recorder.Store(&observer)
	r.observer.Observe(ctx, r.watches)
	ctx, cancel := context.WithTimeout(ctx, stateLimit)
	defer cancel()
	if err := r.observer.Synced(ctx, r.watches); err != nil {
		return fmt.Errorf("look at the environment: %w", err)
	}
	return nil
}

func (r *replay) stopObserving() {
	if r.observer != nil {
		r.observer.Close()
	}
}

func (r *replay) startShell(ctx context.Context) string {
	sh, err := r.cfg.Shell(ctx, r.stage, r.record)
	if err != nil {
		return fmt.Sprintf("start shell: %v", err)
	}
	r.shell = sh
	return ""
}

// record is called by the shell's goroutine.
func (r *replay) record(c checks.Command) { (*r.recorder.Load()).Record(c) }

func (r *replay) stopShell() {
	if r.shell != nil {
		r.shell.Close()
		r.shell = nil
	}
}

// step proves one step and leaves it solved. It returns false where the steps behind it cannot be proved any more.
func (r *replay) step(ctx context.Context, i int) bool {
	step := r.lab.Steps[i]
	r.report.Steps = append(r.report.Steps, StepReport{ID: step.ID, Cases: []Case{}})
	r.tell(Event{Step: step.ID})
	r.stepStarted = time.Now()

	if len(step.Checks) > 0 {
		r.stepCase(step, r.time(Before, "", step.Line, func() string { return r.notYet(step) }))
	}
	for n, v := range step.Wrong {
		name := fmt.Sprintf("%d %q", n+1, v.Explanation)
		r.stepCase(step, r.time(Wrong, name, v.Script.Line, func() string { return r.wrong(ctx, step, v) }))
		if problem := r.takeBack(ctx, i, v); problem != "" {
			r.stepCase(step, Case{Kind: Wrong, Name: name + " undo", Line: v.Script.Line, Problem: problem})
			return false
		}
	}
	for n, v := range step.Also {
		name := fmt.Sprint(n + 1)
		r.stepCase(step, r.time(Also, name, v.Script.Line, func() string { return r.right(ctx, step, []labs.Script{v.Script}) }))
		if problem := r.takeBack(ctx, i, v); problem != "" {
			r.stepCase(step, Case{Kind: Also, Name: name + " undo", Line: v.Script.Line, Problem: problem})
			return false
		}
	}
	if !r.stepCase(step, r.time(Solution, "", step.Line, func() string { return r.right(ctx, step, step.Solution) })) {
		return false
	}
	for n, q := range step.Questions {
		r.stepCase(step, r.time(Question, fmt.Sprint(n+1), q.Line, func() string { return r.question(ctx, step, q) }))
	}
	return true
}

func (r *replay) notYet(step *labs.Step) string {
	if failing(r.evaluate(step, r.observer.Snapshot())) == nil {
		return "the step passes before its solution: its checks look at nothing that the step changes"
	}
	return ""
}

// wrong runs a mistake and waits until an explanation holds the text that it must get.
func (r *replay) wrong(ctx context.Context, step *labs.Step, v labs.Variant) string {
	if len(step.Checks) == 0 {
		return "the step has no check that could catch the mistake"
	}
	if err := r.typed(ctx, v.Script); err != nil {
		return err.Error()
	}
	var last []outcome
	told := wait(ctx, r.observer, limit(step), func(snap checks.Snapshot) bool {
		last = r.evaluate(step, snap)
		return failing(last) == nil || explained(last, v.Explanation)
	})
	switch {
	case failing(last) == nil:
		return "the mistake passes"
	case !told && ctx.Err() != nil:
		return ctx.Err().Error()
	case !told:
		return fmt.Sprintf("the explanation does not contain %q; last seen: %s", v.Explanation, describe(last))
	}
	return ""
}

// right runs scripts and waits until every check of the step holds.
func (r *replay) right(ctx context.Context, step *labs.Step, scripts []labs.Script) string {
	for _, s := range scripts {
		if err := r.typed(ctx, s); err != nil {
			return err.Error()
		}
	}
	var last []outcome
	if wait(ctx, r.observer, limit(step), func(snap checks.Snapshot) bool {
		last = r.evaluate(step, snap)
		return failing(last) == nil
	}) {
		return ""
	}
	if ctx.Err() != nil {
		return ctx.Err().Error()
	}
	return fmt.Sprintf("does not pass after %s; last seen: %s", limit(step), describe(last))
}

// question proves that a question has an answer and takes no other.
func (r *replay) question(ctx context.Context, step *labs.Step, q *labs.Question) string {
	var snap checks.Snapshot
	var right []string
	var err error
	if !wait(ctx, r.observer, limit(step), func(now checks.Snapshot) bool {
		snap = now
		right, err = q.Answers(snap, r.scope())
		return err == nil
	}) {
		return fmt.Sprintf("%q cannot be answered: %v", q.Ask, err)
	}
	for _, answer := range right {
		if !q.Evaluate(answer, snap, r.scope()).Right {
			return fmt.Sprintf("%q refuses its own answer %q", q.Ask, answer)
		}
	}
	refused := []string{"", "kubelab-무작위-대답"}
	refused = append(refused, slices.Sorted(maps.Keys(q.Wrong))...)
	for _, answer := range refused {
		if q.Evaluate(answer, snap, r.scope()).Right {
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
	var last []outcome
	back := wait(ctx, r.observer, stateLimit, func(snap checks.Snapshot) bool {
		last = r.evaluate(step, snap)
		return len(last) == 0 || failing(last) != nil
	})
	r.stepStarted = time.Now()
	if !back {
		return fmt.Sprintf("undo does not take the variant back; last seen: %s", describe(last))
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
		if problem := r.right(ctx, step, step.Solution); problem != "" {
			return fmt.Sprintf("replay of step %s: %s", step.ID, problem)
		}
	}
	r.stepStarted = time.Now()
	return ""
}

// clear ends the lab and waits until the environment holds what it held before.
func (r *replay) clear(ctx context.Context, was inventory) string {
	r.stopShell()
	if err := r.stage.Clear(ctx, r.keep, nil); err != nil {
		return err.Error()
	}
	// The observer may have been made when the context had ended, and then observes nothing.
	if err := r.observe(ctx); err != nil {
		return err.Error()
	}
	var left []string
	wait(ctx, r.observer, stateLimit, func(snap checks.Snapshot) bool {
		left = was.differences(takeInventory(snap, r.watches))
		return len(left) == 0
	})
	tags, err := r.stage.RegistryTags(ctx)
	if err != nil {
		return err.Error()
	}
	for tag := range tags {
		if !r.keep[tag] {
			left = append(left, "registry "+tag)
		}
	}
	if len(left) > 0 {
		return "the environment is not as it was before the lab: " + strings.Join(left, ", ")
	}
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

type outcome struct {
	check  *labs.Check
	result checks.Result
}

func (r *replay) evaluate(step *labs.Step, snap checks.Snapshot) []outcome {
	out := make([]outcome, len(step.Checks))
	for i, c := range step.Checks {
		out[i] = outcome{c, c.Evaluate(snap, r.scope())}
	}
	return out
}

func (r *replay) scope() checks.Scope {
	return checks.Scope{
		Now: time.Now(), StepStarted: r.stepStarted, Env: r.stage.Variables(),
		Namespace: r.stage.Env.Namespace, Before: r.before,
	}
}

func failing(outcomes []outcome) *outcome {
	for i := range outcomes {
		if !outcomes[i].result.Passed {
			return &outcomes[i]
		}
	}
	return nil
}

func explained(outcomes []outcome, text string) bool {
	for _, o := range outcomes {
		if !o.result.Passed && !o.result.Pending && strings.Contains(o.result.Explanation, text) {
			return true
		}
	}
	return false
}

func describe(outcomes []outcome) string {
	var parts []string
	for _, o := range outcomes {
		if !o.result.Passed {
			parts = append(parts, fmt.Sprintf("%q (line %d): expected %s, observed %s: %s",
				o.check.Title, o.check.Line, o.result.Expected, o.result.Observed, o.result.Explanation))
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

func (r *replay) time(kind Kind, name string, line int, prove func() string) Case {
	began := time.Now()
	problem := prove()
	return Case{Kind: kind, Name: name, Line: line, Duration: time.Since(began), Problem: problem}
}

func (r *replay) tell(e Event) {
	if r.cfg.Report != nil {
		e.Round, e.Lab = r.round, r.lab.ID
		r.cfg.Report(e)
	}
}

// labCase and stepCase file a case and report whether it holds.
func (r *replay) labCase(c Case) bool {
	r.report.Cases = append(r.report.Cases, c)
	r.tell(Event{Case: &c})
	return c.Problem == ""
}

func (r *replay) stepCase(step *labs.Step, c Case) bool {
	s := &r.report.Steps[len(r.report.Steps)-1]
	s.Cases = append(s.Cases, c)
	r.tell(Event{Step: step.ID, Case: &c})
	return c.Problem == ""
}
