package validate

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/kubelab/kubelab/labs"
)

// run is one run over all labs.
type run struct {
	cfg      Config
	report   *Report
	supplies supplies
	mutants  mutants
	stock    *stock
	was      inventory
}

// Run replays the labs, as many at a time as the configuration says and as do not meet. The error is about the run itself, not about a lab that fails; with a
// cancelled context it is the context's, and the report holds what was done until then.
func Run(ctx context.Context, cfg Config) (*Report, error) {
	began := time.Now()
	r := &run{cfg: cfg, report: &Report{Shuffle: cfg.Shuffle, Labs: []*LabReport{}, Cases: []Case{}}}
	defer func() { r.report.Duration = time.Since(began) }()
	if len(cfg.Labs) == 0 {
		return r.report, context.Cause(ctx)
	}
	if err := r.free(ctx); err != nil {
		return r.report, err
	}
	if problem := r.begin(ctx); problem != "" {
		r.tell(Case{Kind: Restore, Problem: problem})
		return r.report, context.Cause(ctx)
	}
	defer r.stock.close()
	err := r.labs(ctx)
	r.tell(r.end(context.WithoutCancel(ctx)))
	return r.report, err
}

// labs replays all labs, round after round, until the context ends.
func (r *run) labs(ctx context.Context) error {
	present := map[string]bool{}
	for n := 1; n <= max(r.cfg.Repeat, 1) && ctx.Err() == nil; n++ {
		r.round(ctx, n, present)
	}
	return context.Cause(ctx)
}

// order is the order in which the labs of a round begin, as far as they can.
func (r *run) order(round int) []*labs.Lab {
	order := slices.Clone(r.cfg.Labs)
	if r.cfg.Shuffle != nil {
		random := rand.New(rand.NewPCG(*r.cfg.Shuffle, uint64(round)))
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	}
	return order
}

// notice is what a replay tells the run of: its new phase, and then the lab's number.
type notice struct {
	lab   int
	phase phase
}

// round replays each lab once. It alone decides who begins, and returns when nobody is at work any more.
func (r *run) round(ctx context.Context, n int, present map[string]bool) {
	order := r.order(n)
	claims := make([]claim, len(order))
	for i, lab := range order {
		claims[i] = claimOf(lab)
	}
	plan := newSchedule(r.cfg.Jobs, claims, present)
	notices := make(chan notice)
	begun := map[*labs.Lab]*replay{}
	for {
		for ctx.Err() == nil {
			i, ok := plan.next()
			if !ok {
				break
			}
			one := &replay{
				cfg: r.cfg, lab: order[i], round: n, report: newLabReport(n, order[i]), supplies: &r.supplies, mutants: &r.mutants,
				makes:   plan.phases[i] == supplying || claims[i].docker == exclusive,
				reached: func(p phase) { notices <- notice{i, p} },
			}
			begun[one.lab] = one
			go func() {
				one.run(ctx)
				notices <- notice{i, done}
			}()
		}
		if plan.idle() {
			break
		}
		switch e := <-notices; e.phase {
		case replaying:
			plan.supplied(e.lab)
		case leaving:
			plan.left(e.lab)
		case done:
			if r.cfg.Report != nil {
				begun[order[e.lab]].flush(r.cfg.Report)
			}
			plan.ended(e.lab)
		}
	}
	for _, lab := range r.cfg.Labs {
		if one := begun[lab]; one != nil {
			r.report.Labs = append(r.report.Labs, one.report)
		}
	}
}

// TakenError says that something is there before the run that a lab makes and takes away again. Nothing was done.
type TakenError struct{ Thing *labs.Thing }

func (e *TakenError) Error() string {
	return fmt.Sprintf("%s is there already, and lab %s makes it and takes it away", e.Thing.Name, e.Thing.Giver.ID)
}

// free returns a TakenError where a replay would take something away that is not the run's own. What others on the same
// environment make meanwhile cannot be told from it.
func (r *run) free(ctx context.Context) error {
	if r.cfg.Shared {
		return nil
	}
	for _, lab := range r.cfg.Labs {
		stage := r.cfg.Stage(lab)
		for _, thing := range lab.Gives {
			switch there, err := stage.Has(ctx, thing); {
			case err != nil:
				return err
			case there:
				return &TakenError{thing}
			}
		}
	}
	return nil
}

// begin notes what there is before the run.
func (r *run) begin(ctx context.Context) string {
	whole := &labs.Lab{ID: runName}
	docker, cluster := false, false
	for _, lab := range r.cfg.Labs {
		if r.cfg.Shared {
			break
		}
		docker = docker || usesDocker(lab) || len(lab.Supplies) > 0
		cluster = cluster || usesCluster(lab)
		whole.Needs = append(whole.Needs, lab.Requires()...)
	}
	r.stock = &stock{stage: r.cfg.Stage(whole)}
	if cluster {
		r.stock.cluster = r.cfg.Cluster
	}
	if docker {
		r.stock.docker = r.cfg.Observer(r.stock.stage)
		if err := see(ctx, r.stock.docker, dockerLeaks()); err != nil {
			r.stock.close()
			return err.Error()
		}
	}
	was, err := r.stock.take(ctx)
	if err != nil {
		r.stock.close()
		return err.Error()
	}
	r.was = was
	return ""
}

// end takes away what the run has made, and proves that nothing of it is left.
func (r *run) end(ctx context.Context) Case {
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, 2*stateLimit)
	defer cancel()
	var problems []string
	if err := r.supplies.withdrawAll(ctx); err != nil {
		problems = append(problems, err.Error())
	}
	left, err := r.stock.returned(ctx, r.was)
	if err != nil {
		problems = append(problems, err.Error())
	}
	if len(left) > 0 {
		problems = append(problems, "the environment is not as it was before the run: "+strings.Join(left, ", "))
	}
	return Case{Kind: Restore, Duration: time.Since(began), Problem: strings.Join(problems, "\n")}
}

// tell files a case of the run as a whole.
func (r *run) tell(c Case) {
	r.report.Cases = append(r.report.Cases, c)
	if r.cfg.Report != nil {
		r.cfg.Report(Event{Case: &c})
	}
}
