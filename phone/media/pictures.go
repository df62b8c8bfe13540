package media

import (
	"image"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/codec"
	"github.com/hookswitch/hookswitch/phone/media/tally"
)

const (
	inboundPictures = 512 // packets that may wait for the decoder
	pictureBitrate  = 600_000
	pictureRate     = 15
	// pictureGap is the least time between two pictures that are sent.
	pictureGap = 40 * time.Millisecond
	// keyGap is the least time between two key frames of ours, however often they are asked for, and between two requests of ours.
	keyGap = 400 * time.Millisecond
	// pictureSide is what a picture's longer side is brought down to.
	pictureSide = 640
	videoClock  = 90000
)

// frame is a picture and its number, see phone.Media's Frame.
type frame struct {
	picture *image.YCbCr
	serial  uint64
}

// pictures is the video of one leg: what a negotiation leaves of it, and two goroutines while there is any.
type pictures struct {
	leg       *leg
	shares    atomic.Bool // ours may go
	near, far atomic.Pointer[frame]
	serial    atomic.Uint64
	keyAsked  atomic.Bool
	number    atomic.Uint32 // the payload type of ours
	camera    chan *image.YCbCr
	sent      sentCount

	sending sync.Mutex // guards out
	out     videoPacketizer

	mu    sync.Mutex
	ended bool
	ever  bool       // there was video
	work  *videoWork // nil: there is no video
	tally tally.Received
	bytes uint64 // of what came
}

// videoWork is the two goroutines of one stretch of video.
type videoWork struct {
	done    chan struct{}
	packets chan *rtp.Packet
}

func newPictures(l *leg) *pictures {
	return &pictures{leg: l, camera: make(chan *image.YCbCr, 1), out: newVideoPacketizer()}
}

// set brings the goroutines in line with what was negotiated, and reports whether the camera may be needed or not any more. It runs
// on the transport's or the queue's goroutine.
func (p *pictures) set(v VideoSpec) (changed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	out, able := p.leg.video.Load().(VideoTransport)
	if p.ended || !able {
		return false
	}
	p.number.Store(uint32(v.PayloadType))
	if shares := v.On && v.Shares; p.shares.Swap(shares) != shares {
		p.keyAsked.Store(true)
		p.near.Store(nil)
		changed = true
	}
	if !v.On || !v.Sends {
		p.far.Store(nil)
	}
	switch {
	case v.On && p.work == nil:
		p.ever = true
		w := &videoWork{done: make(chan struct{}), packets: make(chan *rtp.Packet, inboundPictures)}
		p.work = w
		p.leg.engine.running.Go(func() { p.show(w, out) })
		p.leg.engine.running.Go(func() { p.watch(w, out) })
	case !v.On && p.work != nil:
		close(p.work.done)
		p.work = nil
	}
	return changed
}

// pause is for a hold and its end: a picture that is not sent is not shown here as one that is, and the first one afterwards needs
// none before it.
func (p *pictures) pause() {
	p.near.Store(nil)
	p.keyAsked.Store(true)
}

// stats gathers the counters; they are zero as long as there was no video.
func (p *pictures) stats() phone.StreamStats {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ever {
		return phone.StreamStats{}
	}
	t := p.tally.Totals()
	return phone.StreamStats{Codec: "VP8", PacketsSent: p.sent.packets.Load(), BytesSent: p.sent.bytes.Load(),
		PacketsReceived: t.Packets, BytesReceived: p.bytes, PacketsLost: t.Lost,
		Jitter: t.Jitter, JitterMax: t.JitterMax, JitterAverage: t.JitterAverage}
}

// end ends it for good; the goroutines see to themselves.
func (p *pictures) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	p.shares.Store(false)
	if p.work != nil {
		close(p.work.done)
		p.work = nil
	}
}

// films reports whether the camera's pictures are to go to this leg.
func (p *pictures) films() bool {
	return p.shares.Load() && p.leg.started.Load() && !p.leg.held.Load()
}

// take is given a picture of the camera that nobody changes any more. The oldest makes room.
func (p *pictures) take(picture *image.YCbCr) {
	select {
	case p.camera <- picture:
	default:
		select {
		case <-p.camera:
		default:
		}
		select {
		case p.camera <- picture:
		default:
		}
	}
}

