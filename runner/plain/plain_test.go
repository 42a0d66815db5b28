package plain

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/internal/lang"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/session"
)

// config is what the tests read out.
func config(app *fakeApp, in io.Reader, out io.Writer) Config {
	return Config{Course: courseOf(app), App: app, Input: in, Output: out, Width: 60}
}

// script gives lines to a reader nobody types for, and returns what it printed.
func script(t *testing.T, app *fakeApp, change func(*Config), lines ...string) string {
	t.Helper()
	var out bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		app.changed, app.lab.changed = make(chan struct{}, 1), make(chan struct{}, 1) // of this bubble
		cfg := config(app, strings.NewReader(strings.Join(lines, "\n")), &out)
		if change != nil {
			change(&cfg)
		}
		if err := Run(t.Context(), cfg); err != nil {
			t.Errorf("ended with %v", err)
		}
		synctest.Wait()
	})
	checkLines(t, out.String(), 60)
	return out.String()
}

// checkLines holds that nothing but text and line feeds was printed, and that prose fits.
func checkLines(t *testing.T, out string, width int) {
	t.Helper()
	for _, r := range out {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			t.Errorf("printed %U", r)
		}
	}
	for line := range strings.SplitSeq(out, "\n") {
		verbatim := strings.HasPrefix(line, "  ") || strings.HasPrefix(line, "> ")
		if w := ansi.StringWidth(line); w > width && !verbatim {
			t.Errorf("%d columns, want at most %d: %q", w, width, line)
		}
	}
}

// TestTranscript holds all that is printed of a learner's way through a lab, in both languages.
func TestTranscript(t *testing.T) {
	for _, l := range lang.All() {
		t.Run(string(l), func(t *testing.T) {
			app, _ := newFake()
			got := script(t, app, func(c *Config) { c.Lang = l },
				"help", "open nope", "open hello-container", "hint", "open 2", "run", "힌트", "hint", "h", "solution", "checks", "ㅁ", "next", "next",
				"answer 호스트h1", "answer", "a1b2c3", "답", "prev", "step 3", "search 파드", "word", "words all", "낱말 PO", "env", "back", "map", "quit", "never read")
			golden.RequireEqual(t, got)
		})
	}
}

// TestEndOfInput holds that the end of the input ends the program as quit does, after what was begun.
func TestEndOfInput(t *testing.T) {
	app, lab := newFake()
	out := script(t, app, nil, "open scale", "! kubectl scale rc kubia --replicas=3")
	for _, want := range []string{"\n  $ kubectl scale rc kubia --replicas=3\n", "\n  | replicationcontroller/kubia scaled\n", "- 확인됨: 파드 세 개가 준비됨."} {
		if !strings.Contains(out, want) {
			t.Errorf("did not print %q:\n%s", want, out)
		}
	}
	if lab.closed != 1 {
		t.Errorf("the lab was closed %d times, want once", lab.closed)
	}
}

// TestWaiting holds that a line waits for the environment, and not for one that will never come.
func TestWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		app, lab := newFake()
		lab.view.Ready, lab.view.Waiting = false, []engine.Capability{engine.Cluster}
		var out bytes.Buffer
		ended := make(chan error, 1)
		go func() { ended <- Run(t.Context(), config(app, strings.NewReader("open scale\nrun\n"), &out)) }()
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(lab.asked) > 0 {
			t.Errorf("asked for %q before the environment was there", lab.asked)
		}
		lab.set(func(v *session.View) { v.Ready, v.Waiting = true, nil })
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if want := []string{"run kubectl scale rc kubia --replicas=3\n"}; !slices.Equal(lab.asked, want) {
			t.Errorf("asked for %q, want %q", lab.asked, want)
		}
		if !strings.Contains(out.String(), "아직 준비되지 않은 것: 클러스터.") {
			t.Errorf("did not say what it waits for:\n%s", out.String())
		}
	})
	app, lab := newFake()
	lab.view.Ready, lab.view.Waiting = false, []engine.Capability{engine.Cluster}
	app.overview.Environment.Broken = "Docker가 응답하지 않습니다."
	out := script(t, app, nil, "open scale", "run", "quit")
	if !strings.Contains(out, "! 환경에 문제가 있습니다: Docker가 응답하지 않습니다.") || !strings.Contains(out, "! 아직 준비되지 않았습니다: 클러스터.") {
		t.Errorf("printed\n%s", out)
	}
}

