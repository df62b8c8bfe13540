package sipua

import (
	"bytes"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// closings end a line in different states.
var closings = map[string]func(s *stage, p *peer){
	"nothing under way": func(s *stage, _ *peer) {
		began := time.Now()
		s.line.Close(time.Minute)
		if d := time.Since(began); d > 0 {
			s.Errorf("took %v", d)
		}
	},
	"a call is ended with BYE": func(s *stage, p *peer) {
		s.talkingOut(p)
		go func() { p.reply(p.request("BYE"), 200, "") }()
		began := time.Now()
		s.line.Close(time.Minute)
		if d := time.Since(began); d > 0 {
			s.Errorf("took %v", d)
		}
		event[phone.DialogEnded](s)
	},
	"a ringing call is refused": func(s *stage, p *peer) {
		p.send(invite("x", theirSDP))
		p.response(100, "INVITE")
		event[phone.InviteIn](s)
		s.line.Close(time.Minute)
		p.response(480, "INVITE")
	},
	"a server that does not answer costs the grace time": func(s *stage, p *peer) {
		s.talkingOut(p)
		began := time.Now()
		s.line.Close(2 * time.Second)
		p.request("BYE")
		if d := time.Since(began); d != 2*time.Second {
			s.Errorf("took %v", d)
		}
	},
	"an unregistration under way is awaited": func(s *stage, p *peer) {
		s.line.Unregister()
		m := p.request("REGISTER")
		go func() {
			time.Sleep(time.Second)
			p.reply(m, 200, "r")
		}()
		began := time.Now()
		s.line.Close(time.Minute)
		if d := time.Since(began); d != time.Second {
			s.Errorf("took %v", d)
		}
		s.registered()
	},
	"nothing is posted afterwards": func(s *stage, p *peer) {
		s.line.Close(0)
		s.line.Register(time.Hour)
		s.line.Invite(anInvite())
		s.line.End("our-call", 0)
		s.line.Close(time.Minute) // twice is harmless
		s.noEvent(time.Hour)
	},
}

// TestClosing: what is under way is ended properly, within the grace time.
func TestClosing(t *testing.T) {
	for name, script := range closings {
		t.Run(name, func(t *testing.T) {
			inMemory(t, anAccount("tcp"), func(s *stage) { script(s, s.register()) })
		})
	}
}

func TestClosingWhileDialling(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	account := anAccount("tcp")
	account.Server = "wss://" + listener.Addr().String() // accepts, but never speaks TLS
	_, l := onLoopback(t, Options{}, account)
	l.Register(time.Hour)
	raw, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	closed := make(chan struct{})
	go func() { l.Close(0); close(closed) }()
	select {
	case <-closed:
	case <-time.After(5 * time.Second):
		t.Fatal("Close waits for the dialling")
	}
}

func TestAFloodOfCallsIsBounded(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		p := s.register()
		refused := 0
		for i := range maxCalls + 10 {
			p.send(strings.Replace(invite(fmt.Sprint("x", i), theirSDP), "their-call", fmt.Sprint("call", i), 1))
			if m := p.next("100 or 503"); m.status == 503 {
				refused++
			}
		}
		if refused != 10 {
			t.Errorf("%d refused", refused)
		}
	})
}

func TestAServerThatStopsReadingIsLost(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		s.line.Register(time.Hour)
		<-s.conns // accepted, never read
		event[phone.TransportUp](s)
		if e := event[phone.TransportDown](s); e.Cause != phone.CauseConnection {
			t.Errorf("%+v", e)
		}
		s.registered()
	})
}

