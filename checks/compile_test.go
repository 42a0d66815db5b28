package checks

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestCompileErrors(t *testing.T) {
	told := []Tell{{Say: "설명"}}
	for name, tt := range map[string]struct {
		spec Spec
		want []string // each error: place, and after a space a part of the message
	}{
		"empty": {Spec{}, []string{"watch:1:1 a watch is missing", "title:1:1 title", "expect:1:1 expression is missing", "tell:1:1 tell is missing"}},
		"unknown source": {Spec{Watch: "pots", Title: "t", Expect: "items.exists(p, p.whatever)", Tell: told},
			[]string{`watch:1:1 no source "pots"; did you mean "pods"?`}},
		"unknown field": {Spec{Watch: Containers, Title: "t", Expect: "items.size() == 1 &&\n  items[0].State.ExitCod == 0", Tell: told},
			[]string{`expect:2:17 container.State has no field "ExitCod"; did you mean "ExitCode"?`}},
		"unknown fields, all of them": {Spec{Watch: "po", Title: "t", Expect: `items[0].spec.nodename == "" || items[0].stat == ""`, Tell: told},
			[]string{`expect:1:14 core.v1.PodSpec has no field "nodename"; did you mean "nodeName"?`, `expect:1:41 core.v1.Pod has no field "stat"`}},
		"unknown field behind has": {Spec{Watch: Images, Title: "t", Expect: `has(items[0].ID)`, Tell: told},
			[]string{`expect:1:4 checks.Image has no field "ID"; did you mean "Id"?`}},
		"syntax": {Spec{Watch: Containers, Title: "t", Expect: "items.size( == 1", Tell: told}, []string{"expect:1:13 syntax error: extraneous input '=='", "expect:1:17 syntax error: missing ')'"}},
		"not a bool": {Spec{Watch: Containers, Title: "t", Expect: "items.size()", Tell: told},
			[]string{"expect:1:1 the result must be bool and is int"}},
		"mixed types": {Spec{Watch: Containers, Title: "t", Expect: `items[0].State.ExitCode == "0"`, Tell: told},
			[]string{"expect:1:25 no matching overload for '==' applied to '(int, string)'"}},
		"unknown name": {Spec{Watch: Containers, Title: "t", Expect: "itms.size() == 1", Tell: told}, []string{`expect:1:1 unknown name "itms"; did you mean "items"?`}},
		"a resource for a variable": {Spec{Watch: Containers, Title: "t", Expect: "pods.size() == 1", Tell: told},
			[]string{`expect:1:1 unknown name "pods"; write kube("pods")`}},
		"kube without an argument": {Spec{Watch: Containers, Title: "t", Expect: "kube().size() == 1", Tell: told},
			[]string{`expect:1:5 kube is a function of one argument`}},
		"kube of what is not written there": {Spec{Watch: Containers, Title: "t", Expect: `kube(items[0].Name).size() == 1`, Tell: told},
			[]string{"expect:1:14 kube takes the name of a resource as a literal"}},
		"kube of no resource": {Spec{Watch: Containers, Title: "t", Expect: `kube("containers").size() == 1 || kubeAll("nods").size() == 1`, Tell: told},
			[]string{`expect:1:6 no source "containers"`, `expect:1:43 no source "nods"`}},
		"regular expression": {Spec{Watch: Containers, Title: "t", Expect: `items[0].Name.matches("(")`, Tell: told},
			[]string{"expect:1:23 the regular expression is not valid"}},
		"see an object": {Spec{Watch: Containers, Title: "t", Expect: "true", See: "items[0]", Tell: told}, []string{"see:1:1 no text; name one of its fields"}},
		"see objects":   {Spec{Watch: Containers, Title: "t", Expect: "true", See: "items", Tell: told}, []string{"see:1:1 no text"}},
		"tells": {Spec{Watch: Containers, Title: "t", Expect: "true", Tell: []Tell{{Say: "a"}, {When: "1", Say: ""}}},
			[]string{"tell[0].when:1:1 a `when` is missing", "tell[1].when:1:1 must be bool", "tell[1].when:1:1 the last tell must have no `when`", "tell[1].say:1:1 nothing to say"}},
		"interpolation": {Spec{Watch: Containers, Title: "t", Expect: "true", Tell: []Tell{{Say: "첫 줄\n둘째 {{ items[0].Nam }} 그리고 {{ 1 +\n nope }}"}}},
			[]string{`tell[0].say:2:15 checks.Container has no field "Nam"`, `tell[0].say:3:2 unknown name "nope"`}},
		"unterminated interpolation": {Spec{Watch: Containers, Title: "t", Expect: "true", Tell: []Tell{{Say: `이름 {{ items[0].Name }`}}},
			[]string{"tell[0].say:1:4 never closed"}},
		"empty interpolation": {Spec{Watch: Containers, Title: "t", Expect: "true", Tell: []Tell{{Say: `{{ }}`}}}, []string{"tell[0].say:1:3 expression is missing"}},
		"select": {Spec{Watch: Containers, Title: "t", Expect: "true", Tell: told, Select: map[string]string{"img": "busybox", "name": " "}},
			[]string{`select.img:1:1 containers cannot be selected by "img", only by name, image, label`, "select.name:1:1 empty"}},
		"select a field": {Spec{Watch: "pods", Title: "t", Expect: "true", Tell: told, Select: map[string]string{"field": "spec.nodeName=a"}},
			[]string{"select.field:1:1 not supported"}},
		"a namespace of nodes": {Spec{Watch: "nodes", Title: "t", Expect: "true", Tell: told, Select: map[string]string{"namespace": "a"}},
			[]string{`select.namespace:1:1 nodes cannot be selected by "namespace", only by name, label`}},
		"label selector": {Spec{Watch: "pods", Title: "t", Expect: "true", Tell: told, Select: map[string]string{"label": "a in (b"}}, []string{"select.label:1:1 "}},
		"match":          {Spec{Watch: Commands, Title: "t", Expect: "true", Tell: told, Select: map[string]string{"match": "("}}, []string{"select.match:1:1 missing closing )"}},
		"path":           {Spec{Watch: Files, Title: "t", Expect: "true", Tell: told, Select: map[string]string{"path": "[a"}}, []string{"select.path:1:1 no pattern"}},
		"http":           {Spec{Watch: HTTP, Title: "t", Expect: "true", Tell: told}, []string{"select.url:1:1 needs the url"}},
		"registry":       {Spec{Watch: Registry, Title: "t", Expect: "true", Tell: told}, []string{"select.repository:1:1 needs the repository"}},
	} {
		t.Run(name, func(t *testing.T) {
			errs := mistakes(t, tt.spec)
			if len(errs) != len(tt.want) {
				t.Fatalf("%d errors, want %d:\n%v", len(errs), len(tt.want), errs)
			}
			for i, want := range tt.want {
				where, message, _ := strings.Cut(want, " ")
				if got := errs[i].Error(); !strings.HasPrefix(got, where+": ") || !strings.Contains(got, message) {
					t.Errorf("error %d is %q, want %q", i, got, want)
				}
			}
		})
	}
}

