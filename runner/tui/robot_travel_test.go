package tui

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/session"
)

func TestTravel(t *testing.T) {
	r := inLab(t, 200, 30)
	r.doneTo(1)
	r.sees("t 여기까지 되돌리기")
	r.press("t")
	r.sees("1단계의 처음으로 되돌릴까요?", "사라지는 것: 이 실습에서 만든 것, 작업 폴더의 파일, 1단계부터의 확인과 답 3개.")
	r.misses("풀이대로 다시 실행합니다")
	r.press("n")
	r.misses("사라지는 것")
	r.press("n", "t")
	r.sees("2단계의 처음으로 되돌릴까요?", "2단계부터의 확인과 답 0개", "앞 단계 1개는 풀이대로 다시 실행합니다.")
	if r.press("y"); !slices.Equal(r.lab.travels, []int{1}) {
		t.Errorf("went to %v", r.lab.travels)
	}
	r.press("n")
	r.sees("t 여기로 건너뛰기")
	r.press("t")
	r.sees("3단계로 건너뛸까요?", "마치지 않은 앞 단계 1개의 풀이를", "그대로 둡니다")
	if r.press("y"); !slices.Equal(r.lab.travels, []int{1, 2}) {
		t.Errorf("went to %v", r.lab.travels)
	}
	r.misses("그대로 둡니다")
}

func TestTravelIsRefused(t *testing.T) {
	r := inLab(t, 100, 30)
	r.lab.set(func(v *session.View) { v.Activity = &session.Activity{Title: "건너뛰기", Done: 1, Total: 3} })
	r.settle()
	r.press("t")
	r.sees("! 건너뛰기 (1/3): 끝나기를 기다리거나 x로 멈추세요.")
	r.lab.set(func(v *session.View) { v.Activity, v.Waiting = nil, []engine.Capability{engine.Cluster} })
	r.settle()
	r.press("t")
	r.sees("아직 준비되지 않았습니다: 클러스터.")
	if r.m.confirm != nil || len(r.lab.travels) > 0 {
		t.Error("a refused key did something all the same")
	}
}

func TestNotice(t *testing.T) {
	r := inLab(t, 100, 30)
	r.lab.set(func(v *session.View) {
		v.Notice = "앞 실습에서 만드는 것이 없어 대신 준비했습니다: \x1b[2Jkubia-image."
	})
	r.settle()
	r.sees("대신 준비했습니다: kubia-image.")
	r.lab.set(func(v *session.View) { v.Notice, v.Steps[0].Done, v.Steps[0].Skipped = "", true, true })
	r.settle()
	r.misses("대신 준비했습니다")
	r.sees("kubelab이 풀이대로 한 단계입니다. 이 단계를 마쳤습니다. 다음 단계: n")
}

func TestCourseSaysWhatALabTakesOver(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {160, 48}} {
		r := newRobot(t, size[0], size[1])
		r.misses("이어받는 것")
		r.press("down")
		r.sees("이어받는 것: 1번 실습의 kubia-image. 없으면 준비합니다.")
	}
	// What it takes to make it is waited for, too.
	course := testCourse()
	course.Labs[0].Needs = []string{"nodejs"}
	if got := missing(course.Labs[2], Environment{}); !slices.Equal(got, []engine.Capability{engine.Cluster, engine.NodeJS}) {
		t.Errorf("misses %v", got)
	}
}

// leaving is a robot in a lab with leave blocks, whose Close takes its time.
func leaving(t *testing.T) *robot {
	r := inLab(t, 100, 30)
	r.lab.view.Lab.Leave = []labs.Script{{Text: "true"}}
	r.app.set(func(o *Overview) { o.Environment.Steps = nil })
	r.settle()
	r.later = true
	return r
}

const waits = "제자리로 돌려놓는 중입니다"

func TestLeaveForTheCourse(t *testing.T) {
	r := leaving(t)
	r.press("esc")
	r.sees(waits+": 수평 확장과 원하는 상태", "ctrl+c 바로 끝내기")
	r.press("q", "enter", "down")
	r.sees(waits)
	if r.quit || len(r.app.opened) != 1 || r.lab.closed != 0 {
		t.Errorf("keys did something meanwhile: quit %v, opened %v", r.quit, r.app.opened)
	}
	r.catchUp()
	r.misses(waits)
	if r.lab.closed != 1 {
		t.Errorf("closed %d times, want 1", r.lab.closed)
	}
	r.press("enter")
	r.sees("레플리카 수 늘리기")
	if len(r.app.opened) != 2 {
		t.Errorf("opened %v: a lab that was left is opened anew", r.app.opened)
	}
	r.lab.failing = errors.New("docker: no answer")
	r.press("esc")
	r.sees("! 제자리로 돌려놓지 못했습니다. 다음에 시작할 때 다시 합니다: docker: no answer")
}

func TestLeaveForAnotherLab(t *testing.T) {
	r := leaving(t)
	_, other := newFake()
	r.app.labs["expose"] = other
	r.later = false
	r.press("esc", "enter") // and back again
	r.later = true
	r.m.inLab = false
	r.press("down", "enter")
	r.sees(waits)
	r.catchUp()
	r.sees("3 외부 노출")
	if r.lab.closed != 2 {
		t.Errorf("closed %d times, want 2", r.lab.closed)
	}
}

func TestQuitWaitsForLeaving(t *testing.T) {
	r := leaving(t)
	r.press("q")
	r.sees(waits)
	if r.quit {
		t.Fatal("quits without waiting")
	}
	r.lab.failing = errors.New("docker: no answer")
	r.catchUp()
	if !r.quit || r.lab.closed != 1 {
		t.Errorf("quit %v, closed %d times", r.quit, r.lab.closed)
	}
	if err := r.m.close(nil); !errors.Is(err, r.lab.failing) || r.lab.closed != 1 {
		t.Errorf("after the screen: %v, closed %d times", err, r.lab.closed)
	}
	// The second ctrl+c does not wait.
	r = leaving(t)
	r.press("ctrl+c")
	r.press("y")
	r.sees(waits)
	r.later = false
	r.press("ctrl+c")
	if !r.quit {
		t.Error("cannot be forced")
	}
	if err := r.m.close(nil); err != nil || r.lab.closed != 0 {
		t.Errorf("waits after all: %v", err)
	}
}

// TestLeaveAfterTheScreen is what a signal leads to: the screen is gone, and the lab is put right all the same.
func TestLeaveAfterTheScreen(t *testing.T) {
	r := leaving(t)
	var told []string
	if err := r.m.close(func(lab *labs.Lab) { told = append(told, lab.Title) }); err != nil || r.lab.closed != 1 {
		t.Errorf("closed %d times: %v", r.lab.closed, err)
	}
	if got := strings.Join(told, ", "); got != "수평 확장과 원하는 상태" {
		t.Errorf("told %q", got)
	}
	// What has begun is waited for.
	r = leaving(t)
	r.press("esc")
	if err := r.m.close(nil); err != nil || r.lab.closed != 1 {
		t.Errorf("did not wait: closed %d times, %v", r.lab.closed, err)
	}
}
