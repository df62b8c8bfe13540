package phone_test

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

func contractEvents() []row {
	return []row{
		{seed: "connected", test: func(d *desk) {
			d.wantTold(phone.EventConnected)
			d.post(phone.TransportUp{})
			d.want(d.events.Count(phone.EventConnected) == 1, "once while it is up", d.events)
		}},
		{seed: "disconnected", test: func(d *desk) {
			d.post(phone.TransportDown{Cause: phone.CauseConnection})
			d.want(d.wantTold(phone.EventDisconnected).Cause == phone.CauseConnection, "with its cause")
			d.line().Post(phone.TransportDown{Cause: phone.CauseConnection}) // nor can it be made again
			d.settle()
			d.want(d.events.Count(phone.EventDisconnected) == 1, "what is not up is not lost", d.events)
		}},
		{seed: "registered", test: func(d *desk) {
			d.want(d.wantTold(phone.EventRegistered).Account == "1001", "it names its account")
		}},
		{seed: "registrationFailed", test: func(d *desk) {
			e := d.wantTold(phone.EventRegistrationFailed)
			d.want(e.Cause == phone.CauseRejected && e.Status == 403, "with cause and SIP status", e)
		}, change: []func(*phone.Config, *desk){refusing(403)}},
		{seed: "isRegisteredChange", test: func(d *desk) {
			d.want(d.wantTold(phone.EventIsRegisteredChange).On, "registered")
			d.must(d.op.Disconnect())
			d.want(!d.wantTold(phone.EventIsRegisteredChange).On, "the new value")
		}},
		{seed: "newRTCSession", test: func(d *desk) {
			out, in := d.dial("600"), d.ring("in1", "555")
			for _, id := range []phone.CallID{out, in} {
				var names []phone.EventName
				for _, e := range d.events.Events() {
					if e.Call.ID == id {
						names = append(names, e.Name)
					}
				}
				d.want(len(names) > 1 && names[0] == phone.EventNewRTCSession, "it comes before anything else about the call", names)
			}
		}},
		{seed: "incoming", test: func(d *desk) {
			id := d.ring("in1", "555")
			d.want(d.wantTold(phone.EventIncoming).Call.ID == id, "an incoming call rings")
		}},
		{seed: "startSession", test: func(d *desk) {
			in := d.ring("in1", "555")
			d.want(d.events.Count(phone.EventStartSession) == 0, "not while it rings")
			d.must(d.op.Answer(context.Background(), in, phone.AnswerOptions{}))
			d.want(d.wantTold(phone.EventStartSession).Call.ID == in, "when it is being answered")
			d.must(d.op.Hangup(in))
			d.settle()
			out := d.dial("600")
			d.want(d.wantTold(phone.EventStartSession).Call.ID == out, "an outgoing one at once")
		}},
		{seed: "recordPermissionsChange", test: func(d *desk) {
			a := d.account
			a.RecordPermissions = 2
			d.must(d.op.AddAccount(a))
			d.want(d.wantTold(phone.EventRecordPermissionsChange).Value == 2, "the new value")
		}},
		{seed: "deleteSession", test: func(d *desk) {
			id := d.talk("600")
			d.post(phone.DialogEnded{Dialog: phone.DialogID(id), Cause: phone.CauseTerminated, ByThem: true})
			e := d.wantTold(phone.EventDeleteSession)
			_, there := d.op.Snapshot().CallByID(id)
			d.want(e.Call.ID == id && e.Cause == phone.CauseTerminated && !there, "callId and cause; it is gone", e)
		}},
	}
}

