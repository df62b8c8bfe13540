package media

import (
	"slices"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/codec"
)

func TestMuteAndHoldSendSilenceAndTheStreamRunsOn(t *testing.T) {
	for name, silence := range map[string]func(e *end, on bool){
		"mute": func(e *end, on bool) { e.Mute(callID, on) },
		"hold": func(e *end, on bool) { e.Hold(callID, on) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "opus")
			w.run(time.Second)
			silence(w.a, true)
			w.run(500 * time.Millisecond)
			before, _ := w.a.Stats(callID)
			if got := goertzel(hear(w, w.b, time.Second), 440); got > 20 {
				t.Errorf("amplitude %.0f is heard of a muted end", got)
			}
			if after, _ := w.a.Stats(callID); after.PacketsSent-before.PacketsSent != 50 {
				t.Errorf("%d packets in a second", after.PacketsSent-before.PacketsSent)
			}
			if near, _ := w.a.Levels(callID); near > 0.1 {
				t.Errorf("near level %.2f while muted", near)
			}
			own := rms(hear(w, w.a, 500*time.Millisecond))
			if held := name == "hold"; held != (own < 10) {
				t.Errorf("own ear hears level %.0f", own)
			}
			silence(w.a, false)
			w.run(500 * time.Millisecond)
			if share := steadiness(hear(w, w.b, time.Second), 440, 8000); share < 1 {
				t.Errorf("sound is back for %.2f of the time", share)
			}
			if share := steadiness(hear(w, w.a, time.Second), 1000, 8000); share < 1 {
				t.Errorf("own ear hears again for %.2f of the time", share)
			}
		})
	}
}

func TestDigitsReplaceAudioAsRFC4733Says(t *testing.T) {
	w := newWorld(t, "opus")
	w.a.t.says.Event = CodecSpec{Name: "telephone-event", PayloadType: 101, ClockRate: 8000}
	w.a.Answer(callID, nil, phone.MediaWish{})
	eventually(t, "second answer", func() bool { return len(w.a.events.all()) > 1 })
	w.run(500 * time.Millisecond)
	w.seen = nil
	w.run(100 * time.Millisecond)
	if !w.a.DTMF(callID, "5x#") {
		t.Fatal("DTMF was not negotiated")
	}
	w.run(600 * time.Millisecond)

	first := slices.IndexFunc(w.seen, func(p rtp.Packet) bool { return p.PayloadType == 101 })
	start := w.seen[first].Timestamp
	if start != w.seen[first-1].Timestamp+960 {
		t.Error("the event does not begin where the audio ends")
	}
	// A digit: five packets while it sounds, two repetitions of the last one, three audio frames.
	for i, p := range w.seen[first : first+20] {
		digit, frame := i/10, i%10
		if p.SequenceNumber != w.seen[first].SequenceNumber+uint16(i) {
			t.Fatalf("packet %d: sequence number %d", i, p.SequenceNumber)
		}
		if frame >= 7 {
			if p.PayloadType != 111 || p.Timestamp != start+uint32(i)*960 || p.Marker {
				t.Errorf("packet %d: want audio, got %v", i, p.Header)
			}
			continue
		}
		e, err := parseEvent(p.Payload)
		want := telephoneEvent{
			Event: []uint8{5, 11}[digit], Volume: 10, End: frame >= 4, Duration: uint16(160 * min(frame+1, 5)),
		}
		if err != nil || e != want || len(p.Payload) != 4 {
			t.Errorf("packet %d: %+v, want %+v", i, e, want)
		}
		if p.PayloadType != 101 || p.Timestamp != start+uint32(digit)*9600 || p.Marker != (frame == 0) {
			t.Errorf("packet %d: header %+v", i, p.Header)
		}
	}
	var got []rune
	for _, e := range w.b.events.all() {
		if d, ok := e.(phone.RemoteDigit); ok {
			got = append(got, d.Digit)
		}
	}
	if string(got) != "5#" {
		t.Errorf("the far end heard the digits %q", string(got))
	}
	if s, _ := w.b.Stats(callID); s.PacketsLost != 0 || s.Concealed != 0 {
		t.Errorf("digits were counted as loss: %+v", s)
	}
	w.run(300 * time.Millisecond)
	if share := steadiness(hear(w, w.b, time.Second), 440, 8000); share < 1 {
		t.Errorf("after the digits the tone is there for %.3f of the time", share)
	}
}

