package checks

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/ext"
)

// The bounds of one evaluation of one expression, which hold even for a lab that means harm. Honest expressions stay a
// thousand times below both. Cost bounds memory, too; time is needed beside it because cel-go's bookkeeping of cost
// itself takes quadratic time in long loops (2 s for 100,000 units, measured).
const (
	// costLimit is in CEL's cost units. Kubernetes allows its admission policies a fifth of it for each call.
	costLimit = 5_000_000
	timeLimit = time.Second
	// checkFrequency is how many iterations of a loop may pass before the time is looked at.
	checkFrequency = 100
)

// The variables that authors cannot write stand for the sources that kube(), kubeAll(), container(), image() and pod()
// look at. The macros put them where the calls were, so that the sources can be read off the compiled expression.
const (
	prefixMine    = "@kube:"    // a resource in the learner's namespace, without what was there before
	prefixAll     = "@kubeAll:" // a resource in all namespaces, with what was there before
	prefixPresent = "@present:" // every object of a source that exists, of Kubernetes' in the learner's namespace
	// prefixGlance is all of a source as far as it can be seen: an expression does not wait for it.
	prefixGlance = "@glance:"
)

// sourceVariables are the variables that stand for whole sources.
var sourceVariables = map[string]string{
	"containers": Containers, "images": Images, "networks": Networks, "volumes": Volumes, "events": DockerEvents,
	"commands": Commands, "files": Files, "logs": Logs,
}

// commandVariables tell of the newest command that has ended.
var commandVariables = map[string]*cel.Type{
	"lastCommand": cel.StringType, "lastOutput": cel.StringType, "lastExit": cel.IntType,
}

// baseEnv is what every expression may use, whatever its check watches. It is built once: it is the same for all.
var baseEnv = sync.OnceValues(func() (*cel.Env, error) {
	options := []cel.EnvOption{
		cel.OptionalTypes(), cel.CrossTypeNumericComparisons(true), cel.EagerlyValidateDeclarations(true),
		ext.Strings(), ext.Lists(), ext.Sets(), ext.Math(), ext.Bindings(), ext.TwoVarComprehensions(),
		cel.ASTValidators(cel.ValidateRegexLiterals(), cel.ValidateDurationLiterals(), cel.ValidateTimestampLiterals()),
		cel.Macros(lookupMacros()...),
	}
	options = append(options, variables(sharedCatalog())...)
	options = append(options, functions(sharedCatalog())...)
	return cel.NewEnv(options...)
})

func variables(c *catalog) []cel.EnvOption {
	out := []cel.EnvOption{
		cel.Variable("now", cel.TimestampType),
		cel.Variable("stepStarted", cel.TimestampType),
		cel.Variable("env", cel.MapType(cel.StringType, cel.StringType)),
	}
	for name, source := range sourceVariables {
		out = append(out, cel.Variable(name, cel.ListType(c.object(source))))
	}
	for name, t := range commandVariables {
		out = append(out, cel.Variable(name, t))
	}
	for _, source := range []string{Containers, Images, "pods"} {
		out = append(out, cel.Variable(prefixPresent+source, cel.ListType(c.object(source))))
	}
	for _, source := range []string{DockerEvents, "events", Logs} {
		out = append(out, cel.Variable(prefixGlance+source, cel.ListType(c.object(source))))
	}
	for i := range kinds {
		source := kinds[i].source()
		out = append(out, cel.Variable(prefixMine+source, cel.ListType(c.object(source))),
			cel.Variable(prefixAll+source, cel.ListType(c.object(source))))
	}
	return out
}

// lookupMacros replace the functions that look at other sources.
func lookupMacros() []cel.Macro {
	return []cel.Macro{
		cel.GlobalMacro("kube", 1, kubeMacro(prefixMine)),
		cel.GlobalMacro("kubeAll", 1, kubeMacro(prefixAll)),
		cel.GlobalMacro("container", 1, presentMacro("@container", Containers)),
		cel.GlobalMacro("image", 1, presentMacro("@image", Images)),
		cel.GlobalMacro("pod", 1, presentMacro("@pod", "pods")),
		cel.GlobalMacro("ended", 1, aboutMacro("@ended", prefixGlance+DockerEvents)),
		cel.GlobalMacro("trouble", 1, aboutMacro("@trouble", prefixGlance+"events", prefixGlance+Logs)),
		cel.GlobalMacro("unanswered", 1, aboutMacro("@unanswered", prefixAll+"pods", prefixAll+endpointSlices)),
	}
}

