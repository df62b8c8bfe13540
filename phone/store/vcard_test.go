package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/hookswitch/hookswitch/phone/store"
)

func numbers(pairs ...string) (list []store.ContactNumber) {
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, store.ContactNumber{Label: pairs[i], Number: pairs[i+1]})
	}
	return list
}

func lines(text ...string) string { return strings.Join(text, "\r\n") + "\r\n" }

func TestCardsOfEveryVersionAreRead(t *testing.T) {
	for what, c := range map[string]struct {
		file string
		want []store.Contact
	}{
		"2.1, as Android writes it": {lines("BEGIN:VCARD", "VERSION:2.1", "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=BC=", "rgen;;;",
			"FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=BCrgen=20=", "M=C3=BC=", "ller", "TEL;CELL:0170 5550142", "TEL;WORK;FAX:030 5550143", "TEL;HOME;PREF:(030) 5550144",
			"PHOTO;ENCODING=BASE64;JPEG:"+strings.Repeat("A", 70), " "+strings.Repeat("B", 70), "", "END:VCARD"),
			[]store.Contact{{Name: "Jürgen Müller", Numbers: numbers("mobile", "0170 5550142", "fax", "030 5550143", "home", "(030) 5550144")}}},
		"3.0, as Apple writes it": {lines("BEGIN:VCARD", "VERSION:3.0", "N:Lindqvist;Mara;;Dr.;", "FN:Dr. Mara ", " Lindqvist", `ORG:Smith\, Jones\; Sons;Sales`,
			"TEL;type=CELL;type=VOICE;type=pref:+49 (0)30 1234567", "item1.TEL:600", "item1.X-ABLabel:_$!<Main>!$_", "item2.IMPP;X-SERVICE-TYPE=SIP:sip:mara@pbx.example",
			"item2.X-ABLabel:Desk", "IMPP:xmpp:mara@pbx.example", "EMAIL:mara@pbx.example", "CATEGORIES:starred,myContacts", "END:VCARD"),
			[]store.Contact{{Name: "Dr. Mara Lindqvist", Company: "Smith, Jones; Sons", Favourite: true,
				Numbers: numbers("mobile", "+49 (0)30 1234567", "Main", "600", "Desk", "sip:mara@pbx.example")}}},
		"4.0": {lines("\ufeffBEGIN:VCARD", "VERSION:4.0", `TEL;VALUE=uri;TYPE="work,voice":tel:+49-30-1234567;ext=12`, "N:Berg;Tom;;;", `X;Y="a:b;c":TEL:1`, "END:VCARD"),
			[]store.Contact{{Name: "Tom Berg", Numbers: numbers("work", "+49-30-1234567")}}},
		"a firm": {lines("BEGIN:VCARD", "FN:Example Ltd", "ORG:Example Ltd", "TEL:0800 5550", "END:VCARD"),
			[]store.Contact{{Company: "Example Ltd", Numbers: numbers("", "0800 5550")}}},
		"Latin-1": {lines("BEGIN:VCARD", "FN;CHARSET=ISO-8859-1;QUOTED-PRINTABLE:Zo=EB", "TEL:600", "END:VCARD"), []store.Contact{{Name: "Zoë", Numbers: numbers("", "600")}}},
		"nobody to call, a card in a card, and rubbish between": {lines("TEL:1", "BEGIN:VCARD", "FN:Mail only", "EMAIL:x@y.example", "END:VCARD", "rubbish", ":", ";:", "END:VCARD",
			"BEGIN:VCARD", "FN:Ann", "AGENT:", "BEGIN:VCARD", "FN:Agent", "TEL:666", "END:VCARD", "TEL:60x;0", "TEL:600,,12", "TEL:+", "FN:not her", "END:VCARD", "BEGIN:VCARD", "FN:open", "TEL:601"),
			[]store.Contact{{Name: "Ann", Numbers: numbers("", "60x", "", "600")}}},
		"old line ends": {"BEGIN:VCARD\nFN:Ann\nTEL:600\nEND:VCARD", []store.Contact{{Name: "Ann", Numbers: numbers("", "600")}}},
		"nothing":       {"", nil},
	} {
		got, _, err := store.ReadVCards(strings.NewReader(c.file))
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n got %+v, %v\nwant %+v", what, got, err, c.want)
		}
	}
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	want := []store.Contact{
		{Name: strings.Repeat("Jürgen ", 30) + `M\ü;l,er`, Company: "Smith; Jones, Sons", Favourite: true,
			Numbers: numbers("mobile", "+49 (0)30 1234567", "", "600", "fax", "601", "the, other; one", "602", "SIP", "sip:ann@pbx.example", "desk", "sips:[2001:db8::1]@[2001:db8::1]:5061")},
		{Company: "Example Ltd", Numbers: numbers("SIP", "switchboard")},
	}
	want[0].Numbers[5].Number = "sips:ann@[2001:db8::1]:5061"
	var file bytes.Buffer
	if err := store.WriteVCards(&file, want); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(file.String()) {
		if len(line) > 77 || !strings.HasSuffix(line, "\r\n") {
			t.Errorf("%q", line)
		}
	}
	got, skipped, err := store.ReadVCards(&file)
	if err != nil || skipped != 0 || !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v, %v\nwant %+v", got, err, want)
	}
}

