package codec

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var names = []string{"opus", "G722", "PCMU", "PCMA"}

// tone writes a sine of hz that goes on from sample start.
func tone(pcm []int16, hz, amplitude float64, start int) {
	for i := range pcm {
		pcm[i] = int16(amplitude * math.Sin(2*math.Pi*hz*float64(start+i)/SampleRate))
	}
}

// level is the amplitude of hz in pcm (Goertzel's sum, plainly written).
func level(pcm []int16, hz float64) float64 {
	var re, im float64
	for i, v := range pcm {
		s, c := math.Sincos(2 * math.Pi * hz * float64(i) / SampleRate)
		re += float64(v) * c
		im += float64(v) * s
	}
	return 2 * math.Hypot(re, im) / float64(len(pcm))
}

func rms(pcm []int16) float64 {
	var sum float64
	for _, v := range pcm {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum / float64(len(pcm)))
}

func mustPair(t testing.TB, s Spec) (Encoder, Decoder) {
	t.Helper()
	enc, err := NewEncoder(s)
	if err != nil {
		t.Fatal(err)
	}
	dec, err := NewDecoder(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { enc.Close(); dec.Close() })
	return enc, dec
}

// packets returns the payloads of a tone.
func packets(t testing.TB, enc Encoder, hz float64, count int) [][]byte {
	t.Helper()
	var out [][]byte
	pcm := make([]int16, FrameSamples)
	buf := make([]byte, MaxPayload)
	for i := range count {
		tone(pcm, hz, 8000, i*FrameSamples)
		n, err := enc.Encode(buf, pcm)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, append([]byte(nil), buf[:n]...))
	}
	return out
}

func decodeAll(t testing.TB, dec Decoder, payloads [][]byte) []int16 {
	t.Helper()
	var out []int16
	pcm := make([]int16, MaxFrameSamples)
	for _, p := range payloads {
		n, err := dec.Decode(p, pcm)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, pcm[:n]...)
	}
	return out
}

func TestAToneKeepsItsFrequencyAndLevel(t *testing.T) {
	for _, name := range names {
		for _, hz := range []float64{440, 1000, 3000} {
			enc, dec := mustPair(t, Spec{Name: name})
			out := decodeAll(t, dec, packets(t, enc, hz, 50))
			if len(out) != 50*FrameSamples {
				t.Fatalf("%s: %d samples", name, len(out))
			}
			steady := out[20*FrameSamples:]
			if got := level(steady, hz); got < 7000 || got > 9000 {
				t.Errorf("%s at %v Hz: level %.0f, want about 8000", name, hz, got)
			}
		}
	}
}

func TestG711RemovesWhatWouldFoldBack(t *testing.T) {
	enc, dec := mustPair(t, Spec{Name: "PCMU"})
	// 5 kHz sampled at 8 kHz would be heard at 3 kHz; and a 1 kHz tone's images at 7 and 9 kHz.
	out := decodeAll(t, dec, packets(t, enc, 5000, 30))
	if got := level(out[10*FrameSamples:], 3000); got > 16 {
		t.Errorf("5 kHz folds back to 3 kHz with level %.1f of 8000", got)
	}
	enc, dec = mustPair(t, Spec{Name: "PCMU"})
	out = decodeAll(t, dec, packets(t, enc, 1000, 30))
	for _, image := range []float64{7000, 9000, 15000} {
		if got := level(out[10*FrameSamples:], image); got > 16 {
			t.Errorf("the image at %v Hz has level %.1f of 8000", image, got)
		}
	}
}

func TestEveryPacketTimeIsDecoded(t *testing.T) {
	for _, name := range names {
		for _, ms := range []int{10, 20, 40, 60} {
			enc, dec := mustPair(t, Spec{Name: name, PacketTime: time.Duration(ms) * time.Millisecond})
			pcm := make([]int16, ms*48)
			buf := make([]byte, MaxPayload)
			tone(pcm, 500, 8000, 0)
			n, err := enc.Encode(buf, pcm)
			if err != nil {
				t.Fatal(name, ms, err)
			}
			out := make([]int16, MaxFrameSamples)
			if got, err := dec.Decode(buf[:n], out); err != nil || got != len(pcm) {
				t.Errorf("%s %d ms: %d samples, %v", name, ms, got, err)
			}
			if n > 2 {
				if _, err := dec.Decode(buf[:n], out[:100]); !errors.Is(err, ErrShortBuffer) {
					t.Errorf("%s %d ms into 100 samples: %v", name, ms, err)
				}
			}
		}
	}
	for _, bad := range []time.Duration{-time.Millisecond, time.Microsecond, 30500 * time.Microsecond, time.Second} {
		for _, name := range names {
			if _, err := NewEncoder(Spec{Name: name, PacketTime: bad}); !errors.Is(err, ErrFrameSize) {
				t.Errorf("%s with packets of %v: %v", name, bad, err)
			}
		}
	}
}

