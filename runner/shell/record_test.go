package shell

import (
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	uv "github.com/charmbracelet/ultraviolet"

	"github.com/kubelab/kubelab/checks"
)

func TestParseMark(t *testing.T) {
	tests := []struct {
		data string
		want mark
		ok   bool
	}{
		{"633;A;0;secret", mark{'A', "0"}, true},
		{"633;B;secret", mark{'B', ""}, true},
		{"633;D;130;secret", mark{'D', "130"}, true},
		{`633;E;echo a\x3b b\\c\x0ad;secret`, mark{'E', "echo a; b\\c\nd"}, true},
		{`633;E;\xzz\;secret`, mark{'E', `xzz\`}, true},
		{"633;E;;secret", mark{'E', ""}, true},
		{"633;D;0;guess", mark{}, false},
		{"633;D;0", mark{}, false},
		{"633;secret", mark{}, false},
		{"133;D;0;secret", mark{}, false},
		{"633;D;0;secret;", mark{}, false},
		{"633;D;0;x;secret", mark{}, false},
		{"", mark{}, false},
	}
	for _, tt := range tests {
		got, ok := parseMark([]byte(tt.data), "secret")
		if got != tt.want || ok != tt.ok {
			t.Errorf("%q: %q %q %v, want %q %q %v", tt.data, got.kind, got.arg, ok, tt.want.kind, tt.want.arg, tt.ok)
		}
	}
}

// TestTracker feeds marks in the orders in which shells send them.
func TestTracker(t *testing.T) {
	tests := []struct {
		name  string
		marks []mark
		want  []string // text, exit, + while running
	}{
		{"command", []mark{{'E', "ls"}, {'C', ""}, {'D', "0"}, {'A', "0"}, {'B', ""}}, []string{"+ls", "ls 0"}},
		{"two commands on a line", []mark{{'E', "a\nb"}, {'C', ""}, {'E', "a\nb"}, {'C', ""}, {'D', "1"}}, []string{"+a\nb", "a\nb 1"}},
		{"syntax error", []mark{{'E', "echo )"}, {'D', "2"}, {'A', "2"}, {'B', ""}}, []string{"echo ) 2"}},
		{"interrupted line", []mark{{'E', "echo"}, {'D', "130"}, {'A', "130"}, {'B', ""}}, nil},
		{"comment", []mark{{'E', " # x\n#y"}, {'D', "0"}, {'A', "0"}, {'B', ""}}, nil},
		{"prompt hook lost", []mark{{'E', "PROMPT_COMMAND="}, {'C', ""}, {'A', "5"}, {'B', ""}}, []string{"+PROMPT_COMMAND=", "PROMPT_COMMAND= 5"}},
		{"status lost", []mark{{'E', "x"}, {'C', ""}, {'B', ""}}, []string{"+x", "x -1"}},
		{"prompt drawn again", []mark{{'A', "0"}, {'B', ""}, {'A', "0"}, {'B', ""}}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			var begun, ended time.Time
			tr := tracker{now: func() time.Time { return time.Unix(1, 0) }}
			tr.record = func(c checks.Command) {
				if c.Running {
					if !c.Started.After(begun) {
						t.Errorf("%q began at %v, not after %v", c.Text, c.Started, begun)
					}
					begun = c.Started
					got = append(got, "+"+c.Text)
					return
				}
				if c.Ended.Before(c.Started) || c.Ended.Before(ended) {
					t.Errorf("%q ended at %v", c.Text, c.Ended)
				}
				ended = c.Ended
				got = append(got, c.Text+" "+strconv.Itoa(c.Exit))
			}
			for range 2 { // the same twice: nothing is left over
				got = nil
				for _, m := range tt.marks {
					tr.mark(m)
				}
				if !reflect.DeepEqual(got, tt.want) {
					t.Errorf("recorded %q, want %q", got, tt.want)
				}
			}
		})
	}
}

func TestCapture(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"lines", "a\r\nb\r\n", "a\nb"},
		{"blank lines inside", "a\r\n\r\nb\r\n\r\n", "a\n\nb"},
		{"colours", "\x1b[31mred\x1b[0m plain", "red plain"},
		{"progress", "10%\r50%\r100%\r\ndone\r\n", "100%\ndone"},
		{"shorter over longer", "downloading\rdone\x1b[K\r\n", "done"},
		{"shorter over longer, not erased", "abcdef\rxy\r\n", "xycdef"},
		{"backspace", "abc\b\bX\r\n", "aXc"},
		{"two progress bars", "a: 1%\r\nb: 1%\r\n\x1b[2A\x1b[2Ka: 100%\r\n\x1b[2Kb: 100%\r\n", "a: 100%\nb: 100%"},
		{"Korean", "파드\r\n생성됨\r\n", "파드\n생성됨"},
		{"title and links", "\x1b]0;t\x07\x1b]8;;http://x\x07link\x1b]8;;\x07", "link"},
		{"tab", "NAME\tREADY\r\n", "NAME\tREADY"},
		{"cleared", "old\r\n\x1b[H\x1b[2J\x1b[3Jnew\r\n", "new"},
		{"cursor forward", "a\x1b[3Cb", "a   b"},
		{"column", "abcdef\x1b[2GX", "aXcdef"},
		{"nothing", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for cut := range len(tt.in) + 1 {
				p := newPipe(t, 80, 24)
				p.write(tt.in[:cut])
				p.write(tt.in[cut:])
				if got := p.capture.String(); got != tt.want {
					t.Fatalf("cut at %d: %q, want %q", cut, got, tt.want)
				}
			}
		})
	}
}

func TestCaptureKeepsTheEnd(t *testing.T) {
	for name, piece := range map[string]string{"lines": "0123456789 한글\r\n", "one line": "0123456789 한글", "line feeds": "\n"} {
		p := newPipe(t, 80, 24)
		p.write("the beginning\r\n")
		for range 20000 {
			p.write(piece)
			if p.capture.size > 3*maxOutput {
				t.Fatalf("%s: %d characters are kept", name, p.capture.size)
			}
		}
		p.write("the end\r\n")
		got := p.capture.String()
		if len(got) > maxOutput || !strings.HasSuffix(got, "the end") || strings.Contains(got, "beginning") || strings.Contains(got, "\uFFFD") {
			t.Errorf("%s: %d bytes that end in %q", name, len(got), got[max(len(got)-20, 0):])
		}
		if name != "line feeds" && len(got) < maxOutput-10 {
			t.Errorf("%s: only %d bytes are kept", name, len(got))
		}
	}
}

func TestEncodeKey(t *testing.T) {
	plain, app := keyModes{}, keyModes{cursor: true, keypad: true}
	tests := []struct {
		key  Key
		mode keyModes
		want string
	}{
		{Key{Code: 'a', Text: "a"}, plain, "a"},
		{Key{Code: 'a', Text: "A", Mod: uv.ModShift, ShiftedCode: 'A'}, plain, "A"},
		{Key{Code: 'a', ShiftedCode: 'A', Mod: uv.ModShift}, plain, "A"},
		{Key{Code: '가', Text: "가"}, plain, "가"},
		{Key{Code: uv.KeyExtended, Text: "한글"}, plain, "한글"},
		{Key{Code: uv.KeySpace, Text: " "}, plain, " "},
		{Key{Code: uv.KeyEnter}, plain, "\r"},
		{Key{Code: uv.KeyEnter, Mod: uv.ModShift}, plain, "\r"},
		{Key{Code: uv.KeyTab}, plain, "\t"},
		{Key{Code: uv.KeyTab, Mod: uv.ModShift}, plain, "\x1b[Z"},
		{Key{Code: uv.KeyBackspace}, plain, "\x7f"},
		{Key{Code: uv.KeyBackspace, Mod: uv.ModAlt}, plain, "\x1b\x7f"},
		{Key{Code: uv.KeyEscape}, plain, "\x1b"},
		{Key{Code: 'c', Mod: uv.ModCtrl}, plain, "\x03"},
		{Key{Code: 'd', Mod: uv.ModCtrl, BaseCode: 'd'}, plain, "\x04"},
		{Key{Code: ' ', Mod: uv.ModCtrl}, plain, "\x00"},
		{Key{Code: '\\', Mod: uv.ModCtrl}, plain, "\x1c"},
		{Key{Code: '_', Mod: uv.ModCtrl}, plain, "\x1f"},
		{Key{Code: '/', Mod: uv.ModCtrl}, plain, "\x1f"},
		{Key{Code: 'f', Text: "f", Mod: uv.ModAlt}, plain, "\x1bf"},
		{Key{Code: 'x', Mod: uv.ModCtrl | uv.ModAlt}, plain, "\x1b\x18"},
		{Key{Code: uv.KeyUp}, plain, "\x1b[A"},
		{Key{Code: uv.KeyUp}, app, "\x1bOA"},
		{Key{Code: uv.KeyLeft, Mod: uv.ModCtrl}, app, "\x1b[1;5D"},
		{Key{Code: uv.KeyRight, Mod: uv.ModAlt | uv.ModShift}, plain, "\x1b[1;4C"},
		{Key{Code: uv.KeyHome}, app, "\x1bOH"},
		{Key{Code: uv.KeyEnd}, plain, "\x1b[F"},
		{Key{Code: uv.KeyDelete}, plain, "\x1b[3~"},
		{Key{Code: uv.KeyDelete, Mod: uv.ModCtrl}, plain, "\x1b[3;5~"},
		{Key{Code: uv.KeyPgUp}, plain, "\x1b[5~"},
		{Key{Code: uv.KeyF1}, plain, "\x1bOP"},
		{Key{Code: uv.KeyF5}, plain, "\x1b[15~"},
		{Key{Code: uv.KeyF12, Mod: uv.ModShift}, plain, "\x1b[24;2~"},
		{Key{Code: uv.KeyKp5, Text: "5"}, plain, "5"},
		{Key{Code: uv.KeyKp5}, app, "\x1bOu"},
		{Key{Code: uv.KeyKpEnter}, plain, "\r"},
		{Key{Code: uv.KeyLeftShift, Mod: uv.ModShift}, plain, ""},
		{Key{Code: uv.KeyCapsLock}, plain, ""},
		{Key{Code: 'a', Text: "a", Mod: uv.ModCapsLock}, plain, "a"},
	}
	for _, tt := range tests {
		if got := encodeKey(tt.key, tt.mode); got != tt.want {
			t.Errorf("%+v with %+v: %q, want %q", tt.key, tt.mode, got, tt.want)
		}
	}
}

func TestPaste(t *testing.T) {
	tests := []struct {
		in        string
		bracketed bool
		want      string
	}{
		{"echo a", true, "\x1b[200~echo a\x1b[201~"},
		{"a\r\nb\rc", true, "\x1b[200~a\nb\nc\x1b[201~"},
		{"a\nb", false, "a\rb"},
		{"x\x1b[201~rm -rf\x03", true, "\x1b[200~x[201~rm -rf\x1b[201~"},
		{"탭\t\u009b", true, "\x1b[200~탭\t\x1b[201~"},
	}
	for _, tt := range tests {
		if got := paste(tt.in, tt.bracketed); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestShellEnv(t *testing.T) {
	p := program{"bash", "/bin/bash"}
	env := []string{"PATH=/bin", "PS1=x", "PROMPT_COMMAND=y", "BASH_ENV=/z", "TMUX=1", "TERM=dumb", "LC_ALL=C", "BASH_FUNC_f%%=() { :; }", "PWD=/", "FOO=1"}
	got := shellEnv(env, "/work", p, []string{"ZDOTDIR=/rc"})
	for name, want := range map[string]string{
		"PATH": "/bin", "FOO": "1", "PWD": "/work", "SHELL": "/bin/bash", "LANG": defaultLocale(),
		"LC_ALL": "", "PS1": "", "PROMPT_COMMAND": "", "BASH_ENV": "", "TMUX": "", "ZDOTDIR": "/rc",
	} {
		if v := lookup(got, name); v != want {
			t.Errorf("%s=%q, want %q", name, v, want)
		}
	}
	if s := strings.Join(got, "\n"); strings.Contains(s, "BASH_FUNC") {
		t.Errorf("a function came through: %s", s)
	}
	got = shellEnv([]string{"LANG=ko_KR.UTF-8"}, "/work", p, nil)
	if v := lookup(got, "LANG"); v != "ko_KR.UTF-8" {
		t.Errorf("LANG=%q, want the learner's UTF-8 locale", v)
	}
}
