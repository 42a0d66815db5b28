// Package content is the course that kubelab comes with: the labs of one language in a folder of its own, embedded so
// that the one binary needs nothing beside it. docs/AUTHORING.md describes the format.
package content

import (
	"embed"
	"fmt"
	"io/fs"
)

// "all:" keeps the files whose names begin with a dot, such as a lab's .dockerignore.
//
//go:embed all:ko
var embedded embed.FS

// Korean returns the Korean course, rooted where its course.yaml is.
func Korean() fs.FS {
	course, err := fs.Sub(embedded, "ko")
	if err != nil {
		panic(fmt.Sprintf("content: open embedded course: %v", err)) // fs.Sub fails for invalid names alone
	}
	return course
}
