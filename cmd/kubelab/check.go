package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/session"
)

// checkLimit bounds how long `check` waits for the first sight of every source.
const checkLimit = 20 * time.Second

func (a *app) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check LAB[/STEP]",
		Short: "한 번 확인하고 결과를 출력합니다. 하나라도 실패하면 종료 코드 1",
		Args:  args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			course, err := a.course()
			if err != nil {
				return err
			}
			lab, step, err := find(course, args[0])
			if err != nil {
				return err
			}
			return a.check(cmd.Context(), course, lab, step)
		},
	}
}

func (a *app) check(ctx context.Context, course *labs.Course, lab *labs.Lab, only int) error {
	c, eng, err := a.newCourse(course)
	if err != nil {
		return err
	}
	defer eng.Close()
	stage := c.Stage(lab)
	observer := newObserver(stage)
	defer observer.Close()
	watches := session.Watches(lab)
	observer.Observe(ctx, watches)
	limited, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	if err := observer.Synced(limited, watches); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return missing("kubelab up 으로 환경을 준비하고 다시 해 보세요", "상태를 볼 수 없습니다: %w", err)
	}
	progress := c.Progress().Labs[lab.ID]
	scope := checks.Scope{
		Now: time.Now(), StepStarted: progress.Started, Env: stage.Variables(),
		Namespace: stage.Env.Namespace, Before: progress.Before,
	}
	failed := false
	for i, step := range lab.Steps {
		if only >= 0 && i != only {
			continue
		}
		for _, check := range step.Checks {
			r := check.Evaluate(observer.Snapshot(), scope)
			a.sayResult(lab.ID+"/"+step.ID, check.Title, r)
			failed = failed || !r.Passed
		}
	}
	if failed {
		return errFailed
	}
	return nil
}

func (a *app) sayResult(place, title string, r checks.Result) {
	if r.Passed {
		fmt.Fprintf(a.streams.Out, "✓ %s  %s\n", place, title)
		return
	}
	fmt.Fprintf(a.streams.Out, "✗ %s  %s\n    본 것: %s\n    바라는 것: %s\n    %s\n", place, title, r.Observed, r.Expected, r.Explanation)
}
