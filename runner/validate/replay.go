package validate

import (
	"context"
	"errors"
	"fmt"
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
	mutants  *mutants
	// makes says that the lab may have what it takes over made: it has Docker to itself.
	makes bool
	// reached tells the run how far the replay has come.
	reached func(phase)
	report  *LabReport
	untold  []Event // what is told when the replay has ended

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
	defer func() {
		r.report.Duration = time.Since(began)
		r.tell(Event{Report: r.report})
	}()
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
		r.labCase(r.time(Recheck, "", 0, func() string { return r.recheck(ctx) }))
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
	r.stock = &stock{stage: r.stage, shared: r.cfg.Shared || r.cfg.Jobs > 1 && claimOf(r.lab).cluster == shared}
	if err := r.stage.MakeWorkDir(); err != nil {
		return err.Error()
	}
	if err := r.supplies.bring(ctx, r.stage, r.makes, func(t *labs.Thing) { r.tell(Event{Supply: t}) }); err != nil {
		return err.Error()
	}
	r.reached(replaying)
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
		if r.stock.docker, err = r.freshDocker(ctx); err != nil {
			return err
		}
	}
	if r.was, err = r.stock.take(ctx); err != nil {
		return err
	}
	r.keep, err = r.stage.RegistryTags(ctx)
	return err
}

// freshDocker observes Docker; everything that was done until now is seen.
func (r *replay) freshDocker(ctx context.Context) (Observer, error) {
	o := r.cfg.Observer(r.stage)
	if err := see(ctx, o, dockerLeaks()); err != nil {
		o.Close()
		return nil, err
	}
	return o, nil
}

// leave gives the lab's namespace back. That takes seconds, in which others can begin.
func (r *replay) leave(ctx context.Context) error {
	if r.stock.namespace == "" {
		return nil
	}
	if r.cfg.Jobs > 1 {
		r.reached(leaving)
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
		problem := "the environment is not as it was before the lab: " + strings.Join(left, ", ")
		if slices.ContainsFunc(left, func(d string) bool { return strings.HasPrefix(d, gone) }) {
			problem += "; the lab's cleanup took away what was there before it: `kubelab reset " + r.lab.ID + "` first, then validate again"
		}
		problems = append(problems, problem)
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
		r.stock.docker.Close()
		docker, err := r.freshDocker(ctx)
		r.stock.docker = docker
		if err != nil {
			return nil, err
		}
	}
	return r.stock.returned(ctx, r.was)
}

func (r *replay) time(kind Kind, name string, line int, prove func() string) Case {
	began := time.Now()
	problem := prove()
	return Case{Kind: kind, Name: name, Line: line, Duration: time.Since(began), Problem: problem}
}

func (r *replay) tell(e Event) {
	e.Round, e.Lab = r.round, r.lab.ID
	switch {
	case r.cfg.Jobs > 1:
		r.untold = append(r.untold, e)
	case r.cfg.Report != nil:
		r.cfg.Report(e)
	}
}

// flush tells what was not told yet, as a whole.
func (r *replay) flush(report func(Event)) {
	for _, e := range r.untold {
		report(e)
	}
}

// labCase files a case of the lab as a whole and reports whether it holds.
func (r *replay) labCase(c Case) bool {
	r.report.Cases = append(r.report.Cases, c)
	r.tell(Event{Case: &c})
	return c.Problem == ""
}
