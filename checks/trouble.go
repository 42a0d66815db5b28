package checks

import (
	"fmt"
	"regexp"
	"strings"
)

// messageLimit is how much of a message of Kubernetes or Docker goes into an explanation, in characters.
const messageLimit = 160

// containerStatus is a container's state in a few words.
func containerStatus(c Object) string {
	switch status := Text(c, "State", "Status"); status {
	case "running":
		switch Text(c, "State", "Health", "Status") {
		case "unhealthy":
			return "실행 중(unhealthy)"
		case "starting":
			return "실행 중(starting)"
		}
		return "실행 중"
	case "exited", "dead":
		return fmt.Sprintf("종료 코드 %d", Int(c, "State", "ExitCode"))
	case "created":
		if Text(c, "State", "Error") != "" {
			return "시작 실패"
		}
		return "시작 전"
	case "paused":
		return "일시 정지"
	case "restarting":
		return "다시 시작하는 중"
	case "removing":
		return "지우는 중"
	default:
		return oneLine(status, 20)
	}
}

// podTrouble says in one line why a pod is not ready, and nothing where it is.
func podTrouble(pod Object) string {
	status := Field(pod, "status")
	phase := Text(status, "phase")
	switch {
	case Field(pod, "metadata", "deletionTimestamp") != nil:
		return "지워지는 중입니다(Terminating)"
	case phase == "Succeeded":
		return "할 일을 마치고 끝났습니다(Completed)"
	}
	if c := condition(pod, "PodScheduled"); Text(c, "status") == "False" {
		return withMessage("올라갈 노드를 찾지 못했습니다("+orElse(Text(c, "reason"), "Unschedulable")+")", Text(c, "message"))
	}
	containers := append(List(status, "initContainerStatuses"), List(status, "containerStatuses")...)
	for _, c := range containers {
		if words := containerTrouble(pod, c); words != "" {
			return words
		}
	}
	switch {
	case phase == "Failed":
		return withMessage("실패했습니다("+orElse(Text(status, "reason"), "Failed")+")", Text(status, "message"))
	case Text(condition(pod, "Ready"), "status") == "True":
		return ""
	case Text(pod, "spec", "nodeName") == "":
		return "아직 노드에 배치되지 않았습니다(Pending)"
	case len(containers) == 0:
		return "노드가 컨테이너를 준비하는 중입니다(" + orElse(phase, "Pending") + ")"
	}
	return "아직 준비되지 않았습니다(" + orElse(phase, "Unknown") + ")"
}

// containerTrouble says why one container of a pod is not ready, from its status; nothing where it is.
func containerTrouble(pod Object, status any) string {
	name := "컨테이너 " + oneLine(Text(status, "name"), 60)
	if waiting := Field(status, "state", "waiting"); waiting != nil {
		return waitingWords(pod, name, status, Text(waiting, "reason"), Text(waiting, "message"))
	}
	if end := Field(status, "state", "terminated"); end != nil {
		code, reason := Int(end, "exitCode"), Text(end, "reason")
		if code == 0 && reason != "OOMKilled" && (isInit(pod, status) || Bool(status, "ready")) {
			return ""
		}
		return name + ": " + exitWords(code, reason)
	}
	if Field(status, "state", "running") != nil && !Bool(status, "ready") && !isInit(pod, status) {
		return name + ": 실행 중이지만 아직 준비되지 않았습니다"
	}
	return ""
}

