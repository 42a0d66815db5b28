package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/runner/session"
	"github.com/kubelab/kubelab/runner/tui"
)

// learnerShell is what the screen and the session need of a shell.
type learnerShell interface {
	tui.Shell
	session.Shell
	Close() error
}

type startFunc func(ctx context.Context, record func(checks.Command)) (learnerShell, error)

// screenLab shows an open lab and its shell to the screen. It starts the shell, and another one when the learner
// leaves it.
type screenLab struct {
	*session.Learner
	ctx     context.Context
	cancel  context.CancelFunc
	changed chan struct{}
	helpers sync.WaitGroup

	mu     sync.Mutex
	shell  learnerShell
	failed error
	moved  chan struct{} // closed and replaced when shell or failed changes
}

var _ tui.Lab = (*screenLab)(nil)

func newScreenLab(ctx context.Context) *screenLab {
	ctx, cancel := context.WithCancel(ctx)
	return &screenLab{ctx: ctx, cancel: cancel, changed: make(chan struct{}, 1), moved: make(chan struct{})}
}

// open takes over the learner's session and keeps a shell running beside it.
func (l *screenLab) open(learner *session.Learner, start startFunc) {
	l.Learner = learner
	l.helpers.Go(func() {
		for {
			select {
			case <-learner.Changed():
				l.signal()
			case <-l.ctx.Done():
				return
			}
		}
	})
	l.helpers.Go(func() { l.keepShell(start) })
}

// A shell that ends sooner than this after its start did not end because the learner left it.
const shortLife = time.Second

func (l *screenLab) keepShell(start startFunc) {
	for short := 0; l.ctx.Err() == nil; {
		began := time.Now()
		sh, err := start(l.ctx, l.Observer.Record)
		if err != nil {
			l.set(nil, err)
			return
		}
		l.set(sh, nil)
		select {
		case <-sh.Done():
		case <-l.ctx.Done():
		}
		sh.Close()
		if short++; time.Since(began) > shortLife {
			short = 0
		}
		if short == 3 {
			l.set(nil, errors.New("셸이 시작하자마자 끝납니다. 터미널에서 bash가 실행되는지 확인하세요"))
			return
		}
	}
}

func (l *screenLab) set(sh learnerShell, err error) {
	l.mu.Lock()
	l.shell, l.failed = sh, err
	close(l.moved)
	l.moved = make(chan struct{})
	l.mu.Unlock()
	l.signal()
}

func (l *screenLab) signal() {
	select {
	case l.changed <- struct{}{}:
	default:
	}
}

// Changed receives after View or Shell have become another.
func (l *screenLab) Changed() <-chan struct{} { return l.changed }

// Shell is the learner's shell, or false while there is none.
func (l *screenLab) Shell() (tui.Shell, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.shell, l.shell != nil
}

// awaitShell gives the session the shell as soon as there is one.
func (l *screenLab) awaitShell(ctx context.Context, _ *session.Learner) (session.Shell, error) {
	for {
		l.mu.Lock()
		sh, err, moved := l.shell, l.failed, l.moved
		l.mu.Unlock()
		if sh != nil || err != nil {
			return sh, err
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Close ends the lab and its shell, and puts right what the lab must not leave behind.
func (l *screenLab) Close() error {
	l.cancel()
	l.helpers.Wait()
	return l.Learner.Close()
}
