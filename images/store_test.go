package images

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestEnsureLeavesPresentImagesAlone(t *testing.T) {
	docker := &fakeEngine{}
	docker.put("busybox:latest", nil)             // an original
	docker.put("node:22-alpine", NodeJS.labels()) // a stand-in of today's recipe
	s := newTestStore(t, docker)
	var j journal
	if err := s.Ensure(t.Context(), []Kind{NodeJS, Busybox}, j.add); err != nil {
		t.Fatal(err)
	}
	for _, k := range []Kind{Busybox, NodeJS} {
		if news := j.of(k); len(news) != 1 || news[0].Status != Skipped || news[0].Image != k.Ref() {
			t.Errorf("%s: got %+v, expected one Skipped", k, news)
		}
	}
	if len(j.all) != 2 || j.all[0].Kind != Busybox {
		t.Errorf("news are %+v, expected busybox, then node, and nothing else", j.all)
	}
}

func TestEnsurePullsByDigestWhereARegistryAnswers(t *testing.T) {
	docker := &fakeEngine{}
	s := newTestStore(t, docker)
	var j journal
	if err := s.Ensure(t.Context(), All(), j.add); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"docker.io/library/busybox@" + Busybox.Digest(), "docker.io/library/node@" + NodeJS.Digest(),
		"docker.io/library/registry@" + Registry.Digest(), "docker.io/kindest/node@" + KindNode.Digest(),
	}
	if !slices.Equal(docker.pulled, want) {
		t.Errorf("pulled %v, expected %v", docker.pulled, want)
	}
	for _, k := range All() {
		if _, tagged := docker.images[k.Ref()]; !tagged {
			t.Errorf("%s was not tagged", k.Ref())
		}
		if news := j.of(k); len(news) != 1 || news[0].Status != Done {
			t.Errorf("%s: got %+v, expected one Done", k, news)
		}
	}
	if !j.mentions("Downloading 50%") {
		t.Errorf("no news of how far a download is: %+v", j.all)
	}
}

func TestEnsureSaysWhyItBuildsAndWhatIsMissing(t *testing.T) {
	lost := errors.New("dial tcp: network is unreachable")
	tests := map[string]struct {
		docker  *fakeEngine
		explain string
	}{
		"no registry":     {&fakeEngine{unreachable: lost}, "registry-1.docker.io에 연결할 수 없습니다: dial tcp: network is unreachable; lookup"},
		"lost on the way": {&fakeEngine{pullError: lost}, "pull docker.io/library/registry@"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newTestStore(t, test.docker)
			s.machine = fakeMachine{}
			err := s.Ensure(t.Context(), []Kind{Registry}, nil)
			var missing *MissingError
			if !errors.As(err, &missing) || missing.Image != "registry:3" || !strings.Contains(missing.Saw, "Go") {
				t.Errorf("got %v, expected a MissingError for registry:3 about Go", err)
			}
			if err == nil || !strings.Contains(err.Error(), test.explain) {
				t.Errorf("got %v, expected it to say %q", err, test.explain)
			}
		})
	}
}

func TestEnsureKeepsAnOutdatedStandInThatCannotBeRenewed(t *testing.T) {
	docker := &fakeEngine{unreachable: errors.New("no network")}
	labels := Busybox.labels()
	labels[LabelRecipe] = "another"
	docker.put("busybox:latest", labels)
	s := newTestStore(t, docker)
	s.machine = fakeMachine{}
	states, err := s.States(t.Context(), Busybox)
	if err != nil || !states[0].Present || !states[0].Outdated || states[0].Provenance.StandInFor != "docker.io/library/busybox:latest" {
		t.Fatalf("got %+v, %v, expected an outdated stand-in for busybox", states, err)
	}
	var j journal
	if err := s.Ensure(t.Context(), []Kind{Busybox}, j.add); err != nil {
		t.Fatalf("got %v, expected the old one to serve", err)
	}
	if news := j.of(Busybox); len(news) != 1 || news[0].Status != Skipped || !strings.Contains(news[0].Detail, "busybox-static") && !strings.Contains(news[0].Detail, "busybox가") {
		t.Errorf("got %+v, expected one Skipped that says why", news)
	}
}

