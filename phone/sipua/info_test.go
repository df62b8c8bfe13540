package sipua

import (
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// TestInfoOfTheirs: digits in both forms are told, what is none is refused as RFC 6086 says.
func TestInfoOfTheirs(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		p := s.register()
		in, tag := s.talkingIn(p)
		number := 10
		send := func(want int, body string, headers ...string) *message {
			t.Helper()
			number++
			p.send(theirs("INFO", number, "i"+cseqValue(uint32(number), ""), tag, body, headers...))
			return p.response(want, "INFO")
		}
		for _, kind := range []string{"application/dtmf-relay", "Application/DTMF ; x=y", "application/dtmf"} {
			send(200, "5", "Content-Type: "+kind)
			if e := event[phone.InfoIn](s); e.Dialog != in.Dialog || string(e.Body) != "5" {
				t.Errorf("%+v", e)
			}
		}
		send(200, "") // nothing in it: a sign of life
		event[phone.InfoIn](s)
		if r := send(415, "<x/>", "Content-Type: application/media_control+xml"); r.get("Accept") != infoTypes {
			t.Errorf("%s", r.bytes())
		}
		send(415, "5")
		if r := send(469, "5", "Content-Type: application/dtmf", "Info-Package: dtmf"); !strings.Contains(string(r.bytes()), "\r\nRecv-Info:") || r.reason != "Bad Info Package" {
			t.Errorf("%s", r.bytes())
		}
		s.noEvent(time.Second)
	})
}

// TestAnInfoWithoutAnAnswerEndsTheDialog: the far end is gone (RFC 5057).
func TestAnInfoWithoutAnAnswerEndsTheDialog(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		p := s.register()
		s.talkingOut(p)
		s.line.Info("our-call", "application/dtmf", []byte("5"))
		p.request("INFO")
		if e := event[phone.InfoDone](s); e.Status != 0 {
			t.Errorf("%+v", e)
		}
		event[phone.DialogEnded](s)
	})
}
