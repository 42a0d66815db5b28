package shell

import (
	"bytes"
	"unicode/utf8"
)

// maxSequence bounds the bytes kept of one control sequence. What is longer is swallowed whole: a command line of 64 KiB
// is the longest thing that anybody has reason to send.
const maxSequence = 64 << 10

// sink takes what a scanner finds. Slices are valid during the call only.
type sink interface {
	// text is valid UTF-8 without control characters, C1 ones included. A cluster may be continued by the next call.
	text(b []byte)
	// control is one of the C0 control characters, ESC, CAN, SUB and DEL excepted.
	control(c byte)
	// escape is ESC, at most one intermediate byte (0 for none), and a final one.
	escape(inter, final byte)
	// csi is a control sequence.
	csi(q csi)
	// osc is the data of an operating system command.
	osc(data []byte)
}

// csi is a control sequence in its parts. prefix and inter are 0 where they are missing.
type csi struct {
	prefix, inter, final byte
	params               []byte
}

type scanState int

const (
	ground scanState = iota
	inEscape
	inEscapeInter // after ESC and an intermediate byte
	inCSI
	inOSC
	inString // DCS, SOS, PM, APC: swallowed
	inStringEscape
	inOSCEscape
)

// scanner splits what a program writes to its terminal into text and control sequences, however the bytes are cut into
// writes. It never holds back a complete character: what was typed is echoed at once.
type scanner struct {
	sink  sink
	state scanState
	seq   []byte // the sequence so far
	long  bool   // the sequence is longer than maxSequence
	rest  []byte // the beginning of a character that is not complete yet
	inter byte   // the intermediate byte of an ESC sequence
}

func (s *scanner) write(p []byte) {
	if len(s.rest) > 0 {
		p = append(s.rest, p...)
		s.rest = nil
	}
	for len(p) > 0 {
		if s.state == ground {
			p = s.ground(p)
			continue
		}
		p = s.sequence(p)
	}
}

// ground takes a run of text or one control character off p.
func (s *scanner) ground(p []byte) []byte {
	n := 0
	for n < len(p) && p[n] >= 0x20 && p[n] != 0x7f {
		n++
	}
	if n > 0 {
		run, atEnd := p[:n], n == len(p)
		if atEnd {
			cut := incomplete(run)
			s.rest = append([]byte(nil), run[cut:]...)
			run = run[:cut]
		}
		s.run(run)
		return p[n:]
	}
	s.c0(p[0])
	return p[1:]
}

// run hands on text, with what is not a character replaced and C1 controls dropped: U+009B would begin a control
// sequence in the terminal that the screen is drawn on.
func (s *scanner) run(b []byte) {
	if len(b) == 0 {
		return
	}
	if utf8.Valid(b) && !hasC1(b) {
		s.sink.text(b)
		return
	}
	clean := make([]byte, 0, len(b)+8)
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r < 0x80 || r > 0x9f {
			clean = utf8.AppendRune(clean, r)
		}
		b = b[size:]
	}
	if len(clean) > 0 {
		s.sink.text(clean)
	}
}

func hasC1(b []byte) bool {
	for {
		i := bytes.IndexByte(b, 0xc2)
		if i < 0 || i+1 >= len(b) {
			return false
		}
		if b[i+1] <= 0x9f {
			return true
		}
		b = b[i+1:]
	}
}

// incomplete is where the unfinished character at the end of b begins, len(b) where there is none.
func incomplete(b []byte) int {
	for i := len(b) - 1; i >= 0 && i >= len(b)-utf8.UTFMax; i-- {
		if utf8.RuneStart(b[i]) {
			if utf8.FullRune(b[i:]) {
				return len(b)
			}
			return i
		}
	}
	return len(b)
}

// c0 takes a control character in the ground state or inside a control sequence.
func (s *scanner) c0(c byte) {
	switch c {
	case 0x1b:
		s.state, s.inter = inEscape, 0
	case 0x18, 0x1a: // CAN and SUB end a sequence
		s.state = ground
	case 0x7f:
	default:
		s.sink.control(c)
	}
}

// sequence takes one byte, or for strings a run of bytes, off p.
func (s *scanner) sequence(p []byte) []byte {
	c := p[0]
	switch s.state {
	case inEscape, inEscapeInter:
		s.escapeByte(c)
	case inCSI:
		s.csiByte(c)
	case inOSC:
		return s.oscBytes(p)
	case inString:
		switch c {
		case 0x1b:
			s.state = inStringEscape
		case 0x18, 0x1a:
			s.state = ground
		}
	case inStringEscape, inOSCEscape:
		if s.state == inOSCEscape {
			s.endOSC(c == '\\')
		}
		if c == '\\' {
			s.state = ground
			break
		}
		// Not the string terminator: ESC begins a sequence of its own.
		s.state, s.inter = inEscape, 0
		return p
	}
	return p[1:]
}

func (s *scanner) escapeByte(c byte) {
	switch {
	case c < 0x20 || c == 0x7f:
		s.c0(c)
	case c <= 0x2f:
		s.state, s.inter = inEscapeInter, c
	case c >= 0x80:
		s.state = ground
	case s.state == inEscapeInter:
		s.state = ground
		s.sink.escape(s.inter, c)
	default:
		s.begin(c)
	}
}

// begin takes the byte after ESC.
func (s *scanner) begin(c byte) {
	s.seq, s.long = s.seq[:0], false
	switch c {
	case '[':
		s.state = inCSI
	case ']':
		s.state = inOSC
	case 'P', 'X', '^', '_':
		s.state = inString
	default:
		s.state = ground
		s.sink.escape(0, c)
	}
}

func (s *scanner) csiByte(c byte) {
	switch {
	case c < 0x20 || c == 0x7f:
		s.c0(c) // controls inside a sequence are carried out, as on a VT100
	case c >= 0x80:
		s.state = ground
	case c < 0x40:
		s.keep(c)
	default:
		s.state = ground
		if !s.long {
			if q, ok := splitCSI(s.seq, c); ok {
				s.sink.csi(q)
			}
		}
	}
}

// splitCSI takes a control sequence apart; ok is false where it is malformed.
func splitCSI(seq []byte, final byte) (q csi, ok bool) {
	q.final = final
	if len(seq) > 0 && seq[0] >= 0x3c && seq[0] <= 0x3f {
		q.prefix, seq = seq[0], seq[1:]
	}
	n := 0
	for n < len(seq) && seq[n] >= 0x30 && seq[n] <= 0x3b {
		n++
	}
	q.params, seq = seq[:n], seq[n:]
	switch {
	case len(seq) == 0:
		return q, true
	case len(seq) == 1 && seq[0] < 0x30:
		q.inter = seq[0]
		return q, true
	}
	return q, false
}

// oscBytes takes a run of an operating system command off p.
func (s *scanner) oscBytes(p []byte) []byte {
	for i, c := range p {
		switch c {
		case 0x07:
			s.endOSC(true)
			s.state = ground
			return p[i+1:]
		case 0x1b:
			s.state = inOSCEscape
			return p[i+1:]
		case 0x18, 0x1a:
			s.state = ground
			return p[i+1:]
		}
		s.keep(c)
	}
	return nil
}

func (s *scanner) endOSC(terminated bool) {
	if terminated && !s.long {
		s.sink.osc(s.seq)
	}
}

func (s *scanner) keep(c byte) {
	if len(s.seq) >= maxSequence {
		s.long = true
		return
	}
	s.seq = append(s.seq, c)
}
