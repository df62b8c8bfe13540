package sipua

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// skip waits for the next event of that kind, whatever comes before it.
func skip[T phone.SignalEvent](w *town) T {
	w.Helper()
	for limit := time.After(2 * giveUp); ; {
		select {
		case e := <-w.events:
			if got, ok := e.(T); ok {
				return got
			}
		case <-limit:
			var want T
			w.Fatalf("no %T came", want)
		}
	}
}

// die ends the first server with its connection.
func (w *town) die(p *peer) {
	w.kill(first, true)
	p.raw.Close()
}

// callFailovers: the first server fails while a call is set up, and the INVITE goes to the second.
var callFailovers = map[string]struct {
	transport string
	fail      func(w *town, p *peer, invite *message)
	fresh     bool // phones may have rung: a new number
}{
	"no answer over UDP": {"UDP", func(w *town, p *peer, _ *message) {
		for range 4 {
			p.request("INVITE")
		}
	}, false},
	"no answer over TCP":    {"TCP", func(w *town, _ *peer, _ *message) {}, false},
	"503":                   {"TCP", func(w *town, p *peer, m *message) { p.reply(m, 503, "x"); p.request("ACK") }, false},
	"the connection breaks": {"TCP", func(w *town, p *peer, _ *message) { w.die(p) }, false},
	"the connection breaks after 100": {"TCP", func(w *town, p *peer, m *message) {
		p.reply(m, 100, "")
		w.die(p)
	}, false},
	"the connection breaks while it rings": {"TCP", func(w *town, p *peer, m *message) {
		p.reply(m, 180, "them")
		skip[phone.Progress](w)
		w.die(p)
	}, true},
	"an ICMP error while it rings": {"UDP", func(w *town, p *peer, m *message) {
		p.reply(m, 180, "them")
		skip[phone.Progress](w)
		w.die(p)
	}, true},
	"silence while it rings over UDP": {"UDP", func(w *town, p *peer, m *message) {
		p.reply(m, 180, "them")
		skip[phone.Progress](w)
		time.Sleep(30 * time.Second) // an OPTIONS is answered
		p.mute.Store(true)
	}, true},
}

func TestACallGoesToTheNextServer(t *testing.T) {
	for name, c := range callFailovers {
		t.Run(name, func(t *testing.T) {
			inTown(t, c.transport, func(w *town) {
				p := w.at(first)
				w.registerAt(p)
				w.line.Invite(anInvite())
				before := p.request("INVITE")
				began := time.Now()
				c.fail(w, p, before)
				p = w.at(second)
				if d := time.Since(began); d > 70*time.Second || !c.fresh && d > patience {
					t.Errorf("took %v", d)
				}
				after := p.request("INVITE")
				number, _ := before.cseq()
				if c.fresh {
					number++
				}
				if after.callID() != before.callID() || after.fromTag() != before.fromTag() || after.get("CSeq") != cseqValue(number, "INVITE") ||
					after.topVia() == before.topVia() || string(after.body) != string(before.body) || after.uri != before.uri {
					t.Errorf("%s\nthen\n%s", before.bytes(), after.bytes())
				}
				p.reply(after, 407, "x", strings.Replace(md5Challenge, "WWW", "Proxy", 1)) // what one asked is not the next one's
				p.request("ACK")
				after = p.request("INVITE")
				p.reply(after, 200, "them", "Contact: <sip:600@192.0.2.9>", theirSDP)
				p.request("ACK")
				if e := skip[phone.Accepted](w); string(e.SDP) != theirSDP {
					t.Errorf("%+v", e)
				}
			})
		})
	}
}

// TestTheNextServersChallengeIsAnswered, though the one before had its answer.
func TestTheNextServersChallengeIsAnswered(t *testing.T) {
	inTown(t, "TCP", func(w *town) {
		p := w.at(first)
		w.registerAt(p)
		w.line.Invite(anInvite())
		p.reply(p.request("INVITE"), 407, "x", strings.Replace(md5Challenge, "WWW", "Proxy", 1))
		p.request("ACK")
		p.reply(p.request("INVITE"), 503, "x")
		p = w.at(second)
		p.reply(p.request("INVITE"), 407, "x", strings.NewReplacer("WWW", "Proxy", "n-md5", "another").Replace(md5Challenge))
		p.request("ACK")
		if m := p.request("INVITE"); !strings.Contains(m.get("Proxy-Authorization"), `nonce="another"`) {
			t.Errorf("%s", m.bytes())
		}
	})
}

