package record

import (
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

// BenchmarkWrite is one tick, 10 ms, of a recording: what the recorder's goroutine has to do a hundred times a second.
func BenchmarkWrite(b *testing.B) {
	for _, format := range []phone.RecordFormat{phone.RecordOpus, phone.RecordWAV} {
		b.Run(string(format), func(b *testing.B) {
			r, _ := start(b, format)
			pcm := make([][]int16, 100)
			for i := range pcm {
				pcm[i] = tones(i)
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if err := r.Write(pcm[i%len(pcm)]); err != nil {
					b.Fatal(err)
				}
			}
			if err := r.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}
