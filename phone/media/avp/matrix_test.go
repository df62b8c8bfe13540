package avp

import (
	"errors"
	"strings"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/carrier/carriertest"
)

// wishes are the accounts that there can be.
var wishes = map[string]phone.LegOptions{
	"off":            {Policy: phone.MediaRTP},
	"SDES off":       {Policy: phone.MediaSDES, Encryption: phone.EncryptionOff},
	"SDES required":  {Policy: phone.MediaSDES, Encryption: phone.EncryptionRequired},
	"SDES preferred": {Policy: phone.MediaSDES, Encryption: phone.EncryptionPreferred},
	"DTLS required":  {Policy: phone.MediaDTLS},
	"DTLS preferred": {Policy: phone.MediaDTLS, Encryption: phone.EncryptionPreferred},
}

const refused = "488"

// outcomeOf names how an exchange ended.
func outcomeOf(t *testing.T, e *end, what string) string {
	t.Helper()
	select {
	case n := <-e.Agreements:
		switch {
		case !n.Encrypted:
			return "open"
		case n.KeysInSDP:
			return "SDES"
		}
		return "DTLS"
	case err := <-e.Failures:
		wantIncompatible(t, err, what)
		return refused
	}
}

// theirOffers are what far ends offer; each column is the outcome under one wish of ours.
func theirOffers(fingerprint string) []struct{ name, offer, off, sdes, sdesOrNot, dtls, dtlsOrNot string } {
	crypto := "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + keyOf(30) + "\r\n"
	foreign := "a=crypto:1 F8_128_HMAC_SHA1_80 inline:" + keyOf(30) + "\r\n"
	print := "a=setup:actpass\r\na=fingerprint:sha-256 " + fingerprint + "\r\n"
	weak := "a=setup:actpass\r\na=fingerprint:md5 " + strings.TrimSuffix(strings.Repeat("00:", 16), ":") + "\r\n"
	as := func(profile, lines string) string { return strings.Replace(plainOffer, "RTP/AVP", profile, 1) + lines }
	atTop := strings.Replace(plainOffer, "t=0 0\r\n", "t=0 0\r\n"+print, 1)
	two := strings.Replace(plainOffer, "m=audio", "m=audio 40002 RTP/AVP 0\r\nm=audio", 1)
	return []struct{ name, offer, off, sdes, sdesOrNot, dtls, dtlsOrNot string }{
		{"plain", plainOffer, "open", refused, "open", refused, "open"},
		{"plain with feedback", as("RTP/AVPF", ""), "open", refused, "open", refused, "open"},
		{"SDES", as("RTP/SAVP", crypto), refused, "SDES", "SDES", refused, refused},
		{"SDES with feedback", as("RTP/SAVPF", crypto), refused, "SDES", "SDES", refused, refused},
		{"SDES as best effort", as("RTP/AVP", crypto), "open", "SDES", "SDES", refused, "open"},
		{"SDES with a suite of nobody", as("RTP/SAVP", foreign), refused, refused, refused, refused, refused},
		{"the same as best effort", as("RTP/AVP", foreign), "open", refused, "open", refused, "open"},
		{"SDES without a key", as("RTP/SAVP", ""), refused, refused, refused, refused, refused},
		{"DTLS", as("UDP/TLS/RTP/SAVP", print), refused, refused, refused, "DTLS", "DTLS"},
		{"DTLS with feedback", as("UDP/TLS/RTP/SAVPF", print), refused, refused, refused, "DTLS", "DTLS"},
		{"DTLS under the old name", as("RTP/SAVP", print), refused, refused, refused, "DTLS", "DTLS"},
		{"DTLS as best effort", as("RTP/AVP", print), "open", refused, "open", "DTLS", "DTLS"},
		{"the same for the whole session", atTop, "open", refused, "open", "DTLS", "DTLS"},
		{"DTLS by a hash that proves nothing", as("UDP/TLS/RTP/SAVP", weak), refused, refused, refused, refused, refused},
		{"the same as best effort", as("RTP/AVP", weak), "open", refused, "open", refused, "open"},
		{"both as best effort", as("RTP/AVP", crypto+print), "open", "SDES", "SDES", "DTLS", "DTLS"},
		{"a plain line, then an encrypted one", strings.Replace(two, "40000 RTP/AVP", "40000 RTP/SAVP", 1) + crypto, "open", "SDES", "SDES", refused, "open"},
		{"a profile of nobody", as("RTP/FOO", crypto), refused, refused, refused, refused, refused},
	}
}

