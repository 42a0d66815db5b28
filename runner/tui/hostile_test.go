package tui

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/session"
)

// attacks are what a container, a file name or a stranger's lab may say to a terminal.
var attacks = map[string]string{
	"clipboard":    "a\x1b]52;c;cm0gLXJmIH4K\ab",
	"link":         "\x1b]8;;http://evil/\x1b\\text\x1b]8;;\x1b\\",
	"title":        "\x1b]0;owned\x1b\\x",
	"open command": "x\x1b]52;c;",
	"clear":        "a\x1b[2J\x1b[H\x1b[?1049lb",
	"colour":       "\x1b[38;5;199;5mblink",
	"device":       "\x1bP+q544e\x1b\\x\x1b_Gq\x1b\\y\x1b^z\x1b\\\x1bXs\x1b\\",
	"lone escape":  "a\x1b",
	"bidi":         "\u202egnp.exe\u202c\u2066x\u2069\u200f\u061c",
	"zero width":   "ku\u200bb\u200ci\u2060a\ufeff\u00ad\U000e0041\u3164",
	"C1":           "a\u009b31mb\u0090q\u009c\u009d52;c;x\u0007\u0085",
	"bytes":        "\x9b31m\xff\xfe\xc3(\xe2\x80",
	"controls":     "a\rb\tc\bd\x00e\x7ff\vg\fh\x0ei",
	"accents":      "e" + strings.Repeat("\u0301", 200),
	"letters":      strings.Repeat("\u1100", 60) + strings.Repeat("\u1161", 60),
	"emoji":        strings.Repeat("👨\u200d", 40) + "🇰🇷🇰☠\ufe0f\u20e3",
	"separators":   "a\u2028b\u2029c",
	"markdown":     "](http://evil/\x1b]8;;x\a) `\x1b[31m` ```\n\x1b[2J\n| \x1b[H |\n|-|\n# \u202e\n- \x1b]52;c;x\a",
}

// TestHostile puts every attack in the place of every text that is not ours, in every scene: nothing but text and the
// renditions that the theme makes may reach the terminal.
func TestHostile(t *testing.T) {
	known := map[string]bool{}
	for _, scene := range scenes {
		for _, sgr := range sequence.FindAllString(scene.play(t, 80, 24).m.View().Content, -1) {
			known[sgr] = true
		}
	}
	for _, scene := range scenes {
		t.Run(scene.name, func(t *testing.T) {
			for name, evil := range attacks {
				r := scene.play(t, 80, 24)
				r.poison(evil)
				for _, size := range [][2]int{{40, 12}, {80, 24}, {160, 48}} {
					r.m.Update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
					checkSize(t, r.m, size[0], size[1])
					if why := acts(r.m.View(), known); why != "" {
						t.Errorf("%s: the screen of %dx%d %s", name, size[0], size[1], why)
					}
				}
			}
		})
	}
}

// sequence is a graphic rendition, the only sequence that a line may hold.
var sequence = regexp.MustCompile("\x1b\\[[0-9;:]*m")

// acts says what in a view does more to a terminal than draw, or nothing.
func acts(v tea.View, known map[string]bool) string {
	for _, sgr := range sequence.FindAllString(v.Content, -1) {
		if !known[sgr] {
			return "holds " + strings.Trim(sgr, "\x1b") + ", which no theme makes"
		}
	}
	rest := sequence.ReplaceAllString(v.Content+"\n"+v.WindowTitle, "")
	if !utf8.ValidString(rest) {
		return "is not UTF-8"
	}
	before := rune(0)
	for _, r := range rest {
		joins := r == '\u200d' && unicode.Is(unicode.So, before) // an emoji's
		if r != '\n' && !joins && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u3164' || r == '\u2028' || r == '\u2029') {
			return fmt.Sprintf("holds %U", r)
		}
		before = r
	}
	return ""
}

// poison puts a text in the place of every one that comes from outside.
func (r *robot) poison(evil string) {
	poisonValue(reflect.ValueOf(r.m.course), evil, map[uintptr]bool{})
	r.lab.set(func(v *session.View) { poisonValue(reflect.ValueOf(v), evil, map[uintptr]bool{}) })
	r.app.set(func(o *Overview) {
		env := o.Environment
		env.Steps = append([]session.EnvironmentStep(nil), env.Steps...)
		env.Findings = append([]engine.Finding(nil), env.Findings...)
		poisonValue(reflect.ValueOf(&env), evil, map[uintptr]bool{})
		o.Environment = env
	})
	if r.lab.shell != nil {
		r.lab.shell.running, r.lab.shell.err = evil, errors.New(evil)
	}
	r.settle()
	r.m.paste(tea.PasteMsg{Content: evil})
	r.settle()
}

// ours are the fields that nobody from outside fills.
var ours = map[string]bool{"ID": true, "Needs": true, "Path": true, "Stack": true}

// poisonValue replaces every string within v, but for keys and what names things to the program.
func poisonValue(v reflect.Value, evil string, seen map[uintptr]bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || seen[v.Pointer()] || v.Type() == reflect.TypeFor[*checks.Check]() || v.Type() == reflect.TypeFor[*labs.Check]() {
			return
		}
		seen[v.Pointer()] = true
		poisonValue(v.Elem(), evil, seen)
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && !ours[f.Name] {
				poisonValue(v.Field(i), evil, seen)
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			poisonValue(v.Index(i), evil, seen)
		}
	case reflect.Interface:
		if !v.IsNil() && v.CanSet() && v.Type() == reflect.TypeFor[error]() {
			v.Set(reflect.ValueOf(errors.New(evil)))
		}
	case reflect.String:
		if v.CanSet() && v.Type() == reflect.TypeFor[string]() {
			v.SetString(evil)
		}
	}
}

// TestHostileErrors does the same to what is told of things that fail.
func TestHostileErrors(t *testing.T) {
	for name, evil := range attacks {
		r := newRobot(t, 80, 24)
		known := map[string]bool{}
		for _, sgr := range sequence.FindAllString(r.m.View().Content, -1) {
			known[sgr] = true
		}
		r.m.say(r.m.failed(errors.New(evil)), true)
		if why := acts(r.m.View(), known); why != "" {
			t.Errorf("%s: the screen %s", name, why)
		}
		if got := r.m.failed(errors.New(evil)); strings.ContainsAny(got, "\x1b\x07\n") {
			t.Errorf("%s: says %q", name, got)
		}
	}
}
