package observe

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kubelab/kubelab/checks"
)

// tagged returns the image with a tag.
func tagged(s checks.State, tag string) checks.Object {
	for _, image := range s.Items {
		if tags, _ := checks.Field(image, "RepoTags").([]any); slices.Contains(tags, any(tag)) {
			return image
		}
	}
	return nil
}

func TestDockerBuildTagAndRemoveImage(t *testing.T) {
	host := dockerEngine(t)
	o := observing(t, dockerConfig(host), watchesOf(checks.Images, checks.Containers)...)
	name, other := "kl-observe-image:latest", "kl-observe-image:v2"
	removing(t, "rmi", "-f", name, other)
	build := func(line string) string {
		dir := t.TempDir()
		file := "FROM " + testImage + "\nLABEL kl-observe=" + t.Name() + "\nRUN " + line + "\nCMD [\"echo\", \"built\"]\n"
		if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(file), 0o644); err != nil {
			t.Fatal(err)
		}
		return docker(t, "build", "-q", "-t", name, dir)
	}
	first := build("echo 1 > /number")
	removing(t, "rmi", "-f", first)
	state := until(t, o, checks.Images, "built", func(s checks.State) bool { return tagged(s, name) != nil })
	image := tagged(state, name)
	if checks.Text(image, "Id") != first || !slices.Equal(checks.Field(image, "Config", "Cmd").([]any), []any{"echo", "built"}) {
		t.Errorf("the image is %v", image)
	}
	history, _ := checks.Field(image, "History").([]any)
	if len(history) < 4 || !strings.Contains(checks.Text(history[0].(checks.Object), "CreatedBy"), "CMD") || !strings.Contains(checks.Text(history[1].(checks.Object), "CreatedBy"), "echo 1") {
		t.Errorf("its history is %v", history)
	}

	docker(t, "tag", name, other)
	until(t, o, checks.Images, "tagged twice", func(s checks.State) bool {
		return tagged(s, other) != nil && checks.Text(tagged(s, other), "Id") == checks.Text(tagged(s, name), "Id")
	})
	docker(t, "rmi", other)
	until(t, o, checks.Images, "untagged", func(s checks.State) bool { return tagged(s, other) == nil && tagged(s, name) != nil })

	// The tag moves to a new image. Docker has no event for the image that it leaves.
	second := build("echo 2 > /number")
	removing(t, "rmi", "-f", second)
	moved := until(t, o, checks.Images, "moved the tag", func(s checks.State) bool { return checks.Text(tagged(s, name), "Id") == second })
	if old := find(moved.Items, first, "Id"); old == nil || checks.Field(old, "RepoTags") != nil && len(checks.Field(old, "RepoTags").([]any)) > 0 {
		t.Errorf("the image that lost its tag is %v", old)
	}
	docker(t, "rmi", first)
	gone := until(t, o, checks.Images, "removed", func(s checks.State) bool { return find(s.Items, first, "Id") == nil })
	if find(gone.Removed, first, "Id") == nil {
		t.Error("a removed image is not among the removed")
	}

	containers := o.Snapshot().State(checks.Containers)
	for _, c := range slices.Concat(containers.Items, containers.Removed) {
		if checks.Text(c, "Config", "Labels", "kl-observe") == t.Name() || strings.HasPrefix(checks.Text(c, "ImageName"), "sha256:") {
			t.Errorf("a step of the builder's shows as a container: %v %v", checks.Text(c, "Name"), checks.Field(c, "Config"))
		}
	}
}

func TestDockerCommitShows(t *testing.T) {
	host := dockerEngine(t)
	o := observing(t, dockerConfig(host), watchesOf(checks.Images)...)
	name := "kl-observe-commit"
	removing(t, "rmi", "-f", name)
	removing(t, "rm", "-f", name)
	docker(t, "run", "--name", name, testImage, "touch", "/made-by-hand")
	docker(t, "commit", name, name)
	state := until(t, o, checks.Images, "committed", func(s checks.State) bool { return tagged(s, name+":latest") != nil })
	if cmd := checks.Field(tagged(state, name+":latest"), "Config", "Cmd"); !slices.Equal(cmd.([]any), []any{"touch", "/made-by-hand"}) {
		t.Errorf("its command is %v", cmd)
	}
	nameless := docker(t, "commit", "-m", "no name", name)
	removing(t, "rmi", "-f", nameless)
	until(t, o, checks.Images, "showed one without a name", func(s checks.State) bool { return find(s.Items, nameless, "Id") != nil })
}
