package tui

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/picture"
	"github.com/kubelab/kubelab/runner/session"
	"github.com/kubelab/kubelab/runner/shell"
)

// fakeApp is an App whose state a test sets.
type fakeApp struct {
	overview Overview
	changed  chan struct{}
	labs     map[string]*fakeLab
	opened   []string
	retries  int
	toured   int
}

func (a *fakeApp) Overview() Overview       { return a.overview }
func (a *fakeApp) Changed() <-chan struct{} { return a.changed }
func (a *fakeApp) Retry()                   { a.retries++ }
func (a *fakeApp) Toured()                  { a.toured++ }

func (a *fakeApp) Open(id string) (Lab, error) {
	a.opened = append(a.opened, id)
	lab, ok := a.labs[id]
	if !ok {
		return nil, errors.New("work folder: permission denied")
	}
	return lab, nil
}

func (a *fakeApp) set(change func(*Overview)) {
	change(&a.overview)
	signal(a.changed)
}

func signal(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// fakeLab is a Lab that behaves like a session without an environment: steps, hints and answers work, checks pass when
// a test says so.
type fakeLab struct {
	mu       sync.Mutex // guards view
	view     session.View
	changed  chan struct{}
	shell    *fakeShell
	ran      []string
	solved   int
	stopped  int
	resets   int
	travels  []int
	pictures []picture.Kind // that were asked for
	closed   int
	stuck    chan struct{} // Close waits for it; nil does not
	failing  error         // what Close returns
	answers  map[string]string
	refuse   bool // Goto goes nowhere, as while solutions are typed
	mute     bool // Goto is not answered
}

func (l *fakeLab) Changed() <-chan struct{} { return l.changed }
func (l *fakeLab) Solve()                   { l.solved++ }
func (l *fakeLab) Stop()                    { l.stopped++ }
func (l *fakeLab) Reset()                   { l.resets++ }
func (l *fakeLab) Travel(step int)          { l.travels = append(l.travels, step) }
func (l *fakeLab) Run(command string)       { l.ran = append(l.ran, command) }

func (l *fakeLab) Close() error {
	l.closed++
	if l.stuck != nil {
		<-l.stuck
	}
	return l.failing
}

func (l *fakeLab) View() session.View {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.view
}

func (l *fakeLab) Goto(step int) {
	if l.mute {
		return
	}
	if l.refuse {
		l.set(func(v *session.View) { v.Asked++ })
		return
	}
	l.set(func(v *session.View) { v.Step, v.Hints, v.Solution = step, 0, false; v.Asked++ })
}

func (l *fakeLab) Hint() {
	l.set(func(v *session.View) { v.Hints = min(v.Hints+1, len(v.Lab.Steps[v.Step].Hints)) })
}

func (l *fakeLab) Solution() { l.set(func(v *session.View) { v.Solution = true }) }

func (l *fakeLab) Answer(question int, given string) {
	l.set(func(v *session.View) {
		if question >= len(v.Steps[v.Step].Questions) {
			return // as a session does: the answer was given in another step
		}
		q := &v.Steps[v.Step].Questions[question]
		q.Given, q.Right, q.Feedback = given, given == l.answers[q.Ask], ""
		if !q.Right {
			q.Feedback = "h1은 컨테이너의 이름입니다. 호스트 이름과 다릅니다. `docker exec h1 hostname`을 실행해 보세요."
		}
	})
}

// Picture is remembered; the scene is what a test puts into the view.
func (l *fakeLab) Picture(kind picture.Kind) {
	l.pictures = append(l.pictures, kind)
	l.set(func(v *session.View) { v.Scene.Kind = kind })
}

func (l *fakeLab) Shell() (Shell, bool) {
	if l.shell == nil {
		return nil, false
	}
	return l.shell, true
}

// set changes a copy of the view: one that was handed out stays as it is.
func (l *fakeLab) set(change func(*session.View)) {
	l.mu.Lock()
	v := l.view
	v.Steps = make([]session.StepView, len(l.view.Steps))
	for i, st := range l.view.Steps {
		st.Checks = append([]session.CheckView(nil), st.Checks...)
		st.Questions = append([]session.QuestionView(nil), st.Questions...)
		v.Steps[i] = st
	}
	change(&v)
	l.view = v
	l.mu.Unlock()
	signal(l.changed)
}

// pass ticks a check of the current step.
func (l *fakeLab) pass(check int) {
	l.set(func(v *session.View) {
		c := &v.Steps[v.Step].Checks[check]
		c.Passed, c.PassedAt = true, testTime
		c.Result = checks.Result{Passed: true, Expected: c.Result.Expected, Observed: "rc/kubia → 파드 3개"}
	})
}

// fakeShell is a Shell that echoes.
type fakeShell struct {
	screen  shell.Screen
	changed chan struct{}
	done    chan struct{}
	keys    []string
	pasted  []string
	all     []string // every line, where a test looks back
	mouse   []shell.Mouse
	w, h    int
	running string
	err     error
}

func newFakeShell(lines ...string) *fakeShell {
	return &fakeShell{
		screen:  shell.Screen{Lines: lines, Cursor: shell.Cursor{X: 4, Y: max(0, len(lines)-1), Visible: true}},
		changed: make(chan struct{}, 1), done: make(chan struct{}),
	}
}

func (s *fakeShell) Screen() shell.Screen {
	s.screen.Top, s.screen.Cols, s.screen.Rows = s.screen.History, s.w, s.h
	return s.screen
}

func (s *fakeShell) Changed() <-chan struct{} { return s.changed }
func (s *fakeShell) Done() <-chan struct{}    { return s.done }
func (s *fakeShell) Resize(w, h int)          { s.w, s.h = w, h }

func (s *fakeShell) Command() (checks.Command, bool) {
	return checks.Command{Text: s.running, Running: true}, s.running != ""
}

func (s *fakeShell) Paste(text string) error {
	s.pasted = append(s.pasted, text)
	return s.err
}

// From draws how far the screen was scrolled back, or the lines themselves where the test gave them.
func (s *fakeShell) From(line int) shell.Screen {
	back := s.Screen()
	back.Offset = max(0, min(back.Top-line, s.screen.History))
	if back.Offset == 0 {
		return back
	}
	back.Top -= back.Offset
	back.Lines = []string{fmt.Sprintf("%d lines further up", back.Offset)}
	if s.all != nil {
		back.Lines = s.all[back.Top:min(len(s.all), back.Top+max(s.h, 1))]
	}
	back.Cursor.Visible = false
	return back
}

func (s *fakeShell) Text(from, to int) (out []string) {
	for i := max(from, 0); i < min(to, len(s.all)); i++ {
		out = append(out, ansi.Strip(s.all[i]))
	}
	return out
}

func (s *fakeShell) Find(text string) (found []shell.Match) {
	for n, line := range s.all {
		line = ansi.Strip(line)
		if i := strings.Index(line, text); i >= 0 {
			from := ansi.StringWidth(line[:i])
			found = append(found, shell.Match{Line: n, From: from, To: from + ansi.StringWidth(text)})
		}
	}
	return found
}

func (s *fakeShell) SendMouse(m shell.Mouse) error {
	s.mouse = append(s.mouse, m)
	return s.err
}

// scrollback gives the shell lines that have scrolled away, and those that are on its screen.
func (s *fakeShell) scrollback(lines ...string) {
	s.all = lines
	shown := min(len(lines), max(s.h, 1))
	s.screen.History = len(lines) - shown
	s.screen.Lines = lines[len(lines)-shown:]
	s.screen.Cursor.Y = shown - 1
	signal(s.changed)
}

func (s *fakeShell) SendKey(k shell.Key) error {
	if s.err != nil {
		return s.err
	}
	s.keys = append(s.keys, k.String())
	lines := append([]string(nil), s.screen.Lines...)
	lines[len(lines)-1] += cleanLine(k.Text) // a terminal's line holds neither another nor what acts on a terminal
	s.screen.Lines = lines
	signal(s.changed)
	return nil
}

var testTime = time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)

