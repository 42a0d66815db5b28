package images

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// retry is how often a lock held by somebody else is tried again, and whether the images appeared meanwhile looked up.
const retry = 200 * time.Millisecond

// lock keeps other processes from building at the same time. While another one builds it waits and says so, and stops
// waiting as soon as nothing is wanted any more: then locked is false.
func (s *Store) lock(ctx context.Context, r *reporter, wanted func(context.Context) (bool, error)) (unlock func(), locked bool, err error) {
	file, err := os.OpenFile(filepath.Join(s.cache, "lock"), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, false, fmt.Errorf("open lock: %w", err)
	}
	defer func() {
		if !locked {
			file.Close()
		}
	}()
	var waiting *activity
	ticker := time.NewTicker(retry)
	defer ticker.Stop()
	for {
		locked, err = tryLock(file)
		if err != nil {
			return nil, false, fmt.Errorf("lock %s: %w", file.Name(), err)
		}
		if locked {
			break
		}
		if waiting == nil {
			waiting = r.begin(Progress{Step: "lock", Title: "먼저 시작한 kubelab을 기다리는 중"})
			waiting.detail(holder(file) + "이미지를 만들고 있습니다. 끝나면 이어서 합니다.")
		}
		if still, err := wanted(ctx); err != nil || !still {
			waiting.close(Done)
			return nil, false, err
		}
		select {
		case <-ctx.Done():
			return nil, false, context.Cause(ctx)
		case <-ticker.C:
		}
	}
	if waiting != nil {
		waiting.close(Done)
	}
	if err := file.Truncate(0); err == nil {
		_, _ = file.WriteAt([]byte(fmt.Sprintln(os.Getpid())), 0) // for the eyes of those who wait, and no more than that
	}
	return func() { file.Close() }, true, nil
}

// holder names the process that holds the lock, as far as it said.
func holder(file *os.File) string {
	content, err := io.ReadAll(io.NewSectionReader(file, 0, 32))
	if pid := strings.TrimSpace(string(content)); err == nil && pid != "" {
		return "프로세스 " + pid + "번이 "
	}
	return "다른 kubelab이 "
}
