package rtc

import (
	"strings"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
	"github.com/hookswitch/hookswitch/phone/media/carrier/carriertest"
)

var (
	seen  = phone.MediaWish{Video: true}
	heard = phone.MediaWish{}
)

// show writes packets of pictures until one arrives at the other end.
func show(t testing.TB, from, to *end, payloadType uint8) *rtp.Packet {
	t.Helper()
	out, _ := from.Transport.(media.VideoTransport)
	deadline := time.Now().Add(carriertest.Patience)
	for seq := uint16(1); time.Now().Before(deadline); seq++ {
		out.WriteVideo(&rtp.Header{PayloadType: payloadType, SequenceNumber: seq, Timestamp: uint32(seq) * 6000, Marker: true}, []byte("picture"))
		timer := time.NewTimer(20 * time.Millisecond)
		select {
		case p := <-to.Pictures:
			timer.Stop()
			if p.PayloadType == payloadType && string(p.Payload) == "picture" {
				return p
			}
		case <-timer.C:
		}
	}
	t.Fatal("no picture arrived")
	return nil
}

// ports are what the m-lines of a description say, "audio:on video:off".
func ports(t testing.TB, raw string) string {
	t.Helper()
	var out []string
	for _, l := range describe(t, raw).Lines {
		state := "on"
		if l.Port == 0 {
			state = "off"
		}
		out = append(out, l.Media+":"+state)
	}
	return strings.Join(out, " ")
}

func TestPicturesGoBothWaysBesideTheSound(t *testing.T) {
	f := newFactory(t)
	a, b := newEnd(t, f), newEnd(t, f)
	na, nb := carriertest.Exchange(a, b, seen, seen)
	if na.Video != nb.Video || na.Video != (media.VideoSpec{On: true, PayloadType: 96, Sends: true, Shares: true}) {
		t.Fatalf("%+v, %+v", na.Video, nb.Video)
	}
	carriertest.Send(a, b, 111, "sound")
	there, back := show(t, a, b, 96), show(t, b, a, 96)
	if sound := carriertest.Send(a, b, 111, "more sound"); sound.SSRC == there.SSRC || there.SSRC == back.SSRC {
		t.Error("two streams have one source")
	}
	out, _ := b.Transport.(media.VideoTransport)
	out.AskPicture()
	carriertest.Await(a, "request for a key frame", a.Asked)
}

func TestVideoComesAndGoesInACall(t *testing.T) {
	a, b := connected(t)
	carriertest.Send(a, b, 111, "x")
	for _, s := range []struct {
		name         string
		from, to     *end
		wish, answer phone.MediaWish
		lines        string
		fromHas      media.VideoSpec
	}{
		{"the caller adds it", a, b, seen, seen, "audio:on video:on", media.VideoSpec{On: true, PayloadType: 96, Sends: true, Shares: true}},
		{"the caller drops it", a, b, heard, seen, "audio:on video:off", media.VideoSpec{}},
		{"the callee adds it again", b, a, seen, phone.MediaWish{Watch: true}, "audio:on video:on", media.VideoSpec{On: true, PayloadType: 96, Shares: true}},
		{"the callee holds", b, a, phone.MediaWish{Video: true, Hold: true}, seen, "audio:on video:on", media.VideoSpec{On: true, PayloadType: 96, Shares: true}},
		{"the caller shows himself, too", a, b, seen, seen, "audio:on video:on", media.VideoSpec{On: true, PayloadType: 96, Sends: true, Shares: true}},
		{"the caller wants to see only", a, b, phone.MediaWish{Watch: true}, seen, "audio:on video:on", media.VideoSpec{On: true, PayloadType: 96, Sends: true}},
		{"the callee drops it", b, a, heard, heard, "audio:on video:off", media.VideoSpec{}},
	} {
		offer := s.from.Offer(s.wish)
		answer, _ := s.to.Answer(offer, s.answer)
		n := s.from.Remote(answer)
		if ports(t, offer) != s.lines || ports(t, answer) != s.lines {
			t.Errorf("%s: %s, then %s", s.name, ports(t, offer), ports(t, answer))
		}
		if n.Video != s.fromHas {
			t.Errorf("%s: %+v", s.name, n.Video)
		}
		if n.Video.Shares {
			show(t, s.from, s.to, 96)
		}
		carriertest.Send(a, b, 111, "the sound goes on")
	}
}

