package checks

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestDash(t *testing.T) {
	for text, want := range map[string]string{
		"kubectl run kubia —image=kubia —port 8080": "kubectl run kubia --image=kubia --port 8080",
		"kubectl run kubia –image=kubia":            "kubectl run kubia --image=kubia",
		"kubectl run kubia -–image=kubia":           "kubectl run kubia --image=kubia",
		"docker run –it —rm –d busybox":             "docker run -it --rm -d busybox",
		"docker run —p 8080:8080 kubia":             "docker run -p 8080:8080 kubia",
		"docker run −−name x ‐d kubia":              "docker run --name x -d kubia",
		"docker run －－rm kubia":                     "docker run --rm kubia",
		"docker run \\\n  —name x":                  "docker run \\\n  --name x",
		"—help":                                     "--help",
		"docker run --rm -it busybox":               "",
		`echo "a — b" a—b`:                          "",
		"docker run -p 8080:8080 --name a-b kubia":  "",
		"": "",
	} {
		if got := hasDash(text); got != (want != "") {
			t.Errorf("dash(%q) = %v", text, got)
		}
		if want == "" {
			want = text
		}
		if got := withoutDash(text); got != want {
			t.Errorf("undash(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestEnded(t *testing.T) {
	for text, want := range map[string]string{
		`{"State": {"Status": "exited", "ExitCode": 0}}`:                                           "정상 종료(종료 코드 0)",
		`{"State": {"Status": "exited", "ExitCode": 1}}`:                                           "오류로 종료(종료 코드 1)",
		`{"State": {"Status": "exited", "ExitCode": 126}}`:                                         "명령을 실행할 수 없음(종료 코드 126)",
		`{"State": {"Status": "exited", "ExitCode": 127}}`:                                         "명령을 찾지 못함(종료 코드 127)",
		`{"State": {"Status": "exited", "ExitCode": 137}}`:                                         "SIGKILL로 강제 종료됨(종료 코드 137)",
		`{"State": {"Status": "exited", "ExitCode": 137, "OOMKilled": true}}`:                      "메모리가 모자라 강제 종료됨(OOMKilled, 종료 코드 137)",
		`{"State": {"Status": "exited", "ExitCode": 143}}`:                                         "SIGTERM을 받고 종료됨(종료 코드 143)",
		`{"State": {"Status": "exited", "ExitCode": 139}}`:                                         "잘못된 메모리에 접근해 종료됨(SIGSEGV, 종료 코드 139)",
		`{"State": {"Status": "running"}}`:                                                         "실행 중",
		`{"State": {"Status": "running", "Health": {"Status": "unhealthy"}}}`:                      "실행 중(unhealthy)",
		`{"State": {"Status": "created"}}`:                                                         "만들어졌지만 시작되지 않음",
		`{"State": {"Status": "created", "ExitCode": 128, "Error": "port is\nalready allocated"}}`: "시작하지 못함: port is already allocated",
		`{"State": {"Status": "exited", "ExitCode": 130}}`:                                         "SIGINT(Ctrl+C)를 받고 종료됨(종료 코드 130)",
		`{"State": {"Status": "exited", "ExitCode": 134}}`:                                         "SIGABRT 시그널로 종료됨(종료 코드 134)",
		`{"State": {"Status": "exited", "ExitCode": 200}}`:                                         "오류로 종료(종료 코드 200)",
		// As Docker 20.10 has them.
		`{"State": {"Status": "created", "ExitCode": 128, "Error": "driver failed programming external connectivity on endpoint h1 (c31cf1d7360baae2accf54f88812fa0d26b22f433725e3aaf2a92984cf7270af): Bind for 0.0.0.0:18999 failed: port is already allocated"}}`:                            "시작하지 못함: 호스트 포트 18999번을 이미 다른 컨테이너나 프로그램이 쓰고 있음(port is already allocated)",
		`{"State": {"Status": "created", "ExitCode": 128, "Error": "driver failed programming external connectivity on endpoint h1 (c31cf1d7360baae2accf54f88812fa0d26b22f433725e3aaf2a92984cf7270af): Error starting userland proxy: listen tcp4 0.0.0.0:80: bind: address already in use"}}`: "시작하지 못함: 호스트 포트 80번을 이미 다른 컨테이너나 프로그램이 쓰고 있음(port is already allocated)",
		`{"State": {"Status": "created", "ExitCode": 127, "Error": "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"ecko\": executable file not found in $PATH: unknown"}}`:                                              `명령을 찾지 못함(종료 코드 127): exec: "ecko": executable file not found in $PATH`,
		`{"State": {"Status": "created", "ExitCode": 126, "Error": "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"/etc/passwd\": permission denied: unknown"}}`:                                                        `명령을 실행할 수 없음(종료 코드 126): exec: "/etc/passwd": permission denied`,
		// As Docker 28 has it.
		`{"State": {"Status": "created", "ExitCode": 128, "Error": "failed to set up container networking: driver failed programming external connectivity on endpoint h1 (c31cf1d7360baae2accf54f88812fa0d26b22f433725e3aaf2a92984cf7270af): failed to bind host port for 0.0.0.0:6060:172.17.0.2:8080/tcp: address already in use"}}`: "시작하지 못함: 호스트 포트 6060번을 이미 다른 컨테이너나 프로그램이 쓰고 있음(port is already allocated)",
		`{}`: "",
	} {
		c := mustCompile(t, Spec{Watch: Containers, Expect: "true", See: "'[' + ended(items[0]) + ']'"})
		if got := c.Evaluate(seen(map[string][]Object{Containers: objects(t, text)}), Scope{}).Observed; got != "["+want+"]" {
			t.Errorf("ended(%s) = %q, want %q", text, got, want)
		}
	}
	c := mustCompile(t, Spec{Watch: DockerEvents, Expect: "true", See: `ended(int(items[0].Actor.Attributes["exitCode"]))`})
	event := objects(t, `{"Actor": {"Attributes": {"exitCode": "125"}}}`)
	if got := c.Evaluate(seen(map[string][]Object{DockerEvents: event}), Scope{}).Observed; got != "도커가 컨테이너를 시작하지 못함(종료 코드 125)" {
		t.Errorf("ended(125) = %q", got)
	}
}

// TestEndedByAStop tells a docker stop that ran into its time limit from what else kills.
func TestEndedByAStop(t *testing.T) {
	const killed = "SIGKILL로 강제 종료됨(종료 코드 137)"
	container := `{"Id": "1", "State": {"Status": "exited", "ExitCode": 137, "StartedAt": "2026-11-21T03:00:00.5Z"}}`
	event := func(id, action, signal string, second float64) string {
		return fmt.Sprintf(`{"Type": "container", "Action": %q, "Actor": {"ID": %q, "Attributes": {"signal": %q}}, "timeNano": %d}`,
			action, id, signal, at.UnixNano()+int64(second*1e9))
	}
	c := mustCompile(t, Spec{Watch: Containers, Expect: "true", See: "ended(first(items))"})
	if got, want := c.Watches(), []Watch{{Source: Containers}, {Source: DockerEvents}}; !slices.Equal(got, want) {
		t.Errorf("watches %v, want %v", got, want)
	}
	for name, tt := range map[string]struct {
		container string
		events    []string
		want      string
	}{
		"a stop":           {container, []string{event("1", "kill", "15", 1), event("1", "kill", "9", 11.02), event("1", "die", "", 11.1)}, "SIGTERM을 받고도 10초 동안 끝나지 않아 SIGKILL로 강제 종료됨(종료 코드 137)"},
		"a kill":           {container, []string{event("1", "kill", "9", 5)}, killed},
		"both at once":     {container, []string{event("1", "kill", "15", 5), event("1", "kill", "9", 5.01)}, killed},
		"in the last run":  {container, []string{event("1", "kill", "15", 0.1), event("1", "kill", "9", 9)}, killed},
		"another":          {container, []string{event("2", "kill", "15", 1), event("2", "kill", "9", 11)}, killed},
		"nothing seen":     {container, nil, killed},
		"out of memory":    {strings.Replace(container, `"ExitCode"`, `"OOMKilled": true, "ExitCode"`, 1), []string{event("1", "kill", "15", 1), event("1", "kill", "9", 11)}, "메모리가 모자라 강제 종료됨(OOMKilled, 종료 코드 137)"},
		"ended in time":    {strings.Replace(container, "137", "143", 1), []string{event("1", "kill", "15", 1)}, "SIGTERM을 받고 종료됨(종료 코드 143)"},
		"it never started": {`{"Id": "1", "State": {"Status": "exited", "ExitCode": 137}}`, []string{event("1", "kill", "15", 1), event("1", "kill", "9", 11)}, killed},
	} {
		snap := seen(map[string][]Object{Containers: objects(t, tt.container), DockerEvents: objects(t, tt.events...)})
		if got := c.Evaluate(snap, Scope{}).Observed; got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
	if r := c.Evaluate(seen(map[string][]Object{Containers: objects(t, container)}), Scope{}); r.Observed != killed {
		t.Errorf("without events: %+v", r)
	}
}

func TestWhy(t *testing.T) {
	// status is a pod of one container with the given container status.
	status := func(state string) string {
		return `{"spec": {"nodeName": "w", "containers": [{"name": "kubia", "image": "kubia"}]}, "status": {"phase": "Pending",
		  "conditions": [{"type": "Ready", "status": "False"}],
		  "containerStatuses": [{"name": "kubia", "image": "docker.io/library/kubia:latest", "ready": false, ` + state + `}]}}`
	}
	waiting := func(reason, message string) string {
		return status(`"restartCount": 4, "state": {"waiting": {"reason": "` + reason + `", "message": "` + message + `"}},
		  "lastState": {"terminated": {"exitCode": 1, "reason": "Error"}}`)
	}
	for name, tt := range map[string]struct{ pod, want string }{
		"ready": {`{"spec": {"nodeName": "w"}, "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}],
			"containerStatuses": [{"name": "kubia", "ready": true, "state": {"running": {}}}]}}`, ""},
		"pull": {waiting("ErrImagePull", "pull access denied"),
			"컨테이너 kubia: 이미지 kubia 가져오기에 실패했습니다(ErrImagePull): pull access denied"},
		"back off with the cause": {waiting("ImagePullBackOff", `Back-off pulling image \"kubia\": ErrImagePull: failed to resolve reference`),
			"컨테이너 kubia: 이미지 kubia 가져오기에 실패했습니다(ImagePullBackOff): failed to resolve reference"},
		"back off without": {waiting("ImagePullBackOff", `Back-off pulling image \"kubia\"`),
			"컨테이너 kubia: 이미지 kubia 가져오기에 실패했습니다(ImagePullBackOff)"},
		"a wrong name":  {waiting("InvalidImageName", "invalid reference"), "컨테이너 kubia: 이미지 이름 kubia 형식이 잘못되었습니다(InvalidImageName): invalid reference"},
		"crash loop":    {waiting("CrashLoopBackOff", "back-off 40s"), "컨테이너 kubia: 실행하자마자 끝나기를 되풀이합니다(CrashLoopBackOff): 마지막은 오류로 종료(종료 코드 1), 다시 시작 4번"},
		"config":        {waiting("CreateContainerConfigError", `configmap \"a\" not found`), `컨테이너 kubia: 만들거나 시작하지 못했습니다(CreateContainerConfigError): configmap "a" not found`},
		"creating":      {waiting("ContainerCreating", ""), "컨테이너 kubia: 준비하는 중입니다(ContainerCreating)"},
		"something new": {waiting("Thinking", "a lot"), "컨테이너 kubia: 기다리는 중입니다(Thinking): a lot"},
		"out of memory": {status(`"state": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}`), "컨테이너 kubia: 메모리가 모자라 강제 종료됨(OOMKilled, 종료 코드 137)"},
		"not ready":     {status(`"state": {"running": {}}`), "컨테이너 kubia: 실행 중이지만 아직 준비되지 않았습니다"},
		"completed":     {`{"status": {"phase": "Succeeded"}}`, "할 일을 마치고 끝났습니다(Completed)"},
		"terminating":   {`{"metadata": {"deletionTimestamp": "2026-11-21T03:00:00Z"}, "status": {"phase": "Running"}}`, "지워지는 중입니다(Terminating)"},
		"no room": {`{"status": {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
			"message": "0/3 nodes are available: 3 Insufficient memory."}]}}`,
			"올라갈 노드를 찾지 못했습니다(Unschedulable): 0/3 nodes are available: 3 Insufficient memory."},
		"new":     {`{}`, "아직 노드에 배치되지 않았습니다(Pending)"},
		"on node": {`{"spec": {"nodeName": "w"}, "status": {"phase": "Pending"}}`, "노드가 컨테이너를 준비하는 중입니다(Pending)"},
		"evicted": {`{"status": {"phase": "Failed", "reason": "Evicted", "message": "low on memory"}}`, "실패했습니다(Evicted): low on memory"},
		"init": {`{"spec": {"nodeName": "w", "initContainers": [{"name": "a"}, {"name": "b"}], "containers": [{"name": "c"}]}, "status": {"phase": "Pending",
			"initContainerStatuses": [{"name": "a", "state": {"terminated": {"exitCode": 0}}}, {"name": "b", "state": {"terminated": {"exitCode": 2}}}],
			"containerStatuses": [{"name": "c", "state": {"waiting": {"reason": "PodInitializing"}}}]}}`, "컨테이너 b: 오류로 종료(종료 코드 2)"},
	} {
		c := mustCompile(t, Spec{Watch: "pods", Expect: "true", See: "'[' + why(items[0]) + ']'"})
		if got := c.Evaluate(seen(map[string][]Object{"pods": objects(t, tt.pod)}), Scope{}).Observed; got != "["+tt.want+"]" {
			t.Errorf("%s: why = %s\nwant [%s]", name, got, tt.want)
		}
	}
	long := mustCompile(t, Spec{Watch: "pods", Expect: "why(items[0]).size() < 300"})
	if !long.Evaluate(seen(map[string][]Object{"pods": objects(t, waiting("ErrImagePull", strings.Repeat("x", 5000)))}), Scope{}).Passed {
		t.Error("why of a long message is long")
	}
}

func TestHelpers(t *testing.T) {
	snap := seen(map[string][]Object{Containers: objects(t, `{"Id": "1", "Name": "a"}`, `{"Id": "2", "Name": "b"}`)})
	for expect, want := range map[string]bool{
		`first(items).Name == "a" && last(items).Name == "b"`: true,
		`first([]) == 1`: false,
		`first(items.filter(c, c.Name == "z")).Name == ""`:                                            false,
		`items.map(c, c.Name).join(", ") == "a, b"`:                                                   true,
		`dash("docker run —rm x") && undash("run —rm x") == "run --rm x"`:                             true,
		`["b", "a"].sort() == ["a", "b"] && sets.contains([1, 2], [1])`:                               true,
		`"kubia-x1".matches("^kubia-[a-z0-9]+$") && math.greatest(1, 2) == 2`:                         true,
		`{"a": 1}.exists(k, v, k == "a" && v == 1)`:                                                   true,
		`cel.bind(n, items.size(), n == 2)`:                                                           true,
		`items.exists(i, c, i == 1 && c.Name == "b") && !optional.ofNonZeroValue(removed).hasValue()`: true,
		`(items + containers).size() == 4 && items == containers && items[1] in containers`:           true,
		`optional.none().orValue(3) == 3`:                                                             true,
	} {
		if got := mustCompile(t, Spec{Watch: Containers, Expect: expect}).Evaluate(snap, Scope{}); got.Passed != want {
			t.Errorf("%s = %v, want %v", expect, got.Passed, want)
		}
	}
}

func TestSummary(t *testing.T) {
	for name, tt := range map[string]struct {
		source string
		items  []string
		want   string
	}{
		"none": {"pods", nil, "파드 없음"},
		"pods": {"pods", []string{
			`{"metadata": {"name": "a"}, "status": {"phase": "Pending", "containerStatuses": [{"state": {"waiting": {"reason": "ImagePullBackOff"}}}]}}`,
			`{"metadata": {"name": "b"}, "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}`,
			`{"metadata": {"name": "c"}, "status": {"phase": "Running"}}`}, "파드 3개: a ImagePullBackOff, b Running, c Running(준비 안 됨)"},
		"many": {Volumes, []string{`{"Name": "a"}`, `{"Name": "b"}`, `{"Name": "c"}`, `{"Name": "d"}`, `{"Name": "e"}`}, "볼륨 5개: c, d, e 외 2개"},
		"images": {Images, []string{`{"Id": "sha256:0123456789abcdef0123", "RepoTags": []}`, `{"Id": "1", "RepoTags": ["kubia:latest"]}`},
			"이미지 2개: 0123456789ab, kubia:latest"},
		"rc":              {"replicationcontrollers", []string{`{"metadata": {"name": "kubia"}, "spec": {"replicas": 3}, "status": {"readyReplicas": 1}}`}, "레플리케이션컨트롤러 1개: kubia 1/3 준비됨"},
		"service":         {"services", []string{`{"metadata": {"name": "s"}, "spec": {"type": "LoadBalancer"}}`}, "서비스 1개: s LoadBalancer 주소 대기 중"},
		"address":         {"services", []string{`{"metadata": {"name": "s"}, "spec": {"type": "LoadBalancer"}, "status": {"loadBalancer": {"ingress": [{"ip": "10.0.0.1"}]}}}`}, "서비스 1개: s LoadBalancer 10.0.0.1"},
		"nodes":           {"nodes", []string{`{"metadata": {"name": "w"}, "status": {"conditions": [{"type": "Ready", "status": "True"}]}}`, `{"metadata": {"name": "x"}}`}, "노드 2개: w Ready, x NotReady"},
		"commands":        {Commands, []string{`{"text": "docker ps", "exit": 1}`, `{"text": "top", "running": true}`}, "입력한 명령 2개: docker ps (종료 코드 1), top (실행 중)"},
		"http":            {HTTP, []string{`{"url": "u", "status": 200, "body": "You've hit a\n"}`}, "URL 응답 1개: 200 You've hit a"},
		"http, no answer": {HTTP, []string{`{"url": "u", "error": "connection refused"}`}, "URL 응답 1개: connection refused"},
		"events":          {DockerEvents, []string{`{"Type": "container", "Action": "die", "Actor": {"Attributes": {"name": "h1"}}}`}, "도커 이벤트 1개: container die h1"},
		"custom":          {"widgets.example.com", []string{`{"metadata": {"name": "w"}}`}, "widgets.example.com 1개: w"},
		"unnamed":         {"leases.coordination.k8s.io", nil, "Lease 없음"},
	} {
		if got := summary(tt.source, objects(t, tt.items...), nil); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestParticles(t *testing.T) {
	for got, want := range map[string]string{
		object("컨테이너"): "컨테이너를", object("볼륨"): "볼륨을", object("HPA"): "HPA을(를)", object(""): "을(를)",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
