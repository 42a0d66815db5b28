package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// takes is the rule of a command that takes between least and most arguments.
func takes(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, got []string) error {
		if n := len(got); n >= least && n <= most {
			return nil
		}
		want := fmt.Sprintf("%d개", most)
		switch {
		case most == 0:
			want = "없음"
		case least < most:
			want = fmt.Sprintf("%d개나 %d개", least, most)
		}
		return usage("이렇게 쓰세요: "+useLine(cmd), "인자를 %d개 받았습니다. 필요한 것: %s", len(got), want)
	}
}

// useLine is a command with its arguments, as one would type it.
func useLine(cmd *cobra.Command) string {
	if cmd.HasParent() {
		return cmd.Parent().CommandPath() + " " + cmd.Use
	}
	return cmd.Use
}

// flagError says in the learner's language what is wrong with a flag.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var bare *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	var malformed *pflag.InvalidSyntaxError
	hint := cmd.CommandPath() + " --help 에 쓰는 법이 있습니다"
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return usage(hint, "-%s: 이런 플래그는 없습니다", shorten(unknown.GetSpecifiedShortnames()))
	case errors.As(err, &unknown):
		return usage(hint, "--%s: 이런 플래그는 없습니다", shorten(unknown.GetSpecifiedName()))
	case errors.As(err, &bare):
		return usage(hint, "--%s: 값이 빠졌습니다", bare.GetFlag().Name)
	case errors.As(err, &invalid):
		want := map[string]string{"int": "정수", "bool": "true나 false"}[invalid.GetFlag().Value.Type()]
		return usage(hint, "--%s %s: 값은 %s여야 합니다", invalid.GetFlag().Name, shorten(invalid.GetValue()), want)
	case errors.As(err, &malformed):
		return usage(hint, "%s: 플래그는 --이름이나 --이름=값 꼴입니다", shorten(malformed.GetSpecifiedFlag()))
	}
	return usage(hint, "%w", err)
}

// shorten makes a line of what somebody typed: quoted where it would do anything but be read, and cut where it is long.
func shorten(typed string) string {
	const most = 60
	if runes := []rune(typed); len(runes) > most {
		typed = string(runes[:most]) + "…"
	}
	if quoted := fmt.Sprintf("%q", typed); typed == "" || quoted != `"`+typed+`"` || strings.ContainsAny(typed, " ") {
		return quoted
	}
	return typed
}

// helpCommand is `help`, which cobra would let succeed for a command that there is not.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "명령의 쓰는 법을 보여 줍니다",
		RunE: func(cmd *cobra.Command, names []string) error {
			of, rest, err := cmd.Root().Find(names)
			if err != nil || len(rest) > 0 {
				return usage("kubelab --help 에 모든 명령이 있습니다", "%s: 이런 명령은 없습니다", shorten(strings.Join(names, " ")))
			}
			of.InitDefaultHelpFlag()
			return of.Help()
		},
	}
}

func completionCommand() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:       "completion SHELL",
		Short:     "셸의 자동 완성 스크립트를 출력합니다: " + strings.Join(shells, ", "),
		Example:   "source <(kubelab completion bash)",
		Args:      takes(1, 1),
		ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			root, out := cmd.Root(), cmd.OutOrStdout()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(out, true)
			case "zsh":
				return root.GenZshCompletion(out)
			case "fish":
				return root.GenFishCompletion(out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(out)
			}
			return usage("kubelab completion bash", "%s: 모르는 셸입니다. 아는 것: %s", shorten(args[0]), strings.Join(shells, ", "))
		},
	}
}
