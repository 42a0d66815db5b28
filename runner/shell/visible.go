package shell

import (
	"strings"
	"unicode"
)

// visible is a grapheme cluster without what is not seen in it: format characters, but for the joiners inside of emoji.
// Letters that fill a place without being seen become blanks as wide.
func visible(cluster string) string {
	if !strings.ContainsFunc(cluster, hidden) {
		return cluster
	}
	emoji := false
	return strings.Map(func(r rune) rune {
		switch r {
		case '\u200d':
			if emoji {
				return r
			}
			return -1
		case '\u115f', '\u3164':
			return '\u3000'
		case '\uffa0':
			return ' '
		}
		if hidden(r) {
			return -1
		}
		emoji = emoji || unicode.Is(unicode.So, r) && r != unicode.ReplacementChar
		return r
	}, cluster)
}

// hidden reports whether a character must not be shown as it is.
func hidden(r rune) bool {
	return unicode.Is(unicode.Cf, r) || r == '\u115f' || r == '\u3164' || r == '\uffa0' || r == '\u034f'
}
