package app

import (
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/store"
	"github.com/hookswitch/hookswitch/widgets"
)

// withPast is a bench with six calls of three days, the latest one a minute before noon.
func withPast(t *testing.T, width, height float32) *bench {
	t.Helper()
	b := newBench(t, width, height)
	b.book.contacts = []store.Contact{{ID: 7, Name: "Priya Raman", Company: "Northwind", Numbers: []store.ContactNumber{{Label: "work", Number: "231"}}}}
	busy := past("Jonas Weber", "214", 10*time.Minute)
	busy.Direction, busy.AnsweredAt, busy.Cause, busy.Status = phone.Outbound, time.Time{}, phone.CauseBusy, 486
	b.book.add(past("Front desk", "200", 50*time.Hour), past("Priya Raman", "231", 26*time.Hour),
		missedCall("", "+44 20 7946 0113", 3*time.Hour), missedCall("Aiko Tanaka", "+81 3 5550 0142", time.Hour), busy, past("Mara Lindqvist", "600", time.Minute))
	b.book.tell(store.ChangeContacts)
	b.settle()
	return b
}

// tapRow presses the nth row of the list.
func (b *bench) tapRow(list *widgets.RowList, r *roll, n int) {
	b.Helper()
	for i, l := range r.lines {
		if l.key() == "" {
			continue
		}
		if n--; n < 0 {
			row, ok := list.RowAt(i).(fyne.Tappable)
			if !ok {
				b.Fatalf("line %d is not in sight", i)
			}
			test.Tap(row)
			b.settle()
			return
		}
	}
	b.Fatal("there is no such row")
}

func TestPastCallsStandUnderTheirDaysTheLatestFirst(t *testing.T) {
	b := withPast(t, 1280, 800)
	if got := heads(&b.app.model.past.roll); !slices.Equal(got, []string{"TODAY", "YESTERDAY", "SAT, 2 MAY"}) {
		t.Errorf("headings: %q", got)
	}
	var told []string
	for _, r := range b.rows() {
		told = append(told, r.Name+" | "+r.Second+" | "+r.Icon)
	}
	want := []string{"Mara Lindqvist | 600  ·  1 min 00 s | arrow-in", "Jonas Weber | 214  ·  Busy. Try again later | arrow-out",
		"Aiko Tanaka | Missed · rang 22 s  ·  +81 3 5550 0142 | missed", "+44 20 7946 0113 | Missed · rang 22 s | missed",
		"Priya Raman | 231  ·  1 min 00 s | arrow-in", "Front desk | 200  ·  1 min 00 s | arrow-in"}
	if !slices.Equal(told, want) {
		t.Errorf("rows:\n%s", strings.Join(told, "\n"))
	}
	if b.app.shell.view.empty != "" {
		t.Error("it says that there are no calls")
	}
}

func TestTheDaysOfTheHeadingsChangeAtMidnight(t *testing.T) {
	b := withPast(t, 1280, 800)
	b.app.now = func() time.Time { return noon.Add(24 * time.Hour) }
	b.app.render()
	if got := heads(&b.app.model.past.roll); got[0] != "YESTERDAY" {
		t.Errorf("a day later: %q", got)
	}
}

func TestMissedCallsAreCountedAndRedUntilTheyWereLookedAt(t *testing.T) {
	b := withPast(t, 1280, 800)
	v := b.app.shell.view
	if v.nav.Items[0].Badge != 2 || v.missedLabel != "Missed 2" || !b.rows()[2].Missed {
		t.Fatalf("badge %d, filter %q, row %+v", v.nav.Items[0].Badge, v.missedLabel, b.rows()[2])
	}
	b.app.open(string(pageSettings))
	b.settle()
	v = b.app.shell.view
	if b.book.seen != 1 || v.nav.Items[0].Badge != 0 || b.rows()[2].Missed || b.app.model.past.sight != nil {
		t.Errorf("after another page was opened: marked %d times, badge %d", b.book.seen, v.nav.Items[0].Badge)
	}
	b.app.open(string(pageCalls))
	b.app.open(string(pageSettings))
	b.settle()
	if b.book.seen != 1 {
		t.Error("what was seen is marked again")
	}
}

func TestAMissedCallIsSeenOnlyInAWindowThatIsInFront(t *testing.T) {
	b := withPast(t, 1280, 800)
	p := &b.app.model.past
	if p.sight != nil {
		t.Fatal("it is as if somebody looked, though the window is not in front")
	}
	b.app.setInFront(true)
	b.drain()
	if p.sight == nil {
		t.Fatal("nobody waits until it was looked at")
	}
	b.app.setInFront(false)
	b.drain()
	if p.sight != nil {
		t.Error("the window has gone to the back, and the clock runs on")
	}
	b.app.setInFront(true)
	b.drain()
	for p.sight.Reset(0); p.sight != nil; b.settle() { // the time is over
		time.Sleep(time.Millisecond)
	}
	b.settle()
	if b.book.seen != 1 || p.unseen != 0 {
		t.Errorf("marked %d times, %d unseen", b.book.seen, p.unseen)
	}
}

