package locate

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// network is a world of servers on a fake clock: how each address behaves, and what became of it.
type network struct {
	mu      sync.Mutex
	begin   time.Time
	behaves map[string]behaviour
	tried   []string // "192.0.2.1:5060 250ms": when each attempt began
	open    int      // our ends that nobody closed
}

type behaviour struct {
	after time.Duration
	err   error
}

var errRefused = errors.New("refused")

func (n *network) connect(ctx context.Context, _, address string) (net.Conn, error) {
	n.mu.Lock()
	b, known := n.behaves[address]
	n.tried = append(n.tried, fmt.Sprint(address, " ", time.Since(n.begin)))
	n.mu.Unlock()
	if !known { // nobody there
		b.after = time.Hour
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(b.after):
	}
	if b.err != nil {
		return nil, b.err
	}
	ours, _ := net.Pipe()
	n.mu.Lock()
	n.open++
	n.mu.Unlock()
	return &counted{Conn: ours, n: n}, nil
}

type counted struct {
	net.Conn
	n *network
}

func (c *counted) Close() error {
	c.n.mu.Lock()
	c.n.open--
	c.n.mu.Unlock()
	return c.Conn.Close()
}

// targets makes "TCP 192.0.2.1:5060 0" a target again.
func targets(texts ...string) []Target {
	var out []Target
	for _, text := range texts {
		var t Target
		fields := strings.Fields(text)
		t.Transport, t.Addr, t.Name = fields[0], netip.MustParseAddrPort(fields[1]), "pbx.example"
		t.Rank = int(fields[2][0] - '0')
		out = append(out, t)
	}
	return out
}

// races: who is there and how fast, and who wins.
var races = map[string]struct {
	behaves map[string]behaviour
	targets []Target
	won     string // "": nobody
	tried   []string
	failed  int // attempts reported as failed by themselves
}{
	"the first, when it is quick": {map[string]behaviour{"192.0.2.1:1": {after: 240 * time.Millisecond}, "192.0.2.2:1": {}},
		targets("TCP 192.0.2.1:1 0", "TCP 192.0.2.2:1 0"), "192.0.2.1:1", []string{"192.0.2.1:1 0s"}, 0},
	"the second gets its chance after 250 ms": {map[string]behaviour{"192.0.2.2:1": {after: time.Millisecond}},
		targets("TCP 192.0.2.1:1 0", "TCP 192.0.2.2:1 0"), "192.0.2.2:1", []string{"192.0.2.1:1 0s", "192.0.2.2:1 250ms"}, 0},
	"the slow first one may still win": {map[string]behaviour{"192.0.2.1:1": {after: 400 * time.Millisecond}, "192.0.2.2:1": {after: time.Second}},
		targets("TCP 192.0.2.1:1 0", "TCP 192.0.2.2:1 0"), "192.0.2.1:1", []string{"192.0.2.1:1 0s", "192.0.2.2:1 250ms"}, 0},
	"a refusal needs no waiting": {map[string]behaviour{"[2001:db8::1]:1": {err: errRefused}, "192.0.2.1:1": {}},
		targets("TCP [2001:db8::1]:1 0", "TCP 192.0.2.1:1 0"), "192.0.2.1:1", []string{"[2001:db8::1]:1 0s", "192.0.2.1:1 0s"}, 1},
	"the next rank waits until all before it failed": {map[string]behaviour{"192.0.2.1:1": {after: 2 * time.Second, err: errRefused}, "192.0.2.2:1": {}},
		targets("TCP 192.0.2.1:1 0", "TCP 192.0.2.2:1 1"), "192.0.2.2:1", []string{"192.0.2.1:1 0s", "192.0.2.2:1 2s"}, 1},
	"an attempt ends after 5 s": {map[string]behaviour{"192.0.2.2:1": {}},
		targets("TCP 192.0.2.1:1 0", "UDP 192.0.2.2:1 1"), "192.0.2.2:1", []string{"192.0.2.1:1 0s", "192.0.2.2:1 5s"}, 1},
	"both arrive at once, one is closed": {map[string]behaviour{"192.0.2.1:1": {after: 300 * time.Millisecond}, "192.0.2.2:1": {after: 50 * time.Millisecond}},
		targets("TCP 192.0.2.1:1 0", "TCP 192.0.2.2:1 0"), "192.0.2", []string{"192.0.2.1:1 0s", "192.0.2.2:1 250ms"}, 0},
	"nobody": {map[string]behaviour{"192.0.2.1:1": {err: errRefused}, "192.0.2.2:1": {err: errRefused}},
		targets("TCP 192.0.2.1:1 0", "TCP 192.0.2.2:1 1"), "", []string{"192.0.2.1:1 0s", "192.0.2.2:1 0s"}, 2},
	"no targets": {nil, nil, "", nil, 0},
	"a forged certificate is not escaped from into the clear": {map[string]behaviour{
		"192.0.2.1:1": {err: &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}}, "192.0.2.2:1": {}, "192.0.2.3:1": {}},
		targets("TLS 192.0.2.1:1 0", "TCP 192.0.2.2:1 1", "UDP 192.0.2.3:1 2"), "", []string{"192.0.2.1:1 0s"}, 1},
}

