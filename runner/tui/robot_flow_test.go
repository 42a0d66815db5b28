package tui

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/session"
)

func TestOpenResumesWhereTheLearnerWas(t *testing.T) {
	r := newRobot(t, 80, 24)
	r.lab.view.Step = 1
	r.press("enter")
	r.sees("2. 호스트 이름 알아보기", "2/3")
	r.press("esc")
	r.sees("쿠버네티스 인 액션 2장")
	r.press("enter")
	if len(r.app.opened) != 1 {
		t.Errorf("the lab was opened %d times, want 1: it stays open behind the course", len(r.app.opened))
	}
	r.sees("2. 호스트 이름 알아보기")
	r.press("q", "y")
	if !r.quit {
		t.Fatal("q and y do not quit")
	}
	if err := r.m.close(nil); err != nil {
		t.Error(err)
	}
	if r.lab.closed != 1 {
		t.Errorf("the lab was closed %d times, want 1", r.lab.closed)
	}
	// The next start begins with the lab and its step.
	again := newRobot(t, 80, 24, func(c *Config) { c.Lab = "scale"; c.App = r.app })
	again.sees("2. 호스트 이름 알아보기")
}

func TestOpenAnotherLabClosesTheFirst(t *testing.T) {
	r := inLab(t, 80, 24)
	_, other := newFake()
	r.app.labs["expose"] = other
	waiting := len(r.waiting)
	r.press("esc", "down", "enter")
	if r.lab.closed != 1 {
		t.Errorf("the first lab was closed %d times, want 1", r.lab.closed)
	}
	r.sees("3 외부 노출")
	if len(r.waiting) > waiting {
		t.Errorf("%d commands wait, want at most %d: those of the closed lab must end", len(r.waiting), waiting)
	}
	r.lab.set(func(v *session.View) { v.Problem = "낡은 소식" })
	r.settle()
	r.misses("낡은 소식")
}

func TestOpenFails(t *testing.T) {
	r := newRobot(t, 100, 24)
	r.press("up", "enter")
	r.sees("실습을 열지 못했습니다: work folder: permission denied")
	r.press("down", "enter")
	r.sees("레플리카 수 늘리기")
}

func TestHints(t *testing.T) {
	r := inLab(t, 80, 40)
	r.misses("힌트 1/2")
	r.press("h")
	r.sees("힌트 1/2  `--replicas`를 보세요.")
	r.misses("힌트 2/2")
	r.press("h")
	r.sees("힌트 2/2")
	r.press("h")
	r.sees("! 힌트를 모두 보았습니다.")
	r.press("down")
	r.misses("! 힌트를 모두 보았습니다.")
	r.press("n", "h")
	r.sees("! 이 단계에는 힌트가 없습니다.")
}

func TestHangulKeys(t *testing.T) {
	r := inLab(t, 80, 40)
	r.press("ㅗ")
	r.sees("힌트 1/2")
	r.press("ㅜ")
	r.sees("2. 호스트 이름 알아보기")
	r.press("ㅔ", "ㅐ", "ㅛ")
	if !r.lab.view.Solution {
		t.Error("ㅐ and ㅛ are o and y on the keyboard, and show the solution")
	}
}

