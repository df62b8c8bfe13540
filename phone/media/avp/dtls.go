package avp

import (
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/fingerprint"
	"github.com/pion/logging"
	"github.com/pion/srtp/v3"

	"github.com/hookswitch/hookswitch/phone"
)

const (
	handshakeTimeout = 15 * time.Second
	// flightInterval is short, since nothing but the handshake stands between an answer and the first word.
	flightInterval = 100 * time.Millisecond
	// closeLimit bounds Close, whatever a library waits for.
	closeLimit = 300 * time.Millisecond
)

var profiles = []dtls.SRTPProtectionProfile{dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AEAD_AES_256_GCM,
	dtls.SRTP_AES128_CM_HMAC_SHA1_80, dtls.SRTP_AES128_CM_HMAC_SHA1_32}

// certificateHash is what a description promises of the far end's certificate (RFC 8122 §5).
type certificateHash struct{ hash, digest string }

// fingerprintOf returns the digest of a certificate, in upper case.
func fingerprintOf(raw []byte, hash string) (string, error) {
	certificate, err := x509.ParseCertificate(raw)
	if err != nil {
		return "", err
	}
	algorithm, err := fingerprint.HashFromString(hash)
	if err != nil {
		return "", err
	}
	if algorithm == crypto.MD5 {
		return "", errors.New("MD5 proves nothing") // RFC 8122 §5
	}
	digest, err := fingerprint.Fingerprint(certificate, algorithm)
	return strings.ToUpper(digest), err
}

// canHash reports whether we can compare fingerprints by that hash.
func canHash(hash string) bool {
	algorithm, err := fingerprint.HashFromString(hash)
	return err == nil && algorithm.Available() && algorithm != crypto.MD5
}

// association is one DTLS association with the far end.
type association struct {
	conn     *recordConn
	active   bool // we are the client
	expected certificateHash
	finished atomic.Bool
	cancel   context.CancelFunc
	done     chan struct{} // closed when the handshake's goroutine has ended

	mu   sync.Mutex
	dtls *dtls.Conn
}

// channel is a way of DTLS records between two ports.
type channel struct {
	dtls  atomic.Pointer[association]
	early earlyRecords
	write func(raw []byte)                      // sends one
	take  func(raw []byte, from netip.AddrPort) // takes one that came
}

// close ends its association.
func (c *channel) close() {
	if a := c.dtls.Swap(nil); a != nil {
		a.close()
	}
}

// associate begins a handshake. finish is called from a goroutine of its own with the contexts to send and to
// receive with, or with an error.
func (c *channel) associate(own tls.Certificate, active bool, expected certificateHash, finish func(a *association, send, receive *srtp.Context, err error)) {
	ctx, cancel := context.WithTimeout(context.Background(), handshakeTimeout)
	a := &association{conn: newRecordConn(c.write), active: active, expected: expected, cancel: cancel, done: make(chan struct{})}
	if old := c.dtls.Swap(a); old != nil {
		old.close()
	}
	c.early.give(c.take)
	go func() {
		defer close(a.done)
		defer cancel()
		send, receive, err := a.handshake(ctx, own)
		if c.dtls.Load() == a { // nobody cares for one that was replaced or closed
			a.finished.Store(err == nil)
			finish(a, send, receive, err)
		}
	}()
}

func (a *association) handshake(ctx context.Context, c tls.Certificate) (send, receive *srtp.Context, err error) {
	conn, err := a.begin(c)
	if err != nil {
		return nil, nil, fmt.Errorf("avp: DTLS: %w: %w", phone.ErrLocalStream, err)
	}
	a.mu.Lock()
	a.dtls = conn
	a.mu.Unlock()
	if err = conn.HandshakeContext(ctx); err != nil {
		return nil, nil, fmt.Errorf("avp: DTLS: %w: %w", phone.ErrLocalStream, err)
	}
	return a.contexts(conn)
}

