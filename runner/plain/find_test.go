package plain

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/labs/search"
	"github.com/kubelab/kubelab/runner/session"
)

// said is what the last of the lines to a reader is answered with, without the wrapping.
func said(t *testing.T, change func(*Config), lines ...string) string {
	t.Helper()
	app, _ := newFake()
	out := script(t, app, change, lines...)
	_, out, ok := strings.Cut(out, "> "+lines[len(lines)-1]+"\n")
	if !ok {
		t.Fatalf("%q was not read", lines[len(lines)-1])
	}
	return unwrapped(strings.TrimSuffix(out, "\n"))
}

// unwrapped joins all lines but items to what is before them.
func unwrapped(s string) string {
	var out strings.Builder
	for i, line := range strings.Split(s, "\n") {
		switch {
		case strings.HasPrefix(line, "- "):
			out.WriteString("\n")
		case i > 0:
			out.WriteString(" ")
		}
		out.WriteString(strings.TrimSpace(line))
	}
	return out.String()
}

func TestSearch(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"search 떨어져", "‘떨어져’: 1곳에서 찾았습니다. 괄호 안의 명령을 입력하면 볼 수 있습니다.\n" +
			"- 낱말 풀이 (word 컨테이너), 실습 1 ‘헬로 컨테이너’ 단계 1: 다른 것과 떨어져 실행되는 프로세스입니다."},
		{"찾기 ㅅㅍㅎㅈ", "‘ㅅㅍㅎㅈ’: 1곳에서 찾았습니다. 괄호 안의 명령을 입력하면 볼 수 있습니다.\n- 실습 (open 2), 실습 2 ‘수평 확장’: 수평 확장 ·"},
		{"/호스트이름", "‘호스트이름’: 2곳에서 찾았습니다. 괄호 안의 명령을 입력하면 볼 수 있습니다.\n" +
			"- 단계 (open 2/2), 실습 2 ‘수평 확장’ 단계 2: 호스트 이름 알아보기\n" +
			"- 설명 (open 2/2), 실습 2 ‘수평 확장’ 단계 2: 컨테이너는 자기 호스트 이름이 있습니다."},
		{"FIND Replicas kubectl", "‘Replicas kubectl’: 1곳에서 찾았습니다. 괄호 안의 명령을 입력하면 볼 수 있습니다.\n" +
			"- 명령 (open 2/1), 실습 2 ‘수평 확장’ 단계 1: kubectl scale rc kubia --replicas=3"},
		{"/ 프로그램", "‘프로그램’: 1곳에서 찾았습니다. 괄호 안의 명령을 입력하면 볼 수 있습니다.\n" +
			"- 낱말 풀이 (word kubectl), 실습 2 ‘수평 확장’ 단계 1: 부탁하는 프로그램입니다."},
		{"search 없는말", "! ‘없는말’: 과정에서 찾지 못했습니다. 더 짧게 쓰거나 다른 말로 찾아보세요."},
		{"/", "! 무엇을 찾을까요? search와 찾을 말을 입력하세요. 실습, 단계, 설명, 명령, 낱말에서 찾고, 첫소리만 써도 됩니다: search ㅍㄷ"},
	} {
		if got := said(t, nil, c.line); got != c.want {
			t.Errorf("%q: said\n%s\nwant\n%s", c.line, got, c.want)
		}
	}
}

// TestManyHits holds that no more is read out than somebody listens to, and that the rest is told of; and that every kind
// of hit has a name.
func TestManyHits(t *testing.T) {
	const longest = 60
	many := func(c *Config) {
		lab := c.Course.Labs[1]
		for i := range longest {
			lab.Steps = append(lab.Steps, &labs.Step{ID: fmt.Sprint("s", i), Title: "같은 말", Parts: []labs.Part{
				{Markdown: strings.Repeat("앞말 ", 100) + "먼 말" + strings.Repeat(" 뒷말", 100)},
			}})
		}
	}
	for line, want := range map[string]int{"search 같은 말": maxHits, "word 같은 말": nearHits} {
		out := said(t, many, line)
		if got := strings.Count(out, "\n- 단계 (open 2/"); got != want {
			t.Errorf("%q read %d hits out, want %d", line, got, want)
		}
		if more := fmt.Sprintf(" %d곳이 더 있습니다", longest-want); !strings.Contains(out, more) {
			t.Errorf("%q said\n%s\nwant %q", line, out, more)
		}
	}
	out := said(t, many, "search 먼말")
	if !strings.Contains(out, "단계 3: …") || !strings.Contains(out, "앞말 먼 말 뒷말") || strings.Count(out, "말") > maxHits*20 {
		t.Errorf("of a long text, said\n%s", out)
	}
	for _, words := range []texts{korean(), english()} {
		if len(words.kinds) != int(search.Meaning)+1 {
			t.Errorf("names for %d kinds of hits, want %d", len(words.kinds), search.Meaning+1)
		}
	}
}

