//go:build linux

package media

import (
	"image"
	"syscall"
	"testing"
	"time"
)

// BenchmarkVideoCall is seconds of a call with 640 by 480 at 15 pictures a second both ways, both ends in this process: what one end
// costs is half of it.
func BenchmarkVideoCall(b *testing.B) {
	one, two := videoCall(b)
	for _, e := range []*filmEnd{one, two} {
		e.Start(callID)
		e.negotiate(bothWays)
	}
	var pictures [30]*image.YCbCr
	for i := range pictures {
		p := image.NewYCbCr(image.Rect(0, 0, 640, 480), image.YCbCrSubsampleRatio420)
		for y := range 480 {
			for x := range 640 {
				p.Y[y*p.YStride+x] = uint8(60 + (x*y/97+x/3)%90)
				if d := x - 20*i; d >= 0 && d < 100 && y > 150 && y < 350 {
					p.Y[y*p.YStride+x] = 210
				}
			}
		}
		for j := range p.Cb {
			p.Cb[j], p.Cr[j] = 100, 150
		}
		pictures[i] = p
	}
	pace := time.NewTicker(time.Second / pictureRate)
	defer pace.Stop()
	begun := spent(b)
	for b.Loop() {
		for i := range pictureRate {
			<-pace.C
			one.film(pictures[i])
			two.film(pictures[i])
		}
	}
	b.ReportMetric(float64((spent(b)-begun).Milliseconds())/float64(b.N)/2, "cpu-ms/s")
	s, _ := one.Stats(callID)
	b.ReportMetric(float64(s.Video.BytesSent*8)/float64(b.N)/1000, "kbit/s")
	b.ReportMetric(float64(two.serial(true))/float64(b.N)/2, "pictures/s") // serials count both directions
}

// spent is the processor time of this process.
func spent(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