func kubeMacro(prefix string) cel.MacroFactory {
	name := strings.TrimSuffix(strings.TrimPrefix(prefix, "@"), ":")
	return func(f cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
		arg := args[0]
		var resource types.String
		ok := arg.Kind() == ast.LiteralKind
		if ok {
			resource, ok = arg.AsLiteral().(types.String)
		}
		if !ok {
			return nil, f.NewError(arg.ID(), name+` takes the name of a resource as a literal, as in `+name+`("pods")`)
		}
		source, err := canonicalKind(string(resource))
		if err != nil {
			return nil, f.NewError(arg.ID(), err.Error())
		}
		return f.NewIdent(prefix + source), nil
	}
}

func presentMacro(function, source string) cel.MacroFactory {
	return func(f cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
		return f.NewCall(function, f.NewIdent(prefixPresent+source), args[0]), nil
	}
}

// aboutMacro makes a function of an object into one of the object and the sources that tell more of it.
func aboutMacro(function string, variables ...string) cel.MacroFactory {
	return func(f cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
		all := slices.Clone(args)
		for _, name := range variables {
			all = append(all, f.NewIdent(name))
		}
		return f.NewCall(function, all...), nil
	}
}

// provider adds the catalog's object types to those that CEL has, and keeps in mind which fields were asked for in vain.
type provider struct {
	types.Provider
	catalog *catalog
	missing map[string]string // field name to the type that has no such field
}

func (p *provider) FindStructType(name string) (*types.Type, bool) {
	if _, ok := p.catalog.structs[name]; ok {
		return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
	}
	return p.Provider.FindStructType(name)
}

func (p *provider) FindStructFieldNames(name string) ([]string, bool) {
	if _, ok := p.catalog.structs[name]; ok {
		return p.catalog.fieldNames(name), true
	}
	return p.Provider.FindStructFieldNames(name)
}

func (p *provider) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	fields, ok := p.catalog.structs[name]
	if !ok {
		return p.Provider.FindStructFieldType(name, field)
	}
	f, ok := fields[field]
	if !ok {
		p.missing[field] = name
	}
	return f, ok
}

// compiler compiles the expressions of one check or question and collects their mistakes.
type compiler struct {
	env      *cel.Env
	provider *provider
	subject  *Watch // what items are; nil where there are none
	errs     Errors
}

// newCompiler makes a compiler whose items are the objects of subject; nil where there are none.
func newCompiler(subject *Watch) (*compiler, error) {
	base, err := baseEnv()
	if err != nil {
		return nil, fmt.Errorf("set up expressions: %w", err)
	}
	c := &compiler{subject: subject}
	c.provider = &provider{Provider: base.CELTypeProvider(), catalog: sharedCatalog(), missing: map[string]string{}}
	options := []cel.EnvOption{cel.CustomTypeProvider(c.provider)}
	if subject != nil {
		items := cel.ListType(c.provider.catalog.object(subject.Source))
		options = append(options, cel.Variable("items", items), cel.Variable("removed", items))
	}
	if c.env, err = base.Extend(options...); err != nil {
		return nil, fmt.Errorf("set up expressions: %w", err)
	}
	return c, nil
}

// place is where in a field's text something stands. Line and column count from 0, the column in characters.
type place struct {
	field        string
	line, column int
}

func (c *compiler) fail(at place, format string, args ...any) {
	c.errs = append(c.errs, &Error{at.field, at.line + 1, at.column + 1, fmt.Sprintf(format, args...)})
}

// expression compiles text, which begins at a place; want is the type it must have, nil for any that can be shown as
// text. It returns nil after a mistake.
func (c *compiler) expression(text string, at place, want *cel.Type) *expression {
	if strings.TrimSpace(text) == "" {
		c.fail(at, "an expression is missing")
		return nil
	}
	parsed, issues := c.env.Parse(text)
	if issues.Err() != nil {
		c.issues(issues, at)
		return nil
	}
	names := freeNames(parsed.NativeRep().Expr())
	env, err := c.withCustomResources(names)
	if err != nil {
		c.fail(at, "%v", err)
		return nil
	}
	checked, issues := env.Compile(text)
	if issues.Err() != nil {
		c.issues(issues, at)
		return nil
	}
	if !acceptable(checked.OutputType(), want) {
		c.wrongResult(at, checked.OutputType(), want)
		return nil
	}
	return &expression{
		program: sync.OnceValues(func() (cel.Program, error) { return plan(env, checked) }),
		watches: c.watches(names, ""), needs: c.watches(names, prefixGlance), clock: names["now"],
	}
}

// plan makes a program of what the compiler has found to be right.
func plan(env *cel.Env, checked *cel.Ast) (cel.Program, error) {
	return env.Program(checked, cel.CostLimit(costLimit), cel.EvalOptions(cel.OptOptimize),
		cel.InterruptCheckFrequency(checkFrequency), cel.CostTrackerOptions(functionCosts()...))
}

