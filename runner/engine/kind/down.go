package kind

import (
	"context"
	"errors"
	"fmt"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"github.com/kubelab/kubelab/runner/engine"
)

// Down removes everything of the engine's own: cluster, registries, volumes, the nodes' network where nobody else is on
// it, and its files. Images stay, they are the machine's.
func (e *Engine) Down(ctx context.Context, report func(engine.Progress)) error {
	unlock, err := e.lock(ctx, report)
	if err != nil {
		return err
	}
	defer unlock()
	return engine.Run(ctx, []engine.Step{
		{Name: "loadbalancer", Title: "로드밸런서 끝내기", Do: func(ctx context.Context, _ *engine.Task) error { return e.stopLoadBalancer(ctx) }},
		{Name: "docker", Title: "컨테이너, 볼륨, 네트워크 지우기", After: []string{"loadbalancer"}, Do: e.removeObjects},
		{Name: "files", Title: "파일 지우기", After: []string{"docker"}, Do: func(context.Context, *engine.Task) error { return e.removeFiles() }},
	}, nil, report)
}

// removeObjects removes the engine's objects from Docker. Where no Docker answers and nothing was ever made there,
// there is nothing to remove.
func (e *Engine) removeObjects(ctx context.Context, t *engine.Task) error {
	if _, err := e.docker.Ping(ctx, client.PingOptions{}); err != nil {
		if !e.loadState().Made {
			t.Say("Docker 엔진이 답하지 않지만, 만든 것이 없습니다")
			return nil
		}
		return fmt.Errorf("reach Docker at %s: %w", e.cfg.DockerHost, err)
	}
	t.Say("클러스터 지우는 중")
	if err := e.removeNodes(ctx); err != nil {
		return err
	}
	t.Say("레지스트리 지우는 중")
	containers, err := e.ownContainers(ctx)
	if err != nil {
		return err
	}
	for _, c := range containers {
		err = errors.Join(err, e.removeContainer(ctx, c.ID))
	}
	return errors.Join(err, e.removeVolumes(ctx), e.removeNetwork(ctx))
}

func (e *Engine) removeVolumes(ctx context.Context) error {
	got, err := e.docker.VolumeList(ctx, client.VolumeListOptions{Filters: e.own()})
	if err != nil {
		return fmt.Errorf("list volumes: %w", err)
	}
	var errs []error
	for _, v := range got.Items {
		_, err := e.docker.VolumeRemove(ctx, v.Name, client.VolumeRemoveOptions{})
		if err != nil && !errdefs.IsNotFound(err) {
			errs = append(errs, fmt.Errorf("remove volume %s: %w", v.Name, err))
		}
	}
	return errors.Join(errs...)
}
