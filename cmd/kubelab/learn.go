package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"
	"k8s.io/klog/v2"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/session"
	"github.com/kubelab/kubelab/runner/tui"
)

// startTime is after how long the program has surely started.
const startTime = 20 * time.Second

// learn shows the course. The environment comes up behind it and is kept up until the learner leaves.
func (a *app) learn(cmd *cobra.Command, args []string) error {
	debug.SetGCPercent(400) // until giveBackMemory: starting is worth some memory
	course, err := a.course()
	if err != nil {
		return err
	}
	ctx, lab := cmd.Context(), ""
	if len(args) > 0 {
		lab = args[0]
		if _, err := findLab(course, "kubelab", lab); err != nil {
			if like := cmd.SuggestionsFor(lab); lab != "" && len(like) > 0 {
				return usage("kubelab "+like[0], "%s: 이런 실습도 명령도 없습니다", shorten(lab))
			}
			return err
		}
	}
	c, eng, err := a.newCourse(course)
	if err != nil {
		return err
	}
	defer eng.Close()
	// What client libraries log would be drawn over the screen.
	klog.SetOutput(io.Discard)
	klog.LogToStderr(false)

	background, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- c.Run(background) }()
	defer time.AfterFunc(startTime, giveBackMemory).Stop()
	// Once more when the screen rests: giving back the heap itself touches pages.
	defer time.AfterFunc(2*startTime, dropStartPages).Stop()
	err = a.show(ctx, course, lab, newScreenApp(background, a, c))
	for _, lab := range c.Left() {
		fmt.Fprintf(a.streams.Err, "! %s: 제자리로 돌려놓지 못했습니다. 다음에 kubelab을 실행하면 다시 합니다\n", plain(lab.Title))
	}
	left := ctx.Err() // before the learner asked not to wait for the rest
	stop()
	if c.Environment().Phase == engine.Starting {
		fmt.Fprintln(a.streams.Err, "준비하던 환경을 정리하는 중입니다 … 기다리지 않으려면 Ctrl-C")
	}
	forced := ctx.Done()
	if left != nil {
		forced = nil // the first Ctrl-C has brought us here; main takes care of the second
	}
	select {
	case upErr := <-ended:
		if upErr != nil && !errors.Is(upErr, context.Canceled) {
			err = errors.Join(err, upErr)
		}
		return err
	case <-forced:
		return errors.Join(err, ctx.Err())
	}
}

// giveBackMemory gives back what starting has taken and nothing needs any more.
func giveBackMemory() {
	debug.SetGCPercent(50) // little is allocated from now on
	debug.FreeOSMemory()
	dropStartPages()
}

// show draws the course, or reads it out where it cannot be drawn.
func (a *app) show(ctx context.Context, course *labs.Course, lab string, s *screenApp) error {
	if a.wantsPlain() {
		return a.learnPlain(ctx, course, lab, s)
	}
	state, err := a.stateDir()
	if err != nil {
		return err
	}
	log := crashLog(state, time.Now())
	in, inOK := a.streams.In.(*os.File)
	out, outOK := a.streams.Out.(*os.File)
	if inOK && outOK {
		var hungUp context.CancelFunc
		ctx, hungUp = context.WithCancel(ctx)
		defer hungUp()
		defer onHangup(in, hungUp)()
		defer standBy(in, out, log, a.language)()
	}
	err = tui.Run(ctx, tui.Config{
		Course: course, App: s, Input: a.streams.In, Output: a.streams.Out, Lab: lab, Lang: a.language,
		ASCII: os.Getenv("KUBELAB_ASCII") != "", Leaving: a.tellLeaving,
	})
	if outOK {
		// Once more: a Ctrl-C in the moment in which the terminal is its own again makes the kernel throw away what the
		// terminal has not read yet (termios(3), NOFLSH), and with it the screen's last words.
		_, _ = out.WriteString(leaveScreen)
	}
	return keepCrash(err, log, a.language)
}

func (a *app) tellLeaving(lab *labs.Lab) {
	fmt.Fprintf(a.streams.Err, "%s: 제자리로 돌려놓는 중입니다 …\n", plain(lab.Title))
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(f.Fd())
}

// screenApp shows a course to the screen.
type screenApp struct {
	ctx    context.Context
	app    *app
	course *session.Course
}

func newScreenApp(ctx context.Context, a *app, c *session.Course) *screenApp {
	return &screenApp{ctx: ctx, app: a, course: c}
}

// Overview is the course and the environment at this moment.
func (s *screenApp) Overview() tui.Overview {
	progress, env, where := s.course.Progress(), s.course.Environment(), s.course.Where()
	out := tui.Overview{
		Labs: map[string]tui.LabProgress{}, Current: progress.Lab, Toured: progress.Toured,
		Environment: tui.Environment{
			Engine: where.Engine, Simulated: where.Simulated, Has: env.Gained, Steps: env.Steps,
			Findings: env.Findings, Broken: env.Why,
		},
	}
	if env.Err != nil {
		out.Environment.Broken = env.Err.Error()
	}
	for _, lab := range s.course.Labs() {
		p, begun := progress.Labs[lab.ID]
		if begun {
			out.Labs[lab.ID] = tui.LabProgress{Done: p.Done(lab), Finished: p.Complete(lab), Record: p}
		}
	}
	return out
}

// Changed receives after Overview has become another.
func (s *screenApp) Changed() <-chan struct{} { return s.course.Changed() }

// Retry brings the environment up again.
func (s *screenApp) Retry() { s.course.Retry() }

// Toured notes that the learner was shown around. That this could not be written is told where progress is made next.
func (s *screenApp) Toured() { _ = s.course.Append(labs.Fact{Kind: labs.FactToured, Time: time.Now()}) }

// Open begins or resumes a lab.
func (s *screenApp) Open(id string) (tui.Lab, error) {
	l, err := s.open(id, func(checks.Command) {})
	if err != nil {
		return nil, err
	}
	return l, nil
}

// open begins or resumes a lab; typed is told of every command when it begins and when it has ended.
func (s *screenApp) open(id string, typed func(checks.Command)) (*screenLab, error) {
	l := newScreenLab(s.ctx)
	learner, err := s.course.Open(l.ctx, id, l.awaitShell)
	if err != nil {
		l.cancel()
		return nil, err
	}
	l.open(learner, func(ctx context.Context, record func(checks.Command)) (learnerShell, error) {
		return s.app.startShell(ctx, learner.Stage, func(c checks.Command) {
			record(c)
			typed(c)
		})
	})
	return l, nil
}

var _ tui.App = (*screenApp)(nil)
