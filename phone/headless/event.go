package headless

import (
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// EventLine is an operator's event as one JSON line, without its line end. Nothing secret is in it: no digit
// of DTMF, no description of media.
func EventLine(e phone.Event) []byte {
	o := object{{"t", seconds(e.At)}, {"event", string(e.Name)}}
	id := e.Call.ID
	if id == "" { // a transfer's question outlives its call
		id = e.Request.Call
	}
	o.text("call", string(id))
	account := e.Account
	if account == "" {
		account = e.Call.Account
	}
	o.text("account", string(account))
	o.text("number", e.Call.Number)
	o.text("name", e.Call.Party.Name)
	o.text("direction", string(e.Call.Direction))
	partyFields(&o, e.Call)
	o.text("cause", string(e.Cause))
	o.number("status", e.Status)
	o.text("reason", e.Reason)
	switch e.Name {
	case phone.EventFailed, phone.EventEnded, phone.EventMissed:
		o.number("q850", e.Call.Q850)
		o.text("redirect", e.Call.Redirect)
		o.number("retryAfter", int(e.Call.RetryAfter/time.Second))
		o.flag("missed", e.Call.Missed())
	}
	err := e.Err
	if e.Name == phone.EventRegistrationFailed {
		err = phone.ErrRegistryFailed // what the network said is the log's; cause and status tell enough
	}
	if err != nil {
		o.set("code", int(phone.CodeOf(err)))
		o.set("error", phone.NameOf(err))
	}
	if e.Cause == phone.CauseRecording && err != nil { // one code, many reasons that a person can do something about
		o.set("text", Sentence(err))
	}
	ownFields(&o, e)
	return o.line()
}

// ownFields are what only this event has.
func ownFields(o *object, e phone.Event) {
	switch e.Name {
	case phone.EventStatusChange:
		o.set("old", string(e.Old.State))
		o.set("new", string(e.Call.State))
		o.flag("muted", e.Call.Muted)
		o.flag("heldByUs", e.Call.HeldByUs)
		o.flag("heldByThem", e.Call.HeldByThem)
		o.flag("holdPending", e.Call.HoldPending)
		o.flag("isConference", e.Call.Conference)
		if e.Call.Record != e.Old.Record {
			o.set("recordStatus", string(e.Call.Record))
			o.flag("recordAsked", e.Call.RecordAsked)
			o.text("recordFile", e.Call.RecordFile)
		}
		o.flag("noSound", e.Call.NoSound)
		o.flag("encrypted", e.Call.Encrypted)
		o.flag("keysExposed", e.Call.KeysExposed)
		videoFields(o, e.Call)
	case phone.EventStreamAdded:
		o.flag("video", e.Video)
	case phone.EventConfirmed, phone.EventReinvite:
		o.set("encrypted", e.Call.Encrypted)
		o.flag("keysExposed", e.Call.KeysExposed)
		o.flag("heldByUs", e.Call.HeldByUs)
		o.flag("heldByThem", e.Call.HeldByThem)
		videoFields(o, e.Call)
	case phone.EventStaticStatusChange:
		o.set("old", e.Old.Party)
		o.set("new", e.Call.Party)
	case phone.EventIsRegisteredChange:
		o.set("registered", e.On)
	case phone.EventRecordPermissionsChange:
		o.set("recordPermissions", e.Value)
	case phone.EventCallReport:
		reportFields(o, e.Report)
	case phone.EventTransferRequest, phone.EventTransferRequestEnded:
		requestFields(o, e.Request)
	case phone.EventUpdateTimer:
		timerFields(o, e.Timers)
	}
}

func videoFields(o *object, c phone.Call) {
	o.flag("video", c.Video)
	o.flag("camera", c.Camera)
	o.flag("videoPending", c.VideoPending)
}

// partyFields tell more of who it is: for whom they call, by whose transfer, and that they do not want to be known.
func partyFields(o *object, c phone.Call) {
	o.text("company", c.Party.Company)
	o.flag("withheld", c.Party.Withheld)
	if c.Ring != phone.ToneRing {
		o.text("ring", string(c.Ring))
	}
	o.flag("autoAnswered", c.AutoAnswered)
	o.text("for", c.CalledFor.Number)
	o.text("forName", c.CalledFor.Name)
	o.text("referredBy", c.ReferredBy.Number)
	o.text("referredByName", c.ReferredBy.Name)
}

// requestFields tell whom a far end wants us to call.
func requestFields(o *object, r phone.TransferRequest) {
	o.set("target", r.Target)
	o.text("targetName", r.Name)
	o.text("by", r.By.Number)
	o.flag("attended", r.Attended)
}

// callObject is a call as the verb calls shows it.
func callObject(c phone.Call, now time.Time) object {
	o := object{{"call", string(c.ID)}, {"account", string(c.Account)}, {"number", c.Number}}
	o.text("name", c.Party.Name)
	o.set("direction", string(c.Direction))
	partyFields(&o, c)
	o.set("state", string(c.State))
	o.set("callStatus", c.Status())
	o.set("muted", c.Muted)
	o.set("heldByUs", c.HeldByUs)
	o.set("heldByThem", c.HeldByThem)
	o.flag("holdPending", c.HoldPending)
	o.flag("isConference", c.Conference)
	o.set("recordStatus", string(c.Record))
	o.flag("recordAsked", c.RecordAsked)
	o.text("recordFile", c.RecordFile)
	o.flag("noSound", c.NoSound)
	o.set("encrypted", c.Encrypted)
	o.flag("keysExposed", c.KeysExposed)
	videoFields(&o, c)
	o.flag("earlyMedia", c.EarlyMedia)
	if c.IsTransfer {
		o.set("transferParent", string(c.TransferParent.CallID))
	}
	o.text("codec", c.Codec)
	timerFields(&o, c.Timers(now))
	return o
}
