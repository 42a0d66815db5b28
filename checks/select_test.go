package checks

import (
	"fmt"
	"testing"
)

func TestSelect(t *testing.T) {
	container := func(name, image, labels string) string {
		return fmt.Sprintf(`{"Id": %q, "Name": %q, "ImageName": %q, "Config": {"Image": %q, "Labels": {%s}}}`, name, name, image, image, labels)
	}
	pod := func(name, namespace, labels string) string {
		return fmt.Sprintf(`{"metadata": {"uid": %q, "name": %q, "namespace": %q, "labels": {%s}}}`, namespace+name, name, namespace, labels)
	}
	items := map[string][]Object{
		Containers: objects(t, container("h1", "busybox", `"a": "1"`), container("h2", "busybox:1.37", `"a": "2"`),
			container("h3", "docker.io/library/busybox:latest", ""), container("h4", "localhost:5001/kubia", `"a": 3`),
			container("h5", "busybox@sha256:1", ""), container("h6", "kubia:v1", ""), `{"Id": "h7"}`),
		Images: objects(t, `{"Id": "1", "RepoTags": ["kubia:latest", "localhost:5001/kubia:latest"], "RepoDigests": ["localhost:5001/kubia@sha256:9"]}`,
			`{"Id": "2", "RepoTags": ["kubia:v2"], "Config": {"Labels": {"a": "1"}}}`, `{"Id": "3", "RepoTags": [], "RepoDigests": ["kubia@sha256:8"]}`),
		Volumes:  objects(t, `{"Name": "data", "Labels": {"a": "1"}}`, `{"Name": "other", "Labels": null}`),
		Networks: objects(t, `{"Id": "1", "Name": "net"}`, `{"Id": "2", "Name": "bridge"}`),
		DockerEvents: objects(t,
			`{"Type": "container", "Action": "die", "Actor": {"ID": "c", "Attributes": {"name": "h1", "image": "busybox", "exitCode": "0"}}, "timeNano": 1}`,
			`{"Type": "container", "Action": "exec_start: sh", "Actor": {"ID": "c", "Attributes": {"name": "h1", "image": "kubia:v1"}}, "timeNano": 2}`,
			`{"Type": "image", "Action": "tag", "Actor": {"ID": "sha256:1", "Attributes": {"name": "kubia:latest"}}, "timeNano": 3}`),
		"pods": objects(t, pod("a", "learner", `"run": "kubia", "tier": "web"`), pod("b", "learner", `"run": "other"`),
			pod("a", "other", `"run": "kubia"`), pod("c", "default", "")),
		"nodes":               objects(t, `{"metadata": {"uid": "n1", "name": "w1", "labels": {"gpu": "yes"}}}`, `{"metadata": {"uid": "n2", "name": "w2"}}`),
		"widgets.example.com": objects(t, `{"metadata": {"uid": "1", "name": "in", "namespace": "learner"}}`, `{"metadata": {"uid": "2", "name": "cluster"}}`),
		"registry kubia":      objects(t, `{"repository": "kubia", "tag": "latest"}`, `{"repository": "kubia", "tag": "v1"}`),
		Files:                 objects(t, `{"path": "Dockerfile"}`, `{"path": "src/app.js"}`, `{"path": "app.js"}`),
		Commands:              objects(t, `{"text": "docker ps"}`, `{"text": "docker ps -a"}`, `{"text": "kubectl get po"}`),
	}
	for _, tt := range []struct {
		watch string
		sel   map[string]string
		want  int
	}{
		{Containers, nil, 7},
		{Containers, map[string]string{"name": "h1"}, 1},
		{Containers, map[string]string{"image": "busybox"}, 2},
		{Containers, map[string]string{"image": "busybox:latest"}, 2},
		{Containers, map[string]string{"image": "busybox:1.37"}, 1},
		{Containers, map[string]string{"image": "busybox:*"}, 4},
		{Containers, map[string]string{"image": "busybox@sha256:1"}, 1},
		{Containers, map[string]string{"image": "$REGISTRY/kubia"}, 1},
		{Containers, map[string]string{"image": "${REGISTRY}/kubia:*"}, 1},
		{Containers, map[string]string{"image": "kubia"}, 0},
		{Containers, map[string]string{"image": "docker.io/busybox"}, 2},
		{Containers, map[string]string{"label": "a"}, 2},
		{Containers, map[string]string{"label": "a=2"}, 1},
		{Containers, map[string]string{"label": "a="}, 0},
		{Containers, map[string]string{"label": "b"}, 0},
		{Containers, map[string]string{"image": "busybox", "name": "h2"}, 0},
		{Images, map[string]string{"name": "kubia"}, 1},
		{Images, map[string]string{"name": "kubia:*"}, 2},
		{Images, map[string]string{"name": "$REGISTRY/kubia"}, 1},
		{Images, map[string]string{"name": "localhost:5001/kubia@sha256:9"}, 1},
		{Images, map[string]string{"label": "a=1"}, 1},
		{Volumes, map[string]string{"name": "data"}, 1},
		{Volumes, map[string]string{"label": "a"}, 1},
		{Networks, map[string]string{"name": "net"}, 1},
		{DockerEvents, map[string]string{"type": "container", "action": "die"}, 1},
		{DockerEvents, map[string]string{"action": "exec_start"}, 1},
		{DockerEvents, map[string]string{"image": "busybox"}, 1},
		{DockerEvents, map[string]string{"image": "kubia:*"}, 2},
		{DockerEvents, map[string]string{"name": "h1"}, 2},
		{"pods", nil, 2},
		{"po", map[string]string{"name": "a"}, 1},
		{"pods", map[string]string{"namespace": "*"}, 4},
		{"pods", map[string]string{"namespace": "other"}, 1},
		{"pods", map[string]string{"label": "run=kubia"}, 1},
		{"pods", map[string]string{"label": "run in (kubia, other),!tier"}, 1},
		{"pods", map[string]string{"label": "run=kubia", "namespace": "*"}, 2},
		{"nodes", nil, 2},
		{"nodes", map[string]string{"label": "gpu"}, 1},
		{"widgets.example.com", nil, 2},
		{Registry, map[string]string{"repository": "kubia"}, 2},
		{Registry, map[string]string{"repository": "kubia", "tag": "v1"}, 1},
		{Files, map[string]string{"path": "*.js"}, 1},
		{Files, map[string]string{"path": "*/app.js"}, 1},
		{Commands, map[string]string{"match": `^docker ps$`}, 1},
		{Commands, map[string]string{"match": `ps( |$)`}, 2},
	} {
		c := mustCompile(t, Spec{Watch: tt.watch, Select: tt.sel, Expect: fmt.Sprintf("items.size() == %d && removed.size() == %d", tt.want, tt.want), See: "items.size()"})
		states := map[string]State{}
		for key, objects := range items {
			states[key] = State{Items: objects, Removed: objects, Synced: true}
		}
		r := c.Evaluate(NewSnapshot(at, states), Scope{Namespace: "learner", Env: map[string]string{"REGISTRY": "localhost:5001"}})
		if !r.Passed {
			t.Errorf("%s %v: %s objects, want %d (%s)", tt.watch, tt.sel, r.Observed, tt.want, r.Explanation)
		}
	}
	c := mustCompile(t, Spec{Watch: "pods", Expect: "items.size() == 1"})
	if !c.Evaluate(seen(items), Scope{}).Passed {
		t.Error("without a namespace the learner's is not default")
	}
}

