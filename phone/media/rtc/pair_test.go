package rtc

import (
	"net"
	"testing"
	"time"

	"github.com/pion/rtp"
	"go.uber.org/goleak"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
	"github.com/hookswitch/hookswitch/phone/media/carrier/carriertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// end is one side of a call.
type end = carriertest.End

func newFactory(t testing.TB) *Factory {
	t.Helper()
	f, err := New(Options{IncludeLoopback: true, IPFilter: net.IP.IsLoopback})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func newEnd(t testing.TB, f *Factory) *end {
	t.Helper()
	return carriertest.New(t, f, phone.LegOptions{})
}

func connected(t testing.TB) (a, b *end) {
	t.Helper()
	f := newFactory(t)
	a, b = newEnd(t, f), newEnd(t, f)
	carriertest.Connect(a, b)
	return a, b
}

func TestTwoOfOursTalkBothWays(t *testing.T) {
	a, b := connected(t)
	carriertest.Send(a, b, 111, "from the caller")
	carriertest.Send(b, a, 111, "from the callee")
}

func TestTheAgreementIsOpusWithFECAndItsTelephoneEvent(t *testing.T) {
	f := newFactory(t)
	a, b := newEnd(t, f), newEnd(t, f)
	na, nb := carriertest.Exchange(a, b, phone.MediaWish{}, phone.MediaWish{})
	for _, n := range []media.Negotiated{na, nb} {
		if n.Audio.Name != "opus" || n.Audio.PayloadType != 111 || n.Audio.ClockRate != 48000 || !n.Audio.FEC || !n.Encrypted {
			t.Errorf("audio %+v", n.Audio)
		}
		if n.Event.Name != "telephone-event" || n.Event.PayloadType != 110 || n.Event.ClockRate != 48000 {
			t.Errorf("event %+v", n.Event)
		}
		if n.PacketTime != 20*time.Millisecond || n.HeldByThem {
			t.Errorf("%+v", n)
		}
		if n.Receive[111].Name != "opus" || n.Receive[110].Name != "telephone-event" {
			t.Errorf("receive %+v", n.Receive)
		}
	}
}

func TestTheHeaderIsTheCallers(t *testing.T) {
	a, b := connected(t)
	carriertest.Send(a, b, 111, "audio")
	first := carriertest.Send(a, b, 110, "key")
	if first.PayloadType != 110 {
		t.Fatalf("telephone-event left as %d", first.PayloadType)
	}
	h := &rtp.Header{PayloadType: 110, SequenceNumber: 40000, Timestamp: 123456789, Marker: true, SSRC: 1}
	a.Transport.WriteRTP(h, []byte("once"))
	for {
		p := carriertest.Await(b, "packet", b.Packets)
		if string(p.Payload) != "once" {
			continue
		}
		if p.SequenceNumber != 40000 || p.Timestamp != 123456789 || !p.Marker || p.PayloadType != 110 {
			t.Errorf("%+v", p.Header)
		}
		if p.SSRC != first.SSRC || h.SSRC != 1 {
			t.Errorf("source %d, before %d; the caller's header says %d", p.SSRC, first.SSRC, h.SSRC)
		}
		return
	}
}

func TestPayloadTypesThatNobodyNamedArriveToo(t *testing.T) {
	a, b := connected(t)
	carriertest.Send(a, b, 77, "unknown")
	carriertest.Send(a, b, 111, "known")
}

func TestDescriptionsComeAndGoAsTheEngineExpects(t *testing.T) {
	carriertest.Exchanges(t, func(t *testing.T) (a, b *end) { return connected(t) }, 111)
}

func TestDescriptionsKeepOneLineAndCountUp(t *testing.T) {
	a, b := connected(t)
	carriertest.Send(a, b, 111, "x")
	carriertest.Send(b, a, 111, "x")
	version := uint64(0)
	for range 3 {
		for _, p := range [][2]*end{{a, b}, {b, a}} {
			offer := p[0].Offer(phone.MediaWish{})
			answer, _ := p[1].Answer(offer, phone.MediaWish{})
			p[0].Remote(answer)
			for _, raw := range []string{offer, answer} {
				d, err := parseDescription([]byte(raw), 0)
				if err != nil || len(d.Lines) != 1 {
					t.Fatalf("%v\n%s", err, raw)
				}
			}
			if p[0] == a {
				if v := originVersion(t, offer); v <= version {
					t.Fatalf("version %d after %d", v, version)
				} else {
					version = v
				}
			}
		}
	}
	carriertest.Send(a, b, 111, "still")
	carriertest.Send(b, a, 111, "still")
}

func TestCloseInTheMiddleOfEverything(t *testing.T) {
	f := newFactory(t)
	a, b := newEnd(t, f), newEnd(t, f)
	a.Close() // never used
	a = newEnd(t, f)
	a.Transport.Offer(phone.MediaWish{})
	a.Close() // while gathering
	a = newEnd(t, f)
	answer, _ := b.Answer(a.Offer(phone.MediaWish{}), phone.MediaWish{})
	a.Transport.Remote([]byte(answer), false)
	a.Close() // in the handshake
	b.Close()
	a, b = connected(t)
	start := time.Now()
	b.Close()
	a.Close()
	if took := time.Since(start); took > time.Second {
		t.Errorf("two Close took %v", took)
	}
	a.Transport.WriteRTP(&rtp.Header{}, nil)
	a.Transport.Offer(phone.MediaWish{})
	a.Transport.Close()
	if s := a.Transport.Stats(); s != (media.TransportStats{}) {
		t.Errorf("%+v", s)
	}
}
