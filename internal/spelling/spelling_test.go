package spelling_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/kubelab/kubelab/internal/spelling"
)

func TestMisspelt(t *testing.T) {
	own := filepath.Join(t.TempDir(), "words")
	if err := os.WriteFile(own, []byte("파드/컨테이너\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := spelling.Misspelt(t.Context(), []string{"컨테이너를", "파드가", "실행했습니다", "컨텡너", "됬습니다"}, own)
	if errors.Is(err, spelling.ErrMissing) {
		t.Skip("hunspell and hunspell-ko are not installed: apt-get install hunspell hunspell-ko")
	}
	if err != nil {
		t.Fatal(err)
	}
	if words := slices.Sorted(maps.Keys(got)); !slices.Equal(words, []string{"됬습니다", "컨텡너"}) {
		t.Fatalf("misspelt: %q", words)
	}
	if !slices.Contains(got["컨텡너"], "컨테이너") {
		t.Errorf("proposals for 컨텡너: %q", got["컨텡너"])
	}
	if got, err := spelling.Misspelt(t.Context(), []string{"파드가"}, ""); err != nil || len(got) != 1 {
		t.Errorf("without the words of one's own: %v, %v", got, err)
	}
}

// TestEnvironment does not depend on what the caller's environment says of languages, or whether it has a home.
func TestEnvironment(t *testing.T) {
	own := filepath.Join(t.TempDir(), "words")
	if err := os.WriteFile(own, []byte("파드/컨테이너\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, env := range [][2]string{{"LC_ALL", "C"}, {"LANG", ""}, {"HOME", ""}} {
		t.Run(env[0], func(t *testing.T) {
			t.Setenv(env[0], env[1])
			if env[1] == "" {
				os.Unsetenv(env[0])
			}
			got, err := spelling.Misspelt(t.Context(), []string{"파드가"}, own)
			if errors.Is(err, spelling.ErrMissing) {
				t.Skip("hunspell and hunspell-ko are not installed: apt-get install hunspell hunspell-ko")
			}
			if err != nil || len(got) > 0 {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}

func TestMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := spelling.Misspelt(t.Context(), []string{"컨텡너"}, ""); !errors.Is(err, spelling.ErrMissing) {
		t.Errorf("without hunspell: %v", err)
	}
}
