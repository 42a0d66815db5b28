package plain

import (
	"context"
	"fmt"
	"strings"
	"time"

	uv "github.com/charmbracelet/ultraviolet"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/internal/clean"
	"github.com/kubelab/kubelab/runner/shell"
)

// stream is what has been printed of the command that runs.
type stream struct {
	started time.Time
	// printed is the output so far, as far as it was printed; part is a last line that may go on.
	printed, part string
	// lost is true where what was printed is not the beginning of the output any more: progress bars do that, and
	// output longer than what is kept.
	lost bool
	// told is true once the learner knows that it goes on.
	told bool
}

// slowCommand is how long a command runs before the learner is told how to talk to it.
const slowCommand = 5 * time.Second

// typeInShell types a line into what runs, or runs it.
func (r *reader) typeInShell(typed string) {
	switch running := r.running(); {
	case !r.loaded:
		r.refuse(r.notInLab())
	case running != nil:
		if err := typeLine(running, typed); err != nil {
			r.refusef(r.text.shellFailedF, err.Error())
		}
	case typed == "":
		r.refuse(r.text.nothingToRun)
	default:
		r.runInShell(typed)
	}
}

// running is the shell while a command runs in it, nil otherwise.
func (r *reader) running() Shell {
	if r.lab == nil {
		return nil
	}
	sh, ok := r.lab.Shell()
	if !ok {
		return nil
	}
	if c, ok := sh.Command(); !ok || !c.Running {
		return nil
	}
	return sh
}

func typeLine(sh Shell, line string) error {
	if line != "" {
		if err := sh.Paste(line); err != nil {
			return err
		}
	}
	return sh.SendKey(shell.Key{Code: uv.KeyEnter})
}

// interrupt sends Ctrl-C to what runs in the shell, and reports whether anything does.
func (r *reader) interrupt() bool {
	sh := r.running()
	if sh == nil {
		return false
	}
	if err := sh.SendKey(shell.Key{Code: 'c', Mod: uv.ModCtrl}); err != nil {
		r.refusef(r.text.shellFailedF, err.Error())
	}
	return true
}

// follow prints what the shell has written since the last look.
func (r *reader) follow() {
	if r.lab == nil {
		return
	}
	for _, c := range r.lab.Ended() {
		r.printEnded(c)
	}
	sh := r.running()
	if sh == nil {
		return
	}
	c, _ := sh.Command()
	if !c.Running {
		return
	}
	r.begin(c)
	r.printMore(c.Output, false)
	if !r.stream.told && time.Since(c.Started) > slowCommand {
		r.stream.told = true
		r.out.say("", r.text.goesOn)
	}
}

// begin prints a command, unless it was.
func (r *reader) begin(c checks.Command) {
	if r.stream.started.Equal(c.Started) {
		return
	}
	r.stream = stream{started: c.Started}
	r.out.command(c.Text)
}

// printEnded prints what is left to be said of a command that has ended.
func (r *reader) printEnded(c checks.Command) {
	r.begin(c)
	if r.stream.lost {
		r.stream.printed, r.stream.part = "", ""
		r.stream.lost = false
		r.out.say("  ", r.text.shortened)
	}
	r.printMore(c.Output, true)
	if c.Exit != 0 {
		r.out.say("  ", fmt.Sprintf(r.text.exitF, c.Exit))
	}
}

// printMore prints the part of a command's output that has not been: whole lines, and at the end or after a while without
// news, the last one.
func (r *reader) printMore(output string, ended bool) {
	s := &r.stream
	if s.lost {
		return
	}
	rest, ok := strings.CutPrefix(output, s.printed)
	if !ok {
		s.lost = !ended
		if ended {
			r.out.say("  ", r.text.shortened)
			r.out.output(output)
		}
		return
	}
	end := strings.LastIndexByte(rest, '\n') + 1
	if ended || rest[end:] != "" && rest[end:] == s.part {
		end = len(rest) // it waits for an answer, most likely
	}
	if text := strings.TrimPrefix(rest[:end], "\n"); strings.TrimRight(text, "\n") != "" {
		r.out.output(strings.TrimRight(text, "\n"))
	}
	s.printed += rest[:end]
	s.part = rest[end:]
}

// shell gives the terminal to the shell until the learner leaves it.
func (r *reader) shell(ctx context.Context, _ string) {
	if r.cfg.HandOver == nil {
		r.refuse(r.text.noTerminal)
		return
	}
	sh, ok := r.lab.Shell()
	if !ok {
		r.refuse(r.text.shellNotReady)
		return
	}
	r.out.say("", r.text.shellBegin)
	if err := r.cfg.HandOver(ctx, sh); err != nil {
		r.refusef(r.text.shellFailedF, clean.Line(err.Error()))
	}
	r.lab.Ended() // the learner has seen it all
	r.stream = stream{}
	r.out.say("", r.text.shellEnd)
}
