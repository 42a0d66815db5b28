package validate

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/labs"
)

// mutants keeps the mutants of checks: making them means compiling each.
type mutants struct {
	mu   sync.Mutex
	made map[*labs.Check][]checks.Mutant
}

func (m *mutants) of(c *labs.Check) []checks.Mutant {
	m.mu.Lock()
	defer m.mu.Unlock()
	made, known := m.made[c]
	if !known {
		made = c.Mutants()
		if m.made == nil {
			m.made = map[*labs.Check][]checks.Mutant{}
		}
		m.made[c] = made
	}
	return made
}

// mutations proves for each check of the step that what the step's author wrote would notice if the check were not
// there, or said the opposite in one place.
func (p *proof) mutations() {
	for i, c := range p.step.Checks {
		var missed []string
		all := p.mutants.of(c)
		p.file(p.time(Mutation, fmt.Sprintf("%d %q", i+1, c.Title), c.Line, func() string {
			if !p.notices(i, nil) {
				missed = append(missed, "the check is dropped")
			}
			for _, m := range all {
				if !p.notices(i, m.Check) {
					missed = append(missed, m.Name)
				}
			}
			if len(missed) == 0 {
				return ""
			}
			return fmt.Sprintf("%q (line %d) can be changed, and neither before nor wrong, also or the solution notices: %s",
				c.Title, c.Line, strings.Join(missed, "; "))
		}))
		p.report.Mutants.Tried += len(all) + 1
		p.report.Mutants.Missed += len(missed)
	}
}

// notices reports whether a case would fail if another check stood in place of the i-th, or none where it is nil.
func (p *proof) notices(i int, other *checks.Check) bool {
	changed := func(m moment) []checks.Result {
		results := slices.Clone(m.results)
		if other == nil {
			return slices.Delete(results, i, i+1)
		}
		results[i] = other.Evaluate(m.snap, m.scope)
		return results
	}
	for _, m := range slices.Backward(p.solved) {
		if !allPass(changed(m)) {
			return true
		}
	}
	for _, m := range p.mistakes {
		if !explained(changed(m.moment), m.explanation) { // also where all pass
			return true
		}
	}
	return allPass(changed(p.before))
}
