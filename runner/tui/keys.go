package tui

import (
	"strings"
	"unicode/utf8"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// keyMap is every key of the screen, outside of the shell, which gets all keys but those of shellActions.
type keyMap struct {
	// everywhere
	help, quit key.Binding
	// scrolling and moving in lists
	up, down, pageUp, pageDown, top, bottom key.Binding
	// the course
	open, retry key.Binding
	// a lab
	next, prev, run, copyCommand, commandLeft, commandRight key.Binding
	hint, solution, answer, solve, stop, reset, shell, back key.Binding
	// skip and rewind are one key, which brings the state to the step on the screen
	skip, rewind key.Binding
	// the panes of a lab; zoomHere makes the shell large while it has the keyboard
	zoom, unzoom, zoomShell, zoomHere, narrower, wider key.Binding
	// the picture in place of the text; pictureHere is for while the shell has the keyboard
	picture, pictureHere, textAgain, pictureBefore, pictureAfter key.Binding
	// what the shell showed before; findBack is for while the shell has the keyboard
	find, findBack, findAgain, findOlder, findNewer, mark, copyLines, readEnd key.Binding
	// what lies over the screen
	courseMap, search, words, questions, summary, work, tour key.Binding
	// the shell, the answer field and confirmations
	leaveShell, shellUp, shellDown, submit, cancel, yes key.Binding
}

func newKeyMap(t texts) keyMap {
	bind := func(desc, shown string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown, desc))
	}
	k := t.keys
	return keyMap{
		help: bind(k.help, "?", "?", "f1"),
		quit: bind(k.quit, "q", "q", "ctrl+c"),

		up:       bind(k.up, "↑", "up", "k"),
		down:     bind(k.down, "↓", "down", "j"),
		pageUp:   bind(k.pageUp, "pgup", "pgup", "ctrl+b"),
		pageDown: bind(k.pageDown, "space", "pgdown", "ctrl+f", "space"),
		top:      bind(k.top, "g", "g", "home"),
		bottom:   bind(k.bottom, "G", "G", "end"),

		open:  bind(k.open, "enter", "enter", "right", "l"),
		retry: bind(k.retry, "u", "u"),

		next:         bind(k.next, "n", "n"),
		prev:         bind(k.prev, "p", "p"),
		run:          bind(k.run, "enter", "enter"),
		copyCommand:  bind(k.copyCommand, "y", "y"),
		commandLeft:  bind(k.commandLeft, "←", "left", "["),
		commandRight: bind(k.commandRight, "→", "right", "]"),
		hint:         bind(k.hint, "h", "h"),
		solution:     bind(k.solution, "o", "o"),
		answer:       bind(k.answer, "a", "a"),
		solve:        bind(k.solve, "d", "d"),
		stop:         bind(k.stop, "x", "x"),
		reset:        bind(k.reset, "r", "r"),
		skip:         bind(k.skip, "t", "t"),
		rewind:       bind(k.rewind, "t", "t"),
		shell:        bind(k.shell, "s", "s", "tab", "`"),
		back:         bind(k.back, "esc", "esc"),

		zoom:      bind(k.zoom, "z", "z"),
		unzoom:    bind(k.unzoom, "z", "z"),
		zoomShell: bind(k.zoomShell, "Z", "Z"),
		zoomHere:  bind(k.zoomHere, "alt+z", "alt+z"),
		narrower:  bind(k.narrower, "<", "<"),
		wider:     bind(k.wider, ">", ">"),

		picture:       bind(k.picture, "v", "v"),
		pictureHere:   bind(k.pictureHere, "alt+v", "alt+v"),
		textAgain:     bind(k.textAgain, "v", "v", "esc"),
		pictureBefore: bind(k.pictureBefore, "←", "left", "["),
		pictureAfter:  bind(k.pictureAfter, "→", "right", "]"),

		find:      bind(k.find, "f", "f"),
		findBack:  bind(k.findBack, "ctrl+f", "ctrl+f"),
		findAgain: bind(k.findAgain, "/", "/"),
		findOlder: bind(k.findOlder, "n", "n"),
		findNewer: bind(k.findNewer, "N", "N"),
		mark:      bind(k.mark, "v", "v", "space"),
		copyLines: bind(k.copyLines, "y", "y", "enter"),
		readEnd:   bind(k.readEnd, "esc", "esc", "q", "i", "ctrl+c"),
		courseMap: bind(k.courseMap, "m", "m"),
		search:    bind(k.search, "/", "/"),
		words:     bind(k.words, "w", "w"),
		questions: bind(k.questions, "i", "i"),
		summary:   bind(k.summary, "e", "e"),
		work:      bind(k.work, "b", "b"),
		tour:      bind(k.tour, "T", "T"),

		leaveShell: bind(k.leaveShell, "ctrl+]", "ctrl+]", "f2"),
		shellUp:    bind(k.shellUp, "shift+pgup", "shift+pgup"),
		shellDown:  bind(k.shellDown, "shift+pgdn", "shift+pgdown"),
		submit:     bind(k.submit, "enter", "enter"),
		cancel:     bind(k.cancel, "esc", "esc", "ctrl+c"),
		yes:        bind(k.yes, "y", "y", "Y"),
	}
}

// hangul is the two-set keyboard: what a key sends while Korean input is on.
const (
	hangulKeys = "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ"
	latinKeys  = "qwertyuiopasdfghjklzxcvbnmQWERTOP"
)

// latin gives a key its name on an English keyboard, so that a learner who forgot to switch Korean input off is
// understood all the same.
func latin(msg tea.KeyPressMsg) tea.KeyPressMsg {
	if msg.Text == "" && msg.Mod == tea.ModAlt {
		if i := strings.IndexRune(hangulKeys, msg.Code); i >= 0 {
			msg.Code = rune(latinKeys[utf8.RuneCountInString(hangulKeys[:i])])
		}
		return msg
	}
	r, size := utf8.DecodeRuneInString(msg.Text)
	if size == 0 || size != len(msg.Text) {
		return msg
	}
	i := 0
	for _, h := range hangulKeys {
		if h == r {
			return tea.KeyPressMsg{Text: latinKeys[i : i+1], Code: rune(latinKeys[i])}
		}
		i++
	}
	return msg
}
