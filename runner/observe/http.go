package observe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/kubelab/kubelab/checks"
)

const (
	httpTimeout   = 2 * time.Second
	httpRedirects = 5
	// httpBody bounds a body, in bytes; httpSeen bounds how many distinct ones are remembered.
	httpBody = 64 << 10
	httpSeen = 64
)

// httpSource asks one URL, over a new connection each time: a Service spreads connections, not requests.
type httpSource struct {
	key    string
	url    string
	client *http.Client
	seen   []checks.HTTPBody
	last   checks.Object
}

func newHTTPSource(w checks.Watch, vars map[string]string) *httpSource {
	return &httpSource{
		key: w.Key(),
		url: expand(w.Arg, vars),
		client: &http.Client{
			Timeout: httpTimeout,
			// No proxy: what a lab asks is on this machine or in its cluster.
			Transport:     &http.Transport{DisableKeepAlives: true},
			CheckRedirect: followRedirect,
		},
	}
}

// expand replaces $NAME and ${NAME} by variables. Unknown ones stay, so that the error shows what is missing.
func expand(s string, vars map[string]string) string {
	return os.Expand(s, func(name string) string {
		if value, ok := vars[name]; ok {
			return value
		}
		return "${" + name + "}"
	})
}

// followRedirect follows at most httpRedirects redirects, and none to another host: the answer is then the redirect.
func followRedirect(next *http.Request, asked []*http.Request) error {
	if len(asked) > httpRedirects || next.URL.Host != asked[0].URL.Host {
		return http.ErrUseLastResponse
	}
	return nil
}

func (s *httpSource) run(ctx context.Context, out emitter, poked <-chan struct{}) {
	keepAsking(ctx, poked, func(ctx context.Context) {
		answer := s.ask(ctx)
		if ctx.Err() != nil {
			return
		}
		object, err := encode(answer)
		if err != nil || !s.news(object) {
			return
		}
		s.last = object
		out.emit(ctx, s.key, checks.State{Items: []checks.Object{object}, Synced: true}, answer.At)
	})
}

// news reports whether an answer says anything but that it was asked again.
func (s *httpSource) news(object checks.Object) bool {
	if s.last == nil {
		return true
	}
	before := maps.Clone(s.last)
	before["at"] = object["at"]
	return !reflect.DeepEqual(before, object)
}

// ask asks once. That no answer came is an answer, too.
func (s *httpSource) ask(ctx context.Context) checks.HTTPAnswer {
	answer := checks.HTTPAnswer{URL: s.url, Headers: map[string]string{}}
	status, body, header, err := s.get(ctx)
	answer.At = time.Now()
	answer.Status = status
	for name, values := range header {
		if name != "Date" { // it changes with every answer and says nothing
			answer.Headers[name] = values[0]
		}
	}
	if err != nil {
		answer.Error = reason(err)
	} else {
		answer.Body = body
		s.count(body)
	}
	answer.Seen = append([]checks.HTTPBody{}, s.seen...)
	return answer
}

func (s *httpSource) get(ctx context.Context) (status int, body string, header http.Header, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		return 0, "", nil, err
	}
	req.Header.Set("User-Agent", "kubelab")
	resp, err := s.client.Do(req)
	if err != nil {
		return 0, "", nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(resp.Body, httpBody))
	if err != nil {
		return 0, "", nil, fmt.Errorf("read body: %w", err)
	}
	return resp.StatusCode, strings.ToValidUTF8(string(data), "\uFFFD"), resp.Header, nil
}

// count remembers a body.
func (s *httpSource) count(body string) {
	for i := range s.seen {
		if s.seen[i].Body == body {
			s.seen[i].Count++
			return
		}
	}
	if len(s.seen) < httpSeen {
		s.seen = append(s.seen, checks.HTTPBody{Body: body, Count: 1})
	}
}

// reason is an error without the URL, which stands beside it.
func reason(err error) string {
	var failed *url.Error
	if errors.As(err, &failed) {
		err = failed.Err
	}
	return err.Error()
}
