package media

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/codec"
)

const (
	inboundSpace = 256 // packets between two ticks
	pollTicks    = 50  // between two looks at the transport's statistics
	// stale is what came so long before the tick (before it ran at all) that it is not worth hearing.
	stale = 200 * ms
)

// inbound is a packet on its way from the transport to the tick.
type inbound struct {
	packet *rtp.Packet
	at     int64 // samples at 48 kHz
}

// reported is what a transport told last, and what the interface is that it uses.
type reported struct {
	TransportStats
	network string
}

// leg is the sound of one call, and its pictures.
type leg struct {
	engine  *Engine
	id      phone.CallID
	options phone.LegOptions
	queue   serial
	in      chan inbound

	prepared, started, early atomic.Bool
	muted, held, canDTMF     atomic.Bool
	up, sends                atomic.Bool // packets can go; the far end may send
	member                   atomic.Bool // of the conference
	heldByThem               atomic.Bool
	counted                  counters
	sent                     sentCount
	nearLevel, farLevel      meter
	codecName                atomic.Pointer[string]
	reported                 atomic.Pointer[reported]
	encoderLoss              atomic.Int32
	recorder                 atomic.Pointer[recorder]
	beep                     beeper
	pictures                 *pictures
	video                    atomic.Value // the transport, where it is a VideoTransport

	posting sync.Mutex
	closed  bool
	sink    func(phone.MediaEvent)
	told    map[string]bool // kinds of devices whose failure was told

	negotiation negotiation

	// sound guards what follows: the tick holds it while it works on the leg, the queue while it changes codecs.
	sound     sync.Mutex
	transport Transport
	send      *sending
	receive   map[uint8]*decoderEntry
	play      *playout
	out       *packetizer
	write     func(*rtp.Header, []byte)
	events    eventListener
	loss      int32
	ticks     int
	wasHeard  bool
	first     bool // the tick's: FirstSound is due
	missing   missing
	far       [tick]int16
	inRoom    bool    // the tick's: far is in the mixer's room
	hearsRoom bool    // the tick's
	toThem    limiter // of the mix that a member of the conference hears
	heard     bool    // the tick's: far goes to our ear
	poll      func()
}

func newLeg(e *Engine, id phone.CallID, o phone.LegOptions, sink func(phone.MediaEvent)) *leg {
	l := &leg{engine: e, id: id, options: o, sink: sink, told: make(map[string]bool)}
	l.queue.running = e.running
	l.in = make(chan inbound, inboundSpace)
	l.play = newPlayout(&l.counted)
	l.out = newPacketizer()
	l.pictures = newPictures(l)
	l.poll = l.lookAtTransport
	return l
}

// post hands an event to the operator, unless the leg was closed.
func (l *leg) post(e phone.MediaEvent) {
	l.posting.Lock()
	defer l.posting.Unlock()
	if !l.closed && l.sink != nil {
		l.sink(e)
	}
}

func (l *leg) tellOnce(e phone.DeviceFailed) {
	l.posting.Lock()
	defer l.posting.Unlock()
	if !l.closed && l.sink != nil && !l.told[e.Kind] {
		l.told[e.Kind] = true
		l.sink(e)
	}
}

// silence ends all posting and sending; when it returned nothing is posted any more.
func (l *leg) silence() {
	l.posting.Lock()
	l.closed = true
	l.posting.Unlock()
	l.started.Store(false)
	l.early.Store(false)
	l.canDTMF.Store(false)
	l.stopRecorder()
	l.pictures.end()
}

// listen does 10 ms of what comes from the far end.
func (l *leg) listen(m *mixer, now int64) {
	l.sound.Lock()
	defer l.sound.Unlock()
	l.drain(now)
	l.inRoom, l.heard = false, false
	if l.started.Load() || l.early.Load() {
		l.hear(m, now)
	}
	l.beep.mix(m.sum[:], l.started.Load() && l.send != nil && l.write != nil)
	l.attend(m)
	if r := l.recorder.Load(); r != nil {
		r.announce(l, m)
	}
	l.miss(now)
	if l.ticks++; l.ticks%pollTicks == 0 {
		l.queue.do(l.poll)
	}
}

// attend counts who comes to hear the conference: a member that is no longer held, too.
func (l *leg) attend(m *mixer) {
	hears := l.member.Load() && l.started.Load() && !l.held.Load()
	if hears && !l.hearsRoom {
		m.came++
	}
	l.hearsRoom = hears
}

// drain takes over what arrived since the last tick.
func (l *leg) drain(now int64) {
	for range inboundSpace {
		select {
		case in := <-l.in:
			entry := l.receive[in.packet.PayloadType]
			if entry == nil || now-in.at > stale {
				continue
			}
			l.missing.came(now, entry.holds)
			if entry.holds == event {
				if digit, ok := l.events.hear(in.packet, now); ok {
					l.post(phone.RemoteDigit{Leg: l.id, Digit: digit})
				}
			}
			l.play.take(&in, entry)
		default:
			return
		}
	}
}

// hear adds 10 ms of theirs to the mix. A held leg's sound runs on unheard. Who holds us is heard by us alone: music on
// hold does not belong into a conference.
func (l *leg) hear(m *mixer, now int64) {
	plays := l.play.pull(l.far[:], now)
	if l.heard = plays && !l.held.Load(); !l.heard {
		l.farLevel.silent()
		return
	}
	l.farLevel.feed(l.far[:])
	for i, v := range l.far {
		m.sum[i] += int32(v)
	}
	if l.inRoom = l.member.Load() && !l.heldByThem.Load(); l.inRoom {
		for i, v := range l.far {
			m.room[i] += int32(v)
		}
	}
	if l.play.heard && !l.wasHeard {
		l.wasHeard, l.first = true, true
	}
}

