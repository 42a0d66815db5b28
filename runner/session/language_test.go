package session_test

import (
	"strings"
	"testing"

	"github.com/kubelab/kubelab/internal/lang"
)

// TestEnglish holds that a session says its own words in the language it was made with, and the lab's in the lab's.
func TestEnglish(t *testing.T) {
	flow(t, demo, func(t *testing.T, r *rig) {
		r.cfg.Lang = lang.English
		r.means = newMeans()
		r.cfg.Capabilities = r.means
		r.start()
		r.Run("true")
		if v := r.rest(); !strings.HasPrefix(v.Problem, "The lab is not prepared yet.") {
			t.Errorf("said %q", v.Problem)
		}
	})
	flow(t, demo, func(t *testing.T, r *rig) {
		r.cfg.Lang = lang.English
		r.start()
		r.Travel(1)
		if v := r.rest(); v.Activity == nil || v.Activity.Title != "skipping ahead" {
			t.Fatalf("does %+v", v.Activity)
		}
		r.Stop()
		if v := r.rest(); !strings.HasPrefix(v.Problem, "Stopped inside “1. ") {
			t.Errorf("said %q", v.Problem)
		}
	})
}
