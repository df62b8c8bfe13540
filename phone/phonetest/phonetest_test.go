package phonetest_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/phonetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestJournalKeepsTheOrderBetweenSignallingAndMedia(t *testing.T) {
	journal := phonetest.NewJournal()
	signalling, media := phonetest.NewSignalling(journal), phonetest.NewMedia(journal)
	line, err := signalling.Open(phone.Account{ID: "1001"}, func(phone.SignalEvent) {})
	if err != nil {
		t.Fatal(err)
	}
	media.Open("d1", phone.LegOptions{}, func(phone.MediaEvent) {})
	line.Invite(phone.InviteOut{Dialog: "d1", Target: "sip:600@pbx", SDP: []byte("v=0\r\n")})
	media.Start("d1")
	want := []string{"Open 1001", "Media.Open d1", `1001.Invite d1 sip:600@pbx sdp="v=0\r\n"`, "Media.Start d1"}
	if got := journal.Texts(); !slices.Equal(got, want) {
		t.Errorf("journal = %q, want %q", got, want)
	}
}

func TestWaitForInABubbleReturnsWhatComesLaterAndGivesUpOnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		events := phonetest.NewRecorder()
		go func() {
			time.Sleep(time.Minute)
			events.Add(phone.Event{Name: phone.EventRegistered, Account: "1001"})
		}()
		start := time.Now()
		event, err := events.WaitFor(phone.EventRegistered, time.Hour)
		if err != nil || event.Account != "1001" || time.Since(start) != time.Minute {
			t.Errorf("WaitFor = %v, %v after %v", event, err, time.Since(start))
		}
		if _, err := events.WaitFor(phone.EventRegistered, time.Second); err == nil {
			t.Error("the same event was returned twice")
		}
	})
}

func TestAutomaticAnswersReachTheSinks(t *testing.T) {
	signalling, media := phonetest.NewSignalling(nil), phonetest.NewMedia(nil)
	signalling.AutoRegister, media.Auto = true, true
	var posted []any
	line, err := signalling.Open(phone.Account{ID: "1001"}, func(e phone.SignalEvent) { posted = append(posted, e) })
	if err != nil {
		t.Fatal(err)
	}
	line.Register(time.Hour)
	media.Open("d1", phone.LegOptions{}, func(e phone.MediaEvent) { posted = append(posted, e) })
	media.Offer("d1", phone.MediaWish{Hold: true})
	if len(posted) != 3 {
		t.Fatalf("posted %v", posted)
	}
	if done, ok := posted[1].(phone.RegisterDone); !ok || done.Expires != time.Hour {
		t.Errorf("posted[1] = %#v, want the granted RegisterDone", posted[1])
	}
	if local, ok := posted[2].(phone.LocalDescription); !ok || local.SDP == nil {
		t.Errorf("posted[2] = %#v, want a LocalDescription", posted[2])
	}
}

func TestNothingIsPostedAfterClose(t *testing.T) {
	signalling, media := phonetest.NewSignalling(nil), phonetest.NewMedia(nil)
	n := 0
	line, err := signalling.Open(phone.Account{ID: "1001"}, func(phone.SignalEvent) { n++ })
	if err != nil {
		t.Fatal(err)
	}
	line.Close(time.Second)
	signalling.Line("1001").Post(phone.TransportUp{})
	media.Open("d1", phone.LegOptions{}, func(phone.MediaEvent) { n++ })
	media.Close("d1")
	media.Post("d1", phone.MediaUp{Leg: "d1"})
	if n != 0 {
		t.Errorf("%d events came after Close", n)
	}
}
