package checks

import "testing"

func TestTemplate(t *testing.T) {
	snap := seen(map[string][]Object{Containers: objects(t, `{"Id": "1", "Name": "h1", "Config": {"Cmd": ["echo", "hi"], "Labels": {"a": "b"}}}`)})
	for say, want := range map[string]string{
		"그대로":                                              "그대로",
		"{{items[0].Name}}":                                "h1",
		"앞 {{ items[0].Name }} 뒤":                          "앞 h1 뒤",
		"{{ items[0].Name }}{{ items.size() }}":            "h11",
		"{{ items[0].Config.Cmd }}":                        "echo, hi",
		"{{ items[0].Config.Labels }}":                     `{"a":"b"}`,
		"{{ items[0].State.StartedAt }}.":                  ".",
		"{{ kube('pods').size() }}":                        "?", // nobody has listed pods
		"{{ items[3].Name }}":                              "?",
		"{{ {'a': {'b': items[0].Name}}['a']['b'] }}":      "h1",
		`{{ "{{" }} .State {{ '}}' }}`:                     "{{ .State }}",
		`{{ "a\"}}" }}`:                                    `a"}}`,
		`{{ """}} ""}}""" }}`:                              `}} ""}}`,
		"{{ now }}":                                        "2026-11-21T03:00:00Z",
		"{{ now - stepStarted }}":                          "0s",
		"{{ 2.50 }} {{ 3.0 }} {{ true }}":                  "2.5 3 true",
		"{{ null }}{{ items[0].?State.?Health.?Status }}.": ".",
		"}} 홀로 }":                                          "}} 홀로 }",
		"{{ \n items[0].Name \n }}":                        "h1",
	} {
		c := mustCompile(t, Spec{Watch: Containers, Expect: "false", Tell: []Tell{{Say: say}}})
		if got := c.Evaluate(snap, Scope{Now: at, StepStarted: at}).Explanation; got != want {
			t.Errorf("%q = %q, want %q", say, got, want)
		}
	}
}
