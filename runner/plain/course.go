package plain

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kubelab/kubelab/internal/clean"
	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/session"
)

// toldEnvironment is what has been said of the environment.
type toldEnvironment struct {
	broken   string
	findings map[string]bool
	gained   map[engine.Capability]bool
	// begun holds the work whose beginning was told, failed why work failed that was told to.
	begun  map[string]bool
	failed map[string]string
}

// showCourse lists the labs.
func (r *reader) showCourse(context.Context, string) {
	done := 0
	for _, p := range r.overview.Labs {
		if p.Finished {
			done++
		}
	}
	course := r.cfg.Course
	r.out.say("", fmt.Sprintf(r.text.courseF, clean.Line(course.Title), len(course.Labs), done))
	for i, lab := range course.Labs {
		p, state := r.overview.Labs[lab.ID], ""
		switch {
		case p.Finished:
			state = r.text.finished
		default:
			state = fmt.Sprintf(r.text.progressF, p.Done, len(lab.Steps))
		}
		r.out.say("", fmt.Sprintf(r.text.labLineF, i+1, clean.Line(lab.Title), lab.ID, fmt.Sprintf(r.text.minutesF, lab.Minutes), state))
	}
}

// openNamed opens the lab of a number or a name, where it was left or at the step behind a slash.
func (r *reader) openNamed(ctx context.Context, name string) {
	if name == "" {
		r.refuse(r.text.openWhat)
		return
	}
	labName, stepName, hasStep := strings.Cut(name, "/")
	lab := r.labNamed(labName)
	if lab == nil {
		r.refusef(r.text.noLabF, clean.Line(name))
		return
	}
	step := 0
	if hasStep {
		if step = stepNamed(lab, stepName); step == 0 {
			r.refusef(r.text.noStepF, clean.Line(name), len(lab.Steps))
			return
		}
	}
	switch {
	case r.opening != "":
		r.refuse(r.text.loading)
	case !r.loaded || r.view.Lab.ID != lab.ID:
		r.open(lab.ID, step)
	case step == 0 || step == r.view.Step+1:
		r.show(ctx, "")
	default:
		r.lab.Goto(step - 1)
	}
}

// labNamed is the lab of a name or a number, nil where there is none.
func (r *reader) labNamed(name string) *labs.Lab {
	all := r.cfg.Course.Labs
	i := slices.IndexFunc(all, func(l *labs.Lab) bool { return l.ID == name })
	if n, err := strconv.Atoi(name); i < 0 && err == nil && n >= 1 && n <= len(all) {
		i = n - 1
	}
	if i < 0 {
		return nil
	}
	return all[i]
}

// stepNamed is the number of the step of a name or a number, 0 where there is none.
func stepNamed(lab *labs.Lab, name string) int {
	if i := slices.IndexFunc(lab.Steps, func(s *labs.Step) bool { return s.ID == name }); i >= 0 {
		return i + 1
	}
	if n, err := strconv.Atoi(name); err == nil && n >= 1 && n <= len(lab.Steps) {
		return n
	}
	return 0
}

// showEnvironment says how the environment is.
func (r *reader) showEnvironment(context.Context, string) {
	env := r.overview.Environment
	name := clean.Line(env.Engine)
	if env.Simulated {
		name += " (" + r.text.envSimulated + ")"
	}
	r.out.say("", fmt.Sprintf(r.text.envF, name))
	has := slices.Sorted(maps.Keys(env.Has))
	has = slices.DeleteFunc(has, func(c engine.Capability) bool { return !env.Has[c] })
	if len(has) > 0 {
		r.out.say("", fmt.Sprintf(r.text.envGainedF, r.text.capabilityList(has)))
	}
	r.told = toldEnvironment{gained: env.Has}
	r.tellEnvironment()
	running := 0
	for _, s := range env.Steps {
		if s.Status == engine.Running {
			running++
			r.out.say("", fmt.Sprintf(r.text.envRunningF, clean.Line(s.Title), clean.Line(s.Detail)))
		}
	}
	switch {
	case running > 0 || env.Broken != "":
	case len(env.Steps) == 0:
		r.out.say("", r.text.envLater)
	default:
		r.out.say("", r.text.envReady)
	}
}

func (r *reader) retry(context.Context, string) {
	env := r.overview.Environment
	if env.Broken == "" && !slices.ContainsFunc(env.Steps, func(s session.EnvironmentStep) bool { return s.Status == engine.Failed }) && !r.hopeless() {
		r.refuse(r.text.nothingToRetry)
		return
	}
	r.cfg.App.Retry()
}

func (r *reader) quitNow(context.Context, string) { r.quit = true }

// tellEnvironment says what has not been said of the environment yet.
func (r *reader) tellEnvironment() {
	env := r.overview.Environment
	if r.told.findings == nil {
		r.told.findings, r.told.begun, r.told.failed = map[string]bool{}, map[string]bool{}, map[string]string{}
	}
	for _, f := range env.Findings {
		if f.Severity != engine.OK && !r.told.findings[f.Saw] {
			r.told.findings[f.Saw] = true
			r.finding(f)
		}
	}
	if env.Broken != r.told.broken && env.Broken != "" {
		r.refusef(r.text.envBrokenF, env.Broken)
	}
	if env.Broken != "" { // what breaks again between two tries is no news
		r.told.broken = env.Broken
	}
	r.tellSteps(env)
	var gained []engine.Capability
	for _, c := range slices.Sorted(maps.Keys(env.Has)) {
		if env.Has[c] && !r.told.gained[c] {
			gained = append(gained, c)
		}
	}
	if len(gained) > 0 {
		r.out.say("", fmt.Sprintf(r.text.envGainedF, r.text.capabilityList(gained)))
	}
	r.told.gained = env.Has
}

// tellSteps says what of the background work has failed, and what has ended of that whose beginning was told.
func (r *reader) tellSteps(env session.Environment) {
	for _, s := range env.Steps {
		switch {
		case s.Status == engine.Failed:
			why := "?"
			if s.Err != nil {
				why = s.Err.Error()
			}
			if r.told.failed[s.Title] == why {
				continue
			}
			r.told.failed[s.Title] = why
			r.refusef(r.text.envFailedF, clean.Line(s.Title), clean.Line(why))
			delete(r.told.begun, s.Title)
		case s.Status != engine.Running && r.told.begun[s.Title]:
			r.out.say("", fmt.Sprintf(r.text.envDoneF, clean.Line(s.Title)))
			delete(r.told.begun, s.Title)
		}
	}
}

// slow is how long work goes on before it is told of: what is done at once needs no words.
const slow = 3 * time.Second

// tellSlow says what takes its time.
func (r *reader) tellSlow(now time.Time) {
	for _, s := range r.overview.Environment.Steps {
		if s.Status == engine.Running && !r.told.begun[s.Title] && now.Sub(s.Began) > slow {
			r.told.begun[s.Title] = true
			r.out.say("", fmt.Sprintf(r.text.envRunningF, clean.Line(s.Title), clean.Line(s.Detail)))
		}
	}
}

// finding is what preflight saw: what was seen, what is needed, what to try.
func (r *reader) finding(f engine.Finding) {
	parts := []string{fmt.Sprintf(r.text.findingF, clean.Line(f.Saw))}
	if f.Want != "" {
		parts = append(parts, fmt.Sprintf(r.text.wantF, clean.Line(f.Want)))
	}
	if f.Try != "" {
		parts = append(parts, fmt.Sprintf(r.text.tryF, clean.Line(f.Try)))
	}
	r.out.say("! ", strings.Join(parts, "\n"))
}