// TestWait holds that wait waits for the step, and says when that was in vain.
func TestWait(t *testing.T) {
	app, lab := newFake()
	lab.brings = nil
	out := script(t, app, nil, "open scale", "wait 7", "wait soon")
	if !strings.Contains(out, "7초를 기다렸지만") || !strings.Contains(out, "soon: 초를") {
		t.Errorf("printed\n%s", out)
	}
}

// typing is a reader somebody types for.
type typing struct {
	t   *testing.T
	in  *io.PipeWriter
	out *syncBuffer
	end chan error
}

type syncBuffer struct {
	bytes.Buffer
	gate chan struct{}
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.gate <- struct{}{}
	defer func() { <-b.gate }()
	return b.Buffer.Write(p)
}

func (b *syncBuffer) take() string {
	b.gate <- struct{}{}
	defer func() { <-b.gate }()
	s := b.String()
	b.Reset()
	return s
}

func typed(t *testing.T, test func(t *testing.T, r *typing, app *fakeApp, lab *fakeLab)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		app, lab := newFake()
		in, w := io.Pipe()
		r := &typing{t: t, in: w, out: &syncBuffer{gate: make(chan struct{}, 1)}, end: make(chan error, 1)}
		cfg := config(app, in, r.out)
		cfg.Interactive, cfg.Lab = true, "scale"
		go func() { r.end <- Run(t.Context(), cfg) }()
		synctest.Wait()
		r.out.take()
		test(t, r, app, lab)
		w.Close()
		if err := <-r.end; err != nil {
			t.Errorf("ended with %v", err)
		}
	})
}

// types gives a line to the reader and returns what it printed.
func (r *typing) types(line string) string {
	r.t.Helper()
	if _, err := io.WriteString(r.in, line+"\n"); err != nil {
		r.t.Fatal(err)
	}
	synctest.Wait()
	out := r.out.take()
	checkLines(r.t, out, 60)
	return out
}

func (r *typing) wants(line string, wants ...string) {
	r.t.Helper()
	out := r.types(line)
	for _, want := range wants {
		if !strings.Contains(strings.Join(strings.Fields(out), " "), want) {
			r.t.Errorf("%q printed %q, want %q in it", line, out, want)
		}
	}
}

// TestConfirm holds that what cannot be taken back is asked for where somebody types.
func TestConfirm(t *testing.T) {
	typed(t, func(t *testing.T, r *typing, _ *fakeApp, lab *fakeLab) {
		for _, c := range []struct{ line, asks, then string }{
			{"reset", "처음으로 되돌릴까요?", "reset"}, {"travel", "1단계의 처음으로", "travel"}, {"solve", "대신 입력할까요?", "solve"},
		} {
			lab.asked = nil
			r.wants(c.line, c.asks)
			r.wants("", "하지 않았습니다.", "실습 2 단계 1/2>")
			r.wants(c.line, c.asks)
			r.wants("아니요", "하지 않았습니다.")
			if len(lab.asked) > 0 {
				t.Errorf("%s was done without a yes", c.line)
			}
			r.wants(c.line, c.asks)
			r.types("예")
			if !slices.Equal(lab.asked, []string{c.then}) {
				t.Errorf("asked for %q, want %q", lab.asked, c.then)
			}
		}
		r.wants("solution", "해답을 볼까요?")
		r.wants("y", "$ kubectl scale rc kubia --replicas=3")
	})
}

// TestAnswering holds that answer asks the question and takes the next line, whatever it says.
func TestAnswering(t *testing.T) {
	typed(t, func(t *testing.T, r *typing, _ *fakeApp, _ *fakeLab) {
		r.types("next")
		r.wants("a", "질문 1/1: 컨테이너 h1의 호스트 이름은 무엇인가요?", "답 1/1")
		r.wants("quit", "틀렸습니다: quit.", "docker exec h1 hostname을 실행해 보세요.")
		r.wants("answer", "답 1/1")
		r.wants("", "실습 2 단계 2/2>")
		r.wants("answer a1b2c3", "정답입니다: a1b2c3", "마지막 단계를 마쳤습니다.")
		r.wants("answer", "질문에 모두 답했습니다.")
	})
}

