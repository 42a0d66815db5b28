package observe

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/events"
	"github.com/moby/moby/api/types/image"
	"github.com/moby/moby/client"
	"golang.org/x/sync/errgroup"

	"github.com/kubelab/kubelab/checks"
)

// imageKind is the source images. An event names one image and can change others (a tag moves away from its image
// without an event), so every event has all images listed, and those inspected that look different from before.
type imageKind struct {
	kindBase
	known map[string]string // what the list said when the image was inspected, by ID
}

func (k *imageKind) follow(ctx context.Context, cli *client.Client) error {
	return k.followLister(ctx, cli, k)
}

func (k *imageKind) concerns(e dockerEvent) bool {
	return e.Type == events.ImageEventType ||
		(e.Type == events.ContainerEventType && e.Action == events.ActionCommit)
}

func (k *imageKind) list(ctx context.Context, cli *client.Client) (bool, error) {
	list, err := cli.ImageList(ctx, client.ImageListOptions{})
	if err != nil {
		return false, fmt.Errorf("list images: %w", err)
	}
	ids := map[string]bool{}
	changed := false
	for _, summary := range list.Items {
		looks := appearance(summary)
		if k.known[summary.ID] != looks {
			object, err := inspectImage(ctx, cli, summary.ID)
			if errdefs.IsNotFound(err) {
				continue // deleted since it was listed; its event is on the way
			}
			if err != nil {
				return false, err
			}
			changed = k.col.put(summary.ID, created(object), object) || changed
			k.known[summary.ID] = looks
		}
		ids[summary.ID] = true
	}
	for id := range k.known {
		if !ids[id] {
			delete(k.known, id)
		}
	}
	return k.col.keep(ids) || changed, nil
}

// appearance is everything about an image that can change.
func appearance(s image.Summary) string {
	tags, digests := slices.Sorted(slices.Values(s.RepoTags)), slices.Sorted(slices.Values(s.RepoDigests))
	return strings.Join(tags, " ") + "|" + strings.Join(digests, " ")
}

func inspectImage(ctx context.Context, cli *client.Client, id string) (checks.Object, error) {
	var raw bytes.Buffer
	if _, err := cli.ImageInspect(ctx, id, client.ImageInspectWithRawResponse(&raw)); err != nil {
		return nil, fmt.Errorf("inspect image %s: %w", id, err)
	}
	object, err := parse(raw.Bytes())
	if err != nil {
		return nil, fmt.Errorf("inspect image %s: %w", id, err)
	}
	history, err := cli.ImageHistory(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("ask for the history of image %s: %w", id, err)
	}
	layers, err := encode(map[string]any{"History": history.Items})
	if err != nil {
		return nil, fmt.Errorf("ask for the history of image %s: %w", id, err)
	}
	object["History"] = layers["History"]
	return object, nil
}

// created is when an image, a container or a network was made; zero where the API does not say.
func created(o checks.Object) time.Time {
	t, _ := time.Parse(time.RFC3339Nano, checks.Text(o, "Created")) // what cannot be read sorts first
	return t
}

// networkKind is the source networks.
type networkKind struct{ kindBase }

func (k *networkKind) follow(ctx context.Context, cli *client.Client) error {
	return k.followLister(ctx, cli, k)
}

func (k *networkKind) concerns(e dockerEvent) bool {
	// A container of kubelab's own that joins a network which is not, like the registry on the default bridge, shows
	// in that network's Containers.
	return e.Type == events.NetworkEventType
}

