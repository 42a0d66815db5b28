package checks

import (
	"slices"
	"testing"
)

func TestMutants(t *testing.T) {
	for expect, want := range map[string][]string{
		`items.size() == 1`:            {`items.size() != 1`},
		`items.size() > 0`:             {`!(items.size() > 0)`},
		`!(items.size() != 1)`:         {`!(items.size() == 1)`},
		`!(lastExit == 0 || dash(""))`: {`!(lastExit != 0 || dash(""))`, `!(lastExit == 0 || !dash(""))`},
		`items.exists(c, c.Name == "h1" && c.State.ExitCode == 0)`: {
			`!(items.exists(c, c.Name == "h1" && c.State.ExitCode == 0))`,
			`items.exists(c, c.Name != "h1" && c.State.ExitCode == 0)`,
			`items.exists(c, c.Name == "h1" && c.State.ExitCode != 0)`,
		},
		`items.filter(c, c.State.Running && has(c.Config.Tty)).size() == 2 && lastExit == 0`: {
			`items.filter(c, c.State.Running && has(c.Config.Tty)).size() != 2 && lastExit == 0`,
			`items.filter(c, !c.State.Running && has(c.Config.Tty)).size() == 2 && lastExit == 0`,
			`items.filter(c, c.State.Running && !has(c.Config.Tty)).size() == 2 && lastExit == 0`,
			`items.filter(c, c.State.Running && has(c.Config.Tty)).size() == 2 && lastExit != 0`,
		},
		`items.all(c, images.exists(i, i.Id == c.Image))`: {
			`!(items.all(c, images.exists(i, i.Id == c.Image)))`,
			`items.all(c, !(images.exists(i, i.Id == c.Image)))`,
			`items.all(c, images.exists(i, i.Id != c.Image))`,
		},
		`items.exists(c, c.Config.Labels.exists(k, v, k == "a" && v == "b"))`: {
			`!(items.exists(c, c.Config.Labels.exists(k, v, k == "a" && v == "b")))`,
			`items.exists(c, !(c.Config.Labels.exists(k, v, k == "a" && v == "b")))`,
			`items.exists(c, c.Config.Labels.exists(k, v, k != "a" && v == "b"))`,
			`items.exists(c, c.Config.Labels.exists(k, v, k == "a" && v != "b"))`,
		},
		`lastExit == 0 ? items.size() == 1 : removed.size() == 1`: {
			`(lastExit != 0) ? (items.size() == 1) : (removed.size() == 1)`,
			`(lastExit == 0) ? (items.size() != 1) : (removed.size() == 1)`,
			`(lastExit == 0) ? (items.size() == 1) : (removed.size() != 1)`,
		},
		`cel.bind(web, items.filter(c, c.Name == "web"), web.size() == 1 && first(web).State.Running)`: {
			`cel.bind(web, items.filter(c, c.Name != "web"), web.size() == 1 && first(web).State.Running)`,
			`cel.bind(web, items.filter(c, c.Name == "web"), web.size() != 1 && first(web).State.Running)`,
			`cel.bind(web, items.filter(c, c.Name == "web"), web.size() == 1 && !first(web).State.Running)`,
		},
		`kube("pods").exists(p, p.metadata.labels[?"app"].orValue("") == "한글" && trouble(p) == "")`: {
			`!(kube("pods").exists(p, p.metadata.labels[?"app"].orValue("") == "한글" && trouble(p) == ""))`,
			`kube("pods").exists(p, p.metadata.labels[?"app"].orValue("") != "한글" && trouble(p) == "")`,
			`kube("pods").exists(p, p.metadata.labels[?"app"].orValue("") == "한글" && trouble(p) != "")`,
		},
		`items.map(c, c.State.Running, c.Name) == ["h1"]`: {
			`items.map(c, c.State.Running, c.Name) != ["h1"]`,
			`items.map(c, !c.State.Running, c.Name) == ["h1"]`,
		},
		`(items.size() == 1 ? "a" : "b") in [lastCommand]`: {
			`!(((items.size() == 1) ? "a" : "b") in [lastCommand])`,
			`((items.size() != 1) ? "a" : "b") in [lastCommand]`,
		},
		`true`: {`!true`},
	} {
		var got []string
		for _, m := range mustCompile(t, Spec{Watch: Containers, Expect: expect}).Mutants() {
			got = append(got, m.Expect)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s:\ngot  %q\nwant %q", expect, got, want)
		}
	}
}

func TestMutantsAreNamedAndDiffer(t *testing.T) {
	check := mustCompile(t, Spec{Watch: Containers, Title: "제목", Expect: "items.exists(c,\n  c.Name == 'h1' &&\n  c.State.ExitCode == 0)"})
	snap := seen(map[string][]Object{Containers: objects(t, `{"Name": "h1", "State": {"Status": "exited"}}`)})
	if !check.Evaluate(snap, Scope{}).Passed {
		t.Fatal("the check itself fails")
	}
	want := []string{`negate: items.exists(c, c.Name == "h1" && c.State.ExitCode == 0)`, `negate: c.Name == "h1"`, `negate: c.State.ExitCode == 0`}
	var got []string
	for _, m := range check.Mutants() {
		got = append(got, m.Name)
		if m.Evaluate(snap, Scope{}).Passed {
			t.Errorf("%s passes", m)
		}
		if m.Title != "제목" || len(m.Watches()) != len(check.Watches()) {
			t.Errorf("%s is another check", m)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
