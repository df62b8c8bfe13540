package sipua

import (
	"net"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// free is an address on loopback that nobody listens at.
func free(t *testing.T) string {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.LocalAddr().String()
}

// TestWithoutARegistrar, on real sockets: nothing is sent before a call, and we are found where the account says that we listen.
func TestWithoutARegistrar(t *testing.T) {
	server, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	account := anAccount("udp")
	account.Server, account.Direct, account.Listen, account.Secret = "udp:"+server.LocalAddr().String(), true, free(t), phone.Secret{}
	s, l := onLoopback(t, Options{}, account)
	l.Register(time.Hour)
	event[phone.TransportUp](s)
	if e := s.registered(); e.Cause != phone.CauseNone || e.Status != 0 {
		t.Errorf("%+v", e)
	}
	us, err := net.ResolveUDPAddr("udp4", account.Listen)
	if err != nil {
		t.Fatal(err)
	}
	read := func() *message {
		t.Helper()
		buffer := make([]byte, 64<<10)
		_ = server.SetReadDeadline(time.Now().Add(10 * time.Second))
		n, from, err := server.ReadFrom(buffer)
		if err != nil || from.String() != account.Listen {
			t.Fatalf("%v from %v", err, from)
		}
		m, err := parseMessage(buffer[:n])
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	if _, err := server.WriteTo([]byte(invite("in", theirSDP)), us); err != nil {
		t.Fatal(err)
	}
	if m := read(); m.status != 100 { // and no REGISTER before it
		t.Fatalf("%s", m.bytes())
	}
	l.End(event[phone.InviteIn](s).Dialog, 486)
	if m := read(); m.status != 486 {
		t.Fatalf("%s", m.bytes())
	}
	if _, err := server.WriteTo([]byte(theirs("ACK", 1, "in", "", "")), us); err != nil {
		t.Fatal(err)
	}
	l.Invite(anInvite())
	for m := read(); m.method != "INVITE"; m = read() {
		if m.isRequest() {
			t.Fatalf("%s", m.bytes())
		}
	}
}

func TestALocalPortThatIsTakenIsTold(t *testing.T) {
	taken, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	account := anAccount("udp")
	account.Server, account.Direct, account.Listen = "udp:127.0.0.1:9", true, taken.LocalAddr().String()
	s, l := onLoopback(t, Options{}, account)
	l.Register(time.Hour)
	event[phone.TransportDown](s)
	if e := s.registered(); e.Cause != phone.CauseConnection || e.Err == nil {
		t.Errorf("%+v", e)
	}
}

// TestWithoutARegistrarOverAStream: the connection is opened before a call, so that who is called finds us on it.
func TestWithoutARegistrarOverAStream(t *testing.T) {
	account := anAccount("tcp")
	account.Direct = true
	inMemory(t, account, func(s *stage) {
		s.line.Register(time.Hour)
		p := s.accept()
		event[phone.TransportUp](s)
		s.registered()
		p.quiet(2 * time.Hour)
		m := s.talkingOut(p)
		if m.get("Authorization") != "" {
			t.Errorf("%s", m.bytes())
		}
		s.line.End("our-call", 0)
		p.reply(p.request("BYE"), 200, "")
		event[phone.DialogEnded](s)
	})
}
