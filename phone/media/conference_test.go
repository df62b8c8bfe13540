package media

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// tonesOf are the tones of the far ends of a conference; ours is nearTone. No two of them and no small sum or difference of
// two meet, so that each can be told from the products of distortion.
var tonesOf = []float64{610, 830, 1090, 1430, 1790}

const nearTone = 370

// meeting is one engine with a leg to each of several far ends, on a clock that only run moves.
type meeting struct {
	*world
	hub *end // hears all of them; its tone is nearTone
	far []*end
}

func legOf(i int) phone.CallID { return phone.CallID(fmt.Sprint("leg ", i)) }

// newMeeting makes the calls and brings them together.
func newMeeting(t *testing.T, codecName string, members int, level float64) *meeting {
	t.Helper()
	w := &world{t: t}
	w.rng = rand.New(rand.NewPCG(3, 5))
	w.delay, w.now = 5*time.Millisecond, time.Now()
	m := &meeting{world: w, hub: &end{dev: new(fakeDevices), period: tickTime, tone: nearTone, level: level, next: w.now}}
	factory := &fakeFactory{}
	for i := range members {
		far := w.newEnd(codecName, tonesOf[i])
		far.level, far.next = level, w.now.Add(time.Duration(i)*time.Millisecond)
		near := &fakeTransport{wire: &w.wire, says: negotiated(codecName), ssrc: w.rng.Uint32(), peer: far.t}
		far.t.peer = near
		m.far = append(m.far, far)
		factory.next = append(factory.next, near)
	}
	m.hub.Engine = New(Config{Devices: m.hub.dev, Transports: map[phone.MediaPolicy]TransportFactory{phone.MediaDefault: factory}})
	m.hub.byHand, m.hub.clock = true, func() time.Time { return w.now }
	t.Cleanup(m.hub.Shutdown)
	for i, far := range m.far {
		answered := &journal{}
		m.hub.Open(legOf(i), phone.LegOptions{}, answered.add)
		m.hub.Answer(legOf(i), []byte("offer"), phone.MediaWish{})
		eventually(t, "answer", func() bool { return has[phone.LocalDescription](answered) })
		m.hub.Start(legOf(i))
		m.hub.Mix(legOf(i), true)
		far.Start(callID)
	}
	for _, e := range append([]*end{m.hub}, m.far...) {
		eventually(t, "devices open", func() bool { return e.mic.Load() != nil && e.ear.Load() != nil })
	}
	return m
}

// run lets d pass and forgets what was heard before.
func (m *meeting) run(d time.Duration) {
	ends := append([]*end{m.hub}, m.far...)
	for _, e := range ends {
		e.heard = e.heard[:0]
	}
	for until := m.now.Add(d); m.now.Before(until); m.now = m.now.Add(500 * time.Microsecond) {
		m.deliver()
		for _, e := range ends {
			if !e.next.After(m.now) {
				e.beat(m.now)
				e.next = e.next.Add(e.period)
			}
		}
	}
}

// wantHeard checks that the last half second of who's ear holds exactly the wanted tones of all.
func (m *meeting) wantHeard(name string, who *end, wanted ...float64) {
	m.t.Helper()
	pcm := who.heard[len(who.heard)-SampleRate/2:]
	for _, hz := range append([]float64{nearTone}, tonesOf[:len(m.far)]...) {
		want := false
		for _, w := range wanted {
			want = want || w == hz
		}
		got := goertzel(pcm, hz)
		if want && got < who.level/2 || !want && got > who.level/50 {
			m.t.Errorf("%s hears %v Hz with amplitude %.0f of %.0f, wanted %v", name, hz, got, who.level, wanted)
		}
	}
}

// others are all tones of the meeting but the i-th far end's (-1: but ours).
func (m *meeting) others(i int) []float64 {
	var tones []float64
	if i >= 0 {
		tones = append(tones, nearTone)
	}
	for k := range m.far {
		if k != i {
			tones = append(tones, tonesOf[k])
		}
	}
	return tones
}

func TestEachMemberHearsAllOthersAndNotItself(t *testing.T) {
	for _, c := range []struct {
		codec   string
		members int
	}{{"opus", 2}, {"PCMU", 2}, {"opus", 5}, {"PCMA", 5}} {
		t.Run(fmt.Sprint(c.codec, " ", c.members), func(t *testing.T) {
			m := newMeeting(t, c.codec, c.members, 4000)
			m.run(1500 * time.Millisecond)
			m.wantHeard("we", m.hub, m.others(-1)...)
			for i, far := range m.far {
				m.wantHeard(fmt.Sprint("member ", i), far, m.others(i)...)
			}
		})
	}
}

