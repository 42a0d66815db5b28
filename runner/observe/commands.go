package observe

import "github.com/kubelab/kubelab/checks"

// maxCommands bounds the source commands; the oldest are forgotten first.
const maxCommands = 1000

// putCommand adds a command, or replaces it as it was before: the one that was started at the same time with the same
// text.
func putCommand(commands *collection, c checks.Command) error {
	object, err := encode(c)
	if err != nil {
		return err
	}
	commands.put(checks.Identity(checks.Commands, object), c.Started, object)
	for len(commands.entries) > maxCommands {
		commands.forget(commands.oldest())
	}
	return nil
}
