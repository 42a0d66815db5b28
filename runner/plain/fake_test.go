package plain

import (
	"errors"
	"sync"
	"time"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/session"
	"github.com/kubelab/kubelab/runner/shell"
)

// fakeApp is an App whose state a test sets.
type fakeApp struct {
	overview session.Overview
	changed  chan struct{}
	lab      *fakeLab
	opened   []string
	retries  int
}

func (a *fakeApp) Overview() session.Overview { return a.overview }
func (a *fakeApp) Changed() <-chan struct{}   { return a.changed }
func (a *fakeApp) Retry()                     { a.retries++ }

func (a *fakeApp) Open(id string) (Lab, error) {
	a.opened = append(a.opened, id)
	if id != "scale" {
		return nil, errors.New("work folder: permission denied")
	}
	return a.lab, nil
}

// fakeLab is a Lab that does at once what it is asked for. Commands "run" as long as their length in seconds of its
// own clock says, by a goroutine.
type fakeLab struct {
	mu      sync.Mutex // guards everything below
	view    session.View
	changed chan struct{}
	shell   *fakeShell
	ended   []checks.Command
	asked   []string // what was asked for
	closed  int
	right   string
	// takes is how long a command runs.
	takes time.Duration
	// brings is what a command brings about when it has ended.
	brings func(v *session.View)
}

func (l *fakeLab) View() session.View {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.view
}

func (l *fakeLab) Changed() <-chan struct{} { return l.changed }
func (l *fakeLab) Settle()                  {}

// set changes a copy of the view.
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
	select {
	case l.changed <- struct{}{}:
	default:
	}
}

func (l *fakeLab) note(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = append(l.asked, what)
}

func (l *fakeLab) Goto(step int) {
	if step >= 0 {
		l.set(func(v *session.View) { v.Step, v.Hints, v.Solution, v.Problem = step, 0, false, "" })
	}
}
func (l *fakeLab) Hint()           { l.set(func(v *session.View) { v.Hints++ }) }
func (l *fakeLab) Solution()       { l.set(func(v *session.View) { v.Solution = true }) }
func (l *fakeLab) Solve()          { l.note("solve") }
func (l *fakeLab) Stop()           { l.note("stop") }
func (l *fakeLab) Reset()          { l.note("reset") }
func (l *fakeLab) Travel(step int) { l.note("travel") }

func (l *fakeLab) Answer(question int, given string) {
	l.set(func(v *session.View) {
		q := &v.Steps[v.Step].Questions[question]
		q.Given, q.Right, q.Feedback = given, given == l.right, ""
		if !q.Right {
			q.Feedback = "docker exec h1 hostname을 실행해 보세요."
		}
		v.Steps[v.Step].Done = q.Right
	})
}

func (l *fakeLab) Run(command string) {
	l.note("run " + command)
	c := checks.Command{Text: command, Started: time.Now(), Running: true}
	l.shell.set(c)
	l.set(func(v *session.View) { v.Activity = &session.Activity{Title: "명령 실행", Detail: command} })
	go func() {
		time.Sleep(l.takes)
		c.Running, c.Output, c.Exit = false, "replicationcontroller/kubia scaled\n", 0
		l.shell.set(c)
		l.mu.Lock()
		l.ended = append(l.ended, c)
		l.mu.Unlock()
		l.set(func(v *session.View) {
			v.Activity = nil
			if l.brings != nil {
				l.brings(v)
			}
		})
	}()
}

func (l *fakeLab) Ended() []checks.Command {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := l.ended
	l.ended = nil
	return out
}

func (l *fakeLab) Shell() (Shell, bool) { return l.shell, true }

func (l *fakeLab) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed++
	return nil
}

// fakeShell is a Shell whose command a test sets.
type fakeShell struct {
	mu    sync.Mutex
	c     checks.Command
	typed []string
}

func (s *fakeShell) set(c checks.Command) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.c = c
}

func (s *fakeShell) Command() (checks.Command, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.c, s.c.Text != ""
}

func (s *fakeShell) SendKey(k shell.Key) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.typed = append(s.typed, k.String())
	return nil
}

func (s *fakeShell) Paste(text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.typed = append(s.typed, text)
	return nil
}

