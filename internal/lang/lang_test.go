package lang

import "testing"

func TestFromEnviron(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		want Lang
	}{
		{nil, Korean},
		{map[string]string{"LANG": "C"}, Korean},
		{map[string]string{"LANG": "POSIX"}, Korean},
		{map[string]string{"LANG": "C.UTF-8"}, Korean},
		{map[string]string{"LANG": "ko_KR.UTF-8"}, Korean},
		{map[string]string{"LANG": "de_DE.UTF-8"}, Korean},
		{map[string]string{"LANG": "enm_GB"}, Korean}, // Middle English is another language
		{map[string]string{"LANG": "en"}, English},
		{map[string]string{"LANG": "en_US.UTF-8"}, English},
		{map[string]string{"LANG": "en.UTF-8"}, English},
		{map[string]string{"LANG": "EN_us@euro"}, English},
		{map[string]string{"LANG": "ko_KR.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, English},
		{map[string]string{"LANG": "en_US.UTF-8", "LC_MESSAGES": "en_US.UTF-8", "LC_ALL": "ko_KR.UTF-8"}, Korean},
		{map[string]string{"LANG": "en_US.UTF-8", "LC_ALL": "C"}, Korean},
		{map[string]string{"LANG": "ko_KR.UTF-8", "LC_ALL": "en_US"}, English},
	} {
		if got := FromEnviron(func(name string) string { return c.env[name] }); got != c.want {
			t.Errorf("%v: got %s, want %s", c.env, got, c.want)
		}
	}
}

func TestParse(t *testing.T) {
	for _, l := range All() {
		if got, ok := Parse(string(l)); !ok || got != l {
			t.Errorf("%s is %q, %v", l, got, ok)
		}
	}
	for _, name := range []string{"", "KO", "en_US", "fr"} {
		if got, ok := Parse(name); ok {
			t.Errorf("%q is taken for %s", name, got)
		}
	}
}
