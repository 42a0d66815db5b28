package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubelab/kubelab/checks"
	"github.com/kubelab/kubelab/labs"
	"github.com/kubelab/kubelab/runner/engine"
	"github.com/kubelab/kubelab/runner/session"
	"github.com/kubelab/kubelab/runner/validate"
)

type validateFlags struct {
	json   bool
	junit  string
	repeat int
	shard  string
	jobs   int
	// shuffle is empty, a seed, or anySeed.
	shuffle string
	shared  bool
}

// anySeed is the value of --shuffle for which a seed is drawn.
const anySeed = "auto"

func (a *app) validateCommand() *cobra.Command {
	var f validateFlags
	cmd := &cobra.Command{
		Use:   "validate [LAB…]",
		Short: "학습자 없이 실습을 재생해, 풀이는 통과하고 틀린 답은 설명을 받으며 아무것도 남지 않는지 증명합니다",
		Long: `학습자 없이 실습을 재생해, 풀이는 통과하고 틀린 답은 설명을 받으며 아무것도 남지 않는지 증명합니다.

실습이 다음 실습에 남기는 것(예: kubia 이미지)이 이미 있으면 지우지 않고, 무엇인지 알리고 시작하지 않습니다.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.validate(cmd.Context(), f, args)
		},
	}
	cmd.Flags().BoolVar(&f.json, "json", false, "결과를 JSON으로 출력합니다 (진행은 표준 오류로)")
	cmd.Flags().StringVar(&f.junit, "junit", "", "결과를 JUnit XML 파일로도 씁니다")
	cmd.Flags().IntVar(&f.repeat, "repeat", 1, "되풀이하는 횟수")
	cmd.Flags().StringVar(&f.shard, "shard", "", "전체를 나눈 n개 가운데 i번째만: i/n")
	cmd.Flags().IntVar(&f.jobs, "jobs", 1, "서로 만나지 않는 실습을 동시에 몇 개까지 재생할지")
	cmd.Flags().StringVar(&f.shuffle, "shuffle", "", "실습의 순서를 섞습니다: 시드를 주거나 "+anySeed)
	cmd.Flags().Lookup("shuffle").NoOptDefVal = anySeed
	cmd.Flags().BoolVar(&f.shared, "shared", false, "다른 사람도 쓰는 환경입니다: 실습의 네임스페이스 밖에 남은 것은 견주지 않습니다")
	return cmd
}

func (a *app) validate(ctx context.Context, f validateFlags, args []string) error {
	course, err := a.course()
	if err != nil {
		return err
	}
	which, err := chosen(course, f, args)
	if err != nil {
		return err
	}
	seed, err := f.seed()
	if err != nil {
		return err
	}
	// Made now: whoever replays labs for minutes does not want to hear afterwards that nothing can be written.
	var junit *os.File
	if f.junit != "" {
		if junit, err = os.Create(f.junit); err != nil {
			return usage("쓸 수 있는 파일을 알려 주세요: kubelab validate --junit FILE", "JUnit 파일을 만들 수 없습니다: %w", err)
		}
		defer junit.Close()
	}
	c, eng, err := a.newCourse(course, needsOf(which)...)
	if err != nil {
		return err
	}
	defer eng.Close()
	if err := a.up(ctx, eng); err != nil {
		return err
	}
	// Replays work in folders of their own: a learner's files are never in their way, nor they in the learner's.
	work, err := os.MkdirTemp("", "kubelab-validate-")
	if err != nil {
		return fmt.Errorf("make work folder: %w", err)
	}
	defer os.RemoveAll(work)
	progress := a.streams.Out
	if f.json {
		progress = a.streams.Err
	}
	if seed != nil {
		fmt.Fprintf(progress, "순서를 섞습니다. 같은 순서로 다시: --shuffle=%d\n", *seed)
	}
	cluster, err := newCluster(eng.Environment(), work, which)
	if err != nil {
		return err
	}
	defer cluster.Close()
	report, err := validate.Run(ctx, validate.Config{
		Labs: which, Repeat: f.repeat, Jobs: f.jobs, Shuffle: seed, Cluster: cluster, Shared: f.shared,
		Stage: func(lab *labs.Lab) *session.Stage {
			st := c.Stage(lab)
			st.WorkDir = filepath.Join(work, lab.ID)
			return st
		},
		Observer: func(s *session.Stage) validate.Observer { return newObserver(s) },
		Shell: func(ctx context.Context, s *session.Stage, record func(checks.Command)) (validate.Shell, error) {
			return a.startShell(ctx, s, record)
		},
		Report: func(e validate.Event) { sayEvent(progress, f.repeat, e) },
	})
	if taken, ok := errors.AsType[*validate.TakenError](err); ok {
		lab := taken.Thing.Giver.ID
		err = missing("지워도 되면: kubelab reset "+lab, "%s: 이미 있습니다. 실습 %s의 검증은 이것을 만들고 지우므로, 없을 때만 시작합니다", taken.Thing.Name, lab)
	}
	if report != nil {
		err = errors.Join(err, a.writeReport(report, f.json, junit))
	}
	if err != nil {
		return err
	}
	all, failed := report.Count()
	sayFailed(progress, report)
	fmt.Fprintf(progress, "\n실습 %d개, 증명 %d개 가운데 실패 %d개, %s\n", len(report.Labs), all, failed, report.Duration.Round(time.Second))
	if failed > 0 {
		return errFailed
	}
	return nil
}

// chosen are the labs that the command line asks for.
func chosen(course *labs.Course, f validateFlags, args []string) ([]*labs.Lab, error) {
	which := course.Labs
	if len(args) > 0 {
		which = nil
		for _, name := range args {
			lab, err := findLab(course, "kubelab validate", name)
			if err != nil {
				return nil, err
			}
			if !slices.Contains(which, lab) {
				which = append(which, lab)
			}
		}
	}
	if f.jobs < 1 {
		return nil, usage("kubelab validate --jobs 2", "--jobs %d: 1 이상이어야 합니다", f.jobs)
	}
	if f.repeat < 1 {
		return nil, usage("kubelab validate --repeat 1", "--repeat %d: 1 이상이어야 합니다", f.repeat)
	}
	if f.shard == "" {
		return which, nil
	}
	i, n, found := strings.Cut(f.shard, "/")
	part, err1 := strconv.Atoi(i)
	parts, err2 := strconv.Atoi(n)
	if !found || err1 != nil || err2 != nil {
		return nil, usage("kubelab validate --shard 1/2", "--shard %s: i/n 꼴이어야 합니다", shorten(f.shard))
	}
	which, err := validate.Shard(which, part, parts)
	if err != nil {
		return nil, usage("kubelab validate --shard 1/2", "--shard %s: 1 <= i <= n 이어야 합니다", shorten(f.shard))
	}
	return which, nil
}

// seed is the seed of a random order; nil where the order stays.
func (f validateFlags) seed() (*uint64, error) {
	switch f.shuffle {
	case "":
		return nil, nil
	case anySeed:
		seed := rand.Uint64N(1 << 32) // short enough to be typed
		return &seed, nil
	}
	seed, err := strconv.ParseUint(f.shuffle, 10, 64)
	if err != nil {
		return nil, usage("kubelab validate --shuffle=42, 아무 순서나: --shuffle="+anySeed, "--shuffle %s: 시드는 0 이상의 정수여야 합니다", shorten(f.shuffle))
	}
	return &seed, nil
}

// needsOf are what the labs need of the environment. Docker is needed in any case: the inventory counts its objects.
func needsOf(which []*labs.Lab) []engine.Capability {
	needs := []engine.Capability{engine.Docker}
	for _, lab := range which {
		for _, n := range lab.Requires() {
			if need := engine.Capability(n); !slices.Contains(needs, need) {
				needs = append(needs, need)
			}
		}
	}
	return needs
}

// newCluster returns where the labs get a namespace each. Where none needs one, nobody may ask it for anything.
func newCluster(env *engine.Environment, work string, which []*labs.Lab) (*validate.Kubernetes, error) {
	if !slices.Contains(needsOf(which), engine.Cluster) {
		return &validate.Kubernetes{}, nil
	}
	return validate.NewKubernetes(env, work)
}

func sayEvent(w io.Writer, rounds int, e validate.Event) {
	switch {
	case e.Report != nil:
		if m := e.Report.Mutants; m.Tried > 0 {
			fmt.Fprintf(w, "  바꿔 본 확인 %d개 가운데 놓친 것 %d개, %.1fs\n", m.Tried, m.Missed, e.Report.Duration.Seconds())
		}
	case e.Supply != nil:
		fmt.Fprintf(w, "  + %s (%s)\n", e.Supply.Name, e.Supply.Giver.ID)
	case e.Case == nil && e.Step == "":
		if rounds > 1 {
			fmt.Fprintf(w, "▸ %s (%d/%d)\n", e.Lab, e.Round, rounds)
		} else {
			fmt.Fprintf(w, "▸ %s\n", e.Lab)
		}
	case e.Case == nil:
		fmt.Fprintf(w, "  %s\n", e.Step)
	default:
		mark := "✓"
		if e.Case.Problem != "" {
			mark = "✗"
		}
		fmt.Fprintf(w, "    %s %-12s %6.2fs\n", mark, e.Case, e.Case.Duration.Seconds())
		sayProblem(w, *e.Case)
	}
}

func sayProblem(w io.Writer, c validate.Case) {
	if c.Problem != "" {
		fmt.Fprintf(w, "      %s\n", strings.ReplaceAll(plain(c.Problem), "\n", "\n      "))
	}
}

// sayFailed says again what failed: among a thousand lines that hold nobody finds it.
func sayFailed(w io.Writer, report *validate.Report) {
	if _, failed := report.Count(); failed > 0 {
		fmt.Fprintf(w, "\n실패한 증명\n")
	}
	say := func(where string, cases []validate.Case) {
		for _, c := range cases {
			if c.Problem != "" {
				fmt.Fprintf(w, "  ✗ %s\n", strings.TrimSpace(where+" "+c.String()))
				sayProblem(w, c)
			}
		}
	}
	for _, lab := range report.Labs {
		where := fmt.Sprintf("%s (%d)", lab.ID, lab.Round)
		say(where, lab.Cases)
		for _, step := range lab.Steps {
			say(fmt.Sprintf("%s/%s (%d)", lab.ID, step.ID, lab.Round), step.Cases)
		}
	}
	say("", report.Cases)
}

// writeReport writes the report as JSON to the output, and as JUnit to a file that may be nil.
func (a *app) writeReport(report *validate.Report, asJSON bool, junit *os.File) error {
	if asJSON {
		if err := report.WriteJSON(a.streams.Out); err != nil {
			return fmt.Errorf("write JSON: %w", err)
		}
	}
	if junit == nil {
		return nil
	}
	if err := errors.Join(report.WriteJUnit(junit), junit.Close()); err != nil {
		return fmt.Errorf("write JUnit: %w", err)
	}
	return nil
}
