package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/runner/session"
	"github.com/kubelab/kubelab/runner/shell"
)

// shellConfig is how a learner's shell on a stage is started.
func (a *app) shellConfig(s *session.Stage) (shell.Config, error) {
	dir, err := a.stateDir()
	if err != nil {
		return shell.Config{}, err
	}
	return shell.Config{
		Dir: s.WorkDir, Label: "~/" + s.Lab.ID, Env: s.Environ(), StateDir: filepath.Join(dir, "shell"), Cols: 100, Rows: 30,
	}, nil
}

// startShell starts a learner's shell on a stage and hands what is typed in it to record.
func (a *app) startShell(ctx context.Context, s *session.Stage, record func(checks.Command)) (*shell.Shell, error) {
	cfg, err := a.shellConfig(s)
	if err != nil {
		return nil, err
	}
	cfg.OnCommand = record
	return shell.Start(ctx, cfg)
}

func (a *app) shellCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "shell LAB",
		Short: "이 터미널에서 실습의 셸을 엽니다 (확인 표시는 kubelab 화면이나 kubelab check 에서)",
		Args:  takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			course, err := a.course()
			if err != nil {
				return err
			}
			lab, err := findLab(course, "kubelab shell", args[0])
			if err != nil {
				return err
			}
			c, eng, err := a.newCourse(course)
			if err != nil {
				return err
			}
			defer eng.Close()
			a.putRight(cmd.Context(), c)
			stage := c.Stage(lab)
			if err := stage.CopyFiles(); err != nil {
				return err
			}
			return a.interactiveShell(cmd.Context(), stage)
		},
	}
}

// interactiveShell gives the terminal to a shell until the user leaves it.
func (a *app) interactiveShell(ctx context.Context, stage *session.Stage) error {
	cfg, err := a.shellConfig(stage)
	if err != nil {
		return err
	}
	cmd, err := shell.Command(cfg)
	if err != nil {
		return err
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = a.streams.In, a.streams.Out, a.streams.Err
	// Ctrl-C is for what runs in the shell, not for us.
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start shell: %w", err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		return fmt.Errorf("run shell: %w", err)
	}
	return nil
}
