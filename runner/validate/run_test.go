package validate_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/validate"
)

// courseLab is a lab of a course in which things are given and taken: it runs a container of its own name.
type courseLab struct {
	id, front string
	demo      demo
}

// things are the scripts of a thing that is a container.
func things(name string) string {
	return fmt.Sprintf(`
~~~bash have=%[1]q
test -e "$WORLD/%[1]s"
~~~
~~~bash give=%[1]q
docker run --name %[1]s busybox
~~~
~~~bash take=%[1]q
docker rm %[1]s
~~~
`, name)
}

// parseCourse reads a course.
func parseCourse(t *testing.T, all ...courseLab) []*labs.Lab {
	t.Helper()
	files := fstest.MapFS{}
	var ids []string
	for _, l := range all {
		ids = append(ids, l.id)
		text := strings.ReplaceAll(l.demo.text(), "web", l.id)
		files[l.id+"/lab.md"] = &fstest.MapFile{Data: fmt.Appendf(nil, "---\nid: %s\ntitle: 시험\n%s\nminutes: 1\n---\n%s", l.id, l.front, text)}
	}
	files["course.yaml"] = &fstest.MapFile{Data: []byte("title: 시험\nlabs: [" + strings.Join(ids, ", ") + "]\n")}
	course, err := labs.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return course.Labs
}

// giver is a lab whose solution makes the thing that it gives.
func giver(id, thing, front string) courseLab {
	return courseLab{id, front + "\ngives: [" + thing + "]", demo{
		intro: things(thing), solution: "docker run --name web busybox # 이름\ndocker run --name " + thing + " busybox",
	}}
}

// namespaces is a cluster in which labs get namespaces, and objects that are put there.
type namespaces struct {
	mu      sync.Mutex
	made    []string
	present map[string]bool
	objects []validate.Object
	// trouble is what Enter and Leave fail with.
	enter, leave error
	// lasting is how long a namespace takes to go.
	lasting time.Duration
}

func (n *namespaces) Enter(_ context.Context, env *engine.Environment, lab string) (*engine.Environment, error) {
	if n.enter != nil {
		return nil, n.enter
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	own := *env
	own.Namespace = fmt.Sprintf("lab-%s-%d", lab, len(n.made))
	n.made = append(n.made, own.Namespace)
	if n.present == nil {
		n.present = map[string]bool{}
	}
	n.present[own.Namespace] = true
	return &own, nil
}

func (n *namespaces) Leave(_ context.Context, namespace string) error {
	time.Sleep(n.lasting)
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.present, namespace)
	return n.leave
}

func (n *namespaces) Objects(_ context.Context, namespace string) ([]validate.Object, error) {
	return n.those(func(at string) bool { return at == namespace }), nil
}

func (n *namespaces) Others(context.Context) ([]validate.Object, error) {
	return n.those(func(at string) bool { return !strings.HasPrefix(at, "lab-") }), nil
}

func (n *namespaces) those(in func(namespace string) bool) (out []validate.Object) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, o := range n.objects {
		if in(o.GetNamespace()) {
			out = append(out, o)
		}
	}
	return out
}

// put makes an object, or replaces it.
func (n *namespaces) put(resource, namespace, name, version string, spec map[string]any) {
	n.drop(resource, namespace, name)
	n.mu.Lock()
	defer n.mu.Unlock()
	u := &unstructured.Unstructured{Object: map[string]any{"spec": spec}}
	u.SetNamespace(namespace)
	u.SetName(name)
	u.SetResourceVersion(version)
	n.objects = append(n.objects, validate.Object{GroupVersionResource: schema.GroupVersionResource{Resource: resource}, Unstructured: u})
}

// others are the problems of a report that are not about a single check: the labs of a course are all alike, and see
// one another's containers.
func others(report *validate.Report) map[string]string {
	_, problems := outcome(report)
	maps.DeleteFunc(problems, func(name, _ string) bool { return strings.Contains(name, "/mutation ") })
	return problems
}

func (n *namespaces) drop(resource, namespace, name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.objects = slices.DeleteFunc(n.objects, func(o validate.Object) bool {
		return o.Resource == resource && o.GetNamespace() == namespace && o.GetName() == name
	})
}

