package session

import "github.com/kubelab/kubelab/internal/lang"

// texts is what a session says to the learner, beside what the lab and its checks say. Fields ending in F are formats.
type texts struct {
	// What the session does on the learner's behalf.
	activityPrepare, activitySolve, activityRun, activityReset, activityForward, activityRebuild string

	// Problems, notices and what they are made of.
	supplyF, suppliedF, rebuilt, arrivedF, stoppedF, notThereF, unsettledF, leaveFailedF, clearedF       string
	prepareFailedF, logFailedF, runFailedF, resetFailedF, shellBusy, busy, notReady, interrupted, placeF string
}

// catalogue returns the words of a language.
func catalogue(l lang.Lang) texts {
	if l == lang.English {
		return english()
	}
	return korean()
}

// korean is the Korean catalogue.
func korean() texts {
	return texts{
		activityPrepare: "실습 준비",
		activitySolve:   "대신 해 주기",
		activityRun:     "명령 실행",
		activityReset:   "처음으로 되돌리기",
		activityForward: "건너뛰기",
		activityRebuild: "되돌리기",

		supplyF:        "앞 실습 %s에서 만드는 것이 없어 대신 준비합니다: %s",
		suppliedF:      "앞 실습에서 만드는 것이 없어 대신 준비했습니다: %s. 이 실습을 되돌리거나 정리하면 함께 지웁니다.",
		rebuilt:        "이 실습은 나갈 때마다 모두 제자리로 돌려놓습니다. 마친 단계의 풀이를 다시 실행해 이 단계의 처음으로 가져왔습니다.",
		arrivedF:       "%s의 처음입니다. 앞 단계들은 풀이대로 실행했습니다.",
		stoppedF:       "중단했습니다. 지금은 %s 안입니다. 셸에서 실행 중인 명령이 있으면 Ctrl-C로 끝내고, 이어서 하거나 `t`로 다시 옮기세요.",
		notThereF:      "%s까지만 왔습니다: %v\n이 단계를 직접 마치거나, `t`로 다시 옮기거나, `r`로 처음부터 하세요.",
		unsettledF:     "풀이를 실행했지만 %v 안에 확인되지 않았습니다. %s",
		leaveFailedF:   "지난 실습이 옮겨 둔 것을 제자리로 돌려놓지 못했습니다: %v",
		clearedF:       "되돌리는 도중에 멈췄습니다: %v\n환경이 어느 단계에도 맞지 않습니다. `r`을 눌러 처음부터 다시 하세요. 나갔다가 다시 열면 되돌리기를 이어서 합니다.",
		prepareFailedF: "실습을 준비하지 못했습니다: %v\n`r`을 눌러 처음부터 다시 해 보세요.",
		logFailedF:     "진행 기록을 쓰지 못했습니다: %v\n디스크의 남은 공간과 권한을 확인하세요. 실습은 계속할 수 있습니다.",
		runFailedF:     "셸에서 실행하지 못했습니다: %v\n셸을 `exit`로 끝내면 새 셸이 열립니다. 그 뒤에 다시 해 보세요.",
		resetFailedF:   "정리하지 못한 것이 있습니다: %v\n`r`을 눌러 다시 해 보세요.",
		shellBusy:      "셸에서 다른 명령이 실행 중입니다. 셸(`s`)에서 Ctrl-C로 끝내고 다시 해 보세요.",
		busy:           "다른 일을 하는 중입니다. 끝난 뒤에 다시 해 보세요.",
		notReady:       "아직 실습 준비가 끝나지 않았습니다. 잠시 뒤에 다시 해 보세요.",
		interrupted:    "중단했습니다",
		placeF:         "‘%d. %s’",
	}
}
