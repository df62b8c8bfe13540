package demopbx

import (
	"context"
	"sync"
	"time"

	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone/media"
)

const frameTime = 20 * time.Millisecond

// sound is what a leg says. It is the transport's sink: RTP is answered right there, everything
// else is posted to the loop. What is not under mu belongs to the loop.
type sound struct {
	leg       *leg
	transport media.Transport
	silent    bool // FaultSilent
	deaf      bool // FaultDeaf
	offered   bool // the last description was our offer: the answer is still to come
	up        bool
	waiting   func() // starts the player when the transport is up
	stop      context.CancelFunc

	mu       sync.Mutex
	agreed   media.Negotiated
	echoing  bool
	splice   // of what is echoed, and of the player's sound
	pictures splice
}

func newSound(l *leg) *sound {
	return &sound{leg: l, silent: l.p.fault == FaultSilent, deaf: l.p.fault == FaultDeaf}
}

// LocalSDP is of media.TransportSink.
func (s *sound) LocalSDP(sdp []byte) { s.post(func() { s.leg.onLocalSDP(sdp) }) }

// Failed is of media.TransportSink.
func (s *sound) Failed(err error) { s.post(func() { s.leg.onMediaFailed(err) }) }

// Down is of media.TransportSink. A connection that stays down is told by Failed.
func (s *sound) Down() {}

// Trouble is of media.TransportSink; the demo has no relays.
func (s *sound) Trouble(error) {}

// Up is of media.TransportSink.
func (s *sound) Up(string) {
	s.post(func() {
		s.up = true
		s.startWaiting()
	})
}

// Negotiated is of media.TransportSink.
func (s *sound) Negotiated(n media.Negotiated) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n.HeldByThem != s.agreed.HeldByThem {
		s.tracking = false // a gap that is no loss
	}
	s.agreed = n
}

func (s *sound) post(fn func()) { s.leg.p.mail.post(fn) }

// echo lets what comes in go out again.
func (s *sound) echo() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.echoing = true
}

// RTP is of media.TransportSink. The echo keeps the gaps of sequence numbers and timestamps, so
// that the caller measures both directions; payload types are those that the caller wants to get.
func (s *sound) RTP(p *rtp.Packet, _ time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.echoing || s.deaf || s.agreed.HeldByThem {
		return
	}
	kind, known := s.agreed.Receive[p.PayloadType]
	header := rtp.Header{Version: 2, Marker: p.Marker}
	switch {
	case !known:
		return
	case kind.Name == s.agreed.Audio.Name:
		header.PayloadType = s.agreed.Audio.PayloadType
	case kind.Name == "telephone-event" && s.agreed.Event.Name != "":
		header.PayloadType = s.agreed.Event.PayloadType
	default:
		return
	}
	header.SequenceNumber, header.Timestamp = s.place(p, ticks(s.agreed.Audio))
	payload := p.Payload
	if s.silent && kind.Name != "telephone-event" {
		payload = silence(kind.Name, len(payload))
	}
	s.transport.WriteRTP(&header, payload)
}

// hasVideo reports whether pictures were agreed on.
func (s *sound) hasVideo() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.agreed.Video.On
}

// Video is of media.VideoSink. The echo shows what it sees; a loss on the way here is one on the way back.
func (s *sound) Video(p *rtp.Packet, _ time.Time) {
	s.mu.Lock()
	show, number := s.echoing && !s.deaf && s.agreed.Video.Shares, s.agreed.Video.PayloadType
	header := rtp.Header{Version: 2, Marker: p.Marker, PayloadType: number}
	if show {
		header.SequenceNumber, header.Timestamp = s.pictures.place(p, pictureTicks)
	}
	s.mu.Unlock()
	if out, able := s.transport.(media.VideoTransport); able && show {
		out.WriteVideo(&header, p.Payload)
	}
}

// pictureTicks is a fifteenth of a second of VP8's clock.
const pictureTicks = 90000 / 15

// PictureAsked is of media.VideoSink: who sees himself asks himself.
func (s *sound) PictureAsked() {
	if out, able := s.transport.(media.VideoTransport); able {
		out.AskPicture()
	}
}

// ticks is a frame's worth of RTP timestamp.
func ticks(c media.CodecSpec) uint32 {
	return uint32(uint64(c.ClockRate) * uint64(frameTime) / uint64(time.Second))
}

// silence is a payload without sound: for Opus a whole 20 ms frame (RFC 6716 §3.1: CELT, full band).
func silence(codecName string, length int) []byte {
	fill := byte(0xff) // µ-law
	switch codecName {
	case "opus":
		return []byte{0xf8, 0xff, 0xfe}
	case "PCMA":
		fill = 0xd5
	case "G722":
		fill = 0xfa // what an encoder makes of zeros
	}
	payload := make([]byte, length)
	for i := range payload {
		payload[i] = fill
	}
	return payload
}

// play replaces what is played by a recording; done is called (in a goroutine of its own) when one that
// does not loop came to its end. It begins when the transport is up, so that nothing of it is lost.
func (s *sound) play(name string, loop bool, done func()) {
	s.stopPlaying()
	ctx, cancel := context.WithCancel(s.leg.p.ctx)
	s.stop = cancel
	s.waiting = func() {
		s.leg.p.spawn(func() {
			defer cancel()
			if s.run(ctx, s.leg.p.sounds.get(name), loop) && done != nil {
				done()
			}
		})
	}
	if s.up {
		s.startWaiting()
		return
	}
	s.leg.p.after(mediaPatience, func() {
		if ctx.Err() == nil {
			s.startWaiting()
		}
	})
}

func (s *sound) startWaiting() {
	if start := s.waiting; start != nil {
		s.waiting = nil
		start()
	}
}

func (s *sound) stopPlaying() {
	s.waiting = nil
	if s.stop != nil {
		s.stop()
		s.stop = nil
	}
}

// run sends the recording, a frame every 20 ms by the clock, and reports whether it came to the end.
func (s *sound) run(ctx context.Context, r *recording, loop bool) bool {
	const hopeless = 10 * frameTime // so late, we do not try to catch up
	s.mu.Lock()
	codecName := s.agreed.Audio.Name
	s.mu.Unlock()
	r.prepare(codecName)
	next := time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for i := 0; loop || i < r.length(); i++ {
		select {
		case <-ctx.Done():
			return false
		case <-timer.C:
		}
		if ctx.Err() != nil {
			return false
		}
		s.sendFrame(r, i%r.length(), i == 0)
		if next = next.Add(frameTime); time.Since(next) > hopeless {
			next = time.Now()
		}
		timer.Reset(time.Until(next))
	}
	return true
}

func (s *sound) sendFrame(r *recording, i int, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	audio := s.agreed.Audio
	s.time += ticks(audio)
	if audio.Name == "" || s.deaf || s.agreed.HeldByThem {
		return
	}
	payload := r.frame(audio.Name, i)
	if payload == nil {
		return
	}
	if s.silent {
		payload = silence(audio.Name, len(payload))
	}
	s.seq++
	s.transport.WriteRTP(&rtp.Header{
		Version: 2, Marker: first, PayloadType: audio.PayloadType, SequenceNumber: s.seq, Timestamp: s.time,
	}, payload)
}
