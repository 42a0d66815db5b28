package checks

import (
	"encoding"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/moby/moby/api/types/events"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/api/types/volume"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes/scheme"
)

// Expressions are typed against the Go types of the APIs, by their JSON names, and evaluated on decoded JSON. A catalog
// joins the two: for each struct type its fields, and for each field its CEL type, its zero value, and how the JSON
// becomes a value of that type.

// valueType is what CEL makes of a Go type.
type valueType struct {
	cel  *types.Type
	zero any
	// read makes a value of the type from decoded JSON, which may be anything; nil is never handed in.
	read func(json any) (any, error)
	// plain is true where read only looks, so that a list of such values needs no copy.
	plain bool
}

// catalog holds the object types by name. It is complete when newCatalog returns, and never changes.
type catalog struct {
	structs map[string]map[string]*types.FieldType
	// objects is the type of each source's objects, by Watch.Source.
	objects map[string]*types.Type
}

// sharedCatalog is built once: it is the same for every check.
var sharedCatalog = sync.OnceValue(newCatalog)

func newCatalog() *catalog {
	c := &catalog{structs: map[string]map[string]*types.FieldType{}, objects: map[string]*types.Type{}}
	for source, value := range map[string]any{
		Containers: Container{}, Images: Image{}, Networks: network.Inspect{}, Volumes: volume.Volume{},
		DockerEvents: events.Message{}, HTTP: HTTPAnswer{}, Registry: RegistryTag{}, Files: File{}, Commands: Command{}, Logs: Log{},
	} {
		c.objects[source] = c.of(reflect.TypeOf(value)).cel
	}
	for i := range kinds {
		k := &kinds[i]
		o, err := scheme.Scheme.New(schema.GroupVersionKind{Group: k.group, Version: k.version, Kind: k.name})
		if err == nil {
			c.objects[k.source()] = c.of(reflect.TypeOf(o)).cel
		}
	}
	return c
}

// object is the type of a source's objects: dyn for custom resources.
func (c *catalog) object(source string) *types.Type {
	if t, ok := c.objects[source]; ok {
		return t
	}
	return types.DynType
}

// fieldNames are the fields of an object type, sorted.
func (c *catalog) fieldNames(structType string) []string {
	return slices.Sorted(maps.Keys(c.structs[structType]))
}

var (
	dynType       = &valueType{types.DynType, types.NullValue, keep, true}
	stringType    = &valueType{types.StringType, "", as[string]("text"), true}
	boolType      = &valueType{types.BoolType, false, as[bool]("true or false"), true}
	intType       = &valueType{types.IntType, int64(0), readInt, false}
	doubleType    = &valueType{types.DoubleType, float64(0), readDouble, false}
	timeType      = &valueType{types.TimestampType, types.Timestamp{}, readTime, false}
	durationType  = &valueType{types.DurationType, types.Duration{}, readDuration, false}
	quantityType  = &valueType{types.StringType, "", readQuantity, false}
	intOrTextType = &valueType{types.DynType, int64(0), keep, true}
)

// special are the types whose JSON is not what their Go type looks like.
var special = map[reflect.Type]*valueType{
	reflect.TypeFor[time.Time]():            timeType,
	reflect.TypeFor[metav1.Time]():          timeType,
	reflect.TypeFor[metav1.MicroTime]():     timeType,
	reflect.TypeFor[metav1.Duration]():      durationType,
	reflect.TypeFor[intstr.IntOrString]():   intOrTextType,
	reflect.TypeFor[resource.Quantity]():    quantityType,
	reflect.TypeFor[[]byte]():               stringType, // base64
	reflect.TypeFor[runtime.RawExtension](): dynType,
	reflect.TypeFor[metav1.FieldsV1]():      dynType,
}

// of is the CEL type of a Go type. It adds the struct types that it comes across to the catalog.
func (c *catalog) of(t reflect.Type) *valueType {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if v, ok := special[t]; ok {
		return v
	}
	switch {
	case implements[json.Marshaler](t):
		return dynType
	case implements[encoding.TextMarshaler](t):
		return stringType
	}
	switch t.Kind() {
	case reflect.String:
		return stringType
	case reflect.Bool:
		return boolType
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return intType
	case reflect.Float32, reflect.Float64:
		return doubleType
	case reflect.Slice, reflect.Array:
		return listOf(c.of(t.Elem()))
	case reflect.Map:
		return mapOf(c.of(t.Elem()))
	case reflect.Struct:
		return c.structOf(t)
	}
	return dynType
}

func implements[I any](t reflect.Type) bool {
	i := reflect.TypeFor[I]()
	return t.Implements(i) || reflect.PointerTo(t).Implements(i)
}

// structOf is the object type of a struct.
func (c *catalog) structOf(t reflect.Type) *valueType {
	name := typeName(t)
	object := &valueType{types.NewObjectType(name), map[string]any(nil), as[map[string]any]("an object"), true}
	if _, known := c.structs[name]; known {
		return object
	}
	fields := map[string]*types.FieldType{}
	c.structs[name] = fields // before its fields, which may refer to it
	c.addFields(fields, t)
	return object
}

