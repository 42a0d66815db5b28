package content_test

import (
	"fmt"
	"strings"
)

// bare is a pod of kubectl run: without an owner, with one container of its name.
func bare(name, image, status string) string {
	return fmt.Sprintf(`{"metadata": {"name": %q, "namespace": "default", "uid": %q, "labels": {"run": %q}},
		"spec": {"restartPolicy": "Always", "containers": [{"name": %q, "image": %q, "ports": [{"containerPort": 8080}]}]},
		"status": %s}`, name, name, name, name, image, status)
}

// ready is the status of a pod whose containers all run; last is the state of the first one before its last restart.
func ready(last string) string {
	return `{"phase": "Running", "podIP": "10.244.1.5", "conditions": [{"type": "Ready", "status": "True"}],
		"containerStatuses": [{"name": "x", "ready": true, "restartCount": 1, "state": {"running": {}}, "lastState": {` + last + `}}]}`
}

// crashed is the status of a pod whose container has ended for the second time.
func crashed(code int) string {
	reason := map[bool]string{true: "Completed", false: "Error"}[code == 0]
	end := fmt.Sprintf(`"terminated": {"exitCode": %d, "reason": %q}`, code, reason)
	return `{"phase": "Running", "conditions": [{"type": "Ready", "status": "False"}],
		"containerStatuses": [{"name": "x", "ready": false, "restartCount": 1, "state": {` + end + `}, "lastState": {` + end + `}}]}`
}

// about is an event about an object with the UID.
func about(uid, reason, message string) string {
	return fmt.Sprintf(`{"metadata": {"name": "about-%s", "namespace": "default", "uid": "e"}, "reason": %q, "message": %q,
		"involvedObject": {"kind": "Pod", "uid": %q}}`, uid, reason, message, uid)
}

func logged(pod, container, text string) string {
	return fmt.Sprintf(`{"pod": %q, "namespace": "default", "container": %q, "uid": %q, "text": %q}`, pod, container, pod, text)
}

// two makes a pod of kubectl run one of two containers.
func two(pod string) string {
	return strings.Replace(pod, `"containers": [`, `"containers": [{"name": "helper", "image": "busybox"}, `, 1)
}

// owned makes the object belong to another.
func owned(object, uid string) string {
	return strings.Replace(object, `"namespace"`, `"ownerReferences": [{"kind": "ReplicaSet", "name": "x", "uid": "`+uid+`"}], "namespace"`, 1)
}

const (
	rcOfOne    = `{"metadata": {"name": "kubia", "namespace": "default", "uid": "rc1"}, "spec": {"replicas": 1}, "status": {"replicas": 1, "readyReplicas": 1}}`
	rcOfNone   = `{"metadata": {"name": "kubia", "namespace": "default", "uid": "rc1"}, "spec": {"replicas": 0}, "status": {"replicas": 0}}`
	deployment = `{"metadata": {"name": "web", "namespace": "default", "uid": "d1"}, "spec": {"replicas": 2, "template": {"spec": {"containers": [{"name": "kubia", "image": "localhost:5001/kubia"}]}}}, "status": {"readyReplicas": 2}}`
	replicaSet = `{"metadata": {"name": "web-1", "namespace": "default", "uid": "s1", "labels": {"app": "web"}}, "spec": {"replicas": 2}, "status": {"readyReplicas": 2}}`
)