func (k *networkKind) list(ctx context.Context, cli *client.Client) (bool, error) {
	list, err := cli.NetworkList(ctx, client.NetworkListOptions{})
	if err != nil {
		return false, fmt.Errorf("list networks: %w", err)
	}
	// Only an inspection shows a network's containers.
	objects := make([]checks.Object, len(list.Items))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(4)
	for i, summary := range list.Items {
		if isOwn(summary.Labels) || summary.Name == kindNetwork {
			continue
		}
		g.Go(func() error {
			result, err := cli.NetworkInspect(ctx, summary.ID, client.NetworkInspectOptions{})
			if errdefs.IsNotFound(err) {
				return nil
			}
			if err != nil {
				return fmt.Errorf("inspect network %s: %w", summary.Name, err)
			}
			objects[i], err = parse(result.Raw)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return false, err
	}
	ids := map[string]bool{}
	changed := false
	for _, object := range objects {
		if object != nil {
			id := checks.Text(object, "Id")
			ids[id] = true
			changed = k.col.put(id, created(object), object) || changed
		}
	}
	return k.col.keep(ids) || changed, nil
}

// volumeKind is the source volumes. The anonymous volumes of kubelab's own containers carry no label: they are known
// by who mounts them, and stay known after the container is gone.
type volumeKind struct {
	kindBase
	own map[string]bool // names
}

func (k *volumeKind) follow(ctx context.Context, cli *client.Client) error {
	return k.followLister(ctx, cli, k)
}

func (k *volumeKind) concerns(e dockerEvent) bool {
	switch e.Action {
	case events.ActionMount, events.ActionUnmount:
		return false
	}
	return e.Type == events.VolumeEventType || (e.own && e.Action == events.ActionCreate)
}

func (k *volumeKind) list(ctx context.Context, cli *client.Client) (bool, error) {
	volumes, err := cli.VolumeList(ctx, client.VolumeListOptions{})
	if err != nil {
		return false, fmt.Errorf("list volumes: %w", err)
	}
	containers, err := cli.ContainerList(ctx, client.ContainerListOptions{All: true})
	if err != nil {
		return false, fmt.Errorf("list containers: %w", err)
	}
	for _, c := range containers.Items {
		for _, m := range c.Mounts {
			if m.Name != "" && isOwn(c.Labels) {
				k.own[m.Name] = true
			}
		}
	}
	names := map[string]bool{}
	changed := false
	for _, v := range volumes.Items {
		if k.own[v.Name] || isOwn(v.Labels) {
			changed = k.col.forget(v.Name) || changed
			continue
		}
		object, err := encode(v)
		if err != nil {
			return false, fmt.Errorf("read volume %s: %w", v.Name, err)
		}
		made, _ := time.Parse(time.RFC3339Nano, v.CreatedAt) // what cannot be read sorts first
		names[v.Name] = true
		changed = k.col.put(v.Name, made, object) || changed
	}
	return k.col.keep(names) || changed, nil
}

// maxEvents bounds the source docker-events; the oldest are forgotten first.
const maxEvents = 1024

// eventKind is the source docker-events.
type eventKind struct {
	kindBase
	items []checks.Object // only ever appended to and cut at the front: states share it
}

func (k *eventKind) follow(ctx context.Context, _ *client.Client) error {
	k.col.settle("")
	k.emitItems(ctx, time.Now()) // the last connection may have ended before what it saw was told
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-k.events.ready:
		}
		accepted, needed := time.Time{}, false
		for _, e := range k.events.take() {
			if e.own {
				continue
			}
			if !needed {
				accepted, needed = e.received, true
			}
			k.items = append(k.items, eventObject(e))
		}
		k.items = k.items[max(0, len(k.items)-maxEvents):]
		if needed {
			k.emitItems(ctx, accepted)
		}
	}
}

func (k *eventKind) fail(ctx context.Context, err string) {
	if k.col.settle(err) {
		k.emitItems(ctx, time.Now())
	}
}

func (k *eventKind) emitItems(ctx context.Context, accepted time.Time) {
	state := k.col.state()
	state.Items = k.items
	k.out.emit(ctx, k.name, state, accepted)
}

func eventObject(e dockerEvent) checks.Object {
	attributes := make(map[string]any, len(e.Actor.Attributes))
	for name, value := range e.Actor.Attributes {
		attributes[name] = value
	}
	return checks.Object{
		"Type":     string(e.Type),
		"Action":   string(e.Action),
		"Actor":    checks.Object{"ID": e.Actor.ID, "Attributes": attributes},
		"scope":    e.Scope,
		"time":     e.Time,
		"timeNano": e.TimeNano,
	}
}
