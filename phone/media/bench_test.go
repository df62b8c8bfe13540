package media

import (
	"fmt"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone"
)

// looped is a transport that hands every packet back: the leg hears itself.
type looped struct {
	sink TransportSink
	at   *time.Time
	ring [64]rtp.Packet
	data [64][400]byte
	n    int
}

func (*looped) Offer(phone.MediaWish)          {}
func (*looped) Answer([]byte, phone.MediaWish) {}
func (*looped) Remote([]byte, bool)            {}
func (*looped) Rollback()                      {}
func (*looped) Stats() TransportStats          { return TransportStats{} }
func (*looped) Close()                         {}
func (l *looped) WriteRTP(h *rtp.Header, payload []byte) bool {
	i := l.n % len(l.ring)
	l.n++
	n := copy(l.data[i][:], payload)
	l.ring[i] = rtp.Packet{Header: *h, Payload: l.data[i][:n]}
	l.sink.RTP(&l.ring[i], *l.at)
	return true
}

func BenchmarkTick(b *testing.B) {
	for _, name := range []string{"opus", "PCMU"} {
		for _, c := range []struct {
			what string
			legs int
		}{{"leg", 1}, {"leg recorded", 1}, {"leg cleaned", 1}, {"legs", 3}, {"members", 5}} {
			b.Run(fmt.Sprintf("%s %d %s", name, c.legs, c.what), func(b *testing.B) { benchmarkTick(b, name, c.legs, c.what) })
		}
	}
}

func benchmarkTick(b *testing.B, name string, legs int, what string) {
	e := New(Config{})
	e.byHand = true
	now := e.epoch
	e.clock = func() time.Time { return now }
	list := make([]*leg, legs)
	for i := range list {
		l := newLeg(e, phone.CallID(fmt.Sprint(i)), phone.LegOptions{}, nil)
		if err := l.setCodecs(negotiated(name)); err != nil {
			b.Fatal(err)
		}
		l.write = l.sent.through((&looped{sink: legSink{l}, at: &now}).WriteRTP)
		l.started.Store(true)
		l.member.Store(what == "members")
		if what == "leg recorded" {
			r := newRecorder(l, phone.RecordOptions{})
			r.live.Store(true)
			l.recorder.Store(r)
			go func() {
				for range r.blocks {
				}
			}()
			defer close(r.blocks)
		}
		list[i] = l
	}
	e.legs.Store(&list)
	mic := &microphone{drift: newDrift(e.clock)}
	if what == "leg cleaned" {
		e.config.Devices = &fakeDevices{rooms: true}
		mic.cleaner.Store(e.newCleaner(""))
		defer mic.cleaner.Load().free()
	}
	e.mic.Store(mic)
	speaker := newOutlet(e.need)
	e.ear.Store(speaker)
	var played [tick]int16
	voice := &end{level: 8000}
	var pcm [tick]int16
	step := func() {
		for i := range pcm {
			pcm[i] = voice.sample(voice.phase)
			voice.phase++
		}
		mic.hear(pcm[:])
		now = now.Add(tickTime)
		e.tick(now)
		speaker.fill(played[:])
	}
	for range 300 {
		step()
	}
	b.ReportAllocs()
	for b.Loop() {
		step()
	}
}
