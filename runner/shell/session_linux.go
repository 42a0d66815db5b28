package shell

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// member is a process of a session. Its start time tells it from a later process with the same number.
type member struct {
	pid     int
	session int
	started string
}

// sessionMembers lists the processes of a session: the shell, its jobs, and what those have left in the background.
func sessionMembers(session int) []member {
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	var members []member
	for _, dir := range dirs {
		pid, err := strconv.Atoi(filepath.Base(dir))
		if err != nil {
			continue
		}
		if m, ok := lookAt(pid); ok && m.session == session {
			members = append(members, m)
		}
	}
	return members
}

// lookAt reads /proc/PID/stat (proc_pid_stat(5)): session is field 6, starttime field 22.
func lookAt(pid int) (m member, ok bool) {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return m, false
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:]) // from field 3 on: names may hold anything
	if len(fields) < 20 {
		return m, false
	}
	session, err := strconv.Atoi(string(fields[3]))
	return member{pid: pid, session: session, started: string(fields[19])}, err == nil
}

// kill kills the process if it is still the one that was listed.
func (m member) kill() {
	if now, ok := lookAt(m.pid); ok && now == m {
		_ = unix.Kill(m.pid, unix.SIGKILL)
	}
}
