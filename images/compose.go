package images

import (
	"context"
	"errors"
	"path/filepath"
	"time"
)

// compose is the one thing here that is no image: a plugin of the docker command. It goes the way of the programs in the
// images.
const compose Kind = "compose"

// Compose builds the docker command's plugin compose into the cache, where it is not there yet, and returns its file. The
// way is that of Ensure: report is never called twice at a time, and what goes wrong is a *MissingError or a *StepError.
func (s *Store) Compose(ctx context.Context, report func(Progress)) (file string, err error) {
	p := programs()["compose"]
	file = s.binary(p, p.name)
	if exists(file) {
		return file, nil
	}
	r := &reporter{report: report, timings: loadTimings(filepath.Join(s.cache, "timings.json")), now: time.Now}
	unlock, locked, err := s.lock(ctx, r, func(context.Context) (bool, error) { return !exists(file), nil })
	if err != nil || !locked {
		return file, err
	}
	defer unlock()
	if exists(file) { // made while this one waited
		return file, nil
	}
	if err := s.sweep(); err != nil {
		return "", err
	}
	steps, failed := s.feasible([]*step{s.compileStep(compose, p, "docker compose "+p.version+" 컴파일하기")})
	if err := failed[compose]; err != nil {
		var missing *MissingError
		if errors.As(err, &missing) {
			missing.Try = "sudo apt-get install docker-compose-v2 (또는 docker-compose-plugin)"
		}
		return "", err
	}
	return file, s.build(ctx, r, steps)[compose]
}
