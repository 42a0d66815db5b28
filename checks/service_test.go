package checks

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// labeled is a pod with labels and ports, as JSON, that is ready or not.
func labeled(name, labels, ports string, ready bool) string {
	status := `{"type": "Ready", "status": "True"}`
	if !ready {
		status = `{"type": "Ready", "status": "False"}`
	}
	return fmt.Sprintf(`{"metadata": {"name": %q, "namespace": "learner", "labels": {%s}}, "spec": {"nodeName": "w", "containers": [{"name": "app", "ports": [%s]}]},
		"status": {"phase": "Running", "conditions": [%s], "containerStatuses": [{"name": "app", "ready": %v, "state": {"running": {}}}]}}`, name, labels, ports, status, ready)
}

func svc(selector, ports, rest string) string {
	return fmt.Sprintf(`{"metadata": {"name": "web", "namespace": "learner"}, "spec": {"selector": {%s}, "ports": [%s]%s}}`, selector, ports, rest)
}

func endpointSlice(port, pod, ready string) string {
	return fmt.Sprintf(`{"metadata": {"name": "web-x", "namespace": "learner", "labels": {"kubernetes.io/service-name": "web"}}, "ports": [%s],
		"endpoints": [{"addresses": ["10.0.0.1"], "conditions": {%s}, "targetRef": {"kind": "Pod", "name": %q}}]}`, port, ready, pod)
}

