// Command kubelab is an interactive lab runner for learning Docker and Kubernetes.
package main

import (
	"os"
	"path/filepath"
)

func main() {
	os.Exit(run())
}

// run is main without the exit. Called as kubectl (the lab's shell has such a link), the program is kubectl, which
// knows what to do with signals itself.
func run() int {
	if filepath.Base(os.Args[0]) == "kubectl" {
		return kubectl()
	}
	ctx := interruptible()
	streams := Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
	return exitCode(streams.Err, Run(ctx, streams, os.Args[1:]))
}