func newFake() (*fakeApp, *fakeLab) {
	step := &labs.Step{
		ID: "scale", Title: "레플리카 수 늘리기",
		Parts: []labs.Part{
			{Markdown: "지금은 파드가 **하나뿐**입니다. 레플리케이션컨트롤러에게 원하는 파드는 세 개다라고 알려 줍니다. [문서](https://kubernetes.io/ko)를 보세요.\n\n" +
				"| 열 | 뜻 |\n| --- | --- |\n| `DESIRED` | 원하는 수 |\n| `CURRENT` | 지금의 수 |\n\n- 하나\n- 둘은 길어서 다음 줄로 넘어가는 항목입니다. 첫 낱말 아래에서 이어집니다. 그래야 읽기 쉽습니다.\n"},
			{Run: &labs.Script{Text: "kubectl scale rc kubia --replicas=3\n"}},
			{Markdown: "```text\n 원하는 상태 3 ──▶ 비교\n```\n"},
			{Run: &labs.Script{Text: "for i in 1 2 3; do\n  curl -s http://localhost:8080\ndone"}},
		},
		Hints:    []string{"`--replicas`를 보세요.", "그대로 입력하세요."},
		Solution: []labs.Script{{Text: "kubectl scale rc kubia --replicas=3"}},
	}
	ask := &labs.Step{ID: "ask", Title: "호스트 이름 알아보기", Parts: []labs.Part{{Markdown: "컨테이너는 자기 호스트 이름이 있습니다."}}}
	course := &labs.Course{Title: "쿠버네티스 인 액션 2장", Labs: []*labs.Lab{
		{ID: "hello-container", Title: "헬로 컨테이너", Minutes: 10, Steps: []*labs.Step{ask}},
		{ID: "scale", Title: "수평 확장", Minutes: 15, Intro: "이 실습에서는 파드를 늘립니다.", Steps: []*labs.Step{step, ask}},
	}}
	lab := &fakeLab{
		changed: make(chan struct{}, 1), shell: &fakeShell{}, right: "a1b2c3", takes: time.Second,
		view: session.View{Lab: course.Labs[1], Ready: true, Steps: []session.StepView{
			{Checks: []session.CheckView{
				{Title: "파드 세 개가 준비됨", Result: checks.Result{Observed: "1", Expected: "3", Explanation: "파드가 하나뿐입니다."}},
				{Title: "세 파드가 모두 응답함", Result: checks.Result{Pending: true}},
			}},
			{Questions: []session.QuestionView{{Ask: "컨테이너 h1의 호스트 이름은 무엇인가요?"}}},
		}},
	}
	lab.brings = func(v *session.View) {
		st := &v.Steps[0]
		for i := range st.Checks {
			st.Checks[i].Passed, st.Checks[i].Result = true, checks.Result{Passed: true, Observed: "파드 3개"}
		}
		st.Done = true
	}
	app := &fakeApp{changed: make(chan struct{}, 1), lab: lab, overview: session.Overview{
		Labs: map[string]session.LabProgress{"hello-container": {Done: 1, Finished: true}},
		Environment: session.Environment{
			Engine: "kind", Has: map[engine.Capability]bool{engine.Docker: true},
			Findings: []engine.Finding{{Severity: engine.OK, Saw: "Docker"}, {Severity: engine.Warning, Saw: "메모리 4 GB", Want: "6 GB", Try: "docker run --memory=6g"}},
		},
	}}
	return app, lab
}

// courseOf is the course around the fake's lab.
func courseOf(app *fakeApp) *labs.Course {
	ask := &labs.Step{ID: "ask", Title: "하나"}
	hello, scale := &labs.Lab{ID: "hello-container", Title: "헬로 컨테이너", Minutes: 10, Steps: []*labs.Step{ask}}, app.lab.view.Lab
	container := &labs.Term{Name: "컨테이너", English: "container", Means: "다른 것과 떨어져 실행되는 **프로세스**입니다.", Lab: hello, Step: ask}
	rc := &labs.Term{
		Name: "레플리케이션 컨트롤러", English: "ReplicationController", Also: []string{"rc"}, Means: "파드의 수를 지킵니다.",
		Lab: scale, Step: scale.Steps[0],
	}
	pod := &labs.Term{Name: "파드", English: "Pod", Also: []string{"pods", "po"}, Means: "컨테이너의 묶음입니다.", Lab: scale, Step: scale.Steps[1]}
	pod.See = []*labs.Term{container, rc}
	kubectl := &labs.Term{Name: "kubectl", English: "kubectl", Means: "부탁하는 프로그램입니다.", Lab: scale, Step: scale.Steps[0]}
	return &labs.Course{
		Title: "쿠버네티스 인 액션 2장", Labs: []*labs.Lab{hello, scale}, Glossary: []*labs.Term{rc, pod, kubectl, container},
	}
}
