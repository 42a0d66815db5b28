package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"charm.land/fang/v2"
	"github.com/spf13/cobra"

	"github.com/kubelab/kubelab/content"
	"github.com/kubelab/kubelab/internal/lang"
	"github.com/kubelab/kubelab/labs"
)

// version is set when the program is linked.
var version = "unknown"

// Streams are where a command reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// app is what the commands share.
type app struct {
	streams Streams
	// content is the folder of the course, empty for the built-in one; state is where everything is kept.
	content, state, engine string
	// langFlag is what --lang says, language what it comes to.
	langFlag string
	// plain is --plain.
	plain    bool
	language lang.Lang
}

// Run runs one command line.
func Run(ctx context.Context, streams Streams, args []string) error {
	root := newRoot(&app{streams: streams})
	root.SetArgs(args)
	root.SetIn(streams.In)
	root.SetOut(streams.Out)
	root.SetErr(streams.Err)
	// Errors are said by exitCode alone, so that there is one form for all of them.
	silent := fang.WithErrorHandler(func(io.Writer, fang.Styles, error) {})
	return fang.Execute(ctx, root, silent, fang.WithVersion(version), fang.WithoutManpage())
}

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "kubelab [LAB]",
		Short: "도커와 쿠버네티스를 직접 해 보며 배우는 실습 도구",
		Long: `kubelab은 "쿠버네티스 인 액션" 2장을 터미널에서 직접 해 보며 배우는 실습 도구입니다.
도커와 kind 클러스터를 준비하고, 실제 상태를 보며 단계마다 확인해 줍니다.

종료 코드: 0 성공 · 1 확인이나 실습이 실패함 · 2 잘못된 사용 · 3 환경에 빠진 것이 있음 · 130 중단됨`,
		Example:           "kubelab                       # 멈춘 곳에서 이어서\nkubelab up                    # 환경만 준비\nkubelab validate --engine kind # 모든 실습을 재생해 검증",
		Args:              takes(0, 1),
		PersistentPreRunE: func(*cobra.Command, []string) error { return a.chooseLanguage() },
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.learn(cmd, args)
		},
	}
	root.SuggestionsMinimumDistance = 2
	root.SetFlagErrorFunc(flagError)
	root.SetHelpCommand(helpCommand())
	root.CompletionOptions.DisableDefaultCmd = true
	root.Flags().BoolP("version", "v", false, "버전")
	root.Flags().BoolVar(&a.plain, "plain", false, "화면 대신 글줄로 (화면 낭독기, 파이프, CI; 터미널이 아니거나 TERM=dumb이면 저절로)")
	flags := root.PersistentFlags()
	flags.BoolP("help", "h", false, "쓰는 법")
	flags.StringVar(&a.content, "content", "", "실습 과정 폴더 (없으면 내장 과정)")
	flags.StringVar(&a.state, "state", "", "모든 상태를 두는 폴더 (없으면 $KUBELAB_STATE 또는 XDG 상태 폴더)")
	flags.StringVar(&a.engine, "engine", "auto", "실습이 돌아가는 곳: auto, kind")
	flags.StringVar(&a.langFlag, "lang", "", "화면의 말: ko, en (없으면 LC_ALL, LC_MESSAGES, LANG이 영어일 때만 en)")
	root.AddCommand(
		a.listCommand(), a.statusCommand(), a.doctorCommand(), a.versionCommand(),
		a.upCommand(), a.downCommand(), a.resetCommand(), a.imagesCommand(),
		a.shellCommand(), a.envCommand(), a.checkCommand(), a.validateCommand(), a.lintCommand(),
		a.loadBalancerCommand(), completionCommand(),
	)
	return root
}

// chooseLanguage decides on the language of the screen: what --lang says, or the environment.
func (a *app) chooseLanguage() error {
	if a.langFlag == "" {
		a.language = lang.FromEnviron(os.Getenv)
		return nil
	}
	chosen, ok := lang.Parse(a.langFlag)
	if !ok {
		return usage("--lang ko 를 쓰세요", "--lang %s: 이런 언어는 없습니다. 있는 것: %s", shorten(a.langFlag), lang.Names())
	}
	a.language = chosen
	return nil
}

