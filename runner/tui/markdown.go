package tui

import (
	"regexp"
	"strings"

	"charm.land/glamour/v2"
	"github.com/charmbracelet/x/ansi"
)

// markdown renders Markdown into lines. Glamour's renderer is not safe for concurrent use: a markdown belongs to the
// screen's loop. What was rendered is kept until the width changes.
type markdown struct {
	theme  theme
	glyphs glyphs

	width    int
	renderer *glamour.TermRenderer
	rendered map[string][]string
}

// listHang is what lists keep free at the right edge, so that their second lines can be moved under the first word.
const listHang = 4

func newMarkdown(th theme, g glyphs) *markdown { return &markdown{theme: th, glyphs: g} }

// lines renders text into lines of at most width columns.
func (m *markdown) lines(text string, width int) []string {
	width = max(width, 10)
	if width != m.width {
		m.width, m.renderer, m.rendered = width, nil, map[string][]string{}
	}
	if out, ok := m.rendered[text]; ok {
		return out
	}
	var out []string
	for _, chunk := range splitFences(cleanText(text)) {
		block := m.code(chunk.text, width)
		if !chunk.code {
			block = m.prose(chunk.text, width)
		}
		if len(block) == 0 {
			continue
		}
		if len(out) > 0 {
			out = append(out, "")
		}
		out = append(out, block...)
	}
	m.rendered[text] = out
	return out
}

// prose renders everything but fenced code.
func (m *markdown) prose(text string, width int) []string {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	if m.renderer == nil {
		// It fails only for options that are wrong in themselves; the text is then shown as it was written.
		r, err := glamour.NewTermRenderer(glamour.WithStyles(m.theme.markdown()), glamour.WithWordWrap(width-listHang),
			glamour.WithInlineTableLinks(true))
		if err != nil {
			return wrap(text, width)
		}
		m.renderer = r
	}
	rendered, err := m.renderer.Render(holdSpans(text))
	if err != nil {
		return wrap(text, width)
	}
	rendered = strings.Trim(release(rendered), "\n")
	var out []string
	for line := range strings.SplitSeq(hangLists(rendered), "\n") {
		line = trimRight(m.glyphs.safe(line))
		// A table squeezed into a narrow screen, or a word longer than the line.
		out = append(out, strings.Split(ansi.Hardwrap(line, width, true), "\n")...)
	}
	return squeeze(out)
}

// code draws a fenced block, indented as far as there is room. A line of code that is too long goes on in the next one,
// because a cut command would be a wrong command; a diagram is cut, because its lines mean nothing elsewhere.
func (m *markdown) code(text string, width int) []string {
	lines := strings.Split(text, "\n")
	diagram, widest := strings.ContainsAny(text, "─│┌└▶▼◀▲"), 0
	for i, line := range lines {
		lines[i] = strings.TrimRight(m.glyphs.safe(line), " ")
		widest = max(widest, ansi.StringWidth(lines[i]))
	}
	indent := strings.Repeat(" ", max(0, min(2, width-widest)))
	if !diagram {
		indent = "  "
	}
	var out []string
	for _, line := range lines {
		if diagram {
			out = append(out, strings.TrimRight(indent+fit(line, width-len(indent), m.glyphs.ellipsis), " "))
			continue
		}
		for part := range strings.SplitSeq(ansi.Hardwrap(line, width-len(indent), true), "\n") {
			out = append(out, strings.TrimRight(indent+part, " "))
		}
	}
	return out
}

// chunk is a stretch of Markdown: prose or the inside of one fenced block.
type chunk struct {
	text string
	code bool
}

// splitFences cuts Markdown at its unindented fences. Fences inside lists stay in the prose.
func splitFences(text string) []chunk {
	var (
		out  []chunk
		cur  []string
		mark string
	)
	flush := func(code bool) {
		if len(cur) > 0 {
			out = append(out, chunk{strings.Join(cur, "\n"), code})
		}
		cur = nil
	}
	for line := range strings.SplitSeq(text, "\n") {
		fence := fenceOf(line)
		switch {
		case mark == "" && fence != "":
			flush(false)
			mark = fence
		case mark != "" && strings.HasPrefix(fence, mark) && strings.TrimSpace(line) == fence:
			flush(true)
			mark = ""
		default:
			cur = append(cur, line)
		}
	}
	flush(mark != "")
	return out
}

// fenceOf returns the run of back quotes or tildes that opens or closes a fenced block, or "".
func fenceOf(line string) string {
	for _, c := range []string{"`", "~"} {
		n := len(line) - len(strings.TrimLeft(line, c))
		if n >= 3 && (c == "~" || !strings.Contains(line[n:], "`")) {
			return line[:n]
		}
	}
	return ""
}

var codeSpan = regexp.MustCompile("`[^`\n]+`")

// holdSpans keeps flags in code spans in one piece while lines are wrapped.
func holdSpans(text string) string { return codeSpan.ReplaceAllStringFunc(text, holdHyphens) }

var listMark = regexp.MustCompile(`^( *)(• |\d+\. |\[[ x]\] )`)

// hangLists moves the second and further lines of a list item under its first word, which glamour does not do.
func hangLists(text string) string {
	lines := strings.Split(text, "\n")
	hang, level := 0, 0
	for i, line := range lines {
		plain := ansi.Strip(line)
		indent := len(plain) - len(strings.TrimLeft(plain, " "))
		switch mark := listMark.FindStringSubmatch(plain); {
		case mark != nil:
			level, hang = len(mark[1]), min(ansi.StringWidth(mark[2]), listHang)
		case strings.TrimSpace(plain) == "":
			hang = 0
		case hang > 0 && indent <= level:
			lines[i] = strings.Repeat(" ", hang) + line
		}
	}
	return strings.Join(lines, "\n")
}

// trimRight removes the blanks that glamour fills lines up with.
func trimRight(line string) string {
	return strings.TrimRight(strings.ReplaceAll(line, "\u00a0", " "), " ")
}

// squeeze leaves at most one empty line between paragraphs.
func squeeze(lines []string) []string {
	out := lines[:0:0]
	for _, line := range lines {
		blank := strings.TrimSpace(ansi.Strip(line)) == ""
		if blank && (len(out) == 0 || out[len(out)-1] == "") {
			continue
		}
		if blank {
			line = ""
		}
		out = append(out, line)
	}
	for len(out) > 0 && out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return out
}
