package phone_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// pairsOfMessages says which state a call has after a message in every situation; "same" is the one from before. A message that
// is not named here moves no call.
var pairsOfMessages = map[string]string{
	"InviteIn with Replaces":              "accepted: calling, ringing, early, consult rings; same: else",
	"InviteIn with Replaces, without SDP": "accepted: calling, ringing, early, consult rings; same: else",

	"Progress 180":             "ringing: calling, consult rings; same: else",
	"Progress 183":             "ringing: calling, consult rings; same: else",
	"Progress of another fork": "ringing: calling, consult rings; same: else",
	"Accepted":                 "talking: calling, ringing, early, consult rings; same: else",
	"Accepted of another fork": "talking: calling, ringing, early, consult rings; same: else",
	"Accepted without SDP":     "talking: early; gone: calling, ringing, consult rings; same: else",
	"Refused 486":              "gone: calling, ringing, early, consult rings, ending; same: else",
	"Refused 488":              "gone: calling, ringing, early, consult rings, ending; same: else",
	"Refused 302":              "gone: calling, ringing, early, consult rings, ending; same: else",
	"Refused by silence":       "gone: calling, ringing, early, consult rings, ending; same: else",
	"Acked":                    "talking: sent 200; same: else",
	"Acked with SDP":           "talking: sent 200; same: else",

	"DialogEnded by them":     "same: being replaced, away; gone: else",
	"DialogEnded by us":       "same: being replaced, away; gone: else",
	"DialogEnded without ACK": "same: being replaced, away; gone: else",
	"ReferProgress 200":       "gone: transferring; same: else",

	"LocalDescription":      "calling: gathering; accepted: answering; same: else",
	"RemoteApplied":         "talking: seen 200; same: else",
	"MediaFailed":           "same: being replaced, ending, away; gone: else",
	"MediaFailed: misfit":   "same: hold pending, they change, no way, being replaced, ending, away; gone: else",
	"MediaFailed: rubbish":  "same: hold pending, they change, no way, being replaced, ending, away; gone: else",
	"MediaFailed: anything": "same: hold pending, they change, no way, being replaced, ending, away; gone: else",
	"MediaFailed: foreign":  "talking: seen 200; same: hold pending, they change, no way, being replaced, ending, away; gone: else",
}

// stateAfter names the state of the call after something happened, "same" where it is as before.
func (d *desk) stateAfter(id phone.CallID, happens func()) string {
	before := d.call(id).State
	happens()
	d.settle()
	switch after := d.call(id).State; after {
	case before:
		return "same"
	case "":
		return "gone"
	default:
		return string(after)
	}
}

func TestEveryPairOfSituationAndMessageOfALine(t *testing.T) {
	for _, m := range messagesOfLines() {
		t.Run(m.name, func(t *testing.T) {
			for _, s := range situations() {
				s.in(t, func(d *desk, id phone.CallID) {
					post := func() { d.line().Post(m.of(phone.DialogID(id))) }
					wantPair(t, m.name, s.name, d.stateAfter(id, post))
					post() // again
					d.settle()
					d.wantLawful()
					d.mediaGoesOn()
					time.Sleep(35 * time.Second) // longer than any patience within a call
				})
			}
		})
	}
}

func wantPair(t *testing.T, message, where, got string) {
	t.Helper()
	want := "same"
	if line := pairsOfMessages[message]; line != "" {
		want = cell(t, line, where)
	}
	if got != want {
		t.Errorf("%s: %q, want %q", where, got, want)
	}
}

func TestWhatALineSaysOfADialogThatNobodyKnowsChangesNothing(t *testing.T) {
	for _, s := range situations() {
		s.in(t, func(d *desk, id phone.CallID) {
			d.must(d.op.AddAccount(phone.Account{ID: "1002", URI: "sip:1002@pbx.example"}))
			d.settle()
			for _, m := range messagesOfLines() {
				if m.elsewhere {
					continue
				}
				before := d.outside()
				d.post(m.of("nobody's"))
				d.net.Line("1002").Post(m.of(phone.DialogID(id))) // of another account's
				d.settle()
				if !reflect.DeepEqual(before, d.outside()) {
					t.Errorf("%s: %s of a foreign dialog changes something: %q", s.name, m.name, d.net.Texts()[before.sent:])
				}
			}
		})
	}
}

