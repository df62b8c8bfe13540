package sipua

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// The connection's times.
const (
	writeLimit     = 10 * time.Second
	flushLimit     = 500 * time.Millisecond
	keepAliveEvery = 30 * time.Second // contract: registration, keep-alive
	keepAliveLeast = 5 * time.Second  // whatever a server wishes
	pongLimit      = 10 * time.Second // RFC 5626 §4.4.1
	outgoingQueue  = 512              // messages that wait for a slow socket before it counts as dead
)

var (
	errNoPong = errors.New("the server does not answer the keep-alive")
	errSlow   = errors.New("the server does not read what we send")
	errClosed = errors.New("connection closed")
)

// framing is what the transports differ in. next runs on the reader; frame and keepAlive on any goroutine.
type framing interface {
	// next reads one whole SIP message, and deals with the transport's own control traffic.
	next() ([]byte, error)
	// frame wraps a message for the wire.
	frame(message []byte) []byte
	// keepAlive is what is sent every 30 s.
	keepAlive() []byte
	// pongDue reports whether the server must answer a keep-alive.
	pongDue() bool
	// farewell is what is sent at last when we end the connection; nil for nothing.
	farewell() []byte
}

// packet is one write: a framed message (with its text for the trace), or a transport's control traffic.
type packet struct{ raw, message []byte }

// conn is one live connection to the account's server: a reader and a writer goroutine around a framing.
// send and close never block.
type conn struct {
	server
	raw     net.Conn
	framing framing
	out     chan packet
	trace   func(direction string, message []byte)
	drain   chan struct{}      // closed: write what is queued, then end
	last    error              // why, set before drain is closed
	quit    chan struct{}      // closed: over
	pace    chan time.Duration // how often to send keep-alives from now on
	once    sync.Once
	soft    sync.Once
	heard   atomic.Int64 // when the last bytes came, Unix nanoseconds
	closed  func(*conn, error)
}

// dial connects to the account's server, or to one that is found already, over TCP.
func dial(ctx context.Context, s server) (*conn, error) {
	if s.way != nil {
		return s.way.dial(ctx, s)
	}
	raw, err := (&net.Dialer{}).DialContext(ctx, s.network(), s.address())
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", s.address(), err)
	}
	return newConn(s, raw)
}

// newConn makes a connection of an open socket; run starts it.
func newConn(s server, raw net.Conn) (*conn, error) {
	c := &conn{server: s, raw: raw, out: make(chan packet, outgoingQueue), pace: make(chan time.Duration, 1), drain: make(chan struct{}), quit: make(chan struct{})}
	switch {
	case s.webSocket():
		w, err := upgrade(raw, s.url, c.control)
		if err != nil {
			return nil, err
		}
		c.framing = w
	case s.reliable():
		c.framing = newStream(raw, c.control)
	default:
		c.framing = &datagrams{raw: raw}
	}
	return c, nil
}

// run starts the connection's goroutines. deliver may block; closed is called once, from either.
func (c *conn) run(wait *sync.WaitGroup, deliver func(*conn, []byte), closed func(*conn, error)) {
	c.closed = closed
	wait.Go(func() {
		for {
			message, err := c.framing.next()
			if p, ok := errors.AsType[parting](err); ok {
				c.part(p.error)
				return
			}
			if err != nil {
				c.fail(err)
				return
			}
			c.heard.Store(time.Now().UnixNano())
			if len(message) > 0 {
				c.trace("received", message)
				deliver(c, message)
			}
		}
	})
	wait.Go(c.write)
}

func (c *conn) fail(err error) {
	c.once.Do(func() {
		close(c.quit)
		_ = c.raw.Close()
		c.closed(c, err)
	})
}

// send queues a message.
func (c *conn) send(message []byte) { c.queue(packet{c.framing.frame(message), message}) }

// control queues a transport's own traffic, such as a PONG.
func (c *conn) control(raw []byte) { c.queue(packet{raw: raw}) }

func (c *conn) queue(p packet) {
	select {
	case c.out <- p:
	case <-c.quit:
	default:
		go c.fail(errSlow) // not on the caller: it may be the owner, whom fail tells
	}
}

// close writes what is queued and ends the connection. It does not wait.
func (c *conn) close() { c.part(errClosed) }

// part is close for a reason.
func (c *conn) part(why error) {
	c.soft.Do(func() {
		c.last = why
		close(c.drain)
	})
}

// parting is the error of a framing whose last word is queued: that has to go out before the end.
type parting struct{ error }

func (p parting) Unwrap() error { return p.error }

// keepAliveWithin obeys a server that forgets who is silent for that long (RFC 5626 §4.4.1: within 80 % of it).
func (c *conn) keepAliveWithin(flow time.Duration) {
	every := max(flow*8/10, keepAliveLeast)
	if every >= keepAliveEvery {
		return
	}
	select {
	case c.pace <- every:
	default: // the one before is not yet obeyed
	}
}

func (c *conn) write() {
	ticker := time.NewTicker(keepAliveEvery)
	defer ticker.Stop()
	pong := time.NewTimer(pongLimit)
	pong.Stop()
	defer pong.Stop()
	var asked time.Time // when the keep-alive whose answer is awaited was sent
	for {
		select {
		case p := <-c.out:
			if !c.put(p, writeLimit) {
				return
			}
		case every := <-c.pace:
			ticker.Reset(every)
		case <-ticker.C:
			if asked.IsZero() || c.heard.Load() >= asked.UnixNano() {
				asked = time.Now()
				pong.Reset(pongLimit)
			}
			if !c.put(packet{raw: c.framing.keepAlive()}, writeLimit) {
				return
			}
		case <-pong.C:
			if c.framing.pongDue() && c.heard.Load() < asked.UnixNano() {
				c.fail(errNoPong)
				return
			}
			asked = time.Time{}
		case <-c.drain:
			if bye := c.framing.farewell(); bye != nil && errors.Is(c.last, errClosed) {
				c.control(bye)
			}
			c.flush()
			c.fail(c.last)
			return
		case <-c.quit:
			return
		}
	}
}

func (c *conn) flush() {
	for {
		select {
		case p := <-c.out:
			if !c.put(p, flushLimit) {
				return
			}
		default:
			return
		}
	}
}

func (c *conn) put(p packet, limit time.Duration) bool {
	_ = c.raw.SetWriteDeadline(time.Now().Add(limit)) // an error shows in Write
	if _, err := c.raw.Write(p.raw); err != nil {
		c.fail(err)
		return false
	}
	if p.message != nil {
		c.trace("sent", p.message)
	}
	return true
}

// sentBy is our side as Via and Contact name it. Behind a WebSocket there is nothing to name (RFC 7118 §5).
func (c *conn) sentBy(instance string) string {
	if c.webSocket() {
		return instance + ".invalid"
	}
	local := c.raw.LocalAddr().String()
	if at, err := netip.ParseAddrPort(local); err == nil { // an IPv6 zone means something on this machine only
		return netip.AddrPortFrom(at.Addr().WithZone("").Unmap(), at.Port()).String()
	}
	return local
}
