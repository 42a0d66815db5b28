package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// idleLab is a course whose only lab needs nothing.
const idleLab = "---\nid: plain\ntitle: 실습\nminutes: 1\n---\n## 처음 {#first}\n\n글입니다.\n\n" +
	"```yaml check\n- watch: files\n  title: 파일이 있음\n  expect: items.size() > 0\n  tell:\n  - say: 파일이 없습니다.\n```\n"

// BenchmarkProgram is the whole program on a terminal of 200x50: from its start to its first frame, and, once the lab is open
// and its shell at the prompt, what it costs to leave it alone. With KUBELAB_STATE, which names the state folder of an
// environment that is up, it is the built program in the course's first lab, with Docker and the cluster watched;
// otherwise a lab that needs neither.
func BenchmarkProgram(b *testing.B) {
	dir := b.TempDir()
	args, env := benchProgram(b, dir)
	terminal, tty, err := pty.Open()
	if err != nil {
		b.Fatal(err)
	}
	defer terminal.Close()
	defer tty.Close()
	if err := pty.Setsize(terminal, &pty.Winsize{Cols: 200, Rows: 50}); err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), append(env, "TERM=xterm-256color", "KUBELAB_ASCII=1", "LANG=ko_KR.UTF-8")...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	drawn := &screenOutput{}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	go drawn.read(terminal)
	until := func(text string) time.Duration {
		b.Helper()
		for !drawn.has(text) {
			if time.Since(began) > time.Minute {
				b.Fatalf("waited in vain for %q; the terminal got %q", text, drawn.last())
			}
			<-time.After(time.Millisecond)
		}
		return time.Since(began)
	}
	b.ReportMetric(float64(until("kubelab").Microseconds())/1000, "first-frame-ms")
	until("learner@kubelab")
	const settle, measured = 40 * time.Second, 20 * time.Second // the screen slows down after half a minute
	<-time.After(settle)
	before := cpuTime(b, cmd.Process.Pid)
	<-time.After(measured)
	used := cpuTime(b, cmd.Process.Pid) - before
	b.ReportMetric(100*float64(used)/float64(measured), "idle-cpu-%")
	b.ReportMetric(float64(statusKiB(b, cmd.Process.Pid, "VmRSS"))/1024, "rss-MiB")
	b.ReportMetric(float64(statusKiB(b, cmd.Process.Pid, "RssAnon"))/1024, "rss-own-MiB")
	b.ReportMetric(0, "ns/op")
}

// benchProgram is the command to measure and its variables.
func benchProgram(b *testing.B, dir string) (args, env []string) {
	b.Helper()
	if state := os.Getenv("KUBELAB_STATE"); state != "" {
		program, err := filepath.Abs("../../bin/kubelab")
		if err != nil {
			b.Fatal(err)
		}
		return []string{program, "--state", state, "hello-container"}, nil
	}
	program, err := exec.LookPath("kubelab")
	if err != nil {
		b.Fatal(err)
	}
	for name, text := range map[string]string{"course.yaml": "title: x\nlabs: [plain]\n", "plain/lab.md": idleLab} {
		file := filepath.Join(dir, "course", name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	return []string{program, "--content", filepath.Join(dir, "course"), "plain"}, []string{
		"KUBELAB_STATE=" + filepath.Join(dir, "state"), "XDG_CACHE_HOME=" + dir, "DOCKER_HOST=unix://" + filepath.Join(dir, "nowhere.sock"),
	}
}

// cpuTime is the processor time that a process has used.
func cpuTime(b *testing.B, pid int) time.Duration {
	b.Helper()
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		b.Fatal(err)
	}
	// The name, in parentheses, may hold blanks; user and system time are the 14th and 15th fields (proc_pid_stat(5)).
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	var ticks int
	for _, f := range fields[11:13] {
		n, err := strconv.Atoi(f)
		if err != nil {
			b.Fatal(err)
		}
		ticks += n
	}
	const tick = 10 * time.Millisecond // USER_HZ is 100 on every Linux
	return time.Duration(ticks) * tick
}

// statusKiB is a size from a process's status.
func statusKiB(b *testing.B, pid int, name string) int {
	b.Helper()
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			n, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				b.Fatal(err)
			}
			return n
		}
	}
	b.Fatalf("%s is not in the status of process %d", name, pid)
	return 0
}
