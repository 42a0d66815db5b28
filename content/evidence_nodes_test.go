package content_test

import (
	"fmt"
	"strings"
)

// placed is a pod of the application on a node, with the log's UID as its name.
func placed(name, node, ip string) string {
	return fmt.Sprintf(`{"metadata": {"name": %q, "namespace": "default", "uid": %q, "labels": {"app": "kubia"},
		"ownerReferences": [{"kind": "ReplicationController", "name": "kubia", "uid": "rc1"}]},
		"spec": {"nodeName": %q, "schedulerName": "default-scheduler", "containers": [{"name": "kubia", "image": "localhost:5001/kubia"}]},
		"status": {"phase": "Running", "podIP": %q, "conditions": [{"type": "Ready", "status": "True"}],
		"containerStatuses": [{"name": "kubia", "ready": true, "state": {"running": {}}}]}}`, name, name, node, ip)
}

// spoken is the log of the application's pod.
func spoken(pod, text string) string {
	return strings.Replace(logged(pod, "kubia", text), `"container"`, `"labels": {"app": "kubia"}, "container"`, 1)
}

// waiting is a pod without a node; conditions are what the scheduler said about it.
func waiting(name, scheduler, conditions string) string {
	return fmt.Sprintf(`{"metadata": {"name": %q, "namespace": "default", "uid": %q},
		"spec": {"schedulerName": %q, "containers": [{"name": "main", "image": "busybox", "resources": {"requests": {"cpu": "1k"}}}]},
		"status": {"phase": "Pending", "conditions": [%s]}}`, name, name, scheduler, conditions)
}

func unschedulable(message string) string {
	return fmt.Sprintf(`{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": %q}`, message)
}

// part is a static pod of the control plane.
func part(name string) string {
	return fmt.Sprintf(`{"metadata": {"name": "%s-control-plane", "namespace": "kube-system", "uid": %q, "labels": {"component": %q}},
		"status": {"phase": "Running", "containerStatuses": [{"name": %q, "ready": true, "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}]}}`,
		name, name, name, name)
}

// generations is a controller's object as the learner wrote it, and as its controller last saw it.
func generations(replicas, written, seen int) string {
	return fmt.Sprintf(`{"metadata": {"name": "kubia", "namespace": "default", "uid": "rc1", "generation": %d},
		"spec": {"replicas": %d}, "status": {"replicas": 2, "readyReplicas": 2, "observedGeneration": %d}}`, written, replicas, seen)
}

const (
	called   = "nodes-network/flat/다른 노드에 있는 kubia의 기록에 부른 파드의 IP가 남음"
	apart    = "nodes-network/where/kubia 파드 둘이 서로 다른 노드에서 실행 중"
	tooBig   = "nodes-network/room/파드 big이 자리가 모자라 Pending으로 기다림"
	restarts = "nodes-network/dashboard/kubia의 컨테이너 하나가 다시 시작되어 RESTARTS가 늘어남"
	unplaced = "control-loop/scheduler/스케줄러가 없는 동안 만든 lonely가 노드 없이 기다림"
	unseen   = "control-loop/controllers/원하는 수를 셋으로 바꿔도 rc가 보지 못함"
	lost     = "control-loop/controllers/잃은 파드를 아무도 대신하지 않음"
)

