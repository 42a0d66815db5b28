package plain

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
)

// maxLine bounds a line of input, in bytes.
const maxLine = 64 << 10

// lines reads lines when it is asked to, and not before: between two of them, the terminal may be somebody else's.
type lines struct {
	want chan struct{}
	got  chan string
	// asked is true while a line is being read.
	asked bool
	// err is why there are no more, io.EOF at the end; it is set before got is closed.
	err error
}

// readLines begins to serve lines. The goroutine ends with the input, or with ctx unless it is reading then.
func readLines(ctx context.Context, r io.Reader) *lines {
	l := &lines{want: make(chan struct{}, 1), got: make(chan string)}
	go func() {
		defer close(l.got)
		in := bufio.NewReaderSize(r, maxLine)
		for {
			select {
			case <-l.want:
			case <-ctx.Done():
				return
			}
			line, err := readLine(in)
			if err != nil {
				l.err = err
				return
			}
			select {
			case l.got <- line:
			case <-ctx.Done():
				return
			}
		}
	}()
	return l
}

// readLine reads a line; of one that is longer than maxLine, the rest is left out. The last one need not have an end.
func readLine(in *bufio.Reader) (string, error) {
	line, err := in.ReadSlice('\n')
	text := string(line)
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = in.ReadSlice('\n')
	}
	if err != nil && (!errors.Is(err, io.EOF) || text == "") {
		return "", err
	}
	return strings.TrimRight(text, "\r\n"), nil
}

// ask has the next line read, where that has not begun.
func (l *lines) ask() {
	if !l.asked {
		l.asked = true
		l.want <- struct{}{}
	}
}
