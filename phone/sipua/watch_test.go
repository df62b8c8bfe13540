package sipua

import (
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// TestAServerThatFallsSilentIsLeft: no connection breaks, nothing comes any more. The time is from its last word until we
// give it up.
func TestAServerThatFallsSilentIsLeft(t *testing.T) {
	for transport, limit := range map[string]time.Duration{"UDP": askUDP + askLimit, "TCP": askStream + askLimit} {
		t.Run(transport, func(t *testing.T) {
			inTown(t, transport, func(w *town) {
				p := w.at(first)
				w.registerAt(p)
				time.Sleep(10 * time.Minute)
				for len(w.events) > 0 {
					t.Errorf("%+v", <-w.events)
				}
				p.mute.Store(true)
				began := time.Now()
				down := skip[phone.TransportDown](w)
				t.Logf("noticed after %v", time.Since(began))
				if d := time.Since(began); !errors.Is(down.Err, errNoAnswer) || d > limit+watchEvery {
					t.Errorf("after %v: %v", d, down.Err)
				}
				w.line.Register(time.Hour)
				w.registerAt(w.at(second))
			})
		})
	}
}

// TestAServerThatAnswersNoOPTIONSIsNotBlamed: a REGISTER asks once, and then it is left in peace.
func TestAServerThatAnswersNoOPTIONSIsNotBlamed(t *testing.T) {
	for _, transport := range []string{"UDP", "TCP"} {
		t.Run(transport, func(t *testing.T) {
			inTown(t, transport, func(w *town) {
				p := w.at(first)
				p.mute.Store(true)
				w.registerAt(p)
				for {
					m := p.next("OPTIONS, then REGISTER")
					if m.method == "REGISTER" {
						p.reply(m, 200, "r")
						break
					}
				}
				skip[phone.RegisterDone](w)
				p.quiet(29 * time.Minute)
				w.noEvent(time.Second)
				w.empty(second)
			})
		})
	}
}

// TestAServerThatAnswersKeepAlivesIsNotAsked: its CRLF says all.
func TestAServerThatAnswersKeepAlivesIsNotAsked(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		p := s.register()
		p.mute.Store(true)
		time.Sleep(time.Second) // an answer comes after what it answers
		for range 20 {
			time.Sleep(keepAliveEvery)
			p.send("\r\n")
		}
		if len(p.in) > 0 {
			t.Errorf("%s", (<-p.in).bytes())
		}
	})
}

// aMachine is where a line runs: its address on the way to the server, and its clock.
type aMachine struct {
	address string // "": there is no way
	ahead   time.Duration
}

// onMachine runs a test with a registered line.
func onMachine(t *testing.T, transport string, script func(s *stage, p *peer, m *aMachine)) {
	t.Helper()
	inMemory(t, anAccount(transport), func(s *stage) {
		m := &aMachine{address: "192.0.2.50"}
		s.line.agent.source = func(net.Conn) (netip.Addr, error) { return netip.ParseAddr(m.address) }
		s.line.agent.wall = func() time.Time { return wallClock().Add(m.ahead) }
		script(s, s.register(), m)
	})
}

// set changes the machine in the owner's own time.
func (s *stage) set(m *aMachine, is aMachine) {
	done := make(chan struct{})
	s.line.box.put(func() { *m = is; close(done) })
	<-done
}

func TestANetworkThatChangedIsNoticed(t *testing.T) {
	for name, c := range map[string]struct {
		before, after string
		moved         bool
	}{
		"another network":               {"192.0.2.50", "198.51.100.7", true},
		"another address of the same":   {"192.0.2.50", "192.0.2.51", true},
		"IPv4 gone":                     {"192.0.2.50", "2001:db8::1", true},
		"another IPv6 network":          {"2001:db8::1", "2001:db8:0:1::1", true},
		"the next privacy address":      {"2001:db8::1", "2001:db8::2", false},
		"no way for a moment":           {"192.0.2.50", "", false},
		"nothing was known that can be": {"", "192.0.2.50", false},
	} {
		t.Run(name, func(t *testing.T) {
			onMachine(t, "tcp", func(s *stage, p *peer, m *aMachine) {
				s.set(m, aMachine{address: c.before})
				p.raw.Close() // so that it is so from the beginning
				event[phone.TransportDown](s)
				s.register()
				s.set(m, aMachine{address: c.after})
				if !c.moved {
					s.noEvent(time.Minute)
					return
				}
				began := time.Now()
				if down := event[phone.TransportDown](s); !errors.Is(down.Err, errMoved) || time.Since(began) > watchEvery {
					t.Errorf("after %v: %v", time.Since(began), down.Err)
				}
				s.register()
			})
		})
	}
}

// TestTheFarEndLearnsWhereWeMoved: by UPDATE where it takes that, else by our description once more.
func TestTheFarEndLearnsWhereWeMoved(t *testing.T) {
	for method, allows := range map[string]string{"UPDATE": takesUpdate, "INVITE": "Allow: INVITE, ACK, BYE"} {
		onMachine(t, "tcp", func(s *stage, p *peer, m *aMachine) {
			s.talkingOut(p, allows)
			s.set(m, aMachine{address: "198.51.100.7"})
			event[phone.TransportDown](s)
			p = s.register()
			told := p.request(method)
			if told.get("Contact") == "" || told.toTag() != "their-tag" {
				t.Errorf("%s", told.bytes())
			}
			p.reply(told, 200, "their-tag", allows, "Contact: <sip:600@192.0.2.2:5070>", theirSDP)
			if method == "INVITE" {
				p.request("ACK")
			}
			p.quiet(time.Minute)
			s.noEvent(time.Second)
		})
	}
}

func TestASleepIsNoticed(t *testing.T) {
	for _, transport := range []string{"tcp", "udp"} {
		t.Run("the server still knows us "+transport, func(t *testing.T) {
			onMachine(t, transport, func(s *stage, p *peer, m *aMachine) {
				s.set(m, aMachine{m.address, time.Hour})
				began := time.Now()
				p.reply(p.request("REGISTER"), 200, "r")
				if s.registered(); time.Since(began) > watchEvery {
					t.Errorf("after %v", time.Since(began))
				}
				p.quiet(time.Minute)
				s.noEvent(time.Second)
			})
		})
		t.Run("the connection did not survive "+transport, func(t *testing.T) {
			onMachine(t, transport, func(s *stage, p *peer, m *aMachine) {
				p.mute.Store(true)
				s.set(m, aMachine{m.address, time.Hour})
				began := time.Now()
				if down := event[phone.TransportDown](s); time.Since(began) > watchEvery+doubtLimit {
					t.Errorf("after %v: %v", time.Since(began), down.Err)
				}
				if done := event[phone.RegisterDone](s); done.Cause != phone.CauseConnection {
					t.Errorf("%+v", done)
				}
				s.register()
			})
		})
	}
	t.Run("a clock that is set right is no sleep", func(t *testing.T) {
		onMachine(t, "tcp", func(s *stage, p *peer, m *aMachine) {
			s.set(m, aMachine{m.address, asleep / 2})
			p.quiet(time.Minute)
		})
	})
}
