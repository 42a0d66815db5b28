package images

import (
	"github.com/moby/moby/api/types/image"
)

// The labels of an image that was built here. A pulled image has none of them.
const (
	LabelOrigin     = "dev.kubelab.origin"       // "built"
	LabelStandInFor = "dev.kubelab.stand-in-for" // the original's full name: docker.io/library/busybox:latest
	LabelRecipe     = "dev.kubelab.recipe"       // hash of what the image was made of
)

// Provenance says where an image came from. Images that a learner builds on top of a stand-in inherit its labels, and
// with them its provenance.
type Provenance struct {
	// Built is true for a stand-in, false for an original.
	Built bool
	// StandInFor is the full name of the original, Recipe the hash of the recipe; both empty for an original.
	StandInFor, Recipe string
}

// Origin reads the provenance of an image.
func Origin(inspect image.InspectResponse) Provenance {
	if inspect.Config == nil || inspect.Config.Labels[LabelOrigin] != "built" {
		return Provenance{}
	}
	labels := inspect.Config.Labels
	return Provenance{Built: true, StandInFor: labels[LabelStandInFor], Recipe: labels[LabelRecipe]}
}

// labels returns the labels of a stand-in for k.
func (k Kind) labels() map[string]string {
	return map[string]string{
		LabelOrigin:     "built",
		LabelStandInFor: k.canonical(),
		LabelRecipe:     k.recipe(),
	}
}
