package media

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/codec"
)

// asked is what the operator waits for.
type asked uint8

const (
	nothingAsked asked = iota
	offerAsked
	answerAsked
	remoteAsked
)

// negotiation puts the transport's outcomes together to what the operator asked for.
type negotiation struct {
	mu    sync.Mutex
	asked asked
	local []byte // the answer, while its Negotiated is awaited
	done  bool   // Negotiated came, while the answer is awaited
	info  phone.MediaInfo
	err   error // why there is no transport
}

func (n *negotiation) ask(a asked) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked, n.local, n.done = a, nil, false
	return n.err
}

// ---- on the leg's queue ----

// connect makes the transport.
func (l *leg) connect() {
	t, err := l.newTransport()
	if err != nil {
		l.negotiation.mu.Lock()
		l.negotiation.err = err
		l.negotiation.mu.Unlock()
		return
	}
	l.transport = t
	if v, ok := t.(VideoTransport); ok {
		l.video.Store(v)
	}
	l.sound.Lock()
	l.write = l.sent.through(t.WriteRTP)
	l.sound.Unlock()
}

func (l *leg) newTransport() (Transport, error) {
	factory := l.engine.factory(l.options)
	if factory == nil {
		return nil, fmt.Errorf("media: no transport for policy %q: %w", l.options.Policy, phone.ErrLocalMediaInfo)
	}
	t, err := factory.NewTransport(l.options, legSink{l})
	if err != nil {
		return nil, named(err, phone.ErrLocalStream)
	}
	return t, nil
}

// ask notes what is asked for; it reports false when there is no transport, having told so.
func (l *leg) ask(a asked) bool {
	if err := l.negotiation.ask(a); err != nil {
		l.post(phone.MediaFailed{Leg: l.id, Err: err})
		return false
	}
	return l.transport != nil
}

func (l *leg) offer(wish phone.MediaWish) {
	if l.ask(offerAsked) {
		l.transport.Offer(wish)
	}
}

func (l *leg) answer(offer []byte, wish phone.MediaWish) {
	if l.ask(answerAsked) {
		l.transport.Answer(offer, wish)
	}
}

func (l *leg) remote(answer []byte, provisional bool) {
	if l.ask(remoteAsked) {
		l.transport.Remote(answer, provisional)
	}
}

func (l *leg) rollback() {
	if l.transport != nil {
		_ = l.negotiation.ask(nothingAsked) // there is a transport, so there is no error
		l.transport.Rollback()
	}
}

// disconnect closes the transport and frees the codecs.
func (l *leg) disconnect() {
	l.sound.Lock()
	l.write = nil
	send, receive := l.send, l.receive
	l.send, l.receive, l.play.last = nil, nil, nil
	l.play.playing = false
	clear(l.play.slots[:])
	l.sound.Unlock()
	if send != nil {
		send.encoder.Close()
	}
	for _, entry := range receive {
		if entry.decoder != nil {
			entry.decoder.Close()
		}
	}
	if l.transport != nil {
		l.transport.Close()
		l.transport = nil
	}
}

// decoders makes what the payload types need; those that were there already keep their state.
func (l *leg) decoders(n Negotiated) (map[uint8]*decoderEntry, error) {
	receive := make(map[uint8]*decoderEntry)
	add := func(pt uint8, spec CodecSpec) error {
		if old := l.receive[pt]; old != nil && old.spec == spec {
			receive[pt] = old
			return nil
		}
		if spec.ClockRate == 0 || SampleRate%spec.ClockRate != 0 {
			return fmt.Errorf("media: clock rate %d of %s: %w", spec.ClockRate, spec.Name, codec.ErrUnknown)
		}
		entry := &decoderEntry{spec: spec, scale: int64(SampleRate / spec.ClockRate)}
		switch {
		case strings.EqualFold(spec.Name, "telephone-event"):
			entry.holds = event
		case strings.EqualFold(spec.Name, "CN"):
			entry.holds = comfortNoise
		default:
			decoder, err := codec.NewDecoder(codec.Spec{Name: spec.Name})
			if err != nil {
				return err
			}
			entry.holds, entry.decoder = audio, decoder
		}
		receive[pt] = entry
		return nil
	}
	for pt, spec := range n.Receive {
		// What we cannot decode is dropped when it comes.
		if err := add(pt, spec); err != nil && !errors.Is(err, codec.ErrUnknown) {
			return nil, err
		}
	}
	if receive[n.Audio.PayloadType] == nil {
		if err := add(n.Audio.PayloadType, n.Audio); err != nil {
			return nil, err
		}
	}
	return receive, nil
}

