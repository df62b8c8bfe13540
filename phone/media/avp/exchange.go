package avp

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/srtp/v3"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
	"github.com/hookswitch/hookswitch/phone/media/sdp"
)

// MakeOffer makes our offer: the first one, or a new one of the running session.
func (t *transport) MakeOffer(wish phone.MediaWish) ([]byte, error) {
	s := &t.session
	f, err := t.open(netip.Addr{})
	if err != nil {
		return nil, err
	}
	l := localDescription{formats: ours, mux: true, flow: f, lines: []sdp.Line{{Media: "audio", Proto: t.policy.profile()}}}
	l.id, l.version = t.NextVersion()
	held := false
	if t.Agreed() {
		l.lines, l.index, held = s.lines, s.index, s.remote.HeldByThem()
		l.formats = ours.Again(s.formats)
	}
	l.direction = sdp.OfferDirection(wish.Hold, held)
	switch t.policy.manner {
	case bySDES:
		if l.keys, err = s.offerKeys(); err != nil {
			return nil, err
		}
	case byDTLS:
		l.fingerprint, l.setup, l.tlsID = t.factory.fingerprint, "actpass", s.association(false)
	}
	s.offered = l
	return l.write(), nil
}

// offerKeys returns a key for each suite; they stay the same as long as they are good.
func (s *session) offerKeys() ([]*cryptoLine, error) {
	for i := range suites {
		if !suites[i].offered || s.key(suites[i]) != nil {
			continue
		}
		k, err := newCryptoLine("", suites[i])
		if err != nil {
			return nil, err
		}
		s.keys = append(s.keys, k)
	}
	lines := make([]*cryptoLine, len(s.keys))
	for i, k := range s.keys {
		lines[i] = &cryptoLine{tag: strconv.Itoa(i + 1), suite: k.suite, keys: k.keys}
	}
	return lines, nil
}

func (s *session) key(of suite) *cryptoLine {
	for _, k := range s.keys {
		if k.suite == of {
			return k
		}
	}
	return nil
}

// renew makes our next key for that suite another one.
func (s *session) renew(of suite) (*cryptoLine, error) {
	fresh, err := newCryptoLine("", of)
	if err != nil {
		return nil, err
	}
	for i, k := range s.keys {
		if k.suite == of {
			s.keys[i] = fresh
			return fresh, nil
		}
	}
	s.keys = append(s.keys, fresh)
	return fresh, nil
}

// MakeAnswer answers their offer, the first one or a later one.
func (t *transport) MakeAnswer(raw []byte, wish phone.MediaWish) (answer []byte, n media.Negotiated, err error) {
	want := -1
	if t.Agreed() {
		want = t.session.index
	}
	d, m, err := t.policy.read(raw, want, true)
	if err != nil {
		return nil, n, err
	}
	a, err := known.Agree(d.Formats)
	if err != nil {
		return nil, n, err
	}
	to, err := t.address(d)
	if err != nil {
		return nil, n, err
	}
	keys, err := t.answerKeys(d, m)
	if err != nil {
		return nil, n, err
	}
	f, err := t.open(to.rtp.Addr())
	if err != nil {
		return nil, n, err
	}
	l := localDescription{lines: d.Lines, index: d.Index, mux: d.Mux, formats: a.Use, direction: sdp.AnswerDirection(wish.Hold, d), flow: f}
	l.id, l.version = t.NextVersion()
	if keys.local != nil {
		l.keys = []*cryptoLine{keys.local}
	}
	if err = t.secure(f, &l, d, m, keys, true); err != nil {
		return nil, n, err
	}
	n = t.settle(f, d, m, a, &l, to)
	return l.write(), n, nil
}

// TakeAnswer applies their answer.
func (t *transport) TakeAnswer(raw []byte) (n media.Negotiated, err error) {
	s := &t.session
	f := t.flow.Load()
	d, m, err := t.policy.read(raw, s.offered.index, false)
	if err != nil {
		return n, err
	}
	if !d.Answers(len(s.offered.lines)) {
		return n, fmt.Errorf("avp: %d media lines in answer to %d: %w", len(d.Lines), len(s.offered.lines), phone.ErrMediaMalformed)
	}
	a, err := known.Agree(d.Formats)
	if err != nil {
		return n, err
	}
	to, err := t.address(d)
	if err != nil {
		return n, err
	}
	if to.rtp.IsValid() && to.rtp.Addr().Is4() != f.address.Is4() {
		return n, fmt.Errorf("avp: the answer is of another family of addresses: %w", phone.ErrMediaIncompatible)
	}
	keys, err := t.chosenKeys(d, m)
	if err != nil {
		return n, err
	}
	l := s.offered
	l.mux = d.Mux
	if err = t.secure(f, &l, d, m, keys, false); err != nil {
		return n, err
	}
	n = t.settle(f, d, m, a, &l, to)
	s.formats = sdp.Numbered(a.Use, l.formats)
	return n, nil
}