// podEvidence are states of the labs about pods and their owners.
var podEvidence = []proof{
	{"a pod of kubectl run", "first-pod/run/주인 없는 파드 kubia가 레지스트리의 이미지로 실행 중",
		state{"pods": now(bare("kubia", "localhost:5001/kubia:v1", ready("")))}, ""},
	{"a pod that something owns", "first-pod/run/주인 없는 파드 kubia가 레지스트리의 이미지로 실행 중",
		state{"pods": now(owned(bare("kubia", "localhost:5001/kubia", ready("")), "s1"))}, "kubia"},
	{"two containers of one pod over localhost", "first-pod/pair/컨테이너 helper가 localhost로 kubia의 대답을 받음",
		state{"logs": now(logged("pair", "helper", "You've hit pair\n"))}, ""},
	{"the other container's log", "first-pod/pair/컨테이너 helper가 localhost로 kubia의 대답을 받음",
		state{"logs": now(logged("pair", "kubia", "You've hit pair\n"))}, "아직 없습니다"},
	{"one container in two", "first-pod/pair/파드 pair의 컨테이너 둘이 모두 실행 중",
		state{"pods": now(bare("pair", "busybox", ready("")))}, "하나뿐입니다"},
	{"two containers", "first-pod/pair/파드 pair의 컨테이너 둘이 모두 실행 중",
		state{"pods": now(two(bare("pair", "localhost:5001/kubia", ready(""))))}, ""},
	{"an image that was looked for before the pod was mended", "first-pod/pull/노드가 kubia를 도커 허브에서 찾다가 실패함",
		state{"pods": gone(bare("local", "kubia", `{"phase": "Pending"}`)), "events": now(about("local", "Failed", "docker.io/library/kubia:latest: not found"))}, ""},
	{"the failure of an earlier pod of the name", "first-pod/pull/노드가 kubia를 도커 허브에서 찾다가 실패함",
		state{"pods": now(bare("local", "localhost:5001/kubia", ready(""))), "events": now(about("older", "Failed", "docker.io/library/kubia:latest: not found"))}, "실패를 먼저"},
	{"a process that keeps failing", "first-pod/crash/파드 crash가 종료 코드 1로 끝나기를 되풀이함",
		state{"pods": now(bare("crash", "busybox", crashed(1)))}, ""},
	{"a process that keeps ending well", "first-pod/crash/파드 crash가 종료 코드 1로 끝나기를 되풀이함",
		state{"pods": now(bare("crash", "busybox", crashed(0)))}, "오류 없이 끝났습니다"},
	{"the bad image between two of its ends", "first-pod/repair/파드 broken이 잘 되는 판으로 실행 중",
		state{"pods": now(bare("broken", "localhost:5001/kubia:broken", ready(`"terminated": {"exitCode": 1}`)))}, "같은 까닭으로"},
	{"a good image from the beginning", "first-pod/repair/파드 broken의 컨테이너가 종료 코드 1로 끝난 적이 있음",
		state{"pods": now(bare("broken", "localhost:5001/kubia:v1", ready("")))}, "고장을 먼저"},
	{"a pod that nobody made", "controllers/bare/주인 없는 파드 kubia가 사라지고 돌아오지 않음",
		state{}, "보지 못했습니다"},
	{"an owned pod that is gone", "controllers/bare/주인 없는 파드 kubia가 사라지고 돌아오지 않음",
		state{"pods": gone(owned(bare("kubia", "localhost:5001/kubia", ready("")), "s1"))}, "보지 못했습니다"},
	{"a bare pod that is gone", "controllers/bare/주인 없는 파드 kubia가 사라지고 돌아오지 않음",
		state{"pods": gone(bare("kubia", "localhost:5001/kubia", ready("")))}, ""},
	{"a pod that the controller adopted", "controllers/adopt/rc kubia가 손으로 만든 파드 kubia의 주인이 됨",
		state{"replicationcontrollers": now(rcOfOne), "pods": now(pod("kubia", "rc1", "01", "True"))}, ""},
	{"a pod of another controller", "controllers/adopt/rc kubia가 손으로 만든 파드 kubia의 주인이 됨",
		state{"replicationcontrollers": now(rcOfOne), "pods": now(pod("kubia", "rc0", "01", "True"))}, "kubia"},
	{"a pod that the controller made", "controllers/adopt/rc kubia가 손으로 만든 파드 kubia의 주인이 됨",
		state{"replicationcontrollers": now(rcOfOne), "pods": now(pod("kubia-x", "rc1", "01", "True"))}, "입양할 파드가"},
	{"a lost pod and its successor", "controllers/heal/지워진 파드를 rc의 새 파드가 대신함",
		state{"replicationcontrollers": now(rcOfOne), "pods": {[]string{pod("kubia-b", "rc1", "05", "True")}, []string{pod("kubia-a", "rc1", "01", "True")}}}, ""},
	{"scaled in and out again", "controllers/heal/지워진 파드를 rc의 새 파드가 대신함",
		state{"replicationcontrollers": now(rcOfOne), "events": now(scaledIn),
			"pods": {[]string{pod("kubia-b", "rc1", "05", "True")}, []string{pod("kubia-old", "rc1", "01", "True")}}}, "그대로 있습니다"},
	{"scaled to none", "controllers/heal/지워진 파드를 rc의 새 파드가 대신함",
		state{"replicationcontrollers": now(rcOfNone), "pods": gone(pod("kubia-old", "rc1", "01", "True"))}, "원하는 상태를 바꾼"},
	{"the replica set of another deployment", "controllers/deployment/디플로이먼트 web의 레플리카셋이 파드 두 개를 준비시킴",
		state{"deployments.apps": now(deployment), "replicasets.apps": now(owned(replicaSet, "d0"))}, "준비된 파드는"},
	{"a replica set that came again", "controllers/chain/지워진 레플리카셋을 디플로이먼트가 다시 만듦",
		state{"deployments.apps": now(deployment), "replicasets.apps": {[]string{owned(replicaSet, "d1")}, []string{owned(replicaSet, "d1")}}}, ""},
	{"a replica set of an earlier deployment", "controllers/chain/지워진 레플리카셋을 디플로이먼트가 다시 만듦",
		state{"deployments.apps": now(deployment), "replicasets.apps": {[]string{owned(replicaSet, "d1")}, []string{owned(replicaSet, "d0")}}}, "지워졌습니다"},
}