// ---- the transport's goroutines ----

// legSink is the leg as its transport sees it.
type legSink struct{ *leg }

var _ TransportSink = legSink{}

// LocalSDP implements TransportSink.
func (s legSink) LocalSDP(sdp []byte) {
	n := &s.negotiation
	n.mu.Lock()
	info := n.info
	ready := n.asked == offerAsked || n.asked == answerAsked && n.done
	switch {
	case ready:
		n.asked = nothingAsked
	case n.asked == answerAsked:
		n.local = sdp
	}
	n.mu.Unlock()
	if ready {
		s.post(phone.LocalDescription{Leg: s.id, SDP: sdp, Info: info})
	}
}

// Negotiated implements TransportSink.
func (s legSink) Negotiated(got Negotiated) {
	if err := s.setCodecs(got); err != nil {
		s.Failed(fmt.Errorf("media: %w: %w", phone.ErrMediaIncompatible, err))
		return
	}
	s.sends.Store(got.Sends)
	s.heldByThem.Store(got.HeldByThem)
	if s.pictures.set(got.Video) {
		s.engine.update()
	}
	n := &s.negotiation
	n.mu.Lock()
	n.info = phone.MediaInfo{
		HeldByThem: got.HeldByThem,
		Codec:      got.Audio.Name,
		Encrypted:  got.Encrypted,
		KeysInSDP:  got.KeysInSDP,
		DTMF:       got.Event.Name != "",
		Video:      got.Video.On,
	}
	info, local, was := n.info, n.local, n.asked
	switch {
	case was == answerAsked && local == nil:
		n.done = true
	case was == answerAsked || was == remoteAsked:
		n.asked, n.local = nothingAsked, nil
	}
	n.mu.Unlock()
	switch {
	case was == remoteAsked:
		s.post(phone.RemoteApplied{Leg: s.id, Info: info})
	case was == answerAsked && local != nil:
		s.post(phone.LocalDescription{Leg: s.id, SDP: local, Info: info})
	}
}

// Failed implements TransportSink.
func (s legSink) Failed(err error) {
	_ = s.negotiation.ask(nothingAsked) // whatever was asked for has failed
	s.post(phone.MediaFailed{Leg: s.id, Err: named(err, phone.ErrLocalStream)})
}

// Up implements TransportSink.
func (s legSink) Up(networkType string) {
	s.up.Store(true)
	s.pictures.keyAsked.Store(true) // what was sent before went nowhere
	s.post(phone.MediaUp{Leg: s.id, NetworkType: networkType, At: time.Now()})
	s.queue.do(s.poll)
}

// Down implements TransportSink.
func (s legSink) Down() {
	s.up.Store(false)
	s.post(phone.MediaDown{Leg: s.id})
}

// Trouble implements TransportSink.
func (s legSink) Trouble(err error) { s.post(phone.MediaTrouble{Leg: s.id, Err: err}) }

// RTP implements TransportSink. What is more than the tick can take is dropped.
func (s legSink) RTP(p *rtp.Packet, at time.Time) {
	if p == nil || len(p.Payload) > maxPayload {
		return
	}
	in := inbound{packet: p, at: s.engine.samples(at)}
	select {
	case s.in <- in:
	default:
		select { // full: the oldest makes room, so that sound begins with what is fresh
		case <-s.in:
		default:
		}
		select {
		case s.in <- in:
		default:
		}
	}
	// Early media: sound comes before the call is started, and there is something to decode it with.
	if !s.started.Load() && s.prepared.Load() && !s.early.Load() && s.codecName.Load() != nil && !s.early.Swap(true) {
		s.engine.update()
	}
}

// named makes sure that err wraps one of the errors that MediaFailed may carry.
func named(err, otherwise error) error {
	for _, known := range []error{phone.ErrMediaIncompatible, phone.ErrMediaMalformed, phone.ErrLocalMediaInfo, phone.ErrLocalStream} {
		if errors.Is(err, known) {
			return err
		}
	}
	return fmt.Errorf("%w: %w", otherwise, err)
}
