package images

import (
	"fmt"
	"os"
	"path/filepath"
)

// partial begins the names of files that are still being written; sweep removes what an interrupted run left of them.
const partial = ".partial-"

// partialPath is where a file is written before it gets its name: in the same folder, so that renaming cannot fail half-way.
func partialPath(path string) string {
	return filepath.Join(filepath.Dir(path), partial+filepath.Base(path))
}

// writeWhole writes a file that exists under its name only when it is complete and on the disk.
func writeWhole(path string, write func(*os.File) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	temporary, err := os.Create(partialPath(path))
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name()) // once it is renamed there is nothing to remove
	if err := write(temporary); err != nil {
		temporary.Close()
		return err
	}
	if err := temporary.Close(); err != nil {
		return fmt.Errorf("close %s: %w", temporary.Name(), err)
	}
	return finish(path)
}

// finish gives the file at partialPath(path) its name, after its content reached the disk.
func finish(path string) error {
	file, err := os.Open(partialPath(path))
	if err != nil {
		return err
	}
	err = file.Sync()
	file.Close()
	if err != nil {
		return fmt.Errorf("sync %s: %w", path, err)
	}
	return os.Rename(partialPath(path), path)
}
