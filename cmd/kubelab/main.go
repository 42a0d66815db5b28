// Command kubelab is an interactive lab runner for learning Docker and Kubernetes.
package main

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx))
}

// run is main without the exit. Called as kubectl (the lab's shell has such a link), the program is kubectl.
func run(ctx context.Context) int {
	if filepath.Base(os.Args[0]) == "kubectl" {
		return kubectl()
	}
	streams := Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}
	return exitCode(streams.Err, Run(ctx, streams, os.Args[1:]))
}
