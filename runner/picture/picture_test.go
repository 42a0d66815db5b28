package picture

import (
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/kubelab/kubelab/checks"
)

func plainText(rows []Row) string {
	var b strings.Builder
	for _, r := range rows {
		for _, s := range r {
			b.WriteString(s.Text)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// exhibits are worlds that every test of drawing looks at.
func exhibits(t testing.TB) map[string]Scene {
	out := map[string]Scene{
		"containers": someContainers(t).scene(Containers), "layers": someImages(t).scene(Layers), "nodes": someNodes(t).scene(Nodes),
		"service": someServices(t).scene(Service), "rollout": someRollout(t).scene(Rollout), "events": someEvents(t).scene(Events),
		"events of a failure": failedEvents(t).scene(Events), "pods without service": bareWorkloads(t).scene(Service),
		"service without pods": someServices(t).with(pods).with(controllers).scene(Service),
		"many pods":            manyPods(t, 200).scene(Service), "many pods on nodes": manyPods(t, 200).scene(Nodes),
		"many pods rolled out": manyPods(t, 200).scene(Rollout), "many images": manyImages(t, 40).scene(Layers),
		"many containers": manyContainers(t, 60).scene(Containers),
	}
	for _, kind := range Kinds() {
		out["no "+string(kind)] = world{}.scene(kind)
		out["waiting for "+string(kind)] = Scene{Kind: kind, Snapshot: checks.NewSnapshot(t0, map[string]checks.State{
			pods: {Err: "쿠버네티스 클러스터가 아직 없습니다. 클러스터가 준비되어야 합니다."}, checks.Images: {Synced: true},
		})}
	}
	lost := someContainers(t).scene(Containers)
	lost.Snapshot = lost.Snapshot.With(t0, checks.Containers, checks.State{
		Synced: true, Items: lost.Snapshot.State(checks.Containers).Items, Err: "Docker 엔진에 연결할 수 없습니다.",
	})
	out["lost containers"] = lost
	return out
}

// bareWorkloads are pods that no service chooses: of a deployment, of a Job, of nobody; and a set without pods.
func bareWorkloads(t testing.TB) world {
	return world{
		replicaSets: {kubeSet(t, "kubia-7c", "kubia", 1, 1, 0, "kubia"), kubeSet(t, "empty", "", 1, 2, 0, "x"), kubeSet(t, "past", "kubia", 0, 0, 0, "x")},
		pods: {
			kubePod(t, "default", "kubia-7c-aaaaa", "ReplicaSet/kubia-7c", "kubelab-worker", "CrashLoopBackOff"),
			kubePod(t, "default", "once-xyz", "Job/once", "kubelab-worker", "ready"),
			kubePod(t, "default", "alone", "", "kubelab-worker", "ready"),
			kubePod(t, "other", "hidden", "", "kubelab-worker", "ready"),
		},
	}
}

func manyPods(t testing.TB, n int) world {
	w := someRollout(t)
	w[pods] = nil
	for i := range n {
		w[pods] = append(w[pods], kubePod(t, "default", fmt.Sprintf("kubia-9d-%05d", i), "ReplicaSet/kubia-9d", fmt.Sprintf("kubelab-worker%d", i%3), "ready"))
	}
	for i := range 3 {
		w[nodes] = append(w[nodes], kubeNode(t, fmt.Sprintf("kubelab-worker%d", i), false, true))
	}
	w[services] = []checks.Object{kubeService(t, "kubia", "NodePort", "")}
	w[checks.Commands] = []checks.Object{shellCommand(t, 1, "curl -s $IP", strings.Repeat("You've hit kubia-9d-00003\n", 500))}
	return w
}

func manyImages(t testing.TB, n int) world {
	w := world{}
	for i := range n {
		layers := []string{"a1|ADD base in /|8400000"}
		for j := range i % 25 {
			layers = append(layers, fmt.Sprintf("l%d|RUN step %d|%d", j, j, 1000*j))
		}
		layers = append(layers, fmt.Sprintf("own%d|COPY %d|1", i, i))
		w[checks.Images] = append(w[checks.Images], dockerImage(t, fmt.Sprintf("image%d:latest", i), layers...))
	}
	return w
}

func manyContainers(t testing.TB, n int) world {
	w := world{}
	for i := range n {
		w[checks.Containers] = append(w[checks.Containers], dockerContainer(t, fmt.Sprintf("c%02d", i), "busybox", stateRunning, ""))
	}
	return w
}

var frames = [][2]int{{40, 20}, {56, 14}, {76, 20}, {100, 24}, {150, 40}}

func TestPictures(t *testing.T) {
	for name, scene := range exhibits(t) {
		for _, size := range frames {
			t.Run(fmt.Sprintf("%s/%dx%d", name, size[0], size[1]), func(t *testing.T) {
				golden.RequireEqual(t, plainText(Draw(scene, Frame{Width: size[0], Height: size[1], Words: Korean()})))
			})
		}
	}
}

func TestPicturesInASCII(t *testing.T) {
	for _, kind := range Kinds() {
		t.Run(string(kind), func(t *testing.T) {
			got := plainText(Draw(exhibits(t)[string(kind)], Frame{Width: 110, Height: 24, ASCII: true, Words: English()}))
			for _, r := range got {
				if r > '~' {
					t.Errorf("%q may be two columns wide", r)
				}
			}
			golden.RequireEqual(t, got)
		})
	}
}

// TestEverySize holds that nothing is wider or higher than its frame, and that no box is cut open.
func TestEverySize(t *testing.T) {
	for name, scene := range exhibits(t) {
		for width := 40; width <= 300; width++ {
			for _, height := range []int{1, 5, 9, 16, 40} {
				if width%7 > 0 && height != 16 || width%3 > 0 && strings.HasPrefix(name, "many") {
					continue
				}
				checkFrame(t, name, scene, width, height)
			}
		}
		for width := range 40 {
			checkFrame(t, name, scene, width, 3)
		}
	}
}

func checkFrame(t *testing.T, name string, scene Scene, width, height int) {
	t.Helper()
	rows := Draw(scene, Frame{Width: width, Height: height, Words: Korean()})
	text := plainText(rows)
	if len(rows) > height {
		t.Fatalf("%s, %dx%d: %d lines", name, width, height, len(rows))
	}
	for line := range strings.Lines(text) {
		if w := ansi.StringWidth(strings.TrimSuffix(line, "\n")); w > width {
			t.Fatalf("%s, %dx%d: a line is %d columns wide: %q", name, width, height, w, line)
		}
	}
	if open, closed := strings.Count(text, "┌"), strings.Count(text, "┘"); width >= 40 && open != closed {
		t.Fatalf("%s, %dx%d: %d boxes begin and %d end:\n%s", name, width, height, open, closed, text)
	}
}

// TestNothingIsLostSilently holds that what does not fit is counted.
func TestNothingIsLostSilently(t *testing.T) {
	for _, c := range []struct {
		name string
		want string
	}{{"many pods", "외"}, {"many pods on nodes", "외"}, {"many pods rolled out", "외"}, {"many images", "외"}, {"many containers", "외"}} {
		for _, size := range frames {
			text := plainText(Draw(exhibits(t)[c.name], Frame{Width: size[0], Height: size[1], Words: Korean()}))
			if !strings.Contains(text, c.want) {
				t.Errorf("%s at %v does not say what is missing:\n%s", c.name, size, text)
			}
		}
	}
}

// TestCountOfWhatIsMissing adds up what is drawn and what is summed up.
func TestCountOfWhatIsMissing(t *testing.T) {
	scene := manyContainers(t, 60).scene(Containers)
	for width := 40; width < 200; width += 11 {
		text := plainText(Draw(scene, Frame{Width: width, Height: 20, Words: Korean()}))
		shown := strings.Count(text, "실행 중\n") + strings.Count(text, "실행 중  ") // the header's has a number behind it
		var left int
		i := strings.Index(text, "외 ")
		if _, err := fmt.Sscanf(text[i:], "외 %d개", &left); err != nil || shown+left != 60 {
			t.Errorf("width %d: %d are drawn and %d summed up of 60:\n%s", width, shown, left, text)
		}
	}
}

func TestHostileNames(t *testing.T) {
	evil := "\x1b[31mred\x1b]0;title\a\x9b2J\u202egnp.\u2066x\u200b\u200d\ufeff\r\n\tend" + strings.Repeat("긴", 400)
	w := world{}
	for _, source := range []string{checks.Containers, checks.Images, pods, nodes, services, controllers, replicaSets, deployments} {
		w[source] = []checks.Object{{
			"Id": evil, "Name": evil, "RepoTags": []any{evil}, "Config": map[string]any{"Image": evil, "ExposedPorts": map[string]any{evil: nil}},
			"State":           map[string]any{"Status": evil, "Running": true},
			"NetworkSettings": map[string]any{"Ports": map[string]any{evil: []any{map[string]any{"HostPort": evil}}}},
			"RootFS":          map[string]any{"Layers": []any{evil}},
			"History":         []any{map[string]any{"CreatedBy": evil, "Size": int64(1)}},
			"metadata": map[string]any{
				"name": evil, "namespace": "default", "uid": evil + source, "creationTimestamp": at(0), "labels": map[string]any{evil: evil},
				"annotations":     map[string]any{"deployment.kubernetes.io/revision": evil},
				"ownerReferences": []any{map[string]any{"kind": evil, "name": evil, "uid": evil, "controller": true}},
				"managedFields":   []any{map[string]any{"manager": "kubectl-" + evil}},
			},
			"spec": map[string]any{
				"replicas": int64(3), "nodeName": evil, "selector": map[string]any{evil: evil}, "clusterIP": evil,
				"ports":    []any{map[string]any{"port": int64(80)}},
				"template": map[string]any{"spec": map[string]any{"containers": []any{map[string]any{"image": evil}}}},
			},
			"status": map[string]any{
				"phase": "Pending", "nodeInfo": map[string]any{"kubeletVersion": evil},
				"conditions": []any{
					map[string]any{"type": "Progressing", "status": "False", "message": evil},
					map[string]any{"type": "PodScheduled", "status": "True", "lastTransitionTime": at(0)},
				},
				"containerStatuses": []any{map[string]any{"name": evil, "state": map[string]any{"waiting": map[string]any{"reason": evil}}}},
			},
		}}
	}
	w[kubeEvents] = []checks.Object{{
		"metadata": map[string]any{"namespace": "default", "uid": "e"}, "involvedObject": map[string]any{"uid": evil + pods},
		"reason": evil, "message": evil, "lastTimestamp": at(1),
	}}
	w[checks.Commands] = []checks.Object{shellCommand(t, -1, "kubectl run "+evil, evil)}
	for _, kind := range Kinds() {
		for _, size := range frames {
			scene := w.scene(kind)
			checkFrame(t, string(kind), scene, size[0], size[1])
			for _, r := range plainText(Draw(scene, Frame{Width: size[0], Height: size[1], Words: Korean()})) {
				if r != '\n' && (r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x200b && r <= 0x200f || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfeff) {
					t.Fatalf("%s at %v lets %U through", kind, size, r)
				}
			}
		}
	}
}

// TestWords holds that both catalogues are whole and take the same arguments.
func TestWords(t *testing.T) {
	ko, en := reflect.ValueOf(Korean()), reflect.ValueOf(English())
	for i := range ko.NumField() {
		name, a, b := ko.Type().Field(i).Name, ko.Field(i), en.Field(i)
		switch a.Kind() {
		case reflect.String:
			if a.String() == "" || b.String() == "" {
				t.Errorf("%s is missing", name)
			}
			if verbs(a.String()) != verbs(b.String()) {
				t.Errorf("%s takes %q in Korean and %q in English", name, verbs(a.String()), verbs(b.String()))
			}
		case reflect.Map:
			keys := func(v reflect.Value) []string {
				var out []string
				for _, k := range v.MapKeys() {
					out = append(out, k.String())
				}
				slices.Sort(out)
				return out
			}
			if !slices.Equal(keys(a), keys(b)) || a.Len() == 0 {
				t.Errorf("%s has %v in Korean and %v in English", name, keys(a), keys(b))
			}
		case reflect.Slice:
			if a.Len() != int(lanes) || b.Len() != int(lanes) {
				t.Errorf("%s has %d and %d entries for %d lanes", name, a.Len(), b.Len(), lanes)
			}
		}
	}
	for _, kind := range Kinds() {
		if Korean().KindName(kind) == "" {
			t.Errorf("%s has no name", kind)
		}
		for _, w := range Watches(kind) {
			if Korean().Sources[w.Source] == "" {
				t.Errorf("source %s has no name", w.Source)
			}
		}
	}
}

func verbs(format string) string {
	var out []string
	for i, part := range strings.Split(strings.ReplaceAll(format, "%%", ""), "%") {
		if i > 0 {
			out = append(out, part[:1])
		}
	}
	return strings.Join(out, "")
}

// TestWatches holds that every source of a picture is one that there is.
func TestWatches(t *testing.T) {
	for _, kind := range Kinds() {
		watches := Watches(kind)
		if len(watches) == 0 {
			t.Errorf("%s is drawn from nothing", kind)
		}
		for _, w := range watches {
			if source, err := checks.Canonical(w.Source); err != nil || source != w.Source {
				t.Errorf("%s: %q is not the canonical name of a source (%q, %v)", kind, w.Source, source, err)
			}
		}
		if OfCluster(kind) == (kind == Containers || kind == Layers) {
			t.Errorf("OfCluster(%s) is %v", kind, OfCluster(kind))
		}
	}
	if Watches("none") != nil && len(Watches("none")) > 0 {
		t.Error("an unknown kind is drawn from something")
	}
}

// TestGoldenFilesAreUsed fails on files of pictures that no test draws any more.
func TestGoldenFilesAreUsed(t *testing.T) {
	known := slices.Collect(maps.Keys(exhibits(t)))
	entries, err := os.ReadDir("testdata/TestPictures")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.ContainsFunc(known, func(name string) bool { return strings.ReplaceAll(name, " ", "_") == e.Name() }) {
			t.Errorf("testdata/TestPictures/%s is of no picture", e.Name())
		}
	}
}

func BenchmarkDraw200Pods(b *testing.B) {
	for _, kind := range []Kind{Nodes, Service, Rollout, Events} {
		scene := manyPods(b, 200).scene(kind)
		for _, size := range [][2]int{{76, 20}, {150, 46}} {
			b.Run(fmt.Sprintf("%s/%dx%d", kind, size[0], size[1]), func(b *testing.B) {
				frame := Frame{Width: size[0], Height: size[1], Words: Korean()}
				for b.Loop() {
					if len(Draw(scene, frame)) == 0 {
						b.Fatal("nothing is drawn")
					}
				}
			})
		}
	}
}

// BenchmarkShow200Pods is the time to find what has changed among 200 pods.
func BenchmarkShow200Pods(b *testing.B) {
	a, c := manyPods(b, 200).scene(Service), manyPods(b, 199).scene(Service)
	f := &Film{}
	f.Show(a)
	for b.Loop() {
		f.Show(c)
		f.Show(a)
	}
}
