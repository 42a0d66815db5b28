package images

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"

	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	"github.com/moby/moby/api/types/image"
)

func TestNames(t *testing.T) {
	sha := regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	for _, k := range All() {
		if !sha.MatchString(k.Digest()) || strings.Contains(k.Ref(), "@") || !strings.Contains(k.Ref(), ":") {
			t.Errorf("%s: name %q, digest %q", k, k.Ref(), k.Digest())
		}
		for _, name := range []string{string(k), k.Ref()} {
			if got, err := ParseKind(name); err != nil || got != k {
				t.Errorf("ParseKind(%q) = %v, %v", name, got, err)
			}
		}
	}
	if _, err := ParseKind("nginx"); err == nil || !strings.Contains(err.Error(), "busybox") {
		t.Errorf("ParseKind(nginx) = %v, expected an error that lists what is known", err)
	}
	if KindNode.canonical() != "docker.io/"+KindNode.Ref() || Busybox.canonical() != "docker.io/library/busybox:latest" {
		t.Errorf("full names are %s and %s", KindNode.canonical(), Busybox.canonical())
	}
}

func TestRecipesDifferAndStay(t *testing.T) {
	seen := map[string]Kind{}
	for _, k := range All() {
		recipe := k.recipe()
		if other, twice := seen[recipe]; twice || recipe != k.recipe() || len(recipe) != 12 {
			t.Errorf("%s: recipe %q (also of %q), then %q", k, recipe, other, k.recipe())
		}
		seen[recipe] = k
	}
	if digest("ab", "c") == digest("a", "bc") {
		t.Error("a recipe does not tell its parts apart")
	}
	p := programs()["registry"]
	before := p.hash()
	if p.tags = "other"; p.hash() == before {
		t.Error("other build tags give the same program")
	}
}

// TestVersionsAgree: the versions named in Go are those that the embedded modules build, and the node image's tag is the
// version of Kubernetes in it.
func TestVersionsAgree(t *testing.T) {
	if _, tag, _ := strings.Cut(KindNode.Ref(), ":"); tag != kubernetesVersion {
		t.Errorf("kind wants %s, the recipe builds Kubernetes %s", KindNode.Ref(), kubernetesVersion)
	}
	modules := map[string]string{
		"k8s": "k8s.io/kubernetes", "coredns": "github.com/coredns/coredns",
		"containerd": "github.com/containerd/containerd/v2", "registry": "github.com/distribution/distribution/v3",
		"compose":                "github.com/docker/compose/v5",
		"local-path-provisioner": "github.com/rancher/local-path-provisioner",
	}
	for name, module := range modules {
		if got := required(t, "recipes/"+name+"/go.mod.txt", module); got != programs()[name].version {
			t.Errorf("%s: go.mod says %q, programs says %q", name, got, programs()[name].version)
		}
	}
	// With the same libraries the compiler has most of the provisioner from Kubernetes: 8 s of work, not 80.
	const library = "k8s.io/client-go"
	if k8s, storage := required(t, "recipes/k8s/go.mod.txt", library), required(t, "recipes/local-path-provisioner/go.mod.txt", library); k8s != storage {
		t.Errorf("%s is %s in Kubernetes and %s in the provisioner", library, k8s, storage)
	}
	ours, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	kind := required(t, "recipes/kind/go.mod.txt", "sigs.k8s.io/kind")
	if !strings.Contains(string(ours), "sigs.k8s.io/kind "+kind) {
		t.Errorf("the node image has the files of kind %s, which go.mod does not name", kind)
	}
}

// required is the version of a module that an embedded go.mod asks for.
func required(t *testing.T, file, module string) string {
	t.Helper()
	content, err := recipes.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(content)) {
		fields := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(fields) >= 2 && fields[0] == module {
			return fields[1]
		}
	}
	return ""
}

// TestRecipesAreEmbedded: whatever lies in recipes/ is either a module's file or used under its own name.
func TestRecipesAreEmbedded(t *testing.T) {
	used := map[string]bool{"README.md": true, "default-cni.yaml": true, "default-storage.yaml": true, "docker-entrypoint.sh": true, "config.yml": true}
	err := fs.WalkDir(recipes, "recipes", func(file string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && path.Ext(file) != ".txt" && !used[path.Base(file)] {
			t.Errorf("%s is embedded and used by nobody", file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for image, manifest := range map[string]string{
		networkImage: "default-cni.yaml", provisionerImage: "default-storage.yaml", helperImage: "default-storage.yaml",
	} {
		content, err := recipes.ReadFile("recipes/node/" + manifest)
		if err != nil || !strings.Contains(string(content), "image: "+image+"\n") {
			t.Errorf("%s does not run %s: %v", manifest, image, err)
		}
	}
	if _, tag, _ := strings.Cut(provisionerImage, ":"); tag != programs()["local-path-provisioner"].version {
		t.Errorf("the image %s holds %s", provisionerImage, programs()["local-path-provisioner"].version)
	}
}

func TestOrigin(t *testing.T) {
	var config dockerspec.DockerOCIImageConfig
	if got := Origin(image.InspectResponse{Config: &config}); got.Built {
		t.Errorf("an image without labels is %+v, expected an original", got)
	}
	if got := Origin(image.InspectResponse{}); got.Built {
		t.Errorf("an image without configuration is %+v, expected an original", got)
	}
	config.Labels = NodeJS.labels()
	want := Provenance{Built: true, StandInFor: "docker.io/library/node:22-alpine", Recipe: NodeJS.recipe()}
	if got := Origin(image.InspectResponse{Config: &config}); got != want {
		t.Errorf("got %+v, expected %+v", got, want)
	}
}
