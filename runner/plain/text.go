package plain

import (
	"strings"

	"github.com/kubelab/kubelab/internal/lang"
	"github.com/kubelab/kubelab/labs/search"
	"github.com/kubelab/kubelab/runner/engine"
)

// texts is every word that does not come from a lab or an engine. Fields ending in F are formats.
type texts struct {
	// the course
	courseF, labLineF, finished, progressF, minutesF, firstWords, promptCourse string
	// the search and the glossary; kinds names what was found, by search.Kind
	searchWhat, notFoundF, foundF, moreHitsF, hitF, inLabF, inStepF  string
	kinds                                                            []string
	noGlossary, wordsHere, noWordsHere, wordsHow, wordHow, allWordsF string
	noWordF, nearHits, moreNearF, alsoF, taughtF, seeAlsoF           string
	// the environment
	envF, envSimulated, envRunningF, envDoneF, envFailedF, envGainedF, envBrokenF, envReady, envWorkingF, envLater string
	findingF, wantF, tryF                                                                                          string
	capabilities                                                                                                   map[string]string
	// a lab
	openingF, openFailedF, labF, stepF, introEnd, checksHead, promptLabF, waitingF, activityF, activityPartF string
	passedF, stillF, changedF, observedF, expectedF                                                          string
	commandF, oneCommand, hintF, solutionHead, problemF, noticeF                                             string
	questionF, answeredF, wrongF, howToAnswer                                                                string
	stepDone, lastStepDone, labDone, skipped, waitedF                                                        string
	// the shell
	exitF, shortened, goesOn, shellBegin, shellEnd, shellFailedF string
	// questions and refusals
	confirmSolution, confirmSolve, confirmReset, confirmSkipF, confirmRewindF, yesNo, notDone, answerPromptF   string
	unknownF, noLabOpen, loading, lastStep, firstStep, noStepF, noCommand, noCommandF                          string
	noHints, allHints, noSolution, noQuestions, allAnswered, alreadyDone, busyF, idle, notReadyF, noTerminal   string
	noLabF, openWhat, nothingToRetry, shellNotReady, nothingToRun, secondsWrongF, helpCourse, helpLab, helpEnd string
	// help says what each command does, by its ID.
	help map[string]string
}

// catalogue returns the words of a language.
func catalogue(l lang.Lang) texts {
	if l == lang.English {
		return english()
	}
	return korean()
}

// capabilityList joins the words for cs.
func (t texts) capabilityList(cs []engine.Capability) string {
	words := make([]string, len(cs))
	for i, c := range cs {
		words[i] = string(c)
		if word, ok := t.capabilities[string(c)]; ok {
			words[i] = word
		}
	}
	return strings.Join(words, ", ")
}

