package images

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestRemoveTreeUnmountsFirst: what an interrupted debootstrap leaves mounted is detached, not emptied.
func TestRemoveTreeUnmountsFirst(t *testing.T) {
	outside := t.TempDir()
	precious := filepath.Join(outside, "precious")
	if err := os.WriteFile(precious, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	tree := filepath.Join(t.TempDir(), "work")
	inside := filepath.Join(tree, "root", "tree", "proc")
	if err := os.MkdirAll(inside, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount(outside, inside, "", syscall.MS_BIND, ""); err != nil {
		t.Skip("may not mount here: ", err)
	}
	t.Cleanup(func() { syscall.Unmount(inside, syscall.MNT_DETACH) })
	if err := removeTree(tree); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(tree); !os.IsNotExist(err) {
		t.Errorf("the tree is still there: %v", err)
	}
	if _, err := os.Stat(precious); err != nil {
		t.Errorf("what was mounted in the tree was removed: %v", err)
	}
}
