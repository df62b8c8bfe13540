package phone_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// This file holds clauses of the contract's attributes and methods that its rows (contract_test.go) do not reach.

func TestAfterAConsultationItsParentIsInTheForegroundNotTheMostRecentCall(t *testing.T) {
	onDesk(t, func(d *desk) {
		parent := d.talk("600")
		recent := d.answered("in1", "555")
		d.agree(parent)
		d.must(d.op.Unhold(parent))
		d.settle()
		c, err := d.place(phone.CallRequest{Number: "602", TransferOf: parent})
		d.must(err)
		d.must(d.op.Hangup(c.ID))
		d.settle()
		d.want(d.op.Snapshot().Current == parent, "the parent first", d.op.Snapshot().Current)
		d.must(d.op.Hangup(parent))
		d.settle()
		d.want(d.op.Snapshot().Current == recent, "then the most recent", d.op.Snapshot().Current)
		d.must(d.op.Hangup(recent))
		d.settle()
		d.want(d.op.Snapshot().Current == "", "then none", d.op.Snapshot().Current)
	})
}

func TestTheMostRecentCallFollowsHoweverTheForegroundOneEnds(t *testing.T) {
	for name, end := range map[string]func(d *desk, id phone.CallID){
		"we hang up":   func(d *desk, id phone.CallID) { d.must(d.op.Hangup(id)) },
		"they hang up": func(d *desk, id phone.CallID) { d.post(phone.DialogEnded{Dialog: phone.DialogID(id), ByThem: true}) },
		"the media fails": func(d *desk, id phone.CallID) {
			d.media.Post(id, phone.MediaFailed{Leg: id, Err: phone.ErrLocalStream})
		},
	} {
		t.Run(name, func(t *testing.T) {
			onDesk(t, func(d *desk) {
				d.talk("600")
				second := d.answered("in1", "555")
				third := d.answered("in2", "556")
				d.want(d.op.Snapshot().Current == third, "any call that is confirmed")
				end(d, third)
				d.settle()
				d.want(d.op.Snapshot().Current == second, "the most recent of those that are left", d.op.Snapshot().Current)
			}, manyCalls)
		})
	}
}

func TestWithoutCallWaitingAnyCallAtAllIsEnough(t *testing.T) {
	for name, begin := range map[string]func(d *desk){
		"one that is being made": func(d *desk) { d.stillMedia(); d.dial("600") },
		"one that rings there":   func(d *desk) { d.dial("600") },
		"one that rings here":    func(d *desk) { d.ring("in0", "554") },
		"one that is held":       func(d *desk) { id := d.talk("600"); d.must(d.op.Hold(id)); d.settle(); d.agree(id) },
		"a consultation call":    func(d *desk) { d.consult(true) },
		"a consultation call whose parent is on its way out": func(d *desk) {
			parent, _ := d.consult(true)
			d.net.AutoEnd = false
			d.must(d.op.Hangup(parent))
		},
	} {
		t.Run(name, func(t *testing.T) {
			onDesk(t, func(d *desk) {
				begin(d)
				d.want(d.op.Snapshot().IsMaxCall, "no further call")
				d.ring("in1", "555")
				d.wantSent("1001.End in1 486")
			}, func(c *phone.Config, _ *desk) { c.NoCallWaiting = true })
		})
	}
}

func TestTheLimitIsEightAtMostWhoeverAsksForMore(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.want(d.op.Snapshot().CallLimit == 8, "eight", d.op.Snapshot().CallLimit)
		d.fill(7)
		d.want(!d.op.Snapshot().IsMaxCall, "seven leave room")
		d.ring("eighth", "555")
		d.want(d.op.Snapshot().IsMaxCall, "eight do not")
	}, func(c *phone.Config, _ *desk) { c.CallLimit = 99 })
}

func TestOthersAreSilencedBeforeTheNewCallBegins(t *testing.T) {
	for name, begin := range map[string]func(d *desk) (what string){
		"ours": func(d *desk) string { d.dial("601"); return "Media.Open" },
		"theirs": func(d *desk) string {
			id := d.ring("in1", "555")
			d.must(d.op.Answer(context.Background(), id, phone.AnswerOptions{}))
			d.settle()
			return "Media.Answer in1"
		},
	} {
		t.Run(name, func(t *testing.T) {
			onDesk(t, func(d *desk) {
				first := d.talk("600")
				from := len(d.net.Texts())
				what := begin(d)
				texts := d.net.Texts()[from:]
				at := func(prefix string) int {
					return slices.IndexFunc(texts, func(s string) bool { return strings.HasPrefix(s, prefix) })
				}
				hold, next := at("Media.Hold "+string(first)+" true"), at(what)
				d.want(hold >= 0 && next > hold, "held first", texts)
			})
		})
	}
}