// addFields adds a struct's fields under their JSON names. As in encoding/json, a field hides those of the same name
// that are embedded deeper.
func (c *catalog) addFields(fields map[string]*types.FieldType, t reflect.Type) {
	var embedded []reflect.Type
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" && options == "" {
			continue
		}
		ft := f.Type
		if ft.Kind() == reflect.Pointer {
			ft = ft.Elem()
		}
		if f.Anonymous && name == "" && ft.Kind() == reflect.Struct {
			embedded = append(embedded, ft)
			continue
		}
		if !f.IsExported() {
			continue
		}
		if name == "" {
			name = f.Name
		}
		if _, hidden := fields[name]; hidden {
			continue
		}
		v := c.of(f.Type)
		if strings.Contains(","+options+",", ",string,") {
			v = stringType
		}
		fields[name] = fieldType(name, v)
	}
	for _, e := range embedded {
		c.addFields(fields, e)
	}
}

// fieldType is how CEL gets at a field of a decoded JSON object. What is not there has its zero value.
func fieldType(name string, v *valueType) *types.FieldType {
	return &types.FieldType{
		Type: v.cel,
		IsSet: func(target any) bool {
			o, _ := target.(map[string]any)
			return o[name] != nil
		},
		GetFrom: func(target any) (any, error) {
			o, ok := target.(map[string]any)
			if !ok && !isNull(target) {
				return nil, fmt.Errorf("%s: %s is no object", name, jsonKind(target))
			}
			value := o[name]
			if value == nil {
				return v.zero, nil
			}
			out, err := v.read(value)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			return out, nil
		},
	}
}

func isNull(v any) bool { return v == nil || v == types.NullValue.Value() }

// typeName names a struct type for error messages: "core.v1.Pod", "container.State".
func typeName(t reflect.Type) string {
	if t.Name() == "" {
		return t.String()
	}
	path := t.PkgPath()
	for _, prefix := range []string{
		"k8s.io/api/", "k8s.io/apimachinery/pkg/apis/", "github.com/moby/moby/api/types/", "github.com/kubelab/kubelab/",
	} {
		path = strings.TrimPrefix(path, prefix)
	}
	return strings.ReplaceAll(path, "/", ".") + "." + t.Name()
}

func listOf(elem *valueType) *valueType {
	read := as[[]any]("a list")
	if !elem.plain {
		read = func(v any) (any, error) {
			l, ok := v.([]any)
			if !ok {
				return nil, wrongKind(v, "a list")
			}
			out := make([]any, len(l))
			for i, e := range l {
				var err error
				if out[i], err = elem.readOrZero(e); err != nil {
					return nil, err
				}
			}
			return out, nil
		}
	}
	return &valueType{types.NewListType(elem.cel), []any{}, read, elem.plain}
}

func mapOf(elem *valueType) *valueType {
	read := as[map[string]any]("an object")
	if !elem.plain {
		read = func(v any) (any, error) {
			m, ok := v.(map[string]any)
			if !ok {
				return nil, wrongKind(v, "an object")
			}
			out := make(map[string]any, len(m))
			for k, e := range m {
				var err error
				if out[k], err = elem.readOrZero(e); err != nil {
					return nil, err
				}
			}
			return out, nil
		}
	}
	// JSON has no keys but strings, whatever the Go type's keys are.
	return &valueType{types.NewMapType(types.StringType, elem.cel), map[string]any(nil), read, elem.plain}
}

func (v *valueType) readOrZero(json any) (any, error) {
	if json == nil {
		return v.zero, nil
	}
	return v.read(json)
}

func keep(v any) (any, error) { return v, nil }

// as accepts the JSON that has been decoded to T, and nothing else.
func as[T any](want string) func(any) (any, error) {
	return func(v any) (any, error) {
		if _, ok := v.(T); !ok {
			return nil, wrongKind(v, want)
		}
		return v, nil
	}
}

func readInt(v any) (any, error) {
	switch n := v.(type) {
	case int64:
		return n, nil
	case int:
		return int64(n), nil
	case float64:
		if n == math.Trunc(n) && math.Abs(n) < 1<<53 {
			return int64(n), nil
		}
	}
	return nil, wrongKind(v, "a whole number")
}

func readDouble(v any) (any, error) {
	switch n := v.(type) {
	case float64:
		return n, nil
	case int64:
		return float64(n), nil
	case int:
		return float64(n), nil
	}
	return nil, wrongKind(v, "a number")
}

func readTime(v any) (any, error) {
	s, ok := v.(string)
	if !ok {
		return nil, wrongKind(v, "a time")
	}
	if s == "" {
		return types.Timestamp{}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return nil, fmt.Errorf("read time: %w", err)
	}
	return types.Timestamp{Time: t.UTC()}, nil
}

func readDuration(v any) (any, error) {
	s, ok := v.(string)
	if !ok {
		return nil, wrongKind(v, "a duration")
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return nil, fmt.Errorf("read duration: %w", err)
	}
	return types.Duration{Duration: d}, nil
}

// readQuantity gives "1" for the number 1, which is how people write quantities in YAML.
func readQuantity(v any) (any, error) {
	switch n := v.(type) {
	case string:
		return n, nil
	case int64, int, float64:
		return fmt.Sprint(n), nil
	}
	return nil, wrongKind(v, "a quantity")
}

func wrongKind(v any, want string) error { return fmt.Errorf("%s where %s belongs", jsonKind(v), want) }

func jsonKind(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case string:
		return "text"
	case bool:
		return "true or false"
	case int, int64, float64:
		return "a number"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return fmt.Sprintf("%T", v)
}