func TestWhatAMemberOrWeDoChangesNothingBetweenTheOthers(t *testing.T) {
	for name, c := range map[string]struct {
		do           func(*meeting)
		we           []float64
		zero, second []float64 // members 0 and 2 of three
	}{
		"we are muted": {func(m *meeting) {
			for i := range m.far {
				m.hub.Mute(legOf(i), true)
			}
		}, []float64{610, 830, 1090}, []float64{830, 1090}, []float64{610, 830}},
		"member 0 is held by us": {func(m *meeting) { m.hub.Hold(legOf(0), true) },
			[]float64{830, 1090}, nil, []float64{nearTone, 830}},
		"all are held by us": {func(m *meeting) {
			for i := range m.far {
				m.hub.Hold(legOf(i), true)
			}
		}, nil, nil, nil},
		"member 0 holds us and plays music": {func(m *meeting) { m.hub.leg(legOf(0)).heldByThem.Store(true) },
			[]float64{610, 830, 1090}, []float64{nearTone, 830, 1090}, []float64{nearTone, 830}},
		"member 0 was split off": {func(m *meeting) { m.hub.Mix(legOf(0), false) },
			[]float64{610, 830, 1090}, []float64{nearTone}, []float64{nearTone, 830}},
		"member 0 left": {func(m *meeting) { m.hub.Close(legOf(0)) },
			[]float64{830, 1090}, nil, []float64{nearTone, 830}},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMeeting(t, "PCMU", 3, 4000)
			m.run(500 * time.Millisecond)
			c.do(m)
			m.run(time.Second)
			m.wantHeard("we", m.hub, c.we...)
			m.wantHeard("member 0", m.far[0], c.zero...)
			m.wantHeard("member 2", m.far[2], c.second...)
		})
	}
}

func TestOurOwnTonesAndKeysAreNotSentToTheMembers(t *testing.T) {
	m := newMeeting(t, "PCMU", 2, 4000)
	m.hub.Play(phone.ToneRingback)
	m.run(1200 * time.Millisecond)
	// The European ringback is 425 Hz.
	if got := goertzel(m.hub.heard[SampleRate/5:4*SampleRate/5], 425); got < 1000 {
		t.Fatalf("we hear the ringback with amplitude %.0f", got)
	}
	for i, far := range m.far {
		if got := goertzel(far.heard[SampleRate/5:4*SampleRate/5], 425); got > 100 {
			t.Errorf("member %d hears our ringback with amplitude %.0f", i, got)
		}
	}
}

// At -6 dBFS each, the five voices that each of six hears add up to two and a half times full scale.
const loudTalker = 16384

func TestFiveLoudTalkersDoNotClip(t *testing.T) {
	m := newMeeting(t, "opus", 5, loudTalker)
	m.run(3 * time.Second)
	for i, who := range append([]*end{m.hub}, m.far...) {
		if most := largest(who.heard); most > 32500 {
			t.Errorf("ear %d: largest sample %d", i, most)
		}
	}
}

func TestFiveLoudTonesAreTurnedDownAndNotBent(t *testing.T) {
	var l limiter
	var sum [tick]int32
	var out [tick]int16
	var heard []int16
	for at := 0; at < 3*SampleRate; {
		for i := range sum {
			sum[i] = 0
			for _, hz := range tonesOf {
				sum[i] += int32(loudTalker * math.Sin(2*math.Pi*hz*float64(at)/SampleRate))
			}
			at++
		}
		l.limit(out[:], sum[:])
		heard = append(heard, out[:]...)
	}
	settled := heard[SampleRate:]
	if most := largest(settled); most > ceiling+1 {
		t.Errorf("largest sample %d", most)
	}
	d := distortion(settled, tonesOf)
	t.Logf("largest sample %d, %d at the onset; distortion %.1f dB", largest(settled), largest(heard), d)
	if d > -40 {
		t.Errorf("distortion %.1f dB", d)
	}
}

func largest(pcm []int16) int64 {
	most := int64(0)
	for _, v := range pcm {
		most = max(most, absolute(int64(v)))
	}
	return most
}

// distortion is the power of all that is none of the tones, in dB of the whole.
func distortion(pcm []int16, tones []float64) float64 {
	all := meanSquare(pcm)
	rest := all
	for _, hz := range tones {
		a := goertzel(pcm, hz)
		rest -= a * a / 2
	}
	return 10 * math.Log10(max(rest, 1)/all)
}

func TestTheLimiterHoldsBackAnySumWithoutAStepAndLetsQuietSoundAlone(t *testing.T) {
	var l limiter
	var sum [tick]int32
	var out [tick]int16
	rng := rand.New(rand.NewPCG(1, 2))
	for block := range 2000 {
		loud := int32(1) << (rng.Uint32() % 21)
		for i := range sum {
			sum[i] = rng.Int32N(2*loud+1) - loud
		}
		l.limit(out[:], sum[:])
		for i, v := range out {
			if int64(v)*int64(sum[i]) < 0 {
				t.Fatalf("block %d turns %d into %d", block, sum[i], v)
			}
		}
	}
	for range 300 { // it recovers, and then leaves alone what is below the ceiling
		for i := range sum {
			sum[i] = int32(i) * 50
		}
		l.limit(out[:], sum[:])
	}
	for i, v := range out {
		if int32(v) != sum[i] {
			t.Fatalf("%d became %d", sum[i], v)
		}
	}
}
