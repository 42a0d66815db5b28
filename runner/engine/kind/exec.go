package kind

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/client"
)

// runIn runs a command in a container until it ends. Where it fails, the error ends with what it said.
func (e *Engine) runIn(ctx context.Context, container string, argv ...string) error {
	made, err := e.docker.ExecCreate(ctx, container, client.ExecCreateOptions{Cmd: argv, AttachStdout: true, AttachStderr: true})
	if err != nil {
		return fmt.Errorf("run %s in %s: %w", argv[0], container, err)
	}
	stream, err := e.docker.ExecAttach(ctx, made.ID, client.ExecAttachOptions{})
	if err != nil {
		return fmt.Errorf("run %s in %s: %w", argv[0], container, err)
	}
	stop := context.AfterFunc(ctx, stream.Close) // ends the reading below
	defer stream.Close()
	defer stop()
	var said bytes.Buffer
	if _, err := stdcopy.StdCopy(&said, &said, stream.Reader); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return fmt.Errorf("run %s in %s: %w", argv[0], container, err)
	}
	ended, err := e.docker.ExecInspect(ctx, made.ID, client.ExecInspectOptions{})
	if err != nil {
		return fmt.Errorf("run %s in %s: %w", argv[0], container, err)
	}
	if ended.ExitCode != 0 {
		lines := strings.Split(strings.TrimSpace(said.String()), "\n")
		return fmt.Errorf("run %s in %s: exit code %d: %s", argv[0], container, ended.ExitCode, strings.Join(lines[max(0, len(lines)-5):], "\n"))
	}
	return nil
}