func TestSupplies(t *testing.T) {
	course := parseCourse(t, giver("one", "thing", "needs: [docker]"), courseLab{"two", "needs: [docker, thing]", demo{}},
		courseLab{"six", "needs: [docker, thing]", demo{}})
	const make, take = "docker run --name thing busybox", "docker rm thing"
	const prepare = "docker run --name base busybox"
	// Cleanup asks for the thing to be taken once more, as Set does: a lab may begin or end in any state.
	cleanup := func(id string) string { return "docker rm -f " + id + " wob base" }
	one := []string{take, prepare, cleanup("one"), take}
	two := []string{prepare, cleanup("two")}
	six := []string{prepare, cleanup("six")}
	for name, tt := range map[string]struct {
		labs  []int
		left  []string // what was there before
		want  [][]string
		tells string
	}{
		"made once and taken at the end":     {labs: []int{1, 2}, want: [][]string{{make}, two, six, {take}}, tells: "two thing"},
		"not made where it is there":         {labs: []int{1}, left: []string{"thing"}, want: [][]string{two}},
		"taken before the giver begins":      {labs: []int{1, 0}, want: [][]string{{make}, two, {take}, one}, tells: "two thing"},
		"made again behind the giver":        {labs: []int{1, 0, 2}, want: [][]string{{make}, two, {take}, one, {make}, six, {take}}, tells: "two thing, six thing"},
		"the giver alone makes it by itself": {labs: []int{0}, want: [][]string{one}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				for _, name := range tt.left {
					w.run(name, "busybox")
				}
				var chosen []*labs.Lab
				for _, i := range tt.labs {
					chosen = append(chosen, course[i])
				}
				cfg := w.config(chosen...)
				var tells []string
				cfg.Report = func(e validate.Event) {
					if e.Supply != nil {
						tells = append(tells, e.Lab+" "+e.Supply.Name)
					}
				}
				report, err := validate.Run(t.Context(), cfg)
				if err != nil {
					t.Fatal(err)
				}
				if problems := others(report); len(problems) > 0 {
					t.Errorf("problems: %q", problems)
				}
				if got, want := w.ran(), slices.Concat(tt.want...); !slices.Equal(got, want) {
					t.Errorf("bash ran\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
				if got := strings.Join(tells, ", "); got != tt.tells {
					t.Errorf("told of %q, want %q", got, tt.tells)
				}
				if got := w.names(); !slices.Equal(got, tt.left) {
					t.Errorf("left %q", got)
				}
				w.verify()
			})
		})
	}
}

func TestGive(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*courseLab)
		fail   string
		part   string
	}{
		"given": {change: func(*courseLab) {}},
		"not given": {
			change: func(l *courseLab) { l.demo.solution = "docker run --name web busybox" },
			fail:   "give thing", part: "its `have` block does not find it",
		},
		"not taken": {
			change: func(l *courseLab) {
				l.demo.intro = strings.Replace(l.demo.intro, "docker rm thing", "true", 1)
				l.demo.cleanup = "docker rm -f web base"
			},
			fail: "cleanup", part: "thing is still there when the lab was cleared",
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := giver("one", "thing", "needs: [docker]")
			tt.change(&l)
			course := parseCourse(t, l)
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				report, err := validate.Run(t.Context(), w.config(course...))
				if err != nil {
					t.Fatal(err)
				}
				cases, _ := outcome(report)
				problems := others(report)
				delete(problems, "restore") // tells of the same
				if !slices.Contains(cases, "give thing") {
					t.Errorf("no case says whether the thing is there: %q", cases)
				}
				if tt.fail == "" && len(problems) == 0 {
					return
				}
				if len(problems) != 1 || !strings.Contains(problems[tt.fail], tt.part) {
					t.Errorf("problems: %q, want %s: %s", problems, tt.fail, tt.part)
				}
			})
		})
	}
}

