package shell

import (
	"context"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestFlood writes without end, and looks whether Ctrl-C still gets through and memory stays bounded.
func TestFlood(t *testing.T) {
	for name, statement := range map[string]string{
		"short lines": "yes", "wide characters": "yes 한글이 가득한 줄", "one line": "yes | tr -d '\\n'", "colour": `yes $'\x1b[31mred\x1b[m'`,
	} {
		t.Run(name, func(t *testing.T) {
			l := start(t, kinds[0], Config{Cols: 100, Rows: 40, Scrollback: 500})
			l.typeText(statement + "\r")
			l.await("a full history or a full screen", func() bool {
				s := l.Screen()
				return s.History == 500 || len(s.Lines[s.Rows-1]) == s.Cols
			})
			l.typeText("\x03")
			began := time.Now()
			got := l.awaitEnded(1)
			t.Logf("the prompt was back after %v", time.Since(began))
			if len(got[0].Output) > maxOutput || got[0].Exit != 130 {
				t.Errorf("exit %d, %d bytes of output", got[0].Exit, len(got[0].Output))
			}
			if s := l.Screen(); s.History > 500 {
				t.Errorf("%d lines of history", s.History)
			}
		})
	}
}

// TestFloodInMemory writes 100 MB and looks at what is left of it.
func TestFloodInMemory(t *testing.T) {
	l := start(t, kinds[0], Config{Cols: 120, Rows: 40})
	before := heap()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	began := time.Now()
	c, err := l.Run(ctx, "yes 'Successfully pulled image \"luksa/kubia\" in 1.2s' | head -c 100000000")
	if err != nil || c.Exit != 0 {
		t.Fatalf("%v, exit %d", err, c.Exit)
	}
	grown := heap() - before
	t.Logf("100 MB in %v; %d KiB are kept in %d lines", time.Since(began), grown>>10, l.Screen().History)
	if grown > 16<<20 {
		t.Errorf("the heap has grown by %d MiB", grown>>20)
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func BenchmarkWrite(b *testing.B) {
	for name, line := range map[string]string{
		"ascii":  strings.Repeat("x", 79) + "\r\n",
		"short":  "y\r\n",
		"korean": strings.Repeat("가", 39) + "\r\n",
		"colour": strings.Repeat("\x1b[32mok\x1b[m ", 20) + "\r\n",
	} {
		b.Run(name, func(b *testing.B) {
			p := newPipe(b, 200, 50)
			chunk := []byte(strings.Repeat(line, backlog/len(line)))
			b.SetBytes(int64(len(chunk)))
			for b.Loop() {
				p.take(chunk)
			}
		})
	}
}

func BenchmarkScreen(b *testing.B) {
	p := newPipe(b, 200, 50)
	p.term.history.max = 10000
	for i := range 10050 {
		p.write("\x1b[3" + strconv.Itoa(i%8) + "m" + strings.Repeat("파드 pod ", 20) + "\x1b[m\r\n")
	}
	for name, offset := range map[string]int{"live": 0, "scrolled": 5000} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_ = p.term.snapshot(offset)
			}
		})
	}
}
