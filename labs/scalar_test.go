package labs

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestAlign finds each character of a value, other than blanks, where it is written.
func TestAlign(t *testing.T) {
	tests := []struct{ name, yaml, value string }{
		{"plain", `k: a == "가"  # c`, `a == "가"`},
		{"plain over lines", "k: a\n   b\n\n   c", "a b\nc"},
		{"single quotes", `k: 'it''s 가'`, `it's 가`},
		{"single quotes over lines", "k: 'a\n  b\n\n  ''c'''", "a b\n'c'"},
		{"double quotes", `k: "a\"b\\c"`, `a"b\c`},
		{"escapes", `k: "\x41\u00e9\U0001F600z\n\tx"`, "A\u00e9\U0001F600z\n\tx"},
		{"joined lines", "k: \"a \\\n    b\\\n   c\"", "a bc"},
		{"folded double quotes", "k: \"a\n   b\\n\n   c\"", "a b\n c"},
		{"literal", "k: |\n  a ==\n    b &&\n\n  c\n", "a ==\n  b &&\n\nc\n"},
		{"literal, indentation given", "k: |2-\n   a\n  b\n", " a\nb"},
		{"literal with a comment", "k: | # c\n  a\n", "a\n"},
		{"folded", "k: >-\n  a\n  b\n\n  c\n    d\n  e\n", "a b\nc\n  d\ne"},
		{"empty", `k: ""`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			src, _ := newSource("a", []byte(tt.yaml), &Problems{})
			d, n := parseYAML(src.cut(0, len(tt.yaml)), "a mapping")
			if n == nil {
				t.Fatal(*src.problems)
			}
			node := n.Content[1]
			if node.Value != tt.value {
				t.Fatalf("the value is %q, want %q", node.Value, tt.value)
			}
			places, ok := align(d.text, d.offset(node), node)
			runes := []rune(tt.value)
			if !ok || len(places) != len(runes)+1 {
				t.Fatalf("got %v, %v for %d characters", places, ok, len(runes))
			}
			for i, r := range runes {
				written := tt.yaml[places[i]:]
				exact := strings.HasPrefix(written, string(r))
				escaped := node.Style&yaml.DoubleQuotedStyle != 0 && strings.HasPrefix(written, `\`)
				if blank := strings.ContainsRune(" \n\t", r); !blank && !exact && !escaped {
					t.Errorf("character %d, %q, is said to stand at %q", i, r, written)
				}
				if i > 0 && places[i] < places[i-1] {
					t.Errorf("character %d stands before the one before it: %v", i, places)
				}
			}
		})
	}
}

func TestWithin(t *testing.T) {
	const text = "k: |\n  a ==\n    가나 &&\n\n  c\n"
	src, _ := newSource("a", []byte(text), &Problems{})
	d, n := parseYAML(src.cut(0, len(text)), "a mapping")
	tests := []struct{ line, column, wantLine, wantColumn int }{
		{1, 1, 2, 3}, {1, 3, 2, 5}, {2, 3, 3, 5}, {2, 4, 3, 6}, {4, 1, 5, 3},
		{4, 99, 5, 4}, {99, 1, 6, 1}, {0, 0, 2, 3},
	}
	for _, tt := range tests {
		line, column := src.position(d.within(n.Content[1], tt.line, tt.column))
		if line != tt.wantLine || column != tt.wantColumn {
			t.Errorf("%d:%d of the value stands at %d:%d, want %d:%d", tt.line, tt.column, line, column, tt.wantLine, tt.wantColumn)
		}
	}
}
