package checks

import (
	"regexp"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"github.com/google/cel-go/interpreter"
)

// functions are what expressions can call beside CEL's own libraries. docs/AUTHORING.md lists them.
func functions(c *catalog) []cel.EnvOption {
	container, image, pod := c.object(Containers), c.object(Images), c.object("pods")
	objects := func(source string) *cel.Type { return cel.ListType(c.object(source)) }
	element := cel.TypeParamType("T")
	return []cel.EnvOption{
		// Objects are maps while expressions run. CEL's own guards would refuse them as arguments; a singleton has none.
		cel.Function("why", cel.Overload("why_pod", []*cel.Type{pod}, cel.StringType),
			cel.SingletonUnaryBinding(describe(podTrouble))),
		cel.Function("@ended",
			cel.Overload("ended_container", []*cel.Type{container, objects(DockerEvents)}, cel.StringType),
			cel.Overload("ended_int", []*cel.Type{cel.IntType, objects(DockerEvents)}, cel.StringType),
			cel.SingletonBinaryBinding(func(v, events ref.Val) ref.Val {
				if code, ok := v.(types.Int); ok {
					return types.String(exitWords(int64(code), ""))
				}
				return describeWith(func(o Object, sources [][]Object) string {
					return containerEnd(o, sources[0])
				})(v, events)
			})),
		cel.Function("@trouble",
			cel.Overload("trouble_pod", []*cel.Type{pod, objects("events"), objects(Logs)}, cel.StringType),
			cel.SingletonFunctionBinding(describeWith(func(o Object, sources [][]Object) string {
				return podStory(o, sources[0], sources[1])
			}))),
		cel.Function("@unanswered",
			cel.Overload("unanswered_service", []*cel.Type{c.object("services"), objects("pods"), objects(endpointSlices)}, cel.StringType),
			cel.SingletonFunctionBinding(describeWith(func(o Object, sources [][]Object) string {
				return serviceTrouble(o, sources[0], sources[1])
			}))),
		cel.Function("dash", cel.Overload("dash_string", []*cel.Type{cel.StringType}, cel.BoolType,
			cel.UnaryBinding(func(v ref.Val) ref.Val { return types.Bool(hasDash(string(v.(types.String)))) }))),
		cel.Function("undash", cel.Overload("undash_string", []*cel.Type{cel.StringType}, cel.StringType,
			cel.UnaryBinding(func(v ref.Val) ref.Val { return types.String(withoutDash(string(v.(types.String)))) }))),
		cel.Function("first", cel.Overload("first_list", []*cel.Type{cel.ListType(element)}, element,
			cel.UnaryBinding(func(v ref.Val) ref.Val { return elementAt(v, false) }))),
		cel.Function("last", cel.Overload("last_list", []*cel.Type{cel.ListType(element)}, element,
			cel.UnaryBinding(func(v ref.Val) ref.Val { return elementAt(v, true) }))),
		lookup("@container", container, func(o Object, name string) bool {
			return nameOf(Containers, o) == name || isID(Text(o, "Id"), name)
		}),
		lookup("@image", image, func(o Object, name string) bool {
			return parsePattern(name).admitsImage(o) || isID(Text(o, "Id"), name)
		}),
		lookup("@pod", pod, func(o Object, name string) bool { return nameOf("pods", o) == name }),
	}
}

// functionCosts charges for the functions that read long texts, at CEL's rate for strings.
func functionCosts() []interpreter.CostTrackerOption {
	perCharacter := func(args []ref.Val, result ref.Val) *uint64 {
		cost := uint64(1)
		for _, v := range append(args, result) {
			if s, ok := v.(types.String); ok {
				cost += uint64(len(s)) / 10
			}
		}
		return &cost
	}
	// The functions that look through other sources look at each of their objects once or twice.
	perObject := func(args []ref.Val, _ ref.Val) *uint64 {
		cost := uint64(1)
		for _, v := range args {
			if l, ok := v.(traits.Lister); ok {
				size, _ := l.Size().(types.Int)
				cost += uint64(size)
			}
		}
		return &cost
	}
	return []interpreter.CostTrackerOption{
		interpreter.OverloadCostTracker("ended_container", perObject),
		interpreter.OverloadCostTracker("trouble_pod", perObject),
		interpreter.OverloadCostTracker("unanswered_service", perObject),
		interpreter.OverloadCostTracker("dash_string", perCharacter),
		interpreter.OverloadCostTracker("undash_string", perCharacter),
		interpreter.OverloadCostTracker("string_format", perCharacter),
	}
}