func TestACallThatEndsWhileOlderOnesAreReadIsListed(t *testing.T) {
	b := newBench(t, 1280, 800)
	for i := range 150 {
		b.book.calls = append(b.book.calls, past("Caller", strconv.Itoa(i), time.Duration(150-i)*time.Minute))
		b.book.calls[i].ID = int64(i + 1)
	}
	b.book.tell(store.ChangeHistory)
	b.settle()
	b.book.waits = make(chan struct{})
	b.key(fyne.KeyEnd) // reads on
	b.book.add(past("New", "999", 0))
	b.drain()
	close(b.book.waits)
	b.settle()
	if rows := b.rows(); len(rows) != 151 || rows[0].Name != "New" {
		t.Errorf("%d rows, the first is %+v", len(rows), rows[0])
	}
}

func TestTheFilterShowsMissedCallsOnly(t *testing.T) {
	b := withPast(t, 1280, 800)
	test.Tap(b.app.shell.list.missed)
	b.settle()
	if rows := b.rows(); len(rows) != 2 || rows[0].Name != "Aiko Tanaka" || !b.app.shell.view.onlyMissed {
		t.Errorf("rows: %+v", rows)
	}
	test.Tap(b.app.shell.list.all)
	b.settle()
	if len(b.rows()) != 6 {
		t.Error("All does not show all")
	}
	b.book.calls = b.book.calls[:2]
	test.Tap(b.app.shell.list.missed)
	b.settle()
	if b.app.shell.view.empty != emptyMissed || !b.app.shell.list.noMissed.Visible() {
		t.Error("it does not say that there are no missed calls")
	}
}

func TestArrowsMoveInTheListAndTheStageFollows(t *testing.T) {
	b := withPast(t, 1280, 800)
	b.key(fyne.KeyDown)
	b.key(fyne.KeyDown)
	b.settle()
	if v := b.app.shell.view.past; v.name != "Jonas Weber" || !b.app.shell.past.box.Visible() || b.app.shell.dial.box.Visible() {
		t.Errorf("the stage shows %q", v.name)
	}
	b.key(fyne.KeyEnd)
	if l, _ := b.app.model.past.marked(); l.entry.Name != "Front desk" {
		t.Errorf("the end is %q", l.entry.Name)
	}
	b.key(fyne.KeyUp)
	b.key(fyne.KeyReturn)
	b.settle()
	b.did("call 231")
}

func TestArrowsLeaveALiveCallOnTheStage(t *testing.T) {
	b := withPast(t, 1280, 800)
	b.set(with(talking()), started(talking()))
	b.key(fyne.KeyDown)
	b.settle()
	if !b.app.shell.stage.box.Visible() || b.app.shell.past.box.Visible() {
		t.Error("an arrow takes the call off the stage")
	}
	b.tapRow(b.app.shell.list.rows, &b.app.model.past.roll, 2)
	if !b.app.shell.past.box.Visible() || b.app.shell.stage.box.Visible() || b.app.shell.view.live[0].card.End == "" {
		t.Error("a press does not show the past call, with the live one in the list")
	}
	test.Tap(b.app.shell.list.cards["c"])
	if !b.app.shell.stage.box.Visible() {
		t.Error("the live call does not come back")
	}
}

func TestThePastCallSaysAllThatIsKnownOfIt(t *testing.T) {
	b := newBench(t, 1280, 800)
	file := filepath.Join(t.TempDir(), "call.wav")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	e := past("Mara Lindqvist", "600", time.Hour)
	e.Company, e.CalledFor, e.Video, e.RecordFile = "Brightwater", "Sales", true, file
	b.book.add(e)
	b.settle()
	b.tapRow(b.app.shell.list.rows, &b.app.model.past.roll, 0)
	v := b.app.shell.view.past
	want := [][2]string{{"Direction", "Incoming, with video"}, {"For", "Sales"}, {"Line", "Sales 204"}, {"Length", "1 min 00 s"}, {"Ended", "They hung up"}}
	if !slices.Equal(v.facts, want) || v.title != "Today, "+clockTime(e.StartedAt) || v.second != "Brightwater" || v.third != "600" {
		t.Errorf("it shows %+v", v)
	}
	if v.file != "call.wav" || !v.folder || !b.rows()[0].Missed && b.rows()[0].Mark != "record" {
		t.Errorf("of the recording it shows %+v", v)
	}
	shown := ""
	b.app.reveal = func(folder *url.URL) { shown = folder.Path }
	test.Tap(b.app.shell.past.folder)
	if shown != filepath.ToSlash(filepath.Dir(file)) {
		t.Errorf("the folder shown is %q", shown)
	}
	test.Tap(b.app.shell.past.call)
	b.settle()
	b.did("call 600")
}

