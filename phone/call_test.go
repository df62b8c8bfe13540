package phone_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

func TestAnOutgoingCallRingsIsAnsweredAndIsHungUpByUs(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.dial("600")
		d.wantState(id, phone.StateCalling)
		d.wantSent("1001.Invite " + string(id) + " sip:600@pbx.example")
		d.post(phone.Progress{Dialog: phone.DialogID(id), Status: 180, At: time.Now()})
		d.wantState(id, phone.StateRinging)
		if tone := d.media.Tone(); tone != phone.ToneRingback {
			t.Fatalf("tone %q", tone)
		}
		d.post(phone.Accepted{Dialog: phone.DialogID(id), SDP: []byte("remote"), At: time.Now()})
		d.wantState(id, phone.StateTalking)
		if tone := d.media.Tone(); tone != phone.ToneNone {
			t.Fatalf("tone %q after the answer", tone)
		}
		if d.op.Snapshot().Current != id {
			t.Fatal("not the current call")
		}
		d.must(d.op.Hangup(id))
		d.wantDeleted(id, phone.CauseTerminated)
		d.wantSent("1001.End " + string(id))
		d.wantSent("Media.Close " + string(id))
		d.wantEvents(phone.EventAccountsChange, phone.EventConnected, phone.EventIsRegisteredChange, phone.EventRegistered,
			phone.EventNewRTCSession, phone.EventStartSession, phone.EventAccepted, phone.EventConfirmed, phone.EventEnded, phone.EventDeleteSession)
	})
}

func TestAnIncomingCallRingsIsAnsweredAndIsHungUpByThem(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.ring("in1", "555")
		d.wantSent("1001.Ring in1")
		if tone := d.media.Tone(); tone != phone.ToneRing {
			t.Fatalf("tone %q", tone)
		}
		if in := d.op.Snapshot().Incoming; len(in) != 1 || in[0] != id {
			t.Fatalf("incoming list %v", in)
		}
		d.must(d.op.Answer(context.Background(), id, phone.AnswerOptions{}))
		d.settle()
		d.wantState(id, phone.StateAccepted)
		d.wantSent(`1001.Answer in1 sdp="answer"`)
		d.wantSent("Media.Start " + string(id))
		d.post(phone.Acked{Dialog: "in1", At: time.Now()})
		d.wantState(id, phone.StateTalking)
		d.post(phone.DialogEnded{Dialog: "in1", Cause: phone.CauseTerminated, ByThem: true, At: time.Now()})
		if e := d.wantDeleted(id, phone.CauseTerminated); e.Call.EndedByUs {
			t.Fatal("they hung up, not we")
		}
		d.wantEvents(phone.EventAccountsChange, phone.EventConnected, phone.EventIsRegisteredChange, phone.EventRegistered,
			phone.EventNewRTCSession, phone.EventIncoming, phone.EventStartSession, phone.EventAccepted, phone.EventConfirmed,
			phone.EventEnded, phone.EventDeleteSession)
	})
}

func TestEachChangeOfACallIsToldOnce(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.must(d.op.Hangup(id))
		d.wantDeleted(id, phone.CauseTerminated)
		var states []phone.State
		for _, e := range d.events.Events() {
			if e.Name == phone.EventStatusChange && e.Old.State == e.Call.State && e.Old.State != phone.StateAccepted {
				t.Errorf("nothing visible changed: %+v", e.Call)
			}
			if e.Name == phone.EventStatusChange {
				states = append(states, e.Call.State)
			}
		}
		if n := len(states); n < 2 || states[n-1] != phone.StateEnded || states[n-2] != phone.StateEnding {
			t.Errorf("states %v", states)
		}
	})
}

func TestACancelledIncomingCallStopsRinging(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.ring("in1", "555")
		d.post(phone.DialogEnded{Dialog: "in1", Cause: phone.CauseCanceled, Status: 487, ByThem: true, At: time.Now()})
		d.wantDeleted(id, phone.CauseCanceled)
		if tone := d.media.Tone(); tone != phone.ToneNone {
			t.Fatalf("tone %q", tone)
		}
		if err := d.op.Answer(context.Background(), id, phone.AnswerOptions{}); !errors.Is(err, phone.ErrCallNotFound) {
			t.Fatal(err)
		}
	})
}

func TestRefusalsBecomeCausesAndBusyIsHeard(t *testing.T) {
	for status, want := range map[int]phone.Cause{
		486: phone.CauseBusy, 600: phone.CauseBusy, 603: phone.CauseRejected, 403: phone.CauseRejected, 404: phone.CauseNotFound,
		480: phone.CauseUnavailable, 484: phone.CauseAddress, 488: phone.CauseIncompatibleSDP, 503: phone.CauseServer,
		302: phone.CauseRedirected, 407: phone.CauseAuthentication, 420: phone.CauseSIP, 482: phone.CauseLoop,
	} {
		onDesk(t, func(d *desk) {
			id := d.dial("603")
			d.post(phone.Refused{Dialog: phone.DialogID(id), Status: status, At: time.Now()})
			e := d.wantDeleted(id, want)
			if e.Status != status || e.Call.SIPStatus != status {
				t.Errorf("status %d became %d", status, e.Status)
			}
			if tone := d.media.Tone(); tone != phone.ToneBusy && tone != phone.ToneCongestion {
				t.Errorf("%d: tone %q", status, tone)
			}
			time.Sleep(4 * time.Second)
			d.settle()
			if tone := d.media.Tone(); tone != phone.ToneNone {
				t.Errorf("%d: tone %q for ever", status, tone)
			}
		})
	}
}