func TestUnanswered(t *testing.T) {
	const app, http, ready = `"app": "kubia"`, `{"containerPort": 8080, "name": "http"}`, `"ready": true`
	kubia := labeled("kubia-1", app, http, true)
	compare := " `kubectl get pods --show-labels`와 `kubectl get svc web -o wide`를 비교하세요."
	for name, tt := range map[string]struct {
		service      string
		pods, slices []string
		want         string
	}{
		"answers":                {svc(app, `{"port": 80, "targetPort": 8080}`, ""), []string{kubia}, []string{endpointSlice(`{"port": 8080}`, "kubia-1", ready)}, ""},
		"answers, port by name":  {svc(app, `{"port": 80, "targetPort": "http"}`, ""), []string{kubia}, []string{endpointSlice(`{"port": 8080}`, "kubia-1", ready)}, ""},
		"answers, not told":      {svc(app, `{"port": 8080}`, ""), []string{kubia}, []string{endpointSlice(`{"port": 8080}`, "kubia-1", "")}, ""},
		"answers, no ports":      {svc(app, `{"port": 80}`, ""), []string{labeled("kubia-1", app, "", true)}, []string{endpointSlice(`{"port": 80}`, "kubia-1", ready)}, ""},
		"answers, two ports":     {svc(app, `{"name": "a", "port": 8080}, {"name": "b", "port": 81, "targetPort": "http"}`, ""), []string{kubia}, []string{endpointSlice(`{"name": "a", "port": 8080}, {"name": "b", "port": 8080}`, "kubia-1", ready)}, ""},
		"answers, one of two":    {svc(app, `{"port": 8080}`, ""), []string{labeled("kubia-0", app, http, false), kubia}, []string{endpointSlice(`{"port": 8080}`, "kubia-1", ready)}, ""},
		"answers, headless":      {svc(app, "", `, "clusterIP": "None"`), []string{kubia}, []string{endpointSlice("", "kubia-1", ready)}, ""},
		"answers, by hand":       {svc("", `{"port": 80}`, ""), nil, []string{`{"metadata": {"namespace": "learner", "labels": {"kubernetes.io/service-name": "web"}}, "ports": [{"port": 80}], "endpoints": [{"addresses": ["1.2.3.4"]}]}`}, ""},
		"external name":          {svc("", "", `, "type": "ExternalName"`), nil, nil, ""},
		"load balancer, address": {strings.Replace(svc(app, `{"port": 8080}`, `, "type": "LoadBalancer"`), `"spec"`, `"status": {"loadBalancer": {"ingress": [{"ip": "10.0.0.9"}]}}, "spec"`, 1), []string{kubia}, []string{endpointSlice(`{"port": 8080}`, "kubia-1", ready)}, ""},
		"load balancer, none": {svc(app, `{"port": 8080}`, `, "type": "LoadBalancer"`), []string{kubia}, []string{endpointSlice(`{"port": 8080}`, "kubia-1", ready)},
			"외부 주소(status.loadBalancer.ingress)가 아직 없습니다. `kubectl get svc web`에서 EXTERNAL-IP가 <pending>이 아닌지 확인하세요."},
		"no pods": {svc(app, `{"port": 80}`, ""), []string{strings.Replace(kubia, "learner", "other", 1)}, nil,
			"셀렉터(spec.selector) app=kubia에 맞는 파드가 없습니다. 이 네임스페이스에는 파드가 하나도 없습니다. `kubectl get pods`로 확인하세요."},
		"another value": {svc(`"app": "kubiaa"`, `{"port": 80}`, ""), []string{labeled("far", `"app": "nginx"`, "", true), kubia, labeled("none", "", "", true)}, nil,
			"셀렉터(spec.selector) app=kubiaa에 맞는 파드가 없습니다. 가장 비슷한 파드 kubia-1: 레이블이 app=kubia(값이 다름)." + compare},
		"another name": {svc(app, `{"port": 80}`, ""), []string{labeled("far", `"x": "y"`, "", true), labeled("near", `"run": "kubia"`, "", true)}, nil,
			"셀렉터(spec.selector) app=kubia에 맞는 파드가 없습니다. 가장 비슷한 파드 near: 레이블이 run=kubia(이름이 다름)." + compare},
		"one label of two": {svc(app+`, "tier": "web"`, `{"port": 80}`, ""), []string{labeled("none", "", "", true), kubia}, nil,
			"셀렉터(spec.selector) app=kubia,tier=web에 맞는 파드가 없습니다. 가장 비슷한 파드 kubia-1: 레이블 tier 없음." + compare},
		"no labels": {svc(app, `{"port": 80}`, ""), []string{labeled("none", "", "", true)}, nil,
			"셀렉터(spec.selector) app=kubia에 맞는 파드가 없습니다. 가장 비슷한 파드 none: 레이블이 하나도 없음." + compare},
		"ending pods do not count": {svc(app, `{"port": 80}`, ""), []string{strings.Replace(kubia, `"name"`, `"deletionTimestamp": "2026-11-21T03:00:00Z", "name"`, 1), strings.Replace(kubia, `"Running"`, `"Succeeded"`, 1)}, nil,
			"셀렉터(spec.selector) app=kubia에 맞는 파드가 없습니다. 이 네임스페이스에는 파드가 하나도 없습니다. `kubectl get pods`로 확인하세요."},
		"another port": {svc(app, `{"port": 80}`, ""), []string{kubia}, []string{endpointSlice(`{"port": 80}`, "kubia-1", ready)},
			"spec.ports[0].targetPort가 80인데 파드 kubia-1에 그 포트를 여는 컨테이너가 없습니다(containerPort: 8080(http)). `kubectl describe svc web`의 TargetPort를 확인하세요."},
		"another port name": {svc(app, `{"name": "a", "port": 8080}, {"name": "b", "port": 80, "targetPort": "web"}`, ""), []string{kubia}, []string{endpointSlice(`{"name": "a", "port": 8080}`, "kubia-1", ready)},
			"spec.ports[1].targetPort가 web인데 파드 kubia-1에 이름이 그런 포트가 없습니다(containerPort: 8080(http)). `kubectl describe svc web`의 TargetPort를 확인하세요."},
		"another protocol": {svc(app, `{"port": 53, "protocol": "UDP"}`, ""), []string{labeled("kubia-1", app, `{"containerPort": 53}, {"containerPort": 54, "protocol": "UDP"}`, true)}, []string{endpointSlice(`{"port": 53}`, "kubia-1", ready)},
			"spec.ports[0].targetPort가 53인데 파드 kubia-1에 그 포트를 여는 컨테이너가 없습니다(containerPort: 53, 54/UDP). `kubectl describe svc web`의 TargetPort를 확인하세요."},
		"not ready": {svc(app, `{"port": 8080}`, ""), []string{labeled("kubia-1", app, http, false), labeled("kubia-2", app, http, false)}, []string{endpointSlice(`{"port": 8080}`, "kubia-1", `"ready": false`)},
			"셀렉터에 맞는 파드 2개 가운데 준비된 것이 없습니다. 파드 kubia-1: 컨테이너 app: 실행 중이지만 아직 준비되지 않았습니다. `kubectl describe pod kubia-1`로 확인하세요."},
		"not yet": {svc(app, `{"port": 8080}`, ""), []string{kubia}, nil,
			"파드 1개가 준비되었지만 준비된 엔드포인트(endpointslices)가 아직 없습니다. `kubectl get endpointslices -l kubernetes.io/service-name=web`로 확인하세요."},
		"no selector": {svc("", `{"port": 80}`, ""), []string{kubia}, nil,
			"셀렉터(spec.selector)가 없고 연결된 주소도 없습니다. `kubectl get endpointslices -l kubernetes.io/service-name=web`로 확인하세요."},
		"the slice of another service": {svc(app, `{"port": 8080}`, ""), []string{kubia}, []string{strings.Replace(endpointSlice(`{"port": 8080}`, "kubia-1", ready), `"web"`, `"other"`, 1)},
			"파드 1개가 준비되었지만 준비된 엔드포인트(endpointslices)가 아직 없습니다. `kubectl get endpointslices -l kubernetes.io/service-name=web`로 확인하세요."},
	} {
		c := mustCompile(t, Spec{Watch: "svc", Expect: `unanswered(first(items)) == ""`, Tell: []Tell{{Say: "{{ unanswered(first(items)) }}"}}})
		snap := seen(map[string][]Object{"services": objects(t, tt.service), "pods": objects(t, tt.pods...), endpointSlices: objects(t, tt.slices...)})
		want := tt.want
		if want != "" {
			want = "서비스 web: " + want
		}
		// What was there before the lab began is no less a reason.
		r := c.Evaluate(snap, Scope{Namespace: "learner", Before: map[string]map[string]bool{"pods": {"": true}, endpointSlices: {"": true}}})
		if r.Passed != (want == "") || r.Explanation != want || r.Pending {
			t.Errorf("%s: passed %v,\n%s, want\n%s", name, r.Passed, r.Explanation, want)
		}
	}
}

