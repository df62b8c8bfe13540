package sipua

import (
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// TestFormsOfMessages: the same INVITE as different stacks write it (RFC 3261 §7.3).
func TestFormsOfMessages(t *testing.T) {
	plain := invite("x", theirSDP, "Supported: timer", "Session-Expires: 600;refresher=uas")
	multipart := invite("x", "preamble\r\n--b1\r\nContent-Type: application/resource-lists+xml\r\n\r\n<x/>\r\n--b1\r\n"+
		"Content-Type: application/sdp\r\nContent-Disposition: session\r\n\r\n"+theirSDP+"\r\n--b1--\r\n",
		"Supported: timer", "Session-Expires: 600;refresher=uas", `Content-Type: multipart/mixed; boundary="b1"`)
	for name, text := range map[string]string{
		"plain": plain,
		"compact": strings.NewReplacer("Via:", "v:", "From:", "f:", "To:", "t:", "Call-ID:", "i:", "Contact:", "m:", "Content-Type:", "c:",
			"Content-Length:", "l:", "Supported:", "k:", "Session-Expires:", "x:").Replace(plain),
		"folded":                    strings.NewReplacer(";branch=", "\r\n ;branch=", ";tag=", "\r\n\t;tag=", "Call-ID: ", "Call-ID:\r\n  ", ";refresher", " \r\n ;refresher").Replace(plain),
		"capitals and blanks":       strings.NewReplacer("Via:", "VIA  :", "From:", "from\t:", "Content-Length:", "CONTENT-LENGTH :", "Session-Expires:", "session-EXPIRES :").Replace(plain),
		"several parts":             multipart,
		"an empty line before it":   "\r\n" + plain,
		"headers that nobody knows": strings.Replace(plain, "Via:", "X-Long: "+strings.Repeat("x", 20000)+"\r\nVia:", 1),
	} {
		t.Run(name, func(t *testing.T) {
			inMemory(t, anAccount("tcp"), func(s *stage) {
				p := s.register()
				p.send(text)
				p.response(100, "INVITE")
				in := event[phone.InviteIn](s)
				if string(in.SDP) != theirSDP || in.From.Number != "600" || in.From.Name != "Alice" || in.SIPCallID != "their-call" {
					t.Errorf("%+v", in)
				}
				s.line.Answer(in.Dialog, []byte(ourSDP))
				has(t, p.response(200, "INVITE"), "Session-Expires", "600;refresher=uas")
			})
		})
	}
}

func TestABodyOf64KiBArrives(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		p := s.register()
		sdp := theirSDP + strings.Repeat("a=x:"+strings.Repeat("y", 58)+"\r\n", 1024)
		text := invite("x", sdp)
		go func() {
			for len(text) > 0 {
				n := min(len(text), 1460)
				_, _ = p.raw.Write([]byte(text[:n]))
				text = text[n:]
			}
		}()
		p.response(100, "INVITE")
		if in := event[phone.InviteIn](s); string(in.SDP) != sdp {
			t.Errorf("%d of %d bytes", len(in.SDP), len(sdp))
		}
	})
}

// TestUDPKeepAlive: a NAT forgets who is silent (RFC 5626 §3.5.1, here by CRLF).
func TestUDPKeepAlive(t *testing.T) {
	inMemory(t, anAccount("udp"), func(s *stage) {
		s.line.Register(time.Hour)
		raw := <-s.conns
		s.peer = &peer{T: t, raw: raw}
		buffer := make([]byte, 4096)
		n, err := raw.Read(buffer)
		if err != nil {
			t.Fatal(err)
		}
		m, err := parseMessage(buffer[:n])
		if err != nil {
			t.Fatal(err)
		}
		s.peer.reply(m, 200, "r")
		event[phone.TransportUp](s)
		s.registered()
		began := time.Now()
		for pings := 0; pings < 3; {
			n, err := raw.Read(buffer)
			if m, unreadable := parseMessage(buffer[:n]); err == nil && unreadable == nil && m.method == "OPTIONS" {
				s.peer.reply(m, 404, "o")
				continue
			}
			if pings++; err != nil || string(buffer[:n]) != "\r\n\r\n" {
				t.Fatalf("%q %v", buffer[:n], err)
			}
		}
		if took := time.Since(began); took != 3*keepAliveEvery {
			t.Errorf("three keep-alives took %v", took)
		}
	})
}
