package checks

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func mustAsk(t testing.TB, spec QuestionSpec) *Question {
	t.Helper()
	q := NewQuestion(spec)
	if err := q.Compile(); err != nil {
		t.Fatalf("compile question (%q): %v", spec.Answer, err)
	}
	return q
}

func TestQuestion(t *testing.T) {
	snap := seen(map[string][]Object{Containers: {fixture(t, "container.json")}})
	q := mustAsk(t, QuestionSpec{
		Ask: "호스트 이름은?", Answer: `container("h1").Config.Hostname`, Hint: "`docker exec h1 hostname`을 실행해 보세요.",
		Wrong: map[string]string{"H1": "h1은 컨테이너의 이름입니다."},
	})
	for given, want := range map[string]Answer{
		"0612ba18154b":             {Right: true, Known: true, Feedback: "맞습니다."},
		" \"0612BA18154B\"\n":      {Right: true, Known: true, Feedback: "맞습니다."},
		"`0612ba18154b`":           {Right: true, Known: true, Feedback: "맞습니다."},
		"h1":                       {Known: true, Feedback: "h1은 컨테이너의 이름입니다."},
		"'h1' ":                    {Known: true, Feedback: "h1은 컨테이너의 이름입니다."},
		"busybox":                  {Known: true, Feedback: "입력한 답 \"busybox\": 맞지 않습니다. `docker exec h1 hostname`을 실행해 보세요."},
		"":                         {Known: true, Feedback: "답을 입력하세요."},
		" '' ":                     {Known: true, Feedback: "답을 입력하세요."},
		"0612ba18154b0612ba18154b": {Known: true, Feedback: "입력한 답 \"0612ba18154b0612ba18154b\": 맞지 않습니다. `docker exec h1 hostname`을 실행해 보세요."},
	} {
		if got := q.Evaluate(given, snap, Scope{}); got != want {
			t.Errorf("%q: %+v, want %+v", given, got, want)
		}
	}
	if got := q.Watches(); len(got) != 1 || got[0].Key() != Containers {
		t.Errorf("Watches() = %v", got)
	}
	if got := q.Evaluate("x", seen(map[string][]Object{Containers: nil}), Scope{}); got.Known || got.Right || !strings.HasPrefix(got.Feedback, "아직 답을 확인할 수 없습니다.") {
		t.Errorf("without the container: %+v", got)
	}
	if got := q.Evaluate("x", Snapshot{}, Scope{}); got.Known || got.Feedback != "아직 컨테이너를 살펴보는 중입니다. 잠시 기다려 주세요." {
		t.Errorf("without a listing: %+v", got)
	}
}

func TestAnswers(t *testing.T) {
	snap := seen(map[string][]Object{
		Containers: objects(t, `{"Id": "1", "Name": "a", "ImageName": "busybox", "Config": {"Image": "busybox"}}`,
			`{"Id": "2", "Name": "b", "ImageName": "kubia", "Config": {"Image": "kubia"}}`, `{"Id": "old", "Name": "c"}`),
		"pods": nil,
	})
	scope := Scope{Now: at, Before: map[string]map[string]bool{Containers: {"old": true}}}
	for _, tt := range []struct {
		spec QuestionSpec
		want []string // nil: there is no answer
	}{
		{QuestionSpec{Answer: `"ReplicationController"`}, []string{"ReplicationController"}},
		{QuestionSpec{Answer: `["rc", "replicationcontroller"]`}, []string{"rc", "replicationcontroller"}},
		{QuestionSpec{Answer: `3`}, []string{"3"}},
		{QuestionSpec{Answer: `3.0`}, []string{"3"}},
		{QuestionSpec{Answer: `0.25`}, []string{"0.25"}},
		{QuestionSpec{Answer: `true`}, []string{"true"}},
		{QuestionSpec{Answer: `now`}, []string{"2026-11-21T03:00:00Z"}},
		{QuestionSpec{Answer: `duration("90s")`}, []string{"1m30s"}},
		{QuestionSpec{Answer: `items.map(c, c.Name)`, Watch: Containers}, []string{"a", "b"}},
		{QuestionSpec{Answer: `items.map(c, c.Name)`, Watch: Containers, All: true}, []string{"a", "b", "c"}},
		{QuestionSpec{Answer: `items[0].Name`, Watch: Containers, Select: map[string]string{"image": "kubia"}}, []string{"b"}},
		{QuestionSpec{Answer: `items.map(c, c.Name).first()`, Watch: Containers}, []string{"a"}},
		{QuestionSpec{Answer: `[1, 2]`}, []string{"1", "2"}},
		{QuestionSpec{Answer: `["", "x"]`}, []string{"x"}},
		{QuestionSpec{Answer: `""`}, nil},
		{QuestionSpec{Answer: `[]`}, nil},
		{QuestionSpec{Answer: `items[5].Name`, Watch: Containers}, nil},
		{QuestionSpec{Answer: `kube("rc")[0].metadata.name`}, nil}, // not listed
		{QuestionSpec{Answer: `pod("kubia").metadata.name`}, nil},
	} {
		tt.spec.Ask = "?"
		got, err := mustAsk(t, tt.spec).Answers(snap, scope)
		if !slices.Equal(got, tt.want) || (err == nil) != (tt.want != nil) {
			t.Errorf("%s: %q, %v, want %q", tt.spec.Answer, got, err, tt.want)
		}
	}
}

func TestQuestionErrors(t *testing.T) {
	for name, tt := range map[string]struct {
		spec QuestionSpec
		want []string
	}{
		"empty":          {QuestionSpec{}, []string{"ask:1:1: the question is missing", "answer:1:1: an expression is missing"}},
		"no watch":       {QuestionSpec{Ask: "?", Answer: "items[0].Name"}, []string{"answer:1:1: \"items\" needs a `watch`"}},
		"select alone":   {QuestionSpec{Ask: "?", Answer: "1", Select: map[string]string{"name": "a"}}, []string{"select:1:1: a select needs a `watch`"}},
		"an object":      {QuestionSpec{Ask: "?", Answer: `container("a").State`}, []string{"answer:1:1: the result is container.State, which is no text; name one of its fields"}},
		"unknown source": {QuestionSpec{Ask: "?", Watch: "pos", Answer: "items[0].a"}, []string{`watch:1:1: no source "pos"; did you mean "pods"?`}},
		"unknown field":  {QuestionSpec{Ask: "?", Answer: "container('a').Config.HostName"}, []string{`answer:1:22: container.Config has no field "HostName"; did you mean "Hostname"?`}},
	} {
		err := NewQuestion(tt.spec).Compile()
		var errs Errors
		if !errors.As(err, &errs) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, e := range errs {
			got = append(got, e.Error())
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
