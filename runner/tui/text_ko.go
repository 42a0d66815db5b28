package tui

import (
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/picture"
)

// korean is the Korean catalogue.
func korean() texts {
	return texts{
		keys:   koreanKeys(),
		course: "실습", environment: "환경", explanation: "설명", check: "확인",
		helpTitle: "도움말", copied: "명령 복사",

		stepF: "%d/%d", elapsedDaysF: "%d일째", simulated: "모의 실행", preparing: "준비 중",
		capabilities: map[string]string{
			string(engine.Docker): "도커", string(engine.NodeJS): "Node.js 이미지", string(engine.Registry): "레지스트리", string(engine.Cluster): "클러스터",
			string(engine.LoadBalancer): "로드 밸런서", string(engine.TwoNodes): "노드 2개",
			string(engine.Compose): "도커 컴포즈", string(engine.Storage): "스토리지", string(engine.ControlPlane): "컨트롤 플레인",
		},

		finished: "마침", minutesF: "%d분", noLabs: "이 과정에는 실습이 없습니다.", tryWord: "해 볼 것:",
		usualF: "%s / 보통 %s", secondsF: "%d초", clockF: "%d분 %02d초",
		environmentReady: "모두 준비되었습니다.", environmentStarting: "환경을 살펴보는 중입니다.",
		workDoneF: "끝난 작업 %d개", openingF: "‘%s’ 실습을 여는 중입니다.",
		takesOverF: "이어받는 것: %s. 없으면 준비합니다.", thingOfF: "%d번 실습의 %s",

		loading: "실습을 준비하는 중입니다.", runHere: "셸에서 실행", copyHere: "복사",
		hintF: "힌트 %d/%d", solution: "해답", questionF: "질문 %d/%d", answerGiven: "답:", notAnswered: "a를 눌러 답하세요.",
		observedF: "본 것 %s", expectedF: "바라는 것 %s", since: "그 뒤에 바뀌었습니다.", moreF: "외 %d개",
		waitingF: "아직 준비되지 않은 것: %s. 준비되면 확인을 시작합니다.",
		stepDone: "이 단계를 마쳤습니다. 다음 단계: n", labDone: "실습을 모두 마쳤습니다. 목록: esc",
		lastStepDone: "마지막 단계를 마쳤습니다. 아직 남은 단계가 있습니다: p",
		activityF:    "%s (%d/%d)", scrollF: "%d줄 더", skipped: "kubelab이 풀이대로 한 단계입니다.",
		skipF:    "마치지 않은 앞 단계 %d개의 풀이를 셸에 대신 입력합니다. 지금까지 만든 것은 그대로 둡니다.",
		rewindF:  "사라지는 것: 이 실습에서 만든 것, 작업 폴더의 파일, %d단계부터의 확인과 답 %d개. 힌트와 틀린 답의 횟수는 남습니다.",
		replayF:  "앞 단계 %d개는 풀이대로 다시 실행합니다.",
		leavingF: "제자리로 돌려놓는 중입니다: %s", leavingKeys: "ctrl+c 바로 끝내기",
		leaveFailedF: "제자리로 돌려놓지 못했습니다. 다음에 시작할 때 다시 합니다: %s",

		shellTitle: "셸", stepDoneInShell: "이 단계를 마쳤습니다. ctrl+]로 나와서 n을 누르면 다음 단계입니다.",
		shellFull:    "셸에서 실행 중인 프로그램이 입력을 읽지 않습니다. 멈추려면 ctrl+c를 누르세요.",
		shellEnded:   "셸이 끝났습니다. s를 누르면 새 셸이 열립니다.",
		shellWaiting: "셸을 여는 중입니다.", stepOpenF: "%d/%d 확인됨",

		pictureF: "그림: %s %d/%d", pictureHintF: "지금 상태를 그림으로 봅니다: %s", picture: picture.Korean(),

		findPrompt: "찾기 ", findHelp: "enter 찾은 곳 보기 · esc 닫기", foundF: "%d/%d", foundMoreF: "%d/%d+", foundNone: "없음",
		readingHint: "지난 출력",

		answerPrompt: "답 ", answerHelp: "enter 답하기 · ↑↓ 다른 질문 · esc 닫기",

		copiedIntro: "터미널의 클립보드로 보냈습니다. 붙여 넣어지지 않으면 아래 명령을 마우스로 골라 복사하세요.",
		anyKey:      "아무 키나 누르면 돌아갑니다.",

		confirmKeys:     "y 예 · 다른 키 아니요",
		confirmSolution: "해답을 볼까요?",
		confirmSolve:    "이 단계의 해답을 셸에 대신 입력할까요?",
		confirmReset:    "이 실습에서 만든 것을 지우고 처음으로 되돌릴까요?",
		confirmQuit:     "kubelab을 끝낼까요? 진도는 남습니다.",
		confirmQuitF:    "그래도 끝낼까요? 아직 하고 있습니다: %s",
		confirmOpenF:    "그래도 이 실습을 나갈까요? 아직 하고 있습니다: %s",
		confirmSkipF:    "%d단계로 건너뛸까요?",
		confirmRewindF:  "%d단계의 처음으로 되돌릴까요?",
		openFailedF:     "실습을 열지 못했습니다: %s",

		over: koreanOverlays(),
		refusals: refusalTexts{
			loading: "실습이 아직 준비 중입니다.", lastStep: "마지막 단계입니다.", firstStep: "첫 단계입니다.",
			noCommand: "이 단계에는 실행할 명령이 없습니다.", oneCommand: "이 단계에는 고를 명령이 더 없습니다.",
			noHints: "이 단계에는 힌트가 없습니다.", allHints: "힌트를 모두 보았습니다.",
			noSolution: "이 단계에는 해답이 없습니다.", solutionShown: "해답을 이미 보고 있습니다.",
			noQuestions: "이 단계에는 질문이 없습니다.", allAnswered: "질문에 모두 답했습니다.",
			alreadyDone: "이 단계는 이미 마쳤습니다.", busyF: "%s: 끝나기를 기다리거나 x로 멈추세요.",
			idle: "멈출 일이 없습니다.", notReadyF: "아직 준비되지 않았습니다: %s.",
			shellNotReady: "셸이 아직 준비 중입니다.", noLabs: "열 실습이 없습니다.",
			nothingToRetry: "환경에 다시 시도할 것이 없습니다.", notScrolled: "지난 출력을 보고 있을 때만 찾습니다.", notFound: "찾은 곳이 없습니다. /로 다시 찾으세요.",
			reading:   "지난 출력을 보고 있습니다. 셸에 입력하려면 esc를 누르세요.",
			notBeside: "설명과 셸이 나란히 있을 때만 너비를 바꿉니다.",
		},
	}
}

