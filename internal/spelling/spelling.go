// Package spelling asks hunspell, where it is installed, which Korean words are misspelt. Korean words change their form
// with every ending, so that a list of words would not do: the dictionary's rules are needed.
package spelling

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// ErrMissing says that hunspell or its Korean dictionary is not installed.
var ErrMissing = errors.New("hunspell and its Korean dictionary are not installed")

// maxProposals is for how many words proposals are asked for: a strange word takes hunspell up to a second.
const maxProposals = 20

// language is the dictionary's name; Debian's package is hunspell-ko.
const language = "ko_KR"

// Misspelt returns those of the words that hunspell does not know, the first of them with what it proposes instead. own is a file
// of further words, one a line, each alone or as word/example, where the example's endings are the word's, too; it may
// be empty. The error is ErrMissing where nobody can say.
func Misspelt(ctx context.Context, words []string, own string) (map[string][]string, error) {
	if _, err := exec.LookPath("hunspell"); err != nil {
		return nil, ErrMissing
	}
	// Proposals take long, and nearly all words are right: the wrong ones are sorted out without them.
	listed, err := hunspell(ctx, words, "-l", own)
	if err != nil {
		return nil, err
	}
	wrong := strings.Fields(listed)
	slices.Sort(wrong)
	wrong = slices.Compact(wrong)
	if len(wrong) == 0 {
		return nil, nil
	}
	proposed, err := hunspell(ctx, wrong[:min(len(wrong), maxProposals)], "-a", own)
	if err != nil {
		return nil, err
	}
	return parse(proposed, wrong), nil
}

func hunspell(ctx context.Context, words []string, mode, own string) (string, error) {
	args := []string{"-i", "UTF-8", "-d", language, mode}
	if own != "" {
		args = append(args, "-p", own)
	}
	cmd := exec.CommandContext(ctx, "hunspell", args...)
	// Without a home it does not read -p, and without UTF-8 it misreads it.
	cmd.Env = append(os.Environ(), "HOME="+os.TempDir(), "LC_ALL=C.UTF-8")
	cmd.Stdin = strings.NewReader(strings.Join(words, "\n") + "\n")
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	err := cmd.Run()
	switch {
	case strings.Contains(complaints.String(), language):
		return "", ErrMissing // it says that it cannot open the dictionary
	case err != nil:
		return "", fmt.Errorf("run hunspell: %w: %s", err, strings.TrimSpace(complaints.String()))
	}
	return out.String(), nil
}

// parse reads the pipe protocol of ispell: "& word count offset: proposal, …" and "# word offset".
func parse(answer string, wrong []string) map[string][]string {
	found := map[string][]string{}
	for _, word := range wrong {
		found[word] = nil
	}
	lines := bufio.NewScanner(strings.NewReader(answer))
	for lines.Scan() {
		head, proposals, ok := strings.Cut(lines.Text(), ": ")
		fields := strings.Fields(head)
		if !ok || len(fields) < 2 || fields[0] != "&" {
			continue
		}
		if _, asked := found[fields[1]]; asked {
			found[fields[1]] = strings.Split(proposals, ", ")
		}
	}
	return found
}