func TestEnsureReplacesAnOutdatedStandInByTheOriginal(t *testing.T) {
	docker := &fakeEngine{}
	labels := Busybox.labels()
	labels[LabelRecipe] = "another"
	docker.put("busybox:latest", labels)
	s := newTestStore(t, docker)
	if err := s.Ensure(t.Context(), []Kind{Busybox}, nil); err != nil {
		t.Fatal(err)
	}
	if docker.images["busybox:latest"] != nil {
		t.Errorf("the stand-in is still there: %v", docker.images)
	}
}

func TestOnlyPullNeverBuilds(t *testing.T) {
	s := newTestStore(t, &fakeEngine{unreachable: errors.New("no network")})
	s.source = OnlyPull
	var j journal
	err := s.Ensure(t.Context(), []Kind{Registry}, j.add)
	if !errors.Is(err, errUnreachable) {
		t.Errorf("got %v, expected errUnreachable", err)
	}
	if news := j.of(Registry); len(news) != 1 || news[0].Status != Failed || news[0].Err == nil {
		t.Errorf("got %+v, expected one Failed", news)
	}
}

func TestSecondBuildWaitsForTheFirst(t *testing.T) {
	docker := &fakeEngine{}
	s := newTestStore(t, docker)
	r := &reporter{timings: loadTimings(filepath.Join(s.cache, "timings.json")), now: time.Now}
	unlock, locked, err := s.lock(t.Context(), r, func(context.Context) (bool, error) { return true, nil })
	if err != nil || !locked {
		t.Fatalf("first lock: %v, %v", locked, err)
	}
	defer unlock()
	var j journal
	report := func(p Progress) {
		j.add(p)
		if p.Step == "lock" && p.Detail != "" && p.Status == Running {
			docker.put("busybox:latest", nil) // the first one is done with it
		}
	}
	if err := s.Ensure(t.Context(), []Kind{Busybox}, report); err != nil {
		t.Fatal(err)
	}
	if !j.mentions("프로세스") || len(docker.pulled) > 0 {
		t.Errorf("got %+v and pulls %v, expected waiting and nothing else", j.all, docker.pulled)
	}
	if news := j.of(Busybox); len(news) != 1 || news[0].Status != Done {
		t.Errorf("got %+v, expected one Done", news)
	}
}

func TestWaitingForTheLockEndsWithItsContext(t *testing.T) {
	s := newTestStore(t, &fakeEngine{})
	r := &reporter{timings: loadTimings(filepath.Join(s.cache, "timings.json")), now: time.Now}
	unlock, _, err := s.lock(t.Context(), r, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithCancel(t.Context())
	err = s.Ensure(ctx, []Kind{Busybox}, func(p Progress) {
		if p.Step == "lock" {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, expected context.Canceled", err)
	}
}

func TestSweepRemovesWhatAnInterruptedBuildLeft(t *testing.T) {
	s := newTestStore(t, &fakeEngine{})
	keep := filepath.Join(s.cache, "bin", "k8s-v1")
	for _, file := range []string{
		keep, filepath.Join(s.cache, "bin", partial+"k8s-v2"), filepath.Join(s.cache, "root", partial+"node.tar"),
		filepath.Join(s.cache, "work", "node-root", "tree", "etc", "passwd"),
	} {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("half"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.sweep(); err != nil {
		t.Fatal(err)
	}
	var left []string
	err := filepath.WalkDir(s.cache, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			left = append(left, path)
		}
		return err
	})
	if err != nil || !slices.Equal(left, []string{keep}) {
		t.Errorf("left are %v, %v, expected only %s", left, err, keep)
	}
}
