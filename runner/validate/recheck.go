package validate

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/kubelab/kubelab/checks"
)

const (
	// rechecks is how often everything is checked again.
	rechecks = 100
	// rechecksTried is how often the whole is tried: what changes by itself rests once, what looking changes never.
	rechecksTried = 5
)

// recheck proves that looking changes nothing: neither evaluating every check many times nor observing anew.
func (r *replay) recheck(ctx context.Context) string {
	var different []string
	for range rechecksTried {
		was, err := r.exact(ctx)
		if err != nil {
			return err.Error()
		}
		if err := r.lookAgain(ctx); err != nil {
			return err.Error()
		}
		now, err := r.exact(ctx)
		if err != nil {
			return err.Error()
		}
		if different = was.differences(now); len(different) == 0 {
			return ""
		}
	}
	return fmt.Sprintf("checking %d times and observing anew changes the environment: %s", rechecks, strings.Join(different, ", "))
}

func (r *replay) lookAgain(ctx context.Context) error {
	fresh := r.cfg.Observer(r.stage)
	defer fresh.Close()
	if err := see(ctx, fresh, r.watches); err != nil {
		return err
	}
	for _, snap := range []checks.Snapshot{r.observer.Snapshot(), fresh.Snapshot()} {
		scope := r.scope()
		for range rechecks / 2 {
			for _, step := range r.lab.Steps {
				for _, c := range step.Checks {
					c.Evaluate(snap, scope)
				}
			}
		}
	}
	return nil
}

// exact is everything that is the lab's own, as exactly as it can be seen: with resource versions, and the times of
// files. What is not its own, as nodes and their leases, is written all the time.
func (r *replay) exact(ctx context.Context) (inventory, error) {
	inv := inventory{}
	if r.stock.cluster != nil {
		objects, err := r.stock.cluster.Objects(ctx, r.stock.namespace)
		if err != nil {
			return nil, fmt.Errorf("look at the cluster: %w", err)
		}
		for _, o := range objects {
			inv[o.Resource+" "+fullName(o)] = o.GetResourceVersion()
		}
	}
	if r.stock.docker != nil {
		docker, err := r.freshDocker(ctx)
		if err != nil {
			return nil, err
		}
		defer docker.Close()
		snap := docker.Snapshot()
		for _, w := range dockerLeaks() {
			for _, o := range snap.State(w.Key()).Items {
				inv[w.Source+" "+dockerName(o)] = map[string]any(o)
			}
		}
	}
	tags, err := r.stage.RegistryTags(ctx)
	if err != nil {
		return nil, err
	}
	for tag := range tags {
		inv["registry "+tag] = true
	}
	return inv, inv.addFiles(r.stage.WorkDir)
}

// addFiles adds the files of a folder.
func (inv inventory) addFiles(dir string) error {
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		inv["file "+path] = fmt.Sprint(info.Size(), info.ModTime().UnixNano(), info.Mode())
		return nil
	})
	if err != nil {
		return fmt.Errorf("look at the work folder: %w", err)
	}
	return nil
}
