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
// here until the test has seen the call as it was before. A second SIPp may be who another number belongs to.
//
//	our phone <---> ours | switchboard | far <---> SIPp, and others by their numbers
type switchboard struct {
	ours, far *net.UDPConn
	work      sync.WaitGroup

	mu      sync.Mutex
	phone   netip.AddrPort
	sipp    netip.AddrPort
	numbers map[string]netip.AddrPort // of others
	calls   map[string]netip.AddrPort // who is the far end of a Call-ID
	tags    map[string]dialogTags
	all     bool     // REGISTER goes to SIPp, too
	lose    []string // beginnings of messages; each loses one
	byes    [][]byte // of SIPp's, which wait
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
	b := &switchboard{ours: open(), far: open(), numbers: map[string]netip.AddrPort{}, calls: map[string]netip.AddrPort{}, tags: map[string]dialogTags{}}
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
	if to := b.farEnd(data); !b.lost(">", data) && to.IsValid() {
		b.note(data, "To", "From")
		_, _ = b.far.WriteToUDPAddrPort(data, to)
	}
}

// farEnd is whom a message of ours goes to: who is in that call, whose number is called, or the one that there is.
func (b *switchboard) farEnd(data []byte) netip.AddrPort {
	id := headerOf(data, "Call-ID")
	if _, known := b.calls[id]; !known {
		first, _, _ := strings.Cut(string(data), "\r\n")
		_, uri, _ := strings.Cut(first, "sip:")
		number, _, _ := strings.Cut(uri, "@")
		at, there := b.numbers[number]
		if !there {
			return b.sipp
		}
		b.calls[id] = at
	}
	return b.calls[id]
}

// dialogTags are theirs and ours.
type dialogTags struct{ theirs, ours string }

// note keeps the tags of a request's or response's dialog; theirs and ours name the headers that they stand in.
func (b *switchboard) note(data []byte, theirs, ours string) {
	if bytes.HasPrefix(data, []byte("SIP/2.0 ")) {
		theirs, ours = ours, theirs
	}
	id := headerOf(data, "Call-ID")
	t := b.tags[id]
	if _, tag, found := strings.Cut(headerOf(data, theirs), ";tag="); found {
		t.theirs = tag
	}
	if _, tag, found := strings.Cut(headerOf(data, ours), ";tag="); found {
		t.ours = tag
	}
	b.tags[id] = t
}

// dialog is what the messages of a call have told of its tags.
func (b *switchboard) dialog(id string) dialogTags {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.tags[id]
}

// headerOf is the first header of that name.
func headerOf(data []byte, name string) string {
	for line := range strings.Lines(string(data)) {
		if found, value, ok := strings.Cut(line, ":"); ok && found == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func (b *switchboard) fromSIPp(data []byte, sender netip.AddrPort) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls[headerOf(data, "Call-ID")] = sender
	if !b.sipp.IsValid() {
		b.sipp = sender
	}
	if bytes.HasPrefix(data, []byte("BYE ")) && !b.parting {
		b.byes = append(b.byes, bytes.Clone(data))
		return
	}
	b.note(data, "From", "To")
	if !b.lost("<", data) && b.phone.IsValid() {
		_, _ = b.ours.WriteToUDPAddrPort(data, b.phone)
	}
}

// part lets SIPp hang up.
func (b *switchboard) part() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.parting = true
	for _, bye := range b.byes {
		if !b.lost("<", bye) {
			_, _ = b.ours.WriteToUDPAddrPort(bye, b.phone)
		}
	}
	b.byes = nil
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

// connect says where SIPp is, for every number or for that one alone.
func (b *switchboard) connect(number string, sipp netip.AddrPort) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if number != "" {
		b.numbers[number] = sipp
		return
	}
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
