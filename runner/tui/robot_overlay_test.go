package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/session"
)

func TestMapGoesToAStep(t *testing.T) {
	r := inLab(t, 80, 24)
	r.press("ㅡ") // m, with Korean input on
	r.sees("과정 지도", "▸    · 1. 레플리카 수 늘리기")
	r.press("down", "enter")
	r.misses("과정 지도")
	r.sees("2. 호스트 이름 알아보기", "2/3")
	r.press("m", "left")
	r.sees("▸  2 수평 확장과 원하는 상태")
	if n := strings.Count(r.screen(), "1. 레플리카 수 늘리기"); n != 1 {
		t.Errorf("the step stands there %d times, want once: beside the map", n)
	}
	r.press("right", "down", "esc")
	r.misses("과정 지도")
	if r.lab.view.Step != 1 {
		t.Error("esc went somewhere")
	}
}

func TestMapOpensAnotherLab(t *testing.T) {
	r := inLab(t, 80, 24)
	_, other := newFake()
	other.view.Lab = testCourse().Labs[0]
	other.view.Steps = []session.StepView{{}, {}}
	r.app.labs["hello-container"] = other
	r.press("m", "g", "right", "down", "down", "enter")
	if !slices.Equal(r.app.opened, []string{"scale", "hello-container"}) || other.view.Step != 1 || r.lab.closed != 1 {
		t.Errorf("opened %v, at step %d, the first closed %d times", r.app.opened, other.view.Step, r.lab.closed)
	}
	r.sees("1 헬로 컨테이너", "2. 둘")
	r.press("m")
	r.sees("✓ 마침") // the first lab
	r.press("g", "enter")
	r.sees("2. 둘")
}

// TestAnotherLabWhileOneIsBusy asks before what is going on in a lab is broken off, wherever the other lab was chosen.
func TestAnotherLabWhileOneIsBusy(t *testing.T) {
	const title = "헬로 컨테이너"
	for name, keys := range map[string][]string{
		"map":         {"m", "g", "enter"},
		"map, a step": {"m", "g", "right", "down", "down", "enter"},
		"search":      {"/", title, "enter"},
		"course":      {"esc", "g", "enter"},
	} {
		t.Run(name, func(t *testing.T) {
			choose := func(r *robot) {
				for _, k := range keys {
					if k == title {
						r.typeText(k)
					} else {
						r.press(k)
					}
				}
			}
			r := inLab(t, 80, 24)
			_, other := newFake()
			other.view.Lab = testCourse().Labs[0]
			other.view.Steps = []session.StepView{{}, {}}
			r.app.labs["hello-container"] = other
			r.lab.set(func(v *session.View) { v.Activity = &session.Activity{Title: "되돌리기"} })
			r.settle()
			choose(r)
			r.sees("그래도 이 실습을 나갈까요? 아직 하고 있습니다: 되돌리기")
			r.press("n")
			if r.lab.closed != 0 || len(r.app.opened) != 1 {
				t.Fatalf("closed %d times, opened %v without a yes", r.lab.closed, r.app.opened)
			}
			choose(r)
			r.press("y")
			if r.lab.closed != 1 || !slices.Equal(r.app.opened, []string{"scale", "hello-container"}) {
				t.Errorf("closed %d times, opened %v after a yes", r.lab.closed, r.app.opened)
			}
		})
	}
}

func TestMapThatCannotOpen(t *testing.T) {
	r := inLab(t, 80, 24)
	r.press("m", "g", "right", "down", "down", "enter")
	r.sees("실습을 열지 못했습니다")
	r.app.labs["hello-container"] = r.lab
	r.press("up", "enter")
	if r.lab.view.Step != 0 {
		t.Error("the step of the lab that could not be opened is gone to later")
	}
}

// A lab whose steps are all done is shown as finished, also where nobody has marked it.
func TestFinishedWithoutAMark(t *testing.T) {
	r := newRobot(t, 80, 24)
	r.app.set(func(o *Overview) { o.Labs = worked() })
	r.settle()
	r.sees("1/3 ━", "1 헬로 컨테이너            ✓ 마침", "2/3", "26분 05초", "12분 30초")
}

func TestCourseSaysWhatALabNeedsAndGives(t *testing.T) {
	r := newRobot(t, 80, 30)
	r.press("up")
	r.sees("다음에 쓰일 것: kubia-image (3번)")
	r.press("down", "down")
	r.sees("이어받는 것: 1번 실습의 kubia-image", "● 도커", "○ 클러스터")
}

