package checks

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/parser"
)

// Mutant is a check that is wrong in one place. What proves a lab must tell it from the check, or nothing proves that
// the place matters.
type Mutant struct {
	// Name says what was changed: "negate: c.State.ExitCode == 0".
	// Where a clause stands there more than once, the second is called "… (2)".
	Name string
	*Check
}

// Mutants are copies of the check in whose Expect one clause is negated: each operand of &&, ||, ! and ? : that is
// none of these itself, also in the predicates of exists, all, filter and their kin and in the body of cel.bind. They
// come in the order of the text. A clause whose negation does not compile has none.
func (c *Check) Mutants() []Mutant {
	var out []Mutant
	times := map[string]int{}
	for _, text := range negations(c.Expect) {
		spec := c.Spec
		spec.Expect = text.mutated
		check := New(spec)
		if check.Compile() != nil {
			continue
		}
		name := "negate: " + text.clause
		if times[name]++; times[name] > 1 {
			name = fmt.Sprintf("%s (%d)", name, times[name])
		}
		out = append(out, Mutant{Name: name, Check: check})
	}
	return out
}

// negation is one clause and the whole expression in which it is negated.
type negation struct{ clause, mutated string }

// sourceEnv parses expressions without expanding macros: what comes out is what the author wrote, and can be written
// back as text.
var sourceEnv = sync.OnceValues(func() (*cel.Env, error) {
	return cel.NewCustomEnv(cel.OptionalTypes(), cel.ClearMacros())
})

// negations negates each clause of an expression in turn; none where it does not parse.
func negations(expression string) []negation {
	env, err := sourceEnv()
	if err != nil {
		return nil
	}
	parsed, issues := env.Parse(expression)
	if issues.Err() != nil {
		return nil
	}
	root, info := parsed.NativeRep().Expr(), parsed.NativeRep().SourceInfo()
	factory := ast.NewExprFactory()
	var out []negation
	for i := range clauses(root) {
		mutated := factory.CopyExpr(root)
		clause := clauses(mutated)[i]
		before, err := unparse(clause, info)
		if err != nil {
			continue
		}
		clause.SetKindCase(negated(factory, factory.CopyExpr(clause)))
		if after, err := unparse(mutated, info); err == nil {
			out = append(out, negation{before, after})
		}
	}
	return out
}

// unparse writes an expression in one line, however long.
func unparse(e ast.Expr, info *ast.SourceInfo) (string, error) {
	return parser.Unparse(e, info, parser.WrapOnColumn(math.MaxInt))
}

// opposites are the operators whose negation has an operator of its own. Those that order have none: nothing compares
// with NaN.
var opposites = map[string]string{operators.Equals: operators.NotEquals, operators.NotEquals: operators.Equals}

func negated(factory ast.ExprFactory, e ast.Expr) ast.Expr {
	if e.Kind() == ast.CallKind {
		call := e.AsCall()
		if opposite := opposites[call.FunctionName()]; opposite != "" {
			return factory.NewCall(e.ID(), opposite, call.Args()...)
		}
	}
	return factory.NewCall(e.ID(), operators.LogicalNot, e)
}

// clauses are the clauses of an expression of type bool, in the order of its text.
func clauses(e ast.Expr) []ast.Expr {
	if e.Kind() == ast.CallKind {
		call := e.AsCall()
		switch call.FunctionName() {
		case operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot, operators.Conditional:
			var out []ast.Expr
			for _, arg := range call.Args() {
				out = append(out, clauses(arg)...)
			}
			return out
		}
		if isBind(call) {
			args := call.Args()
			return append(predicates(args[1]), clauses(args[2])...)
		}
	}
	return append([]ast.Expr{e}, predicates(e)...)
}

// predicates are the clauses of the predicates inside an expression of any type.
func predicates(e ast.Expr) []ast.Expr {
	var out []ast.Expr
	switch e.Kind() {
	case ast.SelectKind:
		return predicates(e.AsSelect().Operand())
	case ast.ListKind:
		for _, element := range e.AsList().Elements() {
			out = append(out, predicates(element)...)
		}
	case ast.MapKind:
		for _, entry := range e.AsMap().Entries() {
			out = append(out, predicates(entry.AsMapEntry().Key())...)
			out = append(out, predicates(entry.AsMapEntry().Value())...)
		}
	case ast.CallKind:
		return callPredicates(e.AsCall())
	}
	return out
}

func callPredicates(call ast.CallExpr) []ast.Expr {
	var out []ast.Expr
	if call.IsMemberFunction() && !isBind(call) {
		out = predicates(call.Target())
	}
	predicate := predicateOf(call)
	for i, arg := range call.Args() {
		if i == predicate || call.FunctionName() == operators.Conditional && i == 0 || isLogic(call.FunctionName()) {
			out = append(out, clauses(arg)...)
			continue
		}
		out = append(out, predicates(arg)...)
	}
	return out
}

func isLogic(function string) bool {
	return slices.Contains([]string{operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot}, function)
}

// isBind reports whether a call is cel.bind(name, value, body).
func isBind(call ast.CallExpr) bool {
	return call.FunctionName() == "bind" && len(call.Args()) == 3 && call.IsMemberFunction() &&
		call.Target().Kind() == ast.IdentKind && call.Target().AsIdent() == "cel"
}

// predicateOf is the index of a macro's argument that is a predicate over its variables, -1 where the call is no macro
// or has none.
func predicateOf(call ast.CallExpr) int {
	n := len(call.Args())
	if !call.IsMemberFunction() || n < 2 || call.Args()[0].Kind() != ast.IdentKind {
		return -1
	}
	switch call.FunctionName() {
	case "exists", "all", "exists_one", "existsOne", "filter":
		return n - 1 // one variable or two
	case "map", "transformList", "transformMap", "transformMapEntry":
		// map(x, predicate, value) and transformList(k, v, predicate, value)
		if n == 3 && call.FunctionName() == "map" || n == 4 {
			return n - 2
		}
	}
	return -1
}

// String writes a mutant for a report.
func (m Mutant) String() string { return fmt.Sprintf("%s (%s)", m.Name, m.Title) }
