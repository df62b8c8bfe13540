package sipua

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/hookswitch/hookswitch/phone/sipua/locate"
)

// The times of finding and trying servers.
const (
	reachLimit = 20 * time.Second // several servers, 5 s each
	openLimit  = 5 * time.Second  // a WebSocket's handshake
	probeLimit = 700 * time.Millisecond
	probes     = 3
)

var errNotBack = errors.New("the preferred server is not back")

// way finds the servers of an account and remembers which of them failed (RFC 3263). Dialling and the line's owner share
// it, never for longer than it takes to look.
type way struct {
	request locate.Request
	find    func(context.Context, locate.Request) ([]locate.Target, error)
	connect func(ctx context.Context, network, address string) (net.Conn, error) // nil: the system's

	mu       sync.Mutex
	rotation locate.Rotation
	targets  []locate.Target // as found last
}

// serverOf is the server of an account that names none: its domain decides (RFC 3263 §4).
func serverOf(u sip.Uri) server {
	port := ""
	if u.Port > 0 {
		port = strconv.Itoa(u.Port)
	}
	s := server{host: u.Host, port: port}
	s.way = &way{request: locate.Request{Host: u.Host, Port: uint16(u.Port), Secure: u.Scheme == "sips"}}
	if t, ok := u.UriParams.Get("transport"); ok {
		s.way.request.Transport = t
	}
	return s
}

// dial finds the servers and connects to the first that can be reached; who failed lately is passed over.
func (w *way) dial(ctx context.Context, s server) (*conn, error) {
	found, err := w.find(ctx, w.request)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	w.targets = found
	order := w.rotation.Order(found)
	w.mu.Unlock()
	return w.reach(ctx, s, order)
}

// reach connects to the first of these that can be reached, a WebSocket's handshake included.
func (w *way) reach(ctx context.Context, s server, targets []locate.Target) (*conn, error) {
	ctx, cancel := context.WithTimeout(ctx, reachLimit)
	defer cancel()
	d := locate.Dialer{TLS: s.tls(), Domain: s.domain, Connect: w.connect, Failed: func(t locate.Target, _ error) { w.failed(t) }}
	var failures []error
	for {
		raw, won, err := d.DialStream(ctx, targets)
		if err != nil {
			failures = append(failures, err)
			break
		}
		c, err := w.open(ctx, s, raw, won)
		if err == nil {
			return c, nil
		}
		failures = append(failures, fmt.Errorf("%s: %w", won, err))
		if ctx.Err() != nil {
			break
		}
		w.failed(won)
		targets = slices.DeleteFunc(slices.Clone(targets), won.Same)
		if len(targets) == 0 {
			break
		}
	}
	return nil, fmt.Errorf("connect to the servers of %s: %w", w.request.Host, errors.Join(failures...))
}

// open makes the connection of a socket to the target.
func (w *way) open(ctx context.Context, s server, raw net.Conn, to locate.Target) (*conn, error) {
	s.target = to
	s.host, s.port = to.Addr.Addr().String(), strconv.Itoa(int(to.Addr.Port()))
	if !s.webSocket() {
		s.transport = to.Transport
	}
	ctx, cancel := context.WithTimeout(ctx, openLimit)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() }) // the handshake knows no context
	c, err := newConn(s, raw)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = raw.Close()
		return nil, err
	}
	return c, nil
}

// back connects to a server that is preferred to the current one, once one works again.
func (w *way) back(ctx context.Context, s server, current locate.Target, ask func(net.Conn) []byte) (*conn, error) {
	found, err := w.find(ctx, w.request)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	w.targets = found
	better := w.rotation.Better(current, found)
	w.mu.Unlock()
	c, err := w.reach(ctx, s, better)
	if err != nil || c.reliable() {
		return c, err
	}
	if err := probe(ctx, c.raw, ask(c.raw)); err != nil { // that a datagram can be sent says nothing
		w.failed(c.target)
		_ = c.raw.Close()
		return nil, err
	}
	return c, nil
}

// probe asks over UDP whether somebody is there who is not out of service.
func probe(ctx context.Context, raw net.Conn, message []byte) error {
	defer context.AfterFunc(ctx, func() { _ = raw.SetDeadline(time.Unix(1, 0)) })()
	buffer := make([]byte, maxHead)
	for range probes {
		if ctx.Err() != nil {
			break
		}
		_ = raw.SetDeadline(time.Now().Add(probeLimit)) // an error shows in Read
		if _, err := raw.Write(message); err != nil {
			continue
		}
		n, err := raw.Read(buffer)
		switch {
		case err != nil || !bytes.HasPrefix(buffer[:n], []byte("SIP/2.0 ")):
		case bytes.HasPrefix(buffer[:n], []byte("SIP/2.0 503")):
			return errNotBack
		default:
			return raw.SetDeadline(time.Time{})
		}
	}
	return errNotBack
}

func (w *way) failed(t locate.Target) { w.failedFor(t, 0) }

func (w *way) failedFor(t locate.Target, d time.Duration) {
	w.mu.Lock()
	w.rotation.FailedFor(t, d)
	w.mu.Unlock()
}

func (w *way) worked(t locate.Target) {
	w.mu.Lock()
	w.rotation.Worked(t)
	w.mu.Unlock()
}

// others reports whether there is a server that did not fail lately.
func (w *way) others() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range w.targets {
		if !w.rotation.IsFailed(t) {
			return true
		}
	}
	return false
}

// besides reports whether there is another server than this one that did not fail lately.
func (w *way) besides(current locate.Target) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range w.targets {
		if !t.Same(current) && !w.rotation.IsFailed(t) {
			return true
		}
	}
	return false
}

// away reports whether a server is preferred to this one, and may be tried again.
func (w *way) away(current locate.Target) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.rotation.Better(current, w.targets)) > 0
}
