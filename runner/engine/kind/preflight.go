package kind

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/moby/moby/api/types/system"
	"github.com/moby/moby/client"
	"k8s.io/apimachinery/pkg/util/version"

	"github.com/kubelab/kubelab/runner/engine"
)

// What the environment needs of a machine. Memory and disk are in bytes; seen in use are 1.5 GB for three nodes, and
// 2.5 GB of disk for nodes and images.
const (
	leastAPI         = "1.40" // the oldest that github.com/moby/moby/client speaks
	leastCPUs        = 2      // kubeadm's own limit
	fatalMemory      = 2 << 30
	leastDisk        = 6 << 30
	fatalDisk        = 3 << 30
	leastWatches     = 65536 // kind's known issues: "too many open files"
	leastInstances   = 256
	capSysResource   = 24 // linux/capability.h
	watchesSetting   = "fs.inotify.max_user_watches"
	instancesSetting = "fs.inotify.max_user_instances"
)

// host is the machine as Preflight sees it.
type host struct {
	goos string
	// local is true where the Docker engine runs on this machine and not in a virtual machine or elsewhere.
	local bool
	// dial knocks at Docker's address; api and info ask it.
	dial func(context.Context) error
	api  func(context.Context) (string, error)
	info func(context.Context) (system.Info, error)
	// command tells whether a command is in the PATH.
	command  func(name string) bool
	readFile func(path string) ([]byte, error)
	freeDisk func(path string) (uint64, error)
	// portUser names who has a port of 127.0.0.1 open: empty for nobody, "?" for somebody who cannot be seen. mine is true
	// where it is the engine's own registry.
	portUser func(ctx context.Context, port int) (user string, mine bool, err error)
}

// Preflight looks at the machine and changes nothing. It leaves out what only concerns steps that Up does not do.
func (e *Engine) Preflight(ctx context.Context) ([]engine.Finding, error) {
	findings := e.host().examine(ctx, e.cfg, e.does)
	return findings, ctx.Err()
}

// examine makes the findings for the steps that are done, the gravest first and else in the order in which one would
// mend them.
func (h host) examine(ctx context.Context, cfg Config, does func(step string) bool) []engine.Finding {
	findings := []engine.Finding{h.docker(ctx, cfg), h.dockerCommand()}
	if does(clusterStep) && findings[0].Severity != engine.Fatal {
		if info, err := h.info(ctx); err == nil {
			findings = append(findings, cgroup(info), cpus(info), memory(info), h.disk(info), h.capability(info))
		}
	}
	if does(registryStep) {
		findings = append(findings, h.port(ctx, cfg.RegistryPort))
	}
	if does(clusterStep) {
		findings = append(findings, h.inotify(watchesSetting, leastWatches), h.inotify(instancesSetting, leastInstances))
	}
	findings = slices.DeleteFunc(findings, func(f engine.Finding) bool { return f.ID == "" })
	slices.SortStableFunc(findings, func(a, b engine.Finding) int { return int(b.Severity) - int(a.Severity) })
	return findings
}

func (h host) docker(ctx context.Context, cfg Config) engine.Finding {
	f := engine.Finding{ID: "docker", Want: "Docker 엔진 API " + leastAPI + " 이상"}
	if err := h.dial(ctx); err != nil {
		f.Severity = engine.Fatal
		f.Saw, f.Try = h.dockerTrouble(err, cfg.DockerHost)
		return f
	}
	api, err := h.api(ctx)
	if err != nil {
		f.Severity, f.Saw, f.Try = engine.Fatal, fmt.Sprintf("%s의 Docker 엔진이 답하지 않습니다: %v", cfg.DockerHost, err), h.startDocker()
		return f
	}
	f.Saw = "Docker 엔진 API " + api
	seen, err := version.ParseGeneric(api)
	if err != nil || seen.LessThan(version.MustParseGeneric(leastAPI)) {
		f.Severity, f.Try = engine.Fatal, "Docker를 19.03 이상으로 올리세요: sudo apt-get install --only-upgrade docker.io (또는 docker-ce)"
	}
	return f
}

