package labs

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// Log is the learner's progress on disk: a file to which facts are appended, one line of JSON each, and from which
// nothing is ever taken. Several processes may write to it at the same time; each write holds a lock for as long as it
// takes, and none in between. A process that dies while it writes leaves at most one torn line, which reading skips.
type Log struct {
	path string
	// patience is how long a write or a read waits for the lock of another.
	patience time.Duration
}

// A write takes milliseconds. Who holds the lock for longer was stopped in the middle of it.
const lockPatience = 5 * time.Second

// ErrLocked means that another process has kept the log locked for too long.
var ErrLocked = errors.New("another kubelab is keeping the progress log locked; is one suspended (Ctrl-Z)?")

// OpenLog makes the file and its folders where they are missing, and proves that the log can be written. The file's
// mode is 0600: what somebody answered wrongly is nobody else's concern.
func OpenLog(path string) (*Log, error) {
	l := &Log{path: path, patience: lockPatience}
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("create folder of progress log: %w", err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		if f, err = l.openToWrite(); err != nil {
			return nil, err
		}
		return l, f.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("create progress log: %w", err)
	}
	// The new name is on disk when its folder is.
	if err := errors.Join(f.Close(), syncFolder(folder)); err != nil {
		return nil, fmt.Errorf("create progress log: %w", err)
	}
	return l, nil
}

// Path is the log's file.
func (l *Log) Path() string { return l.path }

// Append writes a fact. When it returns nil, the fact is on disk. A fact without a time gets the present one.
func (l *Log) Append(fact Fact) (err error) {
	if fact.Time.IsZero() {
		fact.Time = time.Now()
	}
	fact.Time = fact.Time.UTC()
	line, err := json.Marshal(fact)
	if err != nil {
		return fmt.Errorf("encode fact: %w", err)
	}
	line = append(line, '\n')
	// The file is opened anew each time, or facts would go on into a file that somebody has deleted or moved.
	f, err := l.openToWrite()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := l.lock(f, unix.LOCK_EX); err != nil {
		return err
	}
	torn, err := endsTorn(f)
	if err != nil {
		return fmt.Errorf("read end of progress log: %w", err)
	}
	if torn {
		line = append([]byte{'\n'}, line...)
	}
	if _, err := f.Write(line); err != nil {
		return fmt.Errorf("append to progress log: %w", err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("flush progress log to disk: %w", err)
	}
	return nil
}

// Read returns the facts, oldest first. Lines that are no facts are skipped: they are what is left of writes that were
// cut off.
func (l *Log) Read() ([]Fact, error) {
	f, err := os.Open(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // deleted since OpenLog: the learner starts anew
	}
	if err != nil {
		return nil, fmt.Errorf("open progress log: %w", err)
	}
	defer f.Close()
	// A line that is being written would look torn.
	if err := l.lock(f, unix.LOCK_SH); err != nil {
		return nil, err
	}
	facts, err := readFacts(f)
	if err != nil {
		return nil, fmt.Errorf("read progress log: %w", err)
	}
	return facts, nil
}

func readFacts(r io.Reader) ([]Fact, error) {
	var facts []Fact
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if fact, ok := parseFact(line); ok {
			facts = append(facts, fact)
		}
		if errors.Is(err, io.EOF) {
			return facts, nil
		}
		if err != nil {
			return facts, err
		}
	}
}

// parseFact reads a line. A line cut short is never a whole JSON object, so one without a line end may be a fact.
func parseFact(line []byte) (Fact, bool) {
	line = bytes.TrimSpace(line)
	if !bytes.HasPrefix(line, []byte("{")) {
		return Fact{}, false
	}
	var fact Fact
	if err := json.Unmarshal(line, &fact); err != nil || fact.Kind == "" {
		return Fact{}, false
	}
	return fact, true
}

func (l *Log) openToWrite() (*os.File, error) {
	f, err := os.OpenFile(l.path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open progress log: %w", err)
	}
	return f, nil
}

// lock waits for the lock of an open file; closing the file gives it back, also when the process is killed. It asks
// again and again instead of blocking, because a blocked flock would hold up the program for ever.
func (l *Log) lock(f *os.File, how int) error {
	deadline := time.Now().Add(l.patience)
	for {
		err := unix.Flock(int(f.Fd()), how|unix.LOCK_NB)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, unix.EINTR):
		case !errors.Is(err, unix.EWOULDBLOCK):
			return fmt.Errorf("lock progress log %s: %w", l.path, err)
		case time.Now().After(deadline):
			return fmt.Errorf("lock progress log %s: %w", l.path, ErrLocked)
		default:
			time.Sleep(time.Millisecond)
		}
	}
}

// endsTorn reports whether the last line has no line end: its write was cut off.
func endsTorn(f *os.File) (bool, error) {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return false, err
	}
	last := make([]byte, 1)
	if _, err := f.ReadAt(last, info.Size()-1); err != nil {
		return false, err
	}
	return last[0] != '\n', nil
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
