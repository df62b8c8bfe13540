package avp

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/carrier/carriertest"
)

// keyOf returns n bytes as base64.
func keyOf(n int) string { return base64.StdEncoding.EncodeToString(make([]byte, n)) }

func TestCryptoLinesOfOthersAreRead(t *testing.T) {
	for value, good := range map[string]bool{
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + keyOf(30):                                       true,
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + keyOf(30) + "|2^20":                             true,
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + keyOf(30) + "|2^20|1:4":                         true,
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + keyOf(30) + "|1:4":                              true,
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + keyOf(30) + "|1048576 KDR=0 WSH=64":             true,
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + keyOf(30) + " -X=1":                             true,
		"7 aes_cm_128_hmac_sha1_32 INLINE:" + keyOf(30):                                       true,
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + keyOf(30) + "|1:1;inline:" + keyOf(30) + "|2:1": true,
		"2 AEAD_AES_128_GCM inline:" + keyOf(28):                                              true,
		"3 AEAD_AES_256_GCM inline:" + strings.TrimRight(keyOf(44), "="):                      true,
		"4 AES_256_CM_HMAC_SHA1_80 inline:" + keyOf(46):                                       true,

		"": false, "1": false, "1 AES_CM_128_HMAC_SHA1_80": false, "1 F8_128_HMAC_SHA1_80 inline:" + keyOf(30): false,
		"x AES_CM_128_HMAC_SHA1_80 inline:" + keyOf(30):                           false,
		"1234567890 AES_CM_128_HMAC_SHA1_80 inline:" + keyOf(30):                  false,
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + keyOf(29):                           false,
		"1 AES_CM_128_HMAC_SHA1_80 inline:***":                                    false,
		"1 AES_CM_128_HMAC_SHA1_80 uri:" + keyOf(30):                              false,
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + keyOf(30) + " UNENCRYPTED_SRTP":     false,
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + keyOf(30) + " UNAUTHENTICATED_SRTP": false,
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + keyOf(30) + " KDR=20":               false,
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + keyOf(30) + "|1:999":                false,
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + keyOf(30) + "|256:1":                false,
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + keyOf(30) + ";inline:" + keyOf(30):  false,
	} {
		c, ok := parseCrypto(value)
		if ok != good {
			t.Errorf("%q: %v", value, ok)
		}
		if ok {
			if _, err := c.context(); err != nil {
				t.Errorf("%q: %v", value, err)
			}
		}
	}
}

func TestKeysDoNotPrint(t *testing.T) {
	c, _ := parseCrypto("1 AES_CM_128_HMAC_SHA1_80 inline:" + keyOf(30))
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(format, c.keys); strings.Contains(text, "0, 0") || strings.Contains(text, "0 0") || !strings.Contains(text, "***") {
			t.Errorf("%s: %s", format, text)
		}
	}
}

func FuzzParseCrypto(f *testing.F) {
	f.Add("1 AES_CM_128_HMAC_SHA1_80 inline:" + keyOf(30) + "|2^20|1:4 KDR=0")
	f.Add("2 AEAD_AES_128_GCM inline:" + keyOf(28) + ";inline:" + keyOf(28))
	f.Fuzz(func(t *testing.T, value string) {
		c, ok := parseCrypto(value)
		if !ok {
			return
		}
		if _, err := c.context(); err != nil {
			t.Errorf("%v", err)
		}
		again, ok := parseCrypto(c.text())
		if !ok || again.suite != c.suite || again.tag != c.tag {
			t.Errorf("%q is not read again", c.text())
		}
	})
}

// only leaves the crypto lines of one suite in an offer.
func only(offer, suite string) string {
	return regexp.MustCompile(`a=crypto:\d+ [A-Z0-9_]+ inline:\S+\r\n`).ReplaceAllStringFunc(offer, func(l string) string {
		if strings.Contains(l, " "+suite+" ") {
			return l
		}
		return ""
	})
}

