package sipua

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// TestOptionsAreAnsweredAsACallWouldBe: RFC 3261 §11.2.
func TestOptionsAreAnsweredAsACallWouldBe(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		p := s.register()
		for i, step := range []struct {
			busy   bool
			status int
		}{{false, 200}, {true, 486}, {false, 200}} {
			s.line.SetBusy(step.busy)
			time.Sleep(time.Millisecond)
			p.send(theirs("OPTIONS", i+1, "o"+string(rune('a'+i)), "", ""))
			r := p.response(step.status, "OPTIONS")
			for _, name := range []string{"Allow", "Accept", "Supported", "Accept-Encoding"} {
				if r.get(name) == "" {
					t.Errorf("no %s in %s", name, r.bytes())
				}
			}
			if !hasToken(r.list("Supported"), "replaces") || !strings.Contains(r.get("Allow"), "REFER") {
				t.Errorf("%s", r.bytes())
			}
		}
		s.noEvent(time.Second)
	})
}

// TestAMailboxMayTellOfItselfUnasked: PBXs do so after each registration (RFC 3842); what else comes unasked is refused.
func TestAMailboxMayTellOfItselfUnasked(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		p := s.register()
		for i, c := range []struct {
			status int
			lines  []string
		}{
			{200, []string{"Event: message-summary", "Subscription-State: active", "Content-Type: application/simple-message-summary"}},
			{200, []string{"o: Message-Summary;id=7"}}, {489, []string{"Event: check-sync;reboot=true"}}, {489, []string{"Event: message-summary-x"}}, {489, nil},
		} {
			p.send(theirs("NOTIFY", 1, fmt.Sprint("n", i), "", "Messages-Waiting: yes\r\n", c.lines...))
			if r := p.response(c.status, "NOTIFY"); c.status == 489 && r.get("Allow-Events") != "refer" {
				t.Errorf("%v: %s", c.lines, r.bytes())
			}
		}
		p.send(theirs("NOTIFY", 1, "gone", "a-call-that-is-gone", "", "Event: message-summary"))
		p.response(481, "NOTIFY")
		s.noEvent(time.Second)
	})
}

// TestWhatNobodyAskedForIsRefusedWithinACallToo: each method as its RFC has it, and the call goes on.
func TestWhatNobodyAskedForIsRefusedWithinACallToo(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		p := s.register()
		in, tag := s.talkingIn(p)
		number := 1
		for i, c := range []struct {
			method string
			status int
			lines  []string
		}{
			{"MESSAGE", 405, nil}, {"SUBSCRIBE", 405, []string{"Event: presence"}}, {"PUBLISH", 405, nil}, {"REGISTER", 405, nil},
			{"FROBNICATE", 501, nil}, {"NOTIFY", 481, []string{"Event: refer"}}, {"NOTIFY", 489, []string{"Event: presence"}},
			{"NOTIFY", 200, []string{"Event: message-summary"}},
			{"OPTIONS", 200, nil}, {"INFO", 420, []string{"Require: telepathy"}}, {"PRACK", 481, []string{"RAck: 1 1 INVITE"}},
			{"INFO", 400, []string{"Replaces: their-call;to-tag=a;from-tag=b"}}, {"BYE", 400, []string{"Replaces: their-call;to-tag=a;from-tag=b"}},
		} {
			number++
			p.send(theirs(c.method, number, c.method+tag[:4]+fmt.Sprint(i), tag, "", c.lines...))
			r := p.response(c.status, c.method)
			if (c.status == 405 || c.status == 501) && !strings.Contains(r.get("Allow"), "INVITE") {
				t.Errorf("%s", r.bytes())
			}
			if c.status == 420 && r.get("Unsupported") != "telepathy" {
				t.Errorf("%s", r.bytes())
			}
			if c.status == 420 || c.status == 400 {
				number-- // it took no number
			}
		}
		s.noEvent(time.Second)
		s.line.End(in.Dialog, 0)
		p.reply(p.request("BYE"), 200, "")
		event[phone.DialogEnded](s)
	})
}
