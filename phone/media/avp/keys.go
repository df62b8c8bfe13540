package avp

import (
	"crypto/rand"
	"fmt"

	"github.com/pion/srtp/v3"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/sdp"
)

// sdesKeys are the keys of an exchange under SDES: each side's for what it sends.
type sdesKeys struct{ local, remote *cryptoLine }

// answerKeys takes their first line that we can use, and our key for it (RFC 4568 §5.1.2). Another key of theirs
// means that somebody else may listen from now on, who has not counted our packets: our key changes then, too.
func (t *transport) answerKeys(d *sdp.Description, m manner) (sdesKeys, error) {
	if m != bySDES {
		return sdesKeys{}, nil
	}
	for _, value := range d.Attributes("crypto") {
		theirs, ok := parseCrypto(value)
		if !ok {
			continue
		}
		mine := t.session.key(theirs.suite)
		before := t.theirKeys()
		if mine == nil || before != nil && !theirs.same(before) {
			var err error
			if mine, err = t.session.renew(theirs.suite); err != nil {
				return sdesKeys{}, err
			}
		}
		return sdesKeys{local: &cryptoLine{tag: theirs.tag, suite: mine.suite, keys: mine.keys}, remote: theirs}, nil
	}
	return sdesKeys{}, fmt.Errorf("avp: no crypto suite in common: %w", phone.ErrMediaIncompatible)
}

// theirKeys are those that we receive with now.
func (t *transport) theirKeys() *cryptoLine {
	f := t.flow.Load()
	if f == nil {
		return nil
	}
	f.in.mu.Lock()
	defer f.in.mu.Unlock()
	return f.in.keys
}

// chosenKeys finds which of our lines their answer took (RFC 4568 §5.1.3): exactly one, by tag and suite.
func (t *transport) chosenKeys(d *sdp.Description, m manner) (sdesKeys, error) {
	if m != bySDES {
		return sdesKeys{}, nil
	}
	values := d.Attributes("crypto")
	if len(values) != 1 {
		return sdesKeys{}, fmt.Errorf("avp: %d crypto lines in an answer: %w", len(values), phone.ErrMediaMalformed)
	}
	theirs, ok := parseCrypto(values[0])
	if !ok {
		return sdesKeys{}, fmt.Errorf("avp: their crypto line: %w", phone.ErrMediaIncompatible)
	}
	for _, k := range t.session.offered.keys {
		if k.tag == theirs.tag && k.suite == theirs.suite {
			return sdesKeys{local: k, remote: theirs}, nil
		}
	}
	return sdesKeys{}, fmt.Errorf("avp: their crypto line is none of ours: %w", phone.ErrMediaIncompatible)
}

// secure puts keys to use, or fills in what our description says of DTLS.
func (t *transport) secure(f *flow, l *localDescription, d *sdp.Description, m manner, keys sdesKeys, answering bool) error {
	switch m {
	case bySDES:
		return secureBySDES(f, keys)
	case byDTLS:
		return t.secureByDTLS(f, l, d, answering)
	}
	t.bare(f)
	return nil
}

// bare takes off the keys of a session that goes on in the clear. They never come back: with a key, the packets'
// counters begin again, and the same part of its key stream would be used twice (RFC 3711 §9.1).
func (t *transport) bare(f *flow) {
	t.session.keys, t.session.tlsID, t.session.ownID = nil, "", ""
	f.dissociate()
	f.in.setContext(nil, nil)
	f.out.mu.Lock()
	if f.out.context != nil {
		f.out.open, f.out.context, f.out.reports, f.out.keys = false, nil, nil, nil
	}
	f.out.mu.Unlock()
}

func secureBySDES(f *flow, keys sdesKeys) error {
	f.in.mu.Lock()
	theirsChanged := !keys.remote.same(f.in.keys)
	hadKeys := f.in.keys != nil
	f.in.mu.Unlock()
	f.out.mu.Lock()
	oursChanged := !keys.local.same(f.out.keys)
	f.out.mu.Unlock()
	var send, receive *srtp.Context
	var err error
	if theirsChanged {
		if receive, err = keys.remote.context(receiving()...); err != nil {
			return err
		}
	}
	if oursChanged || theirsChanged && hadKeys {
		if send, err = keys.local.context(); err != nil {
			return err
		}
	}
	if receive != nil {
		f.in.setContext(receive, keys.remote)
	}
	if send != nil {
		f.out.mu.Lock()
		// A new listener counts our packets from the first one (RFC 3711 §3.3.1). Only another SSRC may begin again,
		// since the key stream of a key that was in use before must never repeat.
		if f.out.context != nil {
			f.out.ssrc++
		}
		f.out.context, f.out.reports, f.out.keys = send, send, keys.local
		f.out.mu.Unlock()
	}
	return nil
}

// secureByDTLS chooses our role (RFC 5763 §5, RFC 8842 §5): as before where they leave it open.
func (t *transport) secureByDTLS(f *flow, l *localDescription, d *sdp.Description, answering bool) error {
	hash, digest, err := d.Fingerprint()
	if err != nil {
		return err
	}
	if !canHash(hash) {
		return fmt.Errorf("avp: fingerprint by %q: %w", hash, phone.ErrMediaIncompatible)
	}
	theirs, err := d.Setup()
	if err != nil {
		return err
	}
	s := &t.session
	running := f.dtls.Load()
	switch {
	case theirs == "actpass" && running != nil && running.expected == (certificateHash{hash, digest}):
	case theirs == "active" && !answering && s.setup == "active" && s.nameless(running, certificateHash{hash, digest}, d):
		t.waitForHello(f)
	case theirs == "actpass" && !answering: // not allowed in an answer; the offerer is passive then, as RFC 5763 §5 recommends
		s.setup = "passive"
	default:
		s.setup = sdp.Opposite(theirs)
	}
	// Who answers with a new association says so by a new name (RFC 8842 §5.3).
	another := answering && running != nil && !s.same(running, certificateHash{hash, digest}, d)
	l.fingerprint, l.setup, l.tlsID = t.factory.fingerprint, s.setup, s.association(another)
	return nil
}

// same reports whether a description goes on with that association (RFC 8842 §4): the same certificate, roles and name.
func (s *session) same(a *association, expected certificateHash, d *sdp.Description) bool {
	return a != nil && a.expected == expected && a.active == (s.setup == "active") && s.tlsID == d.Attribute("tls-id")
}

// nameless reports whether an answer is of that association's certificate and names none (RFC 8842 §5).
func (s *session) nameless(a *association, expected certificateHash, d *sdp.Description) bool {
	return a != nil && a.finished.Load() && a.expected == expected && s.tlsID == "" && d.Attribute("tls-id") == ""
}

// waitForHello is for an answer that takes the client's role, which is ours so far. That asks for a new association (RFC 5763
// §6.6), which it is theirs to begin. Some do (Asterisk), and some only say so to every open offer (linphone); so the one
// that stands goes on until they begin.
func (t *transport) waitForHello(f *flow) {
	begin := func() {
		t.Put(func() {
			if t.flow.Load() == f {
				t.session.setup = "passive"
				t.handshake(f)
			}
		})
	}
	f.hello.Store(&begin)
}

// association is what we call the association, another name than before where it is another one.
func (s *session) association(another bool) string {
	if another || s.ownID == "" {
		s.ownID = rand.Text()
	}
	return s.ownID
}
