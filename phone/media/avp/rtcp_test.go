package avp

import (
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtcp"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/carrier/carriertest"
)

func TestReportsTellLossAndRoundTrip(t *testing.T) {
	for _, policy := range policies {
		t.Run(string(policy), func(t *testing.T) { reports(t, connected, policy) })
		t.Run(string(policy)+" with RTCP's own port", func(t *testing.T) { reports(t, apart, policy) })
	}
}

// apart connects two of whom one does not know RTCP on RTP's port (RFC 5761).
func apart(t testing.TB, policy phone.MediaPolicy) (a, b *end) {
	t.Helper()
	f := newFactory(t, Options{})
	a, b = newEnd(t, f, policy), newEnd(t, f, policy)
	answer, _ := b.Answer(strings.Replace(a.Offer(phone.MediaWish{}), "a=rtcp-mux\r\n", "", 1), phone.MediaWish{})
	a.Remote(answer)
	carriertest.WaitFor(t, "RTCP's keys", func() bool { return canReport(a, policy) && canReport(b, policy) })
	return a, b
}

// canReport reports whether an end has what RTCP needs, which under DTLS is an association of its own.
func canReport(e *end, policy phone.MediaPolicy) bool {
	f := inner(e).flow.Load()
	f.out.mu.Lock()
	defer f.out.mu.Unlock()
	f.in.mu.Lock()
	defer f.in.mu.Unlock()
	own := f.out.reports != f.out.context && f.in.reports != f.in.context && f.in.reports != nil
	return f.out.reports != nil && own == (policy == phone.MediaDTLS) || policy == phone.MediaRTP
}

func reports(t *testing.T, connect func(testing.TB, phone.MediaPolicy) (a, b *end), policy phone.MediaPolicy) {
	t.Helper()
	a, b := connect(t, policy)
	carriertest.Send(a, b, 111, "begin")
	for seq := uint16(100); seq < 200; seq++ {
		if seq%10 == 0 {
			lose(t, a, seq)
		} else {
			a.Write(111, seq, "audio")
		}
	}
	a.Write(111, 200, "end")
	carriertest.WaitFor(t, "the last packet", func() bool { p := <-b.Packets; return string(p.Payload) == "end" })
	flowA, flowB := inner(a).flow.Load(), inner(b).flow.Load()
	next := uint16(201) // what has not come since the last report is not reported of
	carriertest.WaitFor(t, "a report that answers to one of ours", func() bool {
		a.Write(111, next, "more")
		next++
		flowA.report()
		flowB.report()
		s := a.Transport.Stats().Audio
		return s.Lost == 10 && s.RoundTrip > 0
	})
	// The share since the last report is held by package tally and by what a desk tells: here the
	// reporter's own report may have come between.
	if s := a.Transport.Stats(); s.Audio.RoundTrip > time.Second || s.Audio.Received < 91 || s.Audio.Received > 1000 || s.NetworkType != "host" {
		t.Errorf("%+v", s)
	}
}

// lose writes a packet that goes to a port where nobody listens.
func lose(t *testing.T, from *end, seq uint16) {
	t.Helper()
	nowhere, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(loopback4(0)))
	if err != nil {
		t.Fatal(err)
	}
	defer nowhere.Close()
	out := &inner(from).flow.Load().out
	out.mu.Lock()
	there := out.rtp
	out.mu.Unlock()
	to, _ := netip.ParseAddrPort(nowhere.LocalAddr().String())
	out.setTarget(to)
	from.Write(111, seq, "lost")
	out.setTarget(there)
}

