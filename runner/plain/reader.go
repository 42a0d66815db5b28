package plain

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/kubelab/kubelab/internal/clean"
	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/labs/search"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/session"
)

const (
	// lookEvery is how often the output of a running command, and how long work has taken, are looked at.
	lookEvery = 300 * time.Millisecond
	// graceFor is how long checks are given to see what a line has brought about before the next line is read, where
	// nobody types.
	graceFor = 3 * time.Second
)

// reader is the course read out. Everything belongs to the goroutine of loop.
type reader struct {
	cfg   Config
	text  texts
	out   *printer
	lines *lines

	overview session.Overview
	told     toldEnvironment

	// index is the course for the search, nil until it is searched first.
	index *search.Index

	opening string
	opened  chan openResult
	// goal is the number of the step for which the lab is opened, 0 for where it was left.
	goal   int
	lab    Lab
	view   session.View
	loaded bool
	stream stream

	// asked takes the next line: the answer to asking.
	asked  func(ctx context.Context, line string)
	asking string
	// ran is the number of the step's command that was run last, 0 for none.
	ran int
	// patience is what is left of the time for the step to be done before the next line is read; waited is what the
	// learner asked for, 0 where nobody did.
	patience <-chan time.Time
	waited   int
	// acted is true after a line that changes the state of the world.
	acted bool
	quit  bool
}

type openResult struct {
	id  string
	lab Lab
	err error
}

// loop reads and prints until the learner quits, the input ends or ctx does.
func (r *reader) loop(ctx context.Context) error {
	r.opened = make(chan openResult, 1)
	defer r.closeLate()
	r.overview = r.cfg.App.Overview()
	r.showCourse(ctx, "")
	r.tellEnvironment()
	r.out.say("", r.text.firstWords)
	if r.cfg.Lab != "" {
		r.open(r.cfg.Lab, 0)
	}
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for !r.quit && r.out.err == nil {
		r.ask()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-r.cfg.App.Changed():
			r.overview = r.cfg.App.Overview()
			r.tellEnvironment()
		case <-r.labChanged():
			r.takeView()
		case result := <-r.opened:
			r.take(result)
		case <-look.C:
			r.follow()
			r.tellSlow(time.Now())
		case <-r.patience:
			r.lostPatience()
		case line, ok := <-r.typed():
			r.lines.asked, r.out.prompt = false, false
			switch {
			case ok:
				if !r.cfg.Interactive { // a transcript shows what was said to it
					r.out.raw("> " + line)
				}
				r.line(ctx, line)
				r.settle()
			case ctx.Err() != nil:
				return ctx.Err()
			case errors.Is(r.lines.err, io.EOF):
				return nil
			default:
				return fmt.Errorf("read input: %w", r.lines.err)
			}
		}
	}
	return nil
}

// closeLate closes a lab that is still being opened when the learner has gone.
func (r *reader) closeLate() {
	if r.opening == "" {
		return
	}
	if result := <-r.opened; result.err == nil {
		r.lab = result.lab
	}
}

func (r *reader) labChanged() <-chan struct{} {
	if r.lab == nil {
		return nil
	}
	return r.lab.Changed()
}

// typed is where the next line comes from, nil while none is wanted.
func (r *reader) typed() <-chan string {
	if !r.lines.asked {
		return nil
	}
	return r.lines.got
}

// ask has the next line read, if it is time for it.
func (r *reader) ask() {
	if !r.cfg.Interactive {
		if r.idle() && r.patience == nil {
			r.lines.ask()
		}
		return
	}
	if r.opening != "" {
		return
	}
	r.out.ask(r.prompt())
	r.lines.ask()
}

func (r *reader) prompt() string {
	switch {
	case r.asked != nil:
		return r.asking
	case !r.loaded:
		return r.text.promptCourse
	}
	return fmt.Sprintf(r.text.promptLabF, r.number(r.view.Lab.ID), r.view.Step+1, len(r.view.Steps))
}

// idle reports whether nothing goes on that the next line should wait for.
func (r *reader) idle() bool {
	switch {
	case r.opening != "":
		return false
	case r.lab == nil || r.asked != nil:
		return true
	case !r.loaded || r.view.Activity != nil || r.view.Travelling && r.view.Problem == "":
		return false
	}
	return r.view.Ready || r.view.Problem != "" || len(r.view.Waiting) > 0 && r.hopeless()
}

