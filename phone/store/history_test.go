package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/store"
)

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.Local)

func entry(number, name string) store.Entry {
	return store.Entry{CallID: "c@pbx.example", Account: "ann", Direction: phone.Inbound, Number: number, Name: name, StartedAt: noon,
		EndedAt: noon.Add(time.Minute), Cause: phone.CauseCanceled, Missed: true}
}

// add keeps calls and returns them as they come back.
func add(t *testing.T, s *store.Store, entries ...store.Entry) {
	t.Helper()
	for _, e := range entries {
		must[int64](t)(s.AddCall(t.Context(), e))
	}
}

func history(t *testing.T, s *store.Store, q store.HistoryQuery) []store.Entry {
	t.Helper()
	return must[[]store.Entry](t)(s.History(t.Context(), q))
}

func names(list []store.Entry) (names string) {
	for _, e := range list {
		names += e.Name + " "
	}
	return strings.TrimSpace(names)
}

func TestACallComesBackAsItWasAlsoAfterTheProgramEnded(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, nil)
	want := store.Entry{CallID: "x", Account: "ann", Direction: phone.Outbound, Number: "+49 30 1234567", Name: "Mara Lindqvist", Company: "Example Ltd",
		CalledFor: "Sales", Video: true, StartedAt: noon, AnsweredAt: noon.Add(3 * time.Second), EndedAt: noon.Add(time.Minute),
		Cause: phone.CauseTerminated, Status: 200, EndedByUs: true, Seen: true, RecordFile: "/home/ann/Music/Hookswitch/a.opus"}
	want.ID = must[int64](t)(s.AddCall(t.Context(), want))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	got := history(t, open(t, dir, nil), store.HistoryQuery{})
	if len(got) != 1 || !reflect.DeepEqual(got[0], want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
	if want.Duration() != 57*time.Second || (store.Entry{EndedAt: noon}).Duration() != 0 {
		t.Errorf("durations: %v", want.Duration())
	}
}

func TestTheHistoryComesInPagesTheNewestFirst(t *testing.T) {
	s := open(t, t.TempDir(), nil)
	for i := range 7 {
		add(t, s, entry("600", fmt.Sprint(i)))
	}
	var pages []string
	before := int64(0)
	for {
		page := history(t, s, store.HistoryQuery{Before: before, Limit: 3})
		if len(page) == 0 {
			break
		}
		pages = append(pages, names(page))
		before = page[len(page)-1].ID
	}
	if got := strings.Join(pages, ", "); got != "6 5 4, 3 2 1, 0" {
		t.Error(got)
	}
}

