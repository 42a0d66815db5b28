package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/kubelab/kubelab/internal/lang"
	"github.com/kubelab/kubelab/runner/tui"
)

// leaveScreen takes back what the screen sets in a terminal, as often as it is written. resetScreen takes back the keyboard
// protocol, too, which lies on a stack.
const (
	leaveScreen = ansi.ResetModeMouseButtonEvent + ansi.ResetModeMouseAnyEvent + ansi.ResetModeMouseExtSgr +
		ansi.ResetModeFocusEvent + ansi.ResetModeBracketedPaste + ansi.ResetModeSynchronizedOutput + ansi.ResetStyle +
		ansi.ResetModeAltScreenSaveCursor + ansi.SetModeTextCursorEnable
	resetScreen = ansi.ResetModifyOtherKeys + "\x1b[<u" + leaveScreen
)

// watchdog is what stands beside the screen. A panic in any goroutine, a fatal error of the runtime and a kill -9 end
// the program without another word; only another process can then put the terminal right. It writes what the runtime
// says into the log, and knows by a word of farewell that all went well. Signals are not for it.
const watchdog = `trap '' INT TERM HUP QUIT TTOU TTIN TSTP PIPE
saved=$(stty -g <&3) || exit 0
umask 077
log=$1
echo ready
exec >/dev/null
cat > "$log"
if [ "$(head -c 8 "$log")" = farewell ]; then rm -f "$log"; exit 0; fi
stty "$saved" <&3
printf %s "$2" >&4
if [ -s "$log" ]; then printf '%s\n' "$3" >&4; else rm -f "$log"; fi
`

// standBy starts the watchdog over a terminal. farewell ends it; where there is no shell to run it, or no terminal, there
// is none, and nothing else is different.
func standBy(in, out *os.File, log string, l lang.Lang) (farewell func()) {
	nothing := func() {}
	said, say, err := os.Pipe()
	if err != nil {
		return nothing
	}
	defer said.Close()
	cmd := exec.Command("sh", "-c", watchdog, "kubelab-watchdog", log, resetScreen, crashed(log, l))
	cmd.Stdin, cmd.ExtraFiles = said, []*os.File{in, out}
	ready, err := cmd.StdoutPipe()
	if err != nil || cmd.Start() != nil {
		say.Close()
		return nothing
	}
	if line, _ := bufio.NewReader(ready).ReadString('\n'); line != "ready\n" || debug.SetCrashOutput(say, debug.CrashOptions{}) != nil {
		say.Close()
		_ = cmd.Wait()
		return nothing
	}
	return func() {
		_ = debug.SetCrashOutput(nil, debug.CrashOptions{})
		_, _ = say.WriteString("farewell")
		say.Close()
		_ = cmd.Wait()
	}
}

// crashLog is where a crash of this moment is written.
func crashLog(state string, now time.Time) string {
	return filepath.Join(state, "crash-"+now.Format("20060102-150405")+".log")
}

// crashed says that the program has ended by a mistake of its own, and what is not lost.
func crashed(log string, l lang.Lang) string {
	if l == lang.English {
		return "kubelab has ended by a mistake of its own. The log is in " + log + "\nYour progress is kept: run kubelab again to go on."
	}
	return "kubelab이 자기 잘못으로 끝났습니다. 기록: " + log + "\n진행은 남아 있습니다. kubelab을 다시 실행하면 이어서 할 수 있습니다."
}

// keepCrash writes the stack of a crash of the screen into the log, and makes of it an error that tells where.
func keepCrash(err error, log string, l lang.Lang) error {
	var crash *tui.Crash
	if !errors.As(err, &crash) {
		return err
	}
	text := fmt.Sprintf("kubelab %s\npanic: %s\n\n%s", version, crash.Value, crash.Stack)
	if writeErr := os.WriteFile(log, []byte(text), 0o600); writeErr != nil {
		return errors.Join(err, fmt.Errorf("write crash log: %w", writeErr))
	}
	return &hintError{exitFailed, errors.New(crashed(log, l)), "kubelab"}
}
