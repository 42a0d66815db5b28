//go:build !linux

package shell

// member is a process of a session; only Linux tells which those are. Elsewhere the hang-up that goes with the terminal
// must do.
type member struct{}

func sessionMembers(int) []member { return nil }

func (member) kill() {}
