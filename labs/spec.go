package labs

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kubelab/kubelab/checks"
	"go.yaml.in/yaml/v3"
)

// places are the nodes of a check's or question's texts, by the field names of package checks: "tell[0].when".
type places map[string]*yaml.Node

// of returns the node of a field, or of the nearest thing around it: a field that is missing has no place of its own.
func (p places) of(field string) *yaml.Node {
	for {
		if n := p[field]; n != nil || field == "" {
			return n
		}
		field = field[:max(0, strings.LastIndexAny(field, ".["))]
	}
}

// field returns a reader of one text field, for document.mapping.
func (d *document) field(p places, field string, into *string, ok *bool) func(*yaml.Node) {
	return func(n *yaml.Node) {
		p[field] = n
		*ok = d.str(n, field, into) && *ok
	}
}

// texts returns a reader of a mapping from text to text: `select` and `wrong`.
func (d *document) texts(p places, field string, into *map[string]string, ok *bool) func(*yaml.Node) {
	return func(n *yaml.Node) {
		p[field] = n
		*into = map[string]string{}
		good := d.table(n, field, func(key string, keyNode, value *yaml.Node) {
			text := ""
			name := field + "." + key
			p[name] = value
			*ok = d.str(value, name, &text) && *ok
			(*into)[key] = text
		})
		*ok = good && *ok
	}
}

// checkSpec reads one entry of a `yaml check` block.
func (d *document) checkSpec(n *yaml.Node) (spec checks.Spec, p places, ok bool) {
	p, ok = places{"": n}, true
	good := d.mapping(n, "a check", map[string]func(*yaml.Node){
		"watch":  d.field(p, "watch", &spec.Watch, &ok),
		"title":  d.field(p, "title", &spec.Title, &ok),
		"expect": d.field(p, "expect", &spec.Expect, &ok),
		"want":   d.field(p, "want", &spec.Want, &ok),
		"see":    d.field(p, "see", &spec.See, &ok),
		"select": d.texts(p, "select", &spec.Select, &ok),
		"all":    func(n *yaml.Node) { ok = d.boolean(n, "all", &spec.All) && ok },
		"covers": func(n *yaml.Node) { p["covers"] = n },
		"tell": func(n *yaml.Node) {
			p["tell"] = n
			ok = d.list(n, "tell", func(i int, n *yaml.Node) {
				tell, good := d.tell(n, i, p)
				spec.Tell = append(spec.Tell, tell)
				ok = good && ok
			}) && ok
		},
	})
	return spec, p, good && ok
}

func (d *document) tell(n *yaml.Node, i int, p places) (tell checks.Tell, ok bool) {
	name := fmt.Sprintf("tell[%d]", i)
	p[name], ok = n, true
	good := d.mapping(n, "an entry of tell", map[string]func(*yaml.Node){
		"when": d.field(p, name+".when", &tell.When, &ok),
		"say":  d.field(p, name+".say", &tell.Say, &ok),
	})
	return tell, good && ok
}

// questionSpec reads one entry of a `yaml ask` block.
func (d *document) questionSpec(n *yaml.Node) (spec checks.QuestionSpec, p places, ok bool) {
	p, ok = places{"": n}, true
	good := d.mapping(n, "a question", map[string]func(*yaml.Node){
		"ask":    d.field(p, "ask", &spec.Ask, &ok),
		"watch":  d.field(p, "watch", &spec.Watch, &ok),
		"answer": d.field(p, "answer", &spec.Answer, &ok),
		"hint":   d.field(p, "hint", &spec.Hint, &ok),
		"covers": func(n *yaml.Node) { p["covers"] = n },
		"select": d.texts(p, "select", &spec.Select, &ok),
		"wrong":  d.texts(p, "wrong", &spec.Wrong, &ok),
		"all":    func(n *yaml.Node) { ok = d.boolean(n, "all", &spec.All) && ok },
	})
	return spec, p, good && ok
}

// stepSettings reads a `yaml step` block into a step.
func (f *labFile) stepSettings(d *document, n *yaml.Node, step *Step) {
	d.mapping(n, "the step's settings", map[string]func(*yaml.Node){
		"timeout": func(n *yaml.Node) {
			text := ""
			if !d.str(n, "timeout", &text) {
				return
			}
			timeout, err := time.ParseDuration(text)
			if err != nil || timeout <= 0 {
				d.errorf(n, "timeout must be a duration above zero such as 90s or 2m, not %q", text)
				return
			}
			step.Timeout = timeout
		},
		"covers": func(n *yaml.Node) { step.Covers = f.covered(d, n) },
		"picture": func(n *yaml.Node) {
			switch kind := ""; {
			case !d.str(n, "picture", &kind):
			case !slices.Contains(pictures(), kind):
				d.errorf(n, "there is no picture %q%s", kind, suggest(kind, pictures()))
			default:
				step.Picture = kind
			}
		},
		"allows": func(n *yaml.Node) { d.allows(n, step) },
	})
}