func TestEachSuiteCarriesSoundAndTheTagComesBack(t *testing.T) {
	f := newFactory(t, Options{})
	for _, s := range suites {
		if !s.offered {
			continue
		}
		a, b := newEnd(t, f, phone.MediaSDES), newEnd(t, f, phone.MediaSDES)
		offer := only(a.Offer(phone.MediaWish{}), s.name)
		answer, _ := b.Answer(offer, phone.MediaWish{})
		offered, answered := line(t, offer, "a=crypto:"), line(t, answer, "a=crypto:")
		if strings.Fields(offered)[0] != strings.Fields(answered)[0] || strings.Fields(answered)[1] != s.name || strings.Fields(offered)[2] == strings.Fields(answered)[2] {
			t.Errorf("%s: another tag, another suite, or the same key", s.name)
		}
		a.Remote(answer)
		carriertest.Send(a, b, 111, "under "+s.name)
		carriertest.Send(b, a, 111, "back under "+s.name)
	}
}

func TestAnAnswerWithACryptoLineThatIsNotOursIsRefused(t *testing.T) {
	f := newFactory(t, Options{})
	for name, change := range map[string]func(string) string{
		"another tag":    func(s string) string { return strings.Replace(s, "a=crypto:1 ", "a=crypto:2 ", 1) },
		"unknown tag":    func(s string) string { return strings.Replace(s, "a=crypto:1 ", "a=crypto:9 ", 1) },
		"unknown suite":  func(s string) string { return strings.Replace(s, "AES_CM_128_HMAC_SHA1_80", "F8_128_HMAC_SHA1_80", 1) },
		"no line at all": func(s string) string { return only(s, "none") },
	} {
		a, b := newEnd(t, f, phone.MediaSDES), newEnd(t, f, phone.MediaSDES)
		answer, _ := b.Answer(a.Offer(phone.MediaWish{}), phone.MediaWish{})
		a.Transport.Remote([]byte(change(answer)), false)
		wantIncompatible(t, a.Failure(), name)
	}
}

func TestSoundUnderAWrongKeyIsCountedAndNeverPlayed(t *testing.T) {
	f := newFactory(t, Options{})
	a, b := newEnd(t, f, phone.MediaSDES), newEnd(t, f, phone.MediaSDES)
	answer, _ := b.Answer(a.Offer(phone.MediaWish{}), phone.MediaWish{})
	key := strings.Fields(line(t, answer, "a=crypto:"))[2]
	a.Remote(strings.Replace(answer, key, "inline:"+keyOf(30), 1))
	for seq := range uint16(5) {
		b.Write(111, seq, "forged")
	}
	carriertest.WaitFor(t, "rejections", func() bool { return a.Transport.Stats().Rejected >= 5 })
	select {
	case p := <-a.Packets:
		t.Errorf("it was played: %v", p)
	default:
	}
	// Plain packets between encrypted ones are none either.
	d := newDesk(t)
	d.send(b, 111, 7, 1, "in the clear")
	carriertest.WaitFor(t, "rejection", func() bool { return b.Transport.Stats().Rejected >= 1 })
	if len(b.Packets) > 0 {
		t.Error("a plain packet was played in an encrypted call")
	}
}

func TestAReplayedPacketIsHeardOnce(t *testing.T) {
	a, b := connected(t, phone.MediaSDES)
	first := carriertest.Send(a, b, 111, "once")
	var packet [1500]byte
	h := rtp.Header{Version: 2, PayloadType: 111, SequenceNumber: first.SequenceNumber + 100, SSRC: first.SSRC}
	n, err := h.MarshalTo(packet[:])
	if err != nil {
		t.Fatal(err)
	}
	out := &inner(a).flow.Load().out
	out.mu.Lock()
	sealed, err := out.context.EncryptRTP(nil, append(packet[:n:n], "twice"...), nil)
	to := out.rtp
	out.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		out.send(out.sockets.rtp, sealed, to)
	}
	carriertest.WaitFor(t, "rejection", func() bool { return b.Transport.Stats().Rejected >= 1 })
	heard(b, "twice")
	if len(b.Packets) > 0 {
		t.Error("heard twice")
	}
}
