package rtc

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
	"github.com/hookswitch/hookswitch/phone/media/carrier"
	"github.com/hookswitch/hookswitch/phone/media/sdp"
)

// videoClock is VP8's (RFC 7741 §4.1).
const videoClock = 90000

// vp8 is our only video codec. The number is the one that browsers use.
var vp8 = sdp.Format{PayloadType: 96, Name: "VP8", ClockRate: videoClock, Channels: 1}

// videoFeedback is what we understand and send of RFC 4585 and RFC 5104.
var videoFeedback = []string{"nack", "nack pli", "ccm fir"}

var _ media.VideoTransport = (*transport)(nil)

// videoLine is the video of one exchange; the zero value is none.
type videoLine struct {
	on        bool
	index     int        // among the lines
	format    sdp.Format // as our side numbers it
	direction sdp.Direction
}

// usableVideo reports whether a line is a video stream that could go over the audio's transport.
func (d *description) usableVideo(l *sdp.Line) bool {
	used := l.Port != 0 || l.HasAttribute("bundle-only") // RFC 9143 §6
	return l.Media == "video" && used && d.inBundle(l.MID) && strings.HasPrefix(strings.ToUpper(l.Proto), "UDP/TLS/RTP/")
}

// findVideo finds the video that goes with the audio: in the same BUNDLE group, of a codec that we have. want is the line's index,
// or -1 for the first one that fits.
func (d *description) findVideo(want int) (*sdp.Description, bool) {
	if !d.bundled {
		return nil, false
	}
	for i := range d.Lines {
		if want >= 0 && i != want || !d.usableVideo(&d.Lines[i]) {
			continue
		}
		v := d.Other(i)
		k := slices.IndexFunc(v.Formats, vp8.Same)
		if k >= 0 && !slices.ContainsFunc(d.Formats, func(f sdp.Format) bool { return f.PayloadType == v.Formats[k].PayloadType }) {
			return v, true
		}
	}
	return nil, false
}

// theirVP8 is VP8 as that description numbers it.
func theirVP8(v *sdp.Description) sdp.Format {
	f := v.Formats[slices.IndexFunc(v.Formats, vp8.Same)]
	f.Name = vp8.Name
	return f
}

// unshared is a direction of video when ours is not to be sent.
func unshared(d sdp.Direction) sdp.Direction {
	switch d {
	case sdp.SendRecv:
		return sdp.RecvOnly
	case sdp.SendOnly:
		return sdp.Inactive
	}
	return d
}

// offerVideo puts video into our offer: on the line that has it or had it, else on a new last one. A line that was refused or
// dropped gets another mid (RFC 8829 §5.2.2), by which browsers know that it begins anew.
func (t *transport) offerVideo(l *localDescription, p *peer, wish phone.MediaWish, held bool) error {
	s := &t.session
	out, err := t.videoOf(p)
	if err != nil {
		return err
	}
	v := videoLine{on: true, format: vp8, direction: sdp.OfferDirection(wish.Hold, held)}
	if !wish.Video {
		v.direction = unshared(v.direction)
	}
	if s.video.format.Name != "" {
		v.format = s.video.format
	}
	for taken := sdp.HasNumber(l.formats); taken(v.format.PayloadType) && v.format.PayloadType < 127; {
		v.format.PayloadType++
	}
	v.index = slices.IndexFunc(l.lines, func(m sdp.Line) bool { return m.Media == "video" })
	line := sdp.Line{Media: "video", Proto: l.lines[l.index].Proto, Formats: []string{strconv.Itoa(int(v.format.PayloadType))}}
	switch {
	case v.index < 0:
		v.index = len(l.lines)
		l.lines = append(l.lines, line)
	case s.video.on && s.video.index == v.index:
		line = l.lines[v.index]
	}
	for line.MID == "" || line.MID == l.lines[l.index].MID {
		s.recast++
		line.MID = "v" + strconv.Itoa(s.recast)
	}
	l.lines[v.index] = line
	l.video, l.videoSSRC = v, out.ssrc()
	return nil
}

