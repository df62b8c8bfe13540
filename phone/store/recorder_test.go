package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/phonetest"
	"github.com/hookswitch/hookswitch/phone/store"
)

// desk is an operator whose calls go into a history, inside a synctest bubble.
type desk struct {
	*testing.T
	dir      string
	store    *store.Store
	op       *phone.Operator
	net      *phonetest.Signalling
	recorder *store.Recorder
	log      bytes.Buffer
}

func onDesk(t *testing.T, test func(t *testing.T, d *desk)) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{T: t, dir: dir, net: phonetest.NewSignalling(nil)}
		var err error
		if d.store, err = store.Open(dir, nil); err != nil {
			t.Fatal(err)
		}
		media := phonetest.NewMedia(d.net.Journal)
		d.net.AutoRegister, d.net.AutoEnd, media.Auto = true, true, true
		log := slog.New(slog.NewTextHandler(&d.log, nil))
		directory := d.store.Directory(log)
		d.op = phone.New(phone.Config{Signalling: d.net, Media: media, Devices: phonetest.Devices{}, Directory: directory})
		d.recorder = d.store.Record(d.op, log)
		defer func() {
			d.quit()
			directory.Close()
			_ = d.store.Close()
		}()
		d.must(d.op.AddAccount(phone.Account{ID: "ann", URI: "sip:1001@pbx.example", Secret: phone.NewPassword("secret")}))
		d.must(d.op.Start())
		synctest.Wait()
		test(t, d)
	})
}

