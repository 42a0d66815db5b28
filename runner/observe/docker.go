package observe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"strings"
	"syscall"
	"time"

	"github.com/moby/moby/api/types/events"
	"github.com/moby/moby/client"
	"golang.org/x/sync/errgroup"

	"github.com/kubelab/kubelab/checks"
)

const (
	// dockerRetry is the pause before the engine is asked again after it was lost.
	dockerRetry = 250 * time.Millisecond
	// dockerTimeout bounds one request. A container that is being started holds its inspection up, seldom that long.
	dockerTimeout = 20 * time.Second
	// dockerRecheck is how often everything is listed again, for the few changes that Docker has no event for: an
	// image built without a name, a start that failed in a container without a network.
	dockerRecheck = 5 * time.Second
	// steady is how long a connection must have lasted to be made anew before it counts as lost. It is longer than
	// any request may take, so that one that lasted has worked.
	steady = time.Minute
	// resumeOverlap is how far before the last event a resumed stream begins: events are stamped before they are put
	// in order, so that one with an earlier stamp may come later.
	resumeOverlap = 2 * time.Second
	// rememberedEvents bounds what is kept to tell events that come twice. The daemon itself keeps 256.
	rememberedEvents = 512
)

// dockerHub serves all sources of Docker from one stream of events. The stream is asked for from a moment before
// everything is listed, and after a disconnect from the last event on, so that nothing falls between.
type dockerHub struct {
	host   string
	pushed func(context.Context)
	log    *slog.Logger
	wants  *queue[map[string]bool]

	// All below belongs to run; while a connection is followed, to the goroutine that reads the stream.
	kinds  map[string]dockerKind
	since  time.Time // the daemon's time from which on events are wanted; zero before the first connection
	recent map[string]bool
	order  []string        // the keys of recent, oldest first
	infra  map[string]bool // IDs of containers of kubelab's own
}

// dockerKind is one kind of Docker's objects, a source of its own.
type dockerKind interface {
	// follow lists the objects, and keeps to events until the connection fails or ctx ends. What was put and not yet
	// worked off is worked off by the next call.
	follow(ctx context.Context, cli *client.Client) error
	put(dockerEvent)
	look()
	fail(ctx context.Context, err string)
}

// dockerEvent is an event and when it was received here. own says that it is about a part of kubelab itself.
type dockerEvent struct {
	events.Message
	received time.Time
	own      bool
}

// errWants ends the following of a connection because other kinds are wanted.
var errWants = errors.New("other kinds are wanted")

func isDocker(source string) bool {
	switch source {
	case checks.Containers, checks.Images, checks.Networks, checks.Volumes, checks.DockerEvents:
		return true
	}
	return false
}

func newDockerHub(host string, pushed func(context.Context), log *slog.Logger) *dockerHub {
	return &dockerHub{
		host:   host,
		pushed: pushed,
		log:    log,
		wants:  newQueue[map[string]bool](),
		kinds:  map[string]dockerKind{},
		recent: map[string]bool{},
		infra:  map[string]bool{},
	}
}

// want sets the kinds that are wanted. Unlike everything else here it may be called from another goroutine.
func (h *dockerHub) want(kinds map[string]bool) { h.wants.put(kinds) }

func (h *dockerHub) run(ctx context.Context, out emitter, poked <-chan struct{}) {
	for ctx.Err() == nil {
		for _, kinds := range h.wants.take() {
			h.choose(kinds, out)
		}
		began := time.Now()
		err := h.connect(ctx, poked)
		if errors.Is(err, errWants) || ctx.Err() != nil {
			continue
		}
		h.log.Info("docker was lost", "host", h.host, "err", err)
		if time.Since(began) > steady {
			continue // a connection that broke, and most often can be made again at once
		}
		for _, k := range h.kinds {
			k.fail(ctx, dockerTrouble(h.host, err))
		}
		select {
		case <-ctx.Done():
		case <-h.wants.ready:
		case <-time.After(dockerRetry):
		}
	}
}

// choose makes kinds the set of kinds that are followed.
func (h *dockerHub) choose(kinds map[string]bool, out emitter) {
	for name := range h.kinds {
		if !kinds[name] {
			delete(h.kinds, name)
		}
	}
	for name := range kinds {
		if h.kinds[name] != nil {
			continue
		}
		base := newKindBase(name, out, h.log)
		switch name {
		case checks.Containers:
			h.kinds[name] = newContainerKind(base)
		case checks.Images:
			h.kinds[name] = &imageKind{kindBase: base, known: map[string]string{}}
		case checks.Networks:
			h.kinds[name] = &networkKind{kindBase: base}
		case checks.Volumes:
			h.kinds[name] = &volumeKind{kindBase: base, own: map[string]bool{}}
		case checks.DockerEvents:
			h.kinds[name] = &eventKind{kindBase: base}
		}
	}
}

