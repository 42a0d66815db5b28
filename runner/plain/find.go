package plain

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/kubelab/kubelab/internal/clean"
	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/labs/search"
)

const (
	// maxHits bounds what is read out of a search, nearHits of one for a word that the glossary lacks.
	maxHits  = 20
	nearHits = 5
	// hitColumns bounds the text around a hit, and with it that nobody listens to a paragraph for a word.
	hitColumns = 80
)

// search reads out where the words of the query stand in the course.
func (r *reader) search(_ context.Context, query string) {
	if query == "" {
		r.refuse(r.text.searchWhat)
		return
	}
	hits := r.find(query)
	if len(hits) == 0 {
		r.refusef(r.text.notFoundF, clean.Line(query))
		return
	}
	r.out.say("", fmt.Sprintf(r.text.foundF, clean.Line(query), len(hits)))
	if more := r.readHits(hits, maxHits); more > 0 {
		r.out.say("", fmt.Sprintf(r.text.moreHitsF, more))
	}
}

// find searches the course, which is read when somebody searches first.
func (r *reader) find(query string) []search.Hit {
	if r.index == nil {
		r.index = search.New(r.cfg.Course)
	}
	return r.index.Search(query)
}

// readHits reads so many hits out at most, and returns how many are left: what was found, how to get there, where that is
// and the text around it.
func (r *reader) readHits(hits []search.Hit, most int) int {
	shown := hits[:min(len(hits), most)]
	for _, h := range shown {
		way := r.wayTo(h.Place)
		if h.Term != nil {
			way = "word " + clean.Line(h.Term.Name)
		}
		r.out.say("- ", fmt.Sprintf(r.text.hitF, r.text.kinds[h.Kind], way, r.where(h.Place), around(h)))
	}
	return len(hits) - len(shown)
}

// around is a passage as far as it is near what was found.
func around(h search.Hit) string {
	text := h.Lead(hitColumns/3, "…")
	text += ansi.Truncate(string(h.Text[h.Spans[0].From:]), hitColumns-ansi.StringWidth(text), "…")
	if h.Kind == search.Prose || h.Kind == search.Meaning {
		return inline(text)
	}
	return text
}

// where names a lab, or a step of it.
func (r *reader) where(at search.Place) string {
	if at.Step < 0 {
		return fmt.Sprintf(r.text.inLabF, r.number(at.Lab), r.title(at.Lab))
	}
	return fmt.Sprintf(r.text.inStepF, r.number(at.Lab), r.title(at.Lab), at.Step+1)
}

// wayTo is what to type to get there.
func (r *reader) wayTo(at search.Place) string {
	if at.Step < 0 {
		return fmt.Sprintf("open %d", r.number(at.Lab))
	}
	return fmt.Sprintf("open %d/%d", r.number(at.Lab), at.Step+1)
}

// words reads out what a word means, or which words there are: in the step, or in the whole course.
func (r *reader) words(_ context.Context, word string) {
	course := r.cfg.Course
	switch term := course.Term(word); {
	case len(course.Glossary) == 0:
		r.refuse(r.text.noGlossary)
	case word == "":
		r.wordsHere()
	case term != nil:
		r.readTerm(term)
	case slices.Contains([]string{"all", "모두"}, strings.ToLower(word)):
		r.listTerms(fmt.Sprintf(r.text.allWordsF, len(course.Glossary)), course.Terms())
		r.out.say("", r.text.wordHow)
	default:
		r.refusef(r.text.noWordF, clean.Line(word))
		r.readNear(word)
	}
}

// wordsHere lists the words of the current step.
func (r *reader) wordsHere() {
	if !r.loaded {
		r.refuse(r.notInLab())
		r.out.say("", r.text.wordsHow)
		return
	}
	lab := r.view.Lab
	if here := r.cfg.Course.TermsIn(lab.Prose(lab.Steps[r.view.Step])); len(here) > 0 {
		r.listTerms(r.text.wordsHere, here)
	} else {
		r.out.say("", r.text.noWordsHere)
	}
	r.out.say("", r.text.wordsHow)
}

func (r *reader) listTerms(head string, terms []*labs.Term) {
	r.out.say("", head)
	for _, t := range terms {
		r.out.say("- ", nameOf(t))
	}
}

// nameOf is a term with its English name, where that is another.
func nameOf(t *labs.Term) string {
	name, english := clean.Line(t.Name), clean.Line(t.English)
	if strings.EqualFold(name, english) {
		return name
	}
	return name + " (" + english + ")"
}

// readTerm says what a term means, where it is taught and which others to look at.
func (r *reader) readTerm(t *labs.Term) {
	head := sentence(nameOf(t))
	if len(t.Also) > 0 {
		head += " " + sentence(fmt.Sprintf(r.text.alsoF, clean.Line(strings.Join(t.Also, ", "))))
	}
	r.out.say("", head)
	r.out.markdown(clean.Text(t.Means))
	at := search.PlaceOf(t)
	r.out.say("", fmt.Sprintf(r.text.taughtF, r.wayTo(at), r.where(at)))
	if len(t.See) > 0 {
		var names []string
		for _, see := range t.See {
			names = append(names, clean.Line(see.Name))
		}
		r.out.say("", fmt.Sprintf(r.text.seeAlsoF, strings.Join(names, ", ")))
	}
}

// readNear reads out what the search finds of a word that the glossary lacks.
func (r *reader) readNear(word string) {
	hits := r.find(word)
	if len(hits) == 0 {
		return
	}
	r.out.say("", r.text.nearHits)
	if more := r.readHits(hits, nearHits); more > 0 {
		r.out.say("", fmt.Sprintf(r.text.moreNearF, more, clean.Line(word)))
	}
}
