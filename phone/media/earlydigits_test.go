package media

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

func TestDigitsAreSentInEarlyMediaAndOurSilenceGoesOnUntilTheAnswer(t *testing.T) {
	w := &world{t: t}
	w.rng = rand.New(rand.NewPCG(7, 11))
	w.now = time.Now()
	w.a, w.b = w.newEnd("PCMU", 440), w.newEnd("PCMU", 1000)
	w.a.t.first = true
	w.a.t.peer, w.b.t.peer = w.b.t, w.a.t
	w.a.next, w.b.next = w.now, w.now
	w.b.Start(callID)
	w.run(200 * time.Millisecond)
	if len(w.seen) != 0 {
		t.Fatalf("%d packets before the call is answered", len(w.seen))
	}
	if !w.a.DTMF(callID, "7") {
		t.Fatal("not negotiated")
	}
	w.run(500 * time.Millisecond)
	if mics, _ := w.a.dev.opened(); mics != 0 {
		t.Error("the microphone was opened before the answer")
	}
	var got []rune
	for _, e := range w.b.events.all() {
		if d, ok := e.(phone.RemoteDigit); ok {
			got = append(got, d.Digit)
		}
	}
	if string(got) != "7" {
		t.Fatalf("the far end heard the digits %q", string(got))
	}
	w.a.Start(callID)
	eventually(t, "the microphone opens", func() bool { return w.a.mic.Load() != nil })
	w.run(time.Second)
	if level := goertzel(w.b.heard[len(w.b.heard)-SampleRate/2:], 440); level < 6000 {
		t.Errorf("after the answer the far end hears us with amplitude %.0f", level)
	}
	last := w.seen[0]
	for _, p := range w.seen[1:] { // one stream: no hole in numbers, and no time that was not counted
		if p.SequenceNumber != last.SequenceNumber+1 {
			t.Fatalf("%d follows %d", p.SequenceNumber, last.SequenceNumber)
		}
		last = p
	}
	if n := len(w.seen); n < 70 || n > 80 {
		t.Errorf("%d packets in 1.5 s", n)
	}
}
