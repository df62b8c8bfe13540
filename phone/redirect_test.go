package phone_test

import (
	"slices"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// moved refuses the call with 302 and returns its last event.
func (d *desk) moved(id phone.CallID, to string, diversion ...phone.Header) phone.Call {
	d.Helper()
	d.post(phone.Refused{Dialog: phone.DialogID(id), Status: 302, Reason: "Moved Temporarily", Cause: phone.CauseRedirected, Redirect: to,
		Diversion: diversion, At: time.Now()})
	for _, e := range slices.Backward(d.events.Events()) {
		if e.Name == phone.EventDeleteSession && e.Call.ID == id {
			return e.Call
		}
	}
	d.Fatalf("call %s is not gone", id)
	return phone.Call{}
}

func (d *desk) invites() (sent []phone.InviteOut) {
	for _, r := range d.net.Records() {
		if i, ok := r.Value.(phone.InviteOut); ok {
			sent = append(sent, i)
		}
	}
	return sent
}

func TestARedirectedCallNamesANumberThatIsCalledOnlyByTheUser(t *testing.T) {
	for uri, want := range map[string]string{
		"sip:5550199@pbx.example":                   "5550199",
		"sip:5550199@PBX.example;user=phone":        "5550199",
		"sip:bob@elsewhere.example:5070":            "sip:bob@elsewhere.example:5070",
		"sips:bob@pbx.example":                      "sips:bob@pbx.example",
		"sip:*43%23@pbx.example?Replaces=x":         "*43#",
		"sip:+1555;phone-context=x@gateway.example": "sip:+1555@gateway.example",
		"tel:+1-555-0199;ext=3":                     "+1-555-0199",
		"mailto:bob@pbx.example":                    "",
		"sip:pbx.example":                           "",
		"sip:a%0d%0aX@pbx.example":                  "",
		"":                                          "",
	} {
		onDesk(t, func(d *desk) {
			c := d.moved(d.dial("600"), uri)
			if c.Redirect != want || c.Cause != phone.CauseRedirected || c.SIPStatus != 302 || c.Reason != "Moved Temporarily" {
				t.Errorf("%q: %q, want %q: %+v", uri, c.Redirect, want, c)
			}
			time.Sleep(time.Minute)
			if sent := d.invites(); len(sent) != 1 {
				t.Errorf("%q is called by itself: %+v", uri, sent)
			}
			if want != "" {
				d.dial(want)
			}
		})
	}
}

func TestACallToWhereAnotherWasSentCarriesItsDiversionOn(t *testing.T) {
	onDesk(t, func(d *desk) {
		said := phone.Header{Name: "Diversion", Value: "<sip:600@pbx.example>;reason=unconditional"}
		c := d.moved(d.dial("600"), "sip:601@pbx.example", said, phone.Header{Name: "Via", Value: "x"})
		d.post(phone.Refused{Dialog: phone.DialogID(d.dial("602")), Status: 486, Cause: phone.CauseBusy})
		d.post(phone.Refused{Dialog: phone.DialogID(d.dial(c.Redirect)), Status: 486, Cause: phone.CauseBusy})
		time.Sleep(5 * time.Minute)
		d.dial(c.Redirect)
		sent := d.invites()
		if len(sent) != 4 || sent[2].Target != "sip:601@pbx.example" || !slices.Equal(sent[2].Headers, []phone.Header{said}) {
			t.Errorf("%+v", sent)
		}
		if len(sent[1].Headers) != 0 || len(sent[3].Headers) != 0 {
			t.Errorf("another call, or one long after, carries it too: %+v", sent)
		}
	})
}

func TestRedirectionsThatLeadBackOrOnAndOnEnd(t *testing.T) {
	onDesk(t, func(d *desk) {
		c := d.moved(d.dial("600"), "sip:601@pbx.example")
		c = d.moved(d.dial(c.Redirect), "sip:600@pbx.example")
		if c.Redirect != "" || c.Cause != phone.CauseLoop {
			t.Errorf("back to the first: %+v", c)
		}
		if c = d.moved(d.dial("600"), "sip:600@pbx.example"); c.Redirect != "" || c.Cause != phone.CauseLoop {
			t.Errorf("to itself: %+v", c)
		}
		number := "700"
		for _, next := range []string{"701", "702", "703", "704", "705"} {
			if c = d.moved(d.dial(number), "sip:"+next+"@pbx.example"); c.Redirect != next {
				t.Fatalf("to %s: %+v", next, c)
			}
			number = next
		}
		if c = d.moved(d.dial(number), "sip:706@pbx.example"); c.Redirect != "" || c.Cause != phone.CauseLoop {
			t.Errorf("the sixth: %+v", c)
		}
	})
}
