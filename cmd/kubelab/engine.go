package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/engine/kind"
	"github.com/kubelab/kubelab/runner/session"
)

// newEngine returns the engine that --engine names. It brings up what is needed, everything where nothing is said.
func (a *app) newEngine(needs ...engine.Capability) (*kind.Engine, error) {
	dir, err := a.stateDir()
	if err != nil {
		return nil, err
	}
	switch a.engine {
	case "auto", "kind":
	default:
		return nil, usage("--engine kind 를 쓰세요", "--engine %s: 이런 엔진은 없습니다. 있는 것: auto, kind (auto는 kind를 고릅니다)", shorten(a.engine))
	}
	source, err := newImageSource(dir)
	if err != nil {
		return nil, err
	}
	eng, err := kind.New(kind.Config{
		StateDir: filepath.Join(dir, "kind"), DockerHost: dockerHost(), Needs: needs, Images: source, Compose: source.compose,
	})
	if err != nil {
		return nil, errors.Join(err, source.store.Close())
	}
	return eng, nil
}

// dockerHost is where the user's own docker command finds its engine.
func dockerHost() string {
	config := os.Getenv("DOCKER_CONFIG")
	if home, err := os.UserHomeDir(); config == "" && err == nil {
		config = filepath.Join(home, ".docker")
	}
	return kind.FindDockerHost(os.Getenv, config)
}

// withEngine makes a command of what needs nothing but the engine, which lives as long as the command runs.
func (a *app) withEngine(run func(context.Context, *kind.Engine) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, _ []string) error {
		eng, err := a.newEngine()
		if err != nil {
			return err
		}
		defer eng.Close()
		return run(cmd.Context(), eng)
	}
}

// preflight stops where the environment lacks something that Up cannot do without.
func (a *app) preflight(ctx context.Context, eng engine.Engine) error {
	findings, err := eng.Preflight(ctx)
	if err != nil {
		return err
	}
	if a.sayFindings(findings, false) {
		return missing("위의 명령을 실행한 뒤 다시 해 보세요. kubelab doctor 는 모든 항목을 보여 줍니다", "환경에 빠진 것이 있습니다")
	}
	return nil
}

// up brings the environment up with progress on the error stream.
func (a *app) up(ctx context.Context, eng engine.Engine) error {
	if err := a.preflight(ctx, eng); err != nil {
		return err
	}
	if err := eng.Up(ctx, newProgressPrinter(a.streams.Err).print); err != nil {
		return err
	}
	course, err := a.course()
	if err != nil {
		return nil // the environment is up; a course with mistakes is told where it is needed
	}
	c, err := a.courseWith(course, eng)
	if err != nil {
		return err
	}
	a.putRight(ctx, c)
	return nil
}

func (a *app) upCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "up",
		Short: "도커 확인, 이미지, 레지스트리, kind 클러스터, 로드밸런서까지 환경을 준비합니다",
		Args:  takes(0, 0),
		RunE: a.withEngine(func(ctx context.Context, eng *kind.Engine) error {
			if err := a.up(ctx, eng); err != nil {
				return err
			}
			fmt.Fprintln(a.streams.Out, "준비되었습니다. 다음: kubelab 으로 실습을 시작하거나 eval \"$(kubelab env)\" 로 이 터미널에서 쓰세요")
			return nil
		}),
	}
}

func (a *app) downCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "down",
		Short: "환경을 이루는 컨테이너, 네트워크, 볼륨, 파일을 지웁니다 (진행 기록과 작업 폴더는 남깁니다)",
		Args:  takes(0, 0),
		RunE: a.withEngine(func(ctx context.Context, eng *kind.Engine) error {
			if err := eng.Down(ctx, newProgressPrinter(a.streams.Err).print); err != nil {
				return err
			}
			return a.forgetLeft(eng)
		}),
	}
}

func (a *app) envCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "env [LAB]",
		Short:   "쓰던 터미널에서 실습 환경을 쓰기 위한 변수를 출력합니다",
		Example: `eval "$(kubelab env)"`,
		Args:    takes(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			course, err := a.course()
			if err != nil {
				return err
			}
			eng, err := a.newEngine()
			if err != nil {
				return err
			}
			defer eng.Close()
			lab := &labs.Lab{}
			if len(args) == 1 {
				if lab, err = findLab(course, "kubelab env", args[0]); err != nil {
					return err
				}
			}
			env := eng.Environment()
			vars := (&session.Stage{Lab: lab, Env: env}).Variables()
			for _, k := range slices.Sorted(maps.Keys(vars)) {
				if vars[k] != "" {
					fmt.Fprintf(a.streams.Out, "export %s=%s\n", k, quote(vars[k]))
				}
			}
			fmt.Fprintf(a.streams.Out, "export PATH=%s:\"$PATH\"\n", quote(env.BinDir))
			return nil
		},
	}
}

// quote makes one word of s for a POSIX shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// quoteOdd is quote where a shell would take s for anything else than one word.
func quoteOdd(s string) string {
	if s == "" || strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("/._-+,:@", r)
	}) {
		return quote(s)
	}
	return s
}

func (a *app) loadBalancerCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "loadbalancer DIR",
		Short:  "로드밸런서 주소를 맡는 백그라운드 프로세스 (kubelab up이 시작합니다)",
		Hidden: true,
		Args:   takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return kind.ServeLoadBalancer(cmd.Context(), args[0])
		},
	}
}

// progressPrinter prints the progress of Up and Down as lines: one when a step begins, one when it ends, and the newest
// detail in between, at most one a second for each step.
type progressPrinter struct {
	w     io.Writer
	began map[string]time.Time
	said  map[string]time.Time
}

func newProgressPrinter(w io.Writer) *progressPrinter {
	return &progressPrinter{w: w, began: map[string]time.Time{}, said: map[string]time.Time{}}
}

func (p *progressPrinter) print(e engine.Progress) {
	now := time.Now()
	began, running := p.began[e.Step]
	switch {
	case e.Status == engine.Running && !running:
		p.began[e.Step], p.said[e.Step] = now, now
		usual := ""
		if e.Usual > 0 {
			usual = fmt.Sprintf(" (지난번 %s)", e.Usual.Round(time.Second))
		}
		fmt.Fprintf(p.w, "▸ %s%s\n", e.Title, usual)
	case e.Status == engine.Running:
		if e.Detail != "" && now.Sub(p.said[e.Step]) >= time.Second {
			p.said[e.Step] = now
			fmt.Fprintf(p.w, "  %s: %s\n", e.Title, e.Detail)
		}
	default:
		delete(p.began, e.Step)
		mark := map[engine.Status]string{engine.Done: "✓", engine.Failed: "✗", engine.Skipped: "-"}[e.Status]
		if !running && e.Status == engine.Skipped && e.Detail == "" {
			return // it had not begun
		}
		took := ""
		if d := now.Sub(began); running && d >= 100*time.Millisecond {
			took = fmt.Sprintf(" %s", d.Round(100*time.Millisecond))
		}
		fmt.Fprintf(p.w, "%s %s%s\n", mark, e.Title, took)
	}
}
