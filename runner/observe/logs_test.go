package observe

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/kubelab/kubelab/checks"
)

// fakeLog is what a container wrote. Its lock is the API's.
type fakeLog struct {
	text  string
	ended bool
	// flood is written again and again to whoever follows.
	flood  string
	change chan struct{} // closed with every change
}

// writes makes a log, or adds to it.
func (f *fakeAPI) writes(log, text string) { f.changeLog(log, func(l *fakeLog) { l.text += text }) }

func (f *fakeAPI) ends(log string) { f.changeLog(log, func(l *fakeLog) { l.ended = true }) }

func (f *fakeAPI) changeLog(log string, change func(*fakeLog)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	l := f.logs[log]
	if l == nil {
		l = &fakeLog{change: make(chan struct{})}
		f.logs[log] = l
	}
	change(l)
	close(l.change)
	l.change = make(chan struct{})
}

// asked returns how often a log was opened.
func (f *fakeAPI) asked(log string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, l := range f.opened {
		if l == log {
			n++
		}
	}
	return n
}

// awaitAsked waits until a log was opened n times.
func (f *fakeAPI) awaitAsked(t *testing.T, log string, n int) {
	t.Helper()
	deadline := time.After(patience)
	for {
		f.mu.Lock()
		next := f.asks
		f.mu.Unlock()
		if f.asked(log) >= n {
			return
		}
		select {
		case <-next:
		case <-deadline:
			t.Fatalf("%s was opened %d times, want %d", log, f.asked(log), n)
		}
	}
}

func (f *fakeAPI) serveLog(w http.ResponseWriter, r *http.Request, pod string) {
	query := r.URL.Query()
	name := pod + "/" + query.Get("container")
	if query.Get("previous") == "true" {
		name += "?previous"
	}
	f.mu.Lock()
	l := f.logs[name]
	f.opened = append(f.opened, name)
	close(f.asks)
	f.asks = make(chan struct{})
	f.mu.Unlock()
	if l == nil {
		writeStatus(w, http.StatusBadRequest, "BadRequest")
		return
	}
	sent := 0
	for {
		f.mu.Lock()
		text, ended, flood, change := l.text[sent:], l.ended, l.flood, l.change
		f.mu.Unlock()
		sent += len(text)
		if _, err := fmt.Fprint(w, text, flood); err != nil {
			return
		}
		if sent > 0 || flood != "" {
			w.(http.Flusher).Flush() // a kubelet, too, answers with the first line and not before
		}
		switch {
		case ended || query.Get("follow") != "true":
			return
		case flood != "":
			continue
		}
		select {
		case <-change:
		case <-r.Context().Done():
			return
		}
	}
}

// runs, waits and ended are the status of a pod with one container, app.
func runs(restarts int) checks.Object {
	return statusOfApp(restarts, checks.Object{"running": checks.Object{"startedAt": startedAt(restarts)}}, restarts-1)
}

func waits(restarts int) checks.Object {
	return statusOfApp(restarts, checks.Object{"waiting": checks.Object{"reason": "CrashLoopBackOff"}}, restarts)
}

func ended(restarts int) checks.Object {
	return statusOfApp(restarts, checks.Object{"terminated": checks.Object{"startedAt": startedAt(restarts)}}, restarts-1)
}

func startedAt(restart int) string {
	return time.Date(2026, 11, 21, 0, restart, 0, 0, time.UTC).Format(time.RFC3339)
}

func statusOfApp(restarts int, state checks.Object, last int) checks.Object {
	status := checks.Object{"name": "app", "restartCount": restarts, "state": state}
	if last >= 0 {
		status["lastState"] = checks.Object{"terminated": checks.Object{"startedAt": startedAt(last)}}
	}
	return checks.Object{"status": checks.Object{"containerStatuses": []any{status}}}
}

// logged returns the log of a pod, now or before.
func logged(s checks.State, pod string, previous bool) checks.Object {
	return logIn(s.Items, pod, previous)
}

func logIn(objects []checks.Object, pod string, previous bool) checks.Object {
	i := slices.IndexFunc(objects, func(o checks.Object) bool {
		return checks.Text(o, "pod") == pod && checks.Field(o, "previous") == previous
	})
	if i < 0 {
		return nil
	}
	return objects[i]
}

func logAPI(t *testing.T) (*fakeAPI, Config) {
	t.Helper()
	api := newFakeAPI(t)
	path := filepath.Join(t.TempDir(), "kubeconfig")
	api.kubeconfig(t, path)
	return api, kubeConfig(path)
}

