package picture

import (
	"slices"
	"strings"
	"testing"

	"github.com/kubelab/kubelab/checks"
)

// markedWords are the words of the spans with a mark, without frames and signs, each once.
func markedWords(rows []Row, mark Mark) []string {
	var out []string
	for _, r := range rows {
		for _, s := range r {
			if s.Mark != mark || s.Role == Line {
				continue
			}
			for word := range strings.FieldsSeq(s.Text) {
				if !slices.Contains([]string{"●", "○", "·", "▼"}, word) && !slices.Contains(out, word) {
					out = append(out, word)
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

func wide() Frame { return Frame{Width: 160, Height: 40, Words: English()} }

func TestFlashes(t *testing.T) {
	type change struct {
		name        string
		kind        Kind
		before, now world
		fresh, gone []string
	}
	containersOf := func(w world) []checks.Object { return w[checks.Containers] }
	all := someContainers(t)
	stopped := slices.Clone(containersOf(all))
	stopped[1] = dockerContainer(t, "web", "kubia:latest", stateEnded, "")
	services1 := someServices(t)
	morePods := services1.with(pods, append(slices.Clone(services1[pods]), kubePod(t, "default", "kubia-new", "ReplicationController/kubia", "kubelab-worker", "starting"))...)
	asked := services1.with(checks.Commands, append(slices.Clone(services1[checks.Commands]), shellCommand(t, 30, "curl -s $IP", "You've hit kubia-9djz9\n"))...)
	elsewhere := services1.with(pods, append(slices.Clone(services1[pods]), kubePod(t, "other", "stranger", "", "kubelab-worker", "ready"))...)
	images := someImages(t)
	rollout := someRollout(t)
	scaled := rollout.with(replicaSets, rollout[replicaSets][0], kubeSet(t, "kubia-7c", "kubia", 2, 1, 1, "localhost:5001/kubia:v1"), rollout[replicaSets][2])
	nodesNow := someNodes(t)
	nodesWere := nodesNow.with(nodes, kubeNode(t, "kubelab-worker", false, false), nodesNow[nodes][1], nodesNow[nodes][2])
	eventsWere := someEvents(t)
	eventsNow := eventsWere.with(kubeEvents, append(slices.Clone(eventsWere[kubeEvents]), kubeEvent(t, "kubia", "Warning", "Unhealthy", "probe", 9, 1))...)

	for _, c := range []change{
		{"nothing", Containers, all, all, nil, nil},
		{"a new container", Containers, all.with(checks.Containers, containersOf(all)[1:]...), all, []string{"0", "busybox", "code", "ended", "exit", "hello"}, nil},
		{"a container that stopped", Containers, all, all.with(checks.Containers, stopped...), []string{"0", "code", "ended", "exit", "kubia:latest", "web"}, nil},
		{"a container that was removed", Containers, all, all.with(checks.Containers, containersOf(all)[1:]...), nil, []string{"0", "busybox", "code", "ended", "exit", "hello"}},
		{"an image with a layer of its own that was removed", Layers, images, images.with(checks.Images, images[checks.Images][:4]...), nil, []string{"12.3", "174", "MB", "RUN", "install", "kubia:v2", "npm"}},
		{"an image that was built", Layers, images.with(checks.Images, images[checks.Images][:4]...), images, []string{"12.3", "174", "MB", "RUN", "install", "kubia:v2", "npm"}, nil},
		{"a new pod", Service, services1, morePods, []string{"0", "new", "starting"}, nil},
		{"a pod that is gone", Service, morePods, services1, nil, []string{"new", "starting"}},
		{"an answer", Service, services1, asked, []string{"10"}, nil},
		{"a pod of another namespace", Service, services1, elsewhere, nil, nil},
		{"a ReplicaSet that was scaled", Rollout, rollout, scaled, []string{"1", "2", "kubia-7c", "localhost:5001/kubia:v1", "old", "ready", "revision", "want"}, nil},
		{"a node that became ready", Nodes, nodesWere, nodesNow, []string{"kubelab-worker", "ready", "v1.37.0"}, nil},
		{"an event", Events, eventsWere, eventsNow, []string{"+9.4s", "09:30:09", "Unhealthy:", "kubelet", "probe"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := &Film{}
			if n := f.Show(c.before.scene(c.kind)); n != 0 {
				t.Errorf("the first scene is change %d", n)
			}
			if m := markedWords(f.Draw(wide()), Fresh); len(m) > 0 {
				t.Errorf("of the first scene, this flashes: %q", m)
			}
			n := f.Show(c.now.scene(c.kind))
			if changed := len(c.fresh)+len(c.gone) > 0; (n > 0) != changed {
				t.Errorf("got change %d", n)
			}
			frame := wide()
			if c.kind == Events {
				frame.Width = 90
			}
			if got := markedWords(f.Draw(frame), Fresh); !slices.Equal(got, c.fresh) {
				t.Errorf("fresh is %q, want %q", got, c.fresh)
			}
			if got := markedWords(f.Draw(frame), Gone); !slices.Equal(got, c.gone) {
				t.Errorf("gone is %q, want %q", got, c.gone)
			}
			f.Settle(n)
			if got := plainText(f.Draw(frame)); got != plainText(Draw(c.now.scene(c.kind), frame)) {
				t.Errorf("after the flash this is drawn:\n%s", got)
			}
			if got := append(markedWords(f.Draw(frame), Fresh), markedWords(f.Draw(frame), Gone)...); len(got) > 0 {
				t.Errorf("after the flash, this is still marked: %q", got)
			}
		})
	}
}

// TestFlashesEndOneByOne holds that a change does not end, or go on with, the flash of another.
func TestFlashesEndOneByOne(t *testing.T) {
	w := someContainers(t)
	c := w[checks.Containers]
	f := &Film{}
	f.Show(w.with(checks.Containers, c[0], c[1]).scene(Containers))
	first := f.Show(w.with(checks.Containers, c[1]).scene(Containers))
	second := f.Show(w.with(checks.Containers, c[1], c[3]).scene(Containers))
	if first == 0 || second <= first {
		t.Fatalf("changes are %d and %d", first, second)
	}
	has := func(mark Mark, word string, want bool) {
		t.Helper()
		if got := slices.Contains(markedWords(f.Draw(wide()), mark), word); got != want {
			t.Errorf("mark %d on %s: %v, want %v", mark, word, got, want)
		}
	}
	has(Gone, "hello", true)
	has(Fresh, "killed", true)
	if !f.Settle(first) {
		t.Error("nothing has settled")
	}
	has(Gone, "hello", false)
	has(Fresh, "killed", true)
	if f.Settle(first) {
		t.Error("it has settled twice")
	}
	f.Settle(second)
	has(Fresh, "killed", false)
}

// TestComesBack holds that what is made again while its end is shown is shown once.
func TestComesBack(t *testing.T) {
	w := someContainers(t)
	c := w[checks.Containers]
	f := &Film{}
	f.Show(w.scene(Containers))
	f.Show(w.with(checks.Containers, c[1:]...).scene(Containers))
	f.Show(w.scene(Containers))
	if got := markedWords(f.Draw(wide()), Gone); len(got) > 0 {
		t.Errorf("gone is %q", got)
	}
	if n := strings.Count(plainText(f.Draw(wide())), "hello"); n != 1 {
		t.Errorf("hello is drawn %d times", n)
	}
}

// TestStartsAnew holds that another kind, and sources that were out of sight, are no changes.
func TestStartsAnew(t *testing.T) {
	w := someImages(t)
	f := &Film{}
	f.Show(w.scene(Containers))
	for _, s := range []Scene{w.scene(Layers), {Kind: Layers}, w.scene(Layers), world{}.scene(Containers)} {
		if n := f.Show(s); n != 0 {
			t.Errorf("%s is change %d", s.Kind, n)
		}
		if got := append(markedWords(f.Draw(wide()), Fresh), markedWords(f.Draw(wide()), Gone)...); len(got) > 0 {
			t.Errorf("%s: this is marked: %q", s.Kind, got)
		}
	}
}

func TestAnswers(t *testing.T) {
	three := someServices(t)
	http := world{}
	for k, v := range three {
		http[k] = v
	}
	delete(http, checks.Commands)
	http[checks.HTTP+" http://localhost:8080/"] = []checks.Object{object(t, `{"seen": [{"body": "You've hit kubia-4lm8d\n", "count": 7}, {"body": "502", "count": 3}]}`)}
	logs := three.with(checks.Commands)
	logs[checks.Logs] = []checks.Object{
		object(t, `{"pod": "client", "text": "You've hit kubia-9djz9\nYou've hit kubia-9djz9 (v2)\n"}`),
		object(t, `{"pod": "kubia-4lm8d", "text": "I am kubia-4lm8d\n"}`),
	}
	shell := func(text, output string) world { return three.with(checks.Commands, shellCommand(t, 1, text, output)) }
	for _, c := range []struct {
		name  string
		world world
		want  [3]int
		whose string
	}{
		{"counted by uniq", three, [3]int{11, 9, 10}, "to curl and wget in the shell"},
		{"a loop", shell("while true; do curl -s $IP; done", "You've hit kubia-4lm8d\nYou've hit kubia-4lm8d\n"), [3]int{2, 0, 0}, "to curl and wget in the shell"},
		{"an answer that is the name", shell("wget -qO- $IP", "kubia-msq8w\n"), [3]int{0, 0, 1}, "to curl and wget in the shell"},
		{"a name that is longer", shell("curl $IP", "You've hit kubia-4lm8d-2\nYou've hit xkubia-4lm8d\n"), [3]int{}, ""},
		{"numbers are no counts without uniq", shell("curl $IP", "30 times kubia-4lm8d\n"), [3]int{1, 0, 0}, "to curl and wget in the shell"},
		{"a list is no answer", shell("kubectl get pods; curl $IP", "kubia-4lm8d   1/1   Running\npod/kubia-9djz9 created\npod \"kubia-msq8w\" deleted\n"), [3]int{}, ""},
		{"no client", shell("kubectl describe svc", "Endpoint of kubia-4lm8d\n"), [3]int{}, ""},
		{"kubelab's own requests", http, [3]int{7, 0, 0}, "to kubelab's own checks"},
		{"the log of another pod", logs, [3]int{0, 2, 0}, "to pods in the cluster"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := newEye(c.world.scene(Service), Changes{}, English())
			groups := e.groups()
			var got [3]int
			for i, m := range groups[0].owners[0].pods {
				got[i] = m.answers
			}
			if got != c.want || groups[0].whose != c.whose {
				t.Errorf("got %v, %q; want %v, %q", got, groups[0].whose, c.want, c.whose)
			}
		})
	}
}

// TestAnswersAreBounded holds that the newest output counts where there is too much to read.
func TestAnswersAreBounded(t *testing.T) {
	w := someServices(t)
	var commands []checks.Object
	for i := range 40 {
		commands = append(commands, shellCommand(t, float64(i), "curl $IP", strings.Repeat("You've hit kubia-4lm8d\n", 700)))
	}
	commands = append(commands, shellCommand(t, 99, "curl $IP", "You've hit kubia-msq8w\n"))
	e := newEye(w.with(checks.Commands, commands...).scene(Service), Changes{}, English())
	pods := e.groups()[0].owners[0].pods
	if pods[2].answers != 1 || pods[0].answers == 0 || pods[0].answers >= 40*700 {
		t.Errorf("got %d and %d answers", pods[0].answers, pods[2].answers)
	}
}

func TestInstructions(t *testing.T) {
	for in, want := range map[string]string{
		"/bin/sh -c #(nop)  CMD [\"sh\"]":                  `CMD ["sh"]`,
		"/bin/sh -c apk add curl":                          "RUN apk add curl",
		"RUN /bin/sh -c npm ci # buildkit":                 "RUN npm ci",
		"COPY app.js /app.js # buildkit":                   "COPY app.js /app.js",
		"\x1b]0;x\aRUN evil":                               "RUN evil",
		"debootstrap bookworm systemd systemd-sysv dbus …": "debootstrap bookworm systemd systemd-sysv dbus …",
	} {
		if got := instruction(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestBytes(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1086: "1.09 kB", 1990000: "1.99 MB", 12345678: "12.3 MB", 153000000: "153 MB", 999900000: "1.00 GB", 5e15: "5000 TB",
	} {
		if got := bytes(n); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}

// TestOwnersInACircle holds that objects that own one another, which the API allows, are drawn.
func TestOwnersInACircle(t *testing.T) {
	w := failedEvents(t)
	self := kubeSet(t, "kubia-7c", "", 1, 1, 0, "kubia")
	self["metadata"].(map[string]any)["ownerReferences"] = []any{
		map[string]any{"kind": "ReplicaSet", "name": "kubia-7c", "uid": "uid-kubia-7c", "controller": true},
	}
	for _, kind := range Kinds() {
		if rows := Draw(w.with(replicaSets, self).scene(kind), wide()); len(rows) == 0 {
			t.Errorf("%s is empty", kind)
		}
	}
}
