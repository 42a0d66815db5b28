package content_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/content"
	"github.com/kubelab/kubelab/labs"
)

// state is what the sources show, by their canonical names; what is not named is empty.
type state map[string]objects

// objects are JSON texts.
type objects struct{ items, removed []string }

func now(items ...string) objects  { return objects{items: items} }
func gone(items ...string) objects { return objects{removed: items} }

const (
	base     = `{"Id": "sha256:base", "RepoTags": ["node:22-alpine"], "RootFS": {"Layers": ["a", "b"]}, "Config": {"Cmd": ["node"]}}`
	built    = `{"Id": "sha256:kubia", "RepoTags": ["kubia:latest"], "RootFS": {"Layers": ["a", "b", "c"]}, "Config": {"Entrypoint": ["node", "/app.js"]}}`
	rc       = `{"metadata": {"name": "kubia", "namespace": "default", "uid": "rc1"}, "spec": {"replicas": 3}, "status": {"replicas": 3, "readyReplicas": 3}}`
	service  = `{"metadata": {"name": "kubia-http", "namespace": "default", "creationTimestamp": "2026-01-01T00:00:10Z"}, "spec": {"type": "LoadBalancer", "selector": {"app": "kubia"}}, "status": {"loadBalancer": {"ingress": [{"ip": "127.0.1.1"}]}}}`
	scaledIn = `{"metadata": {"name": "e", "namespace": "default", "uid": "e"}, "reason": "SuccessfulDelete", "message": "Deleted pod: kubia-old", "involvedObject": {"kind": "ReplicationController", "name": "kubia"}}`
)

func container(name, image, command, status, rest string) string {
	return `{"Id": "` + name + `-id", "Name": "` + name + `", "ImageName": "` + image + `", "Config": {"Image": "` + image +
		`", "Hostname": "abc", "Cmd": ["` + strings.ReplaceAll(command, " ", `", "`) + `"]}, "State": {"Status": "` + status +
		`", "Running": ` + map[bool]string{true: "true", false: "false"}[status == "running"] +
		`, "FinishedAt": "0001-01-01T00:00:00Z"}` + rest + `}`
}

// greet is the image greet:version with other tags on top; its ID is its version.
func greet(version string, tags ...string) string {
	text := `{"Id": "sha256:` + version + `", "RepoTags": ["greet:` + version + `"`
	for _, tag := range tags {
		text += `, "greet:` + tag + `"`
	}
	return text + `]}`
}

// layered is an image with so many layers.
func layered(name, command string, layers int) string {
	return `{"Id": "sha256:` + name + `", "RepoTags": ["` + name + `"], "Config": {"Cmd": ["` + strings.ReplaceAll(command, " ", `", "`) +
		`"]}, "RootFS": {"Layers": ["` + strings.Repeat(`x", "`, layers-1) + `x"]}}`
}

func answer(body string) string {
	return `{"url": "http://localhost:8081/", "status": 200, "body": "` + body + `"}`
}

func died(name string) string {
	return `{"Type": "container", "Action": "die", "Actor": {"ID": "` + name + `-id", "Attributes": {"name": "` + name + `"}}}`
}

func pod(name, owner, created, ready string) string {
	return `{"metadata": {"name": "` + name + `", "namespace": "default", "uid": "` + name + `", "labels": {"app": "kubia"},
		"creationTimestamp": "2026-01-01T00:00:` + created + `Z",
		"ownerReferences": [{"kind": "ReplicationController", "name": "kubia", "uid": "` + owner + `"}]},
		"spec": {"nodeName": "worker", "containers": [{"name": "kubia", "image": "localhost:5001/kubia"}]},
		"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "` + ready + `"}],
		"containerStatuses": [{"name": "kubia", "ready": true, "state": {"running": {}}}]}}`
}

func tagged(entrypoint string) string {
	return `{"repository": "kubia", "tag": "latest", "digest": "sha256:0123456789abcdef", "config": {"config": {"Entrypoint": [` + entrypoint + `]}}}`
}

// three are the pods of a controller that wants three.
var three = []string{pod("kubia-a", "rc1", "01", "True"), pod("kubia-b", "rc1", "02", "True"), pod("kubia-c", "rc1", "03", "True")}

// proof is a state that a check must judge rightly.
type proof struct {
	name, check string // check is its place: lab/step/title
	state       state
	told        string // part of the explanation; empty where the check passes
}

