package validate

import (
	"context"
	"errors"
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
	cfg      Config
	lab      *labs.Lab
	round    int
	supplies *supplies
	report   *LabReport

	stage    *session.Stage
	shell    Shell
	observer Observer
	recorder atomic.Pointer[Observer] // who the shell reports to: the present observer

	watches     []checks.Watch
	stock       *stock
	was         inventory       // what there was before the lab
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
	r.watches = session.Watches(r.lab)
	defer r.stopObserving()
	defer func() { r.stock.close() }()
	if problem := r.enter(ctx); problem != "" {
		r.labCase(Case{Kind: Prepare, Problem: problem})
		return
	}
	if r.labCase(r.time(Prepare, "", 0, func() string { return r.set(ctx) })) && r.steps(ctx) {
		r.given(ctx)
	}
	// What was made must go away again also when the run was interrupted.
	clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*stateLimit)
	defer cancel()
	r.labCase(r.time(Cleanup, "", 0, func() string { return r.clear(clean) }))
}

// steps proves the steps until one leaves those behind it without ground, and returns whether it proved all.
func (r *replay) steps(ctx context.Context) bool {
	for i := range r.lab.Steps {
		if ctx.Err() != nil || !r.step(ctx, i) {
			return false
		}
	}
	return true
}

// enter brings about what the lab takes for granted before it begins, and notes what there is then.
func (r *replay) enter(ctx context.Context) string {
	r.stock = &stock{stage: r.stage, shared: r.cfg.Shared}
	if err := r.stage.MakeWorkDir(); err != nil {
		return err.Error()
	}
	if err := r.supplies.bring(ctx, r.stage, func(t *labs.Thing) { r.tell(Event{Supply: t}) }); err != nil {
		return err.Error()
	}
	if usesCluster(r.lab) && r.cfg.Cluster != nil {
		env, err := r.cfg.Cluster.Enter(ctx, r.stage.Env, r.lab.ID)
		if err != nil {
			return err.Error()
		}
		r.stage.Env = env
		r.stock.cluster, r.stock.namespace = r.cfg.Cluster, env.Namespace
	}
	err := r.takeStock(ctx)
	if err != nil {
		return errors.Join(err, r.leave(ctx)).Error()
	}
	return ""
}

// takeStock notes what there is before the lab.
func (r *replay) takeStock(ctx context.Context) (err error) {
	if usesDocker(r.lab) && !r.cfg.Shared {
		r.stock.docker = r.cfg.Observer(r.stage)
		if err := see(ctx, r.stock.docker, dockerLeaks()); err != nil {
			return err
		}
	}
	if r.was, err = r.stock.take(ctx); err != nil {
		return err
	}
	r.keep, err = r.stage.RegistryTags(ctx)
	return err
}

// leave gives the lab's namespace back.
func (r *replay) leave(ctx context.Context) error {
	if r.stock.namespace == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stateLimit)
	defer cancel()
	return r.stock.cluster.Leave(ctx, r.stock.namespace)
}

// given proves that what the lab gives is there when its steps are solved.
func (r *replay) given(ctx context.Context) {
	for _, thing := range r.lab.Gives {
		r.labCase(r.time(Give, thing.Name, 0, func() string {
			switch there, err := r.stage.Has(ctx, thing); {
			case err != nil:
				return err.Error()
			case !there:
				return "the steps are solved, and its `have` block does not find it"
			}
			return ""
		}))
	}
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
	return see(ctx, observer, r.watches)
}

// see observes sources until each was seen once.
func see(ctx context.Context, o Observer, watches []checks.Watch) error {
	o.Observe(ctx, watches)
	ctx, cancel := context.WithTimeout(ctx, stateLimit)
	defer cancel()
	if err := o.Synced(ctx, watches); err != nil {
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
func (r *replay) clear(ctx context.Context) string {
	r.stopShell()
	var problems []string
	complain := func(err error) {
		if err != nil {
			problems = append(problems, err.Error())
		}
	}
	complain(r.stage.Clear(ctx, r.keep, nil))
	complain(r.taken(ctx))
	left, err := r.left(ctx)
	complain(err)
	if len(left) > 0 {
		problems = append(problems, "the environment is not as it was before the lab: "+strings.Join(left, ", "))
	}
	complain(r.leave(ctx))
	return strings.Join(problems, "\n")
}

// taken proves that what the lab gives is gone when it was cleared.
func (r *replay) taken(ctx context.Context) error {
	for _, thing := range r.lab.Gives {
		if there, err := r.stage.Has(ctx, thing); there || err != nil {
			return errors.Join(fmt.Errorf("%s is still there when the lab was cleared", thing.Name), err)
		}
	}
	return nil
}

// left is what is not as it was before the lab.
func (r *replay) left(ctx context.Context) ([]string, error) {
	if r.stock.docker != nil {
		// Everything that was done until now must be seen.
		r.stock.docker.Close()
		r.stock.docker = r.cfg.Observer(r.stage)
		if err := see(ctx, r.stock.docker, dockerLeaks()); err != nil {
			return nil, err
		}
	}
	return r.stock.returned(ctx, r.was)
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