// TestTaken touches nothing where a lab gives what somebody has made already, unless others share the environment.
func TestTaken(t *testing.T) {
	course := parseCourse(t, giver("one", "thing", "needs: [docker]"), courseLab{"two", "needs: [docker, thing]", demo{}})
	for name, tt := range map[string]struct {
		labs   []*labs.Lab
		shared bool
		taken  bool
	}{
		"its giver":          {labs: course, taken: true},
		"who takes it over":  {labs: course[1:]},
		"others use it, too": {labs: course[:1], shared: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.run("thing", "theirs")
				cfg := w.config(tt.labs...)
				cfg.Shared = tt.shared
				report, err := validate.Run(t.Context(), cfg)
				taken, ok := errors.AsType[*validate.TakenError](err)
				if ok != tt.taken || !ok && err != nil {
					t.Fatalf("got %v, want that it is taken: %v", err, tt.taken)
				}
				if ok && (taken.Thing.Name != "thing" || len(report.Labs) > 0) {
					t.Errorf("%v, %d labs replayed", err, len(report.Labs))
				}
				if got := w.names(); !tt.shared && !slices.Equal(got, []string{"thing"}) {
					t.Errorf("left %q", got)
				}
				w.verify()
			})
		})
	}
}

// TestSupplyTrouble takes what was made away although making it failed, and although the run was interrupted.
func TestSupplyTrouble(t *testing.T) {
	taker := courseLab{"two", "needs: [docker, thing]", demo{}}
	for name, tt := range map[string]struct {
		intro       string
		interrupted bool
		fail, part  string
	}{
		"it cannot be made":  {intro: strings.Replace(things("thing"), "busybox\n", "busybox; exit 7\n", 1), fail: "prepare", part: "exit status 7"},
		"it is not found":    {intro: strings.Replace(things("thing"), `test -e "$WORLD/thing"`, "false", 1), fail: "prepare", part: "`have` block does not find"},
		"it cannot be taken": {intro: strings.Replace(things("thing"), "docker rm thing", "docker rm thing; exit 8", 1), fail: "restore", part: "exit status 8"},
		"interrupted":        {intro: things("thing"), interrupted: true, fail: "one/solution", part: "canceled"},
	} {
		t.Run(name, func(t *testing.T) {
			g := giver("one", "thing", "needs: [docker]")
			g.demo.intro = tt.intro
			course := parseCourse(t, g, taker)
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if tt.interrupted {
					w.typing = func(string) error {
						cancel()
						return context.Canceled
					}
				}
				report, err := validate.Run(ctx, w.config(course[1]))
				if tt.interrupted != errors.Is(err, context.Canceled) {
					t.Fatal(err)
				}
				_, problems := outcome(report)
				if len(problems) != 1 || !strings.Contains(problems[tt.fail], tt.part) {
					t.Errorf("problems: %q, want %s: %s", problems, tt.fail, tt.part)
				}
				if got := w.names(); len(got) > 0 {
					t.Errorf("left %q", got)
				}
				w.verify()
			})
		})
	}
}

// TestJobs replays labs at the same time, and tells of each as a whole.
func TestJobs(t *testing.T) {
	course := parseCourse(t,
		giver("one", "thing", "needs: [docker]"), courseLab{"two", "needs: [cluster, thing]", demo{cleanup: "docker rm -f web"}},
		courseLab{"six", "needs: [cluster]", demo{cleanup: "docker rm -f web"}}, courseLab{"ten", "needs: [docker]", demo{}},
	)
	// These two only claim to leave Docker alone. Each has a container of its own, and none that was prepared.
	for _, lab := range course[1:3] {
		lab.Prepare = nil
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		cluster := &namespaces{lasting: 6 * time.Second}
		cfg := w.config(course...)
		cfg.Jobs, cfg.Cluster = 2, cluster
		w.typing = func(statement string) error {
			time.Sleep(10 * time.Second)
			if strings.Contains(statement, "six") {
				time.Sleep(2 * time.Second)
			}
			return nil
		}
		var told []string
		cfg.Report = func(e validate.Event) {
			if len(told) == 0 || told[len(told)-1] != e.Lab {
				told = append(told, e.Lab)
			}
		}
		report, err := validate.Run(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if problems := others(report); len(problems) > 0 {
			t.Errorf("problems: %q", problems)
		}
		if want := []string{"two", "six", "one", "ten", ""}; !slices.Equal(told, want) {
			t.Errorf("told of %q, want each as a whole, as they end: %q", told, want)
		}
		var ids []string
		for _, lab := range report.Labs {
			ids = append(ids, lab.ID)
		}
		if want := []string{"one", "two", "six", "ten"}; !slices.Equal(ids, want) {
			t.Errorf("the report has %q, want the course's order", ids)
		}
		// Two labs of 10 and 12 s, then, while their namespaces go, Docker's labs of 10 and 20 s, one after the other.
		if report.Duration < 40*time.Second || report.Duration > 45*time.Second {
			t.Errorf("took %v", report.Duration)
		}
		if len(cluster.made) != 2 || len(cluster.present) != 0 {
			t.Errorf("made %q, left %v", cluster.made, cluster.present)
		}
		if got := w.names(); len(got) > 0 {
			t.Errorf("left %q", got)
		}
		w.verify()
	})
}

