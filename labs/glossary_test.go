package labs

import (
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

func termNames(terms []*Term) string {
	var names []string
	for _, t := range terms {
		names = append(names, t.Name)
	}
	return strings.Join(names, " ")
}

func TestTermsIn(t *testing.T) {
	c := &Course{Glossary: []*Term{
		{Name: "파드", English: "Pod", Also: []string{"pods"}}, {Name: "컨테이너", English: "container"},
		{Name: "컨테이너 런타임", English: "container runtime"}, {Name: "RUN", English: "RUN"}, {Name: "kubelet", English: "kubelet"},
		{Name: "레플리케이션컨트롤러", English: "ReplicationController", Also: []string{"rc"}},
	}}
	for _, tt := range []struct{ text, want string }{
		{"", ""},
		{"파드를 지우고 파드에서", "파드"},
		{"컨테이너 런타임이 컨테이너를 실행합니다", "컨테이너 런타임 컨테이너"},
		{"컨테이너를 컨테이너 런타임이", "컨테이너 컨테이너 런타임"},
		{"스탠파드는 파드가 아닙니다", "파드"},
		{"스탠파드", ""},
		{"docker run은 되고 `RUN`도 됩니다", "RUN"},
		{"Kubelet이 kubelets와 kubelet-config를", "kubelet"},
		{"kubelets와 kubelet-config를", ""},
		{"`kubectl get rc`로 pods를", "레플리케이션컨트롤러 파드"},
		{"src, rc2, arc", ""},
		{"the container", ""}, // English names are not looked for
	} {
		if got := termNames(c.TermsIn(tt.text)); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestTerm(t *testing.T) {
	c := &Course{Glossary: []*Term{
		{Name: "쓰기 레이어", English: "writable layer"}, {Name: "파드", English: "Pod", Also: []string{"pods"}}, {Name: "API 서버", English: "API server"},
		{Name: "큰말", English: "one"}, {Name: "큰 말", English: "two"},
	}}
	for word, want := range map[string]string{
		"파드": "파드", "POD": "파드", "pods": "파드", "po": "", "": "", " ": "", "파드를": "",
		"쓰기레이어": "쓰기 레이어", "쓰 기  레이어": "쓰기 레이어", "Writable Layer": "쓰기 레이어", "writablelayer": "쓰기 레이어",
		"api서버": "API 서버", norm.NFD.String("API 서버"): "API 서버", "큰말": "큰말", "큰 말": "큰 말",
	} {
		got := ""
		if term := c.Term(word); term != nil {
			got = term.Name
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
	if got := termNames(c.Terms()); got != "API 서버 쓰기 레이어 큰 말 큰말 파드" {
		t.Errorf("in order: %s", got)
	}
	if got := c.Glossary[0].Name; got != "쓰기 레이어" {
		t.Errorf("the glossary itself begins with %q now", got)
	}
}

func TestLoadGlossary(t *testing.T) {
	c, err := Load(os.DirFS("testdata/good"))
	if err != nil {
		t.Fatal(err)
	}
	if got := termNames(c.Glossary); got != "컨테이너 이미지" {
		t.Fatalf("got the terms %q", got)
	}
	image := c.Glossary[1]
	if image.Lab.ID != "hello" || image.Step != image.Lab.Steps[0] || image.English != "image" ||
		!slices.Equal(image.Also, []string{"images"}) || termNames(image.See) != "컨테이너" || image.Means == "" {
		t.Errorf("got %+v", image)
	}
}

func TestGlossaryProse(t *testing.T) {
	const text = "# 설명\n- term: 파드\n  english: Pod\n  means: 묶음입니다. `kubectl`이\n    이어집니다.\n  step: a/b\n  see: [노드]\n"
	got := strings.ReplaceAll(glossaryProse(text), string(rune(masked)), "")
	if want := "\n 파드\n\n 묶음입니다. 이\n    이어집니다.\n\n\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(glossaryProse(text)) != len(text) {
		t.Error("offsets do not stay")
	}
}
