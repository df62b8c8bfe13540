package phone_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// infos are the INFOs that were sent, with their bodies.
func (d *desk) infos(id phone.CallID) (list []string) {
	for _, r := range d.net.Records() {
		if text, ok := strings.CutPrefix(r.Text, "1001.Info "+string(id)+" "); ok {
			list = append(list, text)
		}
	}
	return list
}

func relayed(digits string) (list []string) {
	for _, r := range digits {
		list = append(list, `application/dtmf-relay "Signal=`+string(r)+`\r\nDuration=100\r\n"`)
	}
	return list
}

func TestDigitsByInfoGoOneAfterTheOtherInTheirOrder(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.media.NoTelephoneEvent = true
		id := d.talk("600")
		began := time.Now()
		d.must(d.op.DTMF(id, "12#"))
		d.must(d.op.DTMF(id, "9"))
		d.settle()
		if got := d.infos(id); !slices.Equal(got, relayed("1")) {
			t.Fatalf("at once: %q", got)
		}
		time.Sleep(time.Second)
		if got := d.infos(id); !slices.Equal(got, relayed("12#9")) {
			t.Fatalf("%q", got)
		}
		for i, r := range d.net.Records()[len(d.net.Records())-4:] {
			if at := r.At.Sub(began); at != time.Duration(i)*200*time.Millisecond {
				t.Errorf("digit %d went after %v", i, at)
			}
		}
	})
}

func TestWhoDoesNotKnowTheRelayedFormGetsThePlainOne(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.media.NoTelephoneEvent = true
		d.net.InfoStatus = func(kind string) int {
			if kind == "application/dtmf-relay" {
				return 415
			}
			return 200
		}
		id := d.talk("600")
		d.must(d.op.DTMF(id, "4*"))
		time.Sleep(time.Second)
		want := append(relayed("4"), `application/dtmf "4"`, `application/dtmf "*"`)
		if got := d.infos(id); !slices.Equal(got, want) {
			t.Fatalf("%q", got)
		}
		if d.events.Count(phone.EventClientError) != 0 {
			t.Fatal(d.events)
		}
	})
}

func TestWhoTakesNoDigitsGetsNoMoreAndTheUserIsTold(t *testing.T) {
	for name, status := range map[string]int{"neither form": 415, "not implemented": 501, "no answer": 0} {
		t.Run(name, func(t *testing.T) {
			onDesk(t, func(d *desk) {
				d.media.NoTelephoneEvent = true
				d.net.InfoStatus = func(string) int { return status }
				id := d.talk("600")
				d.must(d.op.DTMF(id, "123"))
				time.Sleep(2 * time.Second)
				if n := len(d.infos(id)); n > 2 {
					t.Fatalf("%d INFOs", n)
				}
				told := 0
				for _, e := range d.events.Events() {
					if e.Name == phone.EventClientError && errors.Is(e.Err, phone.ErrNotSupported) && e.Status == status {
						told++
					}
				}
				if told != 1 {
					t.Fatalf("told %d times: %s", told, d.events)
				}
				d.wantState(id, phone.StateTalking)
				d.net.InfoStatus = nil
				d.must(d.op.DTMF(id, "5"))
				d.settle()
				if got := d.infos(id); !strings.Contains(got[len(got)-1], "5") {
					t.Fatalf("the next one does not go: %q", got)
				}
			})
		})
	}
}

// TestDigitsInTheSoundAreRefusedWhileTheFarEndHoldsUs: they would go nowhere, and nobody would know. INFO is no sound.
func TestDigitsInTheSoundAreRefusedWhileTheFarEndHoldsUs(t *testing.T) {
	for name, inSound := range map[string]bool{"in the sound": true, "by INFO": false} {
		t.Run(name, func(t *testing.T) {
			onDesk(t, func(d *desk) {
				d.media.NoTelephoneEvent, d.media.Info.DTMF = !inSound, inSound
				id := d.talk("600")
				d.must(d.op.DTMF(id, "1"))
				d.media.Info.HeldByThem = true
				d.post(phone.ReinviteIn{Dialog: phone.DialogID(id), SDP: []byte("theirs")})
				d.want(d.call(id).HeldByThem, "held by them", d.call(id))
				if err := d.op.DTMF(id, "2"); errors.Is(err, phone.ErrInvalidState) != inSound {
					t.Fatal(err)
				}
				d.media.Info.HeldByThem = false
				d.post(phone.ReinviteIn{Dialog: phone.DialogID(id), SDP: []byte("theirs")})
				d.must(d.op.DTMF(id, "3"))
			})
		})
	}
}

func TestTheirDigitsByInfoAreToldInBothForms(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		for _, i := range []struct{ kind, body string }{
			{"application/dtmf-relay", "Signal=5\r\nDuration=160\r\n"}, {"Application/DTMF-Relay; charset=utf-8", "signal= a\nDuration=1"},
			{"application/dtmf", "#"}, {"application/dtmf", "10"}, {"application/dtmf", "hello"}, {"text/plain", "7"}, {"", ""},
		} {
			d.post(phone.InfoIn{Dialog: phone.DialogID(id), ContentType: i.kind, Body: []byte(i.body)})
		}
		var got string
		for _, e := range d.events.Events() {
			if e.Name == phone.EventDTMF {
				got += string(e.Digit)
			}
		}
		if got != "5A#*" {
			t.Fatalf("%q", got)
		}
	})
}