// TestACallThatNobodyCanTakeEnds: the next server fails as well, or there is a reason not to ask it.
func TestACallThatNobodyCanTakeEnds(t *testing.T) {
	for name, script := range map[string]func(w *town, p *peer, m *message){
		"both are dead": func(w *town, p *peer, _ *message) {
			w.kill(second, true)
			w.die(p)
			if e := skip[phone.Refused](w); e.Cause != phone.CauseConnection {
				w.Errorf("%+v", e)
			}
		},
		"both say 503": func(w *town, p *peer, m *message) {
			p.reply(m, 503, "x")
			p = w.at(second)
			p.reply(p.request("INVITE"), 503, "x")
			if e := skip[phone.Refused](w); e.Status != 503 {
				w.Errorf("%+v", e)
			}
		},
		"it was given up meanwhile": func(w *town, p *peer, m *message) {
			w.line.End("our-call", 0)
			w.die(p)
			if e := skip[phone.DialogEnded](w); e.Cause != phone.CauseCanceled {
				w.Errorf("%+v", e)
			}
			w.empty(second)
		},
		"503 during another call": func(w *town, p *peer, m *message) {
			w.talkingIn(p)
			p.reply(m, 503, "x")
			if e := skip[phone.Refused](w); e.Status != 503 {
				w.Errorf("%+v", e)
			}
			w.empty(second)
		},
	} {
		t.Run(name, func(t *testing.T) {
			inTown(t, "TCP", func(w *town) {
				p := w.at(first)
				w.registerAt(p)
				w.line.Invite(anInvite())
				script(w, p, p.request("INVITE"))
			})
		})
	}
}

const edges = "Record-Route: <sip:core.example;lr>, <sip:192.0.2.1:5070;lr;r2=on>, <sip:192.0.2.1;transport=tcp;lr;r2=on>"

// TestACallOutlivesItsServer: it goes on through the second one, whose name takes the place of the dead one's in its route.
func TestACallOutlivesItsServer(t *testing.T) {
	const stand = "<sip:192.0.2.2:5060;transport=tcp;lr>; <sip:core.example;lr>"
	for name, script := range map[string]func(w *town, p *peer){
		"a BYE that nobody answered": func(w *town, p *peer) {
			w.line.End("our-call", 0)
			p.request("BYE")
			w.die(p)
			p = w.at(second)
			bye := p.request("BYE")
			has(w.T, bye, "Route", stand)
			p.reply(bye, 200, "")
			skip[phone.DialogEnded](w)
		},
		"hanging up afterwards": func(w *town, p *peer) {
			w.die(p)
			skip[phone.TransportDown](w)
			w.line.End("our-call", 0)
			p = w.at(second)
			has(w.T, p.request("BYE"), "Route", stand)
			began := time.Now()
			skip[phone.DialogEnded](w)
			if d := time.Since(began); d > giveUp {
				w.Errorf("took %v", d)
			}
		},
		"hold that was under way": func(w *town, p *peer) {
			w.line.Reinvite("our-call", []byte(ourSDP))
			p.request("INVITE")
			w.die(p)
			p = w.at(second)
			m := p.request("INVITE")
			has(w.T, m, "Route", stand)
			has(w.T, m, "Contact", "<sip:1001@pipe;transport=tcp>")
			p.reply(m, 200, "their-tag", "Contact: <sip:600@192.0.2.2:5070>", theirSDP)
			has(w.T, p.request("ACK"), "Route", stand)
			if e := skip[phone.ReinviteDone](w); e.Cause != phone.CauseNone {
				w.Errorf("%+v", e)
			}
		},
		"hold on a server that has fallen silent": func(w *town, p *peer) {
			w.line.Reinvite("our-call", []byte(ourSDP))
			p.request("INVITE")
			p = w.at(second)
			m := p.request("INVITE")
			has(w.T, m, "Route", stand)
			p.reply(m, 200, "their-tag", theirSDP)
			skip[phone.ReinviteDone](w)
		},
		"nobody is there for a while": func(w *town, p *peer) {
			w.kill(second, true)
			w.die(p)
			skip[phone.TransportDown](w)
			w.line.Register(time.Hour)
			skip[phone.RegisterDone](w)
			w.noEvent(10 * time.Minute)
			w.kill(first, false)
			w.line.End("our-call", 0)
			has(w.T, w.at(first).request("BYE"), "Route", "<sip:192.0.2.1;transport=tcp;lr;r2=on>; <sip:192.0.2.1:5070;lr;r2=on>; <sip:core.example;lr>")
			skip[phone.DialogEnded](w)
		},
	} {
		t.Run(name, func(t *testing.T) {
			inTown(t, "TCP", func(w *town) {
				p := w.at(first)
				w.registerAt(p)
				w.talkingOut(p, edges)
				script(w, p)
			})
		})
	}
}