// stateDir is the folder that holds everything kubelab keeps.
func (a *app) stateDir() (string, error) {
	dir := a.state
	if dir == "" {
		dir = os.Getenv("KUBELAB_STATE")
	}
	if dir == "" {
		base := os.Getenv("XDG_STATE_HOME")
		if base == "" {
			home, err := os.UserHomeDir()
			if err != nil {
				return "", missing("--state DIR 로 폴더를 알려 주세요", "상태를 둘 홈 폴더를 알 수 없습니다: %w", err)
			}
			base = filepath.Join(home, ".local", "state")
		}
		dir = filepath.Join(base, "kubelab")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find state folder: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", missing("--state DIR 로 쓸 수 있는 폴더를 알려 주세요", "상태 폴더를 만들 수 없습니다: %w", err)
	}
	return dir, nil
}

// contentFS is the folder of the course.
func (a *app) contentFS() (fs.FS, error) {
	if a.content == "" {
		return content.Korean(), nil
	}
	const hint = "course.yaml이 있는 폴더를 알려 주세요: kubelab --content DIR, kubelab lint DIR"
	info, err := os.Stat(a.content)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usage(hint, "과정 폴더 %s: 없습니다", shorten(a.content))
	case err != nil:
		var path *fs.PathError
		if errors.As(err, &path) {
			err = path.Err // the path is said already, and shorter
		}
		return nil, usage(hint, "과정 폴더 %s: %w", shorten(a.content), err)
	case !info.IsDir():
		return nil, usage(hint, "과정 폴더 %s: 폴더가 아닙니다", shorten(a.content))
	}
	return os.DirFS(a.content), nil
}

func (a *app) course() (*labs.Course, error) {
	fsys, err := a.contentFS()
	if err != nil {
		return nil, err
	}
	read := labs.Load
	if a.content == "" {
		read = labs.Read // the course inside is proven by its tests
	}
	course, err := read(fsys)
	var problems labs.Problems
	if errors.As(err, &problems) {
		return nil, &hintError{exitFailed, a.placed(problems), "kubelab lint " + quoteOdd(a.content) + " 로 모든 문제를 볼 수 있습니다"}
	}
	return course, err
}

// placed gives problems the paths that they have for the user.
func (a *app) placed(problems labs.Problems) labs.Problems {
	for i := range problems {
		problems[i].Path = filepath.Join(a.content, problems[i].Path)
	}
	return problems
}

// find returns the named lab, and the one step where name is LAB/STEP.
func find(course *labs.Course, name string) (*labs.Lab, int, error) {
	id, stepID, hasStep := strings.Cut(name, "/")
	i := slices.IndexFunc(course.Labs, func(l *labs.Lab) bool { return l.ID == id })
	if i < 0 {
		return nil, 0, usage("kubelab list 로 실습의 이름을 볼 수 있습니다", "%s: 이런 실습은 없습니다. 있는 것: %s", shorten(id), names(course))
	}
	lab := course.Labs[i]
	if !hasStep {
		return lab, -1, nil
	}
	step := slices.IndexFunc(lab.Steps, func(s *labs.Step) bool { return s.ID == stepID })
	if step < 0 {
		var ids []string
		for _, s := range lab.Steps {
			ids = append(ids, s.ID)
		}
		return nil, 0, usage("kubelab list "+id+" 로 단계의 이름을 볼 수 있습니다", "%s: %s에 이런 단계는 없습니다. 있는 것: %s", shorten(stepID), id, strings.Join(ids, ", "))
	}
	return lab, step, nil
}

// findLab returns the named lab for a command that has nothing to do with a single step.
func findLab(course *labs.Course, command, name string) (*labs.Lab, error) {
	lab, step, err := find(course, name)
	if err == nil && step >= 0 {
		return nil, usage(command+" "+lab.ID, "%s: 단계 하나가 아니라 실습 전체를 다루는 명령입니다", shorten(name))
	}
	return lab, err
}

func names(course *labs.Course) string {
	var ids []string
	for _, l := range course.Labs {
		ids = append(ids, l.ID)
	}
	return strings.Join(ids, ", ")
}
