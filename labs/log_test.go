package labs

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestMain lets the test binary be a second program that writes to a log: see TestLogTwoProcesses.
func TestMain(m *testing.M) {
	if path := os.Getenv("LABS_TEST_WRITER"); path != "" {
		if err := writeForEver(path, os.Getenv("LABS_TEST_NAME")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// writeForEver appends facts and says on stdout how many are on disk, until it is killed or its stdin ends.
func writeForEver(path, name string) error {
	log, err := OpenLog(path)
	if err != nil {
		return err
	}
	stop := make(chan struct{})
	go func() {
		_, _ = os.Stdin.Read(make([]byte, 1))
		close(stop)
	}()
	for i := 0; ; i++ {
		select {
		case <-stop:
			return nil
		default:
		}
		// Long enough for a line to be cut in two where writes were not one.
		fact := Fact{Lab: name, Kind: FactCheck, Step: fmt.Sprint(i), Check: strings.Repeat("가", 2000)}
		if err := log.Append(fact); err != nil {
			return err
		}
		fmt.Println(i)
	}
}

func newLog(t *testing.T) *Log {
	t.Helper()
	log, err := OpenLog(filepath.Join(t.TempDir(), "state", "kubelab", "progress.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func mustAppend(t *testing.T, log *Log, facts ...Fact) {
	t.Helper()
	for _, f := range facts {
		if err := log.Append(f); err != nil {
			t.Fatal(err)
		}
	}
}

func mustRead(t *testing.T, log *Log) []Fact {
	t.Helper()
	facts, err := log.Read()
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

func TestLogKeepsFacts(t *testing.T) {
	log := newLog(t)
	at := time.Date(2026, 11, 21, 2, 3, 4, 567891234, time.FixedZone("KST", 9*3600))
	want := []Fact{
		{Time: at.UTC(), Lab: "hello", Kind: FactStarted, Before: map[string][]string{"containers": {"a", "b"}, "images": {}}},
		{Time: at.UTC(), Lab: "hello", Kind: FactCheck, Step: "run", Check: "busybox가 \"인사\"하고\n끝남"},
		{Time: at.UTC(), Lab: "hello", Kind: FactAnswer, Step: "ask", Question: "이름은?", Given: "h1", Right: true},
		{Time: at.UTC(), Lab: "hello", Kind: "from-a-later-version"},
	}
	for _, f := range want {
		f.Time = at
		mustAppend(t, log, f)
	}
	if got := mustRead(t, log); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	again, err := OpenLog(log.Path())
	if err != nil {
		t.Fatal(err)
	}
	if got := mustRead(t, again); len(got) != len(want) {
		t.Errorf("opening the log again left %d of %d facts", len(got), len(want))
	}
}

func TestLogFillsInTheTime(t *testing.T) {
	log, before := newLog(t), time.Now()
	mustAppend(t, log, Fact{Lab: "hello", Kind: FactFinished})
	if at := mustRead(t, log)[0].Time; at.Before(before.Truncate(0)) || at.After(time.Now()) {
		t.Errorf("the fact happened at %v, not now", at)
	}
}

func TestLogModes(t *testing.T) {
	log := newLog(t)
	for path, want := range map[string]os.FileMode{log.Path(): 0o600, filepath.Dir(log.Path()): 0o700 | os.ModeDir} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != want {
			t.Errorf("%s has mode %v, want %v", path, info.Mode(), want)
		}
	}
}

// TestLogTorn reads and mends logs that end as a write left them that was cut off.
func TestLogTorn(t *testing.T) {
	const whole = `{"t":"2026-01-02T03:04:05Z","lab":"a","kind":"finished"}`
	tests := []struct {
		name, text      string
		read, afterward int
	}{
		{"empty", "", 0, 1},
		{"whole", whole + "\n", 1, 2},
		{"torn", whole + "\n" + whole[:20], 1, 2},
		{"torn at once", "{", 0, 1},
		{"torn inside a character", whole + "\n{\"lab\":\"\xea\xb0", 1, 2},
		{"only the line end is missing", whole, 1, 2},
		{"torn and mended before", whole + "\n" + whole[:9] + "\n" + whole + "\n", 2, 3},
		{"zeros after a power cut", whole + "\n\x00\x00\x00\x00", 1, 2},
		{"zeros and a fact", "\x00\x00\x00\n" + whole + "\n", 1, 2},
		{"other JSON", "[]\nnull\n3\n\"x\"\n{}\n{\"kind\":3}\n", 0, 1},
		{"blank lines", "\n\n" + whole + "\n\n", 1, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			log := newLog(t)
			if err := os.WriteFile(log.Path(), []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if got := len(mustRead(t, log)); got != tt.read {
				t.Errorf("read %d facts, want %d", got, tt.read)
			}
			mustAppend(t, log, Fact{Lab: "b", Kind: FactFinished})
			facts := mustRead(t, log)
			if len(facts) != tt.afterward || facts[len(facts)-1].Lab != "b" {
				t.Errorf("after a write there are %d facts (%+v), want %d", len(facts), facts, tt.afterward)
			}
			data, err := os.ReadFile(log.Path())
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(string(data), tt.text) {
				t.Errorf("the write changed what was there: %q", data)
			}
		})
	}
}

func TestLogErrors(t *testing.T) {
	t.Run("folder", func(t *testing.T) {
		_, err := OpenLog(t.TempDir())
		wantError(t, err, syscall.EISDIR, "open progress log")
	})
	t.Run("file in the way of a folder", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := OpenLog(filepath.Join(file, "state", "progress.jsonl"))
		wantError(t, err, syscall.ENOTDIR, "create folder of progress log")
	})
	t.Run("full disk", func(t *testing.T) {
		if _, err := os.Stat("/dev/full"); err != nil {
			t.Skip("no /dev/full here")
		}
		log := &Log{path: "/dev/full", patience: time.Second}
		wantError(t, log.Append(Fact{Lab: "a", Kind: FactStarted}), syscall.ENOSPC, "append to progress log")
	})
	t.Run("read only", func(t *testing.T) {
		if os.Geteuid() == 0 {
			t.Skip("root may write everywhere")
		}
		log := newLog(t)
		if err := os.Chmod(log.Path(), 0o400); err != nil {
			t.Fatal(err)
		}
		wantError(t, log.Append(Fact{Lab: "a", Kind: FactStarted}), syscall.EACCES, "open progress log")
	})
	t.Run("locked", func(t *testing.T) {
		log := newLog(t)
		log.patience = 0
		other, err := os.Open(log.Path())
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		if err := unix.Flock(int(other.Fd()), unix.LOCK_EX); err != nil {
			t.Fatal(err)
		}
		wantError(t, log.Append(Fact{Lab: "a", Kind: FactStarted}), ErrLocked, log.Path())
		_, err = log.Read()
		wantError(t, err, ErrLocked, log.Path())
	})
}

func wantError(t *testing.T, err, cause error, text string) {
	t.Helper()
	if !errors.Is(err, cause) || !strings.Contains(err.Error(), text) {
		t.Errorf("got %v, want %v with %q", err, cause, text)
	}
}

func TestLogDeletedMeanwhile(t *testing.T) {
	log := newLog(t)
	if err := os.Remove(log.Path()); err != nil {
		t.Fatal(err)
	}
	if facts := mustRead(t, log); len(facts) != 0 {
		t.Errorf("a deleted log has facts: %v", facts)
	}
	mustAppend(t, log, Fact{Lab: "a", Kind: FactStarted})
	if facts := mustRead(t, log); len(facts) != 1 {
		t.Errorf("a log made anew has %d facts, want 1", len(facts))
	}
}

// TestLogTwoProcesses lets two programs write to one log at the same time and kills one of them with SIGKILL, over and
// over. Every fact that a program said is on disk must be there, whole and once.
func TestLogTwoProcesses(t *testing.T) {
	log := newLog(t)
	steady := startWriter(t, log.Path(), "steady")
	const rounds, each = 5, 20
	counts := map[string]int{}
	for round := range rounds {
		name := fmt.Sprintf("killed-%d", round)
		victim := startWriter(t, log.Path(), name)
		victim.awaitWrites(t, each)
		if err := victim.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		counts[name] = victim.lastWrite()
		_ = victim.cmd.Wait() // it was killed
	}
	steady.awaitWrites(t, each)
	steady.stdin.Close()
	counts["steady"] = steady.lastWrite()
	if err := steady.cmd.Wait(); err != nil {
		t.Errorf("the writer that was left alone failed: %v", err)
	}
	next := map[string]int{}
	for _, f := range mustRead(t, log) {
		if want := fmt.Sprint(next[f.Lab]); f.Step != want {
			t.Fatalf("%s: fact %s follows where %s is due", f.Lab, f.Step, want)
		}
		if f.Check != strings.Repeat("가", 2000) {
			t.Fatalf("%s: fact %s has been mixed with another", f.Lab, f.Step)
		}
		next[f.Lab]++
	}
	for name, last := range counts {
		// A program that is killed after a write and before it says so leaves one more.
		if n := next[name]; n < last+1 || n > last+2 {
			t.Errorf("%s said that fact %d is on disk; there are %d", name, last, n)
		}
	}
	if len(next) != rounds+1 {
		t.Errorf("facts of %d programs, want %d", len(next), rounds+1)
	}
}

type writer struct {
	cmd   *exec.Cmd
	stdin interface{ Close() error }
	lines chan int
	last  int
}

func startWriter(t *testing.T, path, name string) *writer {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "LABS_TEST_WRITER="+path, "LABS_TEST_NAME="+name)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	w := &writer{cmd: cmd, stdin: stdin, lines: make(chan int, 1<<16)}
	go func() {
		defer close(w.lines)
		for {
			var n int
			if _, err := fmt.Fscanln(stdout, &n); err != nil {
				return
			}
			w.lines <- n
		}
	}()
	return w
}

// awaitWrites waits until the program has said that its write n is on disk.
func (w *writer) awaitWrites(t *testing.T, n int) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		select {
		case line, ok := <-w.lines:
			if !ok {
				t.Fatal("the writer ended by itself")
			}
			if w.last = line; line >= n {
				return
			}
		case <-deadline:
			t.Fatal("the writer did not get on")
		}
	}
}

// lastWrite returns the last number that the program said before it ended. It must be ending.
func (w *writer) lastWrite() int {
	for line := range w.lines {
		w.last = line
	}
	return w.last
}