// withCustomResources is the environment with the variables of the custom resources among names.
func (c *compiler) withCustomResources(names map[string]bool) (*cel.Env, error) {
	var options []cel.EnvOption
	for name := range names {
		for _, prefix := range []string{prefixMine, prefixAll} {
			if source, ok := strings.CutPrefix(name, prefix); ok && kindOf(source) == nil {
				options = append(options, cel.Variable(name, cel.ListType(cel.DynType)))
			}
		}
	}
	if len(options) == 0 {
		return c.env, nil
	}
	return c.env.Extend(options...)
}

// issues turns CEL's complaints about a text that begins at a place into errors.
func (c *compiler) issues(issues *cel.Issues, at place) {
	for _, e := range issues.Errors() {
		where := at
		if line := e.Location.Line() - 1; line > 0 {
			where.line, where.column = at.line+line, e.Location.Column()
		} else {
			where.column += max(0, e.Location.Column())
		}
		c.fail(where, "%s", c.message(e))
	}
}

// message words a complaint of CEL's for authors.
func (c *compiler) message(e *common.Error) string {
	text := strings.ReplaceAll(e.Message, " (in container '')", "")
	if field, ok := between(text, "undefined field '", "'"); ok {
		if t, ok := c.provider.missing[field]; ok {
			return fmt.Sprintf("%s has no field %q%s", t, field, suggest(field, c.provider.catalog.fieldNames(t)))
		}
	}
	if name, ok := between(text, "undeclared reference to '", "'"); ok {
		if c.subject == nil && (name == "items" || name == "removed") {
			return fmt.Sprintf("%q needs a `watch`", name)
		}
		return c.unknownName(name)
	}
	if rest, ok := strings.CutPrefix(text, "Syntax error: "); ok {
		// What the parser would have accepted instead is nearly always everything.
		rest, _, _ = strings.Cut(rest, " expecting {")
		return "syntax error: " + rest
	}
	if text == "invalid matches argument" {
		return "the regular expression is not valid"
	}
	return operatorNames.Replace(text)
}

// lookups are the functions that are macros, with an example of their use.
var lookups = map[string]string{
	"kube": `kube("pods")`, "kubeAll": `kubeAll("nodes")`, "container": `container("h1")`, "image": `image("kubia")`,
	"pod": `pod("kubia")`, "ended": `ended(container("h1"))`, "trouble": `trouble(first(items))`,
	"unanswered": `unanswered(first(items))`,
}

func (c *compiler) unknownName(name string) string {
	if example, ok := lookups[name]; ok {
		return fmt.Sprintf("%s is a function of one argument, as in %s", name, example)
	}
	if source, err := canonicalKind(name); err == nil && kindOf(source) != nil {
		return fmt.Sprintf("unknown name %q; write kube(%q)", name, name)
	}
	return fmt.Sprintf("unknown name %q%s", name, suggest(name, c.knownNames()))
}

// operatorNames writes operators as authors do.
var operatorNames = strings.NewReplacer("'_==_'", "'=='", "'_!=_'", "'!='", "'_<_'", "'<'", "'_<=_'", "'<='",
	"'_>_'", "'>'", "'_>=_'", "'>='", "'_&&_'", "'&&'", "'_||_'", "'||'", "'!_'", "'!'", "'_+_'", "'+'", "'_-_'", "'-'",
	"'-_'", "'-'", "'_*_'", "'*'", "'_/_'", "'/'", "'_%_'", "'%'", "'_?_:_'", "'? :'", "'_[_]'", "'[ ]'", "'@in'", "'in'")

func between(s, before, after string) (string, bool) {
	_, rest, ok := strings.Cut(s, before)
	if !ok {
		return "", false
	}
	inner, _, ok := strings.Cut(rest, after)
	return inner, ok
}

// knownNames are the variables and functions that authors can write.
func (c *compiler) knownNames() []string {
	var out []string
	for _, v := range c.env.Variables() {
		if name := v.Name(); !strings.HasPrefix(name, "@") {
			out = append(out, name)
		}
	}
	for name := range c.env.Functions() {
		if name[0] >= 'a' && name[0] <= 'z' {
			out = append(out, name)
		}
	}
	return slices.AppendSeq(out, maps.Keys(lookups))
}

// acceptable reports whether a result of type got can serve where want is wanted. Dyn is looked at when it is there.
func acceptable(got, want *cel.Type) bool {
	if got.IsExactType(cel.DynType) {
		return true
	}
	if want != nil {
		return want.IsAssignableType(got)
	}
	for got.Kind() == types.ListKind {
		got = got.Parameters()[0]
	}
	return got.Kind() != types.StructKind
}

func (c *compiler) wrongResult(at place, got, want *cel.Type) {
	if want == nil {
		c.fail(at, "the result is %s, which is no text; name one of its fields", cel.FormatCELType(got))
		return
	}
	c.fail(at, "the result must be %s and is %s", cel.FormatCELType(want), cel.FormatCELType(got))
}
