package demopbx

import (
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
)

// talk connects 1001 and 1002 through the PBX and returns the dialog as each side knows it.
func talk(t *testing.T, a, b *phoneClient) (dialog *sip.Response, invite *sip.Request) {
	t.Helper()
	req := a.invite("1002", offerSDP)
	invite = b.incoming("INVITE")
	b.respond(invite, 180, "")
	a.status(req, 180)
	b.respond(invite, 200, offerSDP)
	dialog = a.status(req, 200)
	a.ack(req, dialog)
	b.incoming("ACK")
	return dialog, invite
}

// reverse makes a request of the called side.
func reverse(c *phoneClient, invite *sip.Request, method, body string) *sip.Request {
	c.t.Helper()
	c.seq += 100
	var routes []string
	for _, h := range invite.GetHeaders("Record-Route") {
		routes = append(routes, "Route: "+h.Value())
	}
	req := c.build(method, invite.Contact().Address.String(), invite.From().Value(), c.seq, body, routes...)
	req.From().Params.Add("tag", "callee-tag")
	*req.CallID() = *invite.CallID()
	return req
}

func TestExtensionsCallEachOtherAcrossTransports(t *testing.T) {
	for _, pair := range [][2]string{{"WS", "UDP"}, {"UDP", "WSS"}, {"TCP", "WS"}} {
		t.Run(pair[0]+" to "+pair[1], func(t *testing.T) {
			p, _ := start(t, nil)
			a, b := newPhone(t, p, 0, pair[0]), newPhone(t, p, 1, pair[1])
			a.registered()
			b.registered()
			dialog, invite := talk(t, a, b)

			if got := invite.GetHeader("P-Asserted-Identity"); got == nil || !strings.Contains(got.Value(), "sip:1001@") {
				t.Errorf("P-Asserted-Identity: %v", got)
			}
			if invite.GetHeader("Proxy-Authorization") != nil {
				t.Error("the caller's credentials were passed on")
			}
			if rr := dialog.RecordRoute(); rr == nil || !strings.Contains(rr.Value(), p.Address(pair[0])) {
				t.Errorf("Record-Route towards the caller: %v", rr)
			}
			if rr := invite.RecordRoute(); rr == nil || !strings.Contains(rr.Value(), p.Address(pair[1])) {
				t.Errorf("Record-Route towards the callee: %v", rr)
			}

			for _, method := range []string{"INFO", "UPDATE", "REFER"} {
				req := a.within(dialog, method, "")
				a.send(req)
				b.respond(b.incoming(sip.RequestMethod(method)), 202, "")
				if res := a.final(req); res.StatusCode != 202 {
					t.Errorf("%s: %d", method, res.StatusCode)
				}
			}
			re := reverse(b, invite, "INVITE", offerSDP)
			b.send(re)
			a.respond(a.incoming("INVITE"), 200, offerSDP)
			if res := b.status(re, 200); len(res.Body()) == 0 {
				t.Error("the answer's SDP was lost")
			}
			ack := reverse(b, invite, "ACK", "")
			ack.CSeq().SeqNo = re.CSeq().SeqNo
			b.send(ack)
			a.incoming("ACK")
			bye := reverse(b, invite, "BYE", "")
			b.send(bye)
			a.respond(a.incoming("BYE"), 200, "")
			if res := b.final(bye); res.StatusCode != 200 {
				t.Errorf("BYE: %d", res.StatusCode)
			}
			if _, between := p.Calls(); between != 0 {
				t.Errorf("%d calls are left", between)
			}
		})
	}
}

func TestACancelReachesTheOtherExtension(t *testing.T) {
	p, _ := start(t, nil)
	a, b := newPhone(t, p, 0, "WS"), newPhone(t, p, 1, "UDP")
	a.registered()
	b.registered()
	req := a.invite("1002", offerSDP)
	invite := b.incoming("INVITE")
	b.respond(invite, 180, "")
	a.status(req, 180)
	cancel := derive(req, sip.CANCEL)
	a.send(cancel)
	if res := a.final(cancel); res.StatusCode != 200 {
		t.Error(res.StatusCode)
	}
	got := b.incoming("CANCEL")
	b.respond(got, 200, "")
	b.respond(invite, 487, "")
	b.incoming("ACK")
	if res := a.final(req); res.StatusCode != 487 {
		t.Error(res.StatusCode)
	}
	if _, between := p.Calls(); between != 0 {
		t.Errorf("%d calls are left", between)
	}
}

func TestARefusalReachesTheCaller(t *testing.T) {
	p, _ := start(t, nil)
	a, b := newPhone(t, p, 0, "WS"), newPhone(t, p, 1, "WS")
	a.registered()
	b.registered()
	req := a.invite("1002", offerSDP)
	b.respond(b.incoming("INVITE"), 603, "")
	res := a.final(req)
	a.ack(req, res)
	if res.StatusCode != 603 {
		t.Error(res.StatusCode)
	}
	b.incoming("ACK")
}

func TestAnExtensionThatIsGoneIsUnavailable(t *testing.T) {
	p, _ := start(t, nil)
	a, b := newPhone(t, p, 0, "WS"), newPhone(t, p, 1, "WS")
	a.registered()
	b.registered()
	req := a.invite("1002", offerSDP)
	b.incoming("INVITE")
	p.DropConnections("1002")
	res := a.final(req)
	a.ack(req, res)
	if res.StatusCode != 408 {
		t.Errorf("while it rang: %d", res.StatusCode)
	}
	again := a.invite("1002", offerSDP)
	res = a.final(again)
	a.ack(again, res)
	if res.StatusCode != 480 {
		t.Errorf("afterwards: %d", res.StatusCode)
	}
}

func TestACallGoesOnOverANewConnection(t *testing.T) {
	p, _ := start(t, nil)
	a, b := newPhone(t, p, 0, "WS"), newPhone(t, p, 1, "WS")
	a.registered()
	b.registered()
	dialog, _ := talk(t, a, b)
	p.DropConnections("1002")
	eventually(t, "binding gone", func() bool { return len(p.Bindings("1002")) == 0 })
	b2 := newPhone(t, p, 1, "WS")
	b2.registered()
	bye := a.within(dialog, "BYE", "")
	a.send(bye)
	b2.respond(b2.incoming("BYE"), 200, "")
	if res := a.final(bye); res.StatusCode != 200 {
		t.Error(res.StatusCode)
	}
}

func TestAStrangerCannotEndSomebodysCall(t *testing.T) {
	p, _ := start(t, nil)
	a, b, thief := newPhone(t, p, 0, "WS"), newPhone(t, p, 1, "WS"), newPhone(t, p, 2, "WS")
	a.registered()
	b.registered()
	thief.registered()
	dialog, _ := talk(t, a, b)
	thief.callID = a.callID
	bye := thief.within(dialog, "BYE", "")
	thief.send(bye)
	if res := thief.final(bye); res.StatusCode != 403 {
		t.Errorf("proxied: %d", res.StatusCode)
	}
	own := a.called("601")
	thief.callID = a.callID
	bye = thief.within(own, "BYE", "")
	thief.send(bye)
	if res := thief.final(bye); res.StatusCode != 403 {
		t.Errorf("with the PBX: %d", res.StatusCode)
	}
}
