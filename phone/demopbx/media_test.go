package demopbx

import (
	"context"
	"math"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
	"github.com/hookswitch/hookswitch/phone/media/codec"
	"github.com/hookswitch/hookswitch/phone/media/rtc"
)

// ear is the media of a calling phone: a real transport, a tone, and what comes back decoded.
type ear struct {
	t         testing.TB
	transport media.Transport
	local     chan []byte
	up        chan struct{}
	failed    chan error
	agreed    chan media.Negotiated
	packets   chan *rtp.Packet
	edit      func(offer []byte) []byte
	wish      phone.MediaWish
	pictures  chan *rtp.Packet
}

func (e *ear) LocalSDP(sdp []byte)           { e.local <- sdp }
func (e *ear) Negotiated(n media.Negotiated) { e.agreed <- n }
func (e *ear) Failed(err error)              { e.failed <- err }
func (e *ear) Down()                         {}
func (e *ear) Trouble(error)                 {}
func (e *ear) Up(string) {
	select {
	case e.up <- struct{}{}:
	default:
	}
}
func (e *ear) RTP(p *rtp.Packet, _ time.Time) {
	select {
	case e.packets <- p:
	default:
	}
}

func (e *ear) PictureAsked() {}
func (e *ear) Video(p *rtp.Packet, _ time.Time) {
	select {
	case e.pictures <- p:
	default:
	}
}

func newEar(t testing.TB, o rtc.Options) *ear {
	t.Helper()
	factory, err := rtc.New(o)
	if err != nil {
		t.Fatal(err)
	}
	e := &ear{
		t: t, local: make(chan []byte, 4), up: make(chan struct{}, 1), failed: make(chan error, 4),
		agreed: make(chan media.Negotiated, 8), packets: make(chan *rtp.Packet, 1000), pictures: make(chan *rtp.Packet, 100),
	}
	e.transport, err = factory.NewTransport(phone.LegOptions{Policy: phone.MediaWebRTC}, e)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.transport.Close)
	return e
}

func wait[T any](t testing.TB, what string, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatalf("%s did not come", what)
		panic("not reached")
	}
}

// dial calls a number with real media and waits until it flows.
func (e *ear) dial(c *phoneClient, number string) (*sip.Response, media.Negotiated) {
	e.t.Helper()
	e.transport.Offer(e.wish)
	offer := wait(e.t, "an offer", e.local)
	if e.edit != nil {
		offer = e.edit(offer)
	}
	req := c.invite(number, string(offer))
	res := c.final(req)
	if res.StatusCode != 200 {
		e.t.Fatalf("%s: %d %s", number, res.StatusCode, res.Reason)
	}
	c.ack(req, res)
	e.transport.Remote(res.Body(), false)
	agreed := wait(e.t, "an agreement", e.agreed)
	wait(e.t, "the media path", e.up)
	return res, agreed
}

