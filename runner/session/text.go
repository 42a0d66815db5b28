package session

// What a session says to the learner.
const (
	activityPrepare = "실습 준비"
	activitySolve   = "대신 해 주기"
	activityRun     = "명령 실행"
	activityReset   = "처음으로 되돌리기"

	textPrepareFailed = "실습을 준비하지 못했습니다: %v\n`r`을 눌러 처음부터 다시 해 보세요."
	textLogFailed     = "진행 기록을 쓰지 못했습니다: %v\n디스크의 남은 공간과 권한을 확인하세요. 실습은 계속할 수 있습니다."
	textRunFailed     = "셸에서 실행하지 못했습니다: %v\n셸에서 실행 중인 명령이 있으면 Ctrl-C로 끝내고 다시 해 보세요."
	textResetFailed   = "정리하지 못한 것이 있습니다: %v\n`r`을 눌러 다시 해 보세요."
	textBusy          = "다른 일을 하는 중입니다. 끝난 뒤에 다시 해 보세요."
	textNotReady      = "아직 실습 준비가 끝나지 않았습니다. 잠시 뒤에 다시 해 보세요."
)
