package picture

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kubelab/kubelab/checks"
)

// image is a Docker image as it is drawn: its layers from the base up, and the containers that write on top of it.
type image struct {
	name   string
	size   int64
	layers []layer
	// writers are the containers of the image: each has a layer of its own that it writes into.
	writers []writer
	mark    Mark
}

type layer struct {
	key string // the same for the same layers below and including it
	by  string // what made it
	// size is in bytes, -1 where that cannot be told.
	size int64
	mark Mark
}

type writer struct {
	name string
	mark Mark
}

// images are the images, newest first; those that kubelab itself is made of come last.
func (e *eye) images() []image {
	writers := e.writers()
	var out []image
	for _, o := range slices.Backward(e.items(checks.Images)) {
		img := image{name: imageName(o), size: checks.Int(o, "Size"), layers: layersOf(o), writers: writers[checks.Text(o, "Id")]}
		img.mark = e.seeObject(checks.Images, o, img.name)
		for i := range img.layers {
			l := &img.layers[i]
			l.mark = e.see(l.key, l.by)
			if img.mark == Gone && l.mark == Still && e.onlyGone(o, i) {
				l.mark = Gone
			}
		}
		out = append(out, img)
	}
	slices.SortStableFunc(out, func(a, b image) int { return cmp.Compare(rank(a), rank(b)) })
	return out
}

// onlyGone reports whether the layer i of an image that is gone is in no image that is left.
func (e *eye) onlyGone(o checks.Object, i int) bool {
	chain := strings.Join(digests(o)[:i+1], " ")
	return !slices.ContainsFunc(e.Snapshot.State(checks.Images).Items, func(other checks.Object) bool {
		of := digests(other)
		return len(of) > i && strings.Join(of[:i+1], " ") == chain
	})
}

func digests(o checks.Object) []string {
	var out []string
	for _, d := range checks.List(o, "RootFS", "Layers") {
		s, _ := d.(string)
		out = append(out, s)
	}
	return out
}

// rank puts the images of nodes and registries behind the learner's.
func rank(img image) int {
	if len(img.writers) == 0 && (strings.HasPrefix(img.name, "kindest/") || strings.HasPrefix(img.name, "registry:")) {
		return 1
	}
	return 0
}

// writers are the containers by the ID of their image.
func (e *eye) writers() map[string][]writer {
	out := map[string][]writer{}
	for _, o := range slices.Backward(e.items(checks.Containers)) {
		name := tidy(strings.TrimPrefix(checks.Text(o, "Name"), "/"))
		id := checks.Text(o, "Image")
		out[id] = append(out[id], writer{name, e.seeObject(checks.Containers, o, name)})
	}
	return out
}

// imageName is all tags of an image, or its short ID.
func imageName(o checks.Object) string {
	var tags []string
	for _, t := range checks.List(o, "RepoTags") {
		if s, ok := t.(string); ok {
			tags = append(tags, tidy(s))
		}
	}
	if len(tags) == 0 {
		return tidy(shortImage(checks.Text(o, "Id")))
	}
	return strings.Join(tags, ", ")
}

// layersOf are an image's layers. Its history has the instructions, among them those that made no layer.
func layersOf(o checks.Object) []layer {
	all := digests(o)
	var steps []any
	for _, h := range slices.Backward(checks.List(o, "History")) {
		steps = append(steps, h)
	}
	made := madeLayers(steps, len(all))
	out := make([]layer, len(all))
	key := "layer"
	for i, d := range all {
		_, d, _ = strings.Cut(d, ":")
		key += "/" + d[:min(12, len(d))]
		out[i] = layer{key: key, size: -1}
		if at := i - (len(all) - len(made)); at >= 0 {
			out[i].by, out[i].size = instruction(checks.Text(made[at], "CreatedBy")), checks.Int(made[at], "Size")
		}
	}
	return out
}

// madeLayers picks the n steps of a history that made the layers: those with a size, and of the others those whose
// instruction can write files. Where there are fewer, the lowest layers have no step.
func madeLayers(steps []any, n int) []any {
	makes := make([]bool, len(steps))
	count := 0
	for i, h := range steps {
		if checks.Int(h, "Size") > 0 {
			makes[i] = true
			count++
		}
	}
	for _, word := range []string{"COPY", "ADD", "WORKDIR", "RUN", ""} {
		for i, h := range steps {
			if count < n && !makes[i] && writes(instruction(checks.Text(h, "CreatedBy")), word) {
				makes[i] = true
				count++
			}
		}
	}
	var out []any
	for i, h := range steps {
		if makes[i] {
			out = append(out, h)
		}
	}
	return out[max(0, len(out)-n):]
}

// writes reports whether an instruction is of the word; with an empty word, whether it is none that only sets something.
func writes(by, word string) bool {
	first, _, _ := strings.Cut(by, " ")
	if word != "" {
		return first == word
	}
	return !slices.Contains([]string{"CMD", "ENV", "ENTRYPOINT", "EXPOSE", "LABEL", "USER", "VOLUME", "ARG", "STOPSIGNAL",
		"HEALTHCHECK", "SHELL", "ONBUILD", "MAINTAINER"}, first)
}

// instruction is the line of a Dockerfile that made a layer, as far as its history tells.
func instruction(by string) string {
	by = strings.TrimSuffix(tidy(by), " # buildkit")
	if rest, ok := strings.CutPrefix(by, "/bin/sh -c #(nop) "); ok {
		return strings.TrimSpace(rest)
	}
	by = strings.Replace(by, "RUN /bin/sh -c ", "RUN ", 1)
	if rest, ok := strings.CutPrefix(by, "/bin/sh -c "); ok {
		return "RUN " + rest
	}
	return by
}

// bytes is a size as docker prints it, in powers of a thousand.
func bytes(n int64) string {
	const step = 1000
	if n < step {
		return fmt.Sprintf("%d B", n)
	}
	f, unit := float64(n), ""
	for _, unit = range []string{"kB", "MB", "GB", "TB"} {
		if f /= step; f < step-0.5 {
			break
		}
	}
	if f < 10 {
		return fmt.Sprintf("%.2f %s", f, unit)
	}
	if f < 100 {
		return fmt.Sprintf("%.1f %s", f, unit)
	}
	return fmt.Sprintf("%.0f %s", f, unit)
}
