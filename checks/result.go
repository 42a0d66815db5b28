package checks

import "time"

// Scope is what a check may know beside the snapshot.
type Scope struct {
	// Now is the time of evaluation; StepStarted is when the learner came to the step.
	Now, StepStarted time.Time
	// Env holds the variables of the environment, e.g. REGISTRY=localhost:5001.
	Env map[string]string
	// Namespace is the learner's Kubernetes namespace; a check that selects none looks only there.
	Namespace string
	// Before holds the identities (see Identity) of what existed before the lab began, by source key. Such objects
	// are not the learner's doing and stay out of items unless the check says all.
	Before map[string]map[string]bool
}

// Result is the outcome of one evaluation of one check. Texts are in the language of the lab.
type Result struct {
	Passed bool
	// Expected and Observed are one line each: "컨테이너 1개, 종료 코드 0" and "컨테이너 없음".
	Expected, Observed string
	// Explanation says why the check fails and what to try next; empty when it passed.
	Explanation string
	// Pending means that nothing can be said yet: a source has not been listed or cannot be reached. Explanation
	// then says which one.
	Pending bool
}
