package validate_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/session"
	"github.com/kubelab/kubelab/runner/validate"
)

// demo is a lab of one step, in which a test replaces some blocks.
type demo struct{ intro, prepare, expect, settings, solution, extra, cleanup string }

func (d demo) text() string {
	fill := func(s *string, text string) {
		if *s == "" {
			*s = text
		}
	}
	fill(&d.prepare, "docker run --name base busybox")
	fill(&d.expect, `items.exists(c, c.Name == "web")`)
	fill(&d.solution, "docker run -d --name web busybox # 이름을 붙인다")
	fill(&d.cleanup, "docker rm -f web wob base")
	return fmt.Sprintf(`%s
~~~bash prepare
%s
~~~

## 하나 {#one}

~~~yaml check
- watch: containers
  title: web이 있음
  expect: %s
  see: items.map(c, c.Name).join(", ")
  tell:
  - when: commands.exists(c, c.text.contains("busybx"))
    say: 이미지 이름의 철자를 확인하세요.
  - say: web이 없습니다.
~~~

~~~yaml step
timeout: 20s
%s
~~~

~~~bash solution
%s
~~~

%s

~~~bash cleanup
%s
~~~
`, d.intro, d.prepare, d.expect, d.settings, d.solution, d.extra, d.cleanup)
}

const (
	misspelt = "~~~bash wrong=\"철자\"\ndocker run -d --name wob busybx\n~~~\n"
	takeAway = "~~~bash undo\ndocker rm -f wob web\n~~~\n"
	also     = "~~~bash also\ndocker run -d --name wob busybox; docker run -d --name web busybox\n~~~\n"
	asked    = "~~~yaml ask\n- ask: 이름은?\n  answer: container(\"web\").Name\n  wrong: {wob: \"아닙니다.\"}\n~~~\n"
)

// quiet are the kinds of cases that have tests of their own, and are of interest elsewhere only where they do not hold.
var quiet = []validate.Kind{validate.Mutation, validate.Cheat, validate.Recheck, validate.Restore}

// outcome is a report of one lab in one line a case: its place, and its problem where it does not hold.
func outcome(report *validate.Report) (cases []string, problems map[string]string) {
	problems = map[string]string{}
	add := func(place string, all []validate.Case) {
		for _, c := range all {
			if c.Problem == "" && slices.Contains(quiet, c.Kind) {
				continue
			}
			name := strings.TrimSpace(place + string(c.Kind) + " " + c.Name)
			cases = append(cases, name)
			if c.Problem != "" {
				problems[name] = c.Problem
			}
		}
	}
	for _, lab := range report.Labs {
		add("", lab.Cases)
		for _, s := range lab.Steps {
			add(s.ID+"/", s.Cases)
		}
	}
	add("", report.Cases)
	return cases, problems
}

