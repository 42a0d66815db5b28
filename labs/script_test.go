package labs

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestStatements(t *testing.T) {
	tests := []struct {
		name, script string
		want         []string
	}{
		{"nothing", "\n# only a comment\n\n", nil},
		{"lines", "docker ps\ndocker images\n", []string{"docker ps", "docker images"}},
		{"semicolon", "a; b ;c;", []string{"a", "b", "c"}},
		{"and is one", "a &&\n  b || c\nd", []string{"a &&\n  b || c", "d"}},
		{"pipe", "a | b |& c", []string{"a | b |& c"}},
		{"background", "kubectl proxy & curl x\nsleep 9 &", []string{"kubectl proxy &", "curl x", "sleep 9 &"}},
		{"comments", "# 먼저\na 1 # 하나\n# 다음\nb '# 둘' \"#\" x#y # 셋", []string{"a 1", "b '# 둘' \"#\" x#y"}},
		{"continued line", "docker run \\\n  --name kubia \\\n  kubia # 끝\nx", []string{"docker run \\\n  --name kubia \\\n  kubia", "x"}},
		{"compound", "for i in 1 2; do # 두 번\n  echo $i; # 셈\ndone\nx", []string{"for i in 1 2; do\n  echo $i;\ndone", "x"}},
		{"function", "f() { a; b; }; f", []string{"f() { a; b; }", "f"}},
		{"subshell", "(cd x; ls) > out", []string{"(cd x; ls) > out"}},
		{
			"here-document", "cat > Dockerfile <<'EOF' # 주석\nFROM x # 이것은 본문\n\nCMD [\"a;b\"]\nEOF\ndocker build .",
			[]string{"cat > Dockerfile <<'EOF'\nFROM x # 이것은 본문\n\nCMD [\"a;b\"]\nEOF", "docker build ."},
		},
		{"here-document with semicolon", "cat <<A;\n1\nA\nx", []string{"cat <<A\n1\nA", "x"}},
		{"empty here-document", "cat <<A\nA\nx", []string{"cat <<A\nA", "x"}},
		{"indented here-document", "cat <<-A\n\t1\n\tA\nx", []string{"cat <<-A\n\t1\n\tA", "x"}},
		{"two here-documents", "cat <<A <<B\n1\nA\n2\nB\nx", []string{"cat <<A <<B\n1\nA\n2\nB", "x"}},
		{"here-document in a pipe", "cat <<A | kubectl apply -f -\n1\nA\nx", []string{"cat <<A | kubectl apply -f -\n1\nA", "x"}},
		{"here-document in a block", "if a; then\n cat <<A\n1\nA\nfi; x", []string{"if a; then\n cat <<A\n1\nA\nfi", "x"}},
		{"here-document in background", "cat <<A &\n1\nA\nx", []string{"cat <<A &\n1\nA", "x"}},
		{"escaped semicolon", `find . -exec ls {} \;` + "\nx", []string{`find . -exec ls {} \;`, "x"}},
		{"escaped space at the end", "echo a\\ \nx", []string{`echo a\ `, "x"}},
		{"quoted lines", "echo 'a\n\nb;  '\nx", []string{"echo 'a\n\nb;  '", "x"}},
		{"substitution", "x=$(a; b # c\n)\ny", []string{"x=$(a; b\n)", "y"}},
		{"Korean", "echo 안녕; echo “둥근”", []string{"echo 안녕", "echo “둥근”"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Statements(tt.script)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got\n%q\nwant\n%q", got, tt.want)
			}
		})
	}
}

func TestStatementsSyntaxError(t *testing.T) {
	tests := []struct {
		script string
		offset int
	}{
		{"echo 가\nif true; then", strings.Index("echo 가\nif true; then", "then")},
		{"echo 'x", 5},
		{"a | ", 2},
		{")", 0},
		{"x\ncat <<A; echo hi\n1\nA\n", 2},
		{"echo hi; cat <<A; cat <<B\n1\nA\n2\nB\n", 9},
	}
	for _, tt := range tests {
		_, err := Statements(tt.script)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%q: got %v, want a SyntaxError", tt.script, err)
			continue
		}
		if syntax.Offset != tt.offset || syntax.Message == "" {
			t.Errorf("%q: got %+v, want offset %d", tt.script, *syntax, tt.offset)
		}
	}
}

// FuzzStatements holds that taking a script apart changes nothing of what it says.
func FuzzStatements(f *testing.F) {
	for _, s := range []string{
		"a; b # c\nd &", "cat <<A; echo hi\n1\nA\nx", "cat <<A <<-B | z\n1\nA\n2\n\tB\n", "for i in 1; do # x\n a; done",
		"echo a\\ \nx", "x=$(cat <<A\n1\nA\n)\ny", "if a; then b; fi; c", "echo `a # b`; c", "((a)); [[ b ]]", "a ;; b", "coproc x { a; }",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, script string) {
		statements, err := Statements(script)
		if err != nil {
			return
		}
		whole, err := parseScript(script)
		if err != nil {
			t.Fatalf("Statements takes %q, the parser does not: %v", script, err)
		}
		if len(whole.Stmts) != len(statements) {
			t.Fatalf("%q has %d statements, got %q", script, len(whole.Stmts), statements)
		}
		for i, s := range whole.Stmts {
			if !same(statements[i], s) {
				want, _ := rendered(s)
				t.Errorf("statement %d of %q became %q, want what %q means", i, script, statements[i], want)
			}
		}
	})
}
