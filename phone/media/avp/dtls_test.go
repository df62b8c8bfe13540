package avp

import (
	"strings"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/carrier/carriertest"
)

func TestDTLSRunsInEachRole(t *testing.T) {
	f := newFactory(t, Options{})
	for offered, answered := range map[string]string{"actpass": "active", "passive": "active", "active": "passive", "holdconn": "active", "": "active"} {
		t.Run(offered, func(t *testing.T) {
			a, b := newEnd(t, f, phone.MediaDTLS), newEnd(t, f, phone.MediaDTLS)
			says := "a=setup:" + offered + "\r\n"
			if offered == "" {
				says = ""
			}
			offer := strings.Replace(a.Offer(phone.MediaWish{}), "a=setup:actpass\r\n", says, 1)
			answer, _ := b.Answer(offer, phone.MediaWish{})
			if got := line(t, answer, "a=setup:"); got != answered {
				t.Fatalf("%q is answered by %q", offered, got)
			}
			a.Remote(answer)
			carriertest.Send(a, b, 111, "there")
			carriertest.Send(b, a, 111, "and back")
			// The roles stay in the next exchange, whoever makes it.
			again := a.Offer(phone.MediaWish{})
			second, _ := b.Answer(again, phone.MediaWish{})
			if got := line(t, second, "a=setup:"); got != answered {
				t.Errorf("the role became %q", got)
			}
			a.Remote(second)
			carriertest.Send(a, b, 111, "still there")
		})
	}
}

func TestAnAssociationGoesOnUntilAFarEndThatTookTheClientsRoleBeginsAnother(t *testing.T) {
	f := newFactory(t, Options{})
	nameless := func(sdp string) string {
		return strings.Replace(sdp, "a=tls-id:"+line(t, sdp, "a=tls-id:")+"\r\n", "", 1)
	}
	theirs, ours := newEnd(t, f, phone.MediaDTLS), newEnd(t, f, phone.MediaDTLS)
	answer, _ := ours.Answer(nameless(theirs.Offer(phone.MediaWish{})), phone.MediaWish{})
	theirs.Remote(nameless(answer))
	carriertest.Send(ours, theirs, 111, "there")
	carriertest.Send(theirs, ours, 111, "and back")
	flow := inner(ours).flow.Load()
	before := flow.dtls.Load()
	answer, _ = theirs.Answer(nameless(ours.Offer(phone.MediaWish{})), phone.MediaWish{})
	ours.Remote(strings.Replace(nameless(answer), "a=setup:passive", "a=setup:active", 1))
	carriertest.Send(ours, theirs, 111, "still there")
	carriertest.Send(theirs, ours, 111, "and here")
	if flow.dtls.Load() != before {
		t.Fatal("another association, which nobody began")
	}
	far := inner(theirs)
	far.Put(func() {
		far.session.setup = "active"
		far.handshake(far.flow.Load())
	})
	carriertest.WaitFor(t, "the new association", func() bool {
		now := flow.dtls.Load()
		return now != before && !now.active && now.finished.Load()
	})
	carriertest.Send(ours, theirs, 111, "under the new one")
	carriertest.Send(theirs, ours, 111, "both ways")
}

func TestAnAnswerOfActpassIsTakenForActive(t *testing.T) {
	f := newFactory(t, Options{})
	a, b := newEnd(t, f, phone.MediaDTLS), newEnd(t, f, phone.MediaDTLS)
	answer, _ := b.Answer(a.Offer(phone.MediaWish{}), phone.MediaWish{})
	a.Remote(strings.Replace(answer, "a=setup:active", "a=setup:actpass", 1))
	carriertest.Send(a, b, 111, "there")
}

