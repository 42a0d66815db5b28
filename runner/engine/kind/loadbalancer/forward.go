package loadbalancer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strconv"
	"sync"

	corev1 "k8s.io/api/core/v1"
)

// Conn is a connection whose sending side can be closed by itself, so that a request's end reaches the other side
// while the answer is still on its way.
type Conn interface {
	io.ReadWriteCloser
	CloseWrite() error
}

// holding is an address that is open for one Service.
type holding struct {
	ip        string
	dial      func(ctx context.Context, port int32) (Conn, error)
	log       *slog.Logger
	ctx       context.Context
	cancel    context.CancelFunc
	listeners map[int32]net.Listener
	running   sync.WaitGroup
}

func newHolding(ip string, dial func(context.Context, int32) (Conn, error), log *slog.Logger) *holding {
	ctx, cancel := context.WithCancel(context.Background())
	return &holding{ip: ip, dial: dial, log: log, ctx: ctx, cancel: cancel, listeners: map[int32]net.Listener{}}
}

// setPorts opens the ports that are missing and closes those that are no longer wanted.
func (h *holding) setPorts(ports []corev1.ServicePort) error {
	want := map[int32]bool{}
	for _, p := range ports {
		want[p.Port] = true
	}
	for port, l := range h.listeners {
		if !want[port] {
			l.Close()
			delete(h.listeners, port)
		}
	}
	var errs []error
	for port := range want {
		if h.listeners[port] != nil {
			continue
		}
		l, err := net.Listen("tcp", net.JoinHostPort(h.ip, strconv.Itoa(int(port))))
		if err != nil {
			errs = append(errs, &portError{h.ip, port, err})
			continue
		}
		h.listeners[port] = l
		h.running.Go(func() { h.accept(l, port) })
	}
	return errors.Join(errs...)
}

// close closes the ports and the connections, and waits until nothing runs any more.
func (h *holding) close() {
	h.cancel()
	for _, l := range h.listeners {
		l.Close()
	}
	h.running.Wait()
}

func (h *holding) accept(l net.Listener, port int32) {
	for {
		c, err := l.Accept()
		if err != nil {
			return // closed: a listener on a loopback address has no other end
		}
		h.running.Go(func() {
			if err := h.forward(c.(*net.TCPConn), port); err != nil && h.ctx.Err() == nil {
				h.log.Warn("connection lost", "port", port, "error", err)
			}
		})
	}
}

// forward carries one connection to the Service and back.
func (h *holding) forward(client *net.TCPConn, port int32) error {
	defer client.Close()
	server, err := h.dial(h.ctx, port)
	if err != nil {
		// The caller is to see a reset, as from a port that nobody answers, and not an empty answer.
		_ = client.SetLinger(0)
		return fmt.Errorf("connect to service: %w", err)
	}
	defer server.Close()
	stop := context.AfterFunc(h.ctx, func() {
		client.Close()
		server.Close()
	})
	defer stop()
	var wg sync.WaitGroup
	wg.Go(func() { pipe(server, client) })
	wg.Go(func() { pipe(client, server) })
	wg.Wait()
	return nil
}

// pipe copies one direction and passes its end on. An error ends the direction as an end does.
func pipe(to, from Conn) {
	_, err := io.Copy(to, from)
	if err != nil && !errors.Is(err, net.ErrClosed) {
		// Nothing will come any more in this direction, and what was sent is lost: end the other one as well.
		to.Close()
		from.Close()
		return
	}
	_ = to.CloseWrite()
}
