package content_test

import (
	"fmt"
	"strings"
)

// released is a deployment kubia whose newest release has the image's tag; updated counts that release's pods.
func released(tag string, updated int) string {
	return fmt.Sprintf(`{"metadata": {"name": "kubia", "namespace": "default", "uid": "d1"},
		"spec": {"replicas": 3, "strategy": {"type": "RollingUpdate"}, "template": {"spec": {"containers": [{"name": "kubia", "image": "localhost:5001/kubia:%s"}]}}},
		"status": {"replicas": 3, "readyReplicas": 3, "updatedReplicas": %d}}`, tag, updated)
}

// recreated is a deployment that replaces its pods all at once.
func recreated(tag string) string {
	return strings.Replace(released(tag, 3), "RollingUpdate", "Recreate", 1)
}

// release is the replica set of one release of kubia, named after its tag.
func release(tag, revision, owner string, replicas int) string {
	return fmt.Sprintf(`{"metadata": {"name": "kubia-%s", "namespace": "default", "uid": "rs-%s", "labels": {"app": "kubia"},
		"annotations": {"deployment.kubernetes.io/revision": %q},
		"ownerReferences": [{"kind": "Deployment", "name": "kubia", "uid": %q}]},
		"spec": {"replicas": %d, "template": {"spec": {"containers": [{"name": "kubia", "image": "localhost:5001/kubia:%s"}]}}},
		"status": {"replicas": %d, "readyReplicas": %d}}`, tag, tag, revision, owner, replicas, tag, replicas, replicas)
}

// made gives an object a UID and the time at which it was made, in seconds.
func made(object, uid, second string) string {
	return strings.Replace(object, `"metadata": {`, `"metadata": {"uid": "`+uid+`", "creationTimestamp": "2026-01-01T00:00:`+second+`Z", `, 1)
}

// diarist is a pod with the diary, as it is at a time.
func diarist(name, uid, second string) string {
	return made(`{"metadata": {"name": "`+name+`", "namespace": "default"}, "spec": {"containers": [{"name": "reader"}],
		"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "diary"}}]}, "status": `+ready("")+`}`, uid, second)
}

// diary is what a pod's reader found.
func diary(uid string, lines int) string {
	return fmt.Sprintf(`{"pod": "x", "namespace": "default", "container": "reader", "uid": %q, "text": %q}`, uid, strings.Repeat("10:00:00 일기를 시작합니다\n", lines))
}

// claim is a volume claim in a phase.
func claim(phase, class, second string) string {
	return made(`{"metadata": {"name": "diary", "namespace": "default"}, "spec": {"storageClassName": "`+class+`"}, "status": {"phase": "`+phase+`"}}`, "c"+second, second)
}

const (
	standard = `{"metadata": {"name": "standard", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}, "provisioner": "rancher.io/local-path"}`
	named    = `{"metadata": {"name": "kubia", "namespace": "default"}, "spec": {"clusterIP": "10.96.0.7", "selector": {"app": "kubia"}, "ports": [{"port": 80, "targetPort": 8080}]}}`
	endpoint = `{"metadata": {"name": "kubia-x", "namespace": "default", "labels": {"kubernetes.io/service-name": "kubia"}},
		"ports": [{"port": 8080}], "endpoints": [{"addresses": ["10.244.1.5"], "conditions": {"ready": true}}]}`
)

func typed(text, output string) string {
	return fmt.Sprintf(`{"text": %q, "output": %q}`, text, output)
}