const prose = `지금은 파드가 하나뿐입니다. 레플리케이션컨트롤러에게 “파드를 두 개 더 띄워라”가 아니라 **원하는 파드는 세 개다**라고 알려 줍니다.
무엇을 할지가 아니라 어떤 상태를 원하는지 말하면, 컨트롤러가 ` + "`kubectl get rc kubia-controller --output=wide`" + `에 보이는 차이를 맡습니다.

| 열 | 뜻 |
| --- | --- |
| ` + "`DESIRED`" + ` | 원하는 파드의 수입니다. 이 값은 우리가 정합니다 |
| ` + "`CURRENT`" + ` | 지금 있는 파드의 수입니다 |

- 컨트롤러는 차이를 **보고** 나머지를 맡습니다. 그래서 파드 하나를 지워도 곧 다시 셋이 됩니다.
- 파드의 주인은 kubia입니다
`

const diagram = "```text\n   원하는 상태 3 ──▶ 비교 ──▶ 파드 2개 생성\n         ▲            │\n         └─ 관찰 ◀────┘\n```\n"

// testCourse is a course of three labs; the second is the one the tests work in.
func testCourse() *labs.Course {
	step := func(id, title string) *labs.Step {
		return &labs.Step{ID: id, Title: title, Parts: []labs.Part{{Markdown: "글 한 줄입니다."}}}
	}
	scale := &labs.Step{
		ID: "scale", Title: "레플리카 수 늘리기",
		Parts: []labs.Part{
			{Markdown: prose},
			{Run: &labs.Script{Text: "kubectl scale rc kubia --replicas=3\n"}},
			{Markdown: "이제 다시 봅니다.\n\n" + diagram},
			{Run: &labs.Script{Text: "for i in 1 2 3; do\n  curl -s http://localhost:8080/a-long-path-of-the-kubia-service\ndone"}},
		},
		Hints:    []string{"`--replicas`를 보세요.", "`kubectl scale rc kubia --replicas=3`을 그대로 입력하세요."},
		Solution: []labs.Script{{Text: "kubectl scale rc kubia --replicas=3"}},
	}
	ask := &labs.Step{
		ID: "ask", Title: "호스트 이름 알아보기", Parts: []labs.Part{{Markdown: "컨테이너는 자기 호스트 이름이 있습니다."}},
	}
	pod := &labs.Term{Name: "파드", English: "Pod", Also: []string{"pods"}, Means: "함께 실행되는 컨테이너의 묶음이며, 쿠버네티스가 실행하는 가장 작은 것입니다."}
	container := &labs.Term{Name: "컨테이너", English: "container", Means: "이미지로 만든, 다른 것과 떨어져 실행되는 프로세스입니다."}
	rc := &labs.Term{Name: "레플리케이션컨트롤러", English: "ReplicationController", Also: []string{"rc"}, Means: "셀렉터에 맞는 파드의 수를 원하는 수로 지키는 컨트롤러입니다."}
	course := &labs.Course{Title: "쿠버네티스 인 액션 2장", Labs: []*labs.Lab{
		{ID: "hello-container", Title: "헬로 컨테이너", Section: "2.1.1", Minutes: 10, Needs: []string{"docker"},
			Steps: []*labs.Step{step("a", "하나"), step("b", "둘")}},
		{ID: "scale", Title: "수평 확장과 원하는 상태", Section: "2.3.3", Minutes: 15, Needs: []string{"docker", "cluster", "loadbalancer"},
			Intro: "이 실습에서는 파드를 늘립니다.", Steps: []*labs.Step{scale, ask, step("c", "스스로 고치기")}},
		{ID: "expose", Title: "외부 노출", Section: "2.3.2", Minutes: 20, Needs: []string{"cluster"}, Steps: []*labs.Step{step("d", "서비스")}},
	}}
	thing := &labs.Thing{Name: "kubia-image", Giver: course.Labs[0]}
	course.Labs[0].Gives, course.Labs[2].Supplies = []*labs.Thing{thing}, []*labs.Thing{thing}
	course.Glossary = []*labs.Term{pod, container, rc}
	for i, t := range course.Glossary {
		t.Lab, t.Step = course.Labs[2-i], course.Labs[2-i].Steps[0]
	}
	container.Step = course.Labs[1].Steps[1]
	pod.See, rc.See = []*labs.Term{container, rc}, []*labs.Term{pod}
	course.Concepts = []labs.Concept{{ID: "61", Title: "DESIRED와 CURRENT"}, {ID: "62", Title: "kubectl scale rc kubia --replicas=3"}, {ID: "99", Title: "다른 실습의 것"}}
	scale.Covers, course.Labs[1].Covers = []string{"62"}, []string{"61"}
	return course
}

