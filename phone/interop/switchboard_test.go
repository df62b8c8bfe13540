//go:build linux

package interop

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
)

// switchboard stands between our phone and SIPp, on UDP: it registers the phone and tells it that somebody is there, so
// that SIPp has to play calls only, and loses what it is told to lose. SIPp hangs up within a millisecond; its BYE waits
// here until the test has seen the call as it was before.
//
//	our phone <---> ours | switchboard | far <---> SIPp
type switchboard struct {
	ours, far *net.UDPConn
	work      sync.WaitGroup

	mu      sync.Mutex
	phone   netip.AddrPort
	sipp    netip.AddrPort
	all     bool     // REGISTER goes to SIPp, too
	lose    []string // beginnings of messages; each loses one
	bye     []byte   // of SIPp's, which waits
	parting bool     // BYE may pass
	carried []string // the first lines that came, "<" from SIPp and ">" from us
}

func startSwitchboard(t *testing.T) *switchboard {
	t.Helper()
	open := func() *net.UDPConn {
		conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
	b := &switchboard{ours: open(), far: open()}
	t.Cleanup(func() {
		_ = b.ours.Close()
		_ = b.far.Close()
		b.work.Wait()
		if t.Failed() {
			t.Logf("the switchboard carried\n%s", strings.Join(b.log(), "\n"))
		}
	})
	b.work.Go(func() { b.carry(b.ours, b.fromPhone) })
	b.work.Go(func() { b.carry(b.far, b.fromSIPp) })
	return b
}

func (b *switchboard) carry(from *net.UDPConn, take func([]byte, netip.AddrPort)) {
	data := make([]byte, 65536)
	for {
		n, sender, err := from.ReadFromUDPAddrPort(data)
		if err != nil {
			return
		}
		if len(bytes.TrimSpace(data[:n])) > 0 { // no keep-alive
			take(data[:n], sender)
		}
	}
}

func (b *switchboard) fromPhone(data []byte, sender netip.AddrPort) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.phone = sender
	asks := bytes.HasPrefix(data, []byte("REGISTER ")) || bytes.HasPrefix(data, []byte("OPTIONS "))
	if asks && !b.all {
		_, _ = b.ours.WriteToUDPAddrPort(registered(data), sender)
		return
	}
	if !b.lost(">", data) && b.sipp.IsValid() {
		_, _ = b.far.WriteToUDPAddrPort(data, b.sipp)
	}
}

func (b *switchboard) fromSIPp(data []byte, sender netip.AddrPort) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sipp = sender
	if bytes.HasPrefix(data, []byte("BYE ")) && !b.parting {
		b.bye = bytes.Clone(data)
		return
	}
	if !b.lost("<", data) && b.phone.IsValid() {
		_, _ = b.ours.WriteToUDPAddrPort(data, b.phone)
	}
}

// part lets SIPp hang up.
func (b *switchboard) part() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.parting = true
	if b.bye != nil && !b.lost("<", b.bye) {
		_, _ = b.ours.WriteToUDPAddrPort(b.bye, b.phone)
	}
	b.bye = nil
}

// lost notes a message and says whether it is one to be lost.
func (b *switchboard) lost(direction string, data []byte) bool {
	first, _, _ := strings.Cut(string(data), "\r\n")
	b.carried = append(b.carried, direction+" "+first)
	for i, beginning := range b.lose {
		if strings.HasPrefix(first, beginning) {
			b.lose = append(b.lose[:i:i], b.lose[i+1:]...)
			b.carried[len(b.carried)-1] += " (lost)"
			return true
		}
	}
	return false
}

// loses makes it lose the next message of each of these beginnings.
func (b *switchboard) loses(beginnings ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lose = append(b.lose, beginnings...)
}

func (b *switchboard) connect(sipp netip.AddrPort) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sipp = sipp
}

func (b *switchboard) log() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.carried...)
}

// count is how many messages began so.
func (b *switchboard) count(beginning string) (n int) {
	for _, line := range b.log() {
		if strings.HasPrefix(line, beginning) {
			n++
		}
	}
	return n
}

// granted tells whether a 200 has followed the n-th line that begins so. SIPp takes no request while it is about to answer one.
func (b *switchboard) granted(beginning string, n int) bool {
	for _, line := range b.log() {
		if n <= 0 && strings.HasPrefix(line, "< SIP/2.0 200") {
			return true
		}
		if strings.HasPrefix(line, beginning) {
			n--
		}
	}
	return false
}

func (b *switchboard) server() string { return "udp:" + b.ours.LocalAddr().String() }

// registered is the 200 to a REGISTER or OPTIONS.
func registered(request []byte) []byte {
	var out strings.Builder
	out.WriteString("SIP/2.0 200 OK\r\n")
	for line := range strings.Lines(string(request)) {
		name, _, _ := strings.Cut(line, ":")
		switch name {
		case "To":
			line = strings.TrimSpace(line) + ";tag=registrar\r\n"
		case "Via", "From", "Call-ID", "CSeq", "Contact":
		default:
			continue
		}
		out.WriteString(line)
	}
	fmt.Fprint(&out, "Content-Length: 0\r\n\r\n")
	return []byte(out.String())
}
