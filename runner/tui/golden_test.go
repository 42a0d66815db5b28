package tui

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/session"
)

func typeName(msg tea.Msg) string { return fmt.Sprintf("%T", msg) }

// clipboard is the text of bubbletea's own message, whose type is private.
func clipboard(msg tea.Msg) string { return reflect.ValueOf(msg).String() }

// scenes are the screens that a learner comes across.
var scenes = []struct {
	name string
	play func(t testing.TB, w, h int) *robot
}{
	{"course", func(t testing.TB, w, h int) *robot { return newRobot(t, w, h) }},
	{"course broken", func(t testing.TB, w, h int) *robot {
		r := newRobot(t, w, h)
		r.app.set(func(o *Overview) {
			o.Environment.Broken = "클러스터 컨테이너 kubelab-control-plane이 없어졌습니다. 다시 만드는 중입니다."
			o.Environment.Steps = append([]session.EnvironmentStep(nil), o.Environment.Steps...)
			o.Environment.Steps[1].Status = engine.Failed
			o.Environment.Steps[1].Err = fmt.Errorf("create cluster: node image kindest/node:v1.37.0 not found")
			o.Environment.Findings = append([]engine.Finding{{
				Severity: engine.Fatal, Saw: "Docker가 응답하지 않습니다: /var/run/docker.sock", Want: "Docker Engine 20.10 이상", Try: "sudo systemctl start docker",
			}}, o.Environment.Findings...)
		})
		r.settle()
		return r
	}},
	{"course takes over", func(t testing.TB, w, h int) *robot {
		r := newRobot(t, w, h)
		r.press("down")
		return r
	}},
	{"lab", func(t testing.TB, w, h int) *robot { return inLab(t, w, h) }},
	{"lab hint and solution", func(t testing.TB, w, h int) *robot {
		r := inLab(t, w, h)
		r.press("h", "h", "o", "y")
		return r
	}},
	{"lab waiting", func(t testing.TB, w, h int) *robot {
		r := inLab(t, w, h)
		r.lab.set(func(v *session.View) {
			v.Waiting = []engine.Capability{engine.Cluster, engine.LoadBalancer}
			for i := range v.Steps[0].Checks {
				v.Steps[0].Checks[i] = session.CheckView{Title: v.Steps[0].Checks[i].Title, Result: checks.Result{Pending: true}}
			}
		})
		r.settle()
		return r
	}},
	{"lab rewind", func(t testing.TB, w, h int) *robot {
		r := inLab(t, w, h)
		r.doneTo(2)
		r.press("n", "t")
		return r
	}},
	{"lab skip", func(t testing.TB, w, h int) *robot {
		r := inLab(t, w, h)
		r.press("n", "n", "t")
		return r
	}},
	{"lab notice", func(t testing.TB, w, h int) *robot {
		r := inLab(t, w, h)
		r.lab.set(func(v *session.View) {
			v.Notice = "앞 실습에서 만드는 것이 없어 대신 준비했습니다: kubia-image. 이 실습을 되돌리거나 정리하면 함께 지웁니다."
			v.Steps[0].Done, v.Steps[0].Skipped = true, true
		})
		r.settle()
		return r
	}},
	{"lab left", func(t testing.TB, w, h int) *robot {
		r := inLab(t, w, h)
		r.lab.view.Lab.Leave = []labs.Script{{Text: "true"}}
		r.later = true
		r.press("esc")
		return r
	}},
	{"lab busy", func(t testing.TB, w, h int) *robot {
		r := inLab(t, w, h)
		r.lab.set(func(v *session.View) {
			v.Activity = &session.Activity{Title: "대신 해 주는 중", Detail: "kubectl scale rc kubia --replicas=3", Done: 1, Total: 3}
			v.Problem = "마지막 명령이 1로 끝났습니다. 셸에서 오류를 읽고 다시 해 보세요."
		})
		r.press("r")
		return r
	}},
	{"lab ticked", func(t testing.TB, w, h int) *robot {
		r := inLab(t, w, h)
		r.lab.set(func(v *session.View) { v.Steps[0].Done = true })
		r.lab.pass(0)
		r.lab.pass(2)
		r.settle()
		return r
	}},
	{"question", func(t testing.TB, w, h int) *robot {
		r := inLab(t, w, h)
		r.press("n", "a")
		r.typeText("호스트h1")
		r.press("enter")
		return r
	}},
	{"copied", func(t testing.TB, w, h int) *robot {
		r := inLab(t, w, h)
		r.press("right", "y")
		return r
	}},
	{"help", func(t testing.TB, w, h int) *robot {
		r := inLab(t, w, h)
		r.press("?")
		return r
	}},
	{"shell", func(t testing.TB, w, h int) *robot {
		r := withShell(t, w, h)
		r.press("s")
		return r
	}},
	{"shell zoomed", func(t testing.TB, w, h int) *robot {
		r := withShell(t, w, h)
		r.press("Z")
		return r
	}},
	{"shell searched", func(t testing.TB, w, h int) *robot {
		r := withShell(t, w, h)
		r.lab.shell.scrollback(longOutput(200)...)
		r.settle()
		r.press("f")
		r.typeText("파드 17")
		r.press("up")
		return r
	}},
	{"shell looked back", func(t testing.TB, w, h int) *robot {
		r := withShell(t, w, h)
		r.lab.shell.scrollback(longOutput(200)...)
		r.settle()
		r.press("f")
		r.typeText("파드 17")
		r.press("enter", "v", "up", "up")
		return r
	}},
	{"picture asked for", pictureAskedFor},
	{"picture", pictureShown},
	{"picture flashes", pictureFlashing},
	{"picture waits", pictureWaiting},
	{"map", func(t testing.TB, w, h int) *robot {
		r := inLab(t, w, h)
		r.doneTo(1)
		r.press("m")
		return r
	}},
	{"search", func(t testing.TB, w, h int) *robot {
		r := newRobot(t, w, h)
		r.press("/")
		r.typeText("ㅍㄷ kubia")
		return r
	}},
	{"search term", func(t testing.TB, w, h int) *robot {
		r := newRobot(t, w, h)
		r.press("/")
		r.typeText("ㅋㅌㅇㄴ")
		return r
	}},
	{"search nothing", func(t testing.TB, w, h int) *robot {
		r := newRobot(t, w, h)
		r.press("/")
		r.typeText("없는 말")
		return r
	}},
	{"glossary", func(t testing.TB, w, h int) *robot {
		r := inLab(t, w, h)
		r.press("w")
		return r
	}},
	{"term", func(t testing.TB, w, h int) *robot {
		r := inLab(t, w, h)
		r.press("w", "enter", "down")
		return r
	}},
	{"questions", func(t testing.TB, w, h int) *robot {
		r := inLab(t, w, h)
		r.press("n")
		r.lab.Answer(0, "h1")
		r.settle()
		r.press("i")
		return r
	}},
	{"summary", func(t testing.TB, w, h int) *robot {
		r := newRobot(t, w, h)
		r.app.set(func(o *Overview) { o.Labs = worked() })
		r.settle()
		r.press("e")
		return r
	}},
	{"work", func(t testing.TB, w, h int) *robot {
		r := newRobot(t, w, h)
		r.app.set(func(o *Overview) {
			o.Environment.Steps = append([]session.EnvironmentStep(nil), o.Environment.Steps...)
			o.Environment.Steps[1].Lines = []string{"노드 컨테이너를 만드는 중", "kubeadm init", "컨트롤 플레인을 기다리는 중: kubelab-control-plane"}
			o.Environment.Steps = append(o.Environment.Steps, session.EnvironmentStep{
				Progress: engine.Progress{Step: "registry", Title: "레지스트리 띄우기", Status: engine.Failed, Err: fmt.Errorf("start registry: port 5001 is in use")},
				Began:    testTime.Add(-5 * time.Second), Ended: testTime,
			})
		})
		r.settle()
		r.press("b", "down")
		return r
	}},
	{"work lines", func(t testing.TB, w, h int) *robot {
		r := newRobot(t, w, h)
		r.app.set(func(o *Overview) {
			o.Environment.Steps = append([]session.EnvironmentStep(nil), o.Environment.Steps...)
			for i := range 90 {
				o.Environment.Steps[1].Lines = append(o.Environment.Steps[1].Lines, fmt.Sprintf("레이어 %d/90: localhost:5001/kubia@sha256:%064d", i+1, i))
			}
		})
		r.settle()
		r.press("b", "enter")
		return r
	}},
	{"tour", func(t testing.TB, w, h int) *robot { return newRobot(t, w, h, notToured) }},
	{"tour shell", func(t testing.TB, w, h int) *robot {
		r := newRobot(t, w, h, notToured)
		r.press("enter")
		return r
	}},
	{"tour keys", func(t testing.TB, w, h int) *robot {
		r := newRobot(t, w, h, notToured)
		r.press("enter", "enter", "enter")
		return r
	}},
	{"tour end", func(t testing.TB, w, h int) *robot {
		r := newRobot(t, w, h, notToured)
		r.press("enter", "enter", "enter", "enter", "enter")
		return r
	}},
	{"shell hostile", func(t testing.TB, w, h int) *robot {
		r := inLab(t, w, h)
		lines := make([]string, 80) // lines of a shell that was wider, as they are while its size changes
		for i := range lines {
			lines[i] = strings.Repeat([]string{
				"가나다", "─│┌▶", "👍🏽", "👨‍👩‍👧x", "\x1b[31m빨강\x1b[m ", "e\u0301", "ﷺ", "🇰🇷", "한글", "x",
			}[i%10], 100+i)
		}
		r.lab.shell = newFakeShell(lines...)
		signal(r.lab.changed)
		r.settle()
		return r
	}},
	{"lab and shell", func(t testing.TB, w, h int) *robot { return withShell(t, w, h) }},
	{"lab zoomed", func(t testing.TB, w, h int) *robot {
		r := withShell(t, w, h)
		r.press("z")
		return r
	}},
}