func TestSearchOpensWhatItFinds(t *testing.T) {
	r := newRobot(t, 80, 24)
	r.press("/")
	r.sees("첫소리만 입력해도 됩니다")
	r.typeText("ㅎㅅㅌㅇㄹ")
	r.sees("2 수평 확장과 원하는 상태 · 2. 호스트 이름 알아보기")
	r.send(tea.KeyPressMsg{Code: tea.KeyBackspace})
	r.sees("ㅎㅅㅌㅇ")
	r.press("enter")
	r.sees("2/3", "2. 호스트 이름 알아보기")
	if len(r.lab.travels) > 0 {
		t.Error("to look at a step is not to travel")
	}
	r.press("/")
	r.typeText("ㅅㅍㅎㅈ")
	r.press("enter") // a lab opens where it was left
	r.sees("2/3")
	r.press("/")
	r.typeText("q/jk없음")
	r.sees("찾기 q/jk없음", "찾지 못했습니다")
	r.press("enter", "esc")
	r.misses("찾기 q")
	r.press("/")
	r.send(tea.PasteMsg{Content: "외부\n노출\x1b[31m"})
	r.sees("찾기 외부 노출", "3 외부 노출")
	r.press("ctrl+c")
	r.sees("그래도 끝낼까요?")
}

func TestSearchShowsNoMoreThanIsRead(t *testing.T) {
	r := newRobot(t, 80, 24, func(c *Config) {
		for i := range maxHits + 1 {
			c.Course.Labs[2].Steps = append(c.Course.Labs[2].Steps, &labs.Step{ID: fmt.Sprint(i), Title: "같은 말"})
		}
	})
	r.press("/")
	r.typeText("같은 말")
	r.sees(fmt.Sprintf("%d곳", maxHits))
}

func TestSearchBeforeTheCourseIsRead(t *testing.T) {
	r := newRobot(t, 80, 24)
	index := r.m.index
	r.m.index = nil
	r.press("/")
	r.typeText("파드")
	r.sees("과정을 읽는 중입니다.")
	r.send(indexMsg{index})
	r.misses("과정을 읽는 중입니다.")
	r.sees("낱말 풀이", "Pod")
}

func TestGlossary(t *testing.T) {
	r := inLab(t, 80, 24)
	r.press("ㅈ") // w
	r.sees("이 단계의 낱말", "▸ 파드", "모든 낱말", "쿠버네티스가 실행하는 가장 작은 것입니다.")
	r.press("enter")
	r.sees("배우는 곳: 3 외부 노출", "함께 실행되는")
	r.press("down", "enter")
	r.sees("이미지로 만든, 다른 것과 떨어져")
	r.press("enter")
	r.sees("2/3", "호스트 이름 알아보기") // where 컨테이너 is taught, in this course the second lab
	r.press("esc", "w")
	r.misses("이 단계의 낱말")
	r.press("/")
	r.typeText("ReplicationC")
	r.press("enter")
	r.sees("셀렉터에 맞는 파드의 수를")
	r.press("esc", "esc", "esc")
	r.sees("쿠버네티스 인 액션 2장", "환경 kind")
}

func TestGlossaryIsRefusedWhereThereIsNone(t *testing.T) {
	r := newRobot(t, 80, 24, func(c *Config) { c.Course.Glossary = nil })
	r.press("w")
	r.sees("! 이 과정에는 낱말 풀이가 없습니다.")
}

func TestQuestionsAreFoundAgain(t *testing.T) {
	r := inLab(t, 80, 24)
	r.press("i")
	r.sees("질문 0/2", "▸ · 컨테이너 h1의 호스트 이름은 무엇인가요?", "아직 답하지 않았습니다.")
	r.press("down", "enter")
	r.sees("2. 호스트 이름 알아보기")
	r.lab.Answer(0, "a1b2c3")
	r.settle()
	r.press("i")
	r.sees("질문 1/2", "✓ 컨테이너 h1의 호스트 이름은", "▸ · 종료 코드는 얼마인가요?")
	r.press("esc")
	r.lab.set(func(v *session.View) { v.Steps[1].Questions = nil })
	r.settle()
	r.press("i")
	r.sees("! 이 실습에는 질문이 없습니다.")
}

