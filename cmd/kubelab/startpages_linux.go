package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// dropStartPages gives back the pages of the program's own file that starting has touched: the packages of kubectl and
// Docker alone initialise some 40 MiB that nothing reads again. What is needed after all comes back from the page cache.
func dropStartPages() {
	self, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer maps.Close()
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		var from, to uintptr
		var flags string
		// Pages that can be written may have been: they are not the file's any more.
		if n, _ := fmt.Sscanf(lines.Text(), "%x-%x %s", &from, &to, &flags); n != 3 || flags != "r--p" && flags != "r-xp" {
			continue
		}
		if !strings.HasSuffix(lines.Text(), " "+self) {
			continue
		}
		//nolint:govet // the address is of a mapping, not of anything that the garbage collector knows
		pages := unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(nil), from)), to-from)
		_ = unix.Madvise(pages, unix.MADV_DONTNEED) // advice: where it is not taken nothing is lost
	}
}