func TestLogsFollowAContainerFromItsStartToItsPodsEnd(t *testing.T) {
	api, cfg := logAPI(t)
	api.writes("old/app", "Kubia server starting...\n")
	api.set("pods", "old", "uid-old", runs(0))
	api.set("pods", "new", "uid-new", nil)
	o := observing(t, cfg, watchesOf(checks.Logs)...)
	first := logged(o.Snapshot().State(checks.Logs), "old", false)
	if checks.Text(first, "text") != "Kubia server starting...\n" || checks.Text(first, "container") != "app" || checks.Text(first, "namespace") != "default" {
		t.Errorf("at first the log is %v", first)
	}
	api.writes("old/app", "Received request\n")
	until(t, o, checks.Logs, "showed the next line", func(s checks.State) bool {
		return strings.HasSuffix(checks.Text(logged(s, "old", false), "text"), "Received request\n")
	})
	api.writes("new/app", "")
	api.set("pods", "new", "uid-new", runs(0))
	until(t, o, checks.Logs, "showed a log without a line", func(s checks.State) bool { return logged(s, "new", false) != nil })
	api.ends("old/app")
	api.set("pods", "old", "uid-old", ended(0))
	api.delete("pods", "old")
	gone := until(t, o, checks.Logs, "dropped it", func(s checks.State) bool { return logged(s, "old", false) == nil })
	if last := logIn(gone.Removed, "old", false); !strings.HasSuffix(checks.Text(last, "text"), "Received request\n") {
		t.Errorf("removed are %v", gone.Removed)
	}
	if n := api.asked("old/app"); n > 2 {
		t.Errorf("the log was opened %d times", n)
	}
}

func TestLogsOfAContainerThatIsStartedAgain(t *testing.T) {
	api, cfg := logAPI(t)
	api.writes("crash/app", "first\n")
	api.ends("crash/app")
	api.set("pods", "crash", "uid", ended(0))
	o := observing(t, cfg, watchesOf(checks.Logs)...)
	ids := func(s checks.State) (ids []string) {
		for _, l := range s.Items {
			ids = append(ids, checks.Identity(checks.Logs, l))
		}
		return ids
	}
	if got := ids(o.Snapshot().State(checks.Logs)); !slices.Equal(got, []string{"uid/app/0"}) {
		t.Errorf("identities are %v", got)
	}
	api.set("pods", "crash", "uid", waits(0))
	until(t, o, checks.Logs, "became the one before", func(s checks.State) bool {
		return len(s.Items) == 1 && checks.Text(logged(s, "crash", true), "text") == "first\n"
	})
	api.changeLog("crash/app", func(l *fakeLog) { l.text, l.ended = "second\n", false })
	api.set("pods", "crash", "uid", runs(1))
	state := until(t, o, checks.Logs, "showed both", func(s checks.State) bool {
		return checks.Text(logged(s, "crash", true), "text") == "first\n" && checks.Text(logged(s, "crash", false), "text") == "second\n"
	})
	if got := ids(state); !slices.Equal(got, []string{"uid/app/0", "uid/app/1"}) {
		t.Errorf("identities are %v", got)
	}
	api.ends("crash/app")
	api.set("pods", "crash", "uid", waits(1))
	state = until(t, o, checks.Logs, "forgot the first", func(s checks.State) bool {
		return len(s.Items) == 1 && checks.Text(logged(s, "crash", true), "text") == "second\n"
	})
	if len(state.Removed) != 0 {
		t.Errorf("a log of a pod that is there is among the removed: %v", state.Removed)
	}
	if n := api.asked("crash/app?previous"); n != 0 {
		t.Errorf("what was read to its end was asked for %d times again", n)
	}
}

func TestLogsOfTheContainerBeforeAreFetchedOnce(t *testing.T) {
	api, cfg := logAPI(t)
	api.writes("crash/app", "now\n")
	api.writes("crash/app?previous", "then\n")
	api.set("pods", "crash", "uid", runs(3))
	o := observing(t, cfg, watchesOf(checks.Logs)...)
	check := func(s checks.State) bool {
		return checks.Text(logged(s, "crash", true), "text") == "then\n" && checks.Text(logged(s, "crash", false), "text") == "now\n"
	}
	until(t, o, checks.Logs, "showed both", check)
	for i := range 5 {
		api.set("pods", "crash", "uid", with(runs(3), "other", checks.Object{"n": i}))
	}
	api.writes("crash/app", "more\n")
	until(t, o, checks.Logs, "went on", func(s checks.State) bool { return checks.Text(logged(s, "crash", false), "text") == "now\nmore\n" })
	if n := api.asked("crash/app?previous"); n != 1 {
		t.Errorf("the log of the container before was asked for %d times", n)
	}
}

