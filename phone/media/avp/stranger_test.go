package avp

import (
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/carrier/carriertest"
)

// desk is a far end made of a plain socket: it sends what the test wants, from where the test wants.
type desk struct {
	t    testing.TB
	conn *net.UDPConn
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(loopback, 0)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &desk{t, conn}
}

func (d *desk) port() uint16 { return d.conn.LocalAddr().(*net.UDPAddr).AddrPort().Port() }

// offer is its SDP, naming the given port.
func (d *desk) offer(port uint16, lines ...string) string {
	return strings.Join(append([]string{"v=0", "o=desk 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0",
		"m=audio " + itoa(port) + " RTP/AVP 0 101", "a=rtpmap:101 telephone-event/8000"}, lines...), "\r\n") + "\r\n"
}

func (d *desk) send(to *end, payloadType uint8, ssrc uint32, seq uint16, payload string) {
	d.t.Helper()
	d.sendRaw(to, rtpOf(payloadType, ssrc, seq, payload))
}

func (d *desk) sendRaw(to *end, raw []byte) {
	d.t.Helper()
	if _, err := d.conn.WriteToUDPAddrPort(raw, loopback4(inner(to).flow.Load().port)); err != nil {
		d.t.Fatal(err)
	}
}

// rtpOf is an RTP packet.
func rtpOf(payloadType uint8, ssrc uint32, seq uint16, payload string) []byte {
	p := rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: payloadType, SSRC: ssrc, SequenceNumber: seq}, Payload: []byte(payload)}
	raw, _ := p.Marshal()
	return raw
}

func loopback4(port uint16) netip.AddrPort { return netip.AddrPortFrom(loopback, port) }

// hears waits for an RTP packet with that payload.
func (d *desk) hears(payload string, within time.Duration) bool {
	d.t.Helper()
	if err := d.conn.SetReadDeadline(time.Now().Add(within)); err != nil {
		d.t.Fatal(err)
	}
	buf := make([]byte, 1500)
	for {
		n, _, err := d.conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return false
		}
		var p rtp.Packet
		if p.Unmarshal(buf[:n]) == nil && string(p.Payload) == payload {
			return true
		}
	}
}

func itoa(v uint16) string { return netip.AddrPortFrom(loopback, v).String()[len("127.0.0.1:"):] }

func heard(e *end, payload string) {
	e.T.Helper()
	for range 4 {
		if string(carriertest.Await(e, "packet", e.Packets).Payload) == payload {
			return
		}
	}
	e.T.Errorf("%q was not heard", payload)
}

func TestAFarEndBehindANATIsAnsweredWhereItsPacketsComeFrom(t *testing.T) {
	e := newEnd(t, newFactory(t, Options{}), phone.MediaRTP)
	inside, outside := newDesk(t), newDesk(t)
	e.Answer(inside.offer(inside.port()), phone.MediaWish{})
	outside.send(e, 0, 7, 1, "through the NAT")
	heard(e, "through the NAT")
	e.Write(0, 1, "back")
	if !outside.hears("back", carriertest.Patience) {
		t.Error("the answer did not come back")
	}
}

func TestAStrangerDoesNotGetTheStream(t *testing.T) {
	e := newEnd(t, newFactory(t, Options{}), phone.MediaRTP)
	known, stranger := newDesk(t), newDesk(t)
	e.Answer(known.offer(known.port()), phone.MediaWish{})
	known.send(e, 0, 7, 1, "hello")
	heard(e, "hello")
	stranger.send(e, 0, 99, 1, "another source")
	carriertest.WaitFor(t, "rejection", func() bool { return e.Transport.Stats().Rejected == 1 })
	known.send(e, 0, 7, 2, "still me")
	heard(e, "still me")
	e.Write(0, 1, "for the known one")
	if !known.hears("for the known one", carriertest.Patience) {
		t.Error("the stream went elsewhere")
	}
	if stranger.hears("for the known one", 50*time.Millisecond) {
		t.Error("the stranger hears it")
	}
}

func TestBeforeAnybodySpokeANumberOfAnotherTypeLatchesNothing(t *testing.T) {
	e := newEnd(t, newFactory(t, Options{}), phone.MediaRTP)
	known, stranger := newDesk(t), newDesk(t)
	e.Answer(known.offer(known.port()), phone.MediaWish{})
	stranger.send(e, 77, 99, 1, "what is that")
	carriertest.WaitFor(t, "rejection", func() bool { return e.Transport.Stats().Rejected == 1 })
	// Who came first with a good type is put right by the address of the SDP.
	stranger.send(e, 0, 99, 2, "first")
	heard(e, "first")
	known.send(e, 0, 7, 1, "the real one")
	heard(e, "the real one")
	stranger.send(e, 0, 99, 3, "again")
	carriertest.WaitFor(t, "rejection", func() bool { return e.Transport.Stats().Rejected == 2 })
}

func TestAReofferMovesTheFarEnd(t *testing.T) {
	e := newEnd(t, newFactory(t, Options{}), phone.MediaRTP)
	first, second := newDesk(t), newDesk(t)
	e.Answer(first.offer(first.port()), phone.MediaWish{})
	first.send(e, 0, 7, 1, "first")
	heard(e, "first")
	e.Answer(second.offer(second.port()), phone.MediaWish{})
	second.send(e, 0, 8, 1, "second")
	heard(e, "second")
	e.Write(0, 1, "to the second")
	if !second.hears("to the second", carriertest.Patience) {
		t.Error("the stream did not follow")
	}
}

func TestTheLatchMovesByItsRulesOnly(t *testing.T) {
	at := func(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }
	sdp, nat, natAgain, elsewhere := at("10.0.0.9:4000"), at("198.51.100.1:1111"), at("198.51.100.1:2222"), at("203.0.113.5:3333")
	begin := time.Now()
	const same, other = 7, 8
	for _, c := range []struct {
		name             string
		from             netip.AddrPort
		ssrc             uint32
		proven           bool
		plausible        bool
		after            time.Duration
		confirmed, admit bool
	}{
		{"the same source", nat, same, false, true, 0, false, true},
		{"the same source with another SSRC", nat, other, false, true, 0, false, true},
		{"a new binding of the NAT", natAgain, same, false, true, 0, false, true},
		{"the same host with another SSRC", natAgain, other, false, true, 0, false, false},
		{"the same host with another SSRC after silence", natAgain, other, false, true, moveAfter, false, true},
		{"the same host with another SSRC after silence of a confirmed one", natAgain, other, false, true, moveAfter, true, false},
		{"another host at once", elsewhere, same, false, true, 0, false, false},
		{"another host after silence", elsewhere, same, false, true, moveAfter, false, true},
		{"another host and SSRC after silence", elsewhere, other, false, true, moveAfter, false, false},
		{"another host after silence of a confirmed one", elsewhere, same, false, true, moveAfter, true, false},
		{"the address of the SDP", sdp, other, false, true, 0, false, true},
		{"a proven packet", elsewhere, other, true, false, 0, true, true},
		{"no audio of ours", elsewhere, same, false, false, moveAfter, false, false},
	} {
		l := latch{signalled: sdp, source: nat, ssrc: same, last: begin, confirmed: c.confirmed}
		if got := l.admit(c.from, c.ssrc, c.proven, c.plausible, begin.Add(c.after)); got != c.admit {
			t.Errorf("%s: %v", c.name, got)
		}
		if moved := l.target() == c.from; moved != c.admit {
			t.Errorf("%s: our packets go to %v", c.name, l.target())
		}
	}
}
