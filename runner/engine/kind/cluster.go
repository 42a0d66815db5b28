package kind

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"
	"sigs.k8s.io/kind/pkg/cluster"

	"github.com/kubelab/kubelab/runner/engine"
)

const (
	// kindLabel is what kind marks the nodes of a cluster with (kind pkg/cluster/constants).
	kindLabel = "io.x-k8s.kind.cluster"
	// smallMemory is below what one control plane and two workers need beside the learner's own programs, in bytes.
	smallMemory = 6 << 30
	// restartWait and createWait are how long a cluster may take to be ready after its nodes were started, or made.
	restartWait = 4 * time.Minute
	createWait  = 5 * time.Minute
	// answerWait is how long an API server whose container runs may stay silent before it is restarted.
	answerWait = 45 * time.Second
)

// errBeyondMending means that only a new cluster helps. Whatever else keeps a cluster from being mended (Docker is
// restarting, a command is missing) is no reason to throw away what the learner has in it.
var errBeyondMending = errors.New("cluster does not come back")

// makeCluster makes sure that the cluster is whole and ready: it leaves a good one alone, starts one whose nodes were
// stopped, and makes anew one that is half done or does not come back.
func (u *bringUp) makeCluster(ctx context.Context, t *engine.Task) error {
	nodes, err := u.nodes(ctx)
	if err != nil {
		return err
	}
	if whole(nodes, u.loadState()) {
		err := u.mendCluster(ctx, t, nodes)
		if !errors.Is(err, errBeyondMending) || ctx.Err() != nil {
			return err
		}
		t.Say("클러스터가 되살아나지 않아 새로 만듭니다: %v", err)
	}
	if u.images.of(NodeKind).Ref == "" { // the cluster looked as if no node had to be made
		if err := u.image(NodeKind)(ctx, t); err != nil {
			return err
		}
	}
	if len(nodes) > 0 {
		if err := u.removeCluster(ctx); err != nil {
			return err
		}
	}
	if err := u.createCluster(ctx, t); err != nil {
		return err
	}
	if _, err := u.restoreControlPlane(ctx, t); err != nil {
		return err
	}
	return u.waitReady(ctx, t, createWait)
}

// whole tells whether every node of a cluster that was once finished still exists.
func whole(nodes []container.Summary, s state) bool {
	return s.Cluster == clusterCreated && len(s.Nodes) > 0 && slices.Equal(s.Nodes, nodeNames(nodes))
}

// nodes lists the cluster's containers, running or not, by name.
func (e *Engine) nodes(ctx context.Context) ([]container.Summary, error) {
	filter := make(client.Filters).Add("label", kindLabel+"="+e.cfg.Name)
	got, err := e.docker.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: filter})
	if err != nil {
		return nil, fmt.Errorf("list nodes: %w", err)
	}
	slices.SortFunc(got.Items, func(a, b container.Summary) int { return strings.Compare(nameOf(a), nameOf(b)) })
	return got.Items, nil
}

func nameOf(c container.Summary) string { return strings.TrimPrefix(c.Names[0], "/") }

func nodeNames(nodes []container.Summary) []string {
	names := make([]string, len(nodes))
	for i, n := range nodes {
		names[i] = nameOf(n)
	}
	return names
}

// mendCluster starts the nodes that do not run, and what is stopped of the control plane, and waits until the cluster is
// ready. Where the API server stays silent although its node runs, the nodes are restarted once.
func (u *bringUp) mendCluster(ctx context.Context, t *engine.Task, nodes []container.Summary) error {
	started := false
	for _, n := range nodes {
		if n.State == container.StateRunning {
			continue
		}
		t.Say("멈춘 노드를 다시 시작하는 중: %s", nameOf(n))
		started = true
		if err := u.startNode(ctx, n); err != nil {
			return beyondMending(err)
		}
	}
	if err := u.ensureKubeconfig(ctx); err != nil {
		return err
	}
	restored, err := u.restoreControlPlane(ctx, t)
	if err != nil {
		return err
	}
	if err := u.waitMended(ctx, t, nodes, started); err != nil {
		return err
	}
	return u.waitRestored(ctx, restored)
}

// waitMended waits until a cluster is ready some of whose nodes may just have been started.
func (u *bringUp) waitMended(ctx context.Context, t *engine.Task, nodes []container.Summary, started bool) error {
	patience := answerWait
	if started {
		patience = restartWait
	}
	err := u.waitReady(ctx, t, patience)
	if err == nil || ctx.Err() != nil {
		return err
	}
	if started {
		return beyondMending(err)
	}
	t.Say("클러스터가 답하지 않아 노드를 다시 시작하는 중")
	for _, n := range nodes {
		if _, err := u.docker.ContainerRestart(ctx, n.ID, client.ContainerRestartOptions{}); err != nil {
			return beyondMending(fmt.Errorf("restart node %s: %w", nameOf(n), err))
		}
	}
	if err := u.waitReady(ctx, t, restartWait); err != nil {
		return beyondMending(err)
	}
	return nil
}

// beyondMending marks an error, unless it only says that Docker does not answer.
func beyondMending(err error) error {
	if client.IsErrConnectionFailed(err) {
		return err
	}
	return fmt.Errorf("%w: %w", errBeyondMending, err)
}

func (u *bringUp) startNode(ctx context.Context, n container.Summary) error {
	if n.State == container.StatePaused {
		if _, err := u.docker.ContainerUnpause(ctx, n.ID, client.ContainerUnpauseOptions{}); err != nil {
			return fmt.Errorf("unpause node %s: %w", nameOf(n), err)
		}
		return nil
	}
	if _, err := u.docker.ContainerStart(ctx, n.ID, client.ContainerStartOptions{}); err != nil {
		return fmt.Errorf("start node %s: %w", nameOf(n), err)
	}
	return nil
}