func TestLogsSurviveTheServer(t *testing.T) {
	api, cfg := logAPI(t)
	api.writes("kubia/app", "one\n")
	api.set("pods", "kubia", "uid", runs(0))
	api.writes("gone/app", "last words\n")
	api.set("pods", "gone", "uid-gone", runs(0))
	o := observing(t, cfg, watchesOf(checks.Logs)...)
	api.stop()
	away := until(t, o, checks.Logs, "said that it is down", func(s checks.State) bool { return strings.Contains(s.Err, "연결할 수 없습니다") })
	if checks.Text(logged(away, "kubia", false), "text") != "one\n" {
		t.Errorf("what was seen last was forgotten: %+v", away)
	}
	api.delete("pods", "gone")
	api.writes("kubia/app", "two\n")
	api.start(t)
	back := until(t, o, checks.Logs, "came back", func(s checks.State) bool {
		return s.Err == "" && checks.Text(logged(s, "kubia", false), "text") == "one\ntwo\n"
	})
	if len(back.Items) != 1 || checks.Text(logIn(back.Removed, "gone", false), "text") != "last words\n" {
		t.Errorf("items %v, removed %v", back.Items, back.Removed)
	}
}

func TestLogsThatBreakOffAreOpenedAgain(t *testing.T) {
	api, cfg := logAPI(t)
	api.set("pods", "kubia", "uid", runs(0)) // its node does not answer yet
	o := observing(t, cfg, watchesOf(checks.Logs)...)
	if s := o.Snapshot().State(checks.Logs); len(s.Items) != 0 || s.Err != "" {
		t.Errorf("a log that cannot be read shows %+v", s)
	}
	api.writes("kubia/app", "one\n")
	until(t, o, checks.Logs, "was opened", func(s checks.State) bool { return checks.Text(logged(s, "kubia", false), "text") == "one\n" })
	before := api.asked("kubia/app")
	api.ends("kubia/app") // but the container runs: its log was rotated
	api.awaitAsked(t, "kubia/app", before+1)
	api.changeLog("kubia/app", func(l *fakeLog) { l.text, l.ended = "two\n", false })
	until(t, o, checks.Logs, "was opened again", func(s checks.State) bool { return checks.Text(logged(s, "kubia", false), "text") == "two\n" })
}

func TestLogsThatMayNotBeRead(t *testing.T) {
	api, cfg := logAPI(t)
	api.denied = true
	o := New(cfg)
	defer o.Close()
	o.Observe(t.Context(), watchesOf(checks.Logs))
	until(t, o, checks.Logs, "said that it may not", func(s checks.State) bool { return strings.Contains(s.Err, "거부") })
}

func TestLogsAreBounded(t *testing.T) {
	api, cfg := logAPI(t)
	api.writes("long/app", strings.Repeat("가나다라\n", 4000))
	api.set("pods", "long", "uid-long", runs(0))
	for i := range maxLogStreams + 10 {
		name := fmt.Sprintf("p%d", i)
		api.writes(name+"/app", "hello\n")
		api.set("pods", name, "uid-"+name, runs(i+1))
	}
	o := observing(t, cfg, watchesOf(checks.Logs)...)
	s := o.Snapshot().State(checks.Logs)
	if logged(s, "p73", false) == nil || logged(s, "p0", false) != nil || len(s.Items) > maxLogStreams {
		t.Errorf("%d logs; want the %d youngest", len(s.Items), maxLogStreams)
	}
	for i := range maxLogStreams + 10 {
		api.delete("pods", fmt.Sprintf("p%d", i))
	}
	s = until(t, o, checks.Logs, "came to the last", func(s checks.State) bool {
		return len(s.Items) == 1 && logged(s, "long", false) != nil
	})
	long := checks.Text(s.Items[0], "text")
	if len(long) > logText || len(long) < logText-utf8.UTFMax || !utf8.ValidString(long) || !strings.HasSuffix(long, "가나다라\n") {
		t.Errorf("%d bytes of text, valid: %v", len(long), utf8.ValidString(long))
	}
}

func TestLogsThatAreFastAreLookedAt(t *testing.T) {
	api, cfg := logAPI(t)
	api.changeLog("yes/app", func(l *fakeLog) { l.flood = strings.Repeat("y\n", 32<<10) })
	api.set("pods", "yes", "uid", runs(0))
	o := observing(t, cfg, watchesOf(checks.Logs)...)
	api.awaitAsked(t, "yes/app", 3)
	if got := checks.Text(logged(o.Snapshot().State(checks.Logs), "yes", false), "text"); len(got) != logText {
		t.Errorf("%d bytes of text", len(got))
	}
	updates, cancel := o.Subscribe()
	defer cancel()
	began, n := time.Now(), 0
	for time.Since(began) < 10*logPause {
		select {
		case <-updates:
			n++
		case <-time.After(10 * logPause):
		}
	}
	if n > 12 {
		t.Errorf("%d states in %v", n, time.Since(began))
	}
}
