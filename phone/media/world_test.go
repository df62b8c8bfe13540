package media

import (
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hookswitch/hookswitch/phone"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ---- two engines ----

func specOf(name string) CodecSpec {
	switch name {
	case "PCMU":
		return CodecSpec{Name: "PCMU", PayloadType: 0, ClockRate: 8000, Channels: 1}
	case "PCMA":
		return CodecSpec{Name: "PCMA", PayloadType: 8, ClockRate: 8000, Channels: 1}
	}
	return CodecSpec{Name: "opus", PayloadType: 111, ClockRate: 48000, Channels: 2, FEC: true}
}

func negotiated(name string) Negotiated {
	spec := specOf(name)
	dtmf := CodecSpec{Name: "telephone-event", PayloadType: 101, ClockRate: spec.ClockRate}
	return Negotiated{
		Audio:      spec,
		Event:      dtmf,
		PacketTime: 20 * time.Millisecond,
		Receive:    map[uint8]CodecSpec{spec.PayloadType: spec, 101: dtmf, 13: {Name: "CN", PayloadType: 13, ClockRate: 8000}},
	}
}

// end is one engine with its devices, driven by a world's clock.
type end struct {
	*Engine
	dev    *fakeDevices
	t      *fakeTransport
	events journal
	period time.Duration // of its sound devices
	next   time.Time
	phase  int
	tone   float64
	level  float64
	heard  []int16
	says   []int16 // instead of the tone, again and again
	air    *air    // between its speaker and its microphone
}

// journal collects what a leg posts.
type journal struct {
	mu   sync.Mutex
	list []phone.MediaEvent
}

func (j *journal) add(e phone.MediaEvent) {
	j.mu.Lock()
	j.list = append(j.list, e)
	j.mu.Unlock()
}

func (j *journal) all() []phone.MediaEvent {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]phone.MediaEvent(nil), j.list...)
}

func has[E phone.MediaEvent](j *journal) bool {
	for _, e := range j.all() {
		if _, ok := e.(E); ok {
			return true
		}
	}
	return false
}

// world is two ends and the wire between them, on a clock that only step moves.
type world struct {
	wire
	t    testing.TB
	a, b *end
}

const callID = phone.CallID("call")

// newWorld joins two engines whose call is up: a sends 440 Hz, b sends 1000 Hz.
func newWorld(t testing.TB, codecName string) *world {
	t.Helper()
	w := &world{t: t}
	w.rng = rand.New(rand.NewPCG(7, 11))
	w.delay = 5 * time.Millisecond
	w.now = time.Now()
	w.a, w.b = w.newEnd(codecName, 440), w.newEnd(codecName, 1000)
	w.a.t.first = true
	w.a.t.peer, w.b.t.peer = w.b.t, w.a.t
	w.a.next, w.b.next = w.now, w.now.Add(3*time.Millisecond)
	for _, e := range []*end{w.a, w.b} {
		e.Start(callID)
		eventually(t, "devices open", func() bool { return e.mic.Load() != nil && e.ear.Load() != nil })
	}
	return w
}

func (w *world) newEnd(codecName string, tone float64) *end {
	e := &end{dev: new(fakeDevices), period: 10 * time.Millisecond, tone: tone, level: 8000}
	e.t = &fakeTransport{wire: &w.wire, says: negotiated(codecName), ssrc: w.rng.Uint32()}
	e.Engine = New(Config{Devices: e.dev, Transports: map[phone.MediaPolicy]TransportFactory{
		phone.MediaDefault: &fakeFactory{next: []*fakeTransport{e.t}},
	}})
	e.byHand = true
	e.clock = func() time.Time { return w.now }
	w.t.Cleanup(e.Shutdown)
	e.Open(callID, phone.LegOptions{}, e.events.add)
	e.Answer(callID, []byte("offer"), phone.MediaWish{})
	eventually(w.t, "answer", func() bool { return has[phone.LocalDescription](&e.events) })
	return e
}