func contractCallEvents() []row {
	return []row{
		{seed: "accepted", test: func(d *desk) {
			id := d.ring("in1", "555")
			d.must(d.op.Answer(context.Background(), id, phone.AnswerOptions{}))
			d.wantTold(phone.EventAccepted)
			d.want(d.events.Count(phone.EventConfirmed) == 0, "the ACK is still out", d.events)
		}},
		{seed: "confirmed", test: func(d *desk) {
			id := d.answered("in1", "555")
			d.want(d.wantTold(phone.EventConfirmed).Call.ID == id, "the ACK came")
		}},
		{seed: "ended", test: func(d *desk) {
			id := d.talk("600")
			d.must(d.op.Hangup(id))
			d.want(d.wantTold(phone.EventEnded).Cause == phone.CauseTerminated, "with its cause")
			d.want(d.events.Count(phone.EventFailed) == 0, "an answered call does not fail")
		}},
		{seed: "failed", test: func(d *desk) {
			id := d.dial("600")
			d.post(phone.Refused{Dialog: phone.DialogID(id), Status: 486, Reason: "Busy Here", Cause: phone.CauseBusy})
			e := d.wantTold(phone.EventFailed)
			d.want(e.Cause == phone.CauseBusy && e.Status == 486, "with cause and code", e)
			d.want(d.events.Count(phone.EventEnded) == 0, "it was never answered")
		}},
		{seed: "clientError", test: func(d *desk) {
			id := d.talk("600")
			d.media.Post(id, phone.DeviceFailed{Leg: id, Kind: "microphone", Err: errors.New("unplugged")})
			d.want(phone.CodeOf(d.wantTold(phone.EventClientError).Err) == -290, "a device's failure here")
			d.wantState(id, phone.StateTalking)
		}},
		{seed: "reinvite", test: func(d *desk) {
			id := d.talk("600")
			d.post(phone.ReinviteIn{Dialog: phone.DialogID(id), SDP: []byte("offer"), Party: phone.Party{Number: "602"}})
			d.want(d.wantTold(phone.EventReinvite).Call.Party.Number == "602", "they changed the session: who it is")
			d.wantSent("1001.AnswerReinvite " + string(id) + " 0 sdp=\"answer\"")
			d.media.Info.HeldByThem = true
			d.post(phone.ReinviteIn{Dialog: phone.DialogID(id), SDP: []byte("sendonly")})
			d.want(d.wantTold(phone.EventReinvite).Call.HeldByThem, "hold")
			d.media.Info.Video = true
			d.post(phone.ReinviteIn{Dialog: phone.DialogID(id), SDP: []byte("video")})
			d.want(d.wantTold(phone.EventReinvite).Call.Video, "media")
			for range 2 { // who it is, alone; the second time it is no change
				d.post(phone.PartyIn{Dialog: phone.DialogID(id), Party: phone.Party{Number: "603", Name: "Mara"}})
			}
			d.want(d.wantTold(phone.EventReinvite).Call.Party.Name == "Mara", "who it is after a transfer")
			d.want(d.events.Count(phone.EventReinvite) == 4, "once for each change", d.events)
		}},
		{seed: "statusChange", test: func(d *desk) {
			id := d.talk("600")
			d.must(d.op.Mute(id))
			d.settle()
			events := d.events.Events()
			i := slices.IndexFunc(events, func(e phone.Event) bool { return e.Name == phone.EventStatusChange && e.Call.Muted })
			d.want(i >= 0 && !events[i].Old.Muted, "the new and the old status")
		}},
		{seed: "staticStatusChange", test: func(d *desk) {
			id := d.talk("600")
			d.must(d.op.SetStaticStatus(id, phone.Party{Name: "Mara"}, false))
			e := d.wantTold(phone.EventStaticStatusChange)
			d.want(e.Call.Party.Name == "Mara" && e.Old.Party.Name == "", "the new and the old one", e)
		}},
	}
}

