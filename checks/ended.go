package checks

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// signals are the exit codes of a process that a signal ended: 128 and the signal's number.
var signals = map[int64]string{
	129: "SIGHUP", 130: "SIGINT", 131: "SIGQUIT", 132: "SIGILL", 134: "SIGABRT", 135: "SIGBUS", 136: "SIGFPE",
	137: "SIGKILL", 139: "SIGSEGV", 141: "SIGPIPE", 143: "SIGTERM",
}

// exitWords says what an exit code means. reason is what the kubelet or Docker adds: "OOMKilled".
func exitWords(code int64, reason string) string {
	switch {
	case reason == "OOMKilled":
		return fmt.Sprintf("메모리가 모자라 강제 종료됨(OOMKilled, 종료 코드 %d)", code)
	case code == 0:
		return "정상 종료(종료 코드 0)"
	case code == 125:
		return "도커가 컨테이너를 시작하지 못함(종료 코드 125)"
	case code == 126:
		return "명령을 실행할 수 없음(종료 코드 126)"
	case code == 127:
		return "명령을 찾지 못함(종료 코드 127)"
	case code == 130:
		return "SIGINT(Ctrl+C)를 받고 종료됨(종료 코드 130)"
	case code == 137:
		return "SIGKILL로 강제 종료됨(종료 코드 137)"
	case code == 139:
		return "잘못된 메모리에 접근해 종료됨(SIGSEGV, 종료 코드 139)"
	case code == 143:
		return "SIGTERM을 받고 종료됨(종료 코드 143)"
	case signals[code] != "":
		return fmt.Sprintf("%s 시그널로 종료됨(종료 코드 %d)", signals[code], code)
	}
	return fmt.Sprintf("오류로 종료(종료 코드 %d)", code)
}

// containerEnd says how a container ended, or why it never began. events are Docker's.
func containerEnd(c Object, events []Object) string {
	state := Field(c, "State")
	failure := Text(state, "Error")
	switch status := Text(state, "Status"); status {
	case "created":
		if failure != "" {
			return startFailure(Int(state, "ExitCode"), failure)
		}
		return "만들어졌지만 시작되지 않음"
	case "exited", "dead":
		if Int(state, "ExitCode") == 137 && !Bool(state, "OOMKilled") {
			if waited, ok := stopTimeout(c, events); ok {
				return fmt.Sprintf("SIGTERM을 받고도 %d초 동안 끝나지 않아 SIGKILL로 강제 종료됨(종료 코드 137)", int(waited.Round(time.Second).Seconds()))
			}
		}
		reason := ""
		if Bool(state, "OOMKilled") {
			reason = "OOMKilled"
		}
		words := exitWords(Int(state, "ExitCode"), reason)
		if failure != "" {
			words += ": " + shortFailure(failure)
		}
		return words
	default:
		return containerStatus(c)
	}
}

// stopTimeout is how long docker stop waited for a container before it killed it. The container itself does not tell a
// docker kill from that: only the two signals in Docker's events do, where they were seen.
func stopTimeout(c Object, events []Object) (waited time.Duration, ok bool) {
	started, err := time.Parse(time.RFC3339Nano, Text(c, "State", "StartedAt"))
	if err != nil {
		return 0, false
	}
	var asked, killed int64
	for _, e := range events {
		at := Int(e, "timeNano")
		if Text(e, "Action") != "kill" || Text(e, "Actor", "ID") != Text(c, "Id") || at < started.UnixNano() {
			continue
		}
		switch Text(e, "Actor", "Attributes", "signal") {
		case "9", "SIGKILL":
			killed = at
		case "15", "SIGTERM":
			asked = at
		}
	}
	waited = time.Duration(killed - asked)
	// docker stop -t 0 and a docker kill right behind a docker stop say nothing of the process.
	return waited, asked != 0 && waited >= time.Second
}

var (
	// portTaken finds the port in what Docker says when another process has it; its wording changed with 28.
	portTaken = regexp.MustCompile(`(?:Bind for |listen \w+ |bind host port (?:for )?)\S*?:(\d+)[:\s].*(?:port is already allocated|address already in use)`)
	// endpointID is the 64 digits that Docker puts into its messages about networks.
	endpointID = regexp.MustCompile(`\s*\([0-9a-f]{64}\)`)
)

// startFailure says why a container that was made did not start, from Docker's exit code and message.
func startFailure(code int64, failure string) string {
	short := shortFailure(failure)
	switch m := portTaken.FindStringSubmatch(failure); {
	case m != nil:
		return fmt.Sprintf("시작하지 못함: 호스트 포트 %s번을 이미 다른 컨테이너나 프로그램이 쓰고 있음(port is already allocated)", m[1])
	case code == 126 || code == 127:
		return exitWords(code, "") + ": " + short
	}
	return "시작하지 못함: " + short
}

// shortFailure is the part of Docker's message that is about the container: in front of it stands the way that the
// message took through the programs, which would fill the line.
func shortFailure(failure string) string {
	failure = endpointID.ReplaceAllString(failure, "")
	return oneLine(detours.ReplaceAllString(strings.TrimSpace(failure), ""), messageLimit)
}
