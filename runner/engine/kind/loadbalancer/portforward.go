package loadbalancer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"
	"k8s.io/streaming/pkg/httpstream"
)

// PortForward connects to a pod of the Service through the API server, as `kubectl port-forward` does: it works where
// the nodes' addresses cannot be reached, because Docker runs in a virtual machine or somewhere else.
type PortForward struct {
	Listers
	Client kubernetes.Interface
	Config *rest.Config
}

// Dial chooses one of the ready pods at random.
func (d PortForward) Dial(_ context.Context, s *corev1.Service, p corev1.ServicePort) (Conn, error) {
	pods, err := d.endpoints(s, p)
	if err != nil {
		return nil, err
	}
	if len(pods) == 0 {
		return nil, errors.New("no ready pod behind the service")
	}
	pod := pods[rand.IntN(len(pods))]
	dialer, err := d.dialer(pod)
	if err != nil {
		return nil, fmt.Errorf("reach pod %s: %w", pod.pod, err)
	}
	c, _, err := dialer.Dial(portforward.PortForwardProtocolV1Name)
	if err != nil {
		return nil, fmt.Errorf("reach pod %s: %w", pod.pod, err)
	}
	f, err := openStreams(c, pod.port)
	if err != nil {
		c.Close()
		return nil, fmt.Errorf("reach port %d of pod %s: %w", pod.port, pod.pod, err)
	}
	return f, nil
}

// dialer speaks SPDY over a WebSocket, and plain SPDY where a proxy stands in the way (as kubectl does).
func (d PortForward) dialer(e endpoint) (httpstream.Dialer, error) {
	url := d.Client.CoreV1().RESTClient().Post().Resource("pods").Namespace(e.namespace).Name(e.pod).SubResource("portforward").URL()
	transport, upgrader, err := spdy.RoundTripperFor(d.Config)
	if err != nil {
		return nil, err
	}
	plain := spdy.NewDialerForStreaming(upgrader, &http.Client{Transport: transport}, http.MethodPost, url)
	tunnel, err := portforward.NewSPDYOverWebsocketDialerForStreaming(url, d.Config)
	if err != nil {
		return nil, err
	}
	return portforward.NewFallbackDialerForStreaming(tunnel, plain, func(err error) bool {
		return httpstream.IsUpgradeFailure(err) || httpstream.IsHTTPSProxyError(err)
	}), nil
}

// forwarded is one forwarded connection: a stream for the data, and one on which the node says what went wrong.
type forwarded struct {
	httpstream.Stream
	conn httpstream.Connection
}

func openStreams(c httpstream.Connection, port int32) (*forwarded, error) {
	headers := http.Header{}
	headers.Set(corev1.StreamType, corev1.StreamTypeError)
	headers.Set(corev1.PortHeader, strconv.Itoa(int(port)))
	headers.Set(corev1.PortForwardRequestIDHeader, "0")
	errorStream, err := c.CreateStream(headers)
	if err != nil {
		return nil, fmt.Errorf("open error stream: %w", err)
	}
	errorStream.Close() // we only read it
	headers.Set(corev1.StreamType, corev1.StreamTypeData)
	data, err := c.CreateStream(headers)
	if err != nil {
		return nil, fmt.Errorf("open data stream: %w", err)
	}
	f := &forwarded{Stream: data, conn: c}
	go func() {
		// The node ends the error stream when the connection to the pod ends. What it says there means that the pod
		// did not answer: the data stream alone would look like an answer without a word.
		if message, _ := io.ReadAll(errorStream); len(message) > 0 {
			c.Close()
		}
	}()
	return f, nil
}

// CloseWrite ends the sending direction.
func (f *forwarded) CloseWrite() error { return f.Stream.Close() }

// Close ends the connection.
func (f *forwarded) Close() error { return f.conn.Close() }
