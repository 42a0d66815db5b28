package shell

import (
	"io"
	"strconv"
	"unicode/utf8"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
)

const (
	minCols, minRows = 2, 1 // a wide character needs two columns
	maxCols, maxRows = 1000, 1000
	// maxCluster is how many bytes of a grapheme cluster are kept. The longest in use (a family emoji) has 25.
	maxCluster = 64
)

// terminal is the emulator behind a guard. The emulator (x/vt) loses a wide character at the right edge, trusts the
// numbers in control sequences, and keeps scrolled lines as cells of 128 bytes each; so text is printed cluster by
// cluster with the line wrapped here, sequences are let through by name with their numbers bounded, and scrolled lines
// are kept as strings. It is not safe for concurrent use.
type terminal struct {
	em         *vt.Emulator
	cols, rows int
	modes      map[ansi.Mode]bool
	history    history
	title      string

	// wrap says that the last column is filled: the next character goes to the next line.
	wrap bool
	// last is the cluster printed last, which the next text may continue.
	last    cluster
	lastAt  struct{ x, y int }
	repeat  cluster // what REP repeats
	margins bool    // a scrolling region is set
	// plainPen and plainSet say that text is drawn without colours, and with its own characters.
	plainPen, plainSet bool
	tabs               bool // tab stops were set or cleared
	alt                bool // the alternate screen is shown
	altRows            int  // lines that may have scrolled off the alternate screen

	version uint64 // grows with every change
}

type cluster struct {
	content string
	width   int
}

// newTerminal makes a terminal whose history holds so many lines.
func newTerminal(cols, rows, scrollback int) *terminal {
	t := &terminal{modes: map[ansi.Mode]bool{}, history: history{max: scrollback}, plainPen: true, plainSet: true}
	t.cols, t.rows = clampSize(cols, rows)
	t.em = vt.NewEmulator(t.cols, t.rows)
	t.modes[ansi.ModeAutoWrap], t.modes[ansi.ModeTextCursorEnable] = true, true
	t.em.SetCallbacks(vt.Callbacks{
		EnableMode:  func(m ansi.Mode) { t.modes[m] = true },
		DisableMode: func(m ansi.Mode) { t.modes[m] = false },
		AltScreen:   func(on bool) { t.alt = on },
	})
	return t
}

// answers reads what the terminal answers to programs that ask it, until it is closed. It may be called at any time.
func (t *terminal) answers(p []byte) (int, error) { return t.em.Read(p) }

// answer adds to what answers reads. Like the emulator's own answers it waits for the reader.
func (t *terminal) answer(s string) { _, _ = io.WriteString(t.em.InputPipe(), s) }

// close ends answers. The emulator's own Close is not safe while somebody reads.
func (t *terminal) close() {
	if c, ok := t.em.InputPipe().(io.Closer); ok {
		_ = c.Close()
	}
}

func clampSize(cols, rows int) (int, int) {
	return min(max(cols, minCols), maxCols), min(max(rows, minRows), maxRows)
}

// raw writes to the emulator what is known to be harmless.
func (t *terminal) raw(s string) {
	_, _ = t.em.WriteString(s)
	t.version++
}

// settle moves the lines that scrolled off into the history. It must be called after every few kilobytes.
func (t *terminal) settle() {
	if sb := t.em.Scrollback(); sb.Len() > 0 {
		lines := sb.Lines()
		for _, line := range lines {
			t.history.push(renderLine(line, t.cols))
		}
		clear(lines) // Clear keeps the array, and with it the cells
		sb.Clear()
	}
	if t.altRows > maxAltRows {
		t.forgetAlt()
	}
}

// maxAltRows is how many lines may pile up in the alternate screen's scrollback, which nobody can look at.
const maxAltRows = 1000

// forgetAlt empties the alternate screen's scrollback. The only way to it is the sequence that clears the screen, too, so
// the screen is put back afterwards.
func (t *terminal) forgetAlt() {
	t.altRows = 0
	if !t.alt {
		return
	}
	saved := make([]uv.Line, t.rows)
	for y := range saved {
		saved[y] = make(uv.Line, t.cols)
		for x := range saved[y] {
			if c := t.em.CellAt(x, y); c != nil {
				saved[y][x] = *c
			}
		}
	}
	t.raw("\x1b[3J")
	for y, line := range saved {
		for x := range line {
			if line[x].Width > 0 {
				t.em.SetCell(x, y, &line[x])
			}
		}
	}
}

