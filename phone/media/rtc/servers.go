package rtc

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pion/logging"
	"github.com/pion/stun/v4"
	"github.com/pion/webrtc/v4"

	"github.com/hookswitch/hookswitch/phone"
)

// dialLimit is how long a relay may take to take our connection, TLS included. The description that goes out does
// not wait for it.
const dialLimit = 5 * time.Second

// servers are the STUN and TURN servers of one transport, and its own way to them: connections that end with the
// transport, certificates that the account vouches for, and an ear for what they refuse.
type servers struct {
	list   []webrtc.ICEServer
	ctx    context.Context //nolint:containedctx // its life is the transport's
	secure map[string]*tls.Config
	tell   func(server string, err error)

	mu   sync.Mutex
	told map[string]bool
}

// newServers takes those of o's servers that can be read, and says which cannot. It returns nil where none is left.
func (f *Factory) newServers(ctx context.Context, o phone.LegOptions, tell func(server string, err error)) *servers {
	s := &servers{ctx: ctx, secure: make(map[string]*tls.Config), tell: tell, told: make(map[string]bool)}
	var roots *x509.CertPool
	if o.CA != "" {
		var err error
		if roots, err = rootsWith(o.CA); err != nil {
			f.log.Warn("the account's certificate authority cannot be read", "err", err)
		}
	}
	for _, from := range o.ICEServers {
		for _, url := range from.URLs { // one that cannot be read does not take the others with it
			server := webrtc.ICEServer{URLs: []string{url}, Username: from.Username}
			if from.Credential != "" {
				server.Credential = from.Credential
			}
			if err := f.check(server); err != nil {
				f.log.Warn("ICE server left out", "url", url)
				continue
			}
			if u, err := stun.ParseURI(url); err == nil && u.Scheme == stun.SchemeTypeTURNS {
				s.secure[net.JoinHostPort(u.Host, strconv.Itoa(u.Port))] = &tls.Config{ServerName: u.Host, RootCAs: roots, MinVersion: tls.VersionTLS12}
			}
			s.list = append(s.list, server)
		}
	}
	if len(s.list) == 0 {
		return nil
	}
	return s
}

// rootsWith are the system's certificate authorities and those of a PEM file.
func rootsWith(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file) // #nosec G304 -- the user names the file
	if err != nil {
		return nil, fmt.Errorf("rtc: certificate authority: %w", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("rtc: certificate authority: no certificate in %s", file)
	}
	return roots, nil
}

// Dial connects to a relay by TCP, or by TLS where its URL says so. pion asks for every TCP connection here, since its own
// neither end with the agent nor take another certificate authority.
func (s *servers) Dial(network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(s.ctx, dialLimit)
	defer cancel()
	conn, err := dialRelay(ctx, network, address, s.secure[address])
	if errors.Is(err, phone.ErrRelayCertificate) {
		s.report(address, err)
	}
	return conn, err
}

// dialRelay connects by TCP, by TLS where config is not nil. The error wraps phone.ErrRelayCertificate where the certificate is
// not trusted, or what the network said.
func dialRelay(ctx context.Context, network, address string, config *tls.Config) (net.Conn, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, fmt.Errorf("rtc: relay: %w", err)
	}
	if config == nil {
		return conn, nil
	}
	secured := tls.Client(conn, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		if bad := (*tls.CertificateVerificationError)(nil); errors.As(err, &bad) {
			return nil, fmt.Errorf("rtc: %w: %w", phone.ErrRelayCertificate, bad.Err)
		}
		return nil, fmt.Errorf("rtc: relay: %w", err)
	}
	return secured, nil
}

// report tells of a server that refuses us, once.
func (s *servers) report(server string, err error) {
	s.mu.Lock()
	before := s.told[server]
	s.told[server] = true
	s.mu.Unlock()
	if !before && s.ctx.Err() == nil {
		s.tell(server, err)
	}
}

// NewLogger gives pion an ear of ours for a log: it is the only place where it says that a relay has refused us.
func (s *servers) NewLogger(scope string) logging.LeveledLogger {
	if scope != "ice" {
		return silence{}.NewLogger(scope)
	}
	return &ear{LeveledLogger: silence{}.NewLogger(scope), servers: s}
}

// ear listens for refusals among pion's warnings and drops the rest.
type ear struct {
	logging.LeveledLogger
	servers *servers
}

// Warnf reads the arguments, not the words: a server's address and what it answered.
func (e *ear) Warnf(_ string, args ...any) {
	server := ""
	for _, arg := range args {
		switch v := arg.(type) {
		case string:
			server = v
		case error:
			if refused := (*stun.TurnError)(nil); errors.As(v, &refused) {
				e.servers.report(server, refusal(refused))
			}
		}
	}
}

// refusal says what a relay's error code means (RFC 8656 §18.8, RFC 8489 §14.8).
func refusal(e *stun.TurnError) error {
	code := e.ErrorCodeAttr.Code
	reason := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, string(e.ErrorCodeAttr.Reason))
	return fmt.Errorf("rtc: %w: %d %.60s", phone.ErrRelayRefused, int(code), reason)
}
