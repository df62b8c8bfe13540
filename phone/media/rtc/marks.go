package rtc

import (
	"encoding/binary"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"

	pion "github.com/pion/transport/v5"
	"github.com/pion/transport/v5/stdnet"

	"github.com/hookswitch/hookswitch/phone/media/carrier"
)

// marks is the network as pion sees it, with sockets that tell routers what their packets are (RFC 8837). Sound and pictures
// share one socket, so that each packet says itself which it is: by its source, which SRTP leaves readable. Checks of the
// way and all else are marked as the sound is, for which the way must be good (RFC 8445 §7.2.3).
type marks struct {
	stdnet.Net               // empty: what it would remember of the interfaces is asked for anew
	video      atomic.Uint32 // the source of our pictures; 0: there are none
}

// Interfaces are those of now.
func (m *marks) Interfaces() ([]*pion.Interface, error) {
	now, err := stdnet.NewNet()
	if err != nil {
		return nil, err
	}
	return now.Interfaces()
}

// ListenUDP opens the socket of a candidate.
func (m *marks) ListenUDP(network string, local *net.UDPAddr) (pion.UDPConn, error) {
	conn, err := net.ListenUDP(network, local)
	if err != nil {
		return nil, err
	}
	return m.marked(conn), nil
}

// ListenPacket opens the socket towards a relay.
func (m *marks) ListenPacket(network, address string) (net.PacketConn, error) {
	conn, err := m.Net.ListenPacket(network, address)
	if udp, ok := conn.(*net.UDPConn); ok && err == nil {
		return m.marked(udp), nil
	}
	return conn, err
}

func (m *marks) marked(conn *net.UDPConn) *markedConn {
	carrier.Mark(conn, carrier.VoiceDSCP)
	return &markedConn{UDPConn: conn, marks: m, as: carrier.VoiceDSCP}
}

// markedConn changes the socket's mark where the next packet is of the other kind: pictures come in bursts.
type markedConn struct {
	*net.UDPConn
	marks *marks

	mu sync.Mutex // holds the mark until its packet is out
	as carrier.DSCP
}

// ReadFromAddrPort and WriteToAddrPort are what pion looks for first.
func (c *markedConn) ReadFromAddrPort(b []byte) (int, netip.AddrPort, error) {
	return c.ReadFromUDPAddrPort(b)
}

// WriteToAddrPort sends one packet.
func (c *markedConn) WriteToAddrPort(b []byte, to netip.AddrPort) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mark(b)
	return c.WriteToUDPAddrPort(b, to)
}

// WriteTo sends one packet; TURN clients call it.
func (c *markedConn) WriteTo(b []byte, to net.Addr) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mark(b)
	return c.UDPConn.WriteTo(b, to)
}

func (c *markedConn) mark(b []byte) {
	want := carrier.VoiceDSCP
	if video := c.marks.video.Load(); video != 0 && sourceOf(b) == video {
		want = carrier.VideoDSCP
	}
	if want != c.as {
		carrier.Mark(c.UDPConn, want)
		c.as = want
	}
}

// sourceOf is the SSRC of an RTP packet, of one in a relay's ChannelData too (RFC 8656 §12.4); 0: it is none. RFC 7983 tells
// them from all else on the port, RFC 5761 §4 from RTCP.
func sourceOf(b []byte) uint32 {
	if len(b) > 4 && b[0] >= 64 && b[0] <= 79 {
		b = b[4:]
	}
	if len(b) < 12 || b[0] < 128 || b[0] > 191 || b[1] >= 192 && b[1] <= 223 {
		return 0
	}
	return binary.BigEndian.Uint32(b[8:])
}
