package sipua

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/sipua/locate"
)

// Options are an agent's settings; the zero value works.
type Options struct {
	// Logger gets the course of things, without secrets. nil: nothing is logged.
	Logger *slog.Logger
	// Trace gets every SIP message as it went over the wire, secrets removed. nil: no trace. It is
	// written to by the connections' goroutines, one message at a time.
	Trace io.Writer
	// UserAgent is the User-Agent header; empty: "Hookswitch".
	UserAgent string
	// RootCAs replaces the system's roots, for tests. An account's own CA file is added to it.
	RootCAs *x509.CertPool
	// Resolver finds the servers of UDP, TCP and TLS accounts; nil: the system's name servers.
	Resolver *locate.Resolver
}

// Agent opens lines. It implements phone.Signalling and may be used from any goroutine.
type Agent struct {
	options Options
	tracer  *tracer
	dial    func(context.Context, server) (*conn, error)
	source  func(net.Conn) (netip.Addr, error) // our address on the way there
	wall    func() time.Time
}

var _ phone.Signalling = (*Agent)(nil)

// New makes an agent. It does nothing on the network.
func New(o Options) *Agent {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.UserAgent == "" {
		o.UserAgent = "Hookswitch"
	}
	if o.Resolver == nil {
		o.Resolver = locate.New(locate.Options{})
	}
	o.UserAgent = oneLine(o.UserAgent)
	return &Agent{options: o, tracer: &tracer{out: o.Trace}, dial: dial, source: sourceOf, wall: wallClock}
}

// Open makes a line for the account; see phone.Signalling. It reads the account's CA file and does nothing
// on the network. Errors wrap phone.ErrAccountInvalid. sink is called from the line's own goroutine.
func (a *Agent) Open(account phone.Account, sink func(phone.SignalEvent)) (phone.Line, error) {
	l, err := a.newLine(account, sink)
	if err != nil {
		return nil, err
	}
	go l.run()
	return l, nil
}

// serverFor reads the account's server; where it names none, its domain decides.
func (a *Agent) serverFor(text string, u sip.Uri) (s server, err error) {
	if text == "" {
		s = serverOf(u)
	} else if s, err = parseServer(text); err != nil {
		return s, err
	}
	if s.way != nil {
		s.way.find = a.options.Resolver.Locate
	}
	return s, nil
}

// listenAt connects UDP sockets from that address of ours, so that a server that was told of it finds us there. Such a
// socket hears that server only. All else goes from any port.
func listenAt(address string) func(ctx context.Context, network, to string) (net.Conn, error) {
	return func(ctx context.Context, network, to string) (net.Conn, error) {
		d := net.Dialer{}
		if network == "udp" {
			local, err := net.ResolveUDPAddr("udp", address)
			if err != nil {
				return nil, err
			}
			d.LocalAddr = local
		}
		return d.DialContext(ctx, network, to)
	}
}

func (a *Agent) newLine(account phone.Account, sink func(phone.SignalEvent)) (*line, error) {
	u, ok := parseURI(account.URI)
	if !ok || u.User == "" {
		return nil, fmt.Errorf("%w: its URI must look like sip:1001@pbx.example", phone.ErrAccountInvalid)
	}
	to, err := a.serverFor(account.Server, u)
	if err != nil {
		return nil, err
	}
	if to.roots, err = rootsWith(a.options.RootCAs, account.CA); err != nil {
		return nil, err
	}
	to.domain = strings.Trim(u.Host, "[]")
	if account.Listen != "" {
		to.way.connect = listenAt(account.Listen)
	}
	user := account.Username
	if user == "" {
		if user, err = url.PathUnescape(u.User); err != nil {
			user = u.User
		}
	}
	for _, s := range [...]string{user, account.Realm, account.DisplayName, account.Secret.Password(), account.Secret.HA1()} {
		if strings.ContainsAny(s, "\r\n\x00") {
			return nil, fmt.Errorf("%w: line breaks belong into no field", phone.ErrAccountInvalid)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	l := &line{
		agent: a, account: account.ID, sink: sink, home: to, server: to, log: a.options.Logger.With("account", string(account.ID)),
		aor: u.Scheme + ":" + u.User + "@" + u.Host, contactUser: u.User, registrar: u.Scheme + ":" + u.Host, instance: randomHex(6),
		ctx: ctx, cancel: cancel, box: newMailbox(), incoming: make(chan inbound, 64), dialed: make(chan dialed, 1), done: make(chan struct{}),
		client: make(map[string]*clientTx), served: make(map[string]*serverTx), calls: make(map[phone.DialogID]*call),
		referrals: make(map[phone.DialogID]*referral),
		direct:    account.Direct,
		creds:     credentials{user: user, secret: account.Secret, realm: account.Realm},
	}
	if u.Port > 0 {
		port := fmt.Sprintf(":%d", u.Port)
		l.aor += port
		l.registrar += port
	}
	l.local = "<" + l.aor + ">"
	if account.DisplayName != "" {
		l.local = quote(account.DisplayName) + " " + l.local
	}
	l.reg.callID = randomHex(12)
	return l, nil
}