// newFake returns an App whose environment is half up and whose second lab is open for work.
func newFake() (*fakeApp, *fakeLab) {
	course := testCourse()
	lab := &fakeLab{
		changed: make(chan struct{}, 1),
		answers: map[string]string{"컨테이너 h1의 호스트 이름은 무엇인가요?": "a1b2c3"},
		view: session.View{
			Lab: course.Labs[1], Started: testTime.Add(-7*time.Minute - 41*time.Second),
			Steps: []session.StepView{
				{Checks: []session.CheckView{
					{Title: "파드 세 개가 준비됨", Result: checks.Result{
						Observed: "1", Expected: "3",
						Explanation: "방금 입력한 명령에 긴 대시(—)가 있습니다. kubectl은 `--replicas`를 읽지 못했습니다. 다시: kubectl scale rc kubia --replicas=3",
					}},
					{Title: "파드의 주인은 kubia", Passed: true, Result: checks.Result{Passed: true, Observed: "rc/kubia → 파드 1개"}},
					{Title: "세 파드가 모두 응답함", Result: checks.Result{Pending: true}},
				}},
				{Questions: []session.QuestionView{
					{Ask: "컨테이너 h1의 호스트 이름은 무엇인가요?"},
					{Ask: "종료 코드는 얼마인가요?"},
				}},
				{},
			},
		},
	}
	app := &fakeApp{
		changed: make(chan struct{}, 1), labs: map[string]*fakeLab{"scale": lab},
		overview: Overview{
			Labs:    map[string]LabProgress{"hello-container": {Done: 2, Finished: true}, "scale": {Done: 1}},
			Current: "scale", Toured: true,
			Environment: Environment{
				Engine: "kind", Has: map[engine.Capability]bool{engine.Docker: true, engine.Registry: true},
				Steps: []session.EnvironmentStep{
					{Progress: engine.Progress{Title: "노드 이미지 받기", Status: engine.Done}, Began: testTime.Add(-time.Hour), Ended: testTime},
					{Progress: engine.Progress{Title: "클러스터 만들기", Status: engine.Running, Detail: "컨트롤 플레인을 기다리는 중: kubelab-control-plane", Usual: 95 * time.Second}, Began: testTime.Add(-42 * time.Second)},
				},
				Findings: []engine.Finding{
					{ID: "docker", Severity: engine.OK, Saw: "Docker 20.10"},
					{ID: "memory", Severity: engine.Warning, Saw: "메모리 4.0 GB", Want: "6 GB가 있으면 노드를 둘 만듭니다", Try: "docker run --memory=6g"},
				},
			},
		},
	}
	return app, lab
}

