package labs

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/unicode/norm"
)

// Term is an entry of a course's glossary.
type Term struct {
	// Name is the course's word, English the field's.
	Name, English string
	// Also are other words for it that learners come across: "rc".
	Also []string
	// Means says what it is, in one or two sentences.
	Means string
	// Lab and Step are where it is taught.
	Lab  *Lab
	Step *Step
	// See are related terms.
	See []*Term
}

// names are all words by which a term goes in a text.
func (t *Term) names() []string {
	return slices.Compact(append([]string{t.Name, t.English}, t.Also...))
}

// Terms returns the glossary in alphabetical order.
func (c *Course) Terms() []*Term {
	all := slices.Clone(c.Glossary)
	slices.SortStableFunc(all, func(a, b *Term) int { return strings.Compare(fold(a.Name), fold(b.Name)) })
	return all
}

// Term returns the term that goes by a word, or nil. Neither case nor blanks count: people put those differently in
// Korean. Where that is more than one term, the one whose blanks are the same is meant.
func (c *Course) Term(word string) *Term {
	word = strings.Join(strings.Fields(fold(norm.NFC.String(word))), " ") // some terminals send syllables in pieces
	if word == "" {
		return nil
	}
	for _, as := range []func(string) string{fold, closed} {
		for _, t := range c.Glossary {
			if slices.ContainsFunc(t.names(), func(name string) bool { return as(name) == as(word) }) {
				return t
			}
		}
	}
	return nil
}

// closed is a folded word without its blanks.
func closed(word string) string { return strings.ReplaceAll(fold(word), " ", "") }

// termEntry is a term while it is read, with what can be looked up when all terms and labs are known.
type termEntry struct {
	*Term
	step mention
	see  []mention
}

// readGlossary reads glossary.yaml, where there is one. The labs must have been read.
func (c *courseFiles) readGlossary() {
	if _, err := fs.Stat(c.fsys, glossaryName); errors.Is(err, fs.ErrNotExist) {
		return
	}
	data, ok := read(c.fsys, glossaryName, &c.problems)
	if !ok {
		return
	}
	src, ok := newSource(glossaryName, data, &c.problems)
	if !ok {
		return
	}
	c.glossary = src
	d, n := parseYAML(src.cut(0, len(src.text)), "a list of terms")
	if n == nil {
		return
	}
	var entries []termEntry
	by := map[string]*Term{}
	d.list(n, "the glossary", func(_ int, n *yaml.Node) {
		e, ok := d.term(n)
		if !ok {
			return
		}
		for _, name := range e.names() {
			if other := by[fold(name)]; other != nil {
				d.errorf(n, "%q is a word for %q already", name, other.Name)
				return
			}
		}
		for _, name := range e.names() {
			by[fold(name)] = e.Term
		}
		entries = append(entries, e)
	})
	for _, e := range entries {
		c.place(src, e)
		for _, m := range e.see {
			switch other := by[fold(m.name)]; {
			case other == nil:
				src.errorf(m.offset, "the glossary has no term %q%s", m.name, suggestTerm(m.name, entries))
			case other == e.Term:
				src.errorf(m.offset, "%q is related to itself", m.name)
			default:
				e.See = append(e.See, other)
			}
		}
		c.course.Glossary = append(c.course.Glossary, e.Term)
		c.terms = append(c.terms, e.step.offset)
	}
}

// fold is the form of a word in which it is compared.
func fold(word string) string { return strings.ToLower(word) }

// suggestTerm names the term that was probably meant. A glossary is too long to be listed.
func suggestTerm(word string, entries []termEntry) string {
	var names []string
	for _, e := range entries {
		names = append(names, e.names()...)
	}
	if near := nearest(word, names); near != "" {
		return suggest(near, names)
	}
	return ""
}

// term reads one entry.
func (d *document) term(n *yaml.Node) (e termEntry, ok bool) {
	e.Term = &Term{}
	p, ok := places{"": n}, true
	good := d.mapping(n, "a term", map[string]func(*yaml.Node){
		"term":    d.field(p, "term", &e.Name, &ok),
		"english": d.field(p, "english", &e.English, &ok),
		"means":   d.field(p, "means", &e.Means, &ok),
		"also": func(n *yaml.Node) {
			ok = d.words(n, "also", func(w string, _ *yaml.Node) { e.Also = append(e.Also, w) }) && ok
		},
		"step": func(n *yaml.Node) {
			ok = d.str(n, "step", &e.step.name) && ok
			p["step"], e.step.offset = n, d.place(d.offset(n))
		},
		"see": func(n *yaml.Node) {
			ok = d.words(n, "see", func(w string, n *yaml.Node) {
				e.see = append(e.see, mention{w, d.place(d.offset(n))})
			}) && ok
		},
	})
	if !good || !ok {
		return e, false
	}
	e.Means = strings.TrimSpace(e.Means)
	for _, field := range []struct{ name, value string }{
		{"term", e.Name}, {"english", e.English}, {"means", e.Means}, {"step", e.step.name},
	} {
		if strings.TrimSpace(field.value) == "" {
			d.errorf(p.of(field.name), "a term has %s", field.name)
			return e, false
		}
	}
	return e, true
}

