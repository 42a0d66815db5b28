package validate

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/session"
)

// usesCluster and usesDocker say what a lab touches. The things of other labs are made with Docker, too, but by the run.
func usesCluster(lab *labs.Lab) bool { return needs(lab, engine.Cluster, engine.ControlPlane) }

func usesDocker(lab *labs.Lab) bool {
	return len(lab.Gives) > 0 || needs(lab, engine.Docker, engine.NodeJS, engine.Compose, engine.Registry)
}

func needs(lab *labs.Lab, any ...engine.Capability) bool {
	return slices.ContainsFunc(any, func(c engine.Capability) bool { return slices.Contains(lab.Needs, string(c)) })
}

// supplies are the things that a run has made for labs because no earlier lab had left them. They stay for the labs
// that come, until the lab begins that gives them, or the run ends. Only one lab at a time makes any.
type supplies struct {
	made []supply
}

type supply struct {
	thing *labs.Thing
	stage *session.Stage
}

// bring makes what the lab takes over and is not there, and takes away what it is about to give. report is told before
// each thing that is made. Where nothing may be made, because others are using Docker, all must be there.
func (s *supplies) bring(ctx context.Context, stage *session.Stage, makes bool, report func(*labs.Thing)) error {
	for _, thing := range stage.Lab.Gives {
		if err := s.withdraw(ctx, thing.Name); err != nil {
			return err
		}
	}
	for _, thing := range stage.Lab.Supplies {
		if !makes {
			if there, err := stage.Has(ctx, thing); !there || err != nil {
				return errors.Join(fmt.Errorf("%s was there for an earlier lab of this run, and is gone", thing.Name), err)
			}
			continue
		}
		one := &session.Stage{Lab: &labs.Lab{ID: stage.Lab.ID, Supplies: []*labs.Thing{thing}}, Env: stage.Env, Registry: stage.Registry}
		err := one.Supply(ctx, report)
		if len(one.Supplied) > 0 {
			s.made = append(s.made, supply{thing, one})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// withdraw takes away what was made under a name.
func (s *supplies) withdraw(ctx context.Context, name string) error {
	var errs []error
	s.made = slices.DeleteFunc(s.made, func(one supply) bool {
		if one.thing.Name != name {
			return false
		}
		err := one.stage.Withdraw(ctx)
		errs = append(errs, err)
		return err == nil
	})
	return errors.Join(errs...)
}

// withdrawAll takes away what was made, the last thing first: it may have been made of an earlier one.
func (s *supplies) withdrawAll(ctx context.Context) error {
	var errs []error
	for _, one := range slices.Backward(s.made) {
		errs = append(errs, one.stage.Withdraw(ctx))
	}
	s.made = nil
	return errors.Join(errs...)
}
