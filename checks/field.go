package checks

// Field walks down a decoded JSON object; nil where there is no such field or something on the way is no object.
func Field(v any, path ...string) any {
	for _, name := range path {
		o, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = o[name]
	}
	return v
}

// Text is Field as a string, "" where it is none.
func Text(v any, path ...string) string {
	s, _ := Field(v, path...).(string)
	return s
}

// Texts is Field as a new list of its strings, without what is none.
func Texts(v any, path ...string) []string {
	var out []string
	for _, e := range List(v, path...) {
		if s, ok := e.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// List is Field as a list, nil where it is none.
func List(v any, path ...string) []any {
	l, _ := Field(v, path...).([]any)
	return l
}

// Int is Field as a whole number, 0 where it is none.
func Int(v any, path ...string) int64 {
	switch n := Field(v, path...).(type) {
	case int64:
		return n
	case int:
		return int64(n)
	case float64:
		return int64(n)
	}
	return 0
}

// Bool is Field as a bool, false where it is none.
func Bool(v any, path ...string) bool {
	b, _ := Field(v, path...).(bool)
	return b
}
