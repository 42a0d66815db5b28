package images

import (
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// rootTar is where the tar file of a Debian tree is kept.
func (s *Store) rootTar(name string, packages []string) string {
	return filepath.Join(s.cache, "root", name+"-"+suite+"-"+digest(strings.Join(packages, " "), fmt.Sprint(treeEdition))+".tar")
}

// aptEnv keeps apt and dpkg from asking, and from answering in the user's language.
var aptEnv = []string{"DEBIAN_FRONTEND=noninteractive", "LC_ALL=C"}

// debootstrap unpacks a Debian tree with the packages into the work folder and returns where. The trees share a cache of
// packages, so that what one fetched the next one has.
func (t *task) debootstrap(ctx context.Context, packages []string) (string, error) {
	path, found := t.store.machine.look("debootstrap")
	if !found {
		if err := t.install(ctx, "debootstrap"); err != nil {
			return "", err
		}
		if path, found = t.store.machine.look("debootstrap"); !found {
			return "", errors.New("find debootstrap: not there after it was installed")
		}
	}
	tree := filepath.Join(t.work, "tree")
	// A tree that a power cut damaged is thrown away anyway: dpkg need not wait for the disk after each file.
	hurry := filepath.Join(tree, "etc/dpkg/dpkg.cfg.d/kubelab")
	if err := os.MkdirAll(filepath.Dir(hurry), 0o755); err != nil {
		return "", fmt.Errorf("prepare Debian tree: %w", err)
	}
	if err := os.WriteFile(hurry, []byte("force-unsafe-io\n"), 0o644); err != nil {
		return "", fmt.Errorf("prepare Debian tree: %w", err)
	}
	argv := []string{
		"debootstrap", "--variant=minbase", "--cache-dir=" + filepath.Join(t.store.cache, "debs"),
		"--include=" + strings.Join(packages, ","), suite, tree,
	}
	if mirror := t.store.getenv("DEBIAN_MIRROR"); mirror != "" {
		argv = append(argv, mirror)
	}
	if err := t.run(ctx, command{argv: argv, path: path, env: aptEnv}); err != nil {
		return "", err
	}
	for _, pattern := range []string{
		"usr/share/doc/*", "usr/share/man/*", "usr/share/locale/*", "usr/share/info/*",
		"var/cache/apt/*", "var/lib/apt/lists/*", "etc/dpkg/dpkg.cfg.d/kubelab",
	} {
		if err := removeMatching(tree, pattern); err != nil {
			return "", err
		}
	}
	return tree, nil
}

// removeMatching removes the files of a tree that match the pattern.
func removeMatching(tree, pattern string) error {
	matches, err := filepath.Glob(filepath.Join(tree, pattern))
	if err != nil {
		return fmt.Errorf("remove %s: %w", pattern, err)
	}
	for _, match := range matches {
		if err := os.RemoveAll(match); err != nil {
			return fmt.Errorf("remove %s: %w", pattern, err)
		}
	}
	return nil
}

// install installs packages on this machine; needDebootstrap made sure that it may.
func (t *task) install(ctx context.Context, packages ...string) error {
	if err := t.run(ctx, command{argv: []string{"apt-get", "update"}, env: aptEnv}); err != nil {
		return err
	}
	argv := append([]string{"apt-get", "install", "-y", "--no-install-recommends"}, packages...)
	return t.run(ctx, command{argv: argv, env: aptEnv})
}

// pack keeps a tree as a tar file with its owners.
func (t *task) pack(ctx context.Context, tree, target string) error {
	argv := []string{"tar", "--create", "--numeric-owner", "--sort=name", "--file", partialPath(target), "--directory", tree, "."}
	if err := t.run(ctx, command{argv: argv}); err != nil {
		return err
	}
	return finish(target)
}

// fetchBusybox keeps a busybox that needs no libraries: the host's, or else the one in Debian's package, which is
// unpacked, not installed.
func (t *task) fetchBusybox(ctx context.Context, target string) error {
	source, found := t.store.machine.look("busybox")
	if !found || !static(source) {
		unpacked, err := t.unpackPackage(ctx, "busybox-static")
		if err != nil {
			return err
		}
		source = ""
		for _, place := range []string{"bin/busybox", "usr/bin/busybox"} {
			if path := filepath.Join(unpacked, place); static(path) {
				source = path
			}
		}
		if source == "" {
			return errors.New("find busybox in the package busybox-static: no static program there")
		}
	}
	content, err := os.ReadFile(source)
	if err != nil {
		return fmt.Errorf("read busybox: %w", err)
	}
	return writeWhole(target, func(file *os.File) error {
		if err := file.Chmod(0o755); err != nil {
			return err
		}
		_, err := file.Write(content)
		return err
	})
}

// unpackPackage fetches a Debian package and unpacks it in the work folder. Where the host's package lists are missing or
// too old it goes by lists of its own: neither way changes the host or takes root.
func (t *task) unpackPackage(ctx context.Context, name string) (string, error) {
	options := []string{"apt-get", "-o", "APT::Sandbox::User="}
	download := command{argv: append(options, "download", name), dir: t.work, env: aptEnv}
	if err := t.run(ctx, download); err != nil {
		if ctx.Err() != nil {
			return "", err
		}
		lists := filepath.Join(t.work, "apt")
		if err := os.MkdirAll(filepath.Join(lists, "lists", "partial"), 0o755); err != nil {
			return "", fmt.Errorf("make package lists: %w", err)
		}
		options = append(options, "-o", "Dir::State::Lists="+filepath.Join(lists, "lists"), "-o", "Dir::Cache="+lists)
		if err := t.run(ctx, command{argv: append(options, "update"), env: aptEnv}); err != nil {
			return "", err
		}
		download.argv = append(options, "download", name)
		if err := t.run(ctx, download); err != nil {
			return "", err
		}
	}
	packages, err := filepath.Glob(filepath.Join(t.work, name+"_*.deb"))
	if err != nil || len(packages) == 0 {
		return "", fmt.Errorf("find the downloaded package %s: %w", name, errors.Join(err, os.ErrNotExist))
	}
	target := filepath.Join(t.work, name)
	return target, t.run(ctx, command{argv: []string{"dpkg-deb", "--extract", packages[0], target}})
}

// static reports whether a file is a program that needs neither a loader nor libraries.
func static(path string) bool {
	file, err := elf.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	for _, segment := range file.Progs {
		if segment.Type == elf.PT_INTERP {
			return false
		}
	}
	return true
}
