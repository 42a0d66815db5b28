package kind

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	"github.com/moby/moby/api/types/system"

	"github.com/kubelab/kubelab/runner/engine"
)

// goodHost is a machine on which nothing is missing.
func goodHost() host {
	return host{
		goos: "linux", local: true,
		dial:    func(context.Context) error { return nil },
		api:     func(context.Context) (string, error) { return "1.51", nil },
		info:    func(context.Context) (system.Info, error) { return goodInfo(), nil },
		command: func(string) bool { return true },
		readFile: func(path string) ([]byte, error) {
			if strings.Contains(path, "inotify") {
				return []byte("1048576\n"), nil
			}
			return []byte("Name:\tkubelab\nCapBnd:\t000001ffffffffff\n"), nil
		},
		freeDisk: func(string) (uint64, error) { return 50 << 30, nil },
		portUser: func(context.Context, int) (string, bool, error) { return "", false, nil },
	}
}

func goodInfo() system.Info {
	return system.Info{CgroupVersion: "2", NCPU: 4, MemTotal: 16 << 30, DockerRootDir: "/var/lib/docker", DefaultRuntime: "runc"}
}

// withInfo makes Docker tell something else.
func withInfo(change func(*system.Info)) func(*host) {
	return func(h *host) {
		h.info = func(context.Context) (system.Info, error) {
			i := goodInfo()
			change(&i)
			return i, nil
		}
	}
}

func withPort(user string, mine bool, err error) func(*host) {
	return func(h *host) {
		h.portUser = func(context.Context, int) (string, bool, error) { return user, mine, err }
	}
}

func withDial(err error) func(*host) {
	return func(h *host) { h.dial = func(context.Context) error { return err } }
}

func without(commands ...string) func(*host) {
	return func(h *host) {
		h.command = func(name string) bool {
			for _, c := range commands {
				if c == name {
					return false
				}
			}
			return true
		}
	}
}

func both(changes ...func(*host)) func(*host) {
	return func(h *host) {
		for _, c := range changes {
			c(h)
		}
	}
}

// everything is an engine that does all steps.
func everything(string) bool { return true }

func lowCapabilities(h *host) {
	h.readFile = func(path string) ([]byte, error) {
		if strings.Contains(path, "inotify") {
			return []byte("8192\n"), nil
		}
		return []byte("CapBnd:\t000001fffeffffff\n"), nil
	}
}

func TestPreflight(t *testing.T) {
	dialError := func(errno syscall.Errno) error { return fmt.Errorf("dial unix /var/run/docker.sock: %w", errno) }
	for _, c := range []struct {
		name     string
		change   func(*host)
		id       string
		severity engine.Severity
		saw, try string
	}{
		{"good", func(*host) {}, "docker", engine.OK, "API 1.51", ""},
		{"no socket", withDial(dialError(syscall.ENOENT)), "docker", engine.Fatal, "실행되고 있지 않습니다", "sudo systemctl start docker"},
		{"dead socket, no systemd", both(withDial(dialError(syscall.ECONNREFUSED)), without("systemctl")), "docker", engine.Fatal, "실행되고 있지", "sudo make engine"},
		{"not installed", both(withDial(dialError(syscall.ENOENT)), without("dockerd")), "docker", engine.Fatal, "실행되고 있지", "sudo make engine"},
		{"not installed on a Mac", both(withDial(dialError(syscall.ENOENT)), func(h *host) { h.goos = "darwin" }), "docker", engine.Fatal, "실행되고 있지", "open -a Docker"},
		{"no permission", withDial(dialError(syscall.EACCES)), "docker", engine.Fatal, "권한이 없습니다", "sudo usermod -aG docker $USER"},
		{"no route", withDial(errors.New("no route to host")), "docker", engine.Fatal, "no route to host", "DOCKER_HOST"},
		{"old engine", func(h *host) { h.api = func(context.Context) (string, error) { return "1.39", nil } }, "docker", engine.Fatal, "API 1.39", "19.03"},
		{"1.100 is newer than 1.40", func(h *host) { h.api = func(context.Context) (string, error) { return "1.100", nil } }, "docker", engine.OK, "1.100", ""},
		{"hung engine", func(h *host) {
			h.api = func(context.Context) (string, error) { return "", context.DeadlineExceeded }
		}, "docker", engine.Fatal, "답하지 않습니다", "docker"},
		{"no docker command", without("docker"), "docker-cli", engine.Fatal, "docker 명령이 없습니다", "apt-get install"},
		{"cgroup v1", withInfo(func(i *system.Info) { i.CgroupVersion = "1" }), "cgroup", engine.Warning, "v1", "unified_cgroup_hierarchy"},
		{"one CPU", withInfo(func(i *system.Info) { i.NCPU = 1 }), "cpu", engine.Warning, "CPU 1개", "늘리세요"},
		{"memory for one worker", withInfo(func(i *system.Info) { i.MemTotal = 4 << 30 }), "memory", engine.Warning, "4.0 GiB", "워커 노드를 하나만"},
		{"no memory", withInfo(func(i *system.Info) { i.MemTotal = 1 << 30 }), "memory", engine.Fatal, "1.0 GiB", "늘리세요"},
		{"little disk", func(h *host) { h.freeDisk = func(string) (uint64, error) { return 4 << 30, nil } }, "disk", engine.Warning, "4.0 GiB", "docker system df"},
		{"no disk", func(h *host) { h.freeDisk = func(string) (uint64, error) { return 1 << 30, nil } }, "disk", engine.Fatal, "1.0 GiB", "docker system df"},
		{"port taken by a container", withPort("컨테이너 registry", false, nil), "port-5001", engine.Fatal, "컨테이너 registry", "docker stop registry"},
		{"port taken by a program", withPort("프로그램 python3(PID 7)", false, nil), "port-5001", engine.Fatal, "python3(PID 7)", "ss -ltnp"},
		{"port taken by nobody knows", withPort("?", false, nil), "port-5001", engine.Fatal, "다른 프로그램", "sudo ss -ltnp"},
		{"port taken by ourselves", withPort("컨테이너 kubelab-registry", true, nil), "port-5001", engine.OK, "이미", ""},
		{"port not seen", withPort("", false, errors.New("no permission")), "port-5001", engine.Warning, "no permission", ""},
		{"few watches", lowCapabilities, "max_user_watches", engine.Warning, "8192", "sudo sysctl fs.inotify.max_user_watches=65536"},
		{"no CAP_SYS_RESOURCE", lowCapabilities, "capabilities", engine.Warning, "CAP_SYS_RESOURCE가 없습니다", "sudo make engine"},
		{"a runtime does without", both(lowCapabilities, withInfo(func(i *system.Info) { i.DefaultRuntime = "lowcap" })), "capabilities", engine.OK, "lowcap", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := goodHost()
			c.change(&h)
			findings := h.examine(t.Context(), Config{RegistryPort: 5001, DockerHost: "unix:///var/run/docker.sock"}, everything)
			for i, f := range findings {
				if f.Saw == "" || f.Want == "" {
					t.Errorf("finding %s says nothing: %+v", f.ID, f)
				}
				if f.Severity == engine.OK && f.Try != "" {
					t.Errorf("finding %s is good and says to try %q", f.ID, f.Try)
				}
				if i > 0 && f.Severity > findings[i-1].Severity {
					t.Errorf("finding %s comes after a lesser one", f.ID)
				}
			}
			f := find(t, findings, c.id)
			if f.Severity != c.severity || !strings.Contains(f.Saw, c.saw) || !strings.Contains(f.Try, c.try) {
				t.Errorf("found %+v, want severity %d, saw %q, try %q", f, c.severity, c.saw, c.try)
			}
		})
	}
}

