package media

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// air carries what a speaker plays back to the microphone beside it, later and quieter; nil carries nothing.
type air struct {
	delay int
	gain  float64
}

func (a *air) carry(played, mic []int16) {
	if a == nil {
		return
	}
	for i := range mic {
		var sum float64
		for k, g := range []float64{1, 0.5, -0.4, 0.3, 0.1, -0.1} { // a few walls
			if at := len(played) + i - a.delay - k*173; at >= 0 && at < len(played) {
				sum += a.gain * g * float64(played[at])
			}
		}
		mic[i] = int16(max(-32768, min(32767, float64(mic[i])+sum)))
	}
}

// talk is twelve seconds, after which it repeats itself, of something like speech: a voice's harmonics and some breath, in syllables that
// are never alike.
var talk = sync.OnceValue(func() []int16 {
	rng := rand.New(rand.NewPCG(3, 5))
	out := make([]int16, 0, 13*SampleRate)
	for len(out) < 12*SampleRate {
		length, pitch, bright, loud := int((0.08+0.15*rng.Float64())*SampleRate), 100+150*rng.Float64(), rng.Float64(), 2700.0
		if rng.IntN(5) == 0 {
			loud = 0
		}
		var weights [20]float64
		for k := range weights {
			weights[k] = math.Exp(-math.Abs(float64(k)*pitch-(400+1500*bright)) / 500)
		}
		for i := range length {
			v := 0.3 * rng.NormFloat64()
			for k, weight := range weights {
				v += weight * math.Sin(2*math.Pi*pitch*float64(k*i)/SampleRate+float64(k*k))
			}
			v *= loud * math.Sin(math.Pi*float64(i)/float64(length))
			out = append(out, int16(max(-32000, min(32000, v))))
		}
	}
	return out[:12*SampleRate]
})

// room is a world in which a sits at a loudspeaker with a real microphone and is silent, while b talks.
func room(t *testing.T, change func(a *end)) *world {
	w := newWorld(t, "opus")
	w.a.dev.change(func(f *fakeDevices) { f.rooms = true })
	w.a.SetDevices(phone.DeviceIDs{Microphone: "real"})
	eventually(t, "the real microphone", func() bool { m := w.a.mic.Load(); return m != nil && m.cleaner.Load() != nil })
	w.a.level, w.a.tone = 0, 440
	w.a.air = &air{delay: 40 * ms, gain: 0.4}
	w.b.says = talk()
	if change != nil {
		change(w.a)
	}
	return w
}

// returned is the level, in dBFS, of what b hears of itself in the next d.
func (w *world) returned(d time.Duration) float64 {
	before := len(w.b.heard)
	w.run(d)
	return 20 * math.Log10((rms(w.b.heard[before:])+0.01)/32768)
}

func TestTheFarEndDoesNotHearItselfBack(t *testing.T) {
	raw := room(t, func(a *end) { a.SetVoiceProcessing(false) })
	raw.run(time.Second)
	echo := raw.returned(2 * time.Second)
	w := room(t, nil)
	w.run(6 * time.Second)
	left := w.returned(2 * time.Second)
	t.Logf("echo %.1f dBFS, processed %.1f", echo, left)
	if echo < -45 || left > echo-20 {
		t.Error("want 20 dB less")
	}
}

func TestTheEchoIsLearntWhileMuted(t *testing.T) {
	w := room(t, func(a *end) { a.Mute(callID, true) })
	if muted := w.returned(6 * time.Second); muted > -80 {
		t.Errorf("muted, b hears %.1f dBFS", muted)
	}
	w.a.Mute(callID, false)
	if left := w.returned(time.Second); left > -47 { // it would be -37 for a beginner
		t.Errorf("right after unmuting b hears %.1f dBFS of itself", left)
	}
}

func TestWhatIsRecordedIsWhatWasSent(t *testing.T) {
	files := new(shelf)
	w := room(t, func(a *end) { a.config.Recorders = files })
	w.run(7 * time.Second)
	w.a.Record(callID, phone.RecordOptions{Take: 1, Notice: phone.NoticeOff})
	eventually(t, "the recording begins", func() bool { return has[phone.RecordStarted](&w.a.events) })
	w.run(2 * time.Second)
	w.a.StopRecord(callID)
	eventually(t, "the recording ends", files.complete)
	near, far := files.sides()
	if len(near) < SampleRate || rms(far) < 300 || rms(near) > rms(far)/25 {
		t.Errorf("%d samples, near %.0f, far %.0f: the echo is recorded", len(near), rms(near), rms(far))
	}
}

