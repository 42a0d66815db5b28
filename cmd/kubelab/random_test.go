package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// TestRandomRobot is a learner at a terminal who does anything at all to the program and its shell, for as long as
// KUBELAB_ROBOT says, with the seed KUBELAB_SEED. (The shell's clock is its own: a seed says what is typed, not when it
// is read.) TestRandomRobot of runner/tui looks at each frame; this one at what the program costs, and how it ends.
func TestRandomRobot(t *testing.T) {
	lasts, err := time.ParseDuration(cmp.Or(os.Getenv("KUBELAB_ROBOT"), "5s"))
	if err != nil {
		t.Fatal(err)
	}
	seed, err := strconv.ParseUint(cmp.Or(os.Getenv("KUBELAB_SEED"), strconv.FormatUint(rand.Uint64(), 10)), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	lives := 0
	for end := time.Now().Add(lasts); time.Now().Before(end) && !t.Failed(); lives++ {
		t.Run(fmt.Sprintf("KUBELAB_SEED=%d", seed+uint64(lives)), func(t *testing.T) {
			liveOnScreen(t, rand.New(rand.NewPCG(seed+uint64(lives), 2)), end)
		})
	}
}

// mostResident bounds the memory of the program while the robot is at it, in KiB. It may be the test binary.
const mostResident = 300 << 10

// mostFiles and mostThreads bound what a program that leaks gathers.
const mostFiles, mostThreads = 100, 60

// liveOnScreen is one run of the program.
func liveOnScreen(t *testing.T, by *rand.Rand, end time.Time) {
	s := startOnScreen(t, "kubelab", []string{"files"}[:by.IntN(2)]...)
	s.until("it has drawn", func() bool { return s.drawn.has("\x1b[?1049h") })
	pace := time.NewTicker(5 * time.Millisecond) // as fast as nobody types
	defer pace.Stop()
	gone := make(chan error, 1)
	go func() { gone <- s.cmd.Wait() }()
	for range 2000 {
		if time.Now().After(end) {
			break
		}
		select {
		case err := <-gone:
			s.ended(err)
			return
		case <-pace.C:
		}
		if by.IntN(20) == 0 {
			if err := pty.Setsize(s.terminal, &pty.Winsize{Cols: uint16(1 + by.IntN(300)), Rows: uint16(1 + by.IntN(80))}); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if _, err := s.terminal.WriteString(anything(by)); err != nil {
			t.Fatal(err)
		}
		s.costs()
	}
	// Whatever it is at, it ends when it is told to.
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	select {
	case err := <-gone:
		s.ended(err)
	case <-time.After(30 * time.Second):
		_ = s.cmd.Process.Signal(syscall.SIGABRT)
		t.Errorf("has not ended 30 s after it was told to")
	}
}

// anything is what comes from a keyboard, a mouse or a clipboard.
func anything(by *rand.Rand) string {
	const keys = "nphoaydxrtsmvwqkjgGbu/?!:zZ+-=0123456789 \r\r\x1b\t\x03\x04\x1d\x7f"
	names := []string{"\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[5~", "\x1b[6~", "\x1bOP", "\x1bOQ", "\x1b[5;2~", "\x1b[6;2~", "\x1b[H", "\x1b[F"}
	switch n := by.IntN(100); {
	case n < 50:
		return string(keys[by.IntN(len(keys))])
	case n < 65:
		return names[by.IntN(len(names))]
	case n < 72:
		return string([]rune("ㅜㅔㅗㅐㅁㅛㅇㅌㄱㅅㄴㅡㅍㅈㅂ한글")[by.IntN(17)])
	case n < 84:
		return fmt.Sprintf("\x1b[<%d;%d;%d%c", []int{0, 2, 32, 64, 65}[by.IntN(5)], 1+by.IntN(300), 1+by.IntN(80), "Mm"[by.IntN(2)])
	case n < 88:
		return "\x1b[200~" + strings.Repeat("echo 파드\n", by.IntN(50)) + "\x1b[201~"
	case n < 92: // in a shell, a flood; elsewhere, keys
		return "\x1ds\x03yes 넘침 | head -n " + strconv.Itoa(by.IntN(200_000)) + "\r"
	case n < 95:
		return "\x1ds\x03printf '\\033]52;c;x\\a\\033[2J\\033[999;999H\\342\\200\\256x'\r"
	case n < 97:
		return "\x1ds\x03exit\r"
	}
	junk := make([]byte, 1+by.IntN(30))
	for i := range junk {
		junk[i] = byte(by.IntN(256))
	}
	return string(junk)
}

var resident = regexp.MustCompile(`VmRSS:\s+(\d+) kB`)
var threads = regexp.MustCompile(`Threads:\s+(\d+)`)

// costs holds what the program takes of the machine.
func (s *onScreen) costs() {
	proc := filepath.Join("/proc", strconv.Itoa(s.cmd.Process.Pid))
	status, err := os.ReadFile(filepath.Join(proc, "status"))
	if err != nil {
		return // it has ended, or this is no Linux
	}
	for what, bound := range map[*regexp.Regexp]int{resident: mostResident, threads: mostThreads} {
		if m := what.FindSubmatch(status); m != nil {
			if n, _ := strconv.Atoi(string(m[1])); n > bound {
				s.t.Fatalf("%s, at most %d", bytes.TrimSpace(m[0]), bound)
			}
		}
	}
	if files, err := os.ReadDir(filepath.Join(proc, "fd")); err == nil && len(files) > mostFiles {
		s.t.Fatalf("%d files are open, at most %d", len(files), mostFiles)
	}
}

// ended holds how the program may end.
func (s *onScreen) ended(err error) {
	s.t.Helper()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() != exitInterrupted || err != nil && exit == nil {
		s.t.Errorf("ended with %v; drawn last: %q", err, s.drawn.last())
	}
	s.restored()
	for _, log := range s.logs() {
		s.t.Errorf("crashed:\n%s", readFile(s.t, log))
	}
}