func TestWords(t *testing.T) {
	const how = " 뜻을 보려면 word와 낱말을, 낱말을 모두 보려면 words all을 입력하세요."
	all := "과정의 낱말 4개:\n- kubectl\n- 레플리케이션 컨트롤러 (ReplicationController)\n- 컨테이너 (container)\n- 파드 (Pod) 뜻을 보려면 word와 낱말을 입력하세요."
	pod := "파드 (Pod). 다른 이름: pods, po. 컨테이너의 묶음입니다. 배우는 곳 (open 2/2): 실습 2 ‘수평 확장’ 단계 2 함께 볼 낱말: 컨테이너, 레플리케이션 컨트롤러"
	rc := "레플리케이션 컨트롤러 (ReplicationController). 다른 이름: rc. 파드의 수를 지킵니다. 배우는 곳 (open 2/1): 실습 2 ‘수평 확장’ 단계 1"
	for _, c := range []struct {
		lines []string
		want  string
	}{
		{[]string{"word"}, "! 열린 실습이 없습니다. open과 번호를 입력하세요." + how},
		{[]string{"open 2", "w"}, "이 단계의 낱말:\n- 파드 (Pod)" + how},
		{[]string{"open 2/2", "낱말"}, "이 단계의 낱말:\n- 컨테이너 (container)" + how},
		{[]string{"words all"}, all},
		{[]string{"낱말 모두"}, all},
		{[]string{"word 파드"}, pod},
		{[]string{"glossary POD"}, pod},
		{[]string{"w po"}, pod},
		{[]string{"word 레플리케이션컨트롤러"}, rc},
		{[]string{"word RC"}, rc},
		{[]string{"word 컨테이너"}, "컨테이너 (container). 다른 것과 떨어져 실행되는 프로세스입니다. 배우는 곳 (open 1/1): 실습 1 ‘헬로 컨테이너’ 단계 1"},
		{[]string{"word kube"}, "! ‘kube’: 낱말 풀이에 없습니다. 낱말을 모두 보려면 words all을 입력하세요. 과정에서 찾은 것:\n" +
			"- 낱말 (word kubectl), 실습 2 ‘수평 확장’ 단계 1: kubectl · kubectl\n" +
			"- 명령 (open 2/1), 실습 2 ‘수평 확장’ 단계 1: kubectl scale rc kubia --replicas=3\n" +
			"- 설명 (open 2/1), 실습 2 ‘수평 확장’ 단계 1: …려 줍니다. 문서 (https://kubernetes.io/ko)를 보세요."},
		{[]string{"word 없는말"}, "! ‘없는말’: 낱말 풀이에 없습니다. 낱말을 모두 보려면 words all을 입력하세요."},
	} {
		if got := said(t, nil, c.lines...); got != c.want {
			t.Errorf("%q: said\n%s\nwant\n%s", c.lines, got, c.want)
		}
	}
	none := func(c *Config) { c.Course.Glossary = nil }
	if got := said(t, none, "word"); got != "! 이 과정에는 낱말 풀이가 없습니다." {
		t.Errorf("without a glossary, said %q", got)
	}
	strange := func(c *Config) { c.Course.Glossary = c.Course.Glossary[:1] }
	if got := said(t, strange, "open 2/2", "word"); got != "이 단계에는 풀이가 있는 낱말이 없습니다."+how {
		t.Errorf("of a step without words, said %q", got)
	}
}

// TestOpenAtStep holds that a lab is opened at a step without the one being read out where it was left, and that the open
// lab goes there.
func TestOpenAtStep(t *testing.T) {
	for _, c := range []struct {
		lines []string
		want  string
	}{
		{[]string{"open 2/2"}, "단계 2/2"},
		{[]string{"open scale/2"}, "단계 2/2"},
		{[]string{"열기 scale/ask"}, "단계 2/2"},
		{[]string{"open 2/1"}, "단계 1/2"},
		{[]string{"open scale", "open 2/2"}, "단계 1/2 단계 2/2"},
		{[]string{"open 2/2", "open 2/ask"}, "단계 2/2 단계 2/2"},
		{[]string{"open 2/2", "open 2"}, "단계 2/2 단계 2/2"},
		{[]string{"open 2/2", "open 2/scale", "step ask"}, "단계 2/2 단계 1/2 단계 2/2"},
		{[]string{"open 2/3"}, "! 2/3"},
		{[]string{"open 2/0"}, "! 2/0"},
		{[]string{"open 2/"}, "! 2/"},
		{[]string{"open scale/nope"}, "! scale/nope"},
		{[]string{"open 3/1"}, "! 3/1"},
		{[]string{"open /1"}, "! /1"},
		{[]string{"open 1/1", "open 2"}, "! 실습을 열지 못했습니다 단계 1/2"}, // the goal of what was not opened is nobody's
	} {
		app, _ := newFake()
		var got []string
		for line := range strings.SplitSeq(script(t, app, nil, c.lines...), "\n") {
			if strings.HasPrefix(line, "단계 ") || strings.HasPrefix(line, "! ") && !strings.HasPrefix(line, "! 본 것") {
				head, _, _ := strings.Cut(line, ": ")
				got = append(got, head)
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%q: read %q, want %q", c.lines, s, c.want)
		}
	}
}

// TestOpenAtStepAfterReplay holds that a lab that is brought to where it was left goes to the step afterwards.
func TestOpenAtStepAfterReplay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		app, lab := newFake()
		lab.changed = make(chan struct{}, 1)
		lab.view.Replaying, lab.view.Travelling = true, true
		var out strings.Builder
		ended := make(chan error, 1)
		go func() { ended <- Run(t.Context(), config(app, strings.NewReader("open 2/2\n"), &out)) }()
		time.Sleep(time.Minute)
		synctest.Wait()
		if v := lab.View(); v.Step != 0 {
			t.Errorf("at step %d while the lab goes from step to step itself", v.Step)
		}
		lab.set(func(v *session.View) { v.Replaying, v.Travelling = false, false })
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if v := lab.View(); v.Step != 1 {
			t.Errorf("at step %d in the end, want 1", v.Step)
		}
	})
}
