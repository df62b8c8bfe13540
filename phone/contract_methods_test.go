package phone_test

import (
	"context"
	"slices"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/phonetest"
)

// agreed lets recording be: the account allows all of it and the user agreed.
func agreed(c *phone.Config, d *desk) {
	withAccount(func(a *phone.Account) { a.RecordPermissions = 2 })(c, d)
	c.Recording = phone.RecordSettings{Agreed: true, Folder: "/music"}
}

func contractMethods() []row {
	ctx := context.Background()
	return []row{
		{seed: "on", test: func(d *desk) {
			heard := 0
			cancel := d.op.Subscribe(func(f func()) { f() }, func(phone.Event) { heard++ })
			d.talk("600")
			before := heard
			cancel()
			d.must(d.op.Hangup(d.op.Snapshot().Current))
			d.settle()
			d.want(before > 0 && heard == before, "it hears everything until it is cancelled", before, heard)
		}},
		{seed: "start", test: func(d *desk) {
			d.wantSent("1001.Register 30m0s")
			d.wantTold(phone.EventConnected) // subscribed before Start
			d.wantTold(phone.EventRegistered)
		}},
		{seed: "reRegister", test: func(d *desk) {
			d.must(d.op.ReRegister("1001", "other", phone.NewPassword("x")))
			d.wantNotSent("1001.SetCredential") // the registration is good
			d.net.AutoRegister = false
			d.post(phone.TransportDown{Cause: phone.CauseConnection})
			ha1 := phone.NewHA1("0123456789abcdef0123456789abcdef")
			for _, secret := range []phone.Secret{ha1, phone.NewPassword("x")} {
				d.must(d.op.ReRegister("1001", "other", secret))
				d.want(slices.ContainsFunc(d.net.Records(), func(r phonetest.Record) bool {
					return r.Text == "1001.SetCredential other" && r.Value == secret
				}), "the line gets a password or an HA1")
			}
			d.want(d.net.Count("1001.Register") == 3, "it registers again", d.net.Texts())
			d.want(d.op.Snapshot().Accounts[0].Account.Username == "other", "the account has the new name")
		}},
		{seed: "call", test: func(d *desk) {
			first := d.talk("600")
			c, err := d.place(phone.CallRequest{Number: "601", Headers: []phone.Header{{Name: "X-Order", Value: "7"}}})
			d.must(err)
			d.wantSent("1001.Reinvite " + string(first)) // every other call is held first
			d.wantSent("1001.Invite " + string(c.ID) + " sip:601@pbx.example")
			d.wantTold(phone.EventNewRTCSession)
			d.wantTold(phone.EventStartSession)
			_, err = d.op.Call(ctx, phone.CallRequest{Number: "602"})
			d.wantCode(err, phone.ErrCallTooSoon, -208)
		}},
		{seed: "reject", test: func(d *desk) {
			id := d.ring("in1", "555")
			d.must(d.op.Reject(id))
			d.wantSent("1001.End in1 486")
			d.wantDeleted(id, phone.CauseRejected)
			d.wantCode(d.op.Reject("gone"), phone.ErrCallNotFound, -211)
		}},
		{seed: "answer", test: func(d *desk) {
			first := d.talk("600")
			id := d.ring("in1", "555")
			d.must(d.op.Answer(ctx, id, phone.AnswerOptions{}))
			d.settle()
			d.wantSent("1001.Reinvite " + string(first))
			d.wantSent("1001.Answer in1")
			d.wantCode(d.op.Answer(ctx, id, phone.AnswerOptions{}), phone.ErrInvalidState, -200)
		}},
		{seed: "hangup", test: func(d *desk) {
			for _, begin := range []func() phone.CallID{
				func() phone.CallID { return d.dial("600") }, func() phone.CallID { return d.talk("601") }, func() phone.CallID { return d.ring("in1", "555") },
			} {
				id := begin()
				d.must(d.op.Hangup(id)) // whichever state the call is in
				d.settle()
				d.wantSent("1001.End " + string(id))
			}
			d.wantCode(d.op.Hangup("gone"), phone.ErrCallNotFound, -211)
		}},
		{seed: "terminate", test: func(d *desk) {
			for how, status := range map[string]string{"hangup": "486", "reject": "486", "terminate": "487"} {
				id := d.ring(how, "555")
				d.must(d.op.Terminate(id, how))
				d.wantSent("1001.End " + how + " " + status)
			}
			d.wantCode(d.op.Terminate(d.ring("in2", "555"), "explode"), phone.ErrNotSupported, -200)
		}},
		{seed: "hold", test: func(d *desk) {
			id := d.talk("600")
			d.must(d.op.Hold(id))
			d.settle()
			d.wantSent("Media.Offer " + string(id) + " hold=true")
			d.wantSent("1001.Reinvite " + string(id))
			d.want(d.call(id).HoldPending && !d.call(id).HeldByUs, "it is pending until they agree", d.call(id))
			d.agree(id)
			d.want(d.call(id).HeldByUs, "held", d.call(id))
		}},
		{seed: "unhold", test: func(d *desk) {
			first, second := d.talk("600"), d.answered("in1", "555")
			d.agree(first)
			d.must(d.op.Unhold(first))
			d.settle()
			d.agree(second)
			d.agree(first)
			d.want(d.call(second).HeldByUs && !d.call(first).HeldByUs, "resuming one holds the others", d.op.Snapshot().Calls)
		}},
		{seed: "dtmf", test: func(d *desk) {
			id := d.talk("600")
			d.must(d.op.DTMF(id, "12a#"))
			d.wantSent("Media.DTMF " + string(id) + " 12A#")
			d.wantCode(d.op.DTMF(id, "hello"), phone.ErrInvalidNumber, -209)
			d.media.NoTelephoneEvent = true
			d.must(d.op.DTMF(id, "5"))
			d.wantSent("1001.Info " + string(id) + " application/dtmf-relay")
		}},
		{seed: "mute", test: func(d *desk) {
			id := d.talk("600")
			d.must(d.op.Mute(id))
			d.wantSent("Media.Mute " + string(id) + " true")
			d.want(d.call(id).Muted, "muted")
			d.wantCode(d.op.Mute("gone"), phone.ErrCallNotFound, -211)
		}},
		{seed: "unmute", test: func(d *desk) {
			id := d.talk("600")
			d.must(d.op.Mute(id))
			d.must(d.op.Unmute(id))
			d.wantSent("Media.Mute " + string(id) + " false")
			d.want(!d.call(id).Muted, "not muted")
		}},
		{seed: "startRecord", test: func(d *desk) {
			id := d.talk("600")
			d.must(d.op.StartRecord(id))
			d.settle() // the file is there
			d.wantSent("Media.Record " + string(id))
			d.want(d.call(id).Record == phone.Recording, "it records")
			d.wantCode(d.op.StartRecord("gone"), phone.ErrCallNotFound, -211)
		}, change: []func(*phone.Config, *desk){agreed}},
		{seed: "pauseRecord", test: func(d *desk) {
			id := d.talk("600")
			d.must(d.op.StartRecord(id))
			d.settle() // the file is there
			d.must(d.op.PauseRecord(id))
			d.wantSent("Media.PauseRecord " + string(id) + " true")
			d.want(d.call(id).Record == phone.RecordPause, "it pauses")
		}, change: []func(*phone.Config, *desk){agreed}},
		{seed: "disconnect", test: func(d *desk) {
			d.must(d.op.Disconnect())
			d.wantSent("1001.Unregister")
			d.wantNotSent("1001.Disconnect") // the transport is still needed
			d.post(phone.RegisterDone{Status: 200})
			d.wantSent("1001.Disconnect")
			d.post(phone.TransportDown{})
			d.want(d.wantTold(phone.EventDisconnected).Cause == phone.CauseNone, "nothing went wrong")
			s := d.op.Snapshot()
			d.want(!s.Registered() && !s.Accounts[0].Connected && !s.Accounts[0].Registering, "unregistered, the transport closed", s.Accounts)
			time.Sleep(24 * time.Hour)
			d.want(d.net.Count("1001.Register") == 1, "it stays away")
		}, change: []func(*phone.Config, *desk){registeredByHand}},
		{seed: "getSession", test: func(d *desk) {
			id := d.talk("600")
			c, found := d.op.Snapshot().CallByID(id)
			d.want(found && c.ID == id && len(d.op.Snapshot().Calls) == 1, "one by its callId, all as a slice", c)
			_, found = d.op.Snapshot().CallByID("gone")
			d.want(!found, "none by another")
		}},
		{seed: "setCurrentSession", test: func(d *desk) {
			first := d.talk("600")
			d.answered("in1", "555")
			d.must(d.op.SetCurrent(first))
			d.want(d.op.Snapshot().Current == first, "chosen")
			d.wantCode(d.op.SetCurrent("gone"), phone.ErrCallNotFound, -211)
		}},
		{seed: "getCurrentSession", test: func(d *desk) {
			id := d.talk("600")
			c, found := d.op.Snapshot().CurrentCall()
			d.want(found && c.ID == id, "the foreground call", c)
		}},
		{seed: "setSessionStaticStatus", test: func(d *desk) {
			id := d.talk("600")
			mara := phone.Party{Name: "Mara", Company: "Lind", Avatar: "m.png", Number: "600"}
			d.must(d.op.SetStaticStatus(id, mara, true))
			d.post(phone.ReinviteIn{Dialog: phone.DialogID(id), SDP: []byte("offer"), Party: phone.Party{Name: "Network", Number: "1"}})
			d.want(d.call(id).Party == mara, "in manual mode nothing overwrites it", d.call(id).Party)
			d.wantTold(phone.EventStaticStatusChange)
			d.wantCode(d.op.SetStaticStatus("gone", mara, false), phone.ErrCallNotFound, -211)
		}},
		{seed: "destroy", test: func(d *desk) {
			id := d.talk("600")
			d.must(d.op.Destroy(ctx))
			for _, sent := range []string{"1001.End " + string(id), "1001.Unregister", "1001.Close", "Media.Shutdown"} {
				d.wantSent(sent)
			}
			_, err := d.op.Call(ctx, phone.CallRequest{Number: "600"})
			d.wantCode(err, phone.ErrDestroyed, -200)
		}},
	}
}

