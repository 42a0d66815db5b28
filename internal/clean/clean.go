// Package clean makes text from outside safe to show: names, output and errors of containers, a stranger's lab.
package clean

import (
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// hold stands for a hyphen at which a line must not be broken while text is wrapped: a flag cut after its dash is a
// mistake waiting to be typed. It is a private-use character of one column and never reaches the screen.
const hold = '\ue000'

// Mark stands for a character that must not be shown: one that is not seen, or that turns others around.
const Mark = '\uFFFD'

// maxCluster is the most characters that one cell may be made of. Emoji families need eleven; a letter under a hundred
// accents is somebody's joke.
const maxCluster = 12

// Text makes text from outside (object names, command output, a stranger's lab) safe to draw. Escape sequences and
// control characters but line breaks go. What is invisible or reorders the line becomes Mark, so that two names which
// look the same are the same.
func Text(s string) string {
	if harmless(s) {
		return s
	}
	s = ansi.Strip(strings.ToValidUTF8(s, string(Mark))) // in this order: a byte above 0x7f begins no sequence
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\r':
			return '\n'
		case r == '\t', r == '\u2028', r == '\u2029':
			return ' '
		case unicode.IsControl(r), r == hold:
			return -1
		case r == joiner:
			return r // clusters decides
		case invisible(r):
			return Mark
		}
		return r
	}, expandTabs(s))
	return clusters(s)
}

// harmless reports whether every character is an ASCII one that is printed, a line feed or a Korean syllable: nearly all
// text is, and costs nothing then.
func harmless(s string) bool {
	for _, r := range s {
		if (r < ' ' || r > '~') && r != '\n' && (r < '가' || r > '힣') {
			return false
		}
	}
	return true
}

// joiner is the zero-width joiner, of which some emoji are made.
const joiner = '\u200d'

// invisible reports whether a character takes no place of its own, or changes the order of others.
func invisible(r rune) bool {
	switch {
	case unicode.Is(unicode.Cf, r): // bidi, zero width, tags, byte order mark
		return true
	case r == '\u034f', r == '\u115f', r == '\u1160', r == '\u3164', r == '\uffa0': // joiner, Hangul fillers
		return true
	case r >= '\u180b' && r <= '\u180f', r >= '\ufe00' && r <= '\ufe0e', r >= '\U000e0100' && r <= '\U000e01ef': // variations
		return true
	}
	return false
}

// clusters shortens what terminals and we might not agree on: overlong clusters, joiners that join no emoji, and
// letters of syllables in an order in which they make none.
func clusters(s string) string {
	var b strings.Builder
	for rest := s; rest != ""; {
		var cluster string
		cluster, rest = first(rest)
		b.WriteString(shorten([]rune(cluster)))
	}
	return b.String()
}

// first cuts the first cluster off.
func first(s string) (cluster, rest string) {
	cluster, _ = ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
	return cluster, s[len(cluster):]
}

func shorten(cluster []rune) string {
	emoji := unicode.Is(unicode.So, cluster[0]) && cluster[0] != Mark
	last := 0
	for i, r := range cluster {
		switch order := jamo(r); {
		case r == joiner && !emoji:
			cluster[i] = Mark
		case order > 0 && i > 0 && order <= last:
			return string(cluster[:i]) + string(Mark)
		case order > 0:
			last = order
		}
	}
	return string(cluster[:min(len(cluster), maxCluster)])
}

// jamo is 1, 2 or 3 for a letter that begins, continues or ends a syllable, and 0 for any other character.
func jamo(r rune) int {
	switch {
	case r >= '\u1100' && r <= '\u115e', r >= '\ua960' && r <= '\ua97c':
		return 1
	case r >= '\u1161' && r <= '\u11a7', r >= '\ud7b0' && r <= '\ud7c6':
		return 2
	case r >= '\u11a8' && r <= '\u11ff', r >= '\ud7cb' && r <= '\ud7fb':
		return 3
	}
	return 0
}

// Line is Text on one line.
func Line(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(Text(s), "\n", " ")), " ")
}

// expandTabs replaces tabs by spaces up to the next multiple of eight, so that output keeps its columns.
func expandTabs(s string) string {
	if !strings.Contains(s, "\t") {
		return s
	}
	const stop = 8
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		var b strings.Builder
		column := 0
		for j, part := range strings.Split(line, "\t") {
			if j > 0 {
				blanks := stop - column%stop
				b.WriteString(strings.Repeat(" ", blanks))
				column += blanks
			}
			b.WriteString(part)
			column += ansi.StringWidth(part)
		}
		lines[i] = b.String()
	}
	return strings.Join(lines, "\n")
}

// Wrap breaks plain text into lines of at most width columns, at spaces where it can and never inside a flag.
func Wrap(s string, width int) []string {
	width = max(width, 2) // a Korean syllable needs two columns
	var out []string
	for line := range strings.SplitSeq(Hold(s), "\n") {
		for part := range strings.SplitSeq(ansi.Wrap(line, width, ""), "\n") {
			if ansi.StringWidth(part) > width { // a blank before a long word is not counted
				part = ansi.Hardwrap(part, width, true)
			}
			for piece := range strings.SplitSeq(part, "\n") {
				out = append(out, Release(strings.TrimRight(piece, " ")))
			}
		}
	}
	return out
}

// Hold keeps every hyphen from being a place to break a line.
func Hold(s string) string { return strings.ReplaceAll(s, "-", string(hold)) }

// Release gives held hyphens back.
func Release(s string) string { return strings.ReplaceAll(s, string(hold), "-") }
