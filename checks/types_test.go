package checks

import (
	"strings"
	"testing"
)

// TestFields evaluates expressions on one container as a real engine describes it, on one pod, and on empty objects.
func TestFields(t *testing.T) {
	pod := `{"apiVersion": "v1", "kind": "Pod",
	  "metadata": {"name": "kubia", "namespace": "default", "uid": "u1", "creationTimestamp": "2026-11-21T02:59:00Z",
	    "labels": {"run": "kubia"}, "ownerReferences": []},
	  "spec": {"nodeName": "worker", "terminationGracePeriodSeconds": 30, "containers": [{"name": "kubia", "image": "kubia",
	    "ports": [{"containerPort": 8080, "protocol": "TCP"}], "resources": {"requests": {"cpu": "100m", "memory": 1}},
	    "readinessProbe": {"httpGet": {"port": "http", "path": "/"}}}]},
	  "status": {"phase": "Running", "startTime": null, "containerStatuses": [{"name": "kubia", "restartCount": 2, "ready": true}]}}`
	service := `{"metadata": {"name": "s", "namespace": "default"}, "spec": {"ports": [{"port": 80, "targetPort": 8080}]}}`
	snap := seen(map[string][]Object{
		Containers: {fixture(t, "container.json"), {}}, Images: {fixture(t, "image.json")},
		"pods": {parse(t, pod), {"metadata": map[string]any{"name": "empty"}}}, "services": objects(t, service),
		"widgets.example.com": objects(t, `{"spec": {"size": 3}}`),
	})
	for expect, want := range map[string]bool{
		// What is there.
		`items[0].Id.startsWith("0612ba18154b") && items[0].Name == "h1" && items[0].ImageName == "busybox"`:           true,
		`items[0].Config.Cmd == ["echo", "Hello world"] && items[0].State.ExitCode == 0`:                               true,
		`items[0].Config.Labels["course"] == "kia" && items[0].Config.Labels.course == "kia"`:                          true,
		`items[0].HostConfig.PortBindings["8080/tcp"][0].HostPort == "8080"`:                                           true,
		`"8080/tcp" in items[0].Config.ExposedPorts`:                                                                   true,
		`items[0].NetworkSettings.Networks["bridge"].IPAddress == ""`:                                                  true,
		`timestamp(items[0].State.StartedAt) < now`:                                                                    true,
		`items[0].HostConfig.ShmSize == 67108864`:                                                                      true,
		`images[0].RepoTags == ["busybox:latest"] && images[0].Id == items[0].Image && images[0].Config.Cmd == ["sh"]`: true,
		`images[0].RootFS.Layers.size() == 3 && images[0].History[0].CreatedBy.contains("CMD")`:                        true,
		`images[0].Metadata.LastTagTime < now`:                                                                         true,
		`kube("pods")[0].metadata.creationTimestamp == now - duration("1m")`:                                           true,
		`kube("po")[0].spec.containers[0].ports[0].containerPort == 8080`:                                              true,
		`kube("po")[0].spec.containers[0].resources.requests["cpu"] == "100m"`:                                         true,
		`kube("po")[0].spec.containers[0].resources.requests["memory"] == "1"`:                                         true,
		`kube("po")[0].spec.containers[0].readinessProbe.httpGet.port == "http"`:                                       true,
		`kube("svc")[0].spec.ports[0].targetPort == 8080`:                                                              true,
		`kube("po")[0].status.containerStatuses[0].restartCount > 1`:                                                   true,
		`kube("widgets.example.com")[0].spec.size == 3`:                                                                true,
		// What is not there has its zero value, however deep.
		`items[1].State.ExitCode == 0 && items[1].State.Status == "" && !items[1].State.Running`:       true,
		`items[1].Config.Cmd == [] && items[1].Config.Cmd.size() == 0 && items[1].Config.Labels == {}`: true,
		`items[1].State.Health.Log.exists(l, l.ExitCode == 1)`:                                         false,
		`items[0].State.Health.Status == ""`:                                                           true,
		`items[0].Config.Entrypoint == [] && items[0].Config.Volumes.size() == 0`:                      true,
		`kube("po")[1].spec.nodeName == "" && kube("po")[1].status.containerStatuses.all(c, c.ready)`:  true,
		`kube("po")[1].metadata.creationTimestamp == timestamp("0001-01-01T00:00:00Z")`:                true,
		`kube("po")[0].status.startTime < now`:                                                         true,
		`kube("po")[1].spec.securityContext.runAsUser == 0`:                                            true,
		`kube("po")[1].spec.priority + 1 == 1`:                                                         true,
		// has tells whether it was there; null is not.
		`has(items[0].State) && has(items[0].State.ExitCode) && has(items[0].Config.Labels.course)`: true,
		`has(items[1].State) || has(items[1].State.ExitCode) || has(items[0].State.Health)`:         false,
		`has(items[0].Config.Entrypoint) || has(kube("po")[0].status.startTime)`:                    false,
		`has(kube("po")[0].metadata.ownerReferences)`:                                               true,
		`has(kube("widgets.example.com")[0].spec.color)`:                                            false,
		`items[1].?State.hasValue() || items[0].?State.?Health.hasValue()`:                          false,
		`items[0].Config.Labels[?"course"].orValue("") == "kia"`:                                    true,
		// An index or a key that is not there is an error, and an error is false.
		`items[2].Name == ""`:                                          false,
		`!(items[1].Config.Cmd[0] == "echo")`:                          false,
		`items[1].Config.Labels["course"] != "kia"`:                    false,
		`kube("widgets.example.com")[0].spec.color == ""`:              false,
		`items[1].Config.Labels["course"] == "x" || items.size() == 2`: true,
	} {
		c := mustCompile(t, Spec{Watch: Containers, Expect: expect})
		if got := c.Evaluate(snap, Scope{Now: at}); got.Passed != want || got.Pending {
			t.Errorf("%s = %v (pending: %v), want %v", expect, got.Passed, got.Pending, want)
		}
	}
}

