package rtc

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"time"

	"github.com/pion/stun/v4"
	"github.com/pion/turn/v5"

	"github.com/hookswitch/hookswitch/phone"
)

// reachLimit is how long one server may take to be reached, to give a relayed address and to tell ours.
const reachLimit = 4 * time.Second

// Reached is what a STUN or TURN server did for us.
type Reached struct {
	// Mapped is our address as the server sees it (RFC 8489 §14.2). A TURN server may keep that to itself.
	Mapped netip.AddrPort
	// Relayed is the address at which a TURN server would relay to us (RFC 8656 §7); it was given back.
	Relayed netip.AddrPort
	// RoundTrip is that of the question for Mapped; 0 where that was not answered.
	RoundTrip time.Duration
}

// Reach asks the first of a server's URLs for what a call would ask it for, within some seconds. ca is a PEM file of further certificate
// authorities; "" is none. The error wraps phone.ErrRelayAddress, ErrRelayUnreachable (and what the network said),
// ErrRelayCertificate, ErrRelayRefused, or ErrNotSupported for TURN over DTLS, which is not tried. Any goroutine may call it.
func Reach(ctx context.Context, server phone.ICEServer, ca string) (Reached, error) {
	if len(server.URLs) == 0 {
		return Reached{}, phone.ErrRelayAddress
	}
	text, err := phone.ParseRelay(server.URLs[0])
	if err != nil {
		return Reached{}, err
	}
	u, err := stun.ParseURI(text)
	if err != nil {
		return Reached{}, fmt.Errorf("rtc: %w: %w", phone.ErrRelayAddress, err)
	}
	ctx, cancel := context.WithTimeout(ctx, reachLimit)
	defer cancel()
	conn, address, err := connect(ctx, u, ca)
	if err != nil {
		return Reached{}, err
	}
	defer func() { _ = conn.Close() }()
	client, err := turn.NewClient(&turn.ClientConfig{STUNServerAddr: address, TURNServerAddr: address, Conn: conn,
		Username: server.Username, Password: server.Credential, LoggerFactory: silence{}})
	if err != nil {
		return Reached{}, unreachable(err)
	}
	if err := client.Listen(); err != nil {
		return Reached{}, unreachable(err)
	}
	// What waits for an answer ends with ctx, and what is asked later fails.
	defer context.AfterFunc(ctx, func() { client.Close(); _ = conn.Close() })()
	defer client.Close()
	return ask(ctx, client, u.Scheme == stun.SchemeTypeTURN || u.Scheme == stun.SchemeTypeTURNS)
}

// ask asks for a relayed address first: some relays answer no other question.
func ask(ctx context.Context, client *turn.Client, relays bool) (r Reached, err error) {
	if relays {
		relayed, err := client.AllocateWithContext(ctx)
		if err != nil {
			return r, allocationError(err)
		}
		r.Relayed = addressOf(relayed.LocalAddr())
		defer func() { _ = relayed.Close() }()
	}
	began := time.Now()
	mapped, err := client.SendBindingRequest()
	if err != nil && !relays {
		return r, unreachable(err)
	}
	if err == nil {
		r.Mapped, r.RoundTrip = addressOf(mapped), time.Since(began)
	}
	return r, nil
}

// allocationError tells a refusal from silence.
func allocationError(err error) error {
	if refused := (*stun.TurnError)(nil); errors.As(err, &refused) {
		return refusal(refused)
	}
	if errors.Is(err, stun.ErrAttributeNotFound) { // an error without a nonce: it knows STUN at most
		return fmt.Errorf("rtc: %w: it gives no relayed address", phone.ErrRelayRefused)
	}
	return unreachable(err)
}

func unreachable(err error) error {
	return fmt.Errorf("rtc: %w: %w", phone.ErrRelayUnreachable, err)
}

func addressOf(a net.Addr) netip.AddrPort {
	if udp, ok := a.(*net.UDPAddr); ok {
		p := udp.AddrPort()
		return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
	}
	return netip.AddrPort{}
}

// connect finds the server and connects to it as its URI says. Its first address counts, IPv4 before IPv6.
func connect(ctx context.Context, u *stun.URI, ca string) (conn net.PacketConn, address string, err error) {
	secure := u.Scheme == stun.SchemeTypeTURNS || u.Scheme == stun.SchemeTypeSTUNS
	if secure && u.Proto == stun.ProtoTypeUDP {
		return nil, "", fmt.Errorf("rtc: %w: DTLS", phone.ErrNotSupported)
	}
	ip, err := lookUp(ctx, u.Host)
	if err != nil {
		return nil, "", unreachable(err)
	}
	address = net.JoinHostPort(ip.String(), strconv.Itoa(u.Port))
	if u.Proto == stun.ProtoTypeUDP {
		network := "udp4"
		if ip.Is6() {
			network = "udp6"
		}
		var listen net.ListenConfig
		if conn, err = listen.ListenPacket(ctx, network, ":0"); err != nil {
			return nil, "", unreachable(err)
		}
		return conn, address, nil
	}
	var config *tls.Config
	if secure {
		config = &tls.Config{ServerName: u.Host, MinVersion: tls.VersionTLS12}
		if ca != "" {
			if config.RootCAs, err = rootsWith(ca); err != nil {
				return nil, "", fmt.Errorf("%w: %w", phone.ErrRelayCertificate, err)
			}
		}
	}
	stream, err := dialRelay(ctx, "tcp", address, config)
	if err != nil && !errors.Is(err, phone.ErrRelayCertificate) {
		err = unreachable(err)
	}
	if err != nil {
		return nil, "", err
	}
	return turn.NewSTUNConn(stream), address, nil
}

func lookUp(ctx context.Context, host string) (netip.Addr, error) {
	list, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return netip.Addr{}, err
	}
	for _, ip := range list {
		if ip.Unmap().Is4() {
			return ip.Unmap(), nil
		}
	}
	return list[0], nil
}
