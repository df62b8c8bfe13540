package rtc

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// localDescription is what our SDP on the wire is made of.
type localDescription struct {
	id, version uint64
	lines       []mediaLine // one each; those but index are refused
	index       int
	grouped     bool // write a=group:BUNDLE
	mux         bool // write a=rtcp-mux: in offers always, in answers where it was offered (RFC 5761 §5.1.1)

	formats   []format
	direction direction
	setup     string
	transport *description // pion's view: ICE, certificate, candidates, SSRC
}

// write returns the SDP (RFC 8866; RFC 8839 §4.2 for the default candidate).
func (l *localDescription) write() []byte {
	family, address, port := defaultCandidate(l.transport.candidates)
	var b strings.Builder
	line := func(parts ...string) {
		for _, p := range parts {
			b.WriteString(p)
		}
		b.WriteString("\r\n")
	}
	connection := "IN " + family + " " + address
	line("v=0")
	line("o=- ", strconv.FormatUint(l.id, 10), " ", strconv.FormatUint(l.version, 10), " ", connection)
	line("s=-")
	line("c=", connection)
	line("t=0 0")
	own := l.lines[l.index]
	if l.grouped && own.mid != "" {
		line("a=group:BUNDLE ", own.mid)
	}
	line("a=msid-semantic: WMS *")
	for i, m := range l.lines {
		if i == l.index {
			l.writeAudio(line, connection, port)
			continue
		}
		line("m=", m.media, " 0 ", m.proto, " ", strings.Join(m.formats, " "))
		if m.mid != "" {
			line("a=mid:", m.mid)
		}
		line("a=inactive")
	}
	return []byte(b.String())
}

func (l *localDescription) writeAudio(line func(...string), connection, port string) {
	own, t := l.lines[l.index], l.transport
	numbers := make([]string, len(l.formats))
	for i, f := range l.formats {
		numbers[i] = strconv.Itoa(int(f.payloadType))
	}
	line("m=audio ", port, " ", own.proto, " ", strings.Join(numbers, " "))
	line("c=", connection)
	if l.mux {
		line("a=rtcp-mux")
	}
	if own.mid != "" {
		line("a=mid:", own.mid)
	}
	line("a=ice-ufrag:", t.ufrag)
	line("a=ice-pwd:", t.password)
	line("a=fingerprint:", t.hash, " ", t.digest)
	line("a=setup:", l.setup)
	for i, f := range l.formats {
		rate := f.name + "/" + strconv.FormatUint(uint64(f.clockRate), 10)
		if f.channels > 1 {
			rate += "/" + strconv.Itoa(f.channels)
		}
		line("a=rtpmap:", numbers[i], " ", rate)
		if k, _ := known(f); k.fmtp != "" { // what we can receive, not what they can
			line("a=fmtp:", numbers[i], " ", k.fmtp)
		}
	}
	line("a=ptime:20")
	line("a=", string(l.direction))
	for _, c := range t.candidates {
		line("a=candidate:", c)
	}
	line("a=end-of-candidates")
	ssrc := strconv.FormatUint(uint64(t.ssrc), 10)
	line("a=msid:hookswitch audio")
	line("a=ssrc:", ssrc, " cname:hookswitch")
	line("a=ssrc:", ssrc, " msid:hookswitch audio")
}

// defaultCandidate is the one that the m- and c-lines name: relayed before reflexive before host, as the likeliest
// to work (RFC 8839 §4.2.1.2), IPv4 before IPv6, and loopback last.
func defaultCandidate(candidates []string) (family, address, port string) {
	family, address, port = "IP4", "0.0.0.0", "9"
	best := -1
	for _, c := range candidates {
		w := strings.Fields(c)
		if len(w) < 8 {
			continue
		}
		ip, err := netip.ParseAddr(w[4])
		if err != nil {
			continue
		}
		score := 4 * slices.Index([]string{"host", "srflx", "relay"}, w[7])
		if !ip.IsLoopback() {
			score += 2
		}
		if ip.Is4() {
			score++
		}
		if score > best {
			best, address, port, family = score, w[4], w[5], "IP6"
			if ip.Is4() {
				family = "IP4"
			}
		}
	}
	return family, address, port
}

// plainSDP is what pion is shown of the far end: one audio line with one codec.
func plainSDP(d *description, audio format, setup string) string {
	var b strings.Builder
	line := func(parts ...string) {
		for _, p := range parts {
			b.WriteString(p)
		}
		b.WriteString("\r\n")
	}
	pt := strconv.Itoa(int(audio.payloadType))
	line("v=0")
	line("o=- 1 1 IN IP4 0.0.0.0")
	line("s=-")
	line("t=0 0")
	if d.lite {
		line("a=ice-lite")
	}
	line("a=group:BUNDLE 0")
	line("m=audio 9 UDP/TLS/RTP/SAVPF ", pt)
	line("c=IN IP4 0.0.0.0")
	line("a=mid:0")
	line("a=ice-ufrag:", d.ufrag)
	line("a=ice-pwd:", d.password)
	line("a=fingerprint:", d.hash, " ", d.digest)
	line("a=setup:", setup)
	line("a=rtcp-mux")
	line("a=sendrecv")
	rate := audio.name + "/" + strconv.FormatUint(uint64(audio.clockRate), 10)
	if audio.channels > 1 {
		rate += "/" + strconv.Itoa(audio.channels)
	}
	line("a=rtpmap:", pt, " ", rate)
	if k, _ := known(audio); k.fmtp != "" {
		line("a=fmtp:", pt, " ", k.fmtp)
	}
	for _, c := range d.candidates {
		line("a=candidate:", c)
	}
	line("a=end-of-candidates")
	return b.String()
}
