package sipua

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// signedOff wants the connection closed at our own wish: told without a cause, and nothing after it.
func (s *stage) signedOff(p *peer) {
	s.Helper()
	if e := event[phone.TransportDown](s); e.Cause != phone.CauseNone || e.Err != nil {
		s.Errorf("%+v", e)
	}
	select {
	case m, open := <-p.in:
		if open {
			s.Errorf("instead of the end: %s", m.bytes())
		}
	case <-time.After(time.Minute):
		s.Error("the connection is still open")
	}
	s.noEvent(time.Hour)
}

// departures leave a server in different states.
var departures = map[string]func(s *stage, p *peer){
	"nothing under way": func(s *stage, p *peer) {
		s.line.Disconnect()
		s.signedOff(p)
	},
	"the un-REGISTER is answered first": func(s *stage, p *peer) {
		s.line.Unregister()
		m := p.request("REGISTER")
		s.line.Disconnect()
		p.quiet(time.Second)
		p.reply(m, 200, "r")
		s.registered()
		s.signedOff(p)
	},
	"a call keeps the connection until it ends": func(s *stage, p *peer) {
		s.talkingOut(p)
		s.line.Disconnect()
		p.quiet(time.Minute)
		s.line.End("our-call", 0)
		p.reply(p.request("BYE"), 200, "")
		event[phone.DialogEnded](s)
		s.signedOff(p)
	},
	"a ringing call, too": func(s *stage, p *peer) {
		p.send(invite("x", theirSDP))
		p.response(100, "INVITE")
		in := event[phone.InviteIn](s)
		s.line.Disconnect()
		p.quiet(time.Second)
		s.line.End(in.Dialog, 486)
		p.response(486, "INVITE")
		event[phone.DialogEnded](s)
		s.signedOff(p)
	},
	"a BYE of a broken dialog has its time": func(s *stage, p *peer) {
		s.talkingOut(p)
		s.line.Reinvite("our-call", []byte(ourSDP))
		p.reply(p.request("INVITE"), 481, "")
		p.request("ACK")
		bye := p.request("BYE")
		event[phone.ReinviteDone](s)
		event[phone.DialogEnded](s)
		s.line.Disconnect()
		p.quiet(500 * time.Millisecond)
		p.reply(bye, 481, "")
		s.signedOff(p)
	},
	"a question whether the server lives is left alone": func(s *stage, p *peer) {
		p.mute.Store(true)
		p.request("OPTIONS")
		s.line.Disconnect()
		s.signedOff(p)
	},
	"registering anew takes it back": func(s *stage, p *peer) {
		s.talkingOut(p)
		s.line.Disconnect()
		s.line.Register(time.Hour)
		p.reply(p.request("REGISTER"), 200, "r")
		s.registered()
		s.line.End("our-call", 0)
		p.reply(p.request("BYE"), 200, "")
		event[phone.DialogEnded](s)
		s.noEvent(time.Second)
	},
	"registering afterwards connects anew": func(s *stage, _ *peer) {
		s.line.Disconnect()
		event[phone.TransportDown](s)
		synctest.Wait()
		s.line.Register(time.Hour)
		p := s.accept()
		event[phone.TransportUp](s)
		p.reply(p.request("REGISTER"), 200, "r")
		s.registered()
	},
	"one that is being dialled for a call that is gone": func(s *stage, p *peer) {
		p.raw.Close()
		event[phone.TransportDown](s)
		through, dial := make(chan struct{}), s.line.agent.dial
		s.line.agent.dial = func(ctx context.Context, to server) (*conn, error) { <-through; return dial(ctx, to) }
		s.line.Invite(phone.InviteOut{Dialog: "our-call", Target: "sip:600@pbx.example", SDP: []byte(ourSDP)})
		s.line.End("our-call", 0)
		event[phone.DialogEnded](s)
		s.line.Disconnect()
		close(through)
		p = s.accept()
		event[phone.TransportUp](s)
		s.signedOff(p)
	},
	"without a connection there is nothing to tell": func(s *stage, p *peer) {
		p.raw.Close()
		event[phone.TransportDown](s)
		s.line.Disconnect()
		s.noEvent(time.Hour)
	},
}

func TestADisconnectedLineClosesItsConnectionWhenNothingNeedsIt(t *testing.T) {
	for name, script := range departures {
		t.Run(name, func(t *testing.T) {
			inMemory(t, anAccount("tcp"), func(s *stage) { script(s, s.register()) })
		})
	}
}
