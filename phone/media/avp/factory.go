package avp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"

	"github.com/pion/dtls/v3/pkg/crypto/selfsign"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
)

// Options are a Factory's; the zero value is good for a person's desktop.
type Options struct {
	// Logger takes what goes wrong, never keys. Nil: nothing is logged.
	Logger *slog.Logger
	// LocalAddress returns the address that we send from towards the peer; nil: what the system's routes say.
	LocalAddress func(peer netip.Addr) (netip.Addr, error)
	// LookUp finds a name's addresses; nil: the system's resolver.
	LookUp func(ctx context.Context, host string) ([]netip.Addr, error)
}

// Factory makes transports for phone.MediaRTP, phone.MediaSDES and phone.MediaDTLS. It holds no sockets and no
// goroutines itself and is safe for concurrent use.
type Factory struct {
	options     Options
	log         *slog.Logger
	certificate tls.Certificate
	fingerprint string
}

var _ media.TransportFactory = (*Factory)(nil)

// New makes a factory. It makes the certificate that all DTLS transports show.
func New(o Options) (*Factory, error) {
	f := &Factory{options: o, log: o.Logger}
	if f.log == nil {
		f.log = slog.New(slog.DiscardHandler)
	}
	if f.options.LocalAddress == nil {
		f.options.LocalAddress = routeTo
	}
	if f.options.LookUp == nil {
		f.options.LookUp = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	var err error
	if f.certificate, err = selfsign.GenerateSelfSigned(); err != nil {
		return nil, fmt.Errorf("avp: certificate: %w", err)
	}
	if f.fingerprint, err = fingerprintOf(f.certificate.Certificate[0], "sha-256"); err != nil {
		return nil, fmt.Errorf("avp: certificate: %w", err)
	}
	return f, nil
}

// NewTransport makes a transport for one leg; o.Policy and o.Encryption say which kind, phone.MediaDefault means phone.MediaRTP.
// Nothing is opened before the first Offer or Answer. The error wraps phone.ErrLocalMediaInfo.
func (f *Factory) NewTransport(o phone.LegOptions, sink media.TransportSink) (media.Transport, error) {
	p, err := policyOf(o)
	if err != nil {
		return nil, err
	}
	return newTransport(f, p, o, sink), nil
}

// routeTo asks the system's routes for the address that we send from; no packet is sent.
func routeTo(peer netip.Addr) (netip.Addr, error) {
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(peer, 9)))
	if err != nil {
		return netip.Addr{}, err
	}
	defer func() { _ = conn.Close() }()
	local, ok := netip.AddrFromSlice(conn.LocalAddr().(*net.UDPAddr).IP)
	if !ok {
		return netip.Addr{}, errors.New("avp: no local address")
	}
	return local.Unmap(), nil
}