// capabilities are what a lab can need. They are runner/engine's, which this package must not import; a test compares.
func capabilities() []string {
	return []string{"docker", "nodejs", "registry", "cluster", "loadbalancer", "nodes>=2", "compose", "storage", "controlplane"}
}

// pictures are the kinds of pictures. They are runner/picture's, which this package must not import; a test compares.
func pictures() []string {
	return []string{"containers", "layers", "nodes", "service", "rollout", "events"}
}

// frontMatter reads the head of a lab.
func (f *labFile) frontMatter(d *document, n *yaml.Node, folder string) {
	p, ok, lab := places{}, true, f.lab
	d.mapping(n, "the front matter", map[string]func(*yaml.Node){
		"id":      d.field(p, "id", &lab.ID, &ok),
		"title":   d.field(p, "title", &lab.Title, &ok),
		"section": d.field(p, "section", &lab.Section, &ok),
		"needs":   func(n *yaml.Node) { f.needs(d, n) },
		"gives":   func(n *yaml.Node) { f.gives(d, n) },
		"covers":  func(n *yaml.Node) { lab.Covers = f.covered(d, n) },
		"minutes": func(n *yaml.Node) {
			if d.number(n, "minutes", &lab.Minutes) && lab.Minutes < 1 {
				d.errorf(n, "minutes must be at least 1")
			}
		},
	})
	for _, field := range []string{"id", "title"} {
		if p[field] == nil {
			d.errorf(n, "the front matter has no %s", field)
		}
	}
	if p["title"] != nil && ok && strings.TrimSpace(lab.Title) == "" {
		d.errorf(p["title"], "the title is empty")
	}
	if p["id"] != nil && ok && lab.ID != folder {
		d.errorf(p["id"], "the id is %q, the folder %q; they must be the same, since progress is kept under it", lab.ID, folder)
	}
	lab.ID = folder
}

// needs reads capabilities, and names of what other labs give.
func (f *labFile) needs(d *document, n *yaml.Node) {
	d.list(n, "needs", func(_ int, n *yaml.Node) {
		need := ""
		switch {
		case !d.str(n, "an entry of needs", &need):
		case slices.Contains(f.lab.Needs, need) || slices.ContainsFunc(f.wants, func(m mention) bool { return m.name == need }):
			d.errorf(n, "%q is listed twice", need)
		case slices.Contains(capabilities(), need):
			f.lab.Needs = append(f.lab.Needs, need)
		default:
			f.wants = append(f.wants, mention{need, d.place(d.offset(n))})
		}
	})
}

// courseEntry is a lab's name in course.yaml and where it stands there.
type courseEntry struct {
	folder string
	offset int
}

// course reads course.yaml.
func (d *document) course(n *yaml.Node, course *Course) (entries []courseEntry) {
	p, ok := places{}, true
	d.mapping(n, "course.yaml", map[string]func(*yaml.Node){
		"concepts": func(n *yaml.Node) { d.concepts(n, course) },
		"title":    d.field(p, "title", &course.Title, &ok),
		"labs": func(n *yaml.Node) {
			p["labs"] = n
			d.list(n, "labs", func(_ int, n *yaml.Node) {
				folder := ""
				twice := func(e courseEntry) bool { return e.folder == folder }
				switch {
				case !d.str(n, "an entry of labs", &folder):
				case !validID.MatchString(folder):
					d.errorf(n, "%q cannot be a lab's folder: use lower-case letters, digits and dashes", folder)
				case slices.ContainsFunc(entries, twice):
					d.errorf(n, "the lab %q is listed twice", folder)
				default:
					entries = append(entries, courseEntry{folder, d.place(d.offset(n))})
				}
			})
			if len(n.Content) == 0 && n.Kind == yaml.SequenceNode {
				d.errorf(n, "the course has no labs")
			}
		},
	})
	for _, field := range []string{"title", "labs"} {
		if p[field] == nil {
			d.errorf(n, "course.yaml has no %s", field)
		}
	}
	if p["title"] != nil && ok && strings.TrimSpace(course.Title) == "" {
		d.errorf(p["title"], "the title is empty")
	}
	return entries
}
