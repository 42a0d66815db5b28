package session

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
)

// LeaveLimit bounds how long the leave blocks of a lab may take.
const LeaveLimit = 90 * time.Second

// ErrHeld means that another program has a lab open that only one may have open at a time.
var ErrHeld = errors.New("다른 kubelab이 이 실습을 열고 있습니다")

// Left are the labs that may have left something that must not stay as it is: they are open, or the program in which
// they were was killed.
func (c *Course) Left() []*labs.Lab {
	var out []*labs.Lab
	progress := c.Progress()
	for _, lab := range c.cfg.Course.Labs {
		if progress.Labs[lab.ID].Opened && len(lab.Leave) > 0 {
			out = append(out, lab)
		}
	}
	return out
}

// PutRight runs the leave blocks of the labs that a killed program has left, whatever the environment can do. Labs
// that somebody has open are passed over. report is told of each lab before; it may be nil.
func (c *Course) PutRight(ctx context.Context, report func(*labs.Lab)) error {
	return c.putRight(ctx, func(*labs.Lab) bool { return true }, report)
}

func (c *Course) putRight(ctx context.Context, able func(*labs.Lab) bool, report func(*labs.Lab)) error {
	c.righting.Lock()
	defer c.righting.Unlock()
	var errs []error
	for _, lab := range c.Left() {
		if !able(lab) {
			continue
		}
		release, err := c.hold(lab)
		if errors.Is(err, ErrHeld) {
			continue
		}
		if err == nil {
			if report != nil {
				report(lab)
			}
			err = c.leave(ctx, lab)
			release()
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// putRightWhenAble does so as soon as the environment can do what it takes, also where no lab is opened.
func (c *Course) putRightWhenAble(ctx context.Context) {
	for len(c.Left()) > 0 && ctx.Err() == nil {
		changed := c.CapabilitiesChanged()
		if err := c.putRight(ctx, c.ableToLeave, nil); ctx.Err() == nil {
			c.findLeft(err)
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// findLeft makes what could not be put right a finding, nil none.
func (c *Course) findLeft(err error) {
	const id = "leave"
	c.mu.Lock()
	defer c.mu.Unlock()
	c.findings = slices.DeleteFunc(slices.Clone(c.findings), func(f engine.Finding) bool { return f.ID == id })
	if err != nil {
		c.findings = append(c.findings, engine.Finding{
			ID: id, Severity: engine.Warning, Saw: fmt.Sprintf(c.text.leaveFailedF, err), Try: "kubelab reset",
		})
	}
	c.signal()
}

// leave runs a lab's leave blocks where it was opened.
func (c *Course) leave(ctx context.Context, lab *labs.Lab) error {
	if !c.Progress().Labs[lab.ID].Opened || len(lab.Leave) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, LeaveLimit)
	defer cancel()
	if err := c.Stage(lab).Leave(ctx); err != nil {
		return fmt.Errorf("leave lab %s: %w", lab.ID, err)
	}
	return c.fact(labs.Fact{Lab: lab.ID, Kind: labs.FactLeft})
}

// hold keeps other programs from opening a lab that has something to put right when it is left, and from putting it
// right under the learner's hands. The hold ends with release, and with the program however it ends.
func (c *Course) hold(lab *labs.Lab) (release func(), err error) {
	if len(lab.Leave) == 0 {
		return func() {}, nil
	}
	f, err := os.OpenFile(filepath.Join(c.cfg.WorkDir, "."+lab.ID+".open"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("hold lab %s: %w", lab.ID, err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, ErrHeld
		}
		return nil, fmt.Errorf("hold lab %s: %w", lab.ID, err)
	}
	return func() { f.Close() }, nil
}