func waitingWords(pod Object, name string, status any, reason, message string) string {
	image := oneLine(orElse(specImage(pod, Text(status, "name")), Text(status, "image")), 120)
	switch reason {
	case "ImagePullBackOff", "ErrImagePull", "RegistryUnavailable":
		return withMessage(fmt.Sprintf("%s: 이미지 %s 가져오기에 실패했습니다(%s)", name, image, reason), pullMessage(message))
	case "InvalidImageName":
		return withMessage(fmt.Sprintf("%s: 이미지 이름 %s 형식이 잘못되었습니다(InvalidImageName)", name, image), message)
	case "ErrImageNeverPull":
		return fmt.Sprintf("%s: 노드에 이미지 %s 사본이 없고, 가져오지 않도록 설정되어 있습니다(ErrImageNeverPull)", name, image)
	case "CrashLoopBackOff":
		last := Field(status, "lastState", "terminated")
		words := fmt.Sprintf("%s: 실행하자마자 끝나기를 되풀이합니다(CrashLoopBackOff)", name)
		if last != nil {
			words += ": 마지막은 " + exitWords(Int(last, "exitCode"), Text(last, "reason"))
		}
		return words + fmt.Sprintf(", 다시 시작 %d번", Int(status, "restartCount"))
	case "CreateContainerConfigError", "CreateContainerError", "RunContainerError", "PreCreateHookError", "PostStartHookError":
		return withMessage(fmt.Sprintf("%s: 만들거나 시작하지 못했습니다(%s)", name, reason), message)
	case "", "ContainerCreating", "PodInitializing":
		return fmt.Sprintf("%s: 준비하는 중입니다(%s)", name, orElse(reason, "Waiting"))
	}
	return withMessage(fmt.Sprintf("%s: 기다리는 중입니다(%s)", name, oneLine(reason, 40)), message)
}

// pullMessage is why an image could not be pulled. While it backs off the kubelet says no more than that it does; the
// cause then only stands in the events, so there is nothing to add to the reason.
func pullMessage(message string) string {
	if strings.HasPrefix(message, "Back-off pulling image") {
		// "Back-off pulling image "x": ErrImagePull: cause" since Kubernetes 1.32, without a cause before.
		_, cause, _ := strings.Cut(message, "ErrImagePull: ")
		return cause
	}
	return message
}

// specImage is the image that a container of the pod asks for: the status has the name that the runtime made of it.
func specImage(pod Object, container string) string {
	for _, in := range []string{"containers", "initContainers"} {
		for _, c := range List(pod, "spec", in) {
			if Text(c, "name") == container {
				return Text(c, "image")
			}
		}
	}
	return ""
}

func isInit(pod Object, status any) bool {
	for _, c := range List(pod, "spec", "initContainers") {
		if Text(c, "name") == Text(status, "name") {
			return true
		}
	}
	return false
}

// condition is an entry of an object's status.conditions, nil where it has none of the type.
func condition(o Object, kind string) any {
	for _, c := range List(o, "status", "conditions") {
		if Text(c, "type") == kind {
			return c
		}
	}
	return nil
}

// podStatus is the STATUS column of kubectl get pods, so that a learner finds the same word there.
func podStatus(pod Object) string {
	if Field(pod, "metadata", "deletionTimestamp") != nil {
		return "Terminating"
	}
	status := Field(pod, "status")
	for _, c := range List(status, "initContainerStatuses") {
		if word := stateWord(c); word != "" && word != "Completed" {
			return "Init:" + word
		}
	}
	for _, c := range List(status, "containerStatuses") {
		if word := stateWord(c); word != "" {
			return word
		}
	}
	word := orElse(oneLine(orElse(Text(status, "reason"), Text(status, "phase")), 40), "Pending")
	if word == "Running" && Text(condition(pod, "Ready"), "status") != "True" {
		return "Running(준비 안 됨)"
	}
	return word
}

// stateWord is the reason why a container waits or has ended, nothing while it runs.
func stateWord(status any) string {
	if w := Field(status, "state", "waiting"); w != nil {
		return oneLine(orElse(Text(w, "reason"), "Waiting"), 40)
	}
	if t := Field(status, "state", "terminated"); t != nil {
		return oneLine(orElse(Text(t, "reason"), fmt.Sprintf("ExitCode:%d", Int(t, "exitCode"))), 40)
	}
	return ""
}

// detours match what stands in a message of Kubernetes in front of the cause, or behind it: the programs through which
// it came, which would fill the line, and what is no cause.
var detours = regexp.MustCompile(`rpc error: code = \w+ desc = |failed to pull and unpack image "[^"]*": |` +
	`failed to resolve reference "[^"]*": |failed to create (?:containerd|shim) task: |OCI runtime create failed: |` +
	`runc create failed: |unable to start container process: |error during container init: |: unknown$| preemption: .*`)

func withMessage(words, message string) string {
	if message = oneLine(detours.ReplaceAllString(strings.TrimSpace(message), ""), messageLimit); message == "" {
		return words
	}
	return words + ": " + message
}

func orElse(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}