// withShell is a learner whose shell is there.
func withShell(t testing.TB, w, h int) *robot {
	r := inLab(t, w, h)
	r.lab.shell = newFakeShell(
		"learner@kubelab:~/11$ kubectl get rc",
		"NAME    DESIRED   CURRENT   READY   AGE",
		"kubia   1         1         1       4m",
		"learner@kubelab:~/11$ echo 한글과 \x1b[31m빨강\x1b[m",
		"한글과 빨강",
		"learner@kubelab:~/11$ k scale rc kubia —replicas=3",
		"error: required flag(s) \"replicas\" not set",
		"$ ")
	signal(r.lab.changed)
	r.settle()
	return r
}

// longOutput is more lines than a screen has.
func longOutput(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("\x1b[32m파드\x1b[m %d   kubia-%d   1/1   Running   0   4분", i, i)
	}
	return out
}

var sizes = [][2]int{{60, 20}, {80, 24}, {100, 30}, {160, 48}, {300, 80}}

func TestScreens(t *testing.T) {
	for _, scene := range scenes {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s/%dx%d", scene.name, size[0], size[1]), func(t *testing.T) {
				golden.RequireEqual(t, scene.play(t, size[0], size[1]).screen()+"\n")
			})
			t.Run(fmt.Sprintf("en/%s/%dx%d", scene.name, size[0], size[1]), func(t *testing.T) {
				golden.RequireEqual(t, scene.play(inEnglish{t}, size[0], size[1]).screen()+"\n")
			})
		}
	}
}

