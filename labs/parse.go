package labs

import (
	"path"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// validID is the form of a lab's and a step's id.
var validID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)

// labFile is one lab.md while it is read, with what the linter wants to know beyond the Lab.
type labFile struct {
	*source
	lab *Lab
	// trusted says that scripts, checks and questions are known to be right, and are not tried.
	trusted bool
	steps   []*stepFile
	// front is the offset of the front matter's first line, for complaints about the lab as a whole.
	front   int
	scripts []scriptBlock
	// wants are the entries of needs that are no capability, claims every concept that is named: both are known to be
	// right or wrong when the whole course has been read.
	wants, claims []mention
	cleanups      [][]Script // by step; the introduction's come first
}

// stepFile is a step while it is read.
type stepFile struct {
	*Step
	heading       int // the offset of its heading
	run, solution []Script
	// settings is true once a `yaml step` block was seen, variant when the last script was one that undo can follow.
	settings bool
	variant  *Variant
	// asks is true once a check or ask block was seen, also one that could not be compiled.
	asks bool
}

// scriptBlock is a script and the place of its text.
type scriptBlock struct {
	word word
	excerpt
}

// parseLab reads one lab.md. It reports every problem and returns what could be read; folder is the lab's.
func parseLab(folder string, data []byte, trusted bool, problems *Problems) *labFile {
	name := path.Join(folder, labName)
	src, ok := newSource(name, data, problems)
	f := &labFile{source: src, lab: &Lab{ID: folder, Path: name}, trusted: trusted, cleanups: [][]Script{nil}}
	if !ok {
		return f
	}
	body, ok := f.readFront(folder)
	if !ok {
		return f
	}
	f.readBody(body)
	for i := len(f.cleanups) - 1; i >= 0; i-- {
		f.lab.Cleanup = append(f.lab.Cleanup, f.cleanups[i]...)
	}
	if len(f.steps) == 0 {
		f.errorf(f.front, "the lab has no steps; a step begins with a heading: ## Title {#id}")
	}
	for _, step := range f.steps {
		f.finishStep(step)
	}
	f.finishThings()
	return f
}

// readFront reads the front matter and returns the offset of what follows it.
func (f *labFile) readFront(folder string) (body int, ok bool) {
	if line := f.text[:f.nextLine(0)]; strings.TrimRight(line, " \t\n") != "---" {
		f.errorf(0, "the front matter is missing; the file begins with a line `---`, then id and title, then another `---`")
		return 0, false
	}
	f.front = f.nextLine(0)
	for at := f.front; at < len(f.text); at = f.nextLine(at) {
		if strings.TrimRight(f.text[at:f.nextLine(at)], " \t\n") != "---" {
			continue
		}
		d, n := parseYAML(f.cut(f.front, at), "id and title")
		if n != nil {
			f.frontMatter(d, n, folder)
		}
		return f.nextLine(at), true
	}
	f.errorf(0, "the front matter that begins here does not end; a line `---` ends it")
	return 0, false
}

// readBody splits the Markdown from the offset base on into steps, prose and instructions.
func (f *labFile) readBody(base int) {
	markdown := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithParserOptions(parser.WithAttribute()))
	root := markdown.Parser().Parse(text.NewReader([]byte(f.text[base:])))
	prose := base
	for n := root.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Heading:
			if n.Level != 2 {
				continue
			}
			at := base + n.Pos()
			f.addProse(prose, f.lineStart(at))
			prose = f.beginStep(n, at)
		case *ast.FencedCodeBlock:
			fence := readFence(f.source, base, n)
			if !f.checkFence(fence) {
				continue
			}
			f.addProse(prose, fence.start)
			f.readInstruction(fence)
			prose = fence.end
		default:
			f.rejectInside(n, base)
		}
	}
	f.addProse(prose, len(f.text))
}

// checkFence reports what is wrong with a fenced block as such, and whether it is an instruction.
func (f *labFile) checkFence(b fence) bool {
	if b.info.complaint != "" {
		f.errorf(b.infoAt, "%s", b.info.complaint)
	}
	if at, ok := b.swallowed(); ok && b.info.word == "" {
		f.errorf(at, "this instruction stands inside the block that begins on line %d; is that block's closing %s missing?",
			f.line(b.start), b.marker)
	} else if !b.closed {
		f.errorf(b.start, "the block that begins here does not end; a line %s ends it", b.marker)
	}
	return b.info.word != ""
}