func TestInterruptedJobs(t *testing.T) {
	course := parseCourse(t, courseLab{"two", "needs: [cluster]", demo{cleanup: "docker rm -f web"}}, courseLab{"six", "needs: [cluster]", demo{cleanup: "docker rm -f web"}},
		courseLab{"ten", "needs: [cluster]", demo{}})
	for _, lab := range course {
		lab.Prepare = nil
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		cluster := &namespaces{}
		cfg := w.config(course...)
		cfg.Jobs, cfg.Cluster = 2, cluster
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		w.typing = func(string) error {
			time.Sleep(time.Second)
			cancel()
			return context.Canceled
		}
		report, err := validate.Run(ctx, cfg)
		if !errors.Is(err, context.Canceled) || len(report.Labs) != 2 || len(cluster.made) != 2 || len(cluster.present) != 0 {
			t.Errorf("%v: %d labs, namespaces %q, left %v", err, len(report.Labs), cluster.made, cluster.present)
		}
		if _, problems := outcome(report); problems["cleanup"] != "" || problems["restore"] != "" {
			t.Errorf("problems: %q", problems)
		}
		w.verify()
	})
}

func TestShuffle(t *testing.T) {
	var all []courseLab
	for _, id := range []string{"ant", "bee", "cat", "dog", "eel"} {
		all = append(all, courseLab{id, "needs: [docker]", demo{}})
	}
	course := parseCourse(t, all...)
	orders := func(seed *uint64) (orders []string) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			cfg := w.config(course...)
			cfg.Shuffle, cfg.Repeat = seed, 2
			round := 0
			cfg.Report = func(e validate.Event) {
				if e.Lab != "" && e.Step == "" && e.Case == nil && e.Report == nil {
					if e.Round > round {
						round++
						orders = append(orders, "")
					}
					orders[round-1] += e.Lab[:1]
				}
			}
			report, err := validate.Run(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			reported := ""
			for _, lab := range report.Labs {
				reported += lab.ID[:1]
			}
			if reported != "abcdeabcde" || report.Shuffle != seed {
				t.Errorf("the report has %s, seed %v", reported, report.Shuffle)
			}
		})
		return orders
	}
	if got := orders(nil); !slices.Equal(got, []string{"abcde", "abcde"}) {
		t.Errorf("without a seed %q", got)
	}
	seed, other := uint64(42), uint64(43)
	first := orders(&seed)
	if len(first) != 2 || first[0] == first[1] || first[0] == "abcde" {
		t.Errorf("rounds in the orders %q", first)
	}
	for _, order := range first {
		letters := strings.Split(order, "")
		slices.Sort(letters)
		if strings.Join(letters, "") != "abcde" {
			t.Errorf("order %s", order)
		}
	}
	if again := orders(&seed); !slices.Equal(again, first) {
		t.Errorf("the same seed led to %q and %q", first, again)
	}
	if another := orders(&other); slices.Equal(another, first) {
		t.Errorf("another seed led to the same: %q", another)
	}
}

