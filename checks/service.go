package checks

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/labels"
)

// endpointSlices is the source of the addresses behind services.
const endpointSlices = "endpointslices.discovery.k8s.io"

// service is a service and what decides whether it answers.
type service struct {
	object Object
	name   string
	// pods are those that the selector chooses, others the rest of the namespace; none that is ending or has ended.
	pods, others []Object
	slices       []Object
}

// serviceTrouble says in one line why a service does not answer: nothing where every port of it has a ready endpoint on
// a port that the pod listens on and, for a LoadBalancer, there is an address.
func serviceTrouble(o Object, pods, slices []Object) string {
	if Text(o, "spec", "type") == "ExternalName" {
		return "" // a name in DNS: there is nothing behind it to look at
	}
	s := newService(o, pods, slices)
	for i, port := range s.ports() {
		if !s.answers(port) {
			return fmt.Sprintf("서비스 %s: ", s.name) + s.reason(i, port)
		}
	}
	if Text(o, "spec", "type") == "LoadBalancer" && !hasAddress(o) {
		return fmt.Sprintf("서비스 %s: 외부 주소(status.loadBalancer.ingress)가 아직 없습니다. `kubectl get svc %s`에서 EXTERNAL-IP가 <pending>이 아닌지 확인하세요.", s.name, s.name)
	}
	return ""
}

func newService(o Object, pods, endpoints []Object) *service {
	s := &service{object: o, name: oneLine(nameOf("services", o), 63)}
	namespace, want := Text(o, "metadata", "namespace"), s.selector()
	matches := labels.SelectorFromSet(want)
	for _, p := range pods {
		phase := Text(p, "status", "phase")
		switch {
		case Text(p, "metadata", "namespace") != namespace, Field(p, "metadata", "deletionTimestamp") != nil,
			phase == "Succeeded", phase == "Failed":
		case len(want) > 0 && matches.Matches(labelsOf(p)):
			s.pods = append(s.pods, p)
		default:
			s.others = append(s.others, p)
		}
	}
	for _, e := range endpoints {
		if Text(e, "metadata", "namespace") == namespace && labelsOf(e).Get("kubernetes.io/service-name") == Text(o, "metadata", "name") {
			s.slices = append(s.slices, e)
		}
	}
	return s
}

func (s *service) selector() map[string]string {
	out := map[string]string{}
	m, _ := Field(s.object, "spec", "selector").(map[string]any)
	for k, v := range m {
		out[k], _ = v.(string)
	}
	return out
}

// ports are the service's ports. A headless service may have none: that is one port of any number.
func (s *service) ports() []any {
	if ports := List(s.object, "spec", "ports"); len(ports) > 0 {
		return ports
	}
	return []any{nil}
}

// answers reports whether a port of the service leads to a ready endpoint on a port that its pod says it listens on. A
// pod that names no ports may listen on any.
func (s *service) answers(port any) bool {
	for _, slice := range s.slices {
		numbers := slicePorts(slice, Text(port, "name"))
		for _, e := range List(slice, "endpoints") {
			if ready, told := Field(e, "conditions", "ready").(bool); told && !ready || len(List(e, "addresses")) == 0 {
				continue
			}
			pod := s.podOf(e)
			listens := func(n int64) bool { return pod == nil || listensOn(pod, n, protocolOf(port)) }
			if port == nil || slices.ContainsFunc(numbers, listens) {
				return true
			}
		}
	}
	return false
}

// slicePorts are the port numbers that an endpoint slice has under a service port's name.
func slicePorts(slice Object, name string) []int64 {
	var out []int64
	for _, p := range List(slice, "ports") {
		if Text(p, "name") == name {
			out = append(out, Int(p, "port"))
		}
	}
	return out
}

// podOf is the pod behind an endpoint, nil where it is none that the service chooses.
func (s *service) podOf(endpoint any) Object {
	for _, p := range s.pods {
		if Text(endpoint, "targetRef", "kind") == "Pod" && Text(endpoint, "targetRef", "name") == Text(p, "metadata", "name") {
			return p
		}
	}
	return nil
}

// reason says why the port with the index i does not answer, and what to look at next.
func (s *service) reason(i int, port any) string {
	switch {
	case len(s.selector()) == 0:
		return fmt.Sprintf("셀렉터(spec.selector)가 없고 연결된 주소도 없습니다. `kubectl get endpointslices -l kubernetes.io/service-name=%s`로 확인하세요.", s.name)
	case len(s.pods) == 0:
		return s.noPods()
	}
	if words := s.wrongPort(i, port); words != "" {
		return words
	}
	if words := s.notReady(); words != "" {
		return words
	}
	return fmt.Sprintf("파드 %d개가 준비되었지만 준비된 엔드포인트(endpointslices)가 아직 없습니다. `kubectl get endpointslices -l kubernetes.io/service-name=%s`로 확인하세요.",
		len(s.pods), s.name)
}

// noPods compares the selector with the labels of the pod that comes nearest to it.
func (s *service) noPods() string {
	want := s.selector()
	words := fmt.Sprintf("셀렉터(spec.selector) %s에 맞는 파드가 없습니다. ", oneLine(labels.Set(want).String(), 100))
	if len(s.others) == 0 {
		return words + "이 네임스페이스에는 파드가 하나도 없습니다. `kubectl get pods`로 확인하세요."
	}
	near, best := s.others[0], mismatch(want, s.others[0])
	for _, p := range s.others[1:] {
		if d := mismatch(want, p); d < best {
			near, best = p, d
		}
	}
	return words + fmt.Sprintf("가장 비슷한 파드 %s: %s. `kubectl get pods --show-labels`와 `kubectl get svc %s -o wide`를 비교하세요.",
		podName(near), differences(want, near), s.name)
}

