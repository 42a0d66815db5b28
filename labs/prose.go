package labs

import (
	"strings"

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