func TestACallThatCameOutlivesItsServer(t *testing.T) {
	inTown(t, "TCP", func(w *town) {
		p := w.at(first)
		w.registerAt(p)
		in, _ := w.talkingIn(p, "Record-Route: <sip:192.0.2.1;transport=tcp;lr;r2=on>, <sip:192.0.2.1:5070;lr;r2=on>, <sip:core.example;lr>")
		w.die(p)
		w.line.End(in.Dialog, 0)
		has(t, w.at(second).request("BYE"), "Route", "<sip:192.0.2.2:5060;transport=tcp;lr>; <sip:core.example;lr>")
	})
}

// TestWhoCalledThroughADeadServerIsGone: our answer would never reach him, and his next try comes through the other one.
func TestWhoCalledThroughADeadServerIsGone(t *testing.T) {
	inTown(t, "TCP", func(w *town) {
		p := w.at(first)
		w.registerAt(p)
		p.send(invite("first", theirSDP))
		p.response(100, "INVITE")
		in := event[phone.InviteIn](w.stage)
		w.die(p)
		skip[phone.TransportDown](w)
		w.line.Register(time.Hour)
		p = w.at(second)
		if e := skip[phone.DialogEnded](w); e.Dialog != in.Dialog || e.Cause != phone.CauseConnection {
			t.Errorf("%+v", e)
		}
		w.registerAt(p)
		p.send(strings.Replace(invite("second", theirSDP), "CSeq: 1 ", "CSeq: 2 ", 1))
		p.response(100, "INVITE")
		event[phone.InviteIn](w.stage)
	})
}

func TestRoutesThatAreNotTheDeadServersStay(t *testing.T) {
	for _, route := range []string{"<sip:edge.example;lr>", "<sip:192.0.2.1:5070;lr>", "<sip:192.0.2.7;lr>", ""} {
		t.Run(route, func(t *testing.T) {
			inTown(t, "TCP", func(w *town) {
				p := w.at(first)
				w.registerAt(p)
				w.talkingOut(p, "Record-Route: "+route)
				w.die(p)
				w.line.End("our-call", 0)
				has(t, w.at(second).request("BYE"), "Route", route)
			})
		})
	}
}

// FuzzRoutes: whatever a proxy recorded, a request that goes round it is one that others can read.
func FuzzRoutes(f *testing.F) {
	for _, s := range []string{edges[len("Record-Route: "):], "<sip:192.0.2.1>", "sip:192.0.2.1;lr", "<sips:[2001:db8::1]:0>", "<sip:192.0.2.1:99999;lr>", ",,<"} {
		f.Add(s)
	}
	opened, err := New(Options{}).newLine(anAccount("tcp"), func(phone.SignalEvent) {})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(opened.cancel)
	opened.server.transport, opened.server.target.Addr = "TCP", netip.MustParseAddrPort(second)
	f.Fuzz(func(t *testing.T, recorded string) {
		m := &message{method: "INVITE"}
		m.add("Record-Route", oneLine(recorded))
		d := &dialog{callID: "c", localTag: "l", remoteTag: "r", local: "<sip:a@b>", remote: "<sip:c@d>", target: "sip:c@192.0.2.9",
			routes: m.list("Record-Route"), edge: netip.MustParseAddrPort(first)}
		bye := d.next(opened, "BYE")
		bye.add("Via", "SIP/2.0/TCP x;branch=z9hG4bKx")
		again, err := parseMessage(bye.bytes())
		if looseRouter(parseNameAddr(append(d.routesBy(opened), "<sip:x;lr>")[0]).uri) && err != nil {
			t.Fatalf("%q: %v in %s", recorded, err, bye.bytes())
		}
		if err == nil && (len(again.lines("Route")) > len(d.routes)+1 || again.callID() != "c") {
			t.Errorf("%q: %s", recorded, bye.bytes())
		}
	})
}
