package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/engine/kind"
	"github.com/kubelab/kubelab/runner/observe"
	"github.com/kubelab/kubelab/runner/session"
)

// newCourse puts the parts of a course together. The caller closes the engine.
func (a *app) newCourse(course *labs.Course, needs ...engine.Capability) (*session.Course, *kind.Engine, error) {
	// The log comes first: without it there is nothing to bring up.
	if _, err := a.openLog(); err != nil {
		return nil, nil, err
	}
	eng, err := a.newEngine(needs...)
	if err != nil {
		return nil, nil, err
	}
	c, err := a.courseWith(course, eng)
	if err != nil {
		return nil, nil, errors.Join(err, eng.Close())
	}
	return c, eng, nil
}

// courseWith puts the parts of a course together around an engine.
func (a *app) courseWith(course *labs.Course, eng engine.Engine) (*session.Course, error) {
	log, err := a.openLog()
	if err != nil {
		return nil, err
	}
	work, err := a.workDir()
	if err != nil {
		return nil, err
	}
	return session.NewCourse(session.CourseConfig{
		Course: course, Engine: eng, Log: log, WorkDir: work, Lang: a.language,
		Observer: func(s *session.Stage) session.ClosableObserver { return newObserver(s) },
	})
}

// putRight puts right what a killed kubelab has left, and says so. Where that fails, the command goes on: it is told,
// and tried again with the next one.
func (a *app) putRight(ctx context.Context, c *session.Course) {
	err := c.PutRight(ctx, func(lab *labs.Lab) {
		fmt.Fprintf(a.streams.Err, "▸ 지난번에 나가지 않고 끝난 실습을 제자리로 돌려놓는 중: %s\n", plain(lab.Title))
	})
	if err != nil && ctx.Err() == nil {
		fmt.Fprintf(a.streams.Err, "! 제자리로 돌려놓지 못했습니다. 다음 명령 때 다시 해 봅니다: %s\n", plain(err.Error()))
	}
}

// forgetLeft notes that nothing is left to put right: the environment is gone.
func (a *app) forgetLeft(eng engine.Engine) error {
	course, err := a.course()
	if err != nil {
		return nil // its labs are not known, nor what they would put right
	}
	c, err := a.courseWith(course, eng)
	if err != nil {
		return err
	}
	for _, lab := range c.Left() {
		if err := c.Append(labs.Fact{Lab: lab.ID, Kind: labs.FactLeft}); err != nil {
			return err
		}
	}
	return nil
}

func newObserver(s *session.Stage) *observe.Observer {
	return observe.New(observe.Config{Env: s.Env, WorkDir: s.WorkDir, Vars: s.Variables()})
}
