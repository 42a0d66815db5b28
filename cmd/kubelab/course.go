package main

import (
	"errors"

	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/engine/kind"
	"github.com/kubelab/kubelab/runner/observe"
	"github.com/kubelab/kubelab/runner/session"
)

// newCourse puts the parts of a course together. The caller closes the engine.
func (a *app) newCourse(course *labs.Course, needs ...engine.Capability) (*session.Course, *kind.Engine, error) {
	log, err := a.openLog()
	if err != nil {
		return nil, nil, err
	}
	work, err := a.workDir()
	if err != nil {
		return nil, nil, err
	}
	eng, err := a.newEngine(needs...)
	if err != nil {
		return nil, nil, err
	}
	c, err := session.NewCourse(session.CourseConfig{
		Course: course, Engine: eng, Log: log, WorkDir: work,
		Observer: func(s *session.Stage) session.ClosableObserver { return newObserver(s) },
	})
	if err != nil {
		return nil, nil, errors.Join(err, eng.Close())
	}
	return c, eng, nil
}

func newObserver(s *session.Stage) *observe.Observer {
	return observe.New(observe.Config{Env: s.Env, WorkDir: s.WorkDir, Vars: s.Variables()})
}