func TestErrorsUnwrap(t *testing.T) {
	err := New(Spec{Watch: "x y"}).Compile()
	var one *Error
	if !errors.As(err, &one) || one.Field != "watch" {
		t.Errorf("errors.As gives %v of %v", one, err)
	}
}

func TestWatches(t *testing.T) {
	for _, tt := range []struct {
		spec Spec
		want []string
	}{
		{Spec{Watch: "po", Expect: "true"}, []string{"pods"}},
		{Spec{Watch: Containers, Expect: `kube("rc").size() + kubeAll("no").size() == images.size()`, See: "lastCommand",
			Tell: []Tell{{When: `container("h1").State.Running`, Say: `{{ pod("kubia").status.phase }}`}, {Say: `{{ kube("foos.example.com").size() }}`}}},
			[]string{"commands", "containers", "foos.example.com", "images", "nodes", "pods", "replicationcontrollers"}},
		{Spec{Watch: HTTP, Select: map[string]string{"url": "http://$REGISTRY/v2/"}, Expect: "events.size() == 0"},
			[]string{"docker-events", "http http://$REGISTRY/v2/"}},
		{Spec{Watch: Registry, Select: map[string]string{"repository": "kubia"}, Expect: "items.size() == 1"}, []string{"registry kubia"}},
		// What a comprehension declares hides the source of that name, but not in its own range.
		{Spec{Watch: "pods", Expect: `items.exists(images, images.metadata.name == "x")`}, []string{"pods"}},
		{Spec{Watch: "pods", Expect: `images.exists(images, images.Size > 0)`}, []string{"images", "pods"}},
		{Spec{Watch: "pods", Expect: `items.exists(files, true) && files.size() == 0`}, []string{"files", "pods"}},
		{Spec{Watch: "pods", Expect: `cel.bind(volumes, 1, volumes == 1)`}, []string{"pods"}},
		{Spec{Watch: "pods", Expect: `{"networks": networks.size()}["networks"] == 1 && [volumes.size()][?0].hasValue()`}, []string{"networks", "pods", "volumes"}},
	} {
		var got []string
		for _, w := range mustCompile(t, tt.spec).Watches() {
			got = append(got, w.Key())
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: watches %v, want %v", tt.spec.Expect, got, tt.want)
		}
	}
}

