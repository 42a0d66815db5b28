package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/engine/kind"
)

func (a *app) listCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list [LAB]",
		Short: "실습을, 또는 한 실습의 단계를 보여 줍니다",
		Args:  takes(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			course, err := a.course()
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(a.streams.Out, 0, 0, 2, ' ', 0)
			if len(args) == 0 {
				for _, lab := range course.Labs {
					fmt.Fprintf(w, "%s\t%s\t%d단계\t%d분\t%s\n", lab.ID, plain(lab.Section), len(lab.Steps), lab.Minutes, plain(lab.Title)+takesOver(lab))
				}
				return w.Flush()
			}
			lab, err := findLab(course, "kubelab list", args[0])
			if err != nil {
				return err
			}
			for _, step := range lab.Steps {
				fmt.Fprintf(w, "%s/%s\t%s\n", lab.ID, step.ID, plain(step.Title))
			}
			return w.Flush()
		},
	}
}

// takesOver says what a lab takes over from earlier ones, behind its title.
func takesOver(lab *labs.Lab) string {
	if len(lab.Supplies) == 0 {
		return ""
	}
	var from []string
	for _, thing := range lab.Supplies {
		from = append(from, thing.Giver.ID+"의 "+thing.Name)
	}
	return " ← " + strings.Join(from, ", ") + " (없으면 준비합니다)"
}

func (a *app) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "진행 상황과 환경을 보여 줍니다",
		Args:  takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			course, err := a.course()
			if err != nil {
				return err
			}
			c, eng, err := a.newCourse(course)
			if err != nil {
				return err
			}
			defer eng.Close()
			a.putRight(cmd.Context(), c)
			progress := c.Progress()
			w := tabwriter.NewWriter(a.streams.Out, 0, 0, 2, ' ', 0)
			for _, lab := range course.Labs {
				p := progress.Labs[lab.ID]
				fmt.Fprintf(w, "%s\t%d/%d\t%s\n", lab.ID, p.Done(lab), len(lab.Steps), plain(lab.Title))
			}
			if err := w.Flush(); err != nil {
				return err
			}
			env := eng.Environment()
			fmt.Fprintf(a.streams.Out, "\n환경: %s\n", env.Engine)
			for _, place := range []struct{ name, path string }{{"도커", env.DockerHost}, {"kubeconfig", env.Kubeconfig}, {"레지스트리", env.Registry.Host}} {
				fmt.Fprintf(a.streams.Out, "  %s: %s\n", place.name, place.path)
			}
			return nil
		},
	}
}

func (a *app) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "환경에 무엇이 있고 무엇이 빠졌는지, 고치는 명령과 함께 보여 줍니다",
		Args:  takes(0, 0),
		RunE: a.withEngine(func(ctx context.Context, eng *kind.Engine) error {
			findings, err := eng.Preflight(ctx)
			if err != nil {
				return err
			}
			if a.sayFindings(findings, true) {
				return missing("위의 명령을 실행한 뒤 kubelab doctor 를 다시 실행하세요", "환경에 빠진 것이 있습니다")
			}
			return nil
		}),
	}
}

// sayFindings prints findings, the good ones only where all is set, and reports whether any of them is fatal.
func (a *app) sayFindings(findings []engine.Finding, all bool) (fatal bool) {
	mark := map[engine.Severity]string{engine.OK: "✓", engine.Warning: "!", engine.Fatal: "✗"}
	for _, f := range findings {
		fatal = fatal || f.Severity == engine.Fatal
		if f.Severity == engine.OK && !all {
			continue
		}
		fmt.Fprintf(a.streams.Out, "%s %s\n", mark[f.Severity], f.Saw)
		if f.Severity != engine.OK {
			if f.Want != "" {
				fmt.Fprintf(a.streams.Out, "    필요한 것: %s\n", f.Want)
			}
			if f.Try != "" {
				fmt.Fprintf(a.streams.Out, "    다음: %s\n", f.Try)
			}
		}
	}
	return fatal
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "버전을 보여 줍니다",
		Args:  takes(0, 0),
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(a.streams.Out, "kubelab %s\n", version)
			return err
		},
	}
}

// openLog opens the learner's progress.
func (a *app) openLog() (*labs.Log, error) {
	dir, err := a.stateDir()
	if err != nil {
		return nil, err
	}
	log, err := labs.OpenLog(filepath.Join(dir, "progress.jsonl"))
	if err != nil {
		return nil, missing("그 파일을 옮기거나 --state DIR 로 쓸 수 있는 폴더를 알려 주세요", "진행 기록을 열 수 없습니다: %w", err)
	}
	return log, nil
}

// workDir holds one folder a lab.
func (a *app) workDir() (string, error) {
	dir, err := a.stateDir()
	if err != nil {
		return "", err
	}
	work := filepath.Join(dir, "work")
	if err := os.MkdirAll(work, 0o755); err != nil {
		return "", missing("--state DIR 로 쓸 수 있는 폴더를 알려 주세요", "작업 폴더를 만들 수 없습니다: %w", err)
	}
	return work, nil
}
