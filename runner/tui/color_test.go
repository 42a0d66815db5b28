package tui

import (
	"context"
	"io"
	"regexp"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// TestNoColor holds that NO_COLOR leaves no colour on the terminal, and the other renditions, which tell things apart, be.
func TestNoColor(t *testing.T) {
	colour := regexp.MustCompile(`\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:[;:][0-9;:]*)?m`)
	bold := regexp.MustCompile(`\x1b\[(?:[0-9;]*;)?1(?:;[0-9;]*)?m`)
	for _, c := range []struct {
		environ []string
		colours bool
	}{
		{[]string{"TERM=xterm-256color", "TTY_FORCE=1"}, true},
		{[]string{"TERM=xterm-256color", "TTY_FORCE=1", "NO_COLOR=1"}, false},
	} {
		app, _ := newFake()
		out := &terminal{}
		r, w := io.Pipe()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() {
			ended <- run(ctx, Config{Course: testCourse(), App: app, Input: r, Output: out, Lab: "scale", Environ: c.environ}, tea.WithWindowSize(120, 30))
		}()
		out.until(t, "확인")
		cancel()
		<-ended
		w.Close()
		got := []byte(out.String())
		if colour.Match(got) != c.colours {
			t.Errorf("%v: %q", c.environ, colour.Find(got))
		}
		if !bold.Match(got) {
			t.Errorf("%v: no title is bold", c.environ)
		}
	}
}
