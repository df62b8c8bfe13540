package sipua

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/sipua/locate"
)

// server is where an account's messages go: as the account names it, or as it was found and connected to.
type server struct {
	transport string // "UDP", "TCP", "TLS", "WS", "WSS": as Via writes it
	host      string // without brackets
	port      string
	url       *url.URL // of a WebSocket
	roots     *x509.CertPool
	domain    string        // of the account: its certificate may be for that instead of for the host
	route     string        // of a proxy that wants to be named: "<sip:proxy.example;transport=tcp;lr>"
	way       *way          // how it is found; nil where it is found already
	target    locate.Target // of a connection that was found so
}

func (s server) address() string  { return net.JoinHostPort(s.host, s.port) }
func (s server) reliable() bool   { return s.transport != "UDP" }
func (s server) webSocket() bool  { return s.transport == "WS" || s.transport == "WSS" }
func (s server) encrypted() bool  { return s.transport == "TLS" || s.transport == "WSS" }
func (s server) uriParam() string { return strings.ToLower(s.transport) }
func (s server) network() string  { return map[bool]string{true: "tcp", false: "udp"}[s.reliable()] }
func (s server) tls() *tls.Config {
	return &tls.Config{ServerName: s.host, RootCAs: s.roots, MinVersion: tls.VersionTLS12}
}

// defaultPorts: RFC 3261 §19.1.2, RFC 7118 §5.
var defaultPorts = map[string]string{"UDP": "5060", "TCP": "5060", "TLS": "5061", "WS": "80", "WSS": "443"}

// parseServer reads an account's server: wss://host[:port][/path][?query], ws://…, tls:host[:port][;lr], tcp:…, udp:….
func parseServer(text string) (server, error) {
	bad := func(why string) (server, error) {
		return server{}, fmt.Errorf("%w: server: %s", phone.ErrAccountInvalid, why)
	}
	if text == "" {
		return bad("there is none")
	}
	if strings.IndexFunc(text, isLineControl) >= 0 || strings.Contains(text, " ") || len(text) > 1024 {
		return bad("it holds characters that no address has")
	}
	scheme, rest, found := strings.Cut(text, ":")
	s := server{transport: strings.ToUpper(scheme)}
	if !found || defaultPorts[s.transport] == "" {
		return bad("it must begin with wss:, ws:, tls:, tcp: or udp:")
	}
	rest, named := strings.CutSuffix(rest, ";lr")
	if !strings.HasPrefix(rest, "//") {
		rest = "//" + rest
	}
	u, err := url.Parse(strings.ToLower(scheme) + ":" + rest)
	if err != nil || u.Hostname() == "" || strings.ContainsAny(u.Host, ";,") {
		return bad("its host cannot be read")
	}
	if u.User != nil || u.Fragment != "" {
		return bad("user, password and fragment do not belong there")
	}
	s.host, s.port = u.Hostname(), u.Port()
	if s.port == "" {
		s.port = defaultPorts[s.transport]
	}
	if n, err := strconv.Atoi(s.port); err != nil || n < 1 || n > 65535 {
		return bad("its port must be between 1 and 65535")
	}
	s.way = &way{request: s.request(u.Port() != "")}
	if named {
		if s.webSocket() {
			return bad("a WebSocket's address ends without ;lr")
		}
		s.route = routeTo(u.Host, s.transport)
	}
	if s.webSocket() {
		if u.Path == "" {
			u.Path = "/"
		}
		s.url = u
	} else if u.Path != "" || u.RawQuery != "" {
		return bad("a path belongs to ws:// and wss:// only")
	}
	return s, nil
}

// routeTo is the loose route (RFC 3261 §19.1.1, lr) to a host, with or without port.
func routeTo(host, transport string) string {
	switch transport {
	case "UDP":
		return "<sip:" + host + ";lr>"
	case "TLS": // no sips, which would ask for TLS on the whole way
		return "<sip:" + host + ";transport=tls;lr>"
	case "WS", "WSS":
		return "<sip:" + host + ";transport=ws;lr>"
	}
	return "<sip:" + host + ";transport=tcp;lr>"
}

// request is how its addresses are found. A WebSocket's URL says all but these (RFC 7118 §6): there is no SRV to ask.
func (s server) request(withPort bool) locate.Request {
	r := locate.Request{Host: s.host, Transport: s.transport}
	if s.webSocket() {
		withPort, r.Transport = true, locate.TCP
		if s.encrypted() {
			r.Transport = locate.TLS
		}
	}
	if n, err := strconv.ParseUint(s.port, 10, 16); err == nil && withPort {
		r.Port = uint16(n)
	}
	return r
}

// rootsWith returns the system's roots and those of the PEM file; nil (the system's) without a file.
func rootsWith(base *x509.CertPool, file string) (*x509.CertPool, error) {
	if file == "" {
		return base, nil
	}
	pem, err := os.ReadFile(file) // #nosec G304 -- the user names his own file
	if err != nil {
		return nil, fmt.Errorf("%w: its CA file: %w", phone.ErrAccountInvalid, err)
	}
	pool := base
	if pool == nil {
		if pool, err = x509.SystemCertPool(); err != nil {
			pool = x509.NewCertPool()
		}
	}
	pool = pool.Clone()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%w: its CA file holds no PEM certificate", phone.ErrAccountInvalid)
	}
	return pool, nil
}

// causeOf names a connection error for people.
func causeOf(err error) phone.Cause {
	var verify *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var host x509.HostnameError
	switch {
	case err == nil:
		return phone.CauseNone
	case errors.As(err, &host):
		return phone.CauseCertificateName
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return phone.CauseCertificateExpired
	case errors.As(err, &verify), errors.As(err, &unknown), errors.As(err, &invalid):
		return phone.CauseCertificate
	}
	return phone.CauseConnection
}
