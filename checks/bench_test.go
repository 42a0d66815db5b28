package checks

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkEvaluate evaluates a usual check that fails, with its explanation, on 100 objects.
func BenchmarkEvaluate(b *testing.B) {
	var containers, pods []Object
	for i := range 100 {
		c := fixture(b, "container.json")
		c["Id"], c["Name"] = fmt.Sprint(i), fmt.Sprintf("h%d", i)
		containers = append(containers, c)
		pods = append(pods, parse(b, fmt.Sprintf(`{"metadata": {"uid": "%d", "name": "kubia-%d", "namespace": "default", "labels": {"app": "kubia"}},
		  "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}], "containerStatuses": [{"ready": true}]}}`, i, i)))
	}
	var logs, events, slices []Object
	for i := range 64 {
		logs = append(logs, Object{"pod": fmt.Sprintf("kubia-%d", i), "namespace": "default", "uid": fmt.Sprint(i), "container": "app", "text": strings.Repeat("You've hit kubia\n", 1000)})
	}
	for i := range 500 {
		events = append(events, Object{"type": "Warning", "message": "x", "involvedObject": Object{"uid": fmt.Sprint(i), "kind": "Pod"}})
	}
	pods = append(pods, parse(b, crashing))
	pods[100]["metadata"] = Object{"uid": "63", "name": "kubia-63", "namespace": "default", "labels": Object{"app": "kubia"}}
	services := []Object{parse(b, strings.ReplaceAll(svc(`"app": "kubiaa"`, `{"port": 80}`, ""), "learner", "default"))}
	snap := seen(map[string][]Object{Containers: containers, "pods": pods, Logs: logs, "events": events, "services": services, endpointSlices: slices})
	scope := Scope{Now: at, Before: map[string]map[string]bool{Containers: {"5": true}, "pods": {"5": true}}}
	for name, spec := range map[string]Spec{
		"containers": {Watch: Containers, Select: map[string]string{"image": "busybox"},
			Expect: `items.exists(c, c.Config.Cmd == ["echo", "Hello"] && c.State.ExitCode == 0)`,
			Tell:   []Tell{{When: `items.exists(c, c.State.ExitCode == 127)`, Say: "a"}, {Say: "{{ items.size() }}"}}},
		"pods": {Watch: "pods", Select: map[string]string{"label": "app=kubia"},
			Expect: `items.filter(p, p.status.conditions.exists(c, c.type == "Ready" && c.status == "True")).size() == 3`,
			Tell:   []Tell{{When: `items.exists(p, why(p) == "no")`, Say: "a"}, {Say: "{{ items.size() - 1 }}"}}},
		"logs": {Watch: Logs, Expect: `items.exists(l, l.text.contains("no such line"))`,
			Tell: []Tell{{When: `items.exists(l, l.text.contains("Error"))`, Say: "a"}, {Say: "{{ items.size() + 35 }}"}}},
		"trouble": {Watch: "pods", Expect: `items.all(p, trouble(p) == "")`, See: "trouble(last(items))",
			Tell: []Tell{{When: `items.all(p, trouble(p) == "")`, Say: "a"}, {When: `trouble(last(items)).contains("You've hit")`, Say: "99"}, {Say: "a"}}},
		"unanswered": {Watch: "svc", Expect: `items.all(s, unanswered(s) == "")`, See: "unanswered(first(items))",
			Tell: []Tell{{When: `unanswered(first(items)).contains("app=kubia(")`, Say: "99"}, {Say: "a"}}},
	} {
		b.Run(name, func(b *testing.B) {
			c := mustCompile(b, spec)
			b.ReportAllocs()
			for b.Loop() {
				if r := c.Evaluate(snap, scope); r.Passed || r.Explanation != "99" {
					b.Fatalf("%+v", r)
				}
			}
		})
	}
}

// BenchmarkCompile compiles a check of a lab; a course has about a hundred.
func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		mustCompile(b, Spec{Watch: Containers, Expect: `items.exists(c, c.State.ExitCode == 0)`,
			Tell: []Tell{{When: `items.exists(c, c.State.ExitCode == 127)`, Say: "{{ items[0].Name }}"}, {Say: "b"}}})
	}
}
