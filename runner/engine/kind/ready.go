package kind

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/moby/moby/client"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	watchtools "k8s.io/client-go/tools/watch"

	"github.com/kubelab/kubelab/runner/engine"
)

// kubernetes is a client for the cluster of the engine's kubeconfig.
func (e *Engine) kubernetes() (*kubernetes.Clientset, error) {
	config, err := clientcmd.BuildConfigFromFlags("", e.path("kubeconfig"))
	if err != nil {
		return nil, fmt.Errorf("read kubeconfig: %w", err)
	}
	config.QPS = -1
	c, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make Kubernetes client: %w", err)
	}
	return c, nil
}

// waitReady waits until the API server answers, every node is ready, and the default service account exists, without
// which no pod can be made. kind's own wait returns nil when it runs out of time, hence this one, whose time-out says
// what was still missing.
func (u *bringUp) waitReady(ctx context.Context, t *engine.Task, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	api, err := u.kubernetes()
	if err != nil {
		return err
	}
	if err := waitAPI(ctx, api); err != nil {
		return err
	}
	nodes, err := u.nodeStarts(ctx)
	if err != nil {
		return err
	}
	if err := waitNodes(ctx, api, nodes, func(detail string) { t.Say("%s", detail) }); err != nil {
		return err
	}
	accounts := cache.NewListWatchFromClient(api.CoreV1().RESTClient(), "serviceaccounts", "default",
		fields.OneTermEqualSelector("metadata.name", "default"))
	_, err = watchtools.UntilWithSync(ctx, accounts, &corev1.ServiceAccount{}, nil, func(e watch.Event) (bool, error) {
		return e.Type != watch.Deleted, nil
	})
	if err != nil {
		return fmt.Errorf("wait for the default service account: %w", err)
	}
	return nil
}

// waitAPI waits until the API server calls itself ready. While it starts there is nothing to watch: it is asked.
func waitAPI(ctx context.Context, api kubernetes.Interface) error {
	var last error
	err := wait.PollUntilContextCancel(ctx, 250*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		last = askReady(ctx, api, 3*time.Second)
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("wait for the API server: %w (last seen: %w)", err, last)
	}
	return nil
}

// askReady asks the API server once whether it is ready.
func askReady(ctx context.Context, api kubernetes.Interface, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return api.Discovery().RESTClient().Get().AbsPath("/readyz").Do(ctx).Error()
}

// nodeStarts is when each node's container was started last. A node that was killed is called ready for a while yet:
// only a heartbeat from after the start counts.
func (e *Engine) nodeStarts(ctx context.Context) (map[string]time.Time, error) {
	nodes, err := e.nodes(ctx)
	if err != nil {
		return nil, err
	}
	starts := map[string]time.Time{}
	for _, n := range nodes {
		got, err := e.docker.ContainerInspect(ctx, n.ID, client.ContainerInspectOptions{})
		if err != nil {
			return nil, fmt.Errorf("look at node %s: %w", nameOf(n), err)
		}
		start, err := time.Parse(time.RFC3339Nano, got.Container.State.StartedAt)
		if err != nil {
			return nil, fmt.Errorf("read start of node %s: %w", nameOf(n), err)
		}
		starts[nameOf(n)] = start.Truncate(time.Second) // heartbeats have whole seconds
	}
	return starts, nil
}

// waitNodes waits until each of the nodes has been ready since its start.
func waitNodes(ctx context.Context, api kubernetes.Interface, starts map[string]time.Time, say func(string)) error {
	missing := map[string]string{}
	for name := range starts {
		missing[name] = "아직 등록되지 않음"
	}
	nodes := cache.NewListWatchFromClient(api.CoreV1().RESTClient(), "nodes", "", fields.Everything())
	_, err := watchtools.UntilWithSync(ctx, nodes, &corev1.Node{}, nil, func(e watch.Event) (bool, error) {
		node, ok := e.Object.(*corev1.Node)
		start, known := starts[node.GetName()]
		if !ok || !known {
			return len(missing) == 0, nil
		}
		before := len(missing)
		if why := notReady(node, start); why == "" && e.Type != watch.Deleted {
			delete(missing, node.Name)
		} else {
			missing[node.Name] = why
		}
		if len(missing) != before {
			say(fmt.Sprintf("준비된 노드 %d/%d", len(starts)-len(missing), len(starts)))
		}
		return len(missing) == 0, nil
	})
	if err != nil {
		var last []string
		for _, name := range slices.Sorted(maps.Keys(missing)) {
			last = append(last, name+": "+missing[name])
		}
		return fmt.Errorf("wait for nodes: %w (last seen: %s)", err, strings.Join(last, "; "))
	}
	return nil
}

// notReady says why a node is not ready, and nothing when it is.
func notReady(n *corev1.Node, start time.Time) string {
	for _, c := range n.Status.Conditions {
		if c.Type != corev1.NodeReady {
			continue
		}
		if c.Status == corev1.ConditionTrue && !c.LastHeartbeatTime.Time.Before(start) {
			return ""
		}
		if c.Status == corev1.ConditionTrue {
			return "다시 시작한 뒤로 소식이 없음"
		}
		return c.Reason + ": " + c.Message
	}
	return "상태를 아직 알리지 않음"
}
