package tui

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/kubelab/kubelab/labs"
)

// index is the text of a course, ready to be searched. It is made once and never changed.
type index struct{ passages []passage }

// passage is a stretch of text that can be found, on one line.
type passage struct {
	kind foundIn
	// place is where it stands; step is -1 for the lab as a whole. term is set for the glossary.
	place place
	term  *labs.Term
	text  []rune
	// folded is text in the form in which it is compared, rune by rune.
	folded []rune
}

// foundIn says what a passage is, the most telling first.
type foundIn int

const (
	foundTerm foundIn = iota
	foundLab
	foundStep
	foundCommand
	foundProse
	foundMeaning
)

// hit is a passage that a query found, and where in it.
type hit struct {
	*passage
	spans []span
}

// span is a stretch of a passage's text, in runes.
type span struct{ from, to int }

// maxHits bounds what is shown: who sees a hundred lines types another letter.
const maxHits = 100

// newIndex reads a course. It takes some milliseconds and belongs into a command.
func newIndex(course *labs.Course) *index {
	x := &index{}
	for _, lab := range course.Labs {
		x.add(foundLab, place{lab.ID, -1}, lab.Title+" · "+lab.Section)
		x.prose(place{lab.ID, 0}, lab.Intro)
		for i, step := range lab.Steps {
			at := place{lab.ID, i}
			x.add(foundStep, at, step.Title)
			for _, part := range step.Parts {
				if part.Run == nil {
					x.prose(at, part.Markdown)
					continue
				}
				for line := range strings.SplitSeq(part.Run.Text, "\n") {
					x.add(foundCommand, at, line)
				}
			}
			for _, q := range step.Questions {
				x.prose(at, q.Ask)
			}
		}
	}
	for _, term := range course.Glossary {
		at := place{step: -1}
		x.add(foundTerm, at, strings.Join(append([]string{term.Name, term.English}, term.Also...), " · "))
		x.passages[len(x.passages)-1].term = term
		x.add(foundMeaning, at, term.Means)
		x.passages[len(x.passages)-1].term = term
	}
	return x
}

func (x *index) add(kind foundIn, at place, text string) {
	text = cleanLine(text)
	if text == "" {
		return
	}
	runes := []rune(text)
	folded := make([]rune, len(runes))
	for i, r := range runes {
		folded[i] = unicode.ToLower(r)
	}
	x.passages = append(x.passages, passage{kind: kind, place: at, text: runes, folded: folded})
}

var (
	// markup is what Markdown has beside the words: emphasis, code, headings, list signs, table rules.
	markup   = regexp.MustCompile("(?m)\\*\\*|`+(?:text)?|^#+ |^\\s*[-*>] |^\\|?(?:\\s*:?-{3,}:?\\s*\\|)+\\s*$|^\\||\\|$")
	blank    = regexp.MustCompile(`\n\s*\n`)
	hasWords = regexp.MustCompile(`\pL`)
)

// prose adds Markdown paragraph by paragraph.
func (x *index) prose(at place, markdown string) {
	for _, paragraph := range blank.Split(cleanText(markdown), -1) {
		text := markup.ReplaceAllString(paragraph, "")
		if hasWords.MatchString(text) {
			x.add(foundProse, at, strings.ReplaceAll(text, "|", "·"))
		}
	}
}

// search returns what has all words of the query, the most telling first. Of a step, one hit of each kind is enough.
func (x *index) search(query string) []hit {
	words := strings.Fields(norm.NFC.String(query)) // some terminals send syllables in pieces
	if len(words) == 0 {
		return nil
	}
	folded := make([][]rune, len(words))
	for i, w := range words {
		folded[i] = []rune(strings.ToLower(w))
	}
	type once struct {
		place
		kind foundIn
		term *labs.Term
	}
	seen := map[once]bool{}
	var out []hit
	for i := range x.passages {
		p := &x.passages[i]
		key := once{p.place, p.kind, p.term}
		if p.term != nil {
			key.kind = foundTerm
		}
		if seen[key] {
			continue
		}
		if spans := p.find(folded); spans != nil {
			seen[key] = true
			out = append(out, hit{p, spans})
		}
	}
	slices.SortStableFunc(out, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.rank(), b.rank()))
	})
	return out[:min(len(out), maxHits)]
}

// rank puts what begins with the query first, and among those what is said in the fewest words.
func (h hit) rank() int {
	if h.kind != foundTerm {
		return 0
	}
	if h.spans[0].from > 0 {
		return len(h.text) + 1000
	}
	return len(h.text)
}

// find returns where the words stand, in the order of the text, or nil where one is missing.
func (p *passage) find(words [][]rune) []span {
	var spans []span
	for _, w := range words {
		at, ok := wordIn(p.folded, w)
		if !ok {
			return nil
		}
		spans = append(spans, at)
	}
	slices.SortFunc(spans, func(a, b span) int { return a.from - b.from })
	return spans
}

// wordIn returns where a word stands in a text. Blanks between Korean syllables do not count: people put them differently.
func wordIn(text, word []rune) (span, bool) {
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
			return span{i, at}, true
		}
	}
	return span{}, false
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