// TestDigitsThatWaitOutliveAMomentOfHold: a PBX that moves a call holds it in between, and takes nothing of ours then.
func TestDigitsThatWaitOutliveAMomentOfHold(t *testing.T) {
	w := newWorld(t, "PCMU")
	const digits = "0123456789"
	w.a.DTMF(callID, digits)
	w.run(500 * time.Millisecond) // in the gap behind the second or in the third
	held := w.a.leg(callID)
	held.heldByThem.Store(true)
	w.run(200 * time.Millisecond)
	from := len(w.seen)
	w.run(time.Second)
	for _, p := range w.seen[from:] {
		if p.PayloadType == 101 {
			t.Fatal("a digit is sent to who does not listen")
		}
	}
	held.heldByThem.Store(false)
	w.run(3 * time.Second)
	var got []rune
	for _, e := range w.b.events.all() {
		if d, ok := e.(phone.RemoteDigit); ok {
			got = append(got, d.Digit)
		}
	}
	if string(got) != digits {
		t.Errorf("the far end heard the digits %q", string(got))
	}
}

func TestDigitsSurviveLoss(t *testing.T) {
	w := newWorld(t, "PCMU")
	w.loss = 0.1
	const digits = "0123456789*#ABCD"
	w.a.DTMF(callID, digits)
	w.run(4 * time.Second)
	var got []rune
	for _, e := range w.b.events.all() {
		if d, ok := e.(phone.RemoteDigit); ok {
			got = append(got, d.Digit)
		}
	}
	if string(got) != digits {
		t.Errorf("%q arrived", string(got))
	}
}

func TestDigitsThatWaitAreBounded(t *testing.T) {
	var q digitQueue
	for range 100 {
		q.add("12345")
	}
	n := 0
	for {
		if _, ok := q.take(); !ok {
			break
		}
		n++
	}
	if n != maxDigits {
		t.Errorf("%d digits", n)
	}
}

func TestComfortNoiseInPlaceOfSoundIsHeardAsSuch(t *testing.T) {
	w := newWorld(t, "PCMU")
	w.run(time.Second)
	w.tamper = func(p *rtp.Packet) bool {
		if p.SSRC == w.a.t.ssrc {
			p.PayloadType, p.Payload = 13, []byte{60}
		}
		return true
	}
	w.run(200 * time.Millisecond)
	if got := rms(hear(w, w.b, 500*time.Millisecond)); got < 25 || got > 40 { // 60 dB below overload
		t.Errorf("comfort noise sounds at level %.1f", got)
	}
	w.tamper = nil
	w.run(200 * time.Millisecond)
	if share := steadiness(hear(w, w.b, time.Second), 440, 8000); share < 1 {
		t.Errorf("after it the tone is there for %.3f of the time", share)
	}
}

func TestTheCodecMayChangeDuringTheCall(t *testing.T) {
	w := newWorld(t, "opus")
	w.run(time.Second)
	for _, e := range []*end{w.a, w.b} {
		n := len(e.events.all())
		e.t.says = negotiated("PCMA")
		e.Answer(callID, nil, phone.MediaWish{})
		eventually(t, "new answer", func() bool { return len(e.events.all()) > n })
	}
	w.run(300 * time.Millisecond)
	if share := steadiness(hear(w, w.b, time.Second), 440, 8000); share < 1 {
		t.Errorf("the tone is there for %.3f of the time", share)
	}
	if s, _ := w.b.Stats(callID); s.Codec != "PCMA" {
		t.Errorf("codec %s", s.Codec)
	}
}