func TestAFileIsImportedOnceHoweverOftenItIsGiven(t *testing.T) {
	s := open(t, t.TempDir(), nil)
	save(t, s, contact("Ann", "600"))
	file := lines("BEGIN:VCARD", "FN:ANN", "TEL:6-0-0", "END:VCARD", "BEGIN:VCARD", "FN:Bob", "TEL:601", "END:VCARD", "BEGIN:VCARD", "FN:Bob", "TEL:601", "END:VCARD",
		"BEGIN:VCARD", "FN:Nobody", "END:VCARD")
	for i, want := range []store.Imported{{Added: 1, Known: 2, Skipped: 1}, {Known: 3, Skipped: 1}} {
		if got, err := s.ImportVCards(t.Context(), strings.NewReader(file)); err != nil || got != want {
			t.Errorf("%d: %+v, %v", i, got, err)
		}
	}
	if got := titles(t, s, ""); got != "Ann, Bob" {
		t.Error(got)
	}
}

// endless repeats a text so many times.
func endless(text string, times int) io.Reader {
	return io.MultiReader(strings.NewReader(lines("BEGIN:VCARD", "FN:Ann")), &repeated{text: text, left: times}, strings.NewReader(lines("", "TEL:600", "END:VCARD")))
}

type repeated struct {
	text     string
	left, at int
}

func (r *repeated) Read(p []byte) (n int, err error) {
	for n < len(p) && r.left > 0 {
		some := copy(p[n:], r.text[r.at:])
		n += some
		if r.at += some; r.at == len(r.text) {
			r.at, r.left = 0, r.left-1
		}
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func TestAHostileFileIsReadInBoundedMemory(t *testing.T) {
	for what, file := range map[string]io.Reader{
		"a line without end":     endless("NOTE:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 100_000),
		"a line folded for ever": endless("\n x", 100_000),
		"soft breaks for ever":   endless("\nN;QUOTED-PRINTABLE:=\n=\n=\nx", 50_000),
		"numbers for ever":       endless("\nitem1.TEL:601\nitem1.X-ABLABEL:x", 50_000),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got, _, err := store.ReadVCards(file)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 && what == "a line without end" {
			t.Errorf("%s: %d bytes for a line of which 8 KiB are kept", what, used)
		}
		if err != nil || len(got) != 1 || got[0].Name != "Ann" || len(got[0].Numbers) == 0 || len(got[0].Numbers) > store.MostContactNumbers {
			t.Errorf("%s: %.300v, %v", what, got, err)
		}
	}
	many := &repeated{text: lines("BEGIN:VCARD", "FN:Ann", "TEL:600", "END:VCARD"), left: 1 << 30}
	if got, _, err := store.ReadVCards(many); !errors.Is(err, store.ErrContactsFull) || len(got) != store.MostContacts {
		t.Errorf("%d contacts, %v", len(got), err)
	}
	gone := fmt.Errorf("the disk is gone")
	if _, _, err := store.ReadVCards(io.MultiReader(strings.NewReader("BEGIN:VCARD\n"), iotest.ErrReader(gone))); !errors.Is(err, gone) {
		t.Error(err)
	}
}

// FuzzVCards: whatever is read can be kept, and written and read again it stays the same.
func FuzzVCards(f *testing.F) {
	for _, seed := range []string{
		lines("BEGIN:VCARD", "VERSION:2.1", "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BC=", "ller;J", "TEL;CELL;PREF:0170", "END:VCARD"),
		lines("BEGIN:VCARD", "FN:Ann", "item1.TEL;TYPE=\"work,fax\":+49 30", "item1.X-ABLabel:_$!<Main>!$_", "IMPP:sip:ann@pbx.example", `ORG:a\;b;c`, "CATEGORIES:starred", "END:VCARD"),
		lines("BEGIN:VCARD", "BEGIN:VCARD", "X-SIP:ann,b", "END:VCARD", "X-SIP:ann", "N:a;b;c;d;e", "END:VCARD"),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		list, _, err := store.ReadVCards(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			if again, err := store.CheckContact(c); err != nil || !reflect.DeepEqual(again, c) {
				t.Fatalf("%+v cannot be kept: %v", c, err)
			}
		}
		once, twice := rewritten(t, list), []store.Contact(nil)
		if twice = rewritten(t, once); len(once) != len(list) || !reflect.DeepEqual(once, twice) {
			t.Fatalf("read %+v\nonce %+v\ntwice %+v", list, once, twice)
		}
	})
}

func rewritten(t *testing.T, list []store.Contact) []store.Contact {
	var file bytes.Buffer
	if err := store.WriteVCards(&file, list); err != nil {
		t.Fatal(err)
	}
	again, skipped, err := store.ReadVCards(&file)
	if err != nil || skipped != 0 {
		t.Fatalf("%d skipped, %v", skipped, err)
	}
	return again
}
