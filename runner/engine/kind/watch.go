package kind

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/events"
	"github.com/moby/moby/client"
	"k8s.io/client-go/kubernetes"
)

const (
	// probeEvery is how often the API server is asked whether it is ready: a server that hangs makes no event.
	probeEvery = 10 * time.Second
	// probeWait is how long it may think, and probeMisses how many answers in a row must fail before it counts as broken: a
	// small machine that builds an image is slow, not broken.
	probeWait   = 5 * time.Second
	probeMisses = 3
)

// Watch waits for what Docker says about the engine's containers, and asks now and then after what makes no events.
func (e *Engine) Watch(ctx context.Context) (broken string, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// Events are subscribed to before the first look, so that nothing falls between the two.
	stream := e.docker.Events(ctx, client.EventsListOptions{Filters: make(client.Filters).
		Add("type", string(events.ContainerEventType)).
		Add("event", string(events.ActionDie), string(events.ActionDestroy), string(events.ActionPause))})
	if broken, err := e.look(ctx); broken != "" || err != nil {
		return broken, err
	}
	var api kubernetes.Interface
	if e.does(clusterStep) {
		if api, err = e.kubernetes(); err != nil {
			return "kubeconfig 파일을 읽을 수 없습니다. 다시 만듭니다.", nil
		}
	}
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	misses := 0
	for {
		select {
		case <-ctx.Done():
			return "", context.Cause(ctx)
		case m := <-stream.Messages:
			if broken := e.loss(m); broken != "" {
				return broken, nil
			}
		case err := <-stream.Err:
			if ctx.Err() != nil {
				return "", context.Cause(ctx)
			}
			return fmt.Sprintf("Docker 엔진과 연결이 끊어졌습니다(%v). 다시 답할 때까지 기다려 되살립니다.", err), nil
		case <-tick.C:
			if broken := e.probe(ctx, api, &misses); broken != "" {
				return broken, nil
			}
		}
	}
}

// look compares what runs with what should.
func (e *Engine) look(ctx context.Context) (broken string, err error) {
	nodes, err := e.nodes(ctx)
	if err == nil && e.does(clusterStep) && !whole(nodes, e.loadState()) {
		return "클러스터가 온전하지 않습니다. 다시 만듭니다.", nil
	}
	own, ownErr := e.ownContainers(ctx)
	if err != nil || ownErr != nil {
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		return "Docker 엔진이 답하지 않습니다. 다시 답할 때까지 기다려 되살립니다.", nil
	}
	var running []string
	for _, c := range slices.Concat(nodes, own) {
		if c.State == container.StateRunning {
			running = append(running, nameOf(c))
		}
	}
	for _, name := range slices.Concat(nodeNames(nodes), e.registryNames()) {
		if e.needsContainer(name) && !slices.Contains(running, name) {
			return fmt.Sprintf("컨테이너 %s이(가) 실행되고 있지 않습니다. 다시 시작합니다.", name), nil
		}
	}
	return "", nil
}

// needsContainer tells whether Up brings up a container of the engine's own: there may be more, from an Up that had more to do.
func (e *Engine) needsContainer(name string) bool {
	switch name {
	case e.registryName():
		return e.does(registryStep)
	case e.nodeRegistryName(), e.mirrorName():
		return e.does(nodeRegistryStep)
	default:
		return e.does(clusterStep)
	}
}

// loss says what an event took away, if it was something of the engine's.
func (e *Engine) loss(m events.Message) string {
	name, labels := m.Actor.Attributes["name"], m.Actor.Attributes
	what := ""
	switch {
	case !e.needsContainer(name):
		return ""
	case labels[kindLabel] == e.cfg.Name:
		what = "클러스터의 노드 " + name
	case labels[Label] == e.cfg.Name && slices.Contains(e.registryNames(), name):
		what = "레지스트리 " + name
	default:
		return ""
	}
	switch m.Action {
	case events.ActionDestroy:
		return what + "이(가) 지워졌습니다. 다시 만듭니다."
	case events.ActionPause:
		return what + "이(가) 일시 정지되었습니다. 다시 움직이게 합니다."
	default:
		return fmt.Sprintf("%s이(가) 멈췄습니다(종료 코드 %s). 다시 시작합니다.", what, m.Actor.Attributes["exitCode"])
	}
}

// probe looks after what makes no Docker event, which are parts of the cluster all.
func (e *Engine) probe(ctx context.Context, api kubernetes.Interface, misses *int) string {
	if !e.does(clusterStep) {
		return ""
	}
	if _, err := os.Stat(e.path("kubeconfig")); err != nil {
		return "kubeconfig 파일이 없어졌습니다. 다시 만듭니다."
	}
	if e.does(loadBalancerStep) && !e.loadBalancerRuns() {
		return "로드밸런서 프로세스가 끝났습니다. 다시 시작합니다."
	}
	return e.probeAPI(ctx, api, misses)
}

// probeAPI counts how often in a row the API server did not answer, and says so when it was too often.
func (e *Engine) probeAPI(ctx context.Context, api kubernetes.Interface, misses *int) string {
	err := askReady(ctx, api, probeWait)
	if err == nil || ctx.Err() != nil {
		*misses = 0
		return ""
	}
	if *misses++; *misses < probeMisses {
		return ""
	}
	return fmt.Sprintf("쿠버네티스 API 서버가 %d번 잇달아 답하지 않았습니다(%v). 되살립니다.", probeMisses, err)
}