var quietFrame [tick]int16

// speak sends 10 ms of what the far end is to hear.
func (l *leg) speak(m *mixer) {
	l.sound.Lock()
	defer l.sound.Unlock()
	started := l.started.Load()
	if l.send == nil || l.write == nil || !started && !(l.early.Load() && l.out.wanted()) {
		return
	}
	pcm := m.near[:]
	if !started || l.muted.Load() || l.held.Load() {
		pcm = quietFrame[:]
		l.nearLevel.silent()
	} else {
		l.nearLevel.feed(pcm)
	}
	if l.member.Load() && !l.held.Load() {
		pcm = l.withTheOthers(m, pcm)
	}
	pcm = l.beep.tell(pcm)
	if r := l.recorder.Load(); r != nil {
		pcm = r.tap(l, pcm)
	}
	if loss := l.encoderLoss.Load(); loss != l.loss && loss > 0 {
		l.loss = loss
		l.send.encoder.SetLoss(int(loss))
	}
	l.out.halted = l.heldByThem.Load()
	l.out.feed(pcm, l.send, l.write)
}

// withTheOthers is ours and the sound of all members but this one.
func (l *leg) withTheOthers(m *mixer, ours []int16) []int16 {
	var mix [tick]int32
	for i := range mix {
		mix[i] = int32(ours[i]) + m.room[i]
	}
	if l.inRoom {
		for i, v := range l.far {
			mix[i] -= int32(v)
		}
	}
	l.toThem.limit(m.out[:], mix[:])
	return m.out[:]
}

// stats gathers the counters.
func (l *leg) stats() phone.MediaStats {
	s := phone.MediaStats{
		StreamStats: phone.StreamStats{
			PacketsSent: l.sent.packets.Load(), BytesSent: l.sent.bytes.Load(),
			PacketsReceived: l.counted.packets.Load(), BytesReceived: l.counted.bytes.Load(), PacketsLost: l.counted.lost.Load(),
			Jitter:        time.Duration(l.counted.jitter.Load()),
			JitterMax:     time.Duration(l.counted.jitterMax.Load()),
			JitterAverage: time.Duration(l.counted.jitterAverage.Load()),
		},
		Concealed:    l.counted.concealed.Load(),
		Played:       l.counted.played.Load(),
		JitterBuffer: time.Duration(l.counted.delay.Load()),
	}
	s.Video = l.pictures.stats()
	if name := l.codecName.Load(); name != nil {
		s.Codec = *name
	}
	if t := l.reported.Load(); t != nil {
		s.NetworkType, s.Network = t.NetworkType, t.network
		if s.RoundTrip = t.Audio.RoundTrip; s.RoundTrip == 0 { // there may be pictures alone
			s.RoundTrip = t.Video.RoundTrip
		}
		t.Audio.put(&s.StreamStats)
		t.Video.put(&s.Video)
	}
	return s
}

// put writes down what the far end reports of a stream of ours.
func (t *SentStats) put(s *phone.StreamStats) {
	s.RemoteReported, s.RemoteLost, s.RemoteReceived = t.Reported, t.Lost, t.Received
	s.RemoteJitter, s.RemoteJitterMax, s.RemoteJitterAverage = t.Jitter, t.JitterMax, t.JitterAverage
}

// sentCount counts what went out of one medium.
type sentCount struct{ packets, bytes atomic.Uint64 }

// through is write with every packet that goes out counted.
func (c *sentCount) through(write func(*rtp.Header, []byte) bool) func(*rtp.Header, []byte) {
	return func(h *rtp.Header, payload []byte) {
		if write(h, payload) {
			c.packets.Add(1)
			c.bytes.Add(uint64(len(payload)))
		}
	}
}

// leastLoss is the percentage of loss that the encoder reckons with at least: one report without any does not mean that the next
// packet comes, and without it Opus would carry no FEC at all.
const leastLoss = 5

// lookAtTransport runs on the queue, since a transport may take its time.
func (l *leg) lookAtTransport() {
	if l.transport == nil {
		return
	}
	t := l.transport.Stats()
	seen := reported{TransportStats: t}
	if old := l.reported.Load(); old != nil && old.Local == t.Local {
		seen.network = old.network
	} else {
		seen.network = networkOf(t.Local)
	}
	l.reported.Store(&seen)
	l.encoderLoss.Store(int32(max(leastLoss, 100*min(1, t.Audio.FractionLost))))
}

// setCodecs takes over a negotiation. It runs on the transport's or the queue's goroutine.
func (l *leg) setCodecs(n Negotiated) error {
	l.sound.Lock()
	defer l.sound.Unlock()
	send := &sending{audio: n.Audio, event: n.Event, packet: packetOf(n.Audio.Name, n.PacketTime)}
	if old := l.send; old != nil && old.audio == n.Audio && old.packet == send.packet {
		send.encoder = old.encoder
	} else {
		encoder, err := codec.NewEncoder(codec.Spec{Name: n.Audio.Name, FEC: n.Audio.FEC, MaxBitrate: n.Audio.MaxBitrate,
			PacketTime: time.Duration(send.packet/ms) * time.Millisecond})
		if err != nil {
			return err
		}
		send.encoder = encoder
		if old != nil {
			old.encoder.Close()
		}
		l.loss = 0
	}
	receive, err := l.decoders(n)
	if err != nil {
		return err
	}
	l.send, l.receive = send, receive
	name := n.Audio.Name
	l.codecName.Store(&name)
	l.canDTMF.Store(n.Event.Name != "")
	return nil
}
