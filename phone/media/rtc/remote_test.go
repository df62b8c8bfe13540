package rtc

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	psdp "github.com/pion/sdp/v3"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/sdp"
)

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name + ".sdp")
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestWhatOthersWriteIsRead(t *testing.T) {
	cases := []struct {
		file, codec, event string
		eventType          uint8
		index, candidates  int
		setup              string
		direction          sdp.Direction
		packetTime         time.Duration
	}{
		{"chromium-offer", "opus", "telephone-event", 110, 0, -1, "actpass", sdp.SendRecv, 20 * time.Millisecond},
		{"chromium-answer", "opus", "telephone-event", 110, 0, -1, "active", sdp.SendRecv, 20 * time.Millisecond},
		{"jssip-offer", "opus", "telephone-event", 110, 0, 1, "actpass", sdp.SendRecv, 20 * time.Millisecond},
		{"asterisk-offer", "opus", "telephone-event", 101, 0, 2, "actpass", sdp.SendRecv, 20 * time.Millisecond},
		{"rtpengine-answer", "PCMA", "telephone-event", 101, 0, 1, "active", sdp.SendRecv, 30 * time.Millisecond},
		{"gateway-g722-answer", "G722", "telephone-event", 101, 0, 1, "passive", sdp.SendRecv, 20 * time.Millisecond},
		{"gateway-offer", "PCMU", "telephone-event", 96, 1, 1, "active", sdp.SendOnly, 20 * time.Millisecond},
	}
	for _, c := range cases {
		d, err := parseDescription(fixture(t, c.file), -1)
		if err != nil {
			t.Errorf("%s: %v", c.file, err)
			continue
		}
		a, err := ours.Agree(d.Formats)
		if err != nil || a.Audio.Name != c.codec || a.Event.Name != c.event || a.Event.PayloadType != c.eventType {
			t.Errorf("%s: agreed on %+v, %v", c.file, a, err)
		}
		if d.Index != c.index || d.setup != c.setup || d.Direction != c.direction || d.PacketTime != c.packetTime {
			t.Errorf("%s: index %d, setup %s, %s, %v", c.file, d.Index, d.setup, d.Direction, d.PacketTime)
		}
		if n := len(d.candidates); (c.candidates >= 0 && n != c.candidates) || n == 0 {
			t.Errorf("%s: %d candidates", c.file, n)
		}
		if d.hash != "sha-256" || d.HeldByZero {
			t.Errorf("%s: hash %q, held by zero %v", c.file, d.hash, d.HeldByZero)
		}
	}
}

func TestTheFarEndsOpusParametersAreTaken(t *testing.T) {
	d, err := parseDescription(fixture(t, "asterisk-offer"), -1)
	if err != nil {
		t.Fatal(err)
	}
	a, err := ours.Agree(d.Formats)
	if err != nil {
		t.Fatal(err)
	}
	s := ours.Spec(a.Audio)
	if s.PayloadType != 107 || !s.FEC || s.MaxBitrate != 24000 || s.ClockRate != 48000 || s.Channels != 2 {
		t.Errorf("%+v", s)
	}
}

