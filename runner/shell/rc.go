package shell

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

//go:embed rc/bash.sh
var bashRC string

//go:embed rc/zsh.sh
var zshRC string

// program is a shell that this package can integrate with.
type program struct {
	name, path string
}

// findProgram resolves Config.Program: "bash", "zsh", a path to either, or "" for the one in SHELL.
func findProgram(want string, env []string) (program, error) {
	candidates := []string{want}
	if want == "" {
		candidates = []string{lookup(env, "SHELL"), "bash", "zsh"}
	}
	var errs []error
	for _, c := range candidates {
		name := filepath.Base(c)
		if name != "bash" && name != "zsh" {
			if want != "" {
				return program{}, fmt.Errorf("find shell %q: only bash and zsh are supported", want)
			}
			continue
		}
		path, err := exec.LookPath(c)
		if err == nil {
			return program{name, path}, nil
		}
		errs = append(errs, err)
	}
	return program{}, fmt.Errorf("find shell: %w", errors.Join(errs...))
}

// settings are what the rc files are told, by variables that they take out of the environment: so the files are the same
// for every shell, and two shells that start at once do not get each other's nonce.
type settings struct {
	nonce, state, root, label, host string
	ps0                             bool
}

func (s settings) env() []string {
	return []string{
		"KUBELAB_SHELL_NONCE=" + s.nonce, "KUBELAB_SHELL_STATE=" + s.state, "KUBELAB_SHELL_ROOT=" + s.root,
		"KUBELAB_SHELL_LABEL=" + s.label, "KUBELAB_SHELL_HOST=" + s.host,
		"KUBELAB_SHELL_PS0=" + map[bool]string{true: "1"}[s.ps0],
	}
}

// writeRC writes the shell's rc files and returns the arguments and variables that make the shell read them, and nothing
// of the learner's own.
func writeRC(p program, set settings) (args, env []string, err error) {
	dir := filepath.Join(set.state, p.name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("make folder of rc files: %w", err)
	}
	files, env := map[string]string{}, set.env()
	switch p.name {
	case "bash":
		files["bashrc"] = bashRC
		args = []string{"--noprofile", "--rcfile", filepath.Join(dir, "bashrc"), "-i"}
	case "zsh":
		files[".zshrc"] = zshRC
		files[".zshenv"] = "unsetopt global_rcs\n"
		args, env = []string{"-i"}, append(env, "ZDOTDIR="+dir)
	}
	for name, text := range files {
		if err := replaceFile(filepath.Join(dir, name), text); err != nil {
			return nil, nil, fmt.Errorf("write rc file: %w", err)
		}
	}
	return args, env, nil
}

// replaceFile writes a file that another shell may be reading.
func replaceFile(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// notOurs are the variables that would change the shell, or tell programs that they are in another terminal.
var notOurs = []string{
	"BASH_ENV", "ENV", "ZDOTDIR", "SHELLOPTS", "BASHOPTS", "PS0", "PS1", "PS2", "PS4", "PROMPT_COMMAND", "INPUTRC",
	"HISTFILE", "HISTSIZE", "HISTFILESIZE", "HISTCONTROL", "HISTIGNORE", "HISTTIMEFORMAT", "COLUMNS", "LINES", "OLDPWD",
	"TERM_PROGRAM", "TERM_PROGRAM_VERSION", "TERMCAP", "TMUX", "TMUX_PANE", "STY", "VTE_VERSION", "SHLVL", "TMOUT",
}

// shellEnv is env with a UTF-8 locale, and without what would change the shell.
func shellEnv(env []string, dir string, p program, more []string) []string {
	out := slices.DeleteFunc(slices.Clone(env), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return slices.Contains(notOurs, name) || strings.HasPrefix(name, "BASH_FUNC_")
	})
	set := func(name, value string) {
		out = slices.DeleteFunc(out, func(kv string) bool { return strings.HasPrefix(kv, name+"=") })
		out = append(out, name+"="+value)
	}
	set("PWD", dir) // keeps the path as it was given where links are in it
	set("SHELL", p.path)
	if !utf8Locale(env) {
		set("LC_ALL", "")
		set("LC_CTYPE", "")
		set("LANG", defaultLocale())
	}
	if lookup(env, "LC_ALL") == "" {
		out = slices.DeleteFunc(out, func(kv string) bool { return strings.HasPrefix(kv, "LC_ALL=") || kv == "LC_CTYPE=" })
	}
	return append(out, more...)
}

// utf8Locale reports whether characters are read as UTF-8.
func utf8Locale(env []string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(lookup(env, name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return false
}

func defaultLocale() string {
	if runtime.GOOS == "darwin" {
		return "en_US.UTF-8" // C.UTF-8 came with macOS 15
	}
	return "C.UTF-8"
}

// lookup is the value of a variable; the last one counts, as for os/exec.
func lookup(env []string, name string) string {
	for _, kv := range slices.Backward(env) {
		if v, ok := strings.CutPrefix(kv, name+"="); ok {
			return v
		}
	}
	return ""
}
