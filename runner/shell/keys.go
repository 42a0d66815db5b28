package shell

import (
	"fmt"
	"strconv"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// Key is a key press. A bubbletea v2 tea.KeyPressMsg converts to it: shell.Key(msg).
type Key = uv.KeyPressEvent

// keyModes are the modes of a terminal that keys are encoded by.
type keyModes struct {
	// cursor makes the arrow keys send SS3 sequences, keypad the numeric keypad.
	cursor, keypad bool
}

// cursorKeys send CSI or SS3 and this byte.
var cursorKeys = map[rune]byte{
	uv.KeyUp: 'A', uv.KeyDown: 'B', uv.KeyRight: 'C', uv.KeyLeft: 'D', uv.KeyHome: 'H', uv.KeyEnd: 'F', uv.KeyBegin: 'E',
	uv.KeyKpUp: 'A', uv.KeyKpDown: 'B', uv.KeyKpRight: 'C', uv.KeyKpLeft: 'D', uv.KeyKpHome: 'H', uv.KeyKpEnd: 'F',
	uv.KeyKpBegin: 'E',
}

// functionKeys send SS3 and this byte.
var functionKeys = map[rune]byte{uv.KeyF1: 'P', uv.KeyF2: 'Q', uv.KeyF3: 'R', uv.KeyF4: 'S'}

// tildeKeys send CSI, this number and a tilde.
var tildeKeys = map[rune]int{
	uv.KeyFind: 1, uv.KeyInsert: 2, uv.KeyDelete: 3, uv.KeySelect: 4, uv.KeyPgUp: 5, uv.KeyPgDown: 6,
	uv.KeyKpInsert: 2, uv.KeyKpDelete: 3, uv.KeyKpPgUp: 5, uv.KeyKpPgDown: 6,
	uv.KeyF5: 15, uv.KeyF6: 17, uv.KeyF7: 18, uv.KeyF8: 19, uv.KeyF9: 20, uv.KeyF10: 21, uv.KeyF11: 23, uv.KeyF12: 24,
	uv.KeyF13: 25, uv.KeyF14: 26, uv.KeyF15: 28, uv.KeyF16: 29, uv.KeyF17: 31, uv.KeyF18: 32, uv.KeyF19: 33, uv.KeyF20: 34,
}

// keypadKeys are what the numeric keypad sends: SS3 and the first byte in application mode, otherwise the second.
var keypadKeys = map[rune][2]byte{
	uv.KeyKp0: {'p', '0'}, uv.KeyKp1: {'q', '1'}, uv.KeyKp2: {'r', '2'}, uv.KeyKp3: {'s', '3'}, uv.KeyKp4: {'t', '4'},
	uv.KeyKp5: {'u', '5'}, uv.KeyKp6: {'v', '6'}, uv.KeyKp7: {'w', '7'}, uv.KeyKp8: {'x', '8'}, uv.KeyKp9: {'y', '9'},
	uv.KeyKpEnter: {'M', '\r'}, uv.KeyKpEqual: {'X', '='}, uv.KeyKpMultiply: {'j', '*'}, uv.KeyKpPlus: {'k', '+'},
	uv.KeyKpComma: {'l', ','}, uv.KeyKpSep: {'l', ','}, uv.KeyKpMinus: {'m', '-'}, uv.KeyKpDecimal: {'n', '.'},
	uv.KeyKpDivide: {'o', '/'},
}

// encodeKey is what xterm sends for a key (xterm's ctlseqs, "PC-Style Function Keys"). The emulator's own encoder sends
// nothing for capital letters and for arrows with a modifier.
func encodeKey(k Key, m keyModes) string {
	mod := k.Mod & (uv.ModShift | uv.ModAlt | uv.ModCtrl)
	number := 1
	for bit, value := range map[uv.KeyMod]int{uv.ModShift: 1, uv.ModAlt: 2, uv.ModCtrl: 4} {
		if mod&bit != 0 {
			number += value
		}
	}
	if c, ok := cursorKeys[k.Code]; ok {
		switch {
		case mod != 0:
			return fmt.Sprintf("\x1b[1;%d%c", number, c)
		case m.cursor:
			return "\x1bO" + string(rune(c))
		}
		return "\x1b[" + string(rune(c))
	}
	if c, ok := functionKeys[k.Code]; ok {
		if mod != 0 {
			return fmt.Sprintf("\x1b[1;%d%c", number, c)
		}
		return "\x1bO" + string(rune(c))
	}
	if n, ok := tildeKeys[k.Code]; ok {
		if mod != 0 {
			return fmt.Sprintf("\x1b[%d;%d~", n, number)
		}
		return "\x1b[" + strconv.Itoa(n) + "~"
	}
	if c, ok := keypadKeys[k.Code]; ok {
		if m.keypad {
			return "\x1bO" + string(rune(c[0]))
		}
		return string(rune(c[1]))
	}
	if k.Code == uv.KeyTab && mod&uv.ModShift != 0 {
		return "\x1b[Z"
	}
	s := encodeText(k, mod)
	if s != "" && mod&uv.ModAlt != 0 {
		return "\x1b" + s
	}
	return s
}

// encodeText is what a key that is not a function key sends, without what Alt adds.
func encodeText(k Key, mod uv.KeyMod) string {
	ctrl := mod&uv.ModCtrl != 0
	switch k.Code {
	case uv.KeyEnter:
		return "\r"
	case uv.KeyTab:
		return "\t"
	case uv.KeyEscape:
		return "\x1b"
	case uv.KeyBackspace:
		if ctrl {
			return "\b"
		}
		return "\x7f"
	}
	switch {
	case ctrl:
		return controlKey(k.Code)
	case k.Text != "":
		return k.Text
	case k.ShiftedCode != 0 && mod&uv.ModShift != 0:
		return string(k.ShiftedCode)
	case k.Code > 0 && k.Code < uv.KeyExtended:
		return string(k.Code)
	}
	return ""
}

// controlKey is the control character of a key, as xterm has it for keys without one, too.
func controlKey(c rune) string {
	switch {
	case c >= 'a' && c <= 'z', c >= '@' && c <= '_':
		return string(c & 0x1f)
	case c == ' ', c == '2':
		return "\x00"
	case c >= '3' && c <= '7':
		return string(c - '3' + 0x1b)
	case c == '8', c == '?':
		return "\x7f"
	case c == '/', c == '-':
		return "\x1f"
	case c > 0 && c < uv.KeyExtended:
		return string(c)
	}
	return ""
}

func (t *terminal) keyModes() keyModes {
	return keyModes{cursor: t.modes[ansi.ModeCursorKeys], keypad: t.modes[ansi.ModeNumericKeypad]}
}
