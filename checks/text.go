package checks

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"k8s.io/apimachinery/pkg/util/json"
)

// textOf writes a value for people: lists with commas, times as in RFC 3339, nothing for null.
func textOf(v ref.Val) string {
	switch v := v.(type) {
	case types.String:
		return string(v)
	case types.Bytes:
		return strings.ToValidUTF8(string(v), "\uFFFD")
	case types.Null:
		return ""
	case types.Double:
		return strconv.FormatFloat(float64(v), 'f', -1, 64)
	case types.Timestamp:
		return v.Time.UTC().Format(time.RFC3339)
	case types.Duration:
		return v.Duration.String()
	case *types.Optional:
		if !v.HasValue() {
			return ""
		}
		return textOf(v.GetValue())
	case traits.Lister:
		return strings.Join(textsOf(v), ", ")
	case traits.Mapper:
		if text, err := json.Marshal(v.Value()); err == nil {
			return string(text)
		}
		return "?"
	}
	if s, ok := v.ConvertToType(types.StringType).(types.String); ok {
		return string(s)
	}
	return "?"
}

// textsOf is the text of each element of a list.
func textsOf(l traits.Lister) []string {
	var out []string
	for it := l.Iterator(); it.HasNext() == types.True; {
		out = append(out, textOf(it.Next()))
	}
	return out
}

// oneLine makes one line of at most limit characters of a text that may come from anywhere: no control characters, no
// runs of spaces.
func oneLine(s string, limit int) string {
	return clip(strings.Join(strings.Fields(printable(s)), " "), limit)
}

// clip keeps at most limit characters and marks what is missing.
func clip(s string, limit int) string {
	n := 0
	for i := range s {
		if n++; n > limit {
			return strings.TrimRight(cutLast(s[:i]), " ") + "…"
		}
	}
	return s
}

// cutLast is s without its last character.
func cutLast(s string) string {
	r := []rune(s)
	return string(r[:max(0, len(r)-1)])
}

// printable replaces invalid bytes and drops what could move a terminal's cursor or reorder its text.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// object puts the object particle (을 or 를) behind a word, by its last sound: 을 after a consonant.
func object(word string) string {
	var last rune
	for _, last = range word {
	}
	switch {
	case last < 0xAC00 || last > 0xD7A3: // no Hangul syllable
		return word + "을(를)"
	case (last-0xAC00)%28 != 0: // 28 finals for each pair of initial and vowel; the first is none
		return word + "을"
	}
	return word + "를"
}