// TestUnansweredWaits asks for a service's answer before its endpoints can be seen.
func TestUnansweredWaits(t *testing.T) {
	c := mustCompile(t, Spec{Watch: "svc", Expect: `unanswered(first(items)) == ""`})
	if got, want := c.Watches(), []Watch{{Source: endpointSlices}, {Source: "pods"}, {Source: "services"}}; !slices.Equal(got, want) {
		t.Errorf("watches %v, want %v", got, want)
	}
	snap := seen(map[string][]Object{"services": objects(t, svc("", "", `, "type": "ExternalName"`)), "pods": nil})
	if r := c.Evaluate(snap, Scope{Namespace: "learner"}); !r.Pending || !strings.Contains(r.Explanation, "엔드포인트슬라이스") {
		t.Errorf("without endpoint slices: %+v", r)
	}
}

func TestFunctionsOfObjectsAreTyped(t *testing.T) {
	for _, expect := range []string{`trouble("x") == ""`, `unanswered(first(items)) == ""`, `trouble(1, 2) == ""`, `ended(first(items)) == ""`} {
		if errs := mistakes(t, Spec{Watch: "pods", Title: "x", Expect: expect, Tell: []Tell{{Say: "x"}}}); len(errs) != 1 {
			t.Errorf("%s: %v", expect, errs)
		} else {
			t.Log(errs)
		}
	}
}
