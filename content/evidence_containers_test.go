package content_test

import (
	"fmt"
	"strings"
)

// killed is a container that SIGKILL ended; its events tell how it came to that.
const killed = `{"Id": "deaf-id", "Name": "deaf", "ImageName": "busybox", "State": {"Status": "exited", "ExitCode": 137}}`

// ran is a container that ended well, made in the second created, with the first word of command as its entrypoint.
func ran(name, image, command, created string) string {
	entrypoint, rest, _ := strings.Cut(command, " ")
	made := container(name, image, rest, "exited", `, "Created": "2026-01-01T00:00:`+created+`Z"`)
	return strings.Replace(made, `"Config": {`, `"Config": {"Entrypoint": ["`+entrypoint+`"], `, 1)
}

// composed is a running container of docker compose, started in the second started.
func composed(service, started, health string) string {
	made := container("kubia-web-"+service+"-1", service, "", "running", "")
	made = strings.Replace(made, `"Config": {`, `"Config": {"Labels": {"com.docker.compose.project": "kubia-web", "com.docker.compose.service": "`+service+`"}, `, 1)
	return strings.Replace(made, `"State": {`, `"State": {"StartedAt": "2026-01-01T00:00:`+started+`Z", "Health": {"Status": "`+health+`"}, `, 1)
}

// event is one of a container's. code is a signal or an exit code.
func event(action, name, exec, code string, nanoseconds int64) string {
	return fmt.Sprintf(`{"Type": "container", "Action": %q, "timeNano": %d, "Actor": {"ID": "%s-id",
		"Attributes": {"name": %[3]q, "execID": %q, "exitCode": %q, "signal": %[5]q}}}`, action, nanoseconds, name, exec, code)
}

// containerEvidence is about images, and the containers that are run from them.
var containerEvidence = []proof{
	{"a tag in capitals on another image", "build-image/names/kubia:V1이 kubia와 같은 레이어를 가리킴",
		state{"images": now(built, strings.Replace(base, "node:22-alpine", "kubia:V1", 1))}, "내용이 kubia가 아닙니다"},
	{"looked for before it was deleted", "build-image/writable/컨테이너에서 지운 파일이 다음 컨테이너에는 있음",
		state{"containers": now(ran("intact", "kubia", "ls /app.js", "05"), ran("breaker", "kubia", "rm /app.js", "06"))}, "지우기 전에"},
	{"deleted, then found by one that removed itself", "build-image/writable/컨테이너에서 지운 파일이 다음 컨테이너에는 있음",
		state{"containers": {[]string{ran("breaker", "kubia", "rm /app.js", "05")}, []string{ran("x", "kubia", "ls /app.js", "06")}}}, ""},
	{"a port that is taken", "run-explore/run/kubia-container가 kubia 이미지로 실행 중",
		state{"containers": now(strings.Replace(container("kubia-container", "kubia", "", "created", ""), `"State": {`,
			`"State": {"Error": "Bind for 0.0.0.0:8080 failed: port is already allocated", `, 1))}, "호스트 포트 8080번을"},
	{"the application before its database", "run-explore/compose/db가 건강해진 다음 kubia가 시작됨",
		state{"containers": now(composed("kubia", "04", ""), composed("db", "05", "healthy"))}, "기다리지 않고"},
	{"the application right behind its database", "run-explore/compose/db가 건강해진 다음 kubia가 시작됨",
		state{"containers": now(composed("db", "05", "healthy"), composed("kubia", "05", ""))}, "기다리지 않고"},
	{"the application after its database", "run-explore/compose/db가 건강해진 다음 kubia가 시작됨",
		state{"containers": now(composed("db", "05", "healthy"), composed("kubia", "07", ""))}, ""},
	{"a shell that ended at once", "run-explore/inside/kubia-container 안에서 셸을 쓰고 나옴",
		state{"docker-events": now(event("exec_start: sh", "kubia-container", "e1", "", 1e9), event("exec_die", "kubia-container", "e1", "0", 11e8))}, "`-i`"},
	{"a shell that is still open", "run-explore/inside/kubia-container 안에서 셸을 쓰고 나옴",
		state{"docker-events": now(event("exec_start: sh", "kubia-container", "e1", "", 1e9))}, "`exit`로 나오세요"},
	{"a shell that was left after a mistyped command", "run-explore/inside/kubia-container 안에서 셸을 쓰고 나옴",
		state{"docker-events": now(event("exec_start: sh", "kubia-container", "e1", "", 1e9), event("exec_die", "kubia-container", "e1", "127", 9e9))}, ""},
	{"killed, not stopped", "run-explore/stop/deaf가 SIGTERM을 무시해 137로 끝남",
		state{"containers": now(killed), "docker-events": now(event("kill", "deaf", "", "9", 1e9))}, "받은 적이 없습니다"},
	{"stopped, then killed", "run-explore/stop/deaf가 SIGTERM을 무시해 137로 끝남",
		state{"containers": now(killed), "docker-events": now(event("kill", "deaf", "", "15", 1e9), event("kill", "deaf", "", "9", 3e9))}, ""},
	{"stopped, not removed", "run-explore/remove/멈췄던 kubia-container에서 /memo를 읽고, 만든 컨테이너를 모두 지움",
		state{"containers": now(container("kubia-container", "kubia", "", "exited", "")), "docker-events": now(
			event("exec_start: cat /memo", "kubia-container", "e1", "", 1e9), event("exec_die", "kubia-container", "e1", "0", 2e9))},
		"멈춘 컨테이너가 남아 있습니다"},
	{"read, then removed", "run-explore/remove/멈췄던 kubia-container에서 /memo를 읽고, 만든 컨테이너를 모두 지움",
		state{"containers": gone(container("kubia-container", "kubia", "", "exited", "")), "docker-events": now(
			event("exec_start: cat /memo", "kubia-container", "e1", "", 1e9), event("exec_die", "kubia-container", "e1", "0", 2e9))}, ""},
	{"removed unread", "run-explore/remove/멈췄던 kubia-container에서 /memo를 읽고, 만든 컨테이너를 모두 지움",
		state{"containers": gone(container("kubia-container", "kubia", "", "exited", ""))}, "읽기 전에"},
}
