package rtc

import (
	"fmt"
	"maps"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
	"github.com/hookswitch/hookswitch/phone/media/sdp"
)

// answer answers their offer: the first one, one that changes direction or codec only, one that restarts ICE,
// or one of another far end altogether.
func (t *transport) answer(raw []byte, wish phone.MediaWish) error {
	s := &t.session
	s.offering = false // an offer of ours that is still out has lost (RFC 3264 §4: never two at a time)
	want := -1
	if s.agreed {
		want = s.index
	}
	d, err := parseDescription(raw, want)
	if err != nil {
		return err
	}
	a, err := ours.Agree(d.Formats)
	if err != nil {
		return err
	}
	p, err := t.follow(d, a)
	if err != nil {
		return err
	}
	own, err := p.local(t.ctx)
	if err != nil {
		return err
	}
	l := localDescription{
		id: s.id, version: s.nextVersion(), lines: d.Lines, index: d.Index, grouped: d.bundled, mux: d.Mux,
		formats: a.Use, direction: sdp.AnswerDirection(wish.Hold, d.Description), setup: s.setup, transport: own,
	}
	s.settle(d, l, wish)
	p.stats.SetClock(a.Audio.ClockRate)
	n := negotiated(a, l.formats, l.direction, wish.Hold, d)
	s.outcome = n
	text := l.write()
	t.gate.Tell(func(k media.TransportSink) {
		k.LocalSDP(text)
		k.Negotiated(n)
	})
	return nil
}

// follow brings the peer to where their offer wants it.
func (t *transport) follow(d *description, a sdp.Agreement) (*peer, error) {
	s := &t.session
	p := t.current.Load()
	if p != nil && s.theirs != nil && s.theirs.sameTransport(d) {
		return p, nil
	}
	restart := p != nil && s.theirs != nil && s.theirs.sameCertificate(d)
	setup := d.setup
	if restart {
		// The DTLS association stays, and with it the roles.
		setup = sdp.Opposite(s.setup)
		if err := p.answer(plainSDP(d, a.Audio, setup)); err != nil {
			return nil, err
		}
	} else {
		fresh, err := t.open()
		if err != nil {
			return nil, err
		}
		if err := fresh.answer(plainSDP(d, a.Audio, setup)); err != nil {
			fresh.close(closeLimit) // what runs, runs on
			return nil, err
		}
		t.replace(fresh)
		p = fresh
	}
	p.nudge(t.ctx, d.candidates) // we are controlling when they are "lite"
	s.theirs, s.setup = d, sdp.Opposite(setup)
	return p, nil
}

// settle keeps the outcome of an exchange.
func (s *session) settle(d *description, l localDescription, wish phone.MediaWish) {
	s.agreed, s.offering = true, false
	s.remote, s.wish = d, wish
	s.lines, s.index, s.formats = l.lines, l.index, l.formats
}

// remote applies their answer. A provisional one may come again, as itself or as the final one.
func (t *transport) remote(raw []byte, provisional bool) error {
	s := &t.session
	p := t.current.Load()
	if p == nil || !s.offering {
		return fmt.Errorf("rtc: %w: %w", phone.ErrLocalMediaInfo, errStale)
	}
	if len(raw) == 0 && !provisional && s.early {
		s.offering, s.early = false, false // the early answer was the answer (RFC 6337 §3.1.1)
		n := s.outcome
		n.Receive = maps.Clone(n.Receive)
		t.gate.Tell(func(k media.TransportSink) { k.Negotiated(n) })
		return nil
	}
	d, err := parseDescription(raw, s.offered.index)
	if err != nil {
		return err
	}
	if len(d.Lines) != len(s.offered.lines) {
		return fmt.Errorf("rtc: %d media lines in answer to %d: %w", len(d.Lines), len(s.offered.lines), phone.ErrMediaMalformed)
	}
	a, err := ours.Agree(d.Formats)
	if err != nil {
		return err
	}
	if err := t.accept(p, d, a); err != nil {
		return err
	}
	l, wish := s.offered, s.wish
	s.settle(d, l, wish)
	s.formats = sdp.Numbered(a.Use, l.formats)
	s.offering, s.early = provisional, provisional
	p.stats.SetClock(a.Audio.ClockRate)
	n := negotiated(a, l.formats, l.direction, wish.Hold, d)
	s.outcome = n
	t.gate.Tell(func(k media.TransportSink) { k.Negotiated(n) })
	return nil
}

// accept tells pion of their answer, once.
func (t *transport) accept(p *peer, d *description, a sdp.Agreement) error {
	s := &t.session
	if s.theirs != nil {
		if !s.theirs.sameTransport(d) {
			return fmt.Errorf("rtc: the answer comes from another far end than the one before: %w", phone.ErrMediaIncompatible)
		}
		return nil
	}
	setup := d.setup
	if setup == "actpass" { // not allowed in an answer; the offerer is passive then, as RFC 5763 §5 recommends
		setup = "active"
	}
	// pion knows the codec by the number of our offer.
	audio := sdp.Numbered([]sdp.Format{a.Audio}, s.offered.formats)[0]
	if err := p.accept(plainSDP(d, audio, setup)); err != nil {
		return err
	}
	p.nudge(t.ctx, d.candidates)
	s.theirs, s.setup = d, sdp.Opposite(setup)
	return nil
}
