package media

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone"
)

// desk is an engine with its own goroutines, one call and devices, for use in a synctest bubble.
type desk struct {
	*Engine
	dev    *fakeDevices
	t      *fakeTransport
	events journal
}

func newDesk(o phone.LegOptions) *desk {
	d := &desk{dev: new(fakeDevices)}
	w := &wire{rng: rand.New(rand.NewPCG(1, 2))}
	d.t = &fakeTransport{wire: w, says: negotiated("PCMU"), first: true}
	d.Engine = New(Config{Devices: d.dev, Transports: map[phone.MediaPolicy]TransportFactory{
		phone.MediaDefault: &fakeFactory{next: []*fakeTransport{d.t}},
	}})
	d.Open(callID, o, d.events.add)
	d.Answer(callID, nil, phone.MediaWish{})
	return d
}

// pump calls a device every period until stop closes.
func pump(device *fakeDevice, period time.Duration, stop <-chan struct{}) {
	ticker := time.NewTicker(period)
	defer ticker.Stop()
	var pcm [tick]int16
	for {
		select {
		case <-stop:
			return
		case <-ticker.C:
			device.run(pcm[:])
		}
	}
}

func (d *desk) packets() uint64 {
	s, _ := d.Stats(callID)
	return s.PacketsSent
}

func TestTheSpeakerPacesTheTickAndTheClockTakesOverWhenItStalls(t *testing.T) {
	for name, period := range map[string]time.Duration{
		"right":          10 * time.Millisecond,
		"300 ppm fast":   10*time.Millisecond - 3*time.Microsecond,
		"far too fast":   5 * time.Millisecond,
		"far too slow":   30 * time.Millisecond,
		"hardly at all":  300 * time.Millisecond,
		"never (absent)": time.Hour,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(phone.LegOptions{})
				synctest.Wait()
				d.Start(callID)
				synctest.Wait()
				stop := make(chan struct{})
				go pump(d.dev.speaker(), period, stop)
				time.Sleep(time.Second)
				before := d.packets()
				time.Sleep(10 * time.Second)
				if got := d.packets() - before; got < 490 || got > 512 {
					t.Errorf("%d packets in ten seconds, want about 500", got)
				}
				close(stop)
				time.Sleep(45 * time.Millisecond)
				before = d.packets()
				time.Sleep(time.Second)
				if got := d.packets() - before; got < 48 || got > 54 {
					t.Errorf("%d packets in the first second after the speaker stalled", got)
				}
				d.Shutdown()
			})
		})
	}
}

func TestSilenceOfTheSpeakerDelaysATickByFortyMillisecondsAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(phone.LegOptions{})
		synctest.Wait()
		d.Start(callID)
		synctest.Wait()
		stop := make(chan struct{})
		go pump(d.dev.speaker(), 10*time.Millisecond, stop)
		time.Sleep(2 * time.Second)
		close(stop)
		before := d.packets()
		start := time.Now()
		for d.packets() < before+2 {
			time.Sleep(time.Millisecond)
		}
		if gap := time.Since(start); gap > 60*time.Millisecond {
			t.Errorf("the second packet after the stall took %v", gap)
		}
		d.Shutdown()
	})
}

func TestDevicesAreOpenOnlyWhileTheyAreNeeded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(phone.LegOptions{})
		synctest.Wait()
		if mics, speakers := d.dev.opened(); mics != 0 || speakers != 1 {
			t.Errorf("at the answer %d microphones and %d speakers were opened, want 0 and 1", mics, speakers)
		}
		d.Start(callID)
		synctest.Wait()
		mic, speaker := d.dev.mic(), d.dev.speaker()
		if mic == nil || mic.isClosed() || speaker.isClosed() {
			t.Fatal("devices are not open during the call")
		}
		d.Close(callID)
		synctest.Wait()
		if !mic.isClosed() {
			t.Error("the microphone is open after the call")
		}
		time.Sleep(time.Second)
		if !speaker.isClosed() {
			t.Error("the speaker is open after the call")
		}
		// Nothing ticks any more: the bubble's clock would jump by hours, and no goroutine may wake.
		d.mu.Lock()
		ticking := d.ticking
		d.mu.Unlock()
		if ticking {
			t.Error("the tick still runs")
		}
		d.Shutdown()
	})
}