func TestStereoOpusIsHeardInMono(t *testing.T) {
	// RFC 6716 §3.1: the TOC's third bit from the right says stereo. A code-0 CELT stereo packet of noise decodes to one channel.
	dec, err := NewDecoder(Spec{Name: "opus"})
	if err != nil {
		t.Fatal(err)
	}
	payload := make([]byte, 80)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range payload {
		payload[i] = byte(rng.Uint32())
	}
	payload[0] = 31<<3 | 1<<2
	pcm := make([]int16, MaxFrameSamples)
	if n, err := dec.Decode(payload, pcm); err != nil || n != FrameSamples {
		t.Fatalf("%d samples, %v", n, err)
	}
}

func TestOpusFECBringsBackALostPacket(t *testing.T) {
	sound := func(fec bool) float64 {
		enc, dec := mustPair(t, Spec{Name: "opus", FEC: true})
		enc.SetLoss(20)
		_ = decodeAll(t, dec, speechLike(t, enc, 24)[:20])
		enc2, _ := mustPair(t, Spec{Name: "opus", FEC: true})
		enc2.SetLoss(20)
		all := speechLike(t, enc2, 24)
		reference, err := NewDecoder(Spec{Name: "opus"})
		if err != nil {
			t.Fatal(err)
		}
		want := decodeAll(t, reference, all[:21])[20*FrameSamples:]
		got := make([]int16, FrameSamples)
		if fec {
			err = dec.DecodeFEC(all[21], got)
		} else {
			err = dec.Conceal(got)
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			got[i] -= want[i]
		}
		return rms(got)
	}
	with, without := sound(true), sound(false)
	if with > without*0.7 {
		t.Errorf("error with FEC %.0f, with concealment %.0f: FEC brings too little", with, without)
	}
}

// speechLike encodes a voice-like sound whose pitch and level change all the time, so that no concealment can guess it.
func speechLike(t testing.TB, enc Encoder, count int) [][]byte {
	t.Helper()
	var out [][]byte
	pcm := make([]int16, FrameSamples)
	buf := make([]byte, MaxPayload)
	phase := 0.0
	for i := range count {
		for j := range pcm {
			at := float64(i*FrameSamples+j) / SampleRate
			phase += 2 * math.Pi * (150 + 60*math.Sin(2*math.Pi*7*at)) / SampleRate
			envelope := 0.55 + 0.45*math.Sin(2*math.Pi*11*at)
			v := 0.0
			for h := 1.0; h <= 12; h++ {
				v += math.Sin(h*phase) / h
			}
			pcm[j] = int16(5000 * envelope * v)
		}
		n, err := enc.Encode(buf, pcm)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, append([]byte(nil), buf[:n]...))
	}
	return out
}

func TestConcealmentIsGracefulAndEndsInSilence(t *testing.T) {
	for _, name := range names {
		enc, dec := mustPair(t, Spec{Name: name})
		before := decodeAll(t, dec, packets(t, enc, 200, 30))
		full := rms(before[20*FrameSamples:])
		made := make([]int16, FrameSamples/2)
		if err := dec.Conceal(made); err != nil {
			t.Fatal(err)
		}
		least := 0.6
		if name == "opus" {
			least = 0.3 // libopus' own concealment, quieter on a bare tone than on a voice
		}
		if got := rms(made); got < least*full {
			t.Errorf("%s: the first 10 ms have %.0f of %.0f", name, got, full)
		}
		last := before[len(before)-1]
		if step := math.Abs(float64(made[0]) - float64(last)); step > 1500 {
			t.Errorf("%s: a click of %.0f where concealment begins", name, step)
		}
		for range 60 {
			if err := dec.Conceal(made); err != nil {
				t.Fatal(err)
			}
		}
		if got := rms(made); got > 0.05*full {
			t.Errorf("%s: after 600 ms there is still %.0f of %.0f", name, got, full)
		}
	}
}

func TestG711IsSilentAfterSixtyMilliseconds(t *testing.T) {
	enc, dec := mustPair(t, Spec{Name: "PCMA"})
	_ = decodeAll(t, dec, packets(t, enc, 200, 30))
	made := make([]int16, FrameSamples)
	for range 5 {
		if err := dec.Conceal(made); err != nil {
			t.Fatal(err)
		}
	}
	if got := rms(made); got > 1 {
		t.Errorf("rms %.1f", got)
	}
}

func TestG711LosesNoPhaseOverOneLostPacket(t *testing.T) {
	enc, dec := mustPair(t, Spec{Name: "PCMU"})
	all := packets(t, enc, 200, 40)
	_ = decodeAll(t, dec, all[:20])
	gap := make([]int16, FrameSamples)
	if err := dec.Conceal(gap); err != nil {
		t.Fatal(err)
	}
	after := decodeAll(t, dec, all[21:])
	joined := append(gap, after[:FrameSamples]...)
	// At 200 Hz and this level, neighbours differ by at most 2π·200/48000·8000 ≈ 210.
	for i := 1; i < len(joined); i++ {
		if d := math.Abs(float64(joined[i]) - float64(joined[i-1])); d > 900 {
			t.Fatalf("a click of %.0f at sample %d", d, i)
		}
	}
}
