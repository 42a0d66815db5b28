package labs

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// mention is a name and the offset in the source at which it stands.
type mention struct {
	name   string
	offset int
}

// gives reads what the lab leaves for later ones. The scripts of each thing follow in the introduction.
func (f *labFile) gives(d *document, n *yaml.Node) {
	d.list(n, "gives", func(_ int, n *yaml.Node) {
		name := ""
		switch {
		case !d.str(n, "an entry of gives", &name):
		case !validID.MatchString(name):
			d.errorf(n, "%q cannot be the name of something given: use lower-case letters, digits and dashes", name)
		case slices.Contains(capabilities(), name):
			d.errorf(n, "%q is a capability of the environment; what a lab gives needs another name", name)
		case f.thing(name) != nil:
			d.errorf(n, "%q is listed twice", name)
		default:
			f.lab.Gives = append(f.lab.Gives, &Thing{Name: name, Giver: f.lab})
		}
	})
}

func (f *labFile) thing(name string) *Thing {
	for _, t := range f.lab.Gives {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// readThing adds a script to what it is about.
func (f *labFile) readThing(b fence, script Script) {
	t := f.thing(b.info.text)
	if t == nil {
		var names []string
		for _, t := range f.lab.Gives {
			names = append(names, t.Name)
		}
		f.errorf(b.infoAt, "the front matter does not list %q under gives%s", b.info.text, suggest(b.info.text, names))
		return
	}
	switch b.info.word {
	case wordHave:
		t.Have = append(t.Have, script)
	case wordGive:
		t.Give = append(t.Give, script)
	case wordTake:
		t.Take = append(t.Take, script)
	}
}

// finishThings reports what is given without saying how.
func (f *labFile) finishThings() {
	for _, t := range f.lab.Gives {
		for _, part := range []struct {
			word    word
			scripts []Script
			why     string
		}{
			{wordHave, t.Have, "nobody can tell whether it is there"},
			{wordGive, t.Give, "a lab that is started out of order cannot make it"},
			{wordTake, t.Take, "a reset cannot remove it"},
		} {
			if len(part.scripts) == 0 {
				f.errorf(f.front, "the lab gives %q without a block `bash %s=\"%s\"` in its introduction: %s", t.Name, part.word, t.Name, part.why)
			}
		}
	}
}

// connect finds the giver of everything that a lab takes over. A giver stands before whoever needs it, so that a
// learner who follows the course makes things with their own hands.
func (c *courseFiles) connect() {
	given := map[string]*Thing{}
	all := map[string]bool{}
	names := capabilities()
	for _, f := range c.labs {
		for _, t := range f.lab.Gives {
			all[t.Name] = true
			names = append(names, t.Name)
		}
	}
	for _, f := range c.labs {
		for _, want := range f.wants {
			switch t := given[want.name]; {
			case t != nil:
				f.lab.Supplies = append(f.lab.Supplies, t)
			case all[want.name]:
				f.errorf(want.offset, "%q is given by a later lab, or by this one; the giver stands before whoever needs it", want.name)
			default:
				f.errorf(want.offset, "no environment offers %q, and no lab gives it%s", want.name, suggest(want.name, names))
			}
		}
		for _, t := range f.lab.Gives {
			if other := given[t.Name]; other != nil {
				f.errorf(f.front, "%q is given by the lab %s already", t.Name, other.Giver.ID)
				continue
			}
			given[t.Name] = t
		}
	}
}
