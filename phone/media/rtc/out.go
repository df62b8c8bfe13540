package rtc

import (
	"sync"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/hookswitch/hookswitch/phone/media/carrier"
)

// outTrack is our stream. Unlike pion's own tracks it leaves payload type, sequence number, timestamp and
// marker as they are, so that telephone-event and audio go side by side.
type outTrack struct {
	bound func() // called when packets can be written
	video bool
	sent  *carrier.Sent

	mu     sync.Mutex
	writer webrtc.TrackLocalWriter
	header rtp.Header // kept here, so that a packet needs no allocation
	ssrc   uint32
}

// Bind gives the way out; pion calls it when the first description is complete.
func (o *outTrack) Bind(c webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	codecs := c.CodecParameters()
	if len(codecs) == 0 {
		return webrtc.RTPCodecParameters{}, webrtc.ErrUnsupportedCodec
	}
	o.mu.Lock()
	o.writer, o.ssrc = c.WriteStream(), uint32(c.SSRC())
	o.mu.Unlock()
	if o.bound != nil {
		o.bound()
	}
	return codecs[0], nil
}

// Unbind takes it away.
func (o *outTrack) Unbind(webrtc.TrackLocalContext) error {
	o.mu.Lock()
	o.writer = nil
	o.mu.Unlock()
	return nil
}

// ready reports whether packets have a way out.
func (o *outTrack) ready() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.writer != nil
}

// write sends a packet and reports whether it did. When the socket is gone, ICE notices and tells.
func (o *outTrack) write(h *rtp.Header, payload []byte) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.writer == nil {
		return false
	}
	o.header = *h
	o.header.Version, o.header.SSRC = 2, o.ssrc
	if _, err := o.writer.WriteRTP(&o.header, payload); err != nil {
		return false
	}
	o.sent.Count(o.ssrc, h, len(payload), time.Now())
	return true
}

// source is the SSRC that packets go under; 0: there is none yet.
func (o *outTrack) source() uint32 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.ssrc
}

// ID, RID, StreamID and Kind name the track to pion.
func (o *outTrack) ID() string { return o.Kind().String() }

// RID is of simulcast, which there is none of here.
func (*outTrack) RID() string { return "" }

// StreamID is what a=msid says.
func (*outTrack) StreamID() string { return "hookswitch" }

// Kind is audio or video.
func (o *outTrack) Kind() webrtc.RTPCodecType {
	if o.video {
		return webrtc.RTPCodecTypeVideo
	}
	return webrtc.RTPCodecTypeAudio
}
