package session

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/kubelab/kubelab/labs"
)

// Supply sees to it that everything is there that the lab takes over from earlier ones: what is missing is made, as the
// earlier lab would have left it, and noted in Supplied. report is told before each thing that is made; it may be nil.
func (s *Stage) Supply(ctx context.Context, report func(*labs.Thing)) error {
	for _, thing := range s.Lab.Supplies {
		if err := s.supply(ctx, thing, report); err != nil {
			return err
		}
	}
	return nil
}

func (s *Stage) supply(ctx context.Context, thing *labs.Thing, report func(*labs.Thing)) error {
	return s.asGiver(thing, func(giver *Stage) error {
		if there, err := giver.has(ctx, thing); there || err != nil {
			return err
		}
		if report != nil {
			report(thing)
		}
		// Noted before it is made: what is made by half must go again, too.
		if !slices.Contains(s.Supplied, thing.Name) {
			s.Supplied = append(s.Supplied, thing.Name)
		}
		if err := giver.runAll(ctx, "give", thing.Give, nil); err != nil {
			return err
		}
		if there, err := giver.has(ctx, thing); !there || err != nil {
			return errors.Join(fmt.Errorf("give %s of lab %s: its `have` block does not find what its `give` block made", thing.Name, thing.Giver.ID), err)
		}
		return nil
	})
}

// Has reports whether something that a lab gives is there.
func (s *Stage) Has(ctx context.Context, thing *labs.Thing) (there bool, err error) {
	err = s.asGiver(thing, func(giver *Stage) error {
		there, err = giver.has(ctx, thing)
		return err
	})
	return there, err
}

// Withdraw takes away what Supply made.
func (s *Stage) Withdraw(ctx context.Context) error {
	var errs []error
	for _, thing := range s.Lab.Supplies {
		if !slices.Contains(s.Supplied, thing.Name) {
			continue
		}
		errs = append(errs, s.asGiver(thing, func(giver *Stage) error { return giver.runAll(ctx, "take", thing.Take, nil) }))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	s.Supplied = nil
	return nil
}

// takeGiven takes away what the lab itself gives.
func (s *Stage) takeGiven(ctx context.Context) error {
	var errs []error
	for _, thing := range s.Lab.Gives {
		errs = append(errs, s.asGiver(thing, func(giver *Stage) error { return giver.runAll(ctx, "take", thing.Take, nil) }))
	}
	return errors.Join(errs...)
}

func (s *Stage) has(ctx context.Context, thing *labs.Thing) (bool, error) {
	for _, script := range thing.Have {
		var failed *ScriptError
		switch err := s.exec(ctx, "have", script); {
		case ctx.Err() != nil:
			return false, fmt.Errorf("look for %s: %w", thing.Name, ctx.Err())
		case errors.As(err, &failed):
			return false, nil
		}
	}
	return true, nil
}

// asGiver does something on a stage of the giver's, in a folder with the giver's files that is gone afterwards: the
// learner's own work folder may hold anything.
func (s *Stage) asGiver(thing *labs.Thing, do func(giver *Stage) error) error {
	dir, err := os.MkdirTemp("", "kubelab-give-")
	if err != nil {
		return fmt.Errorf("make folder for %s: %w", thing.Name, err)
	}
	defer os.RemoveAll(dir)
	giver := &Stage{Lab: thing.Giver, Env: s.Env, WorkDir: dir, Registry: s.Registry}
	if err := giver.CopyFiles(); err != nil {
		return err
	}
	return do(giver)
}