// dockerTrouble says why nobody could knock at Docker's door, and what to do.
func (h host) dockerTrouble(err error, at string) (saw, try string) {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "Docker 소켓(" + at + ")을 열 권한이 없습니다.", "sudo usermod -aG docker $USER && newgrp docker"
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return "Docker 엔진이 실행되고 있지 않습니다(" + at + ").", h.startDocker()
	default:
		return fmt.Sprintf("Docker 엔진(%s)에 연결하지 못했습니다: %v", at, err), "echo $DOCKER_HOST 로 주소를 확인하세요."
	}
}

// startDocker is the command that gets a Docker engine to answer on this machine.
func (h host) startDocker() string {
	switch {
	case h.goos == "darwin":
		return "open -a Docker"
	case !h.command("dockerd"):
		return "sudo make engine"
	case h.command("systemctl"):
		return "sudo systemctl start docker"
	default:
		return "sudo make engine"
	}
}

func (h host) dockerCommand() engine.Finding {
	f := engine.Finding{ID: "docker-cli", Saw: "docker 명령이 있습니다.", Want: "docker 명령 (kind와 랩이 씁니다)"}
	if !h.command("docker") {
		f.Severity, f.Saw, f.Try = engine.Fatal, "docker 명령이 없습니다.", "sudo apt-get install docker.io (또는 docker-ce-cli)"
	}
	return f
}

func cgroup(info system.Info) engine.Finding {
	f := engine.Finding{ID: "cgroup", Saw: "cgroup v" + info.CgroupVersion, Want: "cgroup v2"}
	if info.CgroupVersion == "1" {
		f.Severity = engine.Warning
		f.Try = "kubelab은 v1에서도 동작합니다. 바꾸려면 커널 명령줄에 systemd.unified_cgroup_hierarchy=1을 넣고 다시 부팅하세요."
	}
	return f
}

func cpus(info system.Info) engine.Finding {
	f := engine.Finding{ID: "cpu", Saw: fmt.Sprintf("CPU %d개", info.NCPU), Want: fmt.Sprintf("CPU %d개 이상", leastCPUs)}
	if info.NCPU < leastCPUs {
		f.Severity, f.Try = engine.Warning, "클러스터가 느릴 수 있습니다. 가상 머신이라면 CPU를 늘리세요."
	}
	return f
}

func memory(info system.Info) engine.Finding {
	f := engine.Finding{ID: "memory", Saw: "메모리 " + gibibytes(info.MemTotal), Want: "메모리 " + gibibytes(smallMemory) + " 이상"}
	switch {
	case info.MemTotal < fatalMemory:
		f.Severity, f.Want = engine.Fatal, "메모리 "+gibibytes(fatalMemory)+" 이상"
		f.Try = "가상 머신이나 Docker Desktop의 메모리를 늘리세요."
	case info.MemTotal < smallMemory:
		f.Severity = engine.Warning
		f.Try = "워커 노드를 하나만 만듭니다. 노드 둘이 필요한 랩을 하려면 메모리를 늘리세요."
	}
	return f
}

// disk looks at where Docker keeps images, where that is on this machine.
func (h host) disk(info system.Info) engine.Finding {
	if !h.local || info.DockerRootDir == "" {
		return engine.Finding{}
	}
	free, err := h.freeDisk(info.DockerRootDir)
	if err != nil {
		return engine.Finding{} // without root the folder may not be visible; Docker itself will say when it is full
	}
	f := engine.Finding{
		ID: "disk", Saw: fmt.Sprintf("%s에 남은 공간 %s", info.DockerRootDir, gibibytes(int64(free))), Want: "남은 공간 " + gibibytes(leastDisk) + " 이상",
	}
	switch {
	case free < fatalDisk:
		f.Severity, f.Try = engine.Fatal, "무엇이 차지하는지 보고 비우세요: docker system df"
	case free < leastDisk:
		f.Severity, f.Try = engine.Warning, "무엇이 차지하는지 보고 비우세요: docker system df"
	}
	return f
}