func TestExpandEnv(t *testing.T) {
	env := map[string]string{"A": "1", "B_2": "two"}
	for text, want := range map[string]string{
		"$A/x": "1/x", "${B_2}$A": "two1", "$5 and $$ and a$": "$5 and $$ and a$", "$NONE!": "!", "": "",
	} {
		if got := expandEnv(text, env); got != want {
			t.Errorf("expandEnv(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestIdentity(t *testing.T) {
	for _, tt := range []struct {
		source, a, b string
		same         bool
	}{
		{Containers, `{"Id": "1", "State": {"Running": true}}`, `{"Id": "1"}`, true},
		{Containers, `{"Id": "1", "Name": "h"}`, `{"Id": "2", "Name": "h"}`, false},
		{Images, `{"Id": "1", "RepoTags": ["b", "a"]}`, `{"Id": "1", "RepoTags": ["a", "b"]}`, true},
		{Images, `{"Id": "1", "RepoTags": ["a"]}`, `{"Id": "1", "RepoTags": ["a", "b"]}`, false},
		{Networks, `{"Id": "1"}`, `{"Id": "2"}`, false},
		{Volumes, `{"Name": "a", "CreatedAt": "x"}`, `{"Name": "a", "CreatedAt": "x", "Labels": {}}`, true},
		{Volumes, `{"Name": "a", "CreatedAt": "x"}`, `{"Name": "a", "CreatedAt": "y"}`, false},
		{DockerEvents, `{"timeNano": 1, "Action": "die"}`, `{"timeNano": 1, "Action": "start"}`, false},
		{Registry, `{"repository": "k", "tag": "v1", "digest": "1"}`, `{"repository": "k", "tag": "v1", "digest": "2"}`, false},
		{Files, `{"path": "a", "modified": "1"}`, `{"path": "a", "modified": "2"}`, false},
		{Commands, `{"text": "a", "started": "1", "running": true}`, `{"text": "a", "started": "1", "exit": 1}`, true},
		{"pods", `{"metadata": {"uid": "1", "name": "a"}}`, `{"metadata": {"uid": "2", "name": "a"}}`, false},
		{"pods", `{"metadata": {"uid": "1", "resourceVersion": "5"}}`, `{"metadata": {"uid": "1"}}`, true},
	} {
		a, b := Identity(tt.source, parse(t, tt.a)), Identity(tt.source, parse(t, tt.b))
		if (a == b) != tt.same || a == "" {
			t.Errorf("%s: %q of %s, %q of %s", tt.source, a, tt.a, b, tt.b)
		}
	}
	if id := Identity(HTTP, Object{"url": "x"}); id != "" {
		t.Errorf("an answer has the identity %q", id)
	}
	image := parse(t, `{"Id": "1", "RepoTags": ["b", "a"]}`)
	Identity(Images, image)
	if Texts(image, "RepoTags")[0] != "b" {
		t.Error("Identity sorts the image's own tags")
	}
}