// TestRunningCommand holds that output is printed as it comes, that a line with ! is input of what runs, and that stop
// interrupts it.
func TestRunningCommand(t *testing.T) {
	typed(t, func(t *testing.T, r *typing, _ *fakeApp, lab *fakeLab) {
		lab.takes = time.Hour
		r.wants("run", "하는 중: 명령 실행", "$ kubectl scale rc kubia --replicas=3")
		c, _ := lab.shell.Command()
		says := func(output, want string) {
			t.Helper()
			c.Output = output
			lab.shell.set(c)
			time.Sleep(2 * lookEvery)
			synctest.Wait()
			got := r.out.take()
			got = strings.Join(strings.FieldsFunc(strings.ReplaceAll(got, "실습 2 단계 1/2> ", ""), func(r rune) bool { return r == '\n' }), "\n")
			if got != want {
				t.Errorf("of %q, printed %q, want %q", output, got, want)
			}
		}
		says("one\nt", "  | one\n  | t")
		says("one\ntwo\nNa", "  | wo\n  | Na")
		says("one\ntwo\nName?", "  | me?")
		r.wants("run", "명령 실행: 끝나기를 기다리거나")
		r.types("! kubia")
		r.types("!")
		r.types("stop")
		if want := []string{"kubia", "enter", "enter", "ctrl+c"}; !slices.Equal(lab.shell.typed, want) {
			t.Errorf("typed %q, want %q", lab.shell.typed, want)
		}
		if !slices.Equal(lab.asked[1:], []string{"stop"}) {
			t.Errorf("asked for %q, want stop", lab.asked)
		}
		says("something else", "")
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if out := r.out.take(); !strings.Contains(out, "(앞의 출력은 줄였습니다)\n  | replicationcontroller/kubia scaled\n") {
			t.Errorf("at the end, printed %q", out)
		}
	})
}

// TestNews holds that changes are told as they come, each once.
func TestNews(t *testing.T) {
	typed(t, func(t *testing.T, r *typing, app *fakeApp, lab *fakeLab) {
		told := func(want ...string) {
			t.Helper()
			synctest.Wait()
			got := strings.Join(strings.Fields(strings.ReplaceAll(r.out.take(), "실습 2 단계 1/2>", "")), " ")
			if got != strings.Join(want, " ") {
				t.Errorf("told %q, want %q", got, want)
			}
		}
		lab.set(func(v *session.View) { v.Steps[0].Checks[0].Result.Observed = "2" })
		told("- 아직: 파드 세 개가 준비됨. 본 것: 2. 바라는 것: 3. 파드가 하나뿐입니다.")
		lab.set(func(v *session.View) { v.Steps[0].Checks[0].Result.Pending = true })
		told()
		lab.set(func(v *session.View) {
			v.Steps[0].Checks[0].Passed, v.Steps[0].Checks[0].Result = true, checks.Result{Passed: true, Observed: "3"}
		})
		told("- 확인됨: 파드 세 개가 준비됨. 본 것: 3.")
		lab.set(func(v *session.View) {
			v.Steps[0].Checks[0].Result = checks.Result{Observed: "0", Expected: "3", Explanation: "파드가 없습니다."}
		})
		told("- 그 뒤에 바뀜: 파드 세 개가 준비됨. 본 것: 0. 바라는 것: 3. 파드가 없습니다.")
		lab.set(func(v *session.View) { v.Problem, v.Notice = "셸이 바쁩니다.", "대신 준비했습니다." })
		told("! 문제: 셸이 바쁩니다.", "알림: 대신 준비했습니다.")
		env := &app.overview.Environment
		change := func() { app.changed <- struct{}{} }
		env.Steps = []session.EnvironmentStep{{Progress: engine.Progress{Title: "클러스터", Status: engine.Running}, Began: time.Now()}}
		change()
		told()
		time.Sleep(slow + 2*lookEvery)
		told("환경: 클러스터, 하는 중입니다.")
		env.Steps = []session.EnvironmentStep{{Progress: engine.Progress{Title: "클러스터", Status: engine.Done}}}
		env.Has = map[engine.Capability]bool{engine.Docker: true, engine.Cluster: true}
		change()
		told("환경: 클러스터, 끝났습니다.", "환경 준비됨: 클러스터")
		env.Broken = "도커가 꺼졌습니다."
		change()
		told("! 환경에 문제가 있습니다: 도커가 꺼졌습니다.")
		change()
		told()
		r.types("retry")
		if app.retries != 1 {
			t.Errorf("tried again %d times, want once", app.retries)
		}
	})
}