// hopeless reports whether the environment will not come up by itself.
func (r *reader) hopeless() bool {
	env := r.overview.Environment
	return env.Broken != "" || slices.ContainsFunc(env.Findings, func(f engine.Finding) bool { return f.Severity == engine.Fatal })
}

// settle takes in what a line has brought about. Where nobody types, what it did to the world is given time to be seen.
func (r *reader) settle() {
	if r.lab == nil {
		return
	}
	r.lab.Settle()
	r.takeView()
}

// patient begins to wait for the step once what was asked for is over.
func (r *reader) patient() {
	if !r.acted || !r.idle() {
		return
	}
	r.acted = false
	if !r.cfg.Interactive && r.patience == nil && r.loaded && !r.view.Steps[r.view.Step].Done {
		r.patience = time.After(graceFor)
	}
}

func (r *reader) lostPatience() {
	r.patience = nil
	if r.waited > 0 {
		r.refusef(r.text.waitedF, r.waited)
	}
	r.waited = 0
}

// open opens a lab beside the loop, at the step of a number or, for 0, where it was left. The one that is open is closed
// first.
func (r *reader) open(id string, step int) {
	old := r.lab
	r.opening, r.goal, r.lab, r.loaded, r.view, r.patience, r.acted = id, step, nil, false, session.View{}, nil, false
	r.out.say("", fmt.Sprintf(r.text.openingF, r.title(id)))
	if old != nil {
		r.tellLeaving(old)
	}
	go func() {
		if old != nil {
			_ = old.Close() // what could not be put right is tried again, and told, before the next lab begins
		}
		lab, err := r.cfg.App.Open(id)
		r.opened <- openResult{id, lab, err}
	}()
}

// tellLeaving tells that a lab is put right before it is left.
func (r *reader) tellLeaving(lab Lab) {
	if v := lab.View(); r.cfg.Leaving != nil && v.Lab != nil && len(v.Lab.Leave) > 0 {
		r.cfg.Leaving(v.Lab)
	}
}

func (r *reader) take(result openResult) {
	r.opening = ""
	if result.err != nil {
		r.refusef(r.text.openFailedF, clean.Line(result.err.Error()))
		return
	}
	r.lab, r.stream = result.lab, stream{}
	r.lab.Shell() // which begins to start one
	r.takeView()
}

// arrive goes to the step for which the lab was opened, once it does not go from step to step itself: the one where it was
// left need not be read out.
func (r *reader) arrive() {
	v := r.lab.View()
	if r.goal == 0 || len(v.Steps) == 0 || v.Replaying {
		return
	}
	r.lab.Goto(r.goal - 1)
	r.lab.Settle()
	r.goal = 0
}

// takeView prints what has changed in the lab.
func (r *reader) takeView() {
	r.follow()
	r.arrive()
	v := r.lab.View()
	if len(v.Steps) == 0 {
		return
	}
	was, had := r.view, r.loaded
	r.view, r.loaded = v, true
	if !had {
		lab := v.Lab
		r.out.gap()
		r.out.say("", fmt.Sprintf(r.text.labF, r.number(lab.ID), clean.Line(lab.Title), len(lab.Steps), lab.Minutes))
		was.Step = -1
	}
	if was.Step != v.Step {
		r.ran = 0
	}
	r.tellChanges(was, v)
	if r.patience != nil && v.Steps[v.Step].Done {
		r.patience, r.waited = nil, 0
	}
	r.patient()
}

func (r *reader) refuse(why string) { r.out.say("! ", why) }
func (r *reader) refusef(format string, args ...any) {
	r.refuse(fmt.Sprintf(format, args...))
}

// confirm puts a question before something is done. Where nobody types, whoever wrote the line meant it.
func (r *reader) confirm(question string, do func()) {
	if !r.cfg.Interactive {
		do()
		return
	}
	r.out.say("", question)
	r.asking = r.text.yesNo
	r.asked = func(_ context.Context, line string) {
		if slices.Contains(yes(), strings.ToLower(line)) {
			do()
			return
		}
		r.out.say("", r.text.notDone)
	}
}

// yes are the answers that say it, in both languages and with Korean input on or off.
func yes() []string { return []string{"y", "yes", "예", "네", "ㅛ"} }

// number is a lab's place in the course, from 1.
func (r *reader) number(id string) int {
	return 1 + slices.IndexFunc(r.cfg.Course.Labs, func(l *labs.Lab) bool { return l.ID == id })
}

func (r *reader) title(id string) string {
	if n := r.number(id); n > 0 {
		return clean.Line(r.cfg.Course.Labs[n-1].Title)
	}
	return clean.Line(id)
}
