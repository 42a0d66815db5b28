package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/charmbracelet/x/term"
)

// interruptible returns a context that ends with the first signal. What is half done is then put right; whoever does
// not want to wait for that sends a second signal, which ends the program at once and leaves the terminal usable.
func interruptible() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	restore := terminalRestorer(os.Stdin, os.Stdout)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		<-signals
		cancel()
		<-signals
		restore()
		os.Exit(exitInterrupted)
	}()
	return ctx
}

// terminalRestorer remembers how a terminal is now and returns what makes it so again.
func terminalRestorer(in, out *os.File) func() {
	state, err := term.GetState(in.Fd())
	if err != nil {
		return func() {} // no terminal
	}
	return func() {
		_ = term.Restore(in.Fd(), state)
		if term.IsTerminal(out.Fd()) {
			_, _ = out.WriteString(resetScreen)
		}
	}
}