func TestVerdicts(t *testing.T) {
	lab := []string{"prepare", "cleanup"}
	with := func(steps ...string) []string { return append(slices.Clone(lab), steps...) }
	for name, tt := range map[string]struct {
		demo  demo
		cases []string
		// fail has a part of the problem of each case that must not hold.
		fail map[string]string
		left []string
	}{
		"everything holds": {
			demo:  demo{extra: misspelt + takeAway + also + takeAway + asked},
			cases: with("one/before", `one/wrong 1 "철자"`, "one/also 1", "one/solution", "one/question 1"),
		},
		"without undo": {
			demo:  demo{extra: misspelt + also + asked},
			cases: with("one/before", `one/wrong 1 "철자"`, "one/also 1", "one/solution", "one/question 1"),
		},
		"the state follows late": {
			demo: demo{solution: "docker run -d --name web slow"}, cases: with("one/before", "one/solution"),
		},
		"passes before the solution": {
			demo:  demo{expect: `items.size() >= 0`},
			cases: with("one/before", "one/solution"),
			fail:  map[string]string{"one/before": "passes before its solution"},
		},
		"the solution does not pass": {
			demo:  demo{solution: "docker run -d --name wob busybox"},
			cases: with("one/before", "one/solution"),
			fail:  map[string]string{"one/solution": `does not pass after 20s; last seen: "web이 있음" (line 15): expected web이 있음, observed wob: web이 없습니다.`},
		},
		"the other way does not pass": {
			demo:  demo{extra: "~~~bash also\ndocker run -d --name wob busybox\n~~~\n" + takeAway},
			cases: with("one/before", "one/also 1", "one/solution"),
			fail:  map[string]string{"one/also 1": "observed wob: web이 없습니다."},
		},
		"the mistake passes": {
			demo:  demo{extra: "~~~bash wrong=\"철자\"\ndocker run -d --name web busybox\n~~~\n" + takeAway},
			cases: with("one/before", `one/wrong 1 "철자"`, "one/solution"),
			fail:  map[string]string{`one/wrong 1 "철자"`: "the mistake passes"},
		},
		"the mistake gets another explanation": {
			demo:  demo{extra: "~~~bash wrong=\"철자\"\ndocker run -d --name wob busybox\n~~~\n" + takeAway},
			cases: with("one/before", `one/wrong 1 "철자"`, "one/solution"),
			fail:  map[string]string{`one/wrong 1 "철자"`: `does not contain "철자"; last seen: "web이 있음" (line 15): expected web이 있음, observed wob: web이 없습니다.`},
		},
		"the undo does not take back": {
			demo:  demo{extra: also + "~~~bash undo\ndocker rm -f wob\n~~~\n"},
			cases: with("one/before", "one/also 1", "one/also 1 undo"),
			fail:  map[string]string{"one/also 1 undo": "undo does not take the variant back; last seen: nothing fails"},
		},
		"the undo fails": {
			demo:  demo{extra: misspelt + "~~~bash undo\ntrue\n~~~\n~~~bash undo\necho 안 됩니다; exit 4\n~~~\n"},
			cases: with("one/before", `one/wrong 1 "철자"`, `one/wrong 1 "철자" undo`),
			fail:  map[string]string{`one/wrong 1 "철자" undo`: "run undo block at demo/lab.md:41: exit status 4\n안 됩니다"},
		},
		"the replay fails": {
			demo:  demo{extra: also, cleanup: "docker rm -f web wob base; exit 5"},
			cases: with("one/before", "one/also 1", "one/also 1 undo"),
			fail:  map[string]string{"one/also 1 undo": "exit status 5", "cleanup": "run cleanup block at demo/lab.md:"},
		},
		"left behind": {
			demo:  demo{solution: "docker run -d --name web busybox\ndocker run -d --name wob busybox", extra: misspelt + takeAway, cleanup: "docker rm -f web base"},
			cases: with("one/before", `one/wrong 1 "철자"`, "one/solution", "restore"),
			fail: map[string]string{
				"cleanup": "not as it was before the lab: left behind: containers wob",
				"restore": "not as it was before the run: left behind: containers wob",
			},
			left: []string{"theirs", "wob"},
		},
		"taken from others": {
			demo:  demo{cleanup: "docker rm -f web base theirs"},
			cases: with("one/before", "one/solution", "restore"),
			fail: map[string]string{
				"cleanup": "gone: containers theirs; the lab's cleanup took away what was there before it: `kubelab reset demo` first",
				"restore": "gone: containers theirs",
			},
			left: []string{},
		},
		"a question without an answer": {
			demo:  demo{extra: strings.Replace(asked, `"web"`, `"wab"`, 1)},
			cases: with("one/before", "one/solution", "one/question 1"),
			fail:  map[string]string{"one/question 1": `"이름은?" cannot be answered: compute answer`},
		},
		"a question that takes a wrong answer": {
			demo:  demo{extra: strings.Replace(asked, `container("web").Name`, `'["web", "WOB"]'`, 1)},
			cases: with("one/before", "one/solution", "one/question 1"),
			fail:  map[string]string{"one/question 1": `"이름은?" takes the wrong answer "wob"`},
		},
		"prepare fails": {
			demo:  demo{prepare: "docker run --name base busybox; exit 6"},
			cases: lab,
			fail:  map[string]string{"prepare": "run prepare block at demo/lab.md:9: exit status 6"},
		},
		"a mistake that nothing can catch": {
			demo:  demo{extra: "## 둘 {#two}\n\n" + asked + misspelt + "~~~bash undo\ndocker rm -f wob\n~~~\n"},
			cases: with("one/before", "one/solution", `two/wrong 1 "철자"`, "two/solution", "two/question 1"),
			fail:  map[string]string{`two/wrong 1 "철자"`: "no check that could catch the mistake"},
		},
		"what was prepared is not the learner's": {
			demo:  demo{expect: `items.exists(c, c.Name == "base")`, solution: "docker rm -f base\ndocker run --name base busybox"},
			cases: with("one/before", "one/solution"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			lab := parse(t, tt.demo.text())
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.run("theirs", "busybox")
				report, err := validate.Run(t.Context(), w.config(lab))
				if err != nil || len(report.Labs) != 1 {
					t.Fatalf("%d labs, %v", len(report.Labs), err)
				}
				cases, problems := outcome(report)
				if !slices.Equal(cases, tt.cases) {
					t.Errorf("cases\n%s\nwant\n%s", strings.Join(cases, "\n"), strings.Join(tt.cases, "\n"))
				}
				for name, part := range tt.fail {
					if !strings.Contains(problems[name], part) {
						t.Errorf("%s: %q does not contain %q", name, problems[name], part)
					}
				}
				for name, problem := range problems {
					if _, ok := tt.fail[name]; !ok {
						t.Errorf("%s must hold: %s", name, problem)
					}
				}
				if all, failed := report.Count(); all <= len(cases) || failed != len(problems) {
					t.Errorf("counts %d of %d failed", failed, all)
				}
				left := tt.left
				if left == nil {
					left = []string{"theirs"}
				}
				if got := w.names(); !slices.Equal(got, left) {
					t.Errorf("left %q, want %q", got, left)
				}
				w.verify()
			})
		})
	}
}

