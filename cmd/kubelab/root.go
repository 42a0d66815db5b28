package main

import (
	"context"
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
		Example: "kubelab                       # 멈춘 곳에서 이어서\nkubelab up                    # 환경만 준비\nkubelab validate --engine kind # 모든 실습을 재생해 검증",
		Args:    args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			lab := ""
			if len(args) == 1 {
				lab = args[0]
			}
			return a.learn(cmd.Context(), lab)
		},
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage(cmd.CommandPath()+" --help 에 쓰는 법이 있습니다", "%w", err)
	})
	flags := root.PersistentFlags()
	flags.StringVar(&a.content, "content", "", "실습 과정 폴더 (없으면 내장 과정)")
	flags.StringVar(&a.state, "state", "", "모든 상태를 두는 폴더 (없으면 $KUBELAB_STATE 또는 XDG 상태 폴더)")
	flags.StringVar(&a.engine, "engine", "auto", "실습이 돌아가는 곳: auto, kind")
	root.AddCommand(
		a.listCommand(), a.statusCommand(), a.doctorCommand(), a.versionCommand(),
		a.upCommand(), a.downCommand(), a.resetCommand(), a.imagesCommand(),
		a.shellCommand(), a.envCommand(), a.checkCommand(), a.validateCommand(), a.lintCommand(),
		a.loadBalancerCommand(),
	)
	return root
}

// args makes the errors of an argument rule errors of use.
func args(rule cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, got []string) error {
		if err := rule(cmd, got); err != nil {
			return usage(cmd.CommandPath()+" --help 에 쓰는 법이 있습니다", "%w", err)
		}
		return nil
	}
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
				return "", missing("--state DIR 로 폴더를 알려 주세요", "find state folder: %w", err)
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
		return "", missing("--state DIR 로 쓸 수 있는 폴더를 알려 주세요", "make state folder: %w", err)
	}
	return dir, nil
}

// contentFS is the folder of the course.
func (a *app) contentFS() (fs.FS, error) {
	if a.content == "" {
		return content.Korean(), nil
	}
	info, err := os.Stat(a.content)
	if err != nil || !info.IsDir() {
		return nil, usage("course.yaml이 있는 폴더를 --content로 주세요", "--content %s: 폴더가 아닙니다", a.content)
	}
	return os.DirFS(a.content), nil
}

func (a *app) course() (*labs.Course, error) {
	fsys, err := a.contentFS()
	if err != nil {
		return nil, err
	}
	return labs.Load(fsys)
}

// find returns the named lab, and the one step where name is LAB/STEP.
func find(course *labs.Course, name string) (*labs.Lab, int, error) {
	id, stepID, hasStep := strings.Cut(name, "/")
	i := slices.IndexFunc(course.Labs, func(l *labs.Lab) bool { return l.ID == id })
	if i < 0 {
		return nil, 0, usage("kubelab list 로 실습의 이름을 볼 수 있습니다", "%q라는 실습이 없습니다. 있는 것: %s", id, names(course))
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
		return nil, 0, usage("kubelab list "+id+" 로 단계의 이름을 볼 수 있습니다", "%s에 %q라는 단계가 없습니다. 있는 것: %s", id, stepID, strings.Join(ids, ", "))
	}
	return lab, step, nil
}

func names(course *labs.Course) string {
	var ids []string
	for _, l := range course.Labs {
		ids = append(ids, l.ID)
	}
	return strings.Join(ids, ", ")
}
