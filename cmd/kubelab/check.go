package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/observe"
	"github.com/kubelab/kubelab/runner/session"
)

// checkLimit bounds how long `check` waits for the first sight of every source, and checkPatience how long it waits for
// sources that have all said why they cannot be seen.
const (
	checkLimit    = 20 * time.Second
	checkPatience = 2 * time.Second
)

func (a *app) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check LAB|LAB/STEP",
		Short: "한 번 확인하고 결과를 출력합니다. 하나라도 실패하면 종료 코드 1",
		Args:  takes(1, 1),
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
	a.putRight(ctx, c)
	stage := c.Stage(lab)
	observer := newObserver(stage)
	defer observer.Close()
	watches := session.Watches(lab)
	observer.Observe(ctx, watches)
	if err := see(ctx, observer, watches); err != nil {
		return err
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

// see waits until every source has been seen once.
func see(ctx context.Context, observer *observe.Observer, watches []checks.Watch) error {
	updates, unsubscribe := observer.Subscribe()
	defer unsubscribe()
	limit := time.After(checkLimit)
	var patience <-chan time.Time // runs while there is a reason for all that is missing
	for {
		silent, why := unseen(observer.Snapshot(), watches)
		switch {
		case len(silent)+len(why) == 0:
			return nil
		case len(silent) > 0:
			patience = nil
		case patience == nil:
			patience = time.After(checkPatience)
		}
		select {
		case <-updates:
			continue
		case <-ctx.Done():
			return ctx.Err()
		case <-patience:
		case <-limit:
		}
		if len(silent) > 0 {
			why = append(why, fmt.Sprintf("%s: %s 동안 답이 없습니다", strings.Join(silent, ", "), checkLimit))
		}
		return missing("kubelab doctor 로 무엇이 빠졌는지 보고, kubelab up 으로 준비한 뒤 다시 해 보세요", "상태를 볼 수 없습니다\n  %s", strings.Join(why, "\n  "))
	}
}

// unseen are the sources that have not been seen: those that say nothing, and what the others say, each thing once.
func unseen(s checks.Snapshot, watches []checks.Watch) (silent, why []string) {
	for _, w := range watches {
		switch st := s.State(w.Key()); {
		case st.Synced, slices.Contains(why, st.Err):
		case st.Err == "":
			silent = append(silent, w.Key())
		default:
			why = append(why, st.Err)
		}
	}
	return silent, why
}

func (a *app) sayResult(place, title string, r checks.Result) {
	if r.Passed {
		fmt.Fprintf(a.streams.Out, "✓ %s  %s\n", place, plain(title))
		return
	}
	fmt.Fprintf(a.streams.Out, "✗ %s  %s\n    본 것: %s\n    바라는 것: %s\n    %s\n", place, plain(title), plain(r.Observed), plain(r.Expected), plain(r.Explanation))
}
