package kind

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/kubelab/kubelab/runner/engine"
)

// lockPoll is how often a lock that another process holds is tried for again: there is no event to wait for that a
// cancelled context could interrupt.
const lockPoll = 200 * time.Millisecond

// lock waits until no other Up or Down runs on this state folder, in this process or another one. The kernel gives
// the lock back when its holder dies, however it dies.
func (e *Engine) lock(ctx context.Context, report func(engine.Progress)) (unlock func(), err error) {
	var f *os.File
	waited := false
	err = wait.PollUntilContextCancel(ctx, lockPoll, true, func(context.Context) (bool, error) {
		if err := os.MkdirAll(e.cfg.StateDir, 0o700); err != nil {
			return false, err
		}
		got, err := os.OpenFile(e.path("up.lock"), os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return false, err
		}
		err = unix.Flock(int(got.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil && sameFile(got, e.path("up.lock")) {
			f = got
			return true, nil
		}
		got.Close()
		if err != nil && !errors.Is(err, unix.EWOULDBLOCK) {
			return false, err
		}
		if err != nil && !waited {
			waited = true
			report(engine.Progress{Step: "docker", Title: "Docker 엔진 확인", Detail: "다른 kubelab이 환경을 바꾸고 있어 기다립니다"})
		}
		return false, nil
	})
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", e.cfg.StateDir, err)
	}
	return func() { f.Close() }, nil
}

// sameFile tells whether the open file is still the one at path: Down removes the lock file while it holds the lock.
func sameFile(f *os.File, path string) bool {
	a, err := f.Stat()
	if err != nil {
		return false
	}
	b, err := os.Stat(path)
	return err == nil && os.SameFile(a, b)
}
