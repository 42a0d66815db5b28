package checks

import (
	"fmt"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/image"
	"k8s.io/apimachinery/pkg/util/json"
)

// The objects of the sources that have no API of their own, and what is added to Docker's. Expressions are typed
// against these, and runner/observe fills its snapshots from them, so that both sides share one definition.

// Container is an object of the source containers: the answer of GET /containers/{id}/json.
type Container struct {
	// Name is without Docker's leading slash.
	container.InspectResponse
	// ImageName is Config.Image: the image's name as it was given to docker run.
	ImageName string
}

// Image is an object of the source images: the answer of GET /images/{name}/json.
type Image struct {
	image.InspectResponse
	// History is the answer of GET /images/{name}/history, newest layer first.
	History []image.HistoryResponseItem
}

// HTTPAnswer is the one object of an http source: the latest answer of its URL.
type HTTPAnswer struct {
	// URL is the address that was asked, with its variables replaced.
	URL string `json:"url"`
	// Status is 0 and Error says why where no answer came.
	Status int    `json:"status"`
	Body   string `json:"body"`
	// Headers holds the first value of each header, under its canonical name ("Content-Type").
	Headers map[string]string `json:"headers"`
	Error   string            `json:"error"`
	At      time.Time         `json:"at"`
	// Seen are the distinct bodies so far, oldest first, at most 64.
	Seen []HTTPBody `json:"seen"`
}

// HTTPBody is a body that a URL answered with, and how often.
type HTTPBody struct {
	Body  string `json:"body"`
	Count int    `json:"count"`
}

// RegistryTag is an object of a registry source: one tag of the repository.
type RegistryTag struct {
	// Repository is as in the select: without the registry's address.
	Repository string `json:"repository"`
	Tag        string `json:"tag"`
	// Digest is the manifest's digest.
	Digest string `json:"digest"`
	// Config is the image's configuration file, as the registry has it.
	Config RegistryConfig `json:"config"`
	// Layers are the digests of the layers, oldest first.
	Layers []string `json:"layers"`
}

// RegistryConfig is the part of an OCI image configuration that labs look at.
type RegistryConfig struct {
	Created      time.Time       `json:"created"`
	Architecture string          `json:"architecture"`
	OS           string          `json:"os"`
	Config       ContainerConfig `json:"config"`
}

// ContainerConfig is how an image wants to be run.
type ContainerConfig struct {
	User         string
	ExposedPorts map[string]struct{}
	Env          []string
	Entrypoint   []string
	Cmd          []string
	Volumes      map[string]struct{}
	WorkingDir   string
	Labels       map[string]string
	StopSignal   string
}

// File is an object of the source files: one file of the lab's work folder.
type File struct {
	// Path is relative to the work folder, with slashes.
	Path string `json:"path"`
	// Size is in bytes; Mode holds the permission bits.
	Size int64 `json:"size"`
	Mode int64 `json:"mode"`
	// Text is the first 64 KiB, and empty for a binary file.
	Text     string    `json:"text"`
	Modified time.Time `json:"modified"`
}

// Command is an object of the source commands: something that was typed in the lab's shell.
type Command struct {
	Text string `json:"text"`
	// Exit is the exit status; it has no meaning while Running.
	Exit int `json:"exit"`
	// Output is the last 16 KiB of what the command wrote, without escape sequences.
	Output string `json:"output"`
	// Dir is the working directory at the time.
	Dir     string    `json:"dir"`
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended"`
	Running bool      `json:"running"`
}

// Log is an object of the source logs: what one container of a pod wrote. A container that was restarted has two: its
// own, and the one of the container before it.
type Log struct {
	Pod       string `json:"pod"`
	Namespace string `json:"namespace"`
	Container string `json:"container"`
	// Previous is true for the log of the container that ended before the present one, or before the one that is
	// waited for.
	Previous bool `json:"previous"`
	// Text is the last 16 KiB.
	Text string `json:"text"`
	// Restart is how many containers went before this one in the pod: 0 for the first.
	Restart int `json:"restart"`
	// UID and Labels are the pod's.
	UID    string            `json:"uid"`
	Labels map[string]string `json:"labels"`
}

// NewObject is a value as the Object that its JSON describes.
func NewObject(value any) (Object, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("encode object: %w", err)
	}
	return ParseObject(text)
}

// ParseObject decodes a JSON object. Numbers without a fraction become int64.
func ParseObject(text []byte) (Object, error) {
	var o Object
	if err := json.Unmarshal(text, &o); err != nil {
		return nil, fmt.Errorf("decode object: %w", err)
	}
	return o, nil
}