// evidence are states that cheat, that are right by another way, and that are only almost right.
var evidence = []proof{
	{"run and removed at once", "hello-container/hello/busybox가 Hello world를 출력하고 끝남",
		state{"containers": gone(container("x", "busybox", "echo Hello world", "exited", ""))}, ""},
	{"made and never started", "hello-container/hello/busybox가 Hello world를 출력하고 끝남",
		state{"containers": now(container("x", "busybox", "echo Hello world", "created", ""))}, "시작되지 않았습니다"},
	{"the right name on another image", "hello-container/hostname/컨테이너 h1이 자기 호스트 이름으로 실행되고, 안에서 명령을 실행함",
		state{"containers": now(container("h1", "nginx", "sleep 3600", "running", ""))}, "`nginx`"},
	{"the host's own host name", "hello-container/hostname/컨테이너 h1이 자기 호스트 이름으로 실행되고, 안에서 명령을 실행함",
		state{"containers": now(container("h1", "busybox", "sleep 3600", "running", `, "HostConfig": {"UTSMode": "host"}`))}, "--uts host"},
	{"a tag moved to the old image", "hello-container/tags/태그 없는 greet가 greet:v1을 실행함",
		state{"images": now(greet("v1", "latest"), greet("v2")), "containers": gone(container("x", "greet", "echo v1", "exited", `, "Image": "sha256:v1"`))}, ""},
	{"the tag of the newest image", "hello-container/tags/태그 없는 greet가 greet:v1을 실행함",
		state{"images": now(greet("v1"), greet("v2", "latest")), "containers": now(container("x", "greet", "echo v2", "exited", `, "Image": "sha256:v2"`))}, "latest를 v2에"},
	{"a list typed by hand", "hello-container/tools/busybox에 든 도구의 목록을 tools.txt에 받음",
		state{"files": now(`{"path": "tools.txt", "text": "echo\nls\ngzip\n"}`)}, "이미지에게 물어서"},
	{"the right port under another name", "hello-container/by-hand/localhost:8081에서 web1이 v1로 대답함",
		state{"http http://localhost:8081/": now(answer("v1")), "containers": now(container("h1", "busybox", "sleep 3600", "running", ""),
			container("web", "busybox", "sh", "running", `, "HostConfig": {"PortBindings": {"80/tcp": [{"HostPort": "8081"}]}}`))}, "이름이 `web`입니다"},
	{"a container mended from inside", "hello-container/died/죽은 web1 대신 v2가 localhost:8081에서 대답함",
		state{"http http://localhost:8081/": now(answer("v2")), "containers": now(container("web1", "busybox", "sh", "running", ""))}, "죽은 적이 없습니다"},
	{"another container on the port", "hello-container/died/죽은 web1 대신 v2가 localhost:8081에서 대답함",
		state{"http http://localhost:8081/": now(answer("v2")), "docker-events": now(died("web1"))}, ""},
	{"another image under the name", "build-image/build/이미지 kubia가 node:22-alpine 위에 만들어짐",
		state{"images": now(base, strings.Replace(base, "node:22-alpine", "kubia:latest", 1))}, "실행할 명령이 `node`"},
	{"built on the base", "build-image/build/이미지 kubia가 node:22-alpine 위에 만들어짐", state{"images": now(base, built)}, ""},
	{"a second name for the same image", "build-image/layers/kubia:v2가 맨 위 레이어만 kubia와 다름",
		state{"images": now(base, strings.Replace(built, `"kubia:latest"`, `"kubia:latest", "kubia:v2"`, 1))}, "한 이미지를 가리킵니다"},
	{"an image that was built, not committed", "manual-image/commit/manual:hand가 busybox에 레이어 하나와 work의 명령을 더함",
		state{"containers": now(container("work", "busybox", "sleep 3600", "running", "")), "images": now(layered("busybox:latest", "sh", 1), layered("manual:hand", "sh", 2))},
		"work에서 나온 것이 아닙니다"},
	{"the work committed", "manual-image/commit/manual:hand가 busybox에 레이어 하나와 work의 명령을 더함",
		state{"containers": now(container("work", "busybox", "sleep 3600", "running", "")), "images": now(layered("busybox:latest", "sh", 1), layered("manual:hand", "sleep 3600", 2))}, ""},
	{"the file looked for in another image", "manual-image/commit/manual:hand로 만든 컨테이너에 hello.txt가 있음",
		state{"containers": now(container("x", "busybox", "cat /hello.txt", "exited", ""))}, "아직 실행하지 않았습니다"},
	{"two RUNs in one layer", "manual-image/layers/manual:many는 busybox보다 레이어가 둘 많음",
		state{"images": now(layered("busybox:latest", "sh", 1), layered("manual:many", "sh", 2))}, "RUN이 두 줄인"},
	{"unpacked by ADD instead of RUN", "manual-image/run/RUN이 푼 index.html을 ran이 읽음",
		state{"containers": now(container("ran", "manual:run", "cat /srv/site/index.html", "exited", "")), "images": now(layered("busybox:latest", "sh", 1), layered("manual:run", "cat /srv/site/index.html", 2))},
		"ADD로 풀지 않았는지"},
	{"the argument written into the image", "manual-image/entrypoint/by-cmd에서는 인자가 이미지의 CMD를 대신함",
		state{"containers": now(container("by-cmd", "manual:cmd", "hostname", "exited", "")), "images": now(layered("manual:cmd", "hostname", 1))}, "Dockerfile은 그대로"},
	{"something else pushed under the name", "push-image/push/레지스트리에 kubia:latest가 있음",
		state{"registry kubia": now(tagged(``))}, "애플리케이션이 아닙니다"},
	{"the application pushed", "push-image/push/레지스트리에 kubia:latest가 있음",
		state{"registry kubia": now(tagged(`"node", "/app.js"`))}, ""},
	{"an address that is a host name", "expose-service/expose/서비스 kubia-http에 밖에서 부를 주소가 있음",
		state{"services": now(strings.Replace(service, `"ip": "127.0.1.1"`, `"hostname": "lb.example.com"`, 1))}, ""},
	{"no address yet", "expose-service/expose/서비스 kubia-http에 밖에서 부를 주소가 있음",
		state{"services": now(strings.Replace(service, `{"ip": "127.0.1.1"}`, ``, 1))}, "아직 받지 못했습니다"},
	{"the pod from before the service", "expose-service/stable/새 파드가 같은 서비스 뒤에서 준비됨",
		state{"services": now(service), "replicationcontrollers": now(rc), "pods": now(pod("kubia-a", "rc1", "05", "True"))}, "만들기 전부터"},
	{"a pod that came after the service", "expose-service/stable/새 파드가 같은 서비스 뒤에서 준비됨",
		state{"services": now(service), "replicationcontrollers": now(rc), "pods": now(pod("kubia-a", "rc1", "15", "True"))}, ""},
	{"a new pod that is not ready", "expose-service/stable/새 파드가 같은 서비스 뒤에서 준비됨",
		state{"services": now(service), "replicationcontrollers": now(rc), "pods": now(pod("kubia-a", "rc1", "15", "False"))}, "kubectl"},
	{"a pod lost and replaced", "scale-out/heal/지워진 파드를 새 파드가 대신함",
		state{"replicationcontrollers": now(rc), "pods": {three, []string{pod("kubia-old", "rc1", "00", "True")}}}, ""},
	{"a pod that the controller itself took away", "scale-out/heal/지워진 파드를 새 파드가 대신함",
		state{"replicationcontrollers": now(rc), "events": now(scaledIn), "pods": {three, []string{pod("kubia-old", "rc1", "00", "True")}}}, "그대로 있습니다"},
	{"a pod of an earlier controller", "scale-out/heal/지워진 파드를 새 파드가 대신함",
		state{"replicationcontrollers": now(rc), "pods": {three, []string{pod("kubia-old", "rc0", "00", "True")}}}, "그대로 있습니다"},
	{"a surplus pod taken away by hand", "scale-out/surplus/rc kubia가 남는 파드 extra를 지움",
		state{"pods": gone(pod("extra", "rc1", "20", "True"))}, "아직 없습니다"},
	{"a surplus pod taken away by the controller", "scale-out/surplus/rc kubia가 남는 파드 extra를 지움",
		state{"replicationcontrollers": now(rc), "events": now(strings.Replace(scaledIn, "kubia-old", "extra", 1))}, ""},
}

