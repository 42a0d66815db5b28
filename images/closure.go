package images

import (
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// closure copies some programs of a Debian tree into a layer, together with what they need to run: loader, libraries,
// and the links on the way to each. It keeps the images of kube-proxy and the pod network at a fifth of a Debian tree,
// and every node has a copy of those.
type closure struct {
	tree  string
	layer *layerWriter
	added map[string]bool
	// libraries are the folders in which the loader looks, relative to the tree.
	libraries []string
}

// maxLinks bounds a chain of symbolic links, as the kernel does.
const maxLinks = 40

func newClosure(tree string, l *layerWriter) (*closure, error) {
	multiarch, err := filepath.Glob(filepath.Join(tree, "usr/lib/*-linux-gnu*"))
	if err != nil {
		return nil, fmt.Errorf("find libraries: %w", err)
	}
	c := &closure{tree: tree, layer: l, added: map[string]bool{}}
	for _, folder := range append(multiarch, filepath.Join(tree, "usr/lib")) {
		c.libraries = append(c.libraries, strings.TrimPrefix(folder, tree+"/"))
	}
	return c, nil
}

// addAll adds whatever matches a pattern; something must.
func (c *closure) addAll(pattern string) error {
	matches, err := filepath.Glob(filepath.Join(c.tree, pattern))
	if err != nil || len(matches) == 0 {
		return fmt.Errorf("find %s in the Debian tree: %w", pattern, errors.Join(err, os.ErrNotExist))
	}
	for _, match := range matches {
		if err := c.add(strings.TrimPrefix(match, c.tree+"/")); err != nil {
			return err
		}
	}
	return nil
}

// add adds a file, the folders and links on the way to it, and what it needs.
func (c *closure) add(name string) error {
	place, rest := "", strings.Split(path.Clean(name), "/")
	for links := 0; len(rest) > 0; {
		here := path.Join(place, rest[0])
		info, err := os.Lstat(filepath.Join(c.tree, here))
		if err != nil {
			return fmt.Errorf("add %s: %w", name, err)
		}
		switch {
		case info.Mode()&os.ModeSymlink != 0:
			target, err := os.Readlink(filepath.Join(c.tree, here))
			if err != nil {
				return fmt.Errorf("add %s: %w", name, err)
			}
			if links++; links > maxLinks {
				return fmt.Errorf("add %s: too many links", name)
			}
			if c.first(here) {
				c.layer.symlink(here, target)
			}
			next := path.Join("/", place, target)
			if path.IsAbs(target) {
				next = path.Clean(target)
			}
			rest = append(strings.Split(strings.TrimPrefix(next, "/"), "/"), rest[1:]...)
			place = ""
		case info.IsDir():
			if c.first(here) {
				c.layer.dir(here, int64(info.Mode().Perm()))
			}
			place, rest = here, rest[1:]
		default:
			if len(rest) > 1 {
				return fmt.Errorf("add %s: %s is not a folder", name, here)
			}
			return c.file(here, int64(info.Mode().Perm()))
		}
	}
	return nil
}

// first reports whether this is the first time that a path is added.
func (c *closure) first(name string) bool {
	seen := c.added[name]
	c.added[name] = true
	return !seen
}

// file adds a file and, where it is a program or a library, what it is linked against.
func (c *closure) file(name string, mode int64) error {
	if !c.first(name) {
		return nil
	}
	from := filepath.Join(c.tree, name)
	c.layer.copy(name, mode, from)
	object, err := elf.Open(from)
	var notELF *elf.FormatError
	if errors.As(err, &notELF) {
		return nil
	}
	if err != nil {
		if info, statErr := os.Stat(from); statErr == nil && info.Size() < 64 {
			return nil // too short to be a program
		}
		return fmt.Errorf("read %s: %w", name, err)
	}
	defer object.Close()
	needed, err := object.ImportedLibraries()
	if err != nil {
		return fmt.Errorf("read libraries of %s: %w", name, err)
	}
	for _, library := range needed {
		if err := c.library(library); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	for _, segment := range object.Progs {
		if segment.Type != elf.PT_INTERP {
			continue
		}
		loader := make([]byte, segment.Filesz)
		if _, err := segment.ReadAt(loader, 0); err != nil {
			return fmt.Errorf("read loader of %s: %w", name, err)
		}
		if err := c.add(strings.Trim(string(loader), "/\x00")); err != nil {
			return err
		}
	}
	return nil
}

// library adds a library by the name under which a program asks for it.
func (c *closure) library(name string) error {
	for _, folder := range c.libraries {
		if _, err := os.Lstat(filepath.Join(c.tree, folder, name)); err == nil {
			return c.add(path.Join(folder, name))
		}
	}
	return fmt.Errorf("find library %s: %w", name, os.ErrNotExist)
}