func TestEachWishMeetsEachOffer(t *testing.T) {
	f := newFactory(t, Options{})
	for _, c := range theirOffers(f.fingerprint) {
		for wish, want := range map[string]string{"off": c.off, "SDES off": c.off, "SDES required": c.sdes, "SDES preferred": c.sdesOrNot,
			"DTLS required": c.dtls, "DTLS preferred": c.dtlsOrNot} {
			e := carriertest.New(t, f, wishes[wish])
			e.Transport.Answer([]byte(c.offer), phone.MediaWish{})
			name := wish + " answers " + c.name
			if got := outcomeOf(t, e, name); got != want {
				t.Errorf("%s: %s, want %s", name, got, want)
			}
			if err := f.Examine(wishes[wish], []byte(c.offer)); errors.Is(err, phone.ErrMediaIncompatible) != (want == refused) || err != nil && want != refused {
				t.Errorf("%s: %s, and examined before it rings: %v", name, want, err)
			}
			if want != refused {
				checkAnswer(t, name, c.offer, string(carriertest.Await(e, "answer", e.Sent)), want)
			}
			e.Close()
		}
	}
}

// checkAnswer: the answer keeps the offer's profiles and says no more than what was agreed on.
func checkAnswer(t *testing.T, name, offer, answer, outcome string) {
	t.Helper()
	var lines [2][]string
	for i, text := range []string{offer, answer} {
		for l := range strings.SplitSeq(text, "\r\n") {
			if strings.HasPrefix(l, "m=") {
				lines[i] = append(lines[i], strings.Fields(l)[2])
			}
		}
	}
	if strings.Join(lines[0], " ") != strings.Join(lines[1], " ") {
		t.Errorf("%s: profiles %q for %q", name, lines[1], lines[0])
	}
	if got := strings.Contains(answer, "a=crypto:"); got != (outcome == "SDES") {
		t.Errorf("%s: keys told: %v\n%s", name, got, answer)
	}
	if got := strings.Contains(answer, "a=fingerprint:"); got != (outcome == "DTLS") {
		t.Errorf("%s: fingerprint told: %v\n%s", name, got, answer)
	}
}

func TestEachWishMeetsEachOther(t *testing.T) {
	f := newFactory(t, Options{})
	outcome := map[string]string{
		"off off": "open", "off SDES preferred": "open", "off DTLS preferred": "open",
		"SDES preferred off": "open", "SDES preferred SDES preferred": "SDES", "SDES preferred SDES required": "SDES", "SDES preferred DTLS preferred": "open",
		"DTLS preferred off": "open", "DTLS preferred DTLS preferred": "DTLS", "DTLS preferred DTLS required": "DTLS", "DTLS preferred SDES preferred": "open",
		"SDES required SDES required": "SDES", "SDES required SDES preferred": "SDES",
		"DTLS required DTLS required": "DTLS", "DTLS required DTLS preferred": "DTLS",
	}
	for caller := range wishes {
		for callee := range wishes {
			a, b := carriertest.New(t, f, wishes[caller]), carriertest.New(t, f, wishes[callee])
			b.Transport.Answer([]byte(a.Offer(phone.MediaWish{})), phone.MediaWish{})
			name := caller + " calls " + callee
			want := outcome[strings.ReplaceAll(caller+" "+callee, "SDES off", "off")]
			if want == "" {
				want = refused
			}
			if got := outcomeOf(t, b, name); got != want {
				t.Errorf("%s: %s, want %s", name, got, want)
			}
			if want != refused {
				a.Transport.Remote(carriertest.Await(b, "answer", b.Sent), false)
				if got := outcomeOf(t, a, name); got != want {
					t.Errorf("%s: the caller says %s, want %s", name, got, want)
				}
				carriertest.Send(a, b, 111, "to the callee")
				carriertest.Send(b, a, 111, "to the caller")
			}
			a.Close()
			b.Close()
		}
	}
}

// answerTo lets another wish than ours answer our offer, whatever it is.
func answerTo(t *testing.T, f *Factory, offer string, wish phone.LegOptions, profile string) string {
	t.Helper()
	e := carriertest.New(t, f, wish)
	lines := strings.NewReplacer(" RTP/AVP ", " "+profile+" ", " RTP/SAVP ", " "+profile+" ", " UDP/TLS/RTP/SAVP ", " "+profile+" ")
	answer, _ := e.Answer(lines.Replace(offer), phone.MediaWish{})
	return answer
}