func (d *desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

// quit ends the phone and then the recorder, once, as the program does.
func (d *desk) quit() {
	if d.recorder != nil {
		d.must(d.op.Destroy(context.Background()))
		d.recorder.Close()
		d.recorder = nil
	}
}

func (d *desk) post(e phone.SignalEvent) {
	d.net.Line("ann").Post(e)
	synctest.Wait()
}

func (d *desk) dial(number string) phone.DialogID {
	d.Helper()
	time.Sleep(time.Second)
	c, err := d.op.Call(context.Background(), phone.CallRequest{Number: number})
	d.must(err)
	synctest.Wait()
	return phone.DialogID(c.ID)
}

func (d *desk) ring(id string, from phone.Party) {
	d.post(phone.InviteIn{Dialog: phone.DialogID(id), SIPCallID: id, From: from, SDP: []byte("offer"), At: time.Now()})
}

// talk brings both sides of a call to talking.
func (d *desk) talk(number string, p phone.Party) phone.DialogID {
	d.Helper()
	id := d.dial(number)
	d.post(phone.Accepted{Dialog: id, SDP: []byte("remote"), Party: p, At: time.Now()})
	return id
}

// newest is the history's newest entry, of how many.
func (d *desk) newest() (store.Entry, int) {
	d.Helper()
	list, err := d.store.History(context.Background(), store.HistoryQuery{Limit: 1000})
	d.must(err)
	if len(list) == 0 {
		return store.Entry{}, 0
	}
	return list[0], len(list)
}

// want checks what the newest entry says, and that it is the only new one.
func (d *desk) want(n int, want store.Entry) {
	d.Helper()
	synctest.Wait()
	got, have := d.newest()
	short := store.Entry{Direction: got.Direction, Number: got.Number, Name: got.Name, Company: got.Company, CalledFor: got.CalledFor,
		Cause: got.Cause, Status: got.Status, EndedByUs: got.EndedByUs, Missed: got.Missed, Seen: got.Seen}
	want.Seen = !want.Missed
	if have != n || short != want {
		d.Fatalf("%d entries, the newest\n got %+v\nwant %+v\n%s", have, short, want, d.log.String())
	}
	if got.Account != "ann" || got.CallID == "" || got.StartedAt.IsZero() || got.EndedAt.Before(got.StartedAt) {
		d.Fatalf("%+v", got)
	}
}

func TestEveryWayInWhichACallFromUsEndsIsInTheHistory(t *testing.T) {
	out := phone.Outbound
	onDesk(t, func(t *testing.T, d *desk) {
		save(t, d.store, store.Contact{Name: "Mara", Company: "Example Ltd", Numbers: []store.ContactNumber{{Number: "+49 30 1234567"}}})
		id := d.talk("030 1234567", phone.Party{Number: "+49301234567"})
		time.Sleep(time.Minute)
		d.must(d.op.Hangup(phone.CallID(id)))
		d.want(1, store.Entry{Direction: out, Number: "030 1234567", Name: "Mara", Company: "Example Ltd", Cause: phone.CauseTerminated, EndedByUs: true})
		if e, _ := d.newest(); e.Duration() != time.Minute {
			t.Errorf("it lasted %v", e.Duration())
		}
		id = d.dial("600")
		d.post(phone.Refused{Dialog: id, Status: 486, At: time.Now()})
		d.want(2, store.Entry{Direction: out, Number: "600", Cause: phone.CauseBusy, Status: 486})
		id = d.dial("601")
		d.post(phone.Refused{Dialog: id, Status: 302, Redirect: "sip:602@pbx.example", At: time.Now()})
		d.want(3, store.Entry{Direction: out, Number: "601", Cause: phone.CauseRedirected, Status: 302})
		id = d.dial("602")
		d.must(d.op.Hangup(phone.CallID(id)))
		d.want(4, store.Entry{Direction: out, Number: "602", Cause: phone.CauseCanceled, EndedByUs: true})
		id = d.talk("0", phone.Party{Number: "650", Name: "Sales"}) // the switchboard passed us on: 0 is not theirs
		d.post(phone.DialogEnded{Dialog: id, Cause: phone.CauseTerminated, ByThem: true, At: time.Now()})
		d.want(5, store.Entry{Direction: out, Number: "0", Cause: phone.CauseTerminated})
	})
}

func TestEveryWayInWhichACallToUsEndsIsInTheHistory(t *testing.T) {
	in := phone.Inbound
	onDesk(t, func(t *testing.T, d *desk) {
		save(t, d.store, contact("Mara", "600"))
		ended := func(id string, why phone.Why) {
			d.post(phone.DialogEnded{Dialog: phone.DialogID(id), Cause: phone.CauseCanceled, ByThem: true, Why: why, At: time.Now()})
		}
		d.post(phone.InviteIn{Dialog: "a", SIPCallID: "a", From: phone.Party{Number: "600", Name: "600"}, For: phone.Party{Number: "650", Name: "Sales"}, SDP: []byte("offer"), At: time.Now()})
		ended("a", phone.Why{})
		d.want(1, store.Entry{Direction: in, Number: "600", Name: "Mara", CalledFor: "Sales", Cause: phone.CauseCanceled, Missed: true})
		d.ring("b", phone.Party{Number: "601", Name: "Tom"})
		ended("b", phone.Why{SIP: 200})
		d.want(2, store.Entry{Direction: in, Number: "601", Name: "Tom", Cause: phone.CauseElsewhere})
		d.ring("c", phone.Party{Withheld: true})
		d.must(d.op.Reject("c"))
		d.want(3, store.Entry{Direction: in, Cause: phone.CauseRejected, Status: 486, EndedByUs: true})
		d.ring("d", phone.Party{Number: "602"})
		time.Sleep(301 * time.Second)
		d.want(4, store.Entry{Direction: in, Number: "602", Cause: phone.CauseNoAnswer, Status: 408, EndedByUs: true, Missed: true})
	})
}

func TestACallBeyondTheLimitIsAMissedCallOfTheHistory(t *testing.T) {
	onDesk(t, func(t *testing.T, d *desk) {
		save(t, d.store, contact("Mara", "sip:603@pbx.example"))
		d.ring("a", phone.Party{Number: "601"})
		d.ring("b", phone.Party{Number: "602"})
		d.ring("c", phone.Party{Number: "603"})
		d.want(1, store.Entry{Direction: phone.Inbound, Number: "603", Name: "Mara", Cause: phone.CauseBusy, Status: 486, Missed: true})
		if n := must[int](t)(d.store.Unseen(t.Context())); n != 1 {
			t.Errorf("%d unseen", n)
		}
	})
}

func TestTheMembersOfAConferenceAndTheCallsThatQuittingEndsAreInTheHistory(t *testing.T) {
	onDesk(t, func(t *testing.T, d *desk) {
		a, b := d.talk("600", phone.Party{}), d.talk("601", phone.Party{})
		d.must(d.op.Merge(phone.CallID(a), phone.CallID(b)))
		d.ring("c", phone.Party{Number: "602"})
		d.quit()
		list := history(t, d.store, store.HistoryQuery{})
		if len(list) != 3 || list[0].AnsweredAt.IsZero() == list[2].AnsweredAt.IsZero() && !strings.Contains(fmt.Sprint(list), "602") {
			t.Errorf("%+v", list)
		}
	})
}

// lock keeps everybody else from the database, as a backup program may, until release.
func (d *desk) lock() (release func()) {
	d.Helper()
	db, err := sql.Open("sqlite", filepath.Join(d.dir, "hookswitch.db"))
	d.must(err)
	db.SetMaxOpenConns(1)
	_, err = db.Exec("BEGIN EXCLUSIVE")
	d.must(err)
	return func() { _ = db.Close() }
}

func TestWhatCannotBeWrittenNowIsWrittenLater(t *testing.T) {
	onDesk(t, func(t *testing.T, d *desk) {
		release := d.lock()
		for i := range 3 {
			d.post(phone.Refused{Dialog: d.dial(fmt.Sprint(600 + i)), Status: 486, At: time.Now()})
		}
		time.Sleep(time.Minute)
		release()
		time.Sleep(time.Minute)
		d.want(3, store.Entry{Direction: phone.Outbound, Number: "602", Cause: phone.CauseBusy, Status: 486})
		if n := strings.Count(d.log.String(), "could not be written"); n != 1 {
			t.Errorf("the log tells it %d times", n)
		}
	})
}

func TestAFloodOfMissedCallsNeitherFillsTheMemoryNorTheLog(t *testing.T) {
	onDesk(t, func(t *testing.T, d *desk) {
		d.ring("a", phone.Party{Number: "601"})
		d.ring("b", phone.Party{Number: "602"})
		release := d.lock()
		for i := range 2500 {
			d.net.Line("ann").Post(phone.InviteIn{Dialog: phone.DialogID(fmt.Sprint(i)), SIPCallID: fmt.Sprint(i), From: phone.Party{Number: "603", Name: "Mara"}, At: time.Now()})
		}
		time.Sleep(time.Minute)
		release()
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := must[int](t)(d.store.Unseen(t.Context())); n < 1000 || n > 2100 {
			t.Errorf("%d calls are kept", n)
		}
		if lines := strings.Count(d.log.String(), "\n"); lines > 15 || !strings.Contains(d.log.String(), "lost=") {
			t.Errorf("%d lines in the log:\n%.2000s", lines, d.log.String())
		}
	})
}

func TestAStoreThatDoesNotWorkAtAllHoldsNothingUp(t *testing.T) {
	onDesk(t, func(t *testing.T, d *desk) {
		d.must(d.store.Close())
		d.ring("a", phone.Party{Number: "600"})
		d.post(phone.DialogEnded{Dialog: "a", Cause: phone.CauseCanceled, ByThem: true, At: time.Now()})
		began := time.Now()
		d.quit()
		if took := time.Since(began); took > 10*time.Second || !strings.Contains(d.log.String(), "the last calls are not in the history") {
			t.Errorf("quitting took %v; the log says\n%s", took, d.log.String())
		}
	})
}