// say sends a tone until ctx ends.
func (e *ear) say(ctx context.Context, agreed media.CodecSpec, hz float64) {
	encoder, err := codec.NewEncoder(codec.Spec{Name: agreed.Name})
	if err != nil {
		e.t.Error(err)
		return
	}
	defer encoder.Close()
	pcm, payload := make([]int16, codec.FrameSamples), make([]byte, codec.MaxPayload)
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for i := 0; ; i++ {
		for k := range pcm {
			pcm[k] = int16(10000 * math.Sin(2*math.Pi*hz*float64(i*len(pcm)+k)/codec.SampleRate))
		}
		n, err := encoder.Encode(payload, pcm)
		if err != nil {
			e.t.Error(err)
			return
		}
		e.transport.WriteRTP(&rtp.Header{
			Version: 2, PayloadType: agreed.PayloadType, SequenceNumber: uint16(i), Timestamp: uint32(i) * ticks(agreed),
		}, payload[:n])
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// hear decodes n packets and returns the sound of the last half of them.
func (e *ear) hear(agreed media.Negotiated, n int) []int16 {
	e.t.Helper()
	decoder, err := codec.NewDecoder(codec.Spec{Name: agreed.Audio.Name})
	if err != nil {
		e.t.Fatal(err)
	}
	defer decoder.Close()
	var heard []int16
	pcm := make([]int16, codec.MaxFrameSamples)
	for i := range n {
		p := wait(e.t, "RTP", e.packets)
		got, err := decoder.Decode(p.Payload, pcm)
		if err != nil {
			e.t.Fatal(err)
		}
		if i >= n/2 {
			heard = append(heard, pcm[:got]...)
		}
	}
	return heard
}

// share is the part of the signal's power that is at the frequency, 0…1.
func share(pcm []int16, hz float64) float64 {
	var re, im, power float64
	for i, v := range pcm {
		s, c := math.Sincos(2 * math.Pi * hz * float64(i) / codec.SampleRate)
		re, im = re+float64(v)*c, im+float64(v)*s
		power += float64(v) * float64(v)
	}
	if power == 0 {
		return 0
	}
	return 2 * (re*re + im*im) / float64(len(pcm)) / power
}

func loudness(pcm []int16) float64 {
	var power float64
	for _, v := range pcm {
		power += float64(v) * float64(v)
	}
	return math.Sqrt(power / float64(len(pcm)))
}

func TestAToneComesBackFrom600OverICEAndDTLS(t *testing.T) {
	for what, options := range map[string]rtc.Options{
		"from loopback":              {IncludeLoopback: true},
		"from the machine's address": {},
	} {
		t.Run(what, func(t *testing.T) {
			p, err := Start(t.Context(), Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(p.Close)
			c := caller(t, p, "WS")
			e := newEar(t, options)
			dialog, agreed := e.dial(c, "600")
			if agreed.Audio.Name != "opus" {
				t.Errorf("codec %q", agreed.Audio.Name)
			}
			ctx, stop := context.WithCancel(t.Context())
			said := make(chan struct{})
			go func() { defer close(said); e.say(ctx, agreed.Audio, 700) }()
			heard := e.hear(agreed, 50)
			stop()
			<-said
			if s := share(heard, 700); s < 0.9 || loudness(heard) < 3000 {
				t.Errorf("700 Hz is %.2f of what came back, level %.0f", s, loudness(heard))
			}
			bye := c.within(dialog, "BYE", "")
			c.send(bye)
			c.final(bye)
		})
	}
}

// only keeps the codecs of the payload types in an offer.
func only(offer []byte, payloadTypes string) []byte {
	line := regexp.MustCompile(`(m=audio \d+ \S+) [\d ]+`)
	kept := line.ReplaceAll(offer, []byte("${1} "+payloadTypes))
	attribute := regexp.MustCompile(`(?m)^a=(rtpmap|fmtp|rtcp-fb):(\d+) .*\r?\n`)
	return attribute.ReplaceAllFunc(kept, func(line []byte) []byte {
		if slices.Contains(strings.Fields(payloadTypes), string(attribute.FindSubmatch(line)[2])) {
			return line
		}
		return nil
	})
}

func TestAPhoneWithG711OnlyHearsMusicAndItsOwnTone(t *testing.T) {
	p, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	for payloadType, name := range map[string]string{"0": "PCMU", "8": "PCMA"} {
		for _, number := range []string{"600", "601"} {
			c := caller(t, p, "UDP")
			e := newEar(t, rtc.Options{IncludeLoopback: true})
			e.edit = func(offer []byte) []byte { return only(offer, payloadType) }
			dialog, agreed := e.dial(c, number)
			if agreed.Audio.Name != name {
				t.Fatalf("codec %q, want %q", agreed.Audio.Name, name)
			}
			ctx, stop := context.WithCancel(t.Context())
			said := make(chan struct{})
			go func() { defer close(said); e.say(ctx, agreed.Audio, 700) }()
			heard := e.hear(agreed, 50)
			stop()
			<-said
			if s := share(heard, 700); loudness(heard) < 500 || (s > 0.9) != (number == "600") {
				t.Errorf("%s in %s: level %.0f, 700 Hz is %.2f of it", number, name, loudness(heard), s)
			}
			c.send(c.within(dialog, "BYE", ""))
		}
	}
}

func TestDigitsComeBackFromTheEcho(t *testing.T) {
	p, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	c := caller(t, p, "WS")
	e := newEar(t, rtc.Options{IncludeLoopback: true})
	_, agreed := e.dial(c, "600")
	if agreed.Event.Name != "telephone-event" {
		t.Fatal("no telephone-event")
	}
	digit := []byte{5, 10, 0x03, 0xc0} // RFC 4733 §2.3
	// As a phone repeats it: what comes before the far end has its keys is lost.
	var got *rtp.Packet
	var sequence uint16
	eventually(t, "the digit", func() bool {
		sequence++
		e.transport.WriteRTP(&rtp.Header{Version: 2, Marker: true, PayloadType: agreed.Event.PayloadType, SequenceNumber: sequence}, digit)
		select {
		case got = <-e.packets:
			return true
		default:
			return false
		}
	})
	if kind := agreed.Receive[got.PayloadType].Name; kind != "telephone-event" || string(got.Payload) != string(digit) {
		t.Errorf("%s %x", kind, got.Payload)
	}
}

func TestManyCallsLeaveNoDescriptorAndNoGoroutine(t *testing.T) {
	p, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	c := caller(t, p, "WS")
	call := func() {
		e := newEar(t, rtc.Options{IncludeLoopback: true})
		dialog, _ := e.dial(c, "601")
		wait(t, "music", e.packets)
		bye := c.within(dialog, "BYE", "")
		c.send(bye)
		c.final(bye)
		e.transport.Close()
	}
	call() // what is made once is made now
	var before int
	eventually(t, "quiet", func() bool {
		n := runtime.NumGoroutine()
		steady := n == before
		before = n
		return steady
	})
	files := descriptors(t)
	for range 30 {
		call()
	}
	eventually(t, "as many goroutines as before", func() bool { return runtime.NumGoroutine() <= before })
	eventually(t, "as many descriptors as before", func() bool { return descriptors(t) <= files })
}

// descriptors counts the process's open files, where the system tells.
func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}

func TestMusicIsHeard(t *testing.T) {
	p, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	for _, number := range []string{"601", "602"} {
		e := newEar(t, rtc.Options{IncludeLoopback: true})
		c := newPhone(t, p, 0, "WSS")
		c.registered()
		_, agreed := e.dial(c, number)
		if level := loudness(e.hear(agreed, 40)); level < 500 {
			t.Errorf("%s: level %.0f", number, level)
		}
	}
}

func TestHoldWithRealMediaStopsAndResumes(t *testing.T) {
	p, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	c := caller(t, p, "WS")
	e := newEar(t, rtc.Options{IncludeLoopback: true})
	dialog, _ := e.dial(c, "601")
	for _, hold := range []bool{true, false} {
		e.transport.Offer(phone.MediaWish{Hold: hold})
		re := c.within(dialog, "INVITE", string(wait(t, "a new offer", e.local)))
		c.send(re)
		res := c.final(re)
		c.ack(re, res)
		e.transport.Remote(res.Body(), false)
		want := "sendrecv"
		if hold {
			want = "recvonly"
		}
		if res.StatusCode != 200 || direction(res.Body()) != want {
			t.Fatalf("hold %v: %d %s", hold, res.StatusCode, direction(res.Body()))
		}
		wait(t, "an agreement", e.agreed)
	}
	for len(e.packets) > 0 {
		<-e.packets
	}
	wait(t, "music again", e.packets)
}