func TestRefusedKeysSayWhy(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(r *robot)
		key    string
		want   string
	}{
		{"first step", nil, "p", "첫 단계입니다."},
		{"last step", func(r *robot) { r.press("n", "n") }, "n", "마지막 단계입니다."},
		{"no questions", nil, "a", "이 단계에는 질문이 없습니다."},
		{"no command", func(r *robot) { r.press("n") }, "enter", "이 단계에는 실행할 명령이 없습니다."},
		{"nothing to copy", func(r *robot) { r.press("n") }, "y", "이 단계에는 실행할 명령이 없습니다."},
		{"no shell", nil, "s", "셸이 아직 준비 중입니다."},
		{"no solution", func(r *robot) { r.press("n") }, "o", "이 단계에는 해답이 없습니다."},
		{"solution shown", func(r *robot) { r.press("o", "y") }, "o", "해답을 이미 보고 있습니다."},
		{"nothing to stop", nil, "x", "멈출 일이 없습니다."},
		{"busy", func(r *robot) {
			r.lab.set(func(v *session.View) { v.Activity = &session.Activity{Title: "되돌리는 중"} })
			r.settle()
		}, "d", "되돌리는 중: 끝나기를 기다리거나 x로 멈추세요."},
		{"waiting", func(r *robot) {
			r.lab.set(func(v *session.View) { v.Waiting = []engine.Capability{engine.Cluster} })
			r.settle()
		}, "enter", "아직 준비되지 않았습니다: 클러스터."},
		{"done", func(r *robot) {
			r.lab.set(func(v *session.View) { v.Steps[0].Done = true })
			r.settle()
		}, "d", "이 단계는 이미 마쳤습니다."},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := inLab(t, 80, 24)
			if c.change != nil {
				c.change(r)
			}
			r.press(c.key)
			r.sees("! " + c.want)
			if len(r.lab.ran) > 0 || r.lab.solved > 0 || r.m.confirm != nil || r.m.inShell() {
				t.Error("the refused key did something all the same")
			}
		})
	}
}

func TestConfirmations(t *testing.T) {
	for _, c := range []struct {
		key  string
		done func(l *fakeLab) bool
	}{
		{"d", func(l *fakeLab) bool { return l.solved == 1 }},
		{"r", func(l *fakeLab) bool { return l.resets == 1 }},
		{"o", func(l *fakeLab) bool { return l.view.Solution }},
	} {
		for _, no := range []string{"n", "esc", "enter", "q"} {
			r := inLab(t, 80, 24)
			r.press(c.key)
			r.sees("y 예")
			r.press(no)
			if c.done(r.lab) {
				t.Errorf("%s is confirmed by %s", c.key, no)
			}
			if r.quit || r.lab.view.Step != 0 {
				t.Errorf("%s: %s is taken for a key of the lab", c.key, no)
			}
			r.press(c.key, "y")
			if !c.done(r.lab) {
				t.Errorf("%s: y does not confirm", c.key)
			}
		}
	}
}

func TestAnswers(t *testing.T) {
	r := inLab(t, 80, 24)
	r.press("n", "a")
	r.typeText("q 한글?")
	if r.quit || len(r.m.overlays) > 0 {
		t.Fatal("the field's letters are taken for keys")
	}
	r.sees("답 q 한글?")
	r.press("enter")
	r.sees("h1은 컨테이너의 이름입니다. 호스트 이름과 다릅니다.")
	for range 6 {
		r.send(tea.KeyPressMsg{Code: tea.KeyBackspace})
	}
	r.send(tea.PasteMsg{Content: "a1b2\x1b[31mc3\n"})
	r.press("enter")
	if q := r.lab.view.Steps[1].Questions[0]; !q.Right {
		t.Fatalf("the pasted answer arrived as %q", q.Given)
	}
	r.sees("✓ 답: a1b2c3", "답 ") // and the field has gone on to the next question
	if !r.m.answering() || r.m.lab.answer.question != 1 {
		t.Error("the field does not go on to the question that is left")
	}
	r.press("esc")
	if r.m.answering() {
		t.Error("esc does not close the field")
	}
	r.lab.set(func(v *session.View) { v.Steps[1].Questions[1].Right = true })
	r.settle()
	r.press("a")
	r.sees("질문에 모두 답했습니다.")
}

func TestAnswerCursorCountsColumns(t *testing.T) {
	r := inLab(t, 80, 24)
	r.press("n", "a")
	r.typeText("가나")
	if c := r.m.View().Cursor; c == nil || c.X != 1+3+4 || c.Y != 22 {
		t.Errorf("the cursor is at %+v, want column 8 of line 22", c)
	}
}

