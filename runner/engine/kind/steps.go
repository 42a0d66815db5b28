package kind

import (
	"context"
	"fmt"
	"sync"

	"github.com/moby/moby/client"

	"github.com/kubelab/kubelab/runner/engine"
)

// The names of the steps that Watch and Preflight ask about.
const (
	registryStep     = "registry"
	nodeRegistryStep = "node-registry"
	clusterStep      = "cluster"
	loadBalancerStep = "loadbalancer"
)

// steps is all that Up can do, in reading order. Images come one behind the other, those that the first labs need first:
// building two at a time would only make both late. What few labs need comes behind all of them.
func (e *Engine) steps() []engine.Step {
	up := &bringUp{Engine: e, images: imageSet{got: map[Image]LocalImage{}}}
	return []engine.Step{
		{Name: "docker", Title: "Docker 엔진 확인", Do: up.reachDocker},
		{Name: "files", Title: "설정 폴더 준비", Do: up.writeFiles},
		{Name: "busybox-image", Title: "busybox 이미지", After: []string{"docker", "files"}, Gains: []engine.Capability{engine.Docker}, Do: up.image(Busybox)},
		{
			Name: "node-image", Title: "Node.js 이미지", After: []string{"docker", "files"}, Behind: []string{"busybox-image"},
			Gains: []engine.Capability{engine.NodeJS}, Do: up.image(NodeJS),
		},
		{Name: "registry-image", Title: "레지스트리 이미지", After: []string{"docker", "files"}, Behind: []string{"node-image"}, Do: up.image(Registry)},
		{Name: registryStep, Title: "레지스트리 시작", After: []string{"registry-image"}, Gains: []engine.Capability{engine.Registry}, Keep: true, Do: up.startRegistry},
		{Name: "network", Title: "노드 네트워크", After: []string{"docker"}, Do: up.makeNetwork},
		{Name: nodeRegistryStep, Title: "노드용 레지스트리 시작", After: []string{registryStep, "network"}, Keep: true, Do: up.startNodeRegistries},
		{Name: "seed", Title: "노드가 받을 이미지 채우기", After: []string{"busybox-image", "node-image", nodeRegistryStep}, Keep: true, Do: up.seed},
		{Name: "cluster-image", Title: "쿠버네티스 노드 이미지", After: []string{"docker"}, Behind: []string{"registry-image"}, Do: up.nodeImage},
		{Name: clusterStep, Title: "쿠버네티스 클러스터", After: []string{"cluster-image", "network", "files"}, Keep: true, Do: up.makeCluster},
		{
			Name: "nodes", Title: "노드 설정", After: []string{clusterStep, "seed"}, Keep: true, Do: up.configureNodes,
			Gains: []engine.Capability{engine.Cluster, engine.TwoNodes, engine.ControlPlane},
		},
		{Name: "storage", Title: "볼륨을 만드는 StorageClass", After: []string{clusterStep}, Gains: []engine.Capability{engine.Storage}, Keep: true, Do: up.waitStorage},
		{Name: loadBalancerStep, Title: "로드밸런서", After: []string{"nodes"}, Gains: []engine.Capability{engine.LoadBalancer}, Keep: true, Do: up.startLoadBalancer},
		{
			Name: "compose", Title: "docker compose 플러그인", After: []string{"docker", "files"}, Behind: []string{"storage", loadBalancerStep},
			Gains: []engine.Capability{engine.Compose}, Keep: true, Do: up.findCompose,
		},
	}
}

// does tells whether a step is among those that this engine's Up does.
func (e *Engine) does(step string) bool { return e.selected[step] }

// bringUp is one run of Up, and what a step found out that later steps need.
type bringUp struct {
	*Engine
	images  imageSet
	cgroup1 bool
	memory  int64 // of the machine that Docker runs on, in bytes
}

// imageSet is the images that the steps have brought so far.
type imageSet struct {
	mu  sync.Mutex
	got map[Image]LocalImage
}

func (s *imageSet) put(i Image, l LocalImage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got[i] = l
}

func (s *imageSet) of(i Image) LocalImage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.got[i]
}

// reachDocker makes sure that a Docker engine answers, and learns what the cluster's shape depends on.
func (u *bringUp) reachDocker(ctx context.Context, t *engine.Task) error {
	h := u.host()
	if f := h.docker(ctx, u.cfg); f.Severity == engine.Fatal {
		return fmt.Errorf("%s %s", f.Saw, f.Try)
	}
	info, err := u.docker.Info(ctx, client.InfoOptions{})
	if err != nil {
		return fmt.Errorf("reach Docker at %s: %w", u.cfg.DockerHost, err)
	}
	u.cgroup1, u.memory = info.Info.CgroupVersion == "1", info.Info.MemTotal
	if !u.loadState().Made {
		if err := u.changeState(func(s *state) { s.Made = true }); err != nil {
			return err
		}
	}
	t.Say("Docker %s, CPU %d개, 메모리 %s", info.Info.ServerVersion, info.Info.NCPU, gibibytes(u.memory))
	return nil
}

// nodeImage brings the nodes' image where there are nodes to be made. A cluster that is there stays what it was made from,
// also when this program would build its nodes in another way.
func (u *bringUp) nodeImage(ctx context.Context, t *engine.Task) error {
	nodes, err := u.nodes(ctx)
	if err != nil || whole(nodes, u.loadState()) {
		return err
	}
	return u.image(NodeKind)(ctx, t)
}

// image is a step that brings an image.
func (u *bringUp) image(image Image) func(context.Context, *engine.Task) error {
	return func(ctx context.Context, t *engine.Task) error {
		got, err := u.cfg.Images.Ensure(ctx, image, func(detail string) { t.Say("%s", detail) })
		if err != nil {
			return fmt.Errorf("get image %s: %w", image, err)
		}
		u.images.put(image, got)
		t.Say("%s", got.Ref)
		return nil
	}
}
