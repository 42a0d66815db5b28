package images

import (
	"errors"
	"os"
	"strings"
	"testing"
)

func TestComposeOfTheCache(t *testing.T) {
	s := newTestStore(t, &fakeEngine{})
	s.machine = fakeMachine{} // that has nothing, and needs nothing
	p := programs()["compose"]
	if err := os.WriteFile(s.binary(p, p.name), nil, 0o755); err != nil {
		t.Fatal(err)
	}
	file, err := s.Compose(t.Context(), nil)
	if err != nil || file != s.binary(p, p.name) {
		t.Errorf("Compose() = %q, %v; want what is there", file, err)
	}
}

func TestComposeSaysWhatIsMissing(t *testing.T) {
	s := newTestStore(t, &fakeEngine{})
	s.machine = fakeMachine{}
	file, err := s.Compose(t.Context(), nil)
	var missing *MissingError
	if !errors.As(err, &missing) || missing.Image != "" || !strings.Contains(missing.Try, "apt-get install docker-compose") || file != "" {
		t.Errorf("Compose() = %q, %v; want what can be installed in its place", file, err)
	}
}
