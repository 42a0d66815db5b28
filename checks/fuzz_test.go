package checks

import (
	"strings"
	"testing"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/util/json"
)

// fuzzed are checks that walk deep into the objects of each source.
func fuzzed(t testing.TB) []*Check {
	var out []*Check
	for _, spec := range []Spec{
		{Watch: Containers, Select: map[string]string{"image": "busybox:*"}, See: "items.map(c, ended(c)).join(', ')",
			Expect: `items.exists(c, c.Config.Cmd == ["echo"] && c.State.ExitCode == 0 && c.Config.Labels["a"] == "b" && c.Mounts.all(m, m.RW))`},
		{Watch: Containers, Expect: `container("h1").NetworkSettings.Networks.all(k, v, v.IPAddress != "") && items[0].HostConfig.PortBindings["80/tcp"][0].HostPort == "80"`},
		{Watch: Images, Select: map[string]string{"name": "kubia"}, Expect: `items[0].RootFS.Layers.size() > 0 && items[0].History.exists(h, h.Size > 0)`},
		{Watch: Images, Select: map[string]string{"label": "a=b"}, Expect: `image("kubia").Size > 0 && items[0].Metadata.LastTagTime < now`},
		{Watch: DockerEvents, Select: map[string]string{"image": "busybox", "action": "die"}, Expect: `items[0].Actor.Attributes["exitCode"] == "0" && items[0].timeNano > 0`},
		{Watch: "pods", Select: map[string]string{"label": "run=kubia", "namespace": "*"}, See: "items.map(p, why(p)).join(', ')",
			Expect: `items.exists(p, p.status.containerStatuses.exists(c, c.state.waiting.reason == "" && c.restartCount == 0) && p.metadata.creationTimestamp < now)`},
		{Watch: "pods", Expect: `pod("kubia").spec.containers[0].readinessProbe.httpGet.port == 8080 && items[0].spec.containers[0].resources.limits["cpu"] == "1"`},
		{Watch: "deploy", Expect: `items[0].spec.strategy.rollingUpdate.maxSurge == 1 && kubeAll("rc") == kube("rc")`},
		{Watch: "events", Expect: `items.all(e, e.lastTimestamp <= now && e.count > 0)`},
		{Watch: "widgets.example.com", Expect: `items[0].spec.size == 1 && items[0].a["b"][0] == items[0].c`, See: "items[0]"},
		{Watch: "services", Expect: `items[0].spec.ports[0].targetPort == "http"`},
		{Watch: "nodes", Expect: `items[0].status.conditions.exists(c, c.type == "Ready")`},
		{Watch: HTTP, Select: map[string]string{"url": "u"}, Expect: `items[0].seen.all(s, s.count > 0)`},
		{Watch: Registry, Select: map[string]string{"repository": "r"}, Expect: `items[0].config.config.Cmd.size() > 0`},
		{Watch: Files, Select: map[string]string{"path": "*"}, Expect: `items[0].text.contains("FROM") && items[0].modified < now`},
		{Watch: Commands, Select: map[string]string{"match": "docker"}, Expect: `dash(lastCommand) || lastExit == 0 && undash(lastOutput) != ""`},
	} {
		spec.Tell = []Tell{{When: "removed.exists(o, true) && items.size() > 100", Say: "a"}, {Say: "{{ items }} {{ lastCommand }}"}}
		if spec.Watch != "widgets.example.com" {
			spec.Tell[1].Say = "{{ lastCommand }} {{ items.size() }}"
		}
		out = append(out, mustCompile(t, spec))
	}
	return out
}

// FuzzEvaluate shows arbitrary JSON to checks: they must not panic, and what they say must be fit for a terminal.
func FuzzEvaluate(f *testing.F) {
	for _, seed := range []string{
		`{}`, `null`, `[]`, `{"State": []}`, `{"Id": 1, "Name": {"a": 1}, "Config": {"Image": "busybox", "Cmd": 3, "Labels": {"a": null}}, "Mounts": [null, 1]}`,
		`{"RepoTags": [1, "kubia:latest"], "RootFS": {"Layers": {}}, "History": [{"Size": 1.5}], "Metadata": {"LastTagTime": "x"}}`,
		`{"metadata": {"name": "kubia", "labels": {"run": "kubia", "x": 1}, "creationTimestamp": 5}, "status": {"containerStatuses": [1, null, {"state": {"waiting": {"reason": 1}}}]}}`,
		`{"metadata": [], "status": {"conditions": [{"type": "PodScheduled", "status": "False", "message": {}}], "initContainerStatuses": "x"}, "spec": {"ports": [null]}}`,
		`{"Type": "image", "Action": "die", "Actor": {"Attributes": {"image": "busybox", "exitCode": 1}}, "timeNano": 1e300}`,
		`{"text": "docker —p", "exit": "x", "output": "\u001b[2J\u202e", "running": 1, "started": "x", "modified": "2026-11-21T03:00:00Z", "seen": [{"count": []}]}`,
	} {
		f.Add([]byte(seed))
	}
	checks := fuzzed(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		var object map[string]any
		if json.Unmarshal(text, &object) != nil {
			return
		}
		states := map[string]State{Commands: {Synced: true, Items: []Object{object}}}
		for _, c := range checks {
			for _, w := range c.Watches() {
				states[w.Key()] = State{Synced: true, Items: []Object{object, nil}, Removed: []Object{object}}
			}
		}
		snap := NewSnapshot(at, states)
		for _, c := range checks {
			before := map[string]map[string]bool{c.Spec.Watch: {Identity(c.Spec.Watch, object): true}}
			for _, scope := range []Scope{{Now: at}, {Now: at, Before: before}} {
				r := c.Evaluate(snap, scope)
				for _, line := range []string{r.Expected, r.Observed, r.Explanation} {
					if !utf8.ValidString(line) || strings.ContainsAny(line, "\x1b\u202e") {
						t.Errorf("%s says %q", c.Expect, line)
					}
				}
				if r.Pending || strings.ContainsAny(r.Observed, "\n\r\t") || utf8.RuneCountInString(r.Observed) > lineLimit {
					t.Errorf("%s observed %q", c.Expect, r.Observed)
				}
			}
		}
	})
}

// FuzzCompile compiles arbitrary texts: no panic, and every mistake has a place inside the text.
func FuzzCompile(f *testing.F) {
	for _, seed := range [][2]string{
		{"items.size() == 1", "{{ items[0].Name }}"}, {"kube(", "{{ '"}, {"container('a').Nam", "{{ {"}, {"a.b.c(d, e.f)", "}}{{"},
		{"items.exists(\n한글, 한글)", "\n\n{{ \n 한글 }}"}, {"kube('')", "{{}}"}, {`"\`, `{{ "\`},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, expect, say string) {
		c := New(Spec{Watch: Containers, Title: "t", Expect: expect, Tell: []Tell{{Say: say}}})
		err := c.Compile()
		if err == nil {
			c.Evaluate(seen(map[string][]Object{Containers: {{}}}), Scope{})
			return
		}
		for _, e := range err.(Errors) {
			text := map[string]string{"expect": expect, "tell[0].say": say}[e.Field]
			if lines := strings.Count(text, "\n") + 1; e.Line < 1 || e.Column < 1 || e.Line > lines || e.Message == "" {
				t.Errorf("%v in a text of %d lines", e, lines)
			}
		}
	})
}