func finish(r *robot) {
	r.app.set(func(o *Overview) {
		o.Labs = worked()
		p := o.Labs["scale"]
		p.Done, p.Finished = 3, true
		o.Labs["scale"] = p
	})
	r.doneTo(3)
	r.lab.set(func(v *session.View) { v.Finished = true })
	r.settle()
}

func TestSummaryComesOnce(t *testing.T) {
	r := inLab(t, 80, 30)
	finish(r)
	r.sees("돌아보기: 2 수평 확장과 원하는 상태", "실습을 마쳤습니다.", "걸린 시간 12분 30초 (보통 15분)", "DESIRED와 CURRENT", "9분 00초 · 힌트 2개 · 해답 봄 · 막힘 1번", "긴 대시", "답: h1")
	r.misses("다른 실습의 것")
	r.press("G")
	r.sees("다음 실습", "n 3 외부 노출")
	r.press("esc")
	r.misses("돌아보기: 2")
	r.lab.set(func(v *session.View) { v.Notice = "소식" })
	r.settle()
	r.misses("돌아보기: 2")
	r.press("e")
	r.sees("돌아보기: 2")
	_, other := newFake()
	r.app.labs["expose"] = other
	r.press("n")
	r.sees("3 외부 노출")
}

// Who is typing is not interrupted: the summary waits until the shell is left.
func TestSummaryWaitsForTheShell(t *testing.T) {
	r := withShell(t, 80, 24)
	r.press("s")
	finish(r)
	r.misses("돌아보기: 2")
	r.press("l", "s")
	if got := r.lab.shell.keys; !slices.Equal(got, []string{"l", "s"}) {
		t.Errorf("the shell got %v", got)
	}
	r.press("ctrl+]")
	r.sees("돌아보기: 2")
	r.press("q")
	if r.quit {
		t.Error("the key that closes the summary ends the program")
	}
	r.misses("돌아보기: 2")
}

func TestSummaryOfALabThatWasFinishedBefore(t *testing.T) {
	app, lab := newFake()
	lab.view.Finished = true
	app.labs["scale"] = lab
	r := newRobot(t, 80, 24, func(c *Config) { c.App, c.Lab = app, "scale" })
	r.misses("돌아보기: 2")
}

func TestSummaryIsRefusedBeforeTheBeginning(t *testing.T) {
	r := newRobot(t, 80, 24)
	r.press("down", "e")
	r.sees("! 이 실습은 아직 시작하지 않았습니다.")
}

func TestWork(t *testing.T) {
	r := newRobot(t, 80, 24)
	r.press("b")
	r.sees("▸ ● 클러스터 만들기", "42초 / 보통 1분 35초", "컴퓨터 점검", "! 메모리 4.0 GB", "✓ Docker 20.10", "아직 알린 것이 없습니다.")
	r.app.set(func(o *Overview) {
		o.Environment.Steps = slices.Clone(o.Environment.Steps)
		s := &o.Environment.Steps[1]
		s.Step, s.Status, s.Err, s.Ended = "cluster", engine.Failed, fmt.Errorf("create cluster: port 6443\x1b]0;x\a is in use"), testTime
		for i := range 60 {
			s.Lines = append(s.Lines, fmt.Sprintf("줄 %d", i))
		}
	})
	r.settle()
	r.sees("✗ create cluster: port 6443 is in use", "해 볼 것: u를 눌러 다시 준비하세요.", "줄 59")
	r.press("enter")
	r.sees("클러스터 만들기 · 42초", "줄 59")
	r.misses("줄 10 ")
	r.press("g")
	r.sees("줄 0", "줄 10")
	r.press("esc", "u")
	if r.app.retries != 1 {
		t.Errorf("retried %d times, want 1", r.app.retries)
	}
	r.press("down")
	r.sees("해 볼 것: docker run --memory=6g")
	r.press("esc")
	r.sees("환경 kind")
}

func TestWorkWithNothingToDo(t *testing.T) {
	r := newRobot(t, 80, 24)
	r.app.set(func(o *Overview) { o.Environment = Environment{} })
	r.settle()
	r.press("b", "down", "enter", "u")
	r.sees("하고 있는 작업이 없습니다.", "! 환경에 다시 시도할 것이 없습니다.")
}

func TestFindingsFoldAway(t *testing.T) {
	r := newRobot(t, 80, 24)
	r.sees("! 메모리 4.0 GB")
	r.misses("Docker 20.10", "노드를 둘 만듭니다")
	r.app.set(func(o *Overview) {
		o.Environment.Findings = []engine.Finding{{Severity: engine.OK, Saw: "Docker 20.10"}}
	})
	r.settle()
	r.misses("메모리", "Docker 20.10")
}