// connect follows one connection until it fails, and says why.
func (h *dockerHub) connect(ctx context.Context, poked <-chan struct{}) error {
	options := []client.Opt{client.WithTLSClientConfigFromEnv()}
	if h.host != "" {
		options = append(options, client.WithHost(h.host))
	}
	cli, err := client.New(options...)
	if err != nil {
		return fmt.Errorf("create docker client: %w", err)
	}
	defer func() { _ = cli.Close() }()
	if err := h.prepare(ctx, cli); err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return h.read(ctx, cli) })
	for _, k := range h.kinds {
		g.Go(func() error { return k.follow(ctx, cli) })
	}
	g.Go(func() error {
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-h.wants.ready:
				return errWants
			case <-poked:
				for _, k := range h.kinds {
					k.look()
				}
			}
		}
	})
	return g.Wait()
}

// prepare learns what has to be known before the first event: the daemon's time, which need not be ours, and which
// containers are kubelab's own.
func (h *dockerHub) prepare(ctx context.Context, cli *client.Client) error {
	ctx, cancel := context.WithTimeout(ctx, dockerTimeout)
	defer cancel()
	if h.since.IsZero() {
		info, err := cli.Info(ctx, client.InfoOptions{})
		if err != nil {
			return fmt.Errorf("ask docker for its time: %w", err)
		}
		h.since, err = time.Parse(time.RFC3339Nano, info.Info.SystemTime)
		if err != nil {
			return fmt.Errorf("parse docker's time: %w", err)
		}
	}
	list, err := cli.ContainerList(ctx, client.ContainerListOptions{All: true})
	if err != nil {
		return fmt.Errorf("list containers: %w", err)
	}
	for _, c := range list.Items {
		if isOwn(c.Labels) {
			h.infra[c.ID] = true
		}
	}
	return nil
}

// read hands the events of the stream on until it breaks.
func (h *dockerHub) read(ctx context.Context, cli *client.Client) error {
	since := fmt.Sprintf("%d.%09d", h.since.Unix(), h.since.Nanosecond())
	stream := cli.Events(ctx, client.EventsListOptions{Since: since})
	for {
		select {
		case m := <-stream.Messages:
			h.dispatch(ctx, dockerEvent{Message: m, received: time.Now()})
		case err := <-stream.Err:
			if err == nil {
				err = io.ErrUnexpectedEOF
			}
			return fmt.Errorf("read docker's events: %w", err)
		}
	}
}

// dispatch hands an event that was not seen before to every kind.
func (h *dockerHub) dispatch(ctx context.Context, e dockerEvent) {
	key := fmt.Sprint(e.TimeNano, e.Type, e.Action, e.Actor.ID)
	if h.recent[key] {
		return
	}
	h.recent[key] = true
	h.order = append(h.order, key)
	if len(h.order) > rememberedEvents {
		delete(h.recent, h.order[0])
		h.order = h.order[1:]
	}
	if t := time.Unix(0, e.TimeNano).Add(-resumeOverlap); t.After(h.since) {
		h.since = t
	}
	e.own = h.isOwnEvent(e.Message)
	for _, k := range h.kinds {
		k.put(e)
	}
	if e.Type == events.ImageEventType && e.Action == events.ActionPush {
		h.pushed(ctx)
	}
}

// isOwnEvent reports whether an event is about a container of kubelab's own, or about kind's network.
func (h *dockerHub) isOwnEvent(m events.Message) bool {
	attributes := m.Actor.Attributes
	switch m.Type {
	case events.ContainerEventType:
		own := h.infra[m.Actor.ID] || isOwn(attributes)
		if own {
			h.infra[m.Actor.ID] = m.Action != events.ActionDestroy
		}
		return own
	case events.NetworkEventType:
		return isOwn(attributes) || attributes["name"] == kindNetwork || h.infra[attributes["container"]]
	}
	return h.infra[attributes["container"]]
}

// kindNetwork is the network that kind makes for its nodes; it has no label of kind's.
const kindNetwork = "kind"

// isOwn reports whether labels are those of a part of kubelab itself: what it made, or a node of kind's.
func isOwn(labels map[string]string) bool {
	_, kubelab := labels["dev.kubelab.name"]
	_, kind := labels["io.x-k8s.kind.cluster"]
	return kubelab || kind
}

// dockerTrouble says for a learner why Docker cannot be seen.
func dockerTrouble(host string, err error) string {
	switch {
	case errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EACCES) || strings.Contains(err.Error(), "permission denied"):
		return fmt.Sprintf("Docker 엔진(%s)에 접속할 권한이 없습니다. 접속할 수 있어야 합니다. 사용자를 docker 그룹에 넣고 다시 로그인하세요.", host)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("Docker 엔진(%s)이 %d초 안에 응답하지 않았습니다. 응답해야 합니다. `docker info`로 확인하세요.", host, dockerTimeout/time.Second)
	}
	return fmt.Sprintf("Docker 엔진(%s)에 연결할 수 없습니다. 엔진이 실행 중이어야 합니다. `docker info`로 확인하세요. 돌아오면 저절로 이어집니다.", host)
}
