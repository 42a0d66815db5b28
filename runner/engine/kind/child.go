package kind

import (
	"context"
	"path/filepath"

	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/engine/kind/loadbalancer"
)

// ServeLoadBalancer is the child process that gives addresses to Services of type LoadBalancer. It returns when ctx
// ends, the process is told to end, or another one already serves the folder.
func ServeLoadBalancer(ctx context.Context, stateDir string) error {
	return loadbalancer.Serve(ctx, stateDir, filepath.Join(stateDir, "kubeconfig"))
}

// startLoadBalancer starts the child process, or finds that it runs.
func (u *bringUp) startLoadBalancer(ctx context.Context, t *engine.Task) error {
	if !u.loadBalancerRuns() {
		t.Undo("로드밸런서 프로세스", u.stopLoadBalancer)
	}
	argv := append([]string{u.cfg.Executable}, u.cfg.LoadBalancerArgs...)
	_, err := loadbalancer.Start(ctx, argv, u.cfg.StateDir, u.path("kubeconfig"))
	return err
}

func (e *Engine) stopLoadBalancer(ctx context.Context) error {
	return loadbalancer.Stop(ctx, e.cfg.StateDir)
}

func (e *Engine) loadBalancerRuns() bool {
	pid, err := loadbalancer.PID(e.cfg.StateDir)
	return err == nil && pid != 0
}
