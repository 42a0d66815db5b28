package labs

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Cheats are the names of the generic cheats that validate tries on every step. They are runner/validate's, which this
// package must not import; a test there compares.
func Cheats() []string {
	return []string{"empty", "before", "zero", "owner", "typed", "namespace"}
}

// allows reads the generic cheats that are right answers in a step.
func (d *document) allows(n *yaml.Node, step *Step) {
	step.Allows = map[string]string{}
	d.table(n, "allows", func(key string, keyNode, value *yaml.Node) {
		reason := ""
		switch {
		case !slices.Contains(Cheats(), key):
			d.errorf(keyNode, "there is no generic cheat %q%s", key, suggest(key, Cheats()))
		case !d.str(value, "the reason", &reason):
		case strings.TrimSpace(reason) == "":
			d.errorf(value, "say why the cheat %q is a right answer here", key)
		default:
			step.Allows[key] = reason
		}
	})
}

// concepts reads the promise of a course.
func (d *document) concepts(n *yaml.Node, course *Course) {
	d.list(n, "concepts", func(_ int, n *yaml.Node) {
		c, ok := Concept{}, true
		p := places{"": n}
		good := d.mapping(n, "a concept", map[string]func(*yaml.Node){
			"id":    func(n *yaml.Node) { p["id"] = n; ok = d.conceptID(n, &c.ID) && ok },
			"title": d.field(p, "title", &c.Title, &ok),
			"prose": d.field(p, "prose", &c.Prose, &ok),
		})
		switch {
		case !good || !ok:
		case c.ID == "" || strings.TrimSpace(c.Title) == "":
			d.errorf(n, "a concept has an id and a title")
		case slices.ContainsFunc(course.Concepts, func(other Concept) bool { return other.ID == c.ID }):
			d.errorf(p.of("id"), "the concept %s is listed twice", c.ID)
		default:
			course.Concepts = append(course.Concepts, c)
		}
	})
}

// conceptID reads the name of a concept, which may be a number.
func (d *document) conceptID(n *yaml.Node, into *string) bool {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!int" && n.Tag != "!!str" || n.Value == "" {
		d.errorf(n, "a concept's id is a number or a short text such as 1 or Q1")
		return false
	}
	*into = n.Value
	return true
}

// covered reads the concepts that something covers; n may be nil.
func (f *labFile) covered(d *document, n *yaml.Node) (ids []string) {
	if n == nil {
		return nil
	}
	d.list(n, "covers", func(_ int, n *yaml.Node) {
		id := ""
		switch {
		case !d.conceptID(n, &id):
		case slices.Contains(ids, id):
			d.errorf(n, "the concept %s is listed twice", id)
		default:
			ids = append(ids, id)
			f.claims = append(f.claims, mention{id, d.place(d.offset(n))})
		}
	})
	return ids
}

// lintCoverage reports concepts that are covered and not promised, and those that are promised and not covered.
func (c *courseFiles) lintCoverage() {
	known := map[string]bool{}
	for _, concept := range c.course.Concepts {
		known[concept.ID] = true
	}
	for _, f := range c.labs {
		for _, claim := range f.claims {
			if !known[claim.name] {
				f.errorf(claim.offset, "%s lists no concept %q", courseName, claim.name)
			}
		}
	}
	for _, row := range Coverage(c.course) {
		switch {
		case len(row.Seen) > 0:
		case row.Prose == "":
			c.problems.add(Error, courseName, "no check and no question covers the concept %s (%s)", row.ID, row.Title)
		case len(row.Told) == 0:
			c.problems.add(Error, courseName, "no lab covers the concept %s (%s)", row.ID, row.Title)
		}
	}
}

// CoverageRow is where a course teaches one concept.
type CoverageRow struct {
	Concept
	// Seen are the checks and questions that see it; Told is where it is taught in prose.
	Seen, Told []Place
}

// Place is a place in a course. Step is nil for a lab's introduction; What is the title of a check or the text of a
// question, and empty for prose.
type Place struct {
	Lab      *Lab
	Step     *Step
	What     string
	Question bool
}

// Coverage says for each concept of the course where it is taught.
func Coverage(course *Course) []CoverageRow {
	rows := make([]CoverageRow, len(course.Concepts))
	for i, concept := range course.Concepts {
		row := CoverageRow{Concept: concept}
		covers := func(ids []string) bool { return slices.Contains(ids, concept.ID) }
		for _, lab := range course.Labs {
			if covers(lab.Covers) {
				row.Told = append(row.Told, Place{Lab: lab})
			}
			for _, step := range lab.Steps {
				if covers(step.Covers) {
					row.Told = append(row.Told, Place{Lab: lab, Step: step})
				}
				for _, check := range step.Checks {
					if covers(check.Covers) {
						row.Seen = append(row.Seen, Place{Lab: lab, Step: step, What: check.Spec.Title})
					}
				}
				for _, question := range step.Questions {
					if covers(question.Covers) {
						row.Seen = append(row.Seen, Place{Lab: lab, Step: step, What: question.Ask, Question: true})
					}
				}
			}
		}
		rows[i] = row
	}
	return rows
}

// CoverageMarkdown is Coverage as a page. link is what the path of a lab's file begins with, as seen from the page.
func CoverageMarkdown(course *Course, link string) string {
	var b strings.Builder
	b.WriteString("# Coverage\n\n" +
		"What the course promises to teach, and where it is taught and seen to have been done. `kubelab lint --coverage` writes this\n" +
		"page from `covers:` in the labs; a test holds it current. A concept without a check or a question says why.\n\n" +
		"| | concept | taught in | seen by |\n| --- | --- | --- | --- |\n")
	cell := strings.NewReplacer("|", `\|`, "\n", " ")
	for _, row := range Coverage(course) {
		var steps, seen []string
		for _, p := range slices.Concat(row.Seen, row.Told) {
			where := fmt.Sprintf("[%s](%s%s)", p.Lab.Title, link, p.Lab.Path)
			if p.Step != nil {
				where = fmt.Sprintf("[%s](%s%s#%s)", p.Lab.Title+" · "+p.Step.Title, link, p.Lab.Path, p.Step.ID)
			}
			if !slices.Contains(steps, where) {
				steps = append(steps, where)
			}
		}
		for _, p := range row.Seen {
			kind := "check"
			if p.Question {
				kind = "question"
			}
			seen = append(seen, fmt.Sprintf("%s: %s", kind, cell.Replace(p.What)))
		}
		if len(seen) == 0 {
			seen = []string{"prose alone: " + cell.Replace(row.Prose)}
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", row.ID, cell.Replace(row.Title), cell.Replace(strings.Join(steps, "<br>")), strings.Join(seen, "<br>"))
	}
	return b.String()
}