// TestWrongJSON evaluates on objects that are not what their API says: never true, never a panic.
func TestWrongJSON(t *testing.T) {
	for expect, items := range map[string][]string{
		`items[0].State.ExitCode == 0`:                    {`{"State": 3}`, `{"State": {"ExitCode": "x"}}`, `{"State": {"ExitCode": 1.5}}`, `{"State": []}`},
		`items[0].Config.Cmd == ["a"]`:                    {`{"Config": {"Cmd": "a"}}`, `{"Config": {"Cmd": {"0": "a"}}}`, `{"Config": {"Cmd": [["a"]]}}`},
		`items[0].Config.Cmd[0].startsWith("a")`:          {`{"Config": {"Cmd": [1]}}`, `{"Config": {"Cmd": [null]}}`},
		`items[0].Mounts[0].Source == ""`:                 {`{"Mounts": [7]}`, `{"Mounts": ["x"]}`, `{"Mounts": [[]]}`},
		`items[0].Config.Labels["a"] == "b"`:              {`{"Config": {"Labels": ["a"]}}`, `{"Config": {"Labels": {"a": {}}}}`},
		`items[0].State.Running`:                          {`{"State": {"Running": "true"}}`},
		`items[0].State.Health.Log[0].End > timestamp(0)`: {`{"State": {"Health": {"Log": [{"End": "yesterday"}]}}}`, `{"State": {"Health": {"Log": [{"End": 5}]}}}`},
	} {
		for _, item := range items {
			c := mustCompile(t, Spec{Watch: Containers, Expect: expect})
			if r := c.Evaluate(seen(map[string][]Object{Containers: objects(t, item)}), Scope{Now: at}); r.Passed {
				t.Errorf("%s holds for %s", expect, item)
			}
		}
	}
	// Null stands for nothing also inside a list.
	c := mustCompile(t, Spec{Watch: Containers, Expect: `items[0].Mounts[0].Source == ""`})
	if !c.Evaluate(seen(map[string][]Object{Containers: objects(t, `{"Mounts": [null]}`)}), Scope{}).Passed {
		t.Error("a null in a list has no zero fields")
	}
}

