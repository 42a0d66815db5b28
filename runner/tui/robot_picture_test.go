package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/runner/picture"
	"github.com/kubelab/kubelab/runner/session"
)

// kubeObject is an object of Kubernetes with what pictures look at.
func kubeObject(t testing.TB, name, format string, args ...any) checks.Object {
	t.Helper()
	o, err := checks.ParseObject([]byte(fmt.Sprintf(`{"metadata": {"name": %q, "uid": %q, "namespace": "default",
		"creationTimestamp": %q, "labels": {"app": "kubia"}, "ownerReferences": [{"kind": "ReplicationController", "name": "kubia",
		"uid": "kubia-rc", "controller": true}]}, `, name, name, testTime.Format(time.RFC3339)) + fmt.Sprintf(format, args...) + "}"))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func readyPod(t testing.TB, name, node string) checks.Object {
	return kubeObject(t, name, `"spec": {"nodeName": %q, "containers": [{}]}, "status": {"phase": "Running", "conditions":
		[{"type": "Ready", "status": "True"}], "containerStatuses": [{"ready": true}]}`, node)
}

// kubiaPods are three pods, as the learner's scale made them.
func kubiaPods(t testing.TB) []checks.Object {
	return []checks.Object{
		readyPod(t, "kubia-4lm8d", "kubelab-worker2"), readyPod(t, "kubia-9djz9", "kubelab-worker2"), readyPod(t, "kubia-msq8w", "kubelab-worker"),
	}
}

// showState makes objects the state that pictures are drawn from.
func (r *robot) showState(pods ...checks.Object) {
	r.t.Helper()
	curl, err := checks.NewObject(checks.Command{
		Text: "for i in $(seq 30); do curl -s $IP; done | sort | uniq -c", Started: testTime,
		Output: "     11 You've hit kubia-4lm8d\n      9 You've hit kubia-9djz9\n     10 You've hit kubia-msq8w\n",
	})
	if err != nil {
		r.t.Fatal(err)
	}
	states := map[string]checks.State{}
	for _, kind := range picture.Kinds() {
		for _, w := range picture.Watches(kind) {
			states[w.Key()] = checks.State{Synced: true}
		}
	}
	states["pods"] = checks.State{Synced: true, Items: pods}
	states[checks.Commands] = checks.State{Synced: true, Items: []checks.Object{curl}}
	states["services"] = checks.State{Synced: true, Items: []checks.Object{kubeObject(r.t, "kubia-http", `"spec": {"type": "LoadBalancer",
		"selector": {"app": "kubia"}, "ports": [{"port": 8080}]}, "status": {"loadBalancer": {"ingress": [{"ip": "127.0.0.1"}]}}`)}}
	rc := kubeObject(r.t, "kubia", `"spec": {"replicas": 3}, "status": {"replicas": %d, "readyReplicas": %d}`, len(pods), len(pods))
	rc["metadata"].(checks.Object)["uid"] = "kubia-rc"
	delete(rc["metadata"].(checks.Object), "ownerReferences")
	states["replicationcontrollers"] = checks.State{Synced: true, Items: []checks.Object{rc}}
	r.lab.set(func(v *session.View) { v.Scene.Snapshot = checks.NewSnapshot(testTime, states) })
	r.settle()
}

// asksForPicture makes the step on the screen ask for a picture.
func (r *robot) asksForPicture(kind picture.Kind) {
	r.lab.view.Lab.Steps[r.lab.view.Step].Picture = string(kind)
	r.lab.set(func(*session.View) {})
	r.settle()
}

// The screens with a picture in place of the text.

func pictureAskedFor(t testing.TB, w, h int) *robot {
	r := inLab(t, w, h)
	r.asksForPicture(picture.Service)
	r.press("G")
	return r
}

func pictureShown(t testing.TB, w, h int) *robot {
	r := withShell(t, w, h)
	r.asksForPicture(picture.Service)
	r.showState(kubiaPods(t)...)
	r.press("v")
	return r
}

func pictureFlashing(t testing.TB, w, h int) *robot {
	r := inLab(t, w, h)
	r.showState(kubiaPods(t)[:2]...)
	r.press("v")
	r.showState(kubiaPods(t)[1:]...)
	return r
}

func pictureWaiting(t testing.TB, w, h int) *robot {
	r := inLab(t, w, h)
	r.press("v", "left")
	return r
}

func TestPictureToggles(t *testing.T) {
	r := withShell(t, 160, 48)
	r.showState(kubiaPods(t)...)
	r.press("v")
	r.sees("[그림: 서비스와 파드 4/6]", "대답 30번 ──▶", "4lm8d ●", "11 ▼", "worker2", "✗ 파드 세 개가 준비됨", "learner@kubelab")
	r.misses("원하는 파드는 세 개다")
	if !slices.Equal(r.lab.pictures, []picture.Kind{picture.Service}) {
		t.Errorf("the lab was asked for %q", r.lab.pictures)
	}
	r.press("v")
	r.sees("[설명]", "원하는 파드는 세 개다")
	if got := r.lab.pictures[len(r.lab.pictures)-1]; got != "" {
		t.Errorf("the lab still shows %q", got)
	}
	r.press("ㅍ") // the same key with Korean input on
	r.sees("[그림: 서비스와 파드 4/6]")
	r.press("esc")
	r.sees("[설명]")
	if !r.m.inLab {
		t.Error("esc left the lab and not the picture")
	}
}

func TestPictureTurns(t *testing.T) {
	r := inLab(t, 160, 48)
	r.showState(kubiaPods(t)...)
	r.press("v", "right")
	r.sees("[그림: 롤아웃 5/6]", "디플로이먼트가 없습니다")
	r.press("right", "right")
	r.sees("[그림: 컨테이너 1/6]")
	r.press("left", "[")
	r.sees("[그림: 롤아웃 5/6]")
	want := []picture.Kind{picture.Service, picture.Rollout, picture.Events, picture.Containers, picture.Events, picture.Rollout}
	if !slices.Equal(r.lab.pictures, want) {
		t.Errorf("the lab was asked for %q, want %q", r.lab.pictures, want)
	}
	r.press("v", "v") // what was shown last is shown again
	r.sees("[그림: 롤아웃 5/6]")
}

// TestPictureOfStep holds that what a step asks for is offered, comes first, and follows the learner to the next step.
func TestPictureOfStep(t *testing.T) {
	r := inLab(t, 160, 48)
	r.misses("[v]")
	r.asksForPicture(picture.Rollout)
	r.sees("[v] 지금 상태를 그림으로 봅니다: 롤아웃")
	footer := r.m.footer()
	if !strings.Contains(footer, r.m.accent.Render("그림")) {
		t.Errorf("the key does not stand out: %q", footer)
	}
	if at := strings.Index(ansi.Strip(footer), "v 그림"); at < 0 || at > 40 {
		t.Errorf("the key is not among the first: %q", ansi.Strip(footer))
	}
	r.press("v")
	r.sees("[그림: 롤아웃 5/6]")
	r.lab.view.Lab.Steps[1].Picture = string(picture.Nodes)
	r.press("n")
	r.sees("[그림: 노드와 파드 3/6]")
	r.press("n")
	r.sees("[그림: 노드와 파드 3/6]") // a step that asks for none leaves what is shown
}

func TestPictureFlashes(t *testing.T) {
	r := inLab(t, 160, 48)
	r.showState(kubiaPods(t)[:2]...)
	r.press("v")
	flashing := func(label string) bool {
		return strings.Contains(r.m.View().Content, r.m.theme.flash.Render(label))
	}
	struck := func(label string) bool { return strings.Contains(r.m.View().Content, r.m.theme.gone.Render(label)) }
	if flashing("4lm8d") || flashing("9djz9") {
		t.Error("what is shown first flashes")
	}
	r.showState(kubiaPods(t)[1:]...)
	if !flashing("msq8w") || flashing("9djz9") || !struck("4lm8d") {
		t.Errorf("new: %v, unchanged: %v, gone: %v", flashing("msq8w"), flashing("9djz9"), struck("4lm8d"))
	}
	r.pass(flashFor / 2)
	r.showState(kubiaPods(t)[1:2]...)
	r.pass(flashFor / 2)
	if flashing("9djz9") || struck("4lm8d") || !struck("msq8w") {
		t.Errorf("after the first flash: gone before %v, gone since %v", struck("4lm8d"), struck("msq8w"))
	}
	r.pass(flashFor)
	if struck("msq8w") {
		t.Error("the second flash does not end")
	}
	r.misses("4lm8d", "msq8w")
	r.sees("9djz9")
}

// TestPictureAndCommands holds that commands can be chosen and run below a picture, and copied.
func TestPictureAndCommands(t *testing.T) {
	r := withShell(t, 160, 48)
	r.showState(kubiaPods(t)...)
	r.press("v")
	r.sees("▸ kubectl scale rc kubia --replicas=3", "[enter] 셸에서 실행")
	r.press("down")
	r.sees("▸ for i in 1 2 3; do …")
	r.press("enter")
	if len(r.lab.ran) != 1 || !strings.HasPrefix(r.lab.ran[0], "for i in") {
		t.Errorf("ran %q", r.lab.ran)
	}
	r.sees("[그림: 서비스와 파드 4/6]")
}

// TestPictureGivesWay holds that what the learner asks to read can be read.
func TestPictureGivesWay(t *testing.T) {
	for _, keys := range [][]string{{"h"}, {"o", "y"}, {"n", "a"}} {
		r := inLab(t, 160, 48)
		r.press("v")
		r.press(keys...)
		r.sees("[설명]")
	}
}

// TestPictureFromShell holds that the picture can be put on and off while the keyboard is the shell's.
func TestPictureFromShell(t *testing.T) {
	r := withShell(t, 160, 48)
	r.showState(kubiaPods(t)...)
	r.press("s", "alt+v")
	r.sees("그림: 서비스와 파드 4/6", "[셸]")
	r.press("v")
	if got := r.lab.shell.keys; !slices.Equal(got, []string{"v"}) {
		t.Errorf("the shell got %q", got)
	}
	r.press("alt+v")
	r.misses("그림: 서비스와 파드")
	r.size(80, 24)
	r.press("alt+v") // the shell hides it there, and gives way
	r.sees("[그림: 서비스와 파드 4/6]─ 셸")
	r.press("s", "alt+v")
	r.sees("[그림: 서비스와 파드 4/6]─ 셸")
}

// TestPictureIsDrawnOnce holds that what has not changed is not drawn again.
func TestPictureIsDrawnOnce(t *testing.T) {
	r := inLab(t, 160, 48)
	r.showState(kubiaPods(t)...)
	r.press("v")
	r.m.View()
	before := &r.m.lab.pic.drawn[0]
	r.press("!") // a key that means nothing, after which the screen is drawn anew
	r.m.View()
	if before != &r.m.lab.pic.drawn[0] {
		t.Error("the same picture was drawn again")
	}
	r.size(150, 40)
	r.m.View()
	if before == &r.m.lab.pic.drawn[0] {
		t.Error("after a change of size, the old picture is shown")
	}
}

// TestMouseOnPicture holds that a click does not find what stands in the text behind the picture.
func TestMouseOnPicture(t *testing.T) {
	r := withShell(t, 160, 48)
	r.press("v")
	for y := 2; y < 30; y++ {
		r.click(10, y)
	}
	if len(r.lab.ran) > 0 || r.m.over() != nil {
		t.Errorf("ran %q", r.lab.ran)
	}
	r.sees("[그림")
}

// BenchmarkPictureFrame is the time from a new state with 200 pods to the screen with its picture at 200x50.
func BenchmarkPictureFrame(b *testing.B) {
	r := inLab(b, 200, 50)
	var pods []checks.Object
	for i := range 200 {
		pods = append(pods, readyPod(b, fmt.Sprintf("kubia-%05d", i), "kubelab-worker"))
	}
	r.showState(pods...)
	one := r.lab.View()
	r.showState(pods[1:]...)
	two := r.lab.View()
	r.press("v")
	for b.Loop() {
		one, two = two, one
		r.m.Update(labChangedMsg{r.m.lab, one})
		r.m.View()
	}
}