// capability looks for a right that privileged containers, and so nodes, are given, and that some virtual machines
// lack. A wrapper runtime that does without counts as good.
func (h host) capability(info system.Info) engine.Finding {
	if !h.local || h.goos != "linux" {
		return engine.Finding{}
	}
	b, err := h.readFile("/proc/self/status")
	if err != nil {
		return engine.Finding{}
	}
	f := engine.Finding{ID: "capabilities", Saw: "CAP_SYS_RESOURCE가 있습니다.", Want: "특권 컨테이너를 시작할 수 있는 권한"}
	if boundingSet(string(b))>>capSysResource&1 == 1 {
		return f
	}
	if info.DefaultRuntime != "" && info.DefaultRuntime != "runc" {
		f.Saw = "CAP_SYS_RESOURCE가 없지만 런타임 " + info.DefaultRuntime + "이(가) 대신합니다."
		return f
	}
	f.Severity, f.Saw, f.Try = engine.Warning, "이 컴퓨터에 CAP_SYS_RESOURCE가 없습니다.", "sudo make engine"
	return f
}

// boundingSet is the line CapBnd of /proc/self/status, everything where it is missing.
func boundingSet(status string) uint64 {
	for line := range strings.Lines(status) {
		if hex, ok := strings.CutPrefix(line, "CapBnd:"); ok {
			if set, err := strconv.ParseUint(strings.TrimSpace(hex), 16, 64); err == nil {
				return set
			}
		}
	}
	return ^uint64(0)
}

func (h host) port(ctx context.Context, port int) engine.Finding {
	f := engine.Finding{
		ID:   "port-" + strconv.Itoa(port),
		Saw:  fmt.Sprintf("포트 %d이(가) 비어 있습니다.", port),
		Want: fmt.Sprintf("레지스트리가 쓸 127.0.0.1:%d", port),
	}
	user, mine, err := h.portUser(ctx, port)
	switch {
	case err != nil:
		f.Severity, f.Saw = engine.Warning, fmt.Sprintf("포트 %d을(를) 살피지 못했습니다: %v", port, err)
	case mine:
		f.Saw = fmt.Sprintf("kubelab의 레지스트리가 이미 포트 %d에서 답합니다.", port)
	case user == "?":
		f.Severity, f.Saw = engine.Fatal, fmt.Sprintf("다른 프로그램이 포트 %d을(를) 쓰고 있습니다.", port)
		f.Try = fmt.Sprintf("누구인지 보고 멈추세요: sudo ss -ltnp 'sport = :%d'", port)
	case user != "":
		f.Severity, f.Saw = engine.Fatal, fmt.Sprintf("%s이(가) 포트 %d을(를) 쓰고 있습니다.", user, port)
		f.Try = fmt.Sprintf("멈춘 뒤 다시 시작하세요: sudo ss -ltnp 'sport = :%d'", port)
		if name, ok := strings.CutPrefix(user, "컨테이너 "); ok {
			f.Try = "docker stop " + name
		}
	}
	return f
}

// inotify looks at a kernel limit that each node's kubelet and containerd eat from.
func (h host) inotify(setting string, least int) engine.Finding {
	if !h.local || h.goos != "linux" {
		return engine.Finding{}
	}
	b, err := h.readFile("/proc/sys/" + strings.ReplaceAll(setting, ".", "/"))
	if err != nil {
		return engine.Finding{}
	}
	now, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return engine.Finding{}
	}
	f := engine.Finding{
		ID: setting[strings.LastIndex(setting, ".")+1:], Saw: fmt.Sprintf("%s = %d", setting, now), Want: fmt.Sprintf("%s ≥ %d", setting, least),
	}
	if now < least {
		f.Severity, f.Try = engine.Warning, fmt.Sprintf("sudo sysctl %s=%d", setting, least)
	}
	return f
}

// gibibytes writes a number of bytes for people.
func gibibytes(n int64) string { return strconv.FormatFloat(float64(n)/(1<<30), 'f', 1, 64) + " GiB" }

// apiVersion asks the engine for its API version, without regard to what this client speaks.
func apiVersion(docker *client.Client) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		ping, err := docker.Ping(ctx, client.PingOptions{})
		return ping.APIVersion, err
	}
}
