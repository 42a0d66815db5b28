package shell

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// maxParams is how many parameters of a control sequence are looked at: the emulator has room for 32.
const maxParams = 30

// param is the i-th number, bounded by 9999, or missing where it is not given.
func (q csi) param(i, missing int) int {
	rest := q.params
	for ; i > 0; i-- {
		_, after, ok := bytes.Cut(rest, []byte{';'})
		if !ok {
			return missing
		}
		rest = after
	}
	n, digits := 0, 0
	for _, c := range rest {
		if c < '0' || c > '9' {
			break
		}
		digits++
		n = min(n*10+int(c-'0'), 9999)
	}
	if digits == 0 {
		return missing
	}
	return n
}

// count is how many numbers there are.
func (q csi) count() int { return min(bytes.Count(q.params, []byte{';'})+1, maxParams) }

// csi lets through the control sequences that the emulator knows, by name and with bounded numbers: it would repeat a
// character 10^18 times, and read beyond its lines after a scrolling region that is higher than the screen.
func (t *terminal) csi(q csi) {
	switch string([]byte{q.prefix, q.inter, q.final}) {
	case "\x00\x00m":
		pen := sgr(q.params)
		t.plainPen = pen == "" || pen == "0"
		t.raw("\x1b[" + pen + "m")
	case "\x00\x00n", "?\x00n":
		switch n := q.param(0, 0); {
		case n == 6:
			t.raw("\x1b[" + prefix(q) + "6n")
		case n == 5 && q.prefix == 0:
			t.answer("\x1b[0n") // the emulator's own answer is that of a printer
		}
	case "\x00\x00c", ">\x00c":
		if q.param(0, 0) == 0 {
			t.raw("\x1b[" + prefix(q) + "c")
		}
	case "\x00$p", "?$p":
		t.raw("\x1b[" + prefix(q) + strconv.Itoa(q.param(0, 0)) + "$p")
	case "\x00 q":
		t.raw("\x1b[" + strconv.Itoa(min(q.param(0, 0), 6)) + " q")
	case "\x00\x00h", "\x00\x00l", "?\x00h", "?\x00l":
		t.setModes(q)
	case "\x00!p":
		t.moved()
		t.margins = false
		t.plainPen, t.plainSet = true, true
		t.raw("\x1b[m\x1b(B\x1b[4l\x1b[?6l\x1b[?7h\x1b[?25h\x1b[?1l\x1b>\x1b7\x1b[r\x1b8")
	case "?\x00J", "?\x00K":
		q.prefix = 0
		t.edit(q)
	default:
		if q.prefix == 0 && q.inter == 0 {
			t.edit(q)
		}
	}
}

func prefix(q csi) string {
	if q.prefix == 0 {
		return ""
	}
	return string(rune(q.prefix))
}

// edit carries out what moves the cursor or changes cells.
func (t *terminal) edit(q csi) {
	n := max(q.param(0, 1), 1)
	switch q.final {
	case 'A', 'B', 'C', 'D', 'E', 'F', 'G', '`', 'a', 'd', 'e':
		t.sequence(n, q.final)
	case 'I', 'Z', 'X', '@', 'P':
		t.sequence(min(n, t.cols), q.final)
	case 'L', 'M', 'S', 'T':
		n = min(n, t.rows)
		t.sequence(n, q.final)
		t.scrolled(n)
	case 'H', 'f':
		t.moved()
		t.raw("\x1b[" + strconv.Itoa(n) + ";" + strconv.Itoa(max(q.param(1, 1), 1)) + "H")
	case 'J':
		t.eraseDisplay(q.param(0, 0))
	case 'K':
		if n := q.param(0, 0); n <= 2 {
			t.sequence(n, 'K')
		}
	case 'g':
		if n := q.param(0, 0); n == 0 || n == 3 {
			t.tabs = true
			t.sequence(n, 'g')
		}
	case 'b':
		if c := t.repeat; c.content != "" {
			for range min(n, t.cols) {
				t.cluster(c.content, c.width)
			}
		}
	case 'r':
		t.scrollRegion(q)
	case 's':
		t.raw("\x1b7")
	case 'u':
		t.moved()
		t.restoreCursor()
	}
}

func (t *terminal) sequence(n int, final byte) {
	t.moved()
	t.raw("\x1b[" + strconv.Itoa(n) + string(rune(final)))
}

func (t *terminal) eraseDisplay(n int) {
	switch {
	case n == 3: // the lines above the screen
		t.settle()
		t.history.clear()
	case n == 2 && t.alt:
		t.moved()
		t.raw("\x1b[1J\x1b[0J") // as 2, without a copy of the screen in the scrollback
	case n <= 2:
		t.sequence(n, 'J')
	}
}

func (t *terminal) scrollRegion(q csi) {
	top, bottom := max(q.param(0, 1), 1), min(q.param(1, t.rows), t.rows)
	if bottom < 1 {
		bottom = t.rows
	}
	if top >= bottom {
		return
	}
	t.moved()
	t.margins = top > 1 || bottom < t.rows
	t.raw("\x1b[" + strconv.Itoa(top) + ";" + strconv.Itoa(bottom) + "r")
}

// setModes sets and resets the modes that the emulator and this package know. Left and right margins are not among them:
// the emulator reads beyond its lines with them.
func (t *terminal) setModes(q csi) {
	on := q.final == 'h'
	for i := range q.count() {
		n := q.param(i, -1)
		known := false
		if q.prefix == 0 {
			known = n == ansi.ModeInsertReplace.Mode() || n == ansi.ModeLineFeedNewLine.Mode()
		} else {
			switch n {
			case 1, 6, 7, 9, 25, 66, 1000, 1002, 1003, 1004, 1006, 2004:
				known = true
			case 47, 1047, 1048, 1049:
				known = true
				t.moved()
				if on && n != 1048 {
					t.altRows = maxAltRows + 1 // empty what is left of the last time
				}
			}
			if n == 47 {
				n = 1047
			}
			if n == 6 || n == 7 {
				t.moved()
			}
		}
		if known {
			t.raw("\x1b[" + prefix(q) + strconv.Itoa(n) + string(rune(q.final)))
			if n >= 1047 && n <= 1049 {
				t.plainPen = false      // each screen and saved cursor has a pen of its own
				t.raw("\x1b[0C\x1b[0A") // into the screen, as restoreCursor does
			}
		}
	}
}

// sgr copies the numbers of a graphic rendition, each bounded by 255.
func sgr(params []byte) string {
	var b strings.Builder
	number, any, fields := 0, false, 1
	flush := func() {
		if any {
			b.WriteString(strconv.Itoa(number))
		}
		number, any = 0, false
	}
	for _, c := range params {
		if c >= '0' && c <= '9' {
			number, any = min(number*10+int(c-'0'), 255), true
			continue
		}
		if fields++; fields > maxParams {
			break
		}
		flush()
		b.WriteByte(c)
	}
	flush()
	return b.String()
}

// setTitle takes the data of OSC 0 and 2, without control characters.
func (t *terminal) setTitle(s string) {
	s = strings.Map(func(r rune) rune {
		if r < 0x20 || r >= 0x7f && r <= 0x9f || r == '\uFFFD' {
			return -1
		}
		return r
	}, s)
	t.title = ansi.Truncate(s, 200, "…")
	t.version++
}