func TestAnotherMicrophoneTakesOverBeforeTheOldOneCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(phone.LegOptions{})
		d.Start(callID)
		synctest.Wait()
		old := d.dev.mic()
		d.SetDevices(phone.DeviceIDs{Microphone: "headset", Speaker: "headset"})
		synctest.Wait()
		if got := d.dev.mic(); got.id != "headset" || got.isClosed() || !old.isClosed() {
			t.Errorf("microphone %q is in use", got.id)
		}
		if got := d.dev.speaker(); got.id != "headset" {
			t.Errorf("speaker %q is in use", got.id)
		}
		if d.mic.Load() == nil || d.ear.Load() == nil {
			t.Error("the engine uses no device")
		}
		d.Shutdown()
	})
}

func TestADeviceThatFailsIsToldOnceAndTheCallGoesOn(t *testing.T) {
	for name, c := range map[string]struct {
		silence bool
		want    []string
	}{
		"must have a microphone": {false, []string{"microphone", "speaker"}},
		"may be silent":          {true, []string{"speaker"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(phone.LegOptions{AllowSilence: c.silence})
				d.dev.change(func(f *fakeDevices) { f.noMic, f.noSpeaker = true, true })
				synctest.Wait()
				d.Start(callID)
				time.Sleep(10 * time.Second)
				told := map[string]int{}
				for _, e := range d.events.all() {
					if f, ok := e.(phone.DeviceFailed); ok {
						told[f.Kind]++
					}
				}
				if len(told) != len(c.want) {
					t.Errorf("told %v, want one each of %v", told, c.want)
				}
				for kind, n := range told {
					if n != 1 {
						t.Errorf("%s was told %d times", kind, n)
					}
				}
				if d.packets() < 490 {
					t.Errorf("only %d packets of silence", d.packets())
				}
				d.dev.change(func(f *fakeDevices) { f.noMic = false })
				time.Sleep(3 * time.Second)
				if d.mic.Load() == nil {
					t.Error("a microphone that came back is not used")
				}
				d.Shutdown()
			})
		})
	}
}

func TestALostMicrophoneIsToldAndTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(phone.LegOptions{AllowSilence: true})
		d.Start(callID)
		synctest.Wait()
		old := d.dev.mic()
		old.lost(errUnplugged)
		time.Sleep(5 * time.Second)
		if !has[phone.DeviceFailed](&d.events) || !old.isClosed() {
			t.Error("the loss was not told")
		}
		if d.dev.mic() == old {
			t.Error("no other microphone was tried")
		}
		d.Shutdown()
	})
}

func TestShutdownDoesNotWaitForADeviceThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(phone.LegOptions{})
		hang := make(chan struct{})
		d.dev.change(func(f *fakeDevices) { f.hang = hang })
		synctest.Wait()
		d.Start(callID)
		synctest.Wait()
		start := time.Now()
		d.Shutdown()
		if took := time.Since(start); took > time.Second {
			t.Errorf("Shutdown took %v", took)
		}
		close(hang)
	})
}

func TestADeviceThatHangsDoesNotKeepTheNextCallWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(phone.LegOptions{})
		hang := make(chan struct{})
		d.dev.change(func(f *fakeDevices) { f.hang = hang })
		d.Start(callID)
		synctest.Wait()
		d.SetDevices(phone.DeviceIDs{Microphone: "second"})
		synctest.Wait()
		time.Sleep(time.Second)
		d.SetDevices(phone.DeviceIDs{Microphone: "third"})
		time.Sleep(time.Millisecond)
		if got := d.dev.mic().id; got != "third" {
			t.Errorf("the microphone in use is %q", got)
		}
		close(hang)
		d.Shutdown()
	})
}