func TestTourIsShownOnce(t *testing.T) {
	r := newRobot(t, 80, 24, notToured)
	app := r.m.app.(*fakeApp)
	for i, want := range []string{"무엇을 하나", "어디서 하나", "되었나", "막히면", "셸에서 나오기", "길을 잃으면"} {
		r.sees(want, fmt.Sprintf("%d/6", i+1))
		if app.toured != 0 {
			t.Error("the tour counts as taken before its end")
		}
		r.press("enter")
	}
	r.sees("환경 kind")
	if app.toured != 1 {
		t.Errorf("noted %d times, want 1", app.toured)
	}
	r.press("?", "ㅆ") // T
	r.sees("무엇을 하나")
	r.press("right", "left", "left")
	r.sees("1/6")
	newRobot(t, 80, 24).misses("1분 둘러보기")
	newRobot(t, 80, 24, notToured, func(c *Config) { c.Lab = "scale" }).misses("1분 둘러보기")
	newRobot(t, 80, 24, notToured, func(c *Config) {
		c.App.(*fakeApp).overview.Labs = map[string]LabProgress{"scale": {}}
	}).misses("1분 둘러보기")
}

func TestTourCanBeSkipped(t *testing.T) {
	r := newRobot(t, 80, 24, notToured)
	r.press("enter", "esc")
	r.sees("환경 kind")
	if app := r.m.app.(*fakeApp); app.toured != 1 || r.quit {
		t.Errorf("noted %d times, want 1; quit %v", app.toured, r.quit)
	}
	r.press("T", "q")
	r.sees("환경 kind")
}

// TestOverlaysOfHostileCourses holds that no text from outside reaches the terminal as it is.
func TestOverlaysOfHostileCourses(t *testing.T) {
	const evil = "악\x1b]52;c;eA==\a\x1b[2J\u202e\u200b의"
	hostile := func(c *Config) {
		course := testCourse()
		course.Title = evil
		for _, lab := range course.Labs {
			lab.Title, lab.Section = evil, evil
			for _, step := range lab.Steps {
				step.Title = evil
				step.Parts = append(step.Parts, labs.Part{Markdown: evil}, labs.Part{Run: &labs.Script{Text: evil}})
			}
		}
		for _, term := range course.Glossary {
			term.Name, term.English, term.Means, term.Also = evil, evil, evil, []string{evil}
		}
		for i := range course.Concepts {
			course.Concepts[i].Title = evil
		}
		c.Course = course
		app, lab := newFake()
		lab.view.Lab = course.Labs[1]
		lab.view.Steps[1].Questions[0] = session.QuestionView{Ask: evil, Given: evil, Feedback: evil}
		app.overview.Labs = map[string]LabProgress{"scale": {Record: labs.LabProgress{Spent: time.Minute, Steps: map[string]labs.StepProgress{
			"scale": {Mistakes: []labs.Mistake{{Name: evil, Check: evil, Why: evil}}, Wrong: []labs.WrongAnswer{{Question: evil, Given: evil}}},
		}}}}
		app.overview.Environment.Engine = evil
		app.overview.Environment.Findings = []engine.Finding{{Severity: engine.Warning, Saw: evil, Want: evil, Try: evil}}
		app.overview.Environment.Steps = []session.EnvironmentStep{{Progress: engine.Progress{Title: evil, Status: engine.Failed, Err: fmt.Errorf("%s", evil)}, Lines: []string{evil}}}
		app.labs["scale"] = lab
		c.App, c.Lab = app, "scale"
	}
	for _, keys := range [][]string{{"m"}, {"m", "left"}, {"m", "down"}, {"w"}, {"w", "down", "enter"}, {"i"}, {"e"}, {"b"}, {"b", "enter"}, {"b", "down"}, {"esc"}, {"/", "악"}, {"?"}} {
		r := newRobot(t, 100, 30, hostile)
		r.press(keys...)
		if strings.ContainsAny(r.m.View().Content, "\a\u202e\u200b") || strings.Contains(r.m.View().Content, "\x1b[2J") || strings.Contains(r.m.View().Content, "\x1b]") {
			t.Errorf("%v: text from outside reaches the terminal: %q", keys, r.m.View().Content)
		}
	}
}