// TestNamespace works in a namespace of the lab's own and gives it back, whatever happens.
func TestNamespace(t *testing.T) {
	worker := func(unschedulable bool) map[string]any { return map[string]any{"unschedulable": unschedulable} }
	for name, tt := range map[string]struct {
		change func(*namespaces)
		during func(*namespaces)
		shared bool
		want   map[string]string
	}{
		"nothing is left": {},
		"something is left in it": {
			during: func(n *namespaces) { n.put("pods", n.made[0], "web", "1", nil) },
			want:   map[string]string{"cleanup": "left behind: pods lab-demo-0/web"},
		},
		"something goes a little later": {
			during: func(n *namespaces) {
				n.put("pods", n.made[0], "web", "1", nil)
				time.AfterFunc(30*time.Second, func() { n.drop("pods", n.made[0], "web") })
			},
		},
		"something is left elsewhere": {
			during: func(n *namespaces) { n.put("pods", "default", "web", "1", nil) },
			want:   map[string]string{"cleanup": "left behind: pods default/web", "restore": "left behind: pods default/web"},
		},
		"a node is not as it was": {
			during: func(n *namespaces) { n.put("nodes", "", "worker", "1", worker(true)) },
			want:   map[string]string{"cleanup": "changed: nodes worker spec.unschedulable", "restore": "changed: nodes worker spec.unschedulable"},
		},
		"somebody else is at work": {
			during: func(n *namespaces) { n.put("pods", "default", "web", "1", nil) },
			shared: true,
		},
		"somebody else is at work, and it is left in it": {
			during: func(n *namespaces) { n.put("pods", n.made[0], "web", "1", nil) },
			shared: true,
			want:   map[string]string{"cleanup": "left behind: pods lab-demo-0/web"},
		},
		"it cannot be had": {
			change: func(n *namespaces) { n.enter = errors.New("no more") },
			want:   map[string]string{"prepare": "no more"},
		},
		"it does not go": {
			change: func(n *namespaces) { n.leave = errors.New("stuck") },
			want:   map[string]string{"cleanup": "stuck"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			lab := parse(t, demo{}.text())
			lab.Needs = append(lab.Needs, "cluster")
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				cluster := &namespaces{}
				cluster.put("nodes", "", "worker", "1", worker(false))
				if tt.change != nil {
					tt.change(cluster)
				}
				cfg := w.config(lab)
				cfg.Cluster, cfg.Shared = cluster, tt.shared
				w.typing = func(string) error {
					if tt.during != nil {
						tt.during(cluster)
					}
					return nil
				}
				report, err := validate.Run(t.Context(), cfg)
				if err != nil {
					t.Fatal(err)
				}
				_, problems := outcome(report)
				for name, part := range tt.want {
					if !strings.Contains(problems[name], part) {
						t.Errorf("%s: %q does not contain %q", name, problems[name], part)
					}
				}
				if len(problems) != len(tt.want) {
					t.Errorf("problems: %q, want %q", problems, tt.want)
				}
				if len(cluster.present) > 0 {
					t.Errorf("left %v", cluster.present)
				}
			})
		})
	}
}

// TestShared does not mind what others do to Docker.
func TestShared(t *testing.T) {
	lab := parse(t, demo{}.text())
	for _, shared := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			cfg := w.config(lab)
			cfg.Shared = shared
			w.typing = func(string) error {
				w.run("stranger", "busybox")
				return nil
			}
			report, err := validate.Run(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			if problem := others(report)["cleanup"]; strings.Contains(problem, "left behind: containers stranger") == shared {
				t.Errorf("shared %v: %q", shared, problem)
			}
		})
	}
}

// TestRecheck finds out whether looking changes something. What changes by itself meanwhile is no matter.
func TestRecheck(t *testing.T) {
	for name, tt := range map[string]struct {
		// changes is how often the object changes when an observer is made.
		changes int
		want    string
	}{
		"nothing changes":      {},
		"it changes by itself": {changes: 3},
		"looking changes it":   {changes: 1000, want: "checking 100 times and observing anew changes the environment: changed: pods lab-demo-0/web"},
	} {
		t.Run(name, func(t *testing.T) {
			lab := parse(t, demo{}.text())
			lab.Needs = []string{"cluster"}
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				cluster := &namespaces{}
				cfg := w.config(lab)
				cfg.Cluster = cluster
				solved, version := false, 0
				w.typing = func(string) error {
					solved = true
					cluster.put("pods", cluster.made[0], "web", "0", nil)
					return nil
				}
				w.watching = func(int) {
					if solved && version < tt.changes {
						version++
						cluster.put("pods", cluster.made[0], "web", fmt.Sprint(version), nil)
					}
				}
				report, err := validate.Run(t.Context(), cfg)
				if err != nil {
					t.Fatal(err)
				}
				_, problems := outcome(report)
				if got := problems["recheck"]; got != tt.want {
					t.Errorf("%q, want %q", got, tt.want)
				}
			})
		})
	}
}

