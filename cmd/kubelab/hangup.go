package main

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// onHangup calls gone when a terminal is no more, until stop is called. The kernel says so with SIGHUP only to those whose
// own terminal it was; a screen that nobody can see or leave would stay for good.
func onHangup(terminal *os.File, gone func()) (stop func()) {
	ended, end, err := os.Pipe()
	if err != nil {
		return func() {}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		fds := []unix.PollFd{{Fd: int32(terminal.Fd())}, {Fd: int32(ended.Fd()), Events: unix.POLLIN}}
		for {
			_, err := unix.Poll(fds, -1)
			if errors.Is(err, unix.EINTR) {
				continue
			}
			if err == nil && fds[0].Revents&unix.POLLHUP != 0 {
				gone()
			}
			return
		}
	}()
	return func() {
		end.Close()
		<-done
		ended.Close()
	}
}
