package rtc

import (
	"fmt"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
	"github.com/hookswitch/hookswitch/phone/media/sdp"
)

// MakeAnswer answers their offer: the first one, one that changes direction or codec only, one that restarts ICE,
// or one of another far end altogether.
func (t *transport) MakeAnswer(raw []byte, wish phone.MediaWish) (answer []byte, n media.Negotiated, err error) {
	s := &t.session
	want := -1
	if t.Agreed() {
		want = s.index
	}
	d, err := parseDescription(raw, want)
	if err != nil {
		return nil, n, err
	}
	a, err := ours.Agree(d.Formats)
	if err != nil {
		return nil, n, err
	}
	p, err := t.follow(d, a)
	if err != nil {
		return nil, n, err
	}
	own, err := p.local(t.Ctx)
	if err != nil {
		return nil, n, err
	}
	l := localDescription{
		lines: d.Lines, index: d.Index, grouped: d.bundled, mux: d.Mux,
		formats: a.Use, direction: sdp.AnswerDirection(wish.Hold, d.Description), setup: s.setup, transport: own,
	}
	l.id, l.version = t.NextVersion()
	theirs, offered := d.findVideo(-1)
	if offered && (wish.Video || wish.Watch) {
		if err := t.answerVideo(&l, p, wish, theirs); err != nil {
			return nil, n, err
		}
	}
	n = negotiated(a, l.formats, l.direction, d)
	n.Video = t.settleVideo(l.video, theirs, l.formats)
	s.settle(d, l)
	t.settleClocks(&n)
	p.silent.Store(!d.Mux)
	return l.write(), n, nil
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
		if setup == "actpass" && !d.hasFeedback() {
			// A telephone, no browser. Some of them (linphone) ask a DTLS client for a certificate of their own authority,
			// and pion shows none then; so they shall be the client, which RFC 5763 §5 leaves to us.
			setup = "active"
		}
		fresh, err := t.open()
		if err != nil {
			return nil, err
		}
		if err := fresh.answer(plainSDP(d, a.Audio, setup)); err != nil {
			fresh.close(closeLimit) // what runs, runs on
			return nil, err
		}
		t.replace(fresh)
		p, s.elsewhere = fresh, false
	}
	p.nudge(t.Ctx, d.candidates) // we are controlling when they are "lite"
	s.theirs, s.setup = d, sdp.Opposite(setup)
	return p, nil
}

// settle keeps the outcome of an exchange.
func (s *session) settle(d *description, l localDescription) {
	s.remote, s.lines, s.index, s.formats = d, l.lines, l.index, l.formats
}

// TakeAnswer applies their answer.
func (t *transport) TakeAnswer(raw []byte) (n media.Negotiated, err error) {
	s := &t.session
	p := t.current.Load()
	d, err := parseDescription(raw, s.offered.index)
	if err != nil {
		return n, err
	}
	if !d.Answers(len(s.offered.lines)) {
		return n, fmt.Errorf("rtc: %d media lines in answer to %d: %w", len(d.Lines), len(s.offered.lines), phone.ErrMediaMalformed)
	}
	a, err := ours.Agree(d.Formats)
	if err != nil {
		return n, err
	}
	if err := t.accept(p, d, a); err != nil {
		return n, err
	}
	l := s.offered
	s.settle(d, l)
	s.formats = sdp.Numbered(a.Use, l.formats)
	p.silent.Store(!d.Mux)
	n = negotiated(a, l.formats, l.direction, d)
	video := l.video
	theirs, taken := d.findVideo(video.index)
	video.on = video.on && taken
	n.Video = t.settleVideo(video, theirs, l.formats)
	t.settleClocks(&n)
	return n, nil
}

// accept tells pion of their answer where it is the first one of this ICE session.
func (t *transport) accept(p *peer, d *description, a sdp.Agreement) error {
	s := &t.session
	setup := d.setup
	switch {
	case s.theirs == nil:
		if setup == "actpass" { // not allowed in an answer; the offerer is passive then, as RFC 5763 §5 recommends
			setup = "active"
		}
	case p.restarting && s.theirs.sameCertificate(d):
		setup = sdp.Opposite(s.setup) // the DTLS association stays, and with it the roles
	case !s.theirs.sameTransport(d):
		s.elsewhere = true
		return fmt.Errorf("rtc: %w", phone.ErrMediaElsewhere)
	default:
		return nil
	}
	// pion knows the codec by the number of our offer.
	audio := sdp.Numbered([]sdp.Format{a.Audio}, s.offered.formats)[0]
	if err := p.accept(plainSDP(d, audio, setup)); err != nil {
		return err
	}
	p.nudge(t.Ctx, d.candidates)
	s.theirs, s.setup = d, sdp.Opposite(setup)
	return nil
}
