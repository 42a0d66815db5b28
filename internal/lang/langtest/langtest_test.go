package langtest

import "testing"

type words struct {
	hello, countF string
	signs         map[string]string
	keys          struct{ quit string }
	commands      []string
}

func catalogue(change func(*words)) words {
	w := words{hello: "hello", countF: "%d of %s", signs: map[string]string{"a": "A"}, commands: []string{"next"}}
	w.keys.quit = "quit"
	if change != nil {
		change(&w)
	}
	return w
}

// TestCompare holds that the test of the catalogues can fail.
func TestCompare(t *testing.T) {
	if got := Compare(catalogue(nil), catalogue(nil)); len(got) > 0 {
		t.Errorf("the same twice: %v", got)
	}
	for name, change := range map[string]func(*words){
		"empty":        func(w *words) { w.hello = "" },
		"nested empty": func(w *words) { w.keys.quit = "" },
		"verb":         func(w *words) { w.countF = "%s of %s" },
		"order":        func(w *words) { w.countF = "%s %d" },
		"fewer":        func(w *words) { w.countF = "%d" },
		"indexed":      func(w *words) { w.countF = "%[2]s %[1]d" },
		"percent":      func(w *words) { w.hello = "hello %" + "%" },
		"other key":    func(w *words) { w.signs = map[string]string{"b": "B"} },
		"more keys":    func(w *words) { w.signs = map[string]string{"a": "A", "b": "B"} },
		"empty in map": func(w *words) { w.signs = map[string]string{"a": ""} },
		"no list":      func(w *words) { w.commands = nil },
		"longer list":  func(w *words) { w.commands = []string{"a", "b"} },
		"Korean":       func(w *words) { w.hello = "안녕" },
	} {
		t.Run(name, func(t *testing.T) {
			if got := Compare(catalogue(nil), catalogue(change)); len(got) == 0 {
				t.Error("not noticed")
			}
		})
	}
}
