package sdp

import (
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hookswitch/hookswitch/phone"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var some = Codecs{
	{PayloadType: 111, Name: "opus", ClockRate: 48000, Channels: 2, FMTP: "useinbandfec=1"},
	{PayloadType: 8, Name: "PCMA", ClockRate: 8000, Channels: 1},
	{PayloadType: 101, Name: EventName, ClockRate: 8000, Channels: 1, FMTP: "0-16"},
}

const head = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\na=sendonly\r\n"

func TestAnAudioLineIsReadWithWhatTheSessionSaysOfIt(t *testing.T) {
	d, err := Read([]byte(head+"m=video 4 RTP/AVP 31\r\nm=audio 4000 RTP/AVP 96 8 0\r\na=rtpmap:96 OPUS/48000/2\r\na=fmtp:96 useinbandfec=1;maxaveragebitrate=20000\r\na=ptime:40\r\na=ssrc:77 cname:x\r\n"),
		-1, (*Line).IsAudio)
	if err != nil {
		t.Fatal(err)
	}
	if d.Index != 1 || len(d.Lines) != 2 || d.Direction != SendOnly || !d.HeldByThem() || d.PacketTime != 40*time.Millisecond || d.SSRC != 77 || d.Address != "192.0.2.1" || d.Audio().Port != 4000 {
		t.Errorf("%+v", d)
	}
	a, err := some.Agree(d.Formats)
	if err != nil || a.Audio.PayloadType != 96 || a.Audio.Name != "opus" || a.Event.Name != "" {
		t.Errorf("%+v %v", a, err)
	}
	if s := some.Spec(a.Audio); !s.FEC || s.MaxBitrate != 20000 {
		t.Errorf("%+v", s)
	}
	if mine := Numbered(a.Use, some); mine[0].PayloadType != 111 {
		t.Errorf("%+v", mine)
	}
}

func TestWhatIsInUseComesFirstAndKeepsItsNumber(t *testing.T) {
	again := some.Again([]Format{{PayloadType: 96, Name: "PCMA", ClockRate: 8000, Channels: 1}})
	if Numbers(again) != "96 111 101" {
		t.Errorf("%s", Numbers(again))
	}
}

// FuzzRead: what is read has lines that can be written and read again.
func FuzzRead(f *testing.F) {
	f.Add([]byte(head + "m=audio 4000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=mid:0\r\na=fingerprint:sha-256 AA\r\na=setup:active\r\n"))
	f.Add([]byte(head + "m=video 1 RTP/AVP 3\r\nm=audio 4000 RTP/SAVP 0\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := Read(raw, -1, (*Line).IsAudio)
		if err != nil {
			if !errors.Is(err, phone.ErrMediaMalformed) && !errors.Is(err, phone.ErrMediaIncompatible) {
				t.Fatalf("an error of no kind: %v", err)
			}
			return
		}
		_, _, _ = d.Fingerprint() // must not crash
		_, _ = d.Setup()
		if a, err := some.Agree(d.Formats); err == nil {
			_ = some.Negotiated(a, some, SendRecv, d)
		}
		var text Text
		text.Head(1, 1, "IN IP4 192.0.2.1")
		for _, l := range d.Lines {
			text.Refused(l)
		}
		if _, err := Read(text.Bytes(), 0, func(*Line) bool { return true }); err != nil {
			t.Fatalf("%v\n%s", err, text.String())
		}
	})
}