// plainPair makes a call between e and a desk with an RTCP socket of its own.
func plainPair(t *testing.T) (e *end, d *desk, control *net.UDPConn) {
	t.Helper()
	s, err := openSockets(loopback, phone.PortRange{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	e, d = newEnd(t, newFactory(t, Options{}), phone.MediaRTP), &desk{t, s.rtp}
	e.Answer(d.offer(s.port), phone.MediaWish{})
	return e, d, s.rtcp
}

func TestWithoutMuxReportsGoToThePortBesideAndAByeComesLast(t *testing.T) {
	e, d, control := plainPair(t)
	d.send(e, 0, 7, 1, "hello")
	heard(e, "hello")
	e.Write(0, 1, "answer")
	go e.Close()
	if err := control.SetReadDeadline(time.Now().Add(carriertest.Patience)); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 1500)
	for {
		n, from, err := control.ReadFromUDPAddrPort(buf)
		if err != nil {
			t.Fatalf("no BYE: %v", err)
		}
		if port := portOf(e); port != 0 && from.Port() != port+1 {
			t.Errorf("RTCP from port %d", from.Port())
		}
		packets, err := rtcp.Unmarshal(buf[:n])
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := packets[len(packets)-1].(*rtcp.Goodbye); ok {
			return
		}
	}
}

func portOf(e *end) uint16 {
	if f := inner(e).flow.Load(); f != nil {
		return f.port
	}
	return 0
}

func TestWithoutTheirRTCPPortSoundGoesOn(t *testing.T) {
	e, d, control := plainPair(t)
	_ = control.Close()
	for seq := range uint16(3) {
		inner(e).flow.Load().report()
		d.send(e, 0, 7, seq, "in")
		heard(e, "in")
		e.Write(0, seq, "out")
		if !d.hears("out", carriertest.Patience) {
			t.Fatal("no sound")
		}
	}
}

func TestAReducedSizeReportIsTakenAndGarbageIsNot(t *testing.T) {
	e, d, control := plainPair(t)
	d.send(e, 0, 7, 1, "hello")
	heard(e, "hello")
	f := inner(e).flow.Load()
	to := netip.AddrPortFrom(loopback, f.port+1)
	for _, raw := range [][]byte{{0x80, 201, 0xff, 0xff}, {0x80, 200}, make([]byte, 100), {0x9f, 201, 0, 1, 0, 0, 0, 7}} {
		if _, err := control.WriteToUDPAddrPort(raw, to); err != nil {
			t.Fatal(err)
		}
	}
	for seq := range uint16(6) {
		e.Write(0, seq, "ours")
	}
	raw, err := (&rtcp.ReceiverReport{SSRC: 7, Reports: []rtcp.ReceptionReport{{SSRC: f.out.current(), FractionLost: 128, TotalLost: 3, LastSequenceNumber: 5}}}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := control.WriteToUDPAddrPort(raw, to); err != nil {
		t.Fatal(err)
	}
	carriertest.WaitFor(t, "the report", func() bool {
		s := e.Transport.Stats().Audio
		return s.Lost == 3 && s.Received == 3 && s.FractionLost == 0.5
	})
}

func TestAFarEndThatReportsWithoutSendingRests(t *testing.T) {
	e, d, control := plainPair(t)
	to := loopback4(portOf(e) + 1)
	report := func(p rtcp.Packet) {
		t.Helper()
		raw, err := p.Marshal()
		if err == nil {
			_, err = control.WriteToUDPAddrPort(raw, to)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	rests := func(want bool) {
		t.Helper()
		carriertest.WaitFor(t, "change of what they say", func() bool { return e.Transport.Stats().Resting == want })
	}
	d.send(e, 0, 7, 1, "hello")
	heard(e, "hello")
	report(&rtcp.ReceiverReport{SSRC: 7})
	rests(true)
	report(&rtcp.SenderReport{SSRC: 7})
	rests(false)
	report(&rtcp.ReceiverReport{SSRC: 7})
	rests(true)
	d.send(e, 0, 7, 2, "again")
	rests(false)
}

func TestAChangedSourceAndARestartedSequencePassThrough(t *testing.T) {
	e, d, _ := plainPair(t)
	d.send(e, 0, 7, 60000, "first source")
	heard(e, "first source")
	d.send(e, 0, 8, 5, "second source")
	heard(e, "second source")
	d.send(e, 0, 8, 40000, "restarted")
	heard(e, "restarted")
	f := inner(e).flow.Load()
	if b, ok := f.in.block(time.Now()); !ok || b.SSRC != 8 || b.TotalLost != 0 {
		t.Errorf("%+v %v", b, ok)
	}
}