// text prints.
func (t *terminal) text(b []byte) {
	b = t.extend(b)
	for len(b) > 0 {
		n := 0
		for n < len(b) && b[n] < utf8.RuneSelf {
			n++
		}
		if n < len(b) {
			n-- // the last may be the base of a cluster
		}
		if n > 0 {
			t.ascii(b[:n])
			b = b[n:]
			continue
		}
		c, width := ansi.FirstGraphemeCluster(b, ansi.GraphemeWidth)
		t.cluster(string(c), width)
		b = b[len(c):]
	}
}

// extend adds to the cluster printed last what continues it: a character that combines with it, but came in a later
// write. It returns the rest.
func (t *terminal) extend(b []byte) []byte {
	if t.last.content == "" || b[0] < utf8.RuneSelf {
		return b
	}
	n := min(len(b), maxCluster)
	for n < len(b) && !utf8.RuneStart(b[n]) {
		n--
	}
	joined := t.last.content + string(b[:n])
	c, width := ansi.FirstGraphemeCluster(joined, ansi.GraphemeWidth)
	more := len(c) - len(t.last.content)
	if more <= 0 {
		return b
	}
	// A character that would change the width of what stands on the screen already is dropped.
	if shown := visible(c); width == t.last.width && len(c) <= maxCluster && shown != t.last.content {
		t.patch(shown)
	}
	return b[more:]
}

// patch replaces the content of the cell printed last by a cluster of the same width.
func (t *terminal) patch(content string) {
	if cell := t.em.CellAt(t.lastAt.x, t.lastAt.y); cell != nil && cell.Content == t.last.content {
		cell.Content = content
		t.last.content, t.repeat.content = content, content
		t.version++
	}
}

// ascii prints characters of one column each.
func (t *terminal) ascii(b []byte) {
	if t.modes[ansi.ModeInsertReplace] {
		for i := range b {
			t.cluster(string(b[i:i+1]), 1)
		}
		return
	}
	t.wrapLine()
	x := t.em.CursorPosition().X
	_, _ = t.em.Write(b)
	t.version++
	end := x + len(b)
	t.wrap = t.modes[ansi.ModeAutoWrap] && end > 0 && end%t.cols == 0
	t.printed(cluster{string(b[len(b)-1:]), 1})
}

// cluster prints one grapheme cluster of any width.
func (t *terminal) cluster(content string, width int) {
	switch {
	case width <= 0:
		return // nothing to see, and nothing to combine with
	case width > 2:
		content, width = string(utf8.RuneError), 1
	}
	content = visible(content)
	base := content
	if content[0] < utf8.RuneSelf {
		base, width = content[:1], 1 // the emulator prints ASCII by itself; the rest is added below
	} else if len(content) > maxCluster {
		n := maxCluster
		for !utf8.RuneStart(content[n]) {
			n--
		}
		content = content[:n]
		base, width = content, ansi.StringWidth(content)
	}
	auto := t.modes[ansi.ModeAutoWrap]
	t.wrapLine()
	if t.em.CursorPosition().X+width > t.cols {
		if !auto {
			return
		}
		t.wrap = true
		t.wrapLine()
	}
	if t.modes[ansi.ModeInsertReplace] {
		t.raw("\x1b[" + strconv.Itoa(width) + "@")
	}
	x := t.em.CursorPosition().X
	t.raw(base)
	t.wrap = auto && x+width == t.cols
	t.printed(cluster{base, width})
	if len(content) > len(base) && len(content) <= maxCluster && ansi.StringWidth(content) == width {
		t.patch(content)
	}
}

// printed notes what stands left of the cursor.
func (t *terminal) printed(c cluster) {
	p := t.em.CursorPosition()
	t.last, t.repeat = c, c
	t.lastAt.x, t.lastAt.y = p.X-c.width, p.Y
	if t.wrap {
		t.lastAt.x = t.cols - c.width
	}
}