// The user goes back to the first call while the second one rings there: when that is answered, it is not heard beside the first.
func TestTwoCallsAreNeverHeardAtOnceThoughOneWasResumedWhileTheOtherRang(t *testing.T) {
	onDesk(t, func(d *desk) {
		first := d.talk("600")
		second := d.dial("601")
		d.agree(first)
		d.must(d.op.Unhold(first))
		d.settle()
		d.agree(first)
		d.want(!d.call(first).HeldByUs && d.op.Snapshot().Current == first, "resumed", d.call(first))
		d.post(phone.Accepted{Dialog: phone.DialogID(second), SDP: []byte("remote")})
		d.want(d.op.Snapshot().Current == second, "any call that is confirmed is the current one")
		d.agree(first)
		d.want(d.call(first).HeldByUs && !d.call(second).HeldByUs, "and the only one that is heard", d.op.Snapshot().Calls)
	})
}

// What goes to the line for each way to end a call, wherever it stands: 0 is a CANCEL or BYE.
func TestEachWayToEndACallFitsItsState(t *testing.T) {
	for _, s := range situations() {
		for how, want := range map[string]string{"hangup": "486", "reject": "486", "terminate": "487"} {
			s.in(t, func(d *desk, id phone.CallID) {
				c := d.call(id)
				if !c.Live() || c.State == phone.StateEnding {
					return
				}
				dialog := string(id)
				if s.name == "being replaced" {
					dialog = "taker"
				}
				if c.Direction == phone.Outbound || c.State == phone.StateAccepted || c.State == phone.StateTalking {
					want = "0"
				}
				before := d.net.Count("1001.End " + dialog)
				d.must(d.op.Terminate(id, how))
				d.settle()
				if s.name == "gathering" { // nothing is on the wire yet
					want = ""
				}
				if got := d.net.Count("1001.End " + dialog); got != before+min(1, len(want)) {
					t.Errorf("%s, %s: End was sent %d times", s.name, how, got-before)
				}
				if want != "" {
					d.wantSent("1001.End " + dialog + " " + want)
				}
				d.want(d.call(id).State == "", "it is gone", s.name, how, d.call(id))
			})
		}
	}
}

func TestTheUserIsAskedAboutATransferAfterExactlyAMinuteAndTheFinalWordStillCounts(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.transferring("604")
		time.Sleep(60*time.Second - time.Millisecond)
		d.settle()
		d.want(d.events.Count(phone.EventTransferUnconfirmed) == 0, "not before")
		time.Sleep(time.Millisecond)
		d.settle()
		d.want(d.events.Count(phone.EventTransferUnconfirmed) == 1, "after a minute")
		d.want(d.call(id).HeldByUs && d.call(id).Transferring, "the call is kept, held", d.call(id))
		d.told(id, phone.ReferProgress{Status: 200, Final: true})
		d.wantSent("1001.End " + string(id) + " 0")
		d.wantDeleted(id, phone.CauseTerminated)
	})
}

func TestATransferThatIsRefusedAtOnceGivesTheCallBack(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.transferring("602")
		d.told(id, phone.ReferProgress{Status: 405, Final: true})
		e := d.wantTold(phone.EventTransferFailed)
		d.agree(id)
		d.want(e.Status == 405 && !d.call(id).HeldByUs && !d.call(id).Transferring, "with its reason and its sound", e.Status, d.call(id))
		time.Sleep(2 * time.Minute)
		d.settle()
		d.want(d.events.Count(phone.EventTransferUnconfirmed) == 0, "nobody is asked any more")
	})
}

func TestSetStaticStatusSetsNoMoreAndNoLessThanItIsGiven(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		full := phone.Party{Number: "7", Name: "Mara", Company: "Lind", Avatar: "m.png"}
		d.must(d.op.SetStaticStatus(id, full, true))
		d.want(d.call(id).Party == full, "all of it", d.call(id).Party)
		d.must(d.op.SetStaticStatus(id, phone.Party{Name: "Tom"}, true))
		d.want(d.call(id).Party == phone.Party{Number: "7", Name: "Tom"}, "what is not given is gone, but for the number", d.call(id).Party)
		d.settle()
		d.want(d.events.Count(phone.EventStaticStatusChange) == 2, "told each time")
		d.must(d.op.SetStaticStatus(id, phone.Party{Name: "Tom"}, true))
		d.settle()
		d.want(d.events.Count(phone.EventStaticStatusChange) == 2, "but nothing where nothing changes")
	})
}

func TestMoreDigitsThanCanWaitAreRefusedWhole(t *testing.T) {
	for name, byInfo := range map[string]bool{"in the sound": false, "by INFO": true} {
		t.Run(name, func(t *testing.T) {
			onDesk(t, func(d *desk) {
				id := d.talk("600")
				d.media.NoTelephoneEvent = byInfo
				d.net.InfoStatus = func(string) int { return -1 }
				fifty := strings.Repeat("1", 50)
				for range 4 {
					d.must(d.op.DTMF(id, fifty))
				}
				sent := len(d.net.Texts())
				if err := d.op.DTMF(id, "2"); !errors.Is(err, phone.ErrInvalidState) {
					t.Fatal(err)
				}
				if d.settle(); !byInfo {
					d.want(len(d.net.Texts()) == sent, "nothing was sent")
					time.Sleep(time.Second) // five are through
					d.must(d.op.DTMF(id, "22222"))
				}
			})
		})
	}
}