// TestMutations notices every change of a check that a case would notice, and names the others.
func TestMutations(t *testing.T) {
	const clauses = `items.exists(c, c.Name == "web" && c.ImageName == "busybox")`
	const otherImage = "~~~bash wrong=\"web이 없습니다\"\ndocker run -d --name web alpine\n~~~\n" + takeAway
	const second = "~~~yaml check\n- watch: containers\n  title: wob이 없음\n  expect: '!items.exists(c, c.Name == \"wob\")'\n  tell:\n  - say: wob이 있습니다.\n~~~\n"
	const both = "~~~bash wrong=\"wob이 있습니다\"\ndocker run -d --name web busybox; docker run -d --name wob busybox\n~~~\n" + takeAway
	for name, tt := range map[string]struct {
		demo  demo
		want  map[string]string
		tried int
	}{
		"one check, seen by the solution": {
			demo: demo{}, tried: 3,
			want: map[string]string{`one/mutation 1 "web이 있음"`: ""},
		},
		"each clause is false in some mistake": {
			demo: demo{expect: clauses, extra: misspelt + takeAway + otherImage}, tried: 4,
			want: map[string]string{`one/mutation 1 "web이 있음"`: ""},
		},
		"a clause that no way makes true": {
			demo: demo{expect: `items.exists(c, c.Name == "web" || c.Name == "wub")`, extra: misspelt + takeAway}, tried: 4,
			want: map[string]string{`one/mutation 1 "web이 있음"`: ""},
		},
		"a clause that no mistake makes true": {
			demo: demo{expect: `items.exists(c, c.Name == "web" || c.Name == "wub")`}, tried: 4,
			want: map[string]string{`one/mutation 1 "web이 있음"`: `"web이 있음" (line 15) can be changed, and neither before nor wrong, also or the solution notices: negate: c.Name == "wub"`},
		},
		"a check that never fails alone": {
			demo: demo{extra: second}, tried: 6,
			want: map[string]string{
				`one/mutation 1 "web이 있음"`: "",
				`one/mutation 2 "wob이 없음"`: `"wob이 없음" (line 35) can be changed, and neither before nor wrong, also or the solution notices: the check is dropped`,
			},
		},
		"a check that alone explains a mistake": {
			demo: demo{
				solution: "docker run -d --name web busybox\ndocker run -d --name wab busybox # 이름",
				extra: strings.NewReplacer("!items", "items", "wob", "wab").Replace(second) +
					"~~~bash wrong=\"web이 없습니다\"\ndocker run -d --name wob busybox\n~~~\n" + takeAway,
				cleanup: "docker rm -f web wob wab base",
			}, tried: 6,
			want: map[string]string{
				`one/mutation 1 "web이 있음"`: "",
				`one/mutation 2 "wab이 없음"`: `"wab이 없음" (line 36) can be changed, and neither before nor wrong, also or the solution notices: the check is dropped; negate: c.Name == "wab"`,
			},
		},
		"a check that fails alone in a mistake": {
			demo: demo{extra: second + both}, tried: 6,
			want: map[string]string{`one/mutation 1 "web이 있음"`: "", `one/mutation 2 "wob이 없음"`: ""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			lab := parse(t, tt.demo.text())
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				report, err := validate.Run(t.Context(), w.config(lab))
				if err != nil {
					t.Fatal(err)
				}
				missed := 0
				got := map[string]string{}
				for _, c := range report.Labs[0].Steps[0].Cases {
					if c.Kind == validate.Mutation {
						got["one/mutation "+c.Name] = c.Problem
						missed += strings.Count(c.Problem, "dropped") + strings.Count(c.Problem, "negate: ")
					}
				}
				for name, problem := range got {
					if want, ok := tt.want[name]; !ok || problem != want {
						t.Errorf("%s: %q, want %q", name, problem, want)
					}
				}
				if mutants := report.Labs[0].Mutants; len(got) != len(tt.want) || mutants.Tried != tt.tried || mutants.Missed != missed {
					t.Errorf("%d checks, %+v, want %d and %d tried", len(got), mutants, len(tt.want), tt.tried)
				}
			})
		})
	}
}