// nodeEvidence are states of the labs about nodes and the control plane.
var nodeEvidence = []proof{
	{"pods on two nodes", apart,
		state{"pods": now(placed("a", "worker", "10.244.1.7"), placed("b", "worker2", "10.244.2.9"))}, ""},
	{"two pods on one node", apart,
		state{"pods": now(placed("a", "worker", "10.244.1.7"), placed("b", "worker", "10.244.1.8"))}, "모두 같은 노드"},
	{"a call from another node", called,
		state{"logs": now(spoken("b", "Received request from 10.244.1.7\n")),
			"pods": now(placed("a", "worker", "10.244.1.7"), placed("b", "worker2", "10.244.2.9"))}, ""},
	{"a call from the same node", called,
		state{"logs": now(spoken("b", "Received request from 10.244.1.7\n")),
			"pods": now(placed("a", "worker", "10.244.1.7"), placed("b", "worker", "10.244.1.8"))}, "같은 노드에 있습니다"},
	{"a call that got the node's address on its way", called,
		state{"logs": now(spoken("b", "Received request from 172.18.0.3\n")),
			"pods": now(placed("a", "worker", "10.244.1.7"), placed("b", "worker2", "10.244.2.9"))}, "파드의 IP가 아닙니다"},
	{"an address that only begins like the pod's", called,
		state{"logs": now(spoken("b", "Received request from 10.244.1.70\n")),
			"pods": now(placed("a", "worker", "10.244.1.7"), placed("b", "worker2", "10.244.2.9"))}, "파드의 IP가 아닙니다"},
	{"the log of a pod that is gone", called,
		state{"logs": now(spoken("old", "Received request from 10.244.1.7\n")),
			"pods": now(placed("a", "worker", "10.244.1.7"), placed("b", "worker2", "10.244.2.9"))}, "파드의 IP가 아닙니다"},
	{"a container that was restarted", restarts, state{"pods": now(strings.Replace(placed("a", "worker", "10.244.1.7"), `"ready": true,`, `"ready": true, "restartCount": 1,`, 1))}, ""},
	{"a new pod instead of a restart", restarts, state{"pods": now(placed("a", "worker", "10.244.1.7"))}, "모두 0"},
	{"a pod that no node has room for", tooBig,
		state{"pods": now(waiting("big", "default-scheduler", unschedulable("0/3 nodes are available: 2 Insufficient cpu.")))}, ""},
	{"a pod that no node is fit for", tooBig,
		state{"pods": now(waiting("big", "default-scheduler", unschedulable("3 node(s) didn't match Pod's node affinity/selector.")))}, "자리가 모자라서가 아닙니다"},
	{"a pod that nobody has looked at yet", tooBig, state{"pods": now(waiting("big", "default-scheduler", ""))}, "아직"},
	{"a pod that nobody places", unplaced, state{"pods": now(waiting("lonely", "default-scheduler", ""))}, ""},
	{"a pod for another scheduler", unplaced, state{"pods": now(waiting("lonely", "mine", ""))}, "다른 스케줄러"},
	{"a pod that is too big", unplaced,
		state{"pods": now(waiting("lonely", "default-scheduler", unschedulable("2 Insufficient cpu.")))}, "이미 보았습니다"},
	{"the scheduler at work", unplaced,
		state{"pods": now(part("kube-scheduler"), waiting("lonely", "default-scheduler", ""))}, "아직 실행 중"},
	{"a number that nobody sees", unseen, state{"replicationcontrollers": now(generations(3, 2, 1)), "pods": now()}, ""},
	{"a number that was changed before", unseen, state{"replicationcontrollers": now(generations(3, 2, 2)), "pods": now()}, "멈추기 전에"},
	{"a moment in which the controller has not seen it", unseen,
		state{"replicationcontrollers": now(generations(3, 2, 1)), "pods": now(part("kube-controller-manager"))}, "아직 실행 중"},
	{"a pod that nobody replaces", lost, state{"pods": now(placed("a", "worker", "10.244.1.7"))}, ""},
	{"a pod made by hand in place of both", lost,
		state{"pods": now(strings.Replace(placed("a", "worker", "10.244.1.7"), `"ReplicationController"`, `"ReplicaSet"`, 1))}, "하나만 남기고"},
	{"a moment in which the pod has not been replaced", lost,
		state{"pods": now(placed("a", "worker", "10.244.1.7"), part("kube-controller-manager"))}, "멈춘 다음"},
	{"the controller manager back and idle", "control-loop/catchup/rc kubia가 밀린 일을 따라잡아 파드 셋이 준비됨",
		state{"replicationcontrollers": now(generations(3, 2, 1))}, "READY는 2"},
}
