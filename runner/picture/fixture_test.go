package picture

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kubelab/kubelab/checks"
)

// world is the state of a test, by source.
type world map[string][]checks.Object

// scene is the world as a picture sees it: the sources of the kind are synced, and those that are there besides.
func (w world) scene(kind Kind) Scene {
	states := map[string]checks.State{}
	for _, watch := range Watches(kind) {
		states[watch.Key()] = checks.State{Synced: true}
	}
	s := Scene{Kind: kind}
	for source, objects := range w {
		states[source] = checks.State{Items: objects, Synced: true}
		if url, ok := strings.CutPrefix(source, checks.HTTP+" "); ok {
			s.HTTP = append(s.HTTP, checks.Watch{Source: checks.HTTP, Arg: url})
		}
	}
	s.Snapshot = checks.NewSnapshot(t0, states)
	return s
}

// with is a copy of the world in which a source has other objects.
func (w world) with(source string, objects ...checks.Object) world {
	out := world{}
	for k, v := range w {
		out[k] = v
	}
	out[source] = objects
	return out
}

var t0 = time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)

func at(seconds float64) string {
	return t0.Add(time.Duration(seconds * float64(time.Second))).Format(time.RFC3339Nano)
}

// object decodes JSON.
func object(t testing.TB, format string, args ...any) checks.Object {
	t.Helper()
	o, err := checks.ParseObject([]byte(fmt.Sprintf(format, args...)))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func dockerContainer(t testing.TB, name, image, state string, ports string) checks.Object {
	return object(t, `{"Id": "id-%s", "Name": %q, "Created": %q, "Image": "sha256:%s", "Config": {"Image": %q, "ExposedPorts": {"8080/tcp": {}}},
		"State": %s, "NetworkSettings": {"Ports": {%s}}}`, name, name, at(0), image, image, state, ports)
}

const (
	stateRunning = `{"Status": "running", "Running": true}`
	stateEnded   = `{"Status": "exited", "ExitCode": 0}`
	stateFailed  = `{"Status": "exited", "ExitCode": 137}`
)

func someContainers(t testing.TB) world {
	return world{checks.Containers: {
		dockerContainer(t, "hello", "busybox", stateEnded, ""),
		dockerContainer(t, "web", "kubia:latest", stateRunning,
			`"8080/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8081"}, {"HostIp": "::", "HostPort": "8081"}]`),
		dockerContainer(t, "quiet", "kubia:latest", stateRunning, ""),
		dockerContainer(t, "killed", "localhost:5001/learner/kubia:v2", stateFailed, ""),
	}}
}

// dockerImage is an image of layers, lowest first, each "digest command size".
func dockerImage(t testing.TB, name string, layers ...string) checks.Object {
	var digests, history []string
	size := 0
	for _, l := range layers {
		parts := strings.Split(l, "|")
		n := 0
		if _, err := fmt.Sscan(parts[2], &n); err != nil {
			t.Fatal(err)
		}
		size += n
		if parts[0] != "" {
			digests = append(digests, fmt.Sprintf("%q", "sha256:"+parts[0]))
		}
		history = append([]string{fmt.Sprintf(`{"CreatedBy": %q, "Size": %d}`, parts[1], n)}, history...)
	}
	return object(t, `{"Id": "sha256:%s", "RepoTags": [%q], "Created": %q, "Size": %d, "RootFS": {"Layers": [%s]}, "History": [%s]}`,
		name, name, at(0), size, strings.Join(digests, ","), strings.Join(history, ","))
}

func someImages(t testing.TB) world {
	base := []string{
		"a1|/bin/sh -c #(nop) ADD file:0c1 in / |8400000", "|/bin/sh -c #(nop)  CMD [\"/bin/sh\"]|0",
		"a2|RUN /bin/sh -c addgroup -g 1000 node && adduser -u 1000 -G node # buildkit|153000000", "a3|COPY docker-entrypoint.sh /usr/local/bin/ # buildkit|388",
	}
	w := someContainers(t)
	kubia := append(append([]string{}, base...), "a4|WORKDIR /app|0", "|ENV VERSION=|0", "a5|COPY app.js /app.js # buildkit|1086", "|ENTRYPOINT [\"node\" \"app.js\"]|0")
	w[checks.Images] = []checks.Object{
		dockerImage(t, "kindest/node:v1.37.0", "f1|debootstrap|168000000", "f2|COPY kind's files|254000000"),
		dockerImage(t, "busybox:latest", "b1|COPY busybox-static (Debian bookworm)|1990000"),
		dockerImage(t, "node:22-alpine", base...),
		dockerImage(t, "kubia:latest", kubia...),
		dockerImage(t, "kubia:v2", append(append([]string{}, kubia...), "a6|RUN /bin/sh -c npm install # buildkit|12345678")...),
	}
	return w
}

func kubeNode(t testing.TB, name string, control, ready bool) checks.Object {
	labels := "{}"
	if control {
		labels = `{"node-role.kubernetes.io/control-plane": ""}`
	}
	return object(t, `{"metadata": {"name": %q, "uid": "node-%s", "labels": %s}, "status": {"nodeInfo": {"kubeletVersion": "v1.37.0"},
		"conditions": [{"type": "Ready", "status": %q}]}}`, name, name, labels, truthWord(ready))
}

func truthWord(b bool) string {
	if b {
		return "True"
	}
	return "False"
}

// kubePod is a pod; owner is "Kind/name" or empty, state "ready", "starting", "pending", "ending", or why it is stuck.
func kubePod(t testing.TB, namespace, name, owner, node, state string) checks.Object {
	refs, status, meta, manager := "[]", "", "", "kubectl-run"
	if owner != "" {
		manager = "kube-controller-manager"
	}
	if kind, of, ok := strings.Cut(owner, "/"); ok {
		refs = fmt.Sprintf(`[{"kind": %q, "name": %q, "uid": "uid-%s", "controller": true}]`, kind, of, of)
	}
	switch state {
	case "ready":
		status = fmt.Sprintf(`"phase": "Running", "conditions": [{"type": "PodScheduled", "status": "True", "lastTransitionTime": %q},
			{"type": "Ready", "status": "True", "lastTransitionTime": %q}], "containerStatuses": [{"name": "main", "ready": true,
			"state": {"running": {"startedAt": %q}}}]`, at(0), at(3), at(3))
	case "ending":
		status, meta = `"phase": "Running", "containerStatuses": [{"name": "main", "ready": true}]`, fmt.Sprintf(`"deletionTimestamp": %q,`, at(40))
	case "starting":
		status = `"phase": "Pending", "containerStatuses": [{"name": "main", "state": {"waiting": {"reason": "ContainerCreating"}}}]`
	case "pending":
		status = `"phase": "Pending"`
	default:
		status = fmt.Sprintf(`"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "True", "lastTransitionTime": %q}],
			"containerStatuses": [{"name": "main", "restartCount": 2, "state": {"waiting": {"reason": %q}}}]`, at(0), state)
	}
	return object(t, `{"metadata": {"name": %q, "namespace": %q, "uid": "uid-%s", "creationTimestamp": %q, %s "labels": {"app": "kubia"},
		"ownerReferences": %s, "managedFields": [{"manager": %q, "time": %q}]}, "spec": {"nodeName": %q, "containers": [{"name": "main"}]},
		"status": {%s}}`, name, namespace, name, at(0), meta, refs, manager, at(0), node, status)
}

func kubeSet(t testing.TB, name, owner string, revision, desired, ready int, image string) checks.Object {
	refs := "[]"
	if owner != "" {
		refs = fmt.Sprintf(`[{"kind": "Deployment", "name": %q, "uid": "uid-%s", "controller": true}]`, owner, owner)
	}
	return object(t, `{"metadata": {"name": %q, "namespace": "default", "uid": "uid-%s", "creationTimestamp": %q, "ownerReferences": %s,
		"annotations": {"deployment.kubernetes.io/revision": "%d"}}, "spec": {"replicas": %d, "template": {"spec": {"containers": [{"image": %q}]}}},
		"status": {"replicas": %d, "readyReplicas": %d}}`, name, name, at(0), refs, revision, desired, image, desired, ready)
}

func kubeService(t testing.TB, name, kind, ingress string) checks.Object {
	return object(t, `{"metadata": {"name": %q, "namespace": "default", "uid": "svc-%s", "creationTimestamp": %q},
		"spec": {"type": %q, "clusterIP": "10.96.3.4", "selector": {"app": "kubia"}, "ports": [{"port": 8080, "nodePort": 31234}]},
		"status": {"loadBalancer": {"ingress": [%s]}}}`, name, name, at(0), kind, ingress)
}

func shellCommand(t testing.TB, started float64, text, output string) checks.Object {
	o, err := checks.NewObject(checks.Command{Text: text, Output: output, Started: t0.Add(time.Duration(started * float64(time.Second)))})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

const spread = "     11 You've hit kubia-4lm8d\n      9 You've hit kubia-9djz9\n     10 You've hit kubia-msq8w\n"

// someServices is the state of the mock in the design: a service before three pods of a ReplicationController.
func someServices(t testing.TB) world {
	return world{
		services: {
			object(t, `{"metadata": {"name": "kubernetes", "namespace": "default", "uid": "svc-k"}, "spec": {"clusterIP": "10.96.0.1", "ports": [{"port": 443}]}}`),
			kubeService(t, "kubia-http", "LoadBalancer", `{"ip": "127.0.0.1"}`),
		},
		controllers: {kubeSet(t, "kubia", "", 0, 3, 3, "kubia")},
		pods: {
			kubePod(t, "kube-system", "etcd", "", "kubelab-control-plane", "ready"),
			kubePod(t, "default", "kubia-4lm8d", "ReplicationController/kubia", "kubelab-worker2", "ready"),
			kubePod(t, "default", "kubia-9djz9", "ReplicationController/kubia", "kubelab-worker2", "ready"),
			kubePod(t, "default", "kubia-msq8w", "ReplicationController/kubia", "kubelab-worker", "ready"),
		},
		checks.Commands: {shellCommand(t, 20, "for i in $(seq 30); do curl -s $IP:8080; done | sort | uniq -c", spread)},
	}
}

func someNodes(t testing.TB) world {
	w := someServices(t)
	w[nodes] = []checks.Object{
		kubeNode(t, "kubelab-worker", false, true), kubeNode(t, "kubelab-control-plane", true, true), kubeNode(t, "kubelab-worker2", false, false),
	}
	w[pods] = append(w[pods],
		kubePod(t, "kube-system", "coredns", "", "kubelab-worker", "ready"),
		kubePod(t, "default", "greedy", "", "", "pending"),
		kubePod(t, "default", "typo", "", "kubelab-worker", "ImagePullBackOff"))
	return w
}

func someRollout(t testing.TB) world {
	return world{
		deployments: {object(t, `{"metadata": {"name": "kubia", "namespace": "default", "uid": "uid-kubia", "creationTimestamp": %q},
			"spec": {"replicas": 3, "strategy": {"type": "RollingUpdate"}}, "status": {}}`, at(0))},
		replicaSets: {
			kubeSet(t, "kubia-55", "kubia", 1, 0, 0, "localhost:5001/kubia:v0"),
			kubeSet(t, "kubia-7c", "kubia", 2, 2, 2, "localhost:5001/kubia:v1"),
			kubeSet(t, "kubia-9d", "kubia", 3, 2, 1, "localhost:5001/kubia:v2"),
		},
		pods: {
			kubePod(t, "default", "kubia-7c-aaaaa", "ReplicaSet/kubia-7c", "kubelab-worker", "ready"),
			kubePod(t, "default", "kubia-7c-bbbbb", "ReplicaSet/kubia-7c", "kubelab-worker2", "ready"),
			kubePod(t, "default", "kubia-7c-ccccc", "ReplicaSet/kubia-7c", "kubelab-worker2", "ending"),
			kubePod(t, "default", "kubia-9d-ddddd", "ReplicaSet/kubia-9d", "kubelab-worker", "ready"),
			kubePod(t, "default", "kubia-9d-eeeee", "ReplicaSet/kubia-9d", "kubelab-worker", "starting"),
		},
	}
}

func kubeEvent(t testing.TB, of, kind, reason, message string, seconds float64, count int) checks.Object {
	return object(t, `{"metadata": {"namespace": "default", "uid": "ev-%s-%s"}, "involvedObject": {"uid": "uid-%s"}, "type": %q, "reason": %q,
		"message": %q, "lastTimestamp": %q, "count": %d}`, of, reason, of, kind, reason, message, at(seconds), count)
}

func someEvents(t testing.TB) world {
	return world{
		checks.Commands: {shellCommand(t, -0.4, "kubectl run kubia --image=localhost:5001/kubia --port=8080", "pod/kubia created")},
		pods:            {kubePod(t, "default", "kubia", "", "kubelab-worker", "ready")},
		kubeEvents: {
			kubeEvent(t, "kubia", "Normal", "Scheduled", "Successfully assigned default/kubia to kubelab-worker", 0, 1),
			kubeEvent(t, "kubia", "Normal", "Pulling", `Pulling image "localhost:5001/kubia"`, 1, 1),
			kubeEvent(t, "kubia", "Normal", "Pulled", `Successfully pulled image "localhost:5001/kubia" in 1.9s`, 3, 1),
			kubeEvent(t, "kubia", "Normal", "Created", "Container created", 3, 1),
			kubeEvent(t, "kubia", "Normal", "Started", "Container started", 3, 1),
			kubeEvent(t, "other", "Normal", "Killing", "Stopping container", 3, 1),
		},
	}
}

// failedEvents is a pod whose image is not to be had, made by a scaled ReplicaSet of a deployment.
func failedEvents(t testing.TB) world {
	w := world{
		deployments: {object(t, `{"metadata": {"name": "kubia", "namespace": "default", "uid": "uid-kubia", "creationTimestamp": %q}}`, at(0))},
		replicaSets: {kubeSet(t, "kubia-7c", "kubia", 1, 1, 0, "kubia:typo")},
		pods:        {kubePod(t, "default", "kubia-7c-aaaaa", "ReplicaSet/kubia-7c", "kubelab-worker", "ErrImagePull")},
	}
	w[kubeEvents] = []checks.Object{
		kubeEvent(t, "kubia-7c-aaaaa", "Normal", "Pulling", `Pulling image "localhost:5001/kubia:typo"`, 12, 3),
		kubeEvent(t, "kubia-7c-aaaaa", "Warning", "Failed", `Failed to pull image "localhost:5001/kubia:typo": rpc error: code = NotFound desc = failed to pull and unpack image "localhost:5001/kubia:typo": failed to resolve reference: not found`, 13, 3),
	}
	return w
}