func korean() texts {
	return texts{
		courseF: "%s: 실습 %d개 가운데 %d개를 마쳤습니다.", labLineF: "%d. %s (%s), %s, %s", finished: "마침", progressF: "단계 %d/%d", minutesF: "%d분",
		firstWords:   "실습을 열려면 open과 번호나 이름을 입력하세요. 명령을 모두 보려면 help, 끝내려면 quit을 입력하세요.",
		promptCourse: "kubelab>",

		searchWhat: "무엇을 찾을까요? search와 찾을 말을 입력하세요. 실습, 단계, 설명, 명령, 낱말에서 찾고, 첫소리만 써도 됩니다: search ㅍㄷ",
		notFoundF:  "‘%s’: 과정에서 찾지 못했습니다. 더 짧게 쓰거나 다른 말로 찾아보세요.", foundF: "‘%s’: %d곳에서 찾았습니다. 괄호 안의 명령을 입력하면 볼 수 있습니다.",
		moreHitsF: "%d곳이 더 있습니다. 찾을 말을 더하면 줄어듭니다.", hitF: "%s (%s), %s: %s", inLabF: "실습 %d ‘%s’", inStepF: "실습 %d ‘%s’ 단계 %d",
		kinds: []string{
			search.Term: "낱말", search.Lab: "실습", search.Step: "단계", search.Command: "명령", search.Prose: "설명", search.Meaning: "낱말 풀이",
		},
		noGlossary: "이 과정에는 낱말 풀이가 없습니다.", wordsHere: "이 단계의 낱말:", noWordsHere: "이 단계에는 풀이가 있는 낱말이 없습니다.",
		wordsHow: "뜻을 보려면 word와 낱말을, 낱말을 모두 보려면 words all을 입력하세요.", wordHow: "뜻을 보려면 word와 낱말을 입력하세요.", allWordsF: "과정의 낱말 %d개:",
		noWordF: "‘%s’: 낱말 풀이에 없습니다. 낱말을 모두 보려면 words all을 입력하세요.", nearHits: "과정에서 찾은 것:", moreNearF: "%d곳이 더 있습니다: search %s",
		alsoF: "다른 이름: %s", taughtF: "배우는 곳 (%s): %s", seeAlsoF: "함께 볼 낱말: %s",

		envF: "환경: %s.", envSimulated: "모의 실행", envRunningF: "환경: %s, 하는 중입니다. %s", envDoneF: "환경: %s, 끝났습니다.", envFailedF: "환경: %s, 실패했습니다: %s",
		envGainedF: "환경 준비됨: %s", envBrokenF: "환경에 문제가 있습니다: %s", envReady: "환경: 모두 준비되었습니다.", envWorkingF: "하는 중: %s", envLater: "아직 살펴보는 중입니다.",
		findingF: "본 것: %s", wantF: "필요한 것: %s", tryF: "해 볼 것: %s",
		capabilities: map[string]string{
			string(engine.Docker): "도커", string(engine.NodeJS): "Node.js 이미지", string(engine.Registry): "레지스트리", string(engine.Cluster): "클러스터",
			string(engine.LoadBalancer): "로드 밸런서", string(engine.TwoNodes): "노드 2개",
		},

		openingF: "‘%s’ 실습을 여는 중입니다.", openFailedF: "실습을 열지 못했습니다: %s", labF: "실습 %d: %s. 단계 %d개, %d분.", stepF: "단계 %d/%d: %s",
		introEnd: "설명 끝.", checksHead: "확인할 것:", promptLabF: "실습 %d 단계 %d/%d>", waitingF: "아직 준비되지 않은 것: %s. 준비되면 확인을 시작합니다.",
		activityF: "하는 중: %s", activityPartF: "하는 중: %s (%d/%d)",
		passedF: "확인됨: %s", stillF: "아직: %s", changedF: "그 뒤에 바뀜: %s", observedF: "본 것: %s", expectedF: "바라는 것: %s",
		commandF: "명령 %d (run %d):", oneCommand: "명령 (run):", hintF: "힌트 %d/%d:", solutionHead: "해답 (solve):", problemF: "문제: %s", noticeF: "알림: %s",
		questionF: "질문 %d/%d: %s", answeredF: "정답입니다: %s", wrongF: "틀렸습니다: %s", howToAnswer: "answer와 답을 입력하세요.",
		stepDone: "이 단계를 마쳤습니다. 다음 단계: next", lastStepDone: "마지막 단계를 마쳤습니다. 아직 남은 단계가 있습니다: prev", labDone: "실습을 모두 마쳤습니다. 목록: back",
		skipped: "kubelab이 풀이대로 한 단계입니다.", waitedF: "%d초를 기다렸지만 이 단계를 마치지 못했습니다.",

		exitF: "종료 코드 %d", shortened: "(앞의 출력은 줄였습니다)", goesOn: "아직 실행 중입니다. 입력을 보내려면 !와 글을, 멈추려면 stop을 입력하세요.",
		shellBegin: "셸입니다. 돌아오려면 exit를 입력하세요.", shellEnd: "셸에서 돌아왔습니다.", shellFailedF: "셸을 쓸 수 없습니다: %s",

		confirmSolution: "해답을 볼까요?", confirmSolve: "이 단계의 해답을 셸에 대신 입력할까요?",
		confirmReset:   "이 실습에서 만든 것을 지우고 처음으로 되돌릴까요?",
		confirmSkipF:   "%d단계로 건너뛸까요? 마치지 않은 앞 단계 %d개의 풀이를 대신 입력합니다.",
		confirmRewindF: "%d단계의 처음으로 되돌릴까요? 만든 것과 이 단계부터의 확인과 답이 사라지고, 앞 단계 %d개를 풀이대로 다시 실행합니다.",
		yesNo:          "예 또는 아니요>", notDone: "하지 않았습니다.", answerPromptF: "답 %d/%d (빈 줄은 다음 질문)>",
		unknownF: "%s: 모르는 명령입니다. help를 입력하면 명령을 모두 볼 수 있습니다. 셸의 명령은 앞에 !를 붙이세요.", noLabOpen: "열린 실습이 없습니다. open과 번호를 입력하세요.",
		loading: "실습이 아직 준비 중입니다.", lastStep: "마지막 단계입니다.", firstStep: "첫 단계입니다.", noStepF: "%s: 이런 단계는 없습니다. 1부터 %d까지 있습니다.",
		noCommand: "이 단계에는 실행할 명령이 없습니다.", noCommandF: "%s: 이런 명령은 없습니다. 1부터 %d까지 있습니다.",
		noHints: "이 단계에는 힌트가 없습니다.", allHints: "힌트를 모두 보았습니다.", noSolution: "이 단계에는 해답이 없습니다.",
		noQuestions: "이 단계에는 질문이 없습니다.", allAnswered: "질문에 모두 답했습니다.", alreadyDone: "이 단계는 이미 마쳤습니다.",
		busyF: "%s: 끝나기를 기다리거나 stop으로 멈추세요.", idle: "멈출 일이 없습니다.", notReadyF: "아직 준비되지 않았습니다: %s.",
		noTerminal: "터미널이 없어 셸을 내줄 수 없습니다. 명령 앞에 !를 붙여 입력하세요.",
		noLabF:     "%s: 이런 실습은 없습니다. map을 입력하면 실습을 모두 볼 수 있습니다.", openWhat: "어느 실습을 열까요? open과 번호나 이름을 입력하세요.",
		nothingToRetry: "환경에 다시 시도할 것이 없습니다.", shellNotReady: "셸이 아직 준비 중입니다.", nothingToRun: "! 뒤에 셸의 명령을 쓰세요.",
		secondsWrongF: "%s: 초를 1부터 3600까지의 수로 쓰세요.",
		helpCourse:    "언제나:", helpLab: "실습에서:", helpEnd: "!로 시작하는 줄은 셸에서 실행합니다. 실행 중인 것이 있으면 그 입력이 됩니다. 입력이 끝나면 진행을 남기고 끝냅니다.",
		help: map[string]string{
			"help": "이 도움말", "map": "실습과 진행", "open": "번호나 이름의 실습 열기, 3/2처럼 단계와 함께도",
			"search": "찾을 말을 과정에서 찾기", "word": "낱말의 뜻, 낱말 없이는 이 단계의 낱말, all은 모든 낱말",
			"env": "환경의 상태", "retry": "환경 다시 준비", "quit": "끝내기",
			"show": "지금 단계 다시 읽기", "next": "다음 단계", "prev": "이전 단계", "step": "번호나 이름의 단계로", "checks": "확인할 것 다시 읽기",
			"run": "단계의 다음 명령을 셸에서 실행, 또는 번호의 명령을", "hint": "다음 힌트", "solution": "해답 보기", "solve": "해답을 대신 입력",
			"answer": "질문에 답하기", "reset": "실습을 처음으로", "travel": "환경을 지금 단계의 처음으로", "stop": "하고 있는 일 멈추기",
			"wait": "단계를 마칠 때까지 기다리기, 초와 함께 (보통 60)", "shell": "터미널을 셸에 내주기", "back": "목록으로",
		},
	}
}
