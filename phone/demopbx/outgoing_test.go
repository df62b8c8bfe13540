package demopbx

import (
	"errors"
	"strings"
	"testing"
)

func TestThePBXCallsAUser(t *testing.T) {
	p, _ := start(t, nil)
	c := caller(t, p, "UDP")
	t.Run("who answers and hangs up", func(t *testing.T) {
		call, err := p.CallUser(within(t), "1001", "600", "600")
		if err != nil {
			t.Fatal(err)
		}
		invite := c.incoming("INVITE")
		c.respond(invite, 200, offerSDP)
		c.incoming("ACK")
		if err := call.Answered(within(t)); err != nil || call.Status() != 200 {
			t.Fatal(err, call.Status())
		}
		go func() {
			re := c.incoming("INVITE")
			c.respond(re, 200, offerSDP)
		}()
		if status, err := call.Reinvite(within(t)); err != nil || status != 200 {
			t.Fatalf("re-INVITE: %d %v", status, err)
		}
		from := invite.From()
		bye := c.build("BYE", invite.Contact().Address.String(), from.Value(), 77, "")
		bye.From().Params.Add("tag", "callee-tag")
		*bye.CallID() = *invite.CallID()
		c.send(bye)
		if res := c.final(bye); res.StatusCode != 200 {
			t.Errorf("BYE: %d", res.StatusCode)
		}
		<-call.Ended()
	})
	t.Run("who refuses", func(t *testing.T) {
		call, err := p.CallUser(within(t), "1001", "600", "602")
		if err != nil {
			t.Fatal(err)
		}
		c.respond(c.incoming("INVITE"), 486, "")
		c.incoming("ACK")
		if err := call.Answered(within(t)); err == nil || call.Status() != 486 {
			t.Error(err, call.Status())
		}
	})
	t.Run("and gives up", func(t *testing.T) {
		call, err := p.CallUser(within(t), "1001", "600", "602")
		if err != nil {
			t.Fatal(err)
		}
		invite := c.incoming("INVITE")
		c.respond(invite, 180, "")
		eventually(t, "180 arrived", func() bool {
			seen := p.Seen()
			return seen[len(seen)-1].Status == 180
		})
		call.Hangup()
		c.respond(c.incoming("CANCEL"), 200, "")
		c.respond(invite, 200, offerSDP) // it crossed
		c.incoming("ACK")
		c.respond(c.incoming("BYE"), 200, "")
	})
}

func TestThePBXCannotCallWhoIsNotThere(t *testing.T) {
	p, _ := start(t, nil)
	if _, err := p.CallUser(within(t), "1003", "600", "602"); !errors.Is(err, ErrNotRegistered) {
		t.Error(err)
	}
}

func TestAPartyFollowsATransfer(t *testing.T) {
	p, _ := start(t, nil)
	c := caller(t, p, "WS")
	other := newPhone(t, p, 1, "TCP")
	other.registered()
	dialog := c.called("602")
	refer := c.within(dialog, "REFER", "", "Refer-To: <sip:1002@"+loopback+">")
	c.send(refer)
	if res := c.final(refer); res.StatusCode != 202 {
		t.Fatal(res.StatusCode)
	}
	invite := other.incoming("INVITE")
	other.respond(invite, 200, offerSDP)
	for _, want := range []string{"100", "200"} {
		notify := c.incoming("NOTIFY")
		c.respond(notify, 200, "")
		if !strings.Contains(string(notify.Body()), want) {
			t.Errorf("NOTIFY: %s", notify.Body())
		}
	}
}

func TestAPartyThatIsSentToAServiceTellsHowItWent(t *testing.T) {
	p, _ := start(t, nil)
	c := caller(t, p, "WS")
	for target, want := range map[string]string{"601": "200", "603": "486", "605": "603", "999": "404",
		"602?Replaces=nothing%3Bto-tag%3Dx%3Bfrom-tag%3Dy": "481", "604": "180"} {
		user, headers, _ := strings.Cut(target, "?")
		if headers != "" {
			headers = "?" + headers
		}
		dialog := c.called("602")
		refer := c.within(dialog, "REFER", "", "Refer-To: <sip:"+user+"@"+loopback+headers+">")
		c.send(refer)
		c.final(refer)
		for _, want := range []string{"100", want} {
			notify := c.incoming("NOTIFY")
			c.respond(notify, 200, "")
			if !strings.Contains(string(notify.Body()), want) {
				t.Errorf("%s, NOTIFY: %s, want %s", target, notify.Body(), want)
			}
		}
		bye := c.within(dialog, "BYE", "")
		c.send(bye)
		c.final(bye)
	}
}

func TestACallersNumberCannotChangeAHeader(t *testing.T) {
	p, _ := start(t, nil)
	caller(t, p, "WS")
	for _, from := range []string{"1\r\nX: y", "a@b", "<x>", "a;b", "a b"} {
		if _, err := p.CallUser(within(t), "1001", from, "602"); err == nil {
			t.Errorf("%q was taken", from)
		}
	}
}

func TestAnAttendedTransferReplacesACallWithThePBX(t *testing.T) {
	p, fake := start(t, nil)
	a, b := caller(t, p, "WS"), newPhone(t, p, 1, "UDP")
	b.registered()
	dialog := a.called("601")
	first := fake.last(t)
	replaces := "Replaces: " + dialog.CallID().Value() + ";to-tag=" + tag(dialog.To().Params) + ";from-tag=" + a.fromTag

	stranger := b.invite("601", offerSDP, "Replaces: nothing;to-tag=x;from-tag=y")
	res := b.final(stranger)
	b.ack(stranger, res)
	if res.StatusCode != 481 {
		t.Errorf("replacing nothing: %d", res.StatusCode)
	}

	invite := b.invite("601", offerSDP, replaces, "Require: replaces")
	res = b.final(invite)
	b.ack(invite, res)
	if res.StatusCode != 200 {
		t.Fatalf("%d %s", res.StatusCode, res.Reason)
	}
	a.respond(a.incoming("BYE"), 200, "")
	eventually(t, "the first call's media is closed", first.isClosed)
	if own, _ := p.Calls(); own != 1 {
		t.Errorf("%d calls", own)
	}
}

func TestATransferredPartyReplacesTheConsultation(t *testing.T) {
	p, _ := start(t, nil)
	a, b := caller(t, p, "WS"), newPhone(t, p, 1, "TCP")
	b.registered()
	dialog := a.called("601")
	target := strings.Trim(b.contact, "<>") + "?Replaces=abc%3Bto-tag%3Dx%3Bfrom-tag%3Dy"
	a.send(a.within(dialog, "REFER", "", "Refer-To: <"+target+">"))
	invite := b.incoming("INVITE")
	if got := invite.GetHeader("Replaces"); got == nil || got.Value() != "abc;to-tag=x;from-tag=y" {
		t.Errorf("Replaces: %v", got)
	}
}
