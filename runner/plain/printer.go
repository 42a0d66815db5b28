package plain

import (
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/kubelab/kubelab/internal/clean"
)

// printer writes lines. What it is given may come from anywhere.
type printer struct {
	w     io.Writer
	width int
	err   error
	// prompt is true while the cursor stands behind a prompt: what comes then begins a line of its own.
	prompt bool
}

func (p *printer) write(s string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.w, s)
	}
}

// raw writes a line as it is, but for what would do something to a terminal.
func (p *printer) raw(line string) {
	if p.prompt {
		p.prompt = false
		p.write("\n")
	}
	p.write(strings.TrimRight(clean.Text(line), " \n") + "\n")
}

// say writes text behind a mark, wrapped, with the lines below under the first word.
func (p *printer) say(mark, text string) {
	mark, text = clean.Text(mark), strings.TrimSpace(clean.Text(text))
	lead := ansi.StringWidth(mark)
	for _, line := range clean.Wrap(text, p.width-lead) {
		p.raw(mark + line)
		mark = strings.Repeat(" ", lead)
	}
}

// command writes a command so that it can be told from prose. It is not wrapped: it may be copied.
func (p *printer) command(text string) {
	mark := "  $ "
	for line := range strings.SplitSeq(strings.Trim(clean.Text(text), "\n"), "\n") {
		p.raw(mark + line)
		mark = "    "
	}
}

// output writes what a command wrote.
func (p *printer) output(text string) {
	for line := range strings.SplitSeq(clean.Text(text), "\n") {
		p.raw("  | " + line)
	}
}

// gap leaves a line empty.
func (p *printer) gap() { p.raw("") }

// ask shows a prompt.
func (p *printer) ask(prompt string) {
	if p.prompt {
		return
	}
	p.write(clean.Line(prompt) + " ")
	p.prompt = true
}
