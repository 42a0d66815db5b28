package validate

import (
	"context"
	"strings"
	"time"

	"github.com/kubelab/kubelab/labs"
)

// run is one run over all labs.
type run struct {
	cfg      Config
	report   *Report
	supplies supplies
	stock    *stock
	was      inventory
}

// Run replays the labs one after the other. The error is about the run itself, not about a lab that fails; with a
// cancelled context it is the context's, and the report holds what was done until then.
func Run(ctx context.Context, cfg Config) (*Report, error) {
	began := time.Now()
	r := &run{cfg: cfg, report: &Report{Labs: []*LabReport{}, Cases: []Case{}}}
	defer func() { r.report.Duration = time.Since(began) }()
	if len(cfg.Labs) == 0 {
		return r.report, context.Cause(ctx)
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

// labs replays the labs until the context ends.
func (r *run) labs(ctx context.Context) error {
	for round := 1; round <= max(r.cfg.Repeat, 1); round++ {
		for _, lab := range r.cfg.Labs {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			one := &replay{cfg: r.cfg, lab: lab, round: round, supplies: &r.supplies, report: newLabReport(round, lab)}
			r.report.Labs = append(r.report.Labs, one.report)
			one.run(ctx)
		}
	}
	return context.Cause(ctx)
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
