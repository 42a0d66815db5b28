package search

import (
	"slices"
	"strings"
	"testing"
	"unicode"

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
func found(x *Index, query string) string {
	var out []string
	for _, h := range x.Search(query) {
		name := h.Place.Lab
		if h.Term != nil {
			name = h.Term.Name
		}
		text := ""
		for i, r := range h.Text {
			for _, s := range h.Spans {
				if i == s.From {
					text += "["
				}
			}
			text += string(r)
			for _, s := range h.Spans {
				if i == s.To-1 {
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
	x := New(&labs.Course{Labs: []*labs.Lab{lab}, Glossary: []*labs.Term{other, term}})
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
	course := korean(t)
	x := New(course)
	if len(x.Search("파드")) < 50 || len(x.Search("kubectl scale rc kubia --replicas=3")) == 0 {
		t.Error("the course speaks of pods more often than that")
	}
	for _, p := range x.passages {
		i := slices.IndexFunc(course.Labs, func(l *labs.Lab) bool { return l.ID == p.place.Lab })
		if i < 0 || p.place.Step < -1 || p.place.Step >= len(course.Labs[i].Steps) {
			t.Errorf("there is no step %d of %q", p.place.Step, p.place.Lab)
		}
		if p.term != nil { // shown as it is
			continue
		}
		if strings.Contains(string(p.text), "**") || strings.Contains(string(p.text), "---|") {
			t.Errorf("markup is left in %q", string(p.text))
		}
	}
}

// TestHitsAreSafe holds that whatever is found can be shown, whoever wrote the course.
func TestHitsAreSafe(t *testing.T) {
	const evil = "말a\x1b]52;c;AAAA\a\x1b[2J\u202eb\u200b\u009b31m\r\x9bc\td"
	lab := &labs.Lab{ID: "evil", Title: evil, Section: evil, Intro: evil, Steps: []*labs.Step{{
		ID: "a", Title: evil, Parts: []labs.Part{{Markdown: evil}, {Run: &labs.Script{Text: evil}}},
	}}}
	term := &labs.Term{Name: evil, English: evil, Also: []string{evil}, Means: evil, Lab: lab, Step: lab.Steps[0]}
	means := &labs.Term{Name: "x", English: "x", Means: evil, Lab: lab, Step: lab.Steps[0]}
	kinds := map[Kind]bool{}
	for _, h := range New(&labs.Course{Labs: []*labs.Lab{lab}, Glossary: []*labs.Term{term, means}}).Search("말") {
		kinds[h.Kind] = true
		for _, r := range h.Text {
			if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
				t.Errorf("kind %d holds %U", h.Kind, r)
			}
		}
	}
	if len(kinds) != int(Meaning)+1 {
		t.Errorf("found %d kinds, want all", len(kinds))
	}
}

func korean(t testing.TB) *labs.Course {
	t.Helper()
	course, err := labs.Load(content.Korean())
	if err != nil {
		t.Fatal(err)
	}
	return course
}

func BenchmarkNew(b *testing.B) {
	course := korean(b)
	for b.Loop() {
		New(course)
	}
}

func BenchmarkSearch(b *testing.B) {
	x := New(korean(b))
	for _, query := range []string{"ㅍ", "ㄹㅍㄹㅋㅇㅅ", "kubectl scale", "없는말"} {
		b.Run(query, func(b *testing.B) {
			for b.Loop() {
				x.Search(query)
			}
		})
	}
}
