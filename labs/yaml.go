package labs

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// document is YAML inside a source. It decodes strictly: what it does not know is a problem with a place.
type document struct {
	excerpt
	starts []int // the offset in the excerpt at which each line begins
}

// parseYAML reads the one YAML document of an excerpt. It reports problems itself and then returns nil. An empty
// document is a problem, too; what says what was expected.
func parseYAML(e excerpt, what string) (*document, *yaml.Node) {
	d := &document{excerpt: e, starts: []int{0}}
	for i := 0; i < len(e.text); i++ {
		if e.text[i] == '\n' {
			d.starts = append(d.starts, i+1)
		}
	}
	decoder := yaml.NewDecoder(strings.NewReader(e.text))
	var root, second yaml.Node
	if err := decoder.Decode(&root); err != nil {
		if errors.Is(err, io.EOF) {
			e.errorf(e.place(0), "expected %s, but nothing is here", what)
			return d, nil
		}
		d.reportSyntax(err)
		return d, nil
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		d.errorf(&second, "a second YAML document begins here; one is expected")
		return d, nil
	case !errors.Is(err, io.EOF):
		d.reportSyntax(err)
		return d, nil
	}
	n := root.Content[0]
	if !d.plain(n) {
		return d, nil
	}
	return d, n
}

// plain reports every anchor, alias and tag below a node. They would let a few lines of a stranger's lab unfold into
// gigabytes, and nothing in a lab needs them.
func (d *document) plain(n *yaml.Node) bool {
	ok := true
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		d.errorf(n, "YAML anchors and aliases (& and *) cannot be used here; put the value in quotes if it begins with one")
		return false
	case n.Style&yaml.TaggedStyle != 0:
		d.errorf(n, "YAML tags (!) cannot be used here; put the value in quotes if it begins with one")
		return false
	}
	for _, c := range n.Content {
		ok = d.plain(c) && ok
	}
	return ok
}

var yamlLine = regexp.MustCompile(`^line (\d+): `)

// reportSyntax reports an error of the YAML parser. The parser knows the place, but gives it away only as text, only
// the line, and for its grammar's errors the line before the one at which the surrounding block begins.
func (d *document) reportSyntax(err error) {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if m := yamlLine.FindStringSubmatch(message); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = message[len(m[0]):]
	}
	if strings.HasPrefix(message, "did not find") {
		line = d.firstLineFailing(message, line)
	}
	line = min(max(line, 1), len(d.starts))
	offset := d.starts[line-1]
	for offset < len(d.text) && (d.text[offset] == ' ' || d.text[offset] == '-') {
		offset++
	}
	written, _, _ := strings.Cut(d.text[d.starts[line-1]:], "\n")
	d.source.errorf(d.place(offset), "YAML: %s%s", message, yamlAdvice(message, written))
}

// firstLineFailing returns the first line with which the document fails as it does as a whole.
func (d *document) firstLineFailing(message string, otherwise int) int {
	const most = 500 // a longer document is not worth the quadratic time
	for i := 1; i < min(len(d.starts), most); i++ {
		var n yaml.Node
		if err := yaml.Unmarshal([]byte(d.text[:d.starts[i]]), &n); err != nil && strings.HasSuffix(err.Error(), message) {
			return i
		}
	}
	if len(d.starts) <= most {
		return len(d.starts)
	}
	return otherwise
}

// yamlAdvice says how a line that YAML refuses is usually mended.
func yamlAdvice(message, line string) string {
	switch {
	case strings.HasPrefix(strings.TrimLeft(line, " "), "\t"):
		return "; indent with spaces, YAML allows no tabs there"
	case strings.HasPrefix(message, "mapping values are not allowed"):
		return "; put a value that contains `: ` in quotes, or write it below a `|`"
	case strings.HasPrefix(message, "found character that cannot start"):
		return "; put a value that begins with ` or @ or % in quotes"
	case strings.HasPrefix(message, "did not find expected key"):
		return "; is the indentation right, and is a value in quotes from its beginning to its end?"
	}
	return ""
}

// offset returns where a node begins, in the excerpt.
func (d *document) offset(n *yaml.Node) int {
	if n.Line < 1 || n.Line > len(d.starts) {
		return len(d.text)
	}
	offset := d.starts[n.Line-1]
	for c := 1; c < n.Column && offset < len(d.text) && d.text[offset] != '\n'; c++ {
		_, size := utf8.DecodeRuneInString(d.text[offset:])
		offset += size
	}
	return offset
}

func (d *document) errorf(n *yaml.Node, format string, args ...any) {
	d.source.errorf(d.place(d.offset(n)), format, args...)
}

// mapping hands each value of a mapping to the function of its key. It returns false, having said so, where the node
// is no mapping or has keys that are unknown or there twice.
func (d *document) mapping(n *yaml.Node, what string, keys map[string]func(*yaml.Node)) bool {
	if n.Kind != yaml.MappingNode {
		d.errorf(n, "%s must be a mapping (`key: value`), not %s", what, kindOf(n))
		return false
	}
	ok, seen := true, map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		read := keys[key.Value]
		switch {
		case key.Kind != yaml.ScalarNode:
			d.errorf(key, "a key of %s must be a word", what)
			ok = false
		case read == nil:
			d.errorf(key, "%s has no key %q%s", what, key.Value, suggest(key.Value, slices.Sorted(maps.Keys(keys))))
			ok = false
		case seen[key.Value]:
			d.errorf(key, "the key %q is there twice", key.Value)
			ok = false
		default:
			seen[key.Value] = true
			read(value)
		}
	}
	return ok
}

// table reads a mapping with free keys from text to text; each is called once a pair.
func (d *document) table(n *yaml.Node, what string, each func(key string, keyNode, value *yaml.Node)) bool {
	if n.Kind != yaml.MappingNode {
		d.errorf(n, "%s must be a mapping (`key: value`), not %s", what, kindOf(n))
		return false
	}
	ok, seen := true, map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.Kind != yaml.ScalarNode:
			d.errorf(key, "a key of %s must be a word", what)
			ok = false
		case seen[key.Value]:
			d.errorf(key, "the key %q is there twice", key.Value)
			ok = false
		default:
			seen[key.Value] = true
			each(key.Value, key, value)
		}
	}
	return ok
}

// str reads a scalar as it is written. Numbers and booleans are texts, too: `section: 2.10` is not 2.1.
func (d *document) str(n *yaml.Node, what string, into *string) bool {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		d.errorf(n, "%s must be a text, not %s", what, kindOf(n))
		return false
	}
	*into = n.Value
	return true
}

func (d *document) boolean(n *yaml.Node, what string, into *bool) bool {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" || n.Decode(into) != nil {
		d.errorf(n, "%s must be true or false, not %s", what, kindOf(n))
		return false
	}
	return true
}

func (d *document) number(n *yaml.Node, what string, into *int) bool {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!int" || n.Decode(into) != nil {
		d.errorf(n, "%s must be a whole number, not %s", what, kindOf(n))
		return false
	}
	return true
}

// list calls each for the entries of a sequence.
func (d *document) list(n *yaml.Node, what string, each func(i int, n *yaml.Node)) bool {
	if n.Kind != yaml.SequenceNode {
		d.errorf(n, "%s must be a list, not %s", what, kindOf(n))
		return false
	}
	for i, c := range n.Content {
		each(i, c)
	}
	return true
}

// kindOf names what a node is, for a message.
func kindOf(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Tag == "!!null":
		return "empty"
	}
	return fmt.Sprintf("%q", n.Value)
}
