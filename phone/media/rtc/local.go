package rtc

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/hookswitch/hookswitch/phone/media/sdp"
)

// localDescription is what our SDP on the wire is made of.
type localDescription struct {
	id, version uint64
	lines       []sdp.Line // one each; those but index and the video's are refused
	index       int
	grouped     bool // write a=group:BUNDLE
	mux         bool // write a=rtcp-mux: in offers always, in answers where it was offered (RFC 5761 §5.1.1)

	formats   []sdp.Format
	direction sdp.Direction
	setup     string
	transport *description // pion's view: ICE, certificate, candidates, SSRC

	video     videoLine
	videoSSRC uint32
}

// write returns the SDP (RFC 8866; RFC 8839 §4.2 for the default candidate).
func (l *localDescription) write() []byte {
	family, address, port := defaultCandidate(l.transport.candidates)
	var t sdp.Text
	connection := "IN " + family + " " + address
	t.Head(l.id, l.version, connection)
	own := l.lines[l.index]
	if l.grouped && own.MID != "" {
		group := own.MID
		if l.video.on {
			group += " " + l.lines[l.video.index].MID
		}
		t.Line("a=group:BUNDLE ", group)
	}
	t.Line("a=msid-semantic: WMS *")
	for i, m := range l.lines {
		switch {
		case i == l.index:
			l.writeAudio(&t, connection, port)
		case l.video.on && i == l.video.index:
			l.writeVideo(&t, connection, port)
		default:
			t.Refused(m)
		}
	}
	return t.Bytes()
}

func (l *localDescription) writeAudio(w *sdp.Text, connection, port string) {
	own, t := l.lines[l.index], l.transport
	w.Line("m=audio ", port, " ", own.Proto, " ", sdp.Numbers(l.formats))
	w.Line("c=", connection)
	if l.mux {
		w.Line("a=rtcp-mux")
	}
	if own.MID != "" {
		w.Line("a=mid:", own.MID)
	}
	w.Line("a=ice-ufrag:", t.ufrag)
	w.Line("a=ice-pwd:", t.password)
	w.Line("a=fingerprint:", t.hash, " ", t.digest)
	w.Line("a=setup:", l.setup)
	for _, f := range l.formats {
		w.Format(f, ours)
	}
	w.Line("a=ptime:20")
	w.Line("a=", string(l.direction))
	for _, c := range t.candidates {
		w.Line("a=candidate:", c)
	}
	w.Line("a=end-of-candidates")
	ssrc := strconv.FormatUint(uint64(t.SSRC), 10)
	w.Line("a=msid:hookswitch audio")
	w.Line("a=ssrc:", ssrc, " cname:hookswitch")
	w.Line("a=ssrc:", ssrc, " msid:hookswitch audio")
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
func plainSDP(d *description, audio sdp.Format, setup string) string {
	var t sdp.Text
	t.Line("v=0")
	t.Line("o=- 1 1 IN IP4 0.0.0.0")
	t.Line("s=-")
	t.Line("t=0 0")
	if d.lite {
		t.Line("a=ice-lite")
	}
	t.Line("a=group:BUNDLE 0")
	t.Line("m=audio 9 UDP/TLS/RTP/SAVPF ", strconv.Itoa(int(audio.PayloadType)))
	t.Line("c=IN IP4 0.0.0.0")
	t.Line("a=mid:0")
	t.Line("a=ice-ufrag:", d.ufrag)
	t.Line("a=ice-pwd:", d.password)
	t.Line("a=fingerprint:", d.hash, " ", d.digest)
	t.Line("a=setup:", setup)
	t.Line("a=rtcp-mux")
	t.Line("a=sendrecv")
	t.Format(audio, ours)
	for _, c := range d.candidates {
		t.Line("a=candidate:", c)
	}
	t.Line("a=end-of-candidates")
	return t.String()
}