// answerVideo takes the video of their offer.
func (t *transport) answerVideo(l *localDescription, p *peer, wish phone.MediaWish, theirs *sdp.Description) error {
	out, err := t.videoOf(p)
	if err != nil {
		return err
	}
	l.video = videoLine{on: true, index: theirs.Index, format: theirVP8(theirs), direction: sdp.AnswerDirection(wish.Hold, theirs)}
	if !wish.Video {
		l.video.direction = unshared(l.video.direction)
	}
	l.videoSSRC = out.ssrc()
	return nil
}

// settleVideo keeps what came of the video and returns what the sink is told of it.
func (t *transport) settleVideo(v videoLine, theirs *sdp.Description, sound []sdp.Format) media.VideoSpec {
	s := &t.session
	if !v.on {
		s.video.on = false
		t.pictures.Store(nil)
		return media.VideoSpec{}
	}
	s.video = v
	types := new([128]bool)
	types[v.format.PayloadType&127] = true
	if number := theirVP8(theirs).PayloadType; !sdp.HasNumber(sound)(number) {
		types[number&127] = true
	}
	t.pictures.Store(types)
	return v.spec(theirs)
}

// videoOf is the peer's video stream, which is made when a description first tells of it.
func (t *transport) videoOf(p *peer) (*videoOut, error) {
	if v := p.video.Load(); v != nil {
		return v, nil
	}
	v, err := newVideoOut(p, t.factory, &t.shown, func() {
		t.Tell(func(s media.TransportSink) {
			if k, ok := s.(media.VideoSink); ok && t.current.Load() == p {
				k.PictureAsked()
			}
		})
	})
	if err != nil {
		return nil, err
	}
	p.video.Store(v)
	return v, nil
}

// deliver hands a packet to the sink: a picture's by its payload type, which BUNDLE makes unique (RFC 9143 §9.1); all else is sound.
func (t *transport) deliver(s media.TransportSink, p *peer, packet *rtp.Packet, at time.Time) {
	types := t.pictures.Load()
	if types == nil || !types[packet.PayloadType&127] {
		s.RTP(packet, at)
		return
	}
	if v := p.video.Load(); v != nil {
		v.source.Store(packet.SSRC)
	}
	if k, ok := s.(media.VideoSink); ok {
		k.Video(packet, at)
	}
}

// WriteVideo implements media.VideoTransport.
func (t *transport) WriteVideo(h *rtp.Header, payload []byte) bool {
	p := t.current.Load()
	if p == nil || !t.up.Load() {
		return false
	}
	v := p.video.Load()
	return v != nil && v.write(h, payload)
}

// AskPicture implements media.VideoTransport.
func (t *transport) AskPicture() {
	p := t.current.Load()
	if p == nil || !t.up.Load() {
		return
	}
	if v := p.video.Load(); v != nil && v.source.Load() != 0 {
		p.report(&rtcp.PictureLossIndication{SenderSSRC: v.ssrc(), MediaSSRC: v.source.Load()})
	}
}

// spec is what the sink is told: ours is what we said, theirs what they said, number what they take.
func (v videoLine) spec(theirs *sdp.Description) media.VideoSpec {
	if !v.on {
		return media.VideoSpec{}
	}
	weTake := v.direction == sdp.SendRecv || v.direction == sdp.RecvOnly
	weSend := v.direction == sdp.SendRecv || v.direction == sdp.SendOnly
	theyTake := theirs.Direction == sdp.SendRecv || theirs.Direction == sdp.RecvOnly
	theySend := theirs.Direction == sdp.SendRecv || theirs.Direction == sdp.SendOnly
	return media.VideoSpec{On: true, PayloadType: theirVP8(theirs).PayloadType, Sends: weTake && theySend, Shares: weSend && theyTake}
}

