package images

import (
	"fmt"
	"strings"
)

// MissingError says what this machine lacks for building an image. Its parts are in the learner's language, like those of
// an engine's finding.
type MissingError struct {
	// Image is the name of the image that cannot be built.
	Image string
	// Saw is what is missing, Want what is needed, Try the command that mends it.
	Saw, Want, Try string
}

func (e *MissingError) Error() string {
	text := e.Saw + " " + e.Want
	if e.Image != "" {
		text = e.Image + " 이미지를 만들 수 없습니다. " + text
	}
	if e.Try != "" {
		text += "\n다음을 해 보세요: " + e.Try
	}
	return text
}

// StepError says which step of which image failed. Image is empty where a program is no part of an image.
type StepError struct {
	Image, Title string
	Err          error
}

func (e *StepError) Error() string {
	image := ""
	if e.Image != "" {
		image = e.Image + " 이미지의 "
	}
	return fmt.Sprintf("%s'%s' 단계가 실패했습니다: %v", image, e.Title, e.Err)
}

func (e *StepError) Unwrap() error { return e.Err }

// CommandError is a command that failed: what was run, what it wrote last, and where everything it wrote is.
type CommandError struct {
	Argv []string
	// Tail is the last lines of its output, oldest first.
	Tail []string
	// Log is the file that holds all of them.
	Log string
	Err error
}

func (e *CommandError) Error() string {
	text := strings.Join(e.Argv, " ") + ": " + e.Err.Error()
	for _, line := range e.Tail {
		text += "\n    " + line
	}
	return text + "\n전체 기록: " + e.Log
}

func (e *CommandError) Unwrap() error { return e.Err }
