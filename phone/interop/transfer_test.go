//go:build linux

package interop

import (
	"context"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// plainAccount is a user of that Kamailio over UDP, with RTP.
func (k *kamailio) plainAccount(user string) phone.Account {
	a := k.account(user, k.servers(user)["UDP"])
	a.Media = phone.MediaRTP
	return a
}

// speak makes a tone of its own what an operator of ours says.
func (p *ourPhone) speak(microphone string) {
	p.t.Helper()
	p.must(p.SetDevices(phone.DeviceIDs{Microphone: microphone, Speaker: "ear", Ringer: "null"}))
}

// awaitEvent waits for an event.
func (p *ourPhone) awaitEvent(name phone.EventName) phone.Event {
	p.t.Helper()
	event, err := p.events.WaitFor(name, 15*time.Second)
	if err != nil {
		p.t.Fatal(err)
	}
	return event
}

// awaitAnswered answers what comes in.
func (p *ourPhone) awaitAnswered() phone.CallID {
	p.t.Helper()
	id := p.awaitRinging()
	p.must(p.Answer(p.t.Context(), id, phone.AnswerOptions{}))
	p.awaitState(id, phone.StateTalking)
	return id
}

// TestDeskPhonesAreTransferredAndTransferUs: three parties, of whom two hear each other afterwards.
func TestDeskPhonesAreTransferredAndTransferUs(t *testing.T) {
	k := startKamailio(t)
	first := startDesk(t, k, "1002", deskOptions{codec: "g722"})
	second := startDesk(t, k, "1003", deskOptions{codec: "g722"})
	const secondTone = 1250.0
	second.write("tone.wav", soundFile(second.rate, secondTone, deskLevel))
	ours := startOurs(t, k.plainAccount("1001"))
	ours.awaitRegistered()
	ask := func(t *testing.T) (id phone.CallID) {
		first.t, second.t, ours.t = t, t, t
		ours.ear.Reset()
		ours.recordAnew()
		id = ours.dial("1002")
		ours.awaitState(id, phone.StateTalking)
		first.awaitTone(ourTone, ourLevel)
		return id
	}
	t.Run("we send one to the other", func(t *testing.T) {
		proves(t, "baresip", "blind transfer")
		id := ask(t)
		ours.must(ours.BlindTransfer(context.Background(), id, "1003"))
		ours.awaitEvent(phone.EventTransferred)
		ours.awaitState(id, phone.StateEnded)
		first.awaitTone(secondTone, deskLevel)
		second.awaitTone(deskTone, deskLevel)
		first.do("hangup", "")
		first.awaitSilence()
	})
	t.Run("one sends us to the other", func(t *testing.T) {
		proves(t, "baresip", "transfers us")
		id := ask(t)
		first.do("transfer", k.uri("1003"))
		r := ours.awaitEvent(phone.EventTransferRequest).Request
		if r.Call != id || r.Target != "1003" || r.By.Number != "1002" {
			t.Errorf("%+v", r)
		}
		c, err := ours.AcceptTransfer(context.Background(), id)
		ours.must(err)
		ours.awaitState(c.ID, phone.StateTalking)
		ours.awaitState(id, phone.StateEnded) // by its NOTIFY it knows that we arrived
		second.awaitTone(ourTone, ourLevel)
		ours.awaitTone(secondTone, deskLevel)
		ours.must(ours.Hangup(c.ID))
		ours.awaitState(c.ID, phone.StateEnded)
	})
	t.Run("we decline, and call nobody", func(t *testing.T) {
		proves(t, "baresip", "transfers us")
		id := ask(t)
		first.do("transfer", k.uri("1003"))
		ours.awaitEvent(phone.EventTransferRequest)
		ours.must(ours.DeclineTransfer(id))
		first.await("TRANSFER_FAILED", 1)
		ours.awaitState(id, phone.StateEnded) // it hangs up when it could not get rid of us
		if n := len(ours.Snapshot().Calls); n != 0 {
			t.Errorf("%d calls are left", n)
		}
	})
}

// TestAnAttendedTransferJoinsTwoOfUs: REFER with Replaces by the first, followed by the second, taken by the third.
func TestAnAttendedTransferJoinsTwoOfUs(t *testing.T) {
	k := startKamailio(t)
	var trio [3]*ourPhone
	tones := [...]string{"tone:660:-14", "tone:880:-14", "tone:1100:-14"}
	for i, user := range []string{"1001", "1002", "1003"} {
		trio[i] = startOurs(t, k.plainAccount(user))
		trio[i].awaitRegistered()
		trio[i].speak(tones[i])
	}
	ours, second, third := trio[0], trio[1], trio[2]
	parent := ours.dial("1002")
	old := second.awaitAnswered()
	ours.awaitState(parent, phone.StateTalking)
	time.Sleep(time.Second)
	c, err := ours.Call(context.Background(), phone.CallRequest{Number: "1003", TransferOf: parent})
	ours.must(err)
	stays := third.awaitAnswered()
	ours.awaitState(c.ID, phone.StateTalking)
	third.awaitTone(660, ourLevel)
	ours.must(ours.AttendedTransfer(context.Background(), c.ID, "1003"))
	if r := second.awaitEvent(phone.EventTransferRequest).Request; !r.Attended || r.By.Number != "1001" {
		t.Errorf("%+v", r)
	}
	followed, err := second.AcceptTransfer(context.Background(), old)
	second.must(err)
	second.awaitState(followed.ID, phone.StateTalking)
	for _, id := range []phone.CallID{parent, c.ID} {
		ours.awaitState(id, phone.StateEnded)
	}
	second.awaitState(old, phone.StateEnded)
	third.awaitTone(880, ourLevel)
	second.awaitTone(1100, ourLevel)
	calls := third.Snapshot().Calls
	if len(calls) != 1 || calls[0].ID != stays || calls[0].Party.Number != "1002" || calls[0].State != phone.StateTalking {
		t.Errorf("the third should have the same call with another party, and has %+v", calls)
	}
}

// TestTwoLinphonesAreJoinedAndTransferUs: both understand Replaces.
func TestTwoLinphonesAreJoinedAndTransferUs(t *testing.T) {
	k := startKamailio(t)
	first := startLinphone(t, linOptions{codec: "opus", encryption: "none", k: k, user: "1002"})
	second := startLinphone(t, linOptions{codec: "opus", encryption: "none", k: k, user: "1003"})
	ours := startOurs(t, k.plainAccount("1001"))
	ours.awaitRegistered()
	t.Run("by an attended transfer", func(t *testing.T) {
		proves(t, "linphone", "attended transfer")
		first.t, second.t, ours.t = t, t, t
		parent := ours.callFar("1002")
		first.awaitTone(ourTone, ourLevel)
		time.Sleep(time.Second)
		c, err := ours.Call(context.Background(), phone.CallRequest{Number: "1003", TransferOf: parent.ID})
		ours.must(err)
		ours.awaitState(c.ID, phone.StateTalking)
		second.awaitTone(ourTone, ourLevel)
		ours.must(ours.AttendedTransfer(context.Background(), c.ID, "1003"))
		ours.awaitEvent(phone.EventTransferred)
		ours.awaitState(parent.ID, phone.StateEnded)
		ours.awaitState(c.ID, phone.StateEnded)
		first.awaitTone(linTone, linLevel)
		second.awaitTone(linTone, linLevel)
		first.do("terminate all")
		first.awaitSilence()
	})
	t.Run("it sends us on", func(t *testing.T) {
		proves(t, "linphone", "transfers us")
		first.t, second.t, ours.t = t, t, t
		ours.recordAnew()
		ours.ear.Reset()
		call := ours.callFar("1002")
		first.awaitTone(ourTone, ourLevel)
		first.do("transfer " + k.uri("1003"))
		if r := ours.awaitEvent(phone.EventTransferRequest).Request; r.Target != "1003" {
			t.Errorf("%+v", r)
		}
		c, err := ours.AcceptTransfer(context.Background(), call.ID)
		ours.must(err)
		ours.awaitState(c.ID, phone.StateTalking)
		second.awaitTone(ourTone, ourLevel)
		ours.awaitTone(linTone, linLevel)
		ours.awaitState(call.ID, phone.StateEnded)
		ours.must(ours.Hangup(c.ID))
		ours.awaitState(c.ID, phone.StateEnded)
	})
}