// TestStyledScreen holds the colours of the two screens that carry most of them.
func TestStyledScreen(t *testing.T) {
	for _, scene := range scenes {
		if scene.name == "lab ticked" || scene.name == "shell looked back" || scene.name == "picture flashes" || scene.name == "course broken" {
			t.Run(scene.name, func(t *testing.T) {
				golden.RequireEqual(t, scene.play(t, 80, 24).m.View().Content+"\n")
			})
		}
	}
}

// TestWideTerminal holds that a terminal which draws lines two columns wide gets ASCII, and one that does not, does not.
func TestWideTerminal(t *testing.T) {
	for _, c := range []struct {
		column int
		border string
	}{{1, "┌─[설명]"}, {2, "+-[설명]"}} {
		r := inLab(t, 80, 24)
		r.pass(probeAfter)
		if !slices.Contains(r.written, probe) {
			t.Fatalf("the terminal is not asked; it got %q", r.written)
		}
		r.send(tea.CursorPositionMsg{X: c.column, Y: probeRow})
		r.pass(repaintAfter)
		if r.repaints == 0 {
			t.Error("the probe is left on the screen")
		}
		r.sees(c.border)
		r.size(81, 24)
		r.sees(c.border)
	}
}

// TestASCIIEverywhere holds that no screen has a sign that may be drawn two columns wide, but for the em dash that
// explanations speak of.
func TestASCIIEverywhere(t *testing.T) {
	for _, scene := range scenes {
		t.Run(scene.name, func(t *testing.T) {
			for _, c := range scene.play(inASCII{t}, 80, 24).screen() {
				if c >= 0x2010 && c <= 0x2bff && c != '—' {
					t.Fatalf("%q may be drawn two columns wide", c)
				}
			}
		})
	}
}

