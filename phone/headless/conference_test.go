package headless_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/headless"
	"github.com/hookswitch/hookswitch/phone/phonetest"
)

// agreeable makes a far end that accepts every INVITE and every re-INVITE at once.
func agreeable(line *phonetest.Line, r phonetest.Record) {
	answered(line, r)
	if id, ok := strings.CutPrefix(r.Text, "Reinvite "); ok {
		id, _, _ = strings.Cut(id, " ")
		line.Post(phone.ReinviteDone{Dialog: phone.DialogID(id), Status: 200, SDP: []byte("agreed"), At: time.Now()})
	}
}

func TestAConferenceIsMergedHeldSplitAndHungUpByTheCommandLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, agreeable)
		if err := s.op.Start(); err != nil {
			t.Fatal(err)
		}
		e := headless.NewExecutor(s.op, nil)
		held := func() (n int) {
			for _, c := range s.op.Snapshot().Calls {
				if c.HeldByUs {
					n++
				}
			}
			return n
		}
		do := func(line, want string) {
			t.Helper()
			if got := string(e.Execute(t.Context(), line)); !strings.Contains(got, want) {
				t.Fatalf("%s: %s, want %s", line, got, want)
			}
			synctest.Wait()
		}
		do("merge", `"code":-200`)
		do("split", `"code":-200`)
		for _, number := range []string{"600", "601", "602"} {
			do("call "+number, `"ok":true`)
			time.Sleep(time.Second)
		}
		calls := s.op.Snapshot().Calls
		ids := []string{string(calls[0].ID), string(calls[1].ID), string(calls[2].ID)}
		do("merge nosuchcall", `"code":-211`)
		do("merge", `"ok":true,"calls":["`+ids[1]+`","`+ids[2]+`"]}`)
		do("merge "+ids[0], `"ok":true,"calls":["`+strings.Join(ids, `","`)+`"]}`)
		do("calls", `"isConference":true`)
		do("hold", `"ok":true`)
		if n := held(); n != 3 {
			t.Fatalf("hold held %d of the conference", n)
		}
		do("unhold", `"ok":true`)
		do("hold "+ids[1], `"ok":true`)
		if n := held(); n != 1 {
			t.Fatalf("unhold and hold of one leave %d held", n)
		}
		do("split "+ids[2], `"call":"`+ids[2]+`"`)
		do("split", `"ok":true`)
		if n := held(); n != 2 {
			t.Fatalf("split leaves %d held", n)
		}
		do("merge", `"ok":true`)
		do("hangup", `"ok":true`)
		if n := len(s.op.Snapshot().Calls); n != 1 {
			t.Fatalf("%d calls are left beside the conference", n)
		}
		e.Close()
		if err := s.op.Destroy(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
