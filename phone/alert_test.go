package phone_test

import (
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// intercom lets a call come in with these headers.
func (d *desk) intercom(dialog string, headers ...phone.Header) phone.CallID {
	d.post(phone.InviteIn{Dialog: phone.DialogID(dialog), SIPCallID: dialog, From: phone.Party{Number: "600"}, SDP: []byte("offer"),
		At: time.Now(), Headers: headers})
	return phone.CallID(dialog)
}

func allowed(a *phone.Account) { a.AutoAnswer = true }

// TestAServerMayAnswerACallWhereItsAccountAllowsThat: each way to ask for it.
func TestAServerMayAnswerACallWhereItsAccountAllowsThat(t *testing.T) {
	for name, h := range map[string]phone.Header{
		"Call-Info":                {Name: "Call-Info", Value: "<sip:pbx.example>;answer-after=0"},
		"Alert-Info":               {Name: "Alert-Info", Value: "<http://www.notused.example>;info=alert-autoanswer;delay=0"},
		"Alert-Info, bare":         {Name: "Alert-Info", Value: "info=alert-autoanswer"},
		"Alert-Info, words":        {Name: "Alert-Info", Value: "Auto Answer"},
		"Alert-Info, words quoted": {Name: "Alert-Info", Value: `<http://www.notused.example>;info="Auto Answer"`},
		"Alert-Info, as Call-Info": {Name: "Alert-Info", Value: "<http://www.notused.example>;answer-after=0"},
		"Answer-Mode":              {Name: "Answer-Mode", Value: "Auto"},
		"Priv-Answer-Mode":         {Name: "Priv-Answer-Mode", Value: "Auto;require"},
	} {
		t.Run(name, func(t *testing.T) {
			onDesk(t, func(d *desk) {
				id := d.intercom("page", h)
				d.post(phone.Acked{Dialog: "page", At: time.Now()})
				if c := d.call(id); c.State != phone.StateTalking || !c.AutoAnswered {
					t.Fatalf("%+v", c)
				}
				d.wantSent("Media.Beep page")
				d.wantNotSent("Media.Play ring")
				if d.events.Count(phone.EventAutoAnswered) != 1 {
					t.Fatal(d.events)
				}
			}, withAccount(allowed))
			onDesk(t, func(d *desk) { // off by default
				id := d.intercom("page", h)
				if h.Value == "Auto;require" { // no person is to answer it
					d.wantSent("1001.End page 403")
					return
				}
				d.wantState(id, phone.StateRinging)
				d.wantNotSent("Media.Beep")
			})
		})
	}
}

func TestAnIntercomMayRingFirst(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.intercom("page", phone.Header{Name: "Call-Info", Value: "<sip:x>;purpose=icon, <sip:pbx.example>; answer-after = 3"})
		time.Sleep(2900 * time.Millisecond)
		d.settle()
		d.wantState(id, phone.StateRinging)
		time.Sleep(200 * time.Millisecond)
		d.settle()
		d.wantState(id, phone.StateAccepted)
	}, withAccount(allowed))
}

func TestNobodyIsPutOnHoldForAnIntercom(t *testing.T) {
	onDesk(t, func(d *desk) {
		talks := d.talk("601")
		id := d.intercom("page", phone.Header{Name: "Answer-Mode", Value: "Auto"})
		d.wantState(id, phone.StateRinging)
		d.wantState(talks, phone.StateTalking)
		d.must(d.op.Reject(id))
		d.settle()
		d.intercom("page2", phone.Header{Name: "Answer-Mode", Value: "Auto;require"})
		d.wantSent("1001.End page2 403")
	}, withAccount(allowed))
}

func TestADelayIsBoundedAndACallThatIsGoneIsNotAnswered(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.intercom("page", phone.Header{Name: "Call-Info", Value: "<sip:pbx.example>;answer-after=99999999999999999999"})
		time.Sleep(29 * time.Second)
		d.wantState(id, phone.StateRinging)
		time.Sleep(2 * time.Second)
		d.settle()
		d.wantState(id, phone.StateAccepted)
		d.must(d.op.Hangup(id))
		d.settle()
		d.intercom("page2", phone.Header{Name: "Call-Info", Value: "<sip:pbx.example>;answer-after=5"})
		d.post(phone.DialogEnded{Dialog: "page2", Cause: phone.CauseCanceled, ByThem: true})
		time.Sleep(10 * time.Second)
		d.settle()
		d.wantNotSent("1001.Answer page2")
	}, withAccount(allowed))
}

// TestDistinctiveRings: names, never addresses: nothing is fetched.
func TestDistinctiveRings(t *testing.T) {
	for value, want := range map[string]phone.Tone{
		"":                                      phone.ToneRing,
		"<http://pbx.example/Bellcore-dr2>":     phone.ToneRing2,
		"Bellcore-dr3":                          phone.ToneRing3,
		"<http://x>;info=Bellcore-dr4":          phone.ToneRing4,
		"<urn:alert:priority:low>":              phone.ToneRing5,
		"<urn:alert:source:internal>;x=y":       phone.ToneRing2,
		"info=alert-group":                      phone.ToneRing3,
		"<file:///etc/passwd>":                  phone.ToneRing,
		"<http://evil.example/ring.wav>":        phone.ToneRing,
		"/":                                     phone.ToneRing,
		";;;=;=":                                phone.ToneRing,
		"<<<,>>>,Bellcore-dr5":                  phone.ToneRing5,
		"<http://x/bellcore-dr2>, Bellcore-dr3": phone.ToneRing3,
	} {
		t.Run(value, func(t *testing.T) {
			onDesk(t, func(d *desk) {
				id := d.intercom("rings", phone.Header{Name: "Alert-Info", Value: value})
				if got := d.call(id).Ring; got != want || d.media.Tone() != want || !want.Rings() {
					t.Fatalf("%q, and it plays %q", got, d.media.Tone())
				}
			})
		})
	}
}