// rejectInside reports instructions where they cannot be: inside a list or a quotation, where cutting them out would
// break the text around them, and behind back quotes that are no fence.
func (f *labFile) rejectInside(n ast.Node, base int) {
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering || n.Type() != ast.TypeBlock {
			return ast.WalkSkipChildren, nil
		}
		switch n := n.(type) {
		case *ast.FencedCodeBlock:
			b := readFence(f.source, base, n)
			if b.info.word != "" || b.info.complaint != "" {
				f.errorf(b.infoAt, "an instruction cannot stand inside a list or a quotation; "+
					"end the list before it, with the block at the beginning of its line")
			}
		case *ast.Paragraph:
			lines := n.Lines()
			for i := range lines.Len() {
				f.rejectQuotedInfo(base+lines.At(i).Start, base+lines.At(i).Stop)
			}
		}
		return ast.WalkContinue, nil
	})
}

// rejectQuotedInfo reports a line of prose that was meant as an instruction but has a back quote in its info string.
func (f *labFile) rejectQuotedInfo(from, to int) {
	line := f.text[from:to]
	rest := strings.TrimLeft(line, "`")
	if len(line)-len(rest) < 3 {
		return
	}
	if i := parseInfo(strings.TrimSpace(rest)); i.word != "" || i.complaint != "" {
		f.errorf(from, "Markdown allows no back quote after ```; fence the block with ~~~ instead")
	}
}

// addProse adds the Markdown between two offsets to the introduction or the current step.
func (f *labFile) addProse(from, to int) {
	markdown := strings.Trim(f.text[from:max(from, to)], "\n")
	if strings.TrimSpace(markdown) == "" {
		return
	}
	if step := f.step(); step != nil {
		step.Parts = append(step.Parts, Part{Markdown: markdown})
		return
	}
	if f.lab.Intro != "" {
		markdown = f.lab.Intro + "\n\n" + markdown
	}
	f.lab.Intro = markdown
}

// step returns the step being read, or nil in the introduction.
func (f *labFile) step() *stepFile {
	if len(f.steps) == 0 {
		return nil
	}
	return f.steps[len(f.steps)-1]
}

// beginStep reads a step's heading and returns the offset of what follows it.
func (f *labFile) beginStep(n *ast.Heading, at int) (prose int) {
	step := &stepFile{Step: &Step{Line: f.line(at)}, heading: at}
	title := ""
	if n.Lines().Len() > 0 {
		// goldmark's lines are relative to what it parsed; n.Pos() is the same place as at.
		base := at - n.Pos()
		title = f.text[base+n.Lines().At(0).Start : base+n.Lines().At(n.Lines().Len()-1).Stop]
	}
	prose = f.nextLine(at)
	if !strings.HasPrefix(f.text[at:], "#") {
		f.errorf(at, "the line of dashes makes a heading of the text above it; "+
			"leave a blank line before the dashes, or begin a step with ##")
		prose = f.nextLine(at + len(title))
	}
	step.Title = strings.TrimSpace(title)
	if step.Title == "" {
		f.errorf(at, "the step has no title")
	}
	f.readStepID(n, step)
	f.steps = append(f.steps, step)
	f.lab.Steps = append(f.lab.Steps, step.Step)
	f.cleanups = append(f.cleanups, nil)
	return prose
}

func (f *labFile) readStepID(n *ast.Heading, step *stepFile) {
	value, _ := n.AttributeString("id")
	id, _ := value.([]byte)
	switch step.ID = string(id); {
	case step.ID == "":
		f.errorf(step.heading, "the step has no id; write it behind the title: ## Title {#id}")
	case !validID.MatchString(step.ID):
		f.errorf(step.heading, "%q cannot be a step's id: use lower-case letters, digits and dashes", step.ID)
	}
	for _, other := range f.steps {
		if step.ID != "" && other.ID == step.ID {
			f.errorf(step.heading, "the id %q is already that of the step on line %d", step.ID, other.Line)
		}
	}
}
