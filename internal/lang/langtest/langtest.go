// Package langtest holds the test that every catalogue has to pass: both languages say the same things.
package langtest

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"testing"
)

// Complete compares two catalogues, structs of strings, maps of strings and such structs. Every string must be there in
// both, formats must take the same values in the same order, and maps must have the same keys.
func Complete(t *testing.T, korean, english any) {
	t.Helper()
	for _, problem := range Compare(korean, english) {
		t.Error(problem)
	}
}

// Compare returns what is wrong with two catalogues.
func Compare(korean, english any) []string {
	c := comparison{}
	c.values("", reflect.ValueOf(korean), reflect.ValueOf(english))
	return c.problems
}

type comparison struct{ problems []string }

func (c *comparison) addf(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

func (c *comparison) values(path string, ko, en reflect.Value) {
	switch ko.Kind() {
	case reflect.Struct:
		for i := range ko.NumField() {
			c.values(path+"."+ko.Type().Field(i).Name, ko.Field(i), en.Field(i))
		}
	case reflect.Map:
		c.maps(path, ko, en)
	case reflect.Slice, reflect.Array:
		if ko.Len() != en.Len() || ko.Len() == 0 {
			c.addf("%s: %d in Korean, %d in English, want as many and one at least", path, ko.Len(), en.Len())
			return
		}
		for i := range ko.Len() {
			c.values(fmt.Sprintf("%s[%d]", path, i), ko.Index(i), en.Index(i))
		}
	case reflect.String:
		c.strings(path, ko.String(), en.String())
	default:
		c.addf("%s: a catalogue holds words, not %s", path, ko.Kind())
	}
}

func (c *comparison) maps(path string, ko, en reflect.Value) {
	if ko.Len() == 0 {
		c.addf("%s: there are no words", path)
	}
	for _, key := range ko.MapKeys() {
		at := fmt.Sprintf("%s[%v]", path, key)
		if v := en.MapIndex(key); v.IsValid() {
			c.values(at, ko.MapIndex(key), v)
		} else {
			c.addf("%s: not in English", at)
		}
	}
	for _, key := range en.MapKeys() {
		if !ko.MapIndex(key).IsValid() {
			c.addf("%s[%v]: not in Korean", path, key)
		}
	}
}

// verb is a verb of a format. Indexed arguments are none: the order of the words is made to fit instead.
var verb = regexp.MustCompile(`%[-+# 0]*[0-9]*(?:\.[0-9]+)?[a-zA-Z%\[]`)

func (c *comparison) strings(path, ko, en string) {
	switch {
	case ko == "":
		c.addf("%s: empty in Korean", path)
	case en == "":
		c.addf("%s: empty in English", path)
	}
	if k, e := verb.FindAllString(ko, -1), verb.FindAllString(en, -1); !slices.Equal(k, e) {
		c.addf("%s: takes %q in Korean and %q in English", path, k, e)
	}
	if hangul.MatchString(en) {
		c.addf("%s: Korean in the English catalogue: %q", path, en)
	}
}

var hangul = regexp.MustCompile(`[\x{1100}-\x{11ff}\x{3130}-\x{318f}\x{ac00}-\x{d7a3}]`)
