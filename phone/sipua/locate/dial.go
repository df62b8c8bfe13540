package locate

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"time"
)

// The dialer's times.
const (
	staggerTime = 250 * time.Millisecond // RFC 8305 §5
	attemptTime = 5 * time.Second
)

// Dialer connects to the first target that can be reached. It is a value and may be used from any goroutine.
type Dialer struct {
	// TLS is the base of the configuration towards TLS targets; ServerName is the target's Name. nil: the system's roots.
	TLS *tls.Config
	// Domain is another name that a certificate may be for: the SIP domain that the servers are those of, which is what
	// RFC 5922 §7.1 has a certificate say, however the server was named. "": there is none.
	Domain string
	// Stagger is the lead that an attempt has over the next one of its rank; 0: 250 ms.
	Stagger time.Duration
	// Attempt bounds one attempt, handshake included; 0: 5 s.
	Attempt time.Duration
	// Failed hears of each attempt that failed by itself, on Dial's own goroutine; nil: nobody does.
	Failed func(Target, error)
	// Connect opens a socket; nil: net.Dialer.
	Connect func(ctx context.Context, network, address string) (net.Conn, error)
}

// attempted is an attempt's outcome.
type attempted struct {
	target Target
	conn   net.Conn
	err    error
}

// DialStream connects to one of the targets, in their order. Those of one rank race, each starting a little after the one
// before it or as soon as that one failed; the first that is there wins (RFC 8305 §5), with its TLS handshake done. The
// next rank begins when all of the one before failed. A UDP target is reached when the system has a way to it: only an
// answer tells more.
//
// A certificate that does not fit ends the search for unencrypted targets: who can forge a server must not be able to make
// us speak to it in the clear instead. When it returns, no attempt is left. The error wraps every target's own.
func (d Dialer) DialStream(ctx context.Context, targets []Target) (net.Conn, Target, error) {
	var failures []error
	encryptedOnly := false
	for len(targets) > 0 {
		rank := 1
		for rank < len(targets) && targets[rank].Rank == targets[0].Rank && targets[rank].Transport == targets[0].Transport {
			rank++
		}
		race := targets[:rank]
		targets = targets[rank:]
		if encryptedOnly && race[0].Transport != TLS {
			continue
		}
		won, failed := d.race(ctx, race)
		if won.conn != nil {
			return won.conn, won.target, nil
		}
		for _, err := range failed {
			var untrusted *tls.CertificateVerificationError
			encryptedOnly = encryptedOnly || errors.As(err, &untrusted)
		}
		failures = append(failures, failed...)
		if ctx.Err() != nil {
			break
		}
	}
	if len(failures) == 0 {
		failures = append(failures, ErrNoServer)
	}
	return nil, Target{}, errors.Join(failures...)
}

// race tries the targets of one rank. Losers are waited for and closed.
func (d Dialer) race(ctx context.Context, targets []Target) (won attempted, failures []error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make(chan attempted, len(targets))
	next := time.NewTimer(0)
	defer next.Stop()
	running, started := 0, 0
	start := func() {
		t := targets[started]
		started++
		running++
		next.Reset(orElse(d.Stagger, staggerTime))
		go func() {
			conn, err := d.attempt(ctx, t)
			results <- attempted{t, conn, err}
		}()
	}
	for start(); running > 0; {
		select {
		case <-next.C:
			if started < len(targets) && won.conn == nil {
				start()
			}
		case r := <-results:
			running--
			switch {
			case won.conn != nil: // too late
				if r.conn != nil {
					_ = r.conn.Close()
				}
			case r.err == nil:
				won = r
				cancel()
			default:
				failures = append(failures, fmt.Errorf("%s: %w", r.target, r.err))
				if ctx.Err() != nil {
					continue // we gave up, not the target
				}
				if d.Failed != nil {
					d.Failed(r.target, r.err)
				}
				if started < len(targets) {
					start()
				}
			}
		}
	}
	return won, failures
}

func (d Dialer) attempt(ctx context.Context, t Target) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, orElse(d.Attempt, attemptTime))
	defer cancel()
	connect := d.Connect
	if connect == nil {
		connect = (&net.Dialer{}).DialContext
	}
	raw, err := connect(ctx, t.Network(), t.Addr.String())
	if err != nil || t.Transport != TLS {
		return raw, err
	}
	secure, err := d.secure(ctx, raw, t.Name)
	var another x509.HostnameError
	if d.Domain == "" || d.Domain == t.Name || !errors.As(err, &another) {
		return secure, err
	}
	if raw, err = connect(ctx, t.Network(), t.Addr.String()); err != nil {
		return nil, err
	}
	secure, domainErr := d.secure(ctx, raw, d.Domain)
	if errors.As(domainErr, new(x509.HostnameError)) {
		return nil, another // it is for neither; the server's own name is the one to tell of
	}
	return secure, domainErr
}

// secure does the handshake, with a server that shows a certificate for that name.
func (d Dialer) secure(ctx context.Context, raw net.Conn, name string) (net.Conn, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if d.TLS != nil {
		config = d.TLS.Clone()
	}
	config.ServerName = name
	secure := tls.Client(raw, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		return nil, err
	}
	return secure, nil
}

func orElse(d, otherwise time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return otherwise
}
