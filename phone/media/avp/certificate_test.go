package avp

import (
	"crypto/x509"
	"testing"

	"github.com/pion/dtls/v3"
)

// linphone's DTLS server names itself as the only authority whose certificates it takes, and then takes ours.
func TestACertificateIsShownToAServerThatAsksForOneOfItsOwnAuthority(t *testing.T) {
	ours, theirs := newFactory(t, Options{}).certificate, newFactory(t, Options{}).certificate
	leaf, err := x509.ParseCertificate(theirs.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	authority := x509.NewCertPool()
	leaf.RawSubject = []byte("\x30\x0f\x31\x0d\x30\x0b\x06\x03\x55\x04\x03\x0c\x04peer") // CN=peer
	authority.AddCert(leaf)
	var near, far *recordConn
	near = newRecordConn(func(raw []byte) { far.deliver(raw) })
	far = newRecordConn(func(raw []byte) { near.deliver(raw) })
	server, err := dtls.ServerWithOptions(far, far.LocalAddr(), dtls.WithCertificates(theirs), dtls.WithClientAuth(dtls.RequireAnyClientCert),
		dtls.WithClientCAs(authority), dtls.WithInsecureSkipVerify(true), dtls.WithSRTPProtectionProfiles(profiles...), dtls.WithLoggerFactory(silence{}))
	if err != nil {
		t.Fatal(err)
	}
	digest, err := fingerprintOf(theirs.Certificate[0], "sha-256")
	if err != nil {
		t.Fatal(err)
	}
	a := &association{conn: near, active: true, expected: certificateHash{"sha-256", digest}}
	client, err := a.begin(ours)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- server.HandshakeContext(t.Context()) }()
	if err := client.HandshakeContext(t.Context()); err != nil {
		t.Errorf("the client: %v", err)
	}
	if err := <-done; err != nil {
		t.Errorf("the server: %v", err)
	}
	if state, ok := server.ConnectionState(); !ok || len(state.PeerCertificates) != 1 {
		t.Errorf("the server has seen %d certificates", len(state.PeerCertificates))
	}
	_ = client.Close()
	_ = server.Close()
}