func TestTheCertificateIsComparedByEachHashThatProvesAnything(t *testing.T) {
	f := newFactory(t, Options{})
	for _, hash := range []string{"sha-1", "sha-224", "sha-256", "sha-384", "sha-512", "SHA-256"} {
		digest, err := fingerprintOf(f.certificate.Certificate[0], strings.ToLower(hash))
		if err != nil {
			t.Fatalf("%s: %v", hash, err)
		}
		a, b := newEnd(t, f, phone.MediaDTLS), newEnd(t, f, phone.MediaDTLS)
		offer := strings.Replace(a.Offer(phone.MediaWish{}), "a=fingerprint:sha-256 "+f.fingerprint, "a=fingerprint:"+hash+" "+digest, 1)
		answer, _ := b.Answer(offer, phone.MediaWish{})
		a.Remote(answer)
		carriertest.Send(a, b, 111, "under "+hash)
		// One wrong digit, and there is no connection.
		c, d := newEnd(t, f, phone.MediaDTLS), newEnd(t, f, phone.MediaDTLS)
		wrong := strings.Replace(c.Offer(phone.MediaWish{}), "a=fingerprint:sha-256 "+f.fingerprint, "a=fingerprint:"+hash+" "+digest[:len(digest)-1]+other(digest[len(digest)-1]), 1)
		answer, _ = d.Answer(wrong, phone.MediaWish{})
		c.Remote(answer)
		if err := d.Failure(); err == nil {
			t.Errorf("%s: a wrong digest was taken", hash)
		}
	}
}

func other(digit byte) string {
	if digit == '0' {
		return "1"
	}
	return "0"
}

func TestOfSeveralFingerprintsTheSHA256OneCounts(t *testing.T) {
	f := newFactory(t, Options{})
	a, b := newEnd(t, f, phone.MediaDTLS), newEnd(t, f, phone.MediaDTLS)
	digest, err := fingerprintOf(f.certificate.Certificate[0], "sha-1")
	if err != nil {
		t.Fatal(err)
	}
	offer := strings.Replace(a.Offer(phone.MediaWish{}), "a=fingerprint:", "a=fingerprint:md5 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\na=fingerprint:sha-1 "+digest+"\r\na=fingerprint:", 1)
	answer, _ := b.Answer(offer, phone.MediaWish{})
	a.Remote(answer)
	carriertest.Send(a, b, 111, "there")
}

func TestAnotherCertificateInARunningCallMakesANewAssociation(t *testing.T) {
	f, other := newFactory(t, Options{}), newFactory(t, Options{})
	a, b := newEnd(t, f, phone.MediaDTLS), newEnd(t, f, phone.MediaDTLS)
	first, _ := b.Answer(a.Offer(phone.MediaWish{}), phone.MediaWish{})
	a.Remote(first)
	carriertest.Send(a, b, 111, "before")
	// A PBX puts another phone in a's place.
	c := newEnd(t, other, phone.MediaDTLS)
	second, _ := b.Answer(c.Offer(phone.MediaWish{}), phone.MediaWish{})
	c.Remote(second)
	carriertest.Send(c, b, 111, "after")
	carriertest.Send(b, c, 111, "and back")
	if line(t, first, "a=tls-id:") == line(t, second, "a=tls-id:") {
		t.Error("another association under the same name")
	}
}

// begun waits until what follows an agreement has been done, a handshake's beginning above all.
func begun(e *carriertest.End) {
	done := make(chan struct{})
	inner(e).Put(func() { close(done) })
	<-done
}

func TestAnAssociationStaysThroughHoldsAndANewNameBeginsAnother(t *testing.T) {
	f := newFactory(t, Options{})
	a, b := newEnd(t, f, phone.MediaDTLS), newEnd(t, f, phone.MediaDTLS)
	carriertest.Connect(a, b)
	before := inner(a).flow.Load().dtls.Load()
	offer := a.Offer(phone.MediaWish{Hold: true})
	answer, _ := b.Answer(offer, phone.MediaWish{})
	a.Remote(answer)
	begun(a)
	if inner(a).flow.Load().dtls.Load() != before {
		t.Error("a hold began another association")
	}
	// RFC 8842 §5: the same certificate, another name.
	inner(a).session.ownID = ""
	renewed := a.Offer(phone.MediaWish{})
	if line(t, renewed, "a=tls-id:") == line(t, offer, "a=tls-id:") {
		t.Fatal("the same name")
	}
	answer, _ = b.Answer(renewed, phone.MediaWish{})
	a.Remote(answer)
	begun(a)
	if inner(a).flow.Load().dtls.Load() == before {
		t.Error("the association stayed under another name of theirs")
	}
	carriertest.Send(a, b, 111, "under the new one")
	carriertest.Send(b, a, 111, "and back")
}