func TestBadDescriptionsAreRefusedByKind(t *testing.T) {
	good := string(fixture(t, "asterisk-offer"))
	without := func(prefix string) string {
		lines := strings.Split(good, "\r\n")
		return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, prefix) }), "\r\n")
	}
	cases := []struct {
		name, sdp string
		want      error
	}{
		{"nothing", "", phone.ErrMediaMalformed},
		{"no SDP", "hello", phone.ErrMediaMalformed},
		{"too long", good + strings.Repeat("a=x:y\r\n", 20000), phone.ErrMediaMalformed},
		{"no media line", "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n", phone.ErrMediaMalformed},
		{"fingerprint is no hex", strings.Replace(good, "4A:AD", "ZZ:AD", 1), phone.ErrMediaMalformed},
		{"odd setup", strings.Replace(good, "setup:actpass", "setup:upside", 1), phone.ErrMediaMalformed},
		{"short password", strings.Replace(good, "41f0e2b16d05e8df47fc7ab9", "short", 1), phone.ErrMediaMalformed},
		{"no ICE", without("a=ice"), phone.ErrMediaIncompatible},
		{"no fingerprint", without("a=fingerprint"), phone.ErrMediaIncompatible},
		{"audio refused", strings.Replace(good, "m=audio 16412", "m=audio 0", 1), phone.ErrMediaIncompatible},
		{"video only", strings.Replace(good, "m=audio", "m=video", 1), phone.ErrMediaIncompatible},
		{"unknown codecs", strings.NewReplacer("107 8 0 101", "97 101", "rtpmap:107 opus/48000/2", "rtpmap:97 AMR-WB/16000").Replace(good), phone.ErrMediaIncompatible},
	}
	for _, c := range cases {
		d, err := parseDescription([]byte(c.sdp), -1)
		if err == nil {
			_, err = ours.Agree(d.Formats)
		}
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestHoldIsReadInAllItsForms(t *testing.T) {
	good := string(fixture(t, "asterisk-offer"))
	cases := []struct {
		name, old, new string
		held           bool
	}{
		{"sendrecv", "a=sendrecv", "a=sendrecv", false},
		{"no direction at all", "a=sendrecv\r\n", "", false},
		{"sendonly", "a=sendrecv", "a=sendonly", true},
		{"inactive", "a=sendrecv", "a=inactive", true},
		{"recvonly", "a=sendrecv", "a=recvonly", false},
		{"c=0.0.0.0", "c=IN IP4 192.0.2.30", "c=IN IP4 0.0.0.0", true},
	}
	for _, c := range cases {
		d, err := parseDescription([]byte(strings.Replace(good, c.old, c.new, 1)), -1)
		if err != nil || d.HeldByThem() != c.held {
			t.Errorf("%s: held %v, %v", c.name, d.HeldByThem(), err)
		}
	}
	trickle := strings.NewReplacer("c=IN IP4 192.0.2.30", "c=IN IP4 0.0.0.0", "m=audio 16412", "m=audio 9").Replace(good)
	if d, err := parseDescription([]byte(trickle), -1); err != nil || d.HeldByThem() {
		t.Errorf("no default candidate is taken for hold: %v", err)
	}
}

func TestAnswerDirections(t *testing.T) {
	for theirs, want := range map[sdp.Direction][2]sdp.Direction{ // not held by us, held by us
		sdp.SendRecv: {sdp.SendRecv, sdp.SendOnly},
		sdp.SendOnly: {sdp.RecvOnly, sdp.Inactive},
		sdp.RecvOnly: {sdp.SendOnly, sdp.SendOnly},
		sdp.Inactive: {sdp.Inactive, sdp.Inactive},
	} {
		d := &sdp.Description{Direction: theirs}
		if got := [2]sdp.Direction{sdp.AnswerDirection(false, d), sdp.AnswerDirection(true, d)}; got != want {
			t.Errorf("to %s: %v, want %v", theirs, got, want)
		}
	}
}

func TestOurAnswerFitsTheOfferOfEveryFixture(t *testing.T) {
	for _, name := range []string{"chromium-offer", "jssip-offer", "asterisk-offer", "gateway-offer"} {
		e := newEnd(t, newFactory(t))
		raw, n := e.Answer(string(fixture(t, name)), phone.MediaWish{})
		var offer, answer psdp.SessionDescription
		if err := errors.Join(offer.Unmarshal(fixture(t, name)), answer.Unmarshal([]byte(raw))); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, raw)
		}
		if len(offer.MediaDescriptions) != len(answer.MediaDescriptions) {
			t.Fatalf("%s: %d lines in answer to %d", name, len(answer.MediaDescriptions), len(offer.MediaDescriptions))
		}
		used := 0
		for i, m := range answer.MediaDescriptions {
			o := offer.MediaDescriptions[i]
			if m.MediaName.Media != o.MediaName.Media || !slices.Equal(m.MediaName.Protos, o.MediaName.Protos) {
				t.Errorf("%s: line %d is %v, offered %v", name, i, m.MediaName, o.MediaName)
			}
			if mid, _ := m.Attribute("mid"); mid != firstAttribute(o, "mid") {
				t.Errorf("%s: line %d has mid %q", name, i, mid)
			}
			if m.MediaName.Port.Value == 0 {
				continue
			}
			used++
			if m.MediaName.Media != "audio" || m.MediaName.Port.Value == 9 || m.ConnectionInformation.Address.Address == "0.0.0.0" {
				t.Errorf("%s: %v at %v", name, m.MediaName, m.ConnectionInformation)
			}
			d, err := parseDescription(fixture(t, name), -1)
			if err != nil {
				t.Fatal(err)
			}
			if want := sdp.Opposite(d.setup); firstAttribute(m, "setup") != want {
				t.Errorf("%s: setup %s, want %s", name, firstAttribute(m, "setup"), want)
			}
		}
		if used != 1 || !n.Encrypted {
			t.Errorf("%s: %d lines in use", name, used)
		}
	}
}