func contractStatus() []row {
	of := func(seed string, test func(d *desk, id phone.CallID)) row {
		return row{seed: seed, test: func(d *desk) { test(d, d.talk("600")) }, change: []func(*phone.Config, *desk){agreed}}
	}
	return []row{
		of("number", func(d *desk, id phone.CallID) { d.want(d.call(id).Number == "600", "what was dialled") }),
		of("callId", func(d *desk, id phone.CallID) {
			d.want(d.call(d.ring("a84b4c76e66710@pc33.example", "555")).ID == "a84b4c76e66710@pc33.example", "the SIP Call-ID")
			d.post(phone.InviteIn{Dialog: "ours", SIPCallID: string(id), From: phone.Party{Number: "555"}, SDP: []byte("offer")})
			d.want(d.call(id).Number == "600", "on a collision the first one keeps it")
		}),
		of("communicationType", func(d *desk, id phone.CallID) {
			d.want(d.call(id).Direction == phone.Outbound && d.call(d.ring("in1", "555")).Direction == phone.Inbound, "in and out")
		}),
		of("isRing", func(d *desk, id phone.CallID) {
			d.want(!d.call(id).RingsHere() && d.call(d.ring("in1", "555")).RingsHere(), "only while it rings")
		}),
		of("isHold", func(d *desk, id phone.CallID) {
			d.media.Info.HeldByThem = true
			d.post(phone.ReinviteIn{Dialog: phone.DialogID(id), SDP: []byte("sendonly")})
			d.want(d.call(id).HeldByThem && !d.call(id).HeldByUs, "by them", d.call(id))
			d.must(d.op.Hold(id))
			d.settle()
			d.agree(id)
			d.want(d.call(id).HeldByThem && d.call(id).HeldByUs, "by both, told apart", d.call(id))
		}),
		of("isMute", func(d *desk, id phone.CallID) { d.must(d.op.Mute(id)); d.want(d.call(id).Muted, "muted") }),
		of("callStatus", func(d *desk, id phone.CallID) {
			d.want(d.call(id).Status() == "talking", "talking")
			out := d.dial("601")
			d.want(d.call(out).Status() == "calling", "calling")
			d.post(phone.Progress{Dialog: phone.DialogID(out), Status: 180})
			d.want(d.call(out).Status() == "ringing", "ringing")
			d.must(d.op.Hangup(out))
			d.settle()
			d.want(d.call(d.ring("in1", "555")).Status() == "connecting", "connecting")
		}),
		of("callStartTime", func(d *desk, id phone.CallID) { d.want(d.call(id).StartedAt.Equal(time.Now()), "when it began") }),
		of("recordStatus", func(d *desk, id phone.CallID) {
			d.want(d.call(id).Record == phone.RecordStop || d.call(id).Record == "", "stop at first", d.call(id).Record)
			d.must(d.op.StartRecord(id))
			d.settle() // the file is there
			d.must(d.op.PauseRecord(id))
			d.want(d.call(id).Record == phone.RecordPause, "pause", d.call(id).Record)
		}),
		of("isTransfer", func(d *desk, id phone.CallID) {
			c, err := d.place(phone.CallRequest{Number: "602", TransferOf: id})
			d.must(err)
			d.want(c.IsTransfer && !d.call(id).IsTransfer, "the consultation call only")
		}),
		of("transferParent", func(d *desk, id phone.CallID) {
			d.must(d.op.SetStaticStatus(id, phone.Party{Name: "Mara", Number: "600", Avatar: "m.png"}, false))
			time.Sleep(7 * time.Second)
			c, err := d.place(phone.CallRequest{Number: "602", TransferOf: id})
			d.must(err)
			p := c.TransferParent
			d.want(p.CallID == id && p.Name == "Mara" && p.Number == "600" && p.Avatar == "m.png" && p.CallDuration == 8*time.Second, "who waits", p)
		}),
		of("isConference", func(d *desk, id phone.CallID) {
			other := d.answered("in1", "555")
			d.agree(id)
			d.must(d.op.Merge())
			d.settle()
			d.agree(id)
			d.want(d.call(id).Conference && d.call(other).Conference, "both are members", d.op.Snapshot().Calls)
		}),
		of("name", func(d *desk, _ phone.CallID) {
			d.post(phone.InviteIn{Dialog: "in1", SIPCallID: "in1", From: phone.Party{Number: "555", Name: "Mara", Company: "Lind"}, SDP: []byte("offer")})
			d.want(d.call("in1").Party.Name == "Mara", "as the network tells")
		}),
		of("avatar", func(d *desk, id phone.CallID) {
			d.must(d.op.SetStaticStatus(id, phone.Party{Avatar: "m.png"}, true))
			d.want(d.call(id).Party.Avatar == "m.png", "as it was set")
		}),
		of("company", func(d *desk, _ phone.CallID) {
			d.post(phone.InviteIn{Dialog: "in1", SIPCallID: "in1", From: phone.Party{Number: "555", Name: "Mara", Company: "Lind"}, SDP: []byte("offer")})
			d.want(d.call("in1").Party.Company == "Lind", "as the PBX tells")
		}),
	}
}
