package shell

import (
	"bytes"
	"os"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

const (
	// slice is how many bytes the emulator takes in before the lock is let go: a flood keeps nobody waiting.
	slice = 4 << 10
	// backlog is how many bytes may be read ahead of the emulator. What is more waits in the kernel, and with it the
	// program that writes; a Ctrl-C shows after these.
	backlog = 64 << 10
)

// takeIn takes a piece off p, which is not empty, and returns its length.
func takeIn(scan *scanner, term *terminal, out *capture, p []byte) int {
	if scan.state == ground && len(scan.rest) == 0 && term.skimmable() {
		if end, lines := plainLines(p, term.cols); lines > 2*term.rows {
			return skim(scan, term, out, p[:end], lines)
		}
	}
	n := min(len(p), slice)
	if scan.state == ground && term.skimmable() {
		term.scrollAhead(simpleLines(p[:n]))
	}
	scan.write(p[:n])
	term.settle()
	return n
}

// scrollAhead scrolls by so many lines at once, where as many line feeds at the bottom of the screen are to come.
func (t *terminal) scrollAhead(lines int) {
	at := t.em.CursorPosition()
	if n := min(lines, t.rows-1); n > 1 && at.Y == t.rows-1 && !t.wrap {
		last := t.last
		t.edit(csi{final: 'S', params: strconv.AppendInt(nil, int64(n), 10)})
		t.edit(csi{final: 'A', params: strconv.AppendInt(nil, int64(n), 10)})
		t.last = last
		t.lastAt.y -= n
	}
}

// simpleLines counts the line feeds at the beginning of p that have nothing but text and graphic renditions before them.
// It ends at one that would fill the new line with a colour.
func simpleLines(p []byte) (lines int) {
	plainPen := true
	for i := 0; i < len(p); i++ {
		switch c := p[i]; {
		case c >= 0x20 && c != 0x7f || c == '\r' || c == '\t':
		case c == '\n' && plainPen:
			lines++
		case c == 0x1b && i+1 < len(p) && p[i+1] == '[':
			from := i + 2
			for i = from; i < len(p) && (p[i] >= '0' && p[i] <= '9' || p[i] == ';' || p[i] == ':'); i++ {
			}
			if i >= len(p) || p[i] != 'm' {
				return lines
			}
			pen := p[from:i]
			plainPen = len(pen) == 0 || string(pen) == "0"
		default:
			return lines
		}
	}
	return lines
}

// skimmable reports whether plain text would be drawn just as it is.
func (t *terminal) skimmable() bool {
	return t.plainPen && t.plainSet && !t.tabs && !t.alt && !t.margins && t.modes[ansi.ModeAutoWrap] &&
		!t.modes[ansi.ModeInsertReplace] && !t.modes[ansi.ModeOrigin]
}

// plainLines looks for whole lines of printable ASCII at the beginning of p. It returns where they end and how many
// there are. Tabs count as long as they stay within a line of the screen.
func plainLines(p []byte, cols int) (end, lines int) {
	col := 0
	for i := 0; i < len(p); i++ {
		switch c := p[i]; {
		case c >= 0x20 && c < 0x7f:
			col++
		case c == '\t':
			if col = (col/8 + 1) * 8; col >= cols {
				return end, lines
			}
		case c == '\r' && i+1 < len(p) && p[i+1] == '\n':
			i++
			end, col = i+1, 0
			lines++
		default:
			return end, lines
		}
	}
	return end, lines
}

// skim takes in plain lines, many more than the screen has. Those that would only scroll through it go right into the
// history: the emulator moves every cell for every line. It returns how many bytes it took.
func skim(scan *scanner, term *terminal, out *capture, p []byte, lines int) int {
	// The first line ends the one that the cursor is in. After it, the cursor must be where each line scrolls.
	taken := bytes.IndexByte(p, '\n') + 1
	scan.write(p[:taken])
	term.settle()
	if at := term.em.CursorPosition(); at.X != 0 || at.Y != term.rows-1 {
		return taken
	}
	if term.rows > 1 {
		term.edit(csi{final: 'S', params: strconv.AppendInt(nil, int64(term.rows-1), 10)})
		term.edit(csi{final: 'H'})
		term.settle()
	}
	for n := lines - 1 - term.rows; n > 0; n-- {
		end := taken + bytes.IndexByte(p[taken:], '\n') - 1 // before CR LF
		line := p[taken:end]
		term.scrollPast(line)
		out.text(line)
		out.control('\r')
		out.control('\n')
		taken = end + 2
	}
	scan.write(p[taken:])
	term.settle()
	return len(p)
}

// scrollPast adds a line of plain text to the history, wrapped as the screen would.
func (t *terminal) scrollPast(line []byte) {
	text := string(line)
	if strings.Contains(text, "\t") {
		text = expandTabs(text)
	}
	for len(text) > t.cols {
		t.history.push(strings.TrimRight(text[:t.cols], " "))
		text = text[t.cols:]
	}
	t.history.push(strings.TrimRight(text, " "))
	t.version++
}

// expandTabs replaces tabs by blanks.
func expandTabs(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if s[i] == '\t' {
			writeBlanks(&b, 8-b.Len()%8)
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// pieces reads f in a goroutine of its own, so that what was written meanwhile is taken in as one. The channel is
// closed when reading fails.
func pieces(f *os.File) <-chan []byte {
	read := make(chan []byte, backlog/slice)
	go func() {
		defer close(read)
		for {
			p := make([]byte, slice) // a terminal gives no more at once
			n, err := f.Read(p)
			if n > 0 {
				read <- p[:n]
			}
			if err != nil {
				return
			}
		}
	}()
	return read
}

// join is p with the pieces that wait already.
func join(p []byte, read <-chan []byte) []byte {
	for len(p) < backlog {
		select {
		case more, ok := <-read:
			if !ok {
				return p
			}
			p = append(p, more...)
		default:
			return p
		}
	}
	return p
}