// The weights of mismatch for one label of a selector: a value that is spelled otherwise is nearer than a value under
// another name, and that is nearer than neither.
const (
	otherValue = 100
	otherName  = 150
	neither    = 250
)

// mismatch is how far a pod's labels are from a selector, 0 where they match.
func mismatch(want map[string]string, pod Object) int {
	total := 0
	have := labelsOf(pod)
	for name, value := range want {
		got, there := have.Lookup(name)
		switch {
		case there && got == value:
		case there:
			total += otherValue + min(distance(got, value), otherName-otherValue-1)
		case nameOfValue(have, value) != "":
			total += otherName
		default:
			total += neither
		}
	}
	return total
}

// nameOfValue is the first name, in alphabetical order, of the label that has the value; "" where none has.
func nameOfValue(have labelMap, value string) string {
	for _, name := range slices.Sorted(maps.Keys(have)) {
		if have.Get(name) == value {
			return name
		}
	}
	return ""
}

// differences says what in a pod's labels does not match a selector.
func differences(want map[string]string, pod Object) string {
	have := labelsOf(pod)
	var out []string
	for _, name := range slices.Sorted(maps.Keys(want)) {
		got, there := have.Lookup(name)
		other := nameOfValue(have, want[name])
		switch {
		case there && got == want[name]:
		case there:
			out = append(out, fmt.Sprintf("레이블이 %s=%s(값이 다름)", name, got))
		case other != "":
			out = append(out, fmt.Sprintf("레이블이 %s=%s(이름이 다름)", other, want[name]))
		default:
			out = append(out, fmt.Sprintf("레이블 %s 없음", name))
		}
	}
	if len(have) == 0 {
		return "레이블이 하나도 없음"
	}
	return oneLine(strings.Join(out, ", "), 120)
}

// wrongPort says that none of the pods listens on the port's target; nothing where one does.
func (s *service) wrongPort(i int, port any) string {
	if port == nil {
		return ""
	}
	target, named := targetOf(port)
	for _, p := range s.pods {
		if named && portNumber(p, target, protocolOf(port)) != 0 {
			return ""
		}
		if n, err := strconv.ParseInt(target, 10, 64); !named && err == nil && listensOn(p, n, protocolOf(port)) {
			return ""
		}
	}
	has := "없음"
	if ports := describePorts(s.pods[0]); ports != "" {
		has = ports
	}
	what := "에 그 포트를 여는 컨테이너가 없습니다"
	if named {
		what = "에 이름이 그런 포트가 없습니다"
	}
	return fmt.Sprintf("spec.ports[%d].targetPort가 %s인데 파드 %s%s(containerPort: %s). `kubectl describe svc %s`의 TargetPort를 확인하세요.",
		i, oneLine(target, 40), podName(s.pods[0]), what, has, s.name)
}

// targetOf is a service port's targetPort, which is its port where it has none, and whether it is a name.
func targetOf(port any) (target string, named bool) {
	if name := Text(port, "targetPort"); name != "" {
		return name, true
	}
	n := Int(port, "targetPort")
	if n == 0 {
		n = Int(port, "port")
	}
	return strconv.FormatInt(n, 10), false
}

func protocolOf(port any) string { return orElse(Text(port, "protocol"), "TCP") }

// containerPorts are the ports that a pod's containers say they listen on. Init containers count, too: one with
// restartPolicy Always runs beside the others.
func containerPorts(pod Object) []any {
	var out []any
	for _, in := range []string{"containers", "initContainers"} {
		for _, c := range List(pod, "spec", in) {
			out = append(out, List(c, "ports")...)
		}
	}
	return out
}

// listensOn reports whether a pod says that it listens on a port, or says nothing of ports.
func listensOn(pod Object, number int64, protocol string) bool {
	ports := containerPorts(pod)
	return len(ports) == 0 || slices.ContainsFunc(ports, func(p any) bool {
		return Int(p, "containerPort") == number && protocolOf(p) == protocol
	})
}

// portNumber is the number of a pod's port of a name, 0 where it has none.
func portNumber(pod Object, name, protocol string) int64 {
	for _, p := range containerPorts(pod) {
		if Text(p, "name") == name && protocolOf(p) == protocol {
			return Int(p, "containerPort")
		}
	}
	return 0
}

// describePorts lists a pod's ports: "8080(http), 53/UDP".
func describePorts(pod Object) string {
	var out []string
	for _, p := range containerPorts(pod) {
		words := strconv.FormatInt(Int(p, "containerPort"), 10)
		if protocol := protocolOf(p); protocol != "TCP" {
			words += "/" + protocol
		}
		if name := Text(p, "name"); name != "" {
			words += "(" + name + ")"
		}
		out = append(out, words)
	}
	return oneLine(strings.Join(out, ", "), 80)
}

// notReady says why the pods behind the service are not ready; nothing where one is.
func (s *service) notReady() string {
	worst := ""
	var of Object
	for _, p := range s.pods {
		words := podTrouble(p)
		if words == "" {
			return ""
		}
		if of == nil {
			worst, of = words, p
		}
	}
	return fmt.Sprintf("셀렉터에 맞는 파드 %d개 가운데 준비된 것이 없습니다. 파드 %s: %s. `kubectl describe pod %s`로 확인하세요.",
		len(s.pods), podName(of), strings.TrimSuffix(worst, "."), podName(of))
}

func podName(pod Object) string { return oneLine(Text(pod, "metadata", "name"), 63) }

// hasAddress reports whether a LoadBalancer has been given an address.
func hasAddress(o Object) bool {
	return slices.ContainsFunc(List(o, "status", "loadBalancer", "ingress"), func(in any) bool {
		return Text(in, "ip") != "" || Text(in, "hostname") != ""
	})
}
