//go:build linux

package interop

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// reach brings a call with a far end about, by theirs or by ours.
func (p *ourPhone) reach(far farPhone, user, us string, theyCall bool) phone.CallID {
	p.t.Helper()
	var id phone.CallID
	if theyCall {
		far.call(us)
		id = p.awaitAnswered()
	} else {
		id = p.dial(user)
		p.awaitState(id, phone.StateTalking)
	}
	far.awaitTone(ourTone, ourLevel)
	return id
}

// reachBoth speaks with two far ends one after the other; the first is held then. They know us by two numbers.
func (p *ourPhone) reachBoth(us [2]string, ends [2]farPhone, theyCall [2]bool) (ids [2]phone.CallID) {
	p.t.Helper()
	for i, far := range ends {
		far.watch(p.t)
		ids[i] = p.reach(far, fmt.Sprint(1002+i), us[i], theyCall[i])
		time.Sleep(time.Second) // between two calls of ours
	}
	if c, _ := p.Snapshot().CallByID(ids[0]); !c.HeldByUs {
		p.t.Errorf("the first should be held: %+v", c)
	}
	return ids
}

// TestTwoLinphonesAreJoinedWhoeverCalledWhom: neither call was placed because of the other.
func TestTwoLinphonesAreJoinedWhoeverCalledWhom(t *testing.T) {
	k := startKamailio(t)
	first := startLinphone(t, linOptions{codec: "opus", encryption: "none", k: k, user: "1002"})
	second := startLinphone(t, linOptions{codec: "opus", encryption: "none", k: k, user: "1003"})
	ours := startOurs(t, k.plainAccount("1001"), k.plainAccount("1004"))
	ours.awaitRegistered()
	ours.awaitRegistered()
	one, another := k.uri("1001"), k.uri("1004")
	for name, x := range map[string]struct {
		us       [2]string
		theyCall [2]bool
	}{
		"both called us":          {[2]string{one, one}, [2]bool{true, true}},
		"each by another account": {[2]string{one, another}, [2]bool{true, true}},
		"the held one called us":  {[2]string{one, one}, [2]bool{true, false}},
		"the other one called us": {[2]string{one, one}, [2]bool{false, true}},
	} {
		t.Run(name, func(t *testing.T) {
			proves(t, "linphone", "attended transfer")
			ours.t = t
			ours.recordAnew()
			ids := ours.reachBoth(x.us, [2]farPhone{first, second}, x.theyCall)
			ours.must(ours.AttendedTransfer(context.Background(), ids[1], ""))
			ours.awaitEvent(phone.EventTransferred)
			for _, id := range ids {
				ours.awaitState(id, phone.StateEnded)
			}
			first.awaitTone(linTone, linLevel)
			second.awaitTone(linTone, linLevel)
			first.do("terminate all")
			first.awaitSilence()
		})
	}
}

// TestDeskPhonesThatDoNotUnderstandReplacesAreGivenBack: this baresip follows a REFER, but loses what its URI says after "?".
func TestDeskPhonesThatDoNotUnderstandReplacesAreGivenBack(t *testing.T) {
	k := startKamailio(t)
	first := startDesk(t, k, "1002", deskOptions{codec: "g722"})
	second := startDesk(t, k, "1003", deskOptions{codec: "g722"})
	const secondTone = 1250.0
	second.write("tone.wav", soundFile(second.rate, secondTone, deskLevel))
	ours := startOurs(t, k.plainAccount("1001"))
	ours.awaitRegistered()
	ids := ours.reachBoth([2]string{k.uri("1001"), k.uri("1001")}, [2]farPhone{first, second}, [2]bool{true, true})
	ours.must(ours.AttendedTransfer(context.Background(), ids[1], ""))
	if e := ours.awaitEvent(phone.EventTransferFailed); e.Call.ID != ids[0] || e.Status != 404 {
		t.Errorf("%+v", e)
	}
	second.awaitTone(ourTone, ourLevel)
	ours.awaitTone(secondTone, deskLevel)
	first.awaitSilence()
	ours.must(ours.Unhold(ids[0]))
	ours.awaitTone(deskTone, deskLevel) // what a hold did to baresip's own ear stays
	second.awaitSilence()
	for _, id := range ids {
		ours.awaitState(id, phone.StateTalking)
	}
}

// TestTwoOfUsWhoCalledAThirdAreJoined: the first follows the REFER, and takes the place of a call that the second placed.
func TestTwoOfUsWhoCalledAThirdAreJoined(t *testing.T) {
	k := startKamailio(t)
	var trio [3]*ourPhone
	for i, tone := range []string{"tone:660:-14", "tone:880:-14", "tone:1100:-14"} {
		trio[i] = startOurs(t, k.plainAccount(fmt.Sprint(1001+i)))
		trio[i].awaitRegistered()
		trio[i].speak(tone)
	}
	ours, second, third := trio[0], trio[1], trio[2]
	theirs := second.dial("1001")
	parent := ours.awaitAnswered()
	second.awaitTone(660, ourLevel)
	stays := third.dial("1001")
	consult := ours.awaitAnswered()
	third.awaitTone(660, ourLevel)
	ours.must(ours.AttendedTransfer(context.Background(), consult, "1003"))
	if r := second.awaitEvent(phone.EventTransferRequest).Request; !r.Attended || r.By.Number != "1001" {
		t.Errorf("%+v", r)
	}
	followed, err := second.AcceptTransfer(context.Background(), theirs)
	second.must(err)
	second.awaitState(followed.ID, phone.StateTalking)
	for _, id := range []phone.CallID{parent, consult} {
		ours.awaitState(id, phone.StateEnded)
	}
	third.awaitTone(880, ourLevel)
	second.awaitTone(1100, ourLevel)
	calls := third.Snapshot().Calls
	if len(calls) != 1 || calls[0].ID != stays || calls[0].Party.Number != "1002" || calls[0].State != phone.StateTalking {
		t.Errorf("the third should have the same call with another party, and has %+v", calls)
	}
}
