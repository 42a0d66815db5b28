package validate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// task is a lab with the time that it takes to make what it takes over, to be replayed, and to give its namespace back.
type task struct {
	name                  string
	claim                 claim
	supply, replay, leave int
}

// event is what happens to a lab in a simulated run.
type event struct {
	at, lab int
	phase   phase
}

// simulate runs a schedule against a clock and returns what began when, as "0 a+supply". It fails where labs meet.
func simulate(t *testing.T, jobs int, tasks []task, present ...string) []string {
	t.Helper()
	claims := make([]claim, len(tasks))
	for i, task := range tasks {
		claims[i] = task.claim
	}
	things := map[string]bool{}
	for _, thing := range present {
		things[thing] = true
	}
	plan := newSchedule(jobs, claims, things)
	var out []string
	var coming []event
	for now := 0; ; {
		for i, ok := plan.next(); ok; i, ok = plan.next() {
			began := fmt.Sprint(now, " ", tasks[i].name)
			if plan.phases[i] == supplying {
				began += "+supply"
				coming = append(coming, event{now + tasks[i].supply, i, replaying})
			} else {
				coming = append(coming, event{now, i, replaying})
			}
			out = append(out, began)
			meets(t, plan, tasks)
		}
		if len(coming) == 0 {
			break
		}
		slices.SortStableFunc(coming, func(a, b event) int { return a.at - b.at })
		e := coming[0]
		coming, now = coming[1:], e.at
		switch e.phase {
		case replaying:
			plan.supplied(e.lab)
			coming = append(coming, event{now + tasks[e.lab].replay, e.lab, leaving})
		case leaving:
			plan.left(e.lab)
			coming = append(coming, event{now + tasks[e.lab].leave, e.lab, done})
		case done:
			plan.ended(e.lab)
		}
		meets(t, plan, tasks)
	}
	if !plan.idle() || plan.count(done) != len(tasks) {
		t.Errorf("the run stopped with %v", plan.phases)
	}
	return out
}

// meets reports labs at work that must not be at work together.
func meets(t *testing.T, plan *schedule, tasks []task) {
	t.Helper()
	docker, users, owners, busy := 0, 0, 0, 0
	for i, task := range tasks {
		works := plan.phases[i] == supplying || plan.phases[i] == replaying
		if works {
			busy++
		}
		if works && (task.claim.docker == exclusive || plan.phases[i] == supplying) {
			docker++
		}
		if works || plan.phases[i] == leaving {
			switch task.claim.cluster {
			case shared:
				users++
			case exclusive:
				owners++
			}
		}
		for j, other := range tasks {
			takes := plan.phases[j] == supplying || plan.phases[j] == replaying
			if works && takes && meet(task.claim.gives, other.claim.takes) {
				t.Errorf("%s gives what %s takes, at the same time", task.name, other.name)
			}
			if plan.phases[j] == replaying && slices.ContainsFunc(other.claim.takes, func(thing string) bool { return !plan.present[thing] }) {
				t.Errorf("%s is replayed without what it takes over", other.name)
			}
		}
	}
	if docker > 1 || owners > 1 || owners == 1 && users > 0 || busy > plan.jobs {
		t.Errorf("%d labs use docker, %d share the cluster, %d have it to themselves, %d are at work: %v", docker, users, owners, busy, plan.phases)
	}
}

// The kinds of labs.
func dockerLab(name string) task {
	return task{name: name, claim: claim{docker: exclusive}, supply: 2, replay: 10}
}

func clusterLab(name string) task {
	return task{name: name, claim: claim{cluster: shared}, supply: 2, replay: 10, leave: 3}
}

func (t task) publishing() task {
	if t.claim.ports = shared; t.claim.docker == exclusive {
		t.claim.ports = exclusive
	}
	return t
}
func (t task) taking(things ...string) task { t.claim.takes = things; return t }
func (t task) giving(things ...string) task { t.claim.gives = things; return t }
func (t task) lasting(replay int) task      { t.replay = replay; return t }
func (t task) alone() task                  { t.claim.cluster = exclusive; return t }

