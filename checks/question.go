package checks

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
)

// Question is a QuestionSpec that can be evaluated, from several goroutines at once.
type Question struct {
	QuestionSpec
	compiled func() (*compiledQuestion, error)
}

// compiledQuestion is what becomes of a QuestionSpec. It holds no state.
type compiledQuestion struct {
	selector *selector // nil where the question has no watch
	answer   *expression
	watches  []Watch
	needs    []Watch // those of watches without which there is no answer
}

// Answer is what is said about a given answer.
type Answer struct {
	// Right is true for a right answer. Known is false where the right answer cannot be computed yet; Right is then
	// false, too.
	Right, Known bool
	// Feedback is in the language of the lab, never empty.
	Feedback string
}

// NewQuestion returns the question of a spec. It is compiled when it is first used; one that does not compile has no
// answer.
func NewQuestion(spec QuestionSpec) *Question {
	return &Question{spec, sync.OnceValues(func() (*compiledQuestion, error) { return compileQuestion(spec) })}
}

// Compile compiles the question if it is not yet. The error is of type Errors and holds every mistake.
func (q *Question) Compile() error {
	_, err := q.compiled()
	return err
}

func compileQuestion(spec QuestionSpec) (*compiledQuestion, error) {
	q := &compiledQuestion{}
	var subject *Watch
	var errs Errors
	switch {
	case spec.Watch != "":
		q.selector, errs = compileSource(spec.Watch, spec.Select)
		subject = &q.selector.watch
	case len(spec.Select) > 0:
		errs = append(errs, &Error{"select", 1, 1, "a select needs a `watch`"})
	}
	c, err := newCompiler(subject)
	if err != nil {
		return nil, Errors{{Field: "answer", Line: 1, Column: 1, Message: err.Error()}}
	}
	c.errs = errs
	if strings.TrimSpace(spec.Ask) == "" {
		c.fail(place{field: "ask"}, "the question is missing")
	}
	q.answer = c.expression(spec.Answer, place{field: "answer"}, nil)
	if len(c.errs) > 0 {
		return nil, c.errs
	}
	q.watches = append(q.watches, q.answer.watches...)
	q.needs = append(q.needs, q.answer.needs...)
	if q.selector != nil {
		q.watches = append(q.watches, q.selector.watch)
		q.needs = append(q.needs, q.selector.watch)
	}
	q.watches, q.needs = sortWatches(q.watches), sortWatches(q.needs)
	return q, nil
}

// Watches are the sources that the answer is computed from, each once, ordered by key. A question that does not compile
// has none.
func (q *Question) Watches() []Watch {
	compiled, err := q.compiled()
	if err != nil {
		return nil
	}
	return slices.Clone(compiled.watches)
}

// spokenError is why there is no answer, in words for the learner.
type spokenError string

func (e spokenError) Error() string { return string(e) }

// Answers are the right answers as text, at least one. It is an error where none can be computed from the snapshot.
func (q *Question) Answers(snap Snapshot, scope Scope) ([]string, error) {
	compiled, err := q.compiled()
	if err != nil {
		return nil, spokenError(fmt.Sprintf(notCompiledF, err))
	}
	if words := unready(snap, compiled.needs); words != "" {
		return nil, spokenError(words)
	}
	value, err := compiled.answer.value(newView(snap, scope, compiled.selector, q.All))
	if err != nil {
		return nil, fmt.Errorf("compute answer: %w", err)
	}
	var out []string
	for _, text := range answerTexts(value) {
		if normalize(text) != "" {
			out = append(out, text)
		}
	}
	if len(out) == 0 {
		return nil, errors.New("compute answer: the value is empty")
	}
	return out, nil
}

// answerTexts is the text of a value, of each of its elements where it is a list.
func answerTexts(v ref.Val) []string {
	if o, ok := v.(*types.Optional); ok && o.HasValue() {
		v = o.GetValue()
	}
	if l, ok := v.(traits.Lister); ok {
		return textsOf(l)
	}
	return []string{textOf(v)}
}

// Evaluate judges a given answer.
func (q *Question) Evaluate(given string, snap Snapshot, scope Scope) Answer {
	if normalize(given) == "" {
		return Answer{Known: true, Feedback: "답을 입력하세요."}
	}
	answers, err := q.Answers(snap, scope)
	if err != nil {
		feedback := "아직 답을 확인할 수 없습니다. 위의 명령을 먼저 실행한 뒤 다시 답하세요."
		if spoken, ok := errors.AsType[spokenError](err); ok {
			feedback = clip(string(spoken), explanationLimit)
		}
		return Answer{Feedback: feedback}
	}
	for _, right := range answers {
		if same(given, right) {
			return Answer{Right: true, Known: true, Feedback: "맞습니다."}
		}
	}
	return Answer{Known: true, Feedback: q.wrongFeedback(given)}
}

// wrongFeedback is what the author says about a wrong answer, or the hint.
func (q *Question) wrongFeedback(given string) string {
	for wrong, feedback := range q.Wrong {
		if same(given, wrong) {
			return feedback
		}
	}
	words := fmt.Sprintf("입력한 답 %q: 맞지 않습니다.", oneLine(given, 60))
	if hint := strings.TrimSpace(q.Hint); hint != "" {
		return words + " " + hint
	}
	return words + " 위의 명령을 다시 실행해서 값을 살펴보세요."
}

// same compares two answers without case and without what surrounds them.
func same(a, b string) bool { return strings.EqualFold(normalize(a), normalize(b)) }

// normalize drops surrounding spaces, quotes and back quotes.
func normalize(answer string) string {
	return strings.Trim(answer, " \t\r\n\u00a0\u3000\"'`“”‘’")
}