// begin makes pion's connection; nothing is sent yet.
func (a *association) begin(c tls.Certificate) (*dtls.Conn, error) {
	options := []dtls.Option{
		dtls.WithCertificates(c), dtls.WithSRTPProtectionProfiles(profiles...), dtls.WithFlightInterval(flightInterval),
		// The SDP vouches for the certificate, no authority does (RFC 5763 §5).
		dtls.WithInsecureSkipVerify(true), dtls.WithVerifyPeerCertificate(a.verify),
		dtls.WithExtendedMasterSecret(dtls.RequestExtendedMasterSecret), dtls.WithLoggerFactory(silence{}),
	}
	if a.active {
		// Certificates are self-signed here (RFC 5763 §5). Servers that ask for one of their own authority all the same, as
		// mbed TLS does in linphone, mean nothing by it, and without ours they would drop us.
		all := []dtls.ClientOption{dtls.WithGetClientCertificate(func(*dtls.CertificateRequestInfo) (*tls.Certificate, error) { return &c, nil })}
		for _, o := range options {
			all = append(all, o)
		}
		return dtls.ClientWithOptions(a.conn, a.conn.LocalAddr(), all...)
	}
	// Our peer is known by its SDP; a cookie would cost a round trip.
	all := []dtls.ServerOption{dtls.WithClientAuth(dtls.RequireAnyClientCert), dtls.WithInsecureSkipVerifyHello(true)}
	for _, o := range options {
		all = append(all, o)
	}
	return dtls.ServerWithOptions(a.conn, a.conn.LocalAddr(), all...)
}

// verify compares the certificate with the description's fingerprint.
func (a *association) verify(raw [][]byte, _ [][]*x509.Certificate) error {
	if len(raw) == 0 {
		return errors.New("avp: the far end shows no certificate")
	}
	digest, err := fingerprintOf(raw[0], a.expected.hash)
	if err != nil {
		return fmt.Errorf("avp: fingerprint: %w", err)
	}
	if digest != a.expected.digest {
		return errors.New("avp: the certificate is not the one that the description promised")
	}
	return nil
}

// contexts makes the SRTP contexts (RFC 5764 §4.2).
func (a *association) contexts(conn *dtls.Conn) (send, receive *srtp.Context, err error) {
	profile, ok := conn.SelectedSRTPProtectionProfile()
	if !ok {
		return nil, nil, fmt.Errorf("avp: DTLS without a profile for SRTP: %w", phone.ErrLocalStream)
	}
	state, ok := conn.ConnectionState()
	if !ok {
		return nil, nil, fmt.Errorf("avp: DTLS has no state: %w", phone.ErrLocalStream)
	}
	config := &srtp.Config{Profile: srtp.ProtectionProfile(profile)}
	if err = config.ExtractSessionKeysFromDTLS(&state, a.active); err != nil {
		return nil, nil, fmt.Errorf("avp: keys: %w: %w", phone.ErrLocalStream, err)
	}
	k := config.Keys
	if send, err = srtp.CreateContext(k.LocalMasterKey, k.LocalMasterSalt, config.Profile); err == nil {
		receive, err = srtp.CreateContext(k.RemoteMasterKey, k.RemoteMasterSalt, config.Profile, receiving()...)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("avp: keys: %w: %w", phone.ErrLocalStream, err)
	}
	return send, receive, nil
}

func receiving() []srtp.ContextOption {
	return []srtp.ContextOption{srtp.SRTPReplayProtection(replayWindow), srtp.SRTCPReplayProtection(replayWindow)}
}

// close ends the association, within closeLimit.
func (a *association) close() {
	a.cancel()
	a.mu.Lock()
	conn := a.dtls
	a.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if conn != nil {
			_ = conn.Close()
		}
		_ = a.conn.Close()
		<-a.done
	}()
	timer := time.NewTimer(closeLimit)
	defer timer.Stop()
	select {
	case <-ended:
	case <-timer.C:
		_ = a.conn.Close()
	}
}

// silence keeps pion's own log off.
type silence struct{}

func (silence) NewLogger(string) logging.LeveledLogger {
	return &logging.DefaultLeveledLogger{} // its level is "disabled"
}

var _ net.PacketConn = (*recordConn)(nil)