func TestRace(t *testing.T) {
	for name, c := range races {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := &network{behaves: c.behaves, begin: time.Now()}
				failed := 0
				conn, won, err := Dialer{Connect: n.connect, Failed: func(Target, error) { failed++ }}.DialStream(t.Context(), c.targets)
				switch {
				case c.won == "" && (err == nil || conn != nil):
					t.Errorf("%v won", won)
				case c.won != "" && (err != nil || !strings.HasPrefix(won.Addr.String(), c.won)):
					t.Errorf("%v, %v; want %s", won, err, c.won)
				}
				if !slices.Equal(n.tried, c.tried) || failed != c.failed {
					t.Errorf("tried %q, want %q; %d failed, want %d", n.tried, c.tried, failed, c.failed)
				}
				if conn != nil {
					conn.Close()
				}
				if n.open != 0 {
					t.Errorf("%d connections left open", n.open)
				}
			})
		})
	}
}

func TestAnAbandonedRaceLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{begin: time.Now()}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		blamed := 0
		_, _, err := Dialer{Connect: n.connect, Failed: func(Target, error) { blamed++ }}.DialStream(ctx, targets("TCP 192.0.2.1:1 0", "TCP 192.0.2.2:1 0", "TCP 192.0.2.3:1 1"))
		if !errors.Is(err, context.DeadlineExceeded) || len(n.tried) != 2 || time.Since(n.begin) != time.Second || blamed != 0 {
			t.Errorf("%v after %v, tried %q, blamed %d", err, time.Since(n.begin), n.tried, blamed)
		}
	})
}

// certificate makes a certificate for a domain, and the pool that trusts it.
func certificate(t *testing.T, domain string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, DNSNames: []string{domain}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}, pool
}

// TestTheCertificateDecides, on real sockets: whose name it is for, and that a machine that does not speak TLS is passed over.
func TestTheCertificateDecides(t *testing.T) {
	own, pool := certificate(t, "pbx.example")
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{own}, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	defer wait.Wait()
	defer listener.Close()
	defer plain.Close()
	serve := func(l net.Listener, talk func(net.Conn)) {
		wait.Go(func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				talk(c)
				c.Close()
			}
		})
	}
	serve(listener, func(c net.Conn) { _ = c.(*tls.Conn).Handshake() })
	serve(plain, func(c net.Conn) { _, _ = c.Write([]byte("what do you want?\r\n")) })
	both := targets("TLS "+plain.Addr().String()+" 0", "TLS "+listener.Addr().String()+" 0")
	d := Dialer{TLS: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	conn, won, err := d.DialStream(t.Context(), both)
	if err != nil || won.Addr.String() != listener.Addr().String() {
		t.Fatal(won, err)
	}
	if state := conn.(*tls.Conn).ConnectionState(); state.ServerName != "pbx.example" || !state.HandshakeComplete {
		t.Errorf("%+v", state.ServerName)
	}
	conn.Close()
	both[1].Name = "other.example"
	var untrusted *tls.CertificateVerificationError
	if _, _, err := d.DialStream(t.Context(), both); !errors.As(err, &untrusted) {
		t.Errorf("another domain's certificate: %v", err)
	}
}
