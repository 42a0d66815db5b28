package checks

import (
	"fmt"
	"strings"
)

// summaryObjects is how many objects a summary names; the others are only counted.
const summaryObjects = 3

// summary says in one line what the items of a source are: "컨테이너 2개: h1 실행 중, h2 종료 코드 1". Where there are
// none, it says what was there: a container of docker run --rm.
func summary(source string, items, removed []Object) string {
	name := sourceName(source)
	switch {
	case len(items) > 0:
		return oneLine(fmt.Sprintf("%s %d개: %s", name, len(items), some(source, items)), lineLimit)
	case len(removed) > 0:
		return oneLine(fmt.Sprintf("%s 없음(지워진 것 %d개: %s)", name, len(removed), some(source, removed)), lineLimit)
	}
	return name + " 없음"
}

// some describes the newest objects, oldest first.
func some(source string, objects []Object) string {
	rest := max(0, len(objects)-summaryObjects)
	var out []string
	for _, o := range objects[rest:] {
		out = append(out, stateOf(source, o))
	}
	words := strings.Join(out, ", ")
	if rest > 0 {
		words += fmt.Sprintf(" 외 %d개", rest)
	}
	return words
}

// stateOf is an object's name and state in a few words.
func stateOf(source string, o Object) string {
	name := oneLine(nameOf(source, o), 48)
	state := ""
	switch source {
	case Containers:
		state = containerStatus(o)
	case DockerEvents:
		return strings.TrimSpace(oneLine(Text(o, "Type")+" "+Text(o, "Action"), 40) + " " + name)
	case HTTP:
		if reason := Text(o, "error"); reason != "" {
			return oneLine(reason, 80)
		}
		return fmt.Sprintf("%d %s", Int(o, "status"), oneLine(Text(o, "body"), 60))
	case Commands:
		if Bool(o, "running") {
			return name + " (실행 중)"
		}
		return fmt.Sprintf("%s (종료 코드 %d)", name, Int(o, "exit"))
	case Logs:
		return logState(name, o)
	case "pods":
		state = podStatus(o)
	case "replicationcontrollers", "replicasets.apps", "deployments.apps", "statefulsets.apps":
		state = fmt.Sprintf("%d/%d 준비됨", Int(o, "status", "readyReplicas"), Int(o, "spec", "replicas"))
	case "daemonsets.apps":
		state = fmt.Sprintf("%d/%d 준비됨", Int(o, "status", "numberReady"), Int(o, "status", "desiredNumberScheduled"))
	case "nodes":
		if state = "Ready"; Text(condition(o, "Ready"), "status") != "True" {
			state = "NotReady"
		}
	case "services":
		state = serviceState(o)
	case "events", "events.events.k8s.io":
		return oneLine(Text(o, "reason")+" "+orElse(Text(o, "message"), Text(o, "note")), 80)
	case "persistentvolumeclaims", "persistentvolumes", "namespaces":
		state = oneLine(Text(o, "status", "phase"), 20)
	}
	return strings.TrimSpace(name + " " + state)
}

// logState is a log's pod and container, and its last line.
func logState(name string, o Object) string {
	words := name + "/" + oneLine(Text(o, "container"), 40)
	if Bool(o, "previous") {
		words += "(이전)"
	}
	if line := lastLine(Text(o, "text")); line != "" {
		return words + ": " + oneLine(line, 60)
	}
	return words + ": 빈 로그"
}

// serviceState is a service's type and, for a LoadBalancer, its address.
func serviceState(o Object) string {
	kind := oneLine(orElse(Text(o, "spec", "type"), "ClusterIP"), 20)
	if kind != "LoadBalancer" {
		return kind
	}
	for _, in := range List(o, "status", "loadBalancer", "ingress") {
		if address := orElse(Text(in, "ip"), Text(in, "hostname")); address != "" {
			return kind + " " + oneLine(address, 60)
		}
	}
	return kind + " 주소 대기 중"
}

// koreanNames are the sources' names in the course's language. Resources that it does not speak of keep their English name.
var koreanNames = map[string]string{
	Containers: "컨테이너", Images: "이미지", Networks: "네트워크", Volumes: "볼륨", DockerEvents: "도커 이벤트",
	HTTP: "URL 응답", Registry: "레지스트리의 이미지", Files: "파일", Commands: "입력한 명령", Logs: "로그",
	"pods": "파드", "replicationcontrollers": "레플리케이션컨트롤러", "services": "서비스", "nodes": "노드",
	"namespaces": "네임스페이스", "events": "이벤트", "configmaps": "컨피그맵", "secrets": "시크릿",
	"persistentvolumes": "퍼시스턴트볼륨", "persistentvolumeclaims": "퍼시스턴트볼륨클레임", "endpoints": "엔드포인트",
	"serviceaccounts": "서비스어카운트", "deployments.apps": "디플로이먼트", "replicasets.apps": "레플리카셋",
	"statefulsets.apps": "스테이트풀셋", "daemonsets.apps": "데몬셋", "jobs.batch": "잡", "cronjobs.batch": "크론잡",
	"endpointslices.discovery.k8s.io": "엔드포인트슬라이스", "ingresses.networking.k8s.io": "인그레스",
	"storageclasses.storage.k8s.io": "스토리지클래스", "horizontalpodautoscalers.autoscaling": "HPA",
}

// sourceName is what learners call the objects of a source.
func sourceName(source string) string {
	if name, ok := koreanNames[source]; ok {
		return name
	}
	if k := kindOf(source); k != nil {
		return k.name
	}
	return source
}