func TestASearchFindsNamesWithoutAccentsAndNumbersHoweverTheyAreWritten(t *testing.T) {
	s := open(t, t.TempDir(), nil)
	add(t, s, entry("+49 (0)30 123-456", "Jürgen Straße"), entry("600", "Łukasz Ångström"), entry("0170/5550142", "100% Sure_Ltd"), entry("601", `a\b'c"d`))
	for text, want := range map[string]string{
		"": `a\b'c"d 100% Sure_Ltd Łukasz Ångström Jürgen Straße`, "jurgen": "Jürgen Straße", "JÜRGEN": "Jürgen Straße", "strasse": "Jürgen Straße",
		"Ju\u0308rgen": "Jürgen Straße", "strasse jur": "Jürgen Straße", "jurgen lukasz": "", "angstrom LUK": "Łukasz Ångström",
		"030 123456": "Jürgen Straße", "+4930123": "Jürgen Straße", "0049 30-12": "Jürgen Straße", "600": "Łukasz Ångström", "60": `a\b'c"d Łukasz Ångström`,
		"%": "100% Sure_Ltd", "_": "100% Sure_Ltd", `\`: `a\b'c"d`, "'": `a\b'c"d`, `"`: `a\b'c"d`, "0170 555": "100% Sure_Ltd",
		"'; DROP TABLE calls; --": "", "\x00\xff": "", strings.Repeat("x ", 100000): "",
	} {
		if got := names(history(t, s, store.HistoryQuery{Text: text})); got != want {
			t.Errorf("%.40q: %s, want %s", text, got, want)
		}
	}
	if got := history(t, s, store.HistoryQuery{}); len(got) != 4 {
		t.Errorf("%d calls are left", len(got))
	}
}

func TestMissedCallsAreCountedUntilTheyWereSeen(t *testing.T) {
	s := open(t, t.TempDir(), nil)
	answered := entry("601", "answered")
	answered.Missed, answered.Seen = false, true
	add(t, s, entry("600", "one"), answered, entry("602", "two"))
	if got := names(history(t, s, store.HistoryQuery{MissedOnly: true})); got != "two one" {
		t.Error(got)
	}
	if n := must[int](t)(s.Unseen(t.Context())); n != 2 {
		t.Errorf("%d unseen", n)
	}
	changes := 0
	defer s.Watch(func(c store.Change) {
		if c == store.ChangeHistory {
			changes++
		}
	})()
	for range 2 {
		if err := s.MarkSeen(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := must[int](t)(s.Unseen(t.Context())); n != 0 || changes != 1 {
		t.Errorf("%d unseen, %d changes told", n, changes)
	}
	if got := history(t, s, store.HistoryQuery{MissedOnly: true}); len(got) != 2 || !got[0].Seen {
		t.Errorf("%+v", got)
	}
}

func TestADeletionCanBeUndone(t *testing.T) {
	s := open(t, t.TempDir(), nil)
	add(t, s, entry("600", "a"), entry("601", "b"), entry("602", "c"))
	all := history(t, s, store.HistoryQuery{})
	if err := s.DeleteCalls(t.Context(), all[0].ID, all[1].ID, 999); err != nil {
		t.Fatal(err)
	}
	add(t, s, entry("603", "d")) // meanwhile; it must not get a place that was just left
	if got := names(history(t, s, store.HistoryQuery{})); got != "d a" {
		t.Fatal(got)
	}
	for range 2 { // an impatient finger
		if err := s.RestoreCalls(t.Context(), all...); err != nil {
			t.Fatal(err)
		}
	}
	got := history(t, s, store.HistoryQuery{})
	if names(got) != "d c b a" || !reflect.DeepEqual(got[1:], all) {
		t.Errorf("%+v", got)
	}
}

func TestHostileTextsAreCutAndCleaned(t *testing.T) {
	s := open(t, t.TempDir(), nil)
	add(t, s, entry(strings.Repeat("6", 1<<20), "evil\u202e\x00\x1b[31m\xff\nname"), entry("\x00", strings.Repeat("é", 1<<20)))
	got := history(t, s, store.HistoryQuery{})
	if len(got) != 2 || len(got[0].Name) != 512 || got[0].Number != "" || len(got[1].Number) != 128 || got[1].Name != "evil[31m\ufffd name" {
		t.Errorf("%+v", got)
	}
	if _, err := s.AddCall(t.Context(), store.Entry{Direction: "sideways"}); err == nil {
		t.Error("a call without a direction was kept")
	}
}

func TestManyMayReadAndWriteTheHistoryAtOnce(t *testing.T) {
	s := open(t, t.TempDir(), nil)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 2 {
				_, err := s.AddCall(context.Background(), entry("600", fmt.Sprint(i)))
				_, err2 := s.History(context.Background(), store.HistoryQuery{Text: "6"})
				_, err3 := s.SaveContact(context.Background(), store.Contact{Name: "n", Numbers: []store.ContactNumber{{Number: "600"}}})
				_, _, err4 := s.LookUp(context.Background(), "600", "")
				if err := errors.Join(err, err2, err3, err4, s.MarkSeen(context.Background())); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if got := history(t, s, store.HistoryQuery{}); len(got) != 16 {
		t.Errorf("%d calls", len(got))
	}
}

func TestAnEndedContextIsAnErrorAndChangesNothing(t *testing.T) {
	s := open(t, t.TempDir(), nil)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.AddCall(ctx, entry("600", "a")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := s.History(ctx, store.HistoryQuery{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if got := history(t, s, store.HistoryQuery{}); len(got) != 0 {
		t.Error(got)
	}
}

func TestTheHistorysFileIsTheUsersOwn(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, nil)
	add(t, s, entry("600", "a"))
	info, err := os.Stat(filepath.Join(dir, "hookswitch.db"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}
