package main

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/spf13/cobra"

	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/session"
	"github.com/kubelab/kubelab/runner/shell"
)

func (a *app) resetCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "reset [LAB|LAB/STEP]",
		Short: "실습을 처음으로, 또는 한 단계의 처음으로 되돌립니다. LAB이 없으면 시작한 실습을 모두 되돌립니다",
		Long: `실습이 만든 것을 지우고 처음으로 되돌립니다. LAB이 없으면 시작한 실습을 모두 되돌립니다.

LAB/STEP은 그 단계의 처음으로 가져갑니다. 시작한 실습이면 만든 것을 지우고, 앞 단계들을 풀이대로 다시 실행합니다.
그 단계부터 한 일은 잊지만, 힌트와 틀린 답의 횟수는 남습니다.`,
		Example: "kubelab reset hello-container\nkubelab reset hello-container/tags",
		Args:    takes(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			course, err := a.course()
			if err != nil {
				return err
			}
			if len(args) == 0 {
				return a.reset(cmd.Context(), course, course.Labs)
			}
			lab, step, err := find(course, args[0])
			switch {
			case err != nil:
				return err
			case step < 0:
				return a.reset(cmd.Context(), course, []*labs.Lab{lab})
			}
			return a.travel(cmd.Context(), course, lab, step)
		},
	}
}

// reset brings labs back to their start.
func (a *app) reset(ctx context.Context, course *labs.Course, which []*labs.Lab) error {
	c, eng, err := a.newCourse(course)
	if err != nil {
		return err
	}
	defer eng.Close()
	a.putRight(ctx, c)
	for _, lab := range which {
		if _, begun := c.Progress().Labs[lab.ID]; !begun && len(which) > 1 {
			continue
		}
		fmt.Fprintf(a.streams.Err, "▸ %s 되돌리는 중\n", plain(lab.Title))
		if err := c.Reset(ctx, lab); err != nil {
			return err
		}
	}
	return nil
}

// travel brings a lab to the beginning of a step, in a shell that nobody sees.
func (a *app) travel(ctx context.Context, course *labs.Course, lab *labs.Lab, step int) (err error) {
	c, eng, err := a.newCourse(course, needsOf([]*labs.Lab{lab})...)
	if err != nil {
		return err
	}
	defer eng.Close()
	if err := a.up(ctx, eng); err != nil {
		return err
	}
	background, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { _ = c.Run(background) }) // it ends with the context, and no other way
	defer running.Wait()
	defer stop()

	var sh *shell.Shell
	defer func() {
		if sh != nil {
			sh.Close()
		}
	}()
	learner, err := c.OpenAt(background, lab, step, func(_ context.Context, l *session.Learner) (_ session.Shell, err error) {
		if sh == nil {
			// Not with the context of the job that asks for it: it lives on.
			sh, err = a.startShell(background, l.Stage, l.Observer.Record)
		}
		return sh, err
	})
	if err != nil {
		return err
	}
	err = a.follow(ctx, c, learner)
	if closeErr := learner.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		fmt.Fprintf(a.streams.Out, "%s/%s의 처음입니다. 다음: kubelab %s\n", lab.ID, lab.Steps[step].ID, lab.ID)
	}
	return err
}

// follow says what a session does until it is where it was to go.
func (a *app) follow(ctx context.Context, c *session.Course, learner *session.Learner) error {
	said := journeyPrinter{w: a.streams.Err}
	for {
		v := learner.View()
		said.print(v)
		switch idle := v.Activity == nil; {
		case idle && v.Problem != "":
			return missing("kubelab 에서 이어서 하거나, kubelab reset "+v.Lab.ID+" 로 처음으로 되돌리세요", "%s", v.Problem)
		case idle && !v.Travelling:
			return nil
		}
		if env := c.Environment(); env.Err != nil {
			return env.Err
		}
		select {
		case <-learner.Changed():
		case <-c.Changed():
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// journeyPrinter prints what a session does as lines.
type journeyPrinter struct {
	w             io.Writer
	notice, doing string
	step          int
}

func (p *journeyPrinter) print(v session.View) {
	if v.Notice != "" && v.Notice != p.notice {
		fmt.Fprintf(p.w, "▸ %s\n", plain(v.Notice))
	}
	p.notice = v.Notice
	act := v.Activity
	if act == nil {
		return
	}
	if act.Title != p.doing {
		fmt.Fprintf(p.w, "▸ %s\n", plain(act.Title))
		p.doing, p.step = act.Title, -1
	}
	if v.Replaying && act.Total > 0 && v.Step != p.step {
		fmt.Fprintf(p.w, "  %d/%d %s\n", act.Done+1, act.Total, plain(v.Lab.Steps[v.Step].Title))
		p.step = v.Step
	}
}
