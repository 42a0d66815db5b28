package main

import (
	"testing"

	"github.com/charmbracelet/x/term"
)

// TestPlainOnTerminal holds that --plain draws nothing on a terminal that could be drawn on, that `shell` gives the
// terminal to the lab's shell, and that the end of the shell gives it back as it was.
func TestPlainOnTerminal(t *testing.T) {
	s := startOnScreen(t, "kubelab", "--plain", "files")
	types := func(line, want string) {
		t.Helper()
		if _, err := s.terminal.WriteString(line); err != nil {
			t.Fatal(err)
		}
		s.until("it says "+want, func() bool { return s.drawn.has(want) })
	}
	types("", "실습을 모두 마쳤습니다.") // it has no checks; once it is prepared, it is done
	types("run\r", "  | 하나")
	types("shell\r", "돌아오려면 exit를 입력하세요.")
	s.until("the terminal is the shell's", func() bool {
		now, err := term.GetState(s.tty.Fd())
		return err == nil && *now != *s.before
	})
	types("echo sum-$((20+22)) $PWD\r", "sum-42 "+s.state)
	types("printf '\\033]52;c;AAAA\\007'; echo do''ne\r", "done\r\n")
	types("exit\r", "셸에서 돌아왔습니다.")
	now, err := term.GetState(s.tty.Fd())
	if err != nil || *now != *s.before {
		t.Errorf("the terminal was %+v and is %+v (%v)", s.before, now, err)
	}
	types("! echo again-$((1+1))\r", "  | again-2")
	if _, err := s.terminal.WriteString("quit\r"); err != nil {
		t.Fatal(err)
	}
	if code := s.exit(); code != exitOK {
		t.Errorf("exit code %d, want %d", code, exitOK)
	}
	for _, sequence := range []string{"\x1b[?1049h", "\x1b]52", "\x1b]633"} {
		if s.drawn.has(sequence) {
			t.Errorf("the terminal got %q", sequence)
		}
	}
}