func TestSchedule(t *testing.T) {
	spine := []task{
		dockerLab("hello"), dockerLab("build").giving("image"), dockerLab("run").taking("image"),
		dockerLab("push").taking("image").giving("pushed"), clusterLab("tour"), clusterLab("pod").taking("pushed"),
		clusterLab("loop").alone(), clusterLab("scale").taking("pushed"),
	}
	for name, tt := range map[string]struct {
		jobs    int
		tasks   []task
		present []string
		want    string
	}{
		"nothing":                        {jobs: 2, want: ""},
		"one at a time, in order":        {jobs: 1, tasks: []task{clusterLab("a"), dockerLab("b"), clusterLab("c")}, want: "0 a, 10 b, 20 c"},
		"no number of jobs":              {jobs: 0, tasks: []task{clusterLab("a"), clusterLab("b")}, want: "0 a, 10 b"},
		"as many as allowed":             {jobs: 2, tasks: []task{clusterLab("a"), clusterLab("b"), clusterLab("c")}, want: "0 a, 0 b, 10 c"},
		"docker is there once":           {jobs: 3, tasks: []task{dockerLab("a"), dockerLab("b"), clusterLab("c")}, want: "0 a, 0 c, 10 b"},
		"ports of the machine":           {jobs: 3, tasks: []task{dockerLab("a").publishing(), clusterLab("b").publishing(), clusterLab("c").publishing(), clusterLab("d")}, want: "0 a, 0 d, 10 b, 10 c"},
		"the whole cluster":              {jobs: 3, tasks: []task{clusterLab("a"), clusterLab("b").alone(), clusterLab("c"), dockerLab("d")}, want: "0 a, 0 c, 0 d, 13 b"},
		"the whole cluster first":        {jobs: 3, tasks: []task{clusterLab("a").alone(), clusterLab("b"), dockerLab("c")}, want: "0 a, 0 c, 13 b"},
		"what is made is made first":     {jobs: 3, tasks: []task{dockerLab("a"), clusterLab("b").taking("x"), clusterLab("c").taking("x")}, want: "0 b+supply, 2 a, 2 c"},
		"what is there is not made":      {jobs: 3, tasks: []task{dockerLab("a"), clusterLab("b").taking("x")}, present: []string{"x"}, want: "0 a, 0 b"},
		"nobody takes while it is given": {jobs: 3, tasks: []task{dockerLab("a").giving("x"), dockerLab("b"), clusterLab("c").taking("x")}, want: "0 c+supply, 2 b, 12 a"},
		"the giver first where it is one at a time": {jobs: 1, tasks: []task{dockerLab("a").giving("x"), clusterLab("b").taking("x"), dockerLab("c").giving("x"), clusterLab("d").taking("x")},
			want: "0 a, 10 b+supply, 22 c, 32 d+supply"},
		"it is not taken away from those who wait": {jobs: 2, tasks: []task{clusterLab("a").lasting(30), dockerLab("b").giving("x"), clusterLab("c").taking("x"), clusterLab("d").taking("x")}, present: []string{"x"},
			want: "0 a, 0 c, 10 d, 20 b"},
		"not even where nobody else can begin": {jobs: 2, tasks: []task{clusterLab("a").lasting(30), dockerLab("b").giving("x"), clusterLab("c").taking("x").alone()}, present: []string{"x"},
			want: "0 a, 33 c, 43 b"},
		"it is taken away where nothing else is left": {jobs: 2, tasks: []task{dockerLab("a").giving("x").taking("y"), dockerLab("b").giving("y").taking("x")}, present: []string{"x", "y"},
			want: "0 a, 10 b+supply"},
		"a giver that needs what another gives": {jobs: 2, tasks: []task{dockerLab("a").giving("x"), dockerLab("b").taking("x").giving("y"), clusterLab("c").taking("y")},
			want: "0 c+supply, 2 a, 12 b+supply"},
		"the course, one at a time": {jobs: 1, tasks: spine,
			want: "0 hello, 10 build, 20 run+supply, 32 push, 42 tour, 52 pod+supply, 67 loop, 80 scale"},
		"the course, three at a time": {jobs: 3, tasks: spine,
			want: "0 pod+supply, 0 tour, 2 hello, 10 scale, 12 build, 22 run+supply, 23 loop, 34 push"},
	} {
		t.Run(name, func(t *testing.T) {
			got := strings.Join(simulate(t, tt.jobs, tt.tasks, tt.present...), ", ")
			if got != tt.want {
				t.Errorf("began\n%s\nwant\n%s", got, tt.want)
			}
			if again := strings.Join(simulate(t, tt.jobs, tt.tasks, tt.present...), ", "); again != got {
				t.Errorf("began another time\n%s", again)
			}
		})
	}
}

// TestScheduleOfAnything begins every lab of any course exactly once, whatever is drawn.
func TestScheduleOfAnything(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	things := []string{"x", "y", "z"}
	some := func() (out []string) {
		for _, thing := range things {
			if random.IntN(4) == 0 {
				out = append(out, thing)
			}
		}
		return out
	}
	for n := range 500 {
		var tasks []task
		for i := range random.IntN(12) {
			one := task{name: fmt.Sprint(i), supply: random.IntN(5), replay: 1 + random.IntN(20), leave: random.IntN(5)}
			one.claim = claim{docker: share(2 * random.IntN(2)), cluster: share(random.IntN(3)), takes: some()}
			if gives := some(); !meet(gives, one.claim.takes) && len(gives) > 0 {
				one.claim.gives, one.claim.docker = gives, exclusive
			}
			tasks = append(tasks, one)
		}
		jobs := 1 + random.IntN(4)
		began := map[string]int{}
		for _, line := range simulate(t, jobs, tasks) {
			_, name, _ := strings.Cut(strings.TrimSuffix(line, "+supply"), " ")
			began[name]++
		}
		for _, one := range tasks {
			if began[one.name] != 1 {
				t.Fatalf("course %d: %s began %d times of %d jobs, %+v", n, one.name, began[one.name], jobs, tasks)
			}
		}
		if t.Failed() {
			t.Fatalf("course %d: %d jobs, %+v", n, jobs, tasks)
		}
	}
}
