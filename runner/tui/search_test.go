package tui

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/kubelab/kubelab/content"
	"github.com/kubelab/kubelab/labs"
)

func TestSameSyllable(t *testing.T) {
	for _, c := range []struct {
		typed, r rune
		want     bool
	}{
		{'파', '파', true}, {'ㅍ', '파', true}, {'ㅍ', '픽', true}, {'ㅍ', '핗', true}, {'ㅍ', '하', false}, {'ㅎ', '힣', true}, {'ㄱ', '가', true},
		{'ㄲ', '가', false}, {'ㄲ', '까', true}, {'ㅏ', '파', false}, {'ㅍ', 'ㅍ', true}, {'p', 'p', true}, {'ㅍ', 'p', false}, {'ㄳ', '가', false},
	} {
		if got := sameSyllable(c.typed, c.r); got != c.want {
			t.Errorf("%q for %q: got %v", c.typed, c.r, got)
		}
	}
}

// found is what a query finds, in short: where, and the hits in brackets.
func found(x *index, query string) string {
	var out []string
	for _, h := range x.search(query) {
		name := h.place.lab
		if h.term != nil {
			name = h.term.Name
		}
		text := ""
		for i, r := range h.text {
			for _, s := range h.spans {
				if i == s.from {
					text += "["
				}
			}
			text += string(r)
			for _, s := range h.spans {
				if i == s.to-1 {
					text += "]"
				}
			}
		}
		out = append(out, name+": "+text)
	}
	return strings.Join(out, "\n")
}

func TestSearch(t *testing.T) {
	lab := &labs.Lab{
		ID: "pods", Title: "파드 늘리기", Section: "2.3", Intro: "여기서는 **파드**를 늘립니다.",
		Steps: []*labs.Step{
			{ID: "a", Title: "첫 Pod 실행하기", Parts: []labs.Part{
				{Markdown: "문단 하나.\n이어지는 `docker run`\n\n| 열 | 뜻 |\n| --- | --- |\n| `READY` | 준비 |\n"},
				{Run: &labs.Script{Text: "kubectl run kubia\nkubectl get pods"}},
				{Markdown: "파드가 보입니다. 파드는 묶음입니다."},
			}},
			{ID: "b", Title: "지우기", Parts: []labs.Part{{Markdown: "파드를 지웁니다.\n\n파드가 없습니다."}}},
		},
	}
	term := &labs.Term{Name: "파드", English: "Pod", Means: "파드는 컨테이너의 묶음입니다.", Lab: lab, Step: lab.Steps[0]}
	other := &labs.Term{Name: "스탠파드", English: "x", Means: "없음", Lab: lab, Step: lab.Steps[0]}
	x := newIndex(&labs.Course{Labs: []*labs.Lab{lab}, Glossary: []*labs.Term{other, term}})
	for _, c := range []struct{ query, want string }{
		{"", ""}, {"  ", ""}, {"없는말", ""},
		{"ㅍㄷ", "파드: [파드] · Pod\n스탠파드: 스탠[파드] · x\npods: [파드] 늘리기 · 2.3\npods: 여기서는 [파드]를 늘립니다.\npods: [파드]를 지웁니다."},
		{"POD", "파드: 파드 · [Pod]\npods: 첫 [Pod] 실행하기\npods: kubectl get [pod]s"},
		{"이어지는 문단", "pods: [문단] 하나. [이어지는] docker run"},
		{"ㅇㅇㅈㄴ", "pods: 문단 하나. [이어지는] docker run"},
		{"ㅇ어지", "pods: 문단 하나. [이어지]는 docker run"},
		{"라진문단", ""}, {"문단하나", "pods: [문단 하나]. 이어지는 docker run"}, {"dockerrun", ""},
		{"ready", "pods: 열 · 뜻 [READY] · 준비"},
		{"컨테이너", "파드: 파드는 [컨테이너]의 묶음입니다."},
		{norm.NFD.String("파드"), "파드: [파드] · Pod\n스탠파드: 스탠[파드] · x\npods: [파드] 늘리기 · 2.3\npods: 여기서는 [파드]를 늘립니다.\npods: [파드]를 지웁니다."}, // in pieces
	} {
		if got := found(x, c.query); got != c.want {
			t.Errorf("%q found\n%s\nwant\n%s", c.query, got, c.want)
		}
	}
}

// TestSearchPlaces holds that what is found can be gone to.
func TestSearchPlaces(t *testing.T) {
	course := korean14(t)
	x := newIndex(course)
	if len(x.search("파드")) < 50 || len(x.search("kubectl scale rc kubia --replicas=3")) == 0 {
		t.Error("the course speaks of pods more often than that")
	}
	for _, p := range x.passages {
		if p.term != nil {
			continue
		}
		for _, lab := range course.Labs {
			if lab.ID == p.place.lab && p.place.step >= len(lab.Steps) {
				t.Errorf("%s has no step %d", lab.ID, p.place.step)
			}
		}
		if strings.Contains(string(p.text), "**") || strings.Contains(string(p.text), "---|") {
			t.Errorf("markup is left in %q", string(p.text))
		}
	}
	if n := len(x.search("e")); n != maxHits {
		t.Errorf("a letter finds %d, want no more than %d", n, maxHits)
	}
}

func korean14(t testing.TB) *labs.Course {
	t.Helper()
	course, err := labs.Load(content.Korean())
	if err != nil {
		t.Fatal(err)
	}
	return course
}

func BenchmarkNewIndex(b *testing.B) {
	course := korean14(b)
	for b.Loop() {
		newIndex(course)
	}
}

func BenchmarkSearch(b *testing.B) {
	x := newIndex(korean14(b))
	for _, query := range []string{"ㅍ", "ㄹㅍㄹㅋㅇㅅ", "kubectl scale", "없는말"} {
		b.Run(query, func(b *testing.B) {
			for b.Loop() {
				x.search(query)
			}
		})
	}
}
