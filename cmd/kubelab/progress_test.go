package main

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kubelab/kubelab/images"
	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/session"
)

func TestProgressLine(t *testing.T) {
	tests := []struct {
		name string
		p    images.Progress
		want string
	}{
		{"nothing", images.Progress{}, ""},
		{"all", images.Progress{
			Image: "node:22-alpine", N: 2, Of: 3, Title: "데비안 뿌리", Took: 12300 * time.Millisecond, Usual: 40 * time.Second, Detail: "Unpacking nodejs",
		}, "node:22-alpine 2/3 데비안 뿌리 12s (보통 40s): Unpacking nodejs"},
		{"short", images.Progress{Image: "busybox:latest", Took: 999 * time.Millisecond}, "busybox:latest"},
		{"for all images", images.Progress{Detail: "다른 kubelab을 기다리는 중"}, "다른 kubelab을 기다리는 중"},
		{"failed", images.Progress{Image: "registry:3", Title: "받기", Detail: "old", Err: errors.New("no route\nlog:\nmuch more")}, "registry:3 받기: no route"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := progressLine(tt.p); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestJourneyPrinter(t *testing.T) {
	lab := &labs.Lab{Steps: []*labs.Step{{Title: "하나"}, {Title: "\x1b[31m둘"}, {Title: "셋"}}}
	replaying := func(step, done int, detail string) session.View {
		return session.View{
			Lab: lab, Step: step, Travelling: true, Replaying: true,
			Activity: &session.Activity{Title: "건너뛰기", Detail: detail, Done: done, Total: 2},
		}
	}
	var out strings.Builder
	p := journeyPrinter{w: &out}
	for _, v := range []session.View{
		{Lab: lab, Travelling: true}, // waiting
		{Lab: lab, Travelling: true, Activity: &session.Activity{Title: "실습 준비", Detail: "docker pull", Total: 3}},
		{Lab: lab, Travelling: true, Notice: "대신 준비합니다: x", Activity: &session.Activity{Title: "실습 준비", Detail: "x"}},
		{Lab: lab, Travelling: true, Notice: "대신 준비합니다: x", Activity: &session.Activity{Title: "실습 준비", Done: 1, Total: 3}},
		{Lab: lab, Replaying: true, Activity: &session.Activity{Title: "건너뛰기"}},
		replaying(0, 0, "하나"), replaying(0, 0, "docker run"), replaying(1, 1, "둘"), replaying(1, 1, "docker ps"),
		{Lab: lab, Step: 2, Notice: "셋의 처음입니다."},
	} {
		p.print(v)
		p.print(v) // a view that says nothing new
	}
	want := "▸ 실습 준비\n▸ 대신 준비합니다: x\n▸ 건너뛰기\n  1/2 하나\n  2/2 둘\n▸ 셋의 처음입니다.\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

func TestProgressPrinter(t *testing.T) {
	// The clock is the bubble's: Sleep takes no time.
	type event struct {
		after time.Duration
		engine.Progress
	}
	step := func(after time.Duration, status engine.Status, detail string) event {
		return event{after, engine.Progress{Step: "image", Title: "노드 이미지", Status: status, Detail: detail}}
	}
	tests := []struct {
		name   string
		events []event
		want   string
	}{
		{"quick", []event{step(0, engine.Running, ""), step(0, engine.Done, "")}, "▸ 노드 이미지\n✓ 노드 이미지\n"},
		{"took", []event{step(0, engine.Running, ""), step(83*time.Second, engine.Done, "")}, "▸ 노드 이미지\n✓ 노드 이미지 1m23s\n"},
		{
			"details at most once a second",
			[]event{
				step(0, engine.Running, "one"), step(999*time.Millisecond, engine.Running, "two"), step(time.Millisecond, engine.Running, "three"),
				step(10*time.Millisecond, engine.Running, "four"), step(2*time.Second, engine.Running, ""), step(0, engine.Running, "five"),
				step(0, engine.Failed, ""),
			},
			"▸ 노드 이미지\n  노드 이미지: three\n  노드 이미지: five\n✗ 노드 이미지 3s\n",
		},
		{"skipped before it began", []event{step(0, engine.Skipped, "")}, ""},
		{"skipped for a reason", []event{step(0, engine.Skipped, "있습니다")}, "- 노드 이미지\n"},
		{"stopped", []event{step(0, engine.Running, ""), step(0, engine.Skipped, "")}, "▸ 노드 이미지\n- 노드 이미지\n"},
		{
			"again",
			[]event{step(0, engine.Running, ""), step(0, engine.Done, ""), step(time.Hour, engine.Running, ""), step(0, engine.Done, "")},
			"▸ 노드 이미지\n✓ 노드 이미지\n▸ 노드 이미지\n✓ 노드 이미지\n",
		},
		{
			"usual",
			[]event{{0, engine.Progress{Step: "a", Title: "가", Usual: 39600 * time.Millisecond}}, {0, engine.Progress{Step: "b", Title: "나"}}, {0, engine.Progress{Step: "a", Title: "가", Status: engine.Done}}},
			"▸ 가 (지난번 40s)\n▸ 나\n✓ 가\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var out strings.Builder
				p := newProgressPrinter(&out)
				for _, e := range tt.events {
					time.Sleep(e.after)
					p.print(e.Progress)
				}
				if out.String() != tt.want {
					t.Errorf("got\n%swant\n%s", out.String(), tt.want)
				}
			})
		})
	}
}