// wrapLine goes to the next line if the last column is filled. The emulator would do so by itself only after a narrow
// character.
func (t *terminal) wrapLine() {
	if !t.wrap {
		return
	}
	t.wrap = false
	t.raw("\r\x1bD")
	t.scrolled(1)
}

// scrolled notes that so many lines may have left the screen at the top.
func (t *terminal) scrolled(n int) {
	if t.alt {
		t.altRows += n
	}
}

// moved forgets what was printed last: the cursor goes elsewhere. A wrap that was due is not any more, as in xterm; the
// emulator must be told by moving the cursor, if by nothing.
func (t *terminal) moved() {
	if t.wrap {
		t.wrap = false
		t.raw("\x1b[0C")
	}
	t.last = cluster{}
}

func (t *terminal) control(c byte) {
	switch c {
	case '\n', '\v', '\f':
		t.scrolled(1)
		fallthrough
	case '\r', '\b', '\t':
		t.moved()
		t.raw(string(rune(c)))
	}
}

func (t *terminal) escape(inter, final byte) {
	switch inter {
	case 0:
		switch final {
		case '7', '=', '>':
			t.raw("\x1b" + string(rune(final)))
		case '8':
			t.moved()
			t.restoreCursor()
		case 'E': // next line
			t.moved()
			t.raw("\r\x1bD")
			t.scrolled(1)
		case 'D', 'H', 'M':
			t.moved()
			t.tabs = t.tabs || final == 'H'
			t.raw("\x1b" + string(rune(final)))
			t.scrolled(1)
		case 'c':
			t.moved()
			t.margins = false
			t.plainPen, t.plainSet, t.tabs = true, true, false
			t.raw("\x1bc")
		}
	case '(', ')', '*', '+':
		if final == 'A' || final == 'B' || final == '0' {
			if inter == '(' { // the others are never shifted in
				t.plainSet = final == 'B'
			}
			t.raw("\x1b" + string(rune(inter)) + string(rune(final)))
		}
	}
}

// restoreCursor goes back to where the cursor was saved. The screen may have shrunk since; moving by nothing brings the
// cursor back into it.
func (t *terminal) restoreCursor() {
	t.plainPen = false // the pen is restored, too
	t.raw("\x1b8\x1b[0C\x1b[0A")
}

// tidy puts right what a program that ended may have left behind: another screen, a hidden cursor, line drawing
// characters, a scrolling region.
func (t *terminal) tidy() {
	if t.alt {
		t.raw("\x1b[?1049l\x1b[?1047l")
	}
	if t.margins {
		t.margins = false
		t.raw("\x1b[?6l\x1b7\x1b[r\x1b8")
	}
	t.plainPen, t.plainSet = true, true
	t.raw("\x1b[m\x1b(B\x1b[4l\x1b[20l\x1b[?6l\x1b[?7h\x1b[?25h\x1b[?9l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?2048l")
	if t.em.CursorPosition().X > 0 {
		t.moved()
		t.raw("\r\n") // output without a line feed at its end: the prompt begins on a line of its own
	}
}

// resize changes the size. Where the screen gets lower, lines leave it at the top, so that the cursor's stays.
func (t *terminal) resize(cols, rows int) {
	cols, rows = clampSize(cols, rows)
	if cols == t.cols && rows == t.rows {
		return
	}
	if rows < t.rows {
		alt := t.alt
		if alt {
			t.raw("\x1b[?1047l") // the program on it draws anew; the screen below must not lose its prompt
		}
		if t.margins {
			t.raw("\x1b7\x1b[r\x1b8")
		}
		if n := t.em.CursorPosition().Y - rows + 1; n > 0 {
			s := strconv.Itoa(n)
			t.raw("\x1b[" + s + "S\x1b[" + s + "A")
		}
		if alt {
			t.raw("\x1b[?1047h")
		}
	}
	t.settle()
	t.moved()
	t.margins, t.tabs = false, false
	t.em.Resize(cols, rows)
	t.cols, t.rows = cols, rows
	t.version++
}
