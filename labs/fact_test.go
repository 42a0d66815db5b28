package labs

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestReplay(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 11, 21, 2, minute, 0, 0, time.UTC) }
	lab := func(minute int, kind FactKind, step string) Fact {
		return Fact{Time: at(minute), Lab: "hello", Kind: kind, Step: step}
	}
	check := func(minute int, step, title string) Fact {
		f := lab(minute, FactCheck, step)
		f.Check = title
		return f
	}
	answer := func(minute int, given string, right bool) Fact {
		f := lab(minute, FactAnswer, "ask")
		f.Question, f.Given, f.Right = "이름은?", given, right
		return f
	}
	supplied := func(minute int, thing string) Fact {
		f := lab(minute, FactSupplied, "")
		f.Thing = thing
		return f
	}
	started := lab(0, FactStarted, "")
	started.Before = map[string][]string{"containers": {"a"}, "images": {}}
	before := map[string]map[string]bool{"containers": {"a": true}, "images": {}}

	tests := []struct {
		name  string
		facts []Fact
		want  Progress
	}{
		{"nothing", nil, Progress{}},
		{"unknown kinds and no lab", []Fact{lab(0, "invented", "run"), {Time: at(0), Kind: FactAt, Step: "run"}}, Progress{}},
		{
			"a lab from its start to its end",
			[]Fact{
				started, lab(1, FactAt, "run"), check(2, "run", "있음"), check(3, "run", "있음"), lab(4, FactStepDone, "run"),
				lab(5, FactAt, "ask"), answer(6, "h1", false), lab(7, FactHint, "ask"), lab(8, FactHint, "ask"),
				lab(9, FactSolution, "ask"), answer(10, "h2", true), lab(11, FactStepDone, "ask"), lab(12, FactFinished, ""),
				lab(13, FactAt, "run"), lab(14, FactCleaned, ""),
			},
			Progress{Lab: "hello", Labs: map[string]LabProgress{"hello": {
				Started: at(0), Finished: at(12), Completed: at(12), Cleaned: true, Step: "run", Before: before,
				Steps: map[string]StepProgress{
					"run": {Entered: at(1), Checks: map[string]time.Time{"있음": at(2)}, Done: true},
					"ask": {
						Entered: at(5), Answers: map[string]string{"이름은?": "h2"}, Wrong: []WrongAnswer{{"이름은?", "h1"}},
						Hints: 2, Solution: true, Done: true,
					},
				},
			}}},
		},
		{
			"reset forgets",
			[]Fact{started, lab(1, FactAt, "run"), check(2, "run", "있음"), lab(3, FactReset, ""), {Time: at(4), Lab: "other", Kind: FactAt, Step: "x"}},
			Progress{Lab: "other", Labs: map[string]LabProgress{
				"other": {Step: "x", Steps: map[string]StepProgress{"x": {Entered: at(4)}}},
			}},
		},
		{
			"what was made or opened before the lab began",
			[]Fact{supplied(0, "kubia-image"), lab(1, FactOpened, ""), lab(2, FactTravel, "ask"), {Time: at(3), Lab: "hello", Kind: FactStarted}},
			Progress{Labs: map[string]LabProgress{"hello": {
				Started: at(3), Supplied: map[string]time.Time{"kubia-image": at(0)}, Opened: true, Travel: "ask",
			}}},
		},
		{
			"put right, arrived, and cleaned",
			[]Fact{
				started, supplied(1, "kubia-image"), lab(2, FactOpened, ""), lab(3, FactLeft, ""), lab(4, FactTravel, "ask"), lab(5, FactArrived, ""),
				lab(6, FactFinished, ""), lab(7, FactOpened, ""), lab(8, FactCleaned, ""),
			},
			Progress{Labs: map[string]LabProgress{"hello": {
				Started: at(0), Finished: at(6), Completed: at(6), Cleaned: true, Before: before,
			}}},
		},
		{
			"begun anew after it was finished",
			[]Fact{started, lab(1, FactFinished, ""), lab(2, FactCleaned, ""), {Time: at(3), Lab: "hello", Kind: FactStarted}, lab(4, FactFinished, "")},
			Progress{Labs: map[string]LabProgress{"hello": {Started: at(3), Finished: at(4), Completed: at(1)}}},
		},
		{
			"brought back to a step",
			[]Fact{
				started, check(1, "run", "있음"), lab(2, FactStepDone, "run"), answer(3, "h1", false), lab(4, FactHint, "ask"),
				lab(5, FactSolution, "ask"), answer(6, "h2", true), lab(7, FactSkipped, "ask"), lab(8, FactStepDone, "ask"), lab(9, FactFinished, ""),
				lab(10, FactForgot, "ask"), {Time: at(11), Lab: "hello", Kind: FactBaseline, Before: map[string][]string{"pods": {"b"}}},
			},
			Progress{Labs: map[string]LabProgress{"hello": {
				Started: at(0), Completed: at(9), Before: map[string]map[string]bool{"pods": {"b": true}},
				Steps: map[string]StepProgress{
					"run": {Checks: map[string]time.Time{"있음": at(1)}, Done: true}, "ask": {Wrong: []WrongAnswer{{"이름은?", "h1"}}, Hints: 1},
				},
			}}},
		},
		{
			"done by kubelab",
			[]Fact{lab(1, FactSkipped, "run"), lab(2, FactStepDone, "run")},
			Progress{Labs: map[string]LabProgress{"hello": {Steps: map[string]StepProgress{"run": {Skipped: true, Done: true}}}}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := withoutTimes(Replay(tt.facts))
			if len(got.Labs) == 0 {
				got.Labs = nil
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

// withoutTimes leaves out what TestSpent is about.
func withoutTimes(p Progress) Progress {
	p.last, p.lastTime = "", time.Time{}
	for id, lab := range p.Labs {
		lab.Spent = 0
		for id, step := range lab.Steps {
			step.Spent = 0
			lab.Steps[id] = step
		}
		p.Labs[id] = lab
	}
	return p
}

func TestSpent(t *testing.T) {
	start := time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC)
	fact := func(minute int, lab string, kind FactKind, step string) Fact {
		return Fact{Time: start.Add(time.Duration(minute) * time.Minute), Lab: lab, Kind: kind, Step: step}
	}
	p := Replay([]Fact{
		fact(0, "a", FactStarted, ""), fact(0, "a", FactAt, "one"), fact(4, "a", FactCheck, "one"), fact(5, "a", FactAt, "two"),
		fact(7, "b", FactStarted, ""), fact(7, "b", FactAt, "x"), // two minutes in nobody's lab
		fact(10, "a", FactAt, "two"), fact(11, "a", FactHint, "two"),
		fact(41, "a", FactCheck, "two"), // half an hour without a sign counts as ten minutes
		fact(600, "a", FactAt, "two"),   // the night does not count
		fact(603, "a", FactStepDone, "two"), fact(603, "a", FactFinished, ""),
		fact(609, "a", FactAt, "one"), // looking back
	})
	for _, c := range []struct {
		what      string
		got, want time.Duration
	}{
		{"lab a", p.Labs["a"].Spent, 19 * time.Minute}, {"step one", p.Labs["a"].Steps["one"].Spent, 5 * time.Minute},
		{"step two", p.Labs["a"].Steps["two"].Spent, 14 * time.Minute}, {"lab b", p.Labs["b"].Spent, 0},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %v, want %v", c.what, c.got, c.want)
		}
	}
}

func TestMistakes(t *testing.T) {
	mistake := func(check, name, why string) Fact {
		return Fact{Lab: "a", Step: "one", Kind: FactMistake, Check: check, Mistake: name, Why: why}
	}
	p := Replay([]Fact{mistake("있음", "철자", "철자가 다릅니다"), mistake("있음", "철자", "철자가 또 다릅니다"), mistake("삶", "철자", "철자")})
	want := []Mistake{{"철자", "있음", "철자가 다릅니다"}, {"철자", "삶", "철자"}}
	if got := p.Labs["a"].Steps["one"].Mistakes; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestComplete(t *testing.T) {
	lab := &Lab{Steps: []*Step{{ID: "one"}, {ID: "two"}}}
	done := map[string]StepProgress{"one": {Done: true}, "two": {Done: true}, "gone": {}}
	for _, c := range []struct {
		name string
		p    LabProgress
		lab  *Lab
		want bool
	}{
		{"nothing", LabProgress{}, lab, false}, {"one of two", LabProgress{Steps: map[string]StepProgress{"one": {Done: true}}}, lab, false},
		{"all, never marked", LabProgress{Steps: done}, lab, true},
		{"marked, and grown a step since", LabProgress{Finished: time.Unix(1, 0)}, lab, true},
		{"a lab without steps", LabProgress{}, &Lab{}, false},
	} {
		if got := c.p.Complete(c.lab); got != c.want {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
}

func TestToured(t *testing.T) {
	if p := Replay([]Fact{{Kind: FactToured}}); !p.Toured || p.Lab != "" || len(p.Labs) > 0 {
		t.Errorf("got %+v, want toured and nothing else", p)
	}
}

// TestWithLeavesTheOldOne holds what View relies on: progress that was handed out never changes.
func TestWithLeavesTheOldOne(t *testing.T) {
	at := Fact{Lab: "a", Kind: FactAt, Step: "s"}
	check := Fact{Lab: "a", Kind: FactCheck, Step: "s", Check: "c"}
	old := Replay([]Fact{at})
	next := old.With(check)
	if old.Labs["a"].Steps["s"].Checks != nil {
		t.Error("With changed the progress that it was called on")
	}
	if _, ok := next.Labs["a"].Steps["s"].Checks["c"]; !ok {
		t.Error("With did not take the fact over")
	}
}

// FuzzProgress holds that no log, however damaged, makes reading or replaying fail, and that a line cut off after any
// fact costs that line alone.
func FuzzProgress(f *testing.F) {
	const whole = `{"t":"2026-01-02T03:04:05Z","lab":"a","kind":"at","step":"s"}`
	for _, s := range []string{
		"", whole + "\n", whole, whole + "\n" + whole[:30], "\x00\x00\n" + whole + "\n", "{}\n[]\n", whole + "\n" + `{"lab":"a","kind":"reset"}` + "\n",
		`{"t":3,"kind":"at"}`, `{"kind":"started","lab":"a","before":{"pods":["x",null]}}`, `{"kind":"later","lab":"a","x":{}}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, log string) {
		facts, err := readFacts(strings.NewReader(log))
		if err != nil {
			t.Fatal(err)
		}
		Replay(facts)
		// What the next write makes of the log: it begins a new line where the last one has no end.
		if log != "" && !strings.HasSuffix(log, "\n") {
			log += "\n"
		}
		more, err := readFacts(strings.NewReader(log + whole + "\n"))
		if err != nil {
			t.Fatal(err)
		}
		if len(more) != len(facts)+1 || !reflect.DeepEqual(more[:len(facts)], append([]Fact{}, facts...)) {
			t.Errorf("a write made %d facts of %d", len(more), len(facts))
		}
	})
}
