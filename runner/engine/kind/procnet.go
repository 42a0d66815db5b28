package kind

import (
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// listening is the state of a listening socket in /proc/net/tcp (net/tcp_states.h).
const listening = "0A"

// listenerOf names the program that listens at a TCP port, from Linux's /proc; empty where there is none, or none that
// may be seen.
func listenerOf(proc fs.FS, port int) string {
	inodes := map[string]bool{}
	for _, table := range []string{"net/tcp", "net/tcp6"} {
		b, err := fs.ReadFile(proc, table)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(b)) {
			// sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode
			f := strings.Fields(line)
			if len(f) > 9 && f[3] == listening && strings.HasSuffix(f[1], fmt.Sprintf(":%04X", port)) {
				inodes["socket:["+f[9]+"]"] = true
			}
		}
	}
	if len(inodes) == 0 {
		return ""
	}
	entries, err := fs.ReadDir(proc, ".")
	if err != nil {
		return ""
	}
	for _, e := range entries {
		if _, err := strconv.Atoi(e.Name()); err == nil && hasSocket(proc, e.Name(), inodes) {
			name, err := fs.ReadFile(proc, path.Join(e.Name(), "comm"))
			if err == nil {
				return strings.TrimSpace(string(name)) + "(PID " + e.Name() + ")"
			}
		}
	}
	return ""
}

func hasSocket(proc fs.FS, pid string, inodes map[string]bool) bool {
	fds, err := fs.ReadDir(proc, path.Join(pid, "fd"))
	if err != nil {
		return false
	}
	for _, fd := range fds {
		if target, err := fs.ReadLink(proc, path.Join(pid, "fd", fd.Name())); err == nil && inodes[target] {
			return true
		}
	}
	return false
}