// address reads where they listen: the c-line and the m-line's port, for RTCP the next port or a=rtcp (RFC 3605).
// It is zero where the address is 0.0.0.0, as an old hold has it.
func (t *transport) address(d *sdp.Description) (peerAddress, error) {
	if d.Address == "" {
		return peerAddress{}, fmt.Errorf("avp: no c-line: %w", phone.ErrMediaMalformed)
	}
	found, err := t.lookup(d.Address)
	if err != nil {
		return peerAddress{}, fmt.Errorf("avp: their address is not found: %w", phone.ErrMediaIncompatible)
	}
	host := found[0]
	if f := t.flow.Load(); f != nil { // a name may have one of the family that we have sockets for
		if i := slices.IndexFunc(found, func(a netip.Addr) bool { return a.Is4() == f.address.Is4() }); i >= 0 {
			host = found[i]
		}
	}
	port := d.Audio().Port
	broadcast := host == netip.AddrFrom4([4]byte{255, 255, 255, 255})
	if port < 1 || port > 65535 || host.IsMulticast() || broadcast {
		return peerAddress{}, fmt.Errorf("avp: their address is none to send to: %w", phone.ErrMediaMalformed)
	}
	if host.IsUnspecified() {
		return peerAddress{}, nil
	}
	to := peerAddress{rtp: netip.AddrPortFrom(host, uint16(port))} //nolint:gosec // checked
	if port < 65535 {
		to.rtcp = netip.AddrPortFrom(host, uint16(port)+1) //nolint:gosec // checked
	}
	if words := strings.Fields(d.Attribute("rtcp")); len(words) > 0 {
		if n, err := strconv.ParseUint(words[0], 10, 16); err == nil && n > 0 {
			other := host
			if len(words) == 4 {
				if a, err := netip.ParseAddr(words[3]); err == nil && a.Is4() == host.Is4() && !a.IsUnspecified() && !a.IsMulticast() {
					other = a
				}
			}
			to.rtcp = netip.AddrPortFrom(other, uint16(n))
		}
	}
	return to, nil
}

// settle keeps the outcome of an exchange and sets the flow by it.
func (t *transport) settle(f *flow, d *sdp.Description, m manner, a sdp.Agreement, l *localDescription, to peerAddress) media.Negotiated {
	s := &t.session
	s.remote, s.manner, s.lines, s.index, s.formats = d, m, l.lines, l.index, l.formats
	n := known.Negotiated(a, l.formats, l.direction, d)
	n.Encrypted, n.KeysInSDP = m != inTheClear, m == bySDES
	t.sent.SetClock(a.Audio.ClockRate)
	f.in.negotiated(n, to)
	// Where packets already come from goes before what the SDP says, unless that is new: the latch knows.
	f.in.mu.Lock()
	target, control := f.in.latch.target(), f.in.control.target()
	f.in.mu.Unlock()
	f.out.mu.Lock()
	defer f.out.mu.Unlock()
	f.out.rtp, f.out.rtcp = target, control
	f.out.mux = l.mux
	f.out.encrypted = n.Encrypted
	f.out.discard = d.HeldByZero || d.Direction == sdp.SendOnly || d.Direction == sdp.Inactive || l.direction == sdp.RecvOnly || l.direction == sdp.Inactive
	f.out.open = !n.Encrypted || f.out.context != nil
	return n
}

// Begin lets packets go, or the handshake that must come first.
func (t *transport) Begin() {
	f := t.flow.Load()
	if t.session.manner == byDTLS {
		t.handshake(f)
		return
	}
	f.openPinholes()
	t.tellUp(f)
	f.replay()
}

// handshake begins a DTLS association, unless the one that stands is still right.
func (t *transport) handshake(f *flow) {
	s := &t.session
	hash, digest, err := s.remote.Fingerprint()
	if err != nil {
		t.Report(err) // cannot be: secure has read it
		return
	}
	expected, active := certificateHash{hash, digest}, s.setup == "active"
	if s.same(f.dtls.Load(), expected, s.remote) {
		return
	}
	s.tlsID = s.remote.Attribute("tls-id")
	f.in.setContext(nil, nil)
	f.out.mu.Lock()
	f.out.open, f.out.context, f.out.reports = false, nil, nil
	muxed := f.out.mux
	f.out.mu.Unlock()
	t.up = false
	f.associate(t.factory.certificate, active, expected, func(a *association, send, receive *srtp.Context, err error) {
		t.Put(func() { t.secured(f, a, send, receive, err) })
	})
	f.beside.close()
	if !muxed {
		f.beside.associate(t.factory.certificate, active, expected, func(a *association, send, receive *srtp.Context, err error) {
			t.Put(func() { f.securedBeside(a, send, receive, err) })
		})
	}
}
