package voice

import "testing"

// BenchmarkProcess is a tick: both talk, and there is an echo.
func BenchmarkProcess(b *testing.B) {
	const n = 4 * second
	far := talker(1, n, 16000)
	mic := together(newRoom(3, 40*SampleRate/1000, 6).echo(far), talker(2, n, 9000), noise(5, n, -70))
	p := processor(b)
	frame := make([]int16, FrameSamples)
	at := 0
	b.ReportAllocs()
	for b.Loop() {
		copy(frame, mic[at:])
		p.Process(frame, far[at:at+FrameSamples])
		if at += FrameSamples; at+FrameSamples > n {
			at = 0
		}
	}
}
