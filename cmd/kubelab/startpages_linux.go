package main

import (
	"bufio"
	"debug/elf"
	"fmt"
	"os"
	"slices"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// dropStartPages gives back the pages of the program's own file that starting has touched: the packages of kubectl and
// Docker alone initialise some 40 MiB that nothing reads again. What is needed after all comes back from the page cache.
func dropStartPages() {
	self, err := os.Readlink("/proc/self/exe")
	if err != nil || relocated("/proc/self/exe") {
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

// relocated reports whether a loader has written addresses into the program, as it does where cgo or -buildmode=pie made
// it: pages that may only be read then hold what the file does not.
func relocated(program string) bool {
	f, err := elf.Open(program)
	if err != nil {
		return true
	}
	defer f.Close()
	return f.Type != elf.ET_EXEC || slices.ContainsFunc(f.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_DYNAMIC })
}