func TestALineThatWasDroppedComesBackUnderAnotherName(t *testing.T) {
	a, b := connected(t)
	mid := func(raw string) string { return describe(t, raw).Lines[1].MID }
	first := a.Offer(seen)
	answer, _ := b.Answer(first, heard)
	a.Remote(answer)
	again := a.Offer(seen)
	if ports(t, answer) != "audio:on video:off" || mid(first) == mid(again) {
		t.Errorf("%s; %q, then %q", ports(t, answer), mid(first), mid(again))
	}
	answer, _ = b.Answer(again, seen)
	if n := a.Remote(answer); !n.Video.On || strings.Count(again, "m=") != 2 {
		t.Errorf("%+v\n%s", n.Video, again)
	}
	kept := a.Offer(seen)
	if mid(kept) != mid(again) {
		t.Errorf("a line in use changes its name from %q to %q", mid(again), mid(kept))
	}
}

func TestVideoThatCannotGoWithTheSoundIsRefused(t *testing.T) {
	f := newFactory(t)
	offer := newEnd(t, f).Offer(seen)
	for name, change := range map[string]func(string) string{
		"no BUNDLE":               func(s string) string { return strings.Replace(s, "a=group:BUNDLE 0 v1\r\n", "", 1) },
		"a group without it":      func(s string) string { return strings.Replace(s, "BUNDLE 0 v1", "BUNDLE 0", 1) },
		"another codec":           func(s string) string { return strings.Replace(s, "VP8/90000", "H264/90000", 1) },
		"a profile that is clear": func(s string) string { return strings.Replace(s, "UDP/TLS/RTP/SAVPF 96", "RTP/AVP 96", 1) },
		"a number of the sound's": func(s string) string {
			return strings.NewReplacer("SAVPF 96", "SAVPF 111", "rtpmap:96", "rtpmap:111").Replace(s)
		},
		"port 0": func(s string) string {
			at := strings.Index(s, "m=video ")
			rest := s[at+len("m=video "):]
			return s[:at] + "m=video 0" + rest[strings.Index(rest, " "):]
		},
	} {
		t.Run(name, func(t *testing.T) {
			changed := change(offer)
			if changed == offer {
				t.Fatal("nothing was changed")
			}
			answer, n := newEnd(t, f).Answer(changed, seen)
			if n.Video.On || ports(t, answer) != "audio:on video:off" || n.Audio.Name != "opus" {
				t.Errorf("%+v\n%s", n.Video, answer)
			}
		})
	}
}

func TestVideoTakesANumberThatTheSoundLeaves(t *testing.T) {
	f := newFactory(t)
	a, b := newEnd(t, f), newEnd(t, f)
	offer := renumber(a.Offer(heard), "111", "96")
	b.Answer(offer, heard)
	again := b.Offer(seen)
	if !strings.Contains(again, "m=video") || strings.Contains(again, "rtpmap:96 VP8") || !strings.Contains(again, "rtpmap:97 VP8/90000") {
		t.Error(again)
	}
}

func TestALostPictureIsSentAgainOnRequest(t *testing.T) {
	f := newFactory(t)
	a, b := newEnd(t, f), newEnd(t, f)
	carriertest.Exchange(a, b, seen, seen)
	source := show(t, a, b, 96).SSRC
	here, _ := a.Transport.(*transport)
	there, _ := b.Transport.(*transport)
	track := here.current.Load().video.Load().track
	track.mu.Lock()
	way := track.writer
	track.writer = nil // the next one is lost
	track.mu.Unlock()
	here.WriteVideo(&rtp.Header{PayloadType: 96, SequenceNumber: 5000}, []byte("lost"))
	track.mu.Lock()
	track.writer = way
	track.mu.Unlock()
	nack := &rtcp.TransportLayerNack{SenderSSRC: 1, MediaSSRC: source, Nacks: []rtcp.NackPair{{PacketID: 5000}}}
	if err := there.current.Load().pc.WriteRTCP([]rtcp.Packet{nack}); err != nil {
		t.Fatal(err)
	}
	for {
		if p := carriertest.Await(b, "lost packet", b.Pictures); p.SequenceNumber == 5000 && string(p.Payload) == "lost" {
			return
		}
	}
}
