package avp

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/carrier"
)

// sockets are a pair of UDP sockets: RTP on an even port, RTCP on the next (RFC 3550 §11).
type sockets struct {
	address   netip.Addr // as told in the SDP
	port      uint16
	rtp, rtcp *net.UDPConn
}

// pairTries bounds how often the system is asked for a port that is even and has a free neighbour.
const pairTries = 100

// openSockets opens a pair for that local address. On loopback it is bound to it; elsewhere to all of this
// machine's, so that a changed route does not silence a call; strangers are kept off by the latch.
func openSockets(local netip.Addr, ports phone.PortRange) (*sockets, error) {
	bind := netip.IPv4Unspecified()
	switch {
	case local.IsLoopback():
		bind = local
	case local.Is6():
		bind = netip.IPv6Unspecified()
	}
	// The pairs of the range are tried in turn from a random one on, so that a port that was just left rests.
	first := ports.Low + ports.Low%2
	pairs, tries := 0, pairTries
	if !ports.IsZero() {
		if pairs = ports.Pairs(); pairs < 1 {
			return nil, errors.New("avp: the range of ports holds no pair")
		}
		tries = pairs
	}
	begin := rand.IntN(pairs + 1) //nolint:gosec // needs no secrecy
	var failure error
	for i := range tries {
		port := uint16(0)
		if pairs > 0 {
			port = first + 2*uint16((begin+i)%pairs) //nolint:gosec // within the range
		}
		s, err := openPair(bind, port)
		if err == nil {
			s.address = local
			return s, nil
		}
		failure = err
	}
	return nil, fmt.Errorf("avp: no pair of ports: %w", failure)
}

var errOdd = errors.New("the port is odd")

func openPair(bind netip.Addr, port uint16) (*sockets, error) {
	network := "udp4"
	if bind.Is6() {
		network = "udp6"
	}
	rtp, err := net.ListenUDP(network, net.UDPAddrFromAddrPort(netip.AddrPortFrom(bind, port)))
	if err != nil {
		return nil, err
	}
	port = rtp.LocalAddr().(*net.UDPAddr).AddrPort().Port()
	if port%2 != 0 {
		_ = rtp.Close()
		return nil, errOdd
	}
	rtcp, err := net.ListenUDP(network, net.UDPAddrFromAddrPort(netip.AddrPortFrom(bind, port+1)))
	if err != nil {
		_ = rtp.Close()
		return nil, err
	}
	carrier.Mark(rtp, carrier.VoiceDSCP)
	carrier.Mark(rtcp, carrier.VoiceDSCP)
	return &sockets{port: port, rtp: rtp, rtcp: rtcp}, nil
}

func (s *sockets) close() {
	_ = s.rtp.Close()
	_ = s.rtcp.Close()
}
