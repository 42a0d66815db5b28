package labs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// word is what a fenced block tells the runner to do: the second word of its info string.
type word string

// The words of docs/AUTHORING.md.
const (
	wordRun      word = "run"
	wordCheck    word = "check"
	wordAsk      word = "ask"
	wordHint     word = "hint"
	wordSolution word = "solution"
	wordAlso     word = "also"
	wordWrong    word = "wrong"
	wordUndo     word = "undo"
	wordPrepare  word = "prepare"
	wordCleanup  word = "cleanup"
	wordStep     word = "step"
	wordLeave    word = "leave"
	wordHave     word = "have"
	wordGive     word = "give"
	wordTake     word = "take"
)

// languageOf returns the first word of an instruction's info string, and "" for a word that is no instruction.
func languageOf(w word) string {
	switch w {
	case wordRun, wordSolution, wordAlso, wordWrong, wordUndo, wordPrepare, wordCleanup, wordLeave,
		wordHave, wordGive, wordTake:
		return "bash"
	case wordCheck, wordAsk, wordStep:
		return "yaml"
	case wordHint:
		return "text"
	}
	return ""
}

// words lists the instructions, for suggestions.
func words() []string {
	var all []string
	for _, w := range []word{wordRun, wordCheck, wordAsk, wordHint, wordSolution, wordAlso, wordWrong, wordUndo,
		wordPrepare, wordCleanup, wordStep, wordLeave, wordHave, wordGive, wordTake} {
		all = append(all, string(w))
	}
	return all
}

// info is what an info string says.
type info struct {
	word word // empty for a block for the reader
	text string
	// complaint says why an info string that begins like an instruction is none.
	complaint string
}

var infoWord = regexp.MustCompile(`^([^\s=]*)\s*(.*)$`)

// parseInfo reads an info string. Whatever follows the language of an instruction must be an instruction: a slip of
// the pen there would silently turn a check into text for the reader.
func parseInfo(s string) info {
	aliases := []string{"sh", "shell", "zsh", "console", "yml", "txt"}
	language, rest, _ := strings.Cut(s, " ")
	rest = strings.TrimSpace(rest)
	if rest == "" {
		return loneWord(language)
	}
	m := infoWord.FindStringSubmatch(rest)
	w, tail := word(m[1]), m[2]
	switch want := languageOf(w); {
	case want == language && want != "":
		return instruction(w, tail)
	case want != "" && (tail == "" || named(w) || slices.Contains(aliases, language)):
		return info{complaint: fmt.Sprintf("%q is not an instruction; did you mean %q?", s, want+" "+string(w))}
	}
	if lower := strings.ToLower(s); lower != s {
		if fixed := parseInfo(lower); fixed.word != "" || fixed.complaint != "" {
			return info{complaint: fmt.Sprintf("%q is not an instruction; did you mean %q?", s, lower)}
		}
	}
	if !slices.Contains([]string{"bash", "yaml", "text"}, language) {
		return info{}
	}
	if near := word(nearest(m[1], words())); near != "" {
		return info{complaint: fmt.Sprintf("%q is not an instruction; did you mean %q?", s, languageOf(near)+" "+string(near))}
	}
	return info{complaint: fmt.Sprintf("%q is not an instruction; a block for the reader has the language alone: %q", s, language)}
}

// loneWord judges an info string of one word: a language, unless the language was forgotten.
func loneWord(s string) info {
	w, _, _ := strings.Cut(s, "=")
	if language := languageOf(word(w)); language != "" {
		return info{complaint: fmt.Sprintf("%q is not a language; did you mean %q?", s, language+" "+s)}
	}
	return info{}
}

// named reports whether a word is followed by ="text".
func named(w word) bool { return w == wordWrong || ofThing(w) }

// ofThing reports whether a script belongs to something that the lab gives.
func ofThing(w word) bool { return w == wordHave || w == wordGive || w == wordTake }