// TestOwnObjects holds the objects of the synthetic sources, as runner/observe makes them, against expressions.
func TestOwnObjects(t *testing.T) {
	for _, tt := range []struct {
		source string
		sel    map[string]string
		value  any
		expect string
	}{
		{HTTP, map[string]string{"url": "http://localhost:8080"}, HTTPAnswer{URL: "u", Status: 200, Body: "You've hit a",
			Headers: map[string]string{"Content-Type": "text/plain"}, At: at, Seen: []HTTPBody{{"You've hit a", 2}}},
			`items[0].status == 200 && items[0].body.contains("hit") && items[0].error == "" && items[0].at == now &&
			 items[0].headers["Content-Type"] == "text/plain" && items[0].seen[0].count == 2 && items[0].url == "u"`},
		{Registry, map[string]string{"repository": "kubia"}, RegistryTag{Repository: "kubia", Tag: "latest", Digest: "sha256:1",
			Config: RegistryConfig{Created: at, Config: ContainerConfig{Cmd: []string{"node"}}}, Layers: []string{"sha256:2"}},
			`items[0].tag == "latest" && items[0].config.config.Cmd == ["node"] && items[0].layers.size() == 1 &&
			 items[0].config.created == now && items[0].config.architecture == ""`},
		{Files, nil, File{Path: "Dockerfile", Size: 3, Mode: 0o644, Text: "FROM", Modified: at},
			`items[0].path == "Dockerfile" && items[0].size == 3 && items[0].mode == 420 && items[0].text.startsWith("FROM") && items[0].modified == now`},
		{Commands, nil, Command{Text: "docker ps", Exit: 1, Output: "x", Dir: "/w", Started: at, Ended: at},
			`items[0].text == "docker ps" && items[0].exit == 1 && items[0].started >= stepStarted && !items[0].running &&
			 lastCommand == "docker ps" && lastExit == 1 && lastOutput == "x" && items[0].dir == "/w"`},
	} {
		o, err := NewObject(tt.value)
		if err != nil {
			t.Fatal(err)
		}
		c := mustCompile(t, Spec{Watch: tt.source, Select: tt.sel, Expect: tt.expect})
		r := c.Evaluate(seen(map[string][]Object{c.Watches()[0].Key(): {o}}), Scope{Now: at, StepStarted: at})
		if !r.Passed {
			t.Errorf("%s: not passed, observed %q", tt.source, r.Observed)
		}
	}
}

// TestContainerJSON proves that the Go types that runner/observe may use give the names that expressions use.
func TestContainerJSON(t *testing.T) {
	var c Container
	c.ID, c.Name, c.ImageName = "abc", "h1", "busybox"
	o, err := NewObject(c)
	if err != nil {
		t.Fatal(err)
	}
	if Text(o, "Id") != "abc" || Text(o, "Name") != "h1" || Text(o, "ImageName") != "busybox" {
		t.Errorf("a container's JSON is %v", o)
	}
	var i Image
	i.ID, i.RepoTags = "sha256:1", []string{"a:latest"}
	if o, err = NewObject(i); err != nil || Text(o, "Id") != "sha256:1" || len(Texts(o, "RepoTags")) != 1 {
		t.Errorf("an image's JSON is %v, %v", o, err)
	}
}

func TestParseObject(t *testing.T) {
	o := parse(t, `{"a": 1, "b": 1.5, "c": {"d": [2, null]}, "e": 9007199254740993}`)
	if o["a"] != int64(1) || o["b"] != 1.5 || List(o, "c", "d")[0] != int64(2) || o["e"] != int64(9007199254740993) {
		t.Errorf("ParseObject = %#v", o)
	}
	for _, text := range []string{``, `[]`, `{`, `"x"`} {
		if o, err := ParseObject([]byte(text)); err == nil || !strings.HasPrefix(err.Error(), "decode object: ") {
			t.Errorf("ParseObject(%q) = %v, %v", text, o, err)
		}
	}
}