// TestEvidence holds the checks against states. What a learner does in earnest, kubelab validate proves.
func TestEvidence(t *testing.T) {
	course, err := labs.Load(content.Korean())
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range slices.Concat(evidence, containerEvidence, podEvidence, nodeEvidence, releaseEvidence) {
		t.Run(test.name, func(t *testing.T) {
			check := find(t, course, test.check)
			got := check.Evaluate(snapshot(t, check, test.state), checks.Scope{Env: map[string]string{"REGISTRY": "localhost:5001"}})
			if got.Pending {
				t.Fatalf("pending: %s", got.Explanation)
			}
			if got.Passed != (test.told == "") {
				t.Fatalf("passed: %v; observed %q: %s", got.Passed, got.Observed, got.Explanation)
			}
			if !strings.Contains(got.Explanation, test.told) {
				t.Errorf("told %q, expected %q in it", got.Explanation, test.told)
			}
		})
	}
}

// find returns the check at lab/step/title; the title may contain slashes.
func find(t *testing.T, course *labs.Course, place string) *labs.Check {
	t.Helper()
	p := strings.SplitN(place, "/", 3)
	for _, lab := range course.Labs {
		for _, step := range lab.Steps {
			for _, c := range step.Checks {
				if lab.ID == p[0] && step.ID == p[1] && c.Title == p[2] {
					return c
				}
			}
		}
	}
	t.Fatalf("there is no check %q", place)
	return nil
}

// snapshot shows every source that the check looks at.
func snapshot(t *testing.T, check *labs.Check, s state) checks.Snapshot {
	t.Helper()
	states := map[string]checks.State{}
	for _, w := range check.Watches() {
		of := s[w.Key()]
		states[w.Key()] = checks.State{Items: parse(t, of.items), Removed: parse(t, of.removed), Synced: true}
	}
	for key := range s {
		if _, ok := states[key]; !ok {
			t.Fatalf("the check does not look at %q", key)
		}
	}
	return checks.NewSnapshot(time.Time{}, states)
}

func parse(t *testing.T, texts []string) []checks.Object {
	t.Helper()
	var out []checks.Object
	for _, text := range texts {
		o, err := checks.ParseObject([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, o)
	}
	return out
}