func TestTicksFlashOnce(t *testing.T) {
	r := inLab(t, 80, 24)
	bar := strings.Count(r.screen(), "━")
	r.lab.set(func(v *session.View) { v.Steps[0].Done = true })
	r.lab.pass(0)
	r.settle()
	r.sees("✓ 파드 세 개가 준비됨", "이 단계를 마쳤습니다. 다음 단계: n")
	if !r.m.lab.flash[checkKey(0)] || len(r.m.lab.flash) != 1 {
		t.Errorf("flashing: %v, want the first check alone", r.m.lab.flash)
	}
	if got := strings.Count(r.screen(), "━"); got <= bar {
		t.Errorf("the progress bar has %d parts after the tick and had %d before", got, bar)
	}
	r.pass(flashFor / 2)
	r.lab.pass(2) // a second tick before the first has stopped flashing
	r.settle()
	r.pass(flashFor / 2)
	if !r.m.lab.flash[checkKey(2)] {
		t.Error("the end of the first flash cut the second one short")
	}
	r.pass(flashFor)
	if len(r.m.lab.flash) != 0 {
		t.Errorf("still flashing: %v", r.m.lab.flash)
	}
}

func TestNoFlashAfterMoving(t *testing.T) {
	r := inLab(t, 80, 24)
	r.press("n", "p")
	if len(r.m.lab.flash) != 0 {
		t.Errorf("checks that were passed before flash: %v", r.m.lab.flash)
	}
}

func TestBrokenSince(t *testing.T) {
	r := inLab(t, 80, 24)
	r.lab.set(func(v *session.View) {
		c := &v.Steps[0].Checks[1]
		c.Result = checks.Result{Observed: "파드 0개", Expected: "파드 1개", Explanation: "파드가 지워졌습니다."}
	})
	r.settle()
	r.sees("✓ 파드의 주인은 kubia", "그 뒤에 바뀌었습니다. 파드가 지워졌습니다.", "본 것 파드 0개")
}

func TestQuitAsksOnlyWhenSomethingRuns(t *testing.T) {
	idle := func(r *robot) {
		r.app.set(func(o *Overview) { o.Environment.Steps = nil })
		r.settle()
	}
	r := inLab(t, 80, 24)
	idle(r)
	if r.press("q"); !r.quit {
		t.Error("q asks although nothing runs")
	}
	r = inLab(t, 80, 24)
	idle(r)
	r.press("ctrl+c")
	r.sees("kubelab을 끝낼까요?")
	r.press("n")
	if r.quit {
		t.Error("ctrl+c quits without a question")
	}
	if r.press("ctrl+c", "y"); !r.quit {
		t.Error("ctrl+c and y do not quit")
	}
	for name, start := range map[string]func(r *robot){
		"대신 해 주는 중": func(r *robot) {
			r.lab.set(func(v *session.View) { v.Activity = &session.Activity{Title: "대신 해 주는 중"} })
		},
		"sleep 100": func(r *robot) {
			r.lab.shell = newFakeShell("$ sleep 100")
			r.lab.shell.running = "sleep 100"
			signal(r.lab.changed)
		},
		"클러스터 만들기": func(r *robot) {
			r.app.set(func(o *Overview) {
				o.Environment.Steps = []session.EnvironmentStep{{Progress: engine.Progress{Title: "클러스터 만들기"}}}
			})
		},
	} {
		for _, key := range []string{"q", "ctrl+c"} {
			r := inLab(t, 80, 24)
			idle(r)
			start(r)
			r.settle()
			r.press(key)
			r.sees("그래도 끝낼까요? 아직 하고 있습니다: " + name)
			r.press("n")
			if r.quit {
				t.Errorf("%s: n quits", name)
			}
			r.press(key, "y")
			if !r.quit {
				t.Errorf("%s: y does not quit", name)
			}
		}
	}
	r = inLab(t, 80, 24)
	if r.press("ctrl+c", "ctrl+c"); !r.quit {
		t.Error("ctrl+c pressed twice does not quit")
	}
}

func TestCopyShowsTheCommandWhole(t *testing.T) {
	r := inLab(t, 60, 20)
	r.press("y")
	if want := []string{"kubectl scale rc kubia --replicas=3"}; !slices.Equal(r.copied, want) {
		t.Errorf("copied %q, want %q", r.copied, want)
	}
	if !slices.Contains(strings.Split(r.screen(), "\n"), "kubectl scale rc kubia --replicas=3") {
		t.Errorf("no line of the screen is the command and nothing else:\n%s", r.screen())
	}
	r.press("n")
	r.sees("1. 레플리카 수 늘리기") // the key only closed it
}

