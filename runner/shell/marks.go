package shell

import (
	"strconv"
	"strings"
	"time"

	"github.com/kubelab/kubelab/checks"
)

// markCommand is the number of the operating system command that carries the marks of the shell integration: the one
// that Visual Studio Code's terminal defined for command lines with a nonce.
const markCommand = "633"

// mark is one message of the shell integration: OSC 633 ; kind [; arg] ; nonce.
type mark struct {
	// kind is A (a prompt begins; arg is the exit status before it), B (the prompt ends, keys are read), C (the command
	// line is about to run), D (it ended; arg is its exit status), E (arg is the command line) or P (arg is Cwd=…).
	kind byte
	arg  string
}

// interrupted is the exit status of what Ctrl-C ended: 128 and SIGINT.
const interrupted = "130"

// parseMark reads the data of an operating system command. ok is false for everything that does not carry the nonce:
// output of a program, or the marks of a nested shell.
func parseMark(data []byte, nonce string) (m mark, ok bool) {
	parts := strings.Split(string(data), ";")
	if len(parts) < 3 || len(parts) > 4 || parts[0] != markCommand || len(parts[1]) != 1 || parts[len(parts)-1] != nonce {
		return mark{}, false
	}
	m.kind = parts[1][0]
	if len(parts) == 4 {
		m.arg = unescape(parts[2])
	}
	return m, true
}

// unescape undoes \\ and \xHH.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 >= len(s) {
			b.WriteByte(s[i])
			continue
		}
		if s[i+1] == 'x' && i+3 < len(s) {
			if v, err := strconv.ParseUint(s[i+2:i+4], 16, 8); err == nil {
				b.WriteByte(byte(v))
				i += 3
				continue
			}
		}
		i++
		b.WriteByte(s[i])
	}
	return b.String()
}

// tracker makes commands out of marks.
type tracker struct {
	now func() time.Time

	prompt  bool   // the shell is reading keys
	prompts int    // how many prompts there were
	fresh   bool   // the next prompt is a new one, not the same drawn again (after a change of size)
	status  string // the exit status before the newest prompt
	dir     string // the working directory
	typed   string // the newest command line
	hasText bool   // typed has not been used yet
	running *checks.Command
	last    time.Time // when the newest command began
	output  capture

	// record is called for each command when it begins and when it ends.
	record func(checks.Command)
	// ended counts the commands that ended; newest is the last of them.
	ended  int
	newest checks.Command
}

func (t *tracker) mark(m mark) {
	switch m.kind {
	case 'A':
		t.end(m.arg)
	case 'B':
		t.end("")
		if t.fresh {
			t.prompt, t.hasText, t.fresh = true, false, false
			t.prompts++
		}
	case 'C':
		t.begin()
	case 'D':
		if t.running == nil && t.hasText {
			t.neverRan(m.arg)
		}
		t.end(m.arg)
		t.fresh, t.status = true, m.arg
	case 'E':
		t.typed, t.hasText = m.arg, true
	case 'P':
		if dir, ok := strings.CutPrefix(m.arg, "Cwd="); ok {
			t.dir = dir
		}
	}
}

// begin notes that the command line begins to run. A line that holds several commands is one: of its marks only the first
// counts.
func (t *tracker) begin() {
	t.prompt = false
	if t.running != nil {
		return
	}
	t.output.reset()
	t.running = &checks.Command{Text: t.typed, Dir: t.dir, Started: t.moment(), Running: true}
	t.hasText = false
	t.record(*t.running)
}

// moment is the present; no two commands begin at the same one, so that Started tells them apart.
func (t *tracker) moment() time.Time {
	now := t.now()
	if !now.After(t.last) {
		now = t.last.Add(time.Microsecond)
	}
	t.last = now
	return now
}

// neverRan records a line that the shell refused before it ran anything: a syntax error. A line that was interrupted
// (130) was not entered, and a comment does nothing.
func (t *tracker) neverRan(status string) {
	t.hasText = false
	if status == interrupted || isComment(t.typed) {
		return
	}
	t.running = &checks.Command{Text: t.typed, Dir: t.dir, Started: t.moment(), Running: true}
}

// end notes that the running command ended. A status that is not a number says that the shell could not tell.
func (t *tracker) end(status string) {
	if t.running == nil {
		return
	}
	exit, err := strconv.Atoi(status)
	if err != nil {
		exit = -1
	}
	c := *t.running
	c.Running, c.Exit, c.Output, c.Ended = false, exit, t.output.String(), t.now()
	if c.Ended.Before(c.Started) {
		c.Ended = c.Started
	}
	t.running, t.fresh = nil, true
	t.output.reset()
	t.newest = c
	t.ended++
	t.record(c)
}

// accepted notes that the line editor handed its line over. Until the command begins, what follows is the shell's own:
// the message about a syntax error.
func (t *tracker) accepted() {
	if t.running == nil {
		t.output.reset()
	}
}

// isComment reports whether a command line has nothing to run in it.
func isComment(text string) bool {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line != "" && line[0] != '#' {
			return false
		}
	}
	return true
}
