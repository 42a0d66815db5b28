package kind

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/system"
	"github.com/moby/moby/client"
	"golang.org/x/sys/unix"
)

// knockWait is how long Docker may take to let somebody in.
const knockWait = 5 * time.Second

// host is the machine that this program runs on.
func (e *Engine) host() host {
	return host{
		goos:  runtime.GOOS,
		local: runtime.GOOS == "linux" && strings.HasPrefix(e.cfg.DockerHost, "unix://") && !strings.Contains(e.cfg.DockerHost, "desktop"),
		dial:  e.knock,
		api:   apiVersion(e.docker),
		info: func(ctx context.Context) (system.Info, error) {
			got, err := e.docker.Info(ctx, client.InfoOptions{})
			return got.Info, err
		},
		command: func(name string) bool {
			_, err := exec.LookPath(name)
			return err == nil
		},
		readFile: os.ReadFile,
		freeDisk: freeDisk,
		portUser: e.portUser,
	}
}

// knock connects to Docker's address. The client library hides why that fails.
func (e *Engine) knock(ctx context.Context) error {
	u, err := url.Parse(e.cfg.DockerHost)
	if err != nil {
		return fmt.Errorf("read DOCKER_HOST: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, knockWait)
	defer cancel()
	network, address := u.Scheme, u.Host
	switch u.Scheme {
	case "unix":
		address = u.Path
	case "tcp":
	default:
		_, err := e.docker.Ping(ctx, client.PingOptions{})
		return err
	}
	var d net.Dialer
	c, err := d.DialContext(ctx, network, address)
	if err != nil {
		return err
	}
	return c.Close()
}

// freeDisk is what an unprivileged program may still write below path, in bytes.
func freeDisk(path string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(path, &s); err != nil {
		return 0, fmt.Errorf("look at free space of %s: %w", path, err)
	}
	return s.Bavail * uint64(s.Bsize), nil
}

// portUser finds out who has a port open: it tries to open it, then asks Docker, then looks among the processes.
func (e *Engine) portUser(ctx context.Context, port int) (user string, mine bool, err error) {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err == nil {
		return "", false, l.Close()
	}
	if !errors.Is(err, syscall.EADDRINUSE) {
		return "", false, fmt.Errorf("try port %d: %w", port, err)
	}
	filter := make(client.Filters).Add("publish", strconv.Itoa(port)).Add("status", string(container.StateRunning))
	if got, err := e.docker.ContainerList(ctx, client.ContainerListOptions{Filters: filter}); err == nil && len(got.Items) > 0 {
		c := got.Items[0]
		return "컨테이너 " + nameOf(c), c.Labels[Label] == e.cfg.Name, nil
	}
	if name := listenerOf(os.DirFS("/proc"), port); name != "" {
		return "프로그램 " + name, false, nil
	}
	return "?", false, nil
}