func firstAttribute(m *psdp.MediaDescription, key string) string {
	v, _ := m.Attribute(key)
	return v
}

func TestOurOfferNamesARealAddress(t *testing.T) {
	e := newEnd(t, newFactory(t))
	raw := e.Offer(phone.MediaWish{})
	for _, bad := range []string{"m=audio 9 ", "c=IN IP4 0.0.0.0", "a=inactive"} {
		if strings.Contains(raw, bad) {
			t.Errorf("the offer says %q\n%s", bad, raw)
		}
	}
	for _, good := range []string{"a=rtcp-mux", "a=setup:actpass", "a=mid:0", "a=group:BUNDLE 0", "a=sendrecv", "a=rtpmap:111 opus/48000/2",
		"a=fmtp:111 minptime=10;useinbandfec=1", "UDP/TLS/RTP/SAVPF 111 9 0 8 110 101", "a=rtpmap:9 G722/8000"} {
		if !strings.Contains(raw, good) {
			t.Errorf("the offer lacks %q\n%s", good, raw)
		}
	}
}

func TestTheDefaultCandidateIsTheLikeliestToWork(t *testing.T) {
	host := "1 1 udp 2130706431 192.0.2.1 1000 typ host"
	loopback := "1 1 udp 2130706431 127.0.0.1 2000 typ host"
	six := "1 1 udp 2130706431 2001:db8::1 3000 typ host"
	relay := "1 1 udp 1 198.51.100.1 4000 typ relay raddr 0.0.0.0 rport 0"
	cases := []struct {
		in   []string
		want string
	}{
		{nil, "IP4 0.0.0.0 9"},
		{[]string{loopback}, "IP4 127.0.0.1 2000"},
		{[]string{loopback, six}, "IP6 2001:db8::1 3000"},
		{[]string{six, host, loopback}, "IP4 192.0.2.1 1000"},
		{[]string{host, relay}, "IP4 198.51.100.1 4000"},
	}
	for _, c := range cases {
		family, address, port := defaultCandidate(c.in)
		if got := family + " " + address + " " + port; got != c.want {
			t.Errorf("%v: %s, want %s", c.in, got, c.want)
		}
	}
}

// FuzzParseDescription: whatever is accepted can be shown to pion and answered, line by line.
func FuzzParseDescription(f *testing.F) {
	for _, name := range []string{"chromium-offer", "chromium-answer", "jssip-offer", "asterisk-offer", "rtpengine-answer", "gateway-offer"} {
		f.Add(fixture(f, name))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		d, err := parseDescription(raw, -1)
		if err != nil {
			if !errors.Is(err, phone.ErrMediaMalformed) && !errors.Is(err, phone.ErrMediaIncompatible) {
				t.Fatalf("an error of no kind: %v", err)
			}
			return
		}
		a, err := ours.Agree(d.Formats)
		if err != nil {
			return
		}
		plain := plainSDP(d, a.Audio, sdp.Opposite(d.setup))
		again, err := parseDescription([]byte(plain), 0)
		if err != nil || !again.sameTransport(d) || len(again.Lines) != 1 {
			t.Fatalf("%v\n%s", err, plain)
		}
		l := localDescription{id: 1, version: 1, lines: d.Lines, index: d.Index, formats: a.Use, direction: sdp.SendRecv, setup: "active", transport: again, grouped: d.bundled}
		written, err := parseDescription(l.write(), d.Index)
		if err != nil && len(d.candidates) > 0 {
			t.Fatalf("own answer: %v\n%s", err, l.write())
		}
		if err == nil && len(written.Lines) != len(d.Lines) {
			t.Fatalf("%d lines for %d\n%s", len(written.Lines), len(d.Lines), l.write())
		}
		_ = negotiated(a, l.formats, l.direction, d)
	})
}
