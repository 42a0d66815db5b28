package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubelab/kubelab/internal/spelling"
	"github.com/kubelab/kubelab/labs"
)

// ownWords is the file of a course that lists words which the Korean dictionary does not know.
const ownWords = "words.txt"

type lintFlags struct {
	coverage, link string
	strict         bool
}

func (a *app) lintCommand() *cobra.Command {
	var f lintFlags
	cmd := &cobra.Command{
		Use:   "lint [DIR]",
		Short: "실습 파일의 잘못을 파일, 줄, 칸과 함께 모두 보여 줍니다",
		Long: `실습 파일의 잘못을 파일, 줄, 칸과 함께 모두 보여 줍니다. 규칙은 docs/AUTHORING.md에 있습니다.
hunspell과 hunspell-ko가 설치되어 있으면 맞춤법도 봅니다. 과정 폴더의 words.txt에 적힌 낱말은 맞는 것으로 봅니다.`,
		Args: takes(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				a.content = args[0]
			}
			return a.lint(cmd.Context(), f)
		},
	}
	cmd.Flags().StringVar(&f.coverage, "coverage", "", "어느 개념을 어디에서 가르치고 확인하는지 이 파일에 씁니다 (Markdown)")
	cmd.Flags().StringVar(&f.link, "link", "", "그 파일에서 본 과정 폴더의 경로. 링크 앞에 붙습니다: ../content/ko/")
	cmd.Flags().BoolVar(&f.strict, "strict", false, "경고가 있어도 종료 코드 1로 끝냅니다")
	return cmd
}

func (a *app) lint(ctx context.Context, f lintFlags) error {
	fsys, err := a.contentFS()
	if err != nil {
		return err
	}
	problems := labs.Lint(fsys)
	misspelt, err := lintSpelling(ctx, fsys)
	switch {
	case errors.Is(err, spelling.ErrMissing):
		fmt.Fprintln(a.streams.Err, "맞춤법은 보지 않았습니다: hunspell과 한국어 사전이 없습니다. 다음을 실행하세요: sudo apt-get install hunspell hunspell-ko")
	case err != nil:
		return fmt.Errorf("check spelling: %w", err)
	}
	problems = a.placed(append(problems, misspelt...))
	for _, p := range problems {
		fmt.Fprintln(a.streams.Out, plain(p.String()))
	}
	if f.coverage != "" {
		course, err := labs.Load(fsys)
		if err != nil {
			return errFailed // every reason is said above
		}
		if err := os.WriteFile(f.coverage, []byte(labs.CoverageMarkdown(course, f.link)), 0o644); err != nil {
			return usage("쓸 수 있는 파일을 알려 주세요: kubelab lint --coverage FILE", "파일에 쓸 수 없습니다: %w", err)
		}
	}
	if problems.Fatal() || f.strict && len(problems) > 0 {
		return errFailed
	}
	return nil
}

// lintSpelling reports words that neither the dictionary nor the course's own list knows.
func lintSpelling(ctx context.Context, fsys fs.FS) (labs.Problems, error) {
	words := labs.Words(fsys)
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.Text
	}
	own := ""
	if data, err := fs.ReadFile(fsys, ownWords); err == nil {
		dir, err := os.MkdirTemp("", "kubelab-words-")
		if err != nil {
			return nil, fmt.Errorf("make folder for %s: %w", ownWords, err)
		}
		defer os.RemoveAll(dir)
		own = filepath.Join(dir, ownWords)
		if err := os.WriteFile(own, data, 0o600); err != nil {
			return nil, fmt.Errorf("copy %s: %w", ownWords, err)
		}
	}
	misspelt, err := spelling.Misspelt(ctx, texts, own)
	if err != nil {
		return nil, err
	}
	var problems labs.Problems
	for _, w := range words {
		proposals, found := misspelt[w.Text]
		if !found {
			continue
		}
		message := fmt.Sprintf("%s: the dictionary does not know this word; right words go into %s", w.Text, ownWords)
		if len(proposals) > 0 {
			message += "; did you mean " + strings.Join(proposals[:min(3, len(proposals))], ", ") + "?"
		}
		problems = append(problems, labs.Problem{Path: w.Path, Line: w.Line, Column: w.Column, Severity: labs.Warning, Message: message})
	}
	return problems, nil
}
