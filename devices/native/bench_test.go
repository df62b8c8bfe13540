//go:build unix

package native

import (
	"context"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/devices"
	"github.com/hookswitch/hookswitch/devices/pulsetest"
)

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// BenchmarkOpen measures from the call to the first frame or fill, and to the device's own pace.
func BenchmarkOpen(b *testing.B) {
	s := pulsetest.StartWithDevices(b)
	s.Use()
	cold := func(kind devices.Kind) func(b *testing.B) {
		return func(b *testing.B) {
			for range b.N {
				r := devices.New(New())
				first, ninth := openOnce(b, r, kind)
				b.ReportMetric(milliseconds(first), "ms/first")
				b.ReportMetric(milliseconds(ninth), "ms/ninth")
				r.Close()
			}
		}
	}
	warm := func(kind devices.Kind) func(b *testing.B) {
		return func(b *testing.B) {
			r := devices.New(New())
			defer r.Close()
			openOnce(b, r, kind)
			var sum, sumNinth time.Duration
			for range b.N {
				first, ninth := openOnce(b, r, kind)
				sum += first
				sumNinth += ninth
			}
			b.ReportMetric(milliseconds(sum)/float64(b.N), "ms/first")
			b.ReportMetric(milliseconds(sumNinth)/float64(b.N), "ms/ninth")
		}
	}
	b.Run("microphone/cold", cold(devices.Microphone))
	b.Run("microphone/warm", warm(devices.Microphone))
	b.Run("speaker/cold", cold(devices.Speaker))
	b.Run("speaker/warm", warm(devices.Speaker))
}

// openOnce opens a device, waits for its first and its ninth call, and closes it.
func openOnce(b *testing.B, r *devices.Registry, kind devices.Kind) (first, ninth time.Duration) {
	b.Helper()
	var calls atomic.Int64
	firstCall, ninthCall := make(chan time.Time, 1), make(chan time.Time, 1)
	count := func([]int16) {
		switch calls.Add(1) {
		case 1:
			firstCall <- time.Now()
		case 9:
			ninthCall <- time.Now()
		}
	}
	open := r.OpenSpeaker
	if kind == devices.Microphone {
		open = r.OpenMicrophone
	}
	begun := time.Now()
	c, err := open("", count, func(err error) { b.Error(err) })
	if err != nil {
		b.Fatal(err)
	}
	first = (<-firstCall).Sub(begun)
	ninth = (<-ninthCall).Sub(begun)
	_ = c.Close()
	return first, ninth
}

// BenchmarkLoopDelay measures from a click in fill to the same click in frame, through PulseAudio's null sink: our
// share of the way from mouth to ear.
func BenchmarkLoopDelay(b *testing.B) {
	s := pulsetest.StartWithDevices(b)
	s.AddMicrophoneAt("earA", "loop", "Loop")
	s.Use()
	r := devices.New(New())
	defer r.Close()
	var mu sync.Mutex
	var clicked time.Time
	var delays []time.Duration
	fills := 0
	speaker, err := r.OpenSpeaker("earA", func(pcm []int16) {
		mu.Lock()
		defer mu.Unlock()
		if fills++; fills%23 == 0 { // not in step with anything
			for i := range 24 {
				pcm[i] = 20000
			}
			clicked = time.Now()
		} else {
			clear(pcm)
		}
	}, func(err error) { b.Error(err) })
	if err != nil {
		b.Fatal(err)
	}
	m, err := r.OpenMicrophone("loop", func(pcm []int16) {
		mu.Lock()
		defer mu.Unlock()
		for _, v := range pcm {
			if v > 8000 && !clicked.IsZero() {
				delays = append(delays, time.Since(clicked))
				clicked = time.Time{}
				return
			}
		}
	}, func(err error) { b.Error(err) })
	if err != nil {
		b.Fatal(err)
	}
	for done := false; !done; time.Sleep(10 * time.Millisecond) {
		mu.Lock()
		done = len(delays) >= min(b.N+10, 40)
		mu.Unlock()
	}
	_, _ = m.Close(), speaker.Close()
	var sum, most time.Duration
	settled := delays[8:]
	for _, d := range settled {
		sum += d
		most = max(most, d)
	}
	b.ReportMetric(milliseconds(sum)/float64(len(settled)), "ms/loop")
	b.ReportMetric(milliseconds(most), "ms/most")
}

// BenchmarkIdle measures the CPU time that the backend costs while nobody calls, per minute.
func BenchmarkIdle(b *testing.B) {
	s := pulsetest.StartWithDevices(b)
	s.Use()
	for name, watched := range map[string]bool{"headless": false, "watched": true} {
		b.Run(name, func(b *testing.B) {
			r := devices.New(New())
			defer r.Close()
			if err := r.WaitListed(context.Background()); err != nil {
				b.Fatal(err)
			}
			if watched {
				defer r.Watch(func() {})()
			}
			time.Sleep(time.Second)
			before := used()
			const span = 22 * time.Second
			time.Sleep(span)
			b.ReportMetric(milliseconds(used()-before)*float64(time.Minute)/float64(span), "cpu-ms/min")
		})
	}
}

// BenchmarkStart measures what New costs its caller, and how long the first list takes.
func BenchmarkStart(b *testing.B) {
	s := pulsetest.StartWithDevices(b)
	s.Use()
	var made, listed, cpu time.Duration
	for range b.N {
		before, begun := used(), time.Now()
		n := New()
		made += time.Since(begun)
		<-n.Listed()
		listed += time.Since(begun)
		cpu += used() - before
		n.Close()
	}
	b.ReportMetric(milliseconds(made)/float64(b.N), "ms/new")
	b.ReportMetric(milliseconds(listed)/float64(b.N), "ms/listed")
	b.ReportMetric(milliseconds(cpu)/float64(b.N), "cpu-ms/listed")
}

func used() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
