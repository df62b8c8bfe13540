package sipua

import (
	"strconv"
	"strings"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

// ipv6 makes a message of RFC 5118: its start line, its Via lines, and what else there is; CSeq and Call-ID are those of the RFC.
func ipv6(method, uri, vias, more, body string) string {
	m := method + " " + uri + " SIP/2.0\nTo: sip:user@example.com\nFrom: sip:user@example.com;tag=81x2\n" + vias +
		"\nCall-ID: SSG9559905523997077@hlau_4100\nMax-Forwards: 70\nCSeq: 98176 " + method + "\n" + more
	if body != "" {
		m += "Content-Type: application/sdp\n"
	}
	return strings.ReplaceAll(m, "\n", "\r\n") + "\r\n" + strings.ReplaceAll(body, "\n", "\r\n")
}

const (
	viaSix  = "Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111"
	atSix   = "Contact: \"Caller\" <sip:caller@[2001:db8::1]>\n"
	sdpHead = "v=0\no=assistant 971731711378798081 0 IN IP6 2001:db8::20\ns=Live video feed for today's meeting\nc=IN IP6 2001:db8::20\nt=3338481189 3370017201\n"
)

// TestIPv6TortureMessages sends RFC 5118 through the receive path. 405: read, though we are no registrar; 481: read, though there
// is no such call.
func TestIPv6TortureMessages(t *testing.T) {
	for name, c := range map[string]struct {
		message string
		want    int
	}{
		"4.1 valid":                           {ipv6("REGISTER", "sip:[2001:db8::10]", viaSix, atSix, ""), 405},
		"4.2 no brackets":                     {ipv6("REGISTER", "sip:2001:db8::10", viaSix, atSix, ""), 400},
		"4.3 a port that is none":             {ipv6("REGISTER", "sip:[2001:db8::10:5070]", viaSix, atSix, ""), 405},
		"4.4 a port":                          {ipv6("REGISTER", "sip:[2001:db8::10]:5070", viaSix, atSix, ""), 405},
		"4.5 received with brackets":          {ipv6("BYE", "sip:[2001:db8::10]", viaSix+";received=[2001:db8::9:255]", "", ""), 481},
		"4.5 received without":                {ipv6("BYE", "sip:[2001:db8::10]", viaSix+";received=2001:db8::9:255", "", ""), 481},
		"4.6 in SDP":                          {ipv6("INVITE", "sip:user@[2001:db8::10]", viaSix, atSix, sdpHead+"m=audio 6000 RTP/AVP 2\n"), 100},
		"4.7 many in Via":                     {ipv6("BYE", "sip:user@host.example.net", "Via: SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bKas3-111\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKjhja8781hjuaij65144\nVia: SIP/2.0/TCP [2001:db8::9:255];branch=z9hG4bK451jj;received=192.0.2.200", "", ""), 481},
		"4.8 many in SDP":                     {ipv6("INVITE", "sip:user@[2001:db8::10]", viaSix, atSix, sdpHead+"m=audio 6000 RTP/AVP 2\nc=IN IP4 192.0.2.1\n"), 100},
		"4.9 mapped from IPv4":                {ipv6("INVITE", "sip:user@example.com", "Via: SIP/2.0/UDP [::ffff:192.0.2.10]:19823;branch=z9hG4bKbh19", "Contact: \"T. desk phone\" <sip:ted@[::ffff:192.0.2.2]>\n", strings.ReplaceAll(sdpHead, "2001:db8::20", "::ffff:192.0.2.2")+"m=audio 49217 RTP/AVP 0 12\n"), 100},
		"4.10 three colons":                   {ipv6("OPTIONS", "sip:user@[2001:db8:::192.0.2.1]", viaSix, "Contact: <sip:user@[2001:db8:::192.0.2.2]>\n", ""), 200},
		"4.10 two colons":                     {ipv6("OPTIONS", "sip:user@[2001:db8::192.0.2.1]", viaSix, "Contact: <sip:user@[2001:db8::192.0.2.2]>\n", ""), 200},
		"beyond it: no end of the brackets":   {ipv6("OPTIONS", "sip:user@[2001:db8::1", viaSix, "", ""), 400},
		"beyond it: a zone":                   {ipv6("OPTIONS", "sip:user@[fe80::1%25eth0]", viaSix, "", ""), 400},
		"beyond it: nothing in the brackets":  {ipv6("OPTIONS", "sip:user@[]", viaSix, "", ""), 400},
		"beyond it: more behind the brackets": {ipv6("OPTIONS", "sip:user@[2001:db8::1]x", viaSix, "", ""), 400},
	} {
		t.Run(name, func(t *testing.T) {
			inMemory(t, anAccount("tcp"), func(s *stage) {
				p := s.register()
				size := 0
				if _, body, found := strings.Cut(c.message, "\r\n\r\n"); found {
					size = len(body)
				}
				p.send(strings.Replace(c.message, "\r\nMax-Forwards", "\r\nContent-Length: "+strconv.Itoa(size)+"\r\nMax-Forwards", 1))
				r := p.next("an answer")
				if r.status != c.want {
					t.Errorf("%d, want %d: %s", r.status, c.want, r.bytes())
				}
				if vias := strings.Count(c.message, "Via:"); len(r.list("Via")) != vias {
					t.Errorf("%s", r.bytes())
				}
			})
		})
	}
}

// TestACallFromAnIPv6Address: what follows in the call goes where its Contact and its route point.
func TestACallFromAnIPv6Address(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		p := s.register()
		p.send(theirs("INVITE", 1, "x", "", theirSDP, "Contact: <sip:600@[2001:db8::2]:5070>", "Record-Route: <sip:[2001:db8::1]:5061;lr>"))
		p.response(100, "INVITE")
		in := event[phone.InviteIn](s)
		s.line.Answer(in.Dialog, []byte(ourSDP))
		p.send(theirs("ACK", 1, "a", p.response(200, "INVITE").toTag(), ""))
		event[phone.Acked](s)
		s.line.End(in.Dialog, 0)
		bye := p.request("BYE")
		if bye.uri != "sip:600@[2001:db8::2]:5070" || bye.get("Route") != "<sip:[2001:db8::1]:5061;lr>" {
			t.Errorf("%s", bye.bytes())
		}
	})
}