func TestEveryPairOfSituationAndMessageOfALeg(t *testing.T) {
	for name, of := range messagesOfLegs() {
		t.Run(name, func(t *testing.T) {
			for _, s := range situations() {
				s.in(t, func(d *desk, id phone.CallID) {
					sinks := d.media.Sinks(id)
					if len(sinks) == 0 {
						return
					}
					last := sinks[len(sinks)-1]
					wantPair(t, name, s.name, d.stateAfter(id, func() { last(of(id)) }))
					last(of(id)) // again
					d.settle()
					d.wantLawful()
					before := d.outside()
					for _, late := range sinks[:len(sinks)-1] { // of legs that were closed
						late(of(id))
					}
					if d.settle(); !reflect.DeepEqual(before, d.outside()) {
						t.Errorf("%s: a leg that is closed changes something", s.name)
					}
					d.mediaGoesOn()
					time.Sleep(35 * time.Second) // longer than any patience within a call
				})
			}
		})
	}
}

// TestWhateverIsSaidInTheNewDialogOfACallThatIsBeingReplaced: the call stands or goes, lawfully.
func TestWhateverIsSaidInTheNewDialogOfACallThatIsBeingReplaced(t *testing.T) {
	for _, m := range messagesOfLines() {
		onDesk(t, func(d *desk) {
			id := d.talk("600")
			d.stillMedia()
			d.takeOver(id, "offer")
			for range 2 {
				d.post(m.of("taker"))
				if state := d.call(id).State; state != phone.StateTalking && state != "" {
					t.Errorf("%s: %q", m.name, state)
				}
			}
			d.wantLawful()
		}, manyCalls)
	}
}

// TestNothingThatWantsAnAnswerIsLeftWithoutOne: the line waits for our word on these.
func TestNothingThatWantsAnAnswerIsLeftWithoutOne(t *testing.T) {
	answers := map[string][]string{
		"ReinviteIn": {"1001.AnswerReinvite"}, "ReinviteIn without SDP": {"1001.AnswerReinvite"},
		"ReferIn": {"1001.ReferTell"}, "ReferIn to nowhere": {"1001.ReferTell"},
		"InviteIn": {"1001.Ring in9", "1001.End in9"}, "InviteIn without SDP": {"1001.Ring in9", "1001.End in9"},
		"InviteIn that wants our offer": {"1001.Ring in9", "1001.End in9"},
		"InviteIn with Replaces":        {"1001.Answer in9", "1001.End in9"}, "InviteIn with Replaces, without SDP": {"1001.Answer in9", "1001.End in9"},
	}
	for _, m := range messagesOfLines() {
		for _, s := range situations() {
			if answers[m.name] == nil || m.name[:3] == "Rei" && s.name == "gathering" { // no dialog, no re-INVITE
				continue
			}
			s.in(t, func(d *desk, id phone.CallID) {
				there := d.call(id).Live()
				said := func() (n int) {
					for _, answer := range answers[m.name] {
						n += d.net.Count(answer)
					}
					return n + len(d.op.Snapshot().TransferRequests)
				}
				before := said()
				d.mediaGoesOn()
				d.post(m.of(phone.DialogID(id)))
				if said() == before { // it waits for what was under way
					d.media.Post(id, phone.LocalDescription{Leg: id, SDP: []byte("ours")})
					d.media.Post(id, phone.RemoteApplied{Leg: id})
					d.settle()
				}
				if said() == before && (there || m.elsewhere) {
					t.Errorf("%s: nothing is answered to %s: %q", s.name, m.name, d.net.Texts())
				}
			})
		}
	}
}
