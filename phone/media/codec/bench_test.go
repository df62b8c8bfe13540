package codec

import "testing"

func BenchmarkEncode(b *testing.B) {
	for _, name := range names {
		b.Run(name, func(b *testing.B) {
			enc, _ := mustPair(b, Spec{Name: name, FEC: true})
			pcm, buf := make([]int16, FrameSamples), make([]byte, MaxPayload)
			tone(pcm, 440, 8000, 0)
			b.ReportAllocs()
			for b.Loop() {
				_, _ = enc.Encode(buf, pcm)
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, name := range names {
		b.Run(name, func(b *testing.B) {
			enc, dec := mustPair(b, Spec{Name: name, FEC: true})
			payload := packets(b, enc, 440, 3)[2]
			pcm := make([]int16, MaxFrameSamples)
			b.ReportAllocs()
			for b.Loop() {
				_, _ = dec.Decode(payload, pcm)
			}
		})
	}
}