// run lets d pass, in steps of half a millisecond.
func (w *world) run(d time.Duration) {
	for until := w.now.Add(d); w.now.Before(until); w.now = w.now.Add(500 * time.Microsecond) {
		w.deliver()
		for _, e := range []*end{w.a, w.b} {
			if e.next.After(w.now) {
				continue
			}
			e.beat(w.now)
			e.next = e.next.Add(e.period)
		}
	}
}

// beat is 10 ms of one end: its microphone, its tick, its speaker.
func (e *end) beat(now time.Time) {
	var pcm [tick]int16
	for i := range pcm {
		pcm[i] = e.sample(e.phase)
		e.phase++
	}
	e.air.carry(e.heard, pcm[:])
	if d := e.dev.mic(); d != nil {
		d.run(pcm[:])
	}
	e.tick(now)
	clear(pcm[:])
	if d := e.dev.speaker(); d != nil {
		d.run(pcm[:])
	}
	e.heard = append(e.heard, pcm[:]...)
}

// sample is the end's own sound: a tone, or a voice where tone is 0.
func (e *end) sample(i int) int16 {
	if e.says != nil {
		return e.says[i%len(e.says)]
	}
	t := float64(i) / SampleRate
	if e.tone > 0 {
		return int16(e.level * math.Sin(2*math.Pi*e.tone*t))
	}
	return int16(e.level * vowel()[i%len(vowel())])
}

// vowel is two seconds, after which it repeats itself, of a vowel with two formants whose pitch wanders between 110 and 150 Hz.
var vowel = sync.OnceValue(func() []float64 {
	out := make([]float64, 2*SampleRate)
	for k := 1.0; k < 24; k++ {
		hz := k * 130
		weight := 1/(1+math.Pow((hz-600)/150, 2)) + 0.4/(1+math.Pow((hz-1700)/200, 2)) + 0.03
		for i := range out {
			t := float64(i) / SampleRate
			phase := 2 * math.Pi * (130*t + 20/(2*math.Pi*1.5)*math.Sin(2*math.Pi*1.5*t))
			out[i] += 0.5 * weight * math.Sin(k*phase+k*k)
		}
	}
	return out
})

// ---- measuring ----

// goertzel is the amplitude of hz in pcm.
func goertzel(pcm []int16, hz float64) float64 {
	w := 2 * math.Pi * hz / SampleRate
	c := 2 * math.Cos(w)
	var s1, s2 float64
	for _, v := range pcm {
		s1, s2 = float64(v)+c*s1-s2, s1
	}
	power := s1*s1 + s2*s2 - c*s1*s2
	return 2 * math.Sqrt(max(0, power)) / float64(len(pcm))
}

// steadiness is the share of 10 ms blocks in which the tone is there with at least half the usual amplitude.
func steadiness(pcm []int16, hz, amplitude float64) float64 {
	good, all := 0, 0
	for i := 0; i+tick <= len(pcm); i += tick {
		all++
		if goertzel(pcm[i:i+tick], hz) > amplitude/2 {
			good++
		}
	}
	return float64(good) / float64(all)
}

// evenness is the share of 10 ms blocks whose level is within 6 dB of the whole.
func evenness(pcm []int16) float64 {
	good, all, whole := 0, 0, rms(pcm)
	for i := 0; i+tick <= len(pcm); i += tick {
		all++
		if r := rms(pcm[i : i+tick]); r > whole/2 && r < whole*2 {
			good++
		}
	}
	return float64(good) / float64(all)
}

// largestStep is the largest difference between neighbouring samples.
func largestStep(pcm []int16) int {
	most := 0
	for i := 1; i < len(pcm); i++ {
		most = max(most, int(absolute(int64(pcm[i])-int64(pcm[i-1]))))
	}
	return most
}

func rms(pcm []int16) float64 { return math.Sqrt(meanSquare(pcm)) }