// lookup declares a function that finds the object of a name in a list.
func lookup(function string, object *cel.Type, is func(o Object, name string) bool) cel.EnvOption {
	what := strings.TrimPrefix(function, "@")
	return cel.Function(function,
		cel.Overload(what+"_by_name", []*cel.Type{cel.ListType(object), cel.StringType}, object),
		cel.SingletonBinaryBinding(func(objects, name ref.Val) ref.Val {
			l, isList := objects.(traits.Lister)
			wanted, isText := name.(types.String)
			if !isList || !isText {
				return types.MaybeNoSuchOverloadErr(name)
			}
			for it := l.Iterator(); it.HasNext() == types.True; {
				v := it.Next()
				if o, ok := v.Value().(map[string]any); ok && is(o, string(wanted)) {
					return v
				}
			}
			return types.NewErr("there is no %s %q", what, string(wanted))
		}))
}

// isID reports whether name is an ID, whole or shortened to no less than docker prints.
func isID(id, name string) bool {
	name = strings.TrimPrefix(name, "sha256:")
	return len(name) >= 12 && strings.HasPrefix(strings.TrimPrefix(id, "sha256:"), name)
}

// describe makes a function of expressions of one that words an object.
func describe(words func(Object) string) func(ref.Val) ref.Val {
	return func(v ref.Val) ref.Val {
		o, ok := v.Value().(map[string]any)
		if !ok {
			return types.MaybeNoSuchOverloadErr(v)
		}
		return types.String(words(o))
	}
}

// describeWith makes a function of expressions of one that words an object by what other sources show.
func describeWith(words func(o Object, sources [][]Object) string) func(...ref.Val) ref.Val {
	return func(args ...ref.Val) ref.Val {
		sources := make([][]Object, len(args)-1)
		for i, v := range args[1:] {
			l, ok := v.(traits.Lister)
			if !ok {
				return types.MaybeNoSuchOverloadErr(v)
			}
			sources[i] = objectsOf(l)
		}
		return describe(func(o Object) string { return words(o, sources) })(args[0])
	}
}

// objectsOf are the objects in a list.
func objectsOf(l traits.Lister) []Object {
	if known, ok := l.(objectList); ok {
		return known.objects
	}
	size, _ := l.Size().(types.Int)
	out := make([]Object, 0, size)
	for i := range size {
		if o, ok := l.Get(i).Value().(map[string]any); ok {
			out = append(out, o)
		}
	}
	return out
}

// elementAt is the first or the last element of a list; an error where the list is empty.
func elementAt(v ref.Val, last bool) ref.Val {
	l, ok := v.(traits.Lister)
	if !ok {
		return types.MaybeNoSuchOverloadErr(v)
	}
	size, _ := l.Size().(types.Int)
	if size == 0 {
		return types.NewErr("the list is empty")
	}
	if last {
		return l.Get(size - 1)
	}
	return l.Get(types.IntZero)
}

// dashedFlag is a word that begins with a typographic dash where a flag was meant: note-taking programs and phones turn
// `--image` into —image. The dashes are U+2010 to U+2015, the minus sign and their wide forms; hyphens may be mixed in.
var dashedFlag = regexp.MustCompile(`(^|\s)-*[\x{2010}-\x{2015}\x{2212}\x{FE58}\x{FE63}\x{FF0D}][-\x{2010}-\x{2015}\x{2212}\x{FE58}\x{FE63}\x{FF0D}]*([A-Za-z][A-Za-z0-9-]*)`)

func hasDash(text string) bool { return dashedFlag.MatchString(text) }

// withoutDash is text with each such flag as it was meant.
func withoutDash(text string) string {
	return dashedFlag.ReplaceAllStringFunc(text, func(flag string) string {
		m := dashedFlag.FindStringSubmatch(flag)
		// -p and -it are written with one hyphen, --rm and all longer ones with two.
		if name := m[2]; len(name) == 1 || strings.Trim(name, "dit") == "" {
			return m[1] + "-" + name
		}
		return m[1] + "--" + m[2]
	})
}
