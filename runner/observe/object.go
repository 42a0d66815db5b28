package observe

import (
	"maps"

	"github.com/kubelab/kubelab/checks"
)

// parse decodes the JSON of an API object without its nulls: to Docker's API a null list is a field left out.
func parse(data []byte) (checks.Object, error) {
	o, err := checks.ParseObject(data)
	if err != nil {
		return nil, err
	}
	dropNulls(o)
	return o, nil
}

// encode is value as an Object, without nulls.
func encode(value any) (checks.Object, error) {
	o, err := checks.NewObject(value)
	if err != nil {
		return nil, err
	}
	dropNulls(o)
	return o, nil
}

// dropNulls removes, in place, the fields that are null.
func dropNulls(v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			if value == nil {
				delete(v, name)
				continue
			}
			dropNulls(value)
		}
	case []any:
		for _, value := range v {
			dropNulls(value)
		}
	}
}

// with returns a copy of o in which part, an object inside it, has the given fields as well.
func with(o checks.Object, part string, fields checks.Object) checks.Object {
	o = maps.Clone(o)
	inner, _ := o[part].(map[string]any)
	inner = maps.Clone(inner)
	if inner == nil {
		inner = checks.Object{}
	}
	maps.Copy(inner, fields)
	o[part] = inner
	return o
}