func find(t *testing.T, findings []engine.Finding, id string) engine.Finding {
	t.Helper()
	for _, f := range findings {
		if f.ID == id {
			return f
		}
	}
	t.Fatalf("no finding %q in %+v", id, findings)
	return engine.Finding{}
}

func TestPreflightOfWhatIsNeeded(t *testing.T) {
	h := goodHost()
	both(lowCapabilities, withPort("?", false, nil), withInfo(func(i *system.Info) { i.MemTotal, i.NCPU = 1<<30, 1 }))(&h)
	for _, c := range []struct {
		needs []engine.Capability
		want  []string
	}{
		{[]engine.Capability{engine.NodeJS}, []string{"docker", "docker-cli"}},
		{[]engine.Capability{engine.Registry}, []string{"port-5001", "docker", "docker-cli"}},
		{[]engine.Capability{engine.Cluster}, []string{
			"memory", "port-5001", "cpu", "capabilities", "max_user_watches", "docker", "docker-cli", "cgroup", "disk", "max_user_instances",
		}},
	} {
		var got []string
		for _, f := range h.examine(t.Context(), Config{RegistryPort: 5001}, engineOf(t, c.needs...).does) {
			got = append(got, f.ID)
		}
		slices.Sort(got)
		slices.Sort(c.want)
		if !slices.Equal(got, c.want) {
			t.Errorf("%v: found %v, want %v", c.needs, got, c.want)
		}
	}
}

func TestPreflightElsewhere(t *testing.T) {
	h := goodHost()
	h.local, h.goos = false, "darwin"
	lowCapabilities(&h)
	for _, f := range h.examine(t.Context(), Config{RegistryPort: 5001}, everything) {
		if f.Severity != engine.OK {
			t.Errorf("found %+v; what this machine's kernel allows is no matter where Docker runs elsewhere", f)
		}
	}
}

func TestListenerOf(t *testing.T) {
	row := func(address, state, inode string) string {
		return "   0: " + address + " 00000000:0000 " + state + " 00000000:00000000 00:00000000 00000000     0        0 " + inode + " 1\n"
	}
	proc := fstest.MapFS{
		"net/tcp":   {Data: []byte("  sl  local_address ...\n" + row("0100007F:1389", "0A", "4711") + row("0100007F:138A", "01", "4712"))},
		"net/tcp6":  {Data: []byte(row("00000000000000000000000000000000:1F90", "0A", "4713"))},
		"41/comm":   {Data: []byte("bash\n")},
		"41/fd/3":   {Data: []byte("socket:[1]"), Mode: fs.ModeSymlink},
		"42/comm":   {Data: []byte("python3\n")},
		"42/fd/3":   {Data: []byte("socket:[4711]"), Mode: fs.ModeSymlink},
		"42/fd/4":   {Data: []byte("socket:[4712]"), Mode: fs.ModeSymlink},
		"43/comm":   {Data: []byte("node\n")},
		"43/fd/9":   {Data: []byte("socket:[4713]"), Mode: fs.ModeSymlink},
		"self/comm": {Data: []byte("test\n")},
	}
	for port, want := range map[int]string{5001: "python3(PID 42)", 5002: "", 8080: "node(PID 43)", 9: ""} {
		if got := listenerOf(proc, port); got != want {
			t.Errorf("listenerOf(%d) = %q, want %q", port, got, want)
		}
	}
}
