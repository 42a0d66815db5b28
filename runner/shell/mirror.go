package shell

import (
	"bytes"
	"fmt"
	"io"
)

// Mirror copies what the shell writes to w, as it comes, until stop is called. It is for giving the learner's own
// terminal to the shell for a while. What would act on that terminal instead of drawing is left out: copies to the
// clipboard, titles and all other commands of the operating system, strings, and questions, which the shell's own
// terminal answers. A dumb w gets text alone. Writing to w must not take long: the shell waits for it.
func (s *Shell) Mirror(w io.Writer, dumb bool) (stop func()) {
	m := &mirror{dumb: dumb}
	m.scan.sink = m
	m.w = w
	s.mu.Lock()
	s.mirror = m
	s.mu.Unlock()
	return func() {
		s.mu.Lock()
		s.mirror = nil
		s.mu.Unlock()
	}
}

// mirror writes what a scanner finds out again.
type mirror struct {
	w    io.Writer
	dumb bool
	scan scanner
	buf  bytes.Buffer
}

// feed takes in what the shell wrote.
func (m *mirror) feed(p []byte) {
	m.scan.write(p)
	_, _ = m.w.Write(m.buf.Bytes()) // a terminal that is gone is noticed by whoever reads from it
	m.buf.Reset()
}

func (m *mirror) text(b []byte) { m.buf.Write(b) }

func (m *mirror) control(c byte) {
	switch c {
	case '\n', '\r', '\b', '\t', '\a':
		m.buf.WriteByte(c)
	}
}

func (m *mirror) escape(inter, final byte) {
	if m.dumb || final == 'Z' { // who are you?
		return
	}
	m.buf.WriteByte(0x1b)
	if inter != 0 {
		m.buf.WriteByte(inter)
	}
	m.buf.WriteByte(final)
}

func (m *mirror) csi(q csi) {
	switch {
	case m.dumb:
		return
	case q.final == 'c' || q.final == 'n' || q.final == 't' || q.final == 'p' && q.inter != 0 || q.final == 'q' && q.prefix == '>':
		return // questions, and the window
	}
	m.buf.WriteString("\x1b[")
	if q.prefix != 0 {
		m.buf.WriteByte(q.prefix)
	}
	m.buf.Write(q.params)
	if q.inter != 0 {
		m.buf.WriteByte(q.inter)
	}
	fmt.Fprintf(&m.buf, "%c", q.final)
}

func (m *mirror) osc([]byte) {}
