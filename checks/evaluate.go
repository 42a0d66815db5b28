package checks

import (
	"errors"
	"fmt"
	"strings"
)

// The bounds of what is shown, in characters: one line on a wide screen, and a screen.
const (
	lineLimit        = 200
	explanationLimit = 2000
)

const tooCostly = "이 검사는 계산이 너무 오래 걸려서 중단했습니다. 랩을 만든 사람에게 알려 주세요."

// notCompiledF is said where a check or a question does not compile.
const notCompiledF = "랩에 잘못 쓰인 곳이 있어 확인할 수 없습니다. 랩을 만든 사람에게 알려 주세요. %v"

// Evaluate looks at a snapshot. It is pure, may run in several goroutines at once, and never panics, whatever the
// objects look like.
func (c *Check) Evaluate(snap Snapshot, scope Scope) Result {
	result := Result{Expected: oneLine(orElse(c.Want, c.Title), lineLimit)}
	compiled, err := c.compiled()
	if err != nil {
		result.Explanation = clip(fmt.Sprintf(notCompiledF, err), explanationLimit)
		return result
	}
	needs := append([]Watch{compiled.selector.watch}, compiled.expect.needs...)
	if words := unready(snap, needs); words != "" {
		result.Pending = true
		result.Observed = "확인 중"
		result.Explanation = words
		return result
	}
	v := newView(snap, scope, compiled.selector, c.All)
	passed, err := compiled.expect.holds(v)
	// An error means false: the commonest is an object that is not there yet.
	result.Passed = passed && err == nil
	result.Observed = compiled.observed(v)
	switch {
	case errors.Is(err, errTooCostly):
		result.Explanation = tooCostly
	case !result.Passed:
		result.Explanation = clip(strings.TrimSpace(compiled.explanation(v)), explanationLimit)
	}
	return result
}

// observed is what was seen, in one line.
func (c *compiledCheck) observed(v *view) string {
	if c.see != nil && unready(v.snap, c.see.needs) == "" {
		if text, err := c.see.text(v); err == nil && strings.TrimSpace(text) != "" {
			return oneLine(text, lineLimit)
		}
	}
	return summary(c.selector.watch.Source, v.items, v.removed)
}

// explanation is what the first tell says that holds. One that looks at a source which cannot be seen at present is
// passed over: it knows nothing.
func (c *compiledCheck) explanation(v *view) string {
	for _, t := range c.tells {
		if t.when != nil {
			if unready(v.snap, t.when.needs) != "" {
				continue
			}
			holds, err := t.when.holds(v)
			if errors.Is(err, errTooCostly) {
				return tooCostly
			}
			if err != nil || !holds {
				continue
			}
		}
		return t.say.text(v)
	}
	return ""
}

// unready says which of the sources cannot be judged yet and why; nothing where all can.
func unready(snap Snapshot, watches []Watch) string {
	for _, w := range watches {
		state := snap.State(w.Key())
		name, arg := object(sourceName(w.Source)), ""
		if w.Arg != "" {
			arg = "(" + oneLine(w.Arg, 80) + ")"
		}
		switch {
		case state.Err != "":
			return fmt.Sprintf("지금은 %s 볼 수 없습니다%s: %s. 다시 보이면 이어서 확인합니다.", name, arg,
				strings.TrimRight(oneLine(state.Err, messageLimit), "."))
		case !state.Synced:
			return fmt.Sprintf("아직 %s 살펴보는 중입니다%s. 잠시 기다려 주세요.", name, arg)
		}
	}
	return ""
}
