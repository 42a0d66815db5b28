package images_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// host is a machine made of stubs for engine.sh: commands that write down how they were called.
type host struct {
	t    *testing.T
	root string
}

// newHost has the tools that the script itself needs, and the stubs.
func newHost(t *testing.T, stubs map[string]string) *host {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("engine.sh does something on Linux only")
	}
	h := &host{t: t, root: t.TempDir()}
	bin := filepath.Join(h.root, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, tool := range []string{"bash", "sh", "env", "awk", "sed", "grep", "dirname", "mkdir", "install", "sleep", "nohup", "uname", "touch", "cat"} {
		path, err := exec.LookPath(tool)
		if err != nil {
			t.Skipf("engine.sh needs %s: %v", tool, err)
		}
		if err := os.Symlink(path, filepath.Join(bin, tool)); err != nil {
			t.Fatal(err)
		}
	}
	h.file("proc/self/status", "CapBnd:\t000001ffffffffff\n")
	h.file("packaged", "#!/bin/bash\necho \"dockerd $*\" >> \"$KUBELAB_ENGINE_ROOT/calls\"\n"+dockerdStub+"\n")
	for name, body := range stubs {
		h.file("bin/"+name, "#!/bin/bash\necho \"${0##*/} $*\" >> \"$KUBELAB_ENGINE_ROOT/calls\"\n"+body+"\n")
		if err := os.Chmod(filepath.Join(bin, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

func (h *host) file(name, content string) {
	h.t.Helper()
	path := filepath.Join(h.root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		h.t.Fatal(err)
	}
}

// read is a file's content, empty where there is none.
func (h *host) read(name string) string {
	content, err := os.ReadFile(filepath.Join(h.root, name))
	if err != nil && !os.IsNotExist(err) {
		h.t.Fatal(err)
	}
	return string(content)
}

// run runs engine.sh there, and returns what it said and its exit code.
func (h *host) run(env ...string) (string, int) {
	h.t.Helper()
	bin := filepath.Join(h.root, "bin")
	script, err := os.ReadFile("engine.sh")
	if err != nil {
		h.t.Fatal(err)
	}
	// The one line that reaches beyond the stubs.
	h.file("images/engine.sh", strings.Replace(string(script), `PATH="$PATH:/usr/sbin:/sbin"`, "", 1))
	h.file("images/runc-lowcap", "#!/bin/sh\n")
	cmd := exec.Command(filepath.Join(bin, "bash"), filepath.Join(h.root, "images/engine.sh"))
	cmd.Env = append([]string{"PATH=" + bin, "KUBELAB_ENGINE_ROOT=" + h.root, "KUBELAB_ENGINE_WAIT=5"}, env...)
	out, _ := cmd.CombinedOutput() // how it ended is in ProcessState
	return string(out), cmd.ProcessState.ExitCode()
}

// The stubs: an engine answers once dockerd was started, and apt-get brings dockerd.
const (
	dockerStub    = `[ -e "$KUBELAB_ENGINE_ROOT/up" ] || exit 1; case "$*" in *DefaultRuntime*) echo "${RUNTIME:-runc}";; *) echo 28.0;; esac`
	dockerdStub   = `touch "$KUBELAB_ENGINE_ROOT/up"`
	systemctlStub = `case "$1" in show) echo '{ path=/usr/sbin/dockerd ; argv[]=/usr/sbin/dockerd -H fd:// ; ignore_errors=no }';; start|restart) touch "$KUBELAB_ENGINE_ROOT/up";; esac`
	rootStub      = `echo 0`
	userStub      = `case "$*" in -un) echo learner;; *) echo 1000;; esac`
	installStub   = `case "$*" in *docker.io*) install -m 755 "$KUBELAB_ENGINE_ROOT/packaged" "$KUBELAB_ENGINE_ROOT/bin/dockerd";; esac`
	setsidStub    = `exec "$@"`
	noResource    = "CapBnd:\t000001fffeffffff\n"
)

func TestEngineScript(t *testing.T) {
	tests := map[string]struct {
		stubs map[string]string
		files map[string]string
		env   []string
		code  int
		says  []string // in what it says
		calls []string // in what it called
		never []string // not in what it called
	}{
		"an engine answers": {
			stubs: map[string]string{"docker": dockerStub, "id": userStub},
			files: map[string]string{"up": ""},
			says:  []string{"이미 실행 중"}, never: []string{"apt-get", "dockerd"},
		},
		"an engine answers that cannot start nodes": {
			stubs: map[string]string{"docker": dockerStub, "id": userStub},
			files: map[string]string{"up": "", "proc/self/status": noResource},
			says:  []string{"이미 실행 중", "CAP_SYS_RESOURCE", `"default-runtime": "lowcap"`},
		},
		"an engine answers that can": {
			stubs: map[string]string{"docker": dockerStub, "id": userStub},
			files: map[string]string{"up": "", "proc/self/status": noResource},
			env:   []string{"RUNTIME=lowcap"}, says: []string{"이미 실행 중"},
		},
		"installed, not started": {
			stubs: map[string]string{"docker": dockerStub, "dockerd": dockerdStub, "setsid": setsidStub, "id": rootStub},
			says:  []string{"시작합니다", "28.0"}, calls: []string{"dockerd \n"}, never: []string{"apt-get", "--add-runtime"},
		},
		"not installed": {
			stubs: map[string]string{"docker": dockerStub, "apt-get": installStub, "setsid": setsidStub, "id": rootStub},
			says:  []string{"패키지를 설치합니다: docker.io iptables ca-certificates"}, calls: []string{"apt-get update", "dockerd "},
		},
		"not installed and may not be": {
			stubs: map[string]string{"docker": dockerStub, "apt-get": installStub, "id": rootStub},
			env:   []string{"KUBELAB_NO_INSTALL=1"}, code: 3,
			says:  []string{"apt-get update && apt-get install -y --no-install-recommends docker.io iptables ca-certificates"},
			never: []string{"apt-get"},
		},
		"not installed, no root": {
			stubs: map[string]string{"docker": dockerStub, "apt-get": installStub, "id": userStub}, code: 3,
			says: []string{"apt-get은 root로", "sudo make engine"}, never: []string{"apt-get"},
		},
		"installed, no root": {
			stubs: map[string]string{"docker": dockerStub, "dockerd": dockerdStub, "id": userStub}, code: 3,
			says: []string{"dockerd는 root로", "sudo make engine"}, never: []string{"dockerd"},
		},
		"an engine elsewhere does not answer": {
			stubs: map[string]string{"docker": dockerStub, "dockerd": dockerdStub, "id": userStub},
			env:   []string{"DOCKER_HOST=tcp://elsewhere"}, code: 3, says: []string{"tcp://elsewhere", "unset DOCKER_HOST"},
		},
		"another distribution": {
			stubs: map[string]string{"docker": dockerStub, "dnf": "", "id": rootStub}, code: 3,
			says: []string{"sudo dnf install"}, never: []string{"dnf"},
		},
		"no CAP_SYS_RESOURCE": {
			stubs: map[string]string{"docker": dockerStub, "dockerd": dockerdStub, "setsid": setsidStub, "id": rootStub, "jq": ""},
			files: map[string]string{"proc/self/status": noResource, "etc/docker/daemon.json": `{"log-level":"warn"}`},
			says:  []string{"runc-lowcap"}, calls: []string{"dockerd --add-runtime lowcap=", "--default-runtime lowcap"},
		},
		"no CAP_SYS_RESOURCE, a daemon.json with runtimes": {
			stubs: map[string]string{"docker": dockerStub, "dockerd": dockerdStub, "id": rootStub, "jq": ""},
			files: map[string]string{"proc/self/status": noResource, "etc/docker/daemon.json": `{"default-runtime":"crun"}`}, code: 3,
			says: []string{"고치지 않습니다", `"default-runtime": "lowcap"`}, never: []string{"dockerd"},
		},
		"no CAP_SYS_RESOURCE, a daemon.json with ours": {
			stubs: map[string]string{"docker": dockerStub, "dockerd": dockerdStub, "setsid": setsidStub, "id": rootStub, "jq": ""},
			files: map[string]string{
				"proc/self/status":       noResource,
				"etc/docker/daemon.json": `{"runtimes":{"lowcap":{"path":"/usr/local/bin/runc-lowcap"}},"default-runtime":"lowcap"}`,
			},
			calls: []string{"dockerd \n"},
		},
		"systemd": {
			stubs: map[string]string{"docker": dockerStub, "dockerd": dockerdStub, "systemctl": systemctlStub, "id": rootStub},
			files: map[string]string{"run/systemd/system/keep": ""},
			says:  []string{"systemd로"}, calls: []string{"systemctl start docker"}, never: []string{"dockerd"},
		},
		"systemd, no CAP_SYS_RESOURCE": {
			stubs: map[string]string{"docker": dockerStub, "dockerd": dockerdStub, "systemctl": systemctlStub, "id": rootStub, "jq": ""},
			files: map[string]string{"run/systemd/system/keep": "", "proc/self/status": noResource},
			calls: []string{"systemctl daemon-reload", "systemctl restart docker"},
		},
		"never answers": {
			stubs: map[string]string{"docker": dockerStub, "dockerd": "", "setsid": setsidStub, "id": rootStub},
			env:   []string{"KUBELAB_ENGINE_WAIT=0"}, code: 3, says: []string{"응답하지 않았습니다", "tail -n 50"}, calls: []string{"dockerd "},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, test.stubs)
			for file, content := range test.files {
				h.file(file, content)
			}
			out, code := h.run(test.env...)
			if code != test.code {
				t.Errorf("exit code %d, expected %d", code, test.code)
			}
			for _, text := range test.says {
				if !strings.Contains(out, text) {
					t.Errorf("it does not say %q", text)
				}
			}
			calls := h.read("calls")
			for _, call := range test.calls {
				// dockerd is started in the background.
				deadline := time.Now().Add(5 * time.Second)
				for !strings.Contains(calls, call) && time.Now().Before(deadline) {
					time.Sleep(10 * time.Millisecond)
					calls = h.read("calls")
				}
				if !strings.Contains(calls, call) {
					t.Errorf("it did not call %q", call)
				}
			}
			for _, call := range test.never {
				if strings.Contains(calls, "\n"+call) || strings.HasPrefix(calls, call) {
					t.Errorf("it called %q", call)
				}
			}
			if h.read("etc/docker/daemon.json") != test.files["etc/docker/daemon.json"] {
				t.Error("it wrote to daemon.json")
			}
			if t.Failed() {
				t.Logf("said:\n%s\ncalled:\n%s", out, calls)
			}
		})
	}
}

func TestEngineScriptRaisesInotify(t *testing.T) {
	const instances, watches = "proc/sys/fs/inotify/max_user_instances", "proc/sys/fs/inotify/max_user_watches"
	for name, test := range map[string]struct {
		id                      string
		now, want, says, silent string
	}{
		"low":       {rootStub, "128", "512", "128에서 512", ""},
		"high":      {rootStub, "8192", "8192", "이미 실행 중", "fs.inotify"},
		"not root":  {userStub, "128", "128", "이미 실행 중", "fs.inotify"},
		"not there": {rootStub, "", "", "이미 실행 중", "fs.inotify"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, map[string]string{"docker": dockerStub, "id": test.id})
			h.file("up", "")
			if test.now != "" {
				h.file(instances, test.now+"\n")
				h.file(watches, "1048576\n")
			}
			out, code := h.run()
			if code != 0 || !strings.Contains(out, test.says) || (test.silent != "" && strings.Contains(out, test.silent)) {
				t.Errorf("exit code %d, said:\n%s", code, out)
			}
			if got := strings.TrimSpace(h.read(instances)); got != test.want {
				t.Errorf("max_user_instances is %q, want %q", got, test.want)
			}
			if got := strings.TrimSpace(h.read(watches)); test.now != "" && got != "1048576" {
				t.Errorf("max_user_watches is %q, want it left alone", got)
			}
		})
	}
}

func TestEngineScriptKeepsTheUnitsOwnCommand(t *testing.T) {
	h := newHost(t, map[string]string{"docker": dockerStub, "dockerd": dockerdStub, "systemctl": systemctlStub, "id": rootStub, "jq": ""})
	h.file("run/systemd/system/keep", "")
	h.file("proc/self/status", noResource)
	if out, code := h.run(); code != 0 {
		t.Fatalf("exit code %d: %s", code, out)
	}
	want := "[Service]\nExecStart=\nExecStart=/usr/sbin/dockerd -H fd:// --add-runtime lowcap="
	if got := h.read("etc/systemd/system/docker.service.d/kubelab-runtime.conf"); !strings.HasPrefix(got, want) {
		t.Errorf("the drop-in is %q, expected it to begin with %q", got, want)
	}
}

func TestShellcheck(t *testing.T) {
	if _, err := exec.LookPath("shellcheck"); err != nil {
		t.Skip("no shellcheck here: ", err)
	}
	out, err := exec.Command("shellcheck", "engine.sh", "runc-lowcap", "recipes/nodejs/docker-entrypoint.sh").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
