package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/session"
)

// The exit codes, also in --help and README.
const (
	exitOK          = 0
	exitFailed      = 1   // a check or a lab failed, or something went wrong
	exitUsage       = 2   // wrong use
	exitEnvironment = 3   // the environment is missing something
	exitInterrupted = 130 // Ctrl-C
)

// errFailed is returned by a command that has already said what failed.
var errFailed = errors.New("failed")

// hintError is an error with the next thing to try.
type hintError struct {
	code int
	err  error
	hint string
}

func (e *hintError) Error() string { return e.err.Error() }
func (e *hintError) Unwrap() error { return e.err }

func usage(hint, format string, args ...any) error {
	return &hintError{exitUsage, fmt.Errorf(format, args...), hint}
}

func missing(hint, format string, args ...any) error {
	return &hintError{exitEnvironment, fmt.Errorf(format, args...), hint}
}

// exitCode says an error and what to try next, and turns it into the program's exit code. It is the only place that
// decides on errors.
func exitCode(w io.Writer, err error) int {
	var hint *hintError
	var step *engine.StepError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(w, "중단했습니다.")
		return exitInterrupted
	case errors.Is(err, errFailed):
		return exitFailed
	case errors.Is(err, session.ErrHeld):
		say(w, err.Error(), "그 kubelab에서 실습을 나간 뒤 다시 해 보세요")
		return exitFailed
	case errors.As(err, &hint):
		say(w, err.Error(), hint.hint)
		return hint.code
	case errors.As(err, &step):
		say(w, err.Error(), "kubelab doctor 로 무엇이 빠졌는지 확인하고, kubelab up 을 다시 실행하세요")
		return exitEnvironment
	}
	say(w, err.Error(), "kubelab doctor 로 환경을 확인하세요")
	return exitFailed
}

func say(w io.Writer, message, hint string) {
	fmt.Fprintln(w, "오류: "+plain(message))
	if hint != "" {
		fmt.Fprintln(w, "다음: "+plain(hint))
	}
}

// plain takes out what would do something to a terminal. A course may be a stranger's, and what a check saw may be a
// container's output.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return -1
		}
		return r
	}, ansi.Strip(s))
}