func TestTonesSoundEndAndCloseTheSpeaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dev := new(fakeDevices)
		e := New(Config{Devices: dev})
		e.Play(phone.ToneRingback)
		synctest.Wait()
		speaker := dev.speaker()
		var heard []int16
		var pcm [tick]int16
		listen := func(d time.Duration) {
			for range d / tickTime {
				time.Sleep(tickTime)
				speaker.run(pcm[:])
				heard = append(heard, pcm[:]...)
			}
		}
		listen(800 * time.Millisecond)
		if got := goertzel(heard[100*ms:700*ms], 425); got < 4000 || got > 5000 {
			t.Errorf("ringback has amplitude %.0f, want 4634 (-20 dBFS)", got)
		}
		e.KeyFeedback('5')
		listen(60 * time.Millisecond)
		key := heard[len(heard)-40*ms:]
		for _, hz := range []float64{770, 1336} {
			if got := goertzel(key, hz); got < 1500 {
				t.Errorf("key tone of %v Hz has amplitude %.0f", hz, got)
			}
		}
		e.Play(phone.ToneNone)
		listen(400 * time.Millisecond)
		if got := rms(heard[len(heard)-100*ms:]); got > 0 {
			t.Errorf("level %.1f after the tone's end", got)
		}
		// 425, 770 and 1336 Hz at these levels step by less than this from sample to sample.
		if got := largestStep(heard); got > 1200 {
			t.Errorf("a click: a step of %d", got)
		}
		time.Sleep(time.Second)
		if !speaker.isClosed() {
			t.Error("the speaker is open without a tone")
		}
		e.Shutdown()
	})
}

func TestTheRingerRingsOnItsOwnDevice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dev := new(fakeDevices)
		e := New(Config{Devices: dev, DeviceIDs: phone.DeviceIDs{Ringer: "bell"}})
		e.Play(phone.ToneRing)
		synctest.Wait()
		var bell *fakeDevice
		for _, s := range dev.speakers {
			if s.id == "bell" {
				bell = s
			}
		}
		if bell == nil {
			t.Fatal("the ringer was not opened")
		}
		var heard []int16
		var pcm [tick]int16
		for range 100 {
			bell.run(pcm[:])
			heard = append(heard, pcm[:]...)
		}
		if got := rms(heard[:600*ms]); got < 800 || got > 6000 {
			t.Errorf("it rings at level %.0f", got)
		}
		if got := largestStep(heard); got > 1500 {
			t.Errorf("a click: a step of %d", got)
		}
		e.Play(phone.ToneNone)
		bell.run(pcm[:])
		bell.run(pcm[:])
		if rms(pcm[:]) > 0 {
			t.Error("it rings on")
		}
		time.Sleep(time.Second)
		if !bell.isClosed() {
			t.Error("the ringer is still open")
		}
		e.Shutdown()
	})
}

func TestAQuietEngineOpensNothingForTones(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dev := new(fakeDevices)
		e := New(Config{Devices: dev, Quiet: true})
		e.Play(phone.ToneRing)
		e.KeyFeedback('1')
		synctest.Wait()
		if _, speakers := dev.opened(); speakers != 0 {
			t.Error("a speaker was opened")
		}
		e.Shutdown()
	})
}

func TestNothingIsPostedAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(phone.LegOptions{})
		d.Start(callID)
		synctest.Wait()
		n := len(d.events.all())
		d.Close(callID)
		d.t.sink.Up("host")
		d.t.sink.Failed(errUnplugged)
		d.t.sink.RTP(&rtp.Packet{}, time.Now())
		synctest.Wait()
		if got := len(d.events.all()); got != n {
			t.Errorf("%d events after Close", got-n)
		}
		if !d.t.closed {
			t.Error("the transport is not closed")
		}
		d.Shutdown()
	})
}
