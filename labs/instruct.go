package labs

import (
	"errors"
	"strings"

	"github.com/kubelab/kubelab/checks"
	"go.yaml.in/yaml/v3"
)

// readInstruction adds what an instruction says to the lab or the current step.
func (f *labFile) readInstruction(b fence) {
	step := f.step()
	w := b.info.word
	switch {
	case step == nil && w != wordPrepare && w != wordCleanup && !ofThing(w):
		f.errorf(b.infoAt, "%q belongs to a step, and no step has begun here", languageOf(w)+" "+string(w))
		return
	case step != nil && (w == wordPrepare || ofThing(w)):
		f.errorf(b.infoAt, "`bash %s` belongs to the introduction, before the first step", w)
		return
	case strings.TrimSpace(b.content.text) == "":
		f.errorf(b.infoAt, "the block is empty")
		return
	}
	switch languageOf(w) {
	case "bash":
		f.readScript(b, step)
	case "yaml":
		f.readYAML(b, step)
	default:
		step.Hints = append(step.Hints, strings.Trim(b.content.text, "\n"))
	}
}

// readScript adds a script to its place.
func (f *labFile) readScript(b fence, step *stepFile) {
	f.scripts = append(f.scripts, scriptBlock{b.info.word, b.content})
	if !f.trusted {
		f.checkScript(b.content)
	}
	script := Script{Text: strings.TrimRight(b.content.text, "\n"), Line: f.line(b.content.place(0))}
	if b.info.word == wordUndo {
		if step.variant == nil {
			f.errorf(b.infoAt, "`bash undo` takes back the `also` or `wrong` block above it, and there is none")
			return
		}
		step.variant.Undo = append(step.variant.Undo, script)
		return
	}
	switch b.info.word {
	case wordPrepare:
		f.lab.Prepare = append(f.lab.Prepare, script)
	case wordHave, wordGive, wordTake:
		f.readThing(b, script)
	case wordLeave:
		f.lab.Leave = append(f.lab.Leave, script)
	case wordCleanup:
		last := len(f.cleanups) - 1
		f.cleanups[last] = append(f.cleanups[last], script)
	case wordRun:
		step.run = append(step.run, script)
		step.Parts = append(step.Parts, Part{Run: &script})
	case wordSolution:
		step.solution = append(step.solution, script)
	case wordAlso:
		step.also(script)
	case wordWrong:
		step.wrong(script, b.info.text)
	}
	if w := b.info.word; w != wordAlso && w != wordWrong && step != nil {
		step.variant = nil
	}
}

func (s *stepFile) also(script Script) {
	s.Also = append(s.Also, Variant{Script: script})
	s.variant = &s.Also[len(s.Also)-1]
}

func (s *stepFile) wrong(script Script, explanation string) {
	s.Wrong = append(s.Wrong, Variant{Script: script, Explanation: explanation})
	s.variant = &s.Wrong[len(s.Wrong)-1]
}

// checkScript reports what keeps a script from being taken apart into statements.
func (f *labFile) checkScript(script excerpt) {
	_, err := Statements(script.text)
	var syntax *SyntaxError
	if errors.As(err, &syntax) {
		f.errorf(script.place(syntax.Offset), "bash: %s", syntax.Message)
	}
}

// readYAML adds the checks, questions or settings of a block to the step.
func (f *labFile) readYAML(b fence, step *stepFile) {
	step.asks = step.asks || b.info.word != wordStep
	switch b.info.word {
	case wordStep:
		if step.settings {
			f.errorf(b.infoAt, "the step has a `yaml step` block already")
		}
		step.settings = true
		if d, n := parseYAML(b.content, "the step's settings"); n != nil {
			f.stepSettings(d, n, step.Step)
		}
	case wordCheck:
		f.readEntries(b, "a list of checks (`- watch: …`)", func(d *document, n *yaml.Node) { f.readCheck(d, n, step) })
	case wordAsk:
		f.readEntries(b, "a list of questions (`- ask: …`)", func(d *document, n *yaml.Node) { f.readQuestion(d, n, step) })
	}
}

func (f *labFile) readEntries(b fence, what string, each func(*document, *yaml.Node)) {
	d, n := parseYAML(b.content, what)
	if n == nil {
		return
	}
	if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		d.errorf(n, "expected %s, and the list is empty", what)
		return
	}
	d.list(n, "the block", func(_ int, entry *yaml.Node) { each(d, entry) })
}

func (f *labFile) readCheck(d *document, n *yaml.Node, step *stepFile) {
	spec, p, ok := d.checkSpec(n)
	if !ok {
		return
	}
	for _, other := range step.Checks {
		if other.Title == spec.Title && spec.Title != "" {
			d.errorf(p.of("title"), "a check of the step has this title already, on line %d; progress is kept under it", other.Line)
		}
	}
	check := &Check{Check: checks.New(spec), Covers: f.covered(d, p["covers"]), Line: f.line(d.place(d.offset(n)))}
	if !f.trusted && !d.compiles(check, p) {
		return
	}
	step.Checks = append(step.Checks, check)
}

func (f *labFile) readQuestion(d *document, n *yaml.Node, step *stepFile) {
	spec, p, ok := d.questionSpec(n)
	if !ok {
		return
	}
	for _, other := range step.Questions {
		if other.Ask == spec.Ask && spec.Ask != "" {
			d.errorf(p.of("ask"), "the step asks this already, on line %d; progress is kept under it", other.Line)
		}
	}
	question := &Question{Question: checks.NewQuestion(spec), Covers: f.covered(d, p["covers"]), Line: f.line(d.place(d.offset(n)))}
	if !f.trusted && !d.compiles(question, p) {
		return
	}
	step.Questions = append(step.Questions, question)
}

// compiles reports what does not compile, and whether all does.
func (d *document) compiles(c interface{ Compile() error }, p places) bool {
	err := c.Compile()
	if err != nil {
		d.reportFields(err, p)
	}
	return err == nil
}

// reportFields reports the mistakes that package checks found, each at its place in lab.md.
func (d *document) reportFields(err error, p places) {
	var mistakes checks.Errors
	if !errors.As(err, &mistakes) {
		d.errorf(p.of(""), "%v", err)
		return
	}
	for _, m := range mistakes {
		n := p[m.Field]
		if n == nil {
			// The field is missing or is a folder of fields: what surrounds it is the nearest place.
			d.errorf(p.of(m.Field), "%s: %s", m.Field, m.Message)
			continue
		}
		d.source.errorf(d.within(n, m.Line, m.Column), "%s: %s", m.Field, m.Message)
	}
}

// finishStep completes a step whose blocks have all been read.
func (f *labFile) finishStep(s *stepFile) {
	s.Solution = s.solution
	if len(s.Solution) == 0 {
		s.Solution = s.run
	}
}
