// Package search finds words in a course: in its labs, steps, commands and prose, and in its glossary. It knows Korean:
// the first consonants of syllables are enough, and it does not matter where blanks are put.
package search

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/text/unicode/norm"

	"github.com/kubelab/kubelab/internal/clean"
	"github.com/kubelab/kubelab/labs"
)

// Index is the text of a course, ready to be searched. It is made once and never changed.
type Index struct{ passages []passage }

// passage is a stretch of text that can be found, on one line.
type passage struct {
	kind  Kind
	place Place
	// term is set for the glossary.
	term *labs.Term
	text []rune
	// folded is text in the form in which it is compared, rune by rune.
	folded []rune
}

// Kind says what was found, the most telling first.
type Kind int

const (
	// Term is the names of a term of the glossary, Lab and Step are titles.
	Term Kind = iota
	Lab
	Step
	// Command is a line of a command that the learner is asked to type.
	Command
	// Prose is a paragraph, a table or a question.
	Prose
	// Meaning is what the glossary says of a term.
	Meaning
)

// Place is a step of a lab.
type Place struct {
	// Lab is the lab's ID.
	Lab string
	// Step is the index of the step, -1 for the lab as a whole.
	Step int
}

// PlaceOf is where a term is taught.
func PlaceOf(t *labs.Term) Place { return Place{t.Lab.ID, slices.Index(t.Lab.Steps, t.Step)} }

// Hit is a passage that a query found, and where in it.
type Hit struct {
	Kind Kind
	// Place is where the passage stands; of the glossary, where the term is taught.
	Place Place
	// Term is what a Term or a Meaning belongs to, nil elsewhere.
	Term *labs.Term
	// Text is the passage: one line, safe to show (see internal/clean) and without Markdown's signs. It must not be changed.
	Text []rune
	// Spans are where the words of the query stand, in the order of the text. They may overlap.
	Spans []Span
}

// Span is a stretch of a text, in runes.
type Span struct{ From, To int }

// New reads a course. It takes some milliseconds, too long for a screen that is being drawn.
func New(course *labs.Course) *Index {
	x := &Index{}
	for _, lab := range course.Labs {
		x.add(passage{kind: Lab, place: Place{lab.ID, -1}}, lab.Title+" · "+lab.Section)
		x.prose(Place{lab.ID, 0}, lab.Intro)
		for i, step := range lab.Steps {
			at := Place{lab.ID, i}
			x.add(passage{kind: Step, place: at}, step.Title)
			for _, part := range step.Parts {
				if part.Run == nil {
					x.prose(at, part.Markdown)
					continue
				}
				for line := range strings.SplitSeq(part.Run.Text, "\n") {
					x.add(passage{kind: Command, place: at}, line)
				}
			}
			for _, q := range step.Questions {
				x.prose(at, q.Ask)
			}
		}
	}
	for _, term := range course.Glossary {
		at := PlaceOf(term)
		x.add(passage{kind: Term, place: at, term: term}, strings.Join(append([]string{term.Name, term.English}, term.Also...), " · "))
		x.add(passage{kind: Meaning, place: at, term: term}, term.Means)
	}
	return x
}

// add takes a passage in with its text. Whatever is found later was made safe to show here.
func (x *Index) add(p passage, text string) {
	p.text = []rune(clean.Line(text))
	if len(p.text) == 0 {
		return
	}
	p.folded = make([]rune, len(p.text))
	for i, r := range p.text {
		p.folded[i] = unicode.ToLower(r)
	}
	x.passages = append(x.passages, p)
}

var (
	// markup is what Markdown has beside the words: emphasis, code, headings, list signs, table rules.
	markup   = regexp.MustCompile("(?m)\\*\\*|`+(?:text)?|^#+ |^\\s*[-*>] |^\\|?(?:\\s*:?-{3,}:?\\s*\\|)+\\s*$|^\\||\\|$")
	blank    = regexp.MustCompile(`\n\s*\n`)
	hasWords = regexp.MustCompile(`\pL`)
)

