package sipua

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/hookswitch/hookswitch/phone"
)

// certificate makes a certificate for a name or an address that ends at the given time.
func certificate(t *testing.T, name string, end time.Time) (tls.Certificate, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: end.Add(-48 * time.Hour),
		NotAfter: end, IsCA: true, BasicConstraintsValid: true}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// TestCertificates: only a certificate that verifies is spoken to; an account's own CA may vouch for it.
func TestCertificates(t *testing.T) {
	good, goodPEM := certificate(t, "127.0.0.1", time.Now().Add(24*time.Hour))
	expired, expiredPEM := certificate(t, "127.0.0.1", time.Now().Add(-time.Hour))
	domain, domainPEM := certificate(t, "pbx.example", time.Now().Add(24*time.Hour)) // the account's, RFC 5922 §7.1
	lapsed, lapsedPEM := certificate(t, "pbx.example", time.Now().Add(-time.Hour))
	other, otherPEM := certificate(t, "other.example", time.Now().Add(24*time.Hour))
	for name, c := range map[string]struct {
		certificate tls.Certificate
		ca          []byte
		host        string
		cause       phone.Cause
	}{
		"known to the account's CA file": {good, goodPEM, "127.0.0.1", phone.CauseNone},
		"unknown":                        {good, nil, "127.0.0.1", phone.CauseCertificate},
		"expired":                        {expired, expiredPEM, "127.0.0.1", phone.CauseCertificateExpired},
		"of another name":                {good, goodPEM, "localhost", phone.CauseCertificateName},
		"of the account's domain":        {domain, domainPEM, "127.0.0.1", phone.CauseNone},
		"of the domain, and unknown":     {domain, nil, "127.0.0.1", phone.CauseCertificate},
		"of the domain, and expired":     {lapsed, lapsedPEM, "127.0.0.1", phone.CauseCertificateExpired},
		"of neither":                     {other, otherPEM, "127.0.0.1", phone.CauseCertificateName},
	} {
		for _, transport := range []string{"wss", "tls"} {
			t.Run(name+" "+transport, func(t *testing.T) {
				listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{c.certificate}, MinVersion: tls.VersionTLS12})
				if err != nil {
					t.Fatal(err)
				}
				serving(t, listener, func(raw net.Conn) { serveOneRegister(raw, transport == "wss") })
				account := anAccount("wss")
				_, port, _ := net.SplitHostPort(listener.Addr().String())
				account.Server = transport + "://" + net.JoinHostPort(c.host, port)
				if c.ca != nil {
					account.CA = filepath.Join(t.TempDir(), "ca.pem")
					if err := os.WriteFile(account.CA, c.ca, 0o600); err != nil {
						t.Fatal(err)
					}
				}
				s, l := onLoopback(t, Options{RootCAs: x509.NewCertPool()}, account)
				l.Register(time.Hour)
				if c.cause == phone.CauseNone {
					event[phone.TransportUp](s)
				} else if e := event[phone.TransportDown](s); e.Cause != c.cause {
					t.Errorf("%+v", e)
				}
				if e := s.registered(); e.Cause != c.cause {
					t.Errorf("%+v", e)
				}
			})
		}
	}
}

// serveOneRegister answers the first message on the connection with 200.
func serveOneRegister(raw net.Conn, webSocket bool) {
	defer raw.Close()
	_ = raw.SetDeadline(time.Now().Add(10 * time.Second))
	buffer := make([]byte, 64<<10)
	if !webSocket {
		n, _ := raw.Read(buffer)
		if m, err := parseMessage(buffer[:n]); err == nil {
			raw.Write(responseTo(m, 200, "r").bytes())
		}
		raw.Read(buffer) // until the client goes
		return
	}
	if _, err := (ws.Upgrader{Protocol: func([]byte) bool { return true }}).Upgrade(raw); err != nil {
		return
	}
	f, err := ws.ReadFrame(raw)
	if err != nil {
		return
	}
	if m, err := parseMessage(ws.UnmaskFrameInPlace(f).Payload); err == nil {
		_ = ws.WriteFrame(raw, ws.NewTextFrame(responseTo(m, 200, "r").bytes()))
	}
	raw.Read(buffer)
}