func TestClock(t *testing.T) {
	for _, tt := range []struct {
		spec Spec
		want bool
	}{
		{Spec{Watch: "pods", Expect: "true"}, false},
		{Spec{Watch: Commands, Expect: "items.all(c, c.started > stepStarted)"}, false},
		{Spec{Watch: Commands, Expect: "items.all(now, now.exit == 0)"}, false},
		{Spec{Watch: Commands, Expect: "items.all(c, now - c.started < duration('1m'))"}, true},
		{Spec{Watch: Commands, Expect: "true", See: "now"}, true},
		{Spec{Watch: Commands, Expect: "true", Tell: []Tell{{When: "now > stepStarted", Say: "a"}, {Say: "b"}}}, true},
		{Spec{Watch: Commands, Expect: "true", Tell: []Tell{{Say: "{{ now - stepStarted }}"}}}, true},
	} {
		if got := mustCompile(t, tt.spec).Clock(); got != tt.want {
			t.Errorf("%+v: Clock() = %v", tt.spec, got)
		}
	}
}

func TestSuggest(t *testing.T) {
	for _, tt := range []struct{ name, want string }{
		{"Exitcode", `; did you mean "ExitCode"?`}, {"ExitCdoe", `; did you mean "ExitCode"?`}, {"zzz", ""}, {"", ""},
	} {
		if got := suggest(tt.name, []string{"Status", "ExitCode"}); got != tt.want {
			t.Errorf("suggest(%q) = %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestNotCompiled holds that what does not compile never passes, and says why to whoever meets it.
func TestNotCompiled(t *testing.T) {
	c := New(Spec{Watch: Containers, Title: "t", Expect: "items.exists(", Tell: []Tell{{Say: "s"}}})
	got := c.Evaluate(seen(map[string][]Object{Containers: {{}}}), Scope{})
	if got.Passed || got.Pending || !strings.Contains(got.Explanation, "랩에 잘못 쓰인 곳이 있어") || !strings.Contains(got.Explanation, "expect") {
		t.Errorf("a check gives %+v", got)
	}
	if c.Watches() != nil || c.Clock() {
		t.Errorf("a check looks at %v, at the clock: %v", c.Watches(), c.Clock())
	}
	q := NewQuestion(QuestionSpec{Ask: "a?", Answer: "1 +"})
	answer := q.Evaluate("1", seen(nil), Scope{})
	if answer.Right || answer.Known || !strings.Contains(answer.Feedback, "랩에 잘못 쓰인 곳이 있어") || q.Watches() != nil {
		t.Errorf("a question gives %+v, and looks at %v", answer, q.Watches())
	}
}
