package labs

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// minHints is how many hints a step has at least: one that points the way, one that nearly says it.
const minHints = 2

// Lint returns everything that an author should put right: what Load reports, and the rules of docs/AUTHORING.md.
func Lint(fsys fs.FS) Problems {
	c := readCourse(fsys, false)
	c.lintFolders()
	for _, f := range c.labs {
		f.lint()
	}
	c.lintGlossary()
	c.lintCoverage()
	return c.problems.sort()
}

// lintFolders reports folders that no learner gets to see, and files that do nothing.
func (c *courseFiles) lintFolders() {
	entries, err := fs.ReadDir(c.fsys, ".")
	if err != nil {
		c.problems.add(Error, ".", "the folder cannot be read: %v", reason(err))
		return
	}
	for _, e := range entries {
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if c.listed[e.Name()] {
			c.lintLabFolder(e.Name())
			continue
		}
		if _, err := fs.Stat(c.fsys, path.Join(e.Name(), labName)); errors.Is(err, fs.ErrNotExist) {
			continue // not a lab: pictures, drafts
		}
		if len(c.listed) > 0 {
			c.problems.add(Warning, path.Join(e.Name(), labName), "the lab is not listed in %s; nobody will see it", courseName)
		}
	}
}

func (c *courseFiles) lintLabFolder(folder string) {
	entries, err := fs.ReadDir(c.fsys, folder)
	if err != nil {
		c.problems.add(Error, folder, "the folder cannot be read: %v", reason(err))
		return
	}
	for _, e := range entries {
		if name := e.Name(); name != labName && name != filesName {
			c.problems.add(Warning, path.Join(folder, name), "a lab has %s and %s/ and nothing else; what the learner works on belongs into %s/",
				labName, filesName, filesName)
		}
	}
}

func (f *labFile) lint() {
	solved := slices.ContainsFunc(f.steps, func(s *stepFile) bool { return len(s.Solution) > 0 })
	if solved && len(f.lab.Cleanup) == 0 {
		f.warnf(f.front, "the lab has no `bash cleanup` block; what its steps make stays behind")
	}
	if f.front > 0 && f.lab.Minutes == 0 {
		f.warnf(f.front, "the front matter does not say how many minutes the lab takes")
	}
	for _, step := range f.steps {
		f.lintStep(step)
	}
	for _, script := range f.scripts {
		f.lintScript(script)
	}
	f.lintWords()
	f.lintStyle(f.proseOnly())
}

func (f *labFile) lintStep(s *stepFile) {
	at := s.heading
	if len(s.Checks) == 0 && len(s.Questions) == 0 && !s.asks {
		f.errorf(at, "the step has no check and no question, so nothing can tell that it is done")
	}
	if len(s.Checks) > 0 && len(s.Solution) == 0 {
		f.errorf(at, "the step has no solution: no `bash solution` block and no `bash run` block")
	}
	if len(s.Hints) < minHints {
		f.warnf(at, "the step has %d of at least %d hints", len(s.Hints), minHints)
	}
	if len(s.Checks) > 0 && len(s.Wrong) == 0 {
		f.warnf(at, "the step has no `bash wrong` block; which mistake does its check explain?")
	}
	if !slices.ContainsFunc(s.Parts, func(p Part) bool { return p.Markdown != "" }) {
		f.warnf(at, "the step has no text, only its title")
	}
	if lines := s.screenLines(); lines > maxLines {
		f.warnf(at, "the step's text takes %d lines at %d columns, more than the %d of a screen; split the step",
			lines, screenColumns, maxLines)
	}
}

// lintScript reports characters that a word processor put where a shell wants plain ones. A wrong answer may have them
// on purpose.
func (f *labFile) lintScript(s scriptBlock) {
	if s.word == wordWrong {
		return
	}
	for i, r := range s.text {
		switch r {
		case '—', '–', '―':
			f.errorf(s.place(i), "%q is a dash, not a hyphen; options begin with -- (two hyphens)", r)
		case '“', '”', '„', '‘', '’', '‚', '«', '»':
			f.errorf(s.place(i), "%q is a typographic quote; a shell knows \" and ' only", r)
		case '\u00A0', '\u200B', '\u200C', '\u200D', '\u2060', '\u3000':
			f.errorf(s.place(i), "the invisible character U+%04X looks like a space or nothing, and is neither to a shell", r)
		}
	}
}
