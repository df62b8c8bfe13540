package media

import (
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

// told are the SoundMissing events so far: "m" where sound is missing, "c" where it comes again.
func told(j *journal) (got string) {
	for _, e := range j.all() {
		if m, ok := e.(phone.SoundMissing); ok {
			got += map[bool]string{true: "m", false: "c"}[m.On]
		}
	}
	return got
}

func newQuietable(t *testing.T) (*talker, *journal) {
	t.Helper()
	k, j := newTalker(t), &journal{}
	k.leg.sink = j.add
	n := negotiated("PCMU")
	n.Sends = true
	legSink{k.leg}.Negotiated(n)
	legSink{k.leg}.Up("host")
	return k, j
}

func TestAFarEndThatIsNoLongerHeardIsTold(t *testing.T) {
	k, j := newQuietable(t)
	k.tone(1000)
	k.rest(4500)
	if got := told(j); got != "" {
		t.Errorf("after 4.5 s: %q", got)
	}
	k.rest(1000)
	if got := told(j); got != "m" {
		t.Errorf("after 5.5 s: %q", got)
	}
	k.rest(20000)
	k.tone(100)
	if got := told(j); got != "mc" {
		t.Errorf("when it is back: %q", got)
	}
}

func TestAFarEndThatWasNeverHeardIsTold(t *testing.T) {
	k, j := newQuietable(t)
	k.rest(5500)
	if got := told(j); got != "m" {
		t.Errorf("%q", got)
	}
}

func TestASilenceThatHasItsReasonIsNoTrouble(t *testing.T) {
	for name, reason := range map[string]func(*talker){
		"we hold":                 func(k *talker) { k.held.Store(true) },
		"they may not send":       func(k *talker) { n := negotiated("PCMU"); n.HeldByThem = true; legSink{k.leg}.Negotiated(n) },
		"the way is down":         func(k *talker) { legSink{k.leg}.Down() },
		"they say they are quiet": func(k *talker) { k.reported.Store(&reported{TransportStats: TransportStats{Resting: true}}) },
		"they describe it":        func(k *talker) { k.packet(13, []byte{60}) },
	} {
		k, j := newQuietable(t)
		k.tone(500)
		reason(k)
		k.rest(20000)
		if got := told(j); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestTheCountBeginsAnewWhenTheReasonIsGone(t *testing.T) {
	k, j := newQuietable(t)
	k.rest(6000)
	k.held.Store(true)
	k.rest(1000)
	if got := told(j); got != "mc" {
		t.Errorf("held: %q", got)
	}
	k.held.Store(false)
	k.rest(4000)
	if got := told(j); got != "mc" {
		t.Errorf("4 s after: %q", got)
	}
	k.rest(2000)
	if got := told(j); got != "mcm" {
		t.Errorf("6 s after: %q", got)
	}
}