func TestEarlyMediaIsHeardBeforeTheStart(t *testing.T) {
	w := newWorld(t, "opus")
	w.b.leg(callID).started.Store(false) // as if Start had not come
	w.run(500 * time.Millisecond)
	sent, _ := w.b.Stats(callID)
	if share := steadiness(hear(w, w.b, time.Second), 440, 8000); share < 1 {
		t.Errorf("the tone is there for %.3f of the time", share)
	}
	if sent.PacketsSent != 0 {
		t.Errorf("%d packets were sent before the start", sent.PacketsSent)
	}
}

func TestTheEarHearsEveryCallThatIsNotHeld(t *testing.T) {
	w := newWorld(t, "PCMU")
	// A second call of b's, in which 1500 Hz are heard.
	second := newLeg(w.b.Engine, "second", phone.LegOptions{}, nil)
	if err := second.setCodecs(negotiated("PCMU")); err != nil {
		t.Fatal(err)
	}
	second.started.Store(true)
	list := append(slices.Clone(*w.b.legs.Load()), second)
	w.b.legs.Store(&list)
	encoder, err := codec.NewEncoder(codec.Spec{Name: "PCMU"})
	if err != nil {
		t.Fatal(err)
	}
	header := rtp.Header{Version: 2, SSRC: 77}
	other := &end{tone: 1500, level: 8000}
	w.tamper = func(p *rtp.Packet) bool {
		if p.SSRC != w.a.t.ssrc {
			return true
		}
		var pcm [usualPacket]int16
		for i := range pcm {
			pcm[i] = other.sample(other.phase)
			other.phase++
		}
		payload := make([]byte, codec.MaxPayload)
		n, _ := encoder.Encode(payload, pcm[:])
		legSink{second}.RTP(&rtp.Packet{Header: header, Payload: payload[:n]}, w.now)
		header.SequenceNumber++
		header.Timestamp += 160
		return true
	}
	heard := func() (first, other bool) {
		w.run(300 * time.Millisecond)
		pcm := hear(w, w.b, time.Second)
		return steadiness(pcm, 440, 8000) == 1, steadiness(pcm, 1500, 8000) == 1
	}
	w.run(time.Second)
	if a, b := heard(); !a || !b {
		t.Errorf("both calls are live, heard: %v, %v", a, b)
	}
	w.b.Hold(callID, true)
	if a, b := heard(); a || !b {
		t.Errorf("the first call is held, heard: %v, %v", a, b)
	}
	second.held.Store(true)
	w.b.Hold(callID, false)
	if a, b := heard(); !a || b {
		t.Errorf("the second call is held, heard: %v, %v", a, b)
	}
}

// capture reads every 10 ms for a minute from a microphone that delivers blocks of 10 ms every period, some at once, and
// returns how many reads fell short after the first second, and how much waits at most.
func capture(period time.Duration, atOnce int) (short, most int) {
	start := time.Now()
	now := start
	d := newDrift(func() time.Time { return now })
	var pcm, out [tick]int16
	write, read := now.Add(3*time.Millisecond), now
	for now.Before(start.Add(time.Minute)) {
		if write.Before(read) {
			now = write
			write = write.Add(period)
			for range atOnce {
				d.write(pcm[:])
			}
			continue
		}
		now = read
		read = read.Add(tickTime)
		if full := d.read(out[:]); !full && now.Sub(start) > time.Second {
			short++
		}
		if now.Sub(start) > 10*time.Second {
			most = max(most, d.n)
		}
	}
	return short, most
}

func TestCaptureFollowsAClockThatDiffers(t *testing.T) {
	for _, ppm := range []time.Duration{-3000, -300, 0, 300, 3000} {
		short, most := capture(tickTime+tickTime*ppm/1e6, 1)
		t.Logf("%v ppm: at most %.1f ms wait", int(ppm), float64(most)/ms)
		if short > 0 || most > 17*ms {
			t.Errorf("%v ppm: %d blocks short, at most %.1f ms wait", int(ppm), short, float64(most)/ms)
		}
	}
}

func TestCaptureInBurstsIsUnbroken(t *testing.T) {
	short, most := capture(2*tickTime+6*time.Microsecond, 2)
	if short > 0 || most > 30*ms {
		t.Errorf("%d blocks short, at most %.1f ms wait", short, float64(most)/ms)
	}
}
