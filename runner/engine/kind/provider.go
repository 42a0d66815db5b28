package kind

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"

	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/kind/pkg/cluster"
	kindexec "sigs.k8s.io/kind/pkg/exec"
	"sigs.k8s.io/kind/pkg/log"

	"github.com/kubelab/kubelab/runner/engine"
)

// ErrNoDockerCommand means that there is no docker command, which kind needs.
var ErrNoDockerCommand = errors.New("docker 명령이 없습니다. kind가 이 명령을 씁니다. 설치하세요: sudo apt-get install docker.io (또는 docker-ce-cli)")

// provider is the kind library. It runs the docker command, and that finds the engine by the environment of this
// process: kind has no other way to be told.
func (e *Engine) provider(t *engine.Task) (*cluster.Provider, error) {
	if _, err := exec.LookPath("docker"); err != nil {
		return nil, ErrNoDockerCommand
	}
	if err := os.Setenv("DOCKER_HOST", e.cfg.DockerHost); err != nil {
		return nil, fmt.Errorf("set DOCKER_HOST: %w", err)
	}
	var logger log.Logger = log.NoopLogger{}
	if t != nil {
		logger = taskLogger{t}
	}
	return cluster.NewProvider(cluster.ProviderWithDocker(), cluster.ProviderWithLogger(logger)), nil
}

// taskLogger turns kind's messages into progress. kind logs the beginning and the end of each of its steps, with a
// mark and a picture, which terminals disagree about the width of.
type taskLogger struct{ t *engine.Task }

func (l taskLogger) Warn(string)                    {}
func (l taskLogger) Warnf(string, ...any)           {}
func (l taskLogger) Error(message string)           { l.say(message) }
func (l taskLogger) Errorf(format string, a ...any) { l.say(fmt.Sprintf(format, a...)) }
func (l taskLogger) Info(message string)            { l.say(message) }
func (l taskLogger) Infof(format string, a ...any)  { l.say(fmt.Sprintf(format, a...)) }
func (l taskLogger) Enabled() bool                  { return true }
func (l taskLogger) V(level log.Level) log.InfoLogger {
	if level > 0 {
		return log.NoopInfoLogger{}
	}
	return l
}

func (l taskLogger) say(message string) {
	if line := progressLine(message); line != "" {
		l.t.Say("%s", line)
	}
}

// progressLine is the plain words of one of kind's messages; empty for the end of a step, which the beginning of the
// next one says as well.
func progressLine(message string) string {
	line := strings.TrimSpace(message)
	if strings.HasPrefix(line, "✓") {
		return ""
	}
	line = strings.TrimLeft(line, "•✗ ")
	if i := strings.Index(line, "..."); i >= 0 {
		line = line[:i]
	}
	for _, k := range kindSteps {
		if strings.HasPrefix(line, k.begins) {
			return k.say
		}
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r >= 0x1F000 || (r >= 0x2600 && r < 0x2800) || r == 0xFE0F {
			return -1
		}
		return r
	}, line))
}

// kindSteps translates what kind says (kind pkg/cluster/internal/create/actions).
var kindSteps = []struct{ begins, say string }{
	{"Creating cluster", "클러스터를 만드는 중"},
	{"Ensuring node image", "노드 이미지를 확인하는 중"},
	{"Preparing nodes", "노드 컨테이너를 시작하는 중"},
	{"Writing configuration", "kubeadm 설정을 쓰는 중"},
	{"Starting control-plane", "컨트롤 플레인을 시작하는 중"},
	{"Installing CNI", "파드 네트워크(CNI)를 설치하는 중"},
	{"Installing StorageClass", "StorageClass를 설치하는 중"},
	{"Joining worker nodes", "워커 노드를 클러스터에 넣는 중"},
}

// withOutput adds the last lines of what a command of kind's said to its error, which names the command alone. The
// informational lines of kubeadm's log are left out: there are hundreds, and the reason is not in them.
func withOutput(err error) error {
	run := kindexec.RunErrorForError(err)
	if run == nil {
		return err
	}
	var lines []string
	for line := range strings.Lines(string(run.Output)) {
		if line = strings.TrimSpace(line); line != "" && !infoLine.MatchString(line) {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return err
	}
	return fmt.Errorf("%w: %s", err, strings.Join(lines[max(0, len(lines)-5):], "\n"))
}

// infoLine is an informational line in the format of klog.
var infoLine = regexp.MustCompile(`^I\d{4} \d\d:\d\d`)

// apiPort is where the control plane's API server listens in its container.
var apiPort = network.MustParsePort("6443/tcp")

// ensureKubeconfig writes the kubeconfig anew where it is missing or names another address than the API server's. What
// the learner has set in it (a namespace) otherwise stays.
func (e *Engine) ensureKubeconfig(ctx context.Context) error {
	node := e.controlPlane()
	got, err := e.docker.ContainerInspect(ctx, node, client.ContainerInspectOptions{})
	if err != nil {
		return fmt.Errorf("look at node %s: %w", node, err)
	}
	if config, err := clientcmd.LoadFromFile(e.path("kubeconfig")); err == nil {
		c := config.Clusters["kind-"+e.cfg.Name]
		bindings := got.Container.HostConfig.PortBindings[apiPort]
		if c != nil && config.AuthInfos["kind-"+e.cfg.Name] != nil && config.CurrentContext == "kind-"+e.cfg.Name &&
			len(bindings) > 0 && strings.HasSuffix(c.Server, ":"+bindings[0].HostPort) {
			return nil
		}
	}
	if err := os.RemoveAll(e.path("kubeconfig")); err != nil {
		return fmt.Errorf("remove broken kubeconfig: %w", err)
	}
	provider, err := e.provider(nil)
	if err != nil {
		return err
	}
	if err := provider.ExportKubeConfig(e.cfg.Name, e.path("kubeconfig"), false); err != nil {
		return fmt.Errorf("export kubeconfig: %w", withOutput(err))
	}
	return nil
}