// createCluster makes the cluster. kind takes no context: when ours ends, its nodes are removed under it until it
// gives up.
func (u *bringUp) createCluster(ctx context.Context, t *engine.Task) error {
	if err := u.stopLoadBalancer(ctx); err != nil { // it knows the old cluster
		return err
	}
	if err := u.changeState(func(s *state) { s.Cluster, s.Nodes = clusterCreating, nil }); err != nil {
		return err
	}
	t.Undo("클러스터 "+u.cfg.Name, u.removeCluster)
	provider, err := u.provider(t)
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() {
		done <- provider.Create(u.cfg.Name,
			cluster.CreateWithV1Alpha4Config(u.clusterConfig()),
			cluster.CreateWithNodeImage(u.images.of(NodeKind).Ref),
			cluster.CreateWithKubeconfigPath(u.path("kubeconfig")))
	}()
	select {
	case err := <-done:
		if err != nil {
			return fmt.Errorf("create cluster: %w%s", withOutput(err), u.suspects())
		}
	case <-ctx.Done():
		return errors.Join(ctx.Err(), u.abandon(ctx, done))
	}
	nodes, err := u.nodes(ctx)
	if err != nil {
		return err
	}
	return u.changeState(func(s *state) { s.Cluster, s.Nodes = clusterCreated, nodeNames(nodes) })
}

// suspects says which limits of the machine are known to keep nodes from starting, and are low here: kubeadm's own
// message is only that nothing answers.
func (u *bringUp) suspects() string {
	h := u.host()
	var text strings.Builder
	for _, f := range []engine.Finding{h.inotify(watchesSetting, leastWatches), h.inotify(instancesSetting, leastInstances)} {
		if f.Severity != engine.OK {
			fmt.Fprintf(&text, "\n원인일 수 있는 것: %s (필요: %s). 해 볼 것: %s", f.Saw, f.Want, f.Try)
		}
	}
	return text.String()
}

// abandon removes nodes until kind has noticed and returned: it may make one more at any moment.
func (u *bringUp) abandon(ctx context.Context, done <-chan error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Minute)
	defer cancel()
	for {
		err := u.removeNodes(ctx)
		select {
		case <-done:
			return u.removeNodes(ctx)
		case <-ctx.Done():
			return fmt.Errorf("wait for kind to give up: %w", errors.Join(ctx.Err(), err))
		case <-time.After(300 * time.Millisecond):
		}
	}
}

// removeNodes removes every container of the cluster.
func (e *Engine) removeNodes(ctx context.Context) error {
	nodes, err := e.nodes(ctx)
	if err != nil {
		return err
	}
	errs := make(chan error, len(nodes))
	for _, n := range nodes {
		go func() { errs <- e.removeContainer(ctx, n.ID) }()
	}
	for range nodes {
		err = errors.Join(err, <-errs)
	}
	return err
}

// removeCluster removes the cluster and what is remembered of it.
func (e *Engine) removeCluster(ctx context.Context) error {
	if err := e.stopLoadBalancer(ctx); err != nil {
		return err
	}
	if err := e.removeNodes(ctx); err != nil {
		return err
	}
	for _, name := range []string{"kubeconfig", "kubeconfig.lock"} {
		if err := os.RemoveAll(e.path(name)); err != nil {
			return fmt.Errorf("remove file: %w", err)
		}
	}
	return e.changeState(func(s *state) { s.Cluster, s.Nodes = "", nil })
}

// alone tells the controllers of the one control plane that there is no other.
const alone = `kind: ClusterConfiguration
controllerManager: {extraArgs: [{name: leader-elect, value: "false"}]}
scheduler: {extraArgs: [{name: leader-elect, value: "false"}]}
`

// clusterConfig is one control plane and two workers, or one where memory is short.
func (u *bringUp) clusterConfig() *v1alpha4.Cluster {
	c := &v1alpha4.Cluster{
		TypeMeta: v1alpha4.TypeMeta{Kind: "Cluster", APIVersion: "kind.x-k8s.io/v1alpha4"},
		Nodes:    []v1alpha4.Node{{Role: v1alpha4.ControlPlaneRole}, {Role: v1alpha4.WorkerRole}},
	}
	if u.memory >= smallMemory {
		c.Nodes = append(c.Nodes, v1alpha4.Node{Role: v1alpha4.WorkerRole})
	}
	// There is nobody to elect: without the lease of the one that was stopped, a controller manager that a lab starts
	// again works at once, not after 20 s.
	c.KubeadmConfigPatches = append(c.KubeadmConfigPatches, alone)
	if u.cgroup1 {
		// Since Kubernetes 1.35 the kubelet refuses cgroup v1 unless it is told not to.
		c.KubeadmConfigPatches = append(c.KubeadmConfigPatches, "kind: KubeletConfiguration\nfailCgroupV1: false\n")
	}
	for _, kind := range []string{"InitConfiguration", "JoinConfiguration"} {
		// kubeadm gives an API server one minute by default; a small machine that builds an image beside it needs more.
		patch := "kind: " + kind + "\ntimeouts: {kubernetesAPICall: 5m0s, controlPlaneComponentHealthCheck: 8m0s}\n"
		if u.cgroup1 || u.images.of(NodeKind).StandIn {
			// kubeadm's preflight checks look for what such hosts and nodes lack without need.
			patch += "nodeRegistration: {ignorePreflightErrors: [all]}\n"
		}
		c.KubeadmConfigPatches = append(c.KubeadmConfigPatches, patch)
	}
	return c
}