// instruction reads what follows an instruction's word: the text of `wrong`, the name of what a lab gives, nothing for
// all others.
func instruction(w word, tail string) info {
	if !named(w) {
		if tail != "" {
			return info{complaint: fmt.Sprintf("nothing can follow %q, but %q does", languageOf(w)+" "+string(w), tail)}
		}
		return info{word: w}
	}
	text, found := strings.CutPrefix(tail, "=")
	text, rest, quoted := cutQuoted(strings.TrimSpace(text))
	switch {
	case found && quoted && rest == "":
	case ofThing(w):
		return info{complaint: fmt.Sprintf("the block names what the lab gives in straight quotes: bash %s=\"name\"", w)}
	default:
		return info{complaint: `a wrong answer names the text of its explanation in straight quotes: bash wrong="text"`}
	}
	if strings.TrimSpace(text) == "" {
		return info{complaint: `the text of wrong="" is empty; every explanation would contain it`}
	}
	return info{word: w, text: text}
}

// cutQuoted reads a text in double quotes, in which \" and \\ stand for a quote and a backslash.
func cutQuoted(s string) (text, rest string, ok bool) {
	s, ok = strings.CutPrefix(s, `"`)
	if !ok {
		return "", "", false
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), strings.TrimSpace(s[i+1:]), true
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
		}
		b.WriteByte(s[i])
	}
	return "", "", false
}

// fence is a fenced block and its place in the source.
type fence struct {
	info info
	// start and end enclose the block's lines, the fences included. infoAt is the info string's offset.
	start, end, infoAt int
	content            excerpt
	closed             bool
	marker             string // the opening fence: "```"
}

// readFence finds the places of a fenced block. base is the offset in the source of what goldmark parsed.
func readFence(s *source, base int, n *ast.FencedCodeBlock) fence {
	f := fence{start: s.lineStart(base + n.Pos()), infoAt: base + n.Pos()}
	open := s.text[f.infoAt:]
	f.marker = open[:len(open)-len(strings.TrimLeft(open, open[:1]))]
	if n.Info != nil {
		seg := n.Info.Segment
		f.infoAt = base + seg.Start
		f.info = parseInfo(s.text[f.infoAt : base+seg.Stop])
	}
	f.end = s.nextLine(base + n.Pos())
	f.content = excerpt{source: s, pieces: []piece{{0, f.end}}}
	var b strings.Builder
	for i := range n.Lines().Len() {
		seg := n.Lines().At(i)
		if i == 0 {
			f.content.pieces = nil
		}
		// Padding is what is left of a tab that the fence's indentation cut in two.
		f.content.pieces = append(f.content.pieces, piece{b.Len() + seg.Padding, base + seg.Start})
		b.WriteString(strings.Repeat(" ", seg.Padding))
		b.WriteString(s.text[base+seg.Start : base+seg.Stop])
		f.end = max(f.end, base+seg.Stop)
	}
	f.content.text = b.String()
	// Only the end of the text ends a block without a closing fence.
	closing := s.text[f.end:s.nextLine(f.end)]
	f.closed = strings.HasPrefix(strings.TrimLeft(closing, " \t"), f.marker)
	if f.closed {
		f.end = s.nextLine(f.end)
	}
	return f
}

var fenceLine = regexp.MustCompile("^ {0,3}(`{3,}|~{3,})[ \t]*([^`\n]*)")

// swallowed finds an instruction inside a block for the reader: it began there because a closing fence is missing.
func (f fence) swallowed() (offset int, ok bool) {
	at := 0
	for line := range strings.Lines(f.content.text) {
		if m := fenceLine.FindStringSubmatch(line); m != nil && strings.HasPrefix(m[1], f.marker) {
			if inner := parseInfo(strings.TrimSpace(m[2])); inner.word != "" {
				return f.content.place(at), true
			}
		}
		at += len(line)
	}
	return 0, false
}
