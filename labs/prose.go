package labs

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

// A screen as the linter takes it: a step's text should be seen without scrolling.
const (
	maxLines      = 40
	screenColumns = 100
)

// screenLines estimates how many lines a step's text takes on the screen, its commands included.
func (s *Step) screenLines() int {
	lines := 0
	for _, p := range s.Parts {
		if p.Run != nil {
			lines += strings.Count(p.Run.Text, "\n") + 2 // and a blank line after it
			continue
		}
		lines += markdownLines(p.Markdown)
	}
	return max(0, lines-1)
}

// markdownLines counts the lines of Markdown when its paragraphs are filled; each block has a blank line after it.
func markdownLines(markdown string) int {
	src := []byte(markdown)
	root := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(src))
	lines := 0
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if n.Type() == ast.TypeInline {
			return ast.WalkSkipChildren, nil
		}
		if !entering {
			if n.Parent() == root && n.Kind() != ast.KindHTMLBlock {
				lines++
			}
			return ast.WalkContinue, nil
		}
		switch n.Kind() {
		case ast.KindParagraph, ast.KindTextBlock:
			var b strings.Builder
			for i := range n.Lines().Len() {
				seg := n.Lines().At(i)
				b.WriteString(strings.TrimRight(string(seg.Value(src)), "\n") + " ")
			}
			width := ansi.StringWidth(strings.TrimSpace(b.String()))
			lines += (width + screenColumns - 1) / screenColumns
		case ast.KindFencedCodeBlock, ast.KindCodeBlock:
			lines += n.Lines().Len()
		case ast.KindHeading, ast.KindThematicBreak, east.KindTableRow:
			lines++
		case east.KindTableHeader:
			lines += 2
		}
		return ast.WalkContinue, nil
	})
	return lines
}

// term is a word that learners should not see, and the course's word for it.
type term struct {
	wrong, right string
	// start is true for words that are also the end of others: 포드 is, in 스탠포드.
	start bool
}

// glossary lists misspellings that were seen in readers' notes, and words that Kubernetes has given up.
func glossary() []term {
	return []term{
		{wrong: "컨테이터", right: "컨테이너"},
		{wrong: "컨텡너", right: "컨테이너"},
		{wrong: "컨터이너", right: "컨테이너"},
		{wrong: "컨테이나", right: "컨테이너"},
		{wrong: "콘테이너", right: "컨테이너"},
		{wrong: "포드", right: "파드", start: true},
		{wrong: "레플레케이션", right: "레플리케이션"},
		{wrong: "레플리캐이션", right: "레플리케이션"},
		{wrong: "레플리케이션 컨트롤러", right: "레플리케이션컨트롤러"},
		{wrong: "마스터 노드", right: "컨트롤 플레인"},
		{wrong: "마스터노드", right: "컨트롤 플레인"},
		{wrong: "쿠버네티즈", right: "쿠버네티스"},
		{wrong: "도커 이메지", right: "도커 이미지"},
	}
}

// lintWords reports terms that the glossary has a better word for, wherever a learner may read them.
func (f *labFile) lintWords() {
	for _, t := range glossary() {
		for at := 0; ; {
			i := strings.Index(f.text[at:], t.wrong)
			if i < 0 {
				break
			}
			at += i
			before, _ := utf8.DecodeLastRuneInString(f.text[:at])
			if !t.start || !unicode.Is(unicode.Hangul, before) {
				f.warnf(at, "%s: the course's word is %s", t.wrong, t.right)
			}
			at += len(t.wrong)
		}
	}
}