// words reads a list of words.
func (d *document) words(n *yaml.Node, what string, each func(word string, n *yaml.Node)) bool {
	ok := true
	return d.list(n, what, func(_ int, n *yaml.Node) {
		word := ""
		switch {
		case !d.str(n, "an entry of "+what, &word):
			ok = false
		case strings.TrimSpace(word) == "":
			d.errorf(n, "an entry of %s is empty", what)
			ok = false
		default:
			each(word, n)
		}
	}) && ok
}

// place finds the lab and the step that teach a term.
func (c *courseFiles) place(src *source, e termEntry) {
	lab, step, _ := strings.Cut(e.step.name, "/")
	var labs, steps []string
	for _, f := range c.labs {
		labs = append(labs, f.lab.ID)
		if f.lab.ID != lab {
			continue
		}
		e.Lab = f.lab
		for _, s := range f.lab.Steps {
			steps = append(steps, s.ID)
			if s.ID == step {
				e.Step = s
			}
		}
	}
	switch {
	case e.Lab == nil:
		src.errorf(e.step.offset, "there is no lab %q; the place of a term is lab/step%s", lab, suggest(lab, labs))
	case e.Step == nil:
		src.errorf(e.step.offset, "the lab %s has no step %q%s", lab, step, suggest(step, steps))
	}
}

// lintGlossary reports what learners should not read, and terms whose step does not teach them.
func (c *courseFiles) lintGlossary() {
	if c.glossary == nil {
		return
	}
	c.glossary.lintWords()
	c.glossary.lintStyle(glossaryProse(c.glossary.text))
	for i, t := range c.course.Glossary {
		if t.Step != nil && !slices.Contains(c.course.TermsIn(t.Lab.Prose(t.Step)), t) {
			c.glossary.warnf(c.terms[i], "the step %s/%s does not speak of %q", t.Lab.ID, t.Step.ID, t.Name)
		}
	}
}

// Prose is what a learner reads in a step of the lab beside its commands: the title and the Markdown, and before the
// first step the introduction.
func (l *Lab) Prose(step *Step) string {
	text := step.Title + "\n"
	if len(l.Steps) > 0 && l.Steps[0] == step {
		text += l.Intro + "\n"
	}
	for _, p := range step.Parts {
		text += p.Markdown + "\n"
	}
	return text
}

// glossaryProse is a glossary with everything masked that is not Korean for learners; offsets stay.
func glossaryProse(text string) string {
	out := []byte(text)
	key, at := "", 0
	for line := range strings.Lines(text) {
		from := at
		if m := yamlKey.FindStringSubmatchIndex(line); m != nil {
			key = line[m[2]:m[3]]
			from = at + m[1]
		}
		if key != "means" && key != "term" {
			from = at + len(line)
		}
		maskBytes(out, at, from)
		at += len(line)
	}
	for _, m := range codeSpan.FindAllIndex(out, -1) {
		maskBytes(out, m[0], m[1])
	}
	return string(out)
}

// maskBytes masks a stretch of text; lines stay.
func maskBytes(text []byte, from, to int) {
	for i := from; i < to; i++ {
		if text[i] != '\n' {
			text[i] = masked
		}
	}
}

// TermsIn returns the terms of the glossary that a text speaks of, in the order in which they first stand there. Korean
// words carry endings: a word begins with the term. Where several terms begin at the same place, the longest is meant.
// Case counts for names in capitals alone. English names are not looked for: too many are names of commands, too.
func (c *Course) TermsIn(text string) []*Term {
	type found struct {
		term    *Term
		at, end int
	}
	low := fold(text)
	var all []found
	for _, t := range c.Glossary {
		for _, name := range append([]string{t.Name}, t.Also...) {
			in, word := low, fold(name)
			if name == strings.ToUpper(name) {
				in, word = text, name // RUN is a word of a Dockerfile, `docker run` is not
			}
			for _, at := range wordsAt(in, word) {
				all = append(all, found{t, at, at + len(name)})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b found) int {
		if a.at != b.at {
			return a.at - b.at
		}
		return b.end - a.end
	})
	var out []*Term
	past := 0
	for _, f := range all {
		if f.at >= past {
			past = f.end
			if !slices.Contains(out, f.term) {
				out = append(out, f.term)
			}
		}
	}
	return out
}

// wordsAt returns where words of a text begin with a name. A Latin name is the whole of the word, or of what precedes a
// Korean ending; a Korean one is the beginning.
func wordsAt(text, name string) (places []int) {
	for at := 0; ; {
		i := strings.Index(text[at:], name)
		if i < 0 {
			return places
		}
		at += i
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[at+len(name):])
		last, _ := utf8.DecodeLastRuneInString(name)
		if !wordRune(before) && (unicode.Is(unicode.Hangul, last) || !latinRune(after)) {
			places = append(places, at)
		}
		at += len(name)
	}
}

func latinRune(r rune) bool {
	return r != utf8.RuneError && (r == '-' || r == '_' || unicode.IsDigit(r) || unicode.Is(unicode.Latin, r))
}

func wordRune(r rune) bool { return latinRune(r) || unicode.Is(unicode.Hangul, r) }