// TestTheTraceHoldsNoSecret runs a registration, a call with keys in its SDP, and digits by INFO.
func TestTheTraceHoldsNoSecret(t *testing.T) {
	var trace bytes.Buffer
	sdp := "v=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:SDESKEY\r\na= crypto :2 AES_CM_128_HMAC_SHA1_80 inline:SDESKEY\r\na=ice-ufrag:ufrag\r\na=ice-pwd:ICEPASSWORD\r\n"
	inMemory(t, anAccount("tcp"), func(s *stage) {
		s.line.agent.tracer.out = &trace
		s.line.Register(time.Hour)
		p := s.accept()
		p.reply(p.request("REGISTER"), 401, "r", shaChallenge)
		event[phone.TransportUp](s)
		m := p.request("REGISTER")
		response := credentialsOf(t, m, "Authorization", password).Response
		p.reply(m, 200, "r")
		s.registered()
		invite := anInvite()
		invite.SDP = []byte(sdp)
		s.line.Invite(invite)
		m = p.request("INVITE")
		p.reply(m, 200, "t", "Contact: <sip:600@192.0.2.2>", sdp)
		p.request("ACK")
		event[phone.Accepted](s)
		s.line.Info("our-call", "application/dtmf-relay", []byte("Signal=7\r\nDuration=100\r\n"))
		p.reply(p.request("INFO"), 200, "")
		synctest.Wait()
		for _, secret := range []string{"SDESKEY", "ICEPASSWORD", "Signal=7", response, `response="` + response[:4]} {
			if strings.Contains(trace.String(), secret) {
				t.Errorf("the trace shows %s", secret)
			}
		}
		for _, kept := range []string{"INVITE sip:600@pbx.example", "a=ice-ufrag:ufrag", "a=crypto:***", `response="***"`, "sent", "received"} {
			if !strings.Contains(trace.String(), kept) {
				t.Errorf("the trace lacks %s", kept)
			}
		}
	})
}

func TestNamesAndNumbersAreFitToBeShown(t *testing.T) {
	for value, want := range map[string]phone.Party{
		`"A \"quoted\" \\ name" <sip:1@h>`:                                            {Name: `A "quoted" \ name`, Number: "1"},
		"Plain Name <sip:1;phone-context=x@h>;tag=1":                                  {Name: "Plain Name", Number: "1"},
		"sip:%2B49%20123@h;user=phone":                                                {Number: "+49 123"},
		"<tel:+49-123;phone-context=h>":                                               {Number: "+49-123"},
		"\"a\u202eb\u0007c\" <sip:%0d%0a1@h>":                                         {Name: "abc", Number: "1"},
		`"` + strings.Repeat("ä", 100) + `" <sip:` + strings.Repeat("1", 200) + `@h>`: {Name: strings.Repeat("ä", 64), Number: strings.Repeat("1", 128)},
		"<sip:host.only>":                                                             {},
		"\xff <sip:1@h>":                                                              {Name: "�", Number: "1"},
		"rubbish":                                                                     {},
	} {
		if got := partyFrom(value); got != want {
			t.Errorf("%q: %+v, want %+v", value, got, want)
		}
	}
}

// BenchmarkInvite measures from the call of Invite to the INVITE's bytes at the server, over TCP on loopback.
func BenchmarkInvite(b *testing.B) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer listener.Close()
	events := make(chan phone.SignalEvent, 1000)
	account := anAccount("tcp")
	account.Server = "tcp:" + listener.Addr().String()
	l, err := New(Options{}).Open(account, func(e phone.SignalEvent) { events <- e })
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close(0)
	l.Register(time.Hour)
	raw, err := listener.Accept()
	if err != nil {
		b.Fatal(err)
	}
	defer raw.Close()
	in := newStream(raw, func([]byte) {})
	read := func() *message {
		data, err := in.next()
		if err != nil {
			b.Fatal(err)
		}
		m, err := parseMessage(data)
		if err != nil {
			b.Fatal(err)
		}
		return m
	}
	raw.Write(responseTo(read(), 200, "r").bytes())
	for range 2 {
		<-events
	}
	sdp := []byte(strings.Repeat("a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n", 60))
	for i := 0; b.Loop(); i++ {
		l.Invite(phone.InviteOut{Dialog: phone.DialogID(fmt.Sprint("c", i)), Target: "sip:600@pbx.example", SDP: sdp})
		m := read()
		b.StopTimer()
		raw.Write(responseTo(m, 486, "t").bytes())
		read()
		<-events
		b.StartTimer()
	}
}
