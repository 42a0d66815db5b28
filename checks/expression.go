package checks

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/interpreter"
)

// expression is a compiled expression and what it looks at.
type expression struct {
	// program is planned when a value is first asked for: a program has tables of its own (20 KB), a course has a thousand
	// expressions, and a learner looks at those of one lab.
	program func() (cel.Program, error)
	watches []Watch
	// needs are those of watches without which there is no value.
	needs []Watch
	clock bool // its value changes with time alone
}

// errTooCostly is returned by an evaluation that reached costLimit or timeLimit.
var errTooCostly = errors.New("the expression costs too much to evaluate")

// value evaluates the expression. It never panics, whatever the objects look like.
func (e *expression) value(v *view) (ref.Val, error) {
	program, err := e.program()
	if err != nil {
		return nil, fmt.Errorf("plan the expression: %w", err)
	}
	// No caller's context comes in: nobody waits longer for an evaluation than its own limit.
	ctx, cancel := context.WithTimeout(context.Background(), timeLimit)
	defer cancel()
	out, _, err := program.ContextEval(ctx, v)
	var cancelled interpreter.EvalCancelledError
	if errors.As(err, &cancelled) && cancelled.Cause == interpreter.CostLimitExceeded || errors.Is(err, context.DeadlineExceeded) {
		return nil, errTooCostly
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// holds evaluates an expression of type bool.
func (e *expression) holds(v *view) (bool, error) {
	out, err := e.value(v)
	if err != nil {
		return false, err
	}
	b, ok := out.(types.Bool)
	if !ok {
		return false, fmt.Errorf("the result is %v where true or false belongs", out.Type())
	}
	return bool(b), nil
}

// text evaluates the expression and writes its value as text.
func (e *expression) text(v *view) (string, error) {
	out, err := e.value(v)
	if err != nil {
		return "", err
	}
	return textOf(out), nil
}

// watches are the sources that the names of an expression refer to, without the variables that have the prefix except,
// where it is not empty.
func (c *compiler) watches(names map[string]bool, except string) []Watch {
	var out []Watch
	for name := range names {
		switch {
		case except != "" && strings.HasPrefix(name, except):
		case name == "items", name == "removed":
			if c.subject != nil {
				out = append(out, *c.subject)
			}
		case sourceVariables[name] != "":
			out = append(out, Watch{Source: sourceVariables[name]})
		case commandVariables[name] != nil:
			out = append(out, Watch{Source: Commands})
		default:
			for _, prefix := range []string{prefixMine, prefixAll, prefixPresent, prefixGlance} {
				if source, ok := strings.CutPrefix(name, prefix); ok {
					out = append(out, Watch{Source: source})
				}
			}
		}
	}
	return sortWatches(out)
}

// freeNames are the identifiers of an expression that no comprehension in it declares.
func freeNames(e ast.Expr) map[string]bool {
	names := map[string]bool{}
	collectNames(e, map[string]int{}, names)
	return names
}

func collectNames(e ast.Expr, bound map[string]int, names map[string]bool) {
	switch e.Kind() {
	case ast.IdentKind:
		if name := e.AsIdent(); bound[name] == 0 {
			names[name] = true
		}
	case ast.SelectKind:
		collectNames(e.AsSelect().Operand(), bound, names)
	case ast.CallKind:
		call := e.AsCall()
		if call.IsMemberFunction() {
			collectNames(call.Target(), bound, names)
		}
		for _, arg := range call.Args() {
			collectNames(arg, bound, names)
		}
	case ast.ListKind:
		for _, element := range e.AsList().Elements() {
			collectNames(element, bound, names)
		}
	case ast.MapKind:
		for _, entry := range e.AsMap().Entries() {
			collectNames(entry.AsMapEntry().Key(), bound, names)
			collectNames(entry.AsMapEntry().Value(), bound, names)
		}
	case ast.StructKind:
		for _, f := range e.AsStruct().Fields() {
			collectNames(f.AsStructField().Value(), bound, names)
		}
	case ast.ComprehensionKind:
		collectComprehension(e.AsComprehension(), bound, names)
	}
}

// collectComprehension follows CEL's scopes: the range and the accumulator's first value do not see what the
// comprehension declares, the result sees the accumulator alone.
func collectComprehension(c ast.ComprehensionExpr, bound map[string]int, names map[string]bool) {
	collectNames(c.IterRange(), bound, names)
	collectNames(c.AccuInit(), bound, names)
	bound[c.AccuVar()]++
	collectNames(c.Result(), bound, names)
	bound[c.IterVar()]++
	bound[c.IterVar2()]++
	collectNames(c.LoopCondition(), bound, names)
	collectNames(c.LoopStep(), bound, names)
	bound[c.AccuVar()]--
	bound[c.IterVar()]--
	bound[c.IterVar2()]--
}
