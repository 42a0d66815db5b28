package observe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	apiv1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/wait"
	corev1 "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/kubelab/kubelab/checks"
)

const (
	// logText bounds the text of one log, in bytes.
	logText = 16 << 10
	// logLines is how many lines of a log from before are asked for; the API cannot count bytes from the end.
	logLines = 1000
	// logRate is how many bytes a second a log may write and be followed. A faster one is looked at once a second: to
	// keep up with it would cost more than the rest of the program, and to fall behind would show what is past.
	logRate = 1 << 20
)

// logRef names what one container of a pod writes from its start to its end; the container that replaces it has another.
type logRef struct {
	uid, pod, container string
	restart             int
	labels              map[string]string
	started             time.Time
	// previous: another has replaced it, or will. ended: it writes no more.
	previous, ended bool
}

func (r logRef) id() string { return fmt.Sprintf("%s/%s/%d", r.uid, r.container, r.restart) }

// logsOf are the logs that a pod has by its status: of each container that runs or has ended, and of the one before it.
func logsOf(pod checks.Object) []logRef {
	var refs []logRef
	labels := map[string]string{}
	if m, ok := checks.Field(pod, "metadata", "labels").(checks.Object); ok {
		for name, value := range m {
			labels[name], _ = value.(string)
		}
	}
	for _, in := range []string{"initContainerStatuses", "containerStatuses"} {
		statuses, _ := checks.Field(pod, "status", in).([]any)
		for _, v := range statuses {
			status, _ := v.(checks.Object)
			restart, _ := checks.Field(status, "restartCount").(int64)
			ref := logRef{
				uid: checks.Text(pod, "metadata", "uid"), pod: checks.Text(pod, "metadata", "name"), container: checks.Text(status, "name"),
				restart: int(restart), labels: labels,
			}
			refs = append(refs, ref.ofStatus(status)...)
		}
	}
	return refs
}

// ofStatus is r for the container that a status is about, and for the one before it. restartCount counts the containers
// before the one that was started last, which is in lastState while another is waited for.
func (r logRef) ofStatus(status checks.Object) []logRef {
	var refs []logRef
	last := r
	last.previous, last.ended = true, true
	now, ended := checks.Field(status, "state", "running"), false
	if now == nil {
		now, ended = checks.Field(status, "state", "terminated"), true
	}
	if state, ok := now.(checks.Object); ok {
		r.started, r.ended = startOf(state), ended
		refs = append(refs, r)
		last.restart--
	}
	if state, ok := checks.Field(status, "lastState", "terminated").(checks.Object); ok && last.restart >= 0 {
		last.started = startOf(state)
		refs = append(refs, last)
	}
	return refs
}

func startOf(state checks.Object) time.Time {
	t, _ := time.Parse(time.RFC3339, checks.Text(state, "startedAt")) // an unknown time is the oldest
	return t
}

// logStream reads one log. Its methods may be called from any goroutine.
type logStream struct {
	id     string
	api    corev1.PodInterface
	news   *queue[*logStream]
	cancel context.CancelFunc
	over   chan struct{} // closed when the container is known to have ended

	mu     sync.Mutex
	now    logRef
	text   []byte
	opened bool // text is what the log says, though it may be nothing
	done   bool // all was read, or no more is tried
	queued bool // news holds the stream
}

func newLogStream(ref logRef, api corev1.PodInterface, news *queue[*logStream], cancel context.CancelFunc) *logStream {
	s := &logStream{id: ref.id(), api: api, news: news, cancel: cancel, over: make(chan struct{})}
	s.update(ref)
	return s
}

// update takes in what the pod's status says of the log now and reports whether that is something else than before.
func (s *logStream) update(ref logRef) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.now
	ref.ended = ref.ended || old.ended
	if ref.ended && !old.ended {
		close(s.over)
	}
	s.now = ref
	return ref.previous != old.previous || !maps.Equal(ref.labels, old.labels) || !ref.started.Equal(old.started)
}

func (s *logStream) ref() logRef {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *logStream) finished() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.done
}

// contents is the end of the log as text, and whether it could be read at all. What is read from now on is news again.
func (s *logStream) contents() (contents string, opened bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queued = false
	return tail(s.text), s.opened && !unretrievable.Match(s.text)
}