func TestAnAnswerNeverTakesEncryptionAwayFromWhoRequiresIt(t *testing.T) {
	f := newFactory(t, Options{})
	for _, c := range []struct {
		ours    string
		profile string // of the answer
		theirs  string
		want    string
	}{
		{"SDES required", "RTP/AVP", "off", refused},
		{"DTLS required", "RTP/AVP", "off", refused},
		{"SDES preferred", "RTP/AVP", "off", "open"},
		{"DTLS preferred", "RTP/AVP", "off", "open"},
		{"SDES required", "RTP/AVP", "SDES required", "SDES"}, // the name is wrong, the keys are there
		{"SDES preferred", "RTP/SAVP", "SDES required", "SDES"},
		{"off", "RTP/AVP", "off", "open"},
	} {
		a := carriertest.New(t, f, wishes[c.ours])
		answer := answerTo(t, f, a.Offer(phone.MediaWish{}), wishes[c.theirs], c.profile)
		a.Transport.Remote([]byte(answer), false)
		name := c.ours + " is answered " + c.theirs + " as " + c.profile
		if got := outcomeOf(t, a, name); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestAnAnswerThatPromisesEncryptionWithKeysOfNobodyIsRefusedEvenWhereItIsOnlyPreferred(t *testing.T) {
	f := newFactory(t, Options{})
	for name, change := range map[string][2]string{"another tag": {"a=crypto:1 ", "a=crypto:9 "}, "another suite": {"AES_CM_128_HMAC_SHA1_80", "F8_128_HMAC_SHA1_80"}} {
		a, b := carriertest.New(t, f, wishes["SDES preferred"]), carriertest.New(t, f, wishes["SDES required"])
		answer, _ := b.Answer(a.Offer(phone.MediaWish{}), phone.MediaWish{})
		a.Transport.Remote([]byte(strings.Replace(answer, change[0], change[1], 1)), false)
		wantIncompatible(t, a.Failure(), name)
	}
}

func TestAPolicyThatContradictsItselfMakesNoTransport(t *testing.T) {
	f := newFactory(t, Options{})
	for _, o := range []phone.LegOptions{{Policy: phone.MediaRTP, Encryption: phone.EncryptionRequired}, {Policy: phone.MediaWebRTC}, {Policy: "hunter2"}} {
		if made, err := f.NewTransport(o, nil); !errors.Is(err, phone.ErrLocalMediaInfo) || made != nil {
			t.Errorf("%+v: %v %v", o, made, err)
		}
	}
}

func TestARunningCallMayLoseAndRegainItsEncryptionWhereThatIsOnlyPreferred(t *testing.T) {
	f := newFactory(t, Options{})
	for _, manner := range []string{"SDES", "DTLS"} {
		t.Run(manner, func(t *testing.T) {
			a, b := carriertest.New(t, f, wishes[manner+" preferred"]), carriertest.New(t, f, wishes[manner+" required"])
			offer := func() string { return strings.Replace(b.Offer(phone.MediaWish{}), " RTP/SAVP ", " RTP/AVP ", 1) }
			reach := func() { // a's answer, and b hears it
				t.Helper()
				answer, n := a.Answer(offer(), phone.MediaWish{})
				if b.Remote(answer); !n.Encrypted {
					t.Fatalf("%+v", n)
				}
				carriertest.Send(a, b, 111, "secret")
			}
			reach()
			before := inner(a).session.keys
			// A PBX hands the call to a phone that cannot encrypt, and keeps the dialog.
			c := carriertest.New(t, f, wishes["off"])
			answer, n := a.Answer(c.Offer(phone.MediaWish{}), phone.MediaWish{})
			if c.Remote(answer); n.Encrypted {
				t.Fatalf("%+v", n)
			}
			carriertest.Send(a, c, 111, "open")
			carriertest.Send(c, a, 111, "open too")
			// And back to the first one.
			reach()
			carriertest.Send(b, a, 111, "secret too")
			if len(before) > 0 && before[0].same(inner(a).session.keys[0]) {
				t.Error("a key came back that was in use before")
			}
		})
	}
}

func TestWhoRequiresEncryptionRefusesToLoseItInARunningCallWhichGoesOn(t *testing.T) {
	f := newFactory(t, Options{})
	for _, policy := range []phone.MediaPolicy{phone.MediaSDES, phone.MediaDTLS} {
		a, b := connected(t, policy)
		c := carriertest.New(t, f, wishes["off"])
		a.Transport.Answer([]byte(c.Offer(phone.MediaWish{})), phone.MediaWish{})
		wantIncompatible(t, a.Failure(), string(policy))
		carriertest.Send(a, b, 111, "still secret")
		carriertest.Send(b, a, 111, "still secret too")
	}
}