func TestHelpNamesEveryKey(t *testing.T) {
	for _, size := range [][2]int{{60, 20}, {40, 12}, {200, 50}} {
		r := inLab(t, size[0], size[1])
		all := r.m.actions()
		r.press("?")
		shown := ""
		for range 60 {
			shown += bare(r.screen())
			r.press("down")
		}
		for _, a := range all {
			if h := a.key.Help(); !strings.Contains(shown, bare(h.Key+h.Desc)) {
				t.Errorf("%v: the help does not show %s %s", size, h.Key, h.Desc)
			}
		}
		r.press("q")
		if len(r.m.overlays) > 0 || r.quit {
			t.Error("a key closes the help and does nothing else")
		}
	}
}

func TestEnvironmentPanel(t *testing.T) {
	r := newRobot(t, 80, 30)
	r.sees("클러스터 만들기", "42초 / 보통 1분 35초", "메모리 4.0 GB")
	r.pass(time.Second)
	r.sees("43초")
	r.press("u")
	r.sees("환경에 다시 시도할 것이 없습니다.")
	r.app.set(func(o *Overview) { o.Environment.Broken = "클러스터가 없어졌습니다." })
	r.settle()
	r.sees("클러스터가 없어졌습니다.")
	r.press("u")
	if r.app.retries != 1 {
		t.Errorf("retried %d times, want 1", r.app.retries)
	}
	r.app.set(func(o *Overview) {
		o.Environment = Environment{Engine: "kind", Has: map[engine.Capability]bool{
			engine.Docker: true, engine.Registry: true, engine.Cluster: true, engine.LoadBalancer: true,
		}, Steps: []session.EnvironmentStep{{Progress: engine.Progress{Status: engine.Done}}}}
	})
	r.settle()
	r.sees("모두 준비되었습니다.", "kind ●")
	r.misses("준비 중:")
}

func TestResizeKeepsTheStepAndTheSelection(t *testing.T) {
	r := inLab(t, 100, 30)
	r.press("right")
	for _, size := range [][2]int{{60, 20}, {300, 80}, {40, 10}, {100, 30}} {
		r.size(size[0], size[1])
	}
	if r.m.lab.selected != 1 || r.lab.view.Step != 0 {
		t.Errorf("selected %d, step %d after resizing", r.m.lab.selected, r.lab.view.Step)
	}
	r.sees("> ▸ for i in 1 2 3; do")
}

func TestOutsideTextCannotReachTheTerminal(t *testing.T) {
	evil := "이름\x1b[2J\x1b]52;c;ZXZpbA==\x07\u202e거꾸로\x07\u009b31m"
	r := inLab(t, 100, 40)
	r.lab.set(func(v *session.View) {
		v.Steps[0].Checks[0] = session.CheckView{Title: evil, Result: checks.Result{Observed: evil, Expected: evil, Explanation: evil}}
		v.Problem = evil
		v.Activity = &session.Activity{Title: evil, Detail: evil}
	})
	r.app.set(func(o *Overview) {
		o.Environment.Engine, o.Environment.Broken = evil, evil
		o.Environment.Steps = []session.EnvironmentStep{{Progress: engine.Progress{Title: evil, Detail: evil, Status: engine.Failed, Err: errors.New(evil)}}}
		o.Environment.Findings = []engine.Finding{{Severity: engine.Fatal, Saw: evil, Want: evil, Try: evil}}
	})
	r.settle()
	for _, where := range []string{"lab", "course"} {
		content := r.m.View().Content
		for _, bad := range []string{"\x1b[2J", "\x1b]52", "\x07", "\u202e", "\u009b"} {
			if strings.Contains(content, bad) {
				t.Errorf("%s: %q reaches the terminal", where, bad)
			}
		}
		r.press("esc")
	}
}

func TestResizeDoesNotScrollPastTheEnd(t *testing.T) {
	r := inLab(t, 60, 20)
	r.press("end")
	r.sees("done")
	r.size(160, 60)
	r.sees("1. 레플리카 수 늘리기", "done")
}