// writeVideo writes the m-line of a video that is on. Everything of ICE and DTLS is the audio line's (RFC 9143 §7.1.3), and
// repeated for those who look for it here.
func (l *localDescription) writeVideo(w *sdp.Text, connection, port string) {
	own, t, v := l.lines[l.video.index], l.transport, l.video
	w.Line("m=video ", port, " ", own.Proto, " ", sdp.Numbers([]sdp.Format{v.format}))
	w.Line("c=", connection)
	if l.mux {
		w.Line("a=rtcp-mux")
	}
	w.Line("a=mid:", own.MID)
	w.Line("a=ice-ufrag:", t.ufrag)
	w.Line("a=ice-pwd:", t.password)
	w.Line("a=fingerprint:", t.hash, " ", t.digest)
	w.Line("a=setup:", l.setup)
	w.Format(v.format, sdp.Codecs{vp8})
	for _, f := range videoFeedback {
		w.Line("a=rtcp-fb:", sdp.Numbers([]sdp.Format{v.format}), " ", f)
	}
	w.Line("a=", string(v.direction))
	ssrc := strconv.FormatUint(uint64(l.videoSSRC), 10)
	w.Line("a=msid:hookswitch video")
	w.Line("a=ssrc:", ssrc, " cname:hookswitch")
	w.Line("a=ssrc:", ssrc, " msid:hookswitch video")
}

// videoOut is our video stream beside the audio one: a sender of its own on the same DTLS transport, of which no description tells
// pion. Packets that the far end has lost are repeated by pion's responder.
type videoOut struct {
	track   *outTrack
	sender  *webrtc.RTPSender
	repeats interceptor.Interceptor
	writer  interceptor.RTPWriter
	asked   func()
	source  atomic.Uint32 // of their pictures
}

// errNotSent: a packet has no way out.
var errNotSent = errors.New("rtc: not sent")

// newVideoOut makes it; the reports' goroutine is the peer's.
func newVideoOut(p *peer, f *Factory, sent *carrier.Sent, asked func()) (*videoOut, error) {
	v := &videoOut{track: &outTrack{video: true, sent: sent}, asked: asked}
	var err error
	if v.sender, err = p.api.NewRTPSender(v.track, p.sender.Transport()); err != nil {
		return nil, wrapLocal(err)
	}
	if v.repeats, err = f.repeats.NewInterceptor(""); err != nil {
		return nil, wrapLocal(err)
	}
	if err := v.sender.Send(v.sender.GetParameters()); err != nil {
		return nil, wrapLocal(err)
	}
	p.marks.video.Store(v.ssrc())
	info := &interceptor.StreamInfo{SSRC: v.ssrc(), ClockRate: videoClock, MimeType: webrtc.MimeTypeVP8, RTCPFeedback: []interceptor.RTCPFeedback{{Type: "nack"}}}
	v.writer = v.repeats.BindLocalStream(info, interceptor.RTPWriterFunc(func(h *rtp.Header, payload []byte, _ interceptor.Attributes) (int, error) {
		if !v.track.write(h, payload) {
			return 0, errNotSent
		}
		return len(payload), nil
	}))
	p.loops.Go(v.readReports)
	return v, nil
}

func (v *videoOut) ssrc() uint32 { return v.track.source() }

func (v *videoOut) write(h *rtp.Header, payload []byte) bool {
	header := *h
	header.Version, header.SSRC = 2, v.ssrc()
	_, err := v.writer.Write(&header, payload, nil)
	return err == nil
}

// readReports reads what the far end says of our pictures, until the sender stops: how they came, what it lost, which is
// repeated, and whether it needs a key frame (PLI, RFC 4585 §6.3.1; FIR, RFC 5104 §4.3.1).
func (v *videoOut) readReports() {
	reader := v.repeats.BindRTCPReader(interceptor.RTCPReaderFunc(func(b []byte, a interceptor.Attributes) (int, interceptor.Attributes, error) {
		for {
			n, _, err := v.sender.Read(b)
			switch {
			case errors.Is(err, io.ErrShortBuffer):
				continue
			case err != nil:
				return 0, a, err
			}
			if _, err := rtcp.Unmarshal(b[:n]); err == nil { // what is none ends nothing
				return n, a, nil
			}
		}
	}))
	readControl(func(b []byte) (int, error) {
		n, _, err := reader.Read(b, interceptor.Attributes{})
		return n, err
	}, v.take)
}

func (v *videoOut) take(packets []rtcp.Packet) {
	now := time.Now()
	for _, packet := range packets {
		v.track.sent.Take(packet, now)
		switch packet.(type) {
		case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
			v.asked()
		}
	}
}

func (v *videoOut) close() {
	_ = v.repeats.Close()
	_ = v.sender.Stop()
}
