package plain

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

var (
	bold    = regexp.MustCompile(`\*\*([^*\n]+)\*\*`)
	link    = regexp.MustCompile(`\[([^\]\n]+)\]\(([^)\n]+)\)`)
	listed  = regexp.MustCompile(`^(\s*)([-*+]|\d+[.)])\s+(.*)$`)
	heading = regexp.MustCompile(`^#{1,6}\s+`)
	quoted  = regexp.MustCompile(`^\s*>\s?`)
	divider = regexp.MustCompile(`^\s*\|?[\s:|-]+\|?\s*$`)
)

// markdown prints Markdown as prose: paragraphs wrapped, lists with their marks, tables a row a line with the name of
// each column, and fenced blocks as they are.
func (p *printer) markdown(text string) {
	m := marks{p: p}
	fence := ""
	for line := range strings.SplitSeq(text, "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case fence != "" && trimmed == fence:
			fence = ""
		case fence != "":
			p.raw("    " + line)
		case strings.HasPrefix(trimmed, "```") || strings.HasPrefix(trimmed, "~~~"):
			m.end()
			fence = trimmed[:len(trimmed)-len(strings.TrimLeft(trimmed, trimmed[:1]))]
		default:
			m.line(line)
		}
	}
	m.end()
}

// marks collects the lines of one paragraph, list item or table.
type marks struct {
	p      *printer
	mark   string
	words  []string
	header []string
	table  bool
}

// end prints what was collected.
func (m *marks) end() {
	if len(m.words) > 0 {
		m.p.say(m.mark, inline(strings.Join(m.words, " ")))
	}
	m.mark, m.words, m.header, m.table = "", nil, nil, false
}

func (m *marks) line(line string) {
	trimmed := strings.TrimSpace(line)
	if strings.HasPrefix(trimmed, "|") {
		m.row(trimmed)
		return
	}
	if m.table {
		m.end()
	}
	item := listed.FindStringSubmatch(line)
	switch {
	case trimmed == "":
		m.end()
	case heading.MatchString(trimmed):
		m.end()
		m.words = []string{heading.ReplaceAllString(trimmed, "")}
		m.end()
	case item != nil:
		m.end()
		m.mark, m.words = strings.Repeat(" ", min(utf8.RuneCountInString(item[1]), 8))+item[2]+" ", []string{item[3]}
	default:
		m.words = append(m.words, quoted.ReplaceAllString(trimmed, ""))
	}
}

// row prints a row of a table: what is in each column, after the column's name.
func (m *marks) row(line string) {
	if !m.table {
		m.end()
		m.table, m.header = true, cells(line)
		return
	}
	if divider.MatchString(line) {
		return
	}
	var out []string
	for i, cell := range cells(line) {
		if i < len(m.header) && m.header[i] != "" {
			cell = m.header[i] + ": " + cell
		}
		out = append(out, cell)
	}
	m.p.say("- ", inline(strings.Join(out, "; ")))
}

func cells(row string) []string {
	row = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(row), "|"), "|")
	var out []string
	for cell := range strings.SplitSeq(strings.ReplaceAll(row, `\|`, "\x00"), "|") {
		out = append(out, strings.TrimSpace(strings.ReplaceAll(cell, "\x00", "|")))
	}
	return out
}

// inline leaves the words of emphasis and links. Code keeps its back quotes: a flag must be told from prose.
func inline(text string) string {
	return link.ReplaceAllString(bold.ReplaceAllString(text, "$1"), "$1 ($2)")
}
