package labs

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// term is a word that learners should not see, and the course's word for it.
type term struct {
	wrong, right string
	// start is true for words that are also the end of others: 포드 is, in 스탠포드.
	start bool
}

// misspellings lists misspellings that were seen in readers' notes, spellings against the rules for loan words (국립국어원,
// 외래어 표기법), and words that Kubernetes has given up.
func misspellings() []term {
	return []term{
		{wrong: "컨테이터", right: "컨테이너"},
		{wrong: "컨텡너", right: "컨테이너"},
		{wrong: "컨터이너", right: "컨테이너"},
		{wrong: "컨테이나", right: "컨테이너"},
		{wrong: "콘테이너", right: "컨테이너"},
		{wrong: "포드", right: "파드", start: true},
		{wrong: "팟을", right: "파드를", start: true},
		{wrong: "팟이", right: "파드가", start: true},
		{wrong: "레플레케이션", right: "레플리케이션"},
		{wrong: "레플리캐이션", right: "레플리케이션"},
		{wrong: "레플리케이션 컨트롤러", right: "레플리케이션컨트롤러"},
		{wrong: "레플리카 셋", right: "레플리카셋"},
		{wrong: "리플리카", right: "레플리카"},
		{wrong: "디플로이 먼트", right: "디플로이먼트"},
		{wrong: "디플로이멘트", right: "디플로이먼트"},
		{wrong: "네임 스페이스", right: "네임스페이스"},
		{wrong: "스토리지 클래스", right: "스토리지클래스"},
		{wrong: "엔드포인트 슬라이스", right: "엔드포인트슬라이스"},
		{wrong: "로드 밸런서", right: "로드밸런서"},
		{wrong: "마스터 노드", right: "컨트롤 플레인"},
		{wrong: "마스터노드", right: "컨트롤 플레인"},
		{wrong: "컨트롤플레인", right: "컨트롤 플레인"},
		{wrong: "쿠버네티즈", right: "쿠버네티스"},
		{wrong: "쿠블렛", right: "kubelet"},
		{wrong: "큐블릿", right: "kubelet"},
		{wrong: "도커 이메지", right: "도커 이미지"},
		{wrong: "도커파일", right: "Dockerfile"},
		{wrong: "도커 파일", right: "Dockerfile"},
		{wrong: "매니패스트", right: "매니페스트"},
		{wrong: "메니페스트", right: "매니페스트"},
		{wrong: "스케쥴", right: "스케줄"},
		{wrong: "스캐줄", right: "스케줄"},
		{wrong: "콘트롤", right: "컨트롤"},
		{wrong: "어플리케이션", right: "애플리케이션"},
		{wrong: "메세지", right: "메시지"},
		{wrong: "디렉토리", right: "폴더"},
		{wrong: "레지스터리", right: "레지스트리"},
		{wrong: "레포지토리", right: "저장소"},
		{wrong: "리포지토리", right: "저장소"},
		{wrong: "환경변수", right: "환경 변수"},
		{wrong: "Query.io", right: "Quay.io"},
		{wrong: "kubelete", right: "kubelet"},
		{wrong: "Devloper", right: "Developer"},
	}
}

// lintWords reports terms that the course has a better word for, wherever a learner may read them.
func (s *source) lintWords() {
	for _, t := range misspellings() {
		for at := 0; ; {
			i := strings.Index(s.text[at:], t.wrong)
			if i < 0 {
				break
			}
			at += i
			before, _ := utf8.DecodeLastRuneInString(s.text[:at])
			if !t.start || !unicode.Is(unicode.Hangul, before) {
				s.warnf(at, "%s: the course's word is %s", t.wrong, t.right)
			}
			at += len(t.wrong)
		}
	}
}

// habit is a turn of phrase that machine translation leaves behind, or a form that the course has decided against.
type habit struct {
	pattern *regexp.Regexp
	advice  string
}

// habits are the rules of style. They are held against the learner's prose alone, not against scripts.
func habits() []habit {
	of := func(pattern, advice string) habit { return habit{regexp.MustCompile(pattern), advice} }
	return []habit{
		of(`되어(?:집|지|진|졌)`, "a passive of a passive; write 됩니다, 되는, 됐습니다"),
		of(`보여(?:집|지|진|졌)`, "a passive of a passive; write 보입니다"),
		of(`(?:불리우|불리워|쓰여지|쓰여집|나뉘어지|나뉘어집|잊혀지|잊혀집)`, "a passive of a passive; the simple passive is enough"),
		of(`하는 것이 가능`, "translated; write 할 수 있습니다"),
		of(`것이 가능합니다`, "translated; write 수 있습니다"),
		of(`[을를] 필요로 `, "translated; write 이(가) 필요합니다"),
		of(`[을를] 가지고 있`, "translated; write 이(가) 있습니다"),
		of(`에 의해서?[ ,]`, "translated; say who does it: 이(가) …합니다"),
		of(`에도 불구하고`, "translated; write …지만"),
		of(`에 있어서`, "translated; write 에서"),
		of(`[는은] 중에 있`, "translated; write …고 있습니다"),
		of(`할 필요가 있`, "translated; write 해야 합니다"),
		of(`당신`, "a learner is not addressed by a pronoun"),
		of(`여러분`, "a learner is not addressed by a pronoun"),
		of(`해당 (?:파드|컨테이너|이미지|노드|서비스|명령|파일)`, "an official's word; write 그 or 이"),
		of(`수행(?:합|하|해|했|될|됩|되)`, "an official's word; write 합니다 or 실행합니다"),
		of(`(?:[아어여해에예]|거든|네|군|죠|지)요[.!]`, "the course speaks in 합니다 and 하세요, not in 해요"),
		of(`[0-9] (?:초|분|시간|개|번|번째|대|줄|칸|단계|가지|명|바이트)(?:[^가-힣]|$|[이가은는을를의에와과로도만씩])`, "numbers and Korean units are written together: 10초, 3개"),
		of(`[0-9](?:KB|MB|GB|KiB|MiB|GiB|ms)\b`, "a space stands between a number and a unit in Latin letters: 128 MiB"),
		of(`[가-힣] +[.,!?](?: |$)`, "no space before a punctuation mark"),
		of(`(?:할|될|볼|쓸|갈|올|줄|알|둘|들|낼|칠)수 (?:있|없)`, "a space stands before 수: 할 수 있습니다"),
		of(`않 (?:습|는|고|됩|되|돼)|만들어 [집지진]|안습니다|됬|되요|할께|몇일|금새|오랫만`, "misspelt"),
	}
}