// releaseEvidence are states of the labs about releases, names and volumes.
var releaseEvidence = []proof{
	{"a release that took over", "rollout/rollout/새 레플리카셋에 v2 파드 세 개, 옛 레플리카셋은 0개",
		state{"deployments.apps": now(released("v2", 3)), "replicasets.apps": now(release("v1", "1", "d1", 0), release("v2", "2", "d1", 3))}, ""},
	{"a release made anew, without the old one", "rollout/rollout/새 레플리카셋에 v2 파드 세 개, 옛 레플리카셋은 0개",
		state{"deployments.apps": now(released("v2", 3)), "replicasets.apps": now(release("v2", "1", "d1", 3))}, "되돌아갈 판도 사라집니다"},
	{"the replica sets of an earlier deployment", "rollout/rollout/새 레플리카셋에 v2 파드 세 개, 옛 레플리카셋은 0개",
		state{"deployments.apps": now(released("v2", 3)), "replicasets.apps": now(release("v1", "1", "d0", 0), release("v2", "2", "d0", 3))}, "v1의 레플리카셋이 없습니다"},
	{"answers of both releases, one after the other", "rollout/rollout/client가 v1과 v2의 대답을 이어서 받음",
		state{"logs": now(logged("client", "client", "You've hit kubia-1-a\nYou've hit kubia-2-b (v2)\n"))}, ""},
	{"answers of the new release, then of the old", "rollout/rollout/client가 v1과 v2의 대답을 이어서 받음",
		state{"pods": now(bare("client", "busybox", ready(""))), "services": now(named), "endpointslices.discovery.k8s.io": now(endpoint),
			"logs": now(logged("client", "client", "You've hit kubia-2-b (v2)\nYou've hit kubia-1-a\n"))}, "v2의 대답만"},
	{"a release that never became ready", "rollout/undo/v2로 되돌아오고 나쁜 판의 파드는 없음",
		state{"deployments.apps": now(strings.Replace(released("broken", 1), `"replicas": 3, "ready`, `"replicas": 4, "ready`, 1)),
			"replicasets.apps": now(release("v1", "1", "d1", 0), release("typo", "2", "d1", 0), release("v2", "3", "d1", 3), release("broken", "4", "d1", 1))}, "롤아웃이 멈춰 있습니다"},
	{"back to the release before", "rollout/undo/v2로 되돌아오고 나쁜 판의 파드는 없음",
		state{"deployments.apps": now(released("v2", 3)), "replicasets.apps": now(release("v1", "1", "d1", 0), release("v2", "4", "d1", 3), release("broken", "3", "d1", 0))}, ""},
	{"the release before, made anew", "rollout/undo/v2로 되돌아오고 나쁜 판의 파드는 없음",
		state{"deployments.apps": now(released("v2", 3)), "replicasets.apps": now(release("v2", "2", "d1", 3), release("v1", "1", "d1", 0))}, "기록이 없습니다"},
	{"back too far", "rollout/undo/v2로 되돌아오고 나쁜 판의 파드는 없음",
		state{"deployments.apps": now(released("v1", 3)), "replicasets.apps": now(release("v1", "4", "d1", 3), release("broken", "3", "d1", 0))}, "v2가 아니라 v1"},
	{"replaced all at once", "rollout/recreate/Recreate로 v1이 되고, client는 그 사이에 끊김",
		state{"deployments.apps": now(recreated("v1")), "replicasets.apps": now(release("v1", "5", "d1", 3)), "pods": now(bare("client", "busybox", ready(""))),
			"logs": now(logged("client", "client", "You've hit kubia-v2-b (v2)\n대답 없음\nYou've hit kubia-v1-a\n"))}, ""},
	{"replaced one by one, the strategy set later", "rollout/recreate/Recreate로 v1이 되고, client는 그 사이에 끊김",
		state{"deployments.apps": now(recreated("v1")), "replicasets.apps": now(release("v1", "5", "d1", 3)), "pods": now(bare("client", "busybox", ready(""))),
			"logs": now(logged("client", "client", "대답 없음\nYou've hit kubia-v2-b (v2)\nYou've hit kubia-v1-a\n"))}, "RollingUpdate였습니다"},
	{"called by name inside a pod", "discovery-volumes/names/client가 이름 kubia로 파드의 대답을 받음",
		state{"services": now(named), "endpointslices.discovery.k8s.io": now(endpoint),
			"commands": now(typed("kubectl exec client -- wget -qO- http://kubia", "You've hit kubia-1-a\n"))}, ""},
	{"called by name in a shell inside a pod", "discovery-volumes/names/client가 이름 kubia로 파드의 대답을 받음",
		state{"services": now(named), "endpointslices.discovery.k8s.io": now(endpoint),
			"commands": now(typed("kubectl exec -it client -- sh", "/ # wget -qO- http://kubia\nYou've hit kubia-1-a\n/ # exit\n"))}, ""},
	{"a pod asked itself", "discovery-volumes/names/client가 이름 kubia로 파드의 대답을 받음",
		state{"services": now(named), "endpointslices.discovery.k8s.io": now(endpoint),
			"commands": now(typed("kubectl exec deploy/kubia -- wget -qO- http://localhost:8080", "You've hit kubia-1-a\n"))}, "이름으로"},
	{"a claim that nobody uses", "discovery-volumes/pvc/PVC diary가 쓰는 파드를 만나 연결됨(Bound)",
		state{"persistentvolumeclaims": now(claim("Pending", "standard", "01")), "storageclasses.storage.k8s.io": now(standard)}, "고장이 아닙니다"},
	{"a claim and its pod", "discovery-volumes/pvc/PVC diary가 쓰는 파드를 만나 연결됨(Bound)",
		state{"persistentvolumeclaims": now(claim("Bound", "standard", "01")), "storageclasses.storage.k8s.io": now(standard), "pods": now(diarist("keeper", "p1", "02"))}, ""},
	{"a volume that lived on", "discovery-volumes/survive/새 파드 keeper가 앞의 파드가 쓴 일기를 읽음",
		state{"persistentvolumeclaims": now(claim("Bound", "standard", "01")), "logs": now(diary("p2", 2)),
			"pods": {[]string{diarist("keeper", "p2", "09")}, []string{diarist("keeper", "p1", "02")}}}, ""},
	{"a container that began twice in one pod", "discovery-volumes/survive/새 파드 keeper가 앞의 파드가 쓴 일기를 읽음",
		state{"persistentvolumeclaims": now(claim("Bound", "standard", "01")), "logs": now(diary("p1", 2)), "pods": now(diarist("keeper", "p1", "02"))}, "처음 그대로"},
	{"a claim made anew", "discovery-volumes/survive/새 파드 keeper가 앞의 파드가 쓴 일기를 읽음",
		state{"persistentvolumeclaims": now(claim("Bound", "standard", "05")), "logs": now(diary("p2", 1)),
			"pods": {[]string{diarist("keeper", "p2", "09")}, []string{diarist("keeper", "p1", "02")}}}, "PVC까지"},
}