func TestASCIIScreen(t *testing.T) {
	r := inLab(t, 80, 24, func(c *Config) { c.ASCII = true })
	for _, c := range r.screen() {
		// The em dash stays: explanations speak of it.
		if c >= 0x2010 && c <= 0x2bff && c != '—' {
			t.Errorf("%q may be drawn two columns wide", c)
		}
	}
	golden.RequireEqual(t, r.screen()+"\n")
}

// TestEveryWidth holds that no screen is wider or higher than the terminal, at any size.
func TestEveryWidth(t *testing.T) {
	for _, scene := range scenes {
		t.Run(scene.name, func(t *testing.T) {
			r, en := scene.play(t, 80, 24), scene.play(inEnglish{t}, 80, 24)
			for w := 40; w <= 300; w++ {
				heights := []int{20}
				if w%9 == 0 || w == wideLab || w == wideLab-1 {
					heights = []int{10, 17, 18, 37}
				}
				for _, h := range heights {
					r.m.Update(tea.WindowSizeMsg{Width: w, Height: h})
					checkSize(t, r.m, w, h)
				}
				en.m.Update(tea.WindowSizeMsg{Width: w, Height: 20})
				checkSize(t, en.m, w, 20)
			}
		})
	}
}

// TestTinyScreens holds that nothing breaks where nothing can be read any more.
func TestTinyScreens(t *testing.T) {
	for _, scene := range scenes {
		r := scene.play(t, 80, 24)
		for w := 1; w < 40; w += 3 {
			for h := 1; h < 12; h++ {
				r.m.Update(tea.WindowSizeMsg{Width: w, Height: h})
				checkSize(t, r.m, w, h)
			}
		}
	}
}

func checkSize(t *testing.T, m *Model, w, h int) {
	t.Helper()
	view := m.View()
	lines := splitLines(view.Content)
	if p := m.lab; p != nil && m.inLab && m.over() == nil && p.layout().how == beside {
		for i, line := range lines[1:min(len(lines)-1, h-1-p.answer.height())] {
			if got := ansi.StringWidth(line); got != w {
				t.Fatalf("%dx%d: line %d of the panes is %d columns wide: %q", w, h, i+1, got, ansi.Strip(line))
			}
		}
	}
	if len(lines) > h {
		t.Fatalf("%dx%d: %d lines:\n%s", w, h, len(lines), ansi.Strip(view.Content))
	}
	for i, line := range lines {
		if got := ansi.StringWidth(line); got > w {
			t.Fatalf("%dx%d: line %d is %d columns wide: %q", w, h, i, got, ansi.Strip(line))
		}
	}
	if c := view.Cursor; c != nil && (c.X < 0 || c.X >= w || c.Y < 0 || c.Y >= h) {
		t.Fatalf("%dx%d: the cursor is at %d,%d", w, h, c.X, c.Y)
	}
}

func TestElapsed(t *testing.T) {
	r := inLab(t, 100, 30)
	for _, c := range []struct {
		ago  time.Duration
		want string
	}{{0, "00:00:00"}, {7*time.Minute + 41*time.Second, "00:07:41"}, {23*time.Hour + 59*time.Minute, "23:59:00"}, {25 * time.Hour, "2일째"}} {
		if got := r.m.elapsed(r.m.clock.now.Add(-c.ago)); got != " · "+c.want {
			t.Errorf("elapsed since %v: got %q, want %q", c.ago, got, c.want)
		}
	}
	for _, since := range []time.Time{{}, r.m.clock.now.Add(time.Hour)} {
		if got := r.m.elapsed(since); got != "" {
			t.Errorf("elapsed since %v: got %q, want none", since, got)
		}
	}
}

func splitLines(s string) []string { return strings.Split(s, "\n") }
