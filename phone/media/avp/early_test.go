package avp

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/carrier/carriertest"
)

func TestWhatIsSaidBeforeTheAnswerArrivesIsHeardWithIt(t *testing.T) {
	for _, policy := range []phone.MediaPolicy{phone.MediaRTP, phone.MediaSDES} {
		t.Run(string(policy), func(t *testing.T) {
			f := newFactory(t, Options{})
			a, b := newEnd(t, f, policy), newEnd(t, f, policy)
			answer, _ := b.Answer(a.Offer(phone.MediaWish{}), phone.MediaWish{})
			carriertest.Await(b, "connection", b.Ups)
			b.Write(111, 1, "hel")
			b.Write(111, 2, "lo")
			early := &inner(a).flow.Load().in.early
			carriertest.WaitFor(t, "two early packets", func() bool {
				early.mu.Lock()
				defer early.mu.Unlock()
				n := 0
				for _, p := range early.list {
					if len(p.raw) > 12 {
						n++
					}
				}
				return n >= 2
			})
			if len(a.Packets) > 0 {
				t.Fatal("heard before anything was agreed on")
			}
			a.Remote(answer)
			for _, want := range []string{"hel", "lo"} {
				if got := string(carriertest.Await(a, "packet", a.Packets).Payload); got != want {
					t.Errorf("%q, want %q", got, want)
				}
			}
		})
	}
}

func TestEarlyPacketsAreFewAndFresh(t *testing.T) {
	var e earlyPackets
	now := time.Now()
	e.keep([]byte("stale"), loopback4(1), now.Add(-time.Second))
	for i := range 3 * mostEarly {
		e.keep(fmt.Append(nil, i), loopback4(1), now)
	}
	list := e.take()
	if len(list) != mostEarly || string(list[0].raw) != fmt.Sprint(2*mostEarly) {
		t.Errorf("%d packets from %s on", len(list), list[0].raw)
	}
	e.keep([]byte("stale"), loopback4(1), now.Add(-time.Second))
	e.keep([]byte("fresh"), loopback4(1), now)
	if list = e.take(); len(list) != 1 || string(list[0].raw) != "fresh" {
		t.Errorf("%v", list)
	}
	if list = e.take(); len(list) != 0 {
		t.Errorf("%v twice", list)
	}
}

func TestNewKeysInARunningCallAreTakenAndOursChangeToo(t *testing.T) {
	f := newFactory(t, Options{})
	a, b := newEnd(t, f, phone.MediaSDES), newEnd(t, f, phone.MediaSDES)
	first, _ := b.Answer(a.Offer(phone.MediaWish{}), phone.MediaWish{})
	a.Remote(first)
	carriertest.Send(a, b, 111, "before")
	source := inner(b).flow.Load().out.current()
	inner(a).session.keys = nil
	second, _ := b.Answer(a.Offer(phone.MediaWish{}), phone.MediaWish{})
	a.Remote(second)
	carriertest.Send(a, b, 111, "after")
	carriertest.Send(b, a, 111, "and back")
	if line(t, first, "a=crypto:") == line(t, second, "a=crypto:") {
		t.Error("the answer has the old key")
	}
	if inner(b).flow.Load().out.current() == source {
		t.Error("the packets' counter began again in the same stream")
	}
	// Without a new key everything stays.
	third, _ := b.Answer(a.Offer(phone.MediaWish{}), phone.MediaWish{})
	if line(t, second, "a=crypto:") != line(t, third, "a=crypto:") {
		t.Error("the key changed for nothing")
	}
	a.Remote(third)
	carriertest.Send(b, a, 111, "goes on")
}

func TestKeysWithLifetimeAndIdentifierWorkInBothDirections(t *testing.T) {
	f := newFactory(t, Options{})
	a, b := newEnd(t, f, phone.MediaSDES), newEnd(t, f, phone.MediaSDES)
	offer := only(a.Offer(phone.MediaWish{}), "AES_CM_128_HMAC_SHA1_80")
	key := line(t, offer, "a=crypto:")
	answer, _ := b.Answer(strings.Replace(offer, key, key+"|2^31", 1), phone.MediaWish{})
	mine := line(t, answer, "a=crypto:")
	a.Remote(strings.Replace(answer, mine, mine+"|2^48 WSH=128", 1))
	carriertest.Send(a, b, 111, "there")
	carriertest.Send(b, a, 111, "and back")
}

func TestPacketsThatCarryAKeysIdentifierAreOpenedByThatKey(t *testing.T) {
	f := newFactory(t, Options{})
	e, d := newEnd(t, f, phone.MediaSDES), newDesk(t)
	keys := "inline:" + keyOf(30) + "|2^20|1:4;inline:" + strings.Replace(keyOf(30), "A", "B", 1) + "|2^20|2:4"
	offer := strings.Replace(d.offer(d.port()), "RTP/AVP", "RTP/SAVP", 1) + "a=crypto:5 AES_CM_128_HMAC_SHA1_80 " + keys + "\r\n"
	answer, n := e.Answer(offer, phone.MediaWish{})
	if !n.Encrypted || !n.KeysInSDP || !strings.HasPrefix(line(t, answer, "a=crypto:"), "5 ") {
		t.Fatalf("%+v\n%s", n, answer)
	}
	theirs, _ := parseCrypto("5 AES_CM_128_HMAC_SHA1_80 " + keys)
	for i, k := range theirs.keys {
		sealer, err := (&cryptoLine{suite: theirs.suite, keys: []masterKey{k}}).context()
		if err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprint("key ", i)
		sealed, err := sealer.EncryptRTP(nil, rtpOf(0, 7, uint16(i+1), text), nil)
		if err != nil {
			t.Fatal(err)
		}
		d.sendRaw(e, sealed)
		heard(e, text)
	}
}
