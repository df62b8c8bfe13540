package avp

import (
	"net"
	"net/netip"
	"os"
	"sync"
	"time"
)

// mostRecords is how many DTLS records wait at most.
const mostRecords = 32

// earlyRecords keeps the first DTLS records of a far end that begins before its description is here.
type earlyRecords struct {
	mu      sync.Mutex
	records []earlyRecord
}

type earlyRecord struct {
	raw  []byte
	from netip.AddrPort
}

func (e *earlyRecords) keep(raw []byte, from netip.AddrPort) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.records) < mostRecords/4 {
		e.records = append(e.records, earlyRecord{append([]byte(nil), raw...), from})
	}
}

func (e *earlyRecords) give(to func(raw []byte, from netip.AddrPort)) {
	e.mu.Lock()
	records := e.records
	e.records = nil
	e.mu.Unlock()
	for _, r := range records {
		to(r.raw, r.from)
	}
}

// isClientHello reports whether a DTLS record begins an association (RFC 6347 §4.1, §4.3.2).
func isClientHello(raw []byte) bool {
	const handshake, clientHello, header = 22, 1, 13
	return len(raw) > header && raw[0] == handshake && raw[3] == 0 && raw[4] == 0 && raw[header] == clientHello
}

// recordConn is the way of DTLS records between the RTP socket and pion, which wants a net.PacketConn. Wherever
// records come from and go to, pion sees one address.
type recordConn struct {
	write   func([]byte)
	records chan []byte
	closed  chan struct{}
	once    sync.Once

	mu       sync.Mutex
	deadline chan struct{} // closed when reading shall end
	timer    *time.Timer
}

func newRecordConn(write func([]byte)) *recordConn {
	return &recordConn{write: write, records: make(chan []byte, mostRecords), closed: make(chan struct{}), deadline: make(chan struct{})}
}

// deliver hands over what came; what is too much is dropped, as a network would.
func (c *recordConn) deliver(raw []byte) {
	select {
	case c.records <- append([]byte(nil), raw...):
	default:
	}
}

// ReadFrom implements net.PacketConn.
func (c *recordConn) ReadFrom(p []byte) (int, net.Addr, error) {
	c.mu.Lock()
	deadline := c.deadline
	c.mu.Unlock()
	select {
	case <-c.closed:
		return 0, nil, net.ErrClosed
	case <-deadline:
		return 0, nil, os.ErrDeadlineExceeded
	default:
	}
	select {
	case raw := <-c.records:
		return copy(p, raw), c.LocalAddr(), nil
	case <-c.closed:
		return 0, nil, net.ErrClosed
	case <-deadline:
		return 0, nil, os.ErrDeadlineExceeded
	}
}

// WriteTo implements net.PacketConn.
func (c *recordConn) WriteTo(p []byte, _ net.Addr) (int, error) {
	select {
	case <-c.closed:
		return 0, net.ErrClosed
	default:
	}
	c.write(p)
	return len(p), nil
}

// Close implements net.PacketConn.
func (c *recordConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return nil
}

// LocalAddr implements net.PacketConn.
func (*recordConn) LocalAddr() net.Addr { return &net.UDPAddr{IP: net.IPv4zero} }

// SetDeadline implements net.PacketConn.
func (c *recordConn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

// SetReadDeadline implements net.PacketConn.
func (c *recordConn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
	select {
	case <-c.deadline:
		c.deadline = make(chan struct{})
	default:
	}
	passed := c.deadline
	if t.IsZero() {
		return nil
	}
	if wait := time.Until(t); wait > 0 {
		c.timer = time.AfterFunc(wait, func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			if c.deadline == passed && c.timer != nil {
				c.timer = nil
				close(passed)
			}
		})
		return nil
	}
	close(passed)
	return nil
}

// SetWriteDeadline implements net.PacketConn; writing never waits.
func (*recordConn) SetWriteDeadline(time.Time) error { return nil }