// TestHostile holds that nothing from outside acts on the terminal (see checkLines).
func TestHostile(t *testing.T) {
	const evil = "a\x1b]52;c;AAAA\a\x1b[2J\u202eb\u200b\u009b31m\r\x9bc\td"
	app, lab := newFake()
	app.overview.Environment.Findings = []engine.Finding{{Severity: engine.Fatal, Saw: evil, Want: evil, Try: evil}}
	app.overview.Environment.Broken = evil
	app.overview.Environment.Steps = []session.EnvironmentStep{{Progress: engine.Progress{Title: evil, Detail: evil, Status: engine.Failed, Err: errors.New(evil)}}}
	v := &lab.view
	v.Problem, v.Notice, v.Activity = evil, evil, nil
	v.Steps[0].Checks[0] = session.CheckView{Title: evil, Result: checks.Result{Observed: evil, Expected: evil, Explanation: evil}}
	v.Steps[1].Questions[0].Ask = evil
	v.Lab.Title, v.Lab.Intro, v.Lab.Steps[0].Title = evil, evil, evil
	v.Lab.Steps[0].Parts[0].Markdown, v.Lab.Steps[0].Parts[1].Run.Text = evil+"\n\n| "+evil+" |\n| - |\n| "+evil+" |\n- "+evil+"\n```\n"+evil, evil
	v.Lab.Steps[0].Hints[0], v.Lab.Steps[0].Solution[0].Text = evil, evil
	words := func(c *Config) {
		for _, term := range c.Course.Glossary {
			term.Name, term.English, term.Also, term.Means = evil+term.Name, evil+term.English, append(term.Also, evil+term.Name), evil
		}
	}
	script(t, app, words, "open scale", "hint", "solution", "run", "next", "answer "+evil, evil, "env", "map", "open "+evil, "step "+evil, "run "+evil,
		"search "+evil, "/d", "word", "words all", "word po", "word d", "word "+evil, "open scale/"+evil, "open "+evil+"/1")
}

// TestInterrupted holds that the end of the context ends the program and closes the lab.
func TestInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		app, lab := newFake()
		ctx, cancel := context.WithCancel(t.Context())
		in, w := io.Pipe()
		cfg := config(app, in, io.Discard)
		cfg.Interactive, cfg.Lab = true, "scale"
		ended := make(chan error, 1)
		go func() { ended <- Run(ctx, cfg) }()
		synctest.Wait()
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
		if lab.closed != 1 {
			t.Errorf("the lab was closed %d times, want once", lab.closed)
		}
		w.Close()
	})
}

var errFull = errors.New("no space left")

type fullWriter struct{}

func (fullWriter) Write([]byte) (int, error) { return 0, errFull }

func TestOutputThatFails(t *testing.T) {
	app, _ := newFake()
	if err := Run(t.Context(), config(app, strings.NewReader("map\n"), fullWriter{})); !errors.Is(err, errFull) {
		t.Errorf("ended with %v, want %v", err, errFull)
	}
}

// TestLongLine holds that a line without an end is cut and does no harm.
func TestLongLine(t *testing.T) {
	app, _ := newFake()
	script(t, app, nil, strings.Repeat("가", maxLine), "quit")
}

// TestHopelessEnvironment holds that a line of a pipe waits for a lab that is about to begin even where the environment
// will not come up, and that it does not wait for a lab that never will.
func TestHopelessEnvironment(t *testing.T) {
	for name, waiting := range map[string][]engine.Capability{"the lab needs none of it": nil, "the lab waits for it": {engine.Docker}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				app, lab := newFake()
				app.overview.Environment.Findings = []engine.Finding{{Severity: engine.Fatal, Saw: "Docker 엔진이 없습니다."}}
				lab.view.Ready, lab.view.Waiting = false, waiting
				in, w := io.Pipe()
				cfg := config(app, in, &syncBuffer{gate: make(chan struct{}, 1)})
				cfg.Lab = "scale"
				ended := make(chan error, 1)
				go func() { ended <- Run(t.Context(), cfg) }()
				go func() {
					_, _ = io.WriteString(w, "reset\nquit\n") // an error shows in what was asked for
					w.Close()
				}()
				time.Sleep(time.Minute)
				synctest.Wait()
				lab.mu.Lock()
				ran := len(lab.asked) > 0
				lab.mu.Unlock()
				if ran != (waiting != nil) {
					t.Errorf("the line was taken: %v", ran)
				}
				lab.set(func(v *session.View) { v.Ready, v.Waiting = true, nil })
				if err := <-ended; err != nil {
					t.Error(err)
				}
				if len(lab.asked) == 0 {
					t.Error("the line was never taken")
				}
			})
		})
	}
}