// worked is the progress of a learner who has worked in the second lab, and not without mistakes.
func worked() map[string]LabProgress {
	return map[string]LabProgress{
		"hello-container": {Done: 2, Record: labs.LabProgress{Spent: 26*time.Minute + 5*time.Second}}, // never marked as finished
		"scale": {Done: 2, Record: labs.LabProgress{Spent: 12*time.Minute + 30*time.Second, Steps: map[string]labs.StepProgress{
			"scale": {
				Done: true, Hints: 2, Solution: true, Spent: 9 * time.Minute, Checks: map[string]time.Time{"파드 세 개가 준비됨": testTime},
				Mistakes: []labs.Mistake{{Name: "대시", Check: "파드 세 개가 준비됨", Why: "방금 입력한 명령에 긴 대시(—)가 있습니다. kubectl은 `--replicas`를 읽지 못했습니다."}},
			},
			"ask": {
				Done: true, Spent: 3*time.Minute + 30*time.Second,
				Wrong: []labs.WrongAnswer{{Question: "컨테이너 h1의 호스트 이름은 무엇인가요?", Given: "h1"}},
			},
		}}},
	}
}

// notToured makes the learner one who is here for the first time.
func notToured(c *Config) {
	app, _ := newFake()
	app.overview.Toured, app.overview.Labs = false, nil
	c.App = app
}