func TestARecordingThatIsGoneIsSaid(t *testing.T) {
	b := newBench(t, 360, 640)
	e := past("Mara Lindqvist", "600", time.Hour)
	e.RecordFile = filepath.Join(t.TempDir(), "gone.wav")
	b.book.add(e)
	b.settle()
	b.tapRow(b.app.shell.list.rows, &b.app.model.past.roll, 0)
	if got := b.app.shell.past.file.Words(); got != "gone.wav is no longer there." || b.app.shell.past.folder.Visible() {
		t.Errorf("it says %q", got)
	}
}

func TestADeletedCallCanBeHadBackForAWhile(t *testing.T) {
	b := withPast(t, 1280, 800)
	b.tapRow(b.app.shell.list.rows, &b.app.model.past.roll, 1)
	b.key(fyne.KeyDelete)
	b.settle()
	if rows := b.rows(); len(rows) != 5 || rows[1].Name != "Aiko Tanaka" || b.app.shell.view.past.name != "Aiko Tanaka" {
		t.Fatalf("after the deletion: %+v, %q", rows, b.app.shell.view.past.name)
	}
	if bar := b.app.shell.notice.State(); bar.Text != "The call with Jonas Weber was deleted." || bar.Action != "Undo" {
		t.Fatalf("the bar says %+v", bar)
	}
	test.Tap(b.app.shell.notice.Action())
	b.settle()
	if rows := b.rows(); len(rows) != 6 || rows[1].Name != "Jonas Weber" || b.app.shell.notice.Visible() {
		t.Errorf("after undoing: %+v", rows)
	}
}

func TestWhatCannotBeReadOrDeletedIsSaidAndTriedAgain(t *testing.T) {
	b := withPast(t, 1280, 800)
	b.book.fails = errors.New("disk")
	b.app.past.ask()
	b.settle()
	if bar := b.app.shell.notice.State(); bar.Text != "Calls and contacts could not be read. Try again." || len(b.rows()) != 6 {
		t.Fatalf("the bar says %+v, %d rows", bar, len(b.rows()))
	}
	b.book.fails = nil
	test.Tap(b.app.shell.notice.Action())
	b.settle()
	if b.app.shell.notice.Visible() {
		t.Error("the bar stays")
	}
	b.book.fails = errors.New("disk")
	b.app.deletePast(b.app.model.past.lines[1].entry)
	b.settle()
	if bar := b.app.shell.notice.State(); bar.Text != "That could not be saved. Is the disk full?" || b.app.model.undo != nil {
		t.Errorf("the bar says %+v", bar)
	}
}

func TestOlderCallsAreReadWhenTheListComesNearItsEnd(t *testing.T) {
	b := newBench(t, 1280, 800)
	var list []store.Entry
	for i := range 250 {
		list = append(list, past("Caller "+strconv.Itoa(i), "2"+strconv.Itoa(i), time.Duration(250-i)*time.Minute))
	}
	b.book.add(list...)
	b.settle()
	if n := len(b.rows()); n != 100 {
		t.Fatalf("%d rows at first", n)
	}
	for _, want := range []int{200, 250, 250} {
		b.key(fyne.KeyEnd)
		b.settle()
		if n := len(b.rows()); n != want {
			t.Errorf("%d rows, not %d", n, want)
		}
	}
	b.book.add(past("New", "999", 0))
	b.settle()
	if rows := b.rows(); rows[0].Name != "New" || len(rows) < 250 {
		t.Errorf("after a new call there are %d rows", len(rows))
	}
}

func TestACompactWindowShowsThePastCallOverTheListAndLeadsBack(t *testing.T) {
	b := withPast(t, 360, 640)
	b.tapRow(b.app.shell.list.rows, &b.app.model.past.roll, 0)
	if !b.app.shell.past.box.Visible() || b.app.shell.list.box.Visible() || !b.app.shell.bottom.Visible() {
		t.Error("the call does not cover the list")
	}
	test.Tap(b.app.shell.past.back)
	if b.app.shell.past.box.Visible() || !b.app.shell.list.box.Visible() {
		t.Error("the way back does not lead to the list")
	}
	b.tapRow(b.app.shell.list.rows, &b.app.model.past.roll, 0)
	b.set(with(talking()), started(talking()))
	if b.app.shell.past.box.Visible() || !b.app.shell.stage.box.Visible() {
		t.Error("a call that begins does not take the stage")
	}
	b.app.closeCall()
	b.tapRow(b.app.shell.list.rows, &b.app.model.past.roll, 0)
	if !b.app.shell.ribbon.box.Visible() {
		t.Error("the live call is out of sight")
	}
}
