package main

import (
	"strings"
	"testing"

	"github.com/kubelab/kubelab/runner/validate"
)

// TestSayFailed names what failed at the end, with its lab, step, round and problem, and nothing where nothing did.
func TestSayFailed(t *testing.T) {
	passed, failed := validate.Case{Kind: validate.Solution}, validate.Case{Kind: validate.Wrong, Name: "1 \"철자\"", Problem: "one\ntwo"}
	report := &validate.Report{Labs: []*validate.LabReport{{
		ID: "hello", Round: 2, Cases: []validate.Case{{Kind: validate.Cleanup, Problem: "left behind"}},
		Steps: []validate.StepReport{{ID: "run", Cases: []validate.Case{passed, failed}}},
	}}, Cases: []validate.Case{{Kind: validate.Restore, Problem: "gone: images x"}}}
	var out strings.Builder
	sayFailed(&out, report)
	want := "\n실패한 증명\n  ✗ hello (2) cleanup\n      left behind\n  ✗ hello/run (2) wrong 1 \"철자\"\n      one\n      two\n  ✗ restore\n      gone: images x\n"
	if out.String() != want {
		t.Errorf("said %q, want %q", out.String(), want)
	}
	out.Reset()
	sayFailed(&out, &validate.Report{Cases: []validate.Case{passed}})
	if out.Len() > 0 {
		t.Errorf("said %q of a run that passed", out.String())
	}
}
