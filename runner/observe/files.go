package observe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"
	"unicode/utf8"

	"github.com/fsnotify/fsnotify"

	"github.com/kubelab/kubelab/checks"
)

const (
	// maxFiles bounds the source files; what comes later in the order of paths is left out.
	maxFiles = 1000
	// fileText bounds the text of one file, in bytes.
	fileText = 64 << 10
	// filesRetry is the pause before the folder is looked for again.
	filesRetry = 250 * time.Millisecond
	// filesRecheck is how often the folder is listed where the system tells of no changes.
	filesRecheck = time.Second
	// filesFresh is the age under which a file may have been written twice within one tick of the file system's
	// clock, so that its time says nothing.
	filesFresh = 100 * time.Millisecond
)

// filesSource is the regular files under the lab's work folder, in the order in which they appeared, and at first by
// path. Symbolic links and .git folders are left out.
type filesSource struct {
	key, dir string
	log      *slog.Logger
	col      *collection
	known    map[string]fs.FileInfo
}

func newFilesSource(key, dir string, log *slog.Logger) *filesSource {
	return &filesSource{key: key, dir: dir, log: log, col: newCollection(), known: map[string]fs.FileInfo{}}
}

func (s *filesSource) run(ctx context.Context, out emitter, poked <-chan struct{}) {
	for ctx.Err() == nil {
		err := s.follow(ctx, out, poked)
		if ctx.Err() != nil {
			return
		}
		s.log.Debug("the work folder was lost", "dir", s.dir, "err", err)
		trouble := fmt.Sprintf("작업 폴더(%s)를 읽을 수 없습니다. 폴더가 있어야 합니다. 다시 만들어지면 저절로 이어집니다.", s.dir)
		if s.col.settle(trouble) {
			out.emit(ctx, s.key, s.col.state(), time.Now())
		}
		select {
		case <-ctx.Done():
		case <-poked:
		case <-time.After(filesRetry):
		}
	}
}

// follow lists the folder and keeps to its changes until it cannot be read.
func (s *filesSource) follow(ctx context.Context, out emitter, poked <-chan struct{}) error {
	root, err := os.OpenRoot(s.dir)
	if err != nil {
		return fmt.Errorf("open work folder: %w", err)
	}
	defer func() { _ = root.Close() }()
	watcher := s.newWatcher()
	var told <-chan fsnotify.Event
	var troubles <-chan error
	if watcher != nil {
		defer func() { _ = watcher.Close() }()
		told, troubles = watcher.Events, watcher.Errors
	}
	recheck := time.NewTicker(filesRecheck)
	defer recheck.Stop()
	accepted := time.Now()
	for {
		changed, err := s.list(root, watcher)
		if err != nil {
			return err
		}
		if s.col.settle("") || changed {
			out.emit(ctx, s.key, s.col.state(), accepted)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-told:
		case err := <-troubles: // too many changes at once: list again
			s.log.Debug("changes of files were lost", "err", err)
		case <-poked:
		case <-recheck.C:
			if err := s.stillThere(root); err != nil {
				return err
			}
		}
		accepted = time.Now()
		drain(told)
	}
}

// newWatcher returns nil where the system tells of no changes, e.g. because its limit of watchers is reached.
func (s *filesSource) newWatcher() *fsnotify.Watcher {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		s.log.Info("files are listed once a second", "err", err)
		return nil
	}
	return watcher
}

// stillThere reports an error where the folder's path leads to another folder, or nowhere.
func (s *filesSource) stillThere(root *os.Root) error {
	open, err := root.Stat(".")
	if err != nil {
		return fmt.Errorf("stat work folder: %w", err)
	}
	named, err := os.Stat(s.dir)
	if err != nil {
		return fmt.Errorf("stat work folder: %w", err)
	}
	if !os.SameFile(open, named) {
		return errors.New("the work folder was replaced")
	}
	return nil
}

// drain takes what has been told already: one listing answers all of it.
func drain(told <-chan fsnotify.Event) {
	for {
		select {
		case <-told:
		default:
			return
		}
	}
}

// errEnough ends a walk.
var errEnough = errors.New("enough files")

// list brings the collection up to date and reports whether it changed. Folders are watched before they are read.
func (s *filesSource) list(root *os.Root, watcher *fsnotify.Watcher) (bool, error) {
	kept := map[string]bool{}
	changed := false
	err := fs.WalkDir(root.FS(), ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && path != ".":
			return nil // deleted since its folder was read
		case err != nil:
			return err
		case d.IsDir() && d.Name() == ".git":
			return fs.SkipDir
		case d.IsDir():
			if watcher != nil {
				if err := watcher.Add(filepath.Join(s.dir, path)); err != nil {
					s.log.Debug("a folder is listed once a second", "dir", path, "err", err)
				}
			}
			return nil
		case !d.Type().IsRegular():
			return nil
		case len(kept) == maxFiles:
			return errEnough
		}
		news, err := s.see(root, path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		kept[path] = true
		changed = changed || news
		return err
	})
	if err != nil && !errors.Is(err, errEnough) {
		return false, fmt.Errorf("list work folder: %w", err)
	}
	for path := range s.known {
		if !kept[path] {
			delete(s.known, path)
		}
	}
	return s.col.keep(kept) || changed, nil
}

// see reads a file unless it is as it was, and reports whether it changed.
func (s *filesSource) see(root *os.Root, path string) (bool, error) {
	info, err := root.Lstat(path) // before it is read: what is written meanwhile then shows in the next listing
	if err != nil {
		return false, err
	}
	before := s.known[path]
	if before != nil && before.Size() == info.Size() && before.Mode() == info.Mode() &&
		before.ModTime().Equal(info.ModTime()) && time.Since(info.ModTime()) > filesFresh {
		return false, nil
	}
	contents, err := readSome(root, path)
	if err != nil && !errors.Is(err, fs.ErrPermission) { // a file that may not be read is shown without its text
		return false, err
	}
	object, err := encode(checks.File{
		Path:     path,
		Size:     info.Size(),
		Mode:     int64(info.Mode().Perm()),
		Text:     textOf(contents),
		Modified: info.ModTime().UTC(),
	})
	if err != nil {
		return false, err
	}
	s.known[path] = info
	return s.col.put(path, time.Time{}, object), nil
}

// readSome returns the first fileText bytes of a file.
func readSome(root *os.Root, path string) ([]byte, error) {
	file, err := root.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	contents, err := io.ReadAll(io.LimitReader(file, fileText))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return contents, nil
}

// textOf is the contents of a text file, "" for a binary one. A character cut in two at the end is left out.
func textOf(contents []byte) string {
	if bytes.IndexByte(contents, 0) >= 0 {
		return ""
	}
	whole := contents
	for range utf8.UTFMax - 1 {
		if utf8.Valid(whole) || len(whole) == 0 {
			break
		}
		whole = whole[:len(whole)-1]
	}
	if !utf8.Valid(whole) {
		return ""
	}
	return string(whole)
}