// prose adds Markdown paragraph by paragraph.
func (x *Index) prose(at Place, markdown string) {
	for _, paragraph := range blank.Split(clean.Text(markdown), -1) {
		text := markup.ReplaceAllString(paragraph, "")
		if hasWords.MatchString(text) {
			x.add(passage{kind: Prose, place: at}, strings.ReplaceAll(text, "|", "·"))
		}
	}
}

// Search returns what has all words of the query, the most telling first. Of a step, one hit of each kind is enough; of a
// term, one is.
func (x *Index) Search(query string) []Hit {
	words := strings.Fields(norm.NFC.String(query)) // some terminals send syllables in pieces
	if len(words) == 0 {
		return nil
	}
	folded := make([][]rune, len(words))
	for i, w := range words {
		folded[i] = []rune(strings.ToLower(w))
	}
	type once struct {
		place Place
		kind  Kind
		term  *labs.Term
	}
	seen := map[once]bool{}
	var out []Hit
	for i := range x.passages {
		p := &x.passages[i]
		key := once{p.place, p.kind, p.term}
		if p.term != nil {
			key.kind = Term
		}
		if seen[key] {
			continue
		}
		if spans := p.find(folded); spans != nil {
			seen[key] = true
			out = append(out, Hit{p.kind, p.place, p.term, p.text, spans})
		}
	}
	slices.SortStableFunc(out, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.rank(), b.rank()))
	})
	return out
}

// Lead is the text before what was found. Where it is wider than so many columns, its beginning is left out.
func (h Hit) Lead(columns int, ellipsis string) string {
	lead := string(h.Text[:h.Spans[0].From])
	return ansi.TruncateLeft(lead, max(0, ansi.StringWidth(lead)-columns), ellipsis)
}

// rank puts what begins with the query first, and among those what is said in the fewest words.
func (h Hit) rank() int {
	if h.Kind != Term {
		return 0
	}
	if h.Spans[0].From > 0 {
		return len(h.Text) + 1000
	}
	return len(h.Text)
}

// find returns where the words stand, in the order of the text, or nil where one is missing.
func (p *passage) find(words [][]rune) []Span {
	var spans []Span
	for _, w := range words {
		at, ok := wordIn(p.folded, w)
		if !ok {
			return nil
		}
		spans = append(spans, at)
	}
	slices.SortFunc(spans, func(a, b Span) int { return a.From - b.From })
	return spans
}

// wordIn returns where a word stands in a text. Blanks between Korean syllables do not count: people put them differently.
func wordIn(text, word []rune) (Span, bool) {
	for i := range text {
		n, at := 0, i
		for n < len(word) && at < len(text) {
			if n > 0 && text[at] == ' ' && unicode.Is(unicode.Hangul, word[n]) && unicode.Is(unicode.Hangul, text[at-1]) {
				at++
				continue
			}
			if !sameSyllable(word[n], text[at]) {
				break
			}
			n, at = n+1, at+1
		}
		if n == len(word) {
			return Span{i, at}, true
		}
	}
	return Span{}, false
}

// initials are the consonants with which Korean syllables begin, in the order of Unicode's syllables (The Unicode
// Standard, chapter 3.12).
var initials = []rune("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ")

const (
	firstSyllable, lastSyllable = '가', '힣'
	// perInitial is how many syllables begin with the same consonant: 21 vowels, each alone or with one of 27 finals.
	perInitial = 21 * 28
)

// sameSyllable reports whether a typed character stands for one of the text: itself, or a syllable that begins with it.
func sameSyllable(typed, r rune) bool {
	if typed == r {
		return true
	}
	if typed < 'ㄱ' || typed > 'ㅎ' || r < firstSyllable || r > lastSyllable {
		return false
	}
	return initials[(r-firstSyllable)/perInitial] == typed
}
