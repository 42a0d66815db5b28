package tui

import (
	"testing"

	tea "charm.land/bubbletea/v2"
)

// BenchmarkFirstFrame is the time from nothing to the first screen of a lab at 200x50.
func BenchmarkFirstFrame(b *testing.B) {
	for b.Loop() {
		r := inLab(b, 200, 50)
		if r.m.View().Content == "" {
			b.Fatal("nothing is drawn")
		}
	}
}

// BenchmarkKeyToFrame is the time from a key to the screen that answers it at 200x50.
func BenchmarkKeyToFrame(b *testing.B) {
	for _, c := range []struct {
		name string
		keys []tea.KeyPressMsg
	}{
		{"scroll", []tea.KeyPressMsg{press("down"), press("up")}},
		{"select", []tea.KeyPressMsg{press("right")}},
		{"refused", []tea.KeyPressMsg{press("p")}},
	} {
		b.Run(c.name, func(b *testing.B) {
			r := inLab(b, 200, 50)
			i := 0
			for b.Loop() {
				r.m.Update(c.keys[i%len(c.keys)])
				r.m.View()
				i++
			}
		})
	}
}

// BenchmarkShellFrame is the time from a new screen of the shell to the learner's at 200x50.
func BenchmarkShellFrame(b *testing.B) {
	r := inLab(b, 200, 50)
	lines := make([]string, 40)
	for i := range lines {
		lines[i] = "\x1b[32mkubia-4lm8d\x1b[m   1/1   Running   0   4분   10.244.1.7   kubelab-worker2   <none>   <none>"
	}
	r.lab.shell = newFakeShell(lines...)
	signal(r.lab.changed)
	r.settle()
	r.press("s")
	msg := screenMsg{r.m.lab, r.lab.shell, r.lab.shell.Screen()}
	b.ResetTimer()
	for b.Loop() {
		r.m.Update(msg)
		r.m.View()
	}
}
