package headless_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/headless"
)

// diary is a book with one missed call and one person, or one that cannot be read.
type diary struct{ torn error }

func (d diary) Past(_ context.Context, missed bool, most int) ([]headless.PastCall, error) {
	began := time.UnixMicro(1763899200123456)
	list := []headless.PastCall{
		{Number: "600", Name: "Mara", Company: "Example Ltd", CalledAs: "Sales", Missed: true,
			Call: phone.Call{ID: "c1", Account: "ann", Direction: phone.Inbound, StartedAt: began, EndedAt: began.Add(time.Second), Cause: phone.CauseBusy, SIPStatus: 486}},
		{Number: "601", Seen: true,
			Call: phone.Call{ID: "c0", Account: "ann", Direction: phone.Outbound, Video: true, StartedAt: began, AnsweredAt: began, EndedAt: began, RecordFile: "a.opus"}},
	}
	if missed {
		list = list[:1]
	}
	return list[:min(most, len(list))], d.torn
}

func (d diary) Unseen(context.Context) (int, error) { return 1, d.torn }

func (d diary) People(_ context.Context, text string) ([]headless.Person, error) {
	return []headless.Person{{Name: "Mara", Company: text, Favourite: true, Numbers: [][2]string{{"work", "600"}, {"", "601"}}}}, d.torn
}

func (d diary) Import(_ context.Context, path string) (headless.Imported, error) {
	return headless.Imported{Added: len(path), Known: 2}, d.torn
}

func (d diary) Export(context.Context, string) error { return d.torn }

func TestTheHistoryAndTheContactsAreTold(t *testing.T) {
	s := newStage(t, nil)
	defer func() { _ = s.op.Destroy(context.Background()) }()
	if err := s.op.Start(); err != nil {
		t.Fatal(err)
	}
	const (
		first  = `{"call":"c1","account":"ann","direction":"inbound","number":"600","name":"Mara","company":"Example Ltd","for":"Sales","started":1763899200.123456,"ended":1763899201.123456,"cause":"Busy","status":486,"missed":true,"seen":false}`
		second = `{"call":"c0","account":"ann","direction":"outbound","number":"601","started":1763899200.123456,"answered":1763899200.123456,"ended":1763899200.123456,"video":true,"recordFile":"a.opus"}`
	)
	for _, c := range []struct {
		book       headless.Book
		line, want string
	}{
		{diary{}, "history", `"reply":"history","ok":true,"history":[` + first + "," + second + `],"unseen":1}`},
		{diary{}, "history 1", `"history":[` + first + `]`},
		{diary{}, "history missed 7", `"history":[` + first + `]`},
		{diary{}, `contacts "Lind  berg" x`, `"reply":"contacts","ok":true,"contacts":[{"name":"Mara","company":"Lind  berg x","favourite":true,"numbers":[{"label":"work","number":"600"},{"number":"601"}]}]}`},
		{diary{}, "import-contacts /a.vcf", `"ok":true,"added":6,"known":2,"skipped":0}`},
		{diary{}, "import-contacts a.vcf", `"ok":false,"code":-1`},
		{diary{}, "export-contacts /a.vcf", `"reply":"export-contacts","ok":true}`},
		{nil, "export-contacts /a.vcf", `"ok":false,"code":-200`},
		{diary{errors.New("disk gone")}, "import-contacts /a.vcf", `"text":"disk gone"`},
		{nil, "history", `"ok":false,"code":-200,"error":"UNKNOWN_ERROR","text":"not supported: this run has no profile, so no history and no contacts"}`},
		{nil, "contacts", `"ok":false,"code":-200`},
		{diary{errors.New("disk gone")}, "history", `"ok":false,"code":-1,"error":"UNKNOWN_ERROR","text":"disk gone"`},
		{diary{errors.New("disk gone")}, "contacts", `"ok":false,"code":-1`},
	} {
		e := headless.NewExecutor(s.op, nil).WithBook(c.book)
		if got := string(e.Execute(t.Context(), c.line)); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s\nwant %s", c.line, got, c.want)
		}
		e.Close()
	}
}