// unretrievable matches what a kubelet answers in place of a log that it has deleted.
var unretrievable = regexp.MustCompile(`^(unable to retrieve container logs for |failed to try resolving symlinks in path )\S+\n?$`)

// tail is the last logText bytes as text, without the rest of a character that was cut.
func tail(contents []byte) string {
	contents = contents[max(0, len(contents)-logText):]
	for range utf8.UTFMax - 1 {
		if len(contents) == 0 || utf8.RuneStart(contents[0]) {
			break
		}
		contents = contents[1:]
	}
	return strings.ToValidUTF8(string(contents), "\uFFFD")
}

// change runs f under the lock and tells of news.
func (s *logStream) change(f func()) {
	s.mu.Lock()
	f()
	tell := !s.queued
	s.queued = true
	s.mu.Unlock()
	if tell {
		s.news.put(s)
	}
}

// errTooFast ends the reading of a log that is written faster than logRate.
var errTooFast = errors.New("the log is written too fast")

// run reads the log until all of it was read or ctx ends. It returns an error where no log can be read.
func (s *logStream) run(ctx context.Context, log *slog.Logger) error {
	defer func() { s.change(func() { s.done = true }) }()
	fresh := wait.Backoff{Duration: kubeRetry, Factor: 2, Jitter: 0.1, Steps: 8, Cap: 10 * time.Second}
	backoff, lines := fresh, int64(logLines)
	for {
		ended, began := s.ref().ended, time.Now()
		err := s.follow(ctx, lines)
		switch {
		case ctx.Err() != nil:
			return nil
		case apierrors.IsForbidden(err) || apierrors.IsUnauthorized(err):
			return err
		case err == nil && ended, ended && backoff.Steps == 0:
			return nil
		case time.Since(began) > backoff.Cap:
			backoff = fresh
		}
		pause := backoff.Step()
		if errors.Is(err, errTooFast) {
			pause, lines = time.Second, max(10, lines/4) // long lines: the last of them must fit
		} else if err != nil {
			log.Debug("a log broke off", "log", s.id, "err", err)
			s.change(func() {}) // it was looked at
		}
		over := s.over
		if ended {
			over = nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-over:
			if err == nil {
				return nil // it had ended when all was read, and its status came after
			}
		case <-time.After(pause):
		}
	}
}

// follow reads the log to its end. Where the container runs, what it wrote so far is read first: a kubelet gives no sign
// of a log that it follows before there is a line in it.
func (s *logStream) follow(ctx context.Context, lines int64) error {
	ref := s.ref()
	options := apiv1.PodLogOptions{Container: ref.container, Previous: ref.previous, TailLines: &lines}
	s.mu.Lock()
	known := s.opened
	s.mu.Unlock()
	if ref.ended || !known {
		if err := s.read(ctx, ref.pod, options); err != nil || ref.ended {
			return err
		}
	}
	options.Follow = true
	return s.read(ctx, ref.pod, options)
}

// read opens the log and reads what comes.
func (s *logStream) read(ctx context.Context, pod string, options apiv1.PodLogOptions) error {
	body, err := s.api.GetLogs(pod, &options).Stream(ctx)
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	defer func() { _ = body.Close() }()
	var text, chunk []byte = nil, make([]byte, logText)
	began, inWindow := time.Now(), 0
	for {
		n, err := body.Read(chunk)
		text = append(text, chunk[:n]...)
		if len(text) > 2*logText {
			text = append(text[:0], text[len(text)-logText:]...)
		}
		if n > 0 || err == io.EOF {
			s.replace(text, err == io.EOF)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read log: %w", err)
		}
		if time.Since(began) > time.Second {
			began, inWindow = time.Now(), 0
		}
		if inWindow += n; inWindow > logRate {
			return errTooFast
		}
	}
}

// replace makes text the log. Where the log is read anew from some lines back, text is shorter than what is known until
// it has caught up; unless it is whole it waits until then.
func (s *logStream) replace(text []byte, whole bool) {
	s.change(func() {
		if whole || len(text) >= min(len(s.text), logText) {
			s.text, s.opened = append(s.text[:0], text...), true
		}
	})
}
