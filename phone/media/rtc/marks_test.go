//go:build linux

package rtc

import (
	"encoding/binary"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/hookswitch/hookswitch/phone/media/carrier"
	"github.com/hookswitch/hookswitch/phone/media/carrier/carriertest"
)

// markEar is a socket that hears how packets were marked.
func markEar(t *testing.T, address string) *net.UDPConn {
	t.Helper()
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort(address)))
	if err != nil {
		t.Skipf("no such network here: %v", err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	raw, err := conn.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	_ = raw.Control(func(fd uintptr) {
		if conn.LocalAddr().(*net.UDPAddr).IP.To4() == nil {
			err = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IPV6, syscall.IPV6_RECVTCLASS, 1)
		} else {
			err = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, syscall.IP_RECVTOS, 1)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// hear returns the next packet, its mark and where it is from.
func hear(conn *net.UDPConn) (packet []byte, mark carrier.DSCP, from netip.AddrPort, err error) {
	packet = make([]byte, 2000)
	var oob [200]byte
	n, m, _, from, err := conn.ReadMsgUDPAddrPort(packet, oob[:])
	if err != nil {
		return nil, 0, from, err
	}
	messages, err := syscall.ParseSocketControlMessage(oob[:m])
	return packet[:n], markIn(messages), from, err
}

func markIn(messages []syscall.SocketControlMessage) carrier.DSCP {
	for _, m := range messages {
		switch {
		case m.Header.Level == syscall.IPPROTO_IP && m.Header.Type == syscall.IP_TOS:
			return carrier.DSCP(m.Data[0] >> 2)
		case m.Header.Level == syscall.IPPROTO_IPV6 && m.Header.Type == syscall.IPV6_TCLASS:
			return carrier.DSCP(binary.NativeEndian.Uint32(m.Data) >> 2)
		}
	}
	return 0
}

// packetOf is a packet with that first byte, type and source, within a relay's ChannelData or by itself.
func packetOf(first, kind byte, source uint32, relayed bool) []byte {
	b := make([]byte, 40)
	b[0], b[1] = first, kind
	binary.BigEndian.PutUint32(b[8:], source)
	if relayed {
		b = append([]byte{0x40, 1, 0, 40}, b...)
	}
	return b
}

func TestEachPacketIsMarkedAsWhatItIs(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		t.Run(address, func(t *testing.T) {
			far := markEar(t, address)
			to := far.LocalAddr().(*net.UDPAddr)
			m := &marks{}
			m.video.Store(7)
			conn, err := m.ListenUDP("udp", &net.UDPAddr{IP: to.IP})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			relay, err := m.ListenPacket("udp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = relay.Close() }()
			for _, c := range []struct {
				name   string
				packet []byte
				want   carrier.DSCP
			}{
				{"sound", packetOf(0x80, 111, 5, false), carrier.VoiceDSCP},
				{"a picture", packetOf(0x90, 0x80|96, 7, false), carrier.VideoDSCP},
				{"the next picture", packetOf(0x90, 96, 7, false), carrier.VideoDSCP},
				{"sound behind it", packetOf(0x80, 111, 5, false), carrier.VoiceDSCP},
				{"a picture for a relay", packetOf(0x90, 96, 7, true), carrier.VideoDSCP},
				{"RTCP", packetOf(0x81, 200, 7, false), carrier.VoiceDSCP},
				{"STUN", packetOf(0, 1, 7, false), carrier.VoiceDSCP},
				{"DTLS", packetOf(22, 254, 7, false), carrier.VoiceDSCP},
				{"a short one", []byte{0x80}, carrier.VoiceDSCP},
			} {
				if _, err := conn.(*markedConn).WriteToAddrPort(c.packet, to.AddrPort()); err != nil {
					t.Fatal(err)
				}
				if _, got, _, err := hear(far); got != c.want || err != nil {
					t.Errorf("%s is marked %d, want %d", c.name, got, c.want)
				}
				if _, err := relay.WriteTo(c.packet, to); err != nil {
					t.Fatal(err)
				}
				if _, got, _, err := hear(far); got != c.want || err != nil {
					t.Errorf("towards a relay %s is marked %d, want %d", c.name, got, c.want)
				}
			}
		})
	}
}

// between stands in the way of two ends, and keeps which marks it saw.
type between struct {
	conn *net.UDPConn
	port string
	a, b netip.AddrPort // filled by the descriptions

	mu   sync.Mutex
	seen map[uint32][]carrier.DSCP // by source; 0: no RTP
}

// redirect has a description name us as the only way, and keeps whom it named.
func (w *between) redirect(raw string, end *netip.AddrPort) string {
	var lines []string
	for line := range strings.SplitSeq(raw, "\r\n") {
		if words := strings.Fields(line); strings.HasPrefix(line, "a=candidate:") {
			if words[4] != "127.0.0.1" {
				continue
			}
			w.mu.Lock()
			*end = netip.MustParseAddrPort(words[4] + ":" + words[5])
			w.mu.Unlock()
			words[5] = w.port
			line = strings.Join(words, " ")
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\r\n")
}

func (w *between) run() {
	for {
		packet, mark, from, err := hear(w.conn)
		if err != nil {
			return
		}
		w.mu.Lock()
		if source := sourceOf(packet); !slices.Contains(w.seen[source], mark) {
			w.seen[source] = append(w.seen[source], mark)
		}
		to := w.a
		if from.Port() == w.a.Port() {
			to = w.b
		}
		w.mu.Unlock()
		_, _ = w.conn.WriteToUDPAddrPort(packet, to)
	}
}

func TestACallsSoundAndPicturesAreMarkedApart(t *testing.T) {
	w := &between{conn: markEar(t, "127.0.0.1:0"), seen: make(map[uint32][]carrier.DSCP)}
	w.port = strconv.Itoa(w.conn.LocalAddr().(*net.UDPAddr).Port)
	done := make(chan struct{})
	go func() { defer close(done); w.run() }()
	f := newFactory(t)
	a, b := newEnd(t, f), newEnd(t, f)
	answer, _ := b.Answer(w.redirect(a.Offer(seen), &w.a), seen)
	a.Remote(w.redirect(answer, &w.b))
	sound, picture := carriertest.Send(a, b, 111, "sound"), show(t, a, b, 96)
	carriertest.Send(a, b, 111, "sound behind a picture")
	back := carriertest.Send(b, a, 111, "sound")
	_ = w.conn.Close()
	<-done
	for what, c := range map[string]struct {
		source uint32
		want   carrier.DSCP
	}{"sound": {sound.SSRC, carrier.VoiceDSCP}, "pictures": {picture.SSRC, carrier.VideoDSCP}, "their sound": {back.SSRC, carrier.VoiceDSCP}, "all else": {0, carrier.VoiceDSCP}} {
		if got := w.seen[c.source]; !slices.Equal(got, []carrier.DSCP{c.want}) {
			t.Errorf("%s marked %v, want %d", what, got, c.want)
		}
	}
}
