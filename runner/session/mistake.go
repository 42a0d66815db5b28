package session

import (
	"strings"
	"time"

	"github.com/kubelab/kubelab/labs"
)

// mistakeAfter is how long a check must fail in the same way before that is a mistake. On the way from one pod to three
// there are two for a moment.
const mistakeAfter = 4 * time.Second

// blunder is a way of failing that one of the step's `wrong` blocks foresaw. Those blocks tell a mistake from a way that
// is only half gone: both have explanations.
type blunder struct{ check, name string }

// watchMistake remembers since when a check has failed in a foreseen way. What stood when the learner came to the step,
// and what kubelab types itself, is no mistake of the learner's.
func (s *Session) watchMistake(step *labs.Step, st *stepState, c *CheckView) {
	if c.Result.Pending {
		return
	}
	first := !st.looked[c.Title]
	st.looked[c.Title] = true
	for _, wrong := range step.Wrong {
		b := blunder{c.Title, wrong.Explanation}
		fails := !c.Passed && !c.Result.Passed && strings.Contains(c.Result.Explanation, wrong.Explanation)
		switch since, stands := st.standing[b]; {
		case !fails || s.activity != nil:
			delete(st.standing, b)
		case first:
			st.known[b] = true
		case !stands && !st.known[b]:
			st.standing[b] = s.cfg.Now()
		case stands && s.cfg.Now().Sub(since) >= mistakeAfter:
			s.noteMistake(step, st, c, b)
		}
	}
}

// ripenMistakes looks again at what has failed since the last look: nothing need happen after a mistake.
func (s *Session) ripenMistakes() {
	st, step := &s.steps[s.step], s.lab.Steps[s.step]
	if len(st.standing) == 0 {
		return
	}
	for i := range st.checks {
		s.watchMistake(step, st, &st.checks[i])
	}
}

// noteMistake writes a mistake down, once.
func (s *Session) noteMistake(step *labs.Step, st *stepState, c *CheckView, b blunder) {
	delete(st.standing, b)
	st.known[b] = true
	s.append(labs.Fact{Kind: labs.FactMistake, Step: step.ID, Check: b.check, Mistake: b.name, Why: c.Result.Explanation})
}