func TestTheEchoIsLearntAnewWithAnotherSpeaker(t *testing.T) {
	w := room(t, nil)
	w.run(4 * time.Second)
	w.a.SetDevices(phone.DeviceIDs{Microphone: "real", Speaker: "another"})
	eventually(t, "the other speaker", func() bool { return w.a.dev.speaker().id == "another" })
	w.a.air = &air{delay: 90 * ms, gain: -0.5}
	w.run(4 * time.Second)
	if left := w.returned(2 * time.Second); left > -50 {
		t.Errorf("with the other speaker b hears %.1f dBFS of itself", left)
	}
}

func TestVoiceProcessingIsSwitchedDuringACall(t *testing.T) {
	w := room(t, nil)
	w.run(4 * time.Second)
	w.a.SetVoiceProcessing(false)
	w.run(100 * time.Millisecond)
	if echo := w.returned(time.Second); echo < -45 {
		t.Errorf("switched off, b hears %.1f dBFS of itself", echo)
	}
	w.a.SetVoiceProcessing(true)
	w.run(4 * time.Second)
	if left := w.returned(time.Second); left > -50 {
		t.Errorf("switched on again, b hears %.1f dBFS of itself", left)
	}
}

func TestWithoutProcessingASoundIsNotTouched(t *testing.T) {
	for _, c := range []struct{ rooms, off bool }{{true, true}, {false, false}} {
		e := New(Config{Devices: &fakeDevices{rooms: c.rooms}})
		e.SetVoiceProcessing(!c.off)
		now := time.Now()
		clock := func() time.Time { return now }
		m, plain := &microphone{drift: newDrift(clock)}, newDrift(clock)
		m.cleaner.Store(e.newCleaner(""))
		if c.rooms {
			defer m.cleaner.Load().free()
		}
		var pcm, got, want [tick]int16
		for i := range 200 {
			for k := range pcm {
				pcm[k] = talk()[i*tick+k]
			}
			m.hear(pcm[:])
			plain.write(pcm[:])
			m.read(got[:])
			plain.read(want[:])
			if got != want {
				t.Fatalf("rooms %t, off %t: tick %d was changed", c.rooms, c.off, i)
			}
			now = now.Add(tickTime)
		}
	}
}

func TestAMicrophoneThatIsClosedGivesItsMemoryBack(t *testing.T) {
	w := room(t, nil)
	w.run(time.Second)
	old := w.a.mic.Load()
	w.a.SetDevices(phone.DeviceIDs{Microphone: "headset"})
	freed := func(c *cleaner) bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.voice == nil
	}
	eventually(t, "the old microphone's cleaner is freed", func() bool { return freed(old.cleaner.Load()) })
	old.hear(make([]int16, tick)) // a device that cannot stop
	last := w.a.mic.Load()
	w.a.Shutdown()
	if !freed(last.cleaner.Load()) {
		t.Error("the last microphone's cleaner is not freed")
	}
}

func TestTheReferenceIsWhatTheSpeakerTook(t *testing.T) {
	var e echoes
	out, block := make([]int16, tick), make([]int16, tick)
	fill := func(v int16) {
		for i := range block {
			block[i] = v
		}
		e.add(block)
	}
	take := func() int16 {
		if !e.take(out) {
			return -1
		}
		return out[tick-1]
	}
	fill(1)
	fill(2)
	got := []int16{take(), take(), take()} // now it is empty
	fill(3)
	fill(4)
	got = append(got, take(), take(), take())
	if !slices.Equal(got, []int16{1, 2, -1, 3, 4, -1}) {
		t.Errorf("took %v", got)
	}
	for v := range int16(40) { // nobody takes any
		fill(v)
	}
	if v := take(); v != 24 {
		t.Errorf("the oldest that is kept is %d, want 24", v)
	}
	for v := range int16(2 * echoWatch) { // as many in as out: what is too much must go
		fill(100 + v)
		take()
	}
	if e.n != 0 {
		t.Errorf("%d samples lie between speaker and canceller", e.n)
	}
}
