package labs

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
)

// The names of a course's files.
const (
	courseName = "course.yaml"
	labName    = "lab.md"
	filesName  = "files"
)

// Load reads a course: course.yaml and the labs that it lists, in its order. The error is Problems, with every mistake
// that it found and not the first alone, each of severity Error.
func Load(fsys fs.FS) (*Course, error) {
	c := readCourse(fsys)
	if c.problems.Fatal() {
		return nil, c.problems.sort()
	}
	return c.course, nil
}

// courseFiles is a course while it is read, with what the linter wants to know beyond it.
type courseFiles struct {
	fsys     fs.FS
	course   *Course
	labs     []*labFile
	listed   map[string]bool // the folders that course.yaml names
	problems Problems
}

func readCourse(fsys fs.FS) *courseFiles {
	c := &courseFiles{fsys: fsys, course: &Course{}, listed: map[string]bool{}}
	data, ok := c.read(courseName)
	if !ok {
		return c
	}
	src, ok := newSource(courseName, data, &c.problems)
	if !ok {
		return c
	}
	d, n := parseYAML(src.cut(0, len(src.text)), "title and labs")
	if n == nil {
		return c
	}
	for _, entry := range d.course(n, c.course) {
		c.listed[entry.folder] = true
		if _, err := fs.Stat(fsys, path.Join(entry.folder, labName)); errors.Is(err, fs.ErrNotExist) {
			src.errorf(entry.offset, "the lab %q is listed, but there is no %s", entry.folder, path.Join(entry.folder, labName))
			continue
		}
		c.readLab(entry.folder)
	}
	return c
}

func (c *courseFiles) readLab(folder string) {
	data, ok := c.read(path.Join(folder, labName))
	if !ok {
		return
	}
	f := parseLab(folder, data, &c.problems)
	files := path.Join(folder, filesName)
	switch info, err := fs.Stat(c.fsys, files); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		c.problems.add(Error, files, "%v", reason(err))
	case !info.IsDir():
		c.problems.add(Error, files, "this must be a folder: what is in it is copied into the learner's work folder")
	default:
		if f.lab.Files, err = fs.Sub(c.fsys, files); err != nil {
			c.problems.add(Error, files, "%v", reason(err))
		}
	}
	c.labs = append(c.labs, f)
	c.course.Labs = append(c.course.Labs, f.lab)
}

// read reads a file and reports why it cannot be read.
func (c *courseFiles) read(name string) ([]byte, bool) {
	data, err := fs.ReadFile(c.fsys, name)
	if err != nil {
		c.problems.add(Error, name, "the file cannot be read: %v", reason(err))
	}
	return data, err == nil
}

// reason takes the operation and the path off an error: a problem has its own.
func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return fmt.Errorf("read course: %w", err)
}