// lintStyle reports what the rules of style say of the learner's prose (see proseOnly).
func (s *source) lintStyle(prose string) {
	for _, h := range habits() {
		for _, at := range h.pattern.FindAllStringIndex(prose, -1) {
			s.warnf(at[0], "%s: %s", strings.TrimSpace(s.text[at[0]:at[1]]), h.advice)
		}
	}
}

// masked stands in proseOnly where there was something else than prose.
const masked = '\x00'

var (
	yamlKey   = regexp.MustCompile(`^\s*(?:- )?\s*([a-z]+):`)
	codeSpan  = regexp.MustCompile("`[^`\n]*(?:\n[^`\n]+)?`")
	celSpan   = regexp.MustCompile(`\{\{[^}]*\}\}`)
	targetURL = regexp.MustCompile(`\]\([^)\n]*\)|https?://\S+`)
)

// spoken reports whether the text under a key of a check, question or the front matter is shown to learners as it is.
func spoken(key string) bool {
	switch key {
	case "title", "want", "say", "ask", "hint", "wrong":
		return true
	}
	return false
}

// proseOnly is the file's text with everything masked that is not prose for learners; offsets stay.
func (f *labFile) proseOnly() string {
	out := []byte(f.text)
	mask := func(from, to int) { maskBytes(out, from, to) }
	language, marker, key := "", "", ""
	if f.front > 0 {
		language, marker = "yaml", "---" // the front matter
	}
	for at := 0; at < len(f.text); at = f.nextLine(at) {
		line := f.text[at:f.nextLine(at)]
		fence := fenceLine.FindStringSubmatch(line)
		switch {
		case at < f.front:
			mask(at, at+len(line))
		case marker == "---" && strings.TrimRight(line, " \t\n") == marker:
			marker = ""
			mask(at, at+len(line))
		case marker == "" && fence != nil:
			marker, key = fence[1], ""
			language = "code"
			if info := parseInfo(strings.TrimSpace(fence[2])); info.word != "" {
				language = languageOf(info.word)
			}
			mask(at, at+len(line))
		case marker != "" && fence != nil && strings.HasPrefix(fence[1], marker) && strings.TrimSpace(fence[2]) == "":
			marker = ""
			mask(at, at+len(line))
		case marker == "" || language == "text":
		case language == "yaml":
			if strings.HasPrefix(line, "- ") {
				key = ""
			}
			if m := yamlKey.FindStringSubmatchIndex(line); m != nil {
				// Under `wrong` of a question the keys are answers.
				if word := line[m[2]:m[3]]; key != "wrong" || spoken(word) || word == "answer" {
					key = word
				}
				mask(at, at+m[1])
			}
			if !spoken(key) {
				mask(at, at+len(line))
			}
		default:
			mask(at, at+len(line))
		}
	}
	for _, span := range []*regexp.Regexp{codeSpan, celSpan, targetURL} {
		for _, m := range span.FindAllIndex(out, -1) {
			mask(m[0], m[1])
		}
	}
	return string(out)
}

var hangulWord = regexp.MustCompile(`[가-힣]+`)

// Word is a Korean word that a learner reads, at the place where it first stands.
type Word struct {
	Text string
	// Path, Line and Column are as in Problem.
	Path         string
	Line, Column int
}

// words returns the distinct Korean words of the prose. What follows a Latin letter, a digit or a code span is an
// ending of that, not a word.
func (s *source) words(prose string) []Word {
	seen := map[string]bool{}
	var out []Word
	for _, m := range hangulWord.FindAllStringIndex(prose, -1) {
		text := prose[m[0]:m[1]]
		before, _ := utf8.DecodeLastRuneInString(prose[:m[0]])
		if seen[text] || m[0] > 0 && (before == masked || before < unicode.MaxASCII && (unicode.IsLetter(before) || unicode.IsDigit(before) || strings.ContainsRune(")*_", before))) {
			continue
		}
		seen[text] = true
		line, column := s.position(m[0])
		out = append(out, Word{Text: text, Path: s.path, Line: line, Column: column})
	}
	return out
}
