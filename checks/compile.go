package checks

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/google/cel-go/cel"
)

// Check is a Spec that can be evaluated, from several goroutines at once.
type Check struct {
	Spec
	compiled func() (*compiledCheck, error)
}

// compiledCheck is what becomes of a Spec. It holds no state.
type compiledCheck struct {
	selector *selector
	expect   *expression
	see      *expression // nil where the spec has none
	tells    []tell
	watches  []Watch
}

// tell is a compiled Tell.
type tell struct {
	when *expression // nil: always
	say  *template
}

// New returns the check of a spec. It is compiled when it is first used: a course has hundreds of checks, a millisecond
// each, and a learner meets those of one lab. A check that does not compile never passes, and says why.
func New(spec Spec) *Check {
	return &Check{spec, sync.OnceValues(func() (*compiledCheck, error) { return compile(spec) })}
}

// Compile compiles the check if it is not yet. The error is of type Errors and holds every mistake.
func (c *Check) Compile() error {
	_, err := c.compiled()
	return err
}

// compile checks and compiles a spec.
func compile(spec Spec) (*compiledCheck, error) {
	check := &compiledCheck{}
	selector, errs := compileSource(spec.Watch, spec.Select)
	check.selector = selector
	c, err := newCompiler(&selector.watch)
	if err != nil {
		return nil, Errors{{Field: "expect", Line: 1, Column: 1, Message: err.Error()}}
	}
	c.errs = errs
	if strings.TrimSpace(spec.Title) == "" {
		c.fail(place{field: "title"}, "a title is missing: the line that says what will be true")
	}
	check.expect = c.expression(spec.Expect, place{field: "expect"}, cel.BoolType)
	if spec.See != "" {
		check.see = c.expression(spec.See, place{field: "see"}, nil)
	}
	check.tells = c.tells(spec.Tell)
	if len(c.errs) > 0 {
		return nil, c.errs
	}
	check.watches = append(check.watches, selector.watch)
	check.watches = append(check.watches, check.expect.watches...)
	if check.see != nil {
		check.watches = append(check.watches, check.see.watches...)
	}
	for _, t := range check.tells {
		if t.when != nil {
			check.watches = append(check.watches, t.when.watches...)
		}
		check.watches = append(check.watches, t.say.watches()...)
	}
	check.watches = sortWatches(check.watches)
	return check, nil
}

// compileSource resolves a watch and its select. A watch that is no source has items of any type, so that one mistake
// does not bring forth others.
func compileSource(watch string, selects map[string]string) (*selector, Errors) {
	var errs Errors
	fail := func(field, format string, args ...any) {
		errs = append(errs, &Error{field, 1, 1, fmt.Sprintf(format, args...)})
	}
	if strings.TrimSpace(watch) == "" {
		fail("watch", "a watch is missing: the source to look at, as containers or pods")
		return &selector{}, errs
	}
	source, err := Canonical(watch)
	if err != nil {
		fail("watch", "%v", err)
		return &selector{}, errs
	}
	s := newSelector(source, selects, func(key, format string, args ...any) { fail("select."+key, format, args...) })
	return s, errs
}

// tells compiles the explanations of a check.
func (c *compiler) tells(specs []Tell) []tell {
	if len(specs) == 0 {
		c.fail(place{field: "tell"}, "a tell is missing: what to say when the check fails")
		return nil
	}
	out := make([]tell, len(specs))
	for i, spec := range specs {
		when, say := fmt.Sprintf("tell[%d].when", i), fmt.Sprintf("tell[%d].say", i)
		last := i == len(specs)-1
		switch {
		case spec.When != "":
			out[i].when = c.expression(spec.When, place{field: when}, cel.BoolType)
			if last {
				c.fail(place{field: when}, "the last tell must have no `when`, so that there is always something to say")
			}
		case !last:
			c.fail(place{field: when}, "a `when` is missing: what stands below would never be told")
		}
		if strings.TrimSpace(spec.Say) == "" {
			c.fail(place{field: say}, "there is nothing to say")
		}
		out[i].say = c.template(spec.Say, say)
	}
	return out
}

// Watches are the sources that the check looks at: its own and every one that its expressions refer to, each once,
// ordered by key. A check that does not compile has none.
func (c *Check) Watches() []Watch {
	compiled, err := c.compiled()
	if err != nil {
		return nil
	}
	return slices.Clone(compiled.watches)
}

// Clock reports whether the result can change with time alone, because an expression looks at now.
func (c *Check) Clock() bool {
	compiled, err := c.compiled()
	if err != nil {
		return false
	}
	if compiled.expect.clock || compiled.see != nil && compiled.see.clock {
		return true
	}
	for _, t := range compiled.tells {
		if t.when != nil && t.when.clock || t.say.clock() {
			return true
		}
	}
	return false
}
