package labs

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sync"
)

// The names of a course's files.
const (
	courseName = "course.yaml"
	labName    = "lab.md"
	filesName  = "files"
	// glossaryName may be missing.
	glossaryName = "glossary.yaml"
)

// Load reads a course: course.yaml and the labs that it lists, in its order. The error is Problems, with every mistake
// that it found and not the first alone, each of severity Error.
func Load(fsys fs.FS) (*Course, error) { return readCourse(fsys, false).result() }

// Read is Load for a course whose scripts, checks and questions are known to be right: none is tried, and a check or
// question is compiled when it is first used. A learner waits a tenth of the time.
func Read(fsys fs.FS) (*Course, error) { return readCourse(fsys, true).result() }

// result is the course, or what is wrong with it.
func (c *courseFiles) result() (*Course, error) {
	if c.problems.Fatal() {
		return nil, c.problems.sort()
	}
	return c.course, nil
}

// Words returns the distinct Korean words that a course has its learners read, lab by lab.
func Words(fsys fs.FS) []Word {
	var all []Word
	seen := map[string]bool{}
	add := func(words []Word) {
		for _, w := range words {
			if !seen[w.Text] {
				seen[w.Text] = true
				all = append(all, w)
			}
		}
	}
	c := readCourse(fsys, true)
	for _, f := range c.labs {
		add(f.words(f.proseOnly()))
	}
	if c.glossary != nil {
		add(c.glossary.words(glossaryProse(c.glossary.text)))
	}
	return all
}

// courseFiles is a course while it is read, with what the linter wants to know beyond it.
type courseFiles struct {
	fsys     fs.FS
	trusted  bool // see labFile
	course   *Course
	labs     []*labFile
	glossary *source         // nil where the course has none
	terms    []int           // where the place of each term of the course's glossary stands
	listed   map[string]bool // the folders that course.yaml names
	problems Problems
}

func readCourse(fsys fs.FS, trusted bool) *courseFiles {
	c := &courseFiles{fsys: fsys, trusted: trusted, course: &Course{}, listed: map[string]bool{}}
	data, ok := read(fsys, courseName, &c.problems)
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
	var folders []string
	for _, entry := range d.course(n, c.course) {
		c.listed[entry.folder] = true
		if _, err := fs.Stat(fsys, path.Join(entry.folder, labName)); errors.Is(err, fs.ErrNotExist) {
			src.errorf(entry.offset, "the lab %q is listed, but there is no %s", entry.folder, path.Join(entry.folder, labName))
			continue
		}
		folders = append(folders, entry.folder)
	}
	c.readLabs(folders)
	c.connect()
	c.readGlossary()
	return c
}

// readLabs reads labs, all at once: somebody waits for it.
func (c *courseFiles) readLabs(folders []string) {
	labs := make([]*labFile, len(folders))
	problems := make([]Problems, len(folders))
	var wg sync.WaitGroup
	for i, folder := range folders {
		wg.Go(func() { labs[i] = readLab(c.fsys, folder, c.trusted, &problems[i]) })
	}
	wg.Wait()
	for i, f := range labs {
		c.problems = append(c.problems, problems[i]...)
		if f == nil {
			continue
		}
		// What the linter still finds belongs to the course's problems.
		f.problems = &c.problems
		c.labs = append(c.labs, f)
		c.course.Labs = append(c.course.Labs, f.lab)
	}
}

// readLab reads a lab and the files beside it. It returns nil where there is nothing to read.
func readLab(fsys fs.FS, folder string, trusted bool, problems *Problems) *labFile {
	data, ok := read(fsys, path.Join(folder, labName), problems)
	if !ok {
		return nil
	}
	f := parseLab(folder, data, trusted, problems)
	files := path.Join(folder, filesName)
	switch info, err := fs.Stat(fsys, files); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		problems.add(Error, files, "%v", reason(err))
	case !info.IsDir():
		problems.add(Error, files, "this must be a folder: what is in it is copied into the learner's work folder")
	default:
		if f.lab.Files, err = fs.Sub(fsys, files); err != nil {
			problems.add(Error, files, "%v", reason(err))
		}
	}
	return f
}

// read reads a file and reports why it cannot be read.
func read(fsys fs.FS, name string, problems *Problems) ([]byte, bool) {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		problems.add(Error, name, "the file cannot be read: %v", reason(err))
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
