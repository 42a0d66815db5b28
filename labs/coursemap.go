package labs

import (
	"fmt"
	"slices"
	"strings"
)

// CourseMap is a table of the course's labs: how long each takes, what it needs, and what passes from one to the next.
// heads are the titles of its six columns: lab, section, minutes, needs, takes over, gives. link is what the path of a
// lab's file begins with, as seen from the page.
func CourseMap(course *Course, heads [6]string, link string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| | %s |\n|%s\n", strings.Join(heads[:], " | "), strings.Repeat(" --- |", len(heads)+1))
	names := func(things []*Thing, say func(*Thing) string) string {
		var out []string
		for _, t := range things {
			out = append(out, say(t))
		}
		return strings.Join(out, ", ")
	}
	for i, lab := range course.Labs {
		takes := names(lab.Supplies, func(t *Thing) string {
			giver := slices.Index(course.Labs, t.Giver)
			return fmt.Sprintf("%s (%d)", t.Name, giver+1)
		})
		gives := names(lab.Gives, func(t *Thing) string { return t.Name })
		fmt.Fprintf(&b, "| %d | [%s](%s%s) | %s | %d | %s | %s | %s |\n", i+1, lab.Title, link, lab.Path, lab.Section, lab.Minutes,
			strings.Join(lab.Needs, ", "), takes, gives)
	}
	return b.String()
}
