package codec

import (
	"errors"
	"math/rand/v2"
	"testing"
)

func TestAnyPayloadIsSafeAndTheNextOneIsHeard(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 11))
	for _, name := range names {
		enc, dec := mustPair(t, Spec{Name: name})
		good := packets(t, enc, 440, 40)
		pcm := make([]int16, MaxFrameSamples)
		for size := range 1501 {
			payload := make([]byte, size)
			for i := range payload {
				payload[i] = byte(rng.Uint32())
			}
			n, err := dec.Decode(payload, pcm)
			if err == nil && (n <= 0 || n > MaxFrameSamples) {
				t.Fatalf("%s: %d bytes gave %d samples", name, size, n)
			}
			if size == 0 && !errors.Is(err, ErrPayload) {
				t.Fatalf("%s: empty payload: %v", name, err)
			}
			if err := dec.DecodeFEC(payload, pcm[:FrameSamples]); err != nil {
				t.Fatalf("%s: FEC of %d bytes: %v", name, size, err)
			}
		}
		out := decodeAll(t, dec, good)
		if got := level(out[30*FrameSamples:], 440); got < 7000 {
			t.Errorf("%s after garbage: level %.0f", name, got)
		}
	}
}

func TestWrongLengthsAreRefused(t *testing.T) {
	for _, name := range names {
		enc, dec := mustPair(t, Spec{Name: name})
		buf := make([]byte, MaxPayload)
		for _, n := range []int{0, 1, 959, 961, 10000} {
			if _, err := enc.Encode(buf, make([]int16, n)); !errors.Is(err, ErrFrameSize) {
				t.Errorf("%s: encode %d samples: %v", name, n, err)
			}
		}
		if _, err := enc.Encode(nil, make([]int16, FrameSamples)); !errors.Is(err, ErrShortBuffer) {
			t.Errorf("%s: encode into nothing: %v", name, err)
		}
		for _, n := range []int{0, 1, 119, 121, 6000} {
			if err := dec.Conceal(make([]int16, n)); !errors.Is(err, ErrFrameSize) {
				t.Errorf("%s: conceal %d samples: %v", name, n, err)
			}
		}
		if _, err := dec.Decode([]byte{1, 2, 3}, nil); !errors.Is(err, ErrShortBuffer) {
			t.Errorf("%s: decode into nothing: %v", name, err)
		}
	}
	if _, err := NewEncoder(Spec{Name: "speex"}); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
	if _, err := NewDecoder(Spec{}); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
}

func TestAfterCloseThereIsAnErrorAndNoCrash(t *testing.T) {
	for _, name := range names {
		enc, dec := mustPair(t, Spec{Name: name})
		enc.Close()
		enc.Close()
		dec.Close()
		dec.Close()
		enc.SetLoss(10)
		pcm := make([]int16, FrameSamples)
		_, encErr := enc.Encode(make([]byte, MaxPayload), pcm)
		_, decErr := dec.Decode([]byte{1}, pcm)
		for _, err := range []error{encErr, decErr, dec.Conceal(pcm), dec.DecodeFEC([]byte{1}, pcm)} {
			if !errors.Is(err, ErrClosed) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestBitrateObeysTheFarEnd(t *testing.T) {
	size := func(limit int) int {
		enc, _ := mustPair(t, Spec{Name: "opus", MaxBitrate: limit})
		total := 0
		for _, p := range speechLike(t, enc, 50) {
			total += len(p)
		}
		return total * 8 // bits in one second
	}
	if got := size(0); got < 20000 || got > 45000 {
		t.Errorf("%d bit/s without a limit", got)
	}
	if got := size(12000); got > 16000 {
		t.Errorf("%d bit/s where 12000 were allowed", got)
	}
}

func TestASteadyStreamAllocatesNothing(t *testing.T) {
	for _, name := range names {
		enc, dec := mustPair(t, Spec{Name: name, FEC: true})
		payload := packets(t, enc, 440, 3)[2]
		pcm, out := make([]int16, FrameSamples), make([]int16, MaxFrameSamples)
		buf := make([]byte, MaxPayload)
		got := testing.AllocsPerRun(50, func() {
			_, _ = enc.Encode(buf, pcm)
			_, _ = dec.Decode(payload, out)
			_ = dec.DecodeFEC(payload, out[:FrameSamples])
			_ = dec.Conceal(out[:FrameSamples])
		})
		if got != 0 {
			t.Errorf("%s: %v allocations a frame", name, got)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(uint8(0), []byte{})
	f.Add(uint8(0), []byte{0xfc})
	f.Add(uint8(0), []byte{0x0b, 0xff, 0xff})
	f.Add(uint8(1), []byte{0xff, 0x00})
	f.Add(uint8(2), make([]byte, 1500))
	f.Fuzz(func(t *testing.T, which uint8, payload []byte) {
		dec, err := NewDecoder(Spec{Name: names[int(which)%len(names)]})
		if err != nil {
			t.Fatal(err)
		}
		defer dec.Close()
		pcm := make([]int16, MaxFrameSamples)
		for range 2 {
			if n, err := dec.Decode(payload, pcm); n < 0 || n > len(pcm) || (err != nil && n != 0) {
				t.Fatalf("%d samples, %v", n, err)
			}
			if err := dec.DecodeFEC(payload, pcm[:FrameSamples]); err != nil {
				t.Fatal(err)
			}
		}
	})
}