func koreanKeys() keyTexts {
	return keyTexts{
		help: "도움말", quit: "끝내기", up: "위로", down: "아래로", pageUp: "한 화면 위로", pageDown: "한 화면 아래로",
		top: "맨 위로", bottom: "맨 아래로", open: "열기", retry: "환경 다시 준비",
		next: "다음", prev: "이전", run: "셸에서 실행", copyCommand: "명령 복사",
		commandLeft: "이전 명령", commandRight: "다음 명령",
		hint: "힌트", solution: "해답", answer: "답하기", solve: "대신 해 주기", stop: "멈추기", reset: "처음으로",
		courseMap: "지도", search: "찾기", words: "낱말", questions: "질문 모두", summary: "돌아보기", work: "작업", tour: "둘러보기", groupLook: "둘러보기와 찾기",
		skip: "여기로 건너뛰기", rewind: "여기까지 되돌리기",
		find: "셸 출력에서 찾기", findBack: "찾기", findAgain: "다시 찾기", findOlder: "이전 것(위)", findNewer: "다음 것(아래)",
		mark: "줄 고르기", copyLines: "복사", readEnd: "셸로", groupRead: "지난 출력",
		picture: "그림", pictureHere: "그림 보기/접기", textAgain: "그림 접기", pictureBefore: "이전 그림", pictureAfter: "다른 그림",
		zoom: "크게", unzoom: "원래 크기", zoomShell: "셸 크게", zoomHere: "크게/원래대로", narrower: "설명 좁게", wider: "설명 넓게", groupPanes: "창",
		shell: "셸", back: "목록", leaveShell: "셸 나가기", shellUp: "지난 출력", shellDown: "새 출력", submit: "답하기", cancel: "닫기", yes: "예",
		groupMove: "움직이기", groupStep: "단계", groupHelp: "도움", groupShell: "셸과 명령", groupUs: "그 밖에",
	}
}