// TestReplay takes a variant without an undo back: the lab is cleared and replayed up to the step, in a new shell.
func TestReplay(t *testing.T) {
	second := "## 둘 {#two}\n\n~~~yaml check\n- watch: containers\n  title: web이 없음\n  expect: items.size() == 0\n" +
		"  tell:\n  - say: 아직 있습니다.\n~~~\n~~~yaml step\nallows: {empty: 지우는 단계입니다.}\n~~~\n~~~bash solution\ndocker rm -f web\n~~~\n~~~bash also\ndocker rm web\n~~~\n"
	lab := parse(t, demo{extra: second}.text())
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		report, err := validate.Run(t.Context(), w.config(lab))
		if err != nil {
			t.Fatal(err)
		}
		if _, problems := outcome(report); len(problems) > 0 {
			t.Errorf("problems: %q", problems)
		}
		const prepare, cleanup = "docker run --name base busybox", "docker rm -f web wob base"
		if got, want := w.ran(), []string{prepare, cleanup, prepare, cleanup}; !slices.Equal(got, want) {
			t.Errorf("bash ran %q, want %q", got, want)
		}
		const make = "docker run -d --name web busybox"
		want := [][]string{{make, "docker rm web"}, {make, "docker rm -f web"}}
		if len(w.shells) != 2 || !slices.Equal(w.shells[0].typed, want[0]) || !slices.Equal(w.shells[1].typed, want[1]) {
			t.Errorf("%d shells", len(w.shells))
			for _, s := range w.shells {
				t.Errorf("typed %q", s.typed)
			}
		}
		w.verify()
	})
}

func TestEvents(t *testing.T) {
	lab := parse(t, demo{}.text())
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		cfg := w.config(lab)
		cfg.Repeat = 2
		var events []string
		cfg.Report = func(e validate.Event) {
			text := fmt.Sprint(e.Round, " ", e.Lab, " ", e.Step)
			switch {
			case e.Case != nil:
				text += " " + string(e.Case.Kind)
			case e.Report != nil:
				text += " " + e.Report.ID + " ended"
			}
			events = append(events, strings.Join(strings.Fields(text), " "))
		}
		report, err := validate.Run(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, round := range []string{"1", "2"} {
			for _, e := range []string{
				"", " prepare", " one", " one before", " one solution", " one mutation", " one cheat", " one cheat",
				" recheck", " cleanup", " demo ended",
			} {
				want = append(want, round+" demo"+e)
			}
		}
		want = append(want, "0 restore")
		if !slices.Equal(events, want) {
			t.Errorf("told\n%s\nwant\n%s", strings.Join(events, "\n"), strings.Join(want, "\n"))
		}
		if len(report.Labs) != 2 || report.Labs[0].Round != 1 || report.Labs[1].Round != 2 {
			t.Errorf("rounds: %+v", report.Labs)
		}
		w.verify()
	})
}