// receive is given a packet of theirs. When the decoder is behind, packets are dropped, as a network would.
func (p *pictures) receive(packet *rtp.Packet, at time.Time) {
	p.mu.Lock()
	w := p.work
	if w != nil && p.tally.Count(&packet.Header, videoClock, at) {
		p.bytes += uint64(len(packet.Payload))
	}
	p.mu.Unlock()
	if w == nil || len(packet.Payload) > maxPayload {
		return
	}
	select {
	case w.packets <- packet:
	default:
	}
}

// show is the goroutine that encodes and sends ours.
func (p *pictures) show(w *videoWork, out VideoTransport) {
	var encoder *codec.VideoEncoder
	size := image.Point{}
	defer func() {
		if encoder != nil {
			encoder.Close()
		}
	}()
	write := p.sent.through(out.WriteVideo)
	var lastKey time.Time
	for {
		var picture *image.YCbCr
		select {
		case <-w.done:
			return
		case picture = <-p.camera:
		}
		if !p.films() {
			continue
		}
		if s := picture.Bounds().Size(); encoder == nil || s != size {
			if encoder != nil {
				encoder.Close()
			}
			var err error
			size = s
			if encoder, err = codec.NewVideoEncoder(codec.VideoSpec{Width: s.X, Height: s.Y, Rate: pictureRate, Bitrate: pictureBitrate}); err != nil {
				p.leg.engine.log.Warn("a picture cannot be encoded", "size", s, "err", err)
				encoder = nil
				continue
			}
		}
		now := time.Now()
		key := now.Sub(lastKey) > keyGap && p.keyAsked.Swap(false)
		coded, err := encoder.Encode(picture, key)
		if err != nil {
			p.leg.engine.log.Warn("a picture cannot be encoded", "err", err)
			encoder.Close()
			encoder = nil
			continue
		}
		if codec.IsVP8Key(coded) {
			lastKey = now
		}
		p.send(w, coded, now, write)
		if p.films() {
			p.near.Store(&frame{picture, p.serial.Add(1)})
		}
	}
}

// send writes a picture, unless its stretch of video is over: there may be a next one already.
func (p *pictures) send(w *videoWork, coded []byte, at time.Time, write func(*rtp.Header, []byte)) {
	p.sending.Lock()
	defer p.sending.Unlock()
	select {
	case <-w.done:
	default:
		p.out.send(coded, uint8(p.number.Load()), at, write)
	}
}

// watch is the goroutine that puts theirs together and decodes them.
func (p *pictures) watch(w *videoWork, out VideoTransport) {
	decoder, err := codec.NewVideoDecoder()
	if err != nil {
		p.leg.engine.log.Warn("no pictures can be shown", "err", err)
		return
	}
	defer decoder.Close()
	var a assembler
	var asked time.Time
	told := false
	for {
		var packet *rtp.Packet
		select {
		case <-w.done:
			return
		case packet = <-w.packets:
		}
		now := time.Now()
		frames, needsKey := a.push(packet, now)
		for _, coded := range frames {
			picture, err := decoder.Decode(coded)
			if err != nil {
				needsKey, a.needsKey = true, true
				continue
			}
			if picture == nil || !p.keep(w, picture) {
				continue
			}
			if !told {
				told = true
				p.leg.post(phone.FirstPicture{Leg: p.leg.id, At: now})
			}
		}
		if needsKey && now.Sub(asked) > keyGap {
			asked = now
			out.AskPicture()
		}
	}
}

// keep makes a picture the newest of theirs, unless the video has ended meanwhile.
func (p *pictures) keep(w *videoWork, picture *image.YCbCr) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.work != w {
		return false
	}
	p.far.Store(&frame{picture, p.serial.Add(1)})
	return true
}

// Video implements VideoSink.
func (s legSink) Video(p *rtp.Packet, at time.Time) { s.pictures.receive(p, at) }

// PictureAsked implements VideoSink.
func (s legSink) PictureAsked() { s.pictures.keyAsked.Store(true) }
