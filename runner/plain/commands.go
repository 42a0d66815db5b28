package plain

import (
	"context"
	"slices"
	"strings"

	"github.com/kubelab/kubelab/internal/clean"
)

// command is a line that the learner types. Both languages' names and the keys of the screen mean the same thing,
// whatever the language: what a message says to press can be typed.
type command struct {
	id    string
	names []string
	// lab commands need an open lab.
	lab bool
	do  func(r *reader, ctx context.Context, rest string)
}

func commands() []command {
	return []command{
		{"help", []string{"help", "도움말", "?"}, false, (*reader).help},
		{"map", []string{"map", "list", "지도", "목록", "m"}, false, (*reader).showCourse},
		{"open", []string{"open", "열기"}, false, (*reader).openNamed},
		{"search", []string{"search", "find", "찾기", "/"}, false, (*reader).search},
		{"word", []string{"word", "words", "glossary", "낱말", "w"}, false, (*reader).words},
		{"env", []string{"env", "환경"}, false, (*reader).showEnvironment},
		{"retry", []string{"retry", "다시준비", "u"}, false, (*reader).retry},
		{"quit", []string{"quit", "exit", "끝", "끝내기", "종료", "q"}, false, (*reader).quitNow},
		{"show", []string{"show", "read", "보기", "읽기"}, true, (*reader).show},
		{"checks", []string{"checks", "확인"}, true, (*reader).showChecks},
		{"next", []string{"next", "다음", "n"}, true, (*reader).next},
		{"prev", []string{"prev", "previous", "이전", "p"}, true, (*reader).previous},
		{"step", []string{"step", "단계"}, true, (*reader).toStep},
		{"run", []string{"run", "실행"}, true, (*reader).run},
		{"hint", []string{"hint", "힌트", "h"}, true, (*reader).hint},
		{"answer", []string{"answer", "답", "답하기", "a"}, true, (*reader).answer},
		{"solution", []string{"solution", "해답", "o"}, true, (*reader).solution},
		{"solve", []string{"solve", "대신", "풀이", "d"}, true, (*reader).solve},
		{"wait", []string{"wait", "기다리기"}, true, (*reader).wait},
		{"stop", []string{"stop", "멈추기", "멈춤", "x"}, true, (*reader).stop},
		{"shell", []string{"shell", "셸", "s"}, true, (*reader).shell},
		{"reset", []string{"reset", "처음으로", "r"}, true, (*reader).reset},
		{"travel", []string{"travel", "이동", "t"}, true, (*reader).travel},
		{"back", []string{"back", "나가기", "esc"}, true, (*reader).back},
	}
}

// line does what a line says.
func (r *reader) line(ctx context.Context, line string) {
	line = strings.TrimSpace(line)
	if then := r.asked; then != nil {
		r.asked = nil
		then(ctx, line)
		return
	}
	if line == "" {
		return
	}
	if typed, ok := shellLine(line); ok {
		r.typeInShell(typed)
		return
	}
	word, rest, _ := strings.Cut(line, " ")
	word = strings.ToLower(word)
	if query, ok := strings.CutPrefix(line, "/"); ok { // a key, which needs no blank
		word, rest = "/", query
	}
	for _, c := range commands() {
		if !slices.Contains(c.names, word) {
			continue
		}
		if c.lab && !r.loaded {
			r.refuse(r.notInLab())
			return
		}
		c.do(r, ctx, strings.TrimSpace(rest))
		return
	}
	r.refusef(r.text.unknownF, clean.Line(word))
}

// shellLine is what a line types into the shell: what follows ! or the $ with which commands are marked. Before anything
// but a blank, the $ is the shell's own.
func shellLine(line string) (string, bool) {
	if typed, ok := strings.CutPrefix(line, "!"); ok {
		return strings.TrimSpace(typed), true
	}
	return strings.TrimSpace(strings.TrimPrefix(line, "$ ")), strings.HasPrefix(line, "$")
}

func (r *reader) notInLab() string {
	if r.lab != nil || r.opening != "" {
		return r.text.loading
	}
	return r.text.noLabOpen
}

// help lists the commands with all of their names.
func (r *reader) help(context.Context, string) {
	for _, lab := range []bool{false, true} {
		head := r.text.helpCourse
		if lab {
			head = r.text.helpLab
		}
		r.out.say("", head)
		for _, c := range commands() {
			if c.lab == lab {
				r.out.say("  "+strings.Join(c.names, ", ")+": ", r.text.help[c.id])
			}
		}
	}
	r.out.say("", r.text.helpEnd)
}
