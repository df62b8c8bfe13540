package sipua

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// hostileValues are what a header may hold that was never meant to be there.
var hostileValues = []string{"", "/", "//", "\x00", "\u202e\u2066evil", "\xff\xfe", `"`, `"\`, "<", ">", "<>", ";", ";;=;", ",", ",,,", "=", "@", "-1", "0", "4294967296",
	"99999999999999999999", "%", "%00", "sip:", "<sip:@>", "<sip:[>", "<tel:>;tag", "sip:\x00@h;lr", "<sip:1@h?Replaces=/>", strings.Repeat("a", 8<<10), strings.Repeat(",", 4<<10),
	strings.Repeat(";a=b", 2<<10), strings.Repeat("<", 4<<10)}

// headersThatAreRead takes from the source every header that the line looks at.
func headersThatAreRead(t *testing.T) (names []string) {
	t.Helper()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	reads := regexp.MustCompile(`\.(?:get|list|lines)\("([A-Za-z-]+)"`)
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		source, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range reads.FindAllStringSubmatch(string(source), -1) {
			names = append(names, m[1])
		}
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name == "Content-Length" }) // it cuts the stream into messages
	names = append(names, "P-Asserted-Identity", "Remote-Party-ID", "Alert-Info", "Call-Info", "Answer-Mode", "X-Unknown")
	slices.Sort(names)
	if names = slices.Compact(names); len(names) < 30 {
		t.Fatalf("only %q", names)
	}
	return names
}

// settleHostile answers what the line asks and what it was told meanwhile; it fails when the call is lost.
func (s *stage) settleHostile(what string) (reinvite phone.DialogID) {
	s.Helper()
	synctest.Wait()
	for {
		select {
		case e := <-s.events:
			switch e := e.(type) {
			case phone.ReinviteIn:
				s.line.AnswerReinvite(e.Dialog, []byte(ourSDP), 0)
				reinvite = e.Dialog
			case phone.ReferIn:
				s.line.ReferTell(e.Dialog, 603)
			case phone.DialogEnded, phone.TransportDown:
				s.Fatalf("%s: the call is lost: %T %+v", what, e, e)
			}
		default:
			return reinvite
		}
	}
}

// untilAnswered reads until the final answer to that request, and answers the line's own requests.
func (p *peer) untilAnswered(method string, number uint32) *message {
	p.Helper()
	for {
		m := p.next("an answer to " + method)
		if m.isRequest() {
			if m.method != "ACK" {
				p.reply(m, 200, "")
			}
			continue
		}
		if n, of := m.cseq(); n == number && of == method && m.status >= 200 {
			return m
		}
	}
}

// TestNoHeaderOfARequestEndsACall: whatever stands in any header of a request of theirs, the line answers the next one and the
// call goes on.
func TestNoHeaderOfARequestEndsACall(t *testing.T) {
	for _, method := range []string{"INVITE", "UPDATE", "INFO", "REFER", "NOTIFY", "MESSAGE", "PRACK", "OPTIONS", "FROBNICATE"} {
		t.Run(method, func(t *testing.T) {
			inMemory(t, anAccount("tcp"), func(s *stage) {
				p := s.register()
				in, tag := s.talkingIn(p)
				n := 10
				for _, header := range headersThatAreRead(t) {
					for _, value := range hostileValues {
						n++
						what, body := fmt.Sprintf("%s with %s: %.40q", method, header, value), ""
						if method == "INVITE" {
							body = theirSDP
						}
						p.send(theirs(method, n, fmt.Sprint("h", n), tag, body, header+": "+value))
						if s.settleHostile(what) != "" {
							if p.untilAnswered(method, uint32(n)).status == 200 && method == "INVITE" {
								p.send(theirs("ACK", n, fmt.Sprint("a", n), tag, ""))
							}
						}
						n++
						p.send(theirs("OPTIONS", n, fmt.Sprint("h", n), tag, ""))
						if r := p.untilAnswered("OPTIONS", uint32(n)); r.status != 200 {
							t.Fatalf("%s, and then: %s", what, r.bytes())
						}
						s.settleHostile(what)
					}
				}
				s.line.End(in.Dialog, 0)
				p.reply(p.request("BYE"), 200, "")
				event[phone.DialogEnded](s)
			})
		})
	}
}

// TestNoHeaderOfAnAnswerHoldsACallUp: whatever stands in any header of the answers to our INVITE, a sound answer that comes after
// them sets the call up, and it can be ended.
func TestNoHeaderOfAnAnswerHoldsACallUp(t *testing.T) {
	for _, header := range headersThatAreRead(t) {
		t.Run(header, func(t *testing.T) {
			inMemory(t, anAccount("tcp"), func(s *stage) {
				p := s.register()
				for i, value := range hostileValues {
					id := phone.DialogID(fmt.Sprint("call-", i))
					s.line.Invite(phone.InviteOut{Dialog: id, Target: "sip:600@pbx.example", SDP: []byte(ourSDP)})
					m := p.next("INVITE")
					for m.method == "ACK" { // of a 200 that came again
						m = p.next("INVITE")
					}
					p.reply(m, 180, "their-tag", header+": "+value)
					p.reply(m, 183, "their-tag", header+": "+value, "Contact: <sip:600@192.0.2.2:5070>", theirSDP)
					p.reply(m, 200, "their-tag", header+": "+value, "Contact: <sip:600@192.0.2.2:5070>", theirSDP)
					p.reply(m, 200, "their-tag", "Contact: <sip:600@192.0.2.2:5070>", theirSDP)
					s.wantAcceptedAndEnd(p, id, fmt.Sprintf("%s: %.40q", header, value))
				}
			})
		})
	}
}

func (s *stage) wantAcceptedAndEnd(p *peer, id phone.DialogID, what string) {
	s.Helper()
	accepted := false
	for limit := time.After(2 * giveUp); ; {
		select {
		case e := <-s.events:
			switch e := e.(type) {
			case phone.Accepted:
				if accepted {
					s.Fatalf("%s: accepted twice", what)
				}
				accepted = true
				s.line.End(id, 0)
			case phone.DialogEnded:
				if !accepted {
					s.Fatalf("%s: ended before it was accepted: %+v", what, e)
				}
				return
			case phone.Refused, phone.TransportDown:
				s.Fatalf("%s: %T %+v", what, e, e)
			}
		case m, open := <-p.in:
			if !open {
				s.Fatalf("%s: the line hung up", what)
			}
			if m.isRequest() && m.method != "ACK" {
				p.reply(m, 200, "")
			}
		case <-limit:
			s.Fatalf("%s: no end; accepted %t", what, accepted)
		}
	}
}

// TestWhoIsNotOfTheCallCannotTouchIt: every method with tags that are not the call's, and with a number from before.
func TestWhoIsNotOfTheCallCannotTouchIt(t *testing.T) {
	for _, method := range []string{"INVITE", "UPDATE", "INFO", "REFER", "NOTIFY", "MESSAGE", "PRACK", "OPTIONS", "BYE"} {
		t.Run(method, func(t *testing.T) {
			inMemory(t, anAccount("tcp"), func(s *stage) {
				p := s.register()
				in, tag := s.talkingIn(p)
				say := func(number, want int, branch, toTag string, change func(string) string) {
					t.Helper()
					p.send(change(theirs(method, number, branch, toTag, "", "Contact: <sip:evil@192.0.2.66>", "Event: refer", "Subscription-State: active", "Refer-To: <sip:evil@pbx.example>")))
					if r := p.untilAnswered(method, uint32(number)); r.status != want {
						t.Errorf("%s: want %d", r.bytes(), want)
					}
					if method == "INVITE" {
						p.send(change(theirs("ACK", number, branch, toTag, "")))
					}
				}
				as := func(m string) string { return m }
				p.send(theirs("OPTIONS", 50, "o", tag, ""))
				p.response(200, "OPTIONS")
				say(51, 481, "a", "foreign", as)
				say(52, 481, "b", tag, func(m string) string { return strings.Replace(m, "their-tag", "stranger", 1) })
				say(53, 481, "c", "their-tag", func(m string) string { return strings.Replace(m, "their-tag", tag, 1) }) // the other way round
				say(49, 500, "d", tag, as)
				s.noEvent(time.Second)
				s.line.End(in.Dialog, 0)
				if bye := p.request("BYE"); bye.uri != "sip:600@192.0.2.2:5070" {
					t.Errorf("led astray: %s", bye.bytes())
				}
			})
		})
	}
}