// TestInterrupted cleans up whenever the run is interrupted, and finds everything as it was.
func TestInterrupted(t *testing.T) {
	lab := parse(t, demo{extra: misspelt + takeAway}.text())
	other := parse(t, demo{}.text())
	for name, at := range map[string]func(w *world, cancel func()){
		"in the solution": func(w *world, cancel func()) {
			w.typing = func(statement string) error {
				if strings.Contains(statement, "web") {
					w.run("web", "busybox")
					cancel()
					return context.Canceled
				}
				return nil
			}
		},
		"while waiting for an explanation": func(w *world, cancel func()) {
			w.typing = func(string) error {
				cancel()
				return nil
			}
		},
		"while an undo is looked at": func(w *world, cancel func()) {
			w.watching = func(n int) {
				if n == 3 { // the first two are those before and after prepare
					cancel()
				}
			}
		},
		"after prepare": func(w *world, cancel func()) {
			w.watching = func(n int) {
				if n == 2 {
					cancel()
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.run("theirs", "busybox")
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				at(w, cancel)
				began := time.Now()
				report, err := validate.Run(ctx, w.config(lab, other))
				if !errors.Is(err, context.Canceled) || len(report.Labs) != 1 {
					t.Fatalf("%d labs, %v", len(report.Labs), err)
				}
				_, problems := outcome(report)
				if p, failed := problems["cleanup"]; failed || len(problems) == 0 {
					t.Errorf("cleanup: %q, of %q", p, problems)
				}
				for name, problem := range problems {
					if !strings.Contains(problem, "canceled") {
						t.Errorf("%s: %q", name, problem)
					}
				}
				if got := w.names(); !slices.Equal(got, []string{"theirs"}) {
					t.Errorf("left %q", got)
				}
				if took := time.Since(began); took > 10*time.Second {
					t.Errorf("took %v", took)
				}
				w.verify()
			})
		})
	}
}

// keeper is a registry from which nothing can be removed.
type keeper struct {
	held map[string]bool
	err  error
}

func (k *keeper) Tags(context.Context) (map[string]bool, error) { return k.held, k.err }
func (k *keeper) Remove(context.Context, []string) error        { return nil }

func TestTrouble(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(w *world, cfg *validate.Config)
		fail   string // the only case that fails
		part   string
	}{
		"no shell": {
			change: func(_ *world, cfg *validate.Config) {
				cfg.Shell = func(context.Context, *session.Stage, func(checks.Command)) (validate.Shell, error) {
					return nil, errors.New("no bash")
				}
			},
			fail: "prepare", part: "start shell: no bash",
		},
		"the shell ends": {
			change: func(w *world, _ *validate.Config) {
				w.typing = func(string) error { return errors.New("the shell has ended") }
			},
			fail: "one/solution", part: `run "docker run -d --name web busybox": the shell has ended`,
		},
		"a tag is left": {
			change: func(w *world, _ *validate.Config) {
				k := &keeper{held: map[string]bool{"theirs:1": true}}
				w.registry = k
				w.typing = func(string) error {
					k.held = map[string]bool{"theirs:1": true, "kubia:1": true}
					return nil
				}
			},
			fail: "cleanup", part: "not as it was before the lab: left behind: registry kubia:1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			lab := parse(t, demo{}.text())
			lab.Needs = append(lab.Needs, "registry")
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				cfg := w.config(lab)
				tt.change(w, &cfg)
				report, err := validate.Run(t.Context(), cfg)
				if err != nil {
					t.Fatal(err)
				}
				_, problems := outcome(report)
				delete(problems, "restore") // tells of the same
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

func TestCheckThatFollowsTheClock(t *testing.T) {
	lab := parse(t, demo{expect: `now - stepStarted > duration("7s")`, settings: "allows: {empty: 시간만 봅니다., before: 시간만 봅니다.}"}.text())
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		report, err := validate.Run(t.Context(), w.config(lab))
		if err != nil {
			t.Fatal(err)
		}
		if _, problems := outcome(report); len(problems) > 0 {
			t.Errorf("problems: %q", problems)
		}
		solution := report.Labs[0].Steps[0].Cases[1]
		if solution.Kind != validate.Solution || solution.Duration < 7*time.Second || solution.Duration > 9*time.Second {
			t.Errorf("a check that holds after 7 s: %+v", solution)
		}
	})
}

func TestShard(t *testing.T) {
	var all []*labs.Lab
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		all = append(all, &labs.Lab{ID: id})
	}
	for _, tt := range []struct {
		i, n int
		want string
	}{
		{1, 1, "abcde"}, {1, 2, "ace"}, {2, 2, "bd"}, {3, 3, "c"}, {6, 6, ""},
	} {
		got, err := validate.Shard(all, tt.i, tt.n)
		ids := ""
		for _, l := range got {
			ids += l.ID
		}
		if err != nil || ids != tt.want {
			t.Errorf("shard %d/%d is %q, want %q: %v", tt.i, tt.n, ids, tt.want, err)
		}
	}
	for _, tt := range [][2]int{{0, 2}, {3, 2}, {1, 0}, {-1, -1}} {
		if _, err := validate.Shard(all, tt[0], tt[1]); err == nil {
			t.Errorf("shard %d/%d is no mistake", tt[0], tt[1])
		}
	}
}