func contractTransfers() []row {
	ctx := context.Background()
	return []row{
		{seed: "blindTransfer", test: func(d *desk) {
			id := d.transferring("602") // held, then REFER
			d.told(id, phone.ReferProgress{Status: 486, Final: true})
			e := d.wantTold(phone.EventTransferFailed)
			d.want(e.Status == 486 && d.call(id).State == phone.StateTalking, "a failure gives the call back with its reason", e)
			d.agree(id)
			d.must(d.op.BlindTransfer(ctx, id, "603"))
			d.settle()
			d.agree(id)
			d.told(id, phone.ReferProgress{Status: 200, Final: true})
			d.wantSent("1001.End " + string(id))
			d.wantCode(d.op.BlindTransfer(ctx, "gone", "602"), phone.ErrCallNotFound, -211)
		}},
		{seed: "attendedTransfer", test: func(d *desk) {
			parent, consult := d.consult(true)
			d.wantCode(d.op.AttendedTransfer(ctx, parent, "602"), phone.ErrAttendedParentNotFound, -207)
			d.must(d.op.AttendedTransfer(ctx, consult, "602"))
			d.settle()
			d.wantSent("1001.Refer " + string(parent) + "  replaces=" + string(consult))
			d.told(parent, phone.ReferProgress{Status: 200, Final: true})
			d.wantDeleted(parent, phone.CauseTerminated)
			came, rang := d.answered("in1", "600"), d.answered("in2", "602") // and any other two, incoming ones too
			d.settleHolds()
			d.must(d.op.AttendedTransfer(ctx, rang, "602"))
			d.settle()
			d.wantSent("1001.Refer in1  replaces=in2")
			d.told(came, phone.ReferProgress{Status: 603, Final: true})
			d.must(d.op.TransferToCall(ctx, came, rang))
			d.wantCode(d.op.TransferToCall(ctx, came, "gone"), phone.ErrCallNotFound, -211)
		}},
	}
}
