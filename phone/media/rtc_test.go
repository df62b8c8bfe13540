package media_test

import (
	"io"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
	"github.com/hookswitch/hookswitch/phone/media/rtc"
)

// liveDevices are a microphone that hears a tone and a speaker that measures one, in real time.
type liveDevices struct {
	tone, listen float64
	power        atomic.Uint64 // amplitude of listen in the last 100 ms, as bits
	first        atomic.Int64  // when sound was first taken by the speaker
}

type ticking struct {
	stop chan struct{}
	done chan struct{}
	once sync.Once
}

func (t *ticking) Close() error {
	t.once.Do(func() { close(t.stop) })
	<-t.done
	return nil
}

func every10ms(f func()) *ticking {
	t := &ticking{stop: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(t.done)
		ticker := time.NewTicker(10 * time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-t.stop:
				return
			case <-ticker.C:
				f()
			}
		}
	}()
	return t
}

func (d *liveDevices) OpenMicrophone(_ string, frame func([]int16), _ func(error)) (io.Closer, error) {
	var pcm [media.FrameSamples]int16
	n := 0
	return every10ms(func() {
		for i := range pcm {
			pcm[i] = int16(8000 * math.Sin(2*math.Pi*d.tone*float64(n)/media.SampleRate))
			n++
		}
		frame(pcm[:])
	}), nil
}

func (d *liveDevices) OpenSpeaker(_ string, fill func([]int16), _ func(error)) (io.Closer, error) {
	var pcm [media.FrameSamples]int16
	var re, im float64
	n := 0
	return every10ms(func() {
		fill(pcm[:])
		for i, v := range pcm {
			if v > 500 || v < -500 {
				d.first.CompareAndSwap(0, time.Now().UnixNano())
			}
			sin, cos := math.Sincos(2 * math.Pi * d.listen * float64(n*len(pcm)+i) / media.SampleRate)
			re += float64(v) * cos
			im += float64(v) * sin
		}
		if n++; n%10 == 0 {
			d.power.Store(math.Float64bits(2 * math.Hypot(re, im) / float64(10*len(pcm))))
			re, im = 0, 0
		}
	}), nil
}

func (d *liveDevices) amplitude() float64 { return math.Float64frombits(d.power.Load()) }

// caller is an engine whose events a test waits for.
type caller struct {
	*media.Engine
	dev    *liveDevices
	events chan phone.MediaEvent
}

func newCaller(t *testing.T, tone, listen float64) *caller {
	t.Helper()
	factory, err := rtc.New(rtc.Options{IncludeLoopback: true})
	if err != nil {
		t.Fatal(err)
	}
	c := &caller{dev: &liveDevices{tone: tone, listen: listen}, events: make(chan phone.MediaEvent, 100)}
	c.Engine = media.New(media.Config{Devices: c.dev, Transports: map[phone.MediaPolicy]media.TransportFactory{phone.MediaDefault: factory}})
	t.Cleanup(c.Shutdown)
	c.Open("call", phone.LegOptions{}, func(e phone.MediaEvent) { c.events <- e })
	return c
}

func await[E phone.MediaEvent](t *testing.T, c *caller) E {
	t.Helper()
	timeout := time.After(10 * time.Second)
	for {
		select {
		case e := <-c.events:
			if failed, ok := e.(phone.MediaFailed); ok {
				t.Fatal(failed.Err)
			}
			if got, ok := e.(E); ok {
				return got
			}
		case <-timeout:
			var want E
			t.Fatalf("no %T", want)
		}
	}
}

func TestTwoEnginesTalkOverICEAndDTLS(t *testing.T) {
	alice, bob := newCaller(t, 440, 1000), newCaller(t, 1000, 440)
	begin := time.Now()
	alice.Offer("call", phone.MediaWish{})
	offer := await[phone.LocalDescription](t, alice)
	offered := time.Since(begin)
	bob.Answer("call", offer.SDP, phone.MediaWish{})
	answer := await[phone.LocalDescription](t, bob)
	bob.Start("call")
	alice.Remote("call", answer.SDP, false)
	if info := await[phone.RemoteApplied](t, alice).Info; info.Codec != "opus" || !info.Encrypted || !info.DTMF {
		t.Errorf("negotiated %+v", info)
	}
	alice.Start("call")
	up := await[phone.MediaUp](t, alice).At.Sub(begin)
	first := await[phone.FirstSound](t, alice).At.Sub(begin)
	deadline := time.Now().Add(10 * time.Second)
	for alice.dev.amplitude() < 6000 || bob.dev.amplitude() < 6000 {
		if time.Now().After(deadline) {
			t.Fatalf("amplitudes %.0f and %.0f", alice.dev.amplitude(), bob.dev.amplitude())
		}
		time.Sleep(10 * time.Millisecond)
	}
	heard := time.Unix(0, alice.dev.first.Load()).Sub(begin)
	t.Logf("offer after %v, up %v, first packet played %v, sound at the speaker %v", offered, up, first, heard)
	s, _ := alice.Stats("call")
	t.Logf("%+v", s)
	alice.Close("call")
	bob.Close("call")
}