func TestACallIsCancelledBeforeTheAnswer(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.net.AutoEnd = false
		id := d.dial("604")
		d.post(phone.Progress{Dialog: phone.DialogID(id), Status: 180})
		d.must(d.op.Hangup(id))
		d.must(d.op.Hangup(id)) // twice is no error
		d.wantState(id, phone.StateEnding)
		if n := d.net.Count("1001.End"); n != 1 {
			t.Fatalf("End sent %d times", n)
		}
		d.post(phone.Refused{Dialog: phone.DialogID(id), Status: 487})
		d.wantDeleted(id, phone.CauseCanceled)
	})
}

func TestAHungUpCallGoesEvenWhenTheFarEndIsDead(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.net.AutoEnd = false
		id := d.talk("600")
		d.must(d.op.Hangup(id))
		time.Sleep(3 * time.Second)
		d.wantDeleted(id, phone.CauseTerminated)
	})
}

func TestNobodyAnswersInTime(t *testing.T) {
	onDesk(t, func(d *desk) {
		out := d.dial("604")
		time.Sleep(181 * time.Second)
		d.wantDeleted(out, phone.CauseNoAnswer)
		in := d.ring("in1", "555")
		time.Sleep(301 * time.Second)
		d.wantDeleted(in, phone.CauseNoAnswer)
		d.wantSent("1001.End in1 408")
	})
}

func TestEarlyMediaReplacesTheRingback(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.dial("607")
		dialog := phone.DialogID(id)
		d.post(phone.Progress{Dialog: dialog, Status: 183, Fork: "a", SDP: []byte("early")})
		if c := d.call(id); !c.EarlyMedia || c.State != phone.StateRinging {
			t.Fatalf("%+v", c)
		}
		if tone := d.media.Tone(); tone != phone.ToneNone {
			t.Fatalf("tone %q over early media", tone)
		}
		d.post(phone.Progress{Dialog: dialog, Status: 183, Fork: "b", SDP: []byte("other")})
		d.wantNotSent(`Media.Remote ` + string(id) + ` "other"`)
		d.post(phone.Accepted{Dialog: dialog, Fork: "a", SDP: []byte("early")})
		d.wantState(id, phone.StateTalking)
		if n := d.net.Count("Media.Remote"); n != 1 {
			t.Fatalf("the same SDP was applied %d times", n)
		}
	})
}

func TestA200WithoutSDPEndsTheCallWithAReason(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.dial("600")
		d.post(phone.Accepted{Dialog: phone.DialogID(id)})
		d.wantDeleted(id, phone.CauseBadMedia)
		d.wantSent("1001.End " + string(id))
	})
}

func TestACallWithoutOfferIsAnsweredWithOurs(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.post(phone.InviteIn{Dialog: "in1", SIPCallID: "in1", From: phone.Party{Number: "555"}})
		d.must(d.op.Answer(context.Background(), "in1", phone.AnswerOptions{}))
		d.settle()
		d.wantSent(`1001.Answer in1 sdp="offer"`)
		d.post(phone.Acked{Dialog: "in1", SDP: []byte("their answer")})
		d.wantState("in1", phone.StateTalking)
	})
}

func TestMediaThatCannotWorkRefusesOrEndsTheCall(t *testing.T) {
	manual := func(_ *phone.Config, d *desk) { d.media.Auto = false }
	onDesk(t, func(d *desk) {
		in := d.ring("in1", "555")
		d.must(d.op.Answer(context.Background(), in, phone.AnswerOptions{}))
		d.media.Post(in, phone.MediaFailed{Leg: in, Err: phone.ErrMediaIncompatible})
		d.wantDeleted(in, phone.CauseIncompatibleSDP)
		d.wantSent("1001.End in1 488")
		out := d.dial("600")
		d.media.Post(out, phone.MediaFailed{Leg: out, Err: phone.ErrLocalMediaInfo})
		e := d.wantDeleted(out, phone.CauseMedia)
		d.wantNotSent("1001.Invite")
		if e.Call.SIPStatus != 0 {
			t.Fatal(e.Call.SIPStatus)
		}
	}, manual)
}

func TestALostDeviceIsToldAndTheCallGoesOn(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		for kind, code := range map[string]phone.Code{"microphone": -290, "camera": -291, "speaker": -203} {
			d.media.Post(id, phone.DeviceFailed{Leg: id, Kind: kind, Err: errors.New("unplugged")})
			e, err := d.events.WaitFor(phone.EventClientError, time.Second)
			d.must(err)
			if phone.CodeOf(e.Err) != code {
				t.Errorf("%s: %v has code %d", kind, e.Err, phone.CodeOf(e.Err))
			}
		}
		d.wantState(id, phone.StateTalking)
	})
}
